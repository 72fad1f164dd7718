//! The eXosip calls and a domain with several servers: within one attempt the next is tried,
//! without an event on the way, and whether or not automatic_action runs.

use crate::common::{World, addr, param, refused, response, www};
use register::agent::{DnsError, EventKind, InitialRegister, Rid, TransportError};
use register::sip::Draft;
use std::net::SocketAddr;

const SERVERS: [&str; 3] = ["192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"];

/// A request and where it went.
pub(super) type Sent = (SocketAddr, Draft);

/// A world whose domain has this many servers, and the first REGISTER of alice by `proxy`.
fn registering(servers: usize, proxy: &str) -> (World, Rid, Sent) {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Ok(SERVERS[..servers].iter().map(|text| addr(text)).collect())));
    let (rid, text) = world.build_with(InitialRegister {
        from: "sip:alice@acme.test",
        proxy,
        contact: None,
        expires: 600,
        q: None,
    });
    world.send(rid, &text);
    let first = one(&mut world);
    assert_eq!(first.0, addr(SERVERS[0]));
    (world, rid, first)
}

/// The one request that goes out now, and where to.
pub(super) fn one(world: &mut World) -> Sent {
    let mut sent = world.raw_sent();
    assert_eq!(sent.len(), 1, "{:#?}", world.notes);
    let (to, bytes) = sent.remove(0);
    (to, Draft::parse(&bytes).unwrap())
}

pub(super) fn answer(world: &mut World, (from, request): &Sent, status: &str, extra: &[&str]) {
    world.receive_from(*from, &response(request, status, extra));
}

pub(super) fn grant(world: &mut World, sent: &Sent, seconds: u32) {
    let contact = sent.1.get("Contact").unwrap().to_owned();
    answer(world, sent, "200 OK", &[&format!("Contact: {contact};expires={seconds}")]);
}

