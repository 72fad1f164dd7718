//! What URIs require of the transport that those which are there do not give.

use super::Settings;
use crate::sip::Uri;
use crate::transport::{Transport, TransportSet};
use std::fmt;

/// A transport that a URI requires and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingTransport {
    /// It is a `sips:` URI: every hop uses TLS (RFC 3261 section 26.2.2).
    Tls,
    /// Its `transport` parameter names one that is not there.
    Named(String),
}

impl MissingTransport {
    /// What `uri` requires beyond `transports`. `None`: one of them will do.
    pub fn of(uri: &Uri<'_>, transports: TransportSet) -> Option<Self> {
        let name = uri.params.get("transport").filter(|name| !name.is_empty());
        let named = name.and_then(Transport::from_param);
        if uri.is_secure() {
            let is_served = transports.tls && named != Some(Transport::Udp);
            return (!is_served).then_some(MissingTransport::Tls);
        }
        let is_served = named.is_some_and(|named| transports.has(named));
        name.filter(|_| !is_served).map(|name| MissingTransport::Named(name.to_ascii_lowercase()))
    }

    /// What a request requires that goes to `target`, or by `route` if there is one. TLS for any of
    /// them counts before a transport that is named.
    pub fn of_request(
        target: Option<&Uri<'_>>,
        route: Option<&Uri<'_>>,
        transports: TransportSet,
    ) -> Option<Self> {
        let of = |uri| MissingTransport::of(uri, transports);
        match (target.and_then(of), route) {
            (Some(MissingTransport::Tls), _) => Some(MissingTransport::Tls),
            (_, Some(route)) => of(route),
            (missing, None) => missing,
        }
    }
}

/// Whether the transport that the eXosip calls go by is all that `uri` requires.
pub fn is_served(uri: &Uri<'_>, settings: &Settings) -> bool {
    MissingTransport::of(uri, TransportSet::only(settings.transport)).is_none()
}

impl fmt::Display for MissingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MissingTransport::Tls => f.write_str("sips needs TLS"),
            MissingTransport::Named(name) => write!(f, "transport={name} is not supported"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::{NameAddr, split_list};

    fn said(target: &str, route: Option<&str>, transports: TransportSet) -> Option<String> {
        let uri = |text| Uri::parse(text).ok();
        let first = route.and_then(|route| NameAddr::parse(split_list(route).next()?).ok());
        let (target, route) = (uri(target), first.and_then(|first| uri(first.uri)));
        let missing = MissingTransport::of_request(target.as_ref(), route.as_ref(), transports);
        missing.map(|missing| missing.to_string())
    }

    #[test]
    fn where_there_is_udp_alone_sips_and_other_transports_are_missing() {
        let said = |target: &str, route: Option<&str>| said(target, route, TransportSet::UDP);
        for plain in ["sip:a.test", "sip:a.test;transport=UDP", "sip:a.test;transport=", "tel:1"] {
            assert_eq!(said(plain, None), None, "{plain}");
        }
        for (uri, words) in [
            ("sips:a.test", "sips needs TLS"),
            ("SIPS:a.test;transport=udp", "sips needs TLS"),
            ("sip:a.test;transport=tls", "transport=tls is not supported"),
            ("sip:a.test;lr;Transport=TCP", "transport=tcp is not supported"),
            ("sip:a.test;transport=ws", "transport=ws is not supported"),
        ] {
            assert_eq!(said(uri, None).as_deref(), Some(words), "{uri}");
            let route = format!("<{uri}>, <sip:b.test;lr>");
            assert_eq!(said("sip:c.test", Some(&route)).as_deref(), Some(words), "{uri}");
        }
        let by_udp = Some("<sip:b.test;lr>");
        assert_eq!(said("sip:a.test;transport=tcp", by_udp), None, "the route is the next hop");
        assert_eq!(said("sips:a.test", by_udp).as_deref(), Some("sips needs TLS"));
    }

    #[test]
    fn what_is_missing_depends_on_what_is_there() {
        let (tcp, tls) = (TransportSet::only(Transport::Tcp), TransportSet::only(Transport::Tls));
        for (uri, with_tcp, with_tls) in [
            ("sip:a.test", None, None),
            ("sip:a.test;transport=tcp", None, Some("transport=tcp is not supported")),
            ("sip:a.test;transport=TLS", Some("transport=tls is not supported"), None),
            ("sips:a.test", Some("sips needs TLS"), None),
            ("sips:a.test;transport=tcp", Some("sips needs TLS"), None),
            ("sips:a.test;transport=udp", Some("sips needs TLS"), Some("sips needs TLS")),
            (
                "sip:a.test;transport=udp",
                Some("transport=udp is not supported"),
                Some("transport=udp is not supported"),
            ),
        ] {
            assert_eq!(said(uri, None, tcp).as_deref(), with_tcp, "{uri}");
            assert_eq!(said(uri, None, tls).as_deref(), with_tls, "{uri}");
        }
    }
}
