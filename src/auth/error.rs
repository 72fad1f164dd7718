//! Why a request cannot be authenticated.

use super::{Algorithm, Unanswerable};
use crate::sip::excerpt;
use std::fmt;

/// Why a 401 or 407 cannot be answered, or is not answered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthError {
    /// There are no credentials for the user in this realm.
    NoCredentials {
        /// The user of From.
        user: String,
        /// The realm.
        realm: String,
    },
    /// The server refused the credentials.
    Refused {
        /// The realm.
        realm: String,
        /// The digest username that was refused.
        username: String,
    },
    /// The HA1 at hand is for another algorithm.
    AlgorithmMismatch {
        /// The realm.
        realm: String,
        /// The algorithm that the server wants.
        algorithm: Algorithm,
    },
    /// The algorithm is weaker than the weakest that is answered.
    WeakAlgorithm {
        /// The realm.
        realm: String,
        /// The algorithm that the server wants.
        algorithm: Algorithm,
    },
    /// The challenge is of a kind that is not known here.
    Unanswerable(Unanswerable),
    /// There is no challenge in the response.
    NoChallenge,
}

impl AuthError {
    /// The realm in which other credentials would help.
    pub fn realm(&self) -> Option<&str> {
        match self {
            AuthError::NoCredentials { realm, .. }
            | AuthError::Refused { realm, .. }
            | AuthError::AlgorithmMismatch { realm, .. } => Some(realm),
            _ => None,
        }
    }

    /// The same as [`std::fmt::Display`] writes, as a sentence that stands alone.
    pub fn sentence(&self) -> String {
        let text = self.to_string();
        let mut chars = text.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        format!("{}{}.", first.unwrap_or_default(), chars.as_str())
    }

    /// Which of several errors in one response is reported: the one that is nearest to an answer.
    pub(super) fn rank(&self) -> u8 {
        match self {
            AuthError::NoCredentials { .. } => 4,
            AuthError::Refused { .. } => 3,
            AuthError::AlgorithmMismatch { .. } => 2,
            AuthError::WeakAlgorithm { .. } => 2,
            AuthError::Unanswerable(_) => 1,
            AuthError::NoChallenge => 0,
        }
    }
}

impl std::error::Error for AuthError {}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthError::NoCredentials { user, realm } => {
                let (user, realm) = (excerpt(user), excerpt(realm));
                write!(f, "there are no credentials for \"{user}\" in realm \"{realm}\"")
            }
            AuthError::Refused { realm, username } => {
                let (realm, username) = (excerpt(realm), excerpt(username));
                write!(
                    f,
                    "the credentials are wrong: \"{username}\" was refused in realm \"{realm}\""
                )
            }
            AuthError::AlgorithmMismatch { realm, algorithm } => {
                let (realm, algorithm) = (excerpt(realm), algorithm.name());
                write!(f, "the HA1 in realm \"{realm}\" is for another algorithm than {algorithm}")
            }
            AuthError::WeakAlgorithm { realm, algorithm } => {
                let (realm, algorithm) = (excerpt(realm), algorithm.name());
                write!(f, "the algorithm {algorithm} in realm \"{realm}\" is weaker than allowed")
            }
            AuthError::Unanswerable(why) => {
                write!(f, "the challenge cannot be answered: {}", excerpt(&why.to_string()))
            }
            AuthError::NoChallenge => {
                f.write_str("the challenge cannot be answered: no challenge in it")
            }
        }
    }
}
