//! A network that comes and goes, a machine that sleeps, a registrar that refuses our Contact for
//! its address: each registration is there again at once, and never in a loop.

use crate::common::{REGISTRAR, World, addr, contacts, granted, seen_answer};
use crate::connections::{FIRST, SECOND};
use register::agent::{EventKind, Input, Transport, TransportError};
use register::registration::policy::managed::RegistererState as State;
use std::time::Duration;

const PUBLIC: &str = "203.0.113.7";
const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"";

fn no_route() -> TransportError {
    TransportError::NoRoute { to: addr(REGISTRAR).ip(), errno: 101 }
}

impl World {
    /// From now on there is no route to the registrar, and the system says so.
    fn loses_route(&mut self) {
        self.locals = vec![(addr(REGISTRAR), Err(no_route()))];
        self.interfaces_changed();
    }

    /// From now on the way to the registrar begins at `local`.
    fn gets_route(&mut self, local: &str) {
        self.locals = vec![(addr(REGISTRAR), Ok(addr(local)))];
        self.interfaces_changed();
    }

    /// The machine sleeps until `ms`: nothing happens before that.
    fn sleeps_to(&mut self, ms: u64) {
        let slept = Duration::from_millis(ms - self.millis() as u64);
        self.at_once(ms);
        self.agent.handle_input(self.now(), Input::Resumed { slept });
        self.tick();
    }
}

const SAME: &str = "192.0.2.99:5070";
const OTHER: &str = "198.51.100.5:5070";

