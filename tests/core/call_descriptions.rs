//! The session descriptions of a call: where they stand, and which of them hold.

use register::call::negotiated::Sender::{Peer, Us};
use register::call::negotiated::{Negotiated, Sender};
use register::call::sdp_body::sdp_of;
use register::request::Entropy;
use register::sip::Message;

/// The description in a body of this type.
fn described(kind: &str, body: &str) -> Option<String> {
    let head = format!("INVITE sip:a SIP/2.0\r\nContent-Type: {kind}\r\n");
    let text = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let message = Message::parse(text.as_bytes()).unwrap();
    sdp_of(&message).map(|body| String::from_utf8(body.to_vec()).unwrap())
}

/// `INVITE`, or `180 INVITE`, with this description.
fn message<R>(what: &str, description: &str, read: impl FnOnce(&Message<'_>) -> R) -> R {
    let start = match what.split_once(' ') {
        Some((status, method)) => format!("SIP/2.0 {status} x\r\nCSeq: 1 {method}"),
        None => format!("{what} sip:a SIP/2.0\r\nCSeq: 1 {what}"),
    };
    let kind = if description.is_empty() { "" } else { "c: application/sdp\r\n" };
    let text = format!("{start}\r\n{kind}\r\n{description}");
    read(&Message::parse(text.as_bytes()).unwrap())
}

/// A dialog's descriptions after these messages: tid, sender, which, description.
fn after(messages: &[(i32, Sender, &str, &str)]) -> Negotiated {
    let mut negotiated = Negotiated::default();
    for (tid, sender, what, description) in messages {
        message(what, description, |message| negotiated.on_message(*tid, *sender, message));
    }
    negotiated
}

fn text(description: Option<&[u8]>) -> &str {
    description.map_or("none", |text| std::str::from_utf8(text).unwrap())
}

/// Local, remote and previous local description.
fn three(negotiated: &Negotiated) -> [&str; 3] {
    [negotiated.local(), negotiated.remote(), negotiated.previous_local()].map(text)
}

#[test]
fn a_description_is_a_body_of_that_type_in_any_case() {
    for kind in ["application/sdp", "APPLICATION/SDP", "application/SDP ;charset=utf-8"] {
        assert_eq!(described(kind, "v=0\r\n").as_deref(), Some("v=0\r\n"), "{kind}");
    }
    for kind in ["application/sdpx", "text/plain", "", "application/dtmf-relay", "multipart/mixed"]
    {
        assert_eq!(described(kind, "v=0\r\n"), None, "{kind}");
    }
    assert_eq!(described("application/sdp", ""), None);
}

#[test]
fn a_description_is_the_first_such_part_of_a_multipart() {
    let parts = "preamble\r\n--b x\r\nno delimiter\r\n--b\r\nContent-Type: text/plain\r\n\r\nv=1\r\n\
                 --b  \r\nX: y\r\ncontent-type: Application/SDP;a=b\r\n\r\nv=0\r\no=x\r\n\
                 --b\r\nc: application/sdp\r\n\r\nv=2\r\n--b--\r\nepilogue";
    let wanted = Some("v=0\r\no=x");
    assert_eq!(described("multipart/mixed;boundary=b", parts).as_deref(), wanted);
    assert_eq!(described("Multipart/Related; x=1; boundary=\"b\"", parts).as_deref(), wanted);
    let bare = parts.replace("\r\n", "\n");
    assert_eq!(described("multipart/mixed;boundary=b", &bare).as_deref(), Some("v=0\no=x"));
    assert_eq!(described("multipart/mixed;boundary=c", parts), None);
    assert_eq!(described("multipart/mixed;boundary=\"\"", parts), None);
    let ended = "--b--\r\n--b\r\nc: application/sdp\r\n\r\nv=2\r\n--b--";
    assert_eq!(described("multipart/mixed;boundary=b", ended), None, "behind the last one");
    let cut = "--b\r\nc: application/sdp\r\n\r\nv=2";
    assert_eq!(described("multipart/mixed;boundary=b", cut), None, "no end");
    let headless = "--b\r\nc: application/sdp\r\n--b--";
    assert_eq!(described("multipart/mixed;boundary=b", headless), None);
}

#[test]
fn an_offer_and_its_answer_are_local_and_remote_either_way() {
    let ours = after(&[(1, Us, "INVITE", "o1"), (1, Peer, "180 INVITE", "")]);
    assert_eq!(three(&ours), ["o1", "none", "none"]);
    let ours = after(&[(1, Us, "INVITE", "o1"), (1, Peer, "200 INVITE", "a1")]);
    assert_eq!(three(&ours), ["o1", "a1", "none"]);
    let theirs = after(&[(1, Peer, "INVITE", "o1")]);
    assert_eq!(three(&theirs), ["none", "o1", "none"]);
    let theirs = after(&[(1, Peer, "INVITE", "o1"), (1, Us, "200 INVITE", "a1")]);
    assert_eq!(three(&theirs), ["a1", "o1", "none"]);
    assert_eq!((text(theirs.local_of(1)), text(theirs.remote_of(1))), ("a1", "o1"));
    assert_eq!((theirs.local_of(2), theirs.remote_of(2)), (None, None));
}

#[test]
fn early_media_stays_when_the_2xx_has_no_description() {
    let ours = after(&[
        (1, Us, "INVITE", "o1"),
        (1, Peer, "183 INVITE", "a1"),
        (1, Peer, "200 INVITE", ""),
        (1, Us, "ACK", ""),
    ]);
    assert_eq!(three(&ours), ["o1", "a1", "none"]);
}

#[test]
fn the_answer_to_an_offerless_invite_stands_in_the_ack_or_prack() {
    let ours = [(1, Us, "INVITE", ""), (1, Peer, "200 INVITE", "o1"), (1, Us, "ACK", "a1")];
    assert_eq!(three(&after(&ours)), ["a1", "o1", "none"]);
    let theirs = [(1, Peer, "INVITE", ""), (1, Us, "200 INVITE", "o1"), (1, Peer, "ACK", "a1")];
    assert_eq!(three(&after(&theirs)), ["o1", "a1", "none"]);
    let reliable = [
        (1, Us, "INVITE", ""),
        (1, Peer, "183 INVITE", "o1"),
        (1, Us, "PRACK", "a1"),
        (1, Peer, "200 PRACK", ""),
    ];
    assert_eq!(three(&after(&reliable)), ["a1", "o1", "none"]);
    let again = [
        (1, Us, "INVITE", "o1"),
        (1, Peer, "183 INVITE", "a1"),
        (1, Us, "PRACK", "o2"),
        (1, Peer, "200 PRACK", "a2"),
    ];
    assert_eq!(three(&after(&again)), ["o2", "a2", "none"]);
}

#[test]
fn a_new_invite_begins_anew_and_the_last_one_is_the_previous() {
    let first = [(1, Us, "INVITE", "o1"), (1, Peer, "200 INVITE", "a1")];
    let hold = after(&[&first[..], &[(2, Us, "INVITE", "o2")]].concat());
    assert_eq!(three(&hold), ["o2", "none", "o1"]);
    let offerless = after(&[&first[..], &[(2, Peer, "INVITE", "")]].concat());
    assert_eq!(three(&offerless), ["none", "none", "o1"], "we are to make the offer");
    assert_eq!(text(offerless.last_local()), "o1");
    let third = [
        (2, Peer, "INVITE", "o2"),
        (2, Us, "200 INVITE", "a2"),
        (2, Peer, "INVITE", "o2"),
        (3, Us, "INVITE", "o3"),
        (3, Peer, "200 INVITE", "a3"),
    ];
    let third = after(&[&first[..], &third[..]].concat());
    assert_eq!(three(&third), ["o3", "a3", "a2"]);
    assert_eq!(text(third.remote_of(2)), "o2");
    assert_eq!(third.local_of(1), None, "what is older is not kept");
}

#[test]
fn what_was_refused_leaves_what_held_before() {
    let mut held = after(&[
        (1, Us, "INVITE", "o1"),
        (1, Peer, "200 INVITE", "a1"),
        (2, Us, "INVITE", "o2"),
        (2, Peer, "488 INVITE", "x"),
    ]);
    held.on_refused(2);
    assert_eq!(three(&held), ["o1", "a1", "none"]);
    assert_eq!(text(held.local_of(2)), "o2", "its own event still says what it was");
    assert_eq!(text(held.last_local()), "o1");
    message("INVITE", "o3", |message| held.on_message(3, Us, message));
    message("200 INVITE", "a3", |message| held.on_message(3, Peer, message));
    assert_eq!(three(&held), ["o3", "a3", "o1"]);
    assert_eq!(held.local_of(2), None);
    // The first INVITE, challenged and sent again.
    let mut again = after(&[(1, Us, "INVITE", "o1")]);
    again.on_refused(1);
    message("INVITE", "o1", |message| again.on_message(2, Us, message));
    assert_eq!(three(&again), ["o1", "none", "none"]);
}

#[test]
fn an_update_moves_the_descriptions_only_if_it_has_one() {
    let first = [(1, Us, "INVITE", "o1"), (1, Peer, "183 INVITE", "a1")];
    let refresh =
        after(&[&first[..], &[(2, Peer, "UPDATE", ""), (2, Us, "200 UPDATE", "")]].concat());
    assert_eq!(three(&refresh), ["o1", "a1", "none"]);
    let mut update = after(&[&first[..], &[(2, Peer, "UPDATE", "o2")]].concat());
    assert_eq!(three(&update), ["o1", "o2", "o1"]);
    message("200 UPDATE", "a2", |message| update.on_message(2, Us, message));
    // The 2xx to the INVITE repeats its first answer, which counts no more.
    message("200 INVITE", "a1", |message| update.on_message(1, Peer, message));
    assert_eq!(three(&update), ["a2", "o2", "o1"]);
    update.on_refused(2);
    assert_eq!(three(&update), ["o1", "a1", "none"]);
}

#[test]
fn bodies_of_other_messages_are_no_offers() {
    let ours = after(&[
        (1, Us, "INVITE", "o1"),
        (1, Peer, "200 INVITE", "a1"),
        (1, Peer, "INFO", "x"),
        (1, Peer, "200 OPTIONS", "x"),
        (1, Peer, "100 INVITE", "x"),
        (1, Peer, "488 INVITE", "x"),
        (7, Peer, "200 INVITE", "x"),
        (7, Peer, "ACK", "x"),
        (7, Peer, "PRACK", "x"),
    ]);
    assert_eq!(three(&ours), ["o1", "a1", "none"]);
}

#[test]
fn however_many_exchanges_there_are_few_are_kept() {
    let mut negotiated = Negotiated::default();
    for tid in 1..200 {
        message("INVITE", &"o".repeat(100), |message| negotiated.on_message(tid, Us, message));
        if tid % 3 == 0 {
            negotiated.on_refused(tid);
        }
    }
    let kept = (1..200).filter(|tid| negotiated.local_of(*tid).is_some()).count();
    assert_eq!(kept, 3);
}

#[test]
fn any_boundary_and_parts_do_no_harm() {
    const PIECES: [&str; 9] =
        ["--", "b", "\r\n", "\n", ":", "Content-Type", "application/sdp", " ", "\u{e9}"];
    let mut entropy = Entropy::new([5; 32]);
    for _ in 0..20_000 {
        let (mut draw, mut value) = (entropy.bits(), String::new());
        for _ in 0..draw % 20 {
            draw /= 21;
            value.push_str(PIECES[(draw % 9) as usize]);
        }
        let found = described("multipart/x;boundary=b", &value);
        assert!(found.is_none_or(|found| value.contains(&found)), "{value}");
        let _ = described(&format!("multipart/x;boundary={}", value.replace('\n', "")), &value);
    }
}
