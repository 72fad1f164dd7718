//! Event state that we publish (RFC 3903): entity tags, refreshes, challenges, failures.

use crate::common::{World, param};
use register::agent::{Action, EventKind, InitialPublish, Refusal};
use register::sip::Draft;

const ALICE: &str = "sip:alice@acme.test";
const OPEN: InitialPublish<'_> = InitialPublish {
    to: "sip:alice@192.0.2.1",
    from: ALICE,
    route: "",
    event: "presence",
    expires: "600",
    content_type: "application/pidf+xml",
    body: b"<open/>",
};
const CLOSED: InitialPublish<'_> = InitialPublish { body: b"<closed/>", ..OPEN };
const GONE: InitialPublish<'_> =
    InitialPublish { expires: "0", content_type: "", body: b"", ..OPEN };
const CHALLENGE: &str = r#"WWW-Authenticate: Digest realm="acme", nonce="n1", qop="auth""#;
const OTHER: &str = r#"WWW-Authenticate: Digest realm="acme", nonce="n2", qop="auth""#;

fn publish(world: &mut World, ask: InitialPublish<'_>) -> i32 {
    let text = world.agent.build_publish(ask).unwrap();
    let now = world.now();
    world.agent.publish(now, &text, ALICE).unwrap().0
}

fn tag(request: &Draft) -> Option<&str> {
    request.get("SIP-If-Match")
}

fn cseq(request: &Draft) -> u32 {
    request.get("CSeq").unwrap().strip_suffix(" PUBLISH").unwrap().parse().unwrap()
}

/// Event state that the server holds for `expires` seconds under this tag.
fn published(world: &mut World, expires: u32, tag: &str) -> (i32, Draft) {
    let tid = publish(world, InitialPublish { expires: &expires.to_string(), ..OPEN });
    let request = world.one();
    accept(world, &request, expires, tag);
    (tid, request)
}

fn accept(world: &mut World, request: &Draft, expires: u32, tag: &str) {
    let expires = format!("Expires: {expires}");
    world.answer(request, "200 OK", &[&expires, &format!("SIP-ETag: {tag}")]);
    assert_eq!(world.event().kind, EventKind::MessageAnswered);
}

#[test]
fn a_publish_says_event_expiry_and_state_and_has_no_contact() {
    let mut world = World::new();
    let tid = publish(&mut world, OPEN);
    let request = world.one();
    assert_eq!(request.start(), "PUBLISH sip:alice@192.0.2.1 SIP/2.0");
    for (name, value) in [
        ("CSeq", Some("20 PUBLISH")),
        ("Event", Some("presence")),
        ("Expires", Some("600")),
        ("Content-Type", Some("application/pidf+xml")),
        ("Contact", None),
        ("SIP-If-Match", None),
    ] {
        assert_eq!(request.get(name), value, "{name}");
    }
    assert_eq!(request.body, b"<open/>");
    world.answer(&request, "183 Wait", &[]);
    assert!(world.events().is_empty());
    world.answer(&request, "200 OK", &["SIP-ETag: e1", "Expires: 600"]);
    let event = world.event();
    assert_eq!((event.kind, event.ids.tid), (EventKind::MessageAnswered, tid));
    assert!(event.request.is_some() && event.response.is_some());
}

#[test]
fn a_body_without_a_media_type_is_left_out() {
    let mut world = World::new();
    publish(&mut world, InitialPublish { content_type: "not a type", ..OPEN });
    let request = world.one();
    assert_eq!((request.get("Content-Type"), &request.body[..]), (None, &b""[..]));
}

#[test]
fn a_device_names_itself_in_the_contact_of_a_publish() {
    let mut world = World::new();
    world.agent.settings_mut().instance = Some("urn:uuid:1".into());
    publish(&mut world, OPEN);
    let contact = "<sip:alice@192.0.2.99:5070>;+sip.instance=\"<urn:uuid:1>\"";
    assert_eq!(world.one().get("Contact"), Some(contact));
}

