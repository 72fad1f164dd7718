//! Subscriptions and publications of unknown and of hostile peers: how many are kept, and
//! what they cost.

use crate::common::{World, addr};
use crate::notifiers::{self, count};
use crate::subscriptions::{notify, subscribe, subscribed};
use register::agent::EventKind;
use register::sip::Draft;
use std::net::SocketAddr;

/// What the subscriptions of a context are printed in, which grows with what is kept for them.
fn printed(world: &World) -> usize {
    let text = format!("{:?}", world.agent);
    let table = text.find("subscriptions: SubscriptionTable {").unwrap();
    text[table..].find("locator: ").unwrap()
}

/// One of so many sources.
fn source(number: usize, sources: usize) -> SocketAddr {
    let number = number % sources;
    addr(&format!("198.51.{}.{}:5060", number / 250, number % 250 + 1))
}

/// A request outside of dialogs that no other is like.
fn numbered(method: &str, number: usize, extra: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!(
        "{method} sip:alice@192.0.2.99:5070 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{method}{number};rport\r\n\
         From: <sip:watcher@acme.test>;tag=w{number}\r\nTo: <sip:alice@acme.test>\r\n\
         Call-ID: n{number}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n\
         Contact: <sip:watcher@192.0.2.50:5060>\r\n"
    );
    for line in extra {
        text.push_str(&format!("{line}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    text.into_bytes()
}

/// Nothing is left of anything.
fn is_empty(world: &mut World, until: u64) {
    world.run_to(until);
    world.events();
    let statistics = world.agent.statistics();
    assert_eq!((statistics.subscriptions_to_us, statistics.transactions), (0, 0));
    assert_eq!(world.agent.poll_timeout(), None);
}

#[test]
fn unanswered_subscribes_keep_bounded_subscriptions_from_all_sources() {
    for (sources, most) in [(1, 2048), (2, 4096), (1000, 4096)] {
        let mut world = World::new();
        for number in 0..6_000 {
            let bytes = numbered("SUBSCRIBE", number, &["Event: presence"], "");
            world.receive_from(source(number, sources), &bytes);
            world.raw_sent();
        }
        assert_eq!((count(&world), world.events().len()), (most, most), "{sources}");
        is_empty(&mut world, 400_000);
    }
}

#[test]
fn accepted_subscriptions_with_long_texts_keep_bounded_bytes() {
    for (sources, most) in [(1, 51_000_000), (1000, 101_000_000)] {
        let mut world = World::new();
        let filling = format!("X-Filling: {}", "x".repeat(59_000));
        let (mut number, mut accepted) = (0, 0);
        for _ in 0..20 {
            for _ in 0..150 {
                number += 1;
                let extra = ["Event: presence", "Expires: 2147483647", &filling];
                let bytes = numbered("SUBSCRIBE", number, &extra, "");
                world.receive_from(source(number, sources), &bytes);
                world.raw_sent();
            }
            for event in world.events() {
                let now = world.now();
                world.agent.send_answer(now, event.ids.tid, 200, None).unwrap();
                accepted += 1;
            }
            world.run_to(world.millis() as u64 + 40_000);
        }
        assert_eq!(count(&world), accepted, "they stand");
        assert!(accepted * 59_000 < most, "{accepted}");
        assert!(printed(&world) / accepted < 2500, "{}", printed(&world) / accepted);
    }
}

#[test]
fn a_subscription_keeps_nothing_of_body_and_unknown_fields() {
    let mut world = World::new();
    let filling = format!("X-Filling: {}", "x".repeat(20_000));
    let bytes = numbered("SUBSCRIBE", 1, &["Event: presence", &filling], &"b".repeat(30_000));
    world.receive_from(source(1, 1), &bytes);
    let event = world.event();
    notifiers::answer(&mut world, event.ids.tid, 200);
    world.run_to(40_000);
    world.events();
    assert_eq!(count(&world), 1);
    assert!(printed(&world) < 4000, "{}", printed(&world));
}

#[test]
fn a_subscribe_with_more_routers_than_hops_begins_no_subscription() {
    let mut world = World::new();
    let routes = format!("Record-Route: {}", vec!["sip:a"; 10_000].join(","));
    let bytes = numbered("SUBSCRIBE", 1, &["Event: presence", &routes], "");
    world.receive_from(source(1, 1), &bytes);
    assert_eq!(count(&world), 0);
    let routes = format!("Record-Route: {}", vec!["<sip:a;lr>"; 140].join(", "));
    let bytes = numbered("SUBSCRIBE", 2, &["Event: presence", &routes], "");
    world.receive_from(source(1, 1), &bytes);
    assert_eq!(count(&world), 1);
    is_empty(&mut world, 400_000);
}

#[test]
fn subscribes_in_one_dialog_keep_bounded_bytes() {
    for answers in [false, true] {
        let mut world = World::new();
        let (ids, accepted) = notifiers::subscribed(&mut world);
        for number in 0..1000 {
            let contact = format!("Contact: <sip:{}@192.0.2.50>", "c".repeat(50_000));
            let cseq = 6 + number;
            let bytes = notifiers::request("SUBSCRIBE", cseq, Some(&accepted), &[&contact]);
            notifiers::receive(&mut world, &bytes);
            for event in world.events() {
                assert_eq!((event.kind, event.ids.did), (EventKind::InSubscriptionNew, ids.did));
                let now = world.now();
                if answers {
                    world.agent.send_answer(now, event.ids.tid, 200, None).unwrap();
                }
            }
            world.raw_sent();
        }
        assert!(printed(&world) < 60_000_000, "{}", printed(&world));
        world.run_to(60_000);
        world.events();
        assert!(printed(&world) < 200_000, "{}", printed(&world));
    }
}

#[test]
fn targets_that_grow_in_dialogs_keep_bounded_bytes() {
    let mut world = World::new();
    let mut most = 0;
    for round in 0..40 {
        for number in 0..60 {
            let number = round * 60 + number;
            let bytes = numbered("SUBSCRIBE", number, &["Event: x", "Expires: 100000"], "");
            world.receive_from(source(1, 1), &bytes);
            let Some(event) = world.events().pop() else { continue };
            let answer = notifiers::answer(&mut world, event.ids.tid, 200);
            let contact = format!("Contact: <sip:{}@192.0.2.50>", "c".repeat(60_000));
            let text = numbered("SUBSCRIBE", number, &["Event: x"], "");
            let mut again = Draft::parse(&text).unwrap();
            again.set("CSeq", "2 SUBSCRIBE");
            again.set("Via", format!("SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bKg{number};rport"));
            again.set("To", answer.get("To").unwrap());
            again.set("Contact", contact.strip_prefix("Contact: ").unwrap());
            again.set("Expires", "100000");
            world.receive_from(source(1, 1), &again.to_bytes());
            for event in world.events() {
                let now = world.now();
                let _ = world.agent.send_answer(now, event.ids.tid, 200, None);
            }
            world.raw_sent();
        }
        world.run_to(world.millis() as u64 + 40_000);
        world.events();
        most = count(&world);
    }
    assert!(most > 700, "{most} stand");
    assert!(printed(&world) < 60_000_000, "{}", printed(&world));
}

#[test]
fn notifies_that_fork_keep_few_dialogs_and_tags() {
    for state in ["active", "terminated", "pending;expires=1"] {
        let mut world = World::new();
        let (_, request) = subscribe(&mut world, 3600);
        let line = format!("Subscription-State: {state}");
        let long = format!("Contact: <sip:{}@192.0.2.50>", "c".repeat(2000));
        let mut events = 0;
        for number in 0..3000 {
            let tag = format!("f{}{number}", "t".repeat(1000));
            world.receive(&notify(&request, &tag, 1, &[&line, &long, "Event: presence"]));
            events += world.events().len();
            world.raw_sent();
        }
        assert!(events <= 32, "{state}: {events}");
        assert!(printed(&world) < 400_000, "{state}: {}", printed(&world));
        world.run_to(200_000);
        world.events();
        assert!(printed(&world) < 400_000, "{state}: {}", printed(&world));
    }
}

#[test]
fn notifies_of_nobody_leave_nothing() {
    let mut world = World::new();
    let (_, _, request) = subscribed(&mut world, 3600);
    let before = printed(&world);
    let mut wrong_tag = request.clone();
    wrong_tag.set("From", "<sip:alice@acme.test>;tag=other");
    let mut wrong_call = request.clone();
    wrong_call.set("Call-ID", "other");
    for number in 0..3000 {
        let of = [&wrong_tag, &wrong_call][number % 2];
        let bytes = notify(of, "a", number as u32, &["Subscription-State: terminated"]);
        world.receive_from(source(number, 1000), &bytes);
        world.raw_sent();
    }
    assert_eq!(world.agent.statistics().subscriptions, 1);
    assert!(printed(&world) < before + 500, "{}, {before} before", printed(&world));
    let events = world.events();
    assert!(events.iter().all(|event| event.ids.sid == 0), "{:#?}", events[0]);
    world.run_to(100_000);
    assert_eq!(world.agent.statistics().transactions, 0);
}

#[test]
fn a_flood_of_strangers_takes_no_room_from_known_dialogs() {
    let mut world = World::new();
    let (ids, accepted) = notifiers::subscribed(&mut world);
    let (_, _, request) = subscribed(&mut world, 3600);
    world.run_to(40_000);
    for number in 0..5_000 {
        let bytes = numbered("MESSAGE", number, &[], "");
        world.receive_from(source(number, 1000), &bytes);
        world.raw_sent();
    }
    world.events();
    let bytes = notify(&request, "a", 1, &["Subscription-State: active"]);
    assert_eq!(crate::subscriptions::notified(&mut world, &bytes), "SIP/2.0 200 OK");
    assert_eq!(world.event().kind, EventKind::SubscriptionNotify);
    let contact = notifiers::CONTACT;
    let bytes = notifiers::request("SUBSCRIBE", 6, Some(&accepted), &[contact]);
    notifiers::receive(&mut world, &bytes);
    let event = world.event();
    assert_eq!((event.kind, event.ids.nid), (EventKind::InSubscriptionNew, ids.nid));
}

#[test]
fn a_flood_of_publishes_keeps_bounded_requests() {
    for (sources, most) in [(1, 2048), (1000, 4096)] {
        let mut world = World::new();
        for number in 0..5_000 {
            let bytes = numbered("PUBLISH", number, &["Event: presence"], "<open/>");
            world.receive_from(source(number, sources), &bytes);
            world.raw_sent();
        }
        let events = world.events();
        assert_eq!(events.len(), most);
        assert!(events.iter().all(|event| event.kind == EventKind::MessageNew));
        is_empty(&mut world, 400_000);
    }
}

#[test]
fn what_is_removed_while_something_is_under_way_leaves_nothing() {
    let mut world = World::new();
    let now = world.now();
    // A first SUBSCRIBE, and a refresh, without answers.
    let (pending, _) = subscribe(&mut world, 60);
    world.agent.remove_subscription(now, pending).unwrap();
    let (sid, did, _) = subscribed(&mut world, 60);
    crate::subscriptions::refresh(&mut world, did, &[]).unwrap();
    world.one();
    world.agent.remove_subscription(now, sid).unwrap();
    // A NOTIFY without answer, and a SUBSCRIBE in the dialog that nobody has answered.
    let (ids, accepted) = notifiers::subscribed(&mut world);
    notifiers::notify(&mut world, ids.did, 2);
    let contact = notifiers::CONTACT;
    let again = notifiers::request("SUBSCRIBE", 6, Some(&accepted), &[contact]);
    notifiers::receive(&mut world, &again);
    assert_eq!(world.event().kind, EventKind::InSubscriptionNew);
    world.agent.remove_notifier(ids.did).unwrap();
    assert_eq!(count(&world), 0);
    is_empty(&mut world, 400_000);
    assert_eq!(world.agent.statistics().subscriptions, 0);
    let late = notifiers::request("SUBSCRIBE", 7, Some(&accepted), &[contact]);
    notifiers::receive(&mut world, &late);
    assert_eq!(world.one().start(), "SIP/2.0 481 Call/Transaction Does Not Exist");
}
