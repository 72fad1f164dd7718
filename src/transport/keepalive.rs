//! Keep-alives: one for all registrations that use a flow. CR LF CR LF (RFC 5626 section 3.5.1), or
//! STUN binding requests (section 3.5.2), whose answers show when the address that a NAT gave us
//! has changed.
//!
//! Anybody can send an ICMP error that quotes a keep-alive, so that one only makes a flow doubtful:
//! it is checked by one request that nobody can answer or return who has not seen it, a STUN
//! binding request with its id or a REGISTER with its branch. The flow is dead when that one fails.

mod kept_flow;

use super::random::RandomSource;
use super::{Flow, FlowId, binding_request, binding_response, is_plausible};
use crate::sip::Text;
use kept_flow::{Awaited, FlowCheck, KeptFlow};
use rustc_hash::FxHashMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Servers close connections that are silent for 120 s: keep-alives that are rarer than this may
/// come too late.
const RAREST: Duration = Duration::from_secs(100);

/// Who uses a flow.
pub(crate) type KeepAliveUser = i32;

/// What a user wants that renews its binding when the flow is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeepAliveWish {
    /// It wants keep-alives at all.
    pub(crate) is_wanted: bool,
    /// It wants STUN binding requests.
    pub(crate) is_stun: bool,
    /// It wants another period than the context's.
    pub(crate) period: Option<Duration>,
}

/// What is to be done about a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeepAliveDecision {
    /// Nothing.
    None,
    /// Send this over it.
    Send(Text),
    /// One of [`KeepAlives::renewing_users`] registers anew, to find out whether the flow is dead;
    /// which, [`KeepAlives::set_checking_user`] is to say.
    Check,
    /// The flow is of no use any more: those of [`KeepAlives::renewing_users`] register anew.
    Dead(DeadReason),
    /// The peer sees us at another address than before.
    MappedAddressChanged {
        /// The address.
        mapped: SocketAddr,
        /// Those of [`KeepAlives::renewing_users`] register anew.
        is_renewed: bool,
    },
}

/// Why a flow is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeadReason {
    /// The peer answered keep-alives and does so no more.
    NoAnswer,
    /// The network returned a keep-alive.
    Undelivered,
    /// The network returned a keep-alive, and the REGISTER that checked the flow failed.
    CheckFailed,
}

impl fmt::Display for DeadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DeadReason::NoAnswer => "the keep-alives get no answer",
            DeadReason::Undelivered => "a keep-alive could not be delivered",
            DeadReason::CheckFailed => "neither a keep-alive nor a REGISTER could be delivered",
        })
    }
}

/// The flows that are kept alive.
#[derive(Debug)]
pub(crate) struct KeepAlives {
    /// The context's period; `None`: no keep-alives but for those who want another.
    period: Option<Duration>,
    flows: FxHashMap<FlowId, KeptFlow>,
}

impl KeepAlives {
    /// Nothing to keep alive; `period` is the context's.
    pub(crate) fn new(period: Option<Duration>) -> Self {
        KeepAlives { period, flows: FxHashMap::default() }
    }

    /// The context's period for what is planned from here on.
    pub(crate) fn set_default_period(&mut self, period: Option<Duration>) {
        self.period = period;
    }

    /// The context has another period, and what was planned by the old one is planned anew.
    pub(crate) fn set_period(
        &mut self,
        now: Instant,
        period: Option<Duration>,
        random: &mut RandomSource<'_>,
    ) {
        self.period = period;
        for id in self.flows() {
            if let Some(flow) = self.flows.get_mut(&id) {
                flow.replan(now, period, random);
            }
        }
    }

    /// `user` lives at `flow`. Without a wish it wants what the context does, and is not renewed.
    pub(crate) fn add_user(
        &mut self,
        now: Instant,
        (flow, is_connection): (FlowId, bool),
        user: KeepAliveUser,
        wish: Option<KeepAliveWish>,
        random: &mut RandomSource<'_>,
    ) {
        let kept = self.flows.entry(flow).or_default();
        kept.users += 1;
        kept.is_connection = is_connection;
        if let Some(wish) = wish {
            kept.set_wish(user, Some(wish));
            kept.is_stun |= wish.is_stun && !is_connection;
        }
        kept.plan(now, self.period, random);
    }

