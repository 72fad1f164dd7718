//! What goes into the core from the network, and what comes out for it.

use super::{QueryId, Route};
use crate::sip::Text;
use std::net::SocketAddr;

/// What comes in from outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// A datagram.
    Datagram {
        /// Its sender.
        from: SocketAddr,
        /// Its bytes, at most 65,535.
        bytes: &'a [u8],
    },
    /// The network could not deliver a datagram of ours.
    Undelivered {
        /// Where it was to go.
        to: SocketAddr,
        /// In words: "Connection refused (ICMP port unreachable from 192.0.2.1)".
        reason: String,
        /// The send call itself failed for good (no network, too long): there is no use in waiting for an answer.
        /// An ICMP error is none of that.
        fatal: bool,
        /// As much of the datagram as came back; may be empty.
        bytes: &'a [u8],
    },
    /// The answer to [`Transmit::Route`].
    Routed {
        /// Which question.
        query: QueryId,
        /// The routes, best first, or why there is none, in words.
        outcome: Result<Vec<Route>, String>,
    },
}

/// What wants to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transmit {
    /// Send these bytes.
    Datagram {
        /// To this address.
        to: SocketAddr,
        /// The message or keep-alive.
        bytes: Text,
    },
    /// Find the way to a host; answered by [`Input::Routed`], at once or later.
    Route {
        /// Names the question in the answer.
        query: QueryId,
        /// A name, or an IP address without brackets.
        host: String,
        /// The port.
        port: u16,
        /// No port was asked for: the SRV records of the domain may tell servers and ports (RFC 3263 section 4.2).
        servers: bool,
    },
}
