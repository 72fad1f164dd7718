//! Calls of ours, by instants: what is sent, which events there are.

use crate::calls::{ASK, by_callee, kinds, response, starts, tag};
use crate::common::{World, addr};
use register::agent::{EventKind, InitialInvite, Refusal, Terminated};
use register::sip::Draft;

#[test]
fn a_call_rings_is_answered_and_ended() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    assert_eq!(invite.get("CSeq"), Some("20 INVITE"));
    world.responds(&invite, "100 Trying", "");
    let trying = world.event();
    assert_eq!((trying.kind, trying.ids.did), (EventKind::CallProceeding, 0));
    assert_eq!(trying.request.unwrap()[..], invite.to_bytes());
    let tid = trying.ids.tid;
    world.responds(&invite, "180 Ringing", "b1");
    let ringing = world.event();
    let did = ringing.ids.did;
    assert_eq!((ringing.kind, ringing.ids.cid, did), (EventKind::CallRinging, cid, cid + 1));
    world.responds(&invite, "183 Progress", "b1");
    assert_eq!(kinds(&world.events()), [EventKind::CallRinging]);
    world.responds(&invite, "181 Forwarded", "b1");
    assert_eq!(kinds(&world.events()), [EventKind::CallRinging]);
    let accepted = world.accepts(&invite, "b1");
    let answered = world.event();
    assert_eq!((answered.kind, answered.ids.did), (EventKind::CallAnswered, did));
    assert_eq!(answered.response.unwrap()[..], accepted.to_bytes());
    assert!(world.sent().is_empty(), "the application acknowledges");
    let ack = world.acks(tid);
    assert!(ack.start().starts_with("ACK sip:bob@192.0.2.50:5060 "), "{}", ack.start());
    assert_eq!((ack.get("CSeq"), tag(&ack, "To")), (Some("20 ACK"), "b1".to_owned()));
    assert_eq!(ack.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
    world.at(500);
    world.accepts(&invite, "b1");
    assert_eq!(world.one(), ack, "the same for each copy of the 2xx");
    assert!(world.events().is_empty() && world.run_to(60_000).is_empty());
    assert_eq!(world.ends(cid, did), Ok(Terminated::Ended));
    let bye = world.one();
    assert_eq!((bye.get("CSeq"), bye.get("Contact")), (Some("21 BYE"), None));
    assert_eq!(world.ends(cid, did), Err(Refusal::NotFound));
    assert_eq!(world.ends(cid, 0), Err(Refusal::WrongState));
    world.responds(&bye, "200 OK", "");
    let ended = world.event();
    assert_eq!((ended.kind, ended.ids.did), (EventKind::CallMessageAnswered, -1));
    world.run_to(65_000);
    let released = world.event();
    assert_eq!((released.kind, released.ids.did), (EventKind::CallReleased, 0));
    assert_eq!(world.ends(cid, 0), Err(Refusal::NotFound));
}

#[test]
fn an_ack_is_built_for_the_transaction_or_the_dialog() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    let now = world.now();
    assert_eq!(world.agent.build_ack(now, 0), Err(Refusal::BadParameter));
    assert_eq!(world.agent.build_ack(now, 99), Err(Refusal::NotFound));
    world.responds(&invite, "180 Ringing", "b1");
    let ids = world.event().ids;
    assert_eq!(world.agent.build_ack(now, ids.tid), Err(Refusal::NotFound), "no 2xx yet");
    world.accepts(&invite, "b1");
    world.event();
    let ack = world.agent.build_ack(now, ids.did).unwrap();
    assert!(world.agent.build_ack(now, ids.tid).is_ok());
    let mut ack = Draft::parse(&ack).unwrap();
    ack.push("X-Own", "1");
    world.agent.send_ack(now, ids.did, Some(&ack.to_bytes())).unwrap();
    assert_eq!(world.one().get("X-Own"), Some("1"));
    world.accepts(&invite, "b1");
    assert_eq!(world.one().get("X-Own"), Some("1"));
    world.run_to(40_000);
    assert_eq!(world.agent.build_ack(now, ids.tid), Err(Refusal::NotFound), "it was long ago");
}

