//! INVITEs, CANCELs and ACKs from the agent to the wire: over the servers of a domain, over
//! connections, and where a connection is lost.

use crate::agent::parts::Parts;
use crate::agent::{
    AddressFamilies, Agent, Event, FlowId, Input, Listening, RecordKind, Records, SrvRecord,
    Target, TransactionId, Transmit, Transport, TransportError, TransportSet,
};
use crate::instants::at;
use crate::sip::{Draft, NameAddr};
use crate::transaction::TransactionUser;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const USER: TransactionUser = TransactionUser::Call(1, 2);
const CANCEL_TID: i32 = 3;

/// An agent, the servers `192.0.2.1` and `192.0.2.2` of acme.test, and a clock that only the test
/// moves.
struct Caller {
    agent: Agent,
    start: Instant,
    now: Instant,
    local: SocketAddr,
    opening: Vec<(FlowId, Target)>,
    notes: Vec<String>,
}

/// What was sent: over which flow, to which server of the domain, as what.
type Sent = (FlowId, u8, Draft);

impl Caller {
    fn new(transport: Transport) -> Caller {
        let mut agent = Agent::new([7; 32]);
        let listening = Listening {
            local: ([0, 0, 0, 0], 5070).into(),
            families: AddressFamilies::V4,
            transport,
            contact_port: None,
        };
        agent.set_listening(Some(listening));
        agent.set_transports(TransportSet { udp: true, tcp: true, tls: true });
        let now = at(0);
        let local = ([192, 0, 2, 99], 5070).into();
        Caller { agent, start: now, now, local, opening: Vec::new(), notes: Vec::new() }
    }

    /// Starts a request of the call to the domain.
    fn start(&mut self, method: &str) -> TransactionId {
        let mut draft = Draft::request(method, "sip:bob@acme.test");
        draft.push("Via", "SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bKcall");
        draft.push("From", "<sip:alice@acme.test>;tag=1");
        draft.push("To", "<sip:bob@acme.test>");
        draft.push("Call-ID", "one@call");
        draft.push("CSeq", format!("20 {method}"));
        draft.push("Contact", "<sip:alice@999.999.999.999:99999>");
        let parts = Parts::read(&draft, Some(self.agent.listening_transport())).unwrap();
        self.agent.start(self.now, USER, draft, parts)
    }

    fn cancel(&mut self, invite: TransactionId) -> Option<TransactionId> {
        self.agent.cancel(self.now, invite, CANCEL_TID, None)
    }

    /// What the agent wants out now. Questions are answered on the way, and connections noted.
    fn sent(&mut self) -> Vec<Sent> {
        let (mut sent, ttl) = (Vec::new(), Duration::from_secs(60));
        while let Some(transmit) = self.agent.poll_transmit() {
            let input = match transmit {
                Transmit::Send { flow, bytes } => {
                    let SocketAddr::V4(to) = self.agent.flow(flow).unwrap().remote else {
                        panic!("no IPv6 here")
                    };
                    sent.push((flow, to.ip().octets()[3], Draft::parse(&bytes).unwrap()));
                    continue;
                }
                Transmit::Open { flow, target } if target.transport.is_reliable() => {
                    self.opening.push((flow, target));
                    continue;
                }
                Transmit::Open { flow, .. } => Input::Opened { flow, local: self.local },
                Transmit::Close { .. } => continue,
                Transmit::Query { query, kind: RecordKind::Srv, .. } => {
                    let record = |n: u16| SrvRecord {
                        priority: n,
                        weight: 0,
                        port: 5060,
                        target: format!("s{n}.acme.test"),
                    };
                    let records = vec![record(1), record(2)];
                    Input::Records { query, answer: Ok(Records::Srv { ttl, records }) }
                }
                Transmit::Query { query, name, .. } => {
                    let last = name.as_bytes()[1] - b'0';
                    let addresses = vec![[192, 0, 2, last].into()];
                    let answer = Ok(Records::Addresses { ttl, addresses, zone: 0 });
                    Input::Records { query, answer }
                }
            };
            self.agent.handle_input(self.now, input);
        }
        while let Some(event) = self.agent.poll_event() {
            if let Event::Log(_, text) = event {
                self.notes.push(text);
            }
        }
        sent
    }

