//! How long an attempt of a managed registration may take, and when one last succeeded and failed.

use crate::common::{World, next, www};
use register::registration::policy::managed::RegistererState as State;
use std::time::Duration;

fn after(ms: u64) -> Option<Duration> {
    Some(Duration::from_millis(ms))
}

#[test]
fn an_unanswered_attempt_ends_when_its_time_is_over() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|options| options.attempt_timeout = 5);
    let sent = world.run_to(4_999);
    assert_eq!(sent.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [500, 1_500, 3_500]);
    assert!(world.agent.registerer_info(world.now(), rid).unwrap().pending);
    world.quiet_to(5_000);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.state, info.status, info.pending), (State::Unregistered, 408, false));
    assert_eq!(info.since_failure, after(0));
    let why = world.explain(rid);
    assert!(why.starts_with("No final answer within 5 s"), "{why}");
    assert!(why.contains("trying again in"), "{why}");
}

#[test]
fn a_challenge_does_not_begin_the_time_of_an_attempt_anew() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|options| options.attempt_timeout = 5);
    world.at(400);
    world.answer(&request, "401 Unauthorized", &[&www("n1")]);
    world.one();
    world.run_to(4_999);
    assert!(world.agent.registerer_info(world.now(), rid).unwrap().pending);
    world.quiet_to(5_000);
    assert!(!world.agent.registerer_info(world.now(), rid).unwrap().pending);
}

#[test]
fn the_next_attempt_has_its_own_time_and_a_late_answer_counts_for_nothing() {
    let mut world = World::new();
    let (rid, first) = world.managed_register(|options| options.attempt_timeout = 2);
    world.run_to(2_000);
    world.grant(&first, 600);
    assert_eq!(world.state(rid), State::Unregistered, "nobody waits for that any more");
    let again = next(&mut world, rid);
    let begun = u64::try_from(world.millis()).unwrap();
    world.run_to(begun + 1_999);
    world.grant(&again, 600);
    assert_eq!(world.state(rid), State::Registered);
    world.quiet_to(begun + 2_001);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_binding_outlives_a_refresh_whose_time_is_over() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |options| options.attempt_timeout = 3);
    let refresh = world.one_at(540_000);
    assert_eq!(refresh.get("Expires"), Some("600"));
    world.run_to(543_000);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.state, info.pending, info.status), (State::Registered, false, 408));
    assert_eq!((info.since_success, info.since_failure), (after(543_000), after(0)));
}

#[test]
fn without_a_limit_an_attempt_takes_as_long_as_timer_f() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|_| {});
    world.run_to(31_999);
    assert!(world.agent.registerer_info(world.now(), rid).unwrap().pending);
    world.run_to(32_000);
    assert!(!world.agent.registerer_info(world.now(), rid).unwrap().pending);
}

#[test]
fn a_server_that_took_too_long_is_tried_behind_the_others() {
    let servers = ["192.0.2.1:5060", "192.0.2.2:5060"].map(crate::common::addr);
    let mut world = World::new();
    world.names.push(("acme.test", Ok(servers.to_vec())));
    let rid = world.managed(|options| {
        options.registrar = "sip:acme.test".to_owned();
        options.attempt_timeout = 4;
        options.retry_base = Duration::from_secs(5);
    });
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(world.raw_sent()[0].0, servers[0]);
    world.run_to(4_000);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    let again = world.millis() + info.next.unwrap().as_millis() + 1;
    world.at(u64::try_from(again).unwrap());
    assert_eq!(world.raw_sent()[0].0, servers[1]);
}

#[test]
fn the_last_success_and_the_last_failure_have_their_moments() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    let info = |world: &World| world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info(&world).since_success, info(&world).since_failure), (None, None));
    world.at(300);
    world.answer(&request, "503 Service Unavailable", &["Retry-After: 10"]);
    world.run_to(1_300);
    assert_eq!((info(&world).since_success, info(&world).since_failure), (None, after(1_000)));
    let again = next(&mut world, rid);
    world.grant(&again, 600);
    let granted = world.millis();
    world.quiet_to(u64::try_from(granted).unwrap() + 7_000);
    let failed = after(u64::try_from(world.millis()).unwrap() - 300);
    assert_eq!((info(&world).since_success, info(&world).since_failure), (after(7_000), failed));
}
