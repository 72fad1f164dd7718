//! Why a command of the engine was refused.

use crate::agent;
use std::fmt;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The core refuses it, or the system: no descriptor, no thread, an address in use.
    Core(agent::Refusal),
    /// A panic was caught in this context; it does nothing more.
    Broken,
    /// The context has ended.
    Ended,
    /// The context belongs to the parent of this process (fork(2)).
    Forked,
}

impl From<agent::Refusal> for Refusal {
    fn from(refusal: agent::Refusal) -> Self {
        Refusal::Core(refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Core(refusal) => refusal.fmt(f),
            Refusal::Broken => f.write_str("the context is broken since a panic was caught in it"),
            Refusal::Ended => f.write_str("the context has ended"),
            Refusal::Forked => f.write_str("the context belongs to the parent of this process"),
        }
    }
}

impl std::error::Error for Refusal {}
