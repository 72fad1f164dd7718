//! Calls that come in, by instants: what is sent, which events there are.

use crate::calls::{OFFER, PEER, hop_by_hop, in_dialog, invite, kinds, starts, tag, timeline};
use crate::common::{World, addr};
use register::agent::{EventKind, InitialRegister, Refusal, Terminated};
use register::sip::Draft;

/// A world with a registration at the peer, for so long that nothing is due in any test.
fn registered_at_the_peer() -> World {
    let mut world = World::new();
    let (rid, text) = world.build_with(InitialRegister {
        from: "sip:us@acme.test",
        proxy: "sip:192.0.2.50",
        contact: None,
        expires: 36_000,
        q: None,
    });
    world.send(rid, &text);
    let register = world.one();
    world.grant(&register, 36_000);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    world
}

#[test]
fn a_call_is_answered_acknowledged_and_ended_by_the_peer() {
    let mut world = registered_at_the_peer();
    let invite = invite("i1", &[("Record-Route", "<sip:p1;lr>, <sip:p2;lr>")], OFFER);
    world.peer_sends(&invite);
    let trying = world.one();
    assert_eq!((trying.start(), tag(&trying, "To")), ("SIP/2.0 100 Trying", String::new()));
    assert_eq!(trying.get("Contact"), None);
    let event = world.event();
    assert_eq!(event.kind, EventKind::CallInvite);
    assert_eq!(event.request.unwrap()[..], invite.to_bytes());
    assert_eq!(event.response.unwrap()[..], trying.to_bytes());
    assert!(event.ids.did == event.ids.cid + 1 && event.ids.tid > 0 && event.origin.is_some());
    let ringing = world.answer_plainly(event.ids.tid, 180).remove(0);
    assert_eq!(ringing.start(), "SIP/2.0 180 Ringing");
    assert_eq!(ringing.get("Contact"), Some("<sip:us@192.0.2.99:5070>"));
    let routes: Vec<_> = ringing.headers().filter(|(name, _)| *name == "Record-Route").collect();
    assert_eq!(routes, [("Record-Route", "<sip:p1;lr>"), ("Record-Route", "<sip:p2;lr>")]);
    world.peer_sends(&invite);
    assert_eq!(world.one(), ringing, "the INVITE came again");
    let answer = world.accept(event.ids.tid);
    assert_eq!(tag(&answer, "To"), tag(&ringing, "To"));
    assert_eq!(answer.get("Contact"), Some("<sip:us@192.0.2.99:5070>"));
    world.peer_sends(&invite);
    assert!(world.sent().is_empty(), "the 2xx goes by its own clock");
    let ack = in_dialog("ACK", 1, (&invite, &answer), "a1", "");
    world.peer_sends(&ack);
    let acked = world.event();
    assert_eq!((acked.kind, acked.ids), (EventKind::CallAck, event.ids));
    assert_eq!(acked.request.unwrap()[..], invite.to_bytes());
    assert_eq!(acked.response.unwrap()[..], answer.to_bytes());
    assert_eq!(acked.ack.unwrap()[..], ack.to_bytes());
    world.peer_sends(&ack);
    world.peer_sends(&in_dialog("ACK", 1, (&invite, &answer), "a2", ""));
    assert!(world.events().is_empty() && world.run_to(60_000).is_empty(), "copies are no events");
    let bye = in_dialog("BYE", 2, (&invite, &answer), "b1", "");
    world.peer_sends(&bye);
    let ok = world.one();
    assert_eq!((ok.start(), ok.get("Contact")), ("SIP/2.0 200 OK", None));
    let ended = world.events();
    assert_eq!(kinds(&ended), [EventKind::CallMessageNew, EventKind::CallClosed]);
    for one in &ended {
        assert_eq!((one.ids.cid, one.ids.did), (event.ids.cid, event.ids.did));
        assert_eq!(one.request.as_ref().unwrap()[..], bye.to_bytes());
        assert_eq!(one.response.as_ref().unwrap()[..], ok.to_bytes());
    }
    let (now, tid) = (world.now(), ended[0].ids.tid);
    assert!(world.agent.build_call_answer(now, tid, 200).is_ok(), "programs answer it again");
    assert_eq!(world.agent.send_call_answer(now, tid, 200, None), Err(Refusal::WrongState));
    let gone = world.agent.terminate_call(now, event.ids.cid, event.ids.did, None);
    assert_eq!(gone, Err(Refusal::NotFound));
    world.peer_sends(&bye);
    assert_eq!(world.one(), ok);
    assert!(world.run_to(64_999).is_empty() && world.events().is_empty());
    world.at(65_000);
    let released = world.event();
    assert_eq!((released.kind, released.ids.cid), (EventKind::CallReleased, event.ids.cid));
    assert_eq!((released.ids.did, released.ids.tid, released.request), (0, 0, None));
    assert_eq!(world.agent.calls(), 0);
}