#[test]
fn what_cannot_be_published_is_refused_before_anything_changes() {
    let mut world = World::new();
    let mut build = |ask| world.agent.build_publish(ask).unwrap_err();
    for ask in [
        InitialPublish { to: "", ..OPEN },
        InitialPublish { from: "", ..OPEN },
        InitialPublish { event: "", ..OPEN },
        InitialPublish { content_type: "", ..OPEN },
        InitialPublish { body: b"", ..OPEN },
    ] {
        assert_eq!(build(ask), Refusal::BadParameter);
    }
    for ask in [
        InitialPublish { to: "nobody", ..OPEN },
        InitialPublish { from: "nobody", ..OPEN },
        InitialPublish { route: "nowhere", ..OPEN },
    ] {
        assert!(matches!(build(ask), Refusal::Syntax(_)));
    }
    let text = world.agent.build_publish(InitialPublish { expires: "", ..OPEN }).unwrap();
    assert!(String::from_utf8_lossy(&text).contains("\r\nExpires: 3600\r\n"));
    let now = world.now();
    let mut refused = |name: &str| {
        let mut draft = Draft::parse(&text).unwrap();
        draft.remove(name);
        world.agent.publish(now, &draft.to_bytes(), ALICE).unwrap_err()
    };
    assert_eq!(refused("Call-ID"), Refusal::BadParameter);
    for name in ["CSeq", "Expires", "Via", "From", "To"] {
        assert!(matches!(refused(name), Refusal::Syntax(_)), "{name}");
    }
    let message = String::from_utf8(text.clone()).unwrap().replace("PUBLISH", "MESSAGE");
    assert!(world.agent.publish(now, message.as_bytes(), ALICE).is_err());
    world.agent.set_listening(None);
    assert_eq!(world.agent.build_publish(OPEN), Err(Refusal::NoNetwork));
    assert_eq!(
        world.agent.build_publish(InitialPublish { to: "", ..OPEN }),
        Err(Refusal::BadParameter)
    );
    assert_eq!(world.agent.publish(now, &text, ALICE), Err(Refusal::NoNetwork));
}

#[test]
fn a_change_has_the_tag_of_the_last_answer_and_the_next_number() {
    let mut world = World::new();
    let (_, first) = published(&mut world, 600, "e1");
    publish(&mut world, CLOSED);
    let second = world.one();
    assert_eq!((tag(&second), cseq(&second)), (Some("e1"), 21));
    assert_ne!(second.get("Call-ID"), first.get("Call-ID"), "that of the message");
    assert_eq!(second.body, b"<closed/>");
    world.answer(&second, "200 OK", &["Expires: 600"]);
    world.event();
    publish(&mut world, OPEN);
    let third = world.one();
    assert_eq!((tag(&third), cseq(&third)), (Some("e1"), 22), "an answer without tag keeps it");
}

#[test]
fn publications_are_told_apart_by_address_and_event() {
    let mut world = World::new();
    published(&mut world, 600, "e1");
    let dialogs = InitialPublish { event: "dialog", ..OPEN };
    publish(&mut world, dialogs);
    let other = world.one();
    assert_eq!((tag(&other), cseq(&other)), (None, 20));
    accept(&mut world, &other, 600, "d1");
    publish(&mut world, InitialPublish { event: "PRESENCE", ..OPEN });
    assert_eq!(tag(&world.one()), Some("e1"));
    let text = world.agent.build_publish(dialogs).unwrap();
    let now = world.now();
    world.agent.publish(now, &text, "SIP:ALICE@acme.test").unwrap();
    assert_eq!(tag(&world.one()), Some("d1"));
    let long = "x".repeat(300);
    for end in ["a", "b"] {
        let text = world.agent.build_publish(OPEN).unwrap();
        world.agent.publish(now, &text, &format!("{long}{end}")).unwrap();
        assert_eq!(tag(&world.one()), None, "no part of a long text is left out");
    }
}

#[test]
fn a_tag_of_any_length_comes_back_whole() {
    let mut world = World::new();
    let long = "t".repeat(500);
    published(&mut world, 600, &long);
    publish(&mut world, CLOSED);
    assert_eq!(tag(&world.one()), Some(&*long));
}

#[test]
fn the_tag_that_the_program_gives_stands_alone() {
    let mut world = World::new();
    published(&mut world, 600, "e1");
    let mut draft = Draft::parse(&world.agent.build_publish(CLOSED).unwrap()).unwrap();
    draft.push("SIP-If-Match", "mine");
    let now = world.now();
    world.agent.publish(now, &draft.to_bytes(), ALICE).unwrap();
    let tags: Vec<_> = world
        .one()
        .headers()
        .filter(|(name, _)| *name == "SIP-If-Match")
        .map(|(_, tag)| tag.to_owned())
        .collect();
    assert_eq!(tags, ["mine"]);
}

