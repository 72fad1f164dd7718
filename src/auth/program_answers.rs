//! What the program has answered to challenges: it stands in each request until it is refused.

use super::aka::AkaResponse;
use super::authorization::{Challenger, insertion_point};
use super::{Login, ProgramChallenge, Secret, Session};
use crate::request::Entropy;
use crate::request::target::request_line;
use crate::sip::{Draft, base64, hex};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// What a program answers to a challenge. It is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub enum ProgramAnswer {
    /// A token, for Bearer.
    Token(Zeroizing<String>),
    /// What the SIM card says, for AKA.
    Aka(AkaResponse),
    /// AUTS: the SIM card is out of step, and the server is to make another challenge (RFC 3310
    /// section 3.4).
    Resynchronize([u8; 14]),
}

impl std::fmt::Debug for ProgramAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ProgramAnswer::Token(_) => "Token",
            ProgramAnswer::Aka(_) => "Aka",
            ProgramAnswer::Resynchronize(_) => "Resynchronize",
        })
    }
}

/// A longer token fits into no request.
const MAX_TOKEN: usize = 32_000;
/// What stands before a token.
const BEARER: &str = "Bearer ";
/// Answers that are kept for one registration; the oldest goes first.
const MAX_ANSWERS: usize = 4;

/// The answers in use.
#[derive(Debug, Default)]
pub struct ProgramAnswers(Vec<KeptAnswer>);

/// An answer, and whom it is for.
struct KeptAnswer {
    challenger: Challenger,
    realm: Box<str>,
    proof: Proof,
    /// A token for a challenge that came over TLS: it goes out over nothing else (RFC 8898 section
    /// 2.1).
    needs_tls: bool,
}

enum Proof {
    Token(Zeroizing<String>),
    Password { session: Box<Session>, username: Box<str>, password: Zeroizing<Vec<u8>> },
    Auts { session: Box<Session>, username: Box<str>, auts: [u8; 14] },
}

impl std::fmt::Debug for KeptAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptAnswer").field("realm", &self.realm).finish_non_exhaustive()
    }
}

impl KeptAnswer {
    fn is_for(&self, challenge: &ProgramChallenge) -> bool {
        self.challenger == challenge.challenger() && *self.realm == *challenge.realm
    }
}

impl Proof {
    /// `None`: the answer is none to this challenge, or is not what it should be.
    fn new(challenge: &ProgramChallenge, answer: ProgramAnswer, username: &str) -> Option<Self> {
        let session = challenge.session.clone();
        let username = Box::from(username);
        match answer {
            ProgramAnswer::Token(token) => {
                (session.is_none() && is_token(&token)).then_some(Proof::Token(token))
            }
            ProgramAnswer::Aka(response) => {
                let password = response.password(challenge.algorithm()?)?;
                Some(Proof::Password { session: session?, username, password })
            }
            ProgramAnswer::Resynchronize(auts) => {
                Some(Proof::Auts { session: session?, username, auts })
            }
        }
    }
}

/// Whether `text` is a b64token (RFC 6750 section 2.1).
fn is_token(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    !digits.is_empty() && text.len() <= MAX_TOKEN && digits.bytes().all(is_digit)
}

/// `message` without the tokens in it (RFC 8898): no log has them.
pub fn tokens_hidden(message: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = message;
    while let Some((before, token)) = next_token(rest) {
        let end = token.find(['\r', '\n', ',']).unwrap_or(token.len());
        // A challenge has its realm there, in quotes.
        let token_or_realm = &token[..end];
        let is_token = !token_or_realm.contains('"');
        shown.extend([before, if is_token { "(hidden)" } else { token_or_realm }]);
        rest = &token[end..];
    }
    if shown.is_empty() {
        return Cow::Borrowed(message);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// What stands before the first token behind the scheme Bearer, and what follows from it on.
fn next_token(text: &str) -> Option<(&str, &str)> {
    const SCHEME: &[u8] = b"bearer";
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'b', b'B', text.as_bytes().get(from..)?)?;
        from = at + 1;
        let Some(word) = text.as_bytes().get(at..at + SCHEME.len()) else { continue };
        let behind = at + SCHEME.len();
        let blanks = text[behind..].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if word.eq_ignore_ascii_case(SCHEME) && blanks > 0 {
            return Some(text.split_at(behind + blanks));
        }
    }
}

