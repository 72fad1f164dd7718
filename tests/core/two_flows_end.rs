//! The end of a registration of two flows (RFC 5626 section 4.2): both bindings are removed.

use crate::connections::SECOND;
use crate::two_flows::{agree, reg_id, registered};
use register::registration::policy::managed::RegistererState as State;

#[test]
fn it_is_registered_until_the_second_binding_is_removed() {
    let (mut world, rid, first, second) = registered();
    world.states(rid);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removals = world.sent();
    world.answer_over(first.0, &removals[0], "200 OK", &[]);
    world.answer_over(second.0, &removals[1], "503 Service Unavailable", &[]);
    assert_eq!(world.states(rid), [], "the server has the second still");
    let mut sent = Vec::new();
    let at = (1..=60).find(|second| {
        world.at_once(second * 1000);
        world.tick();
        sent = world.sent();
        !sent.is_empty()
    });
    assert!(at >= Some(15), "{at:?}");
    let again = sent.remove(0);
    assert_eq!((reg_id(&again), again.get("Expires")), ("2", Some("0")));
    world.answer_over(second.0, &again, "200 OK", &[]);
    assert_eq!(world.states(rid), [State::Unregistered]);
    assert!(!world.explain(rid).contains("flow"), "{}", world.explain(rid));
}

#[test]
fn while_the_second_binding_is_removed_both_may_be_asked_for_again() {
    let (mut world, rid, first, second) = registered();
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removals = world.sent();
    world.answer_over(first.0, &removals[0], "200 OK", &[]);
    world.agent.registerer_register(world.now(), rid).unwrap();
    agree(&(first.0, world.one()), &mut world);
    world.answer_over(second.0, &removals[1], "200 OK", &[]);
    let again = world.one();
    assert_eq!((reg_id(&again), again.get("Expires")), ("2", Some("600")));
    assert_ne!(again.get("Call-ID"), second.1.get("Call-ID"));
    agree(&(second.0, again), &mut world);
    assert!(world.is_quiet());
}

#[test]
fn it_is_unregistered_once_both_bindings_are_removed() {
    let (mut world, rid, first, second) = registered();
    world.states(rid);
    world.agent.registerer_unregister(world.now(), rid, false).unwrap();
    let removals = world.sent();
    assert_eq!(removals.len(), 2);
    for (removal, sent) in removals.iter().zip([&first, &second]) {
        assert_eq!(removal.get("Expires"), Some("0"));
        assert_eq!(removal.get("Call-ID"), sent.1.get("Call-ID"));
        assert_eq!(world.state(rid), State::Registered);
        world.answer_over(sent.0, removal, "200 OK", &[]);
    }
    assert_eq!(world.states(rid), [State::Unregistered]);
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!((info.counters.requests, info.counters.accepted), (4, 4));
    assert!(!world.explain(rid).contains("flow"), "{}", world.explain(rid));
    assert_eq!(world.run_to(600_000).len(), 0);
    // Both come back when they are asked for.
    world.agent.registerer_register(world.now(), rid).unwrap();
    assert_eq!(reg_id(&world.one()), "1", "its connection is there still");
    let (flow, _) = world.opening.pop().unwrap();
    world.connected(flow, SECOND);
    let again = world.one();
    assert_eq!(reg_id(&again), "2");
    assert_ne!(again.get("Call-ID"), second.1.get("Call-ID"));
}

#[test]
fn it_is_terminated_once_both_bindings_are_removed() {
    for order in [[0, 1], [1, 0]] {
        let (mut world, rid, first, second) = registered();
        world.states(rid);
        world.agent.registerer_dispose(world.now(), rid).unwrap();
        let removals = world.sent();
        assert_eq!(removals.len(), 2);
        for at in order {
            assert_eq!(world.state(rid), State::Registered);
            world.answer_over([&first, &second][at].0, &removals[at], "200 OK", &[]);
        }
        assert_eq!(world.states(rid), [State::Unregistered, State::Terminated]);
        assert_eq!(world.agent.registerers_alive(), 0);
        assert_eq!(world.agent.statistics().registrations, 0);
        assert_eq!(world.agent.registerer_counts().terminated, 1);
        assert!(world.sent().is_empty());
    }
}

#[test]
fn a_second_flow_that_does_not_answer_holds_the_end_up_no_longer_than_one() {
    let (mut world, rid, first, _) = registered();
    world.states(rid);
    world.agent.registerer_dispose(world.now(), rid).unwrap();
    let removals = world.sent();
    world.answer_over(first.0, &removals[0], "200 OK", &[]);
    assert!(world.run_to(32_001).is_empty());
    assert_eq!(world.states(rid), [State::Unregistered, State::Terminated]);
}

#[test]
fn all_are_ended_at_once_where_there_is_no_time() {
    let (mut world, rid, ..) = registered();
    world.states(rid);
    world.agent.registerer_end_all(world.now());
    assert_eq!(world.states(rid).last(), Some(&State::Terminated));
    assert!(world.raw_sent().is_empty());
    assert_eq!(world.agent.statistics().registrations, 0);
    assert!(world.run_to(700_000).is_empty());
}
