//! Connections that are being made: the addresses of one server are tried beside each other, and
//! the first that connects is used (RFC 8305).

use super::{FlowId, Target};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long one address has before the next is tried beside it (RFC 8305 section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// How long one server has for TCP and TLS together.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// All connections of a context that are being made. Those to one server are known by the flow of
/// the first, which whoever needs the server waits for.
#[derive(Debug, Default)]
pub(crate) struct Connects {
    races: FxHashMap<FlowId, Race>,
    /// Each attempt, and the first of its server.
    attempts: FxHashMap<FlowId, FlowId>,
}

#[derive(Debug)]
struct Race {
    /// Addresses that were not tried yet.
    untried: VecDeque<Target>,
    /// Attempts under way.
    under_way: Vec<FlowId>,
    /// When the next address is tried.
    next_at: Instant,
    ends_at: Instant,
}

/// What is to be done about a server that is being connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectDecision {
    /// Nothing.
    None,
    /// This address is tried too.
    Try(Target),
    /// No address can be connected to; these attempts are given up.
    Failed(Vec<FlowId>),
}

/// A server is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connected {
    /// The flow that was waited for.
    pub(crate) first: FlowId,
    /// Attempts that are given up.
    pub(crate) others: Vec<FlowId>,
}

impl Connects {
    /// The attempt `first` is under way; `others` are further addresses of its server.
    pub(crate) fn begin(&mut self, now: Instant, first: FlowId, others: Vec<Target>) {
        let race = Race {
            untried: others.into(),
            under_way: vec![first],
            next_at: now + ATTEMPT_DELAY,
            ends_at: now + CONNECT_LIMIT,
        };
        self.races.insert(first, race);
        self.attempts.insert(first, first);
    }

    /// The attempt `flow` is under way beside `first`.
    pub(crate) fn add(&mut self, first: FlowId, flow: FlowId) {
        if let Some(race) = self.races.get_mut(&first) {
            race.under_way.push(flow);
            self.attempts.insert(flow, first);
        }
    }

    /// The flow that is waited for in place of the attempt `flow`.
    pub(crate) fn first(&self, flow: FlowId) -> Option<FlowId> {
        if self.attempts.is_empty() { None } else { self.attempts.get(&flow).copied() }
    }

    /// When [`Connects::on_timeout`] is wanted for the server of `first`.
    pub(crate) fn deadline(&self, first: FlowId) -> Option<Instant> {
        let race = self.races.get(&first)?;
        Some(if race.untried.is_empty() { race.ends_at } else { race.next_at.min(race.ends_at) })
    }

    /// The next address is due, or the time is over.
    pub(crate) fn on_timeout(&mut self, now: Instant, first: FlowId) -> ConnectDecision {
        let Some(race) = self.races.get_mut(&first) else { return ConnectDecision::None };
        if now >= race.ends_at {
            return ConnectDecision::Failed(self.end(first));
        }
        if now < race.next_at {
            return ConnectDecision::None;
        }
        race.next_at = now + ATTEMPT_DELAY;
        race.untried.pop_front().map_or(ConnectDecision::None, ConnectDecision::Try)
    }

    /// The attempt `flow` is connected.
    pub(crate) fn on_opened(&mut self, flow: FlowId) -> Option<Connected> {
        let first = self.first(flow)?;
        let mut others = self.end(first);
        others.retain(|other| *other != flow);
        Some(Connected { first, others })
    }

    /// The attempt `flow` has failed: the next address is tried at once.
    pub(crate) fn on_failed(&mut self, now: Instant, flow: FlowId) -> ConnectDecision {
        let Some(first) = self.attempts.remove(&flow) else { return ConnectDecision::None };
        let Some(race) = self.races.get_mut(&first) else { return ConnectDecision::None };
        race.under_way.retain(|attempt| *attempt != flow);
        if let Some(next) = race.untried.pop_front() {
            race.next_at = now + ATTEMPT_DELAY;
            return ConnectDecision::Try(next);
        }
        if race.under_way.is_empty() {
            return ConnectDecision::Failed(self.end(first));
        }
        ConnectDecision::None
    }

    /// An address that was to be tried is tried for others already.
    pub(crate) fn on_skipped(&mut self, now: Instant, first: FlowId) -> ConnectDecision {
        let Some(race) = self.races.get_mut(&first) else { return ConnectDecision::None };
        match race.untried.pop_front() {
            Some(next) => {
                race.next_at = now + ATTEMPT_DELAY;
                ConnectDecision::Try(next)
            }
            None if race.under_way.is_empty() => ConnectDecision::Failed(self.end(first)),
            None => ConnectDecision::None,
        }
    }

    /// The attempt `flow` is given up, and with it all of its server if it is the first.
    pub(crate) fn abandon(&mut self, flow: FlowId) {
        self.end(flow);
        self.attempts.remove(&flow);
    }

    /// The attempts that were under way.
    fn end(&mut self, first: FlowId) -> Vec<FlowId> {
        let race = self.races.remove(&first);
        let under_way = race.map(|race| race.under_way).unwrap_or_default();
        for attempt in &under_way {
            self.attempts.remove(attempt);
        }
        under_way
    }
}