    /// The one request that the agent wants out now.
    fn one(&mut self) -> Sent {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:#?} {:#?}", self.notes);
        sent.remove(0)
    }

    /// The connection that was asked for is there.
    fn connect(&mut self) -> (FlowId, Target) {
        assert_eq!(self.opening.len(), 1, "{:?}", self.opening);
        let (flow, target) = self.opening.remove(0);
        self.agent.handle_input(self.now, Input::Opened { flow, local: self.local });
        (flow, target)
    }

    fn lose(&mut self, flow: FlowId) {
        let (error, bytes) = (TransportError::Reset, &[]);
        self.agent.handle_input(self.now, Input::Failed { flow, error, bytes });
    }

    /// A response to `request` comes over `flow`.
    fn answer(&mut self, flow: FlowId, request: &Draft, status: &str) {
        let mut response = Draft::new(&format!("SIP/2.0 {status}"));
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            let tag = if name == "To" { ";tag=b" } else { "" };
            response.push(name, format!("{}{tag}", request.get(name).unwrap()));
        }
        let bytes = response.to_bytes();
        self.agent.handle_input(self.now, Input::Message { flow, bytes: &bytes });
    }

    /// Fires each timer at its own instant up to `ms`; what was sent by that, with its instant.
    fn run_to(&mut self, ms: u64) -> Vec<(u128, u8, Draft)> {
        let (end, mut all) = (self.start + Duration::from_millis(ms), Vec::new());
        while let Some(at) = self.agent.poll_timeout().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.agent.handle_timeout(self.now);
            let at = (self.now - self.start).as_millis();
            all.extend(self.sent().into_iter().map(|(_, to, draft)| (at, to, draft)));
        }
        self.now = end;
        all
    }
}

fn branch(request: &Draft) -> &str {
    request.get("Via").unwrap().split("branch=").nth(1).unwrap()
}

fn method(request: &Draft) -> &str {
    request.start().split(' ').next().unwrap()
}

#[test]
fn a_503_is_acknowledged_and_the_invite_goes_to_the_next_server() {
    let mut caller = Caller::new(Transport::Udp);
    let id = caller.start("INVITE");
    let (flow, to, first) = caller.one();
    assert_eq!((to, branch(&first)), (1, "z9hG4bKcall"));
    caller.answer(flow, &first, "503 Overload");
    let sent = caller.sent();
    let [(_, 1, ack), (second_flow, 2, second)] = &sent[..] else { panic!("{sent:#?}") };
    assert_eq!((ack.start(), branch(ack)), ("ACK sip:bob@acme.test SIP/2.0", "z9hG4bKcall"));
    assert_eq!(ack.get("To"), Some("<sip:bob@acme.test>;tag=b"));
    assert_eq!(second.start(), first.start());
    assert_ne!(branch(second), "z9hG4bKcall");
    caller.answer(flow, &first, "503 Overload");
    assert_eq!(caller.one(), (flow, 1, ack.clone()));
    caller.answer(*second_flow, second, "503 Overload");
    let (_, to, last_ack) = caller.one();
    assert_eq!((to, method(&last_ack), branch(&last_ack)), (2, "ACK", branch(second)));
    assert_eq!(caller.agent.transactions.user(id), None, "there is no third server");
    caller.run_to(40_000);
    assert_eq!((caller.agent.transactions.len(), caller.agent.poll_timeout()), (0, None));
}

#[test]
fn a_silent_server_is_left_at_7500_ms_and_timer_b_runs_anew() {
    let mut caller = Caller::new(Transport::Udp);
    caller.start("INVITE");
    assert_eq!(caller.one().1, 1);
    let sent = caller.run_to(60_000);
    let instants: Vec<_> = sent.iter().map(|(at, to, _)| (*at, *to)).collect();
    let first = [(500, 1), (1500, 1), (3500, 1)];
    let second = [7500, 8000, 9000, 11_000, 15_000, 23_000, 39_000].map(|at| (at, 2));
    assert_eq!(instants, [&first[..], &second].concat());
    assert!(caller.agent.transactions.is_empty());
}

