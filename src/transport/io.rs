//! What the network reports to the core about flows and names, and what the core asks of it.

use super::{DnsError, FlowId, QueryId, RecordKind, Records, Target, TransportError};
use crate::sip::Text;
use std::net::SocketAddr;
use std::time::Duration;

/// What comes in from outside.
#[derive(Debug)]
pub enum Input<'a> {
    /// Exactly one message, or a keep-alive.
    Message {
        /// The flow that it came over.
        flow: FlowId,
        /// Its bytes, at most 65,535 of a datagram.
        bytes: &'a [u8],
    },
    /// Answers [`Transmit::Open`]; for UDP at once.
    Opened {
        /// The flow.
        flow: FlowId,
        /// Our address on it, with the port that we receive on.
        local: SocketAddr,
    },
    /// A flow cannot be opened or is gone, or a datagram was not delivered.
    Failed {
        /// The flow.
        flow: FlowId,
        /// Why.
        error: TransportError,
        /// As much of what was sent as came back; may be empty.
        bytes: &'a [u8],
    },
    /// Answers [`Transmit::Query`].
    Records {
        /// Which question.
        query: QueryId,
        /// The records, or why there are none.
        answer: Result<Records, DnsError>,
    },
    /// Addresses, routes or links of ours came or went.
    Interfaces,
    /// The machine slept, and `now` has gone on by that time.
    Resumed {
        /// How long.
        slept: Duration,
    },
}

/// What is asked of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transmit {
    /// Open this flow, or find its local address again where it is open.
    Open {
        /// The name of the flow from here on.
        flow: FlowId,
        /// Where it leads.
        target: Target,
    },
    /// Send these bytes.
    Send {
        /// Over this flow.
        flow: FlowId,
        /// The message or keep-alive.
        bytes: Text,
    },
    /// Close a connection. No flow over UDP is closed.
    Close {
        /// The flow, which is not named again.
        flow: FlowId,
    },
    /// Ask for the records of one kind at one name.
    Query {
        /// Names the question in the answer.
        query: QueryId,
        /// The name, without a dot at its end.
        name: String,
        /// The kind of records.
        kind: RecordKind,
    },
}
