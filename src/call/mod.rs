//! Calls (RFC 3261 sections 13 to 15): one machine for both sides, from the INVITE to the end of
//! what follows the BYE.
//!
//! A call is a transaction user: it is given responses, requests and instants, and what it
//! decides is a list of `CallAction`s that its caller carries out. It sends nothing itself.

mod acknowledgement;
mod action;
pub mod answer;
pub mod invite;
mod machine;
pub mod negotiated;
mod outgoing;
mod own_invite;
mod own_invite_responses;
mod peer_answers;
mod peer_invite;
mod peer_requests;
pub mod redirect;
pub mod replaces;
mod retries;
pub mod sdp_body;
mod session;
pub mod session_timer;
mod timeouts;
pub mod within;

pub use action::{CallAction, CallContext, CallEvent, CallEventKind};
pub use machine::{Call, Terminated};
pub use peer_requests::Placement;
