//! What can be asked about a managed registration, at any time.

use super::second_flow_of;
use crate::agent::{Agent, Rid};
use crate::registration::policy::managed::{Counters, Facts, KnownBy, RegistererState};
use crate::request::Refusal;
use crate::transaction::NoResponse;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A managed registration as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The state.
    pub state: RegistererState,
    /// A REGISTER awaits its response, or is queued.
    pub pending: bool,
    /// What the server last granted, seconds; 0: nothing.
    pub granted: u32,
    /// The time left until the binding expires.
    pub remaining: Duration,
    /// Until the next REGISTER that is sent by itself; `None`: there is none.
    pub next: Option<Duration>,
    /// What is left of Retry-After; `None`: the server did not send one.
    pub retry_after: Option<Duration>,
    /// The status of the last response; 408: there was none, 0: no response yet.
    pub status: u16,
    /// Its reason phrase, or why there was none.
    pub reason: String,
    /// Why there was none.
    pub no_response: Option<NoResponse>,
    /// Where the last REGISTER went.
    pub target: Option<SocketAddr>,
    /// The address at which the server last saw us.
    pub seen: Option<SocketAddr>,
    /// `urn:uuid:…`; empty: none.
    pub instance: String,
    /// What the last 2xx said.
    pub facts: Facts,
    /// By what our binding was found in it.
    pub known: Option<KnownBy>,
    /// Push notifications were refused (555).
    pub push_refused: bool,
    /// Since a REGISTER was last accepted; `None`: none was.
    pub since_success: Option<Duration>,
    /// Since an attempt last failed; `None`: none has.
    pub since_failure: Option<Duration>,
    /// Numbers since the beginning.
    pub counters: Counters,
}

impl Info {
    /// What is of both flows, where the rest is of this one.
    fn with_other_flow(self, other: Info) -> Info {
        let soonest = |a: Option<Duration>, b: Option<Duration>| a.into_iter().chain(b).min();
        Info {
            pending: self.pending || other.pending,
            next: soonest(self.next, other.next),
            since_success: soonest(self.since_success, other.since_success),
            since_failure: soonest(self.since_failure, other.since_failure),
            counters: self.counters.and(other.counters),
            ..self
        }
    }
}

impl Agent {
    /// Everything about `rid`.
    /// Errors: as for [`Agent::registerer_state`], and `NotFound` for one that is terminated.
    pub fn registerer_info(&self, now: Instant, rid: Rid) -> Result<Info, Refusal> {
        let state = self.registerer_state(rid)?;
        let leading = self.leading_flow(rid);
        let info = self.info_of_flow(now, leading, state)?;
        let second = second_flow_of(rid);
        let other = if leading == rid { second } else { rid };
        match self.managed(other) {
            Some(_) => Ok(info.with_other_flow(self.info_of_flow(now, other, state)?)),
            None => Ok(info),
        }
    }

    /// The same of one flow of a registration that is in `state`.
    fn info_of_flow(
        &self,
        now: Instant,
        rid: Rid,
        state: RegistererState,
    ) -> Result<Info, Refusal> {
        let entry = self.registrations.get(&rid).ok_or(Refusal::NotFound)?;
        let policy = &entry.policy.managed().ok_or(Refusal::Undefined)?.policy;
        let registration = &entry.registration;
        let left = |at: Instant| at.saturating_duration_since(now);
        let since = |at: Instant| now.saturating_duration_since(at);
        Ok(Info {
            state,
            pending: policy.is_busy(registration),
            granted: policy.granted(registration),
            remaining: registration.expires_at().map(left).unwrap_or_default(),
            next: registration.scheduled().map(|(at, _)| left(at)),
            retry_after: policy.retry_after().filter(|at| *at > now).map(left),
            status: policy.last().status(),
            reason: policy.last().reason(),
            no_response: policy.last().no_response().cloned(),
            target: self.target_of(rid),
            seen: policy.seen(),
            instance: policy.instance().to_owned(),
            facts: policy.facts(registration),
            known: policy.known(),
            push_refused: policy.push_refused(),
            since_success: policy.succeeded_at().map(since),
            since_failure: policy.failed_at().map(since),
            counters: policy.counters(),
        })
    }

    /// Where the last REGISTER of `rid` went.
    pub(super) fn target_of(&self, rid: Rid) -> Option<SocketAddr> {
        let flow = self.registrations.get(&rid)?.flow?;
        self.flow(flow).map(|flow| flow.remote)
    }

    /// Attempts in flight now, and registrations that are queued.
    pub fn registerer_traffic(&self) -> (usize, usize) {
        self.rate_limiter.counts()
    }
}
