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
    /// Timer A or E: the request is to be sent again; this target has said nothing for so long.
    Retransmit(Duration),
    /// Timer B or F: there is no final response.
    TimedOut,
    /// The INVITE was cancelled, and its target, which has said something, does not end it.
    Unfinished,
    /// Timer D, K or M: the transaction is gone.
    Released,
}

/// What a response did.
#[derive(Debug)]
pub enum Received {
    /// It answers no request of ours.
    Unknown,
    /// One more of what is known already.
    Absorbed,
    /// One more to an INVITE, whose ACK is to be sent again over this flow; or a late one from a
    /// target that the INVITE has moved on from, where its ACK or CANCEL is to be sent.
    Reply(FlowId, Text),
    /// A further 2xx to an INVITE, with that as sent: the same again, or of another branch.
    AnsweredAgain(TransactionUser, Text),
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
    /// The ACK that is to be sent over the same flow: to 300–699 for an INVITE.
    pub ack: Option<Text>,
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
