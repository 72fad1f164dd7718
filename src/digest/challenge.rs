//! WWW-Authenticate and Proxy-Authenticate (RFC 7616 section 3.3).

use super::Algorithm;
use crate::sip::unescape;
use std::borrow::Cow;

/// A challenge that can be answered. Texts are kept as written inside their quotes, to be echoed to the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The realm as written, without quotes.
    pub realm: String,
    /// The nonce as written.
    pub nonce: String,
    /// The opaque as written.
    pub opaque: Option<String>,
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

impl Challenge {
    /// Reads one challenge: `Digest realm="…", nonce="…" …`. Unknown parameters are skipped; of repeated ones the first counts.
    pub fn parse(text: &str) -> Result<Self, Unanswerable> {
        let text = text.trim();
        let (scheme, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(Unanswerable::Scheme(scheme.to_string()));
        }
        let (mut realm, mut nonce, mut opaque, mut algorithm, mut qop, mut stale) = Default::default();
        for (name, value) in parameters(rest) {
            let slot: &mut Option<&str> = match () {
                () if name.eq_ignore_ascii_case("realm") => &mut realm,
                () if name.eq_ignore_ascii_case("nonce") => &mut nonce,
                () if name.eq_ignore_ascii_case("opaque") => &mut opaque,
                () if name.eq_ignore_ascii_case("algorithm") => &mut algorithm,
                () if name.eq_ignore_ascii_case("qop") => &mut qop,
                () if name.eq_ignore_ascii_case("stale") => &mut stale,
                () => continue,
            };
            slot.get_or_insert(value);
        }
        let algorithm = match algorithm {
            Some(token) => {
                Algorithm::parse(token).ok_or_else(|| Unanswerable::Algorithm(token.to_string()))?
            }
            None => Algorithm::Md5,
        };
        let qop = qop.unwrap_or("").trim();
        let offers = |wanted: &str| qop.split(',').any(|offered| offered.trim().eq_ignore_ascii_case(wanted));
        let (auth, auth_int) = (offers("auth"), offers("auth-int"));
        if !qop.is_empty() && !auth && !auth_int {
            return Err(Unanswerable::Qop(qop.to_string()));
        }
        Ok(Challenge {
            realm: realm.ok_or(Unanswerable::Syntax("challenge without realm"))?.to_string(),
            nonce: nonce.ok_or(Unanswerable::Syntax("challenge without nonce"))?.to_string(),
            opaque: opaque.map(str::to_string),
            algorithm,
            auth,
            auth_int,
            stale: stale.is_some_and(|s| s.trim().eq_ignore_ascii_case("true")),
        })
    }
    /// The realm with quoted pairs resolved: what credentials are looked up with.
    pub fn realm_text(&self) -> Cow<'_, str> {
        unescape(&self.realm)
    }
}

/// The challenges of one header line: mostly one, but RFC 7235 allows `Digest …, Digest …` in a line.
pub fn challenges(line: &str) -> impl Iterator<Item = Result<Challenge, Unanswerable>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return None;
        }
        // A challenge goes on until an element that names a scheme.
        let mut end = element_end(rest);
        while let Some(next) = rest.get(end + 1..).filter(|next| !next.is_empty()) {
            if names_scheme(next) {
                break;
            }
            end += 1 + element_end(next);
        }
        let (one, behind) = rest.split_at(end);
        rest = behind;
        Some(Challenge::parse(one))
    })
}

/// The `name=value` parameters of a challenge, of credentials (behind the scheme) or of Authentication-Info: the name, and the
/// value as written inside its quotes. Elements without `=` or with an open quote are skipped.
pub fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (one, behind) = rest.split_at(element_end(rest));
            rest = behind.strip_prefix(',').unwrap_or("");
            let Some((name, value)) = one.split_once('=') else { continue };
            let value = value.trim();
            match value.strip_prefix('"') {
                None => return Some((name.trim(), value)),
                Some(quoted) if quoted_end(value) == value.len() && quoted.ends_with('"') => {
                    return Some((name.trim(), &quoted[..quoted.len() - 1]));
                }
                Some(_) => continue,
            }
        }
        None
    })
}

/// The index behind the quoted string at the start of `text`; the end of the text where it never closes.
fn quoted_end(text: &str) -> usize {
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

/// The index of the first comma outside quotes, or the end.
fn element_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(n) = text[at..].find([',', '"']) {
        at += n;
        if text.as_bytes()[at] == b',' {
            return at;
        }
        at += quoted_end(&text[at..]);
    }
    text.len()
}

/// Whether an element begins with a scheme: a word that no `=` follows.
fn names_scheme(element: &str) -> bool {
    let element = element.trim_start();
    let word = element.find([' ', '\t', ',', '=', '"']).unwrap_or(element.len());
    word > 0 && !element[word..].trim_start_matches([' ', '\t']).starts_with(['=', '"'])
}
