//! The services of a domain, one for each transport, as its NAPTR and SRV records tell (RFC 3263
//! section 4), and the URI of a telephone number (RFC 6116).

use super::srv_order::order;
use super::{DnsError, NaptrRecord, RecordKind, Records, SrvRecord};
use std::time::Duration;

/// What asks for records, and waits for the answer.
pub(super) type AskRecords<'a> = dyn Fn(&str, RecordKind) -> Result<Records, DnsError> + 'a;

/// The services, in the order of [`DomainServices::by_transport`], and where their SRV records
/// stand in a domain that has no NAPTR records.
const SERVICES: [(&str, &str); 4] = [
    ("SIP+D2U", "_sip._udp."),
    ("SIP+D2T", "_sip._tcp."),
    ("SIPS+D2T", "_sips._tcp."),
    ("SIPS+D2U", "_sips._udp."),
];
/// The order and preference of a service that no NAPTR record names.
const UNNAMED: u16 = 49;
/// The servers of one service.
const MOST_SERVERS: usize = 10;
/// How long it holds that there is nothing.
const NOTHING_TTL: Duration = Duration::from_secs(60);

/// One service of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainService {
    /// The NAPTR record that names it, or what stands for one: SRV records are asked for at its
    /// `replacement`.
    pub record: NaptrRecord,
    /// Its servers in the order in which they are to be tried.
    pub servers: Vec<SrvRecord>,
}

/// What was found of a domain or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainServices {
    /// Those over UDP, TCP, TLS and DTLS; `None`: the domain does not offer it.
    pub by_transport: [Option<DomainService>; 4],
    /// The URI of a number.
    pub uri: Option<NaptrRecord>,
    /// How long that holds.
    pub ttl: Duration,
}

/// Why nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServicesError {
    /// Name servers do not answer, or refuse to: it may be asked again.
    Later,
    /// There is nothing, which holds for so long.
    Nothing(Duration),
}

/// The services of `domain`. Servers of one priority are drawn by their weights: `draw` gives 32
/// random bits.
pub fn services_of(
    domain: &str,
    ask: &AskRecords<'_>,
    draw: &mut dyn FnMut() -> u32,
) -> Result<DomainServices, ServicesError> {
    let nothing = ServicesError::Nothing(NOTHING_TTL);
    if domain.parse::<std::net::IpAddr>().is_ok() {
        return Err(nothing);
    }
    let (named, mut ttl) = naptr_records(domain, ask)?;
    let mut found = DomainServices { by_transport: [const { None }; 4], uri: None, ttl };
    let is_named = |record: &NaptrRecord| SERVICES.iter().any(|(name, _)| is(record, name));
    let has_naptr = named.iter().any(is_named);
    let mut is_silent = false;
    for (at, (name, service)) in SERVICES.iter().enumerate() {
        let record = if has_naptr {
            let offered = named.iter().filter(|record| is(record, name));
            offered.min_by_key(|record| (record.order, record.preference)).cloned()
        } else {
            Some(unnamed(format!("{service}{domain}")))
        };
        let Some(record) = record else { continue };
        let mut servers = Vec::new();
        // Another flag says that the replacement has addresses, or is no name.
        if record.flags.eq_ignore_ascii_case("s") {
            match ask(&record.replacement, RecordKind::Srv) {
                Ok(Records::Srv { ttl: lasts, records }) => {
                    (servers, ttl) = (records, ttl.min(lasts));
                }
                Ok(_) => {}
                Err(error) => is_silent |= !is_nothing(&error),
            }
        }
        servers.retain(|server| !matches!(&*server.target, "" | "."));
        order(&mut servers, &mut *draw);
        servers.truncate(MOST_SERVERS);
        found.by_transport[at] = Some(DomainService { record, servers });
    }
    found.ttl = ttl;
    let has_servers = found.by_transport.iter().flatten().any(|one| !one.servers.is_empty());
    match (has_servers, is_silent) {
        (false, true) => Err(ServicesError::Later),
        (false, false) if !has_naptr => Err(nothing),
        _ => Ok(found),
    }
}

/// The URI that stands for the telephone number `digits` below `domain`, by records of the service
/// E2U+sip.
pub fn uri_of_number(
    domain: &str,
    digits: &str,
    ask: &AskRecords<'_>,
) -> Result<DomainServices, ServicesError> {
    let name: String = digits.chars().rev().flat_map(|digit| [digit, '.']).collect();
    let (mut named, ttl) = naptr_records(&format!("{name}{domain}"), ask)?;
    named.retain(|record| is(record, "E2U+sip") && record.flags.eq_ignore_ascii_case("u"));
    named.sort_unstable_by_key(|record| (record.order, record.preference));
    let rewritten = named.into_iter().find_map(|record| {
        let uri = rewritten(&record.regexp, &format!("+{digits}"))?;
        Some(NaptrRecord { replacement: uri, ..record })
    });
    match rewritten {
        Some(uri) => Ok(DomainServices { by_transport: [const { None }; 4], uri: Some(uri), ttl }),
        None => Err(ServicesError::Later),
    }
}

