//! What other clients got wrong, each a case of its own; the rest of that list is in the other `core_registerer` tests under its name.
#![allow(clippy::unwrap_used)]

mod common;

use common::{World, param, response};
use register::agent::{Refusal, What};
use register::registration::registerer::State;

#[test]
fn a_200_without_contact_leaves_register_usable() {
    let mut world = World::new();
    let (rid, request) = world.modern_register(|_| {});
    world.answer(&request, "200 OK", &[]);
    assert_eq!(world.state(rid), State::Registered);
    assert_eq!(world.agent.registerer_register(world.now(), rid), Ok(()));
}

#[test]
fn a_contact_echo_with_a_foreign_one_first_is_registered_for_our_time() {
    let mut world = World::new();
    let (rid, request) = world.modern_register(|_| {});
    let own = request.get("Contact").unwrap().to_owned();
    let line = format!("Contact: <sip:foreign@198.51.100.9>;expires=5, {own};expires=300");
    world.answer(&request, "200 OK", &[&line]);
    assert_eq!(world.agent.registerer_info(world.now(), rid).unwrap().granted, 300);
    world.one_at(270_000);
}

#[test]
fn a_lone_crlf_before_a_200_does_not_spoil_it() {
    let mut world = World::new();
    let (rid, request) = world.modern_register(|_| {});
    world.hear(b"\r\n");
    let own = format!("Contact: {};expires=600", request.get("Contact").unwrap());
    let bytes = [b"\r\n".to_vec(), response(&request, "200 OK", &[&own])].concat();
    world.hear(&bytes);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn an_answer_to_the_request_before_is_not_an_answer_to_this_one() {
    let mut world = World::new();
    let (rid, first) = world.modern_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.told(rid);
    world.answer(&first, "404 Not Found", &[]);
    assert_eq!(world.state(rid), State::Registered);
    world.grant(&refresh, 600);
    world.answer(&refresh, "403 Forbidden", &[]);
    assert_eq!(world.told(rid), [What::Accepted], "a second final answer is absorbed");
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_failing_refresh_is_reported_once() {
    let mut world = World::new();
    let (rid, _) = world.modern_registered(600, |_| {});
    world.told(rid);
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "500 Server Internal Error", &["Retry-After: 300"]);
    world.answer(&refresh, "500 Server Internal Error", &["Retry-After: 300"]);
    assert_eq!(world.told(rid), [What::Rejected]);
}

#[test]
fn a_name_that_does_not_resolve_is_told_and_tried_again() {
    let mut world = World::new();
    let rid = world.modern(|options| options.registrar = "sip:nowhere.test".into());
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
    let (rid, _) = world.modern_registered(600, |_| {});
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
    let (rid, _) = world.modern_registered(600, |_| {});
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
    let (rid, request) = world.modern_register(|_| {});
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
    let (_, request) = world.modern_register(|_| {});
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
    let (rid, request) = world.modern_register(|_| {});
    let challenge =
        |nonce: &str| format!("WWW-Authenticate: Digest realm=\"acme\", nonce=\"{nonce}\", qop=\"auth\"");
    world.answer(&request, "401 Unauthorized", &[&challenge("n1")]);
    let proven = world.one();
    world.grant(&proven, 600);
    world.told(rid);
    let refresh = world.one_at(540_000);
    // Some registrars omit `stale`.
    world.answer(&refresh, "401 Unauthorized", &[&challenge("n2")]);
    let again = world.one();
    world.grant(&again, 600);
    assert_eq!(world.told(rid), [What::Accepted]);
    assert_eq!(world.states(rid), []);
}

#[test]
fn a_rid_that_is_none_and_one_of_the_other_face_are_refused() {
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
    let rids: Vec<i32> = (0..register::agent::MOST_ENDED + 10).map(|_| world.modern(|_| {})).collect();
    for rid in &rids {
        world.agent.registerer_dispose(world.now(), *rid).unwrap();
    }
    assert_eq!(world.agent.registerer_state(rids[0]), Err(Refusal::NotFound));
    assert_eq!(world.state(*rids.last().unwrap()), State::Terminated);
    assert_eq!(world.agent.statistics().registrations, 0);
}
