//! Credentials, challenges, nonces and the answers to challenges (RFC 7616, RFC 8760).
//!
//! Where no qop is offered the answer is that of RFC 2069.

mod aka;
mod algorithm;
mod authorization;
mod challenge;
mod credential_store;
mod credentials;
mod digest_state;
mod error;
mod program_answers;
mod program_challenge;
mod protection_space;
mod remembered_nonces;
mod session;
mod slab;

pub use aka::AkaResponse;
pub use algorithm::Algorithm;
pub(crate) use authorization::{authorization_lines, push_initial_authorization};
pub use challenge::{Challenge, Unanswerable, challenges, parameters};
pub use credentials::{AccountLogin, CredentialText, Credentials};
pub use digest_state::{ChallengeOutcome, ChallengePolicy, DigestState, again};
pub use error::AuthError;
pub use program_answers::{ProgramAnswer, ProgramAnswers, tokens_hidden};
pub use program_challenge::{ProgramChallenge, ProgramScheme};
pub use remembered_nonces::{Prover, RememberedNonces};
pub use session::{AuthorizedRequest, Login, Secret, Session};
