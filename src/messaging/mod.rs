//! Requests outside of dialogs and registrations, in and out.

mod incoming;
mod outgoing;

pub use incoming::{IncomingRequests, Reception, reception};
pub use outgoing::OutgoingRequests;