#[test]
fn a_2xx_is_repeated_until_64_t1_and_then_the_call_is_hung_up() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    let event = world.invited(&invite);
    world.accept(event.ids.tid);
    let sent = world.run_to(31_999);
    let at: Vec<u128> = sent.iter().map(|(at, _)| *at).collect();
    assert_eq!(at, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert!(sent.iter().all(|(_, draft)| draft.start() == "SIP/2.0 200 OK"));
    assert!(world.events().is_empty());
    let bye = world.at(32_000).one();
    assert!(bye.start().starts_with("BYE sip:peer@192.0.2.50:5060 "), "{}", bye.start());
    assert_eq!((bye.get("CSeq"), bye.get("Contact")), (Some("2 BYE"), None));
    let closed = world.event();
    assert_eq!((closed.kind, closed.ids.did, closed.ids.tid), (EventKind::CallClosed, -1, 0));
    assert_eq!((closed.request, closed.response), (None, None));
    world.peer_sends(&crate::calls::response(&bye, "200 OK", "", &[]));
    let answered = world.event();
    assert_eq!((answered.kind, answered.ids.did), (EventKind::CallMessageAnswered, -1));
    world.run_to(37_000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
    world.run_to(100_000);
    assert_eq!(world.agent.poll_timeout(), None);
}

#[test]
fn a_refusal_is_repeated_until_its_ack_and_closes_the_call() {
    for (status, phrase) in [(486, "486 Busy Here"), (302, "302 Moved Temporarily")] {
        let mut world = registered_at_the_peer();
        let invite = invite("i1", &[], OFFER);
        let event = world.invited(&invite);
        let refusal = world.answer_plainly(event.ids.tid, status).remove(0);
        assert_eq!(refusal.start(), format!("SIP/2.0 {phrase}"));
        assert_eq!(refusal.get("Contact"), None);
        let closed = world.event();
        assert_eq!((closed.kind, closed.ids.did), (EventKind::CallClosed, -1));
        assert_eq!(closed.ids.tid, event.ids.tid);
        assert_eq!(closed.response.unwrap()[..], refusal.to_bytes());
        let now = world.now();
        let again = world.agent.send_call_answer(now, event.ids.tid, 200, None);
        assert_eq!(again, Err(Refusal::WrongState));
        assert_eq!(world.at(500).one(), refusal);
        assert_eq!(world.at(1500).one(), refusal);
        world.peer_sends(&hop_by_hop("ACK", &invite, refusal.get("To").unwrap()));
        assert!(world.run_to(4999).is_empty() && world.events().is_empty());
        let released = world.at(5000).event();
        assert_eq!((released.kind, released.ids.did), (EventKind::CallReleased, -1));
        assert!(world.run_to(60_000).is_empty());
    }
}

#[test]
fn a_cancel_ends_a_call_that_is_not_answered() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    world.peer_sends(&hop_by_hop("CANCEL", &invite, "<sip:us@acme.test>"));
    assert_eq!(world.one().start(), "SIP/2.0 481 Call/Transaction Does Not Exist");
    let event = world.invited(&invite);
    world.answer_plainly(event.ids.tid, 180);
    let cancel = hop_by_hop("CANCEL", &invite, "<sip:us@acme.test>");
    world.peer_sends(&cancel);
    let sent = world.sent();
    assert_eq!(starts(&sent), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(tag(&sent[0], "To"), tag(&sent[1], "To"));
    let events = world.events();
    assert_eq!(kinds(&events), [EventKind::CallCancelled, EventKind::CallClosed]);
    assert!(events[0].ids.tid > event.ids.tid && events[0].ids.did == event.ids.did);
    assert_eq!(events[0].request.as_ref().unwrap()[..], cancel.to_bytes());
    assert_eq!((events[1].ids.tid, events[1].ids.did), (event.ids.tid, -1));
    world.peer_sends(&cancel);
    assert_eq!(world.one(), sent[0], "a CANCEL that comes again");
    let now = world.now();
    let late = world.agent.send_call_answer(now, event.ids.tid, 486, None);
    assert_eq!(late, Err(Refusal::WrongState));
    world.peer_sends(&hop_by_hop("ACK", &invite, sent[1].get("To").unwrap()));
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

/// RFC 3261 section 9.2: where one datagram is all that a caller gets who is not known, it is the
/// one that ends its call.
#[test]
fn a_cancel_of_an_unknown_caller_gets_487_first() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    world.invited(&invite);
    let cancel = hop_by_hop("CANCEL", &invite, "<sip:us@acme.test>");
    world.peer_sends(&cancel);
    assert_eq!(starts(&world.sent()), ["SIP/2.0 487 Request Terminated"]);
    world.peer_sends(&cancel);
    assert_eq!(starts(&world.sent()), ["SIP/2.0 200 OK"]);
}

#[test]
fn a_cancel_of_an_answered_invite_finds_nothing() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    let event = world.invited(&invite);
    world.accept(event.ids.tid);
    world.peer_sends(&hop_by_hop("CANCEL", &invite, "<sip:us@acme.test>"));
    assert_eq!(world.one().start(), "SIP/2.0 481 Call/Transaction Does Not Exist");
    assert!(world.events().is_empty());
}

