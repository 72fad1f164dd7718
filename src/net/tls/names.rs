//! Whether a certificate is for the name that was to be reached (RFC 5922 section 7).

use super::certificate::{AltName, Certificate};
use rustls::pki_types::ServerName;
use std::net::IpAddr;

/// What is said of a name that is neither a domain nor an address.
pub(super) const NO_NAME: &str = "no certificate can be for this name";

/// A domain, or a literal address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PeerName<'a> {
    /// A domain.
    Domain(&'a str),
    /// An address.
    Address(IpAddr),
}

/// Whether `certificate` is for `name`. SIP URIs win over DNS names, and the common name counts
/// only where there is neither (RFC 5922 section 7.1). `wildcards`: `*.` stands for
/// one label in DNS names and common names.
pub(super) fn is_valid_for(
    certificate: &Certificate<'_>,
    name: PeerName<'_>,
    wildcards: bool,
) -> bool {
    let is_dns = |name| matches!(name, AltName::Dns(_));
    let has_sip_domains = certificate.alt_names().any(|name| sip_domain(name).is_some());
    let has_domains = has_sip_domains || certificate.alt_names().any(is_dns);
    match name {
        PeerName::Domain(domain) if has_sip_domains => {
            let mut domains = certificate.alt_names().filter_map(sip_domain);
            domains.any(|sip| sip.eq_ignore_ascii_case(domain))
        }
        PeerName::Domain(domain) if has_domains => certificate.alt_names().any(
            |name| matches!(name, AltName::Dns(pattern) if matches(pattern, domain, wildcards)),
        ),
        PeerName::Domain(domain) => {
            certificate.common_names().any(|pattern| matches(pattern, domain, wildcards))
        }
        PeerName::Address(ip) => {
            let is_address = |text: &str| text.parse() == Ok(ip);
            certificate.alt_names().any(|name| name == AltName::Ip(ip))
                || !certificate.has_alt_names() && certificate.common_names().any(is_address)
        }
    }
}

/// The domain of `sip:example.org`; one with a user is for a person (RFC 5922 section 7.1).
pub(super) fn sip_domain(name: AltName<'_>) -> Option<&str> {
    let AltName::Uri(uri) = name else { return None };
    let (scheme, rest) = uri.split_once(':')?;
    let is_domain = scheme.eq_ignore_ascii_case("sip") && !rest.contains('@');
    let domain = rest.split([':', ';', '?']).next().unwrap_or_default();
    (is_domain && !domain.is_empty()).then_some(domain)
}

/// Whether `domain` is the one of `pattern`. A dot at the end means nothing.
fn matches(pattern: &str, domain: &str, wildcards: bool) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    if pattern.eq_ignore_ascii_case(domain) {
        return !domain.is_empty();
    }
    // One label, and not that of a top-level domain (RFC 6125 section 7.2).
    let parent = pattern.strip_prefix("*.").filter(|parent| wildcards && parent.contains('.'));
    match (parent, domain.split_once('.')) {
        (Some(parent), Some((label, rest))) => {
            !label.is_empty() && parent.eq_ignore_ascii_case(rest)
        }
        _ => false,
    }
}

/// The name as rustls wants it: an address, in brackets and with a zone or without, or a domain.
pub(super) fn server_name(name: &str) -> Option<ServerName<'static>> {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let address = bare.split('%').next().unwrap_or_default();
    if let Ok(ip) = address.parse::<IpAddr>() {
        return Some(ServerName::from(ip));
    }
    let domain = name.strip_suffix('.').unwrap_or(name);
    ServerName::try_from(domain.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label_where_it_may() {
        for (pattern, domain, plain, wild) in [
            ("sip.example.test", "SIP.Example.TEST", true, true),
            ("*.example.test", "sip.example.test", false, true),
            ("*.example.test", "a.sip.example.test", false, false),
            ("*.example.test", "example.test", false, false),
            ("*.test", "example.test", false, false),
            ("s*.example.test", "sip.example.test", false, false),
            ("*", "test", false, false),
            ("", "", false, false),
        ] {
            assert_eq!(matches(pattern, domain, false), plain, "{pattern} {domain}");
            assert_eq!(matches(pattern, domain, true), wild, "{pattern} {domain}");
        }
    }

    #[test]
    fn a_uri_with_a_user_or_of_another_scheme_names_no_domain() {
        let domain = |uri| sip_domain(AltName::Uri(uri));
        assert_eq!(domain("sip:example.test"), Some("example.test"));
        assert_eq!(domain("SIP:example.test;transport=tls"), Some("example.test"));
        assert_eq!(domain("sip:example.test:5061"), Some("example.test"));
        for none in ["sip:alice@example.test", "http:example.test", "sip:", "example.test", "im:a"]
        {
            assert_eq!(domain(none), None, "{none}");
        }
    }
}
