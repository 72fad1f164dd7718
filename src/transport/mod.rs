//! Where messages go and how they leave: flows, targets, server location, reflexive addresses.

mod flow;
mod io;
mod locate;
mod reflexive;
mod target;

pub use flow::{QueryId, Route};
pub use io::{Input, Transmit};
pub(crate) use locate::Routes;
pub use locate::Untried;
pub(crate) use reflexive::ReflexiveAddrs;
pub use target::HostPort;
