//! Bearer tokens (RFC 8898) by a program that is asked for them, instant by instant.

use crate::common::World;
use crate::connections::FIRST;
use register::agent::{
    FlowId, Input, NaptrRecord, RecordKind, Records, Refusal, RegistererEventKind as Kind,
    Transmit, Transport,
};
use register::auth::{ProgramAnswer, ProgramScheme};
use register::registration::policy::managed::{
    ManagedOptions as Options, PendingChallenge, RegistererState as State,
};
use register::sip::Draft;
use std::time::Duration;

const BEARER: &str = "WWW-Authenticate: Bearer realm=\"acme\", scope=\"sip\", \
                      authz_server=\"https://as.acme.test/token\"";

fn asks(options: &mut Options) {
    options.challenge_wait = Duration::from_secs(30);
}

fn token(text: &str) -> Option<ProgramAnswer> {
    Some(ProgramAnswer::Token(text.to_owned().into()))
}

fn pending(world: &World, rid: i32) -> PendingChallenge {
    world.agent.registerer_challenge(world.now(), rid).unwrap().0
}

fn answer(world: &mut World, rid: i32, text: &str) -> Draft {
    let number = pending(world, rid).number;
    world.agent.registerer_answer(world.now(), rid, number, token(text)).unwrap();
    world.one()
}

/// Challenged at 0 ms.
fn challenged() -> (World, i32) {
    let mut world = World::new();
    let (rid, request) = world.managed_register(asks);
    world.answer(&request, "401 Unauthorized", &[BEARER]);
    assert!(world.sent().is_empty());
    (world, rid)
}

#[test]
fn the_program_is_asked_and_its_token_goes_out_when_it_comes() {
    let (mut world, rid) = challenged();
    assert_eq!(world.registerer_events(rid), [Kind::Challenged(1)]);
    let asked = pending(&world, rid);
    assert_eq!((asked.number, asked.status, asked.is_secure), (1, 401, false));
    let challenge = &asked.challenge;
    assert_eq!((challenge.scheme, &*challenge.realm), (ProgramScheme::Bearer, "acme"));
    assert_eq!(challenge.authz_server, "https://as.acme.test/token");
    assert_eq!((&*challenge.scope, &*challenge.error, challenge.is_repeated), ("sip", "", false));
    world.quiet_to(20_000);
    assert_eq!(
        world.explain(rid),
        "401 Unauthorized from 192.0.2.1:5060; waiting up to 10 s for the program to answer the \
         challenge Bearer of realm \"acme\""
    );
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert!(info.pending && info.next.is_none());
    assert_eq!(world.agent.registerer_traffic(), (0, 0), "who is waited for holds up nobody");
    assert_eq!(world.agent.registerer_register(world.now(), rid), Err(Refusal::WrongState));
    let proven = answer(&mut world, rid, "abc.def-1");
    assert_eq!(proven.get("Authorization"), Some("Bearer abc.def-1"));
    assert_eq!(proven.get("CSeq"), Some("2 REGISTER"));
    world.grant(&proven, 600);
    assert_eq!(world.state(rid), State::Registered);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().counters.challenges, 1);
    // The token stands in each later request until it is refused.
    let refresh = world.one_at(20_000 + 540_000);
    assert_eq!(refresh.get("Authorization"), Some("Bearer abc.def-1"));
}

#[test]
fn a_program_that_does_not_answer_in_time_is_asked_again_after_the_back_off() {
    let (mut world, rid) = challenged();
    world.registerer_events(rid);
    world.quiet_to(29_999);
    assert_eq!(world.state(rid), State::Initial);
    world.quiet_to(30_000);
    assert_eq!(world.state(rid), State::Unregistered);
    assert_eq!(world.registerer_events(rid), [Kind::Rejected]);
    let words = world.explain(rid);
    assert!(words.contains("the program has not answered the challenge in time; trying again in"));
    let late = world.agent.registerer_answer(world.now(), rid, 1, token("late"));
    assert_eq!(late, Err(Refusal::WrongState));
    let sent = world.run_to(90_000);
    assert!((60_000..=90_000).contains(&sent[0].0));
    assert_eq!(sent[0].1.get("Authorization"), None);
    world.answer(&sent[0].1, "401 Unauthorized", &[BEARER]);
    assert_eq!(pending(&world, rid).number, 2);
}

