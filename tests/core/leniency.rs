//! What is written in another way than RFC 3261 has it and has one meaning is read all the same.

use crate::common::{LOCAL, REGISTRAR, World, addr, response};
use register::agent::EventKind;
use register::sip::{Draft, Message, Via, delta_seconds};

/// The answer to `request` with these lines in the place of its Content-Length.
fn with_lines(request: &Draft, lines: &str) -> Vec<u8> {
    let text = String::from_utf8(response(request, "200 OK", &["Expires: 60"])).unwrap();
    text.replace("Content-Length: 0\r\n", lines).into_bytes()
}

#[test]
fn a_datagram_ends_its_body_where_content_length_is_no_number() {
    for value in ["", "+0", "-1", "0;x=y", "0x0", "none", "1.0"] {
        for name in ["Content-Length", "l"] {
            let mut world = World::new();
            let (_, request) = world.register(60);
            world.receive(&with_lines(&request, &format!("{name}: {value}\r\n")));
            assert_eq!(world.event().kind, EventKind::RegistrationSuccess, "{name}: {value}");
            let text = format!("SIP/2.0 200 OK\r\n{name}: {value}\r\n\r\nbody");
            assert_eq!(Message::parse(text.as_bytes()).unwrap().body, b"body", "{value}");
        }
    }
    let text = b"SIP/2.0 200 OK\r\nl: x\r\nContent-Length: 2\r\n\r\nbody";
    assert_eq!(Message::parse(text).unwrap().body, b"bo", "another line says it");
}

#[test]
fn a_request_is_read_whose_content_length_is_no_number() {
    let mut world = World::new();
    let text = "MESSAGE sip:alice@192.0.2.99:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
                From: <sip:b@h>;tag=1\r\nTo: <sip:alice@h>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n\
                Content-Length: -1\r\nno colon here\r\n\r\nhi";
    world.receive(text.as_bytes());
    assert_eq!(world.event().kind, EventKind::MessageNew);
    assert!(world.notes.iter().any(|note| note.contains("without a colon")), "{:?}", world.notes);
}

#[test]
fn a_line_that_is_no_header_line_is_skipped_and_the_rest_is_read() {
    for line in ["no colon", ": no name", "\u{e9}", "To", "SIP/2.0 200 OK"] {
        let mut world = World::new();
        let (_, request) = world.register(60);
        world.receive(&with_lines(&request, &format!("{line}\r\nContent-Length: 0\r\n")));
        assert_eq!(world.event().kind, EventKind::RegistrationSuccess, "{line}");
        let note = format!("skipped 1 lines without a colon in a message from {REGISTRAR}");
        assert!(world.notes.contains(&note), "{:?}", world.notes);
    }
    let folded = "SIP/2.0 200 OK\r\nSubject: a\r\n b: c\r\nodd\r\n d\r\nTo: x\r\n\r\n";
    let (mut room, text) = (Vec::new(), folded.as_bytes());
    let message = Message::read(text, &mut room).unwrap();
    assert_eq!((message.header("Subject"), message.header("To")), (Some("a b: c"), Some("x")));
    assert_eq!((message.headers.len(), message.skipped), (2, 1));
}

#[test]
fn seconds_are_read_in_quotes_and_with_a_fraction() {
    for (text, seconds) in [
        ("120", Some(120)),
        ("\"120\"", Some(120)),
        (" \" 120 \" ", Some(120)),
        ("120.0", Some(120)),
        ("120.9;x=y", Some(120)),
        ("\"120.0\" (comment)", Some(120)),
        ("120.", Some(120)),
        ("\"120", None),
        ("\"\"", None),
        (".5", None),
        ("1.2.3", None),
        ("120s", None),
        ("-1", None),
        ("99999999999999999999.0", Some(u32::MAX)),
    ] {
        assert_eq!(delta_seconds(text), seconds, "{text}");
    }
}

