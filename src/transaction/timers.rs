//! All deadlines of a context in one queue, the next one first.

use super::{Cid, PublicationId, Rid, Tid, TransactionId};
use crate::transport::FlowId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// What a deadline is for; the letters are those of RFC 3261 section 17.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The INVITE is sent again.
    ClientA(TransactionId),
    /// There is no final response to the INVITE.
    ClientB(TransactionId),
    /// No further response to the INVITE is acknowledged.
    ClientD(TransactionId),
    /// No further 2xx to the INVITE is passed on.
    ClientM(TransactionId),
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
    /// No retransmission of the INVITE is absorbed any more.
    ServerL(Tid),
    /// A call has something to do.
    Call(Cid),
    /// A subscription has something to do.
    Subscription(i32),
    /// The application has not answered a request.
    Unanswered(Tid),
    /// The challenge to a request outside of registrations was not answered.
    Challenged(Tid),
    /// `eXosip_automatic_action` has something to do for a registration.
    Refresh(Rid),
    /// `eXosip_automatic_action` has something to do for a publication, or its removal was never
    /// answered.
    Publication(PublicationId),
    /// The removal of a binding was never answered.
    Unregistered(Rid),
    /// A managed registration has something to do.
    Managed(Rid),
    /// A managed registration goes back to a better server.
    Failback(Rid),
    /// The rate of REGISTERs allows the next one.
    RateLimit,
    /// Credentials were added.
    Credentials,
    /// A flow is to be kept alive.
    KeepAlive(FlowId),
    /// The next address of a server is connected to, or its time is over.
    Connect(FlowId),
    /// Nobody has used a connection for a while.
    UnusedFlow(FlowId),
    /// Names that are looked up have not been answered in time.
    Locate,
    /// Addresses, routes or links have changed, and have had time to settle.
    Interfaces,
}

/// A deadline in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline<T = Timer, At = Instant> {
    at: At,
    timer: T,
    slot: u32,
}

/// Deadlines in the order in which they come, those of one moment in the order in which they were
/// set.
///
/// Set and pop take O(log n), cancel takes O(1): what is cancelled stays in the heap without
/// effect, until its time comes or more than half of the heap is of that kind.
#[derive(Debug)]
pub struct TimerQueue<T = Timer, At = Instant> {
    heap: BinaryHeap<Reverse<HeapEntry<At>>>,
    /// What is due at each entry of the heap; `None`: it was cancelled.
    slots: Vec<Option<T>>,
    free: Vec<u32>,
    cancelled: usize,
    last_number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct HeapEntry<At> {
    at: At,
    /// Later ones are greater.
    number: u64,
    slot: u32,
}

/// Empty slots that are kept, however few deadlines there are.
const MIN_SLOTS: usize = 1024;

impl<T, At: Ord> Default for TimerQueue<T, At> {
    fn default() -> Self {
        let (slots, free) = (Vec::new(), Vec::new());
        TimerQueue { heap: BinaryHeap::new(), slots, free, cancelled: 0, last_number: 0 }
    }
}

impl<T: Copy + PartialEq, At: Copy + Ord> TimerQueue<T, At> {
    /// Adds a deadline.
    pub fn set(&mut self, at: At, timer: T) -> Deadline<T, At> {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // Memory ends before the numbers do.
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize] = Some(timer);
        self.last_number += 1;
        self.heap.push(Reverse(HeapEntry { at, number: self.last_number, slot }));
        Deadline { at, timer, slot }
    }

    /// Takes a deadline back that has not come.
    pub fn cancel(&mut self, deadline: Deadline<T, At>) {
        let timer = self.slots.get_mut(deadline.slot as usize).and_then(Option::take);
        debug_assert!(timer == Some(deadline.timer), "a deadline is cancelled before it comes");
        self.cancelled += 1;
        if self.cancelled > MIN_SLOTS && self.cancelled * 2 > self.heap.len() {
            self.drop_cancelled();
        } else {
            self.tidy();
        }
    }

    /// Moves a deadline from where `armed` says it is to `next`, and notes that there. One that has
    /// come is not armed any more: its owner says so by `None` first.
    pub fn rearm(&mut self, armed: &mut Option<Deadline<T, At>>, next: Option<(At, T)>) {
        if armed.map(|armed| (armed.at, armed.timer)) == next {
            return;
        }
        if let Some(deadline) = armed.take() {
            self.cancel(deadline);
        }
        *armed = next.map(|(at, timer)| self.set(at, timer));
    }

