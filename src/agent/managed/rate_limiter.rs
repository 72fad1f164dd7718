//! A limit on requests in flight and a rate, so that many accounts do not flood a registrar that
//! has just come back.

use crate::agent::Rid;
use crate::transaction::Deadline;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Attempts in flight at a time, unless set otherwise.
const IN_FLIGHT: usize = 500;
/// REGISTERs per second, unless set otherwise.
const RATE: u32 = 1000;

/// Attempts in flight at shutdown, where there is no limit: what the buffers of a registrar hold.
const SHUTDOWN_IN_FLIGHT: usize = 1000;
/// At shutdown, an attempt that is unanswered for so long (T1) does not count any more.
const SHUTDOWN_ATTEMPT_LIMIT: Duration = Duration::from_millis(500);

/// So many places of those that have left are always kept, so that few are never gone through.
const LEFT_KEPT: usize = 64;

/// As many may go out at one moment before the rate counts.
const BURST: u32 = 10;

/// The limits, and the registrations that wait for them.
#[derive(Debug)]
pub(in crate::agent) struct RateLimiter {
    /// 0: no limit.
    limit: usize,
    /// Between two REGISTERs; zero: nothing.
    pace: Duration,
    in_flight: usize,
    /// When the rate allows the next.
    free_at: Option<Instant>,
    /// Who waits, in order, each with the number of its place. Those that have left are passed
    /// over.
    queue: VecDeque<(u64, Rid)>,
    /// The number of the place of each that still waits.
    waiting: FxHashMap<Rid, u64>,
    /// The number of the next place.
    next_place: u64,
    /// At shutdown: who counts as in flight, and until when.
    shutdown: Option<VecDeque<(Instant, Rid)>>,
    /// Its deadline among the timers.
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
            waiting: FxHashMap::default(),
            next_place: 0,
            shutdown: None,
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

    /// At shutdown only the limit in flight counts, and only for servers that answer.
    /// `in_flight_now`: who that is.
    pub(super) fn begin_shutdown(
        &mut self,
        now: Instant,
        in_flight_now: impl Iterator<Item = Rid>,
    ) {
        self.pace = Duration::ZERO;
        self.free_at = None;
        if self.limit == 0 {
            self.limit = SHUTDOWN_IN_FLIGHT;
        }
        self.shutdown =
            Some(in_flight_now.map(|rid| (now + SHUTDOWN_ATTEMPT_LIMIT, rid)).collect());
    }

    /// Who has counted for long enough: does not count any more, if it is still in flight.
    pub(super) fn lapsed(&mut self, now: Instant) -> Option<Rid> {
        let shutdown = self.shutdown.as_mut()?;
        shutdown.front().filter(|(until, _)| *until <= now)?;
        shutdown.pop_front().map(|(_, rid)| rid)
    }

    /// Counts `rid`, which the limits allow, as in flight.
    pub(super) fn start(&mut self, now: Instant, rid: Rid) {
        self.in_flight += 1;
        self.charge(now);
        if let Some(shutdown) = &mut self.shutdown {
            shutdown.push_back((now + SHUTDOWN_ATTEMPT_LIMIT, rid));
        }
    }

    /// Counts `rid` as in flight, if the limits allow it and nobody is queued. Whether they do.
    pub(super) fn try_start(&mut self, now: Instant, rid: Rid) -> bool {
        let free = self.waiting.is_empty() && self.is_free(now);
        if free {
            self.start(now, rid);
        }
        free
    }

    /// Counts one more REGISTER of an attempt in flight for the rate. It does not wait.
    pub(super) fn charge(&mut self, now: Instant) {
        if !self.pace.is_zero() {
            self.free_at = Some(self.free_at.map_or(now, |at| at.max(now)) + self.pace);
        }
    }

    /// Queues `rid`; `urgent`: before all others. One that waits already keeps its place, unless it
    /// has become urgent.
    pub(super) fn queue(&mut self, rid: Rid, urgent: bool) {
        if !urgent && self.waiting.contains_key(&rid) {
            return;
        }
        let place = (self.next_place, rid);
        self.next_place += 1;
        self.waiting.insert(rid, place.0);
        if urgent {
            self.queue.push_front(place)
        } else {
            self.queue.push_back(place)
        }
        self.drop_left();
    }

    /// `rid` waits no more, if it did.
    pub(in crate::agent) fn leave(&mut self, rid: Rid) {
        if self.waiting.remove(&rid).is_some() {
            self.drop_left();
        }
    }

    /// Drops the places of those that have left once they are more than the others.
    fn drop_left(&mut self) {
        if self.queue.len() > 2 * self.waiting.len() + LEFT_KEPT {
            let waiting = &self.waiting;
            self.queue.retain(|(place, rid)| waiting.get(rid) == Some(place));
        }
    }

    /// An attempt is over.
    pub(super) fn finish(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Takes the next that the limits allow now out of the queue. The caller starts it.
    pub(super) fn take_next(&mut self, now: Instant) -> Option<Rid> {
        if !self.is_free(now) {
            return None;
        }
        while let Some((place, rid)) = self.queue.pop_front() {
            if self.waiting.get(&rid) == Some(&place) {
                self.waiting.remove(&rid);
                return Some(rid);
            }
        }
        None
    }

    fn is_free(&self, now: Instant) -> bool {
        self.has_room() && self.free_at.is_none_or(|at| at <= now + self.pace * BURST)
    }

    fn has_room(&self) -> bool {
        self.limit == 0 || self.in_flight < self.limit
    }

    /// When the limits allow the next by the clock alone.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if !self.waiting.is_empty() && !self.has_room() {
            return self.shutdown.as_ref()?.front().map(|(until, _)| (*until).max(now));
        }
        (!self.waiting.is_empty() && self.has_room()).then(|| {
            self.free_at.map_or(now, |at| {
                let slack = self.pace * BURST;
                at.checked_sub(slack).map_or(now, |at| at.max(now))
            })
        })
    }

    /// Attempts in flight, and those queued.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.in_flight, self.waiting.len())
    }
}
