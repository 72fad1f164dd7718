//! NOTIFYs of subscriptions to us by instants: what they say, what their answers make of the
//! subscription, and the dialogs of calls (RFC 6665 section 4.2.2, RFC 4235).

use crate::common::{World, param, www};
use crate::notifiers::{
    ANSWERED, CONTACT, answer, build_notify, count, notify, receive, request, respond, send,
    subscribe, subscribed,
};
use register::agent::{Action, EventKind, Refusal};
use register::sip::Draft;

#[test]
fn a_notify_gets_what_it_lacks_and_what_is_added_holds() {
    let mut world = World::new();
    let (ids, _) = subscribed(&mut world);
    world.at(10_000);
    for (status, state) in [
        (1, "pending;expires=50"),
        (0, "pending;expires=50"),
        (9, "pending;expires=50"),
        (2, "active;expires=50"),
        (3, "terminated;reason=timeout"),
    ] {
        let draft = build_notify(&mut world, ids.did, status).unwrap();
        assert_eq!(draft.get("CSeq"), Some("2 NOTIFY"), "what is built changes nothing");
        assert_eq!(draft.get("Subscription-State"), Some(state));
        assert_eq!(draft.get("Event"), None);
    }
    let now = world.now();
    for (reason, word) in [
        (0, "deactivated"),
        (1, "probation"),
        (2, "rejected"),
        (4, "giveup"),
        (5, "noresource"),
        (7, "noresource"),
        (-1, "noresource"),
    ] {
        let text = world.agent.build_notify(now, ids.did, 3, reason).unwrap();
        let draft = Draft::parse(&text).unwrap();
        assert_eq!(draft.get("Subscription-State"), Some(&*format!("terminated;reason={word}")));
    }
    let sent = notify(&mut world, ids.did, 2);
    assert_eq!(sent.start(), "NOTIFY sip:watcher@192.0.2.50:5060 SIP/2.0");
    assert_eq!(sent.get("Event"), Some("presence;id=7"));
    assert_eq!(sent.get("Contact"), Some("<sip:alice@192.0.2.99:5070>"));
    assert_eq!(sent.get("To"), Some("<sip:watcher@acme.test>;tag=w"));
    assert_eq!(respond(&mut world, &sent, "200 OK", &[]), ANSWERED);
    let text = world.agent.build_notifier_request(now, ids.did, "NOTIFY").unwrap();
    let sent = send(&mut world, ids.did, &Draft::parse(&text).unwrap()).unwrap();
    assert_eq!(sent.get("Subscription-State"), Some("active;expires=50"));
    respond(&mut world, &sent, "200 OK", &[]);
    let mut draft = build_notify(&mut world, ids.did, 2).unwrap();
    draft.push("Event", "Catalog;id=9");
    draft.push("subscription-state", "pending;expires=7");
    draft.push("Contact", "<sip:me@10.0.0.1:5070>");
    let sent = send(&mut world, ids.did, &draft).unwrap();
    let lines = |name: &str| -> Vec<String> {
        let lines = sent.headers().filter(|(one, _)| one.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.to_owned()).collect()
    };
    assert_eq!(lines("Event"), ["Catalog;id=9"]);
    assert_eq!(lines("Subscription-State"), ["pending;expires=7"]);
    assert_eq!(lines("Contact"), ["<sip:me@10.0.0.1:5070>"]);
}

#[test]
fn one_notify_at_a_time_and_its_answer_is_an_event() {
    let mut world = World::new();
    let (ids, _) = subscribed(&mut world);
    let sent = notify(&mut world, ids.did, 2);
    let now = world.now();
    assert_eq!(build_notify(&mut world, ids.did, 2), Err(Refusal::WrongState));
    let built = world.agent.build_notifier_request(now, ids.did, "MESSAGE");
    assert_eq!(built, Err(Refusal::WrongState));
    assert_eq!(send(&mut world, ids.did, &sent), Err(Refusal::WrongState));
    receive(&mut world, &crate::subscriptions::answer(&sent, "100 Trying", "", &[]));
    assert!(world.events().is_empty());
    receive(&mut world, &crate::subscriptions::answer(&sent, "200 OK", "", &[]));
    let event = world.event();
    assert_eq!((event.kind, event.ids.nid, event.ids.did), (ANSWERED, ids.nid, ids.did));
    assert_eq!((event.ids.tid, event.ids.sid), (2, 0));
    assert!(event.request.is_some() && event.response.is_some());
    let text = world.agent.build_notifier_request(now, ids.did, "MESSAGE").unwrap();
    let message = send(&mut world, ids.did, &Draft::parse(&text).unwrap()).unwrap();
    assert_eq!((message.get("CSeq"), message.get("Event")), (Some("3 MESSAGE"), None));
    receive(&mut world, &crate::subscriptions::answer(&message, "200 OK", "", &[]));
    assert!(world.events().is_empty(), "only NOTIFYs have events");
    assert_eq!(notify(&mut world, ids.did, 2).get("CSeq"), Some("4 NOTIFY"));
}

