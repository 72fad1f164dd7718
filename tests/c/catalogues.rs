//! The catalogue of a GB/T 28181 device, by a program in the style of those for it, as either side:
//! what goes over the wire.

use crate::c::{Session, build_in};
use crate::registrar::header;
use crate::support::root;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

const QUERY: &str = "<?xml version=\"1.0\"?>\r\n<Query>\r\n<CmdType>Catalog</CmdType>\r\n\
                     <SN>17</SN>\r\n<DeviceID>34020000001110000001</DeviceID>\r\n</Query>\r\n";

/// The other side of a program, with what the program has sent last.
struct Peer {
    socket: UdpSocket,
    program: Option<SocketAddr>,
    received: String,
}

impl Peer {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { socket, program: None, received: String::new() }
    }

    fn port(&self) -> String {
        self.socket.local_addr().unwrap().port().to_string()
    }

    /// The next message is this one; copies of the last are skipped.
    fn receives(&mut self, start: &str) -> &mut Self {
        let mut bytes = [0; 8192];
        loop {
            let (size, from) = self.socket.recv_from(&mut bytes).unwrap();
            let text = String::from_utf8(bytes[..size].to_vec()).unwrap();
            self.program = Some(from);
            if text != self.received {
                assert!(text.starts_with(start), "{text}");
                self.received = text;
                return self;
            }
        }
    }

    fn field(&self, name: &str) -> &str {
        header(&self.received, name).unwrap_or_else(|| panic!("no {name}: {}", self.received))
    }

    fn body(&self) -> &str {
        self.received.split_once("\r\n\r\n").unwrap().1
    }

    /// How many header fields of this name there are.
    fn count(&self, name: &str) -> usize {
        self.received.matches(&format!("\r\n{name}: ")).count()
    }

    fn sends(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.program.unwrap()).unwrap();
    }

    /// Answers 200 to what came, with these lines and this body.
    fn answers(&self, lines: &str, body: &str) {
        let [via, from, to, call_id, cseq] =
            ["Via", "From", "To", "Call-ID", "CSeq"].map(|name| self.field(name));
        let tag = if to.contains("tag=") { "" } else { ";tag=peer" };
        let length = body.len();
        self.sends(&format!(
            "SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}{tag}\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq}\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
        ));
    }

    /// A request in the dialog between these two, or the one that makes it.
    fn asks(&self, method: &str, cseq: u32, (from, to, call_id): (&str, &str, &str), rest: &str) {
        let (here, there) = (self.socket.local_addr().unwrap(), self.program.unwrap());
        let (lines, body) = rest.split_once("\r\n\r\n").unwrap();
        let length = body.len();
        self.sends(&format!(
            "{method} sip:34020000001110000001@{there} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {here};branch=z9hG4bK{method}{cseq}\r\nFrom: {from}\r\nTo: {to}\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nContact: <sip:peer@{here}>\r\n\
             Max-Forwards: 70\r\n{lines}\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
    }
}

fn start(role: &str, peer: &Peer) -> Session {
    let program = root().join("tests/c/style_catalogue.c");
    Session::start(&build_in(&format!("c-{role}"), &program), &[role.to_owned(), peer.port()])
}

#[test]
fn a_device_answers_a_catalogue_query_and_notifies() {
    let mut peer = Peer::new();
    let mut device = start("device", &peer);
    peer.receives("MESSAGE ").answers("", "");
    let from = "<sip:34020000002000000001@3402000000>;tag=p";
    let mut to = "<sip:34020000001110000001@3402000000>".to_owned();
    let mut notified = 0;
    for (cseq, expires, line) in [(1, 90, "query 17"), (2, 0, "query 17, the last")] {
        let rest = format!(
            "Event: Catalog;id=7\r\nExpires: {expires}\r\n\
             Content-Type: Application/MANSCDP+xml\r\n\r\n{QUERY}"
        );
        peer.asks("SUBSCRIBE", cseq, (from, &to, "catalogue"), &rest);
        peer.receives("SIP/2.0 200 ");
        assert_eq!(device.line(), line);
        assert_eq!(peer.field("Event"), "Catalog;id=7");
        let granted: i32 = peer.field("Expires").parse().unwrap();
        assert!(granted <= expires && granted >= expires - 20, "{granted}");
        assert_eq!(peer.field("Content-Type"), "Application/MANSCDP+xml");
        assert!(peer.body().contains("<SN>17</SN>") && peer.body().contains("<Result>OK</Result>"));
        to = peer.field("To").to_owned();
        for last in if expires > 0 { [false, false].as_slice() } else { &[true] } {
            notified += 1;
            peer.receives("NOTIFY sip:peer@127.0.0.1:");
            assert_eq!(peer.field("CSeq"), format!("{} NOTIFY", notified + 1));
            assert_eq!((peer.field("Event"), peer.count("Event")), ("Catalog;id=7", 1));
            let state = peer.field("Subscription-State");
            let wanted = if *last { "terminated;reason=timeout" } else { "active;expires=" };
            assert!(state.starts_with(wanted) && peer.count("Subscription-State") == 1, "{state}");
            assert_eq!(peer.field("Contact"), "<sip:34020000001110000001@127.0.0.1:5060>");
            assert_eq!(peer.field("Content-Type"), "Application/MANSCDP+xml");
            assert!(peer.body().contains(&format!("3402000000131000000{notified}</DeviceID>")));
            assert_eq!(peer.field("Content-Length"), peer.body().len().to_string());
            peer.answers("", "");
        }
    }
    device.end();
}

#[test]
fn a_platforms_query_goes_with_each_refresh_of_its_subscription() {
    let mut peer = Peer::new();
    let mut platform = start("platform", &peer);
    let accepted = format!(
        "Contact: <sip:34020000001110000001@127.0.0.1:{}>\r\nEvent: Catalog;id=7\r\n\
         Content-Type: Application/MANSCDP+xml\r\nExpires: ",
        peer.port()
    );
    let response = "<Response>\r\n<Result>OK</Result>\r\n</Response>\r\n";
    let mut notified = 0;
    // The first is granted for 2 s and refreshed by itself; the program asks twice more.
    for (cseq, expires, granted, number) in [(20, 90, 2, 17), (21, 90, 600, 17), (22, 600, 600, 18)]
    {
        peer.receives("SUBSCRIBE sip:");
        assert_eq!(peer.field("CSeq"), format!("{cseq} SUBSCRIBE"));
        assert_eq!((peer.field("Event"), peer.count("Event")), ("Catalog;id=7", 1));
        assert_eq!((peer.field("Expires"), peer.count("Expires")), (&*expires.to_string(), 1));
        assert_eq!(peer.field("Content-Type"), "Application/MANSCDP+xml");
        assert_eq!(peer.body(), QUERY.replace("17", &number.to_string()));
        assert_eq!(peer.field("Content-Length"), peer.body().len().to_string());
        if number == 17 {
            assert_eq!(peer.field("Subject"), "34020000001110000001:0,34020000002000000001:0");
        }
        let (us, them) = (peer.field("From").to_owned(), peer.field("To").to_owned());
        let them = if them.contains("tag=") { them } else { format!("{them};tag=peer") };
        let call_id = peer.field("Call-ID").to_owned();
        peer.answers(&format!("{accepted}{granted}\r\n"), response);
        assert_eq!(platform.line(), "answered OK");
        if granted == 2 {
            continue;
        }
        notified += 1;
        let rest = format!(
            "Event: Catalog;id=7\r\nSubscription-State: active;expires={granted}\r\n\
             Content-Type: Application/MANSCDP+xml\r\n\r\n<Notify>\r\n<SN>{notified}</SN>\r\n\
             </Notify>\r\n"
        );
        peer.asks("NOTIFY", notified, (&them, &us, &call_id), &rest);
        peer.receives("SIP/2.0 200 ");
        assert_eq!(platform.line(), format!("notified {notified}"));
    }
    peer.receives("SUBSCRIBE ");
    assert_eq!((peer.field("Expires"), peer.count("Expires")), ("0", 1));
    let (us, them) = (peer.field("From").to_owned(), peer.field("To").to_owned());
    let call_id = peer.field("Call-ID").to_owned();
    peer.answers(&format!("{accepted}0\r\n"), response);
    assert_eq!(platform.line(), "answered OK");
    let rest = "Event: Catalog;id=7\r\nSubscription-State: terminated;reason=timeout\r\n\r\n";
    peer.asks("NOTIFY", 3, (&them, &us, &call_id), rest);
    peer.receives("SIP/2.0 200 ");
    assert_eq!(platform.line(), "notified ");
    platform.end();
}
