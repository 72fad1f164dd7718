mod slow_answers;

use super::*;
use crate::instants::at;
use crate::sip::Uri;
use crate::transport::Target;
use crate::transport::TransportSet;
use crate::transport::tests::addr;
use crate::transport::{AddressFamilies, NaptrRecord, RecordKind, SrvRecord};
use std::net::IpAddr;

const TTL: Duration = Duration::from_secs(300);
const ALL: TransportSet = TransportSet { udp: true, tcp: true, tls: true };
pub(super) const UDP: LocateSettings = LocateSettings {
    transports: TransportSet::UDP,
    fixed: None,
    families: AddressFamilies::V4,
    has_services: true,
    is_reused: true,
    takes_stale: false,
};

/// A locator, the DNS around it, and what was asked.
pub(super) struct World {
    pub(super) locator: Locator<u32>,
    zone: HashMap<(String, RecordKind), Result<Records, DnsError>>,
    pub(super) asked: Vec<String>,
    /// Questions that were not answered.
    silent: Vec<(QueryId, String, RecordKind)>,
    drawn: u64,
}

pub(super) fn world() -> World {
    let locator = Locator::default();
    World { locator, zone: HashMap::new(), asked: Vec::new(), silent: Vec::new(), drawn: 0 }
}

fn destination(uri: &str) -> Destination<'_> {
    Destination::of(&Uri::parse(uri).unwrap()).unwrap()
}

impl World {
    pub(super) fn with(
        mut self,
        name: &str,
        kind: RecordKind,
        answer: Result<Records, DnsError>,
    ) -> Self {
        self.zone.insert((name.to_owned(), kind), answer);
        self
    }

    pub(super) fn ip(self, name: &str, ips: &[&str]) -> Self {
        let ips: Vec<IpAddr> = ips.iter().map(|ip| ip.parse().unwrap()).collect();
        let kind = if ips[0].is_ipv4() { RecordKind::A } else { RecordKind::Aaaa };
        self.with(name, kind, Ok(Records::Addresses { ttl: TTL, addresses: ips, zone: 0 }))
    }

    /// Priority, weight, port and name of each server.
    pub(super) fn srv(self, name: &str, servers: &[(u16, u16, u16, &str)]) -> Self {
        let record = |(priority, weight, port, target): &(u16, u16, u16, &str)| {
            let target = (*target).to_owned();
            SrvRecord { priority: *priority, weight: *weight, port: *port, target }
        };
        let records = servers.iter().map(record).collect();
        self.with(name, RecordKind::Srv, Ok(Records::Srv { ttl: TTL, records }))
    }

    /// Order, preference, flag, service and replacement of each.
    pub(super) fn naptr(self, name: &str, records: &[(u16, u16, &str, &str, &str)]) -> Self {
        let record = |(order, preference, flags, services, to): &(u16, u16, &str, &str, &str)| {
            let [flags, services, replacement] = [flags, services, to].map(|it| (*it).to_owned());
            let (order, preference, regexp) = (*order, *preference, String::new());
            NaptrRecord { order, preference, flags, services, regexp, replacement }
        };
        let records = records.iter().map(record).collect();
        self.with(name, RecordKind::Naptr, Ok(Records::Naptr { ttl: TTL, records }))
    }

    pub(super) fn locate(&mut self, ms: u64, uri: &str, settings: LocateSettings) -> Located {
        let destination = destination(uri);
        let drawn = self.drawn;
        self.locator.locate(at(ms), &destination, settings, 1, &mut || drawn)
    }

    /// Answers all questions but those for `silent` kinds.
    pub(super) fn answer(&mut self, ms: u64, silent: &[RecordKind]) -> Vec<LocateOutcome<u32>> {
        let mut found = Vec::new();
        let drawn = self.drawn;
        while let Some(transmit) = self.locator.poll_query() {
            let Transmit::Query { query, name, kind } = transmit else { panic!("{transmit:?}") };
            self.asked.push(format!("{kind:?} {name}"));
            if silent.contains(&kind) {
                self.silent.push((query, name, kind));
                continue;
            }
            let answer = self.zone.get(&(name, kind)).cloned().unwrap_or(Err(DnsError::NotFound));
            found.extend(self.locator.on_records(at(ms), query, answer, &mut || drawn));
        }
        found
    }

    /// Answers the questions that were not answered before.
    pub(super) fn answer_late(&mut self, ms: u64) -> Vec<LocateOutcome<u32>> {
        let mut found = Vec::new();
        for (query, name, kind) in std::mem::take(&mut self.silent) {
            let answer = self.zone.get(&(name, kind)).cloned().unwrap_or(Err(DnsError::NotFound));
            found.extend(self.locator.on_records(at(ms), query, answer, &mut || 0));
        }
        found
    }

