//! Connections: made to the first address that answers, lost with all that was to come over them.

use super::managed::is_second_flow;
use super::{Agent, FlowId, LogLevel, Policy, Rid, Timer, TransactionId, Transmit};
use crate::transaction::{Deadline, NoResponse, ServerAddresses, TransactionUser};
use crate::transport::{
    ConnectDecision, Connected, ConnectionLife, Connects, Flow, LONGEST_LOSS_WAIT, Opening, Target,
    TlsSettings, Transport, TransportError,
};
use rustc_hash::FxHashMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The connections that are being made, and their deadlines among the timers.
#[derive(Debug, Default)]
pub(super) struct Connecting {
    table: Connects,
    armed: FxHashMap<FlowId, Deadline>,
}

impl Agent {
    /// Request `id` uses a flow to a server from here on; the flow, if it is open.
    pub(super) fn open_flow(
        &mut self,
        now: Instant,
        id: TransactionId,
        mut server: ServerAddresses,
    ) -> Option<Flow> {
        if server.0.transport == Transport::Tls {
            let settings = self.tls_settings(id);
            for target in std::iter::once(&mut server.0).chain(&mut server.1) {
                target.tls_settings.clone_from(&settings);
            }
        }
        if server.0.transport.is_reliable() && self.is_of_second_flow(id) {
            for target in std::iter::once(&mut server.0).chain(&mut server.1) {
                target.is_second_flow = true;
            }
        }
        let (target, others) = &server;
        let is_open = |target: &&Target| self.flows.connection(target).is_some();
        let open = others.iter().find(is_open).filter(|_| !is_open(&target));
        let target = open.unwrap_or(target);
        let flow = match self.flows.open(now, target) {
            Opening::Open(flow) => {
                self.transactions.hold(id, flow.id);
                return Some(flow);
            }
            Opening::Pending(flow) => flow,
            Opening::Ask(flow, question) => {
                self.transmits.push_back(question);
                if target.transport.is_reliable() {
                    self.connecting.table.begin(now, flow, server.1);
                    self.rearm_connect(flow);
                }
                flow
            }
        };
        self.transactions.hold(id, flow);
        self.opening.entry(flow).or_default().push(id);
        None
    }

    fn is_of_second_flow(&self, id: TransactionId) -> bool {
        let rid = self.transactions.user(id).and_then(|user| self.registration_of(user));
        rid.is_some_and(is_second_flow)
    }

    /// The settings of TLS that request `id` has of its own: a connection is shared by those alone
    /// whose settings are equal.
    fn tls_settings(&self, id: TransactionId) -> Option<Arc<TlsSettings>> {
        let rid = self.registration_of(self.transactions.user(id)?)?;
        self.managed(rid).and_then(|managed| managed.policy.options().tls_settings())
    }

    /// The next address of the server that `first` belongs to is due, or its time is over.
    pub(super) fn on_connect_timeout(&mut self, now: Instant, first: FlowId) {
        self.connecting.armed.remove(&first);
        let decision = self.connecting.table.on_timeout(now, first);
        let Some(remote) = self.flows.get(first).map(|flow| flow.remote) else { return };
        self.carry_out_connect(now, first, decision, (remote, TransportError::TimedOut));
    }

    /// The attempt `flow` could not be connected, if it is one that is under way: whether it is.
    pub(super) fn on_attempt_failed(
        &mut self,
        now: Instant,
        flow: Flow,
        error: &TransportError,
    ) -> bool {
        let Some(first) = self.connecting.table.first(flow.id) else { return false };
        self.log(LogLevel::Info, format!("cannot connect to {}: {error}", flow.remote));
        self.on_server_failed(now, flow, None);
        let decision = self.connecting.table.on_failed(now, flow.id);
        if flow.id != first {
            self.fail_waiting(now, flow.id, flow.remote, error);
        }
        self.carry_out_connect(now, first, decision, (flow.remote, error.clone()));
        true
    }

    /// `failure`: what became of the last attempt.
    fn carry_out_connect(
        &mut self,
        now: Instant,
        first: FlowId,
        decision: ConnectDecision,
        failure: (SocketAddr, TransportError),
    ) {
        match decision {
            ConnectDecision::None => {}
            ConnectDecision::Try(target) => {
                let Some((flow, question)) = self.flows.attempt(&target) else {
                    let decision = self.connecting.table.on_skipped(now, first);
                    return self.carry_out_connect(now, first, decision, failure);
                };
                self.connecting.table.add(first, flow);
                self.transmits.push_back(question);
            }
            ConnectDecision::Failed(attempts) => {
                let (remote, error) = failure;
                for attempt in attempts {
                    if let Some(flow) = self.flows.get(attempt) {
                        self.on_server_failed(now, flow, None);
                    }
                    self.transmits.push_back(Transmit::Close { flow: attempt });
                    if attempt != first {
                        self.fail_waiting(now, attempt, remote, &error);
                    }
                }
                self.fail_waiting(now, first, remote, &error);
            }
        }
        self.rearm_connect(first);
    }

