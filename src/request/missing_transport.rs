//! What URIs require of the transport that UDP, the only one there is, does not give.

use crate::sip::{NameAddr, Uri, split_list};
use std::fmt;

/// A transport that a URI requires and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingTransport {
    /// It is a `sips:` URI: every hop uses TLS (RFC 3261 section 26.2.2).
    Tls,
    /// Its `transport` parameter names another one than UDP.
    Named(String),
}

impl MissingTransport {
    /// What `uri` requires. `None`: UDP will do.
    pub fn of(uri: &Uri<'_>) -> Option<Self> {
        if uri.is_secure() {
            return Some(MissingTransport::Tls);
        }
        let name = uri.params.get("transport").filter(|name| !name.is_empty())?;
        (!name.eq_ignore_ascii_case("udp"))
            .then(|| MissingTransport::Named(name.to_ascii_lowercase()))
    }

    /// What a request requires that goes to `target`, or by the first of `route` if there is one.
    /// TLS for any of them counts before a transport that is named.
    pub fn of_request(target: &str, route: Option<&str>) -> Option<Self> {
        let of = |uri: &str| Uri::parse(uri).ok().and_then(|uri| MissingTransport::of(&uri));
        let first = route.and_then(|route| split_list(route).next());
        let first = first.and_then(|first| NameAddr::parse(first).ok());
        match (of(target), first) {
            (Some(MissingTransport::Tls), _) => Some(MissingTransport::Tls),
            (_, Some(first)) => of(first.uri),
            (missing, None) => missing,
        }
    }
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

    #[test]
    fn sips_and_transports_other_than_udp_are_missing() {
        fn said(target: &str, route: Option<&str>) -> Option<String> {
            MissingTransport::of_request(target, route).map(|missing| missing.to_string())
        }
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
}
