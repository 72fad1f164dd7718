//! Connections that are lost: what was unanswered fails with words, every registration of the
//! connection comes back, and the server that ends each connection is not asked again and again.

use crate::common::{World, contacts, www};
use crate::connections::{FIRST, SECOND};
use register::agent::RegistererEventKind::Rejected;
use register::agent::{EventKind, FlowId, Transport, TransportError};
use register::registration::policy::managed::RegistererState as State;
use register::sip::Draft;

/// The milliseconds at which `world` opens its next connection, by itself or by an automatic
/// action in each hundredth second, and that connection.
fn reopens(world: &mut World, limit: u64) -> (u64, FlowId) {
    let begin = world.millis() as u64;
    for ms in (begin..=begin + limit).step_by(10) {
        world.at(ms);
        world.agent.automatic_action(world.now());
        assert!(world.raw_sent().is_empty(), "nothing is sent before it is open");
        if let Some((flow, _)) = world.opening.pop() {
            return (ms - begin, flow);
        }
    }
    panic!("not within {limit} ms: {:#?}", world.notes)
}

#[test]
fn a_connection_closed_before_the_answer_is_back_within_two_seconds() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:192.0.2.1:5061");
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    world.one();
    world.at(100);
    world.failed(flow, TransportError::Closed);
    let event = world.event();
    assert_eq!((event.kind, event.response), (EventKind::RegistrationFailure, None));
    assert_eq!(event.text, "connection closed by 192.0.2.1:5061.");
    let (after, _) = reopens(&mut world, 10_000);
    assert!(after <= 2_010, "{after}");
}

#[test]
fn nothing_is_sent_for_the_exosip_calls_without_an_automatic_action() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    world.failed(flow, TransportError::Closed);
    assert!(world.events().is_empty(), "a binding is no request");
    world.at(500_000);
    assert!(world.is_quiet());
    assert_eq!(reopens(&mut world, 10).0, 0);
}

#[test]
fn after_a_reconnect_one_register_has_the_old_contact_and_the_new_one() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    world.at(1_000);
    world.failed(flow, TransportError::Reset);
    let (_, flow) = reopens(&mut world, 3_000);
    world.connected(flow, SECOND);
    let request = world.one();
    let mut both = contacts(&request);
    both.sort();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both[0].contains(&format!("@{FIRST};")) && both[0].ends_with(";expires=0"));
    assert!(both[1].contains(&format!("@{SECOND};")) && !both[1].contains("expires"));
    world.grant_over(flow, &request, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    assert!(world.automatic().is_empty());
}

#[test]
fn with_outbound_agreed_the_new_contact_goes_alone() {
    for agrees in [true, false] {
        let mut world = World::by(Transport::Udp);
        let (_, flow, first) = world.own_registered();
        if agrees {
            let request = world.run_to(540_000).remove(0).1;
            let contact = format!("Contact: {};expires=600", request.get("Contact").unwrap());
            world.answer_over(flow, &request, "200 OK", &["Require: outbound", &contact]);
        }
        assert!(first.get("Contact").unwrap().contains("reg-id=1"));
        world.failed(flow, TransportError::Closed);
        let (_, flow) = reopens(&mut world, 3_000);
        world.connected(flow, SECOND);
        assert_eq!(contacts(&world.one()).len(), if agrees { 1 } else { 2 });
    }
}

#[test]
fn every_registration_of_the_connection_comes_back_and_not_all_at_once() {
    let mut world = World::by(Transport::Udp);
    let (first, flow, _) = world.own_registered();
    let mut rids = vec![first];
    for n in 1..=20 {
        world.at(n * 5);
        let rid = world.managed(|options| options.transport = Some(Transport::Tcp));
        world.agent.registerer_register(world.now(), rid).unwrap();
        let request = world.one();
        assert_eq!(world.last_flow, Some(flow));
        world.grant_over(flow, &request, 600);
        rids.push(rid);
    }
    world.failed(flow, TransportError::Closed);
    let next = |world: &World, rid| world.agent.registerer_info(world.now(), rid).unwrap().next;
    let mut moments: Vec<_> =
        rids.iter().map(|rid| next(&world, *rid).unwrap().as_millis()).collect();
    moments.sort_unstable();
    assert!(moments[0] < 500 && moments[20] > 1_500 && moments[20] <= 2_000, "{moments:?}");
    assert!(rids.iter().all(|rid| world.state(*rid) == State::Registered));
    let (_, flow) = reopens(&mut world, 3_000);
    assert!(world.run_to(3_000).is_empty(), "they wait until it is open");
    world.connected(flow, SECOND);
    let sent = world.run_to(3_001);
    assert_eq!(sent.len(), 21);
}

