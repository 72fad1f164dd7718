//! What can be asked about a registration that looks after itself, at any time.

use crate::agent::{Agent, Rid};
use crate::registration::policy::managed::{Counters, Facts, Known, State};
use crate::request::Refusal;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The whole of it, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The state.
    pub state: State,
    /// A REGISTER awaits its answer or its turn.
    pub pending: bool,
    /// What the server last granted, seconds; 0: nothing.
    pub granted: u32,
    /// What is left of it.
    pub remaining: Duration,
    /// Until the next REGISTER that is sent by itself; `None`: there is none.
    pub next: Option<Duration>,
    /// Until when the server asked for peace; `None`: it did not.
    pub retry_after: Option<Duration>,
    /// The status of the last answer; 408: none came, 0: nothing yet.
    pub status: u16,
    /// Its reason phrase, or why there was none.
    pub reason: String,
    /// Where the last REGISTER went.
    pub target: Option<SocketAddr>,
    /// The address at which the server last saw us.
    pub seen: Option<SocketAddr>,
    /// `urn:uuid:…`; empty: none.
    pub instance: String,
    /// What the last 2xx said.
    pub facts: Facts,
    /// By what our binding was found in it.
    pub known: Option<Known>,
    /// Push notifications were refused (555).
    pub push_refused: bool,
    /// Numbers since the beginning.
    pub counters: Counters,
}

impl Agent {
    /// Everything about `rid`. Errors: as for [`Agent::registerer_state`], and `NotFound` for one that is over.
    pub fn registerer_info(&self, now: Instant, rid: Rid) -> Result<Info, Refusal> {
        let state = self.registerer_state(rid)?;
        let entry = self.registrations.get(&rid).ok_or(Refusal::NotFound)?;
        let policy = &entry.managed.as_deref().ok_or(Refusal::Undefined)?.policy;
        let registered = state == State::Registered;
        let left = |at: Instant| at.saturating_duration_since(now);
        Ok(Info {
            state,
            pending: policy.is_busy(&entry.registration),
            granted: if registered { entry.registration.granted() } else { 0 },
            remaining: policy.until().filter(|_| registered).map(left).unwrap_or_default(),
            next: policy.next().map(|next| left(next.0)),
            retry_after: policy.not_before().filter(|at| *at > now).map(left),
            status: policy.last().status,
            reason: policy.last().reason.clone(),
            target: entry.server,
            seen: policy.seen(),
            instance: policy.instance().to_owned(),
            facts: policy.facts(&entry.registration),
            known: policy.known(),
            push_refused: policy.push_refused(),
            counters: policy.counters(),
        })
    }

    /// Attempts in flight now, and registrations that wait for their turn.
    pub fn registerer_traffic(&self) -> (usize, usize) {
        self.rate_limiter.counts()
    }
}
