//! Where messages go and how they leave: flows, targets, server location, reflexive addresses.

mod dns_records;
mod flow;
mod io;
mod locate;
mod reflexive;
mod srv_order;
mod target;

pub use dns_records::{DnsError, NaptrRecord, RecordKind, Records, SrvRecord};
pub use flow::{QueryId, Route};
pub use io::{Input, Transmit};
pub(crate) use locate::Routes;
pub use locate::Untried;
pub(crate) use reflexive::ReflexiveAddrs;
pub(crate) use srv_order::order;
pub use target::HostPort;
