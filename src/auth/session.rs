//! One nonce in use: the answers given with it and their count (RFC 7616 section 3.4).

use super::algorithm::Hex;
use super::recent::Kept;
use super::{Algorithm, Challenge, Recent};
use crate::sip::{quote, unescape};
use std::fmt;

/// What proves the user.
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

/// Who answers.
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

/// A nonce with the number of answers given with it. It is kept for as long as the server takes it: two blocks of memory at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    // private fields
    /// Realm, nonce, opaque and cnonce, one behind the other.
    ///
    /// The cnonce of the first answer is kept for a `-sess` algorithm: RFC 7616 section 3.4.2 makes A1 of the first cnonce, many
    /// servers make it of the one they just got. With one cnonce for all answers both come to the same.
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
        let mut text = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
        for piece in pieces {
            text.push_str(piece);
        }
        let has_opaque = opaque.is_some();
        Session { text: text.into(), ends, count: 0, algorithm, auth, auth_int, stale, has_opaque }
    }

    fn piece(&self, from: u32, to: usize) -> &str {
        self.text.get(from as usize..to).unwrap_or("")
    }

    /// The challenge in use.
    #[inline(always)]
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

    /// The nonce of Authentication-Info (as written inside its quotes) takes over; the count starts again, and with it the key of a `-sess` algorithm.
    pub fn next_nonce(&mut self, nonce: &str) {
        *self = Session::new(Challenge { nonce, stale: false, ..self.challenge() });
    }

    /// The value of (Proxy-)Authorization for one request; counts it. `cnonce` is fresh hex text; it is not used where no
    /// qop is offered and the algorithm is no `-sess` form. `auth` is preferred to `auth-int` where both are offered.
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
        self.answered(cnonce);
        answer
    }

    /// An answer made with `cnonce` is given: the next one counts on.
    pub fn answered(&mut self, cnonce: &str) {
        let count = self.count.saturating_add(1);
        if self.algorithm.is_session() && self.cnonce().is_empty() {
            *self = Session::with_cnonce(self.challenge(), cnonce);
        }
        self.count = count;
    }

    /// Counts what [`Session::preview`] gave with this `nc`, unless another answer was given since. Whether it did: not for the first of
    /// a `-sess` algorithm, whose cnonce is kept.
    pub fn count_previewed(&mut self, nc: &str) -> bool {
        let next = self.count.saturating_add(1);
        let keeps = self.algorithm.is_session() && self.cnonce().is_empty();
        let counts = !keeps && nc == Hex::new(&next.to_be_bytes()).as_str();
        if counts {
            self.count = next;
        }
        counts
    }

    /// What [`Session::answer`] would give; nothing is counted.
    pub fn preview(&self, login: &Login<'_>, method: &str, uri: &str, body: &[u8], cnonce: &str) -> String {
        let mut answer = String::with_capacity(login.username.len() + self.text.len() + uri.len() + 256);
        self.push_preview(&mut answer, login, Asked { method, uri, body }, cnonce, None);
        answer
    }

    /// Appends the same; hashes that are in `recent` are not computed again.
    pub fn push_preview(
        &self,
        answer: &mut String,
        login: &Login<'_>,
        asked: Asked<'_>,
        cnonce: &str,
        recent: Option<&mut Recent>,
    ) {
        let challenge = &self.challenge();
        let session = challenge.algorithm.is_session();
        let cnonce = Some(self.cnonce()).filter(|kept| !kept.is_empty()).unwrap_or(cnonce);
        let qop = match (challenge.auth, challenge.auth_int) {
            (true, _) => Some("auth"),
            (_, true) => Some("auth-int"),
            _ => None,
        };
        let nc = Hex::new(&self.count.saturating_add(1).to_be_bytes());
        let response = Response { challenge, login, asked, cnonce, qop, nc: nc.as_bytes() }.hash(recent);

        answer.push_str("Digest username=");
        push_quoted(answer, login.username);
        push(answer, ", realm=\"", challenge.realm);
        push(answer, "\", nonce=\"", challenge.nonce);
        push(answer, "\", uri=\"", asked.uri);
        for text in ["\", response=\"", response.as_str(), "\", algorithm=", challenge.algorithm.name()] {
            answer.push_str(text);
        }
        if qop.is_some() || session {
            push(answer, ", cnonce=\"", cnonce);
            answer.push('"');
        }
        if let Some(opaque) = challenge.opaque {
            push(answer, ", opaque=\"", opaque);
            answer.push('"');
        }
        if let Some(qop) = qop {
            for text in [", qop=", qop, ", nc=", nc.as_str()] {
                answer.push_str(text);
            }
        }
    }
}

