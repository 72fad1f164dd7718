//! What is kept of a request to make the next one from.

use crate::sip::{Draft, Field, search};
use std::borrow::Cow;

/// A request without what each one gets anew.
pub(super) fn kept(draft: &Draft) -> Box<[u8]> {
    draft.to_bytes_without(&["Via", "Authorization", "Proxy-Authorization"]).into()
}

/// The values of the Contact lines in a text that was [`kept`].
pub(super) fn contact_values(text: &[u8]) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let lines = std::iter::from_fn(move || {
        let (line, behind) = rest.split_at(search::find(rest, b'\n')? + 1);
        rest = behind;
        Some(line.trim_ascii_end()).filter(|line| !line.is_empty())
    });
    lines.filter(|line| matches!(line[0], b'C' | b'c' | b'M' | b'm')).filter_map(|line| {
        let (name, value) = line.split_at_checked(search::find(line, b':')?)?;
        let is_contact = Field::of(name) == Field::Contact;
        Some(std::str::from_utf8(value.get(1..).filter(|_| is_contact)?).ok()?.trim())
    })
}

/// The Contacts in a text that was [`kept`], as a comma list; `None` without one, or for `*`.
pub(super) fn contacts_in(text: &[u8]) -> Option<Cow<'_, str>> {
    let mut all: Option<Cow<'_, str>> = None;
    for value in contact_values(text).filter(|value| *value != "*") {
        all = match all {
            None => Some(Cow::Borrowed(value)).filter(|value| !value.is_empty()),
            Some(before) => Some(Cow::Owned(format!("{before}, {value}"))),
        };
    }
    all
}

/// Where our Contacts stand in a text that was [`kept`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContactSpan {
    /// There is none, or `*`.
    Nothing,
    /// In one line, whose value is there.
    Line { start: u32, length: u32 },
    /// In several lines.
    Lines,
}

impl ContactSpan {
    /// The same with one value more, which `text` ends with.
    pub(super) fn and_at_the_end_of(self, text: &[u8], value: &str) -> ContactSpan {
        if value == "*" || (self == ContactSpan::Nothing && value.is_empty()) {
            return self;
        }
        let start = text.len().checked_sub(value.len()).and_then(|start| u32::try_from(start).ok());
        match (self, start, u32::try_from(value.len())) {
            (ContactSpan::Nothing, Some(start), Ok(length)) => ContactSpan::Line { start, length },
            _ => ContactSpan::Lines,
        }
    }

    /// The value of the one line in `text` that has them.
    pub(super) fn line(self, text: &[u8]) -> Option<&[u8]> {
        let ContactSpan::Line { start, length } = self else { return None };
        text.get(start as usize..)?.get(..length as usize)
    }

    /// The Contacts in `text`, as a comma list.
    pub(super) fn of(self, text: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            ContactSpan::Nothing => None,
            ContactSpan::Line { .. } => {
                std::str::from_utf8(self.line(text)?).ok().map(Cow::Borrowed)
            }
            ContactSpan::Lines => contacts_in(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contacts_of_a_kept_text_are_found_before_its_body() {
        for (lines, contacts) in [
            (&[][..], None),
            (&[("Contact", "*")], None),
            (&[("Contact", "<sip:a@b>"), ("X-Contact", "<sip:c@d>")], Some("<sip:a@b>")),
            (
                &[("m", " <sip:a@b>, <sip:é@d> "), ("From", "x"), ("CONTACT", "e")],
                Some("<sip:a@b>, <sip:é@d>, e"),
            ),
        ] {
            let mut draft = Draft::request("REGISTER", "Contact: <sip:u@v>");
            for (name, value) in lines {
                draft.push(name, value);
            }
            draft.body = b"Contact: <sip:y@z>\r\n\xff".to_vec();
            assert_eq!(contacts_in(&draft.to_bytes()).as_deref(), contacts);
        }
    }

    #[test]
    fn where_they_stand_is_known_from_writing_them() {
        for (values, contacts) in [
            (&[][..], None),
            (&["*"], None),
            (&["", "*", "<sip:a@b>"], Some("<sip:a@b>")),
            (&["", "<sip:a@b>", "", "x"], Some("<sip:a@b>, , x")),
            (&["<sip:a@b>, <sip:é@d>", "*"], Some("<sip:a@b>, <sip:é@d>")),
            (&["<sip:a@b>", "x"], Some("<sip:a@b>, x")),
        ] {
            let (mut text, mut offered) =
                (b"REGISTER sip:h SIP/2.0\r\n".to_vec(), ContactSpan::Nothing);
            for value in values {
                text.extend_from_slice(format!("Contact: {value}").as_bytes());
                offered = offered.and_at_the_end_of(&text, value);
                text.extend_from_slice(b"\r\n");
            }
            let found = offered.of(&text);
            assert_eq!(found.as_deref(), contacts, "{values:?}");
        }
        assert_eq!(ContactSpan::Line { start: 7, length: 1 }.of(b"short"), None);
    }
}
