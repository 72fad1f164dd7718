//! Where messages go and how they leave: flows, targets, server location, reflexive addresses.

mod dns_records;
#[allow(dead_code, reason = "nothing draws from it before the locator and keep-alives are used")]
mod dice;
mod error;
mod flow;
#[allow(dead_code, reason = "the agent does not name flows yet")]
mod flow_table;
mod io;
mod io_types;
#[allow(dead_code, reason = "the agent has its own until it names flows")]
mod keepalive;
mod locate;
mod reflexive;
mod srv_order;
#[allow(dead_code, reason = "the locator is not used yet")]
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
pub(crate) use srv_order::order;
pub(crate) use reflexive::{ReflexiveAddrs, is_plausible};
pub use stun::{StunId, binding_request, binding_response};
pub use target::HostPort;
