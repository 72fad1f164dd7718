//! Whose turn it is: a limit on requests in flight and a rate, so that many accounts never flood a registrar that has just come back.

use crate::agent::Rid;
use crate::transaction::Deadline;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Attempts in flight at a time, unless told otherwise.
const IN_FLIGHT: usize = 500;
/// REGISTERs per second, unless told otherwise.
const RATE: u32 = 1000;

/// Attempts in flight while all is to end, where there is no limit: what the buffers of a registrar hold.
const AT_THE_END: usize = 1000;
/// While all is to end, an attempt unanswered for so long (T1) holds nobody up any more.
const GRACE: Duration = Duration::from_millis(500);

/// As many may go out at one moment before the rate is felt.
const AT_ONCE: u32 = 10;

/// The queue before the network.
#[derive(Debug)]
pub(in crate::agent) struct RateLimiter {
    /// 0: no limit.
    limit: usize,
    /// Between two REGISTERs; zero: nothing.
    pace: Duration,
    in_flight: usize,
    /// When the rate allows the next.
    free_at: Option<Instant>,
    queue: VecDeque<Rid>,
    /// All is to end: who took a turn, and until when it counts.
    ending: Option<VecDeque<(Instant, Rid)>>,
    /// Its place in the timers.
    pub(in crate::agent) armed: Option<Deadline>,
}

impl Default for RateLimiter {
    fn default() -> Self {
        let mut rate_limiter = RateLimiter {
            limit: 0,
            pace: Duration::ZERO,
            in_flight: 0,
            free_at: None,
            queue: VecDeque::new(),
            ending: None,
            armed: None,
        };
        rate_limiter.set(IN_FLIGHT, RATE);
        rate_limiter
    }
}

impl RateLimiter {
    /// 0 is no limit.
    pub(super) fn set(&mut self, in_flight: usize, rate: u32) {
        self.limit = in_flight;
        self.pace = if rate == 0 { Duration::ZERO } else { Duration::from_secs(1) / rate };
        self.free_at = None;
    }

    /// All is to end soon: only the limit in flight holds from now on, and only for servers that answer. `under_way`: who has a turn.
    pub(super) fn hurry(&mut self, now: Instant, under_way: impl Iterator<Item = Rid>) {
        self.pace = Duration::ZERO;
        self.free_at = None;
        if self.limit == 0 {
            self.limit = AT_THE_END;
        }
        self.ending = Some(under_way.map(|rid| (now + GRACE, rid)).collect());
    }

    /// Whose turn has counted for long enough: it is to be given up, if it is not over.
    pub(super) fn lapsed(&mut self, now: Instant) -> Option<Rid> {
        let ending = self.ending.as_mut()?;
        ending.front().filter(|(until, _)| *until <= now)?;
        ending.pop_front().map(|(_, rid)| rid)
    }

    fn took(&mut self, now: Instant, rid: Rid) {
        self.in_flight += 1;
        self.charge(now);
        if let Some(ending) = &mut self.ending {
            ending.push_back((now + GRACE, rid));
        }
    }

    /// Takes a turn, if there is one now and nobody waits for it.
    pub(super) fn take(&mut self, now: Instant, rid: Rid) -> bool {
        let free = self.queue.is_empty() && self.is_free(now);
        if free {
            self.took(now, rid);
        }
        free
    }

    /// One more REGISTER of an attempt in flight: it is not held up, but counts.
    pub(super) fn charge(&mut self, now: Instant) {
        if !self.pace.is_zero() {
            self.free_at = Some(self.free_at.map_or(now, |at| at.max(now)) + self.pace);
        }
    }

    /// Waits for a turn; `urgent`: before all others.
    pub(super) fn wait(&mut self, rid: Rid, urgent: bool) {
        if urgent { self.queue.push_front(rid) } else { self.queue.push_back(rid) }
    }

    /// An attempt is over.
    pub(super) fn release(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// The next whose turn it is now; takes the turn for it.
    pub(super) fn next(&mut self, now: Instant) -> Option<Rid> {
        if !self.is_free(now) {
            return None;
        }
        let rid = self.queue.pop_front()?;
        self.took(now, rid);
        Some(rid)
    }

    fn is_free(&self, now: Instant) -> bool {
        self.has_room() && self.free_at.is_none_or(|at| at <= now + self.pace * AT_ONCE)
    }

    fn has_room(&self) -> bool {
        self.limit == 0 || self.in_flight < self.limit
    }

    /// When the next turn comes by the clock alone.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if !self.queue.is_empty() && !self.has_room() {
            return self.ending.as_ref()?.front().map(|(until, _)| (*until).max(now));
        }
        (!self.queue.is_empty() && self.has_room()).then(|| {
            self.free_at.map_or(now, |at| {
                let slack = self.pace * AT_ONCE;
                at.checked_sub(slack).map_or(now, |at| at.max(now))
            })
        })
    }

    /// Attempts in flight, and those that wait.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.in_flight, self.queue.len())
    }
}
