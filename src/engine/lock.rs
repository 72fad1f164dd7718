//! The application's lock: recursive, and forgiving where a pthread mutex is not.

use parking_lot::lock_api::GetThreadId;
use parking_lot::{Condvar, Mutex, RawThreadId};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The owner while there is none …
const FREE: usize = 0;
/// … and from the end on. A thread's number is an address, so it is neither.
const CLOSED: usize = usize::MAX;

/// A recursive lock that one thread holds at a time. It protects no data: it is what a program takes with `eXosip_lock`.
///
/// Each command takes it, mostly for a thread that holds it already: that costs no more than a look at the owner.
#[derive(Debug, Default)]
pub(super) struct AppLock {
    /// The number of the thread that holds it, or one of the above.
    owner: AtomicUsize,
    /// How often the owner has taken it; nobody else looks.
    depth: AtomicUsize,
    /// Threads that look for it to be free, or sleep until it is.
    waiting: AtomicUsize,
    /// Held between a look and the sleep.
    look: Mutex<()>,
    freed: Condvar,
}

impl AppLock {
    /// Waits until no other thread holds it, or it is closed.
    #[inline(always)]
    pub(super) fn lock(&self) {
        let me = this_thread().get();
        if self.owner.load(Ordering::Relaxed) == me {
            self.depth.store(self.depth.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        } else if self.take(me).is_ok() || self.wait(me) {
            self.depth.store(1, Ordering::Relaxed);
        }
    }

    /// Undoes one [`AppLock::lock`] of this thread; does nothing for a thread that does not hold it.
    pub(super) fn unlock(&self) {
        let me = this_thread().get();
        if self.owner.load(Ordering::Relaxed) != me {
            return;
        }
        let left = self.depth.load(Ordering::Relaxed) - 1;
        self.depth.store(left, Ordering::Relaxed);
        // It may have been closed meanwhile. Whoever waits counts itself before it looks, so either it finds the lock free or is seen here.
        let freed = left == 0
            && self.owner.compare_exchange(me, FREE, Ordering::SeqCst, Ordering::Relaxed).is_ok()
            && self.waiting.load(Ordering::SeqCst) > 0;
        if freed {
            drop(self.look.lock());
            self.freed.notify_one();
        }
    }

    /// Error: the owner.
    fn take(&self, me: usize) -> Result<usize, usize> {
        self.owner.compare_exchange(FREE, me, Ordering::SeqCst, Ordering::SeqCst)
    }

    /// Sleeps until it is this thread's; `false` when it is closed.
    fn wait(&self, me: usize) -> bool {
        let mut look = self.look.lock();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let taken = loop {
            match self.take(me) {
                Ok(_) => break true,
                Err(CLOSED) => break false,
                Err(_) => self.freed.wait(&mut look),
            }
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        taken
    }

    /// Takes it for a scope.
    pub(super) fn hold(&self) -> Held<'_> {
        self.lock();
        Held(self)
    }

    /// Lets everybody in for ever: the context has ended.
    pub(super) fn close(&self) {
        self.owner.store(CLOSED, Ordering::SeqCst);
        drop(self.look.lock());
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

    fn owned(lock: &AppLock) -> bool {
        lock.owner.load(Ordering::SeqCst) != FREE
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
