//! Carries out what [`KeepAlives`] decides for each flow.

use super::managed::flow_name;
use super::{Agent, LogLevel, Rid, Timer, TransactionId};
use crate::registration::Activity;
use crate::registration::policy::managed::{KeepAlive, ManagedOptions, RegistererState};
use crate::transaction::{Deadline, TransactionUser};
use crate::transport::{
    Flow, FlowId, KeepAliveDecision, KeepAliveWish, KeepAlives, LineEnds, TransportError,
};
use rustc_hash::FxHashMap;
use std::time::Instant;

/// The flows that are kept alive, and their deadlines among the timers.
#[derive(Debug)]
pub(super) struct KeptFlows {
    table: KeepAlives,
    armed: FxHashMap<FlowId, Deadline>,
}

impl Default for KeptFlows {
    fn default() -> Self {
        KeptFlows { table: KeepAlives::new(None), armed: FxHashMap::default() }
    }
}

impl Agent {
    /// The last REGISTER of `rid` went over `flow`; `None`: there is none any more.
    pub(super) fn set_flow(&mut self, now: Instant, rid: Rid, flow: Option<FlowId>) {
        let Some(entry) = self.registrations.get_mut(&rid) else { return };
        let before = std::mem::replace(&mut entry.flow, flow);
        if before == flow {
            return;
        }
        let wish = entry.policy.managed().map(|managed| wish(managed.policy.options()));
        let by = flow.and_then(|flow| self.flows.acquire(flow));
        if let Some(before) = before {
            // What it sends from here on says nothing of that flow.
            self.keep_alives.table.end_check(before, rid);
            self.leave_flow(now, before, rid);
        }
        if let Some(flow) = flow {
            let is_connection = by.is_some_and(|by| by.transport.is_reliable());
            self.change_kept(flow, |table, random| {
                table.add_user(now, (flow, is_connection), rid, wish, random);
            });
            if let Some(by) = by.filter(|_| is_connection) {
                if let Some(period) = self.keep_alives.table.rare_period(flow) {
                    let (seconds, remote) = (period.as_secs(), by.remote);
                    let text =
                        format!("{remote}: a keep-alive every {seconds} s may come too late");
                    self.log(LogLevel::Warning, text);
                }
            }
        }
    }

    /// `rid`, which is managed, may want other keep-alives over its flow than before.
    pub(super) fn change_keep_alive(&mut self, now: Instant, rid: Rid) {
        let Some(entry) = self.registrations.get(&rid) else { return };
        let (Some(managed), Some(flow)) = (entry.policy.managed(), entry.flow) else { return };
        let wish = wish(managed.policy.options());
        let state = managed.policy.own_state(&entry.registration);
        let is_bound = state == RegistererState::Registered;
        self.change_kept(flow, |table, random| table.change_wish(now, flow, rid, wish, random));
        self.keep_flow(now, rid, is_bound);
    }

    /// `rid` does not need `flow` any more.
    pub(super) fn leave_flow(&mut self, now: Instant, flow: FlowId, rid: Rid) {
        self.change_kept(flow, |table, _| table.remove_user(now, flow, rid));
        self.release_flow(now, flow);
    }

    /// Whether `rid`, which is managed, has a binding whose flow is to be kept open.
    pub(super) fn keep_flow(&mut self, now: Instant, rid: Rid, is_bound: bool) {
        let Some(entry) = self.registrations.get(&rid) else { return };
        let (Some(managed), Some(flow)) = (entry.policy.managed(), entry.flow) else { return };
        let is_wanted = is_bound && managed.policy.options().keep_alive != KeepAlive::Off;
        self.change_kept(flow, |table, random| table.set_wanted(now, flow, rid, is_wanted, random));
    }

    /// The Flow-Timer of a 2xx (RFC 5626 section 4.4.1).
    pub(super) fn set_flow_timer(&mut self, now: Instant, flow: FlowId, seconds: Option<u32>) {
        self.change_kept(flow, |table, random| table.set_flow_timer(now, flow, seconds, random));
    }

    /// The period of the settings is another one: the next keep-alive of each flow is planned anew.
    pub fn replan_keep_alives(&mut self, now: Instant) {
        let (entropy, period) = (&mut self.entropy, self.settings.keep_alive);
        self.keep_alives.table.set_period(now, period, &mut || entropy.word());
        for flow in self.keep_alives.table.flows() {
            self.rearm_kept(flow);
        }
    }

    /// A keep-alive over `flow`, or the answer to it, is due.
    pub(super) fn on_keep_alive_timeout(&mut self, now: Instant, flow: FlowId) {
        self.keep_alives.armed.remove(&flow);
        let is_open = self.listening.is_some();
        let decision =
            self.change_kept(flow, |table, random| table.on_timeout(now, flow, is_open, random));
        self.carry_out_kept(now, flow, decision);
    }

    /// What may be the answer to a keep-alive came.
    pub(super) fn on_keep_alive_answer(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        if flow.transport.is_reliable() {
            let LineEnds { is_pong, is_ping } = self.flows.on_line_ends(flow.id, bytes);
            if is_pong {
                self.change_kept(flow.id, |table, random| table.on_pong(now, flow.id, random));
            }
            if is_ping {
                self.transmit(flow.id, b"\r\n".to_vec().into());
            }
            return;
        }
        let decision =
            self.change_kept(flow.id, |table, random| table.on_stun(now, &flow, bytes, random));
        self.carry_out_kept(now, flow.id, decision);
    }

