//! INVITEs that are sent again: challenges, redirections, session intervals.

use crate::calls::{ASK, OFFER, kinds, response, tag};
use crate::common::{World, param};
use register::agent::{Action, EventKind, InitialInvite, Refusal, WithinDialog};
use register::sip::Draft;

const PROXY: (&str, &str) =
    ("Proxy-Authenticate", "Digest realm=\"proxy\", nonce=\"n1\", qop=\"auth\"");
const SERVER: (&str, &str) =
    ("WWW-Authenticate", "Digest realm=\"acme\", nonce=\"n2\", qop=\"auth\"");

/// A 401 or 407; the event of it.
fn challenge(world: &mut World, request: &Draft, status: &str, header: (&str, &str)) -> i32 {
    world.peer_sends(&response(request, status, "x", &[header]));
    world.sent();
    world.event().ids.tid
}

#[test]
fn a_challenge_is_answered_by_an_automatic_action_or_by_hand() {
    for is_automatic in [true, false] {
        let mut world = World::with_alice();
        let (cid, invite) = world.call_bob();
        world.responds(&invite, "180 Ringing", "b1");
        let early = world.event().ids.did;
        let refused = response(&invite, "407 Proxy", "b1", &[PROXY]);
        world.peer_sends(&refused);
        assert!(world.one().start().starts_with("ACK "));
        let failed = world.event();
        assert_eq!((failed.kind, failed.ids.did), (EventKind::CallRequestFailure, early));
        assert!(world.agent.has_action_due());
        let (now, tid) = (world.now(), failed.ids.tid);
        if is_automatic {
            world.agent.automatic_action(now);
        } else {
            let sent = world.agent.default_action_for_call(now, tid, 407);
            assert_eq!(sent, Ok(Action::Sent));
        }
        let again = world.one();
        assert_eq!(again.get("CSeq"), Some("21 INVITE"));
        for name in ["Call-ID", "From", "To", "Contact", "Content-Type"] {
            assert_eq!(again.get(name), invite.get(name), "{name}");
        }
        assert_eq!(again.body, invite.body);
        assert_ne!(again.get("Via"), invite.get("Via"));
        let answer = again.get("Proxy-Authorization").unwrap();
        assert_eq!(param(answer, "nonce").as_deref(), Some("n1"));
        // Both together send one request.
        assert_eq!(world.agent.default_action_for_call(now, tid, 407), Ok(Action::Sent));
        world.agent.automatic_action(now);
        assert!(world.sent().is_empty());
        world.responds(&again, "180 Ringing", "b2");
        let ringing = world.event();
        assert!(ringing.ids.cid == cid && ringing.ids.did > early && ringing.ids.tid > tid);
        world.accepts(&again, "b2");
        world.event();
        let ack = world.acks(ringing.ids.tid);
        assert!(ack.get("Proxy-Authorization").is_some() && tag(&ack, "To") == "b2");
        world.ends(cid, ringing.ids.did).unwrap();
        let bye = world.one();
        let answer = bye.get("Proxy-Authorization").unwrap();
        assert_eq!(param(answer, "nc").as_deref(), Some("00000002"));
    }
}

#[test]
fn the_realms_of_proxy_and_callee_are_both_answered() {
    let mut world = World::with_alice();
    let (_, invite) = world.call_bob();
    challenge(&mut world, &invite, "407 Proxy", PROXY);
    let second = world.automatic_one();
    challenge(&mut world, &second, "401 Unauthorized", SERVER);
    let third = world.automatic_one();
    assert_eq!(third.get("CSeq"), Some("22 INVITE"));
    assert!(third.get("Authorization").is_some() && third.get("Proxy-Authorization").is_some());
}

#[test]
fn a_challenge_without_credentials_waits_32_s_for_them() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    let tid = challenge(&mut world, &invite, "401 Unauthorized", SERVER);
    assert!(world.automatic().is_empty(), "nothing is sent again bare");
    let now = world.now();
    let none = world.agent.default_action_for_call(now, tid, 401);
    assert_eq!(none, Err(Refusal::Undefined));
    world.run_to(31_000);
    world.credential("alice", "secret", "");
    let now = world.now();
    assert_eq!(world.agent.default_action_for_call(now, tid, 401), Ok(Action::Sent));
    assert!(world.one().get("Authorization").is_some());
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    let tid = challenge(&mut world, &invite, "401 Unauthorized", SERVER);
    world.run_to(32_000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
    let now = world.now();
    let late = world.agent.default_action_for_call(now, tid, 401);
    assert_eq!(late, Err(Refusal::NotFound));
}

#[test]
fn challenges_are_answered_three_times() {
    let mut world = World::with_alice();
    let (_, mut invite) = world.call_bob();
    let mut tid = 0;
    for number in 0..4 {
        let header = format!("Digest realm=\"r{number}\", nonce=\"n\", qop=\"auth\"");
        let header = ("WWW-Authenticate", &*header);
        tid = challenge(&mut world, &invite, "401 Unauthorized", header);
        let mut sent = world.automatic();
        assert_eq!(sent.len(), usize::from(number < 3));
        if let Some(again) = sent.pop() {
            invite = again;
        }
    }
    let now = world.now();
    let over = world.agent.default_action_for_call(now, tid, 401);
    assert_eq!(over, Err(Refusal::RetryLimit));
}