/// Registered at the second server: one success, and no other event.
fn registered_at_second(world: &mut World, first: &Sent, second: Sent) {
    assert!(world.events().is_empty(), "there is no event on the way");
    assert_eq!(second.0, addr(SERVERS[1]));
    assert_ne!(second.1.get("Via"), first.1.get("Via"));
    assert_eq!(second.1.get("CSeq"), first.1.get("CSeq"));
    grant(world, &second, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_server_that_says_503_is_left_for_the_next_without_an_event() {
    for proxy in ["sip:acme.test", "sip:acme.test:5060"] {
        let (mut world, _, first) = registering(2, proxy);
        answer(&mut world, &first, "503 Service Unavailable", &["Retry-After: 600"]);
        let second = one(&mut world);
        registered_at_second(&mut world, &first, second);
    }
}

#[test]
fn a_server_that_is_silent_for_7500_ms_is_left_for_the_next() {
    for proxy in ["sip:acme.test", "sip:acme.test:5060"] {
        let (mut world, _, first) = registering(2, proxy);
        assert_eq!(world.run_to(7_499).len(), 3);
        world.at(7_500);
        let second = one(&mut world);
        registered_at_second(&mut world, &first, second);
    }
}

#[test]
fn a_server_that_icmp_says_is_not_there_is_left_for_the_next() {
    let (mut world, _, first) = registering(2, "sip:acme.test");
    world.undelivered(first.0, refused(), &first.1.to_bytes());
    let second = one(&mut world);
    registered_at_second(&mut world, &first, second);
}

#[test]
fn a_server_without_a_route_is_left_for_the_next() {
    let mut world = World::with_alice();
    let unreachable = TransportError::NoRoute { to: addr(SERVERS[0]).ip(), errno: 101 };
    world.locals.push((addr(SERVERS[0]), Err(unreachable)));
    world.names.push(("acme.test", Ok(SERVERS[..2].iter().map(|text| addr(text)).collect())));
    let (proxy, from) = ("sip:acme.test", "sip:alice@acme.test");
    let ask = InitialRegister { from, proxy, contact: None, expires: 600, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    assert_eq!(one(&mut world).0, addr(SERVERS[1]));
    assert!(world.events().is_empty());
}

#[test]
fn a_server_that_only_says_100_is_left_when_timer_f_fires() {
    let (mut world, _, first) = registering(2, "sip:acme.test");
    answer(&mut world, &first, "100 Trying", &[]);
    world.run_to(31_999);
    world.at(32_000);
    let second = one(&mut world);
    registered_at_second(&mut world, &first, second);
}

#[test]
fn when_all_servers_fail_there_is_one_event_at_the_end() {
    let (mut world, rid, first) = registering(3, "sip:acme.test");
    answer(&mut world, &first, "503 Service Unavailable", &[]);
    let second = one(&mut world);
    world.undelivered(second.0, refused(), &second.1.to_bytes());
    let third = one(&mut world);
    assert_eq!(third.0, addr(SERVERS[2]));
    world.run_to(31_999);
    assert!(world.events().is_empty());
    world.at(32_000);
    let event = world.event();
    assert_eq!((event.kind, event.rid), (EventKind::RegistrationFailure, rid));
    assert!(event.response.is_none());
    assert!(event.text.contains("192.0.2.3:5060"), "{}", event.text);
    world.quiet_to(119_000);
    world.at(120_000);
    assert_eq!(world.automatic().len(), 1, "as after any failure");
}

#[test]
fn the_last_refusal_is_the_event_when_all_servers_refuse() {
    let (mut world, _, first) = registering(2, "sip:acme.test");
    answer(&mut world, &first, "503 Service Unavailable", &[]);
    let second = one(&mut world);
    answer(&mut world, &second, "503 Service Unavailable", &[]);
    let event = world.event();
    assert_eq!(event.kind, EventKind::RegistrationFailure);
    assert!(event.response.is_some_and(|response| response.starts_with(b"SIP/2.0 503")));
}

#[test]
fn other_answers_are_no_reason_to_leave_a_server() {
    for status in ["403 Forbidden", "500 Server Error", "480 Unavailable", "606 Not Acceptable"] {
        let (mut world, _, first) = registering(2, "sip:acme.test");
        answer(&mut world, &first, status, &[]);
        assert_eq!(world.event().kind, EventKind::RegistrationFailure, "{status}");
        assert!(world.sent().is_empty(), "{status}");
    }
}

#[test]
fn a_challenge_is_answered_at_the_server_that_asked() {
    // All of one priority: each REGISTER draws lots.
    for seed in 0..32 {
        let mut world = World::with_seed(seed);
        world.credential("alice", "secret", "");
        world.priority = Some(1);
        world.names.push(("acme.test", Ok(SERVERS.map(addr).to_vec())));
        let (proxy, from) = ("sip:acme.test", "sip:alice@acme.test");
        let ask = InitialRegister { from, proxy, contact: None, expires: 600, q: None };
        let (rid, text) = world.build_with(ask);
        world.send(rid, &text);
        let mut sent = one(&mut world);
        let server = sent.0;
        for (status, extra) in [
            ("401 Unauthorized", www("n1")),
            ("407 Proxy Authentication Required", www("n2").replace("WWW", "Proxy")),
            ("423 Interval Too Brief", "Min-Expires: 900".to_owned()),
        ] {
            answer(&mut world, &sent, status, &[&extra]);
            world.event();
            world.agent.automatic_action(world.now());
            sent = one(&mut world);
            assert_eq!(sent.0, server, "{status}");
        }
        grant(&mut world, &sent, 900);
        world.event();
        for round in 1..=3 {
            world.run_to(round * 840_000);
            world.agent.automatic_action(world.now());
            sent = one(&mut world);
            assert_eq!(sent.0, server, "refresh {round}");
            grant(&mut world, &sent, 900);
            world.event();
        }
    }
}

#[test]
fn the_next_server_may_ask_as_often_as_the_first() {
    let (mut world, _, mut sent) = registering(2, "sip:acme.test");
    for server in SERVERS[..2].iter().map(|text| addr(text)) {
        for round in 0..3 {
            answer(&mut world, &sent, "401 Unauthorized", &[&www(&format!("{server}{round}"))]);
            assert_eq!(world.event().kind, EventKind::RegistrationFailure);
            world.agent.automatic_action(world.now());
            sent = one(&mut world);
            assert_eq!(sent.0, server, "round {round}");
            assert!(param(sent.1.get("Authorization").unwrap(), "response").is_some());
        }
        answer(&mut world, &sent, "503 Service Unavailable", &[]);
        if server == addr(SERVERS[0]) {
            sent = one(&mut world);
            assert_eq!(sent.0, addr(SERVERS[1]));
        }
    }
    let event = world.event();
    assert_eq!(event.kind, EventKind::RegistrationFailure);
    assert!(world.sent().is_empty(), "the first is not asked again in this attempt");
}

#[test]
fn a_refresh_moves_to_a_server_that_answers_and_comes_back_later() {
    let (mut world, _, first) = registering(2, "sip:acme.test");
    grant(&mut world, &first, 600);
    world.event();
    world.run_to(540_000);
    world.agent.automatic_action(world.now());
    let refresh = one(&mut world);
    assert_eq!(refresh.0, addr(SERVERS[0]));
    answer(&mut world, &refresh, "503 Service Unavailable", &[]);
    let second = one(&mut world);
    assert_eq!(second.0, addr(SERVERS[1]));
    grant(&mut world, &second, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    // Its penalty of 72 s at most is over at the next refresh, which is an ordinary one.
    world.quiet_to(1_079_000);
    assert!(world.automatic().is_empty());
    world.run_to(1_080_000);
    world.agent.automatic_action(world.now());
    let back = one(&mut world);
    assert_eq!(back.0, addr(SERVERS[0]));
    answer(&mut world, &back, "503 Service Unavailable", &[]);
    assert_eq!(one(&mut world).0, addr(SERVERS[1]), "the server of the binding is next");
    assert!(world.events().is_empty());
}

#[test]
fn what_is_granted_counts_from_when_the_register_left() {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Ok(vec![addr(SERVERS[0])])));
    world.mute_resolver = true;
    let (proxy, from) = ("sip:acme.test:5060", "sip:alice@acme.test");
    let ask = InitialRegister { from, proxy, contact: None, expires: 30, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    world.quiet_to(9_900);
    world.answer_muted();
    let sent = one(&mut world);
    grant(&mut world, &sent, 30);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    assert!(world.agent.poll_timeout().is_some());
    world.quiet_to(33_899);
    assert!(world.automatic().is_empty());
    world.run_to(33_900);
    assert_eq!(world.automatic().len(), 1, "24 s after it left");
}

#[test]
fn a_domain_that_does_not_resolve_delays_no_other() {
    let mut world = World::with_alice();
    world.names.push(("b.test", Ok(vec![addr(SERVERS[0])])));
    world.silent = Some("a.test");
    for domain in ["a.test", "b.test"] {
        let (from, proxy) = (format!("sip:alice@{domain}"), format!("sip:{domain}"));
        let ask =
            InitialRegister { from: &from, proxy: &proxy, contact: None, expires: 10, q: None };
        let (rid, text) = world.build_with(ask);
        world.send(rid, &text);
    }
    let mut sent = one(&mut world);
    for round in 1..=6 {
        grant(&mut world, &sent, 10);
        world.run_to(round * 5_000);
        world.agent.automatic_action(world.now());
        sent = one(&mut world);
        assert!(sent.1.get("To").unwrap().contains("b.test"));
    }
    let events = world.events();
    let failures = events.iter().filter(|event| event.kind == EventKind::RegistrationFailure);
    let texts: Vec<_> = failures.map(|event| event.text.to_string()).collect();
    assert!(!texts.is_empty() && texts.iter().all(|text| text.contains("a.test")), "{texts:?}");
}

#[test]
fn what_could_not_leave_is_sent_when_there_is_a_way() {
    let mut world = World::with_alice();
    let no_route = TransportError::NoRoute { to: addr(SERVERS[0]).ip(), errno: 101 };
    world.locals.push((addr(SERVERS[0]), Err(no_route)));
    let (rid, text) = world.build(600);
    world.send(rid, &text);
    assert!(world.sent().is_empty());
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    world.quiet_to(3_000);
    world.locals.clear();
    world.interfaces_changed();
    assert!(!world.agent.has_action_due());
    world.run_to(4_500);
    assert!(world.agent.has_action_due(), "the event socket says so");
    assert_eq!(world.automatic().len(), 1);
}

#[test]
fn a_name_that_was_not_found_is_asked_again_in_another_network() {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Err(DnsError::Timeout)));
    let (proxy, from) = ("sip:acme.test:5060", "sip:alice@acme.test");
    let ask = InitialRegister { from, proxy, contact: None, expires: 600, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    assert!(world.sent().is_empty());
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    world.quiet_to(3_000);
    world.names[0].1 = Ok(vec![addr(SERVERS[0])]);
    world.interfaces_changed();
    world.run_to(4_500);
    assert_eq!(world.automatic().len(), 1);
}

#[test]
fn a_question_without_answer_is_asked_again_in_another_network() {
    let mut world = World::with_alice();
    world.names.push(("acme.test", Ok(vec![addr(SERVERS[0])])));
    world.mute_resolver = true;
    let (proxy, from) = ("sip:acme.test:5060", "sip:alice@acme.test");
    let ask = InitialRegister { from, proxy, contact: None, expires: 600, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    world.quiet_to(3_000);
    world.mute_resolver = false;
    world.interfaces_changed();
    let sent = world.run_to(4_500);
    assert_eq!(sent.len(), 1, "without an event in between");
    assert!(world.events().is_empty());
}

#[test]
fn the_zone_of_an_address_leads_there_and_is_never_sent() {
    let (ip, remote) = (addr("[fe80::1]:5060"), addr("[fe80::1%3]:5060"));
    let mut world = World::with_alice();
    world.names.push(("fe80::1%eth0", Ok(vec![ip])));
    world.locals.push((remote, Ok(addr("[fe80::2%3]:5070"))));
    let (proxy, from) = ("sip:[fe80::1%25eth0]", "sip:alice@[fe80::1%25eth0]");
    let ask = InitialRegister { from, proxy, contact: None, expires: 600, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    let managed = world.managed(|options| {
        options.registrar = proxy.into();
        options.aor = from.into();
    });
    world.agent.registerer_register(world.now(), managed).unwrap();
    for challenged in [false, true] {
        let sent = world.raw_sent();
        assert_eq!(sent.len(), 2, "{:?}", world.notes);
        for (to, bytes) in sent {
            assert_eq!(to, remote);
            let request = Draft::parse(&bytes).unwrap();
            assert!(!bytes.contains(&b'%'), "{request:#?}");
            assert!(request.start().starts_with("REGISTER sip:[fe80::1] "), "{request:#?}");
            let status = if challenged { "200 OK" } else { "401 Unauthorized" };
            if let Some(proof) = request.get("Authorization") {
                assert_eq!(param(proof, "uri").as_deref(), Some("sip:[fe80::1]"));
            }
            assert_eq!(request.get("Authorization").is_some(), challenged);
            world.receive_from(to, &response(&request, status, &[&www("n"), "Expires: 600"]));
        }
        world.agent.automatic_action(world.now());
    }
    let kinds: Vec<_> = world.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::RegistrationFailure, EventKind::RegistrationSuccess]);
    assert!(world.agent.registerer_info(world.now(), managed).unwrap().granted == 600);
    let refresh = world.run_to(540_000);
    assert!(refresh.iter().all(|(_, request)| request.start().contains("[fe80::1]")));
}

#[test]
fn a_binding_moves_with_the_next_automatic_action() {
    let mut world = World::with_alice();
    let (_, first) = world.registered(600);
    world.run_to(10_000);
    world.interfaces_changed();
    world.quiet_to(12_000);
    assert!(world.automatic().is_empty(), "our address is the same");
    world.locals.push((addr(SERVERS[0]), Ok(addr("198.51.100.7:5070"))));
    world.interfaces_changed();
    world.quiet_to(13_500);
    assert!(world.agent.has_action_due());
    let moved = world.automatic_one();
    assert_ne!(moved.get("Contact"), first.get("Contact"));
    assert!(moved.headers().any(|(_, value)| value.contains("198.51.100.7:5070")));
}