    /// Where `uri` leads, with all questions answered.
    pub(super) fn leads(&mut self, ms: u64, uri: &str, settings: LocateSettings) -> String {
        match self.locate(ms, uri, settings) {
            Located::Ready(targets) => text(Ok(targets)),
            Located::Failed(error) => text(Err(error)),
            Located::Waiting => {
                let mut found = self.answer(ms, &[]);
                assert_eq!(found.len(), 1, "{:?}", self.asked);
                text(found.remove(0).1)
            }
        }
    }
}

pub(super) fn text(result: Result<TargetQueue, LocateError>) -> String {
    let mut targets = match result {
        Ok(targets) => targets,
        Err(error) => return error.to_string(),
    };
    let mut all = Vec::new();
    while let Some(Target { transport, remote, tls_name, .. }) = targets.pop() {
        let name = tls_name.map(|name| format!(" ({name})")).unwrap_or_default();
        all.push(format!("{} {remote}{name}", transport.via()));
    }
    all.join(", ")
}

#[test]
fn an_address_is_not_looked_up() {
    let mut world = world();
    let both = LocateSettings { families: AddressFamilies::Both, ..UDP };
    let all = LocateSettings { transports: ALL, ..both };
    for (uri, expected) in [
        ("sip:192.0.2.1", "UDP 192.0.2.1:5060"),
        ("sip:[2001:db8::1]:5070", "UDP [2001:db8::1]:5070"),
        ("sip:acme.test;maddr=192.0.2.7", "UDP 192.0.2.7:5060"),
    ] {
        assert_eq!(
            (world.leads(0, uri, both), world.leads(0, uri, all)),
            (expected.into(), expected.into())
        );
    }
    assert_eq!(world.leads(0, "sip:192.0.2.1;transport=tcp", all), "TCP 192.0.2.1:5060");
    assert_eq!(world.leads(0, "sips:192.0.2.1", all), "TLS 192.0.2.1:5061 (192.0.2.1)");
    let wrong = world.leads(0, "sip:[2001:db8::1]", UDP);
    assert_eq!(wrong, "2001:db8::1 is an IPv6 address and the socket is for IPv4 only");
    assert_eq!(world.leads(0, "sip:[::ffff:192.0.2.1]", UDP), "UDP 192.0.2.1:5060");
    assert_eq!(world.asked, [""; 0]);
}

#[test]
fn a_name_with_a_port_has_addresses_only() {
    let mut world = world().ip("acme.test", &["192.0.2.1", "192.0.2.2"]);
    let expected = "UDP 192.0.2.1:5070, UDP 192.0.2.2:5070";
    assert_eq!(world.leads(0, "sip:acme.test:5070", UDP), expected);
    assert_eq!(world.asked, ["A acme.test"]);
}

#[test]
fn without_services_a_name_has_addresses_only() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]);
    let plain = LocateSettings { has_services: false, transports: ALL, ..UDP };
    assert_eq!(world.leads(0, "sip:acme.test", plain), "UDP 192.0.2.1:5060");
    assert_eq!(world.asked, ["A acme.test"]);
}

#[test]
fn the_servers_of_a_domain_are_found_by_srv_records() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(20, 0, 5080, "b.test"), (10, 0, 5070, "a.test")])
        .ip("a.test", &["192.0.2.1"])
        .ip("b.test", &["192.0.2.2"]);
    let expected = "UDP 192.0.2.1:5070, UDP 192.0.2.2:5080";
    assert_eq!(world.leads(0, "sip:acme.test", UDP), expected);
    let questions = ["Srv _sip._udp.acme.test", "A b.test", "A a.test"];
    assert_eq!(world.asked, questions, "nor NAPTR, where there is one transport");
    assert_eq!(world.leads(299_999, "sip:ACME.test", UDP), expected);
    assert_eq!(world.asked.len(), 3, "all of it is known");
}

