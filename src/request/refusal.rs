//! Why a command was refused.

use std::fmt;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An argument is missing or out of range.
    BadParameter,
    /// A request is pending, or the context already listens.
    WrongState,
    /// A text is no SIP.
    Syntax(&'static str),
    /// No such registration, transaction or credential.
    NotFound,
    /// No transport is open.
    NoNetwork,
    /// Challenges were answered as often as is allowed, or the credentials were refused.
    RetryLimit,
    /// A provisional response that is to be acknowledged is not reliable (RFC 3262).
    NoReliability,
    /// No memory, file descriptor or thread is left, an address cannot be bound, or nothing can be
    /// done.
    Undefined,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::BadParameter => "an argument is missing or out of range",
            Refusal::WrongState => "this cannot be done in the present state",
            Refusal::Syntax(what) => what,
            Refusal::NotFound => "there is no such registration, transaction or credential",
            Refusal::NoNetwork => "no transport is open",
            Refusal::RetryLimit => "challenges were answered as often as is allowed",
            Refusal::NoReliability => "the response has no RSeq",
            Refusal::Undefined => "the system does not allow it, or nothing can be done",
        })
    }
}

impl std::error::Error for Refusal {}

impl From<crate::sip::SyntaxError> for Refusal {
    fn from(error: crate::sip::SyntaxError) -> Self {
        Refusal::Syntax(error.what)
    }
}
