//! Session descriptions and session timers of calls.

use crate::calls::{ANSWER, ASK, CONTACT, OFFER, by_callee, in_dialog, invite, kinds, response};
use crate::common::World;
use register::agent::{DescriptionOf, EventKind, WithinDialog};
use register::sip::Draft;

fn described(world: &World, of: DescriptionOf) -> Option<String> {
    world.agent.call_description(of).map(|text| String::from_utf8(text).unwrap())
}

fn with_sdp(mut draft: Draft, body: &str) -> Draft {
    draft.push("Content-Type", "application/sdp");
    draft.body = body.as_bytes().to_vec();
    draft
}

#[test]
fn the_descriptions_of_a_call_that_comes_in() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    let event = world.invited(&invite);
    let (did, tid) = (event.ids.did, event.ids.tid);
    assert_eq!(described(&world, DescriptionOf::Remote(did)).as_deref(), Some(OFFER));
    assert_eq!(described(&world, DescriptionOf::Local(did)), None);
    let answer = world.accept(tid);
    world.peer_sends(&in_dialog("ACK", 1, (&invite, &answer), "a1", ""));
    for of in [DescriptionOf::Local(did), DescriptionOf::LocalOf(tid)] {
        assert_eq!(described(&world, of).as_deref(), Some(ANSWER));
    }
    for of in [DescriptionOf::Remote(did), DescriptionOf::RemoteOf(tid)] {
        assert_eq!(described(&world, of).as_deref(), Some(OFFER));
    }
    world.events();
    let hold = OFFER.replace("s=offer", "s=hold");
    world.peer_sends(&in_dialog("INVITE", 2, (&invite, &answer), "i2", &hold));
    world.sent();
    let second = world.event().ids.tid;
    assert_eq!(described(&world, DescriptionOf::Remote(did)), Some(hold));
    let held = ANSWER.replace("s=answer", "s=held");
    world.accept_with(second, &held);
    assert_eq!(described(&world, DescriptionOf::Local(did)), Some(held));
    let previous = DescriptionOf::PreviousLocal(did);
    assert_eq!(described(&world, previous).as_deref(), Some(ANSWER));
    assert_eq!(described(&world, DescriptionOf::Local(99)), None);
}

#[test]
fn an_answer_in_an_ack_is_seen() {
    let mut world = World::new();
    let invite = invite("i1", &[], "");
    let event = world.invited(&invite);
    let answer = world.accept(event.ids.tid);
    assert_eq!(described(&world, DescriptionOf::Remote(event.ids.did)), None);
    world.peer_sends(&in_dialog("ACK", 1, (&invite, &answer), "a1", OFFER));
    let remote = DescriptionOf::Remote(event.ids.did);
    assert_eq!(described(&world, remote).as_deref(), Some(OFFER));
}

#[test]
fn the_descriptions_of_a_call_of_ours() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    world.peer_sends(&with_sdp(response(&invite, "183 Progress", "b1", &[CONTACT]), ANSWER));
    let did = world.event().ids.did;
    assert_eq!(described(&world, DescriptionOf::Local(did)).as_deref(), Some(OFFER));
    world.responds(&invite, "200 OK", "b1");
    let tid = world.event().ids.tid;
    assert_eq!(described(&world, DescriptionOf::Remote(did)).as_deref(), Some(ANSWER));
    world.acks(tid);
    let now = world.now();
    let again = WithinDialog::plain("INVITE");
    let again = world.agent.build_dialog_request(now, did, again).unwrap();
    let hold = OFFER.replace("s=offer", "s=hold");
    let again = with_sdp(Draft::parse(&again).unwrap(), &hold);
    world.agent.send_dialog_request(now, did, &again.to_bytes()).unwrap();
    let again = world.one();
    assert_eq!(described(&world, DescriptionOf::Local(did)), Some(hold));
    world.responds(&again, "488 No", "");
    assert_eq!(described(&world, DescriptionOf::Local(did)).as_deref(), Some(OFFER));
    assert_eq!(described(&world, DescriptionOf::Remote(did)).as_deref(), Some(ANSWER));
}

/// A call of ours with a session timer of 90 s.
fn timed(world: &mut World, session: &str, allow: &str) -> (i32, i32, Draft) {
    let now = world.now();
    let mut invite = Draft::parse(&world.agent.build_initial_invite(ASK).unwrap()).unwrap();
    invite.push("Session-Expires", "90");
    invite.push("Supported", "timer");
    let invite = with_sdp(invite, OFFER);
    let (cid, _) = world.agent.send_initial_invite(now, &invite.to_bytes()).unwrap();
    let invite = world.one();
    let extra = [CONTACT, ("Session-Expires", session), ("Allow", allow)];
    world.peer_sends(&with_sdp(response(&invite, "200 OK", "b1", &extra), ANSWER));
    let event = world.event();
    world.acks(event.ids.tid);
    (cid, event.ids.did, invite)
}

#[test]
fn a_session_is_refreshed_by_update_where_the_peer_allows_it() {
    let mut world = World::new();
    let (_, did, _) = timed(&mut world, "90;refresher=uac", "INVITE, UPDATE");
    let update = world.one_at(46_000);
    assert_eq!(update.get("CSeq"), Some("21 UPDATE"));
    assert_eq!(update.get("Session-Expires"), Some("90;refresher=uac"));
    assert_eq!(update.get("Supported"), Some("timer"));
    assert!(update.body.is_empty());
    let again = [CONTACT, ("Session-Expires", "90;refresher=uac")];
    world.peer_sends(&response(&update, "200 OK", "", &again));
    let seen = world.event();
    assert_eq!((seen.kind, seen.ids.did), (EventKind::CallMessageAnswered, did));
    let next = world.one_at(92_000);
    assert!(next.start().starts_with("UPDATE "));
}

