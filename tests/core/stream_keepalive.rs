//! Keep-alives of connections (RFC 5626 section 4.4.1): one for all that use it, a missing answer
//! ends it, and those of the server are answered.

use crate::common::{World, contacts};
use crate::connections::{FIRST, SECOND};
use register::agent::{FlowId, Transport, TransportError};
use std::time::Duration;

/// A context over TCP with a binding and the usual keep-alives.
fn kept() -> (World, FlowId) {
    let mut world = World::by(Transport::Tcp);
    world.agent.settings_mut().keep_alive = Some(Duration::from_secs(17));
    let (_, flow, _) = world.call_registered();
    (world, flow)
}

/// The milliseconds of what is sent up to `end`, all of it keep-alives.
fn pings(world: &mut World, end: u64) -> Vec<u64> {
    let mut sent = Vec::new();
    for ms in world.millis() as u64 + 1..=end {
        world.at(ms);
        for (_, bytes) in world.raw_sent() {
            assert_eq!(bytes, b"\r\n\r\n");
            sent.push(ms);
        }
    }
    sent
}

#[test]
fn a_keep_alive_is_sent_at_80_to_100_percent_of_the_period() {
    let (mut world, flow) = kept();
    for _ in 0..5 {
        world.call_register("sip:192.0.2.1");
        let request = world.one();
        world.grant_over(flow, &request, 600);
    }
    let sent = pings(&mut world, 170_000);
    let waits: Vec<u64> = sent.windows(2).map(|two| two[1] - two[0]).collect();
    assert!((10..=13).contains(&sent.len()), "{sent:?}");
    assert!(waits.iter().all(|wait| (13_600..=17_001).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait != waits[0]), "they are not all alike");
}

#[test]
fn a_server_that_never_answers_keep_alives_is_not_left() {
    let (mut world, flow) = kept();
    pings(&mut world, 300_000);
    assert!(world.closed.is_empty() && world.agent.flow(flow).is_some());
}

#[test]
fn after_one_answer_a_missing_one_ends_the_connection_10_s_later() {
    for pieces in [&["\r\n"][..], &["\r", "\n"]] {
        let (mut world, flow) = kept();
        let first = pings(&mut world, 17_001)[0];
        for piece in pieces {
            world.comes(flow, piece.as_bytes());
        }
        let sent = pings(&mut world, first + 17_001 + 9_000);
        assert_eq!(sent.len(), 1, "{sent:?}");
        world.at(sent[0] + 9_999);
        assert!(world.is_quiet());
        world.at(sent[0] + 10_000);
        world.raw_sent();
        assert_eq!(world.closed, [flow]);
        let words = "lost the connection to 192.0.2.1:5060: the keep-alives get no answer";
        assert!(world.notes.iter().any(|note| note == words), "{:?}", world.notes);
        world.at(sent[0] + 12_000);
        world.agent.automatic_action(world.now());
        assert_eq!(world.opens().1, "TCP 192.0.2.1:5060");
    }
}

#[test]
fn an_answer_in_time_keeps_the_connection() {
    let (mut world, flow) = kept();
    for _ in 0..8 {
        let at = loop {
            let next = world.millis() as u64 + 1;
            if let [at] = pings(&mut world, next)[..] {
                break at;
            }
        };
        world.at(at + 9_999);
        world.comes(flow, b"\r\n");
    }
    assert!(world.closed.is_empty());
}

#[test]
fn a_keep_alive_of_the_server_is_answered() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    let sent = |world: &mut World| {
        world.raw_sent().into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>()
    };
    world.comes(flow, b"\r\n\r\n");
    assert_eq!(sent(&mut world), [b"\r\n"]);
    for piece in ["\r", "\n\r", "\n"] {
        world.comes(flow, piece.as_bytes());
    }
    assert_eq!(sent(&mut world), [b"\r\n"], "in pieces too");
    world.comes(flow, b"\r\n");
    world.comes(flow, b"\r\n");
    assert!(sent(&mut world).is_empty(), "those are answers");
}

#[test]
fn a_flow_timer_wins() {
    let mut world = World::by(Transport::Udp);
    world.agent.settings_mut().keep_alive = Some(Duration::from_secs(17));
    let (rid, flow, _) = world.own_registered();
    world.agent.registerer_register(world.now(), rid).unwrap();
    let request = world.one();
    let contact = format!("Contact: {};expires=600", request.get("Contact").unwrap());
    world.answer_over(flow, &request, "200 OK", &["Flow-Timer: 50", &contact]);
    let sent = pings(&mut world, 200_000);
    let waits: Vec<u64> = sent.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(waits.iter().all(|wait| (40_000..=50_001).contains(wait)), "{sent:?}");
}

