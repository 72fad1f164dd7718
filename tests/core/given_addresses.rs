//! Addresses as programs write them: what goes out for them, and what is refused.

use crate::common::{LOCAL, REGISTRAR, World, addr};
use register::agent::{InitialRegister, OutOfDialog, Refusal, TransportSet};
use register::registration::policy::managed::{ManagedOptions as Options, RegistererState};
use register::sip::octets::{decode, encode};
use register::sip::{Draft, well_formed};

const NAMES: [(&str, &str); 6] = [
    ("Alice M\u{fc}ller", "\"Alice M\u{fc}ller\""),
    ("Dr. Alice (home)", "\"Dr. Alice (home)\""),
    ("M\u{fc}ller, Alice", "\"M\u{fc}ller, Alice\""),
    ("Alice \"Al\" M", "\"Alice \\\"Al\\\" M\""),
    ("alice@home", "\"alice@home\""),
    ("\u{4f60}\u{597d}", "\"\u{4f60}\u{597d}\""),
];

#[test]
fn registerer_puts_a_display_name_in_quotes_where_it_needs_them() {
    for (name, quoted) in NAMES {
        let given = format!("{name} <sip:alice@acme.test>");
        let mut world = World::new();
        let (rid, request) = world.managed_register(|options| {
            options.aor = given.clone();
            options.from = Some(given.replace("alice@acme", "admin@acme"));
            options.contacts = vec![given.replace("acme.test", "192.0.2.99:5070")];
        });
        assert_eq!(request.get("To"), Some(&*format!("{quoted} <sip:alice@acme.test>")));
        let from = request.get("From").unwrap();
        assert!(from.starts_with(&format!("{quoted} <sip:admin@acme.test>;tag=")), "{from}");
        let contact = request.get("Contact").unwrap();
        assert!(
            contact.starts_with(&format!("{quoted} <sip:alice@192.0.2.99:5070;ob>")),
            "{contact}"
        );
        world.grant(&request, 600);
        assert_eq!(world.state(rid), RegistererState::Registered);
        let refresh = world.one_at(540_000);
        assert_eq!(
            ["To", "Contact"].map(|name| refresh.get(name)),
            ["To", "Contact"].map(|name| request.get(name))
        );
    }
    for kept in
        ["Alice <sip:a@b>", "\"Al, \\\"A\" <sip:a@b>;q=1", "<sip:a@b>", "O'Neil-2 J. <sip:a@b>"]
    {
        assert_eq!(well_formed(kept, true), kept);
    }
}

#[test]
fn the_exosip_calls_refuse_a_display_name_that_needs_quotes() {
    let refusal = Refusal::Syntax("a display name that must be in quotes");
    for (name, quoted) in NAMES {
        let mut world = World::new();
        let given = format!("{name} <sip:alice@acme.test>");
        let fine = format!("{quoted} <sip:alice@acme.test>");
        let ask = |from| InitialRegister {
            from,
            proxy: "sip:192.0.2.1",
            contact: None,
            expires: 60,
            q: None,
        };
        assert_eq!(world.agent.build_initial_register(1, ask(&given)), Err(refusal), "{given}");
        assert!(world.agent.build_initial_register(1, ask(&fine)).is_ok());
        for (to, from) in [(&given, &fine), (&fine, &given)] {
            let message = OutOfDialog { method: "MESSAGE", to, from, route: "" };
            assert_eq!(world.agent.build_request(message), Err(refusal), "{to} {from}");
        }
    }
}

#[test]
fn a_user_part_may_hold_semicolons() {
    let aor = "sip:0123;phone-context=example.com@example.com;user=phone";
    let mut world = World::new();
    world.names = vec![("example.com", Ok(vec![addr(REGISTRAR)]))];
    let (_, request) = world.managed_register(|options| {
        options.aor = aor.to_owned();
        options.registrar = String::new();
    });
    assert_eq!(request.start(), "REGISTER sip:example.com SIP/2.0");
    assert_eq!(request.get("To"), Some(&*format!("<{aor}>")));
    let contact = request.get("Contact").unwrap();
    assert!(
        contact.starts_with(&format!("<sip:0123;phone-context=example.com@{LOCAL};line=")),
        "{contact}"
    );
    let mut options = Options::new("sip:+49301234@example.com;user=phone");
    options.from = Some(aor.to_owned());
    options.contacts =
        vec!["sip:0123;x=y@192.0.2.99:5070;q=0.5".to_owned(), "sip:a@h;q=0.5".to_owned()];
    let options = options.checked(TransportSet::UDP).unwrap();
    assert_eq!(options.aor, "<sip:+49301234@example.com;user=phone>");
    assert_eq!(options.from.as_deref(), Some(&*format!("<{aor}>")));
    assert_eq!(options.contacts, ["<sip:0123;x=y@192.0.2.99:5070;q=0.5>", "sip:a@h;q=0.5"]);
}

#[test]
fn the_user_part_of_a_registrar_is_left_out_where_managed() {
    let mut world = World::new();
    let (_, request) = world.managed_register(|options| {
        options.registrar = "sip:alice:secret@192.0.2.1;transport=udp".to_owned();
        options.redirects = true;
    });
    assert_eq!(request.start(), "REGISTER sip:192.0.2.1;transport=udp SIP/2.0");
    world.answer(&request, "302 Moved", &["Contact: <sip:alice@192.0.2.50:5080>"]);
    assert_eq!(world.one().start(), "REGISTER sip:192.0.2.50:5080 SIP/2.0", "of a redirection too");
    let (rid, text) = world.build_with(InitialRegister {
        from: "sip:alice@acme.test",
        proxy: "sip:alice@192.0.2.1",
        contact: None,
        expires: 60,
        q: None,
    });
    world.send(rid, &text);
    assert_eq!(
        world.one().start(),
        "REGISTER sip:alice@192.0.2.1 SIP/2.0",
        "programs need it there"
    );
}

