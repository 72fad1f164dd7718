//! One binding: its REGISTERs, their responses, and two policies (RFC 3261 section 10.2).
//!
//! A `Registration` writes the texts of its REGISTERs and keeps what the server holds. It has no
//! transaction and no parsed message: between two requests the last one is kept as text, and the
//! next is made from it. When to send is decided in `policy`: by `automatic_action` for the eXosip
//! calls, by `managed` for registrations that refresh by themselves. A policy calls methods of a
//! registration; it sets no field of it.

mod account;
mod activity;
mod binding;
mod granted;
mod kept;
pub mod policy;
mod reginfo;
mod renewal;
mod request;
mod response;
mod wire;

pub use account::InitialRegister;
pub use activity::{Activity, Attempt, BlockReason, Reason};
pub use binding::{LeftBinding, Registration};
pub use granted::{Facts, KnownBy};
pub use reginfo::{ContactEvent, ContactInfo, Reginfo};
pub use response::{EventReason, RegistrationOutcome};
pub use wire::{WireRequest, WriteScratch};
