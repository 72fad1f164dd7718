//! Subscriptions to us by instants: SUBSCRIBE and REFER of the peer, answers, NOTIFYs, the end
//! (RFC 6665 section 4.2).

use crate::common::{World, addr};
use register::agent::{EventIds, EventKind, Refusal};
use register::sip::Draft;

const PEER: &str = "192.0.2.50:5060";
pub const CONTACT: &str = "Contact: <sip:watcher@192.0.2.50:5060>";
pub const ANSWERED: EventKind = EventKind::NotificationAnswered;

/// A request of the watcher: the first, or one in the dialog that our answer `within` has made.
pub fn request(method: &str, cseq: u32, within: Option<&Draft>, extra: &[&str]) -> Vec<u8> {
    let to = within.map_or("<sip:alice@acme.test>", |answer| answer.get("To").unwrap());
    let mut text = format!(
        "{method} sip:alice@192.0.2.99:5070 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK{method}{cseq}\r\n\
         From: <sip:watcher@acme.test>;tag=w\r\nTo: {to}\r\nCall-ID: c1\r\n\
         CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
    );
    for line in extra {
        text.push_str(&format!("{line}\r\n"));
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    text.into_bytes()
}

pub fn receive(world: &mut World, bytes: &[u8]) {
    world.receive_from(addr(PEER), bytes);
}

/// A SUBSCRIBE for presence with these further header fields: the ids of its event.
pub fn subscribe(world: &mut World, extra: &[&str]) -> EventIds {
    let fields = [&[CONTACT, "Event: presence;id=7"][..], extra].concat();
    receive(world, &request("SUBSCRIBE", 5, None, &fields));
    let event = world.event();
    assert_eq!(event.kind, EventKind::InSubscriptionNew);
    assert!(world.sent().is_empty(), "no answer by itself");
    event.ids
}

/// Answers request `tid` as the function that builds an answer does: the answer on the wire.
pub fn answer(world: &mut World, tid: i32, status: u16) -> Draft {
    let text = world.build_answer(tid, status).unwrap();
    let now = world.now();
    world.agent.send_answer(now, tid, status, Some(&text)).unwrap();
    world.one()
}

/// A subscription for 60 s that we have accepted: its ids, and our answer.
pub fn subscribed(world: &mut World) -> (EventIds, Draft) {
    let ids = subscribe(world, &["Expires: 60"]);
    let accepted = answer(world, ids.tid, 202);
    (ids, accepted)
}

pub fn build_notify(world: &mut World, did: i32, status: i32) -> Result<Draft, Refusal> {
    let now = world.now();
    let text = world.agent.build_notify(now, did, status, 3)?;
    Ok(Draft::parse(&text).unwrap())
}

pub fn send(world: &mut World, did: i32, draft: &Draft) -> Result<Draft, Refusal> {
    let now = world.now();
    world.agent.send_notifier_request(now, did, &draft.to_bytes())?;
    Ok(world.one())
}

/// A NOTIFY that says this status, on the wire.
pub fn notify(world: &mut World, did: i32, status: i32) -> Draft {
    let draft = build_notify(world, did, status).unwrap();
    send(world, did, &draft).unwrap()
}

/// The watcher answers our NOTIFY.
pub fn respond(world: &mut World, sent: &Draft, status: &str, extra: &[&str]) -> EventKind {
    let text = crate::subscriptions::answer(sent, status, "", extra);
    receive(world, &text);
    world.event().kind
}

pub fn count(world: &World) -> usize {
    world.agent.statistics().subscriptions_to_us
}

#[test]
fn a_subscribe_is_an_event_and_waits_for_the_application() {
    let mut world = World::new();
    let bytes = request("SUBSCRIBE", 5, None, &[CONTACT, "Event: presence"]);
    receive(&mut world, &bytes);
    let event = world.event();
    let EventIds { nid, did, tid, sid, cid } = event.ids;
    assert_eq!((nid, did, tid, sid, cid), (1, 2, 1, 0, 0));
    assert_eq!((event.subscription.status, event.subscription.reason), (0, 0));
    assert!(event.request.is_some() && event.response.is_none());
    assert!(world.sent().is_empty(), "no answer by itself");
    receive(&mut world, &bytes);
    assert!(world.events().is_empty() && world.sent().is_empty(), "a copy");
    let accepted = answer(&mut world, tid, 202);
    assert_eq!(accepted.start(), "SIP/2.0 202 Accepted subscription");
    assert_eq!(accepted.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
    assert_eq!((accepted.get("Event"), accepted.get("Expires")), (Some("presence"), Some("600")));
    receive(&mut world, &bytes);
    assert_eq!(world.one(), accepted, "a copy gets the same answer");
    let now = world.now();
    assert_eq!(world.agent.send_answer(now, tid, 200, None), Err(Refusal::WrongState));
    assert!(world.build_answer(tid, 200).is_ok(), "it can be built, but not sent");
}

#[test]
fn an_unanswered_subscribe_gets_480_and_is_forgotten() {
    let mut world = World::new();
    let ids = subscribe(&mut world, &[]);
    world.quiet_to(9_999);
    assert_eq!(world.at(10_000).one().start(), "SIP/2.0 480 Temporarily Unavailable");
    assert_eq!(build_notify(&mut world, ids.did, 2), Err(Refusal::NotFound));
    world.run_to(41_999);
    assert_eq!(count(&world), 1);
    world.run_to(42_000);
    assert_eq!((count(&world), world.agent.poll_timeout()), (0, None));
}

#[test]
fn answers_have_the_default_where_none_is_given() {
    for (status, has_contact) in [(200, true), (202, true), (403, false), (489, false)] {
        let mut world = World::new();
        let ids = subscribe(&mut world, &["Expires: 60", "Record-Route: <sip:p;lr>"]);
        let now = world.now();
        for wrong in [100, 700] {
            let sent = world.agent.send_answer(now, ids.tid, wrong, None);
            assert_eq!(sent, Err(Refusal::BadParameter));
        }
        world.agent.send_answer(now, ids.tid, 180, None).unwrap();
        assert!(world.one().start().starts_with("SIP/2.0 180 "));
        world.agent.send_answer(now, ids.tid, status, None).unwrap();
        let sent = world.one();
        assert_eq!(sent.get("Event"), Some("presence;id=7"), "{status}");
        assert_eq!(sent.get("Contact").is_some(), has_contact);
        assert_eq!(sent.get("Expires"), has_contact.then_some("60"));
        assert_eq!(sent.get("Record-Route").is_some(), has_contact);
        let again = world.agent.send_answer(now, ids.tid, 200, None);
        assert_eq!(again, Err(Refusal::WrongState), "the first counts");
        let works = build_notify(&mut world, ids.did, 2).is_ok();
        assert_eq!(works, has_contact, "did means nothing after a refusal");
    }
}

#[test]
fn the_time_asked_for_has_defaults_and_a_bound() {
    for (method, expires, granted) in [
        ("SUBSCRIBE", "X: y", "600"),
        ("REFER", "X: y", "120"),
        ("SUBSCRIBE", "Expires: abc", "600"),
        ("SUBSCRIBE", "Expires: -5", "600"),
        ("SUBSCRIBE", "Expires: 0", "0"),
        ("SUBSCRIBE", "Expires: 4294967295", "2147483647"),
        ("SUBSCRIBE", "Expires: 99999999999", "2147483647"),
    ] {
        let mut world = World::new();
        receive(&mut world, &request(method, 1, None, &[CONTACT, expires]));
        let event = world.event();
        let terminated = if granted == "0" { (3, 3) } else { (0, 0) };
        let state = event.subscription;
        assert_eq!((state.status, state.reason), terminated, "{expires}");
        let sent = answer(&mut world, event.ids.tid, 200);
        assert_eq!(sent.get("Expires"), Some(granted), "{method} {expires}");
        let event = if method == "REFER" { None } else { Some("presence") };
        assert_eq!(sent.get("Event"), event);
    }
}

#[test]
fn a_refresh_is_an_event_with_the_same_numbers() {
    let mut world = World::new();
    let (ids, accepted) = subscribed(&mut world);
    world.at(50_000);
    let moved = "Contact: <sip:watcher@192.0.2.50:5080>";
    let fields = [moved, "Expires: 100", "Event: presence;id=7"];
    receive(&mut world, &request("SUBSCRIBE", 6, Some(&accepted), &fields));
    let event = world.event();
    assert_eq!(event.kind, EventKind::InSubscriptionNew);
    assert_eq!((event.ids.nid, event.ids.did), (ids.nid, ids.did));
    let sent = answer(&mut world, event.ids.tid, 200);
    assert_eq!((sent.get("Expires"), sent.get("To")), (Some("100"), accepted.get("To")));
    let sent = notify(&mut world, ids.did, 2);
    assert_eq!(sent.start(), "NOTIFY sip:watcher@192.0.2.50:5080 SIP/2.0");
    assert_eq!(sent.get("Subscription-State"), Some("active;expires=100"));
    respond(&mut world, &sent, "200 OK", &[]);
    world.run_to(150_000 + 31_999);
    assert_eq!(count(&world), 1);
    world.run_to(150_000 + 32_000);
    assert_eq!((count(&world), world.events().len()), (0, 0), "silently");
}

#[test]
fn a_refused_refresh_leaves_it_as_it_was() {
    let mut world = World::new();
    let (ids, accepted) = subscribed(&mut world);
    let fields = [CONTACT, "Expires: 0"];
    receive(&mut world, &request("SUBSCRIBE", 6, Some(&accepted), &fields));
    let event = world.event();
    answer(&mut world, event.ids.tid, 403);
    let sent = notify(&mut world, ids.did, 2);
    assert_eq!(sent.get("Subscription-State"), Some("active;expires=60"));
}

#[test]
fn subscribes_that_are_late_early_or_merged_are_no_events() {
    let mut world = World::new();
    let bytes = request("SUBSCRIBE", 5, None, &[CONTACT]);
    receive(&mut world, &bytes);
    let ids = world.event().ids;
    let merged = String::from_utf8(bytes).unwrap().replace("branch=z9hG4bK", "branch=z9hG4bKm");
    receive(&mut world, merged.as_bytes());
    assert!(world.one().start().contains(" 482 "), "come by another way");
    let accepted = answer(&mut world, ids.tid, 200);
    receive(&mut world, &request("SUBSCRIBE", 4, Some(&accepted), &[CONTACT]));
    assert_eq!(world.one().start(), "SIP/2.0 500 Server Internal Error");
    assert!(world.events().is_empty(), "its CSeq is lower");
    receive(&mut world, &request("SUBSCRIBE", 7, Some(&accepted), &[CONTACT]));
    let pending = world.event().ids.tid;
    receive(&mut world, &request("SUBSCRIBE", 8, Some(&accepted), &[CONTACT]));
    let busy = world.one();
    assert_eq!((busy.start(), busy.get("Retry-After")), ("SIP/2.0 500 Retry Later", Some("10")));
    assert_eq!(busy.get("Event"), Some("presence"));
    assert!(world.events().is_empty(), "one is not answered yet");
    assert_eq!(answer(&mut world, pending, 200).get("Expires"), Some("600"));
    let wrong = String::from_utf8(request("SUBSCRIBE", 9, Some(&accepted), &[CONTACT])).unwrap();
    receive(&mut world, wrong.replace(";tag=w", ";tag=other").as_bytes());
    assert_eq!(world.event().kind, EventKind::MessageNew);
    assert!(world.one().start().contains(" 481 "), "both tags count");
}

#[test]
fn other_requests_in_the_dialog_are_refused() {
    let mut world = World::new();
    let (_, accepted) = subscribed(&mut world);
    for (method, statuses, is_event) in [
        ("MESSAGE", &["501"][..], true),
        ("OPTIONS", &["501"], true),
        ("INFO", &["481"], true),
        ("BYE", &["481"], true),
        ("NOTIFY", &[], true),
        ("INVITE", &["100", "481"], false),
    ] {
        receive(&mut world, &request(method, 30, Some(&accepted), &[CONTACT]));
        let sent = world.sent();
        assert_eq!(sent.len(), statuses.len(), "{method}: {sent:#?}");
        assert!(sent.iter().zip(statuses).all(|(one, status)| one.start().contains(status)));
        let kinds: Vec<_> = world.events().iter().map(|event| event.kind).collect();
        assert_eq!(kinds, vec![EventKind::MessageNew; usize::from(is_event)], "{method}");
    }
    receive(&mut world, &request("REFER", 31, Some(&accepted), &[CONTACT]));
    assert_eq!(world.event().kind, EventKind::InSubscriptionNew, "a refresh");
}

#[test]
fn an_answer_of_the_program_may_grant_less_and_stands_once() {
    let mut world = World::new();
    let ids = subscribe(&mut world, &["Expires: 600"]);
    let mut draft = Draft::parse(&world.build_answer(ids.tid, 200).unwrap()).unwrap();
    draft.push("Expires", "30");
    draft.push("Event", "presence");
    draft.push("Expires", "");
    draft.body = b"<Response/>".to_vec();
    let now = world.now();
    world.agent.send_answer(now, ids.tid, 200, Some(&draft.to_bytes())).unwrap();
    let sent = world.one();
    let expires = sent.headers().filter(|(name, _)| *name == "Expires");
    assert_eq!(expires.map(|(_, value)| value).collect::<Vec<_>>(), ["30"]);
    assert_eq!((sent.get("Event"), &*sent.body), (Some("presence"), &b"<Response/>"[..]));
    let sent = notify(&mut world, ids.did, 1);
    assert_eq!(sent.get("Subscription-State"), Some("pending;expires=30"));
}

#[test]
fn a_refer_that_wants_no_subscription_is_a_message() {
    let mut world = World::new();
    receive(&mut world, &request("REFER", 1, None, &[CONTACT, "Refer-Sub: false"]));
    let event = world.event();
    assert_eq!((event.kind, event.ids.nid), (EventKind::MessageNew, 0));
    let sent = answer(&mut world, event.ids.tid, 202);
    assert_eq!(sent.get("Refer-Sub"), Some("false"));
    receive(&mut world, &request("REFER", 2, None, &[CONTACT, "Refer-Sub: true;x"]));
    assert_eq!(world.event().kind, EventKind::InSubscriptionNew);
}

#[test]
fn a_flood_of_subscribes_costs_bounded_memory() {
    let mut world = World::new();
    let mut statuses = [0; 2];
    for n in 0..6_000 {
        let bytes = String::from_utf8(request("SUBSCRIBE", 5, None, &[CONTACT])).unwrap();
        let bytes = bytes.replace("Call-ID: c1", &format!("Call-ID: c{n}"));
        let bytes = bytes.replace("z9hG4bK", &format!("z9hG4bK{n}"));
        receive(&mut world, bytes.as_bytes());
        statuses[usize::from(world.sent().is_empty())] += 1;
        world.events();
    }
    assert!(count(&world) <= 2048, "{}", count(&world));
    assert_eq!(statuses[0] + count(&world), 6_000, "the others get 503");
    world.run_to(42_000);
    assert_eq!((count(&world), world.agent.poll_timeout()), (0, None), "nobody has accepted them");
}
