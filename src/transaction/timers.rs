//! Protocol deadlines, the next one first.

use super::shrink::shrink;
use super::{Rid, Tid, TransactionId};
use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

/// Whose protocol deadline it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Transaction(TransactionId),
    KeepAlive(SocketAddr),
    /// An unregistration that was never answered is forgotten.
    Forget(Rid),
    /// A challenged request outside of registrations is forgotten.
    Request(Tid),
    /// A request from outside.
    Incoming(Tid),
    /// A registration that looks after itself.
    Managed(Rid),
    /// The next of those that wait for their turn.
    Turn,
    /// Credentials came.
    Credentials,
    /// The interfaces have changed a moment ago.
    Stirred,
}

/// Where a transaction's deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Armed {
    pub(crate) at: Instant,
    /// Its number in the row; `None`: among the others.
    row: Option<u64>,
}

/// Deadlines that are always as far away as each other when they are set, so they come due in the order in which they were set and need
/// no sorting.
#[derive(Debug)]
struct Row<Id> {
    /// `None`: taken back. The first is not.
    deadlines: VecDeque<Option<(Instant, Id)>>,
    /// The number of the first.
    first: u64,
    /// When the last that was set is due, taken back or not.
    latest: Option<Instant>,
}

impl<Id> Default for Row<Id> {
    fn default() -> Self {
        Row { deadlines: VecDeque::new(), first: 0, latest: None }
    }
}

impl<Id: Copy> Row<Id> {
    /// The number of the deadline; `None` for one out of order, which is not taken.
    fn push(&mut self, at: Instant, id: Id) -> Option<u64> {
        if !self.deadlines.is_empty() && self.latest.is_some_and(|latest| at < latest) {
            return None;
        }
        self.latest = Some(at);
        self.deadlines.push_back(Some((at, id)));
        Some(self.first + self.deadlines.len() as u64 - 1)
    }

    fn take_back(&mut self, number: u64) {
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        if let Some(deadline) = place.and_then(|place| self.deadlines.get_mut(place)) {
            *deadline = None;
        }
        self.tidy();
    }

    fn pop(&mut self) {
        if let Some(first) = self.deadlines.front_mut() {
            *first = None;
        }
        self.tidy();
    }

    fn next(&self) -> Option<(Instant, Id)> {
        self.deadlines.front().copied().flatten()
    }

    #[inline(always)]
    fn next_at(&self) -> Option<Instant> {
        self.next().map(|(at, _)| at)
    }

    /// Drops those before the first that counts.
    fn tidy(&mut self) {
        while let Some(None) = self.deadlines.front() {
            self.deadlines.pop_front();
            self.first += 1;
        }
        shrink(&mut self.deadlines);
    }
}

/// The earlier of two moments, where there are two.
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

/// All of them. One that is taken back is not waited for.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// The first timer E of transactions.
    firsts: Row<TransactionId>,
    /// See [`Timer::Forget`].
    forgets: Row<Rid>,
    others: BTreeSet<(Instant, Timer)>,
}

impl Timers {
    /// Adds a deadline.
    pub(crate) fn insert(&mut self, deadline: (Instant, Timer)) {
        self.others.insert(deadline);
    }

    /// Takes it back.
    pub(crate) fn remove(&mut self, deadline: &(Instant, Timer)) {
        self.others.remove(deadline);
    }

    /// Adds the deadline of a transaction. `is_first`: its first timer E.
    pub(crate) fn arm(&mut self, at: Instant, id: TransactionId, is_first: bool) -> Armed {
        let row = if is_first { self.firsts.push(at, id) } else { None };
        if row.is_none() {
            self.insert((at, Timer::Transaction(id)));
        }
        Armed { at, row }
    }

    /// Takes it back.
    pub(crate) fn disarm(&mut self, armed: Armed, id: TransactionId) {
        match armed.row {
            Some(number) => self.firsts.take_back(number),
            None => self.remove(&(armed.at, Timer::Transaction(id))),
        }
    }

    /// Adds a [`Timer::Forget`], which is not taken back.
    pub(crate) fn forget(&mut self, at: Instant, rid: Rid) {
        if self.forgets.push(at, rid).is_none() {
            self.insert((at, Timer::Forget(rid)));
        }
    }

    /// When the next is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let mut next = self.others.first().map(|(at, _)| *at);
        for at in [self.firsts.next_at(), self.forgets.next_at()] {
            next = earlier(next, at);
        }
        next
    }

    /// The next deadline, if it is due; it is none any more. Of those at one time, transactions come before others.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        self.next_at().filter(|at| *at <= now)?;
        let first = self.firsts.next().map(|(at, id)| (at, Timer::Transaction(id)));
        let forget = self.forgets.next().map(|(at, rid)| (at, Timer::Forget(rid)));
        let next = [first, forget, self.others.first().copied()].into_iter().flatten().min()?;
        if first == Some(next) {
            self.firsts.pop();
        } else if forget == Some(next) {
            self.forgets.pop();
        } else {
            self.others.pop_first();
        }
        Some(next.1)
    }
}