    /// `user`, which has a wish, has another one. Where that makes the keep-alives of `flow` other
    /// ones, the next is planned anew.
    pub(crate) fn change_wish(
        &mut self,
        now: Instant,
        flow: FlowId,
        user: KeepAliveUser,
        wish: KeepAliveWish,
        random: &mut RandomSource<'_>,
    ) {
        let Some(kept) = self.flows.get_mut(&flow) else { return };
        let Some(before) = kept.renewing.get(&user).copied().filter(|before| *before != wish)
        else {
            return;
        };
        let period = kept.period();
        kept.set_wish(user, Some(wish));
        if before.is_stun != wish.is_stun {
            kept.is_stun = kept.wants_stun();
            if !kept.is_stun && matches!(kept.awaited, Some(Awaited::Stun { .. })) {
                kept.awaited = None;
            }
        }
        if kept.period() != period {
            kept.replan(now, self.period, random);
        } else {
            kept.plan(now, self.period, random);
        }
    }

    /// `user` needs `flow` no more. If its REGISTER is the check of the flow, another's is to be.
    pub(crate) fn remove_user(&mut self, now: Instant, flow: FlowId, user: KeepAliveUser) {
        let Some(kept) = self.flows.get_mut(&flow) else { return };
        if kept.check == Some(FlowCheck::By(user)) {
            kept.check = Some(FlowCheck::Wanted);
            kept.deadline = Some(now);
        }
        kept.users = kept.users.saturating_sub(1);
        kept.set_wish(user, None);
        kept.unwilling.remove(&user);
        if kept.users == 0 {
            self.flows.remove(&flow);
        }
    }

    /// Whether `user`, which has a wish, has a binding whose flow is to be kept open.
    pub(crate) fn set_wanted(
        &mut self,
        now: Instant,
        flow: FlowId,
        user: KeepAliveUser,
        is_wanted: bool,
        random: &mut RandomSource<'_>,
    ) {
        let Some(kept) = self.flows.get_mut(&flow) else { return };
        if is_wanted {
            kept.unwilling.remove(&user);
            kept.plan(now, self.period, random);
        } else {
            kept.unwilling.insert(user);
        }
    }

    /// When [`KeepAlives::on_timeout`] is wanted for `flow`. It may have changed after each call of
    /// another function for this flow; after [`KeepAlives::set_period`] that of every flow may.
    pub(crate) fn deadline(&self, flow: FlowId) -> Option<Instant> {
        self.flows.get(&flow)?.deadline
    }

    /// The period of a connection that has its first user, where its keep-alives may come too late.
    pub(crate) fn rare_period(&self, flow: FlowId) -> Option<Duration> {
        let kept = self.flows.get(&flow).filter(|kept| kept.is_connection && kept.is_wanted())?;
        if kept.users > 1 {
            return None;
        }
        let period = kept.flow_timer.or(kept.period()).or(self.period)?;
        Some(period).filter(|period| *period > RAREST && kept.flow_timer.is_none())
    }

    /// The flows that are kept alive.
    pub(crate) fn flows(&self) -> Vec<FlowId> {
        let mut flows: Vec<FlowId> = self.flows.keys().copied().collect();
        flows.sort_unstable();
        flows
    }

    /// Those who use `flow` and register anew when it is dead.
    pub(crate) fn renewing_users(&self, flow: FlowId) -> Vec<KeepAliveUser> {
        let kept = self.flows.get(&flow);
        kept.map(|kept| kept.renewing.keys().copied().collect()).unwrap_or_default()
    }

    /// The Flow-Timer of a 2xx (RFC 5626 section 4.4.1); 0 is none.
    pub(crate) fn set_flow_timer(
        &mut self,
        now: Instant,
        flow: FlowId,
        seconds: Option<u32>,
        random: &mut RandomSource<'_>,
    ) {
        let Some(kept) = self.flows.get_mut(&flow) else { return };
        let timer = seconds.filter(|seconds| *seconds > 0);
        let timer = timer.map(|seconds| Duration::from_secs(seconds.into()));
        if kept.flow_timer != timer {
            kept.flow_timer = timer;
            kept.replan(now, self.period, random);
        }
    }

    /// A keep-alive, or the answer to it, is due. `is_open`: there is a transport to send by.
    pub(crate) fn on_timeout(
        &mut self,
        now: Instant,
        flow: FlowId,
        is_open: bool,
        random: &mut RandomSource<'_>,
    ) -> KeepAliveDecision {
        let Some(kept) = self.flows.get_mut(&flow) else { return KeepAliveDecision::None };
        if kept.deadline.is_none_or(|deadline| now < deadline) {
            return KeepAliveDecision::None;
        }
        kept.deadline = None;
        if !kept.is_wanted() {
            (kept.awaited, kept.check) = (None, None);
            return KeepAliveDecision::None;
        }
        let decision = match kept.check {
            _ if !is_open => KeepAliveDecision::None,
            Some(FlowCheck::Wanted) => KeepAliveDecision::Check,
            _ => kept.next(now, random),
        };
        kept.plan(now, self.period, random);
        decision
    }

