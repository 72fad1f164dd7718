//! Why a command was refused.

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
    /// The context was not initialised, was quit, or belongs to the parent process of a fork.
    NotInitialized,
    /// Challenges were answered as often as is allowed, or the credentials were refused.
    RetryLimit,
    /// No memory, file descriptor or thread could be had, an address could not be bound, or nothing can be done.
    Undefined,
    /// A panic was caught in this context; it answers nothing more.
    Broken,
}

impl From<crate::sip::SyntaxError> for Refusal {
    fn from(error: crate::sip::SyntaxError) -> Self {
        Refusal::Syntax(error.what)
    }
}