#[test]
fn a_program_that_refuses_is_not_asked_before_it_registers_again() {
    let (mut world, rid) = challenged();
    world.agent.registerer_answer(world.now(), rid, 1, None).unwrap();
    assert_eq!(world.states(rid), [State::Unregistered]);
    world.quiet_to(36_000_000);
    assert_eq!(
        world.explain(rid),
        "401 Unauthorized from 192.0.2.1:5060: the program does not answer the challenge; \
         not trying again until the credentials change"
    );
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    assert_eq!(request.get("Authorization"), None);
    world.answer(&request, "401 Unauthorized", &[BEARER]);
    let proven = answer(&mut world, rid, "t");
    world.grant(&proven, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_token_that_is_refused_is_asked_for_anew_and_not_sent_again() {
    let (mut world, rid) = challenged();
    let proven = answer(&mut world, rid, "old");
    world.grant(&proven, 600);
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "401 Unauthorized", &[&format!("{BEARER}, error=\"invalid_token\"")]);
    let asked = pending(&world, rid);
    assert_eq!((&*asked.challenge.error, asked.challenge.is_repeated), ("invalid_token", true));
    assert_eq!(world.state(rid), State::Registered);
    let words = world.explain(rid);
    assert!(words.contains("; the binding lasts another 60 s, waiting up to 30 s for"), "{words}");
    let proven = answer(&mut world, rid, "new");
    assert_eq!(proven.get("Authorization"), Some("Bearer new"));
    world.grant(&proven, 600);
    assert_eq!(world.states(rid), [State::Registered]);
}

#[test]
fn a_server_that_refuses_every_token_is_answered_three_times() {
    let (mut world, rid) = challenged();
    for n in 0..3 {
        let proven = answer(&mut world, rid, &format!("t{n}"));
        world.answer(&proven, "401 Unauthorized", &[BEARER]);
    }
    assert!(world.agent.registerer_challenge(world.now(), rid).is_err());
    assert_eq!(world.state(rid), State::Unregistered);
    world.quiet_to(36_000_000);
    assert!(world.explain(rid).contains("asks again after 3 answers"), "{}", world.explain(rid));
}

#[test]
fn answers_that_are_none_leave_the_challenge_open() {
    let (mut world, rid) = challenged();
    let now = world.now();
    for bad in ["", "a b", "a\r\nX: 1", "\"", "\u{e9}"] {
        let refused = world.agent.registerer_answer(now, rid, 1, token(bad));
        assert_eq!(refused, Err(Refusal::BadParameter), "{bad:?}");
    }
    let auts = Some(ProgramAnswer::Resynchronize([0; 14]));
    assert_eq!(world.agent.registerer_answer(now, rid, 1, auts), Err(Refusal::BadParameter));
    assert_eq!(world.agent.registerer_answer(now, rid, 2, token("t")), Err(Refusal::WrongState));
    assert_eq!(world.agent.registerer_answer(now, 99, 1, token("t")), Err(Refusal::NotFound));
    assert!(answer(&mut world, rid, "t").get("Authorization").is_some());
    assert_eq!(world.agent.registerer_answer(now, rid, 1, token("t")), Err(Refusal::WrongState));
}

#[test]
fn without_the_option_a_bearer_challenge_cannot_be_answered() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| options.fatal_retry = 0);
    world.answer(&request, "401 Unauthorized", &[BEARER]);
    world.quiet_to(36_000_000);
    assert!(world.explain(rid).contains("the scheme Bearer is unknown"), "{}", world.explain(rid));
    assert!(world.agent.registerer_challenge(world.now(), rid).is_err());
}