#[test]
fn a_server_that_closes_after_each_200_is_not_asked_every_two_seconds() {
    for managed in [false, true] {
        let mut world = World::by(if managed { Transport::Udp } else { Transport::Tcp });
        let (_, mut flow, _) =
            if managed { world.own_registered() } else { world.call_registered() };
        let mut waits = Vec::new();
        for _ in 0..6 {
            world.failed(flow, TransportError::Closed);
            let (after, next) = reopens(&mut world, 1_000_000);
            (waits, flow) = ([waits, vec![after as f64 / 1000.0]].concat(), next);
            world.connected(flow, SECOND);
            let request = world.one();
            world.grant_over(flow, &request, 600);
            world.raw_sent();
        }
        for (wait, whole) in waits.iter().zip([0.0, 30.0, 60.0, 120.0, 240.0, 480.0]) {
            let range = if whole == 0.0 { 0.0..=2.02 } else { whole / 2.0..=whole + 0.02 };
            assert!(range.contains(wait), "{managed} {waits:?}");
        }
    }
}

#[test]
fn a_connection_that_lived_a_minute_is_followed_by_another_at_once() {
    let mut world = World::by(Transport::Udp);
    let (_, mut flow, _) = world.own_registered();
    for _ in 0..5 {
        let at = world.millis() as u64 + 60_000;
        world.at(at);
        world.raw_sent();
        world.failed(flow, TransportError::Closed);
        let (after, next) = reopens(&mut world, 3_000);
        assert!(after <= 2_010, "{after}");
        flow = next;
        world.connected(flow, SECOND);
        let request = world.one();
        world.grant_over(flow, &request, 600);
    }
}

#[test]
fn a_retry_that_waits_is_not_overtaken() {
    for extra in [&["Retry-After: 300"][..], &[]] {
        let mut world = World::by(Transport::Udp);
        let rid = world.managed(|options| options.transport = Some(Transport::Tcp));
        world.agent.registerer_register(world.now(), rid).unwrap();
        let (flow, _) = world.opens();
        world.connected(flow, FIRST);
        let request = world.one();
        world.answer_over(flow, &request, "606 Not Acceptable", extra);
        let next = |world: &World| world.agent.registerer_info(world.now(), rid).unwrap().next;
        let before = next(&world);
        assert!(before.unwrap().as_secs() >= 300, "{before:?}");
        world.failed(flow, TransportError::Closed);
        assert_eq!(next(&world), before);
    }
}