#[test]
fn a_refresh_has_the_newest_tag_and_no_body() {
    let mut world = World::new();
    let (first, _) = published(&mut world, 600, "e1");
    let mut draft = Draft::parse(&world.agent.build_publish(CLOSED).unwrap()).unwrap();
    draft.push("X-Device", "7");
    let now = world.now();
    world.agent.publish(now, &draft.to_bytes(), ALICE).unwrap();
    let change = world.one();
    accept(&mut world, &change, 30, "e2");
    world.run_to(26_999);
    assert!(world.automatic().is_empty(), "nine tenths of 30 s are not over");
    world.run_to(27_000);
    let refresh = world.automatic_one();
    assert_eq!((tag(&refresh), cseq(&refresh)), (Some("e2"), 22));
    assert_eq!((refresh.body.len(), refresh.get("Content-Type")), (0, None));
    assert_eq!(refresh.get("Event"), Some("presence"));
    assert_eq!(refresh.get("Expires"), Some("600"));
    assert_eq!(refresh.get("X-Device"), Some("7"));
    assert_eq!(refresh.get("Call-ID"), change.get("Call-ID"));
    world.answer(&refresh, "200 OK", &["Expires: 30", "SIP-ETag: e3"]);
    let event = world.event();
    assert_eq!(event.kind, EventKind::MessageAnswered);
    assert_eq!(event.ids.tid, first + 2, "a refresh has a number of its own");
    world.run_to(54_000);
    assert_eq!(tag(&world.automatic_one()), Some("e3"));
}

#[test]
fn a_refresh_is_at_nine_tenths_or_after_900_s() {
    for (granted, at) in [(10, 9_000), (600, 540_000), (1000, 900_000), (3600, 900_000), (1, 1_000)]
    {
        let mut world = World::new();
        published(&mut world, granted, "e1");
        assert!(world.run_to(at - 1).is_empty());
        assert!(world.automatic().is_empty(), "{granted}");
        world.run_to(at);
        assert!(world.agent.has_action_due());
        world.automatic_one();
    }
}

#[test]
fn where_no_tag_is_known_a_refresh_has_everything() {
    let mut world = World::new();
    publish(&mut world, OPEN);
    let request = world.one();
    world.answer(&request, "200 OK", &["Expires: 100"]);
    world.event();
    world.run_to(90_000);
    let refresh = world.automatic_one();
    assert_eq!((tag(&refresh), &refresh.body[..]), (None, &b"<open/>"[..]));
    assert_eq!(refresh.get("Content-Type"), Some("application/pidf+xml"));
}