#[test]
fn each_request_draws_lots_of_its_own_among_servers_of_one_priority() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 1, 5060, "a.test"), (1, 9, 5060, "b.test")])
        .ip("a.test", &["192.0.2.1"])
        .ip("b.test", &["192.0.2.2"]);
    let destination = destination("sip:acme.test");
    // Each request draws once for each server; 0 and 1 are the first's, 2 to 10 the second's.
    let mut draws = [1, 0, 10, 0].into_iter();
    let mut random = || draws.next().unwrap();
    for waiter in [1, 2] {
        let located = world.locator.locate(at(0), &destination, UDP, waiter, &mut random);
        assert_eq!(located, Located::Waiting);
    }
    let mut found = Vec::new();
    while let Some(Transmit::Query { query, name, kind }) = world.locator.poll_query() {
        let answer = world.zone[&(name, kind)].clone();
        found.extend(world.locator.on_records(at(0), query, answer, &mut random));
    }
    let found: Vec<_> =
        found.into_iter().map(|(waiter, targets)| (waiter, text(targets))).collect();
    let [a, b] = ["UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060"];
    assert_eq!(found, [(1, format!("{a}, {b}")), (2, format!("{b}, {a}"))]);
}

#[test]
fn a_domain_without_srv_records_is_looked_up_itself() {
    for error in [DnsError::NotFound, DnsError::NoData, DnsError::ServerFailure, DnsError::Timeout]
    {
        let mut world = world()
            .with("_sip._udp.acme.test", RecordKind::Srv, Err(error))
            .ip("acme.test", &["192.0.2.1"]);
        assert_eq!(world.leads(0, "sip:acme.test", UDP), "UDP 192.0.2.1:5060");
    }
}

#[test]
fn a_domain_that_offers_no_service_is_not_asked_for_addresses() {
    let dot = world().srv("_sip._udp.acme.test", &[(0, 0, 0, ".")]);
    let error = world().with("_sip._udp.acme.test", RecordKind::Srv, Err(DnsError::NotOffered));
    for mut world in [dot, error].map(|world| world.ip("acme.test", &["192.0.2.1"])) {
        assert_eq!(world.leads(0, "sip:acme.test", UDP), "acme.test does not offer SIP");
        assert_eq!(world.asked, ["Srv _sip._udp.acme.test"]);
    }
}

#[test]
fn naptr_records_choose_among_the_transports_that_we_have() {
    let records = [
        (20, 0, "s", "sip+d2u", "_sip._udp.acme.test"),
        (10, 20, "S", "SIP+D2T", "_sip._tcp.acme.test"),
        (10, 10, "s", "SIPS+D2T", "_sips._tcp.acme.test"),
        (1, 0, "s", "SIP+D2S", "_sip._sctp.acme.test"),
        (1, 0, "u", "E2U+sip", "acme.test"),
    ];
    let mut world = world()
        .naptr("acme.test", &records)
        .srv("_sips._tcp.acme.test", &[(1, 1, 5061, "tls.test")])
        .srv("_sip._tcp.acme.test", &[(1, 1, 5060, "tcp.test")])
        .srv("_sip._udp.acme.test", &[(1, 1, 5060, "udp.test")])
        .ip("tls.test", &["192.0.2.1"])
        .ip("tcp.test", &["192.0.2.2"])
        .ip("udp.test", &["192.0.2.3"]);
    let [tls, tcp, udp] =
        ["TLS 192.0.2.1:5061 (acme.test)", "TCP 192.0.2.2:5060", "UDP 192.0.2.3:5060"];
    let all = LocateSettings { transports: ALL, ..UDP };
    assert_eq!(world.leads(0, "sip:acme.test", all), [tls, tcp, udp].join(", "));
    let two = TransportSet { tls: false, ..ALL };
    let two = LocateSettings { transports: two, ..UDP };
    assert_eq!(world.leads(0, "sip:acme.test", two), [tcp, udp].join(", "));
    world.asked.clear();
    assert_eq!(world.leads(400_000, "sips:acme.test", all), tls);
    assert_eq!(world.asked[0], "Srv _sips._tcp.acme.test", "NAPTR is not needed");
}

#[test]
fn a_domain_that_offers_tls_only_is_not_called_in_the_clear() {
    let offer = |service| [(1, 0, "s", service, "_sips._tcp.acme.test")];
    let two = LocateSettings { transports: TransportSet { tls: false, ..ALL }, ..UDP };
    let mut tls = world().naptr("acme.test", &offer("SIPS+D2T")).ip("acme.test", &["192.0.2.1"]);
    assert_eq!(tls.leads(0, "sip:acme.test", two), "acme.test offers TLS only");
    let mut other = world().naptr("acme.test", &offer("E2U+sip")).ip("acme.test", &["192.0.2.1"]);
    assert_eq!(other.leads(0, "sip:acme.test", two), "UDP 192.0.2.1:5060");
}

