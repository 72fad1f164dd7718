//! Servers that fail: the next one within the same attempt, and the way back to a better one
//! (RFC 3263 section 4.3).

use super::managed::{is_second_flow, registration_of_flow};
use super::{Agent, Flow, FlowId, Policy, Rid, Timer, TransactionId, Transport};
use crate::transaction::{Deadline, NoResponse, TimerQueue, TransactionUser};
use crate::transport::{LocateError, TargetQueue, TransportError, duration_between};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A managed registration goes back to a better server within this time behind its penalty, at
/// random: a server that comes back does not get all of them at once.
const FAILBACK_SPREAD: Duration = Duration::from_secs(60);

/// Which servers of its domain a registration tries.
#[derive(Debug, Default)]
pub(super) struct ServerChoice {
    /// The server that wants the REGISTER once more, with proof or for a longer time.
    asked_by: Option<(Transport, SocketAddr)>,
    /// The servers that failed in the present attempt.
    failed: Vec<(Transport, SocketAddr)>,
    /// The servers of a better priority than the one that the last REGISTER went to.
    better: Vec<(Transport, SocketAddr)>,
    /// Its deadline among the timers for going back to one of those.
    failback: Option<Deadline>,
}

impl ServerChoice {
    /// A REGISTER is sent: one that no server has asked for begins an attempt.
    pub(super) fn on_request(&mut self) {
        if self.asked_by.is_none() {
            self.failed.clear();
        }
    }

    /// The registration is gone.
    pub(super) fn forget(&mut self, timers: &mut TimerQueue) {
        timers.rearm(&mut self.failback, None);
    }
}

impl Agent {
    /// Whether a server has asked for the request once more.
    pub(super) fn is_asked_for(&self, user: TransactionUser) -> bool {
        let TransactionUser::Registration(rid) = user else { return false };
        self.registrations.get(&rid).is_some_and(|entry| entry.servers.asked_by.is_some())
    }

    /// Puts the targets of a REGISTER in order: the server that asked for it comes first, else the
    /// one of the binding comes first of those that are as good. Those that failed in this attempt
    /// are not tried again.
    pub(super) fn arrange_targets(&self, id: TransactionId, targets: &mut TargetQueue) {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else { return };
        let Some(entry) = self.registrations.get(&rid) else { return };
        targets.leave_out(&entry.servers.failed);
        // A binding is removed by whichever server there is.
        if entry.registration.expires() > 0 {
            if let Some(server) = self.place_of_first_flow(rid) {
                targets.avoid(server);
            }
        }
        if let Some(server) = entry.servers.asked_by {
            targets.stay_at(server);
        } else if entry.registration.is_bound() {
            if let Some(flow) = entry.flow.and_then(|flow| self.flows.get(flow)) {
                targets.prefer((flow.transport, flow.remote));
            }
        }
    }

    /// Where the first flow is, or is about to be, that `rid` is the second of.
    fn place_of_first_flow(&self, rid: Rid) -> Option<(Transport, SocketAddr)> {
        if !is_second_flow(rid) {
            return None;
        }
        let entry = self.registrations.get(&registration_of_flow(rid))?;
        let held = entry.registration.transaction().and_then(|id| self.transactions.held(id));
        let flow = self.flows.get(held.or(entry.flow)?)?;
        Some((flow.transport, flow.remote))
    }

    /// The target of the request cannot serve, is not there, or is silent: the next one of the same
    /// attempt is asked, if there is one. It has as long for its answer, and may ask for proof as
    /// the first may.
    pub(super) fn fails_over(
        &mut self,
        now: Instant,
        id: TransactionId,
        wait: Option<Duration>,
    ) -> bool {
        if !self.transactions.has_alternative(id) {
            return false;
        }
        let flow = self.transactions.flow(id);
        if let Some(flow) = flow {
            self.on_server_failed(now, flow, wait);
        }
        if let Some((rid, over)) = self.register_over(id) {
            self.on_register_failed(now, rid, over);
        }
        if let Some(flow) = flow {
            self.leave_server(id, &flow);
        }
        self.send_to_next_target(now, id)
    }

    /// The server at the other end of `flow` is of no use for request `id`: it is not tried again
    /// in the same attempt, and the next may ask for proof as often as this one.
    pub(super) fn leave_server(&mut self, id: TransactionId, flow: &Flow) {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else { return };
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        entry.servers.failed.push((flow.transport, flow.remote));
        entry.registration.moves_on();
        if let Policy::Automatic(automatic) = &mut entry.policy {
            automatic.moves_on();
        }
    }

    /// The server is tried behind the others of its domain for a while; `wait` is its Retry-After.
    pub(super) fn on_server_failed(&mut self, now: Instant, flow: Flow, wait: Option<Duration>) {
        let entropy = &mut self.entropy;
        self.locator
            .on_server_failed(now, (flow.transport, flow.remote), wait, &mut || entropy.word());
    }

