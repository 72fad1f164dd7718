//! What a URI says about the server to be located (RFC 3263 section 4).

use super::{Flow, Transport};
use crate::sip::{Uri, zoned_address};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// The `transport` parameter of a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TransportParam {
    /// There is none.
    Absent,
    /// One of ours.
    Known(Transport),
    /// Another one, as SCTP.
    Unknown,
}

impl TransportParam {
    fn of(name: Option<&str>) -> Self {
        match name.filter(|name| !name.is_empty()) {
            None => TransportParam::Absent,
            Some(name) => match Transport::from_param(name) {
                Some(transport) => TransportParam::Known(transport),
                None => TransportParam::Unknown,
            },
        }
    }
}

/// The host of a URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Host<'a> {
    /// An address.
    Address(IpAddr),
    /// An address of one IPv6 link, with the interface that leads there: `fe80::1%eth0`.
    Zoned(Box<str>),
    /// A name.
    Name(Cow<'a, str>),
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Address(ip) => ip.fmt(f),
            Host::Zoned(text) => f.write_str(text),
            Host::Name(name) => f.write_str(name),
        }
    }
}

/// Where a request is to go, before anything was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Destination<'a> {
    /// A name or an address.
    pub(crate) host: Host<'a>,
    /// The port, where one is written.
    pub(crate) port: Option<u16>,
    /// What its `transport` parameter says.
    pub(crate) transport: TransportParam,
    /// It is a `sips:` URI: every hop uses TLS.
    pub(crate) is_secure: bool,
}

impl<'a> Destination<'a> {
    /// The destination of a URI: `maddr`, else its host. `None`: there is no host.
    pub(crate) fn of(uri: &Uri<'a>) -> Option<Destination<'a>> {
        let host = uri.params.get("maddr").filter(|host| !host.is_empty()).unwrap_or(uri.host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return None;
        }
        let address = host.parse().map(Host::Address);
        let zoned = || zoned_address(host).map(|text| Host::Zoned(text.into()));
        Some(Destination {
            host: address.ok().or_else(zoned).unwrap_or(Host::Name(Cow::Borrowed(host))),
            port: uri.port,
            transport: TransportParam::of(uri.params.get("transport")),
            is_secure: uri.scheme.eq_ignore_ascii_case("sips"),
        })
    }

    /// The address at the other end of `flow`, by its transport.
    pub(crate) fn at_the_end_of(flow: &Flow) -> Destination<'static> {
        Destination {
            host: Host::Address(flow.remote.ip()),
            port: Some(flow.remote.port()),
            transport: TransportParam::Known(flow.transport),
            is_secure: flow.transport == Transport::Tls,
        }
    }

    /// The same for a request that goes to it by a Route, and to the URI `target` in the end: that
    /// one names the transport where the Route does not, and demands TLS for it too.
    pub(crate) fn on_the_way_to(mut self, target: &Uri<'_>) -> Self {
        self.is_secure |= target.is_secure();
        if self.transport == TransportParam::Absent {
            self.transport = TransportParam::of(target.params.get("transport"));
        }
        self
    }

    /// Whether its URI demands a connection.
    pub(crate) fn wants_connection(&self) -> bool {
        let named = self.transport;
        self.is_secure || matches!(named, TransportParam::Known(named) if named.is_reliable())
    }

    /// The same without the URI that it was read from. An address takes no allocation.
    pub(crate) fn into_owned(self) -> Destination<'static> {
        let host = match self.host {
            Host::Address(ip) => Host::Address(ip),
            Host::Zoned(text) => Host::Zoned(text),
            Host::Name(name) => Host::Name(Cow::Owned(name.into_owned())),
        };
        Destination { host, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str) -> Destination<'_> {
        Destination::of(&Uri::parse(uri).unwrap()).unwrap()
    }

    #[test]
    fn host_port_and_transport_are_read_from_a_uri() {
        let (host, transport) = (Host::Name("acme.test".into()), TransportParam::Absent);
        let plain = Destination { host, port: None, transport, is_secure: false };
        assert_eq!(of("sip:alice@acme.test"), plain);
        assert_eq!(of("sip:acme.test:5062"), Destination { port: Some(5062), ..plain.clone() });
        assert_eq!(of("sips:acme.test"), Destination { is_secure: true, ..plain.clone() });
        for (name, transport) in [
            ("TCP", TransportParam::Known(Transport::Tcp)),
            ("sctp", TransportParam::Unknown),
            ("", TransportParam::Absent),
        ] {
            let uri = format!("sip:acme.test;transport={name}");
            assert_eq!(of(&uri), Destination { transport, ..plain.clone() });
        }
    }

    #[test]
    fn the_request_uri_names_the_transport_where_the_route_does_not() {
        let by =
            |route: &'static str, target| of(route).on_the_way_to(&Uri::parse(target).unwrap());
        let tcp = TransportParam::Known(Transport::Tcp);
        assert_eq!(by("sip:p.test;lr", "sip:a.test;transport=tcp").transport, tcp);
        assert_eq!(by("sip:p.test;transport=tcp", "sip:a.test;transport=tls").transport, tcp);
        assert!(by("sip:p.test;lr", "sips:a.test").is_secure);
        assert_eq!(by("sip:p.test;lr", "tel:1"), of("sip:p.test;lr"));
    }

    #[test]
    fn maddr_takes_the_place_of_the_host() {
        let address = |text: &str| Host::Address(text.parse().unwrap());
        assert_eq!(of("sip:acme.test;maddr=192.0.2.7").host, address("192.0.2.7"));
        assert_eq!(of("sip:acme.test;maddr=").host, Host::Name("acme.test".into()));
        assert_eq!(of("sip:acme.test;maddr=[2001:db8::1]").host, address("2001:db8::1"));
        assert_eq!(of("sip:[2001:db8::1]:5070").host, address("2001:db8::1"));
        let zoned = Host::Zoned("fe80::1%eth0".into());
        assert_eq!(of("sip:alice@[fe80::1%25eth0]:5070").host, zoned);
        assert_eq!(of("sip:acme.test;maddr=[fe80::1%25eth0]").host, zoned);
        assert_eq!(Destination::of(&Uri::parse("tel:+15551234").unwrap()), None);
    }
}