#[test]
fn a_proxy_and_the_registrar_are_both_answered() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(asks);
    let proxy = BEARER.replace("WWW-", "Proxy-").replace("acme\"", "edge\"");
    world.answer(&request, "407 Proxy Authentication Required", &[&proxy]);
    assert_eq!((pending(&world, rid).status, pending(&world, rid).challenge.by_proxy), (407, true));
    let second = answer(&mut world, rid, "t");
    assert_eq!(second.get("Proxy-Authorization"), Some("Bearer t"));
    let digest = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"";
    world.answer(&second, "401 Unauthorized", &[digest]);
    let third = world.one();
    assert_eq!(third.get("Proxy-Authorization"), Some("Bearer t"));
    assert!(third.get("Authorization").unwrap().starts_with("Digest username=\"alice\""));
}

#[test]
fn a_token_is_not_shown_to_a_server_that_one_is_redirected_to() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        asks(options);
        options.redirects = true;
    });
    world.answer(&request, "401 Unauthorized", &[BEARER]);
    let proven = answer(&mut world, rid, "t");
    world.answer(&proven, "302 Moved Temporarily", &["Contact: <sip:192.0.2.50>"]);
    let moved = world.one();
    assert_eq!(moved.start(), "REGISTER sip:192.0.2.50 SIP/2.0");
    assert_eq!(moved.get("Authorization"), None);
}

#[test]
fn disposing_while_the_program_is_asked_ends_at_once() {
    let (mut world, rid) = challenged();
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.state(rid), State::Terminated);
    let late = world.agent.registerer_answer(world.now(), rid, 1, token("t"));
    assert_eq!(late, Err(Refusal::WrongState));
    world.quiet_to(3_600_000);
}

#[test]
fn disposing_of_a_binding_asks_for_the_token_that_removes_it() {
    let (mut world, rid) = challenged();
    let proven = answer(&mut world, rid, "old");
    world.grant(&proven, 600);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let removal = world.one();
    assert_eq!(removal.get("Authorization"), Some("Bearer old"));
    world.answer(&removal, "401 Unauthorized", &[BEARER]);
    let again = answer(&mut world, rid, "new");
    assert_eq!((again.get("Expires"), again.get("Authorization")), (Some("0"), Some("Bearer new")));
    world.answer(&again, "200 OK", &[]);
    assert_eq!(world.state(rid), State::Terminated);
}

#[test]
fn a_change_of_the_network_withdraws_the_question() {
    let (mut world, rid) = challenged();
    world.agent.network_changed(world.now());
    let anew = world.sent();
    assert!(anew.len() <= 1);
    let request = anew.into_iter().next().unwrap_or_else(|| world.run_to(10_000).remove(0).1);
    let late = world.agent.registerer_answer(world.now(), rid, 1, token("t"));
    assert_eq!(late, Err(Refusal::WrongState));
    world.answer(&request, "401 Unauthorized", &[BEARER]);
    assert_eq!(pending(&world, rid).number, 2);
}

#[test]
fn the_binding_ends_in_time_while_the_program_is_asked() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|options| {
        options.challenge_wait = Duration::from_secs(300);
        options.expires = 100;
    });
    world.answer(&request, "401 Unauthorized", &[BEARER]);
    let proven = answer(&mut world, rid, "t");
    world.grant(&proven, 100);
    let refresh = world.one_at(90_000);
    world.answer(&refresh, "401 Unauthorized", &[BEARER]);
    world.quiet_to(99_999);
    assert_eq!(world.state(rid), State::Registered);
    world.quiet_to(100_000);
    assert_eq!(world.state(rid), State::Unregistered);
    let proven = answer(&mut world, rid, "u");
    world.grant(&proven, 100);
    assert_eq!(world.state(rid), State::Registered);
}

