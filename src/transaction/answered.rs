//! Requests that have their final answer: further ones to them are absorbed until timer K (RFC 3261 section 17.1.2.2).

use super::TransactionId;
use super::shrink::shrink;
use std::collections::VecDeque;
use std::time::Instant;

/// Branches known again, about.
const LATEST: usize = 1024;

/// Those whose timer K runs. A mass of registrations leaves many, so little is kept of each.
#[derive(Debug)]
pub(crate) struct Answered<At = Instant> {
    /// The first to end first. Mostly they are added in that order.
    row: VecDeque<(At, TransactionId)>,
    /// The latest branches, each in the place that is its own and others'. All further answers are dropped; this tells only whether that is
    /// worth a word, so one that has lost its place does no harm.
    latest: Vec<u128>,
}

impl<At> Default for Answered<At> {
    fn default() -> Self {
        Answered { row: VecDeque::new(), latest: Vec::new() }
    }
}

impl<At: Copy + Ord> Answered<At> {
    /// Adds the request with this branch, which ends at `until`.
    pub(crate) fn add(&mut self, until: At, id: TransactionId, branch: u128) {
        if self.row.back().is_some_and(|(last, _)| until < *last) {
            // The clock was read before that of another thread.
            let behind = self.row.partition_point(|(one, _)| *one <= until);
            self.row.insert(behind, (until, id));
        } else {
            self.row.push_back((until, id));
        }
        if self.latest.is_empty() {
            self.latest = vec![0; LATEST];
        }
        if let Some(latest) = self.latest.get_mut(place(branch)) {
            *latest = branch;
        }
    }

    /// Whether a request with this branch was answered lately.
    pub(crate) fn has(&self, branch: u128) -> bool {
        !self.row.is_empty() && self.latest.get(place(branch)) == Some(&branch)
    }

    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// When the next one ends.
    pub(crate) fn next_at(&self) -> Option<At> {
        self.row.front().map(|(until, _)| *until)
    }

    /// The next one that has ended; it is forgotten.
    pub(crate) fn pop_due(&mut self, now: At) -> Option<TransactionId> {
        self.row.front().filter(|(until, _)| *until <= now)?;
        let (_, id) = self.row.pop_front()?;
        shrink(&mut self.row);
        Some(id)
    }
}

fn place(branch: u128) -> usize {
    branch as usize % LATEST
}

#[cfg(test)]
mod tests {
    use super::super::shrink::ROOM;
    use super::*;

    fn ended(answered: &mut Answered<u32>, now: u32) -> Vec<u64> {
        std::iter::from_fn(|| answered.pop_due(now)).map(|id| id.0).collect()
    }

    #[test]
    fn each_ends_at_its_time_in_whatever_order_they_were_added() {
        let mut answered = Answered::default();
        for (until, id) in [(5, 1), (7, 2), (6, 3), (9, 4)] {
            answered.add(until, TransactionId(id), id.into());
        }
        assert_eq!(answered.next_at(), Some(5));
        assert_eq!(ended(&mut answered, 4), [0; 0]);
        assert_eq!(ended(&mut answered, 6), [1, 3]);
        assert_eq!(ended(&mut answered, 7), [2]);
        assert_eq!((answered.len(), answered.next_at()), (1, Some(9)));
        assert!(answered.has(4) && !answered.has(5));
        assert_eq!(ended(&mut answered, 9), [4]);
        assert!(!answered.has(4));
    }

    #[test]
    fn after_a_storm_their_room_is_given_back() {
        let mut answered = Answered::default();
        for id in 0..100_000 {
            answered.add(id, TransactionId(id.into()), id.into());
        }
        assert_eq!(ended(&mut answered, 99_990).len(), 99_991);
        assert!(answered.row.capacity() <= ROOM);
        assert!(answered.has(99_999) && !answered.has(99_999 - LATEST as u128));
    }
}