    /// The attempt `flow` is over: what waits for it goes to its next target, or has failed.
    fn fail_waiting(
        &mut self,
        now: Instant,
        flow: FlowId,
        remote: SocketAddr,
        error: &TransportError,
    ) {
        let (waiting, attempt) = (self.take_waiting(flow), self.flows.get(flow));
        self.flows.remove(flow);
        for id in waiting {
            if let Some(attempt) = attempt.filter(|_| self.transactions.has_alternative(id)) {
                self.leave_server(id, &attempt);
            }
            if !self.send_to_next_target(now, id) {
                let error = error.clone();
                self.give_up(now, id, NoResponse::NotConnected { remote, error });
            }
        }
    }

    /// `flow` is connected: the other attempts are given up, and who waited for the first of them
    /// goes over this one.
    pub(super) fn on_connected(&mut self, now: Instant, flow: Flow) {
        let Some(Connected { first, others }) = self.connecting.table.on_opened(flow.id) else {
            return;
        };
        self.rearm_connect(first);
        // As if it had been used, so that it is closed where nobody waits any more.
        self.flows.acquire(flow.id);
        if first != flow.id {
            for id in self.take_waiting(first) {
                self.flows.acquire(flow.id);
                self.transactions.hold(id, flow.id);
                self.opening.entry(flow.id).or_default().push(id);
            }
        }
        for other in others {
            if other != first && self.opening.contains_key(&other) {
                // Some wait for that address alone.
                self.connecting.table.begin(now, other, Vec::new());
                self.rearm_connect(other);
                continue;
            }
            self.transmits.push_back(Transmit::Close { flow: other });
            self.flows.remove(other);
        }
        if first != flow.id {
            self.flows.remove(first);
        }
        self.release_flow(now, flow.id);
    }

    fn rearm_connect(&mut self, first: FlowId) {
        let Connecting { table, armed } = &mut self.connecting;
        let mut deadline = armed.remove(&first);
        let next = table.deadline(first).map(|at| (at, Timer::Connect(first)));
        self.timers.rearm(&mut deadline, next);
        if let Some(deadline) = deadline {
            armed.insert(first, deadline);
        }
    }

    /// We end the connection `flow`, which is of no use any more.
    pub(super) fn close_connection(&mut self, now: Instant, flow: Flow, error: &TransportError) {
        let life = self.flows.connection_life(flow.id);
        self.transmits.push_back(Transmit::Close { flow: flow.id });
        self.flows.remove(flow.id);
        self.on_lost(now, flow, life, error);
    }