    /// The REGISTER of `rid`, which is transaction `id`, leaves over `flow`. The flow of a binding
    /// is kept until another server has taken it over.
    pub(super) fn register_left(
        &mut self,
        now: Instant,
        rid: Rid,
        id: TransactionId,
        flow: FlowId,
    ) {
        let first = self.place_of_first_flow(rid);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        entry.registration.transmitted(now);
        let mut better = self.transactions.targets(id).map(TargetQueue::better).unwrap_or_default();
        better.retain(|server| Some(*server) != first);
        entry.servers.better = better;
        if entry.flow == Some(flow) {
            return;
        }
        let place = |flow: FlowId| self.flows.get(flow).map(|flow| (flow.transport, flow.remote));
        let held = entry.flow.and_then(place);
        let is_elsewhere = held.is_some() && held != place(flow);
        if !(is_elsewhere && entry.registration.is_bound()) {
            self.set_flow(now, rid, Some(flow));
        }
    }

    /// The server at the other end of `flow` answered the REGISTER of `rid` with `status`.
    pub(super) fn on_server_response(&mut self, now: Instant, rid: Rid, flow: &Flow, status: u16) {
        self.out_of_reach.remove(&rid);
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let is_asked = matches!(status, 401 | 407 | 423 | 439 | 494 | 555);
        entry.servers.asked_by = is_asked.then_some((flow.transport, flow.remote));
        if !(200..=299).contains(&status) {
            return;
        }
        if entry.flow != Some(flow.id) && self.flows.get(flow.id).is_some() {
            self.set_flow(now, rid, Some(flow.id));
        }
        self.plan_failback(now, rid);
    }

    /// Sets the timer for going back to a better server, where there is one. The eXosip calls go
    /// back with an ordinary refresh.
    fn plan_failback(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let ends = entry.servers.better.iter();
        let ends = ends.map(|server| self.locator.penalty_until(now, *server).unwrap_or(now));
        let next = ends.min().filter(|_| entry.policy.is_managed()).map(|end| {
            let entropy = &mut self.entropy;
            let wait = duration_between(&mut || entropy.word(), Duration::ZERO, FAILBACK_SPREAD);
            (end + wait, Timer::Failback(rid))
        });
        self.timers.rearm(&mut entry.servers.failback, next);
    }

    /// A better server may have served its penalty.
    pub(super) fn on_failback(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        entry.servers.failback = None;
        let mut better = entry.servers.better.iter();
        if better.any(|server| self.locator.penalty_until(now, *server).is_none()) {
            self.check_managed(now, rid);
        } else {
            self.plan_failback(now, rid);
        }
    }

    /// Notes a REGISTER that got no answer because there may be no way to any server.
    pub(super) fn note_out_of_reach(&mut self, id: TransactionId, why: &NoResponse) {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else { return };
        if let Some(entry) = self.registrations.get_mut(&rid) {
            entry.servers.asked_by = None;
        }
        if may_have_no_way(why) {
            self.out_of_reach.insert(rid);
        }
    }

    /// The network is another one: REGISTERs that could not leave are sent now, those of the eXosip
    /// calls with the next automatic action.
    pub(super) fn retry_out_of_reach(&mut self, now: Instant) {
        for rid in std::mem::take(&mut self.out_of_reach) {
            let Some(entry) = self.registrations.get_mut(&rid) else { continue };
            match &mut entry.policy {
                Policy::Managed(_) if entry.registration.is_pending() => {}
                Policy::Managed(_) => self.move_managed(now, rid),
                Policy::Automatic(automatic) => {
                    automatic.on_way_out(now, &mut entry.registration);
                    self.replan(rid);
                }
            }
        }
    }
}

/// Whether the same may succeed in another network.
fn may_have_no_way(why: &NoResponse) -> bool {
    match why {
        NoResponse::Timeout { .. }
        | NoResponse::AttemptTimeout { .. }
        | NoResponse::ResolutionTimeout
        | NoResponse::NoAddress
        | NoResponse::NoSecondServer => true,
        NoResponse::NotLocated(error) => matches!(error, LocateError::Dns { .. }),
        NoResponse::NotOpened(error)
        | NoResponse::NotConnected { error, .. }
        | NoResponse::ConnectionLost { error, .. }
        | NoResponse::Transport { error, .. } => matches!(
            error,
            TransportError::NoRoute { .. }
                | TransportError::Unreachable
                | TransportError::TimedOut
                | TransportError::Temporary { .. }
                | TransportError::Other { .. }
        ),
        NoResponse::NoTransport | NoResponse::NotSent(_) => false,
    }
}
