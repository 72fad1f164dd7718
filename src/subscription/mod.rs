//! Event state that is published (RFC 3903).

mod attempt;
mod publication;
mod publications;
mod publish;

pub use attempt::{NextPublish, PublishAttempt};
pub use publication::{Publication, PublishOutcome};
pub use publications::{PublicationKey, Publications};
pub use publish::InitialPublish;