/// A registration at a domain that takes TLS first and then another transport, asked for a token
/// over TLS, which the program gives: the flow and the REGISTER with it.
fn proven_over_tls(other: &str) -> (World, i32, FlowId, Draft) {
    let mut world = World::by(Transport::Udp);
    world.serve(&["192.0.2.1:5061"]);
    let rid = world.managed(|options| {
        asks(options);
        options.registrar = "sip:acme.test".into();
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    let Some(Transmit::Query { query, kind: RecordKind::Naptr, .. }) = world.agent.poll_transmit()
    else {
        panic!("no question for the transports")
    };
    let services = [("SIPS+D2T", "_sips._tcp.acme.test"), ("SIP+D2U", "_sip._udp.acme.test")];
    let services = services.map(|(service, name)| match (service, other) {
        ("SIP+D2U", "tcp") => ("SIP+D2T", "_sip._tcp.acme.test"),
        _ => (service, name),
    });
    let record = |(order, (service, name)): (u16, (&str, &str))| NaptrRecord {
        order,
        preference: 1,
        flags: "s".into(),
        services: service.into(),
        regexp: String::new(),
        replacement: name.into(),
    };
    let records = (0..).zip(services).map(record).collect();
    let found = Ok(Records::Naptr { ttl: Duration::from_secs(3600), records });
    world.agent.handle_input(world.now(), Input::Records { query, answer: found });
    let (flow, target) = world.opens();
    assert!(target.starts_with("TLS "), "{target}");
    world.connected(flow, FIRST);
    let first = world.one();
    world.answer_over(flow, &first, "401 Unauthorized", &[BEARER]);
    assert!(pending(&world, rid).is_secure);
    let proven = answer(&mut world, rid, "secret");
    assert_eq!(world.last_flow, Some(flow));
    assert_eq!(proven.get("Authorization"), Some("Bearer secret"));
    (world, rid, flow, proven)
}

#[test]
fn a_token_for_tls_goes_to_no_server_in_the_clear() {
    let (mut world, rid, tls, proven) = proven_over_tls("udp");
    // The next server of the same request takes UDP alone.
    world.answer_over(tls, &proven, "503 Service Unavailable", &[]);
    let clear = world.one();
    assert!(clear.get("Via").unwrap().starts_with("SIP/2.0/UDP"));
    assert_eq!((clear.get("CSeq"), clear.get("Authorization")), (proven.get("CSeq"), None));
    // There the program is asked for one that may go out so.
    world.answer(&clear, "401 Unauthorized", &[BEARER]);
    let asked = pending(&world, rid);
    assert!(!asked.is_secure && !asked.challenge.is_repeated, "no token was refused");
    let again = answer(&mut world, rid, "open");
    assert_eq!(again.get("Authorization"), Some("Bearer open"));
    world.grant(&again, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_token_for_tls_goes_over_no_connection_in_the_clear() {
    let (mut world, rid, tls, proven) = proven_over_tls("tcp");
    world.answer_over(tls, &proven, "503 Service Unavailable", &[]);
    let (tcp, target) = world.opens();
    assert!(target.starts_with("TCP "), "{target}");
    world.connected(tcp, FIRST);
    assert_eq!(world.one().get("Authorization"), None);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    world.run_to(60_000);
}

#[test]
fn a_token_for_tls_is_kept_while_a_server_in_the_clear_wants_none() {
    let (mut world, rid, tls, proven) = proven_over_tls("udp");
    world.answer_over(tls, &proven, "503 Service Unavailable", &[]);
    let clear = world.one();
    world.grant(&clear, 600);
    assert_eq!(world.state(rid), State::Registered);
    world.raw_sent();
    // Back at the better server it is said again, and each time over TLS alone.
    for _ in 0..200 {
        let at = world.agent.poll_timeout().unwrap() - world.now();
        world.at(world.millis() as u64 + at.as_millis() as u64 + 1);
        for (_, bytes) in world.raw_sent() {
            assert_eq!(Draft::parse(&bytes).unwrap().get("Authorization"), None);
        }
        if let Some((flow, _)) = world.opening.pop() {
            world.connected(flow, FIRST);
            assert_eq!(world.one().get("Authorization"), Some("Bearer secret"));
            return;
        }
    }
    panic!("it has not gone back to TLS");
}
