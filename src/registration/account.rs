//! What a registration is for, kept small: it stays as long as the registration does.

use crate::request::target::push_request_uri;
use crate::request::{Entropy, Refusal, extra_fields, parse_given, push_party, push_wire_user};
use crate::sip::{Uri, percent_decoded, push_hex, split_list};

/// The arguments of a first REGISTER.
#[derive(Debug, Clone, Copy)]
pub struct InitialRegister<'a> {
    /// From and To: a URI or name-addr.
    pub from: &'a str,
    /// The Request-URI.
    pub proxy: &'a str,
    /// `None`, or no Contact that can be read: made by the agent; empty: none; else as given.
    pub contact: Option<&'a str>,
    /// Seconds; negative counts as 0.
    pub expires: i32,
    /// The `q` parameter of an automatic Contact.
    pub q: Option<&'a str>,
}

impl InitialRegister<'_> {
    /// The Contact that was given, where it cannot be read and one made by the agent takes its
    /// place.
    pub fn unreadable_contact(&self) -> Option<&str> {
        self.contact.map(first_contact).filter(|first| !is_contact(first))
    }
}

fn first_contact(list: &str) -> &str {
    split_list(list).next().unwrap_or("").trim()
}

/// Whether `text` is a Contact, `*`, or nothing.
fn is_contact(text: &str) -> bool {
    let is_address = || parse_given(text).is_ok_and(|one| Uri::parse(one.uri).is_ok());
    matches!(text, "" | "*") || is_address()
}

/// Hex digits in the `line` of a Contact.
const LINE_DIGITS: usize = 15;

/// What From, To, the Request-URI and the automatic Contact are made of: one text, and where its
/// parts end.
#[derive(Debug, Clone)]
pub(super) struct Account {
    text: Box<str>,
    ends: [u32; 6],
    has_contact: bool,
    has_user: bool,
    secure: bool,
    /// Header fields that the URI of From asked for behind its `?`.
    extra: Option<Box<[(String, String)]>>,
}

impl Account {
    pub(super) fn new(
        initial: &InitialRegister<'_>,
        entropy: &mut Entropy,
    ) -> Result<Self, Refusal> {
        if initial.from.is_empty() || initial.proxy.is_empty() {
            return Err(Refusal::BadParameter);
        }
        let from = parse_given(initial.from)?;
        let uri = Uri::parse(from.uri)?;
        let proxy = Uri::parse(initial.proxy)?;
        let is_sip = proxy.scheme.eq_ignore_ascii_case("sip") || proxy.is_secure();
        if proxy.headers.is_some() || !is_sip {
            return Err(Refusal::Syntax("proxy: no plain sip URI"));
        }
        // A REGISTER without Contact would succeed and bind nothing.
        let contact = initial.contact.map(first_contact).filter(|first| is_contact(first));
        let given = initial.from.len() + initial.proxy.len() + contact.unwrap_or("").len();
        let mut text = String::with_capacity(given + 64);
        let mut ends = [0; 6];
        let mut end_part = |text: &str, number: usize| {
            ends[number] = u32::try_from(text.len()).map_err(|_| Refusal::BadParameter)?;
            Ok::<_, Refusal>(())
        };
        push_party(&mut text, &from, &uri);
        end_part(&text, 0)?;
        push_request_uri(&mut text, &proxy);
        end_part(&text, 1)?;
        text.push_str(contact.unwrap_or(""));
        end_part(&text, 2)?;
        text.push_str(initial.q.unwrap_or(""));
        end_part(&text, 3)?;
        let has_user = push_wire_user(&mut text, &uri);
        end_part(&text, 4)?;
        let line_end = text.len() + LINE_DIGITS;
        push_hex(&mut text, u128::from(entropy.word()) << 64);
        text.truncate(line_end);
        end_part(&text, 5)?;
        text.push_str(&percent_decoded(uri.user.unwrap_or("").trim()));
        let extra = uri.headers.map(extra_fields).filter(|fields| !fields.is_empty());
        Ok(Account {
            // A copy of the right size: shrinking in place would leave a hole in the heap.
            text: Box::from(text.as_str()),
            ends,
            has_contact: contact.is_some(),
            has_user,
            secure: uri.is_secure(),
            extra: extra.map(Into::into),
        })
    }

    /// This user authenticates.
    pub(super) fn authenticate_as(&mut self, user: &str) {
        let others = self.text.get(..self.ends[5] as usize).unwrap_or("");
        self.text = [others, user].concat().into();
    }

    fn part(&self, number: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(self.text.len(), |end| *end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.text.get(start..end(number)).unwrap_or("")
    }

    /// From and To, as a name-addr without tag.
    pub(super) fn party(&self) -> &str {
        self.part(0)
    }

    /// The Request-URI.
    pub(super) fn target(&self) -> &str {
        self.part(1)
    }

    /// The explicit Contact; empty: none; `None`: automatic.
    pub(super) fn contact(&self) -> Option<&str> {
        self.has_contact.then(|| self.part(2))
    }

    /// The `q` of an automatic Contact; empty: none.
    pub(super) fn q(&self) -> &str {
        self.part(3)
    }

    /// The user part of an automatic Contact, as the wire shows it.
    pub(super) fn contact_user(&self) -> Option<&str> {
        self.has_user.then(|| self.part(4))
    }

    /// The value of the `line` parameter by which our Contact is known again.
    pub(super) fn line(&self) -> &str {
        self.part(5)
    }

    /// The user part of From, unescaped: who authenticates.
    pub(super) fn user(&self) -> &str {
        self.part(6)
    }

    /// The scheme of our Contact.
    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "sips" } else { "sip" }
    }

    /// The header fields that the URI of From asked for, those named `Route` or the others.
    pub(super) fn extra(&self, routes: bool) -> impl Iterator<Item = &(String, String)> {
        let all = self.extra.as_deref().unwrap_or_default();
        all.iter().filter(move |(name, _)| name.eq_ignore_ascii_case("Route") == routes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_an_account_is_read_back() {
        let initial = InitialRegister {
            from: "\"Alice\" <sips:al%69ce@acme.test?Route=%3Csip:p.test%3Blr%3E&X-A=1>;tag=1",
            proxy: "sip:acme.test;method=INVITE",
            contact: Some(""),
            expires: 60,
            q: Some("0.5"),
        };
        let kept = Account::new(&initial, &mut Entropy::new([0; 32])).unwrap();
        assert_eq!(kept.line().len(), LINE_DIGITS);
        assert_eq!(kept.party(), "\"Alice\" <sips:al%69ce@acme.test>");
        assert_eq!(kept.target(), "sip:acme.test");
        assert_eq!((kept.contact(), kept.q(), kept.scheme()), (Some(""), "0.5", "sips"));
        assert_eq!((kept.contact_user(), kept.user()), (Some("al%69ce"), "alice"));
        let mut other = kept.clone();
        other.authenticate_as("bob");
        assert_eq!((other.user(), other.contact_user()), ("bob", Some("al%69ce")));
        assert_eq!(kept.extra(true).count(), 1);
        assert_eq!(kept.extra(false).next().map(|(name, _)| &**name), Some("X-A"));
        let kept = InitialRegister { contact: None, q: None, from: "sip:acme.test", ..initial };
        let kept = Account::new(&kept, &mut Entropy::new([0; 32])).unwrap();
        assert_eq!(
            (kept.contact(), kept.q(), kept.contact_user(), kept.user()),
            (None, "", None, "")
        );
    }
}