    /// A connection is gone with all that was to come over it: what is unanswered goes to the next
    /// target or has failed, and every registration that used it comes back.
    pub(super) fn on_lost(
        &mut self,
        now: Instant,
        flow: Flow,
        life: Option<ConnectionLife>,
        error: &TransportError,
    ) {
        let Flow { id: lost, transport, remote, .. } = flow;
        self.learned.remove(&flow);
        let rids = self.registrations_over(|flow| flow == lost);
        let ids = self.transactions.sent_over(|flow| flow == lost);
        // Whoever connects to us may leave when it likes.
        let is_missed = !rids.is_empty() || !ids.is_empty();
        let level = if is_missed { LogLevel::Warning } else { LogLevel::Info };
        self.log(level, format!("lost the connection to {remote}: {error}"));
        let opened_at = life.as_ref().and_then(|life| life.opened_at);
        let is_second_flow = life.as_ref().is_some_and(|life| life.target.is_second_flow);
        // One that was used before may have been ended while the request was on its way.
        let again = life.filter(|life| life.was_used).map(|life| life.target);
        let mut failed = Vec::new();
        for id in ids {
            if self.transactions.outlives_flow(id) {
                continue;
            }
            let target =
                again.clone().filter(|target| self.transactions.repeat(id, target.clone()));
            if target.is_some() && self.send_to_next_target(now, id) {
                continue;
            }
            if self.fails_over(now, id, None) {
                continue;
            }
            if let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) {
                failed.push(rid);
            }
            let error = error.clone();
            self.give_up(now, id, NoResponse::ConnectionLost { remote, error });
        }
        if rids.is_empty() {
            return;
        }
        // What TLS refuses fails again: its retry is planned for later.
        if error.is_tls_refused() {
            failed.clear();
        }
        failed.sort_unstable();
        let wait = self.losses.on_lost(now, (transport, remote, is_second_flow), opened_at);
        for rid in rids {
            let flow = self.registrations.get(&rid).and_then(|entry| entry.flow);
            if flow == Some(lost) {
                self.set_flow(now, rid, None);
            }
            self.come_back(now, rid, &wait, failed.binary_search(&rid).is_ok());
        }
    }

    /// The connection of `rid` is lost: it registers anew at some moment within `wait`, but no
    /// sooner than a retry that is planned. `has_failed`: so has its REGISTER under way, by that.
    fn come_back(&mut self, now: Instant, rid: Rid, wait: &Range<Duration>, has_failed: bool) {
        let mut wait = wait.clone();
        // A first loss brings it back at once, whatever the other flow does.
        if let Some(managed) = self.managed(rid).filter(|_| !wait.start.is_zero()) {
            let longest = managed.policy.after_loss(wait.end, LONGEST_LOSS_WAIT);
            wait = longest / 2..longest;
        }
        let at = now + self.entropy.between(wait.start, wait.end);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        match &mut entry.policy {
            Policy::Automatic(automatic) => {
                automatic.on_flow_lost(&mut entry.registration, at, has_failed);
                self.replan(rid);
            }
            Policy::Managed(managed) => {
                managed.policy.on_flow_lost(&mut entry.registration, at, has_failed);
                self.settle(now, rid);
            }
        }
    }

    /// Timer F of a request over `flow` has fired: the connection may be half open, unless
    /// something has come over it since the request was sent.
    pub(super) fn close_silent(&mut self, now: Instant, flow: Flow, sent_at: Option<Instant>) {
        let received_at = self.flows.received_at(flow.id);
        if flow.transport.is_reliable()
            && received_at.is_none_or(|at| sent_at.is_none_or(|s| at < s))
        {
            self.close_connection(now, flow, &TransportError::TimedOut);
        }
    }

    /// Our address towards the server is another one than that of the connection `flow`: it is
    /// closed, and those who used it register anew at once.
    pub(super) fn leave_connection(&mut self, now: Instant, flow: Flow) {
        let dropped = self.drop_connections(now, vec![flow]);
        for rid in dropped.registrations.clone() {
            self.renew_moved(now, rid);
        }
        self.fail_dropped(now, dropped);
    }

    /// Closes connections because the network is another one. What used them is to go on elsewhere,
    /// and the rest is for [`Agent::fail_dropped`].
    pub(super) fn drop_connections(
        &mut self,
        now: Instant,
        flows: Vec<Flow>,
    ) -> DroppedConnections {
        let remotes: FxHashMap<FlowId, SocketAddr> =
            flows.iter().map(|flow| (flow.id, flow.remote)).collect();
        let is_meant = |flow: FlowId| remotes.contains_key(&flow);
        let mut transactions = self.transactions.holding(is_meant);
        transactions.retain(|id| !self.transactions.outlives_flow(*id));
        let registrations = self.registrations_over(is_meant);
        for flow in flows {
            self.connecting.table.abandon(flow.id);
            self.rearm_connect(flow.id);
            self.opening.remove(&flow.id);
            self.transmits.push_back(Transmit::Close { flow: flow.id });
            self.learned.remove(&flow);
            self.flows.remove(flow.id);
        }
        for rid in &registrations {
            self.set_flow(now, *rid, None);
        }
        DroppedConnections { remotes, transactions, registrations }
    }

    /// What was to come over connections that were dropped, and was not given up meanwhile, fails.
    pub(super) fn fail_dropped(&mut self, now: Instant, dropped: DroppedConnections) {
        let at_once = Duration::ZERO..Duration::ZERO;
        for id in dropped.transactions {
            let held = self.transactions.held(id);
            let remote = held.and_then(|flow| dropped.remotes.get(&flow).copied());
            let Some((user, remote)) = self.transactions.user(id).zip(remote) else { continue };
            let error = TransportError::NetworkChanged;
            self.give_up(now, id, NoResponse::ConnectionLost { remote, error });
            if let TransactionUser::Registration(rid) = user {
                self.come_back(now, rid, &at_once, true);
            }
        }
    }
}

/// Connections that were closed, with what had to do with them.
#[derive(Debug)]
pub(super) struct DroppedConnections {
    /// Where they led.
    remotes: FxHashMap<FlowId, SocketAddr>,
    /// Requests that were sent over them, or waited for them.
    transactions: Vec<TransactionId>,
    /// The registrations whose last REGISTER went over one of them.
    registrations: Vec<Rid>,
}
