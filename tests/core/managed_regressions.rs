//! Faults of other clients, each as a case of its own.

use crate::common::{REGISTRAR, World, addr, param, refused, response};
use register::agent::{Refusal, RegistererEventKind};
use register::registration::policy::managed::{KeepAlive, RegistererState as State};
use std::time::Duration;

#[test]
fn a_200_without_contact_leaves_register_usable() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.answer(&request, "200 OK", &[]);
    assert_eq!(world.state(rid), State::Registered);
    assert_eq!(world.agent.registerer_register(world.now(), rid), Ok(()));
}

#[test]
fn a_contact_echo_with_a_foreign_one_first_is_registered_for_our_time() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let own = request.get("Contact").unwrap().to_owned();
    let line = format!("Contact: <sip:foreign@198.51.100.9>;expires=5, {own};expires=300");
    world.answer(&request, "200 OK", &[&line]);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 300);
    world.one_at(270_000);
}

#[test]
fn our_contact_without_expires_is_registered_for_what_was_asked() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let own = format!("Contact: {}", request.get("Contact").unwrap());
    world.answer(&request, "200 OK", &[&own]);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 600);
    world.one_at(540_000);
}

/// The Authorization of the request that answers these challenges, of which there is exactly one.
fn proven(challenges: &[&str]) -> String {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    let lines: Vec<String> = challenges
        .iter()
        .map(|algorithm| {
            format!(
                "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\", qop=\"auth\", algorithm={algorithm}"
            )
        })
        .collect();
    world.answer(
        &request,
        "401 Unauthorized",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let proven = world.one();
    let answers: Vec<_> = proven.headers().filter(|(name, _)| *name == "Authorization").collect();
    assert_eq!(answers.len(), 1);
    answers[0].1.to_owned()
}

#[test]
fn sha_512_256_first_and_md5_second_is_answered_with_the_first() {
    assert_eq!(
        param(&proven(&["SHA-512-256", "MD5"]), "algorithm").as_deref(),
        Some("SHA-512-256")
    );
    assert_eq!(
        param(&proven(&["SHA-512-256-sess", "MD5"]), "algorithm").as_deref(),
        Some("SHA-512-256-sess")
    );
}

#[test]
fn an_unknown_algorithm_first_is_skipped() {
    assert_eq!(param(&proven(&["SHA3-999", "MD5"]), "algorithm").as_deref(), Some("MD5"));
    assert_eq!(param(&proven(&["AKAv1-MD5", "SHA-256"]), "algorithm").as_deref(), Some("SHA-256"));
}

#[test]
fn a_lone_crlf_before_a_200_does_not_spoil_it() {
    for (alone, before) in
        [("\r\n", ""), ("\r\n\r\n", ""), ("", "\r\n"), ("", "\r\n\r\n"), ("\r\n", "\r\n")]
    {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        if !alone.is_empty() {
            world.receive(alone.as_bytes());
        }
        let own = format!("Contact: {};expires=600", request.get("Contact").unwrap());
        world
            .receive(&[before.as_bytes().to_vec(), response(&request, "200 OK", &[&own])].concat());
        assert_eq!(world.state(rid), State::Registered, "{alone:?} {before:?}");
        assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 600);
        world.one_at(540_000);
    }
}

/// The network says that nobody is at the registrar's port, which is what `bytes` found.
fn bounce(world: &mut World, bytes: &[u8]) {
    world.undelivered(addr(REGISTRAR), refused(), bytes);
}

#[test]
fn a_server_that_closes_right_after_the_unregister_ends_it_cleanly() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| {
        options.keep_alive = KeepAlive::Crlf;
        options.keep_alive_period = Duration::from_secs(20);
    });
    world.at(20_000);
    let ping = world.raw_sent().remove(0).1;
    world.registerer_events(rid);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removal = world.one();
    world.answer(&removal, "200 OK", &[]);
    // What was on its way when the port closed comes back.
    for bytes in [&ping[..], &removal.to_bytes(), b""] {
        bounce(&mut world, bytes);
    }
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Accepted]);
    assert_eq!(world.state(rid), State::Unregistered);
    while let Some(next) =
        world.agent.poll_timeout().filter(|next| *next < world.now() + Duration::from_secs(7200))
    {
        world.agent.handle_timeout(next);
        assert_eq!(world.raw_sent(), [], "no keep-alive either: there is no binding");
    }
    assert_eq!(world.registerer_events(rid), []);
}

#[test]
fn a_port_closed_during_dispose_ends_it_with_one_event() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.states(rid);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let removal = world.one().to_bytes();
    for _ in 0..5 {
        bounce(&mut world, &removal);
    }
    assert_eq!(world.states(rid), [State::Terminated]);
    assert_eq!(world.registerer_events(rid), []);
    assert!(world.explain(rid).contains("Connection refused"), "{}", world.explain(rid));
    world.quiet_to(7_200_000);
}

