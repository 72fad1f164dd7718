//! Answers a challenge and counts nonces (RFC 7616, RFC 8760; RFC 2069 where no qop is offered).

mod algorithm;
mod challenge;
mod session;

pub use algorithm::Algorithm;
pub use challenge::{Challenge, Unanswerable, challenges, parameters};
pub use session::{Login, Secret, Session};
