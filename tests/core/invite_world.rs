//! Seeded networks with loss, copies and delays between the transactions of an INVITE on both
//! sides: each ends, and what the caller gets is what the callee has said.

use crate::common::{LOCAL, REGISTRAR, World, addr};
use crate::invites::{Calling, USER, invite, tagged};
use crate::random::SplitMix;
use register::sip::{Draft, Message, Text};
use register::transaction::{
    Received, RequestOrigin, Requester, ServerFired, Timer, TimerQueue, TransactionId,
    TransactionUser, Transactions, server_key,
};
use register::transport::{Flow, Transport};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

const TID: i32 = 1;
/// The transaction of the CANCEL has another user.
const CANCELLER: TransactionUser = TransactionUser::Call(1, 3);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    AtCallee(Vec<u8>),
    AtCaller(Vec<u8>),
    /// The callee says so, if it has not said how it ends.
    Says(u16),
    /// The callee sends its 2xx again after so long.
    Repeats(u64),
    HangsUp,
}

struct Call {
    random: SplitMix,
    /// Of 100 datagrams so many are lost.
    loss: u64,
    caller: Calling,
    invite: TransactionId,
    callee: Transactions,
    timers: TimerQueue,
    flow: Flow,
    happenings: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    order: u64,
    /// What the callee has said at last, and whether that was acknowledged.
    said: Option<u16>,
    is_acknowledged: bool,
    /// The final responses that the caller has got.
    finals: Vec<u16>,
}

impl Call {
    fn new(seed: u64) -> Call {
        let mut world = World::new();
        let id = world.agent.flow_of(Transport::Udp, addr(LOCAL), addr(REGISTRAR));
        let flow = world.agent.flow(id).unwrap();
        let (mut random, mut caller) = (SplitMix(seed), Calling::new(Transport::Udp));
        let (loss, invite) = (random.below(90), caller.send(invite()));
        Call {
            random,
            loss,
            caller,
            invite,
            callee: Transactions::default(),
            timers: TimerQueue::default(),
            flow,
            happenings: BinaryHeap::new(),
            order: 0,
            said: None,
            is_acknowledged: false,
            finals: Vec::new(),
        }
    }

    fn millis(&self) -> u64 {
        (self.caller.now - self.caller.start).as_millis() as u64
    }

    fn later(&mut self, wait: u64, what: Happening) {
        self.order += 1;
        let at = self.millis() + wait;
        self.happenings.push(Reverse((at, self.order, what)));
    }

    /// A datagram on its way: lost, late, or twice there.
    fn send(&mut self, happening: impl Fn(Vec<u8>) -> Happening, bytes: &[u8]) {
        for _ in 0..1 + u64::from(self.random.below(10) == 0) {
            if self.random.below(100) >= self.loss {
                let wait = self.random.below(900);
                self.later(wait, happening(bytes.to_vec()));
            }
        }
    }

    fn respond(&mut self, status: u16) {
        if self.said.is_some() || self.callee.server_flow(TID).is_none() {
            return;
        }
        let text: Text = tagged(&invite(), &format!("{status} Said"), "b").into();
        let (now, timers) = (self.caller.now, &mut self.timers);
        self.callee.respond(now, TID, status, Some(&text), timers).unwrap();
        self.send(Happening::AtCaller, &text);
        if status >= 200 {
            self.said = Some(status);
        }
        if status == 200 {
            self.later(500, Happening::Repeats(500));
        }
    }

    fn at_callee(&mut self, bytes: &[u8]) {
        let request = Message::parse(bytes).unwrap();
        let method = request.method().unwrap();
        let key = server_key(&request, method).unwrap();
        match (method, self.callee.server(&key)) {
            ("INVITE", Some(tid)) => {
                if let Some((_, again)) = self.callee.on_repeated(tid, bytes.len()) {
                    self.send(Happening::AtCaller, &again);
                }
            }
            // One that comes when all is over would be another call.
            ("INVITE", None) if self.said.is_some() => {}
            ("INVITE", None) => {
                let (origin, address) = (RequestOrigin::Registrar, self.flow.remote);
                let requester = Requester { origin, address, is_connected: false };
                self.callee.serve(TID, key, true, self.flow, (requester, bytes.len()), false);
                self.respond(100);
                let (ring, end) = (self.random.below(3000), self.random.below(40_000));
                let last = [200, 200, 200, 486, 603][self.random.below(5) as usize];
                self.later(ring, Happening::Says(180));
                self.later(ring + end, Happening::Says(last));
            }
            ("ACK", Some(tid)) => {
                let (now, timers) = (self.caller.now, &mut self.timers);
                self.is_acknowledged = self.callee.acknowledge(now, tid, timers);
            }
            ("ACK", None) => self.is_acknowledged = true,
            ("CANCEL", _) => {
                let ok = tagged(&Draft::parse(bytes).unwrap(), "200 OK", "b");
                self.send(Happening::AtCaller, &ok);
                self.respond(487);
            }
            other => panic!("{other:?}"),
        }
    }

