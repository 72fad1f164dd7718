//! The agent with all that is under the one lock, and the law by which it is driven.

use super::clock;
use super::datagrams::{Datagrams, NotSent};
use super::deferred::{Deferred, RetainedMessage, Tap};
use super::endpoint::{Endpoint, SleepPlan};
use super::events::{Dropped, Events, QueuedEvent};
use super::network::{Network, NetworkThread};
use crate::agent::{
    Agent, DnsError, Event, Flow, FlowId, Input, Listening, LogLevel, QueryId, Records, Target,
    TransactionId, Transmit, Transport, TransportError,
};
use crate::net::{self, ConnectOptions, Resolver};
use crate::trace::TraceLevel;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Datagrams and questions handled in one hold of the lock; the driver goes on with the rest.
const TRANSMITS: usize = 256;
/// Messages that are kept after their transactions, or that have none: a program reads its message
/// after sending it, however soon that failed. That is over long before so many others have ended:
/// more than the threads of a program that each are between a send and the reading.
const RELEASED: usize = 64;
/// Messages of REGISTERs that are kept until the event: a program may send one for each of its
/// 100,000 accounts.
const RETAINED_REGISTERS: usize = 1024;
/// How often in one hold of the lock the agent may react to what became of its own transmits.
const REACTIONS: usize = 8;

/// What became at once of something that the agent wanted of the network.
enum TransmitOutcome {
    /// A flow is open, with this address of ours.
    Opened(FlowId, SocketAddr),
    /// A flow cannot be opened, or is gone.
    Failed(FlowId, TransportError),
    /// A message was not sent.
    NotSent(NotSent),
    /// A question cannot be asked.
    NotAsked(QueryId, DnsError),
}

/// Everything under the lock.
pub(super) struct Locked {
    pub(super) agent: Agent,
    /// `None` before the context listens.
    network: Option<Network>,
    /// How connections are made.
    connecting: ConnectOptions,
    names: Resolver,
    retained: FxHashMap<TransactionId, RetainedMessage>,
    /// Those of them that are REGISTERs, the oldest first; some are over.
    retained_registers: VecDeque<TransactionId>,
    /// Who gets copies of messages.
    tap: Option<Tap>,
    /// Messages that were sent and are kept for a while, the oldest first.
    released: VecDeque<RetainedMessage>,
    /// The last drain left transmits behind.
    unfinished: bool,
    /// It was logged that TLS does not check certificates.
    has_warned_of_tls: bool,
    /// How long the machine has slept, as far as the agent knows.
    slept: Duration,
}

impl Locked {
    /// A core that does not listen yet.
    pub(super) fn new(agent: Agent, names: Resolver) -> Locked {
        Locked {
            agent,
            network: None,
            connecting: ConnectOptions::default(),
            names,
            retained: FxHashMap::default(),
            retained_registers: VecDeque::new(),
            tap: None,
            released: VecDeque::new(),
            unfinished: false,
            has_warned_of_tls: false,
            slept: clock::slept(),
        }
    }

    /// From now on there is a network, and the agent knows where it receives.
    pub(super) fn set_network(&mut self, network: Network, listening: Listening) {
        self.agent.set_listening(Some(listening));
        self.network = Some(network);
    }

    /// Whether there is a network.
    pub(super) fn is_listening(&self) -> bool {
        self.network.is_some()
    }

    /// Whether there is a UDP socket.
    pub(super) fn has_udp(&self) -> bool {
        self.network.as_ref().is_some_and(|network| network.datagrams.local().is_some())
    }

    /// Takes a descriptor of the application, see [`super::streams::Streams::adopt`].
    pub(super) fn adopt_connection(&mut self, fd: OwnedFd) {
        if let Some(network) = &mut self.network {
            network.streams.adopt(fd, self.connecting.dscp, &mut self.agent);
        }
    }

    /// The port that the network was opened with.
    pub(super) fn port(&self) -> Option<u16> {
        self.network.as_ref().map(Network::port)
    }

    /// The network thread, to be ended.
    pub(super) fn take_thread(&mut self) -> Option<NetworkThread> {
        self.network.as_mut()?.take_thread()
    }

    /// How connections are made from now on.
    pub(super) fn connecting_mut(&mut self) -> &mut ConnectOptions {
        &mut self.connecting
    }

    /// Who gets copies of messages.
    pub(super) fn tap(&self) -> &Option<Tap> {
        &self.tap
    }

    /// Who gets copies of messages from now on, and who got them before.
    pub(super) fn replace_tap(&mut self, tap: Option<Tap>) -> Option<Tap> {
        std::mem::replace(&mut self.tap, tap)
    }

