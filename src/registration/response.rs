//! What both policies read from a final response.

use crate::auth::AuthError;
use crate::sip::Message;
use crate::transaction::NoResponse;
use std::fmt;
use std::time::Duration;

/// The longest Retry-After that is believed: one day.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(86_400);
/// The largest Min-Expires that is followed where nothing else is set: a year.
pub(super) const LARGEST_MIN_EXPIRES: u32 = 365 * 86_400;
/// A binding is not counted on for longer than so many times what was asked for.
const LARGEST_GRANT: u32 = 24;

/// What Retry-After says; 0 and what is no number count as absent.
pub(super) fn retry_after(response: &Message<'_>) -> Option<Duration> {
    let wait = Duration::from_secs(response.retry_after()?.seconds.into());
    (!wait.is_zero()).then_some(wait.min(LONGEST_RETRY_AFTER))
}

/// The seconds to ask for after a 423 to a request for `asked` seconds (RFC 3261 section 10.2.8).
/// `None`: it names none that a longer request could meet, or more than `largest`.
pub(super) fn min_expires(response: &Message<'_>, asked: u32, largest: u32) -> Option<u32> {
    let longer = |seconds: &u32| asked > 0 && *seconds > asked && *seconds <= largest;
    response.seconds("Min-Expires").filter(longer)
}

/// The seconds that a grant of `seconds` to a request for `asked` seconds counts for. A registrar
/// may grant more than was asked for, but no binding lasts for years because of a broken number.
pub(super) fn believable_grant(seconds: u32, asked: u32) -> u32 {
    seconds.min(asked.saturating_mul(LARGEST_GRANT))
}

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
