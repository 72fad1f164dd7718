//! Connections that are made: addresses beside each other, 10 s for a server, then the next one;
//! one flow for all that have the same key; timers of requests over them.

use crate::common::{World, addr};
use crate::connections::{FIRST, SECOND};
use register::agent::{EventKind, Transport, TransportError};
use register::registration::policy::managed::RegistererState as State;
use register::transport::{TlsError, TlsFailure};

/// A context over TCP in which the domain acme.test has two addresses, alice registers there, and
/// the addresses that were opened so far are given.
fn racing() -> (World, i32) {
    let mut world = World::by(Transport::Tcp);
    world.agent.settings_mut().servers = false;
    world.serve(&["192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"]);
    let rid = world.call_register("sip:acme.test");
    (world, rid)
}

fn opened(world: &mut World) -> Vec<String> {
    world.raw_sent();
    std::mem::take(&mut world.opening).iter().map(|(_, target)| target.remote.to_string()).collect()
}

#[test]
fn the_addresses_of_a_server_are_tried_250_ms_apart() {
    let (mut world, _) = racing();
    assert_eq!(opened(&mut world), ["192.0.2.1:5060"]);
    for (ms, wanted) in [(249, None), (250, Some("192.0.2.2:5060")), (499, None)] {
        world.at(ms);
        assert_eq!(opened(&mut world), wanted.into_iter().collect::<Vec<_>>(), "{ms}");
    }
    world.at(500);
    assert_eq!(opened(&mut world), ["192.0.2.3:5060"]);
    world.at(9_999);
    assert_eq!(opened(&mut world), [""; 0]);
    assert!(world.closed.is_empty() && world.events().is_empty());
}

#[test]
fn the_first_that_connects_wins_and_the_others_are_closed() {
    let (mut world, rid) = racing();
    let (first, _) = world.opens();
    world.at(250);
    let (second, _) = world.opens();
    world.at(300);
    world.connected(second, FIRST);
    let request = world.one();
    assert_eq!((world.last_flow, &*world.closed), (Some(second), &[first][..]));
    world.grant_over(second, &request, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    world.at(11_000);
    assert_eq!(opened(&mut world), [""; 0], "the third is not tried");
    // What is sent later goes over the connection that there is.
    let text = world.agent.build_register(rid, 600).unwrap();
    world.send(rid, &text);
    world.one();
    assert_eq!(world.last_flow, Some(second));
}

#[test]
fn a_refused_address_is_no_event_and_the_next_is_tried_at_once() {
    let (mut world, _) = racing();
    let (first, _) = world.opens();
    world.at(20);
    world.failed(first, TransportError::Refused);
    let (second, target) = world.opens();
    assert_eq!(target, "TCP 192.0.2.2:5060");
    world.at(40);
    world.connected(second, FIRST);
    world.one();
    assert!(world.events().is_empty() && world.closed.is_empty());
}

#[test]
fn a_server_has_ten_seconds() {
    let (mut world, _) = racing();
    let mut flows = Vec::new();
    for ms in [0, 250, 500] {
        world.at(ms);
        flows.push(world.opens().0);
    }
    world.at(9_999);
    assert!(world.is_quiet());
    world.at(10_000);
    let event = world.event();
    assert_eq!(event.kind, EventKind::RegistrationFailure);
    assert_eq!(event.text, "no connection to 192.0.2.1:5060 within 10 s.");
    world.raw_sent();
    assert_eq!(world.closed, flows);
}

#[test]
fn the_failure_names_the_address_that_refused_last() {
    let (mut world, _) = racing();
    for (ms, number) in [(0, 1), (20, 2), (40, 3)] {
        world.at(ms);
        let (flow, target) = world.opens();
        assert_eq!(target, format!("TCP 192.0.2.{number}:5060"));
        world.failed(flow, TransportError::Refused);
    }
    assert_eq!(world.event().text, "connection refused by 192.0.2.3:5060.");
    assert!(world.is_quiet());
}

#[test]
fn the_next_server_is_tried_when_the_first_cannot_be_connected() {
    let mut world = World::by(Transport::Tcp);
    world.serve(&["192.0.2.1:5060", "192.0.2.2:5060"]);
    world.call_register("sip:acme.test");
    let (first, target) = world.opens();
    assert_eq!(target, "TCP 192.0.2.1:5060");
    world.at(9_999);
    assert!(world.is_quiet(), "another server is no other address");
    world.at(10_000);
    let (second, target) = world.opens();
    assert_eq!((target.as_str(), &*world.closed), ("TCP 192.0.2.2:5060", &[first][..]));
    world.at(10_100);
    world.connected(second, FIRST);
    let request = world.one();
    world.grant_over(second, &request, 600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess, "without events on the way");
}

#[test]
fn what_waits_for_a_connection_goes_when_it_is_open() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:192.0.2.1");
    let (flow, _) = world.opens();
    world.call_register("sip:192.0.2.1:5060");
    assert!(world.is_quiet(), "one connection for both");
    world.at(9_000);
    world.connected(flow, FIRST);
    assert_eq!(world.sent().len(), 2);
}

