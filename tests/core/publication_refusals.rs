//! Publications (RFC 3903) that the server refuses: challenges, 412, 423, other failures, silence.

use crate::answers::nonce_count;
use crate::common::World;
use crate::publications::{CLOSED, GONE, OPEN, accept, cseq, publish, published, tag};
use crate::requests::blocked_until_others;
use register::agent::{Action, EventKind, Refusal};

const CHALLENGE: &str = r#"WWW-Authenticate: Digest realm="acme", nonce="n1", qop="auth""#;
const OTHER: &str = r#"WWW-Authenticate: Digest realm="acme", nonce="n2", qop="auth""#;

#[test]
fn a_412_is_followed_once_without_tag_and_with_the_state() {
    let mut world = World::new();
    published(&mut world, 100, "e1");
    world.run_to(90_000);
    let refresh = world.automatic_one();
    world.answer(&refresh, "412 Conditional Request Failed", &[]);
    let event = world.event();
    assert_eq!(event.kind, EventKind::MessageRequestFailure);
    let now = world.now();
    let done = world.agent.default_action_for_request(now, event.ids.tid, 412);
    assert_eq!(done, Ok(Action::Nothing));
    let whole = world.automatic_one();
    assert_eq!((tag(&whole), &whole.body[..]), (None, &b"<open/>"[..]));
    assert_eq!(cseq(&whole), cseq(&refresh) + 1);
    world.answer(&whole, "412 Conditional Request Failed", &[]);
    assert_eq!(world.event().ids.tid, event.ids.tid + 1, "each request has a number");
    assert!(world.automatic().is_empty(), "no storm");
    world.run_to(90_000 + 89_999);
    assert!(world.automatic().is_empty());
    world.run_to(90_000 + 90_000);
    assert_eq!(world.automatic().len(), 1, "tried again as after any failure");
}

#[test]
fn a_412_forgets_the_tag_without_an_automatic_action_too() {
    let mut world = World::new();
    published(&mut world, 600, "e1");
    publish(&mut world, CLOSED);
    let change = world.one();
    world.answer(&change, "412 Conditional Request Failed", &[]);
    world.event();
    publish(&mut world, OPEN);
    assert_eq!(tag(&world.one()), None);
}

#[test]
fn a_423_is_followed_upwards_once() {
    let mut world = World::new();
    let tid = publish(&mut world, OPEN);
    let request = world.one();
    world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 1800"]);
    assert_eq!(world.event().kind, EventKind::MessageRequestFailure);
    let longer = world.automatic_one();
    assert_eq!((longer.get("Expires"), &longer.body[..]), (Some("1800"), &b"<open/>"[..]));
    world.answer(&longer, "423 Interval Too Brief", &["Min-Expires: 3600"]);
    assert_eq!(world.event().ids.tid, tid + 1);
    assert!(world.automatic().is_empty(), "no storm");
    for minimum in ["Min-Expires: 5", "Min-Expires: 4000000000", "Min-Expires: soon", "X: 1"] {
        publish(&mut world, OPEN);
        let request = world.one();
        world.answer(&request, "423 Interval Too Brief", &[minimum]);
        world.event();
        assert!(world.automatic().is_empty(), "{minimum}");
    }
}

#[test]
fn a_raised_expiry_stays_for_refreshes() {
    let mut world = World::new();
    publish(&mut world, OPEN);
    let request = world.one();
    world.answer(&request, "423 Interval Too Brief", &["Min-Expires: 700"]);
    world.event();
    let longer = world.automatic_one();
    accept(&mut world, &longer, 700, "e1");
    world.run_to(630_000);
    assert_eq!(world.automatic_one().get("Expires"), Some("700"));
}

#[test]
fn failures_are_tried_again_after_120_s_or_when_the_server_says() {
    for (status, more, wait) in [
        ("503 No", "Retry-After: 300", 300_000),
        ("503 No", "X: 1", 120_000),
        ("500 No", "Retry-After: 7", 7_000),
        ("404 No", "X: 1", 120_000),
        ("489 Bad Event", "X: 1", 120_000),
        ("302 Moved", "Contact: <sip:192.0.2.5>", 120_000),
    ] {
        let mut world = World::new();
        publish(&mut world, OPEN);
        let request = world.one();
        world.answer(&request, status, &[more]);
        world.event();
        world.run_to(wait - 1);
        assert!(world.automatic().is_empty(), "{status} {more}");
        world.run_to(wait);
        let again = world.automatic_one();
        assert_eq!((cseq(&again), &again.body[..]), (21, &b"<open/>"[..]), "{status}");
    }
}

#[test]
fn silence_is_a_failure_like_others() {
    let mut world = World::new();
    let (_, _) = published(&mut world, 600, "e1");
    let tid = publish(&mut world, CLOSED);
    world.run_to(32_000);
    let event = world.event();
    assert_eq!((event.kind, event.ids.tid), (EventKind::MessageRequestFailure, tid));
    assert_eq!(event.response, None);
    world.run_to(119_999);
    assert!(world.automatic().is_empty());
    world.run_to(120_000);
    let again = world.automatic_one();
    assert_eq!((tag(&again), &again.body[..]), (Some("e1"), &b"<closed/>"[..]), "not a refresh");
    world.answer(&again, "200 OK", &["SIP-ETag: e2"]);
    assert_eq!(world.event().kind, EventKind::MessageAnswered);
}

