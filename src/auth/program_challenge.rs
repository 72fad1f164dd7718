//! Challenges that the program answers: Bearer (RFC 8898) and Digest AKA (RFC 3310, RFC 4169).

use super::authorization::Challenger;
use super::challenge::schemes;
use super::{Algorithm, Challenge, Session, parameters};
use crate::sip::{Message, base64_decoded, unescape};

/// What a program is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramScheme {
    /// A token (RFC 8898).
    Bearer,
    /// RES for RAND and AUTN (RFC 3310).
    AkaV1Md5,
    /// RES, IK and CK for RAND and AUTN (RFC 4169).
    AkaV2Md5,
}

/// A longer text in a challenge is none that a program is asked about.
const MAX_TEXT: usize = 4096;

/// A challenge that the program is asked to answer. Quoted pairs in its texts are resolved; what is
/// not there is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramChallenge {
    /// What is asked for.
    pub scheme: ProgramScheme,
    /// A proxy asks (407), not the registrar.
    pub by_proxy: bool,
    /// The realm.
    pub realm: String,
    /// Of Bearer: the URL of the authorization server.
    pub authz_server: String,
    /// Of Bearer: the scopes that the token is to have.
    pub scope: String,
    /// Of Bearer: what is wrong with the token that was sent, `invalid_token` for one.
    pub error: String,
    /// Of AKA: what the nonce begins with.
    pub rand: [u8; 16],
    /// Of AKA: what follows it there.
    pub autn: [u8; 16],
    /// The program has answered such a challenge in the request that this one is for.
    pub is_repeated: bool,
    /// Of AKA: the nonce.
    pub(super) session: Option<Box<Session>>,
}

impl ProgramChallenge {
    /// The one in a 401 or 407 that the program is asked about: the first for AKA, else the first
    /// Bearer.
    pub fn find(response: &Message<'_>) -> Option<Self> {
        let mut bearer = None;
        for challenger in Challenger::ALL {
            for (scheme, params) in response.lines(challenger.challenge()).flat_map(schemes) {
                let found = if scheme.eq_ignore_ascii_case("Digest") {
                    Self::aka(params)
                } else if scheme.eq_ignore_ascii_case("Bearer") {
                    Self::bearer(params)
                } else {
                    None
                };
                let by_proxy = challenger == Challenger::Proxy;
                match found.map(|found| ProgramChallenge { by_proxy, ..found }) {
                    Some(aka) if aka.session.is_some() => return Some(aka),
                    found => bearer = bearer.or(found),
                }
            }
        }
        bearer
    }

    /// The bytes of RAND and AUTN are the first 32 of the nonce (RFC 3310 section 3.2).
    fn aka(params: &str) -> Option<Self> {
        if params.len() > MAX_TEXT {
            return None;
        }
        let challenge = Challenge::of_aka(params)?;
        let nonce: [u8; 32] = base64_decoded(challenge.nonce)?;
        let part = |from: usize| std::array::from_fn(|at| nonce[from + at]);
        let scheme = match challenge.algorithm {
            Algorithm::AkaV2Md5 => ProgramScheme::AkaV2Md5,
            _ => ProgramScheme::AkaV1Md5,
        };
        Some(ProgramChallenge {
            rand: part(0),
            autn: part(16),
            realm: challenge.realm_text().into_owned(),
            session: Some(Box::new(Session::new(challenge))),
            ..Self::empty(scheme)
        })
    }

    fn bearer(params: &str) -> Option<Self> {
        if params.len() > MAX_TEXT {
            return None;
        }
        let mut found = Self::empty(ProgramScheme::Bearer);
        for (name, value) in parameters(params) {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let text = match () {
                () if is("realm") => &mut found.realm,
                () if is("authz_server") => &mut found.authz_server,
                () if is("scope") => &mut found.scope,
                () if is("error") => &mut found.error,
                () => continue,
            };
            // Of repeated ones the first counts.
            if text.is_empty() {
                *text = unescape(value).into_owned();
            }
        }
        Some(found)
    }

    fn empty(scheme: ProgramScheme) -> Self {
        ProgramChallenge {
            scheme,
            by_proxy: false,
            realm: String::new(),
            authz_server: String::new(),
            scope: String::new(),
            error: String::new(),
            rand: [0; 16],
            autn: [0; 16],
            is_repeated: false,
            session: None,
        }
    }

