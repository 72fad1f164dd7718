//! One context in a simulated network: commands, timers that pass, answers made of what it sent,
//! requests and any datagram. It never panics; what it sends and which events it gives after each input
//! is bounded; a timer that was due has fired; what it sends can be read; in the end nothing stays.
//! `cargo +nightly fuzz run agent`
#![no_main]

#[path = "agent/managed.rs"]
mod managed;
#[path = "agent/subscriptions.rs"]
mod subscriptions;

use libfuzzer_sys::fuzz_target;
use register::agent::{
    Agent, CredentialText, Event, InitialPublish, InitialRegister, Input, OutOfDialog, Tid,
    Transmit,
};
use register::auth::{AccountLogin, Algorithm};
use register::sip::{Draft, Message, normalise};
use register::transport::{
    AddressFamilies, DnsError, FlowId, Listening, QueryId, RecordKind, Records, SrvRecord,
    Transport, TransportError,
};
use shared::bytes::Bytes;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const REGISTRAR: &str = "192.0.2.1:5060";
const LOCAL: &str = "192.0.2.99:5070";

/// Registrations at most, so that an input ends soon.
const REGISTRATIONS: i32 = 8;
/// What one input may cause, in datagrams and in events …
const BOUND: usize = 64;
/// … and what each input before it may add: after hours, all that was begun ends at once.
const BOUND_FOR_EACH: usize = 4;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes(bytes);
    let mut network = Network::new(bytes.byte());
    while !bytes.is_empty() {
        network.step(&mut bytes);
        network.drain();
    }
    network.end();
});

struct Network {
    agent: Agent,
    now: Instant,
    /// The last requests that it sent.
    sent: Vec<Draft>,
    /// … and responses.
    answers: Vec<Draft>,
    /// The last numbers of subscriptions and dialogs.
    ids: Vec<i32>,
    queries: Vec<(QueryId, RecordKind)>,
    /// The last flow that it opened.
    flow: Option<FlowId>,
    rids: i32,
    tid: Tid,
    inputs: usize,
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

impl Network {
    fn new(seed: u8) -> Self {
        let mut agent = Agent::new([seed; 32]);
        agent.set_listening(Some(Listening {
            local: address("0.0.0.0:5070"),
            families: AddressFamilies::V4,
            transport: Transport::Udp,
            contact_port: None,
        }));
        let login = CredentialText {
            username: "alice",
            userid: "alice",
            password: b"secret",
            ha1: "",
            realm: "",
        };
        let _ = agent.add_credential(login);
        let now = Instant::now();
        Network {
            agent,
            now,
            sent: Vec::new(),
            answers: Vec::new(),
            ids: Vec::new(),
            queries: Vec::new(),
            flow: None,
            rids: 0,
            tid: 0,
            inputs: 0,
        }
    }

    fn step(&mut self, bytes: &mut Bytes<'_>) {
        self.inputs += 1;
        match bytes.below(16) {
            0..3 => self.pass(bytes),
            3..7 => self.answer(bytes),
            7 => {
                let from = self.sender(bytes);
                let datagram = bytes.slice(16);
                self.receive(from, datagram);
            }
            8 => self.request(bytes),
            9 => self.network(bytes),
            10 => self.managed(bytes),
            11 | 12 => self.subscriptions(bytes),
            13 | 14 => self.of_a_dialog(bytes),
            _ => self.application(bytes),
        }
    }

    fn sender(&self, bytes: &mut Bytes<'_>) -> SocketAddr {
        address(bytes.one(&[REGISTRAR, REGISTRAR, "192.0.2.2:5060", "203.0.113.9:4711", "[::1]:1"]))
    }

    /// Time passes: up to the next timer, a little, or long.
    fn pass(&mut self, bytes: &mut Bytes<'_>) {
        let wait = match bytes.below(4) {
            0 | 1 => {
                self.agent.poll_timeout().map_or(Duration::ZERO, |next| next - self.now.min(next))
            }
            2 => Duration::from_millis(u64::from(bytes.byte()) * 10),
            _ => Duration::from_secs(u64::from(bytes.byte()) * 60),
        };
        self.now += wait;
        self.agent.handle_timeout(self.now);
    }