#[test]
fn what_the_server_has_forgotten_by_itself_is_published_anew() {
    let mut world = World::new();
    published(&mut world, 30, "e1");
    world.run_to(30_000);
    let refresh = world.automatic_one();
    assert_eq!((tag(&refresh), &refresh.body[..]), (None, &b"<open/>"[..]));
}

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
        let answer = second.get("Authorization").unwrap();
        assert_eq!(param(answer, "nc").as_deref(), Some("00000001"));
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
    let count = |request: &Draft| param(request.get("Authorization").unwrap(), "nc").unwrap();
    assert_eq!(count(&change), "00000002");
    accept(&mut world, &change, 100, "e2");
    world.run_to(90_000);
    let refresh = world.automatic_one();
    assert_eq!(count(&refresh), "00000003");
    world.answer(&refresh, "401 Unauthorized", &[&format!("{OTHER}, stale=true")]);
    world.event();
    world.tick();
    let renewed = world.automatic_one();
    assert_eq!(count(&renewed), "00000001");
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
    let event = world.event();
    assert!(event.text.contains("credentials are wrong"));
    assert!(world.automatic().is_empty());
    let now = world.now();
    let mut default = |tid| world.agent.default_action_for_request(now, tid, 401);
    assert_eq!(default(tid), Ok(Action::Sent), "it was");
    assert_eq!(default(event.ids.tid), Err(Refusal::RetryLimit));
    world.credential("alice", "better", "");
    assert!(world.agent.has_action_due());
    assert!(world.automatic_one().get("Authorization").is_some());
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
fn the_second_of_two_at_once_waits_and_has_the_tag_of_the_first() {
    let mut world = World::new();
    let first_tid = publish(&mut world, OPEN);
    let second_tid = publish(&mut world, CLOSED);
    assert!(second_tid > first_tid);
    let first = world.one();
    world.answer(&first, "200 OK", &["SIP-ETag: e1"]);
    assert_eq!(world.event().ids.tid, first_tid);
    let second = world.one();
    assert_eq!((tag(&second), cseq(&second)), (Some("e1"), 21));
    world.answer(&second, "200 OK", &["SIP-ETag: e2"]);
    assert_eq!(world.event().ids.tid, second_tid);
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
fn at_most_64_wait() {
    let mut world = World::new();
    publish(&mut world, OPEN);
    let text = world.agent.build_publish(CLOSED).unwrap();
    let now = world.now();
    for _ in 0..64 {
        world.agent.publish(now, &text, ALICE).unwrap();
    }
    assert_eq!(world.agent.publish(now, &text, ALICE), Err(Refusal::WrongState));
    world.run_to(32_000);
    assert_eq!(world.events().len(), 1, "the next goes out, and no other");
}

#[test]
fn a_removal_ends_the_publication() {
    let mut world = World::new();
    published(&mut world, 600, "e1");
    publish(&mut world, GONE);
    let removal = world.one();
    assert_eq!((tag(&removal), removal.get("Expires")), (Some("e1"), Some("0")));
    world.answer(&removal, "200 OK", &["SIP-ETag: e9", "Expires: 0"]);
    world.event();
    assert!(world.run_to(3_700_000).is_empty());
    assert!(world.automatic().is_empty());
    assert_eq!(world.agent.poll_timeout(), None);
    publish(&mut world, OPEN);
    let anew = world.one();
    assert_eq!((tag(&anew), cseq(&anew)), (None, 20));
}

#[test]
fn a_removal_that_meets_412_has_nothing_to_remove() {
    let mut world = World::new();
    published(&mut world, 600, "e1");
    publish(&mut world, GONE);
    let removal = world.one();
    world.answer(&removal, "412 Conditional Request Failed", &[]);
    world.event();
    world.tick();
    assert!(world.automatic().is_empty());
    publish(&mut world, OPEN);
    assert_eq!(cseq(&world.one()), 20);
}

#[test]
fn a_removal_that_is_not_answered_is_forgotten_after_75_s() {
    for status in [None, Some("500 No")] {
        let mut world = World::new();
        published(&mut world, 600, "e1");
        publish(&mut world, GONE);
        let removal = world.one();
        if let Some(status) = status {
            world.answer(&removal, status, &[]);
        }
        world.run_to(74_999);
        world.events();
        assert!(world.automatic().is_empty(), "it is not repeated");
        world.run_to(75_000);
        assert_eq!(world.agent.poll_timeout(), None);
        publish(&mut world, OPEN);
        let anew = world.one();
        assert_eq!((tag(&anew), cseq(&anew)), (None, 20));
    }
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
fn a_redirection_is_told_and_refused_to_default_action() {
    let mut world = World::new();
    let tid = publish(&mut world, OPEN);
    let request = world.one();
    world.answer(&request, "302 Moved", &["Contact: <sip:192.0.2.5>"]);
    assert_eq!(world.event().kind, EventKind::MessageRedirected);
    let now = world.now();
    let done = world.agent.default_action_for_request(now, tid, 302);
    assert_eq!(done, Err(Refusal::Undefined));
}

#[test]
fn ten_thousand_publications_refresh_each_in_time() {
    let mut world = World::new();
    let text = world.agent.build_publish(InitialPublish { expires: "100", ..OPEN }).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (begin, end) = text.split_once(";branch=z9hG4bK").unwrap();
    let now = world.now();
    for n in 0..10_000 {
        let text = format!("{begin};branch=z9hG4bK{n}x{end}");
        world.agent.publish(now, text.as_bytes(), &format!("sip:user{n}@acme.test")).unwrap();
    }
    let sent = world.sent();
    assert_eq!(sent.len(), 10_000);
    for request in &sent {
        world.answer(request, "200 OK", &["SIP-ETag: e", "Expires: 100"]);
    }
    assert_eq!(world.events().len(), 10_000);
    let counted = world.agent.statistics();
    assert_eq!((counted.publications, counted.publications_ever), (10_000, 10_000));
    assert!(world.run_to(90_000).is_empty());
    let mut refreshed = 0;
    while world.agent.has_action_due() {
        let sent = world.automatic();
        assert!(sent.len() <= 256);
        refreshed += sent.len();
    }
    assert_eq!(refreshed, 10_000);
}
