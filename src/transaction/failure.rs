//! Why a request got no final response.

use crate::transport::{LocateError, TransportError};
use std::fmt;
use std::net::SocketAddr;

/// Why a request got no final response; `Display` says it for a person, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoResponse {
    /// Timer F fired.
    Timeout {
        /// Where the request went last.
        remote: SocketAddr,
        /// What the network reported meanwhile.
        error: Option<TransportError>,
    },
    /// Timer F fired before the request could be sent.
    ResolutionTimeout,
    /// The next hop was not located (RFC 3263).
    NotLocated(LocateError),
    /// No address is left to send to.
    NoAddress,
    /// No flow could be opened to the last target.
    NotOpened(TransportError),
    /// The transport could not deliver the request.
    Transport {
        /// Where the request went.
        remote: SocketAddr,
        /// What the network said.
        error: TransportError,
    },
    /// No transport is open.
    NoTransport,
    /// The request could not be made: why.
    NotSent(String),
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoResponse::Timeout { remote, error: None } => {
                write!(f, "No answer from {remote} within 32 s")
            }
            NoResponse::Timeout { remote, error: Some(error) } => {
                write!(f, "No answer from {remote} within 32 s ({error})")
            }
            NoResponse::ResolutionTimeout => {
                f.write_str("The registrar's name was not resolved within 32 s")
            }
            NoResponse::NotLocated(error) => error.fmt(f),
            NoResponse::NoAddress => f.write_str("There is no address for the registrar"),
            NoResponse::NotOpened(error) => error.fmt(f),
            NoResponse::Transport { remote, error } => {
                write!(f, "The request could not be sent to {remote}: {error}")
            }
            NoResponse::NoTransport => f.write_str("no transport is open"),
            NoResponse::NotSent(why) => write!(f, "the REGISTER cannot be sent: {why}"),
        }
    }
}
