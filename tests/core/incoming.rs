//! Requests from outside, by instants: what becomes an event, what is answered, what it may cost.

use crate::common::{World, addr};
use register::agent::{EventKind, InitialRegister, Refusal};
use register::sip::Draft;

const PEER: &str = "192.0.2.50:5060";

fn request(method: &str, branch: &str, extra: &[&str]) -> Vec<u8> {
    let mut text = format!(
        "{method} sip:alice@192.0.2.99:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{branch}\r\n\
         From: <sip:server@acme.test>;tag=f\r\nTo: <sip:alice@acme.test>\r\nCall-ID: c-{branch}\r\n\
         CSeq: 7 {}\r\nMax-Forwards: 70\r\n",
        method
    );
    for line in extra {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    text.into_bytes()
}

fn starts(drafts: &[Draft]) -> Vec<&str> {
    drafts.iter().map(|draft| draft.start()).collect()
}

/// A world with a registration at `PEER`, for so long that nothing is due in any test.
fn registered_at_the_peer() -> World {
    let mut world = World::new();
    let (rid, text) = world.build_with(InitialRegister {
        from: "sip:alice@acme.test",
        proxy: "sip:192.0.2.50",
        contact: None,
        expires: 3600,
        q: None,
    });
    world.send(rid, &text);
    let register = world.one();
    world.grant(&register, 3600);
    assert_eq!(world.event().kind, EventKind::RegistrationSuccess);
    world
}

#[test]
fn an_options_is_answered_after_500_ms_if_the_application_does_not() {
    let mut world = World::new();
    world.receive_from(addr(PEER), &request("OPTIONS", "1", &[]));
    let event = world.event();
    assert_eq!((event.kind, event.rid), (EventKind::MessageNew, 0));
    assert!(event.ids.tid > 0 && event.response.is_none());
    assert!(world.at(499).sent().is_empty());
    let answer = world.at(500).one();
    assert_eq!(answer.start(), "SIP/2.0 200 OK");
    assert!(answer.get("Allow").unwrap().contains("OPTIONS"));
    assert_eq!(answer.get("CSeq"), Some("7 OPTIONS"));
    assert!(answer.get("To").unwrap().contains(";tag="));
    world.receive_from(addr(PEER), &request("OPTIONS", "1", &[]));
    assert_eq!(world.one(), answer, "a retransmission gets the same answer");
    assert!(world.events().is_empty());
    assert!(world.run_to(32_500).is_empty());
    assert_eq!(world.agent.poll_timeout(), None, "after 64*T1 it is gone");
}

#[test]
fn the_application_answers_once() {
    let mut world = World::new();
    world.receive_from(addr(PEER), &request("MESSAGE", "1", &[]));
    let tid = world.event().ids.tid;
    let now = world.now();
    let text = world.build_answer(tid, 200).unwrap();
    assert!(world.sent().is_empty());
    assert_eq!(world.agent.send_answer(now, tid, 200, Some(&text)), Ok(()));
    assert_eq!(world.one().start(), "SIP/2.0 200 OK");
    assert_eq!(world.agent.send_answer(now, tid, 200, None), Err(Refusal::WrongState));
    assert_eq!(world.build_answer(tid, 200), Err(Refusal::WrongState));
    assert!(world.run_to(31_999).is_empty(), "nothing is sent in its place");
    world.at(32_000);
    assert_eq!(world.build_answer(tid, 200), Err(Refusal::NotFound));
}

#[test]
fn codes_of_answers() {
    let mut world = World::new();
    world.receive_from(addr(PEER), &request("MESSAGE", "1", &[]));
    let tid = world.event().ids.tid;
    let now = world.now();
    for (tid, status) in [(0, 200), (tid, 199), (tid, 700)] {
        assert_eq!(world.build_answer(tid, status), Err(Refusal::BadParameter));
    }
    for (tid, status) in [(0, 200), (tid, 100), (tid, 700), (tid, 180)] {
        assert_eq!(world.agent.send_answer(now, tid, status, None), Err(Refusal::BadParameter));
    }
    assert_eq!(world.agent.send_answer(now, 99, 200, None), Err(Refusal::NotFound));
    assert!(
        world.agent.send_answer(now, tid, 200, Some(b"MESSAGE sip:a@b SIP/2.0\r\n\r\n")).is_err()
    );
    assert!(
        world.agent.send_answer(now, tid, 200, None).is_ok(),
        "a refused answer changed nothing"
    );
}

#[test]
fn other_requests_get_480_after_10_s() {
    for method in ["MESSAGE", "NOTIFY", "PUBLISH", "FOO", "REGISTER", "SUBSCRIBE", "REFER"] {
        let mut world = World::new();
        world.receive_from(addr(PEER), &request(method, "1", &["Contact: <sip:x@y>"]));
        assert!(world.event().ids.tid > 0);
        world.sent();
        assert!(world.run_to(9_999).is_empty());
        assert_eq!(world.at(10_000).one().start(), "SIP/2.0 480 Temporarily Unavailable");
    }
}

#[test]
fn an_invite_within_a_dialog_a_bye_and_an_info_get_481() {
    let mut world = registered_at_the_peer();
    let mut invite = String::from_utf8(request("INVITE", "1", &[])).unwrap();
    invite = invite.replace("To: <sip:alice@acme.test>", "To: <sip:alice@acme.test>;tag=x");
    world.receive_from(addr(PEER), invite.as_bytes());
    let answers = world.sent();
    assert_eq!(
        starts(&answers),
        ["SIP/2.0 100 Trying", "SIP/2.0 481 Call/Transaction Does Not Exist"]
    );
    assert!(world.events().is_empty());
    for method in ["BYE", "INFO"] {
        world.receive_from(addr(PEER), &request(method, method, &[]));
        assert_eq!(world.one().start(), "SIP/2.0 481 Call/Transaction Does Not Exist");
        let event = world.event();
        assert_eq!(event.kind, EventKind::MessageNew);
        let now = world.now();
        assert_eq!(
            world.agent.send_answer(now, event.ids.tid, 200, None),
            Err(Refusal::WrongState)
        );
    }
}

#[test]
fn subscribe_and_refer_are_subscription_events() {
    let mut world = World::new();
    world.receive_from(addr(PEER), &request("SUBSCRIBE", "1", &["Contact: <sip:x@y>"]));
    let event = world.event();
    assert_eq!(event.kind, EventKind::InSubscriptionNew);
    assert!(event.ids.nid > 0 && event.ids.did > 0);
    world.receive_from(addr(PEER), &request("REFER", "2", &["Contact: <sip:x@y>"]));
    let refer = world.event();
    assert_eq!(refer.kind, EventKind::InSubscriptionNew);
    let now = world.now();
    for tid in [event.ids.tid, refer.ids.tid] {
        let text = world.build_answer(tid, 489).unwrap();
        assert_eq!(world.agent.send_answer(now, tid, 489, Some(&text)), Ok(()));
        assert_eq!(starts(&world.sent()), ["SIP/2.0 489 Bad Event"]);
    }
    world.receive_from(addr(PEER), &request("SUBSCRIBE", "3", &[]));
    assert_eq!(world.event().kind, EventKind::MessageNew);
    assert_eq!(starts(&world.sent()), ["SIP/2.0 400 Bad Request"]);
}

#[test]
fn a_stray_ack_and_broken_requests_are_dropped() {
    let mut world = World::new();
    world.receive_from(addr(PEER), &request("ACK", "9", &[]));
    let whole = String::from_utf8(request("OPTIONS", "1", &[])).unwrap();
    for line in ["Via", "Call-ID", "CSeq", "From", "To"] {
        let broken: String =
            whole.split_inclusive("\r\n").filter(|l| !l.starts_with(line)).collect();
        world.receive_from(addr(PEER), broken.as_bytes());
    }
    world.receive_from(
        addr(PEER),
        whole.replace("Via: SIP/2.0/UDP 192.0.2.50:5060", "Via: nonsense").as_bytes(),
    );
    assert!(world.events().is_empty());
    assert!(world.sent().is_empty());
    world.receive_from(addr(PEER), whole.replace("CSeq: 7", "CSeq: seven").as_bytes());
    assert_eq!(world.one().start(), "SIP/2.0 400 Bad Request");
    assert_eq!(world.agent.poll_timeout(), None, "nothing is kept");
}

#[test]
fn a_flood_gets_503_and_costs_a_bounded_amount() {
    let mut world = World::new();
    for n in 0..6000 {
        let peer = if n % 2 == 0 { PEER } else { "192.0.2.51:5060" };
        world.receive_from(addr(peer), &request("MESSAGE", &n.to_string(), &[]));
    }
    let answers = world.sent();
    assert_eq!(world.events().len(), 4096);
    assert_eq!(answers.len(), 6000 - 4096);
    assert!(answers.iter().all(|answer| answer.start().starts_with("SIP/2.0 503")));
    let large = format!("X: {}", "x".repeat(60_000));
    let mut world = World::new();
    for n in 0..1000 {
        world.receive_from(addr(PEER), &request("MESSAGE", &n.to_string(), &[&large]));
    }
    assert!(world.events().len() < 75, "4 MiB of unanswered requests");
    let mut answered = World::new();
    let branch = "b".repeat(60_000);
    for n in 0..1000 {
        answered.receive_from(addr(PEER), &request("BYE", &format!("{n}{branch}"), &[]));
    }
    assert!(answered.events().len() < 30, "4 MiB of answers kept for retransmissions");
    answered.run_to(32_000);
    answered.receive_from(addr(PEER), &request("BYE", "after", &[]));
    assert_eq!(
        answered.event().kind,
        EventKind::MessageNew,
        "they are gone, and their bytes with them"
    );
    world.run_to(10_000);
    world.run_to(42_000);
    world.receive_from(addr(PEER), &request("MESSAGE", "after", &[]));
    assert_eq!(world.event().kind, EventKind::MessageNew, "the flood is over");
}

#[test]
fn old_branches_are_distinguished_by_call_id_and_cseq() {
    let mut world = World::new();
    let old = |call: &str| {
        let text = String::from_utf8(request("MESSAGE", "1", &[])).unwrap();
        text.replace("z9hG4bK1", "1").replace("c-1", call).into_bytes()
    };
    world.receive_from(addr(PEER), &old("a"));
    world.receive_from(addr(PEER), &old("a"));
    world.receive_from(addr(PEER), &old("b"));
    assert_eq!(world.events().len(), 2);
}

#[test]
fn answers_go_to_the_port_of_via_or_where_rport_asks() {
    let mut world = World::new();
    let text = String::from_utf8(request("OPTIONS", "1", &[])).unwrap();
    let other = addr("203.0.113.9:40000");
    world.receive_from(other, text.as_bytes());
    let (to, bytes) = world.at(500).raw_sent().remove(0);
    assert_eq!(to, addr("203.0.113.9:5060"));
    assert!(Draft::parse(&bytes).unwrap().get("Via").unwrap().ends_with(";received=203.0.113.9"));
    world.receive_from(other, text.replace("z9hG4bK1", "z9hG4bK2;rport").as_bytes());
    let (to, bytes) = world.at(1000).raw_sent().remove(0);
    assert_eq!(to, other);
    assert!(Draft::parse(&bytes).unwrap().get("Via").unwrap().contains(";rport=40000"));
}

/// One that floods us has half of the places, whatever ports it sends from; the others still get
/// in, and the half is free again after 64*T1.
#[test]
fn a_flood_from_one_source_leaves_room_for_the_others() {
    let mut world = World::new();
    for n in 0..5000_u16 {
        let flooder = format!("192.0.2.66:{}", 1024 + n);
        world.receive_from(addr(&flooder), &request("BYE", &n.to_string(), &[]));
    }
    let answers = world.sent();
    let refused = answers.iter().filter(|answer| answer.start().starts_with("SIP/2.0 503")).count();
    assert_eq!((world.events().len(), refused), (2048, 5000 - 2048));
    world.receive_from(addr(PEER), &request("OPTIONS", "ping", &[]));
    assert_eq!(world.event().kind, EventKind::MessageNew, "the registrar's ping is received");
    world.at(31_999);
    world.receive_from(addr("192.0.2.66:9"), &request("BYE", "late", &[]));
    assert_eq!(world.sent().last().unwrap().start(), "SIP/2.0 503 Service Unavailable");
    assert!(world.events().is_empty());
    world.at(32_000);
    world.sent();
    world.receive_from(addr("192.0.2.66:9"), &request("BYE", "later", &[]));
    assert_eq!(world.one().start(), "SIP/2.0 481 Call/Transaction Does Not Exist");
}

/// A host has all addresses of its IPv6 network, and one IPv4 address in two spellings.
#[test]
fn a_source_with_many_addresses_counts_as_one() {
    for flooder in ["[2001:db8:1:2:a::HEX]:5060", "[2001:db8:1:2:HEX::1]:5060"] {
        let mut world = World::new();
        for n in 0..2050_u16 {
            let from = addr(&flooder.replace("HEX", &format!("{n:x}")));
            world.receive_from(from, &request("BYE", &n.to_string(), &[]));
        }
        assert_eq!(world.events().len(), 2048);
        world.receive_from(addr("[2001:db8:1:3::1]:5060"), &request("BYE", "other", &[]));
        assert_eq!(world.events().len(), 1);
    }
    let mut world = World::new();
    for n in 0..2050_u16 {
        let from = if n % 2 == 0 { "192.0.2.66:5060" } else { "[::ffff:192.0.2.66]:5060" };
        world.receive_from(addr(from), &request("BYE", &n.to_string(), &[]));
    }
    assert_eq!(world.events().len(), 2048);
}

/// Whatever a request is sent to, it is an event, within the same bounds.
#[test]
fn a_request_for_somebody_else_costs_no_more_than_one_for_us() {
    let mut world = World::with_alice();
    for n in 0..3000 {
        let target =
            ["sip:nobody@198.51.100.7", "tel:+358555", "urn:service:sos", "sip:alice@192.0.2.99:9"]
                [n % 4];
        let text = String::from_utf8(request("MESSAGE", &n.to_string(), &[])).unwrap();
        let text = text.replace("sip:alice@192.0.2.99:5070", target);
        world.receive_from(addr(PEER), text.as_bytes());
    }
    let answers = world.sent();
    assert_eq!(world.events().len(), 2048);
    assert_eq!(answers.len(), 3000 - 2048);
    assert!(answers.iter().all(|answer| answer.start() == "SIP/2.0 503 Service Unavailable"));
    let late = world.run_to(10_000);
    assert!(
        late.iter().all(|(_, answer)| answer.start().starts_with("SIP/2.0 480 "))
            && late.len() == 2048
    );
    world.run_to(42_000);
    assert_eq!(world.agent.poll_timeout(), None, "nothing is kept of them");
}
