//! Where messages go and how they leave: flows, targets, server location, reflexive addresses.

#[allow(dead_code, reason = "the agent locates by routes until it names flows")]
mod destination;
#[allow(dead_code, reason = "only the locator and keep-alives draw from it")]
mod dice;
mod dns_records;
mod error;
mod flow;
#[allow(dead_code, reason = "the agent does not name flows yet")]
mod flow_table;
mod io;
mod io_types;
#[allow(dead_code, reason = "the agent has its own until it names flows")]
mod keepalive;
mod locate;
#[allow(dead_code, reason = "the agent locates by routes until it names flows")]
mod locator;
#[allow(dead_code, reason = "the agent locates by routes until it names flows")]
mod name_cache;
#[allow(dead_code, reason = "the agent locates by routes until it names flows")]
mod penalties;
mod reflexive;
#[allow(dead_code, reason = "the agent locates by routes until it names flows")]
mod resolution;
mod srv_order;
mod stun;
mod target;
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "see tests::at")]
mod tests;

pub use dns_records::{DnsError, NaptrRecord, RecordKind, Records, SrvRecord};
pub use error::{IcmpError, TransportError};
pub use flow::{Flow, FlowId, QueryId, Route, Target, Transport};
pub use io::{Input, Transmit};
pub use io_types::{FlowInput, FlowTransmit};
pub(crate) use locate::Routes;
pub use locate::Untried;
pub(crate) use reflexive::{ReflexiveAddrs, is_plausible};
pub(crate) use srv_order::order;
pub use stun::{StunId, binding_request, binding_response};
pub use target::HostPort;