#[test]
fn an_answer_to_the_request_before_is_not_an_answer_to_this_one() {
    let mut world = World::new();
    let (rid, first) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.registerer_events(rid);
    world.answer(&first, "404 Not Found", &[]);
    assert_eq!(world.state(rid), State::Registered);
    world.grant(&refresh, 600);
    world.answer(&refresh, "403 Forbidden", &[]);
    assert_eq!(
        world.registerer_events(rid),
        [RegistererEventKind::Accepted],
        "a second final answer is absorbed"
    );
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_failing_refresh_is_reported_once() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.registerer_events(rid);
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "500 Server Internal Error", &["Retry-After: 300"]);
    world.answer(&refresh, "500 Server Internal Error", &["Retry-After: 300"]);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Rejected]);
}

#[test]
fn a_name_that_does_not_resolve_is_reported_and_tried_again() {
    let mut world = World::new();
    let rid = world.managed(|options| options.registrar = "sip:nowhere.test".into());
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert!(world.sent().is_empty());
    assert_eq!(world.state(rid), State::Unregistered);
    assert!(
        world.explain(rid).starts_with("nowhere.test: no such host; trying again in "),
        "{}",
        world.explain(rid)
    );
    assert_eq!(world.agent.registerer_register(world.now(), rid), Ok(()), "not stuck");
}

#[test]
fn a_401_after_dispose_is_answered_only_to_remove_the_binding() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let remove = world.one();
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";
    world.answer(&remove, "401 Unauthorized", &[challenge]);
    let proven = world.one();
    assert_eq!(proven.get("Expires"), Some("0"));
    assert!(param(proven.get("Authorization").unwrap(), "response").is_some());
    world.answer(&proven, "200 OK", &[]);
    assert_eq!(world.state(rid), State::Terminated);
    world.quiet_to(3_600_000);
}

#[test]
fn dispose_during_a_challenged_refresh_removes_the_binding() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";
    world.answer(&refresh, "401 Unauthorized", &[challenge]);
    let remove = world.one();
    assert_eq!(remove.get("Expires"), Some("0"));
    world.answer(&remove, "200 OK", &[]);
    assert_eq!(world.states(rid), [State::Registered, State::Unregistered, State::Terminated]);
}

#[test]
fn a_407_and_then_a_401_are_both_answered_in_one_request() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    let challenge = |who: &str, realm: &str| {
        format!("{who}-Authenticate: Digest realm=\"{realm}\", nonce=\"{realm}\", qop=\"auth\"")
    };
    world.answer(&request, "407 Proxy Authentication Required", &[&challenge("Proxy", "edge")]);
    let second = world.one();
    world.answer(&second, "401 Unauthorized", &[&challenge("WWW", "home")]);
    let third = world.one();
    assert_eq!(param(third.get("Proxy-Authorization").unwrap(), "realm").as_deref(), Some("edge"));
    assert_eq!(param(third.get("Authorization").unwrap(), "realm").as_deref(), Some("home"));
    world.grant(&third, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn nextnonce_is_used_for_the_refresh() {
    let mut world = World::with_alice();
    let (_, request) = world.managed_register(|_| {});
    world.answer(
        &request,
        "401 Unauthorized",
        &["WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\""],
    );
    let proven = world.one();
    let own = format!("Contact: {};expires=600", proven.get("Contact").unwrap());
    world.answer(&proven, "200 OK", &[&own, "Authentication-Info: nextnonce=\"n2\""]);
    let refresh = world.one_at(540_000);
    let line = refresh.get("Authorization").unwrap();
    assert_eq!(param(line, "nonce").as_deref(), Some("n2"));
    assert_eq!(param(line, "nc").as_deref(), Some("00000001"));
}

#[test]
fn a_stale_nonce_on_refresh_costs_one_round_and_no_state() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    let challenge = |nonce: &str| {
        format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"{nonce}\", qop=\"auth\"")
    };
    world.answer(&request, "401 Unauthorized", &[&challenge("n1")]);
    let proven = world.one();
    world.grant(&proven, 600);
    world.registerer_events(rid);
    let refresh = world.one_at(540_000);
    // Some registrars omit `stale`.
    world.answer(&refresh, "401 Unauthorized", &[&challenge("n2")]);
    let again = world.one();
    world.grant(&again, 600);
    assert_eq!(world.registerer_events(rid), [RegistererEventKind::Accepted]);
    assert_eq!(world.states(rid), []);
}

#[test]
fn an_unknown_rid_and_one_of_the_exosip_calls_are_refused() {
    let mut world = World::new();
    let now = world.now();
    assert_eq!(world.agent.registerer_register(now, 0), Err(Refusal::BadParameter));
    assert_eq!(world.agent.registerer_register(now, 77), Err(Refusal::NotFound));
    let (rid, _) = world.build(60);
    assert_eq!(world.agent.registerer_register(now, rid), Err(Refusal::Undefined));
    assert_eq!(world.agent.registerer_dispose(now, rid), Err(Refusal::Undefined));
}

#[test]
fn the_terminated_are_remembered_but_not_for_ever() {
    let mut world = World::new();
    let rids: Vec<i32> =
        (0..register::agent::MOST_ENDED + 10).map(|_| world.managed(|_| {})).collect();
    for rid in &rids {
        world.agent.registerer_dispose(world.now(), *rid).unwrap();
    }
    assert_eq!(world.agent.registerer_state(rids[0]), Err(Refusal::NotFound));
    assert_eq!(world.state(*rids.last().unwrap()), State::Terminated);
    assert_eq!(world.agent.statistics().registrations, 0);
}
