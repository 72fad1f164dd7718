//! Credentials, challenges, nonces and the answers to challenges (RFC 7616, RFC 8760; RFC 2069 where no qop is offered).

mod algorithm;
mod answer;
mod challenge;
mod credentials;
mod recent;
mod session;
mod store;

pub use algorithm::Algorithm;
pub(crate) use answer::written;
pub use answer::{ChallengeOutcome, DigestState};
pub use challenge::{Challenge, Unanswerable, challenges, parameters};
pub use credentials::{AccountLogin, CredentialText, Credentials};
pub use recent::Recent;
pub use session::{Asked, Login, Secret, Session};