#[test]
fn a_2xx_that_nobody_acknowledges_ends_the_call() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    world.accepts(&invite, "b1");
    assert_eq!(kinds(&world.events()), [EventKind::CallAnswered]);
    assert!(world.run_to(31_999).is_empty());
    world.at(32_000);
    let sent = world.sent();
    assert!(sent[0].start().starts_with("ACK ") && sent[1].start().starts_with("BYE "));
    let closed = world.event();
    assert_eq!((closed.kind, closed.ids.did, closed.ids.tid), (EventKind::CallClosed, -1, 0));
    world.responds(&sent[1], "200 OK", "");
    world.run_to(37_000);
    assert_eq!(kinds(&world.events()), [EventKind::CallMessageAnswered, EventKind::CallReleased]);
    assert_eq!(world.ends(cid, 0), Err(Refusal::NotFound));
}

#[test]
fn a_call_without_any_answer_is_an_event_at_64_t1() {
    let mut world = World::new();
    world.call_bob();
    let sent = world.run_to(31_999);
    let at: Vec<u128> = sent.iter().map(|(at, _)| *at).collect();
    assert_eq!(at, [500, 1500, 3500, 7500, 15_500, 31_500]);
    let failed = world.at(32_000).event();
    assert_eq!((failed.kind, failed.ids.did), (EventKind::CallNoAnswer, 0));
    assert!(failed.response.is_none() && failed.request.is_some());
    world.run_to(37_000);
    let released = world.event();
    assert_eq!((released.kind, released.ids.did), (EventKind::CallReleased, 0));
}

#[test]
fn a_refused_call_is_released_soon_after() {
    for (early, status, kind) in [
        (true, "404 Not Found", EventKind::CallRequestFailure),
        (false, "503 Away", EventKind::CallServerFailure),
        (false, "603 Decline", EventKind::CallGlobalFailure),
    ] {
        let mut world = World::new();
        let (cid, invite) = world.call_bob();
        if early {
            world.responds(&invite, "180 Ringing", "b1");
            world.events();
        }
        world.responds(&invite, status, "b1");
        let ack = world.one();
        assert!(ack.start().starts_with("ACK "));
        let failed = world.event();
        assert_eq!((failed.kind, failed.ids.did), (kind, if early { cid + 1 } else { 0 }));
        assert_eq!(failed.ack.unwrap()[..], ack.to_bytes());
        assert_eq!(
            world.ends(cid, failed.ids.did),
            Err(if early { Refusal::NotFound } else { Refusal::WrongState })
        );
        world.responds(&invite, status, "b1");
        assert_eq!(world.one(), ack);
        world.run_to(5000);
        let released = world.event();
        let did = if early { -1 } else { 0 };
        assert_eq!((released.kind, released.ids.did), (EventKind::CallReleased, did));
    }
}

#[test]
fn a_ringing_call_is_cancelled() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    world.responds(&invite, "180 Ringing", "b1");
    let did = world.event().ids.did;
    let now = world.now();
    let header = Some(("Reason", "SIP"));
    let ended = world.agent.terminate_call(now, cid, did, header);
    assert_eq!(ended, Ok(Terminated::Cancelled));
    let cancel = world.one();
    assert!(cancel.start().starts_with("CANCEL "));
    assert_eq!((cancel.get("CSeq"), cancel.get("Reason")), (Some("20 CANCEL"), Some("SIP")));
    assert_eq!(cancel.get("Via"), invite.get("Via"));
    assert_eq!(world.ends(cid, did), Err(Refusal::WrongState));
    world.responds(&cancel, "200 OK", "b1");
    world.responds(&invite, "487 Request Terminated", "b1");
    let events = world.events();
    assert_eq!(kinds(&events), [EventKind::CallMessageAnswered, EventKind::CallRequestFailure]);
    assert!(events[0].request.as_ref().unwrap().starts_with(b"CANCEL "));
    assert!(events.iter().all(|event| event.ids.did == did));
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn a_call_is_cancelled_as_soon_as_there_is_a_response() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    assert_eq!(world.ends(cid, 0), Ok(Terminated::Cancelled));
    assert!(world.sent().is_empty());
    assert_eq!(world.ends(cid, 0), Err(Refusal::WrongState));
    world.responds(&invite, "100 Trying", "");
    assert!(world.one().start().starts_with("CANCEL "));
    world.responds(&invite, "487 Request Terminated", "b1");
    let seen = kinds(&world.events());
    assert_eq!(seen, [EventKind::CallProceeding, EventKind::CallRequestFailure]);
}

