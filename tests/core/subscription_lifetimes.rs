//! How long subscriptions of ours live, by instants: refreshes by automatic actions, expiry, ends,
//! and what becomes of them when requests fail.

use crate::common::{World, addr, param, www};
use crate::subscriptions::{
    CONTACT, answer, build, kinds, notified, notify, refresh, send, subscribe, subscribed,
};
use register::agent::{Action, EventKind, Refusal};

const ANSWERED: EventKind = EventKind::SubscriptionAnswered;
const FAILED: EventKind = EventKind::SubscriptionRequestFailure;

#[test]
fn a_refresh_is_due_a_tenth_or_six_seconds_before_the_end() {
    for (asked, granted, due) in [
        (600, "600", 540_000),
        (60, "60", 54_000),
        (30, "30", 24_000),
        (20, "20", 14_000),
        (15, "15", 9_000),
        (60, "50", 44_000),
        (20, "3600", 3_240_000),
        // Never before half of what was granted, nor within a second.
        (10, "10", 5_000),
        (60, "5", 2_500),
        (60, "1", 1_000),
    ] {
        let mut world = World::new();
        let (_, request) = subscribe(&mut world, asked);
        world.receive(&answer(&request, "200 OK", "a", &[CONTACT, &format!("Expires: {granted}")]));
        world.events();
        world.quiet_to(due - 1);
        assert!(!world.agent.has_action_due() && world.automatic().is_empty(), "{granted}");
        world.at(due);
        assert!(world.agent.has_action_due() && world.sent().is_empty());
        let sent = world.automatic_one();
        assert_eq!(sent.get("CSeq"), Some("21 SUBSCRIBE"));
        assert_eq!(sent.get("Expires"), Some(&*asked.to_string()));
        assert!(world.automatic().is_empty(), "once");
    }
}

#[test]
fn a_notify_that_says_less_brings_the_refresh_forward() {
    let mut world = World::new();
    let (_, _, request) = subscribed(&mut world, 600);
    world.quiet_to(1_000);
    notified(&mut world, &notify(&request, "a", 1, &["Subscription-State: active;expires=900"]));
    notified(&mut world, &notify(&request, "a", 2, &["Subscription-State: active;expires=100"]));
    world.quiet_to(90_999);
    assert!(world.automatic().is_empty());
    world.at(91_000);
    world.automatic_one();
}

#[test]
fn an_automatic_refresh_repeats_all_that_the_program_put_there() {
    let mut world = World::new();
    let mut draft = build(&mut world, 60);
    draft.set("Event", "Catalog;id=7");
    for (name, value) in [("Content-Type", "Application/MANSCDP+xml"), ("Accept", "x/y")] {
        draft.push(name, value);
    }
    draft.push("X-Mine", "kept");
    draft.body = b"<Query/>".to_vec();
    send(&mut world, &draft);
    let first = world.one();
    world.receive(&answer(&first, "200 OK", "a", &[CONTACT, "Record-Route: <sip:192.0.2.1;lr>"]));
    for number in [21, 22] {
        let now = world.millis() as u64;
        world.quiet_to(now + 54_000);
        let sent = world.automatic_one();
        for name in ["Event", "Expires", "Content-Type", "Accept", "X-Mine", "From", "Contact"] {
            assert_eq!(sent.get(name), first.get(name), "{name}");
        }
        assert_eq!(sent.body, b"<Query/>");
        assert_eq!(sent.get("Route"), Some("<sip:192.0.2.1;lr>"));
        assert_eq!(sent.get("CSeq"), Some(&*format!("{number} SUBSCRIBE")));
        world.receive(&answer(&sent, "200 OK", "", &[]));
    }
}

#[test]
fn expiry_is_an_event_32_s_later_with_or_without_notifys() {
    for is_notified in [false, true] {
        let mut world = World::new();
        let (sid, did, request) = subscribed(&mut world, 60);
        if is_notified {
            notified(&mut world, &notify(&request, "a", 1, &["Subscription-State: active"]));
            world.events();
        }
        world.run_to(91_999);
        assert!(world.events().is_empty());
        assert_eq!(world.agent.statistics().subscriptions, 1, "no NOTIFY is no end");
        world.run_to(92_000);
        let event = world.event();
        assert_eq!((event.kind, event.ids.sid), (EventKind::SubscriptionNoAnswer, sid));
        assert_eq!((event.ids.did, event.ids.tid), (did, 0));
        assert!(event.request.is_none() && event.response.is_none());
        assert_eq!((world.agent.statistics().subscriptions, world.agent.poll_timeout()), (0, None));
    }
}

