//! Calls over connections, behind NATs, and in floods: where requests go, what is kept.

use crate::calls::{ASK, OFFER, in_dialog, invite, kinds, response, starts};
use crate::common::{World, addr};
use register::agent::{EventKind, FlowId, Transport, TransportError};
use register::sip::Draft;

const NATTED: &str = "203.0.113.5:4000";

/// A call of a peer behind a NAT, whose Contact is its private address; the BYE of ours, and where
/// it goes.
fn bye_to(contact: &str, route: &str, reuses: bool) -> (String, Draft) {
    let mut world = World::new();
    world.agent.settings_mut().reuse_flow = reuses;
    let invite = invite("i1;rport", &[("Contact", contact), ("Record-Route", route)], OFFER);
    world.receive_from(addr(NATTED), &invite.to_bytes());
    world.sent();
    let event = world.event();
    let answer = world.accept(event.ids.tid);
    let ack = in_dialog("ACK", 1, (&invite, &answer), "a1", "");
    world.receive_from(addr(NATTED), &ack.to_bytes());
    world.event();
    let now = world.now();
    world.agent.terminate_call(now, event.ids.cid, 0, None).unwrap();
    let (to, bytes) = world.raw_sent().remove(0);
    (to.to_string(), Draft::parse(&bytes).unwrap())
}

#[test]
fn a_peer_that_asks_for_it_gets_requests_where_its_own_come_from() {
    let (private, by_flow) = ("<sip:peer@10.0.0.1:5060>", "<sip:peer@10.0.0.1:5060;ob>");
    for (contact, route, reuses, goes_to) in [
        (private, "", false, "10.0.0.1:5060"),
        (by_flow, "", false, NATTED),
        (private, "", true, NATTED),
        (by_flow, "<sip:192.0.2.7;lr>", false, "192.0.2.7:5060"),
        (private, "<sip:192.0.2.7;lr>", true, "192.0.2.7:5060"),
    ] {
        let (to, bye) = bye_to(contact, route, reuses);
        assert_eq!(to, goes_to, "{contact} {route}");
        assert!(bye.start().starts_with("BYE sip:peer@10.0.0.1:5060"), "{}", bye.start());
    }
}

#[test]
fn our_contact_has_the_address_that_leads_to_the_peer() {
    let mut world = World::new();
    let local = "198.51.100.1:5070";
    world.locals.push((addr(NATTED), Ok(addr(local))));
    world.receive_from(addr(NATTED), &invite("i1;rport", &[], OFFER).to_bytes());
    world.sent();
    let tid = world.event().ids.tid;
    let answer = world.accept(tid);
    assert_eq!(answer.get("Contact"), Some(&*format!("<sip:us@{local}>")));
}

fn connected(world: &mut World, remote: &str) -> FlowId {
    world.agent.flow_of(Transport::Tcp, addr("192.0.2.99:5070"), addr(remote))
}

fn over_tcp(draft: &Draft) -> Vec<u8> {
    String::from_utf8(draft.to_bytes()).unwrap().replace("SIP/2.0/UDP", "SIP/2.0/TCP").into_bytes()
}

#[test]
fn a_call_comes_over_a_connection_and_its_2xx_is_repeated_there() {
    let mut world = World::by(Transport::Tcp);
    let flow = connected(&mut world, "192.0.2.50:40000");
    let contact = [("Contact", "<sip:peer@192.0.2.50:5060;transport=tcp>")];
    let invite = invite("i1", &contact, OFFER);
    world.comes(flow, &over_tcp(&invite));
    assert_eq!(starts(&world.sent()), ["SIP/2.0 100 Trying"]);
    let event = world.event();
    let answer = world.accept(event.ids.tid);
    assert_eq!(answer.get("Contact"), Some("<sip:us@192.0.2.99:5070;transport=TCP>"));
    assert_eq!(world.at(500).one(), answer);
    assert_eq!(world.at(1500).one(), answer);
    world.comes(flow, &over_tcp(&in_dialog("ACK", 1, (&invite, &answer), "a1", "")));
    assert_eq!(kinds(&world.events()), [EventKind::CallAck]);
    world.quiet_to(60_000);
    // The connection is lost; the BYE opens another.
    world.failed(flow, TransportError::Closed);
    assert!(world.events().is_empty());
    let now = world.now();
    world.agent.terminate_call(now, event.ids.cid, 0, None).unwrap();
    let (flow, to) = world.opens();
    assert_eq!(to, "TCP 192.0.2.50:5060");
    world.connected(flow, "192.0.2.99:40001");
    let bye = world.one();
    assert!(bye.start().starts_with("BYE "));
    world.comes(flow, &response(&bye, "200 OK", "", &[]).to_bytes());
    world.run_to(65_000);
    let seen = kinds(&world.events());
    assert_eq!(seen, [EventKind::CallMessageAnswered, EventKind::CallReleased]);
}

