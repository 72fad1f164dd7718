//! When automatic action has something to do, and for which registration.

use super::Rid;
use super::shrink::shrink;
use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

/// The deadlines of policy, the next one first. Refreshes are mostly planned in the order in which they come due: these stand in a row
/// and need no sorting.
#[derive(Debug)]
pub(crate) struct Due<At = Instant> {
    /// Sorted. The first holds.
    row: VecDeque<Planned<At>>,
    /// How many in the row were taken back: less than half.
    gone: usize,
    others: BTreeSet<(At, Rid)>,
}

#[derive(Debug, Clone, Copy)]
struct Planned<At> {
    at: At,
    rid: Rid,
    /// It was not taken back.
    holds: bool,
}

impl<At: Copy> Planned<At> {
    fn key(&self) -> (At, Rid) {
        (self.at, self.rid)
    }
}

impl<At> Default for Due<At> {
    fn default() -> Self {
        Due { row: VecDeque::new(), gone: 0, others: BTreeSet::new() }
    }
}

impl<At: Copy + Ord> Due<At> {
    /// Adds a deadline.
    pub(crate) fn plan(&mut self, at: At, rid: Rid) {
        if self.row.back().is_some_and(|last| (at, rid) <= last.key()) {
            self.others.insert((at, rid));
        } else {
            self.row.push_back(Planned { at, rid, holds: true });
        }
    }

    /// Takes it back.
    pub(crate) fn take_back(&mut self, at: At, rid: Rid) {
        let key = (at, rid);
        // One that is refreshed again and again was planned last.
        if self.row.len() > 1 && self.row.back().is_some_and(|last| last.holds && last.key() == key) {
            self.row.pop_back();
            return self.tidy();
        }
        // A wave of refreshes comes in the order in which it was planned.
        let first = self.row.front().is_some_and(|first| first.key() == key).then_some(0);
        match first.map_or_else(|| self.row.binary_search_by_key(&key, Planned::key), Ok) {
            Ok(place) if self.row[place].holds => {
                self.row[place].holds = false;
                self.gone += 1;
                self.tidy();
            }
            _ => {
                self.others.remove(&key);
            }
        }
    }

    /// Whether the next deadline has come.
    pub(crate) fn is_due(&self, now: At) -> bool {
        let others = self.others.first().map(|(at, _)| *at);
        self.row.front().map(|first| first.at).into_iter().chain(others).any(|at| at <= now)
    }

    /// Whose deadline is the next, if it has come; it is none any more.
    pub(crate) fn pop(&mut self, now: At) -> Option<Rid> {
        let (first, other) = (self.row.front().map(Planned::key), self.others.first().copied());
        let from_row = first.is_some_and(|first| other.is_none_or(|other| first < other));
        let (at, rid) = if from_row { first } else { other }?;
        if at > now {
            return None;
        }
        if from_row {
            self.row.pop_front();
            self.tidy();
        } else {
            self.others.pop_first();
        }
        Some(rid)
    }

    /// Drops those that were taken back where they are first, or too many.
    fn tidy(&mut self) {
        while self.row.front().is_some_and(|first| !first.holds) {
            self.row.pop_front();
            self.gone -= 1;
        }
        if self.gone * 2 > self.row.len() {
            self.row.retain(|one| one.holds);
            self.gone = 0;
        }
        shrink(&mut self.row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_whenever_it_was_planned() {
        let (mut due, mut sorted) = (Due::<u64>::default(), BTreeSet::new());
        let (mut draw, mut now, mut longest) = (1_u64, 0, 0);
        for step in 0..50_000 {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (rid, wait) = ((draw >> 33) as Rid % 5000, draw >> 60);
            match (draw >> 56) % 8 {
                0..=3 => {
                    let early = if wait < 4 { wait * 200 } else { 0 };
                    let at = step + 1000 - early;
                    if sorted.insert((at, rid)) {
                        due.plan(at, rid);
                    }
                }
                4 | 5 => {
                    let next = sorted.range((now, rid)..).next().copied();
                    if let Some((at, rid)) = next {
                        sorted.remove(&(at, rid));
                        due.take_back(at, rid);
                    }
                }
                _ => {
                    now = step;
                    let next = sorted.first().copied().filter(|(at, _)| *at <= now);
                    assert_eq!(due.is_due(now), next.is_some());
                    assert_eq!(due.pop(now), next.map(|(_, rid)| rid));
                    if let Some(next) = next {
                        sorted.remove(&next);
                    }
                }
            }
            assert_eq!(due.row.len() - due.gone + due.others.len(), sorted.len());
            assert!(due.row.len() <= sorted.len() * 2);
            longest = longest.max(due.row.len());
        }
        let last = now + 60_000;
        for (_, rid) in sorted {
            assert_eq!(due.pop(last), Some(rid));
        }
        assert!(due.pop(last).is_none() && due.row.is_empty() && longest > 100);
    }

    #[test]
    fn one_that_is_planned_again_and_again_takes_no_more_room() {
        let mut due = Due::<u64>::default();
        (0..100).for_each(|rid| due.plan(1000, rid));
        for at in 1000..5000 {
            due.take_back(at, 99);
            due.plan(at + 1, 99);
            assert_eq!((due.row.len(), due.gone, due.others.len()), (100, 0, 0));
        }
        assert!((0..99).all(|rid| due.pop(1000) == Some(rid)));
        assert_eq!((due.pop(4999), due.pop(5000), due.pop(5000)), (None, Some(99), None));
    }
}
