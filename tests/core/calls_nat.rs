//! The Contacts of calls behind a NAT: what responses say of our address (RFC 3581).

use crate::calls::{ASK, CONTACT, OFFER, invite, response};
use crate::common::{World, addr};
use register::agent::{InitialSubscribe, WithinDialog};
use register::sip::Draft;

const SEEN: &str = "<sip:alice@203.0.113.9:4000>";

/// The Via of a response to `request`, which has come from another address.
fn through_a_nat(request: &Draft) -> String {
    request.get("Via").unwrap().replace(";rport", ";rport=4000;received=203.0.113.9")
}

/// Calls bob, who has seen the INVITE come from another address.
fn called_through_a_nat(world: &mut World, change: impl Fn(&mut Draft)) -> (Draft, i32, i32) {
    let now = world.now();
    let mut first = Draft::parse(&world.agent.build_initial_invite(ASK).unwrap()).unwrap();
    change(&mut first);
    world.agent.send_initial_invite(now, &first.to_bytes()).unwrap();
    let invite = world.one();
    let mut accepted = response(&invite, "200 OK", "b1", &[CONTACT]);
    accepted.set("Via", through_a_nat(&invite));
    world.peer_sends(&accepted);
    let event = world.event();
    (invite, event.ids.did, event.ids.tid)
}

fn info(world: &mut World, did: i32) -> Draft {
    let now = world.now();
    let info = world.agent.build_dialog_request(now, did, WithinDialog::plain("INFO")).unwrap();
    world.agent.send_dialog_request(now, did, &info).unwrap();
    world.one()
}

#[test]
fn contacts_of_a_call_have_the_address_that_the_peer_has_seen() {
    let mut world = World::new();
    let (invited, did, tid) = called_through_a_nat(&mut world, |_| {});
    assert_eq!(invited.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
    assert_eq!(world.acks(tid).get("Contact"), Some(SEEN));
    assert_eq!(info(&mut world, did).get("Contact"), Some(SEEN));
    assert_eq!(world.call_bob().1.get("Contact"), Some(SEEN), "the next call");
    world.peer_sends(&invite("i1", &[], OFFER));
    world.sent();
    let called = world.events().pop().unwrap();
    let answer = world.accept(called.ids.tid);
    assert_eq!(answer.get("Contact"), Some("<sip:us@203.0.113.9:4000>"), "and an answer");
}

#[test]
fn an_invite_that_is_sent_again_has_the_address_that_was_seen() {
    let mut world = World::with_alice();
    let (_, invite) = world.call_bob();
    let challenge = ("Proxy-Authenticate", "Digest realm=\"acme.test\", nonce=\"1\"");
    let mut refused = response(&invite, "407 Prove it", "b1", &[challenge]);
    refused.set("Via", through_a_nat(&invite));
    world.peer_sends(&refused);
    world.sent();
    let now = world.now();
    world.agent.automatic_action(now);
    let again = world.one();
    assert!(again.get("Proxy-Authorization").is_some());
    assert_eq!(again.get("Contact"), Some(SEEN));
}

#[test]
fn a_subscribe_that_is_sent_again_has_the_address_that_was_seen() {
    let mut world = World::with_alice();
    let (to, from) = ("sip:bob@192.0.2.50", "sip:alice@acme.test");
    let ask = InitialSubscribe { to, from, route: "", event: "presence", expires: 600 };
    let now = world.now();
    let subscribe = world.agent.build_initial_subscribe(ask).unwrap();
    world.agent.send_initial_subscribe(now, &subscribe).unwrap();
    let subscribe = world.one();
    assert_eq!(subscribe.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
    let challenge = ("WWW-Authenticate", "Digest realm=\"acme.test\", nonce=\"1\"");
    let mut refused = response(&subscribe, "401 Prove it", "b1", &[challenge]);
    refused.set("Via", through_a_nat(&subscribe));
    world.peer_sends(&refused);
    let now = world.now();
    world.agent.automatic_action(now);
    let again = world.one();
    assert!(again.get("Authorization").is_some());
    assert_eq!(again.get("Contact"), Some(SEEN));
}

#[test]
fn an_address_that_the_application_gave_stays_in_the_call() {
    let given = "<sip:alice@198.51.100.7:7777>";
    let mut world = World::new();
    let (invited, _, tid) = called_through_a_nat(&mut world, |invite| invite.set("Contact", given));
    assert_eq!(invited.get("Contact"), Some(given));
    assert_eq!(world.acks(tid).get("Contact"), Some(given), "its own Contact");

    let mut world = World::new();
    world.agent.settings_mut().public_host = Some("198.51.100.7".to_owned());
    world.agent.settings_mut().public_port = Some(7777);
    let (invited, did, tid) = called_through_a_nat(&mut world, |_| {});
    assert_eq!(invited.get("Contact"), Some(given));
    assert_eq!(world.acks(tid).get("Contact"), Some(given), "a masqueraded one");
    assert_eq!(info(&mut world, did).get("Contact"), Some(given));
}

#[test]
fn what_another_server_has_seen_does_not_count_for_the_peer() {
    let mut world = World::new();
    called_through_a_nat(&mut world, |_| {});
    let now = world.now();
    let elsewhere = register::agent::InitialInvite { to: "sip:carol@192.0.2.60", ..ASK };
    let invite = world.agent.build_initial_invite(elsewhere).unwrap();
    world.agent.send_initial_invite(now, &invite).unwrap();
    let (to, bytes) = world.raw_sent().remove(0);
    assert_eq!(to, addr("192.0.2.60:5060"));
    let contact = Draft::parse(&bytes).unwrap().get("Contact").unwrap().to_owned();
    assert_eq!(contact, "<sip:alice@192.0.2.99:5070>");
}