#[test]
fn what_is_unanswered_goes_to_the_next_server() {
    let mut world = World::by(Transport::Tcp);
    world.serve(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    world.call_register("sip:acme.test");
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    let first = world.one();
    world.failed(flow, TransportError::Reset);
    let (flow, target) = world.opens();
    assert_eq!(target, "TCP 192.0.2.2:5060");
    world.connected(flow, SECOND);
    let second = world.one();
    let branch =
        |request: &Draft| request.get("Via").unwrap().split_once("branch=").unwrap().1.to_owned();
    assert_ne!(branch(&first), branch(&second));
    assert_eq!(first.get("CSeq"), second.get("CSeq"));
    assert!(second.get("Via").unwrap().contains(SECOND));
    world.grant_over(flow, &second, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
}

#[test]
fn a_close_after_a_challenge_is_answered_over_the_next_connection() {
    for managed in [false, true] {
        let mut world = World::by(if managed { Transport::Udp } else { Transport::Tcp });
        world.credential("alice", "secret", "");
        if managed {
            let rid = world.managed(|options| options.transport = Some(Transport::Tcp));
            world.agent.registerer_register(world.now(), rid).unwrap();
        } else {
            world.call_register("sip:192.0.2.1");
        }
        let (flow, _) = world.opens();
        world.connected(flow, FIRST);
        let request = world.one();
        world.answer_over(flow, &request, "401 Unauthorized", &[&www("n")]);
        world.agent.automatic_action(world.now());
        let first = world.one();
        world.failed(flow, TransportError::Closed);
        let (flow, _) = world.opens();
        world.connected(flow, SECOND);
        let second = world.one();
        assert_eq!(first.get("Authorization"), second.get("Authorization"));
        assert!(second.get("Authorization").is_some());
        assert!(second.get("Via").unwrap().contains(SECOND));
        world.grant_over(flow, &second, 600);
        let events = world.events();
        let is_failure = |kind| kind == EventKind::RegistrationFailure;
        assert!(!events.iter().any(|one| is_failure(one.kind) && one.response.is_none()));
        assert!(!world.registerer_events(1).contains(&Rejected));
    }
}

#[test]
fn a_request_is_sent_once_more_where_its_connection_was_good_before() {
    let mut world = World::by(Transport::Tcp);
    let (rid, flow, _) = world.call_registered();
    let text = world.agent.build_register(rid, 600).unwrap();
    world.send(rid, &text);
    world.one();
    world.failed(flow, TransportError::Closed);
    assert!(world.events().is_empty());
    let (flow, _) = world.opens();
    world.connected(flow, SECOND);
    world.one();
    world.failed(flow, TransportError::Closed);
    assert_eq!(world.event().text, "connection closed by 192.0.2.1:5060.");
    assert!(world.is_quiet());
}

#[test]
fn a_server_that_is_silent_for_timer_f_is_left_for_the_next() {
    let mut world = World::by(Transport::Tcp);
    world.serve(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    world.call_register("sip:acme.test");
    let (first, _) = world.opens();
    world.connected(first, FIRST);
    world.one();
    world.quiet_to(31_999);
    world.at(32_000);
    let (second, target) = world.opens();
    assert_eq!((target.as_str(), &*world.closed), ("TCP 192.0.2.2:5060", &[first][..]));
    world.connected(second, SECOND);
    world.one();
    world.quiet_to(63_999);
    assert!(world.events().is_empty());
    // Each target has a Timer F of its own.
    world.at(64_000);
    assert_eq!(world.event().text, "No answer from 192.0.2.2:5060 within 32 s.");
}

#[test]
fn an_unanswered_register_of_its_own_says_why_and_comes_back() {
    let mut world = World::by(Transport::Udp);
    let rid = world.managed(|options| options.transport = Some(Transport::Tcp));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    world.one();
    world.failed(flow, TransportError::Reset);
    assert_eq!(world.state(rid), State::Unregistered);
    let why = world.explain(rid);
    assert!(why.starts_with("connection reset by 192.0.2.1:5060; trying again in "), "{why}");
    let info = world.agent.registerer_info(world.now(), rid).unwrap();
    assert_eq!(info.reason, "connection reset by 192.0.2.1:5060");
    assert!(reopens(&mut world, 3_000).0 <= 2_010);
}

#[test]
fn a_refused_connection_is_tried_again_after_2_3_4_up_to_60_seconds() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:192.0.2.1");
    let (mut flow, _) = world.opens();
    for n in 2..70_u64 {
        world.failed(flow, TransportError::Refused);
        let event = world.event();
        assert_eq!(event.text, "connection refused by 192.0.2.1:5060.");
        let (after, next) = reopens(&mut world, 80_000);
        let whole = n.min(60) * 1000;
        assert!((whole * 4 / 5..=whole * 6 / 5 + 10).contains(&after), "{n}: {after}");
        flow = next;
    }
    world.connected(flow, FIRST);
    let request = world.one();
    world.answer_over(flow, &request, "500 Oops", &[]);
    world.event();
    world.agent.network_changed(world.now());
    world.raw_sent();
    let (rid, text) = (1, world.agent.build_register(1, 600).unwrap());
    world.send(rid, &text);
    let (flow, _) = world.opens();
    world.failed(flow, TransportError::Refused);
    world.event();
    let (after, _) = reopens(&mut world, 80_000);
    assert!((1_600..=2_410).contains(&after), "an answer counts: {after}");
}

#[test]
fn a_managed_registration_retries_a_refused_connection() {
    let mut world = World::by(Transport::Udp);
    let rid = world.managed(|options| options.transport = Some(Transport::Tcp));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let (flow, _) = world.opens();
    world.failed(flow, TransportError::Refused);
    let why = world.explain(rid);
    assert!(why.starts_with("connection refused by 192.0.2.1:5060; trying again in "), "{why}");
    let (after, _) = reopens(&mut world, 80_000);
    assert!((30_000..=60_010).contains(&after), "{after}");
}

#[test]
fn a_change_of_the_network_ends_the_wait_for_a_lost_connection() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    world.failed(flow, TransportError::Closed);
    let (_, flow) = reopens(&mut world, 3_000);
    world.connected(flow, SECOND);
    let request = world.one();
    world.grant_over(flow, &request, 600);
    world.failed(flow, TransportError::Closed);
    let at = world.millis() as u64 + 10_000;
    world.at(at);
    assert!(world.automatic().is_empty() && world.is_quiet());
    world.agent.network_changed(world.now());
    assert_eq!(reopens(&mut world, 0).0, 0);
}

#[test]
fn an_unregistration_is_not_repeated_for_a_lost_connection() {
    let mut world = World::by(Transport::Tcp);
    let (rid, flow, _) = world.call_registered();
    let text = world.agent.build_register(rid, 0).unwrap();
    world.send(rid, &text);
    world.one();
    world.failed(flow, TransportError::Closed);
    assert!(world.events().is_empty());
    let (flow, _) = world.opens();
    world.failed(flow, TransportError::Refused);
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    world.at(60_000);
    assert!(world.automatic().is_empty() && world.is_quiet());
}
