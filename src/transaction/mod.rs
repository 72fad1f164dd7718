//! One request and its answers: RFC 3261 section 17.
//!
//! A transaction knows its state and its timers; whose it is and what the bytes are is the caller's.

mod answered;
mod branch;
mod client;
mod due;
mod ids;
mod pending;
mod server;
mod shrink;
mod timers;

pub(crate) use answered::Answered;
pub(crate) use branch::{branch_in, branch_number, branch_text};
pub use client::{Client, Fired, Heard, State};
pub(crate) use due::Due;
pub use ids::{Rid, Tid, TransactionId};
pub(crate) use pending::{Transaction, TransactionUser};
pub use server::{Server, ServerFired};
pub(crate) use shrink::{enough, is_too_much};
pub(crate) use timers::{Timer, Timers, earlier};

use std::time::Duration;

/// T1, the round-trip estimate: 500 ms (RFC 3261 section 17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);
/// T2, the longest retransmission interval of a non-INVITE request: 4 s.
pub const T2: Duration = Duration::from_secs(4);
/// T4, how long a message may live in the network: 5 s.
pub const T4: Duration = Duration::from_secs(5);
/// Timer F, 64·T1: a request without a final answer is given up 32 s after it was queued.
pub const TIMER_F: Duration = Duration::from_secs(32);