#[test]
fn a_late_response_of_a_server_that_was_left_is_answered() {
    let mut caller = Caller::new(Transport::Udp);
    let id = caller.start("INVITE");
    let (first_flow, _, first) = caller.one();
    let second = caller.run_to(7500).pop().unwrap().2;
    let second_flow = caller.agent.transactions.flow(id).unwrap().id;
    for status in ["100 Trying", "180 Ringing"] {
        caller.answer(first_flow, &first, status);
        let (_, to, cancel) = caller.one();
        assert_eq!((to, method(&cancel), branch(&cancel)), (1, "CANCEL", branch(&first)));
    }
    for _ in 0..2 {
        caller.answer(first_flow, &first, "487 Request Terminated");
        let (_, to, ack) = caller.one();
        assert_eq!((to, method(&ack), branch(&ack)), (1, "ACK", branch(&first)));
        assert_eq!(ack.get("To"), Some("<sip:bob@acme.test>;tag=b"));
    }
    assert_eq!(
        caller.agent.transactions.user(id),
        Some(USER),
        "the 200 of the next server was not taken"
    );
    caller.answer(second_flow, &second, "486 Busy Here");
    let (_, to, ack) = caller.one();
    assert_eq!((to, method(&ack), branch(&ack)), (2, "ACK", branch(&second)));
    caller.run_to(60_000);
    assert_eq!((caller.agent.transactions.len(), caller.agent.poll_timeout()), (0, None));
    assert!(caller.notes.is_empty(), "{:?}", caller.notes);
}

#[test]
fn a_provisional_response_ends_the_moving_on() {
    let mut caller = Caller::new(Transport::Udp);
    let id = caller.start("INVITE");
    let (flow, _, invite) = caller.one();
    caller.answer(flow, &invite, "100 Trying");
    assert!(caller.run_to(60_000).is_empty());
    assert!(caller.agent.transactions.user(id).is_some());
    caller.answer(flow, &invite, "503 Overload");
    let (_, to, ack) = caller.one();
    assert_eq!((to, method(&ack)), (1, "ACK"));
    assert_eq!(caller.agent.transactions.user(id), None);
}

#[test]
fn over_a_connection_the_ack_leaves_at_once_and_nothing_is_kept() {
    let mut caller = Caller::new(Transport::Tcp);
    caller.start("INVITE");
    assert!(caller.sent().is_empty());
    let (flow, _) = caller.connect();
    let (_, _, invite) = caller.one();
    assert!(caller.run_to(31_000).is_empty(), "no timer A");
    caller.answer(flow, &invite, "404 Not Found");
    let (over, _, ack) = caller.one();
    assert_eq!((over, method(&ack)), (flow, "ACK"));
    caller.run_to(31_000);
    assert!(caller.agent.transactions.is_empty(), "timer D is zero");
}

#[test]
fn a_ringing_invite_outlives_its_connection_and_can_be_cancelled() {
    let mut caller = Caller::new(Transport::Tcp);
    let id = caller.start("INVITE");
    caller.sent();
    let (lost, target) = caller.connect();
    let (_, _, invite) = caller.one();
    caller.answer(lost, &invite, "180 Ringing");
    caller.lose(lost);
    assert!(caller.sent().is_empty() && caller.agent.transactions.user(id) == Some(USER));
    caller.cancel(id).unwrap();
    assert!(caller.sent().is_empty());
    let (flow, again) = caller.connect();
    assert_eq!((again, flow == lost), (target, false));
    let (over, _, cancel) = caller.one();
    assert_eq!((over, method(&cancel), branch(&cancel)), (flow, "CANCEL", branch(&invite)));
    caller.answer(flow, &cancel, "200 OK");
    caller.answer(flow, &invite, "487 Request Terminated");
    let (over, _, ack) = caller.one();
    assert_eq!((over, method(&ack)), (flow, "ACK"), "where the response came from");
    caller.run_to(0);
    assert!(caller.agent.transactions.is_empty());
}