impl ProgramAnswers {
    /// Takes away what was answered to such a challenge before; whether there was such an answer.
    /// `is_secure`: the challenge came over TLS. What needs TLS was not sent otherwise, and so is
    /// not refused.
    pub fn refuse(&mut self, challenge: &ProgramChallenge, is_secure: bool) -> bool {
        let before = self.0.len();
        self.0.retain(|kept| !kept.is_for(challenge) || (kept.needs_tls && !is_secure));
        self.0.len() < before
    }

    /// Keeps the answer of the program, who is `username` to a Digest challenge, in place of what
    /// was answered to such a challenge before. `is_secure`: the challenge came over TLS. Whether
    /// it is an answer to it.
    pub fn keep(
        &mut self,
        challenge: &ProgramChallenge,
        is_secure: bool,
        answer: ProgramAnswer,
        username: &str,
    ) -> bool {
        let Some(proof) = Proof::new(challenge, answer, username) else { return false };
        self.0.retain(|kept| !kept.is_for(challenge));
        if self.0.len() >= MAX_ANSWERS {
            self.0.remove(0);
        }
        let (challenger, realm) = (challenge.challenger(), challenge.realm.as_str().into());
        let needs_tls = is_secure && matches!(proof, Proof::Token(_));
        self.0.push(KeptAnswer { challenger, realm, proof, needs_tls });
        true
    }

    /// Gives all of them up.
    pub fn clear(&mut self) {
        self.0 = Vec::new();
    }

    /// Takes out of `draft`, which does not go over TLS, the tokens that need it.
    pub fn take_out_secure_tokens(&self, draft: &mut Draft) {
        for kept in self.0.iter().filter(|kept| kept.needs_tls) {
            let Proof::Token(token) = &kept.proof else { continue };
            let name = kept.challenger.authorization();
            draft.retain(|field, value| {
                field != name || value.strip_prefix(BEARER) != Some(token.as_str())
            });
        }
    }

    /// Writes all of them into `draft`, behind Contact, and counts them.
    pub fn write(&mut self, draft: &mut Draft, entropy: &mut Entropy) {
        for (at, kept) in (insertion_point(draft)..).zip(&mut self.0) {
            let Some((method, uri)) = request_line(draft.start()) else { return };
            let cnonce = hex(entropy.bits());
            let cnonce = std::str::from_utf8(&cnonce).unwrap_or_default();
            let value = match &mut kept.proof {
                Proof::Token(token) => Zeroizing::new([BEARER, token].concat()),
                Proof::Password { session, username, password } => {
                    let login = Login { username, secret: Secret::Password(password) };
                    Zeroizing::new(session.answer(&login, method, uri, &draft.body, cnonce))
                }
                Proof::Auts { session, username, auts } => {
                    // RFC 3310 section 3.4: with an empty password.
                    let login = Login { username, secret: Secret::Password(b"") };
                    let text = session.answer(&login, method, uri, &draft.body, cnonce);
                    Zeroizing::new(format!("{text}, auts=\"{}\"", base64(auts)))
                }
            };
            draft.insert(at, kept.challenger.authorization(), &value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_hidden_wherever_they_stand() {
        for (text, shown) in [
            ("", ""),
            ("Authorization: Digest a=\"b\"\r\n", "Authorization: Digest a=\"b\"\r\n"),
            ("A: Bearer abc==\r\nB: b\r\n", "A: Bearer (hidden)\r\nB: b\r\n"),
            ("A: BEARER \t abc, bearer d", "A: BEARER \t (hidden), bearer (hidden)"),
            ("b\u{e9}bearer\r\nBearer", "b\u{e9}bearer\r\nBearer"),
            ("Bearer realm=\"x\", a=b", "Bearer realm=\"x\", a=b"),
            ("\u{e9}Bearer \u{e9}", "\u{e9}Bearer (hidden)"),
        ] {
            assert_eq!(tokens_hidden(text), shown);
        }
    }

    #[test]
    fn a_token_is_what_rfc_6750_says() {
        for good in ["a", "aZ09-._~+/", "a==", "eyJhbGciOi.J9.x_y-z="] {
            assert!(is_token(good), "{good}");
        }
        for bad in ["", "=", "a b", "a=b", "a\r\nX: 1", "a,", "\u{e9}", "\""] {
            assert!(!is_token(bad), "{bad}");
        }
        assert!(is_token(&"x".repeat(MAX_TOKEN)) && !is_token(&"x".repeat(MAX_TOKEN + 1)));
    }
}
