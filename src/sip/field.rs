//! The header fields that this library reads in messages, named once for each line.

use super::message::same_name;

/// Which header field a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Field {
    Via,
    Route,
    From,
    To,
    CallId,
    CSeq,
    Contact,
    ContentLength,
    Date,
    Expires,
    MinExpires,
    RetryAfter,
    Authorization,
    ProxyAuthorization,
    WwwAuthenticate,
    ProxyAuthenticate,
    AuthenticationInfo,
    ProxyAuthenticationInfo,
    /// Any other: only its name tells which.
    Other,
}

impl Field {
    /// The field of this name, without case, compact or not. The names of fields that are asked for
    /// are constants, and cost nothing here.
    #[inline]
    pub fn of(name: &[u8]) -> Self {
        let is = |full: &str| name == full.as_bytes() || name.eq_ignore_ascii_case(full.as_bytes());
        match name.len() {
            1 => Field::compact(name[0]),
            2 if is("To") => Field::To,
            3 if is("Via") => Field::Via,
            4 if is("From") => Field::From,
            4 if is("CSeq") => Field::CSeq,
            4 if is("Date") => Field::Date,
            5 if is("Route") => Field::Route,
            7 if is("Call-ID") => Field::CallId,
            7 if is("Contact") => Field::Contact,
            7 if is("Expires") => Field::Expires,
            11 if is("Min-Expires") => Field::MinExpires,
            11 if is("Retry-After") => Field::RetryAfter,
            13 if is("Authorization") => Field::Authorization,
            14 if is("Content-Length") => Field::ContentLength,
            16 if is("WWW-Authenticate") => Field::WwwAuthenticate,
            18 if is("Proxy-Authenticate") => Field::ProxyAuthenticate,
            19 if is("Authentication-Info") => Field::AuthenticationInfo,
            19 if is("Proxy-Authorization") => Field::ProxyAuthorization,
            25 if is("Proxy-Authentication-Info") => Field::ProxyAuthenticationInfo,
            _ => Field::Other,
        }
    }

    /// The field of this compact form (RFC 3261 section 7.3.3).
    fn compact(letter: u8) -> Self {
        match letter.to_ascii_lowercase() {
            b'f' => Field::From,
            b'i' => Field::CallId,
            b'l' => Field::ContentLength,
            b'm' => Field::Contact,
            b't' => Field::To,
            b'v' => Field::Via,
            _ => Field::Other,
        }
    }
}

/// A header field that lines are compared with.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'n> {
    field: Field,
    name: &'n str,
}

impl<'n> Wanted<'n> {
    #[inline]
    pub(super) fn new(name: &'n str) -> Self {
        Wanted { field: Field::of(name.as_bytes()), name }
    }

    /// Whether a line of this field and name is one of them.
    #[inline]
    pub(super) fn is(self, field: Field, name: &str) -> bool {
        self.field == field && (field != Field::Other || same_name(name, self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every header name in `known` and many others, as they come: with each letter's case turned,
    /// compact, cut, and longer.
    fn names() -> Vec<String> {
        let known = [
            "Via",
            "From",
            "To",
            "Call-ID",
            "CSeq",
            "Contact",
            "Content-Length",
            "Expires",
            "Min-Expires",
            "Retry-After",
            "WWW-Authenticate",
            "Proxy-Authenticate",
            "Authentication-Info",
            "Proxy-Authentication-Info",
            "Route",
            "Date",
            "Authorization",
            "Proxy-Authorization",
            "Supported",
            "Subject",
            "Content-Type",
            "Event",
            "X",
        ];
        let mut all: Vec<String> = (' '..='~').map(String::from).collect();
        for name in known {
            all.extend([name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()]);
            all.extend([name[1..].to_owned(), format!("{name}s"), name.replace('-', "_")]);
            for at in 0..name.len() {
                let mut turned = name.as_bytes().to_vec();
                turned[at] ^= 0x20;
                all.extend(String::from_utf8(turned));
            }
        }
        all
    }

    #[test]
    fn a_line_is_of_a_field_exactly_where_their_names_are_the_same() {
        let names = names();
        for wanted in &names {
            for name in &names {
                let same = Wanted::new(wanted).is(Field::of(name.as_bytes()), name);
                assert_eq!(same, same_name(name, wanted), "{name} for {wanted}");
            }
        }
    }
}
