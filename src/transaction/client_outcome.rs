//! What client transactions are given, and what becomes of them.

use super::TransactionUser;
use crate::sip::{Draft, Text};
use crate::transport::{Flow, FlowId, Target};
use std::time::Duration;

/// A target, and other addresses of the same server that are connected to beside it.
pub type ServerAddresses = (Target, Vec<Target>);

/// A request to be sent over a flow to the next of its targets.
#[derive(Debug)]
pub struct Transmission {
    /// The flow.
    pub flow: Flow,
    /// The request, without addresses.
    pub request: Draft,
    /// The branch to be written into its Via; `None`: it stays.
    pub branch: Option<String>,
}

/// What a timer of a client transaction did.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientFired {
    /// Timer E: the request is to be sent again; this target has said nothing for so long.
    Retransmit(Duration),
    /// Timer F: there is no final response.
    TimedOut,
    /// Timer K: the transaction is gone.
    Released,
}

/// What a response did.
#[derive(Debug)]
pub enum Received {
    /// It answers no request of ours.
    Unknown,
    /// One more of what is known already.
    Absorbed,
    /// 1xx, with the request as sent.
    Provisional(TransactionUser, Option<Text>),
    /// The final response.
    Final(Answered),
}

/// What a transaction was whose final response has come.
#[derive(Debug)]
pub struct Answered {
    /// Whose it was.
    pub user: TransactionUser,
    /// The request as sent.
    pub request: Text,
    /// The flow that it was sent over.
    pub flow: Flow,
    /// The flow that it does not use any more.
    pub released: Option<FlowId>,
}

/// What is kept of a client transaction that was given up.
#[derive(Debug)]
pub struct Abandoned {
    /// Whose it was.
    pub user: TransactionUser,
    /// The request as last sent, or as it stood.
    pub request: Option<Text>,
    /// The flow that it does not use any more.
    pub released: Option<FlowId>,
}
