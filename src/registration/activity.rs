//! What a registration does: it waits, a REGISTER is under way, or something else has to change.

use crate::auth::AuthError;
use crate::transaction::TransactionId;
use std::time::Instant;

/// What a registration does now. Each activity carries its own moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// Nothing is planned.
    Idle,
    /// A REGISTER awaits its final response.
    Requesting {
        /// Its transaction.
        transaction: TransactionId,
        /// The attempt that it belongs to.
        attempt: Attempt,
    },
    /// The next REGISTER is planned.
    Scheduled {
        /// When it is sent.
        at: Instant,
        /// The attempt that it belongs to.
        attempt: Attempt,
    },
    /// The next REGISTER is due and waits until the limits on requests in flight allow it.
    Queued {
        /// The attempt that it belongs to.
        attempt: Attempt,
    },
    /// The program is asked to answer a challenge.
    AwaitingAnswer {
        /// Until when it may.
        until: Instant,
        /// The attempt that goes on then.
        attempt: Attempt,
    },
    /// Nothing is sent until the credentials change.
    Blocked {
        /// What is wrong with those at hand.
        error: BlockReason,
    },
    /// Nothing is sent any more.
    Terminated,
}

/// A REGISTER and what follows it at once: answers to challenges, a longer expiry, redirections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Why the REGISTER is sent.
    pub reason: Reason,
    /// Answers to challenges in this attempt.
    pub answers: u8,
    /// Responses 423 that were followed in this attempt.
    pub min_expires_raises: u8,
    /// Redirections that were followed in this attempt.
    pub redirections: u8,
}

impl Attempt {
    /// An attempt that begins.
    pub fn new(reason: Reason) -> Self {
        Attempt { reason, answers: 0, min_expires_raises: 0, redirections: 0 }
    }
}

/// Why a REGISTER is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The application asked for it.
    Application,
    /// The binding is refreshed.
    Refresh,
    /// The last attempt failed.
    Retry,
    /// Our Contact moves to the address that the server saw.
    AddressChanged,
    /// The network, the mapping or the flow has changed.
    NetworkChanged,
    /// The server sent a challenge.
    Challenge,
    /// The server wants a longer expiry (423).
    MinExpires,
}

/// Why a registration is blocked until its credentials change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockReason {
    /// There are no credentials for this realm.
    NoCredentials {
        /// The realm of the challenge.
        realm: Box<str>,
    },
    /// The server refused the credentials.
    Refused {
        /// The realm they are for, if the request named one.
        realm: Option<Box<str>>,
    },
    /// No challenge can be answered.
    Unanswerable,
    /// Challenges were answered as often as is allowed.
    RetryLimit,
}

impl BlockReason {
    /// The realm whose credentials help.
    pub fn realm(&self) -> Option<&str> {
        match self {
            BlockReason::NoCredentials { realm } => Some(realm),
            BlockReason::Refused { realm } => realm.as_deref(),
            BlockReason::Unanswerable | BlockReason::RetryLimit => None,
        }
    }
}

impl From<&AuthError> for BlockReason {
    fn from(error: &AuthError) -> Self {
        match error {
            AuthError::NoCredentials { realm, .. } => {
                BlockReason::NoCredentials { realm: realm.as_str().into() }
            }
            AuthError::Refused { realm, .. } => {
                BlockReason::Refused { realm: Some(realm.as_str().into()) }
            }
            _ => BlockReason::Unanswerable,
        }
    }
}