#[test]
fn another_domain_of_tls_gets_a_connection_of_its_own() {
    let mut world = World::by(Transport::Tls);
    world.agent.settings_mut().servers = false;
    world.serve(&["192.0.2.1:5061"]);
    world.names.push(("other.test", Ok(vec![addr("192.0.2.1:5061")])));
    world.call_register("sip:acme.test");
    world.call_register("sip:other.test");
    world.call_register("sip:acme.test");
    world.raw_sent();
    let names: Vec<_> =
        world.opening.iter().map(|(_, target)| target.tls_name.clone().unwrap()).collect();
    assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), ["acme.test", "other.test"]);
}

#[test]
fn over_a_connection_nothing_is_resent_and_silence_closes_it() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:192.0.2.1");
    let (flow, _) = world.opens();
    world.at(2_000);
    world.connected(flow, FIRST);
    world.one();
    world.quiet_to(31_999);
    assert!(world.events().is_empty() && world.closed.is_empty());
    // Timer F runs from when the transport had the request, not from when it was sent.
    world.at(32_000);
    assert_eq!(world.event().text, "No answer from 192.0.2.1:5060 within 32 s.");
    world.raw_sent();
    assert_eq!(world.closed, [flow], "it may be half open");
}

#[test]
fn a_connection_that_others_receive_over_is_not_closed_for_one_silence() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    world.at(1_000);
    world.call_register("sip:192.0.2.1");
    world.one();
    world.at(20_000);
    world.comes(flow, b"\r\n");
    world.at(33_000);
    assert_eq!(world.event().text, "No answer from 192.0.2.1:5060 within 32 s.");
    world.raw_sent();
    assert!(world.closed.is_empty());
}

#[test]
fn a_request_that_the_connection_does_not_take_fails_alone() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    world.call_register("sip:192.0.2.1");
    let (_, bytes) = world.raw_sent().remove(0);
    let error = TransportError::TooLong;
    let input = register::agent::Input::Failed { flow, error, bytes: &bytes };
    world.agent.handle_input(world.now(), input);
    let words = "The request could not be sent to 192.0.2.1:5060: Message too long.";
    assert_eq!(world.event().text, words);
    assert!(world.is_quiet());
    assert!(world.agent.flow(flow).is_some());
}

#[test]
fn the_transaction_of_an_answered_request_is_over_at_once() {
    let mut world = World::by(Transport::Tcp);
    world.call_registered();
    world.tick();
    world.raw_sent();
    assert_eq!(world.agent.statistics().transactions, 0);
}

#[test]
fn a_connection_that_nobody_uses_is_closed_after_32_s() {
    let mut world = World::by(Transport::Tcp);
    let text = world
        .agent
        .build_request(register::agent::OutOfDialog {
            method: "OPTIONS",
            to: "sip:b@192.0.2.1",
            from: "sip:a@h",
            route: "",
        })
        .unwrap();
    world.agent.send_request(world.now(), &text).unwrap();
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    let request = world.one();
    world.at(1_000);
    world.answer_over(flow, &request, "200 OK", &[]);
    world.at(32_999);
    assert!(world.is_quiet());
    world.at(33_000);
    world.raw_sent();
    assert_eq!(world.closed, [flow]);
    assert_eq!(world.agent.flow(flow), None);
}

#[test]
fn a_connection_that_is_made_too_late_for_its_request_is_closed_too() {
    let mut world = World::by(Transport::Tcp);
    let rid = world.call_register("sip:192.0.2.1");
    let (flow, _) = world.opens();
    world.agent.remove(rid).unwrap();
    world.at(5_000);
    world.connected(flow, SECOND);
    world.at(60_000);
    world.raw_sent();
    assert_eq!(world.closed, [flow]);
}

#[test]
fn a_refused_certificate_is_a_refusal_for_who_registers_by_itself() {
    let mut world = World::by(Transport::Udp);
    let rid = world.managed(|options| options.transport = Some(Transport::Tls));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let (flow, _) = world.opens();
    let error = TlsError::Expired(1_609_459_200);
    let failure = TlsFailure { with: "192.0.2.1".into(), error };
    world.failed(flow, TransportError::Tls(failure.into()));
    world.raw_sent();
    assert_eq!(world.state(rid), State::Unregistered);
    let why = world.explain(rid);
    let words = "TLS with 192.0.2.1: certificate expired on 2021-01-01: a certificate or a setting \
                 has to change first; trying again in ";
    assert!(why.starts_with(words), "{why}");
    let next = world.agent.registerer_info(world.now(), rid).unwrap().next.unwrap().as_secs();
    assert!((1800..=3600).contains(&next), "slowly: {next}");
}
