//! The agent with all that is under the one lock, and the law by which it is driven.

use super::clock;
use super::deferred::{Deferred, RetainedMessage, Tap};
use super::events::Events;
use super::transport::{SendOutcome, UdpTransport};
use crate::agent::{Agent, Event, Input, LogLevel, QueryId, Route, TransactionId, Transmit};
use crate::net::{self, Answer, LookUp, LookedUp, Resolver};
use crate::trace::TraceLevel;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::Instant;

/// Datagrams and questions handled in one hold of the lock; the driver goes on with the rest.
const TRANSMITS: usize = 256;
/// Messages that are kept after their transactions: a program reads its message after sending it,
/// however soon that failed.
const RELEASED: usize = 64;
/// How often in one hold of the lock the agent may react to what became of its own transmits.
const REACTIONS: usize = 8;

/// What waits for a name: the agent's question and the port.
pub(super) type Asker = (QueryId, u16);

/// Everything under the lock.
pub(super) struct Core {
    pub(super) agent: Agent,
    pub(super) transport: Option<UdpTransport>,
    pub(super) names: Resolver<Asker>,
    pub(super) retained: FxHashMap<TransactionId, RetainedMessage>,
    /// Who gets copies of messages.
    pub(super) tap: Option<Tap>,
    /// The messages of transactions that have ended, the oldest first.
    released: VecDeque<RetainedMessage>,
    /// The last drain left transmits behind.
    unfinished: bool,
}

impl Core {
    /// A core that does not listen yet.
    pub(super) fn new(agent: Agent, names: Resolver<Asker>) -> Core {
        Core {
            agent,
            transport: None,
            names,
            retained: FxHashMap::default(),
            tap: None,
            released: VecDeque::new(),
            unfinished: false,
        }
    }

    /// Gives the agent the time of day, where it needs it.
    pub(super) fn set_wall_clock(&mut self, now: Instant) {
        if self.agent.settings().date {
            self.agent.set_wall_clock(now, clock::wall());
        }
    }