    /// An answer to one of the requests that it sent, of which some bytes may be others.
    fn answer(&mut self, bytes: &mut Bytes<'_>) {
        const STATUSES: [&str; 16] = [
            "200 OK",
            "100 Trying",
            "180 Ringing",
            "301 Moved Permanently",
            "302 Moved Temporarily",
            "400 Bad Request",
            "401 Unauthorized",
            "403 Forbidden",
            "407 Proxy Authentication Required",
            "420 Bad Extension",
            "423 Interval Too Brief",
            "439 First Hop Lacks Outbound Support",
            "494 Security Agreement Required",
            "503 Service Unavailable",
            "555 Push Notification Service Not Supported",
            "699 Other",
        ];
        const LINES: [&str; 18] = [
            "SIP-ETag: e",
            "Refer-Sub: false",
            "WWW-Authenticate: Digest realm=\"acme\", nonce=\"a\", qop=\"auth\"",
            "WWW-Authenticate: Digest realm=\"acme\", nonce=\"b\", algorithm=SHA-256, stale=true",
            "Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"c\"",
            "Retry-After: 18 (soon);duration=60",
            "Min-Expires: 7200",
            "Expires: 60",
            "Expires: 99999999999999999999",
            "Contact: <sip:other@192.0.2.7>;expires=30, <sip:third@h>;q=0.1",
            "Contact: *",
            "Service-Route: <sip:a.test;lr>, <sip:b.test;lr>",
            "P-Associated-URI: <sip:+1@acme.test>",
            "Flow-Timer: 30",
            "Require: outbound",
            "Unsupported: path, gruu",
            "Security-Server: digest;d-alg=md5;q=0.1",
            "Authentication-Info: nextnonce=\"d\"",
        ];
        if self.sent.is_empty() {
            return;
        }
        let request = &self.sent[bytes.below(self.sent.len())];
        let mut text = format!("SIP/2.0 {}\r\n", bytes.one(&STATUSES));
        let seen = bytes.one(&["", "", ";received=198.51.100.7", ";received=bogus"]);
        let port = bytes.one(&[";rport", ";rport=40000", ";rport=0"]);
        for (name, value) in request.headers() {
            match name {
                "Via" => text += &format!("Via: {}{seen}\r\n", value.replace(";rport", port)),
                "To" if !value.contains(";tag=") => {
                    text += &format!("To: {value};tag=server\r\n");
                }
                "From" | "To" | "Call-ID" | "CSeq" => text += &format!("{name}: {value}\r\n"),
                "Contact" if bytes.once_in(2) => {
                    let seconds = bytes.one(&[600, 3600, 1, 0]);
                    text += &format!("Contact: {value};expires={seconds}\r\n");
                }
                _ => {}
            }
        }
        for _ in 0..bytes.below(4) {
            let line = bytes.one(&LINES);
            text += &format!("{line}\r\n");
        }
        if bytes.once_in(8) {
            let name =
                bytes.one(&["Contact", "WWW-Authenticate", "Retry-After", "Reason", "Expires"]);
            text += &format!("{name}: {}\r\n", bytes.text());
        }
        text += "Content-Length: 0\r\n\r\n";
        let mut datagram = text.into_bytes();
        if bytes.once_in(8) {
            let at = bytes.number() as usize % datagram.len();
            datagram[at] = bytes.byte();
        }
        let from = self.sender(bytes);
        self.receive(from, &datagram);
    }

    /// A request from outside.
    fn request(&mut self, bytes: &mut Bytes<'_>) {
        const METHODS: [&str; 9] =
            ["OPTIONS", "MESSAGE", "INVITE", "ACK", "CANCEL", "BYE", "SUBSCRIBE", "REGISTER", "X"];
        let (method, branch) = (bytes.one(&METHODS), bytes.below(4));
        let extra =
            bytes.one(&["", "Require: x\r\n", "Max-Forwards: 0\r\n", "Contact: <sip:b@h>\r\n"]);
        let text = format!(
            "{method} sip:alice@192.0.2.99:5070 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 203.0.113.9:4711;branch=z9hG4bK{branch};rport\r\n\
             From: <sip:bob@acme.test>;tag=b\r\nTo: <sip:alice@acme.test>\r\nCall-ID: {branch}\r\n\
             CSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n"
        );
        let from = self.sender(bytes);
        self.receive(from, text.as_bytes());
    }

    /// The network reports something else.
    fn network(&mut self, bytes: &mut Bytes<'_>) {
        match bytes.below(5) {
            0 => {
                let back = self.sent.last().map(Draft::to_bytes).unwrap_or_default();
                let end = back.len().min(usize::from(bytes.byte()) * 4);
                let error = bytes.one(&[
                    TransportError::Refused,
                    TransportError::TooLong,
                    TransportError::Temporary { errno: 12 },
                    TransportError::NoRoute { to: [192, 0, 2, 1].into(), errno: 101 },
                ]);
                let Some(flow) = self.flow else { return };
                let input = Input::Failed { flow, error, bytes: &back[..end] };
                self.agent.handle_input(self.now, input);
            }
            1 => self.agent.handle_input(self.now, Input::Interfaces),
            2 => self.agent.network_changed(self.now),
            3 => {
                let slept = Duration::from_secs(u64::from(bytes.byte()) * 20);
                self.now += slept;
                self.agent.handle_input(self.now, Input::Resumed { slept });
            }
            _ => {
                let Some((query, kind)) = self.queries.pop() else { return };
                let answer = self.records(kind, bytes);
                self.agent.handle_input(self.now, Input::Records { query, answer });
            }
        }
    }

