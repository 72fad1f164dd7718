//! SIP registration for C programs: the eXosip2 register API over one modern engine.
//!
//! The rooms, from the outside in; README.md has the picture and `tests/rooms.rs` holds them apart.

/// The C face: `extern "C"` functions, one file for each public header.
#[allow(unsafe_code)]
pub mod abi;
/// Memory that C may free: text, lists and structs from `osip_malloc_func`.
#[allow(unsafe_code)]
pub mod cmem;
/// Where log lines go: levels and sinks.
#[forbid(unsafe_code)]
pub mod trace;

/// One lock, one blocking transport thread, one clock, one event queue: drives `agent` over `net`.
#[deny(unsafe_code)]
pub mod engine;
/// Sockets, wake-up, name look-up: bytes in, bytes out.
#[allow(unsafe_code)]
pub mod net;

/// All registrations of one context behind five verbs: no clock, no socket, no lock, no dice.
#[forbid(unsafe_code)]
pub mod agent;
/// One binding: ask, prove, renew, remove, explain.
#[forbid(unsafe_code)]
pub mod registration;
/// One request and its answers: RFC 3261 section 17.
#[forbid(unsafe_code)]
pub mod transaction;

/// Answers a digest challenge: RFC 7616, RFC 8760.
#[forbid(unsafe_code)]
pub mod digest;
/// Messages, header fields and URIs: parse and print.
#[forbid(unsafe_code)]
pub mod sip;
