//! SIP registration for C programs: the eXosip2 register API over one modern engine.
//!
//! The rooms, from the outside in; README.md has the picture and `tests/rooms.rs` holds them apart.

/// Messages, header fields and URIs: parse and print.
#[forbid(unsafe_code)]
pub mod sip;
