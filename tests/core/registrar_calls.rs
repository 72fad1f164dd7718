//! The loopback registrar as a stateless proxy between those who are registered (RFC 3261 section
//! 16.11): a call from its INVITE to its BYE, over datagrams and connections.

use crate::registrar::service::{Fault, Registrar, Reply, Settings};
use register::sip::Draft;
use register::transport::Transport;
use std::net::SocketAddr;
use std::time::Duration;

const ALICE: &str = "127.0.0.1:5071";
const BOB: &str = "127.0.0.1:5072";
const INVITE: [(&str, &str); 7] = [
    ("Via", "SIP/2.0/UDP 127.0.0.1:5071;rport;branch=z9hG4bKa"),
    ("Max-Forwards", "70"),
    ("From", "<sip:alice@rig.test>;tag=a"),
    ("To", "<sip:bob@rig.test>"),
    ("Call-ID", "c"),
    ("CSeq", "1 INVITE"),
    ("Contact", "<sip:alice@127.0.0.1:5071>"),
];

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A registrar, with what it passes on.
struct Rig(Registrar);

impl Rig {
    fn new(transport: Transport) -> Self {
        Rig::with(Settings { transport, auth: false, ..Settings::default() })
    }

    fn with(settings: Settings) -> Self {
        Rig(Registrar::new(settings))
    }

    fn handle(&mut self, from: &str, text: &[u8]) -> Vec<Reply> {
        self.0.handle(Duration::ZERO, address(from), text)
    }

    fn send(&mut self, from: &str, draft: &Draft) -> (String, Draft) {
        let sent = self.handle(from, &draft.to_bytes());
        assert_eq!(sent.len(), 1, "{}", draft.start());
        (sent[0].to.to_string(), Draft::parse(&sent[0].bytes).unwrap())
    }

    fn register(&mut self, from: &str, user: &str, contact: &str) {
        let mut draft = Draft::request("REGISTER", "sip:rig.test");
        draft.push("Via", format!("SIP/2.0/UDP {from};rport;branch=z9hG4bK{user}"));
        draft.push("From", format!("<sip:{user}@rig.test>;tag=r"));
        draft.push("To", format!("<sip:{user}@rig.test>"));
        draft.push("Call-ID", from);
        draft.push("CSeq", "1 REGISTER");
        draft.push("Contact", contact);
        let (to, ok) = self.send(from, &draft);
        assert_eq!((&*to, ok.start()), (from, "SIP/2.0 200 OK"));
    }
}

fn request(method: &str, uri: &str, lines: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::request(method, uri);
    lines.iter().for_each(|(name, value)| draft.push(name, *value));
    draft.set("CSeq", format!("1 {method}"));
    draft
}

/// The answer of one whom a request has reached.
fn response(request: &Draft, status: &str) -> Draft {
    let mut draft = Draft::new(&format!("SIP/2.0 {status}"));
    for (name, value) in request.headers() {
        match name {
            "Via" | "Record-Route" | "From" | "Call-ID" | "CSeq" => draft.push(name, value),
            "To" if value.contains("tag=") => draft.push(name, value),
            "To" => draft.push(name, format!("{value};tag=b")),
            _ => {}
        }
    }
    draft
}

fn lines<'a>(draft: &'a Draft, name: &str) -> Vec<&'a str> {
    draft.headers().filter(|(n, _)| *n == name).map(|(_, value)| value).collect()
}

/// A request in the dialog of `invite`, from the one whose tag is `tag`.
fn within(method: &str, tag: &str, target: &str, ok: &Draft) -> Draft {
    let mut draft = Draft::request(method, target);
    draft.push("Via", format!("SIP/2.0/UDP 127.0.0.1:1;rport;branch=z9hG4bK{method}{tag}"));
    let other = if tag == "a" { "b" } else { "a" };
    draft.push("From", format!("<sip:x@rig.test>;tag={tag}"));
    draft.push("To", format!("<sip:y@rig.test>;tag={other}"));
    draft.push("Call-ID", "c");
    draft.push("CSeq", format!("2 {method}"));
    draft.push("Route", ok.get("Record-Route").unwrap());
    draft
}

