//! Texts of the application and of peers in the messages of subscriptions and publications: none
//! makes lines of its own. Numbers at their ends.

use crate::common::{World, addr};
use crate::notifiers;
use crate::subscriptions::{CONTACT, answer, notify, refresh, send, subscribe, subscribed};
use register::agent::{Action, EventKind, InitialPublish, InitialRefer, InitialSubscribe};
use register::sip::Draft;

const INJECTED: &str = "x\r\nX-Injected: 1\r\n\r\nbody\n\r X-Injected: 2";

const ASK: InitialSubscribe<'_> = InitialSubscribe {
    to: "sip:bob@192.0.2.1",
    from: "sip:alice@acme.test",
    route: "",
    event: "presence",
    expires: 60,
};

fn is_whole(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split(['\r', '\n']);
    assert!(!lines.any(|line| line.starts_with("X-Injected")), "{text}");
    assert!(!text.contains('\0'), "{text}");
}

#[test]
fn texts_of_the_application_make_no_lines_in_requests() {
    let mut world = World::new();
    for ask in [
        InitialSubscribe { event: INJECTED, ..ASK },
        InitialSubscribe { event: "presence\r\nX-Injected: 1", ..ASK },
        InitialSubscribe { to: "sip:b\r\nX-Injected: 1@192.0.2.1", ..ASK },
        InitialSubscribe { to: "<sip:b@192.0.2.1?a%0D%0AX-Injected:%201=x>", ..ASK },
        InitialSubscribe { from: "\"a\r\nX-Injected: 1\" <sip:a@b>", ..ASK },
        InitialSubscribe { route: "<sip:192.0.2.1;lr;x=\r\nX-Injected: 1>", ..ASK },
    ] {
        if let Ok(text) = world.agent.build_initial_subscribe(ask) {
            is_whole(&text);
            send(&mut world, &Draft::parse(&text).unwrap());
            world.raw_sent().iter().for_each(|(_, bytes)| is_whole(bytes));
        }
    }
    let (to, from, route) = (ASK.to, ASK.from, "");
    if let Ok(text) =
        world.agent.build_initial_refer(InitialRefer { to, from, route, refer_to: INJECTED })
    {
        is_whole(&text);
    }
    let publish = InitialPublish {
        to,
        from,
        route,
        event: "presence",
        expires: "60",
        content_type: "text/plain",
        body: b"x",
    };
    for ask in [
        InitialPublish { event: INJECTED, ..publish },
        InitialPublish { expires: INJECTED, ..publish },
        InitialPublish { content_type: "text/plain\r\nX-Injected: 1", ..publish },
    ] {
        if let Ok(text) = world.agent.build_publish(ask) {
            is_whole(&text);
            let now = world.now();
            let _ = world.agent.publish(now, &text, INJECTED);
            world.raw_sent().iter().for_each(|(_, bytes)| is_whole(bytes));
        }
    }
}

#[test]
fn texts_of_the_application_make_no_lines_in_dialogs() {
    let mut world = World::new();
    let (_, did, _) = subscribed(&mut world, 3600);
    for name in ["Reason", "Event", "Expires", "a\r\nX-Injected", "X: y\r\nX-Injected", "", ":"] {
        let _ = refresh(&mut world, did, &[(name, INJECTED)]);
        for (_, bytes) in world.raw_sent() {
            is_whole(&bytes);
            let granted = answer(&Draft::parse(&bytes).unwrap(), "200 OK", "a", &["Expires: 3600"]);
            world.receive(&granted);
        }
    }
    let mut world = World::new();
    let (ids, _) = notifiers::subscribed(&mut world);
    for name in ["Reason", "Event", "Subscription-State", "a\r\nX-Injected", "X: y\r\nX-Injected"] {
        let mut draft = notifiers::build_notify(&mut world, ids.did, 2).unwrap();
        draft.push(name, INJECTED);
        if let Ok(sent) = notifiers::send(&mut world, ids.did, &draft) {
            is_whole(&sent.to_bytes());
            notifiers::respond(&mut world, &sent, "200 OK", &[]);
        }
    }
    let now = world.now();
    for method in ["MESSAGE sip:x SIP/2.0\r\nX-Injected: 1", "A B", "A\r\nX-Injected:1", "\0"] {
        assert!(world.agent.build_notifier_request(now, ids.did, method).is_err(), "{method:?}");
    }
}

