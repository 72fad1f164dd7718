//! A telephone on a UDP socket that sends what a test says: the other side of a program that
//! calls or is called. It shares nothing with the library that it tests.

#![allow(dead_code, unreachable_pub)]

use crate::registrar::header;
use std::net::UdpSocket;
use std::time::Duration;

/// What it offers and answers.
pub const SDP: &str = "v=0\r\no=phone 7 7 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.2\r\n\
                       t=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
const TAG: &str = ";tag=phone";

/// Of one call.
pub struct Phone {
    socket: UdpSocket,
    here: String,
    /// Its dialog: who it is and who the other is, with tags, the Call-ID, and where requests go.
    local: String,
    remote: String,
    call: String,
    target: String,
    /// The port of the program.
    port: u16,
    cseq: u32,
    /// What came last, so that a retransmission counts once.
    last: String,
}

impl Phone {
    /// One whose address-of-record has this user.
    pub fn new(user: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let here = socket.local_addr().unwrap().to_string();
        let local = format!("\"The {user}\" <sip:{user}@127.0.0.1>{TAG}");
        Self {
            socket,
            here,
            local,
            remote: String::new(),
            call: format!("call-{user}"),
            target: String::new(),
            port: 0,
            cseq: 0,
            last: String::new(),
        }
    }

    /// Its address, as a URI has it.
    pub fn here(&self) -> &str {
        &self.here
    }

    /// Calls the user of a program at a port.
    pub fn invite(&mut self, user: &str, port: u16, more: &str, body: &str) {
        self.port = port;
        self.remote = format!("<sip:{user}@127.0.0.1>");
        self.target = format!("sip:{user}@127.0.0.1:{port}");
        self.request("INVITE", more, body);
    }

    /// The final response to the INVITE, which is acknowledged; those before it with `before`.
    pub fn answered(&mut self, before: &[&str]) -> String {
        let mut before = before.iter();
        loop {
            let response = self.receive("SIP/2.0 ");
            if response.starts_with("SIP/2.0 100 ") {
                continue;
            }
            let to = header(&response, "To").unwrap();
            if response.starts_with("SIP/2.0 1") {
                let wanted = format!("SIP/2.0 {}", before.next().expect("no more"));
                assert!(response.starts_with(&wanted), "{response}");
                continue;
            }
            let first = self.remote.clone();
            to.clone_into(&mut self.remote);
            if let Some(contact) = header(&response, "Contact") {
                self.target = uri(contact);
            }
            let number = self.cseq;
            // Of a refusal it has the branch of the INVITE (RFC 3261 section 17.1.1.3).
            let branch = if response.starts_with("SIP/2.0 2") { "ack" } else { "INVITE" };
            self.send("ACK", number, branch, "", "");
            if !response.starts_with("SIP/2.0 2") {
                self.remote = first;
            }
            return response;
        }
    }

    /// Sends a request within the call, or the INVITE that begins it.
    pub fn request(&mut self, method: &str, more: &str, body: &str) {
        self.cseq += 1;
        self.send(method, self.cseq, method, more, body);
    }

    /// The same, and waits for its final response, which must have this status.
    pub fn asks(&mut self, method: &str, more: &str, body: &str, status: &str) -> String {
        self.request(method, more, body);
        let response = self.receive(&format!("SIP/2.0 {status}"));
        assert_eq!(header(&response, "CSeq"), Some(&*format!("{} {method}", self.cseq)));
        response
    }

    fn send(&self, method: &str, number: u32, branch: &str, more: &str, body: &str) {
        let Phone { here, local, remote, call, target, .. } = self;
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let user = local.split_once("sip:").unwrap().1.split('@').next().unwrap();
        let text = format!(
            "{method} {target} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {here};branch=z9hG4bK{number}{branch}\r\nMax-Forwards: 70\r\nFrom: {local}\r\nTo: {remote}\r\nCall-ID: {call}\r\n\
             CSeq: {number} {method}\r\nContact: <sip:{user}@{here}>\r\n{more}{kind}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.send_to(text.as_bytes(), ("127.0.0.1", self.port)).unwrap();
    }

    /// The next message, which must begin so.
    pub fn receive(&mut self, beginning: &str) -> String {
        let mut bytes = [0; 65_535];
        loop {
            let (size, from) = self.socket.recv_from(&mut bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes[..size]).into_owned();
            if size < 40 || text == self.last {
                continue;
            }
            assert!(text.starts_with(beginning), "not {beginning}: {text}");
            self.port = from.port();
            self.last.clone_from(&text);
            return text;
        }
    }

    /// The next request of this method, which is answered.
    pub fn answers(&mut self, method: &str, status: &str, more: &str, body: &str) -> String {
        let request = self.receive(&format!("{method} "));
        self.respond(&request, status, more, body);
        request
    }

    /// A response to a request.
    pub fn respond(&mut self, request: &str, status: &str, more: &str, body: &str) {
        let of = |name| header(request, name).unwrap();
        let to = of("To");
        let to = if to.contains(";tag=") { to.to_owned() } else { format!("{to}{TAG}") };
        if request.starts_with("INVITE ") {
            (self.local, self.remote) = (to.clone(), of("From").to_owned());
            self.call = of("Call-ID").to_owned();
            self.target = uri(of("Contact"));
        }
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "SIP/2.0 {status}\r\nVia: {}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {}\r\n\
             Contact: <sip:phone@{}>\r\n{more}{kind}Content-Length: {}\r\n\r\n{body}",
            of("Via"),
            of("From"),
            of("Call-ID"),
            of("CSeq"),
            self.here,
            body.len()
        );
        self.socket.send_to(text.as_bytes(), ("127.0.0.1", self.port)).unwrap();
    }
}

/// The URI in brackets.
fn uri(contact: &str) -> String {
    contact.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap().to_owned()
}

/// The body of a message.
pub fn body(message: &str) -> &str {
    message.split_once("\r\n\r\n").unwrap().1
}
