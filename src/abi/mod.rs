//! The C face: `extern "C"` functions and C structs, one file for each public header.
//!
//! A `pub mod` is a header in `include/` (tests/project/headers/printer.rs follows these lines);
//! the other modules serve them.

pub(crate) mod cancelable;
#[macro_use]
pub(crate) mod ffi;
pub mod exosip2;
mod layout;
pub mod osip2;
pub mod osipparser2;
pub mod registerer;

#[doc(hidden)]
pub use layout::{Layout, ilp32, lp64};
