//! Calls: INVITE sessions (RFC 3261 sections 13 to 15).

pub mod answer;
pub mod invite;
pub mod negotiated;
pub mod redirect;
pub mod replaces;
pub mod sdp_body;
pub mod session_timer;
pub mod within;