#[test]
fn an_unsubscribed_one_is_kept_32_s_for_its_last_notify() {
    let mut world = World::new();
    let (_, did, request) = subscribed(&mut world, 600);
    refresh(&mut world, did, &[("Expires", "0")]).unwrap();
    let sent = world.one();
    world.receive(&answer(&sent, "200 OK", "", &["Expires: 0"]));
    assert_eq!(kinds(&mut world), [(ANSWERED, did)]);
    world.run_to(31_999);
    notified(&mut world, &notify(&request, "a", 1, &["Subscription-State: active"]));
    assert_eq!(kinds(&mut world), [(EventKind::SubscriptionNotify, did)]);
    assert!(world.automatic().is_empty());
    world.run_to(32_000);
    assert_eq!((world.agent.statistics().subscriptions, world.events().len()), (0, 0), "silently");
}

#[test]
fn an_ended_fork_does_not_end_the_refreshes_of_others() {
    let mut world = World::new();
    let (_, first, request) = subscribed(&mut world, 60);
    notified(&mut world, &notify(&request, "b", 1, &[CONTACT, "Subscription-State: active"]));
    world.events();
    refresh(&mut world, first, &[("Expires", "0")]).unwrap();
    let sent = world.one();
    world.receive(&answer(&sent, "200 OK", "", &[]));
    world.run_to(54_000);
    let sent = world.automatic_one();
    assert!(sent.get("To").unwrap().ends_with(";tag=b"));
    assert_eq!(sent.get("Expires"), Some("60"));
}

#[test]
fn a_removed_one_refuses_its_notifys_until_it_would_have_expired() {
    let mut world = World::new();
    let (sid, did, request) = subscribed(&mut world, 60);
    let now = world.now();
    assert_eq!(world.agent.remove_subscription(now, 0), Err(Refusal::BadParameter));
    assert_eq!(world.agent.remove_subscription(now, 99), Err(Refusal::NotFound));
    assert_eq!(world.agent.remove_subscription(now, did), Ok(()));
    for id in [sid, did] {
        assert_eq!(world.agent.remove_subscription(now, id), Err(Refusal::NotFound));
        assert_eq!(refresh(&mut world, id, &[]), Err(Refusal::NotFound));
    }
    assert_eq!(world.agent.statistics().subscriptions, 0, "none is the application's");
    world.quiet_to(59_999);
    let late = notify(&request, "a", 1, &["Subscription-State: active"]);
    assert!(notified(&mut world, &late).contains(" 481 "));
    assert!(world.events().is_empty());
    world.run_to(60_000);
    world.receive(&notify(&request, "a", 2, &["Subscription-State: active"]));
    assert_eq!(kinds(&mut world), [(EventKind::MessageNew, 0)]);
}

#[test]
fn a_pending_subscribe_of_a_removed_one_ends_as_a_message() {
    let mut world = World::new();
    let (sid, request) = subscribe(&mut world, 60);
    let now = world.now();
    world.agent.remove_subscription(now, sid).unwrap();
    world.receive(&answer(&request, "200 OK", "a", &[CONTACT]));
    let event = world.event();
    assert_eq!((event.kind, event.ids.tid), (EventKind::MessageAnswered, 1));
    assert_eq!((event.ids.sid, event.ids.did), (0, 0));
    let (sid, request) = subscribe(&mut world, 60);
    world.agent.remove_subscription(now, sid).unwrap();
    world.receive(&answer(&request, "404 Not Found", "a", &[]));
    assert_eq!(world.event().kind, EventKind::MessageRequestFailure);
}

