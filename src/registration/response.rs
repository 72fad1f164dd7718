//! What the events of a registration say.

use crate::auth::AuthError;
use crate::transaction::NoResponse;
use std::fmt;

/// What a registration event says besides its kind; `Display` says it for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventReason {
    /// The response says it.
    Response,
    /// A challenge cannot be answered.
    Challenge(AuthError),
    /// Challenges were answered as often as is allowed.
    TooManyChallenges,
    /// The minimum of a 423 is not followed.
    MinExpires {
        /// What the server wants.
        minimum: u32,
        /// What was asked for.
        asked: u32,
    },
    /// There was no final response.
    NoResponse(NoResponse),
    /// What the policy of a managed registration says about itself.
    Explained(String),
}

impl fmt::Display for EventReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventReason::Response => Ok(()),
            EventReason::Challenge(error) => f.write_str(&error.sentence()),
            EventReason::TooManyChallenges => f.write_str(
                "The server asks again and again: the user name or password is probably wrong.",
            ),
            EventReason::MinExpires { minimum, asked } => {
                write!(f, "The server wants at least {minimum} s, asked were {asked} s.")
            }
            EventReason::NoResponse(why) => write!(f, "{why}."),
            EventReason::Explained(text) => write!(f, "{text}."),
        }
    }
}

/// A registration event of the eXosip calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationOutcome {
    /// The server accepted the REGISTER.
    pub success: bool,
    /// What there is to say.
    pub reason: EventReason,
    /// The binding was removed as asked: the registration is over.
    pub removed: bool,
}

impl RegistrationOutcome {
    /// A REGISTER that failed.
    pub fn failed(reason: EventReason) -> Self {
        RegistrationOutcome { success: false, reason, removed: false }
    }

    /// A REGISTER that was accepted; `removed`: it was to remove the binding.
    pub fn accepted(removed: bool) -> Self {
        RegistrationOutcome { success: true, reason: EventReason::Response, removed }
    }
}