#[test]
fn an_invite_goes_to_the_contact_and_its_answers_come_back() {
    let mut rig = Rig::new(Transport::Udp);
    rig.register(BOB, "bob", "<sip:bob@127.0.0.1:5072;line=1>");
    let mut invite = request("INVITE", "sip:bob@rig.test", &INVITE);
    invite.push("Content-Type", "application/sdp");
    let mut text = invite.to_bytes();
    text.truncate(text.len() - "Content-Length: 0\r\n\r\n".len());
    text.extend_from_slice(b"Content-Length: 7\r\n\r\nv=0\r\n\xe9\0");
    let sent = rig.handle(ALICE, &text);
    assert_eq!((sent.len(), sent[0].to), (1, address(BOB)));
    assert!(sent[0].bytes.ends_with(b"\r\nContent-Length: 7\r\n\r\nv=0\r\n\xe9\0"));
    let there = Draft::parse(&sent[0].bytes).unwrap();
    assert_eq!(there.start(), "INVITE sip:bob@127.0.0.1:5072;line=1 SIP/2.0");
    let vias = lines(&there, "Via");
    assert!(vias[0].starts_with("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-p"), "{vias:?}");
    assert_eq!(
        vias[1..],
        ["SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKa;received=127.0.0.1;rport=5071"]
    );
    assert_eq!(lines(&there, "Max-Forwards"), ["69"]);
    assert!(there.get("Record-Route").unwrap().starts_with("<sip:127.0.0.1:5060;lr;"));
    for status in ["100 Trying", "180 Ringing", "200 OK"] {
        let (to, back) = rig.send(BOB, &response(&there, status));
        assert_eq!((&*to, back.start()), (ALICE, &*format!("SIP/2.0 {status}")));
        assert_eq!(lines(&back, "Via"), vias[1..]);
        assert_eq!(back.get("Record-Route"), there.get("Record-Route"));
    }
}

#[test]
fn requests_in_the_dialog_follow_the_recorded_route_both_ways() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
        let mut rig = Rig::new(transport);
        rig.register(BOB, "bob", "<sip:bob@127.0.0.1:5072>");
        let (_, there) = rig.send(ALICE, &request("INVITE", "sip:bob@rig.test", &INVITE));
        let ok = response(&there, "200 OK");
        let ack = within("ACK", "a", "sip:bob@127.0.0.1:5072", &ok);
        let (to, ack) = rig.send(ALICE, &ack);
        assert_eq!((&*to, ack.start()), (BOB, "ACK sip:bob@127.0.0.1:5072 SIP/2.0"));
        assert_eq!((ack.get("Route"), ack.get("Record-Route")), (None, None));
        // Alice is not registered: over connections only the route knows where she is.
        let bye = within("BYE", "b", "sip:127.0.0.1:5071", &ok);
        let (to, bye) = rig.send(BOB, &bye);
        assert_eq!((&*to, bye.start()), (ALICE, "BYE sip:127.0.0.1:5071 SIP/2.0"));
        assert_eq!(rig.send(ALICE, &response(&bye, "200 OK")).0, BOB);
    }
}

#[test]
fn over_connections_the_one_that_registered_last_is_taken() {
    let mut rig = Rig::new(Transport::Tcp);
    rig.register(BOB, "bob", "<sip:bob@192.0.2.1:5060;transport=tcp>");
    let (to, there) = rig.send(ALICE, &request("INVITE", "sip:bob@127.0.0.1", &INVITE));
    assert_eq!(to, BOB);
    // He has lost his connection, and has another.
    rig.register("127.0.0.1:5073", "bob", "<sip:bob@192.0.2.1:5060;transport=tcp>");
    let target = "sip:bob@192.0.2.1:5060;transport=tcp";
    let ack = within("ACK", "a", target, &response(&there, "200 OK"));
    assert_eq!(rig.send(ALICE, &ack).0, "127.0.0.1:5073");
    let via = ";received=127.0.0.1;rport=5071";
    assert!(lines(&there, "Via")[1].ends_with(via), "its answer finds the connection");
    assert!(there.get("Record-Route").unwrap().contains(":5060;transport=tcp;lr;"));
}

#[test]
fn a_cancel_and_the_ack_of_a_refusal_have_the_branch_of_the_invite() {
    let mut rig = Rig::new(Transport::Udp);
    rig.register(BOB, "bob", "<sip:bob@127.0.0.1:5072>");
    let uri = "sip:bob@127.0.0.1:5060";
    let mut branches = Vec::new();
    for method in ["INVITE", "INVITE", "CANCEL", "ACK"] {
        let mut draft = request(method, uri, &INVITE);
        if method == "ACK" {
            draft.set("To", "<sip:bob@rig.test>;tag=b");
        }
        let (to, there) = rig.send(ALICE, &draft);
        assert_eq!((&*to, there.start().split(' ').next()), (BOB, Some(method)));
        branches.push(lines(&there, "Via")[0].to_owned());
    }
    branches.dedup();
    assert_eq!(branches.len(), 1);
    let mut other = request("INVITE", uri, &INVITE);
    other.set("Via", "SIP/2.0/UDP 127.0.0.1:5071;rport;branch=z9hG4bKother");
    assert_ne!(lines(&rig.send(ALICE, &other).1, "Via")[0], branches[0]);
}