#[test]
fn a_call_that_nobody_answers_gets_480_after_180_s() {
    let mut world = World::new();
    let event = world.invited(&invite("i1", &[], OFFER));
    let ringing = world.answer_plainly(event.ids.tid, 180).remove(0);
    assert!(world.run_to(179_999).is_empty() && world.events().is_empty());
    let refusal = world.at(180_000).one();
    assert_eq!(refusal.start(), "SIP/2.0 480 Temporarily Unavailable");
    let events = world.events();
    assert_eq!(kinds(&events), [EventKind::CallNoAnswer, EventKind::CallReleased]);
    assert_eq!(events[0].ids, event.ids);
    assert_eq!(events[0].response.as_ref().unwrap()[..], ringing.to_bytes());
    let now = world.now();
    let late = world.agent.send_call_answer(now, event.ids.tid, 486, None);
    assert_eq!(late, Err(Refusal::NotFound));
}

#[test]
fn the_application_ends_a_call_in_each_state() {
    let header = Some(("Reason", "SIP;cause=200"));
    let mut world = World::new();
    let event = world.invited(&invite("i1", &[], OFFER));
    let now = world.now();
    for (cid, did, refusal) in [(0, 0, Refusal::BadParameter), (99, 0, Refusal::NotFound)] {
        assert_eq!(world.agent.terminate_call(now, cid, did, None), Err(refusal));
    }
    let ended = world.agent.terminate_call(now, event.ids.cid, 0, header);
    assert_eq!(ended, Ok(Terminated::Ended));
    let decline = world.one();
    assert_eq!(decline.start(), "SIP/2.0 603 Decline");
    assert_eq!(decline.get("Reason"), Some("SIP;cause=200"));
    let closed = world.event();
    assert_eq!((closed.kind, closed.ids.did), (EventKind::CallClosed, -1));
    let again = world.agent.terminate_call(now, event.ids.cid, event.ids.did, None);
    assert_eq!(again, Err(Refusal::NotFound));
    let again = world.agent.terminate_call(now, event.ids.cid, 0, None);
    assert_eq!(again, Err(Refusal::WrongState));
    // Between our 2xx and its ACK, and behind that.
    for is_acknowledged in [false, true] {
        let mut world = World::new();
        let invite = invite("i1", &[], OFFER);
        let event = world.invited(&invite);
        let answer = world.accept(event.ids.tid);
        let ack = in_dialog("ACK", 1, (&invite, &answer), "a1", "");
        if is_acknowledged {
            world.peer_sends(&ack);
            world.event();
        }
        let now = world.now();
        let ended = world.agent.terminate_call(now, event.ids.cid, event.ids.did, header);
        assert_eq!(ended, Ok(Terminated::Ended));
        let bye = world.one();
        assert!(bye.start().starts_with("BYE ") && bye.get("Reason").is_some());
        let again = world.agent.terminate_call(now, 0, event.ids.did, None);
        assert_eq!(again, Err(Refusal::NotFound));
        if !is_acknowledged {
            // The peer must not ring for ever for want of our 2xx.
            assert_eq!(
                timeline(&world.run_to(600))[..2],
                [(500, "200".to_owned()), (500, "BYE".to_owned())]
            );
            world.peer_sends(&ack);
            assert!(world.events().is_empty());
        }
        world.peer_sends(&crate::calls::response(&bye, "200 OK", "", &[]));
        let answered = world.event();
        assert_eq!((answered.kind, answered.ids.did), (EventKind::CallMessageAnswered, -1));
        let end = world.millis() as u64 + 5000;
        assert!(world.run_to(end).is_empty());
        assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
    }
}