    /// Keeps `message` until the transaction has ended; its event gets it then.
    pub(super) fn retain(&mut self, id: TransactionId, message: RetainedMessage) {
        self.retained.insert(id, message);
    }

    /// The same for a REGISTER, until so many others have come after it.
    pub(super) fn retain_register(
        &mut self,
        id: TransactionId,
        message: RetainedMessage,
        deferred: &mut Deferred,
    ) {
        self.retain(id, message);
        self.retained_registers.push_back(id);
        if self.retained_registers.len() > RETAINED_REGISTERS {
            let oldest = self.retained_registers.pop_front();
            if let Some(message) = oldest.and_then(|id| self.retained.remove(&id)) {
                deferred.release(message);
            }
        }
    }

    /// Keeps `message` until so many others have come after it.
    pub(super) fn keep_for_a_while(&mut self, message: RetainedMessage, deferred: &mut Deferred) {
        self.released.push_back(message);
        if self.released.len() > RELEASED {
            if let Some(oldest) = self.released.pop_front() {
                deferred.release(oldest);
            }
        }
    }

    /// Gives the agent a sleep of the machine, by which `now` has gone on.
    pub(super) fn note_sleep(&mut self, now: Instant) {
        let slept = clock::slept();
        if slept > self.slept {
            let slept = slept - std::mem::replace(&mut self.slept, slept);
            self.agent.handle_input(now, Input::Resumed { slept });
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
        let (mut dropped, mut lost_to_fetch) = (Dropped::default(), 0);
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::Application(event) => {
                    deferred.wake_for_event();
                    let message = event.ended.and_then(|id| self.retained.remove(&id));
                    let (lost, messages) = events.push(QueuedEvent { event, message });
                    dropped += lost;
                    messages.into_iter().for_each(|message| deferred.release(message));
                }
                Event::Released(id) => {
                    if let Some(message) = self.retained.remove(&id) {
                        self.keep_for_a_while(message, deferred);
                    }
                }
                Event::Registerer(event) => {
                    deferred.wake_for_listeners();
                    lost_to_fetch += events.fetched.push(&event);
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
        let lost = lost as u64 + lost_to_fetch;
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
            while left > 0 {
                let Some(transmit) = self.agent.poll_transmit() else { break };
                left -= 1;
                let batch = wait || left > 0 && self.agent.has_transmits();
                outcomes.extend(self.carry_out(transmit, batch, deferred));
            }
            if let Some(Network { datagrams, streams, .. }) = &mut self.network {
                if !wait && datagrams.has_batch() {
                    let not_sent = datagrams.flush(deferred);
                    outcomes.extend(not_sent.into_iter().map(TransmitOutcome::NotSent));
                }
                if streams.has_unflushed() {
                    let gone = streams.flush().into_iter();
                    outcomes.extend(gone.map(|(flow, error)| TransmitOutcome::Failed(flow, error)));
                }
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
            let datagrams = self.network.as_ref().map(|network| &network.datagrams);
            datagrams.is_some_and(Datagrams::has_batch) && !events.has_backlog()
        };
        self.unfinished || self.agent.is_due(now) || waits()
    }

    /// The fourth part of the law: when the driver has to come back.
    fn deadline(&self, now: Instant) -> Option<Instant> {
        if self.unfinished {
            return Some(now);
        }
        let streams = self.network.as_ref().and_then(|network| network.streams.deadline());
        [self.agent.poll_timeout(), streams].into_iter().flatten().min()
    }

    /// What the driver, about to sleep, sleeps for; `None` where there is no network. `received`:
    /// something has just arrived.
    pub(super) fn plan(&mut self, now: Instant, received: bool) -> Option<SleepPlan> {
        let until = self.deadline(now);
        self.network.as_mut().map(|network| network.plan(now, received, until))
    }

    /// Fires the timers that are due.
    pub(super) fn handle_timeout(&mut self, now: Instant, deferred: &mut Deferred) {
        if self.agent.poll_timeout().is_some_and(|due| due <= now) {
            self.agent.handle_timeout(now);
        }
        if let Some(network) = &mut self.network {
            if network.streams.deadline().is_some_and(|due| due <= now) {
                network.streams.on_timeout(now, &mut self.agent, deferred);
            }
        }
    }

    /// Has the driver of the sockets woken, if it sleeps longer than the deadline.
    pub(super) fn rearm(&mut self, now: Instant, deferred: &mut Deferred) {
        let until = self.deadline(now);
        if let Some(network) = &mut self.network {
            network.rearm(now, until, deferred);
        }
    }

    /// Sends what waited for the socket.
    pub(super) fn flush(&mut self, now: Instant, deferred: &mut Deferred) {
        let network = self.network.as_mut();
        let failed = network.map(|network| network.datagrams.flush(deferred)).unwrap_or_default();
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
        if let Some(flow) = self.datagram_flow(from) {
            self.agent.handle_input(now, Input::Message { flow, bytes });
        }
    }

    /// Streams are ready: as many of them as one turn takes.
    pub(super) fn on_streams_ready(
        &mut self,
        now: Instant,
        endpoint: &Endpoint,
        deferred: &mut Deferred,
    ) {
        let Some(network) = &mut self.network else { return };
        for ready in endpoint.poller.streams().ready() {
            let tls = &self.connecting.tls;
            network.streams.on_ready(now, ready, tls, &mut self.agent, deferred);
        }
    }

    /// The end: what waits in connections may take until `end`, then they are closed.
    pub(super) fn end_streams(&mut self, end: Instant) {
        if let Some(network) = &mut self.network {
            network.streams.end(end, clock::now);
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
        if let Some(flow) = self.datagram_flow(to) {
            self.agent.handle_input(now, Input::Failed { flow, error, bytes });
        }
    }

    /// The flow of a datagram from or to `remote`.
    fn datagram_flow(&mut self, remote: SocketAddr) -> Option<FlowId> {
        let local = self.network.as_ref()?.datagrams.local()?;
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
                let Some(Flow { transport, remote, .. }) = self.agent.flow(flow) else {
                    return Vec::new();
                };
                let Some(network) = &mut self.network else {
                    let not_sent = NotSent { flow, bytes, error: TransportError::NotOpen };
                    return vec![TransmitOutcome::NotSent(not_sent)];
                };
                let failed = if transport.is_reliable() {
                    let refused = network.streams.send(flow, &bytes, deferred).err();
                    refused.map(|error| NotSent { flow, bytes, error }).into_iter().collect()
                } else {
                    network.datagrams.send((flow, remote), bytes, batch, deferred)
                };
                failed.into_iter().map(TransmitOutcome::NotSent).collect()
            }
            Transmit::Open { flow, target } => match self.open(flow, &target, deferred) {
                Ok(Some(local)) => vec![TransmitOutcome::Opened(flow, local)],
                Ok(None) => Vec::new(),
                Err(error) => vec![TransmitOutcome::Failed(flow, error)],
            },
            Transmit::Close { flow } => {
                if let Some(network) = &mut self.network {
                    network.streams.close(flow);
                }
                Vec::new()
            }
            Transmit::Query { query, name, kind } => {
                let refused = self.names.ask(query, name, kind).err();
                refused.map(|error| TransmitOutcome::NotAsked(query, error)).into_iter().collect()
            }
        }
    }

    /// Opens `flow`; our address towards `target`, where that is known at once.
    fn open(
        &mut self,
        flow: FlowId,
        target: &Target,
        deferred: &mut Deferred,
    ) -> Result<Option<SocketAddr>, TransportError> {
        if target.transport == Transport::Tls {
            self.prepare_tls(target, deferred);
        }
        let network = self.network.as_mut().ok_or(TransportError::NotOpen)?;
        if target.transport.is_reliable() {
            return network.streams.open(flow, target, &self.connecting);
        }
        let local = network.datagrams.local().ok_or(TransportError::NotOpen)?;
        net::local_address(local, target.remote).map(Some)
    }

    /// Has the files read that TLS with `target` needs, once the lock is free. Where certificates
    /// are not checked, the log says so once.
    fn prepare_tls(&mut self, target: &Target, deferred: &mut Deferred) {
        let tls = &self.connecting.tls;
        let settings = tls.settings_for(target);
        if !settings.verify && target.tls_settings.is_none() && !self.has_warned_of_tls {
            self.has_warned_of_tls = true;
            deferred.log(TraceLevel::Warning, line!(), || {
                let option = "EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE";
                format!("TLS: the certificates of servers are not checked, see {option}")
            });
        }
        let connector = Arc::clone(&tls.connector);
        deferred.after(move || connector.prepare(&settings));
    }

    fn react(&mut self, now: Instant, outcome: TransmitOutcome) {
        let input = match &outcome {
            TransmitOutcome::Opened(flow, local) => Input::Opened { flow: *flow, local: *local },
            TransmitOutcome::Failed(flow, error) => {
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
