//! The agent with all that is under the one lock, and the law by which it is driven.

use super::clock;
use super::deferred::{Deferred, RetainedMessage, Tap};
use super::events::{Dropped, Events};
use super::transport::{NotSent, UdpTransport};
use crate::agent::{
    Agent, DnsError, Event, FlowId, Input, LogLevel, QueryId, Records, Target, TransactionId,
    Transmit, Transport, TransportError,
};
use crate::net::{self, Resolver};
use crate::trace::TraceLevel;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

/// Datagrams and questions handled in one hold of the lock; the driver goes on with the rest.
const TRANSMITS: usize = 256;
/// Messages that are kept after their transactions: a program reads its message after sending it,
/// however soon that failed.
const RELEASED: usize = 64;
/// How often in one hold of the lock the agent may react to what became of its own transmits.
const REACTIONS: usize = 8;

/// What became at once of something that the agent wanted of the network.
enum TransmitOutcome {
    /// A flow is open, with this address of ours.
    Opened(FlowId, SocketAddr),
    /// A flow cannot be opened.
    NotOpened(FlowId, TransportError),
    /// A datagram was not sent.
    NotSent(NotSent),
    /// A question cannot be asked.
    NotAsked(QueryId, DnsError),
}

/// Everything under the lock.
pub(super) struct Locked {
    pub(super) agent: Agent,
    pub(super) transport: Option<UdpTransport>,
    pub(super) names: Resolver,
    pub(super) retained: FxHashMap<TransactionId, RetainedMessage>,
    /// Who gets copies of messages.
    pub(super) tap: Option<Tap>,
    /// The messages of transactions that have ended, the oldest first.
    released: VecDeque<RetainedMessage>,
    /// The last drain left transmits behind.
    unfinished: bool,
}

impl Locked {
    /// A core that does not listen yet.
    pub(super) fn new(agent: Agent, names: Resolver) -> Locked {
        Locked {
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
        let mut dropped = Dropped::default();
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
        events.set_action_due(self.agent.has_action_due());
        let Dropped { events: lost, repeated } = dropped;
        if lost > 0 {
            deferred.log(TraceLevel::Error, line!(), || {
                format!("the program does not fetch its events: {lost} are dropped")
            });
        }
        if repeated > 0 {
            deferred.log(TraceLevel::Info1, line!(), || {
                format!("{repeated} provisional responses are dropped: the same wait in the queue")
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
                outcomes.extend(self.carry_out(transmit, batch, deferred));
            }
            if let Some(transport) =
                self.transport.as_mut().filter(|transport| !wait && transport.has_batch())
            {
                outcomes
                    .extend(transport.flush(deferred).into_iter().map(TransmitOutcome::NotSent));
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
        let waits = || {
            self.transport.as_ref().is_some_and(UdpTransport::has_batch) && !events.has_backlog()
        };
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
        let failed =
            self.transport.as_mut().map(|transport| transport.flush(deferred)).unwrap_or_default();
        for failed in failed {
            self.react(now, TransmitOutcome::NotSent(failed));
        }
    }

    /// Gives the agent the answer of the resolver.
    pub(super) fn on_records(
        &mut self,
        now: Instant,
        query: QueryId,
        answer: Result<Records, DnsError>,
    ) {
        self.agent.handle_input(now, Input::Records { query, answer });
    }

    /// A datagram came.
    pub(super) fn on_datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        if let Some(flow) = self.flow_of(from) {
            self.agent.handle_input(now, Input::Message { flow, bytes });
        }
    }

    /// A datagram to `to` was not delivered, and `bytes` of it came back.
    pub(super) fn on_undelivered(
        &mut self,
        now: Instant,
        to: SocketAddr,
        error: TransportError,
        bytes: &[u8],
    ) {
        if let Some(flow) = self.flow_of(to) {
            self.agent.handle_input(now, Input::Failed { flow, error, bytes });
        }
    }

    fn flow_of(&mut self, remote: SocketAddr) -> Option<FlowId> {
        let local = self.transport.as_ref()?.endpoint.flow.local();
        Some(self.agent.flow_of(Transport::Udp, local, remote))
    }

    fn carry_out(
        &mut self,
        transmit: Transmit,
        batch: bool,
        deferred: &mut Deferred,
    ) -> Vec<TransmitOutcome> {
        match transmit {
            Transmit::Send { flow, bytes } => {
                // A flow that nobody uses may be gone by now.
                let Some(to) = self.agent.flow(flow).map(|flow| flow.remote) else {
                    return Vec::new();
                };
                let Some(transport) = &mut self.transport else {
                    let not_sent = NotSent { flow, bytes, error: TransportError::NotOpen };
                    return vec![TransmitOutcome::NotSent(not_sent)];
                };
                let failed = transport.send((flow, to), bytes, batch, deferred);
                failed.into_iter().map(TransmitOutcome::NotSent).collect()
            }
            Transmit::Open { flow, target } => vec![match self.open(&target) {
                Ok(local) => TransmitOutcome::Opened(flow, local),
                Err(error) => TransmitOutcome::NotOpened(flow, error),
            }],
            // No flow over UDP is closed.
            Transmit::Close { .. } => Vec::new(),
            Transmit::Query { query, name, kind } => {
                let refused = self.names.ask(query, name, kind).err();
                refused.map(|error| TransmitOutcome::NotAsked(query, error)).into_iter().collect()
            }
        }
    }

    /// Our address towards `target`.
    fn open(&self, target: &Target) -> Result<SocketAddr, TransportError> {
        let transport = self.transport.as_ref().filter(|_| target.transport == Transport::Udp);
        let transport = transport.ok_or(TransportError::NotOpen)?;
        net::local_address(transport.endpoint.flow.local(), target.remote)
    }

    fn react(&mut self, now: Instant, outcome: TransmitOutcome) {
        let input = match &outcome {
            TransmitOutcome::Opened(flow, local) => Input::Opened { flow: *flow, local: *local },
            TransmitOutcome::NotOpened(flow, error) => {
                Input::Failed { flow: *flow, error: error.clone(), bytes: &[] }
            }
            TransmitOutcome::NotSent(NotSent { flow, bytes, error }) => {
                Input::Failed { flow: *flow, error: error.clone(), bytes }
            }
            TransmitOutcome::NotAsked(query, error) => {
                Input::Records { query: *query, answer: Err(error.clone()) }
            }
        };
        self.agent.handle_input(now, input);
    }
}

fn trace_level(level: LogLevel) -> TraceLevel {
    match level {
        LogLevel::Error => TraceLevel::Error,
        LogLevel::Warning => TraceLevel::Warning,
        LogLevel::Info => TraceLevel::Info1,
    }
}