#[test]
fn in_the_place_of_a_contact_that_cannot_be_read_ours_is_sent() {
    for contact in [
        "<sip:a@h\u{ff1a}5060>",
        "sip:a@ 127.0.0.1:5060",
        ":abc",
        "<sip:a@h:99999>",
        "<sip:a@h",
        "no uri at all",
        "Alice M\u{fc}ller <sip:a@192.0.2.99:5070>",
    ] {
        let mut world = World::new();
        let (rid, text) = world.build_with(InitialRegister {
            from: "sip:alice@acme.test",
            proxy: "sip:192.0.2.1",
            contact: Some(contact),
            expires: 60,
            q: None,
        });
        world.send(rid, &text);
        let request = world.one();
        let ours = format!("<sip:alice@{LOCAL};line=");
        assert!(request.get("Contact").unwrap().starts_with(&ours), "{contact}");
        let warned = |note: &String| note.contains("is no address: ours is sent");
        assert!(world.notes.iter().any(warned), "{:?}", world.notes);
        world.grant(&request, 60);
        world.at(54_000);
        assert!(
            world.automatic_one().get("Contact").unwrap().starts_with(&ours),
            "and at the refresh"
        );
        let mut options = Options::new("sip:alice@acme.test");
        options.contacts = vec![contact.to_owned()];
        let is_quoted = contact.starts_with("Alice");
        assert_eq!(
            options.checked(TransportSet::UDP).is_ok(),
            is_quoted,
            "registerer.h says what is wrong: {contact}"
        );
    }
}

/// "Beijing" in GB 2312: no UTF-8.
const BEIJING: &[u8] = b"\xb1\xb1\xbe\xa9";

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn octets_that_are_not_utf8_go_out_in_our_display_names_and_subjects() {
    let name = decode(BEIJING).into_owned();
    let quoted = [b"\"", BEIJING, b"\" <sip:alice@acme.test>"].concat();
    let mut world = World::new();
    let rid = world.managed(|options| options.aor = format!("{name} <sip:alice@acme.test>"));
    world.agent.registerer_register(world.now(), rid).unwrap();
    let sent = world.raw_sent().remove(0).1;
    assert!(contains(&sent, &[b"\r\nTo: ", &quoted[..], b"\r\n"].concat()));
    assert!(contains(&sent, &[b"\r\nFrom: ", &quoted[..], b";tag="].concat()));

    let given = format!("\"{name}\" <sip:alice@acme.test>");
    let ask = OutOfDialog { method: "MESSAGE", to: &given, from: &given, route: "sip:192.0.2.1" };
    let text = world.agent.build_request(ask).unwrap();
    assert!(contains(&text, &quoted), "what the program gets");
    let edited = [b"Subject: ", BEIJING, b"\r\nContent-Length: 0"].concat();
    let text = String::from_utf8(encode_escaped(&text)).unwrap();
    let text =
        text.replace("Content-Length: 0", &String::from_utf8(encode_escaped(&edited)).unwrap());
    world.agent.send_request(world.now(), &encode(&text)).unwrap();
    let sent = world.raw_sent().remove(0).1;
    assert!(contains(&sent, &[b"\r\nSubject: ", BEIJING, b"\r\n"].concat()));
    assert!(contains(&sent, &[b"\r\nTo: ", &quoted[..], b"\r\n"].concat()));
}

/// Octets as the text that [`encode`] takes.
fn encode_escaped(octets: &[u8]) -> Vec<u8> {
    decode(octets).into_owned().into_bytes()
}

#[test]
fn octets_of_a_request_from_outside_are_the_same_in_our_answer() {
    let mut world = World::new();
    let head = b"MESSAGE sip:alice@192.0.2.99:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;x=";
    let from = [b"\r\nFrom: \"", BEIJING, b"\" <sip:b@h>;tag=1"].concat();
    let to = [b"\r\nTo: \"", BEIJING, b"\" <sip:alice@h>"].concat();
    let rest =
        [b"\r\nCall-ID: ", BEIJING, b"@h\r\nSubject: ", BEIJING, b"\r\nCSeq: 1 MESSAGE"].concat();
    let text = [head, BEIJING, &from, &to, &rest, b"\r\nContent-Length: 0\r\n\r\n"].concat();
    world.receive(&text);
    let event = world.event();
    assert_eq!(event.request.as_deref(), Some(&text), "the program gets the octets");
    let answer = world.build_answer(event.ids.tid, 200).unwrap();
    world.agent.send_answer(world.now(), event.ids.tid, 200, Some(&answer)).unwrap();
    let sent = world.raw_sent().remove(0).1;
    for wanted in [&from[..], &to, &[b"\r\nCall-ID: ", BEIJING, b"@h\r\n"].concat()] {
        assert!(contains(&sent, wanted), "{}", String::from_utf8_lossy(&sent));
    }
    assert!(contains(&sent, &[b";x=", BEIJING].concat()), "Via");
    assert!(Draft::parse(&sent).is_ok());
}
