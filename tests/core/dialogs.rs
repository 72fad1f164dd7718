//! Dialogs (RFC 3261 section 12): how they begin, what they are known by, how their requests are
//! addressed and numbered.

use crate::answers::{names, values};
use register::dialog::{Dialog, Order};
use register::request::{Entropy, Settings, tag_of};
use register::sip::{Draft, Message};

const INVITE: &str = "INVITE sip:bob@acme.test;x=1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKi
From: \"Al\" <sip:alice@home.test>;tag=a1
To: <sip:bob@acme.test>
Call-ID: call-1
CSeq: 20 INVITE
Contact: <sip:alice@192.0.2.1:5060>
Authorization: Digest response=\"1\"
Proxy-Authorization: Digest response=\"2\"
";

/// A message of these lines, handed to `read`.
fn with<R>(lines: &str, read: impl FnOnce(&Message<'_>) -> R) -> R {
    let text = format!("{}\r\n\r\n", lines.trim_end().replace('\n', "\r\n"));
    read(&Message::parse(text.as_bytes()).unwrap())
}

/// A response to our INVITE with a To tag and further lines.
fn response(status: &str, tag: &str, lines: &str) -> String {
    let tag = if tag.is_empty() { String::new() } else { format!(";tag={tag}") };
    format!(
        "SIP/2.0 {status}\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKi\n\
         From: \"Al\" <sip:alice@home.test>;tag=a1\nTo: <sip:bob@acme.test>{tag}\n\
         Call-ID: call-1\nCSeq: 20 INVITE\n{lines}"
    )
}

fn of_response(status: &str, tag: &str, lines: &str) -> Dialog {
    with(INVITE, |invite| {
        with(&response(status, tag, lines), |response| {
            Dialog::of_response(invite, response).unwrap()
        })
    })
}

fn responded(dialog: &mut Dialog, request: &str, status: &str, tag: &str, lines: &str) {
    with(request, |request| {
        with(&response(status, tag, lines), |response| dialog.on_response(request, response));
    });
}

/// The peer's INVITE with these lines in place of its Contact.
fn incoming(lines: &str) -> String {
    format!(
        "INVITE sip:bob@192.0.2.9 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKp\n\
         From: <sip:peer@far.test>;tag=p1\nTo: \"Bob\" <sip:bob@acme.test>\nCall-ID: call-2\n\
         CSeq: 7 INVITE\n{lines}"
    )
}

fn of_request(lines: &str) -> Dialog {
    with(&incoming(lines), |request| Dialog::of_request(request, "mine").unwrap())
}

fn request(dialog: &mut Dialog, method: &str) -> Draft {
    dialog.request(method, &Settings::default(), &mut Entropy::new([1; 32]))
}

fn ordered(dialog: &mut Dialog, cseq: &str) -> Order {
    let method = cseq.split(' ').nth(1).unwrap_or("INFO");
    with(&format!("{method} sip:a SIP/2.0\nCSeq: {cseq}\n"), |request| dialog.on_request(request))
}

#[test]
fn a_callers_request_has_the_reversed_route_set_and_the_target() {
    let mut dialog = of_response(
        "180 Ringing",
        "b1",
        "Record-Route: <sip:p2.test;lr;r=2>\nRecord-Route: <sip:p1.test;lr>, <sip:p0.test;lr>\n\
         Contact: \"B\" <sip:bob@10.0.0.2:5080;p=1?Subject=x>;q=1\n",
    );
    assert!(!dialog.is_confirmed() && dialog.is_caller());
    let info = request(&mut dialog, "INFO");
    assert_eq!(info.start(), "INFO sip:bob@10.0.0.2:5080;p=1 SIP/2.0");
    let wanted = "Via Route Route Route From To Call-ID CSeq Contact Max-Forwards User-Agent";
    assert_eq!(names(&info), wanted);
    let routes = ["<sip:p0.test;lr>", "<sip:p1.test;lr>", "<sip:p2.test;lr;r=2>"];
    assert_eq!(values(&info, "Route"), routes);
    assert_eq!(info.get("From"), Some("\"Al\" <sip:alice@home.test>;tag=a1"));
    assert_eq!(info.get("To"), Some("<sip:bob@acme.test>;tag=b1"));
    assert_eq!(info.get("Call-ID"), Some("call-1"));
    assert_eq!(info.get("Contact"), Some("<sip:alice@999.999.999.999:99999>"));
    assert_eq!(dialog.next_hop(), "sip:p0.test;lr");
    assert!(!dialog.is_routed_strictly());
}

#[test]
fn a_callee_has_the_route_set_in_order_and_its_own_tag() {
    let mut dialog = of_request(
        "Record-Route: <sip:p1.test;lr>\nRecord-Route: <sip:p2.test;lr>\n\
         Contact: <sip:peer@10.0.0.3;transport=tcp>\n",
    );
    assert!(!dialog.is_confirmed() && !dialog.is_caller());
    dialog.confirm();
    assert!(dialog.is_confirmed());
    let bye = request(&mut dialog, "BYE");
    assert_eq!(bye.start(), "BYE sip:peer@10.0.0.3;transport=tcp SIP/2.0");
    assert_eq!(values(&bye, "Route"), ["<sip:p1.test;lr>", "<sip:p2.test;lr>"]);
    assert_eq!(bye.get("From"), Some("\"Bob\" <sip:bob@acme.test>;tag=mine"));
    assert_eq!(bye.get("To"), Some("<sip:peer@far.test>;tag=p1"));
    assert_eq!(bye.get("Contact"), None);
    assert_eq!((dialog.local_tag(), dialog.remote_tag()), ("mine", "p1"));
    assert_eq!(dialog.remote_uri(), "sip:peer@far.test");
}

#[test]
fn callers_count_on_from_the_invite_and_callees_from_2() {
    let mut ours = of_response("200 OK", "b1", "");
    let cseq = |dialog: &mut Dialog, method| {
        request(dialog, method).get("CSeq").unwrap_or_default().to_owned()
    };
    assert_eq!(cseq(&mut ours, "INFO"), "21 INFO");
    assert_eq!(cseq(&mut ours, "BYE"), "22 BYE");
    ours.on_request_sent(30);
    ours.on_request_sent(5);
    assert_eq!(cseq(&mut ours, "BYE"), "31 BYE");
    let mut theirs = of_request("");
    assert_eq!(cseq(&mut theirs, "INFO"), "2 INFO");
    theirs.on_request_sent(0x7fff_ffff);
    assert_eq!(cseq(&mut theirs, "INFO"), "1 INFO", "below 2^31 (section 8.1.1.5)");
}

#[test]
fn a_strict_router_gets_the_request_uri_and_the_target_comes_last() {
    let mut dialog = of_response(
        "200 OK",
        "b1",
        "Record-Route: <sip:p2.test;lr>, <sip:p1.test;method=X>\nContact: <sip:bob@10.0.0.2>\n",
    );
    let info = request(&mut dialog, "INFO");
    assert_eq!(info.start(), "INFO sip:p1.test SIP/2.0");
    assert_eq!(values(&info, "Route"), ["<sip:p2.test;lr>", "<sip:bob@10.0.0.2>"]);
    assert!(dialog.is_routed_strictly());
    assert_eq!(dialog.next_hop(), "sip:p1.test;method=X");
}

#[test]
fn a_router_without_brackets_keeps_its_parameters_and_nonsense_is_none() {
    let mut dialog = of_response(
        "200 OK",
        "b1",
        "Record-Route: sip:p1.test;lr\nRecord-Route: <>, nonsense, <sip:>, \"\nContact: *\n",
    );
    let info = request(&mut dialog, "INFO");
    assert_eq!(values(&info, "Route"), ["<sip:p1.test;lr>"]);
}

#[test]
fn without_a_contact_the_peer_is_reached_as_it_was_at_first() {
    let mut ours = of_response("200 OK", "b1", "");
    assert_eq!(request(&mut ours, "BYE").start(), "BYE sip:bob@acme.test;x=1 SIP/2.0");
    for contact in ["", "Contact: *\n", "Contact: <tel:1>\n", "Contact: <sip:\n"] {
        let mut theirs = of_request(contact);
        assert_eq!(request(&mut theirs, "BYE").start(), "BYE sip:peer@far.test SIP/2.0");
    }
}

#[test]
fn a_dialog_is_known_by_both_tags() {
    let dialog = of_response("200 OK", "b1", "");
    assert!(dialog.matches("call-1", "a1", "b1"));
    for (call_id, local, remote) in [
        ("call-2", "a1", "b1"),
        ("call-1", "A1", "b1"),
        ("call-1", "a1", "b2"),
        ("call-1", "a1", ""),
    ] {
        assert!(!dialog.matches(call_id, local, remote), "{call_id} {local} {remote}");
    }
    assert!(!dialog.may_have_branch("call-1", "a1"), "it is confirmed");
    // A caller of RFC 2543 has no tag.
    let untagged = incoming("").replace(";tag=p1", "");
    let theirs = with(&untagged, |request| Dialog::of_request(request, "mine").unwrap());
    assert!(theirs.matches("call-2", "mine", "") && !theirs.matches("call-2", "mine", "p1"));
    assert_eq!(tag_of("<sip:a@b>;x=\";tag=1\";TAG=2"), "2");
}

#[test]
fn a_response_without_tag_makes_a_dialog_that_a_later_one_completes() {
    let mut dialog = of_response(
        "180 Ringing",
        "",
        "Record-Route: <sip:p1.test;lr>\nContact: <sip:bob@10.0.0.2>\n",
    );
    assert!(dialog.matches("call-1", "a1", "any"));
    request(&mut dialog, "INFO");
    responded(&mut dialog, INVITE, "183 Progress", "b1", "");
    assert_eq!(dialog.remote_tag(), "b1");
    let info = request(&mut dialog, "INFO");
    assert_eq!(info.start(), "INFO sip:bob@10.0.0.2 SIP/2.0");
    assert_eq!(values(&info, "Route"), ["<sip:p1.test;lr>"]);
    assert_eq!(info.get("CSeq"), Some("22 INFO"));
    assert!(!dialog.matches("call-1", "a1", "any"));
}

#[test]
fn a_2xx_confirms_and_sets_the_route_set_and_the_target_again() {
    let first = "Record-Route: <sip:p1.test;lr>\nContact: <sip:bob@10.0.0.2>\n";
    let mut dialog = of_response("180 Ringing", "b1", first);
    // A provisional response may move the target, not the route set.
    let later = "Record-Route: <sip:p2.test;lr>\nContact: <sip:bob@10.0.0.3>\n";
    responded(&mut dialog, INVITE, "183 Progress", "b1", later);
    let info = request(&mut dialog, "INFO");
    assert_eq!(info.start(), "INFO sip:bob@10.0.0.3 SIP/2.0");
    assert_eq!(values(&info, "Route"), ["<sip:p1.test;lr>"]);
    responded(&mut dialog, INVITE, "200 OK", "b1", "Contact: <sip:bob@10.0.0.4>\n");
    assert!(dialog.is_confirmed());
    let info = request(&mut dialog, "INFO");
    assert_eq!(info.start(), "INFO sip:bob@10.0.0.4 SIP/2.0");
    assert_eq!(values(&info, "Route"), [""; 0]);
    // From then on the route set stays (section 12.2.1.2).
    let again = "Record-Route: <sip:p3.test;lr>\nContact: <sip:bob@10.0.0.5>\n";
    responded(&mut dialog, INVITE, "180 Ringing", "b1", again);
    assert_eq!(dialog.target(), "sip:bob@10.0.0.4", "no 1xx of a re-INVITE moves it");
    responded(&mut dialog, INVITE, "200 OK", "b1", again);
    assert_eq!(dialog.target(), "sip:bob@10.0.0.5");
    assert!(dialog.route_set().is_empty());
}

#[test]
fn another_branch_replaces_an_early_dialog_and_goes_on_counting() {
    let first = "Record-Route: <sip:p1.test;lr>\nContact: <sip:bob@10.0.0.2>\n";
    let mut dialog = of_response("180 Ringing", "b1", first);
    request(&mut dialog, "PRACK");
    responded(&mut dialog, INVITE, "180 Ringing", "b2", "Contact: <sip:bob@10.0.0.3>\n");
    assert_eq!((dialog.remote_tag(), dialog.target()), ("b2", "sip:bob@10.0.0.3"));
    assert!(dialog.route_set().is_empty() && !dialog.is_confirmed());
    assert_eq!(request(&mut dialog, "INFO").get("CSeq"), Some("22 INFO"));
    responded(&mut dialog, INVITE, "200 OK", "b3", first);
    assert!(dialog.is_confirmed());
    assert_eq!((dialog.remote_tag(), dialog.target()), ("b3", "sip:bob@10.0.0.2"));
    // A confirmed dialog is not touched by another branch's 2xx, which has a dialog of its own.
    let confirmed = dialog.clone();
    responded(&mut dialog, INVITE, "200 OK", "b4", "Contact: <sip:bob@10.0.0.9>\n");
    assert_eq!(dialog, confirmed);
    let mut other = with(INVITE, |invite| {
        with(&response("200 OK", "b4", "Contact: <sip:bob@10.0.0.9>\n"), |response| {
            dialog.of_other_branch(invite, response).unwrap()
        })
    });
    let bye = request(&mut other, "BYE");
    assert_eq!((bye.get("CSeq"), bye.start()), (Some("23 BYE"), "BYE sip:bob@10.0.0.9 SIP/2.0"));
}

#[test]
fn a_request_of_an_unknown_branch_can_become_the_dialog() {
    let mut dialog = of_response("180 Ringing", "b1", "Contact: <sip:bob@10.0.0.2>\n");
    assert!(!dialog.matches("call-1", "a1", "b2"));
    assert!(dialog.may_have_branch("call-1", "a1") && !dialog.may_have_branch("call-1", "x"));
    let update = "UPDATE sip:alice@192.0.2.1 SIP/2.0\nFrom: <sip:bob@acme.test>;tag=b2\n\
                  To: <sip:alice@home.test>;tag=a1\nCall-ID: call-1\nCSeq: 3 UPDATE\n\
                  Contact: <sip:bob@10.0.0.7>\n";
    with(update, |update| {
        dialog.take_branch(update);
        assert_eq!(dialog.on_request(update), Order::Next);
    });
    assert!(dialog.matches("call-1", "a1", "b2"));
    assert_eq!(dialog.target(), "sip:bob@10.0.0.7");
}

#[test]
fn invite_and_update_refresh_the_target_both_ways() {
    let mut dialog = of_request("Contact: <sip:peer@10.0.0.3>\n");
    for (method, wanted) in [("INFO", 3), ("INVITE", 4), ("UPDATE", 5)] {
        let text = format!("{method} sip:b SIP/2.0\nContact: <sip:peer@10.0.0.{wanted}>\n");
        let text = if method == "INFO" { text.replace(".3>", ".99>") } else { text };
        with(&text, |request| dialog.refresh_target(request));
        assert_eq!(dialog.target(), format!("sip:peer@10.0.0.{wanted}"), "{method}");
    }
    with("INVITE sip:b SIP/2.0\nSubject: no Contact\n", |request| dialog.refresh_target(request));
    assert_eq!(dialog.target(), "sip:peer@10.0.0.5");
    let mut dialog = of_response("200 OK", "b1", "Contact: <sip:bob@10.0.0.2>\n");
    let contact = "Contact: <sip:bob@10.0.0.8>\n";
    responded(&mut dialog, &INVITE.replace("INVITE", "INFO"), "200 OK", "b1", contact);
    assert_eq!(dialog.target(), "sip:bob@10.0.0.2");
    responded(&mut dialog, &INVITE.replace("INVITE", "UPDATE"), "200 OK", "b1", contact);
    assert_eq!(dialog.target(), "sip:bob@10.0.0.8");
    responded(&mut dialog, INVITE, "488 No", "b1", "Contact: <sip:bob@10.0.0.9>\n");
    assert_eq!(dialog.target(), "sip:bob@10.0.0.8");
}

#[test]
fn requests_of_the_peer_are_next_repeated_or_late() {
    let mut dialog = of_request("");
    assert_eq!(ordered(&mut dialog, "7 INVITE"), Order::Repeated);
    assert_eq!(ordered(&mut dialog, "9 INFO"), Order::Next);
    assert_eq!(ordered(&mut dialog, "8 INFO"), Order::Late);
    assert_eq!(ordered(&mut dialog, "7 ACK"), Order::Next, "an ACK bears its INVITE's number");
    assert_eq!(ordered(&mut dialog, "7 CANCEL"), Order::Next);
    assert_eq!(ordered(&mut dialog, "9 INFO"), Order::Repeated);
    assert_eq!(ordered(&mut dialog, "x INFO"), Order::Late);
    assert_eq!(ordered(&mut dialog, "10 BYE"), Order::Next);
    // The peer of a dialog that we made may begin with any number.
    let mut dialog = of_response("200 OK", "b1", "");
    assert_eq!(ordered(&mut dialog, "0 INFO"), Order::Next);
    assert_eq!(ordered(&mut dialog, "0 INFO"), Order::Repeated);
}

#[test]
fn an_ack_has_the_number_the_contact_and_the_proxys_proof_of_its_invite() {
    let mut dialog = of_response(
        "200 OK",
        "b1",
        "Record-Route: <sip:p1.test;lr>\nContact: <sip:bob@10.0.0.2>\n",
    );
    request(&mut dialog, "INFO");
    let ack =
        with(INVITE, |invite| dialog.ack(invite, &Settings::default(), &mut Entropy::new([2; 32])));
    assert_eq!(ack.start(), "ACK sip:bob@10.0.0.2 SIP/2.0");
    let wanted =
        "Via Route From To Call-ID CSeq Contact Proxy-Authorization Max-Forwards User-Agent";
    assert_eq!(names(&ack), wanted);
    assert_eq!(ack.get("CSeq"), Some("20 ACK"));
    assert_eq!(ack.get("Contact"), Some("<sip:alice@192.0.2.1:5060>"));
    assert_eq!(ack.get("Proxy-Authorization"), Some("Digest response=\"2\""));
    assert!(ack.get("Via").unwrap().contains(";branch=z9hG4bK"));
    assert_ne!(ack.get("Via"), Some("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKi"));
    assert_eq!(dialog.local_cseq(), 21, "an ACK takes no number");
}

#[test]
fn contacts_in_a_dialog_are_sips_where_the_call_is_and_have_the_options() {
    let invite = INVITE.replace("sip:bob@acme.test;x=1", "sips:bob@acme.test");
    let mut dialog = with(&invite, |invite| {
        with(&response("180 Ringing", "b1", ""), |response| {
            Dialog::of_response(invite, response).unwrap()
        })
    });
    let settings = Settings {
        instance: Some("urn:uuid:1".into()),
        contact_name: Some("Disp Name".into()),
        dialog_by_flow: true,
        dialog_contact_params: Some("audio".into()),
        ..Settings::default()
    };
    let info = dialog.request("INFO", &settings, &mut Entropy::new([1; 32]));
    let wanted = "\"Disp Name\" <sips:alice@999.999.999.999:99999;ob>;\
                  +sip.instance=\"<urn:uuid:1>\";audio";
    assert_eq!(info.get("Contact"), Some(wanted));
    assert_eq!(dialog.contact_scheme(), "sips");
}

#[test]
fn a_contact_with_ob_and_no_recorded_route_is_reached_by_its_flow() {
    let ob = "Contact: <sip:bob@10.0.0.2;ob>\n";
    assert!(of_response("200 OK", "b1", ob).goes_by_its_flow());
    assert!(!of_response("200 OK", "b1", "Contact: <sip:bob@10.0.0.2>\n").goes_by_its_flow());
    let routed = format!("Record-Route: <sip:p1.test;lr>\n{ob}");
    assert!(!of_request(&routed).goes_by_its_flow());
}

#[test]
fn what_cannot_be_a_dialog_is_none() {
    let from_request = |text: &str| with(text, |request| Dialog::of_request(request, "mine"));
    let plain = incoming("");
    for (old, new) in [
        ("acme.test>", "acme.test>;tag=x"),
        ("To: ", "X: "),
        ("From: ", "X: "),
        ("<sip:peer@far.test>", "<sip:peer@far.test"),
        ("Call-ID: ", "X: "),
        ("CSeq: 7", "CSeq: -7"),
        ("acme.test>", "acme.test>;x=\""),
        ("INVITE sip:bob@192.0.2.9 SIP/2.0", "SIP/2.0 200 OK"),
    ] {
        assert_eq!(from_request(&plain.replace(old, new)), None, "{old} {new}");
    }
    let from_response = |invite: &str, text: &str| {
        with(invite, |invite| with(text, |response| Dialog::of_response(invite, response)))
    };
    assert!(from_response(INVITE, &response("200 OK", "b1", "")).is_some());
    for status in ["100 Trying", "302 Moved", "486 Busy"] {
        assert_eq!(from_response(INVITE, &response(status, "b1", "")), None, "{status}");
    }
    let no_from = INVITE.replace("From: ", "X: ");
    assert_eq!(from_response(&no_from, &response("200 OK", "b1", "")), None);
    assert_eq!(from_response(&plain, INVITE), None);
}

#[test]
fn any_octets_leave_a_dialog_whole() {
    const PIECES: [&str; 14] =
        ["<", ">", "\"", ";tag=", ";lr", "sip:", "@", "\\", ",", "?", "%4", "é", " ", "a"];
    let mut entropy = Entropy::new([9; 32]);
    for _ in 0..5_000 {
        let mut draw = entropy.bits();
        let mut value = || {
            let mut text = String::new();
            for _ in 0..draw % 12 {
                draw /= 13;
                text.push_str(PIECES[(draw % 14) as usize]);
            }
            draw = draw.rotate_left(41) ^ 0x5bd1_e995;
            text
        };
        let text = format!(
            "INVITE {} SIP/2.0\nFrom: {}\nTo: {}\nCall-ID: {}\nCSeq: 1 INVITE\nContact: {}\n\
             Record-Route: {}\n",
            "sip:a",
            value(),
            value(),
            value(),
            value(),
            value()
        );
        with(&text, |message| {
            let Some(mut dialog) = Dialog::of_request(message, "mine") else { return };
            assert_eq!(dialog.local_tag(), "mine");
            dialog.refresh_target(message);
            let again = request(&mut dialog, "INFO");
            let printed = again.to_bytes();
            assert_eq!(Draft::parse(&printed).as_ref(), Ok(&again), "{text}");
        });
    }
}

#[test]
fn a_dialog_at_rest_is_small() {
    assert!(size_of::<Dialog>() <= 128, "{}", size_of::<Dialog>());
}

#[test]
fn of_endless_routers_in_a_response_the_nearest_are_taken() {
    let routes: Vec<_> = (0..10_000).map(|number| format!("<sip:r{number};lr>")).collect();
    let lines = format!("Contact: <sip:bob@192.0.2.2>\nRecord-Route: {}\n", routes.join(","));
    let dialog = of_response("200 OK", "b1", &lines);
    let taken: Vec<_> = dialog.route_set().values().collect();
    assert_eq!((taken.len(), taken[0], taken[139]), (140, "<sip:r9999;lr>", "<sip:r9860;lr>"));
}
