//! Zones of IPv6 addresses (RFC 6874). They mean something on this host alone, so that they are
//! used to reach a server and never sent.

use std::borrow::Cow;
use std::net::Ipv6Addr;
use std::ops::Range;

/// The address with its zone as the C library writes it, `fe80::1%eth0`, that `host` is, without
/// its brackets; `None`: it has no zone. One that is not escaped is understood too.
pub(crate) fn zoned_address(host: &str) -> Option<String> {
    let (ip, zone) = host.split_once('%')?;
    let ip: Ipv6Addr = ip.parse().ok()?;
    let zone = zone.strip_prefix("25").filter(|zone| !zone.is_empty()).unwrap_or(zone);
    let is_named = !zone.is_empty() && zone.bytes().all(|byte| byte.is_ascii_graphic());
    (is_named && !zone.contains(['%', '[', ']'])).then(|| format!("{ip}%{zone}"))
}

/// `text` without the zones of the addresses in it.
pub(crate) fn without_zones(text: &str) -> Cow<'_, str> {
    match cut(text.as_bytes()) {
        Some((kept, _)) => String::from_utf8(kept).map_or(Cow::Borrowed(text), Cow::Owned),
        None => Cow::Borrowed(text),
    }
}

/// The message without the zones of the addresses in its head, and where `marked` stands then.
/// `None`: it has none.
pub(crate) fn message_without_zones(
    message: &[u8],
    marked: Range<usize>,
) -> Option<(Vec<u8>, Range<usize>)> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(message.len());
    let (mut kept, cuts) = cut(&message[..end])?;
    kept.extend_from_slice(&message[end..]);
    let before = cuts.iter().filter(|cut| cut.start < marked.start).map(ExactSizeIterator::len);
    let shift: usize = before.sum();
    Some((kept, marked.start - shift..marked.end - shift))
}

/// `text` without zones, and where those stood.
fn cut(text: &[u8]) -> Option<(Vec<u8>, Vec<Range<usize>>)> {
    let cuts: Vec<Range<usize>> =
        memchr::memchr_iter(b'%', text).filter_map(|at| zone_at(text, at)).collect();
    if cuts.is_empty() {
        return None;
    }
    let (mut kept, mut from) = (Vec::with_capacity(text.len()), 0);
    for cut in &cuts {
        kept.extend_from_slice(&text[from..cut.start]);
        from = cut.end;
    }
    kept.extend_from_slice(&text[from..]);
    Some((kept, cuts))
}

/// The zone that begins with the `%` at `at`, which stands behind an address in brackets.
fn zone_at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let open = text[..at].iter().rposition(|byte| !byte.is_ascii_hexdigit() && *byte != b':')?;
    let ip = std::str::from_utf8(&text[open + 1..at]).ok()?;
    let length = text[at..].iter().position(|byte| !byte.is_ascii_graphic() || *byte == b']')?;
    let is_address = text[open] == b'[' && text[at + length] == b']';
    (is_address && ip.parse::<Ipv6Addr>().is_ok()).then(|| at..at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_zone_is_no_name() {
        for (host, expected) in [
            ("fe80::1%25eth0", Some("fe80::1%eth0")),
            ("fe80::1%eth0", Some("fe80::1%eth0")),
            ("FE80::1%2525", Some("fe80::1%25")),
            ("fe80::1%253", Some("fe80::1%3")),
            ("fe80::1%25", Some("fe80::1%25")),
            ("fe80::1%", None),
            ("fe80::1", None),
            ("acme.test%25eth0", None),
            ("fe80::1%25a b", None),
            ("192.0.2.1%25eth0", None),
        ] {
            assert_eq!(zoned_address(host).as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn zones_are_taken_out_of_uris() {
        for (uri, expected) in [
            ("sip:[fe80::1%25eth0]:5070;lr", "sip:[fe80::1]:5070;lr"),
            ("sip:[fe80::1%eth0]", "sip:[fe80::1]"),
            ("sip:a%25b@[2001:db8::1]", "sip:a%25b@[2001:db8::1]"),
            ("sip:[fe80::1%25eth0", "sip:[fe80::1%25eth0"),
            ("sip:%5b1@acme.test", "sip:%5b1@acme.test"),
        ] {
            assert_eq!(without_zones(uri), expected);
        }
        assert!(matches!(without_zones("sip:[fe80::1]"), Cow::Borrowed(_)));
    }

    #[test]
    fn zones_are_taken_out_of_the_head_of_a_message() {
        let message = "REGISTER sip:[fe80::1%25lo] SIP/2.0\r\nCall-ID: x\r\n\
            To: <sip:a@[fe80::1%25lo]>\r\n\r\n[fe80::1%25lo]";
        let marked = message.find("x\r\n").map(|at| at..at + 1).unwrap();
        let (kept, marked) = message_without_zones(message.as_bytes(), marked).unwrap();
        assert_eq!(&kept[marked], b"x");
        let expected = "REGISTER sip:[fe80::1] SIP/2.0\r\nCall-ID: x\r\n\
            To: <sip:a@[fe80::1]>\r\n\r\n[fe80::1%25lo]";
        assert_eq!(kept, expected.as_bytes());
        assert_eq!(message_without_zones(b"OPTIONS sip:a SIP/2.0\r\n\r\n", 0..1), None);
    }
}
