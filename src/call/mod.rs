//! Calls: INVITE sessions (RFC 3261 sections 13 to 15).

pub mod answer;
pub mod invite;
pub mod within;
