//! All deadlines of a context in one queue, the next one first.

use super::{Rid, Tid, TransactionId};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Instant;

/// What a deadline is for; the letters are those of RFC 3261 section 17.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The request is sent again.
    ClientE(TransactionId),
    /// There is no final response.
    ClientF(TransactionId),
    /// No further response is absorbed.
    ClientK(TransactionId),
    /// The final response to an INVITE is sent again.
    ServerG(Tid),
    /// There is no ACK.
    ServerH(Tid),
    /// No further ACK is absorbed.
    ServerI(Tid),
    /// No retransmission of the request is answered any more.
    ServerJ(Tid),
    /// The application has not answered a request.
    Unanswered(Tid),
    /// The challenge to a request outside of registrations was not answered.
    Challenged(Tid),
    /// `eXosip_automatic_action` has something to do for a registration.
    Refresh(Rid),
    /// The removal of a binding was never answered.
    Unregistered(Rid),
    /// A managed registration has something to do.
    Managed(Rid),
    /// The rate of REGISTERs allows the next one.
    RateLimit,
    /// Credentials were added.
    Credentials,
    /// A server is to be kept alive.
    KeepAlive(SocketAddr),
    /// Addresses of interfaces have changed, and have had time to settle.
    Interfaces,
}

/// Deadlines in the order in which they come: set, cancel, next and pop take O(log n).
#[derive(Debug)]
pub struct TimerQueue<T = Timer, At = Instant> {
    deadlines: BTreeSet<(At, T)>,
}

impl<T: Ord, At: Ord> Default for TimerQueue<T, At> {
    fn default() -> Self {
        TimerQueue { deadlines: BTreeSet::new() }
    }
}

impl<T: Copy + Ord, At: Copy + Ord> TimerQueue<T, At> {
    /// Adds a deadline.
    pub fn set(&mut self, at: At, timer: T) {
        self.deadlines.insert((at, timer));
    }

    /// Takes a deadline back.
    pub fn cancel(&mut self, at: At, timer: T) {
        self.deadlines.remove(&(at, timer));
    }

    /// Moves a deadline from where `armed` says it is to `next`, and notes that there.
    pub fn rearm(&mut self, armed: &mut Option<(At, T)>, next: Option<(At, T)>) {
        if *armed == next {
            return;
        }
        if let Some((at, timer)) = std::mem::replace(armed, next) {
            self.cancel(at, timer);
        }
        if let Some((at, timer)) = next {
            self.set(at, timer);
        }
    }

    /// When the next deadline is.
    pub fn next(&self) -> Option<At> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// The next deadline, if it has come; it is not in the queue any more.
    pub fn pop(&mut self, now: At) -> Option<T> {
        self.next().filter(|at| *at <= now)?;
        self.deadlines.pop_first().map(|(_, timer)| timer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_in_order_whenever_they_were_set() {
        let mut timers = TimerQueue::<u8, u32>::default();
        for (at, timer) in [(7, 1), (5, 2), (5, 1), (9, 3)] {
            timers.set(at, timer);
        }
        timers.cancel(7, 1);
        timers.cancel(7, 2);
        assert_eq!((timers.next(), timers.pop(4)), (Some(5), None));
        assert_eq!([timers.pop(8), timers.pop(8), timers.pop(8)], [Some(1), Some(2), None]);
        assert_eq!((timers.pop(9), timers.next()), (Some(3), None));
    }

    #[test]
    fn a_deadline_that_moves_leaves_none_behind() {
        let (mut timers, mut armed) = (TimerQueue::<u8, u32>::default(), None);
        for next in [Some((5, 1)), Some((6, 1)), Some((6, 2)), Some((6, 2)), None, Some((4, 1))] {
            timers.rearm(&mut armed, next);
            assert_eq!(armed, next);
        }
        assert_eq!((timers.pop(9), timers.pop(9)), (Some(1), None));
    }
}
