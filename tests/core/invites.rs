//! INVITEs of ours as transactions alone: one table, one clock that only the test moves, no agent.

use crate::answers::response;
use crate::common::{LOCAL, REGISTRAR, World, addr};
use register::sip::{Draft, Message, Text};
use register::transaction::{
    Branch, ClientFired, NoResponse, Received, ServerAddresses, Timer, TimerQueue, TransactionId,
    TransactionUser, Transactions,
};
use register::transport::{Flow, FlowId, Target, TargetQueue, Transport};
use std::time::{Duration, Instant};

/// The Route of [`invite`], which is hidden from the wire.
pub const ROUTE: &str = "<sip:proxy.acme.test;lr>";
pub const USER: TransactionUser = TransactionUser::Call(1, 2);

/// Transactions of requests that went out over one flow.
pub struct Calling {
    pub transactions: Transactions,
    pub timers: TimerQueue,
    pub flow: Flow,
    pub start: Instant,
    pub now: Instant,
    pub sent: Vec<(u128, Draft)>,
    /// What came of them at an end, with its milliseconds.
    pub ended: Vec<(u128, &'static str)>,
}

/// An INVITE as it is queued.
pub fn invite() -> Draft {
    let mut draft = Draft::request("INVITE", "sip:bob@acme.test;x=1");
    draft.push("Via", format!("SIP/2.0/UDP {LOCAL};rport;branch=z9hG4bKinvite"));
    draft.push("Route", ROUTE);
    draft.push("From", "\"A\" <sip:alice@acme.test>;tag=1");
    draft.push("To", "<sip:bob@acme.test>");
    draft.push("Call-ID", "one@call");
    draft.push("CSeq", "20 INVITE");
    draft.push("Contact", "<sip:alice@192.0.2.99:5070>");
    draft.push("Max-Forwards", "70");
    draft.push("Content-Type", "application/sdp");
    draft.body = b"v=0\r\n".to_vec();
    draft
}

impl Calling {
    pub fn new(transport: Transport) -> Self {
        let mut world = World::new();
        let id: FlowId = world.agent.flow_of(transport, addr(LOCAL), addr(REGISTRAR));
        Calling {
            transactions: Transactions::default(),
            timers: TimerQueue::default(),
            flow: world.agent.flow(id).unwrap(),
            start: world.now(),
            now: world.now(),
            sent: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Queues `draft` and sends it at once, its Route hidden; its transaction.
    pub fn send(&mut self, draft: Draft) -> TransactionId {
        let mut wire = draft.clone();
        wire.remove("Route");
        self.send_as(draft, &wire)
    }

    /// Queues `draft` and sends it at once as `wire`; its transaction.
    pub fn send_as(&mut self, draft: Draft, wire: &Draft) -> TransactionId {
        let method = draft.start().split(' ').next().unwrap().to_owned();
        let number = draft.get("CSeq").unwrap().split(' ').next().unwrap().parse().unwrap();
        let branch = Branch::find(&draft.to_bytes());
        let cseq = (number, method.into());
        let id = self.transactions.queue(self.now, USER, draft, cseq, branch);
        self.transactions.set_targets(id, TargetQueue::one(self.target()));
        self.next_target(id);
        self.leave(id, wire);
        id
    }

    /// Moves request `id` on to its next target.
    pub fn next_target(&mut self, id: TransactionId) -> (ServerAddresses, Option<FlowId>) {
        self.transactions.next_target(self.now, id, &mut self.timers).unwrap()
    }

    /// Where the flow leads.
    pub fn target(&self) -> Target {
        Target::new(self.flow.transport, self.flow.remote)
    }

    /// Request `id` leaves as `wire`.
    pub fn leave(&mut self, id: TransactionId, wire: &Draft) {
        self.transactions.transmission(id, self.flow, || 7).unwrap();
        let call_id = wire.place_of("Call-ID").unwrap();
        let bytes: Text = wire.to_bytes().into();
        self.transactions.sent(self.now, id, bytes, call_id, &mut self.timers);
    }

    /// Takes `bytes`, a response; `None`: it answers no request of ours.
    pub fn receive(&mut self, bytes: &[u8]) -> Option<Received> {
        let message = Message::parse(bytes).unwrap();
        let branch = message.top_via().ok()?.branch().map(Branch::parse)?;
        let id = self.transactions.find(&branch, &message)?;
        Some(self.transactions.on_response(self.now, id, &message, &mut self.timers))
    }

    /// Takes a response of `status` to `request`, whose To has the tag `b`.
    pub fn answer(&mut self, request: &Draft, status: &str) -> Option<Received> {
        self.receive(&tagged(request, status, "b"))
    }

    /// Fires each timer at its own instant up to `ms`.
    pub fn run_to(&mut self, ms: u64) -> &mut Self {
        let end = self.start + Duration::from_millis(ms);
        while let Some(at) = self.timers.next().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            let timer = self.timers.pop(self.now).unwrap();
            self.fire(timer);
        }
        self.now = end;
        self
    }

    fn fire(&mut self, timer: Timer) {
        let (id, name) = match timer {
            Timer::ClientA(id) => (id, "A"),
            Timer::ClientB(id) => (id, "B"),
            Timer::ClientD(id) => (id, "D"),
            Timer::ClientM(id) => (id, "M"),
            Timer::ClientE(id) => (id, "E"),
            Timer::ClientF(id) => (id, "F"),
            Timer::ClientK(id) => (id, "K"),
            timer => panic!("no timer of a client transaction: {timer:?}"),
        };
        let at = (self.now - self.start).as_millis();
        let fired = self.transactions.on_client_timeout(self.now, id, &mut self.timers);
        let Some(fired) = fired else { return };
        match fired {
            ClientFired::Retransmit(_) => {
                let (flow, bytes) = self.transactions.retransmission(id).unwrap();
                assert_eq!(flow, self.flow.id);
                self.sent.push((at, Draft::parse(&bytes).unwrap()));
            }
            ClientFired::TimedOut | ClientFired::Unfinished => {
                assert!(matches!(self.transactions.timeout(id), NoResponse::Timeout { .. }));
                self.transactions.abandon(id, &mut self.timers).unwrap();
                let is_unfinished = fired == ClientFired::Unfinished;
                self.ended.push((at, if is_unfinished { "cancelled" } else { name }));
            }
            ClientFired::Released => self.ended.push((at, name)),
        }
    }

    /// The instants at which something was sent again.
    pub fn instants(&self) -> Vec<u128> {
        self.sent.iter().map(|(at, _)| *at).collect()
    }

    pub fn is_over(&self) -> bool {
        self.transactions.is_empty() && self.timers.next().is_none()
    }
}

/// A response of `status` to `request` whose To has this tag.
pub fn tagged(request: &Draft, status: &str, tag: &str) -> Vec<u8> {
    let text = String::from_utf8(response(request, status, &[])).unwrap();
    text.replace(";tag=server", &format!(";tag={tag}")).into_bytes()
}
