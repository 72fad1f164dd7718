//! WWW-Authenticate and Proxy-Authenticate (RFC 7616 section 3.3).

use super::Algorithm;
use crate::sip::{same_word, search, unescape};
use std::borrow::Cow;

/// A challenge that can be answered. Texts are kept as written inside their quotes, to be echoed to
/// the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The realm as written, without quotes; empty where none is given.
    pub realm: &'a str,
    /// The nonce as written; empty where none is given, as other user agents answer that too.
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
    /// A realm or nonce that cannot be read.
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

/// The place of a parameter among those that [`Challenge::of`] takes.
fn parameter_number(name: &str) -> Option<usize> {
    let (number, known) = match name.as_bytes().first()?.to_ascii_lowercase() {
        b'r' => (0, "realm"),
        b'n' => (1, "nonce"),
        b'o' => (2, "opaque"),
        b'a' => (3, "algorithm"),
        b'q' => (4, "qop"),
        b's' => (5, "stale"),
        _ => return None,
    };
    same_word(name, known).then_some(number)
}

impl<'a> Challenge<'a> {
    /// Reads the first challenge: `Digest realm="…", nonce="…" …`. Unknown parameters are skipped;
    /// of repeated ones the first counts.
    pub fn parse(text: &'a str) -> Result<Self, Unanswerable> {
        Self::read(text.trim_ascii()).0
    }

    /// Reads the challenge that `text` begins with. The second value is what follows it.
    #[inline]
    fn read(text: &'a str) -> (Result<Self, Unanswerable>, &'a str) {
        let (scheme, mut rest) = split_scheme(text);
        let (mut values, mut broken) = ([None; 6], false);
        // A word right behind the scheme is its token68 (RFC 7235 section 2.1).
        let mut may_be_token = !rest.trim_ascii_start().starts_with(',');
        loop {
            let (element, behind) = element(rest);
            match element {
                Some(Element::Parameter(name, value)) => {
                    if let Some(number) = parameter_number(name) {
                        values[number].get_or_insert(value);
                    }
                }
                Some(Element::Broken) => broken = true,
                Some(Element::Word) if may_be_token => {}
                Some(Element::Word) | None => break,
            }
            may_be_token = false;
            rest = behind;
        }
        let challenge = if scheme.eq_ignore_ascii_case("Digest") {
            Self::of(values, broken)
        } else {
            Err(Unanswerable::Scheme(scheme.to_owned()))
        };
        (challenge, rest)
    }

    fn of(values: [Option<&'a str>; 6], broken: bool) -> Result<Self, Unanswerable> {
        let algorithm = match values[3] {
            Some(token) => {
                Algorithm::parse(token).ok_or_else(|| Unanswerable::Algorithm(token.to_owned()))?
            }
            None => Algorithm::Md5,
        };
        Self::for_algorithm(algorithm, values, broken)
    }

    /// The one for AKA that these parameters of the scheme Digest are; `None`: they are another.
    pub(super) fn of_aka(params: &'a str) -> Option<Self> {
        let mut values = [None; 6];
        for (name, value) in parameters(params) {
            if let Some(number) = parameter_number(name) {
                values[number].get_or_insert(value);
            }
        }
        let algorithm = Algorithm::parse_aka(values[3]?)?;
        Self::for_algorithm(algorithm, values, false).ok()
    }

    fn for_algorithm(
        algorithm: Algorithm,
        values: [Option<&'a str>; 6],
        broken: bool,
    ) -> Result<Self, Unanswerable> {
        let [realm, nonce, opaque, _, qop, stale] = values;
        let qop = qop.unwrap_or("").trim_ascii();
        let (mut auth, mut auth_int) = (false, false);
        for offered in qop.as_bytes().split(|b| *b == b',').map(<[u8]>::trim_ascii) {
            auth |= offered.eq_ignore_ascii_case(b"auth");
            auth_int |= offered.eq_ignore_ascii_case(b"auth-int");
        }
        if !qop.is_empty() && !auth && !auth_int {
            return Err(Unanswerable::Qop(qop.to_owned()));
        }
        // One that is not there is answered as an empty one; one that may be there is not.
        let given = |value: Option<&'a str>, error| match value {
            None if broken => Err(Unanswerable::Syntax(error)),
            value => Ok(value.unwrap_or("")),
        };
        Ok(Challenge {
            realm: given(realm, "challenge without a realm that can be read")?,
            nonce: given(nonce, "challenge without a nonce that can be read")?,
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

/// The challenges of one header line: mostly one, but RFC 7235 allows several, with commas between.
pub fn challenges(line: &str) -> impl Iterator<Item = Result<Challenge<'_>, Unanswerable>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let text = &rest[skip_separators(rest.as_bytes(), 0)..];
        if text.is_empty() {
            return None;
        }
        let (challenge, behind) = Challenge::read(text);
        rest = behind;
        Some(challenge)
    })
}

/// The challenges of one header line, whatever they are: the scheme, and its parameters as text.
pub(super) fn schemes(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let text = &rest[skip_separators(rest.as_bytes(), 0)..];
        let (scheme, params) = split_scheme(text);
        let (mut behind, mut may_be_token) = (params, !params.trim_ascii_start().starts_with(','));
        while let (Some(next), after) = element(behind) {
            if matches!(next, Element::Word) && !may_be_token {
                break;
            }
            (behind, may_be_token) = (after, false);
        }
        rest = behind;
        (!text.is_empty()).then(|| (scheme, &params[..params.len() - behind.len()]))
    })
}