#[test]
fn both_policies_read_a_grant_in_quotes_or_with_a_fraction() {
    for value in ["\"120\"", "120.0"] {
        for line in [format!("Expires: {value}"), format!("Contact: OWN;expires={value}")] {
            let mut world = World::new();
            let (rid, request) = world.managed_register(|_| {});
            let own = request.get("Contact").unwrap();
            world.answer(&request, "200 OK", &[&line.replace("OWN", own)]);
            assert_eq!(
                world.agent.registerer_info(world.now(), rid).unwrap().granted,
                120,
                "{line}"
            );
            let mut world = World::new();
            let (_, request) = world.register(3600);
            let own = request.get("Contact").unwrap();
            world.answer(&request, "200 OK", &[&line.replace("OWN", own)]);
            world.at(107_999);
            assert!(world.automatic().is_empty(), "{line}");
            world.at(108_000);
            assert_eq!(world.automatic().len(), 1, "{line}");
        }
        let mut world = World::new();
        let (_, request) = world.managed_register(|_| {});
        world.answer(
            &request,
            "423 Interval Too Brief",
            &[&format!("Min-Expires: 9{value}").replace("9\"", "\"9")],
        );
        assert_eq!(world.one().get("Expires"), Some("9120"));
        let mut world = World::new();
        let (rid, request) = world.managed_register(|_| {});
        world.answer(&request, "503 Busy", &[&format!("Retry-After: {value}")]);
        let info = world.agent.registerer_info(world.now(), rid).unwrap();
        assert_eq!(info.retry_after.unwrap().as_secs(), 120);
    }
}

#[test]
fn a_challenge_is_read_without_commas_and_with_semicolons() {
    let written = [
        "Digest realm=\"acme\" nonce=\"n\" qop=\"auth\"",
        "Digest realm=\"acme\"; nonce=\"n\"; qop=\"auth\"",
        "Digest realm=\"acme\" ,; nonce=\"n\";qop=\"auth\" ",
    ];
    for challenge in written {
        for (status, name, answer) in [
            ("401 No", "WWW-Authenticate", "Authorization"),
            ("407 No", "Proxy-Authenticate", "Proxy-Authorization"),
        ] {
            let mut world = World::with_alice();
            let (_, request) = world.managed_register(|_| {});
            world.answer(&request, status, &[&format!("{name}: {challenge}")]);
            let value = world.one().get(answer).unwrap().to_owned();
            assert!(value.contains("realm=\"acme\"") && value.contains("qop=auth"), "{value}");
        }
    }
}

#[test]
fn of_several_rport_the_last_with_a_value_counts() {
    for (params, rport) in [
        (";rport;branch=z9hG4bK1;received=203.0.113.7;rport=1111", Some("1111")),
        (";rport=1111;branch=z9hG4bK1;rport", Some("1111")),
        (";rport=1111;rport=2222", Some("2222")),
        (";RPORT;x=\"y\";Rport = 1111", Some("1111")),
        (";rport", Some("")),
        (";branch=z9hG4bK1", None),
    ] {
        let via = format!("SIP/2.0/UDP 192.0.2.99:5070{params}");
        assert_eq!(Via::parse(&via).unwrap().rport, rport, "{params}");
    }
}

#[test]
fn both_policies_learn_the_address_from_the_last_rport() {
    let seen = |request: &Draft| {
        let mut seen = request.clone();
        seen.set("Via", format!("{};received=203.0.113.7;rport=1111", request.get("Via").unwrap()));
        response(&seen, "200 OK", &["Expires: 600"])
    };
    let mut world = World::new();
    let (_, request) = world.managed_register(|_| {});
    world.receive(&seen(&request));
    assert!(world.one().get("Contact").unwrap().contains("@203.0.113.7:1111"));
    let mut world = World::new();
    let (_, request) = world.register(600);
    world.receive(&seen(&request));
    assert!(world.automatic_one().get("Contact").unwrap().contains("@203.0.113.7:1111"));
    assert_ne!(addr(LOCAL), addr("203.0.113.7:1111"));
}