#[test]
fn an_unanswered_invite_goes_once_more_where_its_connection_is_lost() {
    let mut caller = Caller::new(Transport::Tcp);
    let other = caller.start("OPTIONS");
    caller.sent();
    let (flow, _) = caller.connect();
    let options = caller.one().2;
    caller.answer(flow, &options, "200 OK");
    assert_eq!(caller.agent.transactions.user(other), None);
    let id = caller.start("INVITE");
    let first = caller.one();
    assert_eq!(first.0, flow, "the connection is used again");
    caller.lose(flow);
    caller.sent();
    caller.connect();
    let second = caller.one();
    assert_eq!((first.2.start(), first.2.get("CSeq")), (second.2.start(), second.2.get("CSeq")));
    assert_ne!(branch(&first.2), branch(&second.2));
    assert_eq!(caller.agent.transactions.user(id), Some(USER));
}

#[test]
fn a_cancel_goes_where_the_invite_went_and_both_are_answered_apart() {
    let mut caller = Caller::new(Transport::Udp);
    let id = caller.start("INVITE");
    let (flow, _, invite) = caller.one();
    assert_eq!(caller.cancel(id), None, "nothing has come yet");
    caller.answer(flow, &invite, "180 Ringing");
    let cancel_id = caller.cancel(id).unwrap();
    let (over, to, cancel) = caller.one();
    assert_eq!((over, to, cancel.get("Via")), (flow, 1, invite.get("Via")));
    assert_eq!(cancel.get("User-Agent"), Some(&*caller.agent.settings().user_agent));
    let user = TransactionUser::Call(1, CANCEL_TID);
    assert_eq!(caller.agent.transactions.user(cancel_id), Some(user));
    assert_eq!(caller.run_to(500).len(), 1);
    caller.answer(flow, &cancel, "200 OK");
    assert_eq!(caller.agent.transactions.user(id), Some(USER), "only its CANCEL was answered");
    assert!(caller.run_to(31_999).is_empty());
    assert_eq!(caller.agent.transactions.user(id), Some(USER));
    caller.run_to(32_000);
    assert!(caller.agent.transactions.is_empty(), "the INVITE is given up 64·T1 behind the CANCEL");
}

#[test]
fn the_ack_of_a_2xx_is_located_sent_once_and_over() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut caller = Caller::new(transport);
        let id = caller.start("ACK");
        let sent = caller.sent();
        let sent = if transport.is_reliable() {
            caller.connect();
            caller.sent()
        } else {
            sent
        };
        let [(_, 1, ack)] = &sent[..] else { panic!("{sent:#?}") };
        let contact = NameAddr::parse(ack.get("Contact").unwrap()).unwrap();
        assert!(contact.uri.starts_with("sip:alice@192.0.2.99:5070"), "{}", contact.uri);
        assert_eq!(caller.agent.transactions.user(id), None);
        assert!(caller.agent.transactions.is_empty());
        assert!(caller.run_to(60_000).is_empty());
    }
}

#[test]
fn an_ack_that_cannot_leave_is_noted() {
    let mut caller = Caller::new(Transport::Tcp);
    caller.start("ACK");
    caller.sent();
    for _ in 0..2 {
        let (flow, _) = caller.opening.remove(0);
        caller.lose(flow);
        caller.sent();
    }
    assert!(caller.agent.transactions.is_empty());
    let note = caller.notes.last().map(String::as_str);
    assert!(note.is_some_and(|note| note.starts_with("an ACK was not sent: ")), "{note:?}");
}

#[test]
fn a_further_2xx_answers_nothing_once_timer_m_has_fired() {
    let mut caller = Caller::new(Transport::Udp);
    caller.start("INVITE");
    let (flow, _, invite) = caller.one();
    for _ in 0..3 {
        caller.answer(flow, &invite, "200 OK");
    }
    assert!(caller.sent().is_empty(), "none is acknowledged here");
    assert_eq!((caller.agent.transactions.len(), &caller.notes[..]), (1, &[][..]));
    caller.run_to(32_000);
    caller.answer(flow, &invite, "200 OK");
    assert!(caller.sent().is_empty());
    let note = caller.notes.last().map(String::as_str);
    assert_eq!(note, Some("dropped a 200 from 192.0.2.1:5060: it answers no request of ours"));
}
