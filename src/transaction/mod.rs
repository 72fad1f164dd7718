//! Client and server transactions (RFC 3261 section 17), their tables and all timers of a context.
//!
//! A transaction knows its state, its timers and what is retransmitted. What its bytes say belongs
//! to its user, who is named by `TransactionUser`.

mod branch;
mod cancellation;
mod client;
mod client_outcome;
mod client_transaction;
mod failure;
mod ids;
mod invite_client;
mod invite_requests;
mod past_invite;
mod reply_allowance;
mod server;
mod server_shares;
mod server_transactions;
mod shrink;
mod timers;
mod transactions;

pub use branch::Branch;
pub use client::{ClientState, ClientTimer, NonInviteClient, ResponseKind};
pub use client_outcome::{
    Abandoned, Answered, ClientFired, Received, ServerAddresses, Transmission,
};
pub use failure::NoResponse;
pub use ids::{Cid, Did, EventIds, PublicationId, Rid, Tid, TransactionId, TransactionUser};
pub use invite_client::InviteClient;
pub use reply_allowance::reply_limit;
pub use server::{Server, ServerTimer, server_key};
pub use server_shares::{Place, RequestOrigin, Requester, ServerShares, Share};
pub use server_transactions::ServerFired;
pub use timers::{Deadline, Timer, TimerQueue};
pub use transactions::Transactions;

use std::time::Duration;

/// T1, the round-trip estimate: 500 ms (RFC 3261 section 17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);
/// T2, the longest retransmission interval of a non-INVITE request: 4 s.
pub const T2: Duration = Duration::from_secs(4);
/// T4, how long a message may live in the network: 5 s.
pub const T4: Duration = Duration::from_secs(5);
/// Timer F, 64·T1: a request without a final response is given up 32 s after it was queued. Timers
/// B, H, J, L and M are as long.
pub const TIMER_F: Duration = Duration::from_secs(32);
/// Timer D over UDP: for so long copies of the response to an INVITE that was refused may come.
pub const TIMER_D: Duration = Duration::from_secs(32);
