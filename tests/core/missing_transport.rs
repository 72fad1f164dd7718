//! URIs that require a transport that is not there: what is meant for TLS never goes in the clear,
//! and what names another transport goes by UDP with a warning.

use crate::common::{World, addr};
use register::agent::{EventKind, InitialRegister, OutOfDialog};
use register::sip::Draft;

fn ask(proxy: &str) -> InitialRegister<'_> {
    InitialRegister { from: "sip:alice@acme.test", proxy, contact: None, expires: 3600, q: None }
}

/// The log lines about `what`.
fn warnings(world: &World, what: &str) -> usize {
    world.notes.iter().filter(|note| note.contains(what)).count()
}

#[test]
fn a_register_for_sips_fails_at_once_and_nothing_is_sent() {
    for proxy in ["sips:192.0.2.1", "sips:acme.test", "SIPS:192.0.2.1:5061;transport=udp"] {
        let mut world = World::new();
        let (rid, text) = world.build_with(ask(proxy));
        world.send(rid, &text);
        assert!(world.raw_sent().is_empty(), "{proxy}");
        let event = world.event();
        assert_eq!(
            (event.kind, event.rid, event.response),
            (EventKind::RegistrationFailure, rid, None)
        );
        assert!(event.text.contains("sips needs TLS"), "{}", event.text);
        assert_eq!(warnings(&world, "sips needs TLS"), 1);
        let now = world.at(200_000).now();
        world.agent.automatic_action(now);
        assert!(world.raw_sent().is_empty(), "nor when it is tried again");
    }
}

#[test]
fn a_register_that_the_program_routes_over_sips_fails_too() {
    let mut world = World::new();
    let (rid, text) = world.build_with(ask("sip:acme.test"));
    let mut draft = Draft::parse(&text).unwrap();
    draft.push("Route", "<sips:192.0.2.1;lr>");
    world.send(rid, &draft.to_bytes());
    assert!(world.raw_sent().is_empty());
    assert!(world.event().text.contains("sips needs TLS"));
}

#[test]
fn a_refresh_and_a_removal_over_sips_fail_too() {
    for expires in [3600, 0] {
        let mut world = World::new();
        let (rid, first) = world.registered(3600);
        let text = world.agent.build_register(rid, expires).unwrap();
        let uri = format!("{} ", first.start().split(' ').nth(1).unwrap());
        let text = String::from_utf8(text).unwrap().replacen(&uri, "sips:192.0.2.1 ", 1);
        world.send(rid, text.as_bytes());
        assert!(world.raw_sent().is_empty());
        assert!(world.event().text.contains("sips needs TLS"));
    }
}

#[test]
fn a_message_for_sips_fails_at_once_and_nothing_is_sent() {
    for method in ["MESSAGE", "OPTIONS"] {
        let mut world = World::new();
        let of = OutOfDialog { method, to: "sips:b@192.0.2.1", from: "sip:a@acme.test", route: "" };
        let text = world.agent.build_request(of).unwrap();
        let now = world.now();
        let (tid, _) = world.agent.send_request(now, &text).unwrap();
        assert!(world.raw_sent().is_empty());
        let event = world.event();
        let expected = (EventKind::MessageRequestFailure, tid, None);
        assert_eq!((event.kind, event.ids.tid, event.response), expected);
        assert!(event.text.contains("sips needs TLS"), "{}", event.text);
    }
}

#[test]
fn a_transport_parameter_that_is_not_served_goes_by_udp_with_a_warning() {
    for name in ["tls", "TCP", "ws", "wss", "sctp"] {
        let mut world = World::new();
        let proxy = format!("sip:192.0.2.1:5080;transport={name}");
        let (rid, text) = world.build_with(ask(&proxy));
        world.send(rid, &text);
        assert_eq!(world.raw_sent()[0].0, addr("192.0.2.1:5080"));
        assert!(world.events().is_empty());
        let warning = format!("transport={} is not supported", name.to_lowercase());
        assert_eq!(warnings(&world, &warning), 1, "{:?}", world.notes);
    }
    let mut world = World::new();
    let (rid, text) = world.build_with(ask("sip:192.0.2.1;transport=UDP"));
    world.send(rid, &text);
    world.one();
    assert_eq!(warnings(&world, "transport"), 0, "{:?}", world.notes);
}
