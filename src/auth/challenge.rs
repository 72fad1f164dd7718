//! WWW-Authenticate and Proxy-Authenticate (RFC 7616 section 3.3).

use super::Algorithm;
use crate::sip::unescape;
use std::borrow::Cow;

/// A challenge that can be answered. Texts are kept as written inside their quotes, to be echoed to the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The realm as written, without quotes.
    pub realm: &'a str,
    /// The nonce as written.
    pub nonce: &'a str,
    /// The opaque as written.
    pub opaque: Option<&'a str>,
    /// MD5 where none is given.
    pub algorithm: Algorithm,
    /// `qop` offers `auth`.
    pub auth: bool,
    /// `qop` offers `auth-int`.
    pub auth_int: bool,
    /// The server says that only the nonce was too old.
    pub stale: bool,
}

/// Why a challenge cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswerable {
    /// A scheme other than Digest.
    Scheme(String),
    /// An algorithm that is not ours.
    Algorithm(String),
    /// Only qop values that are not ours.
    Qop(String),
    /// No realm, no nonce, or broken text.
    Syntax(&'static str),
}

impl std::fmt::Display for Unanswerable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unanswerable::Scheme(name) => write!(f, "the scheme {name} is unknown"),
            Unanswerable::Algorithm(name) => write!(f, "the algorithm {name} is unknown"),
            Unanswerable::Qop(offer) => write!(f, "the qop {offer} is unknown"),
            Unanswerable::Syntax(what) => f.write_str(what),
        }
    }
}

/// The number of a parameter that means something among those that [`Challenge::of`] takes.
fn number(name: &str) -> Option<usize> {
    // Mostly they are written so to the letter.
    let is = |known: &str| name == known || name.eq_ignore_ascii_case(known);
    match name.len() {
        5 if is("realm") => Some(0),
        5 if is("nonce") => Some(1),
        6 if is("opaque") => Some(2),
        9 if is("algorithm") => Some(3),
        3 if is("qop") => Some(4),
        5 if is("stale") => Some(5),
        _ => None,
    }
}

impl<'a> Challenge<'a> {
    /// Reads the first challenge: `Digest realm="…", nonce="…" …`. Unknown parameters are skipped; of repeated ones the first counts.
    pub fn parse(text: &'a str) -> Result<Self, Unanswerable> {
        Self::read(text.trim_ascii()).0
    }

    /// Reads the challenge that `text` begins with; the answer comes with what stands behind it.
    fn read(text: &'a str) -> (Result<Self, Unanswerable>, &'a str) {
        let end = text.bytes().position(|b| is_blank(b) || b == b',').unwrap_or(text.len());
        let (scheme, mut rest) = text.split_at(end);
        let mut values = [None; 6];
        // A word right behind the scheme is its token.
        let mut token = !rest.trim_ascii_start().starts_with(',');
        loop {
            let (element, behind) = element(rest);
            match element {
                Some(Element::Parameter(name, value)) => {
                    if let Some(number) = number(name) {
                        values[number].get_or_insert(value);
                    }
                }
                Some(Element::Other) => {}
                Some(Element::Scheme) if token => {}
                Some(Element::Scheme) | None => break,
            }
            token = false;
            rest = behind;
        }
        let challenge = if scheme.eq_ignore_ascii_case("Digest") {
            Self::of(values)
        } else {
            Err(Unanswerable::Scheme(scheme.to_owned()))
        };
        (challenge, rest)
    }