#[test]
fn a_call_that_was_ended_before_its_2xx_is_hung_up() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    assert_eq!(world.ends(cid, 0), Ok(Terminated::Cancelled));
    world.accepts(&invite, "b1");
    let sent = world.sent();
    assert!(sent[0].start().starts_with("ACK ") && sent[1].start().starts_with("BYE "));
    world.responds(&sent[1], "200 OK", "");
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn a_2xx_that_overtakes_the_cancel_is_for_the_application() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    world.responds(&invite, "180 Ringing", "b1");
    let did = world.event().ids.did;
    world.ends(cid, did).unwrap();
    let cancel = world.one();
    world.accepts(&invite, "b1");
    assert_eq!(kinds(&world.events()), [EventKind::CallAnswered]);
    world.responds(&cancel, "200 OK", "b1");
    world.event();
    world.acks(did);
    assert_eq!(world.ends(cid, did), Ok(Terminated::Ended));
    assert!(world.one().start().starts_with("BYE "));
}

#[test]
fn a_call_that_rings_too_long_is_given_up_and_cancelled() {
    for is_cancel_received in [true, false] {
        let mut world = World::new();
        let (_, invite) = world.call_bob();
        world.responds(&invite, "100 Trying", "");
        world.at(1000);
        world.responds(&invite, "180 Ringing", "b1");
        world.events();
        assert!(world.run_to(180_999).is_empty());
        let cancel = world.at(181_000).one();
        assert!(cancel.start().starts_with("CANCEL "));
        let failed = world.event();
        assert_eq!(failed.kind, EventKind::CallNoAnswer);
        assert!(failed.ids.did > 0 && failed.response.unwrap().starts_with(b"SIP/2.0 180"));
        if is_cancel_received {
            world.responds(&cancel, "200 OK", "b1");
            world.responds(&invite, "487 Request Terminated", "b1");
            assert!(world.one().start().starts_with("ACK "));
        } else {
            world.run_to(212_999);
            assert!(world.events().is_empty());
            world.run_to(214_000);
        }
        assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
        assert_eq!(world.agent.calls(), 0);
    }
}

#[test]
fn a_lone_100_is_given_up_after_180_s() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    world.at(1000);
    world.responds(&invite, "100 Trying", "");
    world.events();
    world.run_to(179_999);
    assert!(world.events().is_empty());
    assert!(world.at(180_000).one().start().starts_with("CANCEL "));
    let failed = world.event();
    assert_eq!((failed.kind, failed.ids.did), (EventKind::CallNoAnswer, 0));
}

#[test]
fn a_second_branch_that_answers_gets_ack_and_bye() {
    let mut world = World::new();
    let (cid, invite) = world.call_bob();
    for branch in ["a", "b", "a"] {
        world.responds(&invite, "180 Ringing", branch);
        let ringing = world.event();
        assert_eq!((ringing.kind, ringing.ids.did), (EventKind::CallRinging, cid + 1));
    }
    world.accepts(&invite, "b");
    let answered = world.event();
    assert_eq!((answered.kind, answered.ids.did), (EventKind::CallAnswered, cid + 1));
    let ack = world.acks(answered.ids.tid);
    assert_eq!(tag(&ack, "To"), "b");
    world.accepts(&invite, "a");
    let sent = world.sent();
    assert!(sent[0].start().starts_with("ACK ") && sent[1].start().starts_with("BYE "));
    assert!(sent.iter().all(|draft| tag(draft, "To") == "a"));
    assert_eq!(sent[1].get("CSeq"), Some("21 BYE"));
    world.responds(&sent[1], "200 OK", "");
    world.accepts(&invite, "a");
    assert!(world.sent().is_empty(), "only once");
    world.accepts(&invite, "b");
    assert_eq!(world.one(), ack, "ours goes on");
    assert!(world.events().is_empty());
    assert_eq!(world.ends(cid, 0), Ok(Terminated::Ended));
}

