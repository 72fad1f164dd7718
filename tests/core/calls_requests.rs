//! Requests within calls, both ways: codes, answers in the application's place, glare, REFER,
//! PRACK, targets.

use crate::answers::values;
use crate::calls::{OFFER, by_callee, in_dialog, invite, kinds, response, starts, tag};
use crate::common::{World, addr};
use register::agent::{EventKind, Refusal, WithinDialog};
use register::sip::Draft;

fn build(world: &mut World, did: i32, method: &str) -> Result<Draft, Refusal> {
    let now = world.now();
    let text = world.agent.build_dialog_request(now, did, WithinDialog::plain(method))?;
    Ok(Draft::parse(&text).unwrap())
}

fn send(world: &mut World, did: i32, draft: &Draft) -> Result<(), Refusal> {
    let now = world.now();
    world.agent.send_dialog_request(now, did, &draft.to_bytes()).map(|_| ())
}

/// Builds and sends; the request as it went out.
fn request(world: &mut World, did: i32, method: &str) -> Draft {
    let draft = build(world, did, method).unwrap();
    send(world, did, &draft).unwrap();
    world.one()
}

#[test]
fn requests_of_ours_in_a_call_are_numbered_and_are_events() {
    let mut world = World::new();
    let (cid, _, did, _) = world.established_call();
    let mut number = 20;
    for (method, status, kind) in [
        ("INFO", "200 OK", EventKind::CallMessageAnswered),
        ("UPDATE", "200 OK", EventKind::CallMessageAnswered),
        ("MESSAGE", "302 Moved", EventKind::CallMessageRedirected),
        ("FOO", "404 No", EventKind::CallMessageRequestFailure),
        ("SUBSCRIBE", "500 No", EventKind::CallMessageServerFailure),
        ("OPTIONS", "603 No", EventKind::CallMessageGlobalFailure),
    ] {
        number += 1;
        let sent = request(&mut world, did, method);
        assert_eq!(sent.get("CSeq"), Some(&*format!("{number} {method}")));
        assert_eq!(sent.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
        assert_eq!(tag(&sent, "To"), "b1");
        assert_eq!(build(&mut world, did, method), Err(Refusal::WrongState), "one is under way");
        assert_eq!(send(&mut world, did, &sent), Err(Refusal::WrongState));
        world.responds(&sent, "100 Trying", "");
        let progress = kinds(&world.events());
        let is_event = method == "OPTIONS";
        assert_eq!(progress.len(), usize::from(is_event), "{method}");
        world.responds(&sent, status, "");
        let event = world.event();
        assert_eq!((event.kind, event.ids.cid, event.ids.did), (kind, cid, did));
        assert!(build(&mut world, did, method).is_ok());
        number += 1;
    }
    let now = world.now();
    for (did, refusal) in [(0, Refusal::BadParameter), (99, Refusal::NotFound)] {
        assert_eq!(build(&mut world, did, "INFO"), Err(refusal));
    }
    assert_eq!(build(&mut world, did, ""), Err(Refusal::BadParameter));
    let ask = WithinDialog { subscription_status: Some(4), ..WithinDialog::plain("NOTIFY") };
    let built = world.agent.build_dialog_request(now, did, ask);
    assert_eq!(built, Err(Refusal::BadParameter));
}

#[test]
fn a_request_that_gets_no_answer_is_event_and_the_call_lives_on() {
    let mut world = World::new();
    let (.., did, _) = world.established_call();
    request(&mut world, did, "INFO");
    world.run_to(32_000);
    let failed = world.event();
    assert_eq!((failed.kind, failed.response), (EventKind::CallMessageRequestFailure, None));
    assert!(build(&mut world, did, "INFO").is_ok());
}

#[test]
fn requests_of_the_peer_are_answered_in_the_place_of_the_application() {
    let mut world = World::new();
    let (invite, answer, event) = world.established();
    let dialog = (&invite, &answer);
    for (cseq, method, body, ms, status) in [
        (2, "OPTIONS", "", 500, "200"),
        (3, "UPDATE", "", 1000, "200"),
        (4, "UPDATE", OFFER, 11_000, "480"),
        (5, "INFO", "", 21_000, "480"),
    ] {
        world.peer_sends(&in_dialog(method, cseq, dialog, &format!("r{cseq}"), body));
        let seen = world.event();
        assert_eq!((seen.kind, seen.ids.did), (EventKind::CallMessageNew, event.ids.did));
        let answer = world.one_at(ms);
        assert!(answer.start().starts_with(&format!("SIP/2.0 {status} ")), "{}", answer.start());
        let has_contact = method == "UPDATE" && status == "200";
        assert_eq!(answer.get("Contact").is_some(), has_contact);
        let now = world.now();
        let late = world.agent.send_call_answer(now, seen.ids.tid, 200, None);
        assert_eq!(late, Err(Refusal::WrongState));
    }
    assert_eq!(world.agent.calls(), 1);
}

#[test]
fn the_application_answers_requests_of_the_peer_with_or_without_a_text() {
    let mut world = World::new();
    let (invite, answer, _) = world.established();
    let info = in_dialog("INFO", 2, (&invite, &answer), "r2", "");
    world.peer_sends(&info);
    let tid = world.event().ids.tid;
    world.peer_sends(&info);
    assert!(world.sent().is_empty() && world.events().is_empty(), "a copy is absorbed");
    let ok = world.answer_plainly(tid, 200).remove(0);
    assert_eq!((ok.start(), ok.get("CSeq")), ("SIP/2.0 200 OK", Some("2 INFO")));
    assert_eq!(ok.get("Contact"), Some("<sip:us@192.0.2.99:5070>"));
    world.peer_sends(&info);
    assert_eq!(world.one(), ok);
    let now = world.now();
    assert!(world.agent.build_call_answer(now, tid, 200).is_ok());
    let second = world.agent.send_call_answer(now, tid, 404, None);
    assert_eq!(second, Err(Refusal::WrongState));
}

#[test]
fn a_reinvite_of_the_peer_moves_the_target_once_it_is_accepted() {
    let mut world = World::new();
    let (invite, answer, event) = world.established();
    let dialog = (&invite, &answer);
    let did = event.ids.did;
    let mut moved = in_dialog("INVITE", 2, dialog, "r2", OFFER);
    moved.set("Contact", "<sip:moved@192.0.2.50:5060>");
    world.peer_sends(&moved);
    assert_eq!(starts(&world.sent()), ["SIP/2.0 100 Trying"]);
    let reinvite = world.event();
    assert_eq!((reinvite.kind, reinvite.ids.did), (EventKind::CallReinvite, did));
    assert_eq!(build(&mut world, did, "INVITE"), Err(Refusal::WrongState));
    // A second one while the first is unanswered.
    world.peer_sends(&in_dialog("INVITE", 3, dialog, "r3", OFFER));
    let refused = world.sent();
    assert_eq!(starts(&refused), ["SIP/2.0 100 Trying", "SIP/2.0 500 Retry Later"]);
    assert_eq!(refused[1].get("Retry-After"), Some("10"));
    assert!(world.events().is_empty());
    world.accept(reinvite.ids.tid);
    world.peer_sends(&in_dialog("ACK", 2, dialog, "a2", ""));
    let acked = world.event();
    assert_eq!((acked.kind, acked.ids.tid), (EventKind::CallAck, reinvite.ids.tid));
    let info = request(&mut world, did, "INFO");
    assert!(info.start().starts_with("INFO sip:moved@"), "{}", info.start());
    let mut update = in_dialog("UPDATE", 4, dialog, "r4", "");
    update.set("Contact", "<sip:again@192.0.2.50:5060>");
    world.peer_sends(&update);
    let tid = world.event().ids.tid;
    world.answer_plainly(tid, 200);
    world.responds(&info, "200 OK", "");
    world.event();
    assert!(request(&mut world, did, "INFO").start().starts_with("INFO sip:again@"));
}

#[test]
fn a_reinvite_of_the_peer_is_cancelled_and_the_call_goes_on() {
    let mut world = World::new();
    let (invite, answer, event) = world.established();
    let again = in_dialog("INVITE", 2, (&invite, &answer), "r2", OFFER);
    world.peer_sends(&again);
    world.sent();
    world.event();
    world.peer_sends(&crate::calls::hop_by_hop("CANCEL", &again, again.get("To").unwrap()));
    assert_eq!(starts(&world.sent()), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(kinds(&world.events()), [EventKind::CallCancelled]);
    assert!(build(&mut world, event.ids.did, "INFO").is_ok());
    world.run_to(100_000);
    assert_eq!(world.agent.calls(), 1);
}

#[test]
fn a_reinvite_that_meets_ours_gets_491() {
    let mut world = World::new();
    let (_, invite, did, _) = world.established_call();
    let ours = request(&mut world, did, "INVITE");
    assert_eq!(ours.get("CSeq"), Some("21 INVITE"));
    let mut theirs = by_callee("INVITE", 1, &invite, "b1", "g1");
    theirs.push("Contact", "<sip:bob@192.0.2.50:5060>");
    world.peer_sends(&theirs);
    let refused = world.sent();
    assert_eq!(starts(&refused), ["SIP/2.0 100 Trying", "SIP/2.0 491 Request Pending"]);
    assert!(world.events().is_empty());
    world.responds(&ours, "491 Request Pending", "");
    assert!(world.one().start().starts_with("ACK "));
    let failed = world.event();
    assert_eq!((failed.kind, failed.ids.did), (EventKind::CallRequestFailure, did));
    assert!(build(&mut world, did, "INVITE").is_ok(), "the call goes on");
}

#[test]
fn a_reinvite_of_ours_is_event_as_an_invite_and_acknowledged() {
    let mut world = World::new();
    let (cid, _, did, _) = world.established_call();
    let again = request(&mut world, did, "INVITE");
    world.responds(&again, "180 Ringing", "");
    assert_eq!(kinds(&world.events()), [EventKind::CallRinging]);
    let moved = [("Contact", "<sip:moved@192.0.2.50:5060>")];
    world.peer_sends(&response(&again, "200 OK", "", &moved));
    let answered = world.event();
    assert_eq!((answered.kind, answered.ids.did), (EventKind::CallAnswered, did));
    let ack = world.acks(answered.ids.tid);
    assert!(ack.start().starts_with("ACK sip:moved@") && ack.get("CSeq") == Some("21 ACK"));
    world.ends(cid, did).unwrap();
    let bye = world.one();
    assert!(bye.start().starts_with("BYE sip:moved@") && bye.get("CSeq") == Some("22 BYE"));
}

#[test]
fn requests_go_both_ways_in_an_early_dialog() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    world.responds(&invite, "180 Ringing", "b1");
    let did = world.event().ids.did;
    assert_eq!(build(&mut world, did, "INVITE"), Err(Refusal::WrongState));
    assert_eq!(request(&mut world, did, "INFO").get("CSeq"), Some("21 INFO"));
    let mut update = by_callee("UPDATE", 1, &invite, "b1", "u1");
    update.push("Contact", "<sip:bob@192.0.2.50:5060>");
    world.peer_sends(&update);
    assert_eq!(world.event().kind, EventKind::CallMessageNew);
    // From a branch whose 1xx we have not seen.
    world.peer_sends(&by_callee("INFO", 1, &invite, "b2", "u2"));
    let other = world.event();
    assert_eq!((other.kind, other.ids.did), (EventKind::CallMessageNew, did));
    world.accepts(&invite, "b1");
    let answered = world.event();
    let ack = world.acks(answered.ids.tid);
    assert_eq!((tag(&ack, "To"), ack.get("CSeq")), ("b1".to_owned(), Some("20 ACK")));
}

#[test]
fn a_refer_keeps_the_dialog_for_its_notifies() {
    for (refer_sub, keeps) in [(None, true), (Some("false"), false)] {
        let mut world = World::new();
        let (invite, answer, event) = world.established();
        let did = event.ids.did;
        let mut refer = in_dialog("REFER", 2, (&invite, &answer), "r2", "");
        refer.push("Refer-To", "<sip:carol@acme.test>");
        if let Some(value) = refer_sub {
            refer.push("Refer-Sub", value);
        }
        world.peer_sends(&refer);
        let tid = world.event().ids.tid;
        world.answer_plainly(tid, 202);
        world.peer_sends(&in_dialog("BYE", 3, (&invite, &answer), "b3", ""));
        world.sent();
        world.events();
        assert_eq!(build(&mut world, did, "INFO"), Err(Refusal::NotFound));
        assert_eq!(build(&mut world, did, "NOTIFY").is_ok(), keeps);
        if keeps {
            let notify = request(&mut world, did, "NOTIFY");
            world.responds(&notify, "200 OK", "");
            let seen = world.event();
            assert_eq!((seen.kind, seen.ids.did), (EventKind::CallMessageAnswered, did));
            world.run_to(59_000);
            assert_eq!(world.agent.calls(), 1);
        }
        world.run_to(66_000);
        assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
    }
}

#[test]
fn a_refer_of_ours_keeps_the_dialog_until_the_notify_that_ends_it() {
    let mut world = World::new();
    let (cid, invite, did, _) = world.established_call();
    let refer = request(&mut world, did, "REFER");
    world.responds(&refer, "202 Accepted", "");
    world.event();
    world.ends(cid, did).unwrap();
    let bye = world.one();
    world.responds(&bye, "200 OK", "");
    let ended = world.event();
    assert_eq!((ended.kind, ended.ids.did), (EventKind::CallMessageAnswered, did));
    let mut notify = by_callee("NOTIFY", 1, &invite, "b1", "n1");
    notify.push("Subscription-State", "terminated;reason=noresource");
    world.peer_sends(&notify);
    let seen = world.event();
    assert_eq!((seen.kind, seen.ids.cid), (EventKind::CallMessageNew, cid));
    world.answer_plainly(seen.ids.tid, 200);
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

#[test]
fn a_notify_in_a_call_is_one_of_a_refer_unless_the_program_says_otherwise() {
    let mut world = World::new();
    let (_, _, did, _) = world.established_call();
    let ask = || WithinDialog { subscription_status: Some(2), ..WithinDialog::plain("NOTIFY") };
    let now = world.now();
    let built = world.agent.build_dialog_request(now, did, ask()).unwrap();
    assert_eq!(Draft::parse(&built).unwrap().get("Event"), None, "it is added when it is sent");
    world.agent.send_dialog_request(now, did, &built).unwrap();
    let sent = world.one();
    assert_eq!(values(&sent, "Event"), ["refer"]);
    world.responds(&sent, "200 OK", "");
    world.event();
    let built = world.agent.build_dialog_request(now, did, ask()).unwrap();
    let mut draft = Draft::parse(&built).unwrap();
    draft.push("Event", "conference");
    draft.push("Subscription-State", "active;expires=9");
    world.agent.send_dialog_request(now, did, &draft.to_bytes()).unwrap();
    let sent = world.one();
    assert_eq!(values(&sent, "Event"), ["conference"]);
    assert_eq!(values(&sent, "Subscription-State"), ["active;expires=9"]);
}

#[test]
fn reliable_provisional_responses_are_acknowledged_by_hand() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    let now = world.now();
    let reliable = |seq: &'static str| {
        [("Contact", "<sip:bob@192.0.2.50:5060>"), ("Require", "100rel"), ("RSeq", seq)]
    };
    world.peer_sends(&response(&invite, "183 Progress", "b1", &reliable("9")));
    let event = world.event();
    let (tid, text) = (event.ids.tid, event.response.unwrap());
    assert_eq!(world.agent.build_prack(now, 0, None), Err(Refusal::NotFound));
    assert_eq!(world.agent.build_prack(now, -1, None), Err(Refusal::BadParameter));
    let prack = world.agent.build_prack(now, tid, Some(&text)).unwrap();
    world.agent.send_prack(now, tid, &prack).unwrap();
    let prack = world.one();
    assert_eq!((prack.get("RAck"), prack.get("CSeq")), (Some("9 20 INVITE"), Some("21 PRACK")));
    assert_eq!(world.agent.build_prack(now, tid, Some(&text)), Err(Refusal::WrongState));
    world.responds(&prack, "200 OK", "");
    assert_eq!(kinds(&world.events()), [EventKind::CallMessageAnswered]);
    world.peer_sends(&response(&invite, "180 Ringing", "b1", &[]));
    let plain = world.event().response;
    let none = world.agent.build_prack(now, tid, plain.as_deref().map(Vec::as_slice));
    assert_eq!(none, Err(Refusal::NoReliability));
    world.accepts(&invite, "b1");
    world.event();
    assert_eq!(world.agent.build_prack(now, tid, Some(&text)), Err(Refusal::WrongState));
    assert_eq!(world.acks(tid).get("CSeq"), Some("20 ACK"));
}