#[test]
fn a_bye_of_ours_without_an_answer_ends_the_call_after_32_s() {
    let mut world = World::new();
    let (.., event) = world.established();
    let now = world.now();
    world.agent.terminate_call(now, event.ids.cid, 0, None).unwrap();
    world.run_to(31_999);
    assert!(world.events().is_empty());
    let failed = world.at(32_000).event();
    assert_eq!((failed.kind, failed.ids.did), (EventKind::CallMessageRequestFailure, -1));
    assert!(failed.response.is_none() && failed.request.unwrap().starts_with(b"BYE "));
    world.run_to(37_000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn a_bye_in_the_early_dialog_refuses_the_invite() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    let event = world.invited(&invite);
    let ringing = world.answer_plainly(event.ids.tid, 180).remove(0);
    world.peer_sends(&in_dialog("BYE", 2, (&invite, &ringing), "b1", ""));
    assert_eq!(starts(&world.sent()), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(kinds(&world.events()), [EventKind::CallMessageNew, EventKind::CallClosed]);
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn a_bye_that_crosses_ours_is_answered_and_no_event() {
    let mut world = World::new();
    let (invite, answer, event) = world.established();
    let now = world.now();
    world.agent.terminate_call(now, event.ids.cid, 0, None).unwrap();
    let bye = world.one();
    world.peer_sends(&in_dialog("BYE", 2, (&invite, &answer), "b1", ""));
    assert_eq!(world.one().start(), "SIP/2.0 200 OK");
    assert!(world.events().is_empty());
    world.peer_sends(&crate::calls::response(&bye, "481 Gone", "", &[]));
    assert_eq!(kinds(&world.events()), [EventKind::CallMessageRequestFailure]);
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn the_application_may_answer_the_bye_itself() {
    let mut world = World::new();
    world.agent.settings_mut().answers_bye = false;
    let (invite, answer, _) = world.established();
    world.peer_sends(&in_dialog("BYE", 2, (&invite, &answer), "b1", ""));
    assert!(world.sent().is_empty());
    let events = world.events();
    assert_eq!(kinds(&events), [EventKind::CallMessageNew, EventKind::CallClosed]);
    assert!(events.iter().all(|event| event.response.is_none()));
    assert_eq!(starts(&world.answer_plainly(events[0].ids.tid, 200)), ["SIP/2.0 200 OK"]);
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn codes_of_answers_to_calls() {
    let mut world = World::new();
    let event = world.invited(&invite("i1", &[], OFFER));
    let (tid, now) = (event.ids.tid, world.now());
    for (tid, status, refusal) in [
        (-1, 200, Refusal::BadParameter),
        (0, 100, Refusal::BadParameter),
        (0, 200, Refusal::NotFound),
        (999, 200, Refusal::NotFound),
        (tid, 700, Refusal::BadParameter),
    ] {
        assert_eq!(world.agent.build_call_answer(now, tid, status), Err(refusal));
        assert_eq!(world.agent.send_call_answer(now, tid, status, None), Err(refusal));
    }
    let accepted = world.agent.send_call_answer(now, tid, 200, None);
    assert_eq!(accepted, Err(Refusal::BadParameter), "there is no session description");
    let request = Draft::request("INFO", "sip:a@b").to_bytes();
    assert!(world.agent.send_call_answer(now, tid, 200, Some(&request)).is_err());
    assert!(world.answer_plainly(tid, 101).is_empty(), "eXosip2 never sends it");
    assert_eq!(starts(&world.answer_plainly(tid, 182)), ["SIP/2.0 182 Queued"]);
    assert_eq!(starts(&world.answer_plainly(tid, 486)), ["SIP/2.0 486 Busy Here"]);
    for status in [180, 200, 486] {
        let late = world.agent.send_call_answer(now, tid, status, None);
        assert_eq!(late, Err(Refusal::WrongState));
    }
    assert_eq!(world.agent.build_call_answer(now, tid, 200), Err(Refusal::WrongState));
}

#[test]
fn an_invite_that_comes_by_two_ways_is_one_call() {
    let mut world = World::new();
    world.invited(&invite("i1", &[], OFFER));
    world.peer_sends(&invite("i2", &[], OFFER));
    let sent = world.sent();
    assert_eq!(sent.last().unwrap().start(), "SIP/2.0 482 Loop Detected");
    assert!(world.events().is_empty());
    assert_eq!(world.agent.calls(), 1);
}

#[test]
fn requests_out_of_order_or_of_no_dialog_do_not_reach_the_call() {
    let mut world = World::new();
    let (invite, answer, _) = world.established();
    let dialog = (&invite, &answer);
    world.peer_sends(&in_dialog("INFO", 5, dialog, "n1", ""));
    let asked = world.event();
    assert_eq!(asked.kind, EventKind::CallMessageNew);
    world.peer_sends(&in_dialog("INFO", 4, dialog, "n2", ""));
    let late = world.one();
    assert_eq!(late.start(), "SIP/2.0 500 Server Internal Error");
    assert_eq!(late.get("Retry-After"), Some("10"));
    let event = world.event();
    assert_eq!((event.kind, event.ids.cid), (EventKind::MessageNew, 0));
    let now = world.now();
    let tid = event.ids.tid;
    assert_eq!(world.agent.send_answer(now, tid, 200, None), Err(Refusal::WrongState));
    world.peer_sends(&in_dialog("INVITE", 4, dialog, "n3", ""));
    assert_eq!(world.sent().last().unwrap().start(), "SIP/2.0 500 Server Internal Error");
    assert!(world.events().is_empty());
    world.peer_sends(&in_dialog("INFO", 5, dialog, "n4", ""));
    assert!(world.sent().is_empty() && world.events().is_empty(), "the same number again");
    for (name, value) in
        [("To", "<sip:us@acme.test>;tag=x"), ("From", "<sip:peer@acme.test>;tag=x")]
    {
        let mut foreign = in_dialog("INFO", 6, dialog, &format!("f{name}"), "");
        foreign.set(name, value);
        world.peer_sends(&foreign);
        assert_eq!(world.one().start(), "SIP/2.0 481 Call/Transaction Does Not Exist");
        assert_eq!(world.event().kind, EventKind::MessageNew);
    }
}

#[test]
fn a_call_without_contact_can_be_ended() {
    let mut world = World::new();
    let invite = invite("i1", &[("Contact", "")], OFFER);
    let event = world.invited(&invite);
    world.accept(event.ids.tid);
    let now = world.now();
    world.names.push(("acme.test", Ok(vec![addr(PEER)])));
    world.agent.terminate_call(now, 0, event.ids.did, None).unwrap();
    assert!(world.one().start().starts_with("BYE sip:peer@acme.test SIP/2.0"));
}

#[test]
fn the_reference_of_a_call_is_in_its_events() {
    let mut world = World::new();
    let event = world.invited(&invite("i1", &[], OFFER));
    assert_eq!(event.reference, 0);
    assert_eq!(world.agent.set_call_reference(0, 7), Err(Refusal::NotFound));
    world.agent.set_call_reference(event.ids.did, 7).unwrap();
    assert_eq!(world.agent.call_reference(event.ids.cid), Some(7));
    assert_eq!(world.agent.call_reference(event.ids.did), None);
    world.answer_plainly(event.ids.tid, 486);
    world.run_to(5000);
    let references: Vec<_> = world.events().iter().map(|event| event.reference).collect();
    assert_eq!(references, [7, 7]);
}