#[test]
fn a_period_of_more_than_100_s_is_warned_of() {
    for (seconds, times) in [(100, 0), (101, 1)] {
        let mut world = World::by(Transport::Tcp);
        world.agent.settings_mut().keep_alive = Some(Duration::from_secs(seconds));
        let (_, flow, _) = world.call_registered();
        world.call_register("sip:192.0.2.1");
        let request = world.one();
        world.grant_over(flow, &request, 600);
        world.raw_sent();
        let words = format!("192.0.2.1:5060: a keep-alive every {seconds} s may come too late");
        assert_eq!(world.notes.iter().filter(|note| **note == words).count(), times);
    }
}

#[test]
fn a_change_of_the_network_closes_all_connections_and_registers_at_once() {
    for managed in [false, true] {
        let mut world = World::by(if managed { Transport::Udp } else { Transport::Tcp });
        let (_, mut flow, _) =
            if managed { world.own_registered() } else { world.call_registered() };
        // However often: nobody ends them but us.
        for local in [SECOND, FIRST, SECOND] {
            world.agent.network_changed(world.now());
            world.agent.automatic_action(world.now());
            let (next, _) = world.opens();
            assert_eq!(std::mem::take(&mut world.closed), [flow]);
            flow = next;
            world.connected(flow, local);
            let request = world.one();
            assert_eq!(contacts(&request).len(), 2, "the old one and the new one");
            world.grant_over(flow, &request, 600);
            world.raw_sent();
        }
    }
}

#[test]
fn what_waits_when_the_network_changes_is_sent_again() {
    let mut world = World::by(Transport::Tcp);
    world.call_register("sip:192.0.2.1");
    let (flow, _) = world.opens();
    world.agent.network_changed(world.now());
    let words = "connection to 192.0.2.1:5060: the network has changed.";
    assert_eq!(world.event().text, words);
    world.raw_sent();
    assert_eq!(world.closed, [flow]);
    world.agent.automatic_action(world.now());
    let (flow, _) = world.opens();
    world.connected(flow, FIRST);
    world.one();
}

#[test]
fn a_register_of_its_own_under_way_starts_anew_when_the_network_changes() {
    let mut world = World::by(Transport::Udp);
    let rid = world.managed(|options| options.transport = Some(Transport::Tcp));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let (old, _) = world.opens();
    world.agent.network_changed(world.now());
    let (new, _) = world.opens();
    assert_eq!(world.closed, [old]);
    world.connected(new, FIRST);
    let request = world.one();
    world.grant_over(new, &request, 600);
    assert!(world.explain(rid).starts_with("200 OK"));
}

#[test]
fn a_connection_from_an_address_that_is_gone_is_left() {
    let mut world = World::by(Transport::Tcp);
    let (_, flow, _) = world.call_registered();
    world.interfaces_changed();
    world.at(1_499);
    assert!(world.is_quiet());
    world.at(1_500);
    let (asked, _) = world.opens();
    assert_eq!(asked, flow, "its address is asked for again");
    world.connected(flow, FIRST);
    assert!(world.automatic().is_empty() && world.is_quiet(), "it is the same");
    world.interfaces_changed();
    world.at(3_000);
    world.opens();
    world.connected(flow, "198.51.100.7:40001");
    world.raw_sent();
    assert_eq!(world.closed, [flow]);
    world.agent.automatic_action(world.now());
    let (new, _) = world.opens();
    assert_ne!(new, flow);
}

#[test]
fn a_request_is_answered_over_its_connection_or_not_at_all() {
    const OPTIONS: &str = "OPTIONS sip:a@192.0.2.99 SIP/2.0\r\n\
        Via: SIP/2.0/TCP 192.0.2.77:5060;branch=z9hG4bKx\r\nFrom: <sip:b@h>;tag=1\r\n\
        To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    for is_gone in [false, true] {
        let mut world = World::by(Transport::Tcp);
        let (_, flow, _) = world.call_registered();
        world.comes(flow, OPTIONS.as_bytes());
        let tid = world.event().ids.tid;
        if is_gone {
            world.failed(flow, TransportError::Closed);
        }
        world.agent.send_answer(world.now(), tid, 200, None).unwrap();
        let sent = world.raw_sent();
        assert_eq!(sent.len(), usize::from(!is_gone));
        assert!(is_gone || world.last_flow == Some(flow));
        let gone = "a response is not sent: the connection of its request is gone";
        assert_eq!(world.notes.iter().any(|note| note == gone), is_gone);
    }
}
