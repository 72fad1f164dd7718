//! Event state that we publish (RFC 3903): what is sent, entity tags, refreshes, removals.

use crate::answers::values;
use crate::common::World;
use register::agent::{EventKind, InitialPublish, Refusal};
use register::sip::Draft;

pub(super) const ALICE: &str = "sip:alice@acme.test";
pub(super) const OPEN: InitialPublish<'_> = InitialPublish {
    to: "sip:alice@192.0.2.1",
    from: ALICE,
    route: "",
    event: "presence",
    expires: "600",
    content_type: "application/pidf+xml",
    body: b"<open/>",
};
pub(super) const CLOSED: InitialPublish<'_> = InitialPublish { body: b"<closed/>", ..OPEN };
pub(super) const GONE: InitialPublish<'_> =
    InitialPublish { expires: "0", content_type: "", body: b"", ..OPEN };

pub(super) fn publish(world: &mut World, ask: InitialPublish<'_>) -> i32 {
    let text = world.agent.build_publish(ask).unwrap();
    let now = world.now();
    world.agent.publish(now, &text, ALICE).unwrap().0
}

pub(super) fn tag(request: &Draft) -> Option<&str> {
    request.get("SIP-If-Match")
}

pub(super) fn cseq(request: &Draft) -> u32 {
    request.get("CSeq").unwrap().strip_suffix(" PUBLISH").unwrap().parse().unwrap()
}

/// Event state that the server holds for `expires` seconds under this tag.
pub(super) fn published(world: &mut World, expires: u32, tag: &str) -> (i32, Draft) {
    let tid = publish(world, InitialPublish { expires: &expires.to_string(), ..OPEN });
    let request = world.one();
    accept(world, &request, expires, tag);
    (tid, request)
}

pub(super) fn accept(world: &mut World, request: &Draft, expires: u32, tag: &str) {
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
fn publications_are_known_by_address_and_event() {
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
fn the_event_and_expiry_that_the_program_adds_hold_and_stand_once() {
    let mut world = World::new();
    let mut draft = Draft::parse(&world.agent.build_publish(CLOSED).unwrap()).unwrap();
    draft.push("Expires", "0");
    draft.push("Event", "dialog");
    let now = world.now();
    world.agent.publish(now, &draft.to_bytes(), ALICE).unwrap();
    let sent = world.one();
    assert_eq!(values(&sent, "Expires"), ["0"]);
    assert_eq!(values(&sent, "Event"), ["dialog"]);
    world.answer(&sent, "200 OK", &[]);
    world.event();
    assert_eq!(world.agent.statistics().publications, 0, "it was a removal");
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