    fn receive(&mut self, from: SocketAddr, datagram: &[u8]) {
        let flow = self.agent.flow_of(Transport::Udp, address(LOCAL), from);
        self.agent.handle_input(self.now, Input::Message { flow, bytes: datagram });
    }

    fn records(&self, kind: RecordKind, bytes: &mut Bytes<'_>) -> Result<Records, DnsError> {
        let ttl = Duration::from_secs(u64::from(bytes.byte()));
        let count = bytes.below(4);
        match kind {
            RecordKind::Srv if count > 0 => {
                let record = |bytes: &mut Bytes<'_>| SrvRecord {
                    priority: u16::from(bytes.byte() % 2),
                    weight: u16::from(bytes.byte()),
                    port: 5060,
                    target: bytes.one(&["a.acme.test", "b.acme.test", "acme.test"]).to_owned(),
                };
                Ok(Records::Srv { ttl, records: (0..count).map(|_| record(bytes)).collect() })
            }
            RecordKind::A if count > 0 => {
                let addresses = (0..count).map(|_| self.sender(bytes).ip()).collect();
                Ok(Records::Addresses { ttl, addresses, zone: 0 })
            }
            _ if bytes.once_in(2) => Err(DnsError::NotFound),
            _ => Err(DnsError::ServerFailure),
        }
    }

    /// Commands of the eXosip calls.
    fn application(&mut self, bytes: &mut Bytes<'_>) {
        let rid = 1 + bytes.below(REGISTRATIONS as usize) as i32;
        match bytes.below(9) {
            0 if self.rids < REGISTRATIONS => {
                self.rids += 1;
                let ask = InitialRegister {
                    from: "sip:alice@acme.test",
                    proxy: bytes.one(&["sip:192.0.2.1", "sip:acme.test;lr", "sip:[::1]:5060"]),
                    contact: bytes.one(&[None, Some("<sip:alice@h>"), Some("*")]),
                    expires: bytes.one(&[3600, 0, -1, i32::MAX]),
                    q: None,
                };
                if let Ok(text) = self.agent.build_initial_register(self.rids, ask) {
                    let _ = self.agent.send_register(self.now, self.rids, Some(&text));
                }
            }
            0 | 1 => {
                let expires = bytes.one(&[3600, 0, -1]);
                if let Ok(text) = self.agent.build_register(rid, expires) {
                    let text = edited(&text, bytes);
                    let _ = self.agent.send_register(self.now, rid, Some(&text));
                }
            }
            2 => self.agent.automatic_action(self.now),
            3 => {
                let status = bytes.one(&[401, 407, 302, 200]);
                let _ = self.agent.default_action(self.now, rid, status);
                let tid = Tid::from(bytes.byte());
                let _ = self.agent.default_action_for_request(self.now, tid, status);
            }
            4 => drop(self.agent.remove(rid)),
            5 if bytes.once_in(2) => {
                let ask = InitialPublish {
                    to: "sip:alice@192.0.2.1",
                    from: "sip:alice@acme.test",
                    route: bytes.one(&["", "<sip:192.0.2.2;lr>"]),
                    event: bytes.one(&["presence", "dialog"]),
                    expires: bytes.one(&["600", "0", "5", "x"]),
                    content_type: "text/plain",
                    body: b"open",
                };
                if let Ok(text) = self.agent.build_publish(ask) {
                    let text = edited(&text, bytes);
                    let _ = self.agent.publish(self.now, &text, bytes.one(&["a", "b"]));
                }
            }
            5 => {
                let ask = OutOfDialog {
                    method: bytes.one(&["MESSAGE", "OPTIONS"]),
                    to: "sip:bob@192.0.2.1",
                    from: "sip:alice@acme.test",
                    route: bytes.one(&["", "<sip:192.0.2.2;lr>"]),
                };
                if let Ok(text) = self.agent.build_request(ask) {
                    let text = edited(&text, bytes);
                    let _ = self.agent.send_request(self.now, &text);
                }
            }
            6 => {
                let tid = self.tid.min(i32::from(bytes.byte()));
                let status = bytes.one(&[200, 180, 404, 486, 699]);
                let text = self.agent.build_answer(self.now, tid, status).ok();
                let _ = self.agent.send_answer(self.now, tid, status, text.as_deref());
            }
            7 => {
                if bytes.once_in(2) {
                    self.agent.clear_credentials();
                }
                let login = CredentialText {
                    username: "alice",
                    userid: "alice",
                    password: b"other",
                    ha1: "",
                    realm: bytes.one(&["", "acme"]),
                };
                let _ = self.agent.add_credential(login);
            }
            _ => {
                let login = AccountLogin {
                    username: "carol".into(),
                    realm: "".into(),
                    password: bytes.one(&[Some(&b"x"[..]), None]).map(Into::into),
                    ha1: vec![(Algorithm::Md5, bytes.text().into())],
                };
                let logins = if bytes.once_in(2) { vec![login] } else { Vec::new() };
                let _ = self.agent.registerer_set_logins(self.now, rid, logins);
            }
        }
    }

