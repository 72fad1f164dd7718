//! The transports that a context has.

use super::Transport;
use std::fmt;

/// The transports that a context has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransportSet {
    /// UDP.
    pub udp: bool,
    /// TCP.
    pub tcp: bool,
    /// TLS.
    pub tls: bool,
}

impl TransportSet {
    /// UDP alone.
    pub const UDP: TransportSet = TransportSet { udp: true, tcp: false, tls: false };

    /// `transport` alone.
    pub fn only(transport: Transport) -> Self {
        TransportSet {
            udp: transport == Transport::Udp,
            tcp: transport == Transport::Tcp,
            tls: transport == Transport::Tls,
        }
    }

    /// Whether it has `transport`.
    pub fn has(self, transport: Transport) -> bool {
        match transport {
            Transport::Udp => self.udp,
            Transport::Tcp => self.tcp,
            Transport::Tls => self.tls,
        }
    }

    /// Its transports, in the order in which they are tried where the domain has no wish.
    pub(super) fn iter(self) -> impl Iterator<Item = Transport> {
        let all = [Transport::Udp, Transport::Tcp, Transport::Tls];
        all.into_iter().filter(move |transport| self.has(*transport))
    }
}

impl fmt::Display for TransportSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Transport::via).collect();
        match &names[..] {
            [] => f.write_str("there is no transport"),
            [one] => write!(f, "there is {one} alone"),
            [others @ .., last] => write!(f, "there are {} and {last}", others.join(", ")),
        }
    }
}
