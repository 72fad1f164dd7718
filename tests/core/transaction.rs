//! RFC 3261 section 17.1.2 by instants: every timer of a REGISTER's transaction, and what is no
//! answer to it.

use crate::common::{REGISTRAR, World, addr, refused, response};
use register::agent::{DnsError, EventKind, InitialRegister, OutOfDialog, Rid, TransportError};
use register::sip::Draft;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

#[test]
fn an_unanswered_register_is_sent_eleven_times_and_given_up_at_32_s() {
    let mut world = World::new();
    let (rid, first) = world.register(3600);
    let sent = world.run_to(31_999);
    let instants: Vec<u128> = sent.iter().map(|(at, _)| *at).collect();
    assert_eq!(instants, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert!(sent.iter().all(|(_, again)| *again == first), "byte for byte the same");
    assert!(world.events().is_empty(), "there is no event at 31,999 ms");
    world.at(32_000);
    let event = world.event();
    assert_eq!((event.kind, event.rid, event.ids.tid), (EventKind::RegistrationFailure, rid, 0));
    assert!(event.response.is_none());
    assert_eq!(event.request.as_ref().map(|text| &text[..]), Some(&*first.to_bytes()));
    assert!(event.text.contains("No answer from 192.0.2.1:5060"), "{}", event.text);
    assert_eq!(world.agent.statistics().transactions, 0);
    world.agent.remove(rid).unwrap();
    assert_eq!(
        world.agent.poll_timeout(),
        None,
        "no timer is left, that of the next attempt aside"
    );
}

#[test]
fn at_499_ms_nothing_at_500_ms_the_register_again() {
    let mut world = World::new();
    let (_, first) = world.register(3600);
    assert!(world.at(499).sent().is_empty());
    assert_eq!(world.at(500).one(), first);
    assert!(world.at(500).sent().is_empty(), "a repeated call does nothing");
    assert!(world.at(1499).sent().is_empty());
    assert_eq!(world.at(1500).one(), first);
}

#[test]
fn after_a_100_it_is_sent_every_4_s_until_32_s() {
    let mut world = World::new();
    let (_, first) = world.register(3600);
    world.at(200);
    world.answer(&first, "100 Trying", &[]);
    let instants: Vec<u128> = world.run_to(31_999).iter().map(|(at, _)| *at).collect();
    assert_eq!(instants, [500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500]);
    assert!(world.events().is_empty());
    world.at(32_000);
    let event = world.event();
    assert_eq!(
        (event.kind, event.response),
        (EventKind::RegistrationFailure, None),
        "1xx then silence is a timeout"
    );
}

#[test]
fn a_final_answer_stops_timer_e_and_duplicates_are_absorbed_for_5_s() {
    let mut world = World::new();
    let (_, first) = world.register(3600);
    world.at(100);
    world.grant(&first, 3600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    world.at(1000);
    world.grant(&first, 3600);
    world.answer(&first, "500 Late", &[]);
    assert!(world.events().is_empty(), "duplicates and late answers are no events");
    assert_eq!(world.notes, [""; 0], "nor are they worth a word");
    assert!(world.run_to(5099).is_empty());
    assert_eq!(world.agent.statistics().transactions, 1, "timer K runs");
    world.at(5100);
    assert_eq!(world.agent.statistics().transactions, 0);
    assert!(world.events().is_empty());
    assert_eq!(world.ended, 1);
    world.grant(&first, 3600);
    assert!(world.events().is_empty(), "an answer after that changes nothing");
    assert!(
        world.notes.iter().any(|note| note.contains("answers no request of ours")),
        "but is noted"
    );
}

#[test]
fn an_answer_with_another_branch_call_id_or_cseq_changes_nothing() {
    let mut world = World::new();
    let (rid, first) = world.register(3600);
    let changed = |name: &str, value: &str| {
        let mut other: Draft = first.clone();
        other.set(name, value);
        response(&other, "200 OK", &[])
    };
    let via = first.get("Via").unwrap();
    let forged = [
        changed(
            "Via",
            "SIP/2.0/UDP 192.0.2.99:5070;branch=z9hG4bK00000000000000000000000000000000",
        ),
        changed("Via", &via.replace("z9hG4bK", "z9hG4bX")),
        changed("Via", "SIP/2.0/UDP 192.0.2.99:5070"),
        changed("Via", "nonsense"),
        changed("Call-ID", "another"),
        changed("CSeq", "2 REGISTER"),
        changed("CSeq", "1 INVITE"),
        changed("CSeq", "many"),
    ];
    for text in forged {
        world.receive(&text);
    }
    assert!(world.events().is_empty());
    assert!(world.agent.build_register(rid, 60).is_err(), "still pending");
    world.grant(&first, 3600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
}

#[test]
fn noise_is_dropped() {
    let mut world = World::new();
    let (_, first) = world.register(3600);
    for noise in [
        &b""[..],
        b"\r\n",
        b"\r\n\r\n",
        b"\0\x01\0\0stun",
        b"SIP/2.0",
        b"\xff\xfe\xfd",
        &[b'A'; 65_507],
    ] {
        world.receive(noise);
    }
    let mut cut = response(&first, "200 OK", &[]);
    cut.truncate(60);
    world.receive(&cut);
    assert!(world.events().is_empty());
    assert_eq!(world.notes.len(), 4, "one line for each that is no keep-alive: {:#?}", world.notes);
}

#[test]
fn a_name_without_address_is_an_event_at_once() {
    let mut world = World::new();
    let error = DnsError::System("no such host".into());
    world.names.push(("no.such.test", Err(error)));
    let ask = InitialRegister {
        from: "sip:alice@acme.test",
        proxy: "sip:no.such.test",
        contact: None,
        expires: 60,
        q: None,
    };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    assert!(world.sent().is_empty());
    let event = world.event();
    assert_eq!(
        (event.kind, event.rid, event.response),
        (EventKind::RegistrationFailure, rid, None)
    );
    assert!(event.text.contains("no such host"), "{}", event.text);
    assert!(event.request.is_some());
    assert!(world.agent.build_register(rid, 60).is_ok(), "the next call works");
}

#[test]
fn a_name_that_never_resolves_is_given_up_at_10_s() {
    let mut world = World::new();
    world.mute_resolver = true;
    send_to_domain(&mut world);
    assert!(world.sent().is_empty());
    assert!(world.run_to(9_999).is_empty());
    assert!(world.events().is_empty());
    world.at(10_000);
    let text = world.event().text;
    assert!(text.contains("acme.test: Temporary failure in name resolution"), "{text}");
}

#[test]
fn a_domain_that_names_no_server_fails_and_is_never_asked_for_addresses() {
    let mut world = World::new();
    world.names.push(("acme.test", Ok(Vec::new())));
    send_to_domain(&mut world);
    assert!(world.sent().is_empty());
    let text = world.event().text;
    assert!(text.contains("acme.test does not offer SIP"), "{text}");
}

/// A registration of alice at the servers of her domain, and its REGISTER on its way.
fn send_to_domain(world: &mut World) -> Rid {
    let (from, proxy) = ("sip:alice@acme.test", "sip:acme.test");
    let ask = InitialRegister { from, proxy, contact: None, expires: 60, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    rid
}

/// A world in which the domain of alice has two servers.
fn two_servers() -> (World, [SocketAddr; 2]) {
    let mut world = World::new();
    let servers = ["192.0.2.1:5060", "192.0.2.2:5060"].map(addr);
    world.names.push(("acme.test", Ok(servers.to_vec())));
    (world, servers)
}

#[test]
fn an_icmp_error_is_logged_and_retransmission_goes_on() {
    let mut world = World::new();
    let (_, first) = world.register(3600);
    world.at(1);
    world.undelivered(addr(REGISTRAR), refused(), &first.to_bytes());
    assert!(world.events().is_empty());
    assert!(world.notes[0].contains("Connection refused"));
    assert_eq!(world.at(500).one(), first, "a registrar that restarts within 32 s is found");
    world.run_to(32_000);
    assert!(world.event().text.contains("Connection refused"));
}

#[test]
fn with_a_next_target_an_icmp_error_moves_on_at_once_with_a_new_branch() {
    let (mut world, servers) = two_servers();
    send_to_domain(&mut world);
    let (to, first) = world.raw_sent().remove(0);
    world.undelivered(to, refused(), &first);
    let (second_to, second) = world.raw_sent().remove(0);
    assert_eq!([to, second_to], servers);
    let (first, second) = (Draft::parse(&first).unwrap(), Draft::parse(&second).unwrap());
    assert_ne!(first.get("Via"), second.get("Via"));
    assert_eq!(first.get("CSeq"), second.get("CSeq"));
    world.grant(&first, 60);
    assert!(world.events().is_empty(), "the first branch is over");
    world.grant(&second, 60);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_dead_network_fails_at_once_and_the_next_call_works() {
    let mut world = World::new();
    let (rid, first) = world.register(3600);
    let now = world.now();
    world.undelivered(addr(REGISTRAR), TransportError::Unreachable, &first.to_bytes());
    let event = world.event();
    assert_eq!((event.kind, event.response), (EventKind::RegistrationFailure, None));
    assert!(event.text.contains("Network is unreachable"));
    world.agent.send_register(now, rid, None).unwrap();
    let second = world.one();
    assert_eq!(second.get("CSeq"), Some("2 REGISTER"));
    assert_eq!(second.get("Call-ID"), first.get("Call-ID"));
}

#[test]
fn an_answer_whose_via_lost_its_host_is_known_by_its_branch() {
    let mut world = World::new();
    let (_, mut first) = world.register(3600);
    let via = first.get("Via").unwrap().replace("192.0.2.99:5070;rport", ":5070");
    first.set("Via", format!("{via};received=203.0.113.7;rport=40123"));
    world.grant(&first, 3600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    assert!(world.automatic_one().get("Contact").unwrap().contains("@203.0.113.7:40123"));
}

#[test]
fn a_503_or_silence_moves_on_to_the_next_server_without_an_event() {
    for silent in [true, false] {
        let (mut world, servers) = two_servers();
        let rid = send_to_domain(&mut world);
        let (to, first) = world.raw_sent().remove(0);
        assert_eq!(to, servers[0]);
        let first = Draft::parse(&first).unwrap();
        if silent {
            world.run_to(7_499);
            world.at(7_500);
        } else {
            world.answer(&first, "503 Service Unavailable", &[]);
        }
        let (to, second) = world.raw_sent().remove(0);
        let second = Draft::parse(&second).unwrap();
        assert_eq!((to, second.get("CSeq")), (servers[1], first.get("CSeq")));
        assert!(world.events().is_empty());
        world.grant(&second, 3600);
        assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
        // It comes behind the other for 60 s, give or take a fifth, …
        world.run_to(55_000);
        let now = world.now();
        world.agent.send_register(now, rid, None).unwrap();
        let (to, third) = world.raw_sent().remove(0);
        assert_eq!(to, servers[1]);
        world.grant(&Draft::parse(&third).unwrap(), 3600);
        // … and is preferred again then.
        world.run_to(80_000);
        let now = world.now();
        world.agent.send_register(now, rid, None).unwrap();
        assert_eq!(world.raw_sent().remove(0).0, servers[0]);
    }
}

#[test]
fn a_server_that_says_503_comes_last_until_its_retry_after() {
    let (mut world, servers) = two_servers();
    let rid = send_to_domain(&mut world);
    for (server, wait) in servers.iter().zip(["Retry-After: 300", "Retry-After: 200"]) {
        let (to, request) = world.raw_sent().remove(0);
        assert_eq!(to, *server);
        world.answer(&Draft::parse(&request).unwrap(), "503 Service Unavailable", &[wait]);
    }
    assert_eq!(world.event().kind, EventKind::RegistrationFailure, "one when all have failed");
    for (at, server) in [(201_000, servers[1]), (301_000, servers[0])] {
        world.run_to(at);
        let now = world.now();
        world.agent.send_register(now, rid, None).unwrap();
        let (to, request) = world.raw_sent().remove(0);
        assert_eq!(to, server, "at {at} ms");
        world.answer(&Draft::parse(&request).unwrap(), "403 Forbidden", &[]);
    }
}

#[test]
fn any_request_moves_on_to_the_next_server() {
    let (mut world, servers) = two_servers();
    let (to, from) = ("sip:bob@acme.test", "sip:alice@acme.test");
    let ask = OutOfDialog { method: "MESSAGE", to, from, route: "" };
    let text = world.agent.build_request(ask).unwrap();
    let now = world.now();
    world.agent.send_request(now, &text).unwrap();
    let (to, first) = world.raw_sent().remove(0);
    assert_eq!(to, servers[0]);
    world.answer(&Draft::parse(&first).unwrap(), "503 Service Unavailable", &[]);
    let (to, second) = world.raw_sent().remove(0);
    assert_eq!(to, servers[1]);
    assert!(world.events().is_empty());
    world.answer(&Draft::parse(&second).unwrap(), "200 OK", &[]);
    assert_eq!(world.event().kind, EventKind::MessageAnswered);
}

#[test]
fn a_server_that_no_route_leads_to_is_left_for_the_next_at_once() {
    let (mut world, servers) = two_servers();
    let error = TransportError::NoRoute { to: servers[0].ip(), errno: 101 };
    world.locals.push((servers[0], Err(error)));
    let rid = send_to_domain(&mut world);
    let (to, request) = world.raw_sent().remove(0);
    assert_eq!(to, servers[1]);
    world.grant(&Draft::parse(&request).unwrap(), 60);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    let error = TransportError::NoRoute { to: servers[1].ip(), errno: 101 };
    world.locals.push((servers[1], Err(error)));
    world.at(1_000);
    let now = world.now();
    world.agent.send_register(now, rid, None).unwrap();
    assert!(world.raw_sent().is_empty());
    assert!(world.event().text.contains("Network is unreachable towards 192.0.2.2."));
}

#[test]
fn a_request_too_long_for_udp_does_not_spoil_the_next() {
    let mut world = World::new();
    let (rid, built) = world.build(60);
    let mut draft = Draft::parse(&built).unwrap();
    draft.push("X-Large", "x".repeat(70_000));
    world.send(rid, &draft.to_bytes());
    let (to, bytes) = world.raw_sent().remove(0);
    let now = world.now();
    world.undelivered(to, TransportError::TooLong, &bytes);
    assert!(world.event().text.contains("Message too long"));
    world.agent.send_register(now, rid, None).unwrap();
    assert_eq!(world.one().get("X-Large"), None);
}

/// The timers of one transaction: timer E and its interval while there is no answer, then F or K.
struct Timed {
    request: Draft,
    e: Option<(Instant, Duration)>,
    end: Instant,
}

#[test]
fn of_many_transactions_each_has_its_own_instants() {
    let ms = Duration::from_millis;
    let mut world = World::new();
    let mut all: Vec<Timed> = Vec::new();
    let mut state = 1_u64;
    let mut draw = |of: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) % of
    };
    for _ in 0..3000 {
        let now = world.now();
        if all.len() < 200 && draw(3) > 0 {
            let request = world.register(3600).1;
            all.push(Timed { request, e: Some((now + ms(500), ms(500))), end: now + ms(32_000) });
        }
        let count = all.len() as u64;
        if count > 0 && draw(2) == 0 {
            // Some answers are taken a moment late: the clock was read before that of another
            // thread.
            let at = now.checked_sub(ms(draw(4))).unwrap_or(now);
            let one = &mut all[draw(count) as usize];
            let bytes = response(&one.request, "200 OK", &[]);
            world.receive_at(at, addr(REGISTRAR), &bytes);
            if one.e.take().is_some() {
                one.end = at + ms(5000);
            }
        }
        let next = |all: &[Timed]| {
            all.iter().map(|one| one.e.map_or(one.end, |(at, _)| at.min(one.end))).min()
        };
        assert_eq!(world.agent.poll_timeout(), next(&all), "no other wake-up, and none too late");
        let (to, mut again) = (world.millis() as u64 + draw(60), 0);
        let sent = world.run_to(to).len();
        let now = world.now();
        for one in &mut all {
            while let Some((at, interval)) = one.e.filter(|(at, _)| *at <= now && *at < one.end) {
                let interval = (interval * 2).min(ms(4000));
                one.e = Some((at + interval, interval));
                again += 1;
            }
        }
        all.retain(|one| one.end > now);
        assert_eq!(sent, again);
        assert_eq!(world.agent.statistics().transactions, all.len());
    }
}
