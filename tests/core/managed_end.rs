//! The end of a binding and of a registration: unregister and dispose, by instant.

use crate::common::World;
use crate::two_flows;
use State::{Initial, Registered, Terminated, Unregistered};
use register::agent::{LeftBinding, Refusal, RegistererEvent, RegistererEventKind, Rid};
use register::registration::policy::managed::RegistererState as State;

const WWW: &str = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";

#[test]
fn unregister_from_initial_asks_the_server_and_ends_unregistered() {
    let mut world = World::new();
    let rid = world.managed(|_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let request = world.one();
    assert_eq!(request.get("Expires"), Some("0"));
    assert!(request.get("Contact").unwrap().ends_with(";expires=0"));
    world.answer(&request, "200 OK", &[]);
    assert_eq!(world.states(rid), [Unregistered]);
    world.quiet_to(3_600_000);
}

#[test]
fn unregister_all_is_a_star_and_the_next_register_is_ours_again() {
    let mut world = World::new();
    let (rid, first) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, true).unwrap();
    let request = world.one();
    assert_eq!(request.get("Contact"), Some("*"));
    assert_eq!(request.get("Expires"), Some("0"));
    world.answer(&request, "200 OK", &[]);
    assert_eq!(world.states(rid), [Registered, Unregistered]);
    world.agent.registerer_register(world.now(), rid).unwrap();
    let again = world.one();
    assert_eq!(again.get("Contact"), first.get("Contact"));
    assert_eq!(again.get("Expires"), Some("600"));
    assert_eq!(again.get("Call-ID"), first.get("Call-ID"));
}

#[test]
fn unregister_answers_407_with_expires_0_in_header_and_contact() {
    let mut world = World::with_alice();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let request = world.one();
    world.answer(&request, "407 Proxy Authentication Required", &[&WWW.replace("WWW", "Proxy")]);
    let again = world.one();
    assert!(again.get("Proxy-Authorization").is_some());
    assert_eq!(again.get("Expires"), Some("0"));
    assert!(again.get("Contact").unwrap().ends_with(";expires=0"));
    world.answer(&again, "200 OK", &[]);
    assert_eq!(world.state(rid), Unregistered);
}

#[test]
fn a_failed_unregister_is_tried_again_while_the_binding_stands() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let request = world.one();
    world.answer(&request, "503 Service Unavailable", &["Retry-After: 20"]);
    assert_eq!(world.state(rid), Registered, "the binding is still there");
    let again = world.one_at(20_000);
    world.answer(&again, "200 OK", &[]);
    assert_eq!(world.state(rid), Unregistered);
}

#[test]
fn dispose_of_a_new_one_ends_at_once_and_sends_nothing() {
    let mut world = World::new();
    let rid = world.managed(|_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.states(rid), [Terminated]);
    assert_eq!(world.agent.registerer_dispose(world.now(), rid), Ok(()), "twice does nothing");
    assert_eq!(world.agent.registerer_register(world.now(), rid), Err(Refusal::WrongState));
    assert_eq!(
        world.agent.registerer_unregister(world.now(), rid, false),
        Err(Refusal::WrongState)
    );
    world.quiet_to(3_600_000);
}

#[test]
fn dispose_of_a_registered_one_unregisters_and_sends_nothing_more() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.states(rid);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let request = world.one();
    assert_eq!(request.get("Expires"), Some("0"));
    assert_eq!(world.state(rid), Registered);
    world.answer(&request, "200 OK", &[]);
    assert_eq!(world.states(rid), [Unregistered, Terminated]);
    world.quiet_to(3_600_000);
}

#[test]
fn dispose_waits_for_what_is_pending_and_then_unregisters() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.state(rid), Initial);
    world.grant(&request, 600);
    let remove = world.one();
    assert_eq!(remove.get("Expires"), Some("0"));
    world.answer(&remove, "200 OK", &[]);
    assert_eq!(world.states(rid), [Registered, Unregistered, Terminated]);
    world.quiet_to(3_600_000);
}

#[test]
fn dispose_ends_after_one_try_when_nobody_answers() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    assert_eq!(world.run_to(32_000).len(), 11);
    assert_eq!(world.states(rid), [Registered, Terminated], "the server may hold the binding yet");
    world.quiet_to(3_600_000);
}

