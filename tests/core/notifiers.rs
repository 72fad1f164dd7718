//! Subscriptions to us by instants: SUBSCRIBE and REFER of the peer, answers, NOTIFYs, the end
//! (RFC 6665 section 4.2).

use crate::common::{World, addr, param, www};
use register::agent::{Action, EventIds, EventKind, Refusal};
use register::sip::Draft;

const PEER: &str = "192.0.2.50:5060";
const CONTACT: &str = "Contact: <sip:watcher@192.0.2.50:5060>";
const ANSWERED: EventKind = EventKind::NotificationAnswered;

/// A request of the watcher: the first, or one in the dialog that our answer `within` has made.
fn request(method: &str, cseq: u32, within: Option<&Draft>, extra: &[&str]) -> Vec<u8> {
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

fn receive(world: &mut World, bytes: &[u8]) {
    world.receive_from(addr(PEER), bytes);
}

/// A SUBSCRIBE for presence with these further header fields: the ids of its event.
fn subscribe(world: &mut World, extra: &[&str]) -> EventIds {
    let fields = [&[CONTACT, "Event: presence;id=7"][..], extra].concat();
    receive(world, &request("SUBSCRIBE", 5, None, &fields));
    let event = world.event();
    assert_eq!(event.kind, EventKind::InSubscriptionNew);
    assert!(world.sent().is_empty(), "no answer by itself");
    event.ids
}

/// Answers request `tid` as the function that builds an answer does: the answer on the wire.
fn answer(world: &mut World, tid: i32, status: u16) -> Draft {
    let text = world.build_answer(tid, status).unwrap();
    let now = world.now();
    world.agent.send_answer(now, tid, status, Some(&text)).unwrap();
    world.one()
}

/// A subscription for 60 s that we have accepted: its ids, and our answer.
fn subscribed(world: &mut World) -> (EventIds, Draft) {
    let ids = subscribe(world, &["Expires: 60"]);
    let accepted = answer(world, ids.tid, 202);
    (ids, accepted)
}

fn build_notify(world: &mut World, did: i32, status: i32) -> Result<Draft, Refusal> {
    let now = world.now();
    let text = world.agent.build_notify(now, did, status, 3)?;
    Ok(Draft::parse(&text).unwrap())
}

fn send(world: &mut World, did: i32, draft: &Draft) -> Result<Draft, Refusal> {
    let now = world.now();
    world.agent.send_notifier_request(now, did, &draft.to_bytes())?;
    Ok(world.one())
}

/// A NOTIFY that says this status, on the wire.
fn notify(world: &mut World, did: i32, status: i32) -> Draft {
    let draft = build_notify(world, did, status).unwrap();
    send(world, did, &draft).unwrap()
}

/// The watcher answers our NOTIFY.
fn respond(world: &mut World, sent: &Draft, status: &str, extra: &[&str]) -> EventKind {
    let text = crate::subscriptions::answer(sent, status, "", extra);
    receive(world, &text);
    world.event().kind
}

fn count(world: &World) -> usize {
    world.agent.statistics().subscriptions_to_us
}

#[test]
fn a_subscribe_is_told_and_waits_for_the_application() {
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
fn one_notify_at_a_time_and_its_answer_is_told() {
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
fn a_refresh_is_told_with_the_same_numbers() {
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
fn subscribes_that_are_late_early_or_merged_are_refused_untold() {
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
    for (method, statuses, is_told) in [
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
        assert_eq!(kinds, vec![EventKind::MessageNew; usize::from(is_told)], "{method}");
    }
    receive(&mut world, &request("REFER", 31, Some(&accepted), &[CONTACT]));
    assert_eq!(world.event().kind, EventKind::InSubscriptionNew, "a refresh");
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