#[test]
fn a_challenge_is_answered_by_automatic_action_or_default_action_once() {
    for by_default in [false, true] {
        let mut world = World::with_alice();
        let tid = publish(&mut world, OPEN);
        let first = world.one();
        world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
        let event = world.event();
        assert_eq!((event.kind, event.ids.tid), (EventKind::MessageRequestFailure, tid));
        let now = world.now();
        if by_default {
            assert_eq!(world.agent.default_action_for_request(now, tid, 401), Ok(Action::Sent));
        }
        world.tick();
        world.agent.automatic_action(now);
        let second = world.one();
        assert_eq!(world.agent.default_action_for_request(now, tid, 401), Ok(Action::Sent));
        assert!(world.automatic().is_empty());
        assert_eq!((cseq(&second), &second.body[..]), (21, &b"<open/>"[..]));
        assert_eq!(nonce_count(&second), "00000001");
        accept(&mut world, &second, 600, "e1");
        assert_eq!(world.agent.default_action_for_request(now, tid, 401), Err(Refusal::NotFound));
    }
}

#[test]
fn later_publishes_answer_the_last_challenge_unasked() {
    let mut world = World::with_alice();
    publish(&mut world, OPEN);
    let first = world.one();
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    world.event();
    world.tick();
    let second = world.automatic_one();
    accept(&mut world, &second, 100, "e1");
    publish(&mut world, CLOSED);
    let change = world.one();
    assert_eq!(nonce_count(&change), "00000002");
    accept(&mut world, &change, 100, "e2");
    world.run_to(90_000);
    let refresh = world.automatic_one();
    assert_eq!(nonce_count(&refresh), "00000003");
    world.answer(&refresh, "401 Unauthorized", &[&format!("{OTHER}, stale=true")]);
    world.event();
    world.tick();
    let renewed = world.automatic_one();
    assert_eq!(nonce_count(&renewed), "00000001");
    assert_eq!((tag(&renewed), renewed.body.len()), (Some("e2"), 0));
}

#[test]
fn three_challenges_are_answered_and_then_no_more() {
    let mut world = World::with_alice();
    let mut tid = publish(&mut world, OPEN);
    let mut request = world.one();
    for n in 0..4 {
        let challenge = CHALLENGE.replace("n1", &format!("m{n}"));
        world.answer(&request, "401 Unauthorized", &[&challenge]);
        tid = world.event().ids.tid;
        world.tick();
        let sent = world.automatic();
        assert_eq!(sent.len(), usize::from(n < 3), "{n}");
        request = sent.into_iter().next().unwrap_or(request);
    }
    let now = world.now();
    let done = world.agent.default_action_for_request(now, tid, 401);
    assert_eq!(done, Err(Refusal::RetryLimit));
    publish(&mut world, OPEN);
    let request = world.one();
    accept(&mut world, &request, 600, "e1");
}

#[test]
fn refused_credentials_stop_until_there_are_others() {
    let mut world = World::with_alice();
    let tid = publish(&mut world, OPEN);
    let first = world.one();
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    world.event();
    world.tick();
    let second = world.automatic_one();
    world.answer(&second, "401 Unauthorized", &[CHALLENGE]);
    assert!(blocked_until_others(&mut world, tid).get("Authorization").is_some());
}

#[test]
fn without_credentials_nothing_is_sent_until_they_come() {
    let mut world = World::new();
    let tid = publish(&mut world, OPEN);
    let first = world.one();
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    assert!(world.event().text.contains("no credentials"));
    assert!(world.automatic().is_empty());
    let now = world.now();
    let done = world.agent.default_action_for_request(now, tid, 401);
    assert_eq!(done, Err(Refusal::Undefined));
    world.credential("alice", "secret", "");
    let second = world.automatic_one();
    accept(&mut world, &second, 600, "e1");
}

#[test]
fn what_waits_takes_the_place_of_what_would_be_repeated() {
    let mut world = World::with_alice();
    let first_tid = publish(&mut world, OPEN);
    let second_tid = publish(&mut world, CLOSED);
    let first = world.one();
    world.answer(&first, "401 Unauthorized", &[CHALLENGE]);
    assert_eq!(world.event().ids.tid, first_tid);
    let second = world.one();
    assert_eq!(second.body, b"<closed/>");
    assert!(second.get("Authorization").is_some(), "the challenge is answered with it");
    assert!(world.automatic().is_empty());
    let now = world.now();
    let done = world.agent.default_action_for_request(now, first_tid, 401);
    assert_eq!(done, Err(Refusal::NotFound));
    world.answer(&second, "200 OK", &["SIP-ETag: e2"]);
    assert_eq!(world.event().ids.tid, second_tid);
}

#[test]
fn a_challenge_to_a_removal_is_answered() {
    let mut world = World::with_alice();
    published(&mut world, 600, "e1");
    publish(&mut world, GONE);
    let removal = world.one();
    world.answer(&removal, "401 Unauthorized", &[CHALLENGE]);
    world.event();
    world.tick();
    let again = world.automatic_one();
    assert_eq!((tag(&again), again.get("Expires")), (Some("e1"), Some("0")));
    world.answer(&again, "200 OK", &[]);
    world.event();
    world.run_to(200_000);
    assert!(world.automatic().is_empty());
}

#[test]
fn a_redirection_is_an_event_and_refused_to_default_action() {
    let mut world = World::new();
    let tid = publish(&mut world, OPEN);
    let request = world.one();
    world.answer(&request, "302 Moved", &["Contact: <sip:192.0.2.5>"]);
    assert_eq!(world.event().kind, EventKind::MessageRedirected);
    let now = world.now();
    let done = world.agent.default_action_for_request(now, tid, 302);
    assert_eq!(done, Err(Refusal::Undefined));
}
