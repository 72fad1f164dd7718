//! A SIP user agent for C programs: the API of eXosip2 and libosip2, and registerer.h.
//!
//! The modules, from the outside in. DESIGN.md has the picture; `tests/rooms.rs` checks who imports
//! whom.

/// The C face: `extern "C"` functions, one file for each public header.
#[allow(unsafe_code)]
pub mod abi;
/// Memory that C may free: text, lists and structs from `osip_malloc_func`.
#[allow(unsafe_code)]
pub mod cmem;
/// Where log lines go: levels and sinks.
#[forbid(unsafe_code)]
pub mod trace;

/// One lock, one clock, one event queue. One thread at a time drives the sockets: one of the
/// application that waits for an event, otherwise the network thread.
#[deny(unsafe_code)]
pub mod engine;
/// Sockets, wake-up, name look-up: bytes in, bytes out.
#[allow(unsafe_code)]
pub mod net;

/// One context behind five verbs: no clock, no socket, no lock, no randomness but its seed.
#[forbid(unsafe_code)]
pub mod agent;
/// INVITE sessions (RFC 3261 sections 13 to 15).
#[forbid(unsafe_code)]
pub mod call;
/// Requests outside of dialogs and registrations, in and out.
#[forbid(unsafe_code)]
pub mod messaging;
/// One binding and its two policies (RFC 3261 section 10.2).
#[forbid(unsafe_code)]
pub mod registration;
/// Event state: SUBSCRIBE, NOTIFY, REFER outside of calls, PUBLISH (RFC 6665, 3515, 3903).
#[forbid(unsafe_code)]
pub mod subscription;

/// Dialogs: ids, route set, target, sequence numbers (RFC 3261 section 12).
#[forbid(unsafe_code)]
pub mod dialog;

/// Credentials, challenges, nonces, Authorization (RFC 7616, RFC 8760).
#[forbid(unsafe_code)]
pub mod auth;
/// What every request of ours has: Via, From, To, Call-ID, CSeq, Contact, Route; tokens; settings.
#[forbid(unsafe_code)]
pub mod request;
/// Client and server transactions (RFC 3261 section 17), their tables and timers.
#[forbid(unsafe_code)]
pub mod transaction;
/// Flows, targets, server location, reflexive addresses.
#[forbid(unsafe_code)]
pub mod transport;

/// Session descriptions: parse and print (RFC 8866), and what offer and answer need (RFC 3264).
#[forbid(unsafe_code)]
pub mod sdp;
/// Messages, header fields and URIs: parse and print.
#[forbid(unsafe_code)]
pub mod sip;

#[cfg(test)]
mod instants;
