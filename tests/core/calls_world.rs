//! Two telephones with a network between them that loses, repeats and delays, and people who do
//! what people do: every call ends on both sides, and both have seen the same.

use crate::calls::{ANSWER, ASK, OFFER};
use crate::common::addr;
use crate::random::Random;
use register::agent::{
    AddressFamilies, Agent, ApplicationEvent, Cid, Event, EventKind, InitialInvite, Input,
    Listening, Transmit, Transport, WithinDialog,
};
use register::sip::Draft;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What one side has seen of a call.
#[derive(Debug, Default, Clone)]
struct View {
    call_id: String,
    kinds: Vec<EventKind>,
    did: i32,
    released: usize,
}

impl View {
    fn has(&self, kind: EventKind) -> bool {
        self.kinds.contains(&kind)
    }
}

struct Phone {
    agent: Agent,
    address: SocketAddr,
    views: HashMap<Cid, View>,
    /// What its user will do: when, and with which call.
    plans: Vec<(Instant, Plan)>,
}

#[derive(Debug, Clone, Copy)]
enum Plan {
    Call,
    Answer(i32, i32),
    HangUp(Cid),
    Ask(Cid, &'static str),
    Acknowledge(i32),
}

impl Phone {
    fn new(seed: u8, address: &str) -> Phone {
        let mut agent = Agent::new([seed; 32]);
        agent.settings_mut().keep_alive = None;
        let local = addr(address);
        agent.set_listening(Some(Listening {
            local,
            families: AddressFamilies::Both,
            transport: Transport::Udp,
            contact_port: None,
        }));
        Phone { agent, address: local, views: HashMap::new(), plans: Vec::new() }
    }

    /// What the phone wants out, and the plans that its events make.
    fn drain(&mut self, now: Instant, random: &mut Random) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut sent = Vec::new();
        loop {
            while let Some(transmit) = self.agent.poll_transmit() {
                match transmit {
                    Transmit::Send { flow, bytes } => {
                        sent.push((self.agent.flow(flow).unwrap().remote, bytes.to_vec()));
                    }
                    Transmit::Open { flow, .. } => {
                        let local = self.address;
                        self.agent.handle_input(now, Input::Opened { flow, local });
                    }
                    _ => {}
                }
            }
            let Some(event) = self.agent.poll_event() else { break };
            if let Event::Application(event) = event {
                self.on_event(now, event, random);
            }
        }
        sent
    }

    fn on_event(&mut self, now: Instant, event: ApplicationEvent, random: &mut Random) {
        if event.ids.cid == 0 {
            return;
        }
        let view = self.views.entry(event.ids.cid).or_default();
        view.kinds.push(event.kind);
        if let Some(Ok(draft)) = event.request.as_ref().map(|request| Draft::parse(request)) {
            view.call_id = draft.get("Call-ID").unwrap().to_owned();
        }
        if event.ids.did > 0 {
            view.did = event.ids.did;
        }
        assert_eq!(view.released, 0, "nothing behind the release: {:?}", view.kinds);
        let mut later = |limit: u64| now + Duration::from_millis(random.below(limit));
        let (tid, cid) = (event.ids.tid, event.ids.cid);
        match event.kind {
            EventKind::CallInvite => {
                let answers = [(later(2000), 180), (later(9000), 200)];
                let refusal = (later(9000), 486);
                let plans: Vec<(Instant, i32)> = match random.below(10) {
                    0 => Vec::new(),
                    1 => vec![answers[0]],
                    2 => vec![refusal],
                    3 => vec![answers[0], refusal],
                    4 => vec![answers[1]],
                    _ => answers.to_vec(),
                };
                let plan = |(at, status)| (at, Plan::Answer(tid, status));
                self.plans.extend(plans.into_iter().map(plan));
            }
            EventKind::CallMessageNew if event.response.is_none() && random.happens(80) => {
                self.plans.push((now, Plan::Answer(tid, 200)));
            }
            EventKind::CallReinvite => self.plans.push((now, Plan::Answer(tid, 200))),
            EventKind::CallAnswered => {
                if random.happens(95) {
                    self.plans.push((now, Plan::Acknowledge(tid)));
                }
                self.plans
                    .push((now + Duration::from_millis(random.below(60_000)), Plan::HangUp(cid)));
            }
            EventKind::CallAck => {
                // Each BYE of the caller may be lost.
                let wait = if random.happens(50) { 60_000 } else { 300_000 };
                let at = now + Duration::from_millis(random.below(wait));
                self.plans.push((at, Plan::HangUp(cid)));
                let method = ["INFO", "UPDATE", "INVITE", "OPTIONS"][random.below(4) as usize];
                let at = now + Duration::from_millis(random.below(20_000));
                self.plans.push((at, Plan::Ask(cid, method)));
            }
            EventKind::CallReleased => self.views.get_mut(&cid).unwrap().released += 1,
            _ => {}
        }
    }

