//! Calls of unknown and of hostile peers: what they make us send, and what they cost.

use crate::calls::{ANSWER, ASK, CONTACT, OFFER, by_callee, hop_by_hop, in_dialog, invite};
use crate::calls::{response, starts};
use crate::common::{World, addr};
use register::agent::{EventKind, InitialInvite, WithinDialog};
use register::sip::Draft;

/// How many more requests of one unknown address have a place.
fn places_of_one_address(world: &mut World) -> usize {
    let (mut taken, mut number) = (0, 0);
    loop {
        number += 1;
        let mut message = invite(&format!("k{number}"), &[], "");
        message.set_start("MESSAGE sip:us@192.0.2.99:5070 SIP/2.0");
        message.set("CSeq", "1 MESSAGE");
        message.set("Call-ID", format!("k{number}"));
        world.peer_sends(&message);
        let sent = world.sent();
        if sent.iter().any(|draft| draft.start().starts_with("SIP/2.0 503")) {
            return 2048 - taken;
        }
        taken += 1;
    }
}

/// An INVITE of a call that no other has.
fn numbered(number: usize, body: &str) -> Draft {
    let mut draft = invite(&format!("n{number}"), &[], body);
    draft.set("Call-ID", format!("n{number}"));
    draft.set("From", format!("<sip:peer@acme.test>;tag=n{number}"));
    draft
}

#[test]
fn requests_of_a_call_are_answered_when_it_is_released() {
    let mut world = World::new();
    let invite = invite("i1", &[], OFFER);
    let event = world.invited(&invite);
    let ringing = world.answer_plainly(event.ids.tid, 180).remove(0);
    world.run_to(175_000);
    world.peer_sends(&in_dialog("INFO", 2, (&invite, &ringing), "f1", ""));
    let sent: Vec<_> = world.run_to(181_000).into_iter().map(|(_, draft)| draft).collect();
    assert_eq!(starts(&sent).len(), 2, "the INVITE and the INFO: {sent:#?}");
    assert_eq!(world.agent.calls(), 0);
    world.run_to(300_000);
    world.events();
    assert_eq!(places_of_one_address(&mut world), 0);
}

#[test]
fn a_cancel_of_a_call_that_has_ended_is_answered_too() {
    let mut world = World::new();
    let (invite, answer, event) = world.established();
    let mut again = in_dialog("INVITE", 2, (&invite, &answer), "r1", OFFER);
    world.peer_sends(&again);
    world.sent();
    world.events();
    let now = world.now();
    let did = event.ids.did;
    let bye = world.agent.build_dialog_request(now, did, WithinDialog::plain("BYE")).unwrap();
    world.agent.send_dialog_request(now, did, &bye).unwrap();
    let bye = world.one();
    world.peer_sends(&response(&bye, "200 OK", "", &[]));
    again.remove("Content-Type");
    let to = again.get("To").unwrap().to_owned();
    world.peer_sends(&hop_by_hop("CANCEL", &again, &to));
    let sent = world.sent();
    assert_eq!(starts(&sent), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    world.run_to(100_000);
    let kinds: Vec<_> = world.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::CallMessageAnswered, EventKind::CallReleased]);
    assert_eq!(places_of_one_address(&mut world), 0);
}

#[test]
fn an_info_of_a_branch_is_answered_when_the_invite_is_sent_again() {
    let mut world = World::with_alice();
    let (_, invite) = world.call_bob();
    world.responds(&invite, "183 Session Progress", "b1");
    world.peer_sends(&by_callee("INFO", 1, &invite, "b1", "f1"));
    let challenge = ("WWW-Authenticate", "Digest realm=\"acme\", nonce=\"n\"");
    world.peer_sends(&response(&invite, "401 Unauthorized", "b1", &[challenge]));
    world.sent();
    let sent = world.automatic();
    assert_eq!(starts(&sent).len(), 2, "{sent:#?}");
    assert!(sent[0].start().starts_with("SIP/2.0 480"), "{sent:#?}");
    world.run_to(200_000);
    assert_eq!(places_of_one_address(&mut world), 0);
}

#[test]
fn floods_of_invites_keep_bounded_calls_from_however_many_sources() {
    for (sources, most) in [(1, 2048), (2, 4096), (1000, 4096)] {
        let mut world = World::new();
        for number in 0..6_000 {
            let source = format!("198.51.{}.{}:5060", number % sources / 250, number % 250 + 1);
            let source = if sources < 250 {
                format!("198.51.100.{}:5060", number % sources + 1)
            } else {
                source
            };
            world.receive_from(addr(&source), &numbered(number, OFFER).to_bytes());
            if number % 1000 == 0 {
                world.raw_sent();
            }
        }
        world.raw_sent();
        assert_eq!(world.agent.calls(), most, "{sources}");
        assert_eq!(world.events().len(), most);
        world.run_to(400_000);
        assert_eq!(world.agent.calls(), 0);
        assert_eq!(world.agent.poll_timeout(), None);
    }
}

/// What the calls of a context are printed in, which grows with what is kept for them.
fn printed(world: &World) -> usize {
    let text = format!("{:?}", world.agent);
    let calls = text.find("calls: CallTable {").unwrap();
    text[calls..].find("locator: ").unwrap()
}

#[test]
fn a_refused_call_keeps_little_of_a_long_invite() {
    let mut world = World::new();
    let body = format!("{OFFER}a={}\r\n", "x".repeat(60_000));
    world.peer_sends(&numbered(1, &body));
    let event = world.events().remove(0);
    world.answer_plainly(event.ids.tid, 486);
    world.events();
    assert_eq!(world.agent.calls(), 1);
    assert!(printed(&world) < 5000, "{}", printed(&world));
}

