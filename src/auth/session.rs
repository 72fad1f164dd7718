//! One nonce in use: the answers given with it and their count (RFC 7616 section 3.4).

use super::algorithm::HexDigest;
use super::{Algorithm, Challenge};
use crate::sip::octets::encode;
use crate::sip::{quote, unescape, without_zones};
use std::fmt;

/// What only the user and the server know.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Secret<'a> {
    /// The password, in the encoding that the server knows it in: answers every algorithm.
    Password(&'a [u8]),
    /// H(username:realm:password) in hex for one algorithm: answers that and its `-sess` form.
    Ha1(Algorithm, &'a str),
    /// The same for several algorithms; none is a `-sess` form.
    Ha1s(&'a [(Algorithm, Box<str>)]),
}

/// Never shown.
impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

/// The credentials that a challenge is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Login<'a> {
    /// The digest username, unescaped.
    pub username: &'a str,
    /// Password or HA1.
    pub secret: Secret<'a>,
}

impl Login<'_> {
    /// Whether this login can answer `algorithm`.
    pub fn answers(&self, algorithm: Algorithm) -> bool {
        match self.secret {
            Secret::Password(_) => true,
            Secret::Ha1(of, _) => of.plain() == algorithm.plain(),
            Secret::Ha1s(known) => known.iter().any(|(of, _)| of.plain() == algorithm.plain()),
        }
    }
}

/// A nonce with the number of answers given with it: two blocks of memory at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Realm, nonce, opaque and cnonce, one behind the other.
    ///
    /// The cnonce of the first answer is kept for a `-sess` algorithm: RFC 7616 section 3.4.2 makes
    /// A1 of the first cnonce, many servers make it of the one they just got. With one cnonce for
    /// all answers both come to the same.
    text: Box<str>,
    /// Where realm, nonce and opaque end in it.
    ends: [u32; 3],
    count: u32,
    algorithm: Algorithm,
    auth: bool,
    auth_int: bool,
    stale: bool,
    has_opaque: bool,
}

impl Session {
    /// A session for a new challenge; nothing is answered yet.
    pub fn new(challenge: Challenge<'_>) -> Self {
        Session::with_cnonce(challenge, "")
    }

    fn with_cnonce(challenge: Challenge<'_>, cnonce: &str) -> Self {
        let Challenge { realm, nonce, opaque, algorithm, auth, auth_int, stale } = challenge;
        let pieces = [realm, nonce, opaque.unwrap_or(""), cnonce];
        let mut end = 0;
        // No message is so long that this would not fit.
        let ends = [0, 1, 2].map(|n: usize| {
            end += pieces[n].len();
            u32::try_from(end).unwrap_or(u32::MAX)
        });
        let text = pieces.concat().into_boxed_str();
        let has_opaque = opaque.is_some();
        Session { text, ends, count: 0, algorithm, auth, auth_int, stale, has_opaque }
    }

    fn piece(&self, from: u32, to: usize) -> &str {
        self.text.get(from as usize..to).unwrap_or("")
    }

    /// The challenge in use.
    pub fn challenge(&self) -> Challenge<'_> {
        let [realm, nonce, opaque] = self.ends;
        Challenge {
            realm: self.piece(0, realm as usize),
            nonce: self.piece(realm, nonce as usize),
            opaque: self.has_opaque.then(|| self.piece(nonce, opaque as usize)),
            algorithm: self.algorithm,
            auth: self.auth,
            auth_int: self.auth_int,
            stale: self.stale,
        }
    }

    /// The cnonce that a `-sess` algorithm keeps to; empty before the first answer.
    fn cnonce(&self) -> &str {
        self.piece(self.ends[2], self.text.len())
    }

    /// How many answers were given with this nonce.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The nonce of Authentication-Info (as written inside its quotes) takes over. The count starts
    /// again, and with it the key of a `-sess` algorithm.
    pub fn next_nonce(&mut self, nonce: &str) {
        *self = Session::new(Challenge { nonce, stale: false, ..self.challenge() });
    }

    /// The value of (Proxy-)Authorization for one request; counts it. `cnonce` is fresh hex text,
    /// which is not used where no qop is offered and the algorithm is no `-sess` form. `auth` is
    /// preferred to `auth-int` where both are offered.
    ///
    /// Parameter order: username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc.
    pub fn answer(
        &mut self,
        login: &Login<'_>,
        method: &str,
        uri: &str,
        body: &[u8],
        cnonce: &str,
    ) -> String {
        let answer = self.preview(login, method, uri, body, cnonce);
        self.count_answer(cnonce);
        answer
    }

    /// An answer made with `cnonce` is given: the next one counts on.
    pub fn count_answer(&mut self, cnonce: &str) {
        let count = self.count.saturating_add(1);
        if self.algorithm.is_session() && self.cnonce().is_empty() {
            *self = Session::with_cnonce(self.challenge(), cnonce);
        }
        self.count = count;
    }

    /// What [`Session::answer`] would give; nothing is counted.
    pub fn preview(
        &self,
        login: &Login<'_>,
        method: &str,
        uri: &str,
        body: &[u8],
        cnonce: &str,
    ) -> String {
        let size = login.username.len() + self.text.len() + uri.len() + 256;
        let mut answer = String::with_capacity(size);
        let request = AuthorizedRequest { method, uri, body };
        self.push_preview(&mut answer, login, request, cnonce);
        answer
    }

    /// Appends the same.
    pub fn push_preview(
        &self,
        answer: &mut String,
        login: &Login<'_>,
        request: AuthorizedRequest<'_>,
        cnonce: &str,
    ) {
        // As the Request-URI is sent.
        let uri = without_zones(request.uri);
        let request = AuthorizedRequest { uri: &uri, ..request };
        let challenge = &self.challenge();
        let session = challenge.algorithm.is_session();
        let kept = self.cnonce();
        let cnonce = if kept.is_empty() { cnonce } else { kept };
        let qop = self.qop();
        let nc = nc_digits(self.count.saturating_add(1));
        let nc = std::str::from_utf8(&nc).unwrap_or_default();
        let response = Response { challenge, login, request, cnonce, qop, nc }.hash();

        answer.push_str("Digest username=");
        push_quoted(answer, login.username);
        push_inner(answer, ", realm=\"", challenge.realm);
        push_inner(answer, "\", nonce=\"", challenge.nonce);
        push_inner(answer, "\", uri=\"", request.uri);
        answer.push_str("\", response=\"");
        answer.push_str(response.as_str());
        answer.push_str("\", algorithm=");
        answer.push_str(challenge.algorithm.name());
        if qop.is_some() || session {
            push_inner(answer, ", cnonce=\"", cnonce);
            answer.push('"');
        }
        if let Some(opaque) = challenge.opaque {
            push_inner(answer, ", opaque=\"", opaque);
            answer.push('"');
        }
        if let Some(qop) = qop {
            answer.push_str(", qop=");
            answer.push_str(qop);
            answer.push_str(", nc=");
            answer.push_str(nc);
        }
    }

    /// The qop that answers are made with.
    pub(super) fn qop(&self) -> Option<&'static str> {
        match (self.auth, self.auth_int) {
            (true, _) => Some("auth"),
            (_, true) => Some(AUTH_INT),
            _ => None,
        }
    }
}