/// The scheme that a challenge begins with, and what follows it.
#[inline]
fn split_scheme(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|b| is_blank(b) || b == b',').unwrap_or(text.len());
    text.split_at(end)
}

/// The `name=value` parameters of a challenge, of credentials (behind the scheme) or of
/// Authentication-Info: the name, and the value as written inside its quotes.
///
/// Elements without `=` or with an open quote are skipped.
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

/// An element of a list of challenges or parameters.
enum Element<'a> {
    /// Name, and the value as written inside its quotes.
    Parameter(&'a str, &'a str),
    /// A word that no `=` follows: the scheme of another challenge, or a token68.
    Word,
    /// Text that is neither.
    Broken,
}

/// The first element of `text`, and what follows it. Elements are separated by commas; a semicolon,
/// or a blank behind a value, is taken for one too.
#[inline(always)]
fn element(text: &str) -> (Option<Element<'_>>, &str) {
    let bytes = text.as_bytes();
    let start = skip_separators(bytes, 0);
    if start == bytes.len() {
        return (None, "");
    }
    // All of them are below the letters.
    let ends_word = |b: &u8| *b <= b'=' && (ends_value(*b) || matches!(*b, b'=' | b'"'));
    let end = bytes[start..].iter().position(ends_word).map_or(bytes.len(), |n| start + n);
    let name = &text[start..end];
    let at = skip_blanks(bytes, end);
    match bytes.get(at) {
        Some(b'=') if !name.is_empty() => {}
        Some(b'=' | b'"') => return (Some(Element::Broken), &text[element_end(bytes, at)..]),
        _ => return (Some(Element::Word), &text[element_end(bytes, at)..]),
    }
    let value = skip_blanks(bytes, at + 1);
    if bytes.get(value) != Some(&b'"') {
        let length = bytes[value..].iter().position(|b| ends_value(*b));
        let end = length.map_or(bytes.len(), |length| value + length);
        return (Some(Element::Parameter(name, &text[value..end])), &text[end..]);
    }
    match quoted_end(bytes, value) {
        Some(end) if bytes.get(end).is_none_or(|b| ends_value(*b)) => {
            (Some(Element::Parameter(name, &text[value + 1..end - 1])), &text[end..])
        }
        end => {
            let end = element_end(bytes, end.unwrap_or(bytes.len()));
            (Some(Element::Broken), &text[end..])
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn ends_value(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, b',' | b';')
}

/// The index of the first byte from `at` on that is no blank, or the end.
fn skip_blanks(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|b| !is_blank(*b)).map_or(text.len(), |n| at + n)
}

/// The index of the first byte from `at` on that stands in an element, or the end.
fn skip_separators(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|b| !ends_value(*b)).map_or(text.len(), |n| at + n)
}

/// The index behind the quoted string that opens at `at`; `None` where it never closes.
fn quoted_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += search::find2(text.get(at..)?, [b'"', b'\\'])?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The index of the first comma outside quotes from `at` on, or the end.
fn element_end(text: &[u8], mut at: usize) -> usize {
    while let Some(n) = search::find2(&text[at..], [b',', b'"']) {
        at += n;
        if text[at] == b',' {
            return at;
        }
        let Some(closed) = quoted_end(text, at) else { break };
        at = closed;
    }
    text.len()
}