    fn of([realm, nonce, opaque, algorithm, qop, stale]: [Option<&'a str>; 6]) -> Result<Self, Unanswerable> {
        let algorithm = match algorithm {
            Some(token) => {
                Algorithm::parse(token).ok_or_else(|| Unanswerable::Algorithm(token.to_owned()))?
            }
            None => Algorithm::Md5,
        };
        let qop = qop.unwrap_or("").trim_ascii();
        let (mut auth, mut auth_int) = (false, false);
        for offered in qop.as_bytes().split(|b| *b == b',').map(<[u8]>::trim_ascii) {
            auth |= offered.eq_ignore_ascii_case(b"auth");
            auth_int |= offered.eq_ignore_ascii_case(b"auth-int");
        }
        if !qop.is_empty() && !auth && !auth_int {
            return Err(Unanswerable::Qop(qop.to_owned()));
        }
        Ok(Challenge {
            realm: realm.ok_or(Unanswerable::Syntax("challenge without realm"))?,
            nonce: nonce.ok_or(Unanswerable::Syntax("challenge without nonce"))?,
            opaque,
            algorithm,
            auth,
            auth_int,
            stale: stale.is_some_and(|stale| stale.trim_ascii().eq_ignore_ascii_case("true")),
        })
    }

    /// The realm with quoted pairs resolved: what credentials are looked up with.
    pub fn realm_text(&self) -> Cow<'a, str> {
        unescape(self.realm)
    }
}

/// The challenges of one header line: mostly one, but RFC 7235 allows `Digest …, Digest …` in a line.
pub fn challenges(line: &str) -> impl Iterator<Item = Result<Challenge<'_>, Unanswerable>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let text = &rest[skip(rest.as_bytes(), 0, b',')..];
        if text.is_empty() {
            return None;
        }
        let (one, behind) = Challenge::read(text);
        rest = behind;
        Some(one)
    })
}

/// The `name=value` parameters of a challenge, of credentials (behind the scheme) or of Authentication-Info: the name, and the
/// value as written inside its quotes. Elements without `=` or with an open quote are skipped.
pub fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (element, behind) = element(rest);
            rest = behind;
            if let Element::Parameter(name, value) = element? {
                return Some((name, value));
            }
        }
    })
}

/// What stands between two commas.
enum Element<'a> {
    /// Name, and the value as written inside its quotes.
    Parameter(&'a str, &'a str),
    /// A word that no `=` follows: another challenge begins.
    Scheme,
    Other,
}

/// The first element of `text`, and what stands behind it.
fn element(text: &str) -> (Option<Element<'_>>, &str) {
    let bytes = text.as_bytes();
    let start = skip(bytes, 0, b',');
    if start == bytes.len() {
        return (None, "");
    }
    // All of them are below the letters.
    let ends_word = |b: &u8| *b <= b'=' && (is_blank(*b) || matches!(*b, b',' | b'=' | b'"'));
    let word = bytes[start..].iter().position(ends_word).map_or(bytes.len(), |n| start + n);
    let at = skip(bytes, word, b' ');
    let name = &text[start..word];
    if name.is_empty() || bytes.get(at) == Some(&b'"') {
        return (Some(Element::Other), &text[element_end(bytes, at)..]);
    }
    if bytes.get(at) != Some(&b'=') {
        return (Some(Element::Scheme), &text[element_end(bytes, at)..]);
    }
    let value = skip(bytes, at + 1, b' ');
    if bytes.get(value) != Some(&b'"') {
        let end = element_end(bytes, value);
        return (Some(Element::Parameter(name, text[value..end].trim_ascii_end())), &text[end..]);
    }
    let closed = quoted_end(bytes, value);
    let behind = skip(bytes, closed.unwrap_or(bytes.len()), b' ');
    match closed {
        Some(closed) if bytes.get(behind).is_none_or(|b| *b == b',') => {
            (Some(Element::Parameter(name, &text[value + 1..closed - 1])), &text[behind..])
        }
        _ => (Some(Element::Other), &text[element_end(bytes, behind)..]),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The index of the first byte from `at` on that is neither a blank nor `other`, or the end.
fn skip(text: &[u8], at: usize, other: u8) -> usize {
    // What is skipped is below the letters; mostly there is nothing, or one blank.
    text[at..].iter().position(|b| *b > b',' || !is_blank(*b) && *b != other).map_or(text.len(), |n| at + n)
}

/// The index behind the quoted string that opens at `at`; `None` where it never closes.
fn quoted_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The index of the first comma outside quotes from `at` on, or the end.
fn element_end(text: &[u8], mut at: usize) -> usize {
    while let Some(n) = memchr::memchr2(b',', b'"', &text[at..]) {
        at += n;
        if text[at] == b',' {
            return at;
        }
        let Some(closed) = quoted_end(text, at) else { break };
        at = closed;
    }
    text.len()
}
