//! Transports, targets and flows.

use super::TlsSettings;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A question to the network; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryId(pub u64);

/// What carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Connections in the clear.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl Transport {
    /// Whether what was sent arrives or the flow fails, so that nothing is sent again.
    pub fn is_reliable(self) -> bool {
        self != Transport::Udp
    }

    /// Its name in a Via (RFC 3261 section 25.1).
    pub fn via(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        }
    }

    /// Its name in a Contact of the eXosip calls, where that has one: none for UDP, which is what a
    /// `sip:` URI means by itself.
    pub fn contact_param(self) -> Option<&'static str> {
        self.is_reliable().then_some(self.via())
    }

    /// The port of a server where none is given (RFC 3261 section 19.1.2).
    pub fn default_port(self) -> u16 {
        if self == Transport::Tls { 5061 } else { 5060 }
    }

    /// The transport that a `transport` parameter names, in any case.
    pub fn from_param(name: &str) -> Option<Transport> {
        let all = [Transport::Udp, Transport::Tcp, Transport::Tls];
        all.into_iter().find(|transport| transport.via().eq_ignore_ascii_case(name))
    }
}

/// The families of addresses that a context reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressFamilies {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
    /// Both.
    Both,
}

impl AddressFamilies {
    /// Whether `ip` is of one of them.
    pub fn has(self, ip: IpAddr) -> bool {
        match self {
            AddressFamilies::V4 => ip.is_ipv4(),
            AddressFamilies::V6 => ip.is_ipv6(),
            AddressFamilies::Both => true,
        }
    }
}

/// Where a context receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// The address, which may be a wildcard.
    pub local: SocketAddr,
    /// What can be reached from there.
    pub families: AddressFamilies,
    /// What the requests of the eXosip calls go by.
    pub transport: Transport,
    /// The port in automatic Contacts of the eXosip calls, where connections are accepted (option
    /// 22 is 0); `None`: that of the flow itself.
    pub contact_port: Option<u16>,
}

/// A flow: one connection, or the UDP socket towards one address. An id is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub(super) u64);

/// A place that a flow can be opened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// By what transport.
    pub transport: Transport,
    /// Its address.
    pub remote: SocketAddr,
    /// The domain that the certificate has to be for (RFC 5922 section 4).
    pub tls_name: Option<Arc<str>>,
    /// How TLS is used there; `None`: as the context does.
    pub tls_settings: Option<Arc<TlsSettings>>,
    /// It is a connection for second flows (RFC 5626 section 4.2), beside the one for all else.
    pub is_second_flow: bool,
}

impl Target {
    /// The address `remote`, without a name to verify.
    pub fn new(transport: Transport, remote: SocketAddr) -> Target {
        Target { transport, remote, tls_name: None, tls_settings: None, is_second_flow: false }
    }
}

/// In one piece, which costs a third of what a field at a time does: each message is looked up by
/// it.
impl Hash for Target {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut bytes = [0; 24];
        match self.remote.ip() {
            IpAddr::V4(ip) => bytes[..4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => bytes[..16].copy_from_slice(&ip.octets()),
        }
        bytes[16..18].copy_from_slice(&self.remote.port().to_ne_bytes());
        bytes[18] = u8::from(self.remote.is_ipv6());
        bytes[19] = self.transport as u8;
        bytes[20] = u8::from(self.is_second_flow);
        state.write(&bytes);
        if let Some(name) = &self.tls_name {
            name.hash(state);
        }
    }
}

/// An open flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Its name.
    pub id: FlowId,
    /// Its transport.
    pub transport: Transport,
    /// Our address on it, with the port that we receive on.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_is_named_in_any_case() {
        for (name, expected) in [
            ("udp", Some(Transport::Udp)),
            ("TCP", Some(Transport::Tcp)),
            ("Tls", Some(Transport::Tls)),
            ("sctp", None),
            ("", None),
        ] {
            assert_eq!(Transport::from_param(name), expected);
        }
        assert!(!Transport::Udp.is_reliable() && Transport::Tls.is_reliable());
        assert_eq!([Transport::Tcp, Transport::Tls].map(Transport::default_port), [5060, 5061]);
    }
}
