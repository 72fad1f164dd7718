//! The application's lock: recursive, and forgiving where a pthread mutex is not.

use parking_lot::lock_api::GetThreadId;
use parking_lot::{Condvar, Mutex, RawThreadId};
use std::num::NonZeroUsize;

/// A recursive lock that one thread holds at a time. It protects no data: it is what a program takes with `eXosip_lock`.
#[derive(Debug, Default)]
pub(super) struct AppLock {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    owner: Option<NonZeroUsize>,
    depth: usize,
    closed: bool,
}

impl AppLock {
    /// Waits until no other thread holds it, or it is closed.
    pub(super) fn lock(&self) {
        let me = this_thread();
        let mut state = self.state.lock();
        if state.owner != Some(me) {
            while state.owner.is_some() && !state.closed {
                self.freed.wait(&mut state);
            }
            if state.closed {
                return;
            }
            state.owner = Some(me);
        }
        state.depth += 1;
    }

    /// Undoes one [`AppLock::lock`] of this thread; does nothing for a thread that does not hold it.
    pub(super) fn unlock(&self) {
        let mut state = self.state.lock();
        if state.owner != Some(this_thread()) {
            return;
        }
        state.depth -= 1;
        if state.depth == 0 {
            state.owner = None;
            drop(state);
            self.freed.notify_one();
        }
    }

    /// Takes it for a scope.
    pub(super) fn hold(&self) -> Held<'_> {
        self.lock();
        Held(self)
    }

    /// Lets everybody in for ever: the context has ended.
    pub(super) fn close(&self) {
        *self.state.lock() = State { owner: None, depth: 0, closed: true };
        self.freed.notify_all();
    }
}

/// Gives the lock back when dropped.
pub(super) struct Held<'a>(&'a AppLock);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// The number of this thread. Works in exit handlers too, when thread-locals are gone.
pub(super) fn this_thread() -> NonZeroUsize {
    RawThreadId::INIT.nonzero_thread_id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn owned(lock: &AppLock) -> bool {
        lock.state.lock().owner.is_some()
    }

    #[test]
    fn a_thread_takes_it_as_often_as_it_likes_and_gives_it_back_as_often() {
        let lock = AppLock::default();
        lock.lock();
        lock.lock();
        lock.unlock();
        assert!(owned(&lock));
        lock.unlock();
        assert!(!owned(&lock));
        lock.unlock();
        assert!(!owned(&lock), "once too often does nothing");
    }

    #[test]
    fn another_thread_cannot_give_it_back() {
        let lock = AppLock::default();
        lock.lock();
        std::thread::scope(|s| {
            s.spawn(|| lock.unlock());
        });
        assert!(owned(&lock));
    }

    #[test]
    fn one_thread_is_inside_at_a_time() {
        let (lock, inside, rounds) = (AppLock::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..1000 {
                        let _held = lock.hold();
                        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                        inside.fetch_sub(1, Ordering::Relaxed);
                        rounds.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(rounds.into_inner(), 4000);
    }

    #[test]
    fn closing_lets_those_in_who_wait_for_a_thread_that_never_gives_back() {
        let lock = AppLock::default();
        std::thread::scope(|s| {
            s.spawn(|| lock.lock());
        });
        std::thread::scope(|s| {
            s.spawn(|| drop(lock.hold()));
            lock.close();
        });
        lock.lock();
        lock.unlock();
    }
}
