//! TLS 1.2 and 1.3 (RFC 5246, RFC 8446) as SIP uses it (RFC 5922): sessions over bytes, and whom
//! they are with.

mod certificate;
mod config;
mod connector;
mod der;
mod error;
mod files;
mod identity;
mod names;
mod pin;
mod roots;
mod session;
#[cfg(test)]
mod tests;
mod tickets;
mod verifier;

pub(crate) use connector::TlsConnector;
pub(crate) use session::TlsSession;
pub use verifier::check_certificate;
