//! Octets that are not UTF-8 pass through as they came.

use crate::common::{REGISTRAR, World, addr, response};
use register::agent::{CredentialText, Event, InitialRegister};
use register::auth::Algorithm;
use register::sip::octets::{decode, encode};
use register::sip::{Draft, excerpt};

const REALM: &[u8] = b"Telef\xf3nica";
const USER: &[u8] = b"j\xfcrgen";

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The value of a parameter of the first Authorization.
fn parameter<'a>(request: &'a [u8], name: &[u8]) -> &'a [u8] {
    let begin = [name, b"=\""].concat();
    let at = request.windows(begin.len()).position(|window| window == begin).unwrap();
    let value = &request[at + begin.len()..];
    &value[..value.iter().position(|octet| *octet == b'"').unwrap()]
}

#[test]
fn realm_and_digest_user_are_echoed_and_hashed_as_they_came() {
    for (status, challenge) in [("401 No", "WWW-Authenticate"), ("407 No", "Proxy-Authenticate")] {
        let mut world = World::new();
        let (user, realm) = (decode(USER), decode(REALM));
        let text = CredentialText {
            username: "alice",
            userid: &user,
            password: b"s\xe9",
            ha1: "",
            realm: &realm,
        };
        world.agent.add_credential(text).unwrap();
        let (rid, request) = world.register(3600);
        let nonce = decode(b"n\xe9");
        let line = format!("{challenge}: Digest realm=\"{realm}\", nonce=\"{nonce}\"");
        let answer = response(&request, status, &[&line]);
        let octets = encode(std::str::from_utf8(&answer).unwrap()).into_owned();
        assert!(contains(&octets, REALM));
        world.receive(&octets);
        let event = world.event();
        assert_eq!(event.response.as_deref(), Some(&octets), "the event has the octets");
        let now = world.now();
        world.agent.automatic_action(now);
        let sent = world.raw_sent().remove(0).1;
        assert_eq!(parameter(&sent, b"username"), USER);
        assert_eq!(parameter(&sent, b"realm"), REALM);
        let md5 = |pieces: &[&[u8]]| Algorithm::Md5.hex(pieces);
        let (a1, a2) = (md5(&[USER, b":", REALM, b":s\xe9"]), md5(&[b"REGISTER:sip:192.0.2.1"]));
        let wanted = md5(&[a1.as_bytes(), b":n\xe9:", a2.as_bytes()]);
        assert_eq!(parameter(&sent, b"response"), wanted.as_bytes());
        // The same once more is a refusal; people read it.
        let again = response(&Draft::parse(&sent).unwrap(), status, &[&line]);
        world.receive(&encode(std::str::from_utf8(&again).unwrap()));
        let event = world.event();
        assert_eq!(event.request.as_deref(), Some(&sent), "what was sent");
        assert!(event.text.contains("\"j\u{fffd}rgen\""), "{}", event.text);
        assert!(event.text.contains("Telef\u{fffd}nica"), "{}", event.text);
        // A text that was built and edited by the application.
        world.credential("alice", "other", "");
        world.credential("alice", "other", &realm);
        let mut text = world.agent.build_register(rid, 3600).unwrap();
        assert!(contains(&text, REALM));
        let end = text.len() - b"Content-Length: 0\r\n\r\n".len();
        text.splice(end..end, *b"Subject: \xc4\xe3\xba\xc3\r\n");
        world.send(rid, &text);
        let sent = world.raw_sent().remove(0).1;
        assert!(contains(&sent, REALM) && contains(&sent, b"Subject: \xc4\xe3\xba\xc3\r\n"));
    }
}

#[test]
fn a_display_name_is_sent_and_kept_as_it_was_given() {
    let mut world = World::new();
    let from = decode(b"\"M\xfcller\" <sip:alice@acme.test>");
    let ask = InitialRegister {
        from: &from,
        proxy: "sip:192.0.2.1",
        contact: None,
        expires: 600,
        q: None,
    };
    let (rid, text) = world.build_with(ask);
    assert!(contains(&text, b"From: \"M\xfcller\" <sip:alice@acme.test>;tag="));
    let now = world.now();
    for text in [Some(&text[..]), None] {
        world.agent.send_register(now, rid, text).unwrap();
        let sent = world.raw_sent().remove(0).1;
        assert!(contains(&sent, b"To: \"M\xfcller\" <sip:alice@acme.test>\r\n"));
        world.grant(&Draft::parse(&sent).unwrap(), 600);
    }
}

#[test]
fn a_response_to_a_request_has_its_octets() {
    let mut world = World::new();
    let request = b"OPTIONS sip:alice@192.0.2.99 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\nFrom: \xc4\xe3\xba\xc3 <sip:b@h>;tag=1\r\n\
        To: <sip:alice@h>\r\nCall-ID: \xe9@h\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    world.receive_from(addr(REGISTRAR), request);
    assert_eq!(world.event().request.as_deref().map(|text| &text[..]), Some(&request[..]));
    world.run_to(499);
    world.at(500);
    let answer = world.raw_sent().remove(0).1;
    assert!(contains(&answer, b"From: \xc4\xe3\xba\xc3 <sip:b@h>;tag=1\r\n"));
    assert!(contains(&answer, b"Call-ID: \xe9@h\r\n"));
    while let Some(event) = world.agent.poll_event() {
        assert!(!matches!(event, Event::Log(_, text) if text.contains(&*decode(b"\xe9"))));
    }
    assert_eq!(excerpt(&decode(b"\xe9t\xe9")), "\u{fffd}t\u{fffd}");
}

#[test]
fn a_challenged_message_keeps_its_octets() {
    let mut world = World::with_alice();
    let ask = register::agent::OutOfDialog {
        method: "MESSAGE",
        to: "sip:bob@192.0.2.1",
        from: "sip:alice@acme.test",
        route: "",
    };
    let text = world.agent.build_request(ask).unwrap();
    let end = text.windows(2).position(|w| w == b"\r\n").unwrap() + 2;
    let start = b"MESSAGE sip:bob@192.0.2.1 SIP/2.0\r\nSubject: caf\xe9\r\n";
    let text = [&start[..], &text[end..]].concat();
    let now = world.now();
    world.agent.send_request(now, &text).unwrap();
    for _ in 0..2 {
        let sent = world.raw_sent().remove(0).1;
        assert!(sent.windows(6).any(|w| w == b"caf\xe9\r\n"), "{}", sent.escape_ascii());
        let draft = register::sip::Draft::parse(&sent).unwrap();
        world.answer(&draft, "401 Unauthorized", &[&crate::common::www("n1")]);
        world.agent.automatic_action(now);
    }
}
