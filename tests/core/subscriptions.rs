//! Subscriptions of ours by instants: from the first SUBSCRIBE to the end (RFC 6665 section 4.1).

use crate::answers::{names, values};
use crate::common::{World, addr};
use register::agent::{Action, EventKind, InitialRefer, InitialSubscribe, Refusal, TransactionId};
use register::sip::Draft;

const NOTIFIER: &str = "192.0.2.1:5060";

/// The texts of a notifier's messages.
pub fn answer(request: &Draft, status: &str, tag: &str, extra: &[&str]) -> Vec<u8> {
    let mut text = format!("SIP/2.0 {status}\r\n");
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
        let value = request.get(name).unwrap();
        let tag = if name == "To" && !value.contains(";tag=") && !tag.is_empty() {
            format!(";tag={tag}")
        } else {
            String::new()
        };
        text.push_str(&format!("{name}: {value}{tag}\r\n"));
    }
    for line in extra {
        text.push_str(&format!("{line}\r\n"));
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    text.into_bytes()
}

/// A NOTIFY of the notifier with this tag, in answer to the SUBSCRIBE `of`.
pub fn notify(of: &Draft, tag: &str, cseq: u32, extra: &[&str]) -> Vec<u8> {
    let to = of.get("To").unwrap();
    let to = to.split(";tag=").next().unwrap();
    let mut text = format!(
        "NOTIFY sip:alice@192.0.2.99:5070 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{tag}{cseq}\r\nFrom: {to};tag={tag}\r\n\
         To: {}\r\nCall-ID: {}\r\nCSeq: {cseq} NOTIFY\r\nMax-Forwards: 70\r\n",
        of.get("From").unwrap(),
        of.get("Call-ID").unwrap(),
    );
    for line in extra {
        text.push_str(&format!("{line}\r\n"));
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    text.into_bytes()
}

pub const CONTACT: &str = "Contact: <sip:bob@192.0.2.1:5060>";

pub fn build(world: &mut World, expires: i32) -> Draft {
    let ask = InitialSubscribe {
        to: "sip:bob@192.0.2.1",
        from: "sip:alice@acme.test",
        route: "",
        event: "presence",
        expires,
    };
    Draft::parse(&world.agent.build_initial_subscribe(ask).unwrap()).unwrap()
}

pub fn send(world: &mut World, draft: &Draft) -> i32 {
    let now = world.now();
    world.agent.send_initial_subscribe(now, &draft.to_bytes()).unwrap().0
}

/// A SUBSCRIBE for `expires` seconds that was sent: its sid and its text on the wire.
pub fn subscribe(world: &mut World, expires: i32) -> (i32, Draft) {
    let draft = build(world, expires);
    let sid = send(world, &draft);
    (sid, world.one())
}

/// The same, granted by the notifier with tag `a`: sid, did and the text.
pub fn subscribed(world: &mut World, expires: i32) -> (i32, i32, Draft) {
    let (sid, request) = subscribe(world, expires);
    let granted = format!("Expires: {expires}");
    world.receive(&answer(&request, "200 OK", "a", &[CONTACT, &granted]));
    let event = world.event();
    assert_eq!((event.kind, event.ids.sid), (EventKind::SubscriptionAnswered, sid));
    (sid, event.ids.did, request)
}

/// Sends a NOTIFY of the notifier to us: the status of its answer.
pub fn notified(world: &mut World, bytes: &[u8]) -> String {
    world.receive_from(addr(NOTIFIER), bytes);
    world.one().start().to_owned()
}

/// Refreshes by hand, with these further header fields.
pub fn refresh(
    world: &mut World,
    id: i32,
    extra: &[(&str, &str)],
) -> Result<TransactionId, Refusal> {
    let now = world.now();
    let mut draft = Draft::parse(&world.agent.build_subscription_refresh(now, id)?).unwrap();
    for (name, value) in extra {
        draft.push(name, value);
    }
    world.agent.send_subscription_refresh(now, id, &draft.to_bytes())
}

pub fn kinds(world: &mut World) -> Vec<(EventKind, i32)> {
    world.events().into_iter().map(|event| (event.kind, event.ids.did)).collect()
}

/// A REFER of alice outside of a dialog that was sent: its sid and its text on the wire.
fn refer(world: &mut World) -> (i32, Draft) {
    let ask = InitialRefer {
        to: "sip:bob@192.0.2.1",
        from: "sip:alice@acme.test",
        route: "",
        refer_to: "sip:carol@acme.test",
    };
    let text = world.agent.build_initial_refer(ask).unwrap();
    let now = world.now();
    let (sid, _) = world.agent.send_initial_subscribe(now, &text).unwrap();
    (sid, world.one())
}

#[test]
fn the_first_subscribe_has_what_it_must_have() {
    let mut world = World::new();
    let draft = build(&mut world, 60);
    assert_eq!(
        names(&draft),
        "Via From To Call-ID CSeq Contact Max-Forwards User-Agent Expires Event"
    );
    assert_eq!(draft.start(), "SUBSCRIBE sip:bob@192.0.2.1 SIP/2.0");
    assert_eq!(draft.get("CSeq"), Some("20 SUBSCRIBE"));
    assert_eq!(draft.get("Contact"), Some("<sip:alice@999.999.999.999:99999>"));
    assert_eq!((draft.get("Expires"), draft.get("Event")), (Some("60"), Some("presence")));
    assert_eq!(build(&mut world, -7).get("Expires"), Some("0"));
    assert_eq!(build(&mut world, 1_234_567_890).get("Expires"), Some("1234567890"));
    let ask = InitialRefer {
        to: "sip:bob@192.0.2.1",
        from: "sip:alice@acme.test",
        route: "",
        refer_to: "sip:carol@acme.test",
    };
    let refer = Draft::parse(&world.agent.build_initial_refer(ask).unwrap()).unwrap();
    assert_eq!(refer.start(), "REFER sip:bob@192.0.2.1 SIP/2.0");
    assert_eq!(refer.get("Refer-To"), Some("sip:carol@acme.test"));
    assert_eq!((refer.get("Expires"), refer.get("Event")), (None, None));
}

#[test]
fn what_cannot_be_built_or_sent_is_refused() {
    let mut world = World::new();
    let ask = InitialSubscribe {
        to: "sip:bob@192.0.2.1",
        from: "sip:alice@acme.test",
        route: "",
        event: "presence",
        expires: 60,
    };
    let build = |world: &mut World, ask| world.agent.build_initial_subscribe(ask).map(|_| ());
    for wrong in [
        InitialSubscribe { to: "", ..ask },
        InitialSubscribe { from: "", ..ask },
        InitialSubscribe { event: "", ..ask },
    ] {
        assert_eq!(build(&mut world, wrong), Err(Refusal::BadParameter));
    }
    for wrong in [
        InitialSubscribe { to: "<sip:", ..ask },
        InitialSubscribe { from: "<sip:", ..ask },
        InitialSubscribe { route: "<sip:", ..ask },
    ] {
        assert!(matches!(build(&mut world, wrong), Err(Refusal::Syntax(_))));
    }
    let now = world.now();
    let invite = b"INVITE sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\
        From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n";
    assert!(world.agent.send_initial_subscribe(now, invite).is_err());
    assert_eq!(world.agent.statistics().subscriptions, 0);
    world.agent.set_listening(None);
    assert_eq!(build(&mut world, ask), Err(Refusal::NoNetwork));
    assert!(matches!(
        build(&mut world, InitialSubscribe { to: "<sip:", ..ask }),
        Err(Refusal::Syntax(_))
    ));
}

#[test]
fn sid_and_did_count_from_one_counter() {
    let mut world = World::new();
    let (one, _) = subscribe(&mut world, 60);
    let (two, request) = subscribe(&mut world, 60);
    assert_eq!((one, two), (1, 2));
    world.receive(&answer(&request, "100 Trying", "", &[]));
    let event = world.event();
    assert_eq!(event.kind, EventKind::SubscriptionProceeding);
    assert_eq!((event.ids.sid, event.ids.did, event.ids.tid), (2, 0, 2));
    world.receive(&answer(&request, "183 Progress", "a", &[]));
    assert_eq!(world.event().ids.did, 3);
    world.receive(&answer(&request, "183 Progress", "b", &[]));
    assert_eq!(world.event().ids.did, 3, "the early dialog is that of the newest branch");
    world.receive(&answer(&request, "200 OK", "b", &[CONTACT]));
    let event = world.event();
    assert_eq!((event.kind, event.ids.did), (EventKind::SubscriptionAnswered, 3));
    assert_eq!((event.ids.cid, event.ids.nid, event.rid), (0, 0, 0));
    assert!(event.request.is_some() && event.response.is_some());
}

#[test]
fn a_notify_is_answered_and_an_event_with_its_state() {
    let mut world = World::new();
    let (sid, did, request) = subscribed(&mut world, 60);
    let mut cseq = 0;
    for (state, wanted) in [
        ("Subscription-State: pending;expires=50", (1, 0)),
        ("Subscription-State: Active", (2, 0)),
        ("Subscription-State: activeX", (2, 0)),
        ("X: y", (2, 0)),
    ] {
        cseq += 1;
        let bytes = notify(&request, "a", cseq, &[CONTACT, state]);
        assert_eq!(notified(&mut world, &bytes), "SIP/2.0 200 OK");
        let event = world.event();
        assert_eq!(event.kind, EventKind::SubscriptionNotify);
        assert_eq!((event.ids.sid, event.ids.did), (sid, did));
        assert_eq!((event.subscription.status, event.subscription.reason), wanted, "{state}");
        assert!(event.request.is_some() && event.response.is_none());
        assert_eq!(notified(&mut world, &bytes), "SIP/2.0 200 OK", "a copy is answered again");
        assert!(world.events().is_empty(), "and no event");
        let now = world.now();
        let again = world.agent.send_answer(now, event.ids.tid, 200, None);
        assert_eq!(again, Err(Refusal::WrongState), "the application need not answer it");
    }
    assert!(world.notes.iter().any(|note| note.contains("no Subscription-State")));
    let low = notify(&request, "a", 1, &["Via: x", "Subscription-State: pending"]);
    let low = String::from_utf8(low).unwrap().replace("z9hG4bKa1", "z9hG4bKlow");
    assert_eq!(notified(&mut world, low.as_bytes()), "SIP/2.0 200 OK", "devices restart counting");
    assert_eq!(world.event().subscription.status, 1);
}

#[test]
fn a_terminated_notify_ends_its_dialog_and_is_event_once() {
    let mut world = World::new();
    let (sid, did, request) = subscribed(&mut world, 60);
    let end = notify(&request, "a", 1, &["Subscription-State: terminated;reason=noresource"]);
    assert_eq!(notified(&mut world, &end), "SIP/2.0 200 OK");
    let event = world.event();
    assert_eq!((event.kind, event.ids.did), (EventKind::SubscriptionNotify, did));
    assert_eq!((event.subscription.status, event.subscription.reason), (3, 5));
    for id in [sid, did] {
        assert_eq!(refresh(&mut world, id, &[]), Err(Refusal::NotFound));
    }
    assert_eq!(world.agent.statistics().subscriptions, 0);
    let late = notify(&request, "a", 2, &["Subscription-State: active"]);
    world.receive(&late);
    assert_eq!(world.event().kind, EventKind::MessageNew, "it is of nobody");
    assert!(world.sent().is_empty());
}

#[test]
fn a_notify_before_the_2xx_makes_the_dialog() {
    let mut world = World::new();
    let (sid, request) = subscribe(&mut world, 60);
    let first = notify(&request, "a", 1, &["Subscription-State: pending"]);
    assert_eq!(notified(&mut world, &first), "SIP/2.0 200 OK");
    let did = world.event().ids.did;
    assert_eq!(refresh(&mut world, did, &[]), Err(Refusal::WrongState));
    assert_eq!(refresh(&mut world, sid, &[]), Err(Refusal::WrongState));
    world.receive(&answer(&request, "200 OK", "a", &["Expires: 60"]));
    let event = world.event();
    assert_eq!((event.kind, event.ids.did), (EventKind::SubscriptionAnswered, did));
    assert_eq!(event.subscription.status, 1, "what the newest NOTIFY has said");
    let refused = refresh(&mut world, did, &[]);
    assert!(matches!(refused, Err(Refusal::Syntax(_))), "nobody has sent a Contact");
    let second = notify(&request, "a", 2, &[CONTACT, "Subscription-State: active"]);
    notified(&mut world, &second);
    assert!(refresh(&mut world, did, &[]).is_ok());
    assert_eq!(world.one().start(), "SUBSCRIBE sip:bob@192.0.2.1:5060 SIP/2.0");
}

#[test]
fn a_notify_that_ends_it_before_the_2xx_leaves_no_dialog() {
    let mut world = World::new();
    let (_, request) = subscribe(&mut world, 0);
    notified(&mut world, &notify(&request, "a", 1, &["Subscription-State: terminated"]));
    assert_eq!(world.event().kind, EventKind::SubscriptionNotify);
    assert_eq!(world.agent.statistics().subscriptions, 1);
    world.receive(&answer(&request, "200 OK", "a", &[CONTACT, "Expires: 0"]));
    assert_eq!(kinds(&mut world), [(EventKind::SubscriptionAnswered, 0)]);
    world.run_to(70_000);
    assert_eq!(world.agent.statistics().subscriptions, 0);
}

#[test]
fn forks_are_dialogs_of_one_subscription() {
    let mut world = World::new();
    let (sid, request) = subscribe(&mut world, 60);
    let active = "Subscription-State: active";
    notified(&mut world, &notify(&request, "a", 1, &[CONTACT, active]));
    let first = world.event().ids.did;
    world.receive(&answer(&request, "202 Accepted", "b", &[CONTACT, "Expires: 60"]));
    let event = world.event();
    assert_eq!((event.ids.sid, event.subscription.status), (sid, 2));
    let second = event.ids.did;
    world.run_to(64_000 - 34_000);
    notified(&mut world, &notify(&request, "c", 1, &[CONTACT, active]));
    let third = world.event().ids.did;
    assert!(first < second && second < third);
    for (did, tag) in [(third, "c"), (second, "b"), (first, "a")] {
        assert!(refresh(&mut world, did, &[("Expires", "600"), ("Event", "presence")]).is_ok());
        let refreshed = world.one();
        assert!(refreshed.get("To").unwrap().ends_with(&format!(";tag={tag}")));
        assert_eq!(refreshed.get("CSeq"), Some("21 SUBSCRIBE"), "each counts for itself");
        world.receive(&answer(&refreshed, "200 OK", "", &["Expires: 600"]));
        assert_eq!(kinds(&mut world), [(EventKind::SubscriptionAnswered, did)]);
    }
    world.run_to(64_001);
    assert_eq!(
        notified(&mut world, &notify(&request, "d", 1, &[CONTACT, active])),
        "SIP/2.0 481 Call/Transaction Does Not Exist"
    );
    assert!(world.events().is_empty(), "a late fork is no event");
    notified(&mut world, &notify(&request, "b", 2, &["Subscription-State: terminated"]));
    let event = world.event();
    assert_eq!((event.ids.did, event.subscription.status), (second, 3));
    assert_eq!(refresh(&mut world, second, &[]), Err(Refusal::NotFound));
    assert!(refresh(&mut world, first, &[]).is_ok(), "the others go on");
    let refreshed = world.one();
    world.receive(&answer(&refreshed, "200 OK", "", &["Expires: 600"]));
    assert_eq!(world.event().subscription.status, 2, "and nobody has ended them");
}

#[test]
fn a_notify_needs_both_tags() {
    let mut world = World::new();
    let (_, _, request) = subscribed(&mut world, 600);
    let wrong = String::from_utf8(notify(&request, "a", 1, &["Subscription-State: active"]));
    let local = request.get("From").unwrap().split(";tag=").nth(1).unwrap();
    let wrong = wrong.unwrap().replace(local, "wrong");
    world.receive(wrong.as_bytes());
    assert_eq!(kinds(&mut world), [(EventKind::MessageNew, 0)]);
    assert!(world.sent().is_empty(), "the application answers it");
}

#[test]
fn other_requests_in_the_dialog_are_refused() {
    let mut world = World::new();
    let (_, did, request) = subscribed(&mut world, 600);
    for (n, (method, status, is_event)) in [
        ("MESSAGE", "501", true),
        ("REFER", "501", true),
        ("SUBSCRIBE", "501", true),
        ("INFO", "481", true),
        ("BYE", "481", true),
        ("INVITE", "481", false),
    ]
    .into_iter()
    .enumerate()
    {
        let bytes = String::from_utf8(notify(&request, "a", n as u32 + 1, &[CONTACT])).unwrap();
        world.receive(bytes.replace("NOTIFY", method).as_bytes());
        let sent = world.sent();
        assert!(sent.last().unwrap().start().contains(status), "{method}: {sent:#?}");
        let seen = kinds(&mut world);
        assert_eq!(seen, vec![(EventKind::MessageNew, 0); usize::from(is_event)], "{method}");
    }
    assert!(refresh(&mut world, did, &[]).is_ok());
}

#[test]
fn a_refresh_by_hand_gets_what_it_lacks_when_it_is_sent() {
    let mut world = World::new();
    let mut draft = build(&mut world, 60);
    draft.set("Event", "Catalog;id=7");
    draft.push("Supported", "eventlist");
    draft.push("Call-Info", "<http://x/y>;purpose=icon");
    draft.push("X-Mine", "kept");
    draft.body = b"query".to_vec();
    let sid = send(&mut world, &draft);
    let request = world.one();
    world.receive(&answer(&request, "200 OK", "a", &[CONTACT, "Expires: 50"]));
    let did = world.event().ids.did;
    let now = world.now();
    for id in [sid, did] {
        let built = world.agent.build_subscription_refresh(now, id).unwrap();
        let built = Draft::parse(&built).unwrap();
        assert_eq!(built.get("CSeq"), Some("21 SUBSCRIBE"), "what is built changes nothing");
        assert_eq!((built.get("Event"), built.get("Expires")), (None, None));
        assert_eq!(built.get("Supported"), Some("eventlist"));
        assert!(built.get("Call-Info").is_some() && built.get("X-Mine").is_none());
        assert!(built.body.is_empty());
    }
    refresh(&mut world, sid, &[]).unwrap();
    assert_eq!(refresh(&mut world, did, &[]), Err(Refusal::WrongState));
    let sent = world.one();
    assert_eq!((sent.get("Event"), sent.get("Expires")), (Some("Catalog;id=7"), Some("60")));
    assert_eq!(sent.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
    world.receive(&answer(&sent, "200 OK", "", &[]));
    world.events();
    refresh(&mut world, did, &[("Expires", "90"), ("Event", "Catalog;id=8")]).unwrap();
    let sent = world.one();
    assert_eq!((sent.get("Event"), sent.get("Expires")), (Some("Catalog;id=8"), Some("90")));
}

#[test]
fn what_the_program_adds_holds_and_stands_once() {
    let mut world = World::new();
    let mut draft = build(&mut world, 60);
    draft.push("Expires", "90");
    draft.push("o", "Catalog");
    draft.push("Contact", "<sip:me@10.0.0.1:5070>");
    send(&mut world, &draft);
    let sent = world.one();
    assert_eq!(values(&sent, "Expires"), ["90"]);
    assert_eq!([values(&sent, "Event"), values(&sent, "o")].concat(), ["Catalog"]);
    assert_eq!(values(&sent, "Contact"), ["<sip:me@10.0.0.1:5070>"]);
    world.receive(&answer(&sent, "200 OK", "a", &[CONTACT]));
    world.quiet_to(83_999);
    world.at(84_000);
    let refreshed = world.automatic_one();
    assert_eq!(values(&refreshed, "Contact"), ["<sip:me@10.0.0.1:5070>"]);
}

#[test]
fn a_refer_is_a_subscription_without_refreshes() {
    let mut world = World::new();
    let (sid, request) = refer(&mut world);
    world.receive(&answer(&request, "100 Trying", "", &[]));
    assert!(world.events().is_empty(), "its 100 is no event");
    world.receive(&answer(&request, "202 Accepted", "a", &[CONTACT]));
    let did = world.event().ids.did;
    world.quiet_to(100_000);
    notified(&mut world, &notify(&request, "a", 1, &["Subscription-State: active"]));
    assert_eq!(world.event().ids.sid, sid);
    refresh(&mut world, did, &[]).unwrap();
    let refreshed = world.one();
    assert_eq!(refreshed.get("CSeq"), Some("21 SUBSCRIBE"));
    assert_eq!(refreshed.get("Event"), Some("refer"));
    assert_eq!(refreshed.get("Refer-To"), None);
    world.receive(&answer(&refreshed, "200 OK", "", &[]));
    world.events();
    world.run_to(100_000 + 3_600_000 + 31_999);
    assert!(world.events().is_empty() && world.automatic().is_empty());
    world.run_to(100_000 + 3_600_000 + 32_000);
    assert_eq!(kinds(&mut world), [(EventKind::SubscriptionNoAnswer, did)]);
}

#[test]
fn a_refer_whose_2xx_refuses_the_subscription_makes_no_dialog() {
    let mut world = World::new();
    let (_, request) = refer(&mut world);
    world.receive(&answer(&request, "202 Accepted", "a", &[CONTACT, "Refer-Sub: false"]));
    assert_eq!(kinds(&mut world), [(EventKind::SubscriptionAnswered, 0)]);
    world.run_to(63_999);
    assert_eq!(world.agent.statistics().subscriptions, 1);
    world.run_to(64_000);
    assert_eq!((world.agent.statistics().subscriptions, world.events().len()), (0, 0));
}

#[test]
fn default_actions_have_the_codes_that_programs_know() {
    let mut world = World::new();
    let (sid, _) = subscribe(&mut world, 60);
    let now = world.now();
    for (status, wanted) in [
        (302, Err(Refusal::Undefined)),
        (404, Ok(Action::Nothing)),
        (423, Ok(Action::Nothing)),
        (401, Err(Refusal::NotFound)),
    ] {
        assert_eq!(world.agent.default_action_for_subscription(now, (sid, 1), status), wanted);
    }
}
