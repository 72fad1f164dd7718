//! Where messages go and how they leave.

use std::net::SocketAddr;

/// A question for a route; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryId(pub u64);

/// Where a request goes and how it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// The destination.
    pub remote: SocketAddr,
    /// The address the kernel uses towards it, with the port we listen on.
    pub local: SocketAddr,
}