#[test]
fn texts_of_a_watcher_make_no_lines_in_answers_and_notifies() {
    for hostile in ["a\rX-Injected: 1", "a\n X-Injected: 1", "a\0b", "\"a\rX-Injected: 1\""] {
        for field in ["Event", "Contact", "Record-Route", "From", "To", "Call-ID", "Expires"] {
            let mut world = World::new();
            let contact = "Contact: <sip:w@192.0.2.50>";
            let bytes = notifiers::request("SUBSCRIBE", 1, None, &[contact, "Event: dialog"]);
            let text = String::from_utf8(bytes).unwrap();
            let with = match field {
                "Contact" | "Record-Route" => format!("{field}: <sip:w@192.0.2.50;x={hostile}>"),
                "From" => format!("From: \"{hostile}\" <sip:w@acme.test;x={hostile}>;tag=w"),
                "To" => format!("To: <sip:alice@acme.test;x={hostile}>"),
                _ => format!("{field}: {hostile}"),
            };
            let mut lines: Vec<_> =
                text.split("\r\n").filter(|line| !line.starts_with(&format!("{field}:"))).collect();
            lines.insert(1, &with);
            world.receive_from(addr("192.0.2.50:5060"), lines.join("\r\n").as_bytes());
            for event in world.events() {
                let now = world.now();
                let EventKind::InSubscriptionNew = event.kind else { continue };
                let (nid, did, tid) = (event.ids.nid, event.ids.did, event.ids.tid);
                world.agent.describe_dialogs(now, (nid, did), tid).unwrap();
            }
            for (_, bytes) in world.raw_sent() {
                is_whole(&bytes);
            }
        }
    }
}

#[test]
fn the_number_behind_the_highest_cseq_is_1_when_a_challenge_is_answered() {
    let challenge = "WWW-Authenticate: Digest realm=\"acme\", nonce=\"n\"";
    let mut world = World::with_alice();
    let (sid, did, _) = subscribed(&mut world, 3600);
    let now = world.now();
    let text = world.agent.build_subscription_refresh(now, did).unwrap();
    let mut draft = Draft::parse(&text).unwrap();
    draft.set("CSeq", "2147483647 SUBSCRIBE");
    world.agent.send_subscription_refresh(now, sid, &draft.to_bytes()).unwrap();
    let sent = world.one();
    world.receive(&answer(&sent, "401 Unauthorized", "", &[challenge]));
    let tid = world.event().ids.tid;
    let again = world.agent.default_action_for_subscription(now, (sid, tid), 401);
    assert_eq!(again, Ok(Action::Sent));
    assert_eq!(world.one().get("CSeq"), Some("1 SUBSCRIBE"));

    let mut world = World::with_alice();
    let (ids, _) = notifiers::subscribed(&mut world);
    let mut draft = notifiers::build_notify(&mut world, ids.did, 2).unwrap();
    draft.set("CSeq", "2147483647 NOTIFY");
    let sent = notifiers::send(&mut world, ids.did, &draft).unwrap();
    let refused = notifiers::respond(&mut world, &sent, "401 Unauthorized", &[challenge]);
    assert_eq!(refused, EventKind::NotificationRequestFailure);
    assert_eq!(world.automatic_one().get("CSeq"), Some("1 NOTIFY"));
}

#[test]
fn seconds_at_their_ends_end_nothing_and_overflow_nothing() {
    for seconds in ["0", "1", "2147483648", "4294967295", "4294967296", "99999999999999999999", ""]
    {
        let mut world = World::new();
        let (sid, request) = subscribe(&mut world, i32::MAX);
        let granted = format!("Expires: {seconds}");
        world.receive(&answer(&request, "200 OK", "a", &[CONTACT, &granted]));
        let state = format!("Subscription-State: active;expires={seconds};retry-after={seconds}");
        world.receive(&notify(&request, "a", 1, &[&state]));
        world.raw_sent();
        let _ = refresh(&mut world, sid, &[("Expires", seconds)]);
        for sent in world.sent() {
            let wait = format!("Retry-After: {seconds}");
            let wanted = format!("Min-Expires: {seconds}");
            let status = "423 Interval Too Brief";
            world.receive(&answer(&sent, status, "", &[&wait, &wanted]));
        }
        world.automatic();
        for minute in 1..100 {
            world.run_to(minute * 60_000);
            world.automatic();
        }
        let now = world.now();
        let _ = world.agent.remove_subscription(now, sid);
        world.run_to(10_000_000);

        let mut world = World::new();
        let ids = notifiers::subscribe(&mut world, &[&format!("Expires: {seconds}")]);
        let text = world.build_answer(ids.tid, 200).unwrap();
        let mut draft = Draft::parse(&text).unwrap();
        draft.set("Expires", seconds);
        let now = world.now();
        world.agent.send_answer(now, ids.tid, 200, Some(&draft.to_bytes())).unwrap();
        world.raw_sent();
        let sent = notifiers::notify(&mut world, ids.did, 1);
        let state = sent.get("Subscription-State").unwrap();
        assert!(
            state.starts_with("pending;expires=") || state.starts_with("terminated"),
            "{state}"
        );
        notifiers::respond(&mut world, &sent, "200 OK", &[]);
        world.run_to(10_000_000);
    }
}
