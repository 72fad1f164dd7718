//! The messages of RFC 4475, as datagrams to the parser and to an agent.

use crate::common::{World, addr};
use register::sip::{Draft, Message, NameAddr, Uri, normalise};
use std::fs;
use std::path::Path;

const PEER: &str = "192.0.2.50:5060";
/// Section 3.1.1: to be accepted.
const VALID: [&str; 13] = [
    "wsinv",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "dblreq",
    "semiuri",
    "transports",
    "mpart01",
    "unreason",
    "noreason",
];
/// The five that are answers.
const ANSWERS: [&str; 5] = ["bcast", "bigcode", "noreason", "scalarlg", "unreason"];

/// Name and octets of each message, in the order of the names.
fn messages() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/rfc4475");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut messages: Vec<_> = paths.map(|path| (stem(&path), fs::read(path).unwrap())).collect();
    messages.sort();
    assert_eq!(messages.len(), 49);
    messages
}

fn message(name: &str) -> Vec<u8> {
    messages().into_iter().find(|(stem, _)| stem == name).unwrap().1
}

#[test]
fn only_messages_without_a_clear_end_or_kind_are_refused() {
    let refused: Vec<_> = messages()
        .iter()
        .filter_map(|(name, bytes)| {
            Some((name.clone(), Message::parse(&normalise(bytes)).err()?.what))
        })
        .collect();
    let expected = [
        ("badvers", "version is not SIP/2.0"),
        ("bigcode", "status line: code out of 100–699"),
        ("clerr", "Content-Length: beyond the datagram"),
        ("mcl01", "Content-Length: two that differ"),
    ];
    assert_eq!(refused, expected.map(|(name, why)| (name.to_owned(), why)));
    assert!(VALID.iter().all(|name| refused.iter().all(|(refused, _)| refused != name)));
}

#[test]
fn each_is_read_as_it_came_as_if_it_had_been_normalised() {
    for (name, bytes) in messages() {
        let (text, mut room) = (normalise(&bytes), Vec::new());
        let parts = |m: Message<'_>| (format!("{:?}", (m.start, m.headers)), m.body.to_vec());
        let (came, regular) = (Message::read(&bytes, &mut room), Message::parse(&text));
        assert_eq!(came.map(parts), regular.map(parts), "{name}");
    }
}

#[test]
fn what_is_read_is_printed_and_read_again() {
    for (name, bytes) in messages() {
        let Ok(draft) = Draft::parse(&normalise(&bytes)) else { continue };
        let printed = draft.to_bytes();
        assert_eq!(Draft::parse(&printed).unwrap().to_bytes(), printed, "{name}");
    }
}

#[test]
fn the_short_tortuous_invite() {
    let text = normalise(&message("wsinv")).into_owned();
    let invite = Message::parse(&text).unwrap();
    assert_eq!(invite.method(), Some("INVITE"));
    assert_eq!(invite.call_id(), Some("wsinv.ndaksdj@192.0.2.1"));
    assert_eq!(invite.cseq().map(|cseq| (cseq.number, cseq.method)), Some((9, "INVITE")));
    assert_eq!(invite.elements("Via").count(), 3);
    assert_eq!(invite.top_via().unwrap().host, "192.0.2.2");
    assert_eq!(invite.header("Subject"), Some(""));
    assert_eq!(
        invite.header("NewFangledHeader"),
        Some("newfangled value continued newfangled value")
    );
    let from = NameAddr::parse(invite.header("From").unwrap()).unwrap();
    assert_eq!((from.uri, from.params.get("tag")), ("sip:jdrosen@example.com", Some("98asjd8")));
    let to = NameAddr::parse(invite.header("To").unwrap()).unwrap();
    assert_eq!(to.params.get("tag"), Some("1918181833n"));
    assert_eq!(invite.contacts().count(), 1);
    assert_eq!(invite.body.len(), 150);
}

#[test]
fn the_octets_behind_the_first_message_are_not_its_body() {
    let text = normalise(&message("dblreq")).into_owned();
    let register = Message::parse(&text).unwrap();
    assert_eq!((register.method(), register.body), (Some("REGISTER"), &b""[..]));
    assert_eq!(register.header("To"), Some("sip:j.user@example.com"));
}

#[test]
fn what_is_escaped_stays_escaped() {
    let text = normalise(&message("escnull")).into_owned();
    let register = Message::parse(&text).unwrap();
    let from = NameAddr::parse(register.header("From").unwrap()).unwrap();
    assert_eq!(Uri::parse(from.uri).unwrap().to_string(), "sip:null-%00-null@example.com");
    let text = normalise(&message("esc02")).into_owned();
    let odd = Message::parse(&text).unwrap();
    assert_eq!(odd.method(), Some("RE%47IST%45R"), "a method is no URI");
    assert_eq!(odd.contacts().count(), 2, "nor is the name of a header field");
    let text = normalise(&message("semiuri")).into_owned();
    let register::sip::StartLine::Request { uri, .. } = Message::parse(&text).unwrap().start else {
        panic!()
    };
    let uri = Uri::parse(uri).unwrap();
    assert_eq!((uri.user, uri.host), (Some("user;par=u%40example.net"), "example.com"));
}

/// C's texts end at a NUL, so none gets there.
#[test]
fn a_nul_in_the_head_is_read_as_a_replacement_character() {
    let bytes = message("intmeth");
    assert!(bytes.contains(&0));
    let text = normalise(&bytes).into_owned();
    assert!(!text.contains(&0));
    let odd = Message::parse(&text).unwrap();
    assert!(
        odd.header("To")
            .unwrap()
            .starts_with("\"BEL:\\\u{7} NUL:\\\u{fffd} DEL:\\\u{7f}\" <sip:1_unusual")
    );
    assert_eq!(odd.cseq().unwrap().number, 139_122_385);
}

#[test]
fn an_agent_receives_them_all_and_keeps_none() {
    for (name, bytes) in messages() {
        let mut world = World::new();
        world.receive_from(addr(PEER), &bytes);
        let events = world.events().len();
        let answers = world.sent();
        let readable = Message::parse(&normalise(&bytes)).is_ok();
        if ANSWERS.contains(&&*name) || !readable || name == "insuf" {
            assert!(events == 0 && answers.is_empty(), "{name}: there is nothing to answer to");
        } else if name == "scalar02" {
            assert_eq!(
                (events, answers[0].start()),
                (0, "SIP/2.0 400 Bad Request"),
                "CSeq is beyond 2^31"
            );
        } else {
            let in_dialog = ["wsinv", "lwsruri"].contains(&&*name);
            // An INVITE whose To or From cannot be read makes no dialog: it gets 400.
            let is_unreadable = ["quotbal"].contains(&&*name);
            assert_eq!(events, usize::from(!in_dialog && !is_unreadable), "{name}");
        }
        // A call that nobody answers stays for three minutes.
        world.run_to(240_000);
        assert_eq!(world.agent.poll_timeout(), None, "{name} is gone");
    }
}

/// Section 3.2.1: a branch that is nothing but the magic cookie tells no requests apart.
#[test]
fn the_bare_magic_cookie_is_no_branch() {
    let mut world = World::new();
    let first = message("badbranch");
    let other = String::from_utf8(first.clone()).unwrap().replace("badbranch.", "other.");
    for bytes in [&first, &first, &other.into_bytes()] {
        world.receive_from(addr(PEER), bytes);
    }
    assert_eq!(world.events().len(), 2);
}