    /// When the next deadline is.
    pub fn next(&self) -> Option<At> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// The next deadline, if it has come; it is not in the queue any more.
    pub fn pop(&mut self, now: At) -> Option<T> {
        self.next().filter(|at| *at <= now)?;
        let timer = self.pop_entry();
        self.tidy();
        timer
    }

    fn pop_entry(&mut self) -> Option<T> {
        let Reverse(HeapEntry { slot, .. }) = self.heap.pop()?;
        self.free.push(slot);
        self.slots.get_mut(slot as usize)?.take()
    }

    /// Drops what is cancelled from the top, so that the next deadline is one that holds.
    fn tidy(&mut self) {
        while let Some(Reverse(entry)) = self.heap.peek() {
            if self.slots[entry.slot as usize].is_some() {
                break;
            }
            self.pop_entry();
            self.cancelled -= 1;
        }
        if self.heap.is_empty() && self.slots.len() > MIN_SLOTS {
            *self = TimerQueue { last_number: self.last_number, ..TimerQueue::default() };
        }
    }

    /// Drops all that is cancelled.
    fn drop_cancelled(&mut self) {
        let Self { heap, slots, free, .. } = self;
        heap.retain(|Reverse(entry)| {
            let holds = slots[entry.slot as usize].is_some();
            if !holds {
                free.push(entry.slot);
            }
            holds
        });
        self.cancelled = 0;
        if self.heap.capacity() > MIN_SLOTS && self.heap.len() * 8 < self.heap.capacity() {
            self.heap.shrink_to(self.heap.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_in_order_whenever_they_were_set() {
        let mut timers = TimerQueue::<u8, u32>::default();
        let first = timers.set(7, 1);
        for (at, timer) in [(5, 2), (5, 1), (9, 3)] {
            timers.set(at, timer);
        }
        timers.cancel(first);
        assert_eq!((timers.next(), timers.pop(4)), (Some(5), None));
        assert_eq!([timers.pop(8), timers.pop(8), timers.pop(8)], [Some(2), Some(1), None]);
        assert_eq!((timers.pop(9), timers.next()), (Some(3), None));
    }

    #[test]
    fn a_deadline_that_moves_leaves_none_behind() {
        let (mut timers, mut armed) = (TimerQueue::<u8, u32>::default(), None);
        for next in [Some((5, 1)), Some((6, 1)), Some((6, 2)), Some((6, 2)), None, Some((4, 1))] {
            timers.rearm(&mut armed, next);
            assert_eq!(armed.map(|armed| (armed.at, armed.timer)), next);
            assert_eq!(timers.next(), next.map(|(at, _)| at));
        }
        assert_eq!((timers.pop(9), timers.pop(9)), (Some(1), None));
    }

    #[test]
    fn any_order_of_settings_and_cancellations_gives_the_deadlines_in_order() {
        let (mut timers, mut held) = (TimerQueue::<u64, u64>::default(), Vec::new());
        let (mut draw, mut now) = (1_u64, 0);
        for step in 0..50_000_u64 {
            draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            match draw >> 61 {
                0..=3 => held.push(timers.set(now + (draw >> 40) % 1000, step)),
                4..=6 if !held.is_empty() => {
                    let gone = held.swap_remove((draw >> 33) as usize % held.len());
                    timers.cancel(gone);
                }
                _ => {
                    now += 3;
                    let due = |held: &[Deadline<u64, u64>]| {
                        let due = held.iter().enumerate().filter(|(_, one)| one.at <= now);
                        due.min_by_key(|(_, one)| (one.at, one.timer)).map(|(at, _)| at)
                    };
                    while let Some(at) = due(&held) {
                        assert_eq!(timers.pop(now), Some(held.swap_remove(at).timer));
                    }
                    assert_eq!(timers.pop(now), None);
                }
            }
            assert_eq!(timers.heap.len() - timers.cancelled, held.len());
            assert_eq!(timers.next(), held.iter().map(|one| one.at).min());
        }
    }

    #[test]
    fn one_that_is_set_again_and_again_takes_no_more_room() {
        let mut timers = TimerQueue::<u8, u64>::default();
        for at in 0..100_000 {
            let deadline = timers.set(1_000_000 + at, 1);
            timers.cancel(deadline);
        }
        assert!(timers.heap.len() <= 2 * MIN_SLOTS + 2 && timers.slots.len() <= 2 * MIN_SLOTS + 2);
    }
}
