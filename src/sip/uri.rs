//! `sip:` and `sips:` URIs (RFC 3261 section 19.1).

use super::params::{cut, find, push_number, trim};
use super::{Params, SyntaxError, search};
use std::fmt;
use std::net::Ipv6Addr;

/// A parsed URI; every part borrows from the text. `Display` prints it, with what a user part may
/// not hold (a blank) escaped.
#[derive(Debug, Clone, Copy)]
pub struct Uri<'a> {
    /// `sip`, `sips`, or another scheme as written.
    pub scheme: &'a str,
    /// The user part, still escaped; blanks around it are kept (programs write `sip: 1000@host`).
    pub user: Option<&'a str>,
    /// The password behind the user part.
    pub password: Option<&'a str>,
    /// Host name or address; an IPv6 address without its brackets. Empty for schemes without a host
    /// (`tel:`), whose rest is in `user`.
    pub host: &'a str,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// URI parameters.
    pub params: Params<'a>,
    /// What stands behind `?`, without it.
    pub headers: Option<&'a str>,
}

/// Parameters that never equal their absence: four by the text of RFC 3261 section 19.1.4,
/// `transport` by its examples.
const NEVER_IGNORED: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

/// URIs with more parameters or headers than this are never equivalent: comparing them pairwise
/// would be quadratic.
const MOST_COMPARED: usize = 64;

/// Which bytes a part may hold: letters, digits, and `also`.
const fn bytes(also: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < also.len() {
        table[also[at] as usize] = true;
        at += 1;
    }
    table
}

const SCHEME: [bool; 256] = bytes(b"+-.");
// The underscore is no host name by RFC 1123, and in use all the same.
const HOST: [bool; 256] = bytes(b"-._");
/// What a user part and a password hold unescaped, and the sign of an escape.
const USER: [bool; 256] = bytes(b"-_.!~*'()%&=+$,;?/");
const PASSWORD: [bool; 256] = bytes(b"-_.!~*'()%&=+$,");

/// The number of bytes at the beginning of `text` that are in `table`.
fn span(text: &str, table: &[bool; 256]) -> usize {
    text.bytes().position(|b| !table[usize::from(b)]).unwrap_or(text.len())
}

/// Splits `host[:port]` with brackets taken off. Blanks around the parts are dropped, as Via allows
/// them.
pub(super) fn host_port(text: &str) -> Result<(&str, Option<u16>), SyntaxError> {
    plain_host_port(text).map_or_else(|| any_host_port(text), Ok)
}

/// Those of a name or IPv4 address with at most the digits of a port behind it, nothing else:
/// `None` for any other text, a wrong one too.
fn plain_host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, behind) = text.split_at(span(text, &HOST));
    let port = match behind.strip_prefix(':') {
        Some(port) if !port.starts_with('+') => Some(port.parse().ok().filter(|port| *port != 0)?),
        None if behind.is_empty() => None,
        _ => return None,
    };
    (!host.is_empty()).then_some((host, port))
}

fn any_host_port(text: &str) -> Result<(&str, Option<u16>), SyntaxError> {
    let text = trim(text);
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) =
                rest.split_once(']').ok_or(SyntaxError { what: "host: no ] behind [" })?;
            let address = host.split_once('%').map_or(host, |(address, _zone)| address);
            if address.parse::<Ipv6Addr>().is_err() {
                return Err(SyntaxError { what: "host: no IPv6 address in [ ]" });
            }
            match trim(behind) {
                "" => (host, None),
                more => (
                    host,
                    Some(
                        more.strip_prefix(':')
                            .ok_or(SyntaxError { what: "host: text behind ]" })?,
                    ),
                ),
            }
        }
        None => match cut(text, b':') {
            Some((host, port)) => (trim(host), Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return Err(SyntaxError { what: "no host" });
    }
    if !text.starts_with('[') && span(host, &HOST) < host.len() {
        return Err(SyntaxError { what: "host: a character that host names have not" });
    }
    Ok((host, port.map(port_number).transpose()?))
}

pub(super) fn port_number(text: &str) -> Result<u16, SyntaxError> {
    let text = trim(text);
    match text.parse() {
        Ok(port) if port != 0 && !text.starts_with('+') => Ok(port),
        _ => Err(SyntaxError { what: "port out of 1–65535" }),
    }
}