#[test]
fn a_naptr_record_may_lead_to_addresses() {
    let mut world = world()
        .naptr("acme.test", &[(1, 0, "a", "SIP+D2T", "host.test")])
        .ip("host.test", &["192.0.2.1"]);
    let all = LocateSettings { transports: ALL, ..UDP };
    assert_eq!(world.leads(0, "sip:acme.test", all), "TCP 192.0.2.1:5060");
}

#[test]
fn a_transport_that_naptr_names_is_used_without_srv_records_too() {
    let mut world = world()
        .naptr("acme.test", &[(1, 0, "s", "SIPS+D2T", "_sips._tcp.acme.test")])
        .ip("acme.test", &["192.0.2.1"]);
    let all = LocateSettings { transports: ALL, ..UDP };
    assert_eq!(world.leads(0, "sip:acme.test", all), "TLS 192.0.2.1:5061 (acme.test)");
}

#[test]
fn without_naptr_records_all_services_are_asked_for_at_once() {
    let mut world = world()
        .srv("_sip._tcp.acme.test", &[(1, 1, 5060, "host.test")])
        .srv("_sip._udp.acme.test", &[(1, 1, 5060, "host.test")])
        .ip("host.test", &["192.0.2.1"]);
    let all = LocateSettings { transports: ALL, ..UDP };
    let expected = "UDP 192.0.2.1:5060, TCP 192.0.2.1:5060";
    assert_eq!(world.leads(0, "sip:acme.test", all), expected);
    let services = ["_sip._udp", "_sip._tcp", "_sips._tcp"].map(|it| format!("Srv {it}.acme.test"));
    assert_eq!(world.asked[1..4], services);
}

#[test]
fn the_uri_names_the_transport_unless_it_is_fixed() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]);
    let all = LocateSettings { transports: ALL, ..UDP };
    let fixed = LocateSettings { fixed: Some(Transport::Udp), ..UDP };
    for (uri, open, bound) in [
        ("sip:acme.test;transport=tcp", "TCP 192.0.2.1:5060", "UDP 192.0.2.1:5060"),
        ("sip:acme.test:5070;transport=TCP", "TCP 192.0.2.1:5070", "UDP 192.0.2.1:5070"),
        ("sips:acme.test;transport=tcp", "TLS 192.0.2.1:5061 (acme.test)", "UDP 192.0.2.1:5061"),
        ("sips:acme.test;transport=udp", "sips needs TLS", "UDP 192.0.2.1:5061"),
    ] {
        assert_eq!(
            (world.leads(0, uri, all), world.leads(0, uri, fixed)),
            (open.into(), bound.into())
        );
    }
    let unsupported = "the transport of the URI is not supported";
    assert_eq!(world.leads(0, "sip:acme.test;transport=sctp", all), unsupported);
    assert_eq!(world.leads(0, "sip:acme.test;transport=tcp", UDP), unsupported);
    assert_eq!(world.leads(0, "sips:acme.test", UDP), "sips needs TLS");
}

#[test]
fn addresses_of_both_families_are_used() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]).ip("acme.test", &["2001:db8::1"]);
    let both = LocateSettings { families: AddressFamilies::Both, ..UDP };
    let expected = "UDP [2001:db8::1]:5070, UDP 192.0.2.1:5070";
    assert_eq!(world.leads(0, "sip:acme.test:5070", both), expected);
    world.zone.remove(&("acme.test".to_owned(), RecordKind::Aaaa));
    assert_eq!(world.leads(400_000, "sip:acme.test:5070", both), "UDP 192.0.2.1:5070");
}

#[test]
fn a_name_without_addresses_fails_with_its_reason() {
    let mut plain = world();
    let expected = "acme.test: Name or service not known";
    assert_eq!(plain.leads(0, "sip:acme.test", UDP), expected);
    let both = LocateSettings { families: AddressFamilies::Both, ..UDP };
    let mut silent = world().with("acme.test", RecordKind::Aaaa, Err(DnsError::NoData)).with(
        "acme.test",
        RecordKind::A,
        Err(DnsError::Timeout),
    );
    let expected = "acme.test: Temporary failure in name resolution";
    assert_eq!(silent.leads(0, "sip:acme.test:5060", both), expected);
    let mut server = world().srv("_sip._udp.acme.test", &[(1, 1, 5060, "gone.test")]);
    assert_eq!(server.leads(0, "sip:acme.test", UDP), "gone.test: Name or service not known");
}

