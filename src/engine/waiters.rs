//! Threads that wait for a state of a registration: each sees every change since its wait began,
//! and is woken for its own registration only.

use super::clock;
use crate::agent::RegistererState;
use crate::agent::{RegistererEvent, RegistererEventKind, Rid};
use crate::net::{Sleep, Sleeper};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Instant;

/// All waits of one context. No other lock is taken under its lock.
#[derive(Default)]
pub(super) struct Waiters {
    state: Mutex<WaiterState>,
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
    sleeper: Arc<Sleeper>,
}

/// One wait, from its beginning; dropping it ends it.
pub(super) struct Wait {
    waiters: Arc<Waiters>,
    id: u64,
    sleeper: Arc<Sleeper>,
}

impl Waiters {
    /// Begins to wait for `state` of `rid`.
    pub(super) fn expect(self: &Arc<Self>, rid: Rid, state: RegistererState) -> Wait {
        let sleeper = Arc::new(Sleeper::default());
        let mut waits = self.state.lock();
        waits.last_id += 1;
        let id = waits.last_id;
        let woken = Arc::clone(&sleeper);
        waits.waiting.push(StateWait { id, rid, state, reached: None, sleeper: woken });
        Wait { waiters: Arc::clone(self), id, sleeper }
    }

    /// Notes what happened, in the order of the core's lock. No thread is woken yet.
    pub(super) fn note(&self, event: &RegistererEvent) {
        let RegistererEventKind::State(reached) = event.what else { return };
        let state = &mut *self.state.lock();
        for one in
            state.waiting.iter_mut().filter(|one| one.rid == event.rid && one.reached.is_none())
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
        let mut state = self.state.lock();
        if std::mem::take(&mut state.undelivered) {
            let decided = state.waiting.iter().filter(|one| one.reached.is_some());
            decided.for_each(|one| one.sleeper.wake());
        }
    }

    /// Ends every wait, now and from now on.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        state.waiting.iter().for_each(|one| one.sleeper.wake());
    }
}

impl Wait {
    /// Whether the state was reached since the wait began; `Some(None)`: not until `deadline`, or
    /// the context has ended. `None`: the thread sleeps as `sleep` says, and asks again.
    pub(super) fn step(
        &self,
        deadline: Option<Instant>,
        sleep: &mut Sleep,
    ) -> Option<Option<bool>> {
        let state = self.waiters.state.lock();
        let reached =
            state.waiting.iter().find(|one| one.id == self.id).and_then(|one| one.reached);
        if reached.is_some() || state.ended {
            return Some(reached);
        }
        let left = deadline.map(|at| at.saturating_duration_since(clock::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Some(None);
        }
        *sleep = self.sleeper.sleep(left);
        None
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.waiters.state.lock().waiting.retain(|one| one.id != self.id);
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::time::Duration;

    impl Wait {
        /// The wait as a whole.
        fn until(&self, deadline: Option<Instant>) -> Option<bool> {
            let mut sleep = Sleep::default();
            loop {
                if let Some(reached) = self.step(deadline, &mut sleep) {
                    return reached;
                }
                sleep.sleep();
            }
        }
    }

    fn is(rid: Rid, state: RegistererState) -> RegistererEvent {
        RegistererEvent {
            rid,
            what: RegistererEventKind::State(state),
            status: 200,
            reason: String::new(),
            tag: 0,
            left: None,
        }
    }

    #[test]
    fn a_state_that_was_left_at_once_was_reached() {
        let waiters = Arc::new(Waiters::default());
        let wait = waiters.expect(7, RegistererState::Unregistered);
        waiters.note(&is(7, RegistererState::Unregistered));
        waiters.note(&is(7, RegistererState::Registered));
        assert_eq!(wait.until(Some(Instant::now())), Some(true));
    }

    #[test]
    fn a_wait_ends_when_the_state_can_no_longer_be_reached() {
        let waiters = Arc::new(Waiters::default());
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
        let waiters = Arc::new(Waiters::default());
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