#[test]
fn codes_of_requests_in_the_dialog() {
    let mut world = World::new();
    let (ids, _) = subscribed(&mut world);
    let now = world.now();
    for (did, wanted) in [(0, Refusal::BadParameter), (-1, Refusal::BadParameter)]
        .into_iter()
        .chain([(99, Refusal::NotFound), (ids.nid, Refusal::NotFound)])
    {
        assert_eq!(build_notify(&mut world, did, 2), Err(wanted));
        let built = world.agent.build_notifier_request(now, did, "NOTIFY");
        assert_eq!(built, Err(wanted));
        assert_eq!(world.agent.send_notifier_request(now, did, b"").map(|_| ()), Err(wanted));
        assert_eq!(world.agent.remove_notifier(did), Err(wanted));
        let built = world.agent.build_notifier_request(now, did, "");
        assert_eq!(built, Err(Refusal::BadParameter));
    }
    assert!(world.agent.build_notifier_request(now, ids.did, "a b").is_err());
    assert_eq!(world.agent.remove_notifier(ids.did), Ok(()));
    assert_eq!(world.agent.remove_notifier(ids.did), Err(Refusal::NotFound));
    assert_eq!(count(&world), 0);
}

#[test]
fn a_terminated_notify_that_is_answered_ends_it() {
    let mut world = World::new();
    let (ids, accepted) = subscribed(&mut world);
    let sent = notify(&mut world, ids.did, 3);
    assert_eq!(count(&world), 1);
    assert_eq!(respond(&mut world, &sent, "200 OK", &[]), ANSWERED);
    assert_eq!(build_notify(&mut world, ids.did, 2), Err(Refusal::NotFound));
    assert_eq!(count(&world), 0);
    receive(&mut world, &request("SUBSCRIBE", 6, Some(&accepted), &[CONTACT]));
    assert_eq!(world.event().kind, EventKind::MessageNew);
    assert!(world.one().start().contains(" 481 "));
}

#[test]
fn some_refusals_of_a_notify_end_it_and_others_do_not() {
    for (status, kind, ends) in [
        ("481 No", EventKind::NotificationRequestFailure, true),
        ("489 Bad Event", EventKind::NotificationRequestFailure, true),
        ("403 Forbidden", EventKind::NotificationRequestFailure, false),
        ("302 Moved", EventKind::NotificationRedirected, false),
        ("500 Error", EventKind::NotificationServerFailure, false),
        ("600 Busy", EventKind::NotificationGlobalFailure, false),
    ] {
        let mut world = World::new();
        let (ids, _) = subscribed(&mut world);
        let sent = notify(&mut world, ids.did, 2);
        assert_eq!(respond(&mut world, &sent, status, &[]), kind);
        assert_eq!(count(&world), usize::from(!ends), "{status}");
    }
    let mut world = World::new();
    let (ids, _) = subscribed(&mut world);
    notify(&mut world, ids.did, 2);
    world.run_to(32_000);
    let event = world.event();
    assert_eq!(event.kind, EventKind::NotificationRequestFailure);
    assert!(event.request.is_some() && event.response.is_none());
    assert_eq!(count(&world), 0, "nobody is there");
}

#[test]
fn a_challenge_to_a_notify_is_answered_and_remembered() {
    for is_automatic in [false, true] {
        let mut world = World::with_alice();
        let (ids, _) = subscribed(&mut world);
        let mut sent = notify(&mut world, ids.did, 2);
        for (nonce, cseq) in [("n1", "3 NOTIFY"), ("n2", "4 NOTIFY")] {
            receive(&mut world, &crate::subscriptions::answer(&sent, "401 No", "", &[&www(nonce)]));
            let event = world.event();
            assert_eq!(event.kind, EventKind::NotificationRequestFailure);
            let now = world.now();
            sent = if is_automatic {
                world.automatic_one()
            } else {
                let id = (ids.nid, event.ids.tid);
                let done = world.agent.default_action_for_subscription(now, id, 401);
                assert_eq!(done, Ok(Action::Sent));
                world.one()
            };
            assert!(world.automatic().is_empty());
            let id = (ids.nid, event.ids.tid);
            let again = world.agent.default_action_for_subscription(now, id, 401);
            assert_eq!(again, Ok(Action::Sent), "it was answered already");
            assert!(world.sent().is_empty());
            assert_eq!(sent.get("CSeq"), Some(cseq));
            let proof = sent.get("Authorization").unwrap();
            assert_eq!(param(proof, "nonce").as_deref(), Some(nonce));
        }
        assert_eq!(respond(&mut world, &sent, "200 OK", &[]), ANSWERED);
        let next = notify(&mut world, ids.did, 2);
        let proof = next.get("Authorization").unwrap();
        assert_eq!(param(proof, "nc").as_deref(), Some("00000002"), "preloaded");
    }
}