#[test]
fn a_refused_one_is_kept_64_s_and_goes_silently() {
    for (status, kind) in [
        ("302 Moved", EventKind::SubscriptionRedirected),
        ("404 Not Found", FAILED),
        ("500 Error", EventKind::SubscriptionServerFailure),
        ("603 Decline", EventKind::SubscriptionGlobalFailure),
    ] {
        let mut world = World::new();
        let (sid, request) = subscribe(&mut world, 600);
        world.receive(&answer(&request, status, "a", &[]));
        let event = world.event();
        assert_eq!((event.kind, event.ids.sid, event.ids.did), (kind, sid, 0));
        assert!(notified(&mut world, &notify(&request, "a", 1, &[])).contains(" 481 "));
        world.run_to(63_999);
        assert_eq!(world.agent.statistics().subscriptions, 1);
        world.run_to(64_000);
        assert_eq!((world.agent.statistics().subscriptions, world.events().len()), (0, 0));
    }
}

#[test]
fn silence_is_an_event_with_the_sid_and_no_response() {
    for is_provisional in [false, true] {
        let mut world = World::new();
        let (sid, request) = subscribe(&mut world, 600);
        if is_provisional {
            world.receive(&answer(&request, "100 Trying", "", &[]));
            world.events();
        }
        world.run_to(31_999);
        assert!(world.events().is_empty());
        world.run_to(32_000);
        let event = world.event();
        assert_eq!((event.kind, event.ids.sid, event.ids.tid), (FAILED, sid, 1));
        assert!(event.request.is_some() && event.response.is_none());
        assert_eq!(world.agent.statistics().subscriptions, 0);
    }
    let mut world = World::new();
    let mut draft = build(&mut world, 600);
    draft.set_start("SUBSCRIBE sip:bob@nowhere.test SIP/2.0");
    let sid = send(&mut world, &draft);
    world.sent();
    let event = world.event();
    assert_eq!((event.kind, event.ids.sid), (FAILED, sid), "no such name");
    assert!(event.response.is_none());
}

#[test]
fn one_that_was_notified_outlives_the_silence_about_its_subscribe() {
    let mut world = World::new();
    let (_, request) = subscribe(&mut world, 60);
    notified(&mut world, &notify(&request, "a", 1, &[CONTACT, "Subscription-State: active"]));
    let did = world.event().ids.did;
    world.run_to(32_000);
    assert_eq!(kinds(&mut world), [(FAILED, did)]);
    world.run_to(54_000);
    world.automatic_one();
}

#[test]
fn some_refusals_of_a_refresh_end_it_and_others_do_not() {
    for (status, ends) in [
        ("404 Not Found", true),
        ("481 No", true),
        ("489 Bad Event", true),
        ("501 No", true),
        ("604 No", true),
        ("403 Forbidden", false),
        ("500 Error", false),
        ("603 Decline", false),
    ] {
        let mut world = World::new();
        let (_, did, request) = subscribed(&mut world, 600);
        refresh(&mut world, did, &[]).unwrap();
        let sent = world.one();
        world.receive(&answer(&sent, status, "", &[]));
        assert_eq!(world.event().ids.did, did, "{status}");
        assert_eq!(world.agent.statistics().subscriptions, usize::from(!ends), "{status}");
        if ends {
            assert_eq!(refresh(&mut world, did, &[]), Err(Refusal::NotFound));
            continue;
        }
        notified(&mut world, &notify(&request, "a", 1, &["Subscription-State: active"]));
        world.events();
        world.quiet_to(31_999);
        assert!(world.automatic().is_empty());
        world.at(32_000);
        assert_eq!(world.automatic_one().get("CSeq"), Some("22 SUBSCRIBE"), "tried again");
    }
}

#[test]
fn a_failed_refresh_is_tried_again_as_retry_after_says_until_the_end() {
    let mut world = World::new();
    let (_, did, _) = subscribed(&mut world, 100);
    world.quiet_to(90_000);
    let sent = world.automatic_one();
    world.receive(&answer(&sent, "503 Busy", "", &["Retry-After: 5"]));
    assert_eq!(kinds(&mut world), [(EventKind::SubscriptionServerFailure, did)]);
    world.quiet_to(94_999);
    assert!(world.automatic().is_empty());
    world.at(95_000);
    let sent = world.automatic_one();
    world.receive(&answer(&sent, "503 Busy", "", &["Retry-After: 6"]));
    world.events();
    world.run_to(131_999);
    assert!(world.automatic().is_empty(), "it ends at 100 s");
    world.run_to(190_000);
    assert_eq!(kinds(&mut world), [(EventKind::SubscriptionNoAnswer, did)]);
}