#[test]
fn dispose_of_one_that_is_being_challenged_does_not_go_on() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    world.answer(&request, "401 Unauthorized", &[WWW]);
    assert_eq!(world.states(rid), [Terminated]);
    world.quiet_to(3_600_000);
}

#[test]
fn unregistered_comes_at_true_expiry_and_the_retries_go_on() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    let refresh = world.one_at(540_000);
    world.answer(&refresh, "503 Service Unavailable", &["Retry-After: 100"]);
    world.quiet_to(599_999);
    assert_eq!(world.states(rid), [Registered]);
    world.quiet_to(600_000);
    assert_eq!(world.states(rid), [Unregistered]);
    let retry = world.one_at(640_000);
    world.grant(&retry, 600);
    assert_eq!(world.states(rid), [Registered]);
}

/// What the event of its end says about the binding.
fn left(world: &mut World, rid: Rid) -> Option<LeftBinding> {
    world.drain_events();
    let ended = |event: &&RegistererEvent| event.what == RegistererEventKind::State(Terminated);
    let of = world.managed_events.iter().filter(|event| event.rid == rid).find(ended);
    of.expect("it has ended").left
}

#[test]
fn the_end_says_that_a_removal_was_not_confirmed() {
    let mut world = World::new();
    let (removed, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose(world.now(), removed).unwrap();
    let request = world.one();
    world.answer(&request, "200 OK", &[]);
    assert_eq!(left(&mut world, removed), None);
    let (refused, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose(world.now(), refused).unwrap();
    let request = world.one();
    world.answer(&request, "403 Forbidden", &[]);
    assert_eq!(left(&mut world, refused), Some(LeftBinding::Granted));
    let (silent, _) = world.managed_registered(600, |_| {});
    world.agent.registerer_dispose(world.now(), silent).unwrap();
    world.agent.registerer_end_all(world.now());
    assert_eq!(left(&mut world, silent), Some(LeftBinding::Granted));
}

#[test]
fn the_end_says_that_a_register_was_not_answered() {
    let mut world = World::with_alice();
    let unsent = world.managed(|_| {});
    let (silent, _) = world.managed_register(|_| {});
    world.agent.registerer_end_all(world.now());
    assert_eq!(left(&mut world, unsent), None);
    assert_eq!(left(&mut world, silent), Some(LeftBinding::Unanswered));
    let (challenged, request) = world.managed_register(|_| {});
    world.agent.registerer_dispose(world.now(), challenged).unwrap();
    world.answer(&request, "401 Unauthorized", &[WWW]);
    assert_eq!(left(&mut world, challenged), None, "a challenge binds nothing");
}

#[test]
fn the_end_says_what_is_left_of_either_of_two_flows() {
    for flow in [0, 1] {
        let (mut world, rid, first, second) = two_flows::registered();
        world.agent.registerer_dispose(world.now(), rid).unwrap();
        let removals = world.sent();
        world.answer_over([&first, &second][flow].0, &removals[flow], "200 OK", &[]);
        world.run_to(40_000);
        assert_eq!(left(&mut world, rid), Some(LeftBinding::Granted), "flow {flow}");
        let (mut world, rid, first, second) = two_flows::registered();
        world.agent.registerer_dispose(world.now(), rid).unwrap();
        let removals = world.sent();
        world.answer_over(first.0, &removals[0], ["200 OK", "403 Forbidden"][flow], &[]);
        world.answer_over(second.0, &removals[1], ["403 Forbidden", "200 OK"][flow], &[]);
        assert_eq!(left(&mut world, rid), Some(LeftBinding::Granted), "flow {flow}");
    }
    let (mut world, rid, first, _) = two_flows::registered();
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let removals = world.sent();
    world.answer_over(first.0, &removals[0], "200 OK", &[]);
    world.agent.remove(rid).unwrap();
    assert_eq!(left(&mut world, rid), Some(LeftBinding::Granted));
    let (mut world, rid, ..) = two_flows::registered();
    world.agent.registerer_end_all(world.now());
    assert_eq!(left(&mut world, rid), Some(LeftBinding::Granted));
    let (mut world, rid, first, second) = two_flows::registered();
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let removals = world.sent();
    world.answer_over(first.0, &removals[0], "200 OK", &[]);
    world.answer_over(second.0, &removals[1], "200 OK", &[]);
    assert_eq!(left(&mut world, rid), None);
}