    /// The second and third part of the law: drains transmits, drains events.
    pub(super) fn drain(&mut self, now: Instant, events: &Events, deferred: &mut Deferred) {
        self.drain_transmits(now, events, deferred);
        let mut dropped = 0;
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::Application(event) => {
                    deferred.wake_ups.events += 1;
                    dropped += events.push(event);
                }
                Event::Released(id) => {
                    self.released.extend(self.retained.remove(&id));
                    if self.released.len() > RELEASED
                        && let Some(oldest) = self.released.pop_front()
                    {
                        deferred.release(oldest);
                    }
                }
                Event::Registerer(event) => {
                    deferred.wake_ups.listeners = true;
                    if events.listeners.push(event) > 0 {
                        deferred.log(TraceLevel::Error, line!(), || {
                            "the listeners are too slow: events for them are dropped".to_owned()
                        });
                    }
                }
                Event::Log(level, text) => deferred.log(trace_level(level), line!(), || text),
            }
        }
        if dropped > 0 {
            deferred.log(TraceLevel::Error, line!(), || {
                format!("the program does not fetch its events: {dropped} are dropped")
            });
        }
    }

    fn drain_transmits(&mut self, now: Instant, events: &Events, deferred: &mut Deferred) {
        let mut left = TRANSMITS;
        self.unfinished = true;
        for _ in 0..REACTIONS {
            let mut outcomes = Vec::new();
            // What a program sends that comes back in a moment goes out with what it sends then.
            let wait = events.has_backlog();
            while left > 0
                && let Some(transmit) = self.agent.poll_transmit()
            {
                left -= 1;
                let batch = wait || left > 0 && self.agent.has_transmits();
                outcomes.extend(self.carry_out(now, transmit, batch, deferred));
            }
            if let Some(transport) =
                self.transport.as_mut().filter(|transport| !wait && transport.has_batch())
            {
                outcomes.extend(transport.flush(deferred));
            }
            if outcomes.is_empty() {
                self.unfinished = left == 0;
                break;
            }
            for outcome in outcomes {
                self.react(now, outcome);
            }
        }
    }

    /// Whether an automatic action has something to do, or to send what no other thread is about
    /// to.
    pub(super) fn is_due(&self, now: Instant, events: &Events) -> bool {
        let waits = || self.transport.as_ref().is_some_and(UdpTransport::has_batch) && !events.has_backlog();
        self.unfinished || self.agent.is_due(now) || waits()
    }

    /// The fourth part of the law: when the driver has to come back.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.unfinished { Some(now) } else { self.agent.poll_timeout() }
    }

    /// Has the driver of the sockets woken, if it sleeps longer than the deadline.
    pub(super) fn rearm(&mut self, now: Instant, deferred: &mut Deferred) {
        let until = self.deadline(now);
        if let Some(transport) = &mut self.transport {
            transport.rearm(now, until, deferred);
        }
    }

    /// Sends what waited for the socket.
    pub(super) fn flush(&mut self, now: Instant, deferred: &mut Deferred) {
        let failed = self.transport.as_mut().map(|transport| transport.flush(deferred)).unwrap_or_default();
        for outcome in failed {
            self.react(now, outcome);
        }
    }

    /// Gives the answer of the resolver to all who asked.
    pub(super) fn looked_up(&mut self, now: Instant, name: &str, looked_up: LookedUp) {
        let answer = looked_up.into_answer(|servers| self.agent.order_servers(servers));
        for (query, port) in self.names.answered(now, name, answer.clone()) {
            let outcome = self.routes(answer.clone(), port);
            self.agent.handle_input(now, Input::Routed { query, outcome });
        }
    }

    fn carry_out(
        &mut self,
        now: Instant,
        transmit: Transmit,
        batch: bool,
        deferred: &mut Deferred,
    ) -> Vec<SendOutcome> {
        match (transmit, &mut self.transport) {
            (Transmit::Datagram { to, bytes }, Some(transport)) => transport.send(to, bytes, batch, deferred),
            (Transmit::Datagram { to, bytes }, None) => {
                vec![SendOutcome::NotSent { to, bytes, reason: CLOSED.to_owned(), fatal: true }]
            }
            (Transmit::Route { query, .. }, None) => {
                vec![SendOutcome::Routed(query, Err(CLOSED.to_owned()))]
            }
            (Transmit::Route { query, host, port, servers }, Some(transport)) => {
                let reuse = self.agent.settings().reuse_names;
                let look_up = LookUp { family: transport.endpoint.flow.family(), servers, reuse };
                let answer = self.names.ask(now, &host, look_up, (query, port));
                let outcome = answer.map(|answer| SendOutcome::Routed(query, self.routes(answer, port)));
                outcome.into_iter().collect()
            }
        }
    }

    fn react(&mut self, now: Instant, outcome: SendOutcome) {
        match outcome {
            SendOutcome::NotSent { to, bytes, reason, fatal } => {
                self.agent.handle_input(now, Input::Undelivered { to, reason, fatal, bytes: &bytes });
            }
            SendOutcome::Routed(query, outcome) => {
                self.agent.handle_input(now, Input::Routed { query, outcome });
            }
        }
    }

    /// Adds to each address the one of ours that the kernel uses towards it; addresses without a
    /// route are left out.
    fn routes(&self, answer: Answer, port: u16) -> Result<Vec<Route>, String> {
        let Some(transport) = &self.transport else { return Err(CLOSED.to_owned()) };
        let bound = transport.endpoint.flow.local();
        let mut routes = Vec::new();
        let mut why = String::new();
        for mut remote in answer? {
            if remote.port() == 0 {
                remote.set_port(port);
            }
            match net::local_address(bound, remote) {
                Ok(local) => routes.push(Route { remote, local }),
                Err(reason) => why = reason,
            }
        }
        if routes.is_empty() { Err(why) } else { Ok(routes) }
    }
}

const CLOSED: &str = "no transport is open";

fn trace_level(level: LogLevel) -> TraceLevel {
    match level {
        LogLevel::Error => TraceLevel::Error,
        LogLevel::Warning => TraceLevel::Warning,
        LogLevel::Info => TraceLevel::Info1,
    }
}