#[test]
fn a_call_is_found_by_the_replaces_that_names_it() {
    let mut world = World::new();
    let (cid, invite, did, _) = world.established_call();
    let refer_to = world.agent.refer_to(did).unwrap();
    assert!(refer_to.starts_with("sip:bob@192.0.2.50?Replaces="), "{refer_to}");
    assert_eq!(world.agent.refer_to(0), Err(Refusal::BadParameter));
    assert_eq!(world.agent.refer_to(99), Err(Refusal::NotFound));
    let (call_id, ours) = (invite.get("Call-ID").unwrap(), tag(&invite, "From"));
    for (to, from) in [("b1", &*ours), (&*ours, "b1")] {
        let text = format!("{call_id};to-tag={to};from-tag={from}");
        assert_eq!(world.agent.find_by_replaces(&text), Ok(cid));
        let early = world.agent.find_by_replaces(&format!("{text};early-only"));
        assert_eq!(early, Err(Refusal::WrongState));
    }
    let none = format!("{call_id};to-tag=x;from-tag={ours}");
    assert_eq!(world.agent.find_by_replaces(&none), Err(Refusal::NotFound));
    assert!(matches!(world.agent.find_by_replaces("x"), Err(Refusal::Syntax(_))));
}

#[test]
fn strict_routers_get_the_request_and_the_target_stands_last() {
    let mut world = World::new();
    let strict = [("Record-Route", "<sip:192.0.2.7>, <sip:192.0.2.8;lr>")];
    let invite = invite("i1", &strict, OFFER);
    let event = world.invited(&invite);
    let answer = world.accept(event.ids.tid);
    world.peer_sends(&in_dialog("ACK", 1, (&invite, &answer), "a1", ""));
    world.event();
    let now = world.now();
    world.agent.terminate_call(now, event.ids.cid, 0, None).unwrap();
    let (to, bytes) = world.raw_sent().remove(0);
    let bye = Draft::parse(&bytes).unwrap();
    assert!(bye.start().starts_with("BYE sip:192.0.2.7 "), "{}", bye.start());
    let routes: Vec<_> =
        bye.headers().filter(|(name, _)| *name == "Route").map(|(_, value)| value).collect();
    assert_eq!(routes, ["<sip:192.0.2.8;lr>", "<sip:peer@192.0.2.50:5060>"]);
    assert_eq!(to, addr("192.0.2.7:5060"));
}