#[test]
fn a_refresh_that_nobody_answers_is_tried_again() {
    let mut world = World::new();
    let (_, did, _) = subscribed(&mut world, 600);
    refresh(&mut world, did, &[]).unwrap();
    world.run_to(32_000);
    let event = world.event();
    assert_eq!((event.kind, event.ids.did), (FAILED, did));
    assert!(event.response.is_none());
    world.run_to(64_000);
    world.automatic_one();
}

#[test]
fn a_challenge_is_answered_by_either_action_with_the_same_numbers() {
    for is_automatic in [false, true] {
        let mut world = World::with_alice();
        let (sid, request) = subscribe(&mut world, 60);
        world.receive(&answer(&request, "401 Unauthorized", "a", &[&www("n1")]));
        let event = world.event();
        assert_eq!((event.kind, event.ids.sid, event.ids.tid), (FAILED, sid, 1));
        let now = world.now();
        let sent = if is_automatic {
            assert!(world.agent.has_action_due());
            world.automatic_one()
        } else {
            let done = world.agent.default_action_for_subscription(now, (sid, 1), 401);
            assert_eq!(done, Ok(Action::Sent));
            world.one()
        };
        assert!(world.automatic().is_empty(), "one answer");
        assert_eq!(sent.get("CSeq"), Some("21 SUBSCRIBE"));
        assert_eq!(sent.get("Call-ID"), request.get("Call-ID"));
        assert_eq!(sent.get("Expires"), Some("60"));
        let proof = sent.get("Authorization").unwrap();
        assert_eq!(param(proof, "nonce").as_deref(), Some("n1"));
        world.receive(&answer(&sent, "200 OK", "a", &[CONTACT]));
        let event = world.event();
        assert_eq!((event.kind, event.ids.sid, event.ids.tid), (ANSWERED, sid, 2));
        refresh(&mut world, sid, &[]).unwrap();
        let sent = world.one();
        let proof = sent.get("Authorization").unwrap();
        assert_eq!(param(proof, "nc").as_deref(), Some("00000002"), "preloaded");
        world.receive(&answer(&sent, "401 Unauthorized", "", &[&www("n2")]));
        let event = world.event();
        let id = (sid, event.ids.tid);
        assert_eq!(world.agent.default_action_for_subscription(now, id, 401), Ok(Action::Sent));
        let sent = world.one();
        assert_eq!(sent.get("CSeq"), Some("23 SUBSCRIBE"));
        assert_eq!(param(sent.get("Authorization").unwrap(), "nonce").as_deref(), Some("n2"));
    }
}

#[test]
fn challenges_are_answered_three_times_and_not_without_credentials() {
    let mut world = World::new();
    let (sid, request) = subscribe(&mut world, 60);
    world.receive(&answer(&request, "401 Unauthorized", "a", &[&www("n1")]));
    let now = world.now();
    assert!(world.automatic().is_empty(), "no bare repeats");
    let done = world.agent.default_action_for_subscription(now, (sid, 1), 401);
    assert_eq!(done, Err(Refusal::Undefined));
    world.credential("alice", "secret", "");
    let mut tid = 1;
    for nonce in ["n2", "n3", "n4"] {
        let done = world.agent.default_action_for_subscription(now, (sid, tid), 401);
        assert_eq!(done, Ok(Action::Sent), "{nonce}");
        let sent = world.one();
        world.events();
        world.receive(&answer(&sent, "401 Unauthorized", "a", &[&www(nonce)]));
        tid = world.event().ids.tid;
    }
    assert!(world.automatic().is_empty());
    let done = world.agent.default_action_for_subscription(now, (sid, tid), 401);
    assert_eq!(done, Err(Refusal::RetryLimit));
}