    /// The scheme, and for Digest the algorithm, in words.
    pub fn name(&self) -> &'static str {
        match self.scheme {
            ProgramScheme::Bearer => "Bearer",
            ProgramScheme::AkaV1Md5 => Algorithm::AkaV1Md5.name(),
            ProgramScheme::AkaV2Md5 => Algorithm::AkaV2Md5.name(),
        }
    }

    /// The algorithm, if it is Digest.
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self.scheme {
            ProgramScheme::Bearer => None,
            ProgramScheme::AkaV1Md5 => Some(Algorithm::AkaV1Md5),
            ProgramScheme::AkaV2Md5 => Some(Algorithm::AkaV2Md5),
        }
    }

    pub(super) fn challenger(&self) -> Challenger {
        if self.by_proxy { Challenger::Proxy } else { Challenger::Registrar }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{ProgramAnswer, ProgramAnswers};
    use crate::request::Entropy;
    use crate::sip::{Draft, normalise};

    fn find(lines: &[&str]) -> Option<ProgramChallenge> {
        let text = format!("SIP/2.0 401 Unauthorized\r\n{}\r\n\r\n", lines.join("\r\n"));
        ProgramChallenge::find(&Message::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_bearer_challenge_names_its_server_and_scope() {
        let found = find(&["WWW-Authenticate: Basic dG9rZW4=, bearer realm=\"a \\\"b\\\"\", \
             authz_server = \"https://as.test/x,y\", scope=\"sip reg\", error=invalid_token, \
             realm=\"other\""]);
        let found = found.unwrap();
        assert_eq!((found.scheme, found.by_proxy), (ProgramScheme::Bearer, false));
        assert_eq!((&*found.realm, &*found.scope), ("a \"b\"", "sip reg"));
        let server = "https://as.test/x,y";
        assert_eq!((&*found.authz_server, &*found.error), (server, "invalid_token"));
        let bare = find(&["Proxy-Authenticate: Bearer"]).unwrap();
        assert_eq!((bare.by_proxy, &*bare.realm), (true, ""));
    }

    /// The nonce of the example in RFC 3310 section 4, whose padding is one of a byte more.
    #[test]
    fn rand_and_autn_are_what_the_nonce_begins_with() {
        let found = find(&["WWW-Authenticate: Digest realm=\"RoamingUsers@mobile.biz\", \
             nonce=\"MzQ0a2xrbGtmbGtsZm9wb2tsc2tqaHJzZXNy9uQyMzMzMzQK=\", qop=\"auth,auth-int\", \
             opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", algorithm=AKAv1-MD5"]);
        let found = found.unwrap();
        assert_eq!(found.scheme, ProgramScheme::AkaV1Md5);
        assert_eq!(found.realm, "RoamingUsers@mobile.biz");
        assert_eq!(&found.rand, b"344klklkflklfopo");
        assert_eq!(&found.autn, b"klskjhrsesr\xf6\xe4233");
    }

    #[test]
    fn no_change_of_a_byte_makes_a_challenge_that_breaks_a_line() {
        let nonce = "QUFB".repeat(11);
        let lines = [
            "Bearer realm=\"a\\\"b\", scope=\"s\", authz_server=\"https://a\", Digest x=y"
                .to_owned(),
            format!("Digest realm=\"a\", algorithm=AKAv1-MD5, qop=\"auth\", nonce=\"{nonce}\""),
        ];
        let mut entropy = Entropy::new([9; 32]);
        let mut found = 0;
        for round in 0..20_000 {
            let mut line = lines[round % 2].clone().into_bytes();
            for _ in 0..1 + round % 3 {
                let at = (entropy.bits() % line.len() as u128) as usize;
                line[at] = b"\"\\, =;:a\t\0\xff"[(entropy.bits() % 11) as usize];
            }
            let text = [b"SIP/2.0 401 U\r\nWWW-Authenticate: ", &line[..], b"\r\n\r\n"].concat();
            let text = normalise(&text);
            let Ok(response) = Message::parse(&text) else { continue };
            let Some(challenge) = ProgramChallenge::find(&response) else { continue };
            let answer = match challenge.scheme {
                ProgramScheme::Bearer => ProgramAnswer::Token("t".to_owned().into()),
                _ => ProgramAnswer::Resynchronize([1; 14]),
            };
            let mut answers = ProgramAnswers::default();
            assert!(answers.keep(&challenge, false, answer, "alice"));
            let mut draft = Draft::request("REGISTER", "sip:acme.test");
            answers.write(&mut draft, &mut entropy);
            assert_eq!(draft.head().matches('\n').count(), 2, "{}", draft.head());
            found += 1;
        }
        assert!(found > 5000, "{found}");
    }

    #[test]
    fn aka_comes_before_bearer_and_what_is_neither_is_left() {
        let nonce = "A".repeat(43);
        let aka = format!(
            "WWW-Authenticate: Bearer realm=\"x\", Digest realm=\"y\", nonce=\"{nonce}=\", \
             algorithm=\"akav2-md5\""
        );
        assert_eq!(find(&[&aka]).unwrap().scheme, ProgramScheme::AkaV2Md5);
        for other in [
            "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\"",
            "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=AKAv1-MD5",
            "WWW-Authenticate: Digest realm=\"x\", algorithm=AKAv1-MD5",
            "WWW-Authenticate: Digest realm=\"x\", nonce=\"QUFB\", algorithm=AKAv1-SHA-256",
            "WWW-Authenticate: Bear realm=\"x\", Bearerer realm=\"x\"",
            "WWW-Authenticate: ,, ;",
            "X: Bearer realm=\"x\"",
        ] {
            assert_eq!(find(&[other]), None, "{other}");
        }
        let long = format!("WWW-Authenticate: Bearer realm=\"{}\"", "x".repeat(5000));
        assert_eq!(find(&[&long]), None);
    }
}