#[test]
fn a_challenged_request_in_the_call_is_sent_again_but_a_bye_only_by_hand() {
    let mut world = World::with_alice();
    let (cid, _, did, _) = world.established_call();
    let now = world.now();
    let info = world.agent.build_dialog_request(now, did, WithinDialog::plain("INFO")).unwrap();
    world.agent.send_dialog_request(now, did, &info).unwrap();
    let info = world.one();
    challenge(&mut world, &info, "401 Unauthorized", SERVER);
    let again = world.automatic_one();
    assert_eq!(again.get("CSeq"), Some("22 INFO"));
    assert!(again.get("Authorization").is_some());
    world.responds(&again, "200 OK", "");
    world.event();
    world.ends(cid, did).unwrap();
    let bye = world.one();
    assert_eq!(bye.get("CSeq"), Some("23 BYE"));
    let stale = "Digest realm=\"acme\", nonce=\"n3\", stale=true, qop=\"auth\"";
    let tid = challenge(&mut world, &bye, "401 Unauthorized", ("WWW-Authenticate", stale));
    assert!(world.automatic().is_empty());
    let sent = world.agent.default_action_for_call(now, tid, 401);
    assert_eq!(sent, Ok(Action::Sent));
    let again = world.one();
    assert_eq!(again.get("CSeq"), Some("24 BYE"));
    world.responds(&again, "200 OK", "");
    world.run_to(5000);
    let seen = kinds(&world.events());
    assert_eq!(seen, [EventKind::CallMessageAnswered, EventKind::CallReleased]);
}

#[test]
fn a_redirection_is_followed_to_each_target_once() {
    for is_automatic in [true, false] {
        let mut world = World::new();
        let (cid, invite) = world.call_bob();
        let moved = [("Contact", "<sip:bob@192.0.2.60>, <sip:bob@192.0.2.61>")];
        world.peer_sends(&response(&invite, "302 Moved", "x", &moved));
        world.sent();
        let redirected = world.event();
        assert_eq!((redirected.kind, redirected.ids.did), (EventKind::CallRedirected, 0));
        assert!(redirected.ack.is_some());
        let (now, tid) = (world.now(), redirected.ids.tid);
        if is_automatic {
            world.agent.automatic_action(now);
        } else {
            let sent = world.agent.default_action_for_call(now, tid, 302);
            assert_eq!(sent, Ok(Action::Sent));
        }
        let again = world.one();
        assert!(again.start().starts_with("INVITE sip:bob@192.0.2.60 "), "{}", again.start());
        assert_eq!((again.get("CSeq"), again.get("To")), (Some("21 INVITE"), invite.get("To")));
        // There and back again.
        let back = [("Contact", "<sip:bob@192.0.2.50>")];
        world.peer_sends(&response(&again, "302 Moved", "x", &back));
        world.sent();
        let tid = world.event().ids.tid;
        let none = world.agent.default_action_for_call(now, tid, 302);
        assert!(matches!(none, Err(Refusal::Syntax(_))), "{none:?}");
        assert!(world.automatic().is_empty());
        world.run_to(32_000);
        let released = world.event();
        assert_eq!((released.kind, released.ids.cid), (EventKind::CallReleased, cid));
    }
}

#[test]
fn other_requests_are_not_redirected() {
    let mut world = World::new();
    let (.., did, _) = world.established_call();
    let now = world.now();
    let info = world.agent.build_dialog_request(now, did, WithinDialog::plain("INFO")).unwrap();
    world.agent.send_dialog_request(now, did, &info).unwrap();
    let info = world.one();
    world.peer_sends(&response(&info, "302 Moved", "", &[("Contact", "<sip:x@192.0.2.60>")]));
    let tid = world.event().ids.tid;
    let sent = world.agent.default_action_for_call(now, tid, 302);
    assert_eq!(sent, Err(Refusal::Undefined));
}

#[test]
fn an_interval_that_is_too_small_is_raised() {
    let mut world = World::new();
    let now = world.now();
    let ask = InitialInvite { subject: "x", ..ASK };
    let mut invite = Draft::parse(&world.agent.build_initial_invite(ask).unwrap()).unwrap();
    invite.push("Session-Expires", "90");
    invite.push("Supported", "timer");
    invite.body = OFFER.as_bytes().to_vec();
    world.agent.send_initial_invite(now, &invite.to_bytes()).unwrap();
    let invite = world.one();
    world.peer_sends(&response(&invite, "422 Too Small", "x", &[("Min-SE", "600")]));
    world.sent();
    let tid = world.event().ids.tid;
    assert_eq!(world.agent.default_action_for_call(now, tid, 422), Ok(Action::Nothing));
    let again = world.automatic_one();
    assert_eq!((again.get("Min-SE"), again.get("CSeq")), (Some("600"), Some("21 INVITE")));
    assert!(again.get("Session-Expires").unwrap().starts_with("600"));
}

#[test]
fn a_call_that_is_over_or_ended_by_hand_is_not_sent_again() {
    let mut world = World::with_alice();
    let (cid, invite) = world.call_bob();
    world.ends(cid, 0).unwrap();
    challenge(&mut world, &invite, "407 Proxy", PROXY);
    assert!(world.automatic().is_empty());
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}