#[test]
fn who_is_not_registered_is_not_found() {
    let mut rig = Rig::new(Transport::Udp);
    let invite = request("INVITE", "sip:bob@rig.test", &INVITE);
    for _ in 0..2 {
        let (to, answer) = rig.send(ALICE, &invite);
        assert_eq!((&*to, answer.start()), (ALICE, "SIP/2.0 404 Not Found"));
    }
    let mut ack = request("ACK", "sip:bob@rig.test", &INVITE);
    ack.set("To", "<sip:bob@rig.test>;tag=1-1");
    assert!(rig.handle(ALICE, &ack.to_bytes()).is_empty());
    rig.register(BOB, "bob", "<sip:bob@127.0.0.1:5072>");
    let elsewhere = request("MESSAGE", "sip:bob@other.test", &INVITE);
    assert_eq!(rig.send(ALICE, &elsewhere).1.start(), "SIP/2.0 404 Not Found");
    let mut here = request("MESSAGE", "sip:bob@rig.test", &INVITE);
    here.set("Via", "SIP/2.0/UDP 127.0.0.1:5071;rport;branch=z9hG4bKhere");
    let (to, there) = rig.send(ALICE, &here);
    assert_eq!((&*to, there.get("Record-Route")), (BOB, None));
}

#[test]
fn a_request_that_has_gone_too_far_is_refused() {
    let mut rig = Rig::new(Transport::Udp);
    rig.register(BOB, "bob", "<sip:bob@127.0.0.1:5072>");
    let mut invite = request("INVITE", "sip:bob@rig.test", &INVITE);
    invite.set("Max-Forwards", "0");
    assert_eq!(rig.send(ALICE, &invite).1.start(), "SIP/2.0 483 Too Many Hops");
    invite.remove("Max-Forwards");
    invite.set("Via", "SIP/2.0/UDP 127.0.0.1:5071;rport;branch=z9hG4bKb");
    assert_eq!(rig.send(ALICE, &invite).1.get("Max-Forwards"), Some("70"));
}

#[test]
fn a_route_to_the_registrar_comes_off_and_the_next_one_is_followed() {
    let mut rig = Rig::new(Transport::Udp);
    rig.register(BOB, "bob", "<sip:bob@127.0.0.1:5072>");
    let mut invite = request("INVITE", "sip:bob@rig.test", &INVITE);
    invite.push("Route", "<sip:localhost:5060;lr>");
    let (to, there) = rig.send(ALICE, &invite);
    assert_eq!((&*to, there.get("Route")), (BOB, None));
    invite.set("Route", "<sip:127.0.0.1:5060;lr>, <sip:127.0.0.1:5099;lr>");
    invite.push("Route", "<sip:192.0.2.1;lr>");
    let (to, there) = rig.send(ALICE, &invite);
    assert_eq!((&*to, there.start()), ("127.0.0.1:5099", "INVITE sip:bob@rig.test SIP/2.0"));
    assert_eq!(lines(&there, "Route"), ["<sip:127.0.0.1:5099;lr>", "<sip:192.0.2.1;lr>"]);
}

#[test]
fn responses_to_others_are_dropped() {
    let mut rig = Rig::new(Transport::Udp);
    for vias in ["SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK1", "SIP/2.0/UDP 127.0.0.1:5060"] {
        let mut draft = Draft::new("SIP/2.0 200 OK");
        draft.push("Via", vias);
        draft.push("CSeq", "1 INVITE");
        assert!(rig.handle(BOB, &draft.to_bytes()).is_empty());
    }
}

#[test]
fn faults_meet_what_begins_a_dialog_and_nothing_else() {
    let faults = vec![Fault { status: 503, left: None, retry_after: None }];
    let mut rig = Rig::with(Settings { faults, auth: false, ..Settings::default() });
    let invite = request("INVITE", "sip:bob@rig.test", &INVITE);
    assert_eq!(rig.send(ALICE, &invite).1.start(), "SIP/2.0 503 Service Unavailable");
    let cancel = request("CANCEL", "sip:bob@rig.test", &INVITE);
    assert_eq!(rig.send(ALICE, &cancel).1.start(), "SIP/2.0 404 Not Found");
}
