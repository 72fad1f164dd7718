//! Answers a challenge and counts nonces (RFC 7616, RFC 8760; RFC 2069 where no qop is offered).

mod algorithm;
mod challenge;
mod recent;
mod session;

pub use algorithm::Algorithm;
pub use challenge::{Challenge, Unanswerable, challenges, parameters};
pub use recent::Recent;
pub use session::{Asked, Login, Secret, Session};