#[test]
fn a_session_is_refreshed_by_an_invite_that_repeats_our_description() {
    let mut world = World::new();
    let (_, did, _) = timed(&mut world, "90;refresher=uac", "INVITE");
    let refresh = world.one_at(46_000);
    assert_eq!(refresh.get("CSeq"), Some("21 INVITE"));
    assert_eq!(
        (&*refresh.body, refresh.get("Content-Type")),
        (OFFER.as_bytes(), Some("application/sdp"))
    );
    let extra = [CONTACT, ("Session-Expires", "90;refresher=uac")];
    let accepted = with_sdp(response(&refresh, "200 OK", "", &extra), ANSWER);
    world.peer_sends(&accepted);
    let seen = world.event();
    assert_eq!((seen.kind, seen.ids.did), (EventKind::CallAnswered, did));
    assert!(world.sent().is_empty());
    world.peer_sends(&accepted);
    assert!(world.one().start().starts_with("ACK "), "the program has not done it");
    world.peer_sends(&accepted);
    assert!(world.one().start().starts_with("ACK "));
    let next = world.one_at(92_000);
    assert!(next.start().starts_with("INVITE "));
    assert_eq!(world.agent.calls(), 1);
}

#[test]
fn a_refresh_that_is_challenged_is_acknowledged_as_one() {
    let mut world = World::with_alice();
    timed(&mut world, "90;refresher=uac", "INVITE");
    let refresh = world.one_at(46_000);
    let challenge = ("WWW-Authenticate", "Digest realm=\"acme\", nonce=\"n1\", qop=\"auth\"");
    world.peer_sends(&response(&refresh, "401 Unauthorized", "", &[challenge]));
    world.sent();
    assert_eq!(world.event().kind, EventKind::CallRequestFailure);
    let now = world.now();
    world.agent.automatic_action(now);
    let again = world.one();
    assert_eq!(again.get("CSeq"), Some("22 INVITE"));
    let extra = [CONTACT, ("Session-Expires", "90;refresher=uac")];
    let accepted = with_sdp(response(&again, "200 OK", "", &extra), ANSWER);
    world.peer_sends(&accepted);
    assert_eq!(world.event().kind, EventKind::CallAnswered);
    world.peer_sends(&accepted);
    assert!(world.one().start().starts_with("ACK "), "the program has not done it");
}

#[test]
fn a_session_that_nobody_refreshes_ends_with_a_bye() {
    let mut world = World::new();
    let (cid, ..) = timed(&mut world, "90;refresher=uas", "INVITE");
    let sent = world.run_to(60_400);
    assert_eq!(sent.len(), 1, "{sent:?}");
    let (at, bye) = &sent[0];
    assert!(bye.start().starts_with("BYE ") && (58_000..90_000).contains(at), "{at}");
    let closed = world.event();
    assert_eq!((closed.kind, closed.ids.cid, closed.ids.did), (EventKind::CallClosed, cid, -1));
}

#[test]
fn a_session_of_the_peer_is_refreshed_as_the_application_allows() {
    for is_supported in [true, false] {
        let mut world = World::new();
        let extra = [("Session-Expires", "90"), ("Supported", "timer")];
        let invite = invite("i1", &extra, OFFER);
        let event = world.invited(&invite);
        let now = world.now();
        let answer = world.agent.build_call_answer(now, event.ids.tid, 200).unwrap();
        let mut answer = with_sdp(Draft::parse(&answer).unwrap(), ANSWER);
        if is_supported {
            answer.push("Supported", "timer");
        }
        world.agent.send_call_answer(now, event.ids.tid, 200, Some(&answer.to_bytes())).unwrap();
        let answer = world.one();
        assert_eq!(answer.get("Session-Expires").is_some(), is_supported);
        assert_eq!(answer.get("Require").is_some(), is_supported);
        world.peer_sends(&in_dialog("ACK", 1, (&invite, &answer), "a1", ""));
        assert_eq!(kinds(&world.events()), [EventKind::CallAck]);
        if is_supported {
            let refresh = world.one_at(46_000);
            assert!(refresh.start().starts_with("INVITE "));
            assert_eq!(&*refresh.body, ANSWER.as_bytes());
        } else {
            world.quiet_to(200_000);
        }
    }
}

#[test]
fn a_refresh_that_meets_a_pending_invite_is_tried_again() {
    let mut world = World::new();
    let (_, _, invite) = timed(&mut world, "90;refresher=uac", "INVITE");
    world.quiet_to(45_900);
    let mut theirs = by_callee("INVITE", 1, &invite, "b1", "g1");
    theirs.push("Contact", "<sip:bob@192.0.2.50>");
    world.peer_sends(&theirs);
    world.sent();
    let tid = world.event().ids.tid;
    world.quiet_to(47_000);
    world.answer_plainly(tid, 488);
    let sent = world.run_to(52_000);
    assert!(sent.iter().any(|(_, draft)| draft.start().starts_with("INVITE ")), "{sent:?}");
}
