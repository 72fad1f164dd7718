//! Attended transfer: the Replaces of a dialog (RFC 3891).

use crate::dialog::Dialog;
use crate::request::Refusal;
use crate::request::target::request_uri;
use crate::sip::{Params, Uri, octets};

/// The value of a Replaces header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces<'a> {
    call_id: &'a str,
    to_tag: &'a str,
    from_tag: &'a str,
    is_early_only: bool,
}

impl<'a> Replaces<'a> {
    /// Reads `CALL-ID;to-tag=…;from-tag=…[;early-only]`, with nothing escaped. Errors: `Syntax`
    /// where one of the three is missing.
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        let missing = Refusal::Syntax("Replaces: no Call-ID, to-tag or from-tag");
        let (call_id, params) = text.split_at(text.find(';').ok_or(missing)?);
        let params = Params::new(params);
        let tag = |name| params.get(name).filter(|tag: &&str| !tag.is_empty()).ok_or(missing);
        let (to_tag, from_tag) = (tag("to-tag")?, tag("from-tag")?);
        let call_id = call_id.trim();
        if call_id.is_empty() {
            return Err(missing);
        }
        let is_early_only = params.get("early-only").is_some();
        Ok(Replaces { call_id, to_tag, from_tag, is_early_only })
    }

    /// The Call-ID of the dialog that is meant.
    pub fn call_id(&self) -> &'a str {
        self.call_id
    }

    /// Its tags; one of them is ours.
    pub fn tags(&self) -> [&'a str; 2] {
        [self.to_tag, self.from_tag]
    }

    /// Whether `dialog` is meant. Tags may stand in either order of the sides.
    pub fn is_of(&self, dialog: &Dialog) -> bool {
        let (local, remote) = (dialog.local_tag(), dialog.remote_tag());
        self.call_id == dialog.call_id()
            && [(self.to_tag, self.from_tag), (self.from_tag, self.to_tag)]
                .iter()
                .any(|(ours, theirs)| is_tag(ours, local) && is_tag(theirs, remote))
    }

    /// Whether `dialog`, which is meant, may be replaced (RFC 3891 section 3). Errors: `WrongState`
    /// where it is confirmed and only an early one is wanted (486), `BadParameter` where it is
    /// early and not ours (481).
    pub fn check(&self, dialog: &Dialog) -> Result<(), Refusal> {
        match dialog.is_confirmed() {
            true if self.is_early_only => Err(Refusal::WrongState),
            false if !dialog.is_caller() => Err(Refusal::BadParameter),
            _ => Ok(()),
        }
    }
}

/// Whether a tag of Replaces is that of a dialog; `0` stands for none (RFC 3891 section 6.1).
fn is_tag(text: &str, known: &str) -> bool {
    text == known || (text == "0" && known.is_empty())
}

/// What a third party is referred to so that it replaces us in `dialog`: the URI of the peer with a
/// Replaces header (RFC 3891 section 5).
pub fn refer_to(dialog: &Dialog) -> String {
    let mut text = Uri::parse(dialog.remote_uri())
        .map_or_else(|_| dialog.remote_uri().to_owned(), |uri| request_uri(&uri));
    text.push_str("?Replaces=");
    let (remote, local) = (dialog.remote_tag(), dialog.local_tag());
    for part in [dialog.call_id(), ";to-tag=", remote, ";from-tag=", local] {
        push_header_value(&mut text, part);
    }
    text
}

/// Appends a value of a URI header with all that must be escaped there (RFC 3261 section 25.1:
/// `hvalue`).
fn push_header_value(text: &mut String, value: &str) {
    for octet in octets::encode(value).iter().copied() {
        if octet.is_ascii_alphanumeric() || b"-_.!~*'()[]/?:+$".contains(&octet) {
            text.push(char::from(octet));
        } else {
            text.push_str(&format!("%{octet:02X}"));
        }
    }
}
