//! Requests outside of dialogs and registrations, in and out.

pub mod request;
pub mod response;
pub mod shares;

pub use request::OutOfDialog;