fn check_params(params: Params<'_>) -> Result<(), SyntaxError> {
    let params = params.as_str().as_bytes();
    let is_to_escape = |b: u8| b <= b' ' || matches!(b, b'<' | b'>' | b'"' | b',' | b'@');
    // All bytes are looked at, several at a time.
    if params.iter().fold(false, |found, b| found | is_to_escape(*b)) {
        return Err(SyntaxError { what: "URI parameter: a character that must be escaped" });
    }
    let mut rest = params;
    while let Some(start) = search::find(rest, b';') {
        rest = &rest[start + 1..];
        if rest.starts_with(b"=") {
            return Err(SyntaxError { what: "URI parameter: no name" });
        }
    }
    Ok(())
}

impl<'a> Uri<'a> {
    /// Parses one whole URI (no brackets, no display name). Errors: no scheme, no host, port out of
    /// 1–65535, a parameter broken.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let text = trim(text);
        let (scheme, rest) = text.split_at(span(text, &SCHEME));
        let rest = rest
            .strip_prefix(':')
            .filter(|_| scheme.starts_with(|c: char| c.is_ascii_alphabetic()));
        let Some(rest) = rest else { return Err(SyntaxError { what: "URI: no scheme" }) };
        let mut uri = Uri {
            scheme,
            user: None,
            password: None,
            host: "",
            port: None,
            params: Params::default(),
            headers: None,
        };
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            uri.user = Some(rest);
            return Ok(uri);
        }
        let (userinfo, address, behind) = split_address(rest);
        if let Some(userinfo) = userinfo.filter(|u| !u.is_empty()) {
            let (user, password) =
                cut(userinfo, b':').map_or((userinfo, None), |(u, p)| (u, Some(p)));
            (uri.user, uri.password) = (Some(user), password);
        }
        let (params, headers) = cut(behind, b'?').map_or((behind, None), |(p, h)| (p, Some(h)));
        (uri.host, uri.port) = match plain_host_port(address) {
            Some(plain) => plain,
            None if address.contains([' ', '\t']) => {
                return Err(SyntaxError { what: "host: a blank" });
            }
            None => host_port(address)?,
        };
        (uri.params, uri.headers) = (Params::new(params), headers);
        check_params(uri.params)?;
        Ok(uri)
    }

    /// Whether the two name the same resource by the rules of RFC 3261 section 19.1.4 (`line` and
    /// other unknown parameters count only where both have them).
    pub fn equivalent(&self, other: &Uri<'_>) -> bool {
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.port == other.port
            && same_option(self.user, other.user)
            && same_option(self.password, other.password)
            && same_host(self.host, other.host)
            && same_params(self.params, other.params)
            && same_headers(self.headers.unwrap_or(""), other.headers.unwrap_or(""))
    }

    /// The port that a URI without one means.
    pub fn default_port(&self) -> u16 {
        if self.is_secure() { 5061 } else { 5060 }
    }

    /// Whether this is a `sips:` URI.
    pub fn is_secure(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("sips")
    }
}

/// Userinfo, address, and what stands behind that: parameters and headers. A user part may hold `;`
/// and `?`; of several `@` the last before the parameters counts, because programs write mail
/// addresses as user parts.
fn split_address(rest: &str) -> (Option<&str>, &str, &str) {
    let (mut userinfo, mut from) = (None, 0);
    let end = match find(rest, b'@') {
        None => search::find2(rest.as_bytes(), [b';', b'?']),
        Some(mut at) => loop {
            (userinfo, from) = (Some(&rest[..at]), at + 1);
            let next =
                search::find3(&rest.as_bytes()[from..], [b'@', b';', b'?']).map(|n| from + n);
            match next {
                Some(next) if rest.as_bytes()[next] == b'@' => at = next,
                end => break end,
            }
        },
    };
    let end = end.unwrap_or(rest.len());
    (userinfo, &rest[from..end], &rest[end..])
}

/// The characters of a URI part; `%HH` is the same as its character unless that is a reserved one.
fn characters(text: &str) -> impl Iterator<Item = u16> + '_ {
    const ESCAPED: u16 = 0x100;
    let hex = |b: u8| char::from(b).to_digit(16);
    let bytes = text.as_bytes();
    let mut i = 0;
    std::iter::from_fn(move || {
        let byte = *bytes.get(i)?;
        i += 1;
        if byte == b'%' {
            let digit = |at: usize| bytes.get(at).copied().and_then(hex);
            if let (Some(high), Some(low)) = (digit(i), digit(i + 1)) {
                i += 2;
                let byte = (high * 16 + low) as u16;
                let reserved = u8::try_from(byte).is_ok_and(|b| b";/?:@&=+$,".contains(&b));
                return Some(if reserved { byte | ESCAPED } else { byte });
            }
        }
        // Nowhere may an `@` stand bare: one that does is printed escaped, and means that.
        Some(if byte == b'@' { u16::from(byte) | ESCAPED } else { u16::from(byte) })
    })
}

