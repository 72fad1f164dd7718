//! Threads that wait for a state of a registration: each sees every change since its wait began,
//! and is woken for its own registration only.

use crate::agent::RegistererState;
use crate::agent::{RegistererEvent, RegistererEventKind, Rid};
use parking_lot::{Condvar, Mutex};
use std::time::Instant;

/// All waits of one context. No other lock is taken under its lock.
#[derive(Default)]
pub(super) struct Waiters {
    state: Mutex<WaiterState>,
    decided: Condvar,
}

#[derive(Default)]
struct WaiterState {
    waiting: Vec<StateWait>,
    last_id: u64,
    /// A wait was decided, and its thread not woken for that yet.
    undelivered: bool,
    ended: bool,
}

struct StateWait {
    id: u64,
    rid: Rid,
    state: RegistererState,
    /// Whether the state was reached; `None`: it still may be.
    reached: Option<bool>,
}

/// One wait, from its beginning; dropping it ends it.
pub(super) struct Wait<'a> {
    waiters: &'a Waiters,
    id: u64,
}

impl Waiters {
    /// Begins to wait for `state` of `rid`.
    pub(super) fn expect(&self, rid: Rid, state: RegistererState) -> Wait<'_> {
        let mut waits = self.state.lock();
        waits.last_id += 1;
        let id = waits.last_id;
        waits.waiting.push(StateWait { id, rid, state, reached: None });
        Wait { waiters: self, id }
    }

    /// Notes what happened, in the order of the core's lock. No thread is woken yet.
    pub(super) fn note(&self, news: &RegistererEvent) {
        let RegistererEventKind::State(reached) = news.what else { return };
        let state = &mut *self.state.lock();
        for one in
            state.waiting.iter_mut().filter(|one| one.rid == news.rid && one.reached.is_none())
        {
            one.reached = match reached {
                now if now == one.state => Some(true),
                RegistererState::Terminated => Some(false),
                _ => None,
            };
            state.undelivered |= one.reached.is_some();
        }
    }

    /// Wakes those whose wait is decided. The core's lock must be free.
    pub(super) fn announce(&self) {
        if std::mem::take(&mut self.state.lock().undelivered) {
            self.decided.notify_all();
        }
    }

    /// Ends every wait, now and from now on.
    pub(super) fn end(&self) {
        self.state.lock().ended = true;
        self.decided.notify_all();
    }
}

impl Wait<'_> {
    /// Whether the state was reached since the wait began; `None`: not until `deadline`, or the
    /// context has ended.
    pub(super) fn until(&self, deadline: Option<Instant>) -> Option<bool> {
        let mut state = self.waiters.state.lock();
        loop {
            let reached =
                state.waiting.iter().find(|one| one.id == self.id).and_then(|one| one.reached);
            if reached.is_some() || state.ended {
                return reached;
            }
            match deadline {
                // A decision of the last moment counts.
                Some(at) if self.waiters.decided.wait_until(&mut state, at).timed_out() => {
                    return state.waiting.iter().find(|one| one.id == self.id)?.reached;
                }
                Some(_) => {}
                None => self.waiters.decided.wait(&mut state),
            }
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waiters.state.lock().waiting.retain(|one| one.id != self.id);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn is(rid: Rid, state: RegistererState) -> RegistererEvent {
        RegistererEvent {
            rid,
            what: RegistererEventKind::State(state),
            status: 200,
            reason: String::new(),
        }
    }

    #[test]
    fn a_state_that_was_left_at_once_was_reached() {
        let waiters = Waiters::default();
        let wait = waiters.expect(7, RegistererState::Unregistered);
        waiters.note(&is(7, RegistererState::Unregistered));
        waiters.note(&is(7, RegistererState::Registered));
        assert_eq!(wait.until(Some(Instant::now())), Some(true));
    }

    #[test]
    fn a_wait_ends_when_the_state_can_no_longer_be_reached() {
        let waiters = Waiters::default();
        let (lost, other) = (
            waiters.expect(7, RegistererState::Registered),
            waiters.expect(8, RegistererState::Registered),
        );
        waiters.note(&is(7, RegistererState::Terminated));
        assert_eq!(lost.until(None), Some(false));
        assert_eq!(other.until(Some(Instant::now() + Duration::from_millis(1))), None);
        waiters.end();
        assert_eq!(other.until(None), None, "the context has ended");
        drop((lost, other));
        assert!(waiters.state.lock().waiting.is_empty());
    }

    #[test]
    fn only_a_decided_wait_wakes_its_thread() {
        let waiters = Waiters::default();
        let _wait = waiters.expect(7, RegistererState::Registered);
        waiters.note(&is(8, RegistererState::Registered));
        waiters.note(&RegistererEvent {
            what: RegistererEventKind::Accepted,
            ..is(7, RegistererState::Registered)
        });
        assert!(!waiters.state.lock().undelivered);
        waiters.note(&is(7, RegistererState::Registered));
        assert!(waiters.state.lock().undelivered);
        waiters.announce();
        assert!(!waiters.state.lock().undelivered);
    }
}