#[test]
fn an_invite_that_has_recorded_more_routers_than_hops_is_refused() {
    let mut world = World::new();
    let mut hostile = numbered(1, "");
    hostile.push("Record-Route", vec!["sip:a"; 10_000].join(","));
    world.peer_sends(&hostile);
    let sent = world.sent();
    assert_eq!(starts(&sent), ["SIP/2.0 400 Bad Request"]);
    assert_eq!((world.agent.calls(), world.events().len()), (0, 0));
    let mut usual = numbered(2, "");
    usual.push("Record-Route", vec!["<sip:a;lr>"; 140].join(", "));
    world.peer_sends(&usual);
    assert_eq!(world.agent.calls(), 1);
}

#[test]
fn endless_responses_to_an_invite_keep_one_dialog_and_few_byes() {
    let mut world = World::new();
    let (_, invite) = world.call_bob();
    for number in 0..2000 {
        let mut ringing = response(&invite, "183 Progress", &format!("b{number}"), &[CONTACT]);
        ringing.push("RSeq", number.to_string());
        ringing.push("Content-Type", "application/sdp");
        ringing.body = format!("{ANSWER}a={}", "x".repeat(10_000)).into();
        world.peer_sends(&ringing);
        if number % 100 == 0 {
            world.events();
        }
    }
    let events = world.events();
    let did = events.last().unwrap().ids.did;
    assert!(events.iter().all(|event| event.ids.did == did));
    assert!(printed(&world) < 200_000, "{}", printed(&world));
    let mut sent = Vec::new();
    for number in 0..2000 {
        world.peer_sends(&response(&invite, "200 OK", &format!("c{number}"), &[CONTACT]));
        sent.extend(world.sent());
    }
    assert!(sent.len() <= 16, "{}", sent.len());
}

#[test]
fn endless_requests_of_a_peer_keep_bounded_texts() {
    let mut world = World::new();
    let (invite, answer, _) = world.established();
    let body = format!("{OFFER}a={}\r\n", "x".repeat(50_000));
    for number in 0..500u32 {
        let method = ["INVITE", "UPDATE", "INFO", "BYE ", "NOTIFY"][number as usize % 5].trim();
        if method == "BYE" {
            continue;
        }
        let branch = format!("e{number}");
        let asks = in_dialog(method, 2 + number, (&invite, &answer), &branch, &body);
        world.peer_sends(&asks);
        let tids: Vec<_> = world.events().iter().map(|event| event.ids.tid).collect();
        for tid in tids {
            let now = world.now();
            let status = if number % 2 == 0 { 200 } else { 488 };
            let text = world.agent.build_call_answer(now, tid, status);
            let _ = text.map(|text| world.agent.send_call_answer(now, tid, status, Some(&text)));
        }
        world.sent();
    }
    assert!(printed(&world) < 2_500_000, "{}", printed(&world));
    world.run_to(60_000);
    world.events();
    assert!(printed(&world) < 900_000, "{}", printed(&world));
}

const INJECTED: &str = "x\r\nX-Injected: 1\r\n\r\nbody\n\r X-Injected: 2\0";

fn is_whole(draft: &Draft) {
    let text = String::from_utf8(draft.to_bytes()).unwrap();
    let lines: Vec<_> = text.split(['\r', '\n']).collect();
    assert!(!lines.iter().any(|line| line.starts_with("X-Injected")), "{text}");
    assert!(!text.contains('\0'), "{text}");
}

#[test]
fn texts_of_the_application_make_no_lines_of_their_own() {
    let mut world = World::new();
    for ask in [
        InitialInvite { subject: INJECTED, ..ASK },
        InitialInvite { to: "sip:b\r\nX-Injected: 1@192.0.2.50", ..ASK },
        InitialInvite { to: "\"b\r\nX-Injected: 1\" <sip:b@192.0.2.50>", ..ASK },
        InitialInvite { to: "<sip:b@192.0.2.50?Subject=a%0D%0AX-Injected:%201>", ..ASK },
        InitialInvite { to: "<sip:b@192.0.2.50?a%0D%0AX-Injected:%201=x>", ..ASK },
        InitialInvite { from: "sip:a@b;x=\r\nX-Injected: 1", ..ASK },
        InitialInvite { route: "<sip:192.0.2.50;lr;x=\r\nX-Injected: 1>", ..ASK },
    ] {
        if let Ok(text) = world.agent.build_initial_invite(ask) {
            is_whole(&Draft::parse(&text).unwrap());
            let text = String::from_utf8(text).unwrap();
            assert!(!text.contains("\nX-Injected"), "{text}");
        }
    }
    let header = |name| Some((name, INJECTED));
    for name in ["Reason", "a\r\nX-Injected", "X: y\r\nX-Injected", "", ":"] {
        world.events();
        let (cid, ..) = world.established_call();
        let now = world.now();
        world.agent.terminate_call(now, cid, 0, header(name)).unwrap();
        is_whole(&world.one());
        let (cid, invite) = world.call_bob();
        world.responds(&invite, "180 Ringing", "b1");
        world.agent.terminate_call(now, cid, 0, header(name)).unwrap();
        is_whole(&world.one());
    }
    world.events();
    let (_, _, did, _) = world.established_call();
    let now = world.now();
    let ask = WithinDialog { refer_to: Some(INJECTED), ..WithinDialog::plain("REFER") };
    if let Ok(text) = world.agent.build_dialog_request(now, did, ask) {
        is_whole(&Draft::parse(&text).unwrap());
    }
    let ask = WithinDialog::plain("INFO sip:x SIP/2.0\r\nX-Injected: 1");
    assert!(world.agent.build_dialog_request(now, did, ask).is_err());
}