fn is(record: &NaptrRecord, service: &str) -> bool {
    record.services.eq_ignore_ascii_case(service)
}

fn unnamed(replacement: String) -> NaptrRecord {
    let (flags, services, regexp) = ("s".to_owned(), String::new(), String::new());
    NaptrRecord { order: UNNAMED, preference: UNNAMED, flags, services, regexp, replacement }
}

/// Whether the DNS has said that there is nothing.
fn is_nothing(error: &DnsError) -> bool {
    matches!(
        error,
        DnsError::NotFound | DnsError::NoData | DnsError::NotOffered | DnsError::InvalidName
    )
}

fn naptr_records(
    name: &str,
    ask: &AskRecords<'_>,
) -> Result<(Vec<NaptrRecord>, Duration), ServicesError> {
    match ask(name, RecordKind::Naptr) {
        Ok(Records::Naptr { ttl, records }) => Ok((records, ttl)),
        Ok(_) => Ok((Vec::new(), NOTHING_TTL)),
        Err(error) if is_nothing(&error) => Ok((Vec::new(), NOTHING_TTL)),
        Err(_) => Err(ServicesError::Later),
    }
}

/// `number` rewritten by a substitution `!^\+49(.*)$!sip:\1@example.net!` (RFC 3402 section 3.2).
/// `None` where it does not match, and for other expressions than these: some digits, and then any,
/// which one pair of parentheses may enclose.
fn rewritten(regexp: &str, number: &str) -> Option<String> {
    let delimiter = regexp.chars().next()?;
    let mut parts = regexp[delimiter.len_utf8()..].split(delimiter);
    let (pattern, replacement) = (parts.next()?, parts.next()?);
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    let (whole, pattern) = match pattern.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
        Some(inside) if !inside.contains('(') => (true, inside),
        _ => (false, pattern),
    };
    let (fixed, captured) = match pattern.strip_suffix("(.*)") {
        Some(fixed) => (fixed, true),
        None => (pattern.strip_suffix(".*")?, false),
    };
    let fixed = fixed.replace("\\+", "+");
    let is_plain =
        fixed.chars().enumerate().all(|(at, it)| it.is_ascii_digit() || at == 0 && it == '+');
    let rest = number.strip_prefix(&*fixed).filter(|_| is_plain)?;
    let group = if whole { number } else { rest };
    match replacement.contains("\\1") {
        true => (whole || captured).then(|| replacement.replace("\\1", group)),
        false => Some(replacement.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(300);

    fn naptr(order: u16, services: &str, replacement: &str) -> NaptrRecord {
        let (flags, services, replacement) = ("s".into(), services.into(), replacement.into());
        NaptrRecord { order, preference: 7, flags, services, regexp: String::new(), replacement }
    }

    fn server(priority: u16, weight: u16, target: &str) -> SrvRecord {
        SrvRecord { priority, weight, port: 5060, target: target.into() }
    }

    fn asks(
        named: Result<Vec<NaptrRecord>, DnsError>,
        servers: Vec<(&'static str, Result<Vec<SrvRecord>, DnsError>)>,
    ) -> impl Fn(&str, RecordKind) -> Result<Records, DnsError> {
        move |name, kind| match kind {
            RecordKind::Naptr => named.clone().map(|records| Records::Naptr { ttl: TTL, records }),
            _ => {
                let found = servers.iter().find(|(at, _)| *at == name);
                let found = found.map_or(Err(DnsError::NotFound), |(_, found)| found.clone());
                found.map(|records| Records::Srv { ttl: TTL / 2, records })
            }
        }
    }

    fn found(ask: &AskRecords<'_>) -> Result<DomainServices, ServicesError> {
        services_of("acme.test", ask, &mut || 1)
    }

    #[test]
    fn naptr_records_say_what_is_offered_and_where_its_servers_are() {
        let named = vec![
            naptr(20, "SIP+D2U", "_sip._udp.other.test"),
            naptr(10, "sip+d2u", "_sip._udp.acme.test"),
            naptr(30, "SIPS+D2T", "_sips._tcp.acme.test"),
            naptr(1, "E2U+sip", "x.test"),
        ];
        let both = vec![server(2, 0, "c.test"), server(1, 9, "b.test"), server(1, 1, "a.test")];
        let services = found(&asks(Ok(named), vec![("_sip._udp.acme.test", Ok(both))])).unwrap();
        let [udp, tcp, tls, dtls] = services.by_transport;
        let udp = udp.unwrap();
        assert_eq!((udp.record.order, &*udp.record.services), (10, "sip+d2u"));
        let targets: Vec<_> = udp.servers.iter().map(|server| &*server.target).collect();
        assert_eq!(targets, ["b.test", "a.test", "c.test"], "by priority, and drawn by weight");
        assert_eq!((tcp, dtls), (None, None));
        assert!(tls.unwrap().servers.is_empty());
        assert_eq!(services.ttl, TTL / 2);
    }

    #[test]
    fn without_naptr_records_the_usual_names_are_asked() {
        for none in [Err(DnsError::NoData), Err(DnsError::NotFound), Ok(vec![])] {
            let many = (0..16).map(|n| server(n, 0, &format!("s{n}.test"))).collect();
            let ask = asks(none, vec![("_sips._tcp.acme.test", Ok(many))]);
            let services = found(&ask).unwrap();
            let names = services.by_transport.each_ref().map(|service| {
                let record = &service.as_ref().unwrap().record;
                (record.replacement.clone(), record.order, record.preference)
            });
            let wanted = ["_sip._udp", "_sip._tcp", "_sips._tcp", "_sips._udp"];
            assert_eq!(names, wanted.map(|name| (format!("{name}.acme.test"), 49, 49)));
            assert_eq!(services.by_transport[2].as_ref().unwrap().servers.len(), 10);
        }
    }

    #[test]
    fn nothing_follows_from_silence() {
        let nothing = Err(ServicesError::Nothing(NOTHING_TTL));
        assert_eq!(found(&asks(Err(DnsError::NotFound), vec![])), nothing);
        let dot = vec![("_sip._udp.acme.test", Ok(vec![server(0, 0, ".")]))];
        assert_eq!(found(&asks(Err(DnsError::NoData), dot)), nothing);
        for error in [DnsError::Timeout, DnsError::Refused(5), DnsError::Unreachable] {
            assert_eq!(found(&asks(Err(error.clone()), vec![])), Err(ServicesError::Later));
            let silent = vec![("_sip._tcp.acme.test", Err(error))];
            assert_eq!(found(&asks(Err(DnsError::NoData), silent)), Err(ServicesError::Later));
        }
        for literal in ["192.0.2.1", "2001:db8::1"] {
            let ask = |_: &str, _| panic!("a literal is not asked for");
            assert_eq!(services_of(literal, &ask, &mut || 0), nothing);
        }
    }

    #[test]
    fn a_number_is_rewritten_by_the_best_record_that_matches() {
        let e2u = |order, regexp: &str| NaptrRecord {
            flags: "u".into(),
            regexp: regexp.into(),
            ..naptr(order, "E2U+sip", "")
        };
        let named = vec![
            e2u(20, "!^.*$!sip:info@acme.test!"),
            e2u(10, r"!^\+49(.*)$!sip:\1@acme.test!"),
            e2u(1, r"!^\+1(.*)$!sip:\1@other.test!"),
        ];
        let asked = |name: &str, _: RecordKind| {
            assert_eq!(name, "2.1.9.4.e164.test");
            Ok(Records::Naptr { ttl: TTL, records: named.clone() })
        };
        let found = uri_of_number("e164.test", "4912", &asked).unwrap();
        assert_eq!(found.uri.unwrap().replacement, "sip:12@acme.test");
        let none = |_: &str, _| Err(DnsError::NotFound);
        assert_eq!(uri_of_number("e164.test", "4912", &none), Err(ServicesError::Later));
    }

    #[test]
    fn substitutions_of_the_usual_kinds_are_made_and_others_are_not() {
        for (regexp, wanted) in [
            ("!^.*$!sip:a@b!", Some("sip:a@b")),
            (r"!^(.*)$!sip:\1@b!", Some("sip:+4912@b")),
            (r"/^\+(.*)$/sip:\1@b/", Some("sip:4912@b")),
            (r"!^(\+49.*)$!sip:\1@b!i", Some("sip:+4912@b")),
            (r"!^\+48(.*)$!sip:\1@b!", None),
            (r"!^\+49.*$!sip:\1@b!", None),
            ("!^[0-9]*$!sip:a@b!", None),
            ("!^(((.*)*)*)$!sip:a@b!", None),
            ("", None),
            ("!", None),
            ("!!", None),
        ] {
            assert_eq!(rewritten(regexp, "+4912").as_deref(), wanted, "{regexp}");
        }
    }
}
