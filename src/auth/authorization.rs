//! Authorization and Proxy-Authorization as header lines: where they stand, what they say.

use super::{Challenge, parameters};
use crate::request::target::request_line;
use crate::sip::{Draft, Field, quote, search, without_zones};

/// Whose challenge it is, which the names of the header fields tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Challenger {
    Registrar,
    Proxy,
}

impl Challenger {
    pub(super) const ALL: [Challenger; 2] = [Challenger::Registrar, Challenger::Proxy];

    pub(super) fn challenge(self) -> &'static str {
        match self {
            Challenger::Registrar => "WWW-Authenticate",
            Challenger::Proxy => "Proxy-Authenticate",
        }
    }

    pub(super) fn authorization(self) -> &'static str {
        match self {
            Challenger::Registrar => "Authorization",
            Challenger::Proxy => "Proxy-Authorization",
        }
    }

    pub(super) fn info(self) -> &'static str {
        match self {
            Challenger::Registrar => "Authentication-Info",
            Challenger::Proxy => "Proxy-Authentication-Info",
        }
    }

    /// The one whose challenge a header line of this name answers.
    pub(super) fn of_authorization(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| name.eq_ignore_ascii_case(one.authorization()))
    }
}

/// A parameter of an Authorization value, as written inside its quotes.
pub(super) fn parameter<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = authorization.trim_start().split_once(' ')?;
    find_parameter(rest, name)
}

/// A parameter of a list of them.
pub(super) fn find_parameter<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    parameters(list).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether an Authorization value has this realm and nonce.
pub(super) fn answers(authorization: &str, challenge: &Challenge<'_>) -> bool {
    parameter(authorization, "nonce") == Some(challenge.nonce)
        && parameter(authorization, "realm") == Some(challenge.realm)
}

/// The values of `name`, an Authorization or Proxy-Authorization, in a request as this library
/// writes it: a line for each, the name in full.
pub(crate) fn authorization_lines<'a>(
    request: &'a [u8],
    name: &'static str,
) -> impl Iterator<Item = &'a str> {
    let mut rest = request;
    std::iter::from_fn(move || {
        loop {
            let (line, behind) = rest.split_at(search::find(rest, b'\n')?);
            rest = &behind[1..];
            let (found, value) = line.split_at_checked(name.len()).unwrap_or_default();
            if let [b':', value @ ..] = value {
                if found.eq_ignore_ascii_case(name.as_bytes()) {
                    return std::str::from_utf8(value.trim_ascii()).ok();
                }
            }
            if line.len() < 2 {
                return None; // The body begins.
            }
        }
    })
}

/// The number among the lines of `draft` that the first Authorization gets: behind the last
/// Contact, else behind CSeq.
pub(super) fn insertion_point(draft: &Draft) -> usize {
    let mut point = 0;
    for (number, line) in draft.lines().iter().enumerate().rev() {
        match line.field() {
            Field::Contact => return number + 1,
            Field::CSeq if point == 0 => point = number + 1,
            _ => {}
        }
    }
    point
}

/// Writes the Authorization that names the user before any challenge came, unless `draft` has one
/// (TS 24.229 section 5.1.1.2): nonce and response are empty.
pub(crate) fn push_initial_authorization(draft: &mut Draft, username: &str, realm: &str) {
    let name = Challenger::Registrar.authorization();
    let Some((_, uri)) = request_line(draft.start()) else { return };
    if draft.get(name).is_some() {
        return;
    }
    let [username, realm, uri] = [username, realm, &without_zones(uri)].map(quote);
    let value =
        format!("Digest username={username}, realm={realm}, nonce=\"\", uri={uri}, response=\"\"");
    draft.insert(insertion_point(draft), name, &value);
}

/// Takes every Authorization and Proxy-Authorization out of `draft`.
pub(super) fn remove_authorizations(draft: &mut Draft) {
    for challenger in Challenger::ALL {
        draft.remove(challenger.authorization());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorizations_of_a_request_are_its_lines_of_that_name() {
        let found = |text: &'static str, name| {
            authorization_lines(text.as_bytes(), name).collect::<Vec<_>>()
        };
        let both = "REGISTER sip:z SIP/2.0\r\nVia: z9hG4bK1\r\nAuthorization: Digest a\r\n\
                    authorization:b \r\nPROXY-AUTHORIZATION:  c\r\nX-Authorization: d\r\n\r\n\
                    Authorization: e\r\n";
        assert_eq!(found(both, "Authorization"), ["Digest a", "b"]);
        assert_eq!(found(both, "Proxy-Authorization"), ["c"]);
        let none = "REGISTER sip:z SIP/2.0\r\nVia: z9hG4bK1\r\nTo: Zoe <sip:z@z>\r\n\r\n\
                    Authorization: e\r\n";
        assert!(found(none, "Authorization").is_empty() && found("", "Authorization").is_empty());
    }
}
