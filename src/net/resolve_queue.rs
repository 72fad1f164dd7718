//! The order in which names are looked up: one that fails holds up no other.

use crate::transport::{DnsError, QueryId, RecordKind, Records};
use std::collections::{HashMap, HashSet, VecDeque};

/// Questions that wait for a thread.
pub(super) const WAITING: usize = 4096;
/// Names remembered whose last look-up failed.
const FAILED: usize = 4096;
/// Threads that ask at once for names whose last look-up failed: half of all.
pub(super) const MOST_FOR_FAILED: usize = 512;

/// What is asked.
#[derive(Debug)]
pub(super) struct DnsQuery {
    pub(super) query: QueryId,
    pub(super) name: String,
    pub(super) kind: RecordKind,
    /// The thread that asks it counts among those for names that failed lately.
    had_failed: bool,
}

impl DnsQuery {
    pub(super) fn new(query: QueryId, name: String, kind: RecordKind) -> Self {
        DnsQuery { query, name, kind, had_failed: false }
    }
}

/// The questions that wait, in three rows: first those for names that nothing is held against, then
/// those for names that a thread asks for already, then those for names that failed lately.
#[derive(Debug, Default)]
pub(super) struct QueryQueue {
    rows: [VecDeque<DnsQuery>; 3],
    /// How many threads ask for a name.
    asked: HashMap<String, usize>,
    /// How many threads ask for names that failed lately.
    asked_failed: usize,
    /// Names for which no name server answered.
    failed: HashSet<String>,
}

impl QueryQueue {
    /// Puts a question behind the others of its row. Errors: too many wait.
    pub(super) fn push(&mut self, query: DnsQuery) -> Result<(), DnsError> {
        if self.len() >= WAITING {
            return Err(DnsError::Busy);
        }
        let row = match () {
            () if self.failed.contains(&query.name) => 2,
            () if self.asked.contains_key(&query.name) => 1,
            () => 0,
        };
        self.rows[row].push_back(query);
        Ok(())
    }

    /// The question that comes next, for a thread that asks it.
    pub(super) fn pop(&mut self) -> Option<DnsQuery> {
        let row = self.next_row()?;
        let mut next = self.rows[row].pop_front()?;
        next.had_failed = self.failed.contains(&next.name);
        self.asked_failed += usize::from(next.had_failed);
        *self.asked.entry(next.name.clone()).or_default() += 1;
        Some(next)
    }

    /// The row that the next question is taken from. Those for names that failed lately leave
    /// threads to others.
    fn next_row(&self) -> Option<usize> {
        let row = self.rows.iter().position(|row| !row.is_empty())?;
        (row < 2 || self.asked_failed < MOST_FOR_FAILED).then_some(row)
    }

    /// A thread has the answer to a question.
    pub(super) fn answered(&mut self, query: DnsQuery, answer: &Result<Records, DnsError>) {
        let DnsQuery { name, had_failed, .. } = query;
        self.asked_failed -= usize::from(had_failed);
        if let Some(threads) = self.asked.get_mut(&name) {
            *threads -= 1;
            if *threads == 0 {
                self.asked.remove(&name);
            }
        }
        match answer {
            Err(DnsError::Timeout | DnsError::ServerFailure | DnsError::Unreachable) => {
                if self.failed.len() < FAILED {
                    self.failed.insert(name);
                }
            }
            _ => drop(self.failed.remove(&name)),
        }
    }

    /// The question that is next, if a thread may ask it.
    pub(super) fn first(&self) -> Option<QueryId> {
        let row = self.next_row()?;
        self.rows[row].front().map(|first| first.query)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.rows.iter().map(VecDeque::len).sum()
    }

    /// Takes back a question that waits.
    pub(super) fn remove(&mut self, query: QueryId) {
        for row in &mut self.rows {
            row.retain(|waiting| waiting.query != query);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(number: u64, name: &str) -> DnsQuery {
        DnsQuery::new(QueryId(number), name.to_owned(), RecordKind::A)
    }

    fn order(queue: &mut QueryQueue) -> Vec<u64> {
        std::iter::from_fn(|| queue.pop()).map(|query| query.query.0).collect()
    }

    #[test]
    fn a_name_that_is_asked_for_comes_behind_others() {
        let mut queue = QueryQueue::default();
        queue.push(query(1, "dead.test")).unwrap();
        let dead = queue.pop().unwrap();
        for (number, name) in [(2, "dead.test"), (3, "dead.test"), (4, "good.test")] {
            queue.push(query(number, name)).unwrap();
        }
        assert_eq!(queue.first(), Some(QueryId(4)));
        assert_eq!(order(&mut queue), [4, 2, 3]);
        queue.answered(dead, &Err(DnsError::NotFound));
    }

    #[test]
    fn a_name_whose_look_up_failed_comes_last_until_one_succeeds() {
        let mut queue = QueryQueue::default();
        queue.push(query(1, "dead.test")).unwrap();
        let dead = queue.pop().unwrap();
        queue.answered(dead, &Err(DnsError::Timeout));
        queue.push(query(2, "dead.test")).unwrap();
        queue.push(query(3, "good.test")).unwrap();
        assert_eq!(queue.pop().unwrap().query, QueryId(3));
        let dead = queue.pop().unwrap();
        queue.answered(dead, &Err(DnsError::NoData));
        queue.push(query(4, "dead.test")).unwrap();
        queue.push(query(5, "other.test")).unwrap();
        assert_eq!(order(&mut queue), [4, 5]);
    }

    #[test]
    fn names_that_failed_take_no_more_than_half_of_the_threads() {
        let mut queue = QueryQueue::default();
        let name = |number: u64| format!("{number}.test");
        for round in 0..2 {
            for number in 0..600 {
                queue.push(query(number, &name(number))).unwrap();
            }
            let asked: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
            assert_eq!(asked.len(), [600, MOST_FOR_FAILED][round]);
            if round == 1 {
                assert_eq!((queue.first(), queue.len()), (None, 600 - MOST_FOR_FAILED));
                queue.push(query(1000, "good.test")).unwrap();
                assert_eq!(queue.pop().unwrap().query, QueryId(1000));
            }
            for asked in asked {
                queue.answered(asked, &Err(DnsError::Timeout));
            }
        }
        assert_eq!(queue.asked_failed, 0);
        assert_eq!(order(&mut queue).len(), 600 - MOST_FOR_FAILED);
    }

    #[test]
    fn the_questions_that_wait_are_bounded() {
        let mut queue = QueryQueue::default();
        for number in 0..WAITING as u64 {
            queue.push(query(number, "a.test")).unwrap();
        }
        assert_eq!(queue.push(query(9999, "b.test")), Err(DnsError::Busy));
        queue.remove(QueryId(5));
        assert_eq!(queue.push(query(9999, "b.test")), Ok(()));
    }
}