#[test]
fn a_2xx_to_no_invite_of_ours_makes_us_send_nothing() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    let mut forged = response(&invite, "200 OK", "x", &[("Contact", "<sip:v@203.0.113.9>")]);
    forged.set("Call-ID", "other");
    world.peer_sends(&forged);
    assert!(world.sent().is_empty() && world.events().is_empty());
    let (mut world, old) = (World::new(), forged);
    world.peer_sends(&old);
    assert!(world.sent().is_empty() && world.events().is_empty());
}

#[test]
fn the_peer_hangs_up() {
    let mut world = World::new();
    let (cid, invite, did, _) = world.established_call();
    world.peer_sends(&by_callee("BYE", 1, &invite, "b1", "x1"));
    assert_eq!(starts(&world.sent()), ["SIP/2.0 200 OK"]);
    let events = world.events();
    assert_eq!(kinds(&events), [EventKind::CallMessageNew, EventKind::CallClosed]);
    assert!(events.iter().all(|event| event.ids.did == did && event.ids.cid == cid));
    assert_eq!(world.ends(cid, did), Err(Refusal::NotFound));
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn a_callee_that_hangs_up_before_it_answers_is_cancelled() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    world.responds(&invite, "180 Ringing", "b1");
    world.events();
    world.peer_sends(&by_callee("BYE", 1, &invite, "b1", "x1"));
    let sent = world.sent();
    assert_eq!(sent[0].start(), "SIP/2.0 200 OK");
    assert!(sent[1].start().starts_with("CANCEL "));
    world.accepts(&invite, "b1");
    let sent = world.sent();
    assert!(sent[0].start().starts_with("ACK ") && sent[1].start().starts_with("BYE "));
    let seen = kinds(&world.events());
    assert_eq!(seen, [EventKind::CallMessageNew, EventKind::CallClosed]);
    world.run_to(70_000);
    assert_eq!(world.agent.calls(), 0);
}

#[test]
fn a_host_that_cannot_be_found_is_an_event_at_once() {
    let mut world = World::new();
    let now = world.now();
    let ask = InitialInvite { to: "sip:bob@nowhere.test", ..ASK };
    let invite = world.agent.build_initial_invite(ask).unwrap();
    world.agent.send_initial_invite(now, &invite).unwrap();
    assert!(world.sent().is_empty());
    let failed = world.event();
    assert_eq!((failed.kind, failed.response), (EventKind::CallNoAnswer, None));
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn codes_of_first_invites() {
    let mut world = World::new();
    let now = world.now();
    let nobody = InitialInvite { to: "", ..ASK };
    assert_eq!(world.agent.build_initial_invite(nobody), Err(Refusal::BadParameter));
    let invite = world.agent.build_initial_invite(ASK).unwrap();
    let text = String::from_utf8(invite.clone()).unwrap();
    for broken in [
        text.replace("CSeq: 20 INVITE", "CSeq: 20 BYE"),
        text.replace("INVITE", "INFO"),
        text.replace("INVITE sip:bob@192.0.2.50 SIP/2.0", "SIP/2.0 200 OK"),
    ] {
        assert!(world.agent.send_initial_invite(now, broken.as_bytes()).is_err(), "{broken}");
    }
    world.agent.set_listening(None);
    assert_eq!(world.agent.build_initial_invite(ASK), Err(Refusal::NoNetwork));
    assert_eq!(world.agent.send_initial_invite(now, &invite), Err(Refusal::NoNetwork));
    assert_eq!(world.agent.calls(), 0);
}

#[test]
fn a_call_of_ours_to_ourselves_is_two_calls() {
    let mut world = World::new();
    let ask = InitialInvite { to: "sip:us@192.0.2.99:5070", ..ASK };
    let now = world.now();
    let invite = world.agent.build_initial_invite(ask).unwrap();
    world.agent.send_initial_invite(now, &invite).unwrap();
    let invite = world.one();
    world.receive_from(addr("192.0.2.99:5070"), &invite.to_bytes());
    assert_eq!(kinds(&world.events()), [EventKind::CallInvite]);
    assert_eq!(world.agent.calls(), 2);
}