#[test]
fn a_name_with_a_given_address_is_not_looked_up() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 1, 5080, "host.test")])
        .ip("host.test", &["192.0.2.1"]);
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(world.locator.give_address("ACME.test.", ip("192.0.2.9")), Ok(()));
    assert_eq!(world.leads(0, "sip:acme.test", UDP), "UDP 192.0.2.9:5060");
    assert_eq!(world.leads(0, "sip:acme.test:5070", UDP), "UDP 192.0.2.9:5070");
    assert!(world.asked.is_empty());
    assert!(world.locator.take_back_address("acme.test"));
    assert!(!world.locator.take_back_address("acme.test"));
    assert_eq!(world.locator.give_address("host.test", ip("192.0.2.8")), Ok(()));
    assert_eq!(world.leads(0, "sip:acme.test", UDP), "UDP 192.0.2.8:5080");
    assert_eq!(world.asked, ["Srv _sip._udp.acme.test"]);
    assert_eq!(world.locator.give_address("host.test", ip("2001:db8::1")), Ok(()));
    assert_eq!(world.locator.given_address("host.test"), Some(ip("2001:db8::1")));
    assert!(world.leads(0, "sip:host.test:5060", UDP).contains("IPv6"));
}

#[test]
fn each_answer_is_kept_for_its_own_ttl() {
    let mut world = world()
        .srv("_sip._udp.acme.test", &[(1, 1, 5060, "host.test")])
        .ip("host.test", &["192.0.2.1"]);
    let short = Records::Addresses {
        ttl: Duration::from_secs(5),
        addresses: vec![[192, 0, 2, 1].into()],
        zone: 0,
    };
    world.zone.insert(("host.test".into(), RecordKind::A), Ok(short));
    world.leads(0, "sip:acme.test", UDP);
    world.asked.clear();
    world.leads(5000, "sip:acme.test", UDP);
    assert_eq!(world.asked, ["A host.test"]);
    world.asked.clear();
    let anew = LocateSettings { is_reused: false, ..UDP };
    world.leads(5001, "sip:acme.test", anew);
    assert_eq!(world.asked, ["Srv _sip._udp.acme.test", "A host.test"], "option 18 is 0");
}

#[test]
fn all_who_ask_for_one_name_wait_for_one_answer() {
    let mut world = world().ip("acme.test", &["192.0.2.1"]);
    let destination = destination("sip:acme.test:5070");
    for waiter in 0..1000 {
        let located = world.locator.locate(at(0), &destination, UDP, waiter, &mut || 0);
        assert_eq!(located, Located::Waiting);
    }
    let found = world.answer(0, &[]);
    assert_eq!((found.len(), world.asked.len()), (1000, 1));
    assert!(found.iter().map(|(waiter, _)| *waiter).eq(0..1000));
    assert!(world.locator.lookups.is_empty() && world.locator.by_key.is_empty());
}

#[test]
fn a_server_that_failed_comes_behind_the_others_until_it_answers() {
    let mut world = world().ip("acme.test", &["192.0.2.1", "192.0.2.2"]);
    let server = (Transport::Udp, addr("192.0.2.1:5070"));
    let [first, second] = ["UDP 192.0.2.1:5070", "UDP 192.0.2.2:5070"];
    world.locator.on_server_failed(at(0), server, None, &mut || 1 << 63);
    let uri = "sip:acme.test:5070";
    assert_eq!(world.leads(1, uri, UDP), [second, first].join(", "));
    assert_eq!(world.locator.penalties.until(at(1), server), Some(at(60_000)));
    world.locator.on_server_answered(server.0, server.1);
    assert_eq!(world.leads(2, uri, UDP), [first, second].join(", "));
    world.locator.on_server_failed(at(3), server, None, &mut || 1 << 63);
    assert_eq!(world.leads(60_003, uri, UDP), [first, second].join(", "));
}

#[test]
fn no_more_than_four_thousand_destinations_are_looked_up_at_once() {
    let mut world = world();
    for n in 0..MAX_LOOKUPS {
        let located = world.locate(0, &format!("sip:{n}.test:5060"), UDP);
        assert_eq!(located, Located::Waiting);
    }
    let busy = world.leads(0, "sip:more.test:5060", UDP);
    assert_eq!(busy, "more.test: too many names are being looked up");
    assert_eq!(world.answer(1, &[]).len(), MAX_LOOKUPS);
}

#[test]
fn a_domain_with_too_many_servers_fails_at_once() {
    let names: Vec<String> = (0..=MAX_LOOKUPS + 10).map(|n| format!("{n}.test")).collect();
    let servers: Vec<_> = names.iter().map(|name| (1, 1, 5060, &**name)).collect();
    let mut world = world().srv("_sip._udp.acme.test", &servers);
    let busy = "acme.test: too many names are being looked up";
    assert_eq!(world.leads(0, "sip:acme.test", UDP), busy);
}