#[test]
fn a_423_is_answered_once_and_only_upwards() {
    for (wanted, is_sent) in
        [("Min-Expires: 90", true), ("Min-Expires: 30", false), ("X: y", false)]
    {
        let mut world = World::new();
        let (sid, request) = subscribe(&mut world, 60);
        world.receive(&answer(&request, "423 Brief", "a", &[wanted]));
        let event = world.event();
        let now = world.now();
        let id = (sid, event.ids.tid);
        assert_eq!(world.agent.default_action_for_subscription(now, id, 423), Ok(Action::Nothing));
        let sent = world.automatic();
        assert_eq!(sent.len(), usize::from(is_sent), "{wanted}");
        let Some(sent) = sent.first() else { continue };
        assert_eq!((sent.get("Expires"), sent.get("CSeq")), (Some("90"), Some("21 SUBSCRIBE")));
        world.receive(&answer(sent, "423 Brief", "a", &["Min-Expires: 120"]));
        assert!(world.automatic().is_empty(), "once");
    }
}

#[test]
fn a_503_with_another_server_is_asked_there() {
    let mut world = World::new();
    let servers = ["192.0.2.1:5060", "192.0.2.2:5060"].map(addr).to_vec();
    world.names.push(("acme.test", Ok(servers)));
    let mut draft = build(&mut world, 60);
    draft.set_start("SUBSCRIBE sip:bob@acme.test SIP/2.0");
    let sid = send(&mut world, &draft);
    let first = world.raw_sent();
    assert_eq!(first[0].0, addr("192.0.2.1:5060"));
    let request = register::sip::Draft::parse(&first[0].1).unwrap();
    world.receive(&answer(&request, "503 Busy", "a", &[]));
    let second = world.raw_sent();
    assert_eq!(second[0].0, addr("192.0.2.2:5060"));
    let request = register::sip::Draft::parse(&second[0].1).unwrap();
    world.receive_from(addr("192.0.2.2:5060"), &answer(&request, "200 OK", "a", &[CONTACT]));
    assert_eq!(world.event().ids.sid, sid);
}

#[test]
fn a_refresh_whose_dialog_ends_before_its_answer_ends_as_a_message() {
    for (has_another, is_answered) in [(false, true), (true, true), (false, false), (true, false)] {
        let mut world = World::new();
        let (_, did, request) = subscribed(&mut world, 60);
        if has_another {
            notified(&mut world, &notify(&request, "b", 1, &["Subscription-State: active"]));
            world.event();
        }
        refresh(&mut world, did, &[("Expires", "0")]).unwrap();
        let last = world.one();
        let end = "Subscription-State: terminated;reason=timeout";
        notified(&mut world, &notify(&request, "a", 1, &[end]));
        let tid = world.event().ids.tid - 1;
        let kind = if is_answered {
            world.receive(&answer(&last, "200 OK", "", &["Expires: 0"]));
            EventKind::MessageAnswered
        } else {
            world.run_to(32_000);
            EventKind::MessageRequestFailure
        };
        let event = world.event();
        assert_eq!((event.kind, event.ids.sid, event.ids.did), (kind, 0, 0));
        assert_eq!((event.ids.tid, event.response.is_some()), (tid, is_answered));
        assert!(event.request.is_some());
        let lives = world.agent.statistics().subscriptions;
        assert_eq!(lives, usize::from(has_another));
    }
}

#[test]
fn a_sid_means_the_first_dialog_that_lives_and_all_of_them_when_removed() {
    let mut world = World::new();
    let (sid, first, request) = subscribed(&mut world, 60);
    for (tag, cseq) in [("b", 1), ("c", 1)] {
        let active = notify(&request, tag, cseq, &[CONTACT, "Subscription-State: active"]);
        notified(&mut world, &active);
    }
    let events = world.events();
    let others: Vec<_> = events.iter().map(|event| event.ids.did).collect();
    refresh(&mut world, first, &[("Expires", "0")]).unwrap();
    let last = world.one();
    world.receive(&answer(&last, "200 OK", "", &["Expires: 0"]));
    world.events();
    refresh(&mut world, sid, &[]).unwrap();
    let sent = world.one();
    assert!(sent.get("To").unwrap().ends_with(";tag=b"), "the first has been ended");
    world.receive(&answer(&sent, "481 No", "", &[]));
    world.events();
    refresh(&mut world, sid, &[]).unwrap();
    assert!(world.one().get("To").unwrap().ends_with(";tag=c"));
    let now = world.now();
    assert_eq!(world.agent.remove_subscription(now, others[1]), Ok(()));
    for did in [first, others[0], others[1]] {
        assert_eq!(refresh(&mut world, did, &[]), Err(Refusal::NotFound), "all are removed");
    }
}