#[test]
fn a_call_of_ours_goes_over_a_connection() {
    let mut world = World::by(Transport::Tcp);
    let now = world.now();
    let invite = world.agent.build_initial_invite(ASK).unwrap();
    world.agent.send_initial_invite(now, &invite).unwrap();
    let (flow, to) = world.opens();
    assert_eq!(to, "TCP 192.0.2.50:5060");
    world.connected(flow, "192.0.2.99:40001");
    let invite = world.one();
    world.comes(flow, &response(&invite, "180 Ringing", "b1", &[]).to_bytes());
    assert_eq!(kinds(&world.events()), [EventKind::CallRinging]);
    // It rings on when the connection is lost.
    world.failed(flow, TransportError::Closed);
    assert!(world.events().is_empty());
    world.run_to(179_999);
    assert!(world.events().is_empty());
    world.run_to(250_000);
    let seen = kinds(&world.events());
    assert_eq!(seen, [EventKind::CallNoAnswer, EventKind::CallReleased]);
}

#[test]
fn a_call_whose_connection_is_refused_is_an_event_at_once() {
    let mut world = World::by(Transport::Tcp);
    let now = world.now();
    let invite = world.agent.build_initial_invite(ASK).unwrap();
    world.agent.send_initial_invite(now, &invite).unwrap();
    let (flow, _) = world.opens();
    world.failed(flow, TransportError::Refused);
    let failed = world.event();
    assert_eq!((failed.kind, failed.response), (EventKind::CallNoAnswer, None));
    world.run_to(5000);
    assert_eq!(kinds(&world.events()), [EventKind::CallReleased]);
}

/// INVITEs of nobody's, which nobody answers.
#[test]
fn a_flood_of_calls_keeps_a_bounded_amount() {
    let mut world = World::new();
    for number in 0..20_000_u32 {
        let [_, b, c, d] = number.wrapping_mul(2_654_435_761).to_be_bytes();
        let from = addr(&format!("{}.{b}.{c}.{d}:5060", 11 + number % 90));
        let mut call = invite(&number.to_string(), &[], OFFER);
        call.set("Call-ID", format!("c{number}"));
        world.receive_from(from, &call.to_bytes());
        world.raw_sent();
        world.events();
    }
    assert_eq!(world.agent.calls(), 4096);
    world.run_to(300_000);
    assert_eq!(world.agent.calls(), 0);
    world.receive_from(addr(NATTED), &invite("late", &[], OFFER).to_bytes());
    assert_eq!(world.agent.calls(), 1, "the flood is over");
}

/// Requests with the Call-ID of a call that stands, or of none, and with tags that are nobody's.
#[test]
fn a_flood_of_forged_requests_neither_reaches_a_call_nor_keeps_a_place() {
    let mut world = World::new();
    let (call, answer, event) = world.established();
    for number in 0..100_000_u32 {
        let [_, b, c, d] = number.wrapping_mul(2_654_435_761).to_be_bytes();
        let from = addr(&format!("{}.{b}.{c}.{d}:5060", 11 + number % 90));
        let method =
            ["BYE", "INFO", "CANCEL", "UPDATE", "INVITE", "ACK", "PRACK"][number as usize % 7];
        let branch = format!("x{number}");
        let mut forged = in_dialog(method, 2, (&call, &answer), &branch, "");
        match number % 3 {
            0 => forged.set("To", format!("<sip:us@acme.test>;tag=x{number}")),
            1 => forged.set("From", format!("<sip:peer@acme.test>;tag=x{number}")),
            _ => forged.set("Call-ID", &*branch),
        }
        world.receive_from(from, &forged.to_bytes());
        let sent = world.raw_sent();
        assert!(sent.iter().all(|(to, _)| *to == from), "{method} {number}");
        let events = world.events();
        assert!(events.iter().all(|one| one.ids.cid == 0), "{method} {number}: {events:#?}");
    }
    assert_eq!(world.agent.calls(), 1);
    world.run_to(60_000);
    assert_eq!(world.agent.poll_timeout(), None, "nothing of it is kept");
    let bye = world.ends(event.ids.cid, 0).map(|_| world.one()).unwrap();
    assert!(bye.start().starts_with("BYE "), "the call stands");
}

