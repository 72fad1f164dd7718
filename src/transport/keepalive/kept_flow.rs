//! One flow that is kept alive: what is sent over it next, and when.

use super::{DeadReason, KeepAliveDecision, KeepAliveUser, KeepAliveWish};
use crate::transport::random::{RandomSource, duration_between};
use crate::transport::{StunId, binding_request};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A STUN request is sent this often …
const MAX_TRIES: u32 = 4;
/// … waiting this long for the first answer, and twice as long each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How long a peer that has answered CR LF CR LF before may take (RFC 5626 section 4.4.1).
const PONG_WAIT: Duration = Duration::from_secs(10);
/// A flow is not checked or found dead again sooner: its users have only just begun to register
/// anew.
const REVIVAL: Duration = Duration::from_secs(30);

/// One of the flows that are kept alive.
#[derive(Debug, Default)]
pub(super) struct KeptFlow {
    pub(super) users: usize,
    /// It is a connection: keep-alives are CR LF CR LF, at 80 to 100 % of the period.
    pub(super) is_connection: bool,
    /// Those that register anew when the flow is dead, and what each wants.
    pub(super) renewing: BTreeMap<KeepAliveUser, KeepAliveWish>,
    /// Those of them that want no keep-alive, or have no binding.
    pub(super) unwilling: BTreeSet<KeepAliveUser>,
    pub(super) deadline: Option<Instant>,
    /// What users want instead of the context's period, and how many want each.
    periods: BTreeMap<Duration, usize>,
    /// How many want STUN binding requests.
    stun_users: usize,
    pub(super) is_stun: bool,
    /// What the server wants (Flow-Timer).
    pub(super) flow_timer: Option<Duration>,
    pub(super) awaited: Option<Awaited>,
    /// The peer answers keep-alives.
    pub(super) is_answered: bool,
    pub(super) mapped: Option<SocketAddr>,
    pub(super) renewed_at: Option<Instant>,
    /// When it was last found doubtful.
    pub(super) checked_at: Option<Instant>,
    /// The check by a REGISTER that is to be made or under way.
    pub(super) check: Option<FlowCheck>,
}

/// A check of a flow by a REGISTER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlowCheck {
    /// One is to be sent.
    Wanted,
    /// That of this user is under way.
    By(KeepAliveUser),
}

/// The answer that is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Awaited {
    /// To a STUN request that was sent `tries` times, and that the network returned when it had
    /// been sent `returned` times.
    Stun { id: StunId, tries: u32, returned: Option<u32> },
    /// To CR LF CR LF.
    Pong,
}

impl KeptFlow {
    /// Whether anybody wants keep-alives.
    pub(super) fn is_wanted(&self) -> bool {
        self.users > self.unwilling.len()
    }

    /// The shortest period that a user wants instead of the context's.
    pub(super) fn period(&self) -> Option<Duration> {
        self.periods.keys().next().copied()
    }

    /// `user` has this wish, in the place of the one it had; `None`: it has none any more.
    pub(super) fn set_wish(&mut self, user: KeepAliveUser, wish: Option<KeepAliveWish>) {
        let before = match wish {
            Some(wish) => self.renewing.insert(user, wish),
            None => self.renewing.remove(&user),
        };
        if let Some(before) = before {
            self.stun_users -= usize::from(before.is_stun);
            if let Some(period) = before.period {
                let count = self.periods.entry(period).or_default();
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.periods.remove(&period);
                }
            }
        }
        let Some(wish) = wish else { return };
        self.stun_users += usize::from(wish.is_stun);
        if let Some(period) = wish.period {
            *self.periods.entry(period).or_default() += 1;
        }
        if wish.is_wanted {
            self.unwilling.remove(&user);
        } else {
            self.unwilling.insert(user);
        }
    }

    /// Whether keep-alives are STUN binding requests while the peer is not known to ignore them.
    pub(super) fn wants_stun(&self) -> bool {
        self.stun_users > 0 && !self.is_connection
    }

    pub(super) fn replan(
        &mut self,
        now: Instant,
        default: Option<Duration>,
        random: &mut RandomSource<'_>,
    ) {
        self.deadline = None;
        self.plan(now, default, random);
    }

    /// Sets the deadline, unless there is one or none is wanted.
    pub(super) fn plan(
        &mut self,
        now: Instant,
        default: Option<Duration>,
        random: &mut RandomSource<'_>,
    ) {
        if self.deadline.is_some() || !self.is_wanted() {
            return;
        }
        let wait = match (self.awaited, self.flow_timer) {
            (Some(Awaited::Stun { tries, .. }), _) => Some(FIRST_WAIT * (1 << (tries - 1).min(8))),
            (Some(Awaited::Pong), _) => Some(PONG_WAIT),
            // RFC 5626 section 4.4.1: 80 to 100 % of what the server wants.
            (None, Some(timer)) => Some(duration_between(random, timer * 4 / 5, timer)),
            (None, None) => self.period().or(default).map(|period| match self.is_connection {
                true => duration_between(random, period * 4 / 5, period),
                false => period,
            }),
        };
        self.deadline = wait.map(|wait| now + wait);
    }

    /// What is sent next, or that it is of no use.
    pub(super) fn next(
        &mut self,
        now: Instant,
        random: &mut RandomSource<'_>,
    ) -> KeepAliveDecision {
        match self.awaited {
            Some(Awaited::Stun { tries: MAX_TRIES.., .. }) => {
                self.awaited = None;
                // A peer that never answered does not know STUN.
                self.is_stun = self.is_answered;
                if std::mem::take(&mut self.is_answered) {
                    return self.dies(now, DeadReason::NoAnswer);
                }
                KeepAliveDecision::None
            }
            Some(Awaited::Stun { id, tries, returned }) => {
                self.awaited = Some(Awaited::Stun { id, tries: tries + 1, returned });
                KeepAliveDecision::Send(binding_request(id))
            }
            Some(Awaited::Pong) => {
                self.awaited = None;
                self.is_answered = false;
                KeepAliveDecision::Dead(DeadReason::NoAnswer)
            }
            None if self.is_stun => {
                let id = stun_id(random);
                self.awaited = Some(Awaited::Stun { id, tries: 1, returned: None });
                KeepAliveDecision::Send(binding_request(id))
            }
            None => {
                self.awaited = self.is_answered.then_some(Awaited::Pong);
                KeepAliveDecision::Send(b"\r\n\r\n".to_vec().into())
            }
        }
    }

    /// Its users register anew, unless they did only just.
    pub(super) fn dies(&mut self, now: Instant, why: DeadReason) -> KeepAliveDecision {
        if self.renews(now) {
            return KeepAliveDecision::Dead(why);
        }
        KeepAliveDecision::None
    }

    /// Whether it is doubtful and checked now.
    pub(super) fn is_checked(&mut self, now: Instant) -> bool {
        let mut before = self.renewed_at.into_iter().chain(self.checked_at);
        if self.renewing.is_empty() || before.any(|at| now < at + REVIVAL) {
            return false;
        }
        self.checked_at = Some(now);
        true
    }

    /// Whether its users register anew now.
    pub(super) fn renews(&mut self, now: Instant) -> bool {
        let is_too_soon = self.renewed_at.is_some_and(|at| now < at + REVIVAL);
        if self.renewing.is_empty() || is_too_soon {
            return false;
        }
        self.renewed_at = Some(now);
        true
    }
}

fn stun_id(random: &mut RandomSource<'_>) -> StunId {
    let bits = u128::from(random()) << 64 | u128::from(random());
    let mut id = StunId::default();
    id.copy_from_slice(&bits.to_le_bytes()[..12]);
    id
}
