//! Via and Contact of requests that go over connections: the flow's own address, at each send.

use crate::common::{World, addr, contacts, seen_answer};
use crate::connections::{FIRST, SECOND};
use register::agent::{InitialRegister, OutOfDialog, Transport, TransportError};
use register::sip::Draft;

fn via(request: &Draft) -> &str {
    request.get("Via").unwrap().split(";branch").next().unwrap()
}

/// A Contact with the `line` taken out.
fn contact(request: &Draft) -> String {
    let contact = request.get("Contact").unwrap();
    let (before, rest) = contact.split_once(";line=").unwrap();
    format!("{before}{}", &rest[15..])
}

#[test]
fn via_and_contact_have_address_and_transport_of_the_connection() {
    for (transport, via_of) in [(Transport::Tcp, "SIP/2.0/TCP"), (Transport::Tls, "SIP/2.0/TLS")] {
        let mut world = World::by(transport);
        let (_, _, request) = world.call_registered();
        assert_eq!(via(&request), format!("{via_of} {FIRST};rport"));
        let by = transport.via();
        assert_eq!(contact(&request), format!("<sip:alice@{FIRST};transport={by}>"));
    }
}

#[test]
fn what_is_built_names_the_transport_and_still_has_placeholders() {
    let mut world = World::by(Transport::Tcp);
    let (_, text) = world.build(600);
    let built = Draft::parse(&text).unwrap();
    assert_eq!(via(&built), "SIP/2.0/TCP 999.999.999.999:99999;rport");
    assert_eq!(contact(&built), "<sip:alice@999.999.999.999:99999;transport=TCP>");
    world.agent.settings_mut().instance = Some("urn:uuid:1".into());
    let ask = OutOfDialog { method: "PUBLISH", to: "sip:b@h", from: "sip:a@h", route: "" };
    let publish = Draft::parse(&world.agent.build_request(ask).unwrap()).unwrap();
    assert_eq!(via(&publish), "SIP/2.0/TCP 999.999.999.999:99999;rport");
    let wanted = "<sip:a@999.999.999.999:99999;transport=TCP>;+sip.instance=\"<urn:uuid:1>\"";
    assert_eq!(publish.get("Contact"), Some(wanted));
}

#[test]
fn a_transport_that_the_program_writes_into_the_via_stays() {
    let mut world = World::by(Transport::Tcp);
    let (rid, text) = world.build(600);
    let text = String::from_utf8(text).unwrap().replace("SIP/2.0/TCP", "SIP/2.0/UDP");
    world.send(rid, text.as_bytes());
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    assert_eq!(via(&world.one()), format!("SIP/2.0/UDP {FIRST};rport"));
}

#[test]
fn a_registration_that_chooses_writes_the_transport_in_lower_case() {
    let mut world = World::by(Transport::Udp);
    let (_, _, request) = world.own_registered();
    assert_eq!(via(&request), format!("SIP/2.0/TCP {FIRST};rport"));
    let wanted = format!("<sip:alice@{FIRST};transport=tcp;ob>");
    assert!(contact(&request).starts_with(&wanted), "{}", contact(&request));
}

#[test]
fn a_sips_user_has_a_sips_contact() {
    let mut world = World::by(Transport::Tls);
    let (from, proxy) = ("sips:alice@acme.test", "sips:192.0.2.1");
    let ask = InitialRegister { from, proxy, contact: None, expires: 60, q: None };
    let (rid, text) = world.build_with(ask);
    world.send(rid, &text);
    let (flow, target) = world.opens();
    assert_eq!(target, "TLS 192.0.2.1:5061");
    world.connected(flow, FIRST);
    assert_eq!(contact(&world.one()), format!("<sips:alice@{FIRST};transport=TLS>"));
}

#[test]
fn ipv6_stands_in_brackets() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:[2001:db8::1]");
    let (flow, _) = world.opens();
    world.connected(flow, "[2001:db8::99]:40001");
    let request = world.one();
    assert_eq!(via(&request), "SIP/2.0/TCP [2001:db8::99]:40001");
    assert_eq!(contact(&request), "<sip:alice@[2001:db8::99]:40001;transport=TCP>");
}

#[test]
fn option_22_puts_the_listening_port_into_the_contact_alone() {
    let mut world = World::by(Transport::Tcp);
    world.listen(Transport::Tcp, Some(5070));
    let (_, flow, request) = world.call_registered();
    assert_eq!(via(&request), format!("SIP/2.0/TCP {FIRST};rport"));
    assert_eq!(contact(&request), "<sip:alice@192.0.2.99:5070;transport=TCP>");
    // The server sees the port of the connection, which is no news.
    let bytes = seen_answer(&request, "200 OK", "192.0.2.99", "40001", &[]);
    world.comes(flow, &bytes);
    assert!(world.automatic().is_empty());
}

#[test]
fn one_that_was_taken_over_keeps_the_listening_port() {
    let mut world = World::by(Transport::Tcp);
    world.listen(Transport::Tcp, Some(5070));
    let (rid, flow, _) = world.call_registered();
    world.agent.registerer_adopt(world.now(), rid).unwrap();
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    assert_eq!(world.last_flow, Some(flow));
    assert_eq!(contact(&request), "<sip:alice@192.0.2.99:5070;transport=TCP>");
}

#[test]
fn option_7_and_a_masquerade_address_count_as_over_udp() {
    let mut world = World::by(Transport::Tcp);
    world.agent.settings_mut().rport = false;
    world.agent.settings_mut().public_host = Some("198.51.100.7".into());
    world.agent.settings_mut().public_port = Some(6000);
    let (_, _, request) = world.call_registered();
    assert_eq!(via(&request), "SIP/2.0/TCP 192.0.2.99:6000");
    assert_eq!(contact(&request), "<sip:alice@198.51.100.7:6000;transport=TCP>");
}

#[test]
fn where_a_server_has_seen_one_connection_says_nothing_of_the_next() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:192.0.2.1");
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    let request = world.one();
    let granted = format!("Contact: {};expires=600", request.get("Contact").unwrap());
    let bytes = seen_answer(&request, "200 OK", "198.51.100.7", "1111", &[&granted]);
    world.comes(flow, &bytes);
    let moved = world.automatic_one();
    let [old, new] = &contacts(&moved)[..] else { panic!("{moved:#?}") };
    let mut both = [old.contains(";expires=0"), new.contains(";expires=0")];
    both.sort_unstable();
    assert_eq!(both, [false, true], "{old} {new}");
    assert!(old.contains("@198.51.100.7:1111;transport=TCP;line="), "{old}");
    world.grant_over(flow, &moved, 600);
    world.failed(flow, TransportError::Closed);
    world.call_register("sip:192.0.2.1");
    let (flow, _) = world.opens();
    world.connected(flow, SECOND);
    assert_eq!(contact(&world.one()), format!("<sip:alice@{SECOND};transport=TCP>"));
    assert_eq!(world.agent.flow(flow).unwrap().local, addr(SECOND));
}