    /// A datagram that begins like STUN came over `flow`.
    pub(crate) fn on_stun(
        &mut self,
        now: Instant,
        flow: &Flow,
        bytes: &[u8],
        random: &mut RandomSource<'_>,
    ) -> KeepAliveDecision {
        let Some(kept) = self.flows.get_mut(&flow.id) else { return KeepAliveDecision::None };
        let Some(Awaited::Stun { id, .. }) = kept.awaited else { return KeepAliveDecision::None };
        let Some(mapped) = binding_response(bytes, id) else { return KeepAliveDecision::None };
        kept.awaited = None;
        kept.is_answered = true;
        kept.replan(now, self.period, random);
        let is_possible = mapped == flow.local || is_plausible(flow.remote, mapped);
        match kept.mapped {
            // Only a change counts: until then Via says as much.
            None => kept.mapped = Some(mapped),
            Some(before) if before != mapped && is_possible => {
                kept.mapped = Some(mapped);
                let is_renewed = kept.renews(now);
                return KeepAliveDecision::MappedAddressChanged { mapped, is_renewed };
            }
            Some(_) => {}
        }
        KeepAliveDecision::None
    }

    /// A CR LF came over a connection. Over UDP it says nothing.
    pub(crate) fn on_pong(&mut self, now: Instant, flow: FlowId, random: &mut RandomSource<'_>) {
        let Some(kept) = self.flows.get_mut(&flow) else { return };
        kept.is_answered = true;
        if let Some(Awaited::Pong) = kept.awaited.take() {
            kept.replan(now, self.period, random);
        }
    }

    /// The network says that it could not deliver a keep-alive, of which `bytes` came back.
    pub(crate) fn on_failed(
        &mut self,
        now: Instant,
        flow: FlowId,
        bytes: &[u8],
        random: &mut RandomSource<'_>,
    ) -> KeepAliveDecision {
        let Some(kept) = self.flows.get_mut(&flow) else { return KeepAliveDecision::None };
        if !kept.is_wanted() {
            return KeepAliveDecision::None;
        }
        let awaited = kept.awaited.as_mut().filter(|_| kept.is_answered);
        if let Some(Awaited::Stun { id, tries, returned }) = awaited {
            // It is sent again until it is answered, which is the check. One that came back with
            // its id is proof, but of one datagram only.
            if *bytes != *binding_request(*id) {
                return KeepAliveDecision::None;
            }
            if returned.is_none_or(|returned| returned == *tries) {
                *returned = Some(*tries);
                return KeepAliveDecision::None;
            }
            (kept.awaited, kept.is_answered) = (None, false);
            kept.replan(now, self.period, random);
            return kept.dies(now, DeadReason::Undelivered);
        }
        if !kept.is_checked(now) {
            return KeepAliveDecision::None;
        }
        if !(kept.is_stun && kept.is_answered) {
            return KeepAliveDecision::Check;
        }
        kept.awaited = None;
        let decision = kept.next(now, random);
        kept.replan(now, self.period, random);
        decision
    }

    /// The REGISTER of `user` is the check of `flow`; `None`: nobody can send one.
    pub(crate) fn set_checking_user(&mut self, flow: FlowId, user: Option<KeepAliveUser>) {
        if let Some(kept) = self.flows.get_mut(&flow) {
            kept.check = user.map(FlowCheck::By);
        }
    }

    /// The REGISTER of `user` over `flow` was answered, or goes over another flow: if it is the
    /// check, the flow is doubtful no more.
    pub(crate) fn end_check(&mut self, flow: FlowId, user: KeepAliveUser) {
        if let Some(kept) = self.flows.get_mut(&flow) {
            if kept.check == Some(FlowCheck::By(user)) {
                kept.check = None;
            }
        }
    }

    /// The REGISTER of `user` over `flow` was not answered, or the network returned it.
    pub(crate) fn on_check_failed(
        &mut self,
        now: Instant,
        flow: FlowId,
        user: KeepAliveUser,
    ) -> KeepAliveDecision {
        match self.flows.get_mut(&flow) {
            Some(kept) if kept.check == Some(FlowCheck::By(user)) => {
                kept.check = None;
                kept.dies(now, DeadReason::CheckFailed)
            }
            _ => KeepAliveDecision::None,
        }
    }
}

#[cfg(test)]
mod tests;