pub(super) const AUTH_INT: &str = "auth-int";

/// The nonce count as it is written: eight hex digits.
fn nc_digits(count: u32) -> [u8; 8] {
    let mut digits = *b"00000000";
    for (place, digit) in digits.iter_mut().enumerate() {
        let value = (count >> (28 - 4 * place) & 15) as u8;
        *digit = value + if value < 10 { b'0' } else { b'a' - 10 };
    }
    digits
}

/// Appends `before`, and `text` from inside quotes, fit to stand in quotes again: as written,
/// unless that would end them early or break the line.
fn push_inner(answer: &mut String, before: &str, text: &str) {
    answer.push_str(before);
    if !has(text, |b| b < b' ' || b == b'"' || b == b'\\') {
        return answer.push_str(text);
    }
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => answer.extend(['\\', chars.next().map_or('\\', single_line)]),
            '"' => answer.push_str("\\\""),
            c => answer.push(single_line(c)),
        }
    }
}

/// Appends `text` as a quoted string.
fn push_quoted(answer: &mut String, text: &str) {
    if has(text, |b| matches!(b, b'"' | b'\\')) {
        return answer.push_str(&quote(text));
    }
    answer.push('"');
    answer.push_str(text);
    answer.push('"');
}

/// Whether one of its bytes is such a byte; it looks at all of them, several at a time.
fn has(text: &str, is_such: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| found | is_such(byte))
}

fn single_line(c: char) -> char {
    if matches!(c, '\r' | '\n') { ' ' } else { c }
}

/// What an answer covers of the request that it stands in.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizedRequest<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its Request-URI.
    pub uri: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// What goes into the `response` parameter (RFC 7616 section 3.4.1).
struct Response<'a> {
    challenge: &'a Challenge<'a>,
    login: &'a Login<'a>,
    request: AuthorizedRequest<'a>,
    cnonce: &'a str,
    qop: Option<&'a str>,
    nc: &'a str,
}

impl Response<'_> {
    fn hash(&self) -> HexDigest {
        let algorithm = self.challenge.algorithm;
        let (nonce, cnonce) = (unescape(self.challenge.nonce), unescape(self.cnonce));
        let (nonce, cnonce) = (encode(&nonce), encode(&cnonce));
        let (nonce, cnonce) = (&*nonce, &*cnonce);
        let (a1, a2) = (self.a1(nonce, cnonce), self.a2());
        let (a1, a2) = (a1.as_bytes(), a2.as_bytes());
        match self.qop {
            Some(qop) => {
                algorithm.hash(&[a1, nonce, self.nc.as_bytes(), cnonce, qop.as_bytes(), a2])
            }
            None => algorithm.hash(&[a1, nonce, a2]),
        }
    }

    /// The hash of A1 (section 3.4.2).
    fn a1(&self, nonce: &[u8], cnonce: &[u8]) -> HexDigest {
        let algorithm = self.challenge.algorithm;
        let key = match self.login.secret {
            Secret::Password(password) => {
                let realm = self.challenge.realm_text();
                let (username, realm) = (encode(self.login.username), encode(&realm));
                algorithm.hash_secret(&[&username, &realm, password])
            }
            Secret::Ha1(_, digits) => HexDigest::parse(digits),
            Secret::Ha1s(known) => {
                let known = known.iter().find(|(of, _)| of.plain() == algorithm.plain());
                HexDigest::parse(known.map_or("", |(_, digits)| digits))
            }
        };
        if !algorithm.is_session() {
            return key;
        }
        algorithm.hash(&[key.as_bytes(), nonce, cnonce])
    }

    /// The hash of A2 (section 3.4.3).
    fn a2(&self) -> HexDigest {
        let algorithm = self.challenge.algorithm;
        let uri = encode(self.request.uri);
        let (method, uri) = (self.request.method.as_bytes(), &*uri);
        if self.qop == Some(AUTH_INT) {
            let body = algorithm.hash(&[self.request.body]);
            return algorithm.hash(&[method, uri, body.as_bytes()]);
        }
        algorithm.hash(&[method, uri])
    }
}