/// Takes a call of the peer from INVITE to ACK; whether it was taken.
fn takes(world: &mut World, number: usize) -> bool {
    let branch = format!("t{number}");
    let mut call = invite(&branch, &[], "");
    call.set("Call-ID", &*branch);
    world.receive_from(addr(NATTED), &call.to_bytes());
    world.raw_sent();
    let Some(event) = world.events().pop() else { return false };
    let answer = world.accept_with(event.ids.tid, "");
    let ack = in_dialog("ACK", 1, (&call, &answer), &format!("ta{number}"), "");
    world.receive_from(addr(NATTED), &ack.to_bytes());
    assert_eq!(kinds(&world.events()), [EventKind::CallAck]);
    true
}

#[test]
fn one_caller_may_have_many_calls_and_not_all() {
    let mut world = World::new();
    let taken = (0..16_500).filter(|number| takes(&mut world, *number)).count();
    assert_eq!(taken, 16_384, "half of what there is for all");
    assert_eq!(world.agent.calls(), taken);
}

#[test]
fn a_flood_of_requests_in_one_call_keeps_a_bounded_amount() {
    let mut world = World::new();
    let (invite, answer, _) = world.established();
    for number in 0..5000 {
        let branch = format!("f{number}");
        world.peer_sends(&in_dialog("INFO", number + 2, (&invite, &answer), &branch, ""));
    }
    let seen = world.events();
    let in_call = seen.iter().filter(|event| event.kind == EventKind::CallMessageNew).count();
    assert_eq!(in_call, 64);
    world.sent();
    world.run_to(60_000);
    world.peer_sends(&in_dialog("BYE", 6000, (&invite, &answer), "b", ""));
    assert_eq!(starts(&world.sent()), ["SIP/2.0 200 OK"]);
    world.run_to(120_000);
    assert_eq!(world.agent.calls(), 0);
    assert_eq!(world.agent.poll_timeout(), None);
}

/// Whatever is changed in the messages of a call, nothing breaks, and it comes to an end.
#[test]
fn mutilated_messages_break_no_call() {
    let mut draw = 1_u64;
    let mut below = move |limit: usize| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) as usize % limit
    };
    let mut mutilated = |bytes: Vec<u8>| {
        let mut bytes = bytes;
        for _ in 0..1 + below(3) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes[at] = b"\r\n ;:,<>\"=@\0\xff0"[below(14)],
                1 => bytes.truncate(at.max(1)),
                2 => {
                    bytes.remove(at);
                }
                _ => {
                    let end = (at + below(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = below(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        bytes
    };
    for round in 0..400 {
        let mut world = World::new();
        let call =
            invite("i1", &[("Session-Expires", "90"), ("Record-Route", "<sip:p;lr>")], OFFER);
        world.receive_from(addr(NATTED), &mutilated(call.to_bytes()));
        world.sent();
        for event in world.events() {
            let now = world.now();
            let tid = event.ids.tid;
            if let Ok(text) = world.agent.build_call_answer(now, tid, 200) {
                let _ = world.agent.send_call_answer(now, tid, 200, Some(&mutilated(text)));
            }
        }
        let (ours, theirs, _) = match round % 2 {
            0 => {
                let mut fresh = World::new();
                let parts = fresh.established();
                world = fresh;
                parts
            }
            _ => continue,
        };
        for (at, method) in ["ACK", "INFO", "INVITE", "UPDATE", "REFER", "NOTIFY", "BYE", "PRACK"]
            .into_iter()
            .enumerate()
        {
            let branch = format!("m{at}");
            let request = in_dialog(method, at as u32 + 1, (&ours, &theirs), &branch, OFFER);
            let bytes = mutilated(request.to_bytes());
            world.receive_from(addr(crate::calls::PEER), &bytes);
        }
        world.sent();
        world.events();
        let (_, invite) = world.call_bob();
        for status in ["100 Trying", "183 Progress", "401 No", "302 Moved", "200 OK"] {
            let answer = response(&invite, status, "b1", &[crate::calls::CONTACT]);
            world.receive_from(addr(crate::calls::PEER), &mutilated(answer.to_bytes()));
            let now = world.now();
            world.agent.automatic_action(now);
        }
        for event in world.events() {
            let now = world.now();
            let _ = world.agent.send_ack(now, event.ids.tid, None);
            let _ = world.agent.terminate_call(now, event.ids.cid, 0, None);
        }
        world.sent();
        world.run_to(600_000);
        for event in world.events() {
            let now = world.now();
            let _ = world.agent.terminate_call(now, event.ids.cid, 0, None);
        }
        let now = world.now();
        for cid in 0..10 {
            let _ = world.agent.terminate_call(now, cid, 0, None);
        }
        world.run_to(900_000);
        assert_eq!(world.agent.calls(), 0, "round {round}");
    }
}
