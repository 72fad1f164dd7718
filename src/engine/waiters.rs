//! Who waits for a state of a registration: each sees every change since its wait began, and is woken by nobody else's.

use crate::agent::modern::State;
use crate::agent::{News, Rid, What};
use parking_lot::{Condvar, Mutex};
use std::time::Instant;

/// All who wait in one context. Its lock is innermost.
#[derive(Default)]
pub(super) struct Waiters {
    all: Mutex<All>,
    decided: Condvar,
}

#[derive(Default)]
struct All {
    waiting: Vec<Waiting>,
    last_id: u64,
    /// A verdict was reached that its waiter was not woken for yet.
    unheard: bool,
    ended: bool,
}

struct Waiting {
    id: u64,
    rid: Rid,
    state: State,
    /// Whether the state came; `None`: it still may.
    verdict: Option<bool>,
}

/// One wait, from its beginning; it is over when this is dropped.
pub(super) struct Wait<'a> {
    waiters: &'a Waiters,
    id: u64,
}

impl Waiters {
    /// Begins to look out for `state` of `rid`.
    pub(super) fn expect(&self, rid: Rid, state: State) -> Wait<'_> {
        let mut all = self.all.lock();
        all.last_id += 1;
        let id = all.last_id;
        all.waiting.push(Waiting { id, rid, state, verdict: None });
        Wait { waiters: self, id }
    }

    /// Notes what happened, in the order of the core's lock. Nobody is woken yet.
    pub(super) fn note(&self, news: &News) {
        let What::State(state) = news.what else { return };
        let all = &mut *self.all.lock();
        for one in all.waiting.iter_mut().filter(|one| one.rid == news.rid && one.verdict.is_none()) {
            one.verdict = match state {
                came if came == one.state => Some(true),
                State::Terminated => Some(false),
                _ => None,
            };
            all.unheard |= one.verdict.is_some();
        }
    }

    /// Wakes those whose wait is decided. Off the core's lock.
    pub(super) fn announce(&self) {
        if std::mem::take(&mut self.all.lock().unheard) {
            self.decided.notify_all();
        }
    }

    /// Ends every wait, now and from now on.
    pub(super) fn end(&self) {
        self.all.lock().ended = true;
        self.decided.notify_all();
    }
}

impl Wait<'_> {
    /// Whether the state has come since the wait began; `None`: not until `deadline`, or the context is over.
    pub(super) fn until(&self, deadline: Option<Instant>) -> Option<bool> {
        let mut all = self.waiters.all.lock();
        loop {
            let verdict = all.waiting.iter().find(|one| one.id == self.id).and_then(|one| one.verdict);
            if verdict.is_some() || all.ended {
                return verdict;
            }
            match deadline {
                // A verdict of the last moment counts.
                Some(at) if self.waiters.decided.wait_until(&mut all, at).timed_out() => {
                    return all.waiting.iter().find(|one| one.id == self.id)?.verdict;
                }
                Some(_) => {}
                None => self.waiters.decided.wait(&mut all),
            }
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waiters.all.lock().waiting.retain(|one| one.id != self.id);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn is(rid: Rid, state: State) -> News {
        News { rid, what: What::State(state), status: 200, reason: String::new() }
    }

    #[test]
    fn a_state_that_is_left_at_once_was_there() {
        let waiters = Waiters::default();
        let wait = waiters.expect(7, State::Unregistered);
        waiters.note(&is(7, State::Unregistered));
        waiters.note(&is(7, State::Registered));
        assert_eq!(wait.until(Some(Instant::now())), Some(true));
    }

    #[test]
    fn what_cannot_come_any_more_and_what_is_others_are_told_apart() {
        let waiters = Waiters::default();
        let (lost, other) = (waiters.expect(7, State::Registered), waiters.expect(8, State::Registered));
        waiters.note(&is(7, State::Terminated));
        assert_eq!(lost.until(None), Some(false));
        assert_eq!(other.until(Some(Instant::now() + Duration::from_millis(1))), None);
        waiters.end();
        assert_eq!(other.until(None), None, "the context is over");
        drop((lost, other));
        assert!(waiters.all.lock().waiting.is_empty());
    }

    #[test]
    fn only_a_decision_wakes() {
        let waiters = Waiters::default();
        let _wait = waiters.expect(7, State::Registered);
        waiters.note(&is(8, State::Registered));
        waiters.note(&News { what: What::Accepted, ..is(7, State::Registered) });
        assert!(!waiters.all.lock().unheard);
        waiters.note(&is(7, State::Registered));
        assert!(waiters.all.lock().unheard);
        waiters.announce();
        assert!(!waiters.all.lock().unheard);
    }
}