    /// Takes what it sends, and its events.
    fn drain(&mut self) {
        let (mut transmits, mut events) = (0, 0);
        let bound = BOUND + self.inputs * BOUND_FOR_EACH;
        while let Some(transmit) = self.agent.poll_transmit() {
            transmits += 1;
            match transmit {
                Transmit::Send { bytes, .. } => self.keep(&bytes),
                Transmit::Open { flow, .. } => {
                    self.flow = Some(flow);
                    let local = address(LOCAL);
                    self.agent.handle_input(self.now, Input::Opened { flow, local });
                }
                Transmit::Close { .. } => panic!("no flow over UDP is closed"),
                Transmit::Query { query, kind, .. } => self.queries.push((query, kind)),
            }
            assert!(transmits <= bound, "too much to send after one input");
        }
        while let Some(event) = self.agent.poll_event() {
            events += 1;
            if let Event::Application(notice) = event {
                self.tid = self.tid.max(notice.ids.tid);
                let ids = [notice.ids.sid, notice.ids.nid, notice.ids.did];
                self.ids.extend(ids.into_iter().filter(|id| *id > 0));
                keep_last(&mut self.ids);
                for text in [notice.request, notice.response].into_iter().flatten() {
                    assert!(
                        Message::parse(&normalise(&text)).is_ok(),
                        "an event's text can be read"
                    );
                }
            }
            assert!(events <= bound, "too many events after one input");
        }
        // What is due fires in one call, though it may plan something for the same instant.
        for _ in 0..4 {
            if self.agent.poll_timeout().is_none_or(|next| next > self.now) {
                break;
            }
            self.agent.handle_timeout(self.now);
        }
        let next = self.agent.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "a timer that was due stays due");
        self.queries.truncate(BOUND);
    }

    fn keep(&mut self, datagram: &[u8]) {
        let is_keep_alive = datagram == b"\r\n\r\n" || datagram.starts_with(&[0, 1]);
        if is_keep_alive {
            return;
        }
        let draft = Draft::parse(datagram).expect("what is sent can be read");
        let kept = match draft.start().starts_with("SIP/2.0 ") {
            true => &mut self.answers,
            false => &mut self.sent,
        };
        kept.push(draft);
        keep_last(kept);
    }

    /// Everything that was begun is over when nobody answers any more.
    fn end(&mut self) {
        self.agent.registerer_end_all(self.now);
        for rid in 1..=self.rids {
            let _ = self.agent.remove(rid);
        }
        self.drain();
        // Timers B and F are 32 s, server transactions and routes last a little longer.
        for _ in 0..4096 {
            let Some(next) = self.agent.poll_timeout() else { break };
            self.now = self.now.max(next);
            self.agent.handle_timeout(self.now);
            self.drain();
            while let Some((query, _)) = self.queries.pop() {
                let answer = Err(DnsError::NotFound);
                self.agent.handle_input(self.now, Input::Records { query, answer });
                self.drain();
            }
        }
        let statistics = self.agent.statistics();
        assert_eq!(statistics.transactions, 0, "a transaction never ends");
        assert_eq!(statistics.registrations, 0, "a registration stays");
        let subscriptions = (statistics.subscriptions, statistics.subscriptions_to_us);
        assert_eq!(subscriptions, (0, 0), "a subscription stays");
    }
}

/// Leaves the last few.
fn keep_last<T>(all: &mut Vec<T>) {
    let surplus = all.len().saturating_sub(16);
    all.drain(..surplus);
}

/// A text as a program edits it before it is sent.
fn edited(text: &[u8], bytes: &mut Bytes<'_>) -> Vec<u8> {
    match bytes.below(4) {
        0 => {
            let mut draft = Draft::parse(text).expect("what was built can be read");
            draft.push("X-Other", bytes.text());
            draft.to_bytes()
        }
        1 => {
            let mut other = text.to_vec();
            let at = bytes.number() as usize % other.len();
            other[at] = bytes.byte();
            other
        }
        _ => text.to_vec(),
    }
}