    fn at_caller(&mut self, bytes: &[u8]) {
        match self.caller.receive(bytes) {
            Some(Received::Reply(_, ack)) => self.send(Happening::AtCallee, &ack),
            Some(Received::AnsweredAgain(USER, _)) => self.acknowledge_success(),
            Some(Received::Final(answered)) if answered.user == USER => {
                self.finals.push(Message::parse(bytes).unwrap().status().unwrap());
                match answered.ack {
                    Some(ack) => self.send(Happening::AtCallee, &ack),
                    None => self.acknowledge_success(),
                }
            }
            _ => {}
        }
    }

    fn acknowledge_success(&mut self) {
        let mut ack = invite();
        ack.set_start("ACK sip:bob@192.0.2.1 SIP/2.0");
        ack.set("Via", format!("SIP/2.0/UDP {LOCAL};branch=z9hG4bKack"));
        ack.set("CSeq", "20 ACK");
        self.send(Happening::AtCallee, &ack.to_bytes());
    }

    fn hang_up(&mut self) {
        let (now, timers) = (self.caller.now, &mut self.caller.timers);
        let extra = ("agent/1", None);
        let cancel = self.caller.transactions.cancel(now, self.invite, CANCELLER, extra, timers);
        if let Some(cancel) = cancel {
            self.caller.next_target(cancel);
            let wire = self.caller.transactions.request(cancel).unwrap().clone();
            self.caller.leave(cancel, &wire);
            self.send(Happening::AtCallee, &wire.to_bytes());
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::AtCallee(bytes) => self.at_callee(&bytes),
            Happening::AtCaller(bytes) => self.at_caller(&bytes),
            Happening::Says(status) => self.respond(status),
            Happening::HangsUp => self.hang_up(),
            Happening::Repeats(interval) if !self.is_acknowledged => {
                let Some((_, again)) = self.callee.repeat_success(TID) else { return };
                self.send(Happening::AtCaller, &again);
                let next = (2 * interval).min(4000);
                self.later(next, Happening::Repeats(next));
            }
            Happening::Repeats(_) => {}
        }
    }

    fn on_callee_timers(&mut self) {
        while let Some(timer) = self.timers.pop(self.caller.now) {
            assert!(!matches!(timer, Timer::ServerJ(_)), "that is none of an INVITE's");
            let now = self.caller.now;
            let fired = self.callee.on_server_timeout(now, TID, &mut self.timers);
            if let Some(ServerFired::Retransmit(_, again)) = fired {
                self.send(Happening::AtCaller, &again);
            }
        }
    }

    /// Goes on until nothing is to come.
    fn run(&mut self) {
        self.send(Happening::AtCallee, &sent());
        if self.random.below(2) == 0 {
            let wait = self.random.below(30_000);
            self.later(wait, Happening::HangsUp);
        }
        loop {
            let start = self.caller.start;
            let at = |at| start + Duration::from_millis(at);
            let next = self.happenings.peek().map(|Reverse((when, ..))| at(*when));
            let all = [next, self.caller.timers.next(), self.timers.next()];
            let Some(next) = all.into_iter().flatten().min() else { return };
            self.caller.run_to((next - start).as_millis() as u64);
            for (_, again) in std::mem::take(&mut self.caller.sent) {
                self.send(Happening::AtCallee, &again.to_bytes());
            }
            self.on_callee_timers();
            while self.happenings.peek().is_some_and(|Reverse((at, ..))| *at <= self.millis()) {
                let Reverse((.., happening)) = self.happenings.pop().unwrap();
                self.happen(happening);
            }
            assert!(self.millis() < 300_000, "it goes on for ever");
        }
    }
}

/// The INVITE on the wire.
fn sent() -> Vec<u8> {
    let mut wire = invite();
    wire.remove("Route");
    wire.to_bytes()
}

#[test]
fn each_invite_ends_on_both_sides_as_the_callee_has_said() {
    let (mut answered, mut refused, mut given_up) = (0, 0, 0);
    for seed in 0..500 {
        let mut call = Call::new(seed);
        call.run();
        assert!(call.callee.server_flow(TID).is_none() && call.timers.next().is_none(), "{seed}");
        let ended: Vec<&str> = call.caller.ended.iter().map(|(_, name)| *name).collect();
        // Without a CANCEL there is no limit where the final response never came.
        let waits = call.caller.transactions.user(call.invite) == Some(USER);
        assert_eq!(call.caller.is_over(), !waits, "{seed}: {ended:?}");
        match call.finals[..] {
            [] if waits => assert!(ended.iter().all(|name| matches!(*name, "K" | "F"))),
            [] => assert!(ended.contains(&"B") || ended.contains(&"cancelled"), "{seed}"),
            [status] => {
                assert_eq!(Some(status), call.said, "{seed}");
                assert!(
                    ended.contains(if status == 200 { &"M" } else { &"D" }),
                    "{seed}: {ended:?}"
                );
                if call.loss < 10 {
                    assert!(call.is_acknowledged, "{seed}");
                }
            }
            _ => panic!("{seed}: more than one final response: {:?}", call.finals),
        }
        answered += u32::from(call.finals == [200]);
        refused += u32::from(call.finals.iter().any(|status| *status > 200));
        given_up += u32::from(call.finals.is_empty());
    }
    assert!(answered > 50 && refused > 50 && given_up > 5, "{answered} {refused} {given_up}");
}