    /// The network says that it could not deliver a keep-alive, of which `bytes` came back.
    pub(super) fn on_keep_alive_failed(&mut self, now: Instant, flow: FlowId, bytes: &[u8]) {
        let decision =
            self.change_kept(flow, |table, random| table.on_failed(now, flow, bytes, random));
        self.carry_out_kept(now, flow, decision);
    }

    /// A response to request `id` came: what it was sent over leads to the server.
    pub(super) fn on_flow_answered(&mut self, id: TransactionId) {
        if let Some((rid, flow)) = self.register_over(id) {
            self.keep_alives.table.end_check(flow, rid);
        }
    }

    /// There was no response to the REGISTER of `rid` over `flow`, or the network returned it.
    pub(super) fn on_register_failed(&mut self, now: Instant, rid: Rid, flow: FlowId) {
        let decision = self.keep_alives.table.on_check_failed(now, flow, rid);
        self.carry_out_kept(now, flow, decision);
    }

    /// The registration whose REGISTER under way `id` is, and the flow that it was sent over.
    pub(super) fn register_over(&self, id: TransactionId) -> Option<(Rid, FlowId)> {
        let Some(TransactionUser::Registration(rid)) = self.transactions.user(id) else {
            return None;
        };
        let entry = self.registrations.get(&rid)?;
        let is_last = entry.registration.transaction() == Some(id);
        self.transactions.flow(id).filter(|_| is_last).map(|flow| (rid, flow.id))
    }

    fn carry_out_kept(&mut self, now: Instant, flow: FlowId, decision: KeepAliveDecision) {
        match decision {
            KeepAliveDecision::None => {}
            KeepAliveDecision::Send(bytes) => self.transmit(flow, bytes),
            KeepAliveDecision::Check => self.check_by_register(now, flow),
            KeepAliveDecision::Dead(reason) => match self.flows.get(flow) {
                Some(flow) if flow.transport.is_reliable() => {
                    self.close_connection(now, flow, &TransportError::KeepAlivesUnanswered);
                }
                _ => self.renew_over(now, flow, &reason.to_string()),
            },
            KeepAliveDecision::MappedAddressChanged { mapped, is_renewed } => {
                if let Some(flow) = self.flows.get(flow) {
                    self.learned.learn(&flow, Some(flow.local), mapped);
                }
                if is_renewed {
                    self.renew_over(now, flow, "the public address has changed");
                }
            }
        }
    }

    /// One managed registration of those that use `flow` finds out whether the server is still
    /// there: by the REGISTER that is under way, if there is one.
    fn check_by_register(&mut self, now: Instant, flow: FlowId) {
        let rids = self.keep_alives.table.renewing_users(flow);
        let sends = |agent: &Agent, rid: Rid| {
            agent.registrations.get(&rid).is_some_and(|entry| {
                let activity = entry.registration.activity();
                let is_busy =
                    matches!(activity, Activity::Requesting { .. } | Activity::Queued { .. });
                is_busy && entry.flow == Some(flow)
            })
        };
        let busy = rids.iter().copied().find(|rid| sends(self, *rid));
        let checking = busy.or_else(|| {
            rids.into_iter().find(|rid| {
                self.check_managed(now, *rid);
                sends(self, *rid)
            })
        });
        self.keep_alives.table.set_checking_user(flow, checking);
        if let (Some(flow), Some(rid)) = (self.flows.get(flow), checking) {
            let text = format!("{}: {} checks whether it answers", flow.remote, flow_name(rid));
            self.log(LogLevel::Info, text);
        }
    }

    /// The flow is not what it was: the managed registrations that use it register anew.
    fn renew_over(&mut self, now: Instant, flow: FlowId, why: &str) {
        let rids = self.keep_alives.table.renewing_users(flow);
        if let Some(flow) = self.flows.get(flow) {
            let text = format!("{}: {why}; {} registrations are renewed", flow.remote, rids.len());
            self.log(LogLevel::Info, text);
        }
        for rid in rids {
            self.renew_managed(now, rid);
        }
    }

    /// Changes what is known of `flow`, and puts its deadline among the timers.
    fn change_kept<R>(
        &mut self,
        flow: FlowId,
        change: impl FnOnce(&mut KeepAlives, &mut dyn FnMut() -> u64) -> R,
    ) -> R {
        let entropy = &mut self.entropy;
        self.keep_alives.table.set_default_period(self.settings.keep_alive);
        let result = change(&mut self.keep_alives.table, &mut || entropy.word());
        self.rearm_kept(flow);
        result
    }

    fn rearm_kept(&mut self, flow: FlowId) {
        let KeptFlows { table, armed } = &mut self.keep_alives;
        let before = armed.get(&flow).copied();
        let mut after = before;
        self.timers.rearm(&mut after, table.deadline(flow).map(|at| (at, Timer::KeepAlive(flow))));
        match after {
            _ if after == before => {}
            Some(after) => drop(armed.insert(flow, after)),
            None => drop(armed.remove(&flow)),
        }
    }
}

/// What a registration with these options wants of the keep-alives of its flow.
fn wish(options: &ManagedOptions) -> KeepAliveWish {
    let period = options.keep_alive_period;
    KeepAliveWish {
        is_wanted: options.keep_alive != KeepAlive::Off,
        is_stun: options.keep_alive == KeepAlive::Stun,
        period: (!period.is_zero()).then_some(period),
    }
}