    fn act(&mut self, now: Instant, plan: Plan, random: &mut Random) {
        let agent = &mut self.agent;
        match plan {
            Plan::Call => {
                let invite = agent.build_initial_invite(ASK_OTHER).unwrap();
                let mut invite = Draft::parse(&invite).unwrap();
                invite.push("Content-Type", "application/sdp");
                invite.body = OFFER.as_bytes().to_vec();
                let (cid, _) = agent.send_initial_invite(now, &invite.to_bytes()).unwrap();
                if random.happens(30) {
                    let at = now + Duration::from_millis(random.below(12_000));
                    self.plans.push((at, Plan::HangUp(cid)));
                }
            }
            Plan::Answer(tid, status) => {
                let Ok(text) = agent.build_call_answer(now, tid, status) else { return };
                let mut draft = Draft::parse(&text).unwrap();
                if status == 200 {
                    draft.push("Content-Type", "application/sdp");
                    draft.body = ANSWER.as_bytes().to_vec();
                }
                let _ = agent.send_call_answer(now, tid, status, Some(&draft.to_bytes()));
            }
            Plan::HangUp(cid) => {
                let _ = agent.terminate_call(now, cid, 0, None);
            }
            Plan::Ask(cid, method) => {
                let did = self.views.get(&cid).map_or(0, |view| view.did);
                let ask = WithinDialog::plain(method);
                if let Ok(text) = agent.build_dialog_request(now, did, ask) {
                    agent.send_dialog_request(now, did, &text).unwrap();
                }
            }
            Plan::Acknowledge(tid) => {
                let _ = agent.send_ack(now, tid, None);
            }
        }
    }
}

const ASK_OTHER: InitialInvite<'_> = InitialInvite { to: "sip:bob@192.0.2.2:5060", ..ASK };

/// Runs `calls` calls to the end of all that they leave behind; the views of both sides.
fn run(seed: u64, loss: u64, calls: usize) -> [Phone; 2] {
    let mut random = Random(seed);
    #[allow(clippy::disallowed_methods)]
    let start = Instant::now();
    let mut phones = [Phone::new(1, "192.0.2.1:5060"), Phone::new(2, "192.0.2.2:5060")];
    for _ in 0..calls {
        let at = start + Duration::from_millis(random.below(60_000));
        phones[0].plans.push((at, Plan::Call));
    }
    let mut wire: Vec<(Instant, SocketAddr, SocketAddr, Vec<u8>)> = Vec::new();
    let mut now = start;
    loop {
        for phone in &mut phones {
            let from = phone.address;
            for (to, bytes) in phone.drain(now, &mut random) {
                let copies = if random.happens(5) { 2 } else { 1 };
                for _ in 0..copies {
                    if !random.happens(loss) {
                        let delay = Duration::from_millis(10 + random.below(300));
                        wire.push((now + delay, from, to, bytes.clone()));
                    }
                }
            }
        }
        let mut next: Vec<Instant> = wire.iter().map(|one| one.0).collect();
        for phone in &phones {
            next.extend(phone.agent.poll_timeout());
            next.extend(phone.plans.iter().map(|plan| plan.0));
        }
        let Some(at) = next.into_iter().min() else { break };
        now = now.max(at);
        assert!(now < start + Duration::from_secs(3600), "it never ends");
        while let Some(at) = wire.iter().position(|one| one.0 <= now) {
            let (_, from, to, bytes) = wire.remove(at);
            if let Some(phone) = phones.iter_mut().find(|phone| phone.address == to) {
                let local = phone.address;
                let flow = phone.agent.flow_of(Transport::Udp, local, from);
                phone.agent.handle_input(now, Input::Message { flow, bytes: &bytes });
            }
        }
        for phone in &mut phones {
            phone.agent.handle_timeout(now);
            while let Some(at) = phone.plans.iter().position(|plan| plan.0 <= now) {
                let (_, plan) = phone.plans.remove(at);
                phone.act(now, plan, &mut random);
            }
        }
    }
    phones
}

fn check(seed: u64, loss: u64, phones: &[Phone; 2]) -> usize {
    let mut established = 0;
    for phone in phones {
        assert_eq!(phone.agent.calls(), 0, "seed {seed}");
        assert_eq!(phone.agent.statistics().transactions, 0, "seed {seed}");
        for view in phone.views.values().filter(|view| !view.call_id.is_empty()) {
            assert_eq!(view.released, 1, "seed {seed}: {view:?}");
        }
    }
    for callee in phones[1].views.values() {
        let same = |view: &&View| view.call_id == callee.call_id;
        let Some(caller) = phones[0].views.values().find(same) else {
            assert!(loss > 0, "seed {seed}: {callee:?}");
            continue;
        };
        if callee.has(EventKind::CallAck) {
            established += 1;
            assert!(caller.has(EventKind::CallAnswered), "seed {seed}: {caller:?} {callee:?}");
        }
        if caller.has(EventKind::CallRequestFailure) && !caller.has(EventKind::CallAnswered) {
            assert!(!callee.has(EventKind::CallAck), "seed {seed}: {caller:?} {callee:?}");
        }
    }
    established
}

#[test]
fn every_call_ends_on_both_sides_whatever_the_network_does() {
    let mut established = 0;
    for seed in 0..40 {
        let loss = [0, 10, 30, 50][seed as usize % 4];
        let phones = run(seed * 7919 + 1, loss, 12);
        established += check(seed, loss, &phones);
    }
    assert!(established > 100, "{established}");
}

#[test]
fn calls_end_where_nothing_arrives() {
    let phones = run(1, 100, 5);
    assert!(phones[1].views.is_empty());
    for view in phones[0].views.values() {
        assert_eq!(view.released, 1, "{view:?}");
    }
}