#[test]
fn one_that_starts_without_a_route_registers_when_there_is_one() {
    let mut world = World::new();
    world.loses_route();
    let rid = world.managed(|_| {});
    world.agent.registerer_register(world.now(), rid).unwrap();
    world.quiet_to(200_000);
    assert_eq!(world.state(rid), State::Unregistered);
    world.gets_route(SAME);
    let request = world.one_at(201_500);
    world.grant(&request, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn a_refusal_and_a_retry_after_are_not_cut_short_by_the_network() {
    for (status, lines) in [
        ("403 Forbidden", &[][..]),
        ("503 Service Unavailable", &["Retry-After: 300"]),
        ("404 Not Found", &[]),
    ] {
        let mut world = World::new();
        let (_, request) = world.managed_register(|_| {});
        world.answer(&request, status, lines);
        world.loses_route();
        world.quiet_to(10_000);
        world.gets_route(SAME);
        world.quiet_to(200_000);
    }
}

#[test]
fn after_a_link_was_down_past_the_expiry_it_registers_at_once() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(60, |options| options.expires = 60);
    world.at(10_000);
    world.loses_route();
    world.quiet_to(400_000);
    assert_eq!(world.states(rid).last(), Some(&State::Unregistered));
    world.gets_route(SAME);
    let request = world.one_at(401_500);
    world.grant(&request, 60);
    assert_eq!(world.state(rid), State::Registered);
    world.quiet_to(440_000);
}

#[test]
fn all_of_a_flow_come_back_when_one_finds_the_way_again() {
    let mut world = World::new();
    world.managed_registered(60, |options| options.expires = 60);
    world.managed_registered(3600, |_| {});
    // Nobody says that the network has changed.
    world.locals = vec![(addr(REGISTRAR), Err(no_route()))];
    world.quiet_to(60_000);
    world.locals.clear();
    let sent = world.run_to(200_000);
    let (first, second) = (sent[0].0, sent[1].0);
    assert_eq!(first, second, "the refresh that was due, and the other account: {sent:#?}");
}

#[test]
fn the_next_automatic_action_follows_the_route() {
    let mut world = World::new();
    let (_, _) = world.registered(3600);
    world.interfaces_changed();
    world.quiet_to(5_000);
    assert!(world.automatic().is_empty(), "the way is the same");
    world.gets_route(OTHER);
    world.quiet_to(6_500);
    let moved = world.automatic_one();
    assert!(contacts(&moved)[0].contains("@198.51.100.5:5070"), "{moved:#?}");
    world.grant(&moved, 3600);
    // No way for a while, and then the same again.
    world.loses_route();
    world.quiet_to(20_000);
    assert!(world.automatic().is_empty());
    world.gets_route(OTHER);
    world.quiet_to(21_500);
    let again = world.automatic_one();
    world.grant(&again, 3600);
    world.gets_route(OTHER);
    world.quiet_to(60_000);
    assert!(world.automatic().is_empty());
}

#[test]
fn a_connection_that_had_no_way_is_left_when_there_is_one() {
    let mut world = World::by(Transport::Udp);
    let (_, flow, _) = world.own_registered();
    world.interfaces_changed();
    world.at(1_500);
    assert_eq!(world.opens().0, flow, "its address is asked for");
    world.failed(flow, no_route());
    assert!(world.is_quiet(), "the network may come back in a moment");
    world.interfaces_changed();
    world.at(3_000);
    assert_eq!(world.opens().0, flow);
    world.connected(flow, FIRST);
    let (new, _) = world.opens();
    assert_eq!(world.closed, [flow]);
    world.connected(new, SECOND);
    let request = world.one();
    world.grant_over(new, &request, 600);
}

#[test]
fn after_an_hours_sleep_the_state_is_true_at_once_and_it_registers() {
    let mut world = World::new();
    let (rid, _) = world.managed_registered(600, |_| {});
    world.states(rid);
    world.at(8_000);
    world.sleeps_to(3_608_000);
    assert_eq!(world.states(rid), [State::Unregistered]);
    let request = world.one();
    world.grant(&request, 600);
    assert_eq!(world.states(rid), [State::Registered]);
    world.quiet_to(4_000_000);
}

#[test]
fn a_register_under_way_when_the_machine_slept_is_followed_by_another() {
    let mut world = World::new();
    let (rid, _) = world.managed_register(|_| {});
    world.sleeps_to(3_600_000);
    let request = world.one();
    world.grant(&request, 600);
    assert_eq!(world.state(rid), State::Registered);
}

#[test]
fn after_a_sleep_many_registrations_come_back_at_the_pace_of_a_start() {
    let mut world = World::new();
    let mut all = Vec::new();
    for at in 1..=200 {
        let rid = world.managed(|options| options.spread = Duration::ZERO);
        world.agent.registerer_register(world.now(), rid).unwrap();
        for (_, request) in world.run_to(at * 200) {
            world.grant(&request, 600);
        }
        all.push(rid);
    }
    assert!(all.iter().all(|rid| world.state(*rid) == State::Registered));
    world.sleeps_to(3_608_000);
    let first = world.sent();
    assert!(!first.is_empty() && first.len() < all.len(), "{}", first.len());
    for request in &first {
        world.grant(request, 600);
    }
    let registered =
        |world: &World| all.iter().filter(|rid| world.state(**rid) == State::Registered).count();
    assert_eq!(registered(&world), first.len());
    for second in 3_609..3_680 {
        for (_, request) in world.run_to(second * 1000) {
            world.grant(&request, 600);
        }
    }
    assert_eq!(registered(&world), all.len());
}

#[test]
fn a_short_sleep_renews_nothing_that_still_stands() {
    let mut world = World::new();
    world.managed_registered(600, |_| {});
    world.at(10_000);
    world.sleeps_to(20_000);
    world.quiet_to(500_000);
}

#[test]
fn one_of_the_exosip_calls_is_renewed_after_a_sleep() {
    let mut world = World::new();
    world.registered(600);
    world.at(8_000);
    world.sleeps_to(3_608_000);
    assert!(world.sent().is_empty());
    assert_eq!(world.automatic().len(), 1);
}

#[test]
fn connections_do_not_outlast_a_long_sleep() {
    let mut world = World::by(Transport::Udp);
    let (_, flow, _) = world.own_registered();
    world.sleeps_to(3_600_000);
    let (new, _) = world.opens();
    assert_eq!(world.closed, [flow]);
    world.connected(new, SECOND);
    let request = world.one();
    world.grant_over(new, &request, 600);
}

#[test]
fn a_contact_refused_for_its_address_is_sent_with_the_outside_one() {
    let mut world = World::with_alice();
    let (rid, request) = world.managed_register(|_| {});
    world.receive(&seen_answer(&request, "400 Bad Contact", PUBLIC, "4444", &[]));
    let outside = world.one();
    let list = contacts(&outside);
    assert!(list.len() == 1 && list[0].contains("@203.0.113.7:4444;"), "{list:?}");
    world.receive(&seen_answer(&outside, "401 Unauthorized", PUBLIC, "4444", &[CHALLENGE]));
    let proven = world.one();
    granted(&mut world, &proven, PUBLIC, "4444");
    assert_eq!(world.states(rid), [State::Registered]);
    assert!(world.sent().is_empty());
}

#[test]
fn a_registrar_that_refuses_the_outside_address_too_ends_the_attempt() {
    for second in ["4444", "5555"] {
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        world.receive(&seen_answer(&request, "400 Bad Contact", PUBLIC, "4444", &[]));
        let outside = world.one();
        world.receive(&seen_answer(&outside, "400 Bad Contact", PUBLIC, second, &[]));
        assert_eq!(world.states(rid), [State::Unregistered]);
        world.quiet_to(60_000);
    }
}

#[test]
fn a_400_for_another_reason_than_the_address_is_final() {
    let mut world = World::new();
    let (rid, request) = world.managed_register(|_| {});
    world.receive(&seen_answer(&request, "400 Bad Request", "192.0.2.99", "5070", &[]));
    assert_eq!(world.states(rid), [State::Unregistered]);
    world.quiet_to(60_000);
}

#[test]
fn a_contact_of_the_exosip_calls_that_is_refused_goes_outside_once() {
    let mut world = World::new();
    let (_, request) = world.register(600);
    world.receive(&seen_answer(&request, "400 Bad Contact", PUBLIC, "4444", &[]));
    assert_eq!(world.event().kind, EventKind::RegistrationFailure);
    let outside = world.automatic_one();
    assert!(contacts(&outside)[0].contains("@203.0.113.7:4444"), "{outside:#?}");
    for port in ["4444", "5555"] {
        world.receive(&seen_answer(&outside, "400 Bad Contact", PUBLIC, port, &[]));
        assert!(world.automatic().is_empty());
    }
    world.quiet_to(100_000);
    assert!(world.automatic().is_empty(), "as after any failure");
}
