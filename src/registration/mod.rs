//! One binding: ask, prove, renew, remove, explain (RFC 3261 section 10.2).
//!
//! A `Registration` writes the texts of its REGISTERs and reads their answers. It holds no transaction and no parsed
//! message: between two requests the last one is kept as text, and the next is made from it. When to send is policy, in
//! `policy` for the eXosip calls, in `registerer` for the managed face.

mod account;
mod binding;
mod granted;
mod kept;
pub mod policy;
mod renewal;
mod request;
mod response;
mod wire;

pub use account::{InitialRegister, RequestUriCache};
pub use binding::{Registration, RegistrationState};
pub use response::Verdict;
pub use wire::{WireRequest, WriteScratch};
