//! The addresses that Via and automatic Contacts say.

use crate::request::Masquerade;
use crate::transport::Transport;
use std::net::SocketAddr;

/// The way a request leaves: what Via and automatic Contacts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// The transport, which Via names.
    pub transport: Transport,
    /// Our address towards the server, with the port we listen on.
    pub address: SocketAddr,
    /// The port of automatic Contacts where it is not that of `address`.
    pub contact_port: Option<u16>,
    /// The address at which this server has seen us, if another.
    pub learned: Option<SocketAddr>,
    /// What is done with that.
    pub masquerade: Masquerade,
    /// A preloaded Route is sent whatever the settings say.
    pub keep_route: bool,
    /// The server replaces an old binding by itself (RFC 5626): it is not removed beside the new
    /// one.
    pub replaces: bool,
}

impl Local {
    /// Our address in Contacts.
    pub fn contact(&self) -> SocketAddr {
        let port = self.contact_port.unwrap_or(self.address.port());
        SocketAddr::new(self.address.ip(), port)
    }
}