fn same(a: &str, b: &str) -> bool {
    a == b || characters(a).eq(characters(b))
}

fn same_ignoring_case(a: &str, b: &str) -> bool {
    let lower = |c: u16| u8::try_from(c).map_or(c, |b| u16::from(b.to_ascii_lowercase()));
    characters(a).map(lower).eq(characters(b).map(lower))
}

fn same_option(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_host(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || a.contains(':')
            && matches!((a.parse::<Ipv6Addr>(), b.parse::<Ipv6Addr>()), (Ok(a), Ok(b)) if a == b)
}

fn same_params(a: Params<'_>, b: Params<'_>) -> bool {
    if a.as_str().is_empty() && b.as_str().is_empty() {
        return true;
    }
    if a.iter().count() > MOST_COMPARED || b.iter().count() > MOST_COMPARED {
        return false;
    }
    let covers = |a: Params<'_>, b: Params<'_>| {
        a.iter().all(|(name, value)| match b.iter().find(|(n, _)| same_ignoring_case(n, name)) {
            Some((_, found)) => same_ignoring_case(value.unwrap_or(""), found.unwrap_or("")),
            None => !NEVER_IGNORED.iter().any(|n| n.eq_ignore_ascii_case(name)),
        })
    };
    covers(a, b) && covers(b, a)
}

fn same_headers(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let count = a.split('&').count();
    if count > MOST_COMPARED || count != b.split('&').count() {
        return false;
    }
    fn pair(text: &str) -> (&str, &str) {
        text.split_once('=').unwrap_or((text, ""))
    }
    let covers = |a: &str, b: &str| {
        a.split('&').map(pair).all(|(name, value)| {
            b.split('&').map(pair).any(|(n, v)| same_ignoring_case(n, name) && same(v, value))
        })
    };
    covers(a, b) && covers(b, a)
}

/// Appends `text` with every character escaped that is not in `plain`.
fn push_escaped(out: &mut String, text: &str, plain: &[bool; 256]) {
    if span(text, plain) == text.len() {
        return out.push_str(text);
    }
    for c in text.chars() {
        match u8::try_from(c) {
            Ok(b) if plain[usize::from(b)] => out.push(c),
            _ => {
                for b in c.encode_utf8(&mut [0; 4]).bytes() {
                    out.push_str(&format!("%{b:02X}"));
                }
            }
        }
    }
}

impl Uri<'_> {
    /// Appends the user part as it is printed.
    pub fn push_user(&self, out: &mut String) {
        push_escaped(out, self.user.unwrap_or(""), &USER);
    }

    /// Appends the URI as it is printed.
    pub fn push_to(&self, out: &mut String) {
        out.push_str(self.scheme);
        out.push(':');
        if self.host.is_empty() {
            return out.push_str(self.user.unwrap_or(""));
        }
        if self.user.is_some() {
            self.push_user(out);
            if let Some(password) = self.password {
                out.push(':');
                push_escaped(out, password, &PASSWORD);
            }
            out.push('@');
        }
        if find(self.host, b':').is_some() {
            out.extend(["[", self.host, "]"]);
        } else {
            out.push_str(self.host);
        }
        if let Some(port) = self.port {
            out.push(':');
            push_number(out, port.into());
        }
        out.push_str(self.params.as_str());
        if let Some(headers) = self.headers {
            out.extend(["?", headers]);
        }
    }
}

impl fmt::Display for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        self.push_to(&mut text);
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_has_a_name_and_no_byte_that_must_be_escaped() {
        for good in ["", ";a", ";a=", ";a=b;c", ";;a==b;", ";a=b?c=d", ";\u{e9}=%20"] {
            assert!(Uri::parse(&format!("sip:h{good}")).is_ok(), "{good:?}");
        }
        for bad in [";=", ";=b", ";a;=b", ";a=b;;=", ";a b", ";a=<b>", ";a=\"b\"", ";a,b", ";a\0"] {
            assert!(Uri::parse(&format!("sip:h{bad}")).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_plain_address_is_read_like_any() {
        const PIECES: [&str; 12] = [
            "acme.test",
            "192.0.2.1",
            ":",
            "5060",
            "0",
            "65536",
            "+",
            " ",
            "[::1]",
            "_",
            "\u{e9}",
            "\r\n",
        ];
        let mut plain = 0;
        for number in 0..12_usize.pow(4) {
            let text: String = (0..4).map(|at| PIECES[number / 12_usize.pow(at) % 12]).collect();
            let found = plain_host_port(&text);
            plain += usize::from(found.is_some());
            assert!(found.is_none_or(|found| any_host_port(&text) == Ok(found)), "{text:?}");
        }
        assert!(plain > 1000);
    }
}
