//! One nonce in use: the answers given with it and their count (RFC 7616 section 3.4).

use super::algorithm::Hex;
use super::{Algorithm, Challenge};
use crate::sip::{quote, unescape};
use std::borrow::Cow;
use std::fmt::{self, Write};

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

/// A nonce with the number of answers given with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    // private fields
    challenge: Challenge,
    count: u32,
    /// The cnonce of the first answer, kept for a `-sess` algorithm: RFC 7616 section 3.4.2 makes A1 of the first cnonce, many
    /// servers make it of the one they just got. With one cnonce for all answers both come to the same.
    cnonce: Option<String>,
}

impl Session {
    /// A session for a new challenge; nothing is answered yet.
    pub fn new(challenge: Challenge) -> Self {
        Session { challenge, count: 0, cnonce: None }
    }
    /// The challenge in use.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }
    /// How many answers were given with this nonce.
    pub fn count(&self) -> u32 {
        self.count
    }
    /// The nonce of Authentication-Info (as written inside its quotes) takes over; the count starts again, and with it the key of a `-sess` algorithm.
    pub fn next_nonce(&mut self, nonce: &str) {
        self.challenge.nonce = nonce.to_string();
        self.challenge.stale = false;
        self.count = 0;
        self.cnonce = None;
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
        self.count = self.count.saturating_add(1);
        let session = self.challenge.algorithm.is_session();
        if session && self.cnonce.is_none() {
            self.cnonce = Some(cnonce.to_string());
        }
        let cnonce = self.cnonce.as_deref().unwrap_or(cnonce);
        let challenge = &self.challenge;
        let qop = match (challenge.auth, challenge.auth_int) {
            (true, _) => Some("auth"),
            (_, true) => Some("auth-int"),
            _ => None,
        };
        let nc = format!("{:08x}", self.count);
        let response = Response { challenge, login, method, uri, body, cnonce, qop, nc: &nc }.hash();

        let mut answer = String::with_capacity(320 + challenge.nonce.len());
        let Challenge { realm, nonce, algorithm, .. } = challenge;
        // Writing to a String cannot fail.
        let _ = write!(
            answer,
            r#"Digest username={}, realm="{}", nonce="{}", uri="{}", response="{}", algorithm={}"#,
            quote(login.username),
            echo(realm),
            echo(nonce),
            echo(uri),
            response.as_str(),
            algorithm.name()
        );
        if qop.is_some() || session {
            let _ = write!(answer, r#", cnonce="{}""#, echo(cnonce));
        }
        if let Some(opaque) = &challenge.opaque {
            let _ = write!(answer, r#", opaque="{}""#, echo(opaque));
        }
        if let Some(qop) = qop {
            let _ = write!(answer, ", qop={qop}, nc={nc}");
        }
        answer
    }
}

/// `text` from inside quotes, fit to stand in quotes again: as written, unless that would end them early or break the line.
fn echo(text: &str) -> Cow<'_, str> {
    if !text.contains(['"', '\\', '\r', '\n']) {
        return Cow::Borrowed(text);
    }
    let mut echoed = String::with_capacity(text.len() + 2);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => echoed.extend(['\\', chars.next().map_or('\\', single_line)]),
            '"' => echoed.push_str("\\\""),
            c => echoed.push(single_line(c)),
        }
    }
    Cow::Owned(echoed)
}

fn single_line(c: char) -> char {
    if matches!(c, '\r' | '\n') { ' ' } else { c }
}

/// What goes into the `response` parameter (RFC 7616 section 3.4.1).
struct Response<'a> {
    challenge: &'a Challenge,
    login: &'a Login<'a>,
    method: &'a str,
    uri: &'a str,
    body: &'a [u8],
    cnonce: &'a str,
    qop: Option<&'a str>,
    nc: &'a str,
}

impl Response<'_> {
    fn hash(&self) -> Hex {
        let algorithm = self.challenge.algorithm;
        let nonce = unescape(&self.challenge.nonce);
        let (nonce, cnonce) = (nonce.as_bytes(), unescape(self.cnonce));
        let cnonce = cnonce.as_bytes();
        let a1 = self.a1(nonce, cnonce);
        let a2 = self.a2();
        match self.qop {
            Some(qop) => {
                let (nc, qop) = (self.nc.as_bytes(), qop.as_bytes());
                let parts = [&*a1, b":", nonce, b":", nc, b":", cnonce, b":", qop, b":", a2.as_bytes()];
                algorithm.hash(&parts)
            }
            None => algorithm.hash(&[&a1, b":", nonce, b":", a2.as_bytes()]),
        }
    }

    /// The hash of A1 (section 3.4.2).
    fn a1(&self, nonce: &[u8], cnonce: &[u8]) -> Vec<u8> {
        let algorithm = self.challenge.algorithm;
        let key = match self.login.secret {
            Secret::Password(password) => {
                let realm = self.challenge.realm_text();
                let parts = [self.login.username.as_bytes(), b":", realm.as_bytes(), b":", password];
                algorithm.hash(&parts).as_bytes().to_vec()
            }
            Secret::Ha1(_, hex) => hex.trim().to_ascii_lowercase().into_bytes(),
            Secret::Ha1s(known) => {
                let hex = known.iter().find(|(of, _)| of.plain() == algorithm.plain());
                hex.map(|(_, hex)| hex.trim().to_ascii_lowercase().into_bytes()).unwrap_or_default()
            }
        };
        if !algorithm.is_session() {
            return key;
        }
        algorithm.hash(&[&key, b":", nonce, b":", cnonce]).as_bytes().to_vec()
    }

    /// The hash of A2 (section 3.4.3).
    fn a2(&self) -> Hex {
        let algorithm = self.challenge.algorithm;
        let (method, uri) = (self.method.as_bytes(), self.uri.as_bytes());
        if self.qop == Some("auth-int") {
            let body = algorithm.hash(&[self.body]);
            return algorithm.hash(&[method, b":", uri, b":", body.as_bytes()]);
        }
        algorithm.hash(&[method, b":", uri])
    }
}