#[test]
fn after_the_end_pending_and_active_say_that_it_has_ended() {
    let mut world = World::new();
    let (ids, _) = subscribed(&mut world);
    world.run_to(60_000);
    for status in [1, 2] {
        let draft = build_notify(&mut world, ids.did, status).unwrap();
        assert_eq!(draft.get("Subscription-State"), Some("terminated;reason=timeout"));
    }
    let sent = notify(&mut world, ids.did, 2);
    assert_eq!(respond(&mut world, &sent, "200 OK", &[]), ANSWERED);
    assert_eq!(count(&world), 0);
    let mut world = World::new();
    let ids = subscribe(&mut world, &["Expires: 0"]);
    answer(&mut world, ids.tid, 200);
    let sent = notify(&mut world, ids.did, 2);
    assert_eq!(sent.get("Subscription-State"), Some("terminated;reason=timeout"), "a fetch");
    respond(&mut world, &sent, "200 OK", &[]);
    assert_eq!(count(&world), 0);
}

#[test]
fn a_refer_is_notified_with_its_own_event() {
    let mut world = World::new();
    receive(&mut world, &request("REFER", 1, None, &[CONTACT, "Refer-To: <sip:c@d>"]));
    let ids = world.event().ids;
    assert_eq!(answer(&mut world, ids.tid, 202).start(), "SIP/2.0 202 Accepted");
    assert_eq!(notify(&mut world, ids.did, 2).get("Event"), Some("refer"));
}

#[test]
fn the_dialogs_of_calls_are_described_without_the_application() {
    let mut world = World::new();
    let mut describe = |event: &str, cseq: u32, within: Option<&Draft>, expires: &str| {
        receive(&mut world, &request("SUBSCRIBE", cseq, within, &[CONTACT, event, expires]));
        let ids = world.event().ids;
        let now = world.now();
        let done = world.agent.describe_dialogs(now, (ids.nid, ids.did), ids.tid);
        assert_eq!(done, Ok(()));
        let sent = world.sent();
        for one in sent.iter().filter(|one| one.start().starts_with("NOTIFY")) {
            assert_eq!(respond(&mut world, one, "200 OK", &[]), ANSWERED);
        }
        sent
    };
    let sent = describe("Event: dialog", 5, None, "Expires: 60");
    assert_eq!(sent[0].start(), "SIP/2.0 202 Accepted subscription");
    assert_eq!(sent[1].get("Event"), Some("dialog"));
    assert_eq!(sent[1].get("Content-Type"), Some("application/dialog-info+xml"));
    let body = |draft: &Draft| String::from_utf8(draft.body.clone()).unwrap();
    assert!(body(&sent[1]).contains("version=\"0\" state=\"full\""));
    assert!(body(&sent[1]).contains("entity=\"sip:alice@acme.test\""));
    assert!(!body(&sent[1]).contains("<dialog "));
    let again = describe("Event: dialog", 6, Some(&sent[0]), "Expires: 0");
    assert!(body(&again[1]).contains("version=\"1\""));
    assert_eq!(again[1].get("Subscription-State"), Some("terminated;reason=timeout"));
    assert_eq!(describe("Event: presence", 7, None, "X: y")[0].start(), "SIP/2.0 489 Bad Event");
    assert_eq!(describe("X: y", 8, None, "X: y")[0].start(), "SIP/2.0 400 Bad Request");
    let now = world.now();
    for (ids, wanted) in [((0, 2), Refusal::BadParameter), ((1, 0), Refusal::BadParameter)] {
        assert_eq!(world.agent.describe_dialogs(now, ids, 1), Err(wanted));
    }
    assert_eq!(world.agent.describe_dialogs(now, (98, 99), 1), Err(Refusal::NotFound));
}

#[test]
fn a_call_that_rings_is_among_the_dialogs() {
    let mut world = World::new();
    let invite = String::from_utf8(request("INVITE", 1, None, &[CONTACT])).unwrap();
    receive(&mut world, invite.replace("Call-ID: c1", "Call-ID: call&1").as_bytes());
    assert_eq!(world.event().kind, EventKind::CallInvite);
    world.sent();
    receive(&mut world, &request("SUBSCRIBE", 5, None, &[CONTACT, "Event: dialog"]));
    let ids = world.event().ids;
    let now = world.now();
    world.agent.describe_dialogs(now, (ids.nid, ids.did), ids.tid).unwrap();
    let sent = world.sent();
    let body = String::from_utf8(sent[1].body.clone()).unwrap();
    assert!(body.contains("<dialog id=\"call&amp;1\" call-id=\"call&amp;1\""), "{body}");
    assert!(body.contains("remote-tag=\"w\" direction=\"recipient\""));
    assert!(body.contains("<state>early</state>"));
    assert!(body.contains("<identity>sip:watcher@acme.test</identity>"));
}
