//! One binding: ask, prove, renew, remove, explain (RFC 3261 section 10.2).
//!
//! A `Registration` writes the texts of its REGISTERs and reads their answers. It holds no transaction and no parsed
//! message: between two requests the last one is kept as text, and the next is made from it. When to send is policy, in
//! `legacy` for the eXosip calls, in `registerer` for the modern face.

mod answer;
mod ask;
mod binding;
mod contact;
mod credentials;
mod entropy;
mod granted;
mod kept;
mod keyring;
pub mod legacy;
mod outline;
mod paper;
mod proof;
pub mod registerer;
mod renewal;
mod request;
mod settings;
mod text;
mod wire;

pub use answer::Verdict;
pub use ask::Targets;
pub use binding::{Registration, Standing};
pub use credentials::{AccountLogin, CredentialText, Credentials};
pub use entropy::{Entropy, push_hex};
pub use outline::{Asks, Outline};
pub use paper::{Papers, Text};
pub use proof::{Demand, Proof};
pub use settings::{InitialRegister, Masquerade, Settings};
pub use text::{OutOfDialog, Party, Place, again, complete_request, user_of};
pub use wire::{Local, Ready, Sheets};

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
