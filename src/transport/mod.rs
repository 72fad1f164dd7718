//! Where messages go and how they leave: flows, targets, server location, reflexive addresses.

mod connect;
mod destination;
mod dns_records;
mod error;
mod flow;
mod flow_losses;
mod flow_table;
mod io;
mod keepalive;
mod locate;
mod name_cache;
mod penalties;
mod random;
mod reflexive;
mod resolution;
mod services;
mod srv_order;
mod stun;
mod target_queue;
#[cfg(test)]
mod tests;
mod tls;
mod transport_set;

pub(crate) use connect::{ConnectDecision, Connected, Connects};
pub(crate) use destination::Destination;
pub use dns_records::{DnsError, NaptrRecord, RecordKind, Records, SrvRecord};
pub use error::{IcmpError, TransportError};
pub use flow::{AddressFamilies, Flow, FlowId, Listening, QueryId, Target, Transport};
pub(crate) use flow_losses::{FlowLosses, LONGEST_LOSS_WAIT};
pub(crate) use flow_table::{ConnectionLife, FlowDecision, FlowTable, LineEnds, Opening};
pub use io::{Input, Transmit};
pub(crate) use keepalive::{KeepAliveDecision, KeepAliveWish, KeepAlives};
pub use locate::LocateError;
pub(crate) use locate::{LocateOutcome, Located, Locator};
pub(crate) use random::duration_between;
pub(crate) use reflexive::{ReflexiveAddrs, is_plausible};
pub(crate) use resolution::LocateSettings;
pub use services::{DomainService, DomainServices, ServicesError, services_of, uri_of_number};
pub use stun::{StunId, binding_request, binding_response};
pub use target_queue::TargetQueue;
pub use tls::{CertificateFiles, CipherList, CipherSuite, TlsError, TlsFailure, TlsSettings};
pub use transport_set::TransportSet;