/// Appends `before`, and `text` from inside quotes, fit to stand in quotes again: as written, unless that would end them early or
/// break the line.
fn push(answer: &mut String, before: &str, text: &str) {
    answer.push_str(before);
    if !has(text, |b| matches!(b, b'"' | b'\\' | b'\r' | b'\n')) {
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
    for text in ["\"", text, "\""] {
        answer.push_str(text);
    }
}

/// Whether one of its bytes is such a byte; it looks at all of them, several at a time.
fn has(text: &str, is_such: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| found | is_such(byte))
}

fn single_line(c: char) -> char {
    if matches!(c, '\r' | '\n') { ' ' } else { c }
}

/// The request that an answer is given for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
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
    asked: Asked<'a>,
    cnonce: &'a str,
    qop: Option<&'a str>,
    nc: &'a [u8],
}

impl Response<'_> {
    fn hash(&self, recent: Option<&mut Recent>) -> Hex {
        let algorithm = self.challenge.algorithm;
        let (recent_a1, recent_a2) = recent.map(|recent| (&mut recent.a1, &mut recent.a2)).unzip();
        let (nonce, cnonce) = (unescape(self.challenge.nonce), unescape(self.cnonce));
        let (nonce, cnonce) = (nonce.as_bytes(), cnonce.as_bytes());
        let (a1, a2) = (self.a1(nonce, cnonce, recent_a1), self.a2(recent_a2));
        let (a1, a2) = (a1.as_bytes(), a2.as_bytes());
        match self.qop {
            Some(qop) => {
                let qop = qop.as_bytes();
                algorithm.hash(&[a1, b":", nonce, b":", self.nc, b":", cnonce, b":", qop, b":", a2])
            }
            None => algorithm.hash(&[a1, b":", nonce, b":", a2]),
        }
    }

    /// The hash of A1 (section 3.4.2).
    fn a1(&self, nonce: &[u8], cnonce: &[u8], recent: Option<&mut Kept>) -> Hex {
        let algorithm = self.challenge.algorithm;
        let key = match self.login.secret {
            Secret::Password(password) => {
                let realm = self.challenge.realm_text();
                let username = self.login.username.as_bytes();
                Kept::hash(recent, algorithm, &[username, b":", realm.as_bytes(), b":", password])
            }
            Secret::Ha1(_, hex) => Hex::given(hex),
            Secret::Ha1s(known) => {
                let hex = known.iter().find(|(of, _)| of.plain() == algorithm.plain());
                Hex::given(hex.map_or("", |(_, hex)| hex))
            }
        };
        if !algorithm.is_session() {
            return key;
        }
        algorithm.hash(&[key.as_bytes(), b":", nonce, b":", cnonce])
    }

    /// The hash of A2 (section 3.4.3).
    fn a2(&self, recent: Option<&mut Kept>) -> Hex {
        let algorithm = self.challenge.algorithm;
        let (method, uri) = (self.asked.method.as_bytes(), self.asked.uri.as_bytes());
        if self.qop == Some("auth-int") {
            let body = algorithm.hash(&[self.asked.body]);
            return algorithm.hash(&[method, b":", uri, b":", body.as_bytes()]);
        }
        Kept::hash(recent, algorithm, &[method, b":", uri])
    }
}
