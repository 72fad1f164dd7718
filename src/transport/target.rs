//! The host and port that a URI next_hop to.

use crate::sip::Uri;
use std::sync::Arc;

/// A host and port that a request goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// A name, or an address without brackets.
    pub host: Arc<str>,
    /// The port, or the one that is meant where none is written.
    pub port: u16,
    /// The port is written.
    pub explicit: bool,
}

impl HostPort {
    /// Where the URI `next_hop` next_hop: `maddr`, else its host (RFC 3261 section 8.1.2). `None`: there is no host.
    pub fn of(next_hop: &str) -> Option<HostPort> {
        let uri = Uri::parse(next_hop).ok()?;
        let host = uri.params.get("maddr").filter(|host| !host.is_empty()).unwrap_or(uri.host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).into();
        let port = uri.port.unwrap_or(uri.default_port());
        let place = HostPort { host, port, explicit: uri.port.is_some() };
        Some(place).filter(|place| !place.host.is_empty())
    }
}
