//! The application's lock: recursive, and safe where misuse of a pthread mutex is undefined.

use parking_lot::lock_api::GetThreadId;
use parking_lot::{Condvar, Mutex, RawThreadId};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The owner while there is none, …
const FREE: usize = 0;
/// … and from the end on. A thread's number is an address, and so neither.
const CLOSED: usize = usize::MAX;

/// A recursive lock that one thread holds at a time. It protects no data: programs take it with
/// `eXosip_lock`.
///
/// Each command takes it, mostly for a thread that holds it already: that costs one load of the
/// owner.
#[derive(Debug, Default)]
pub(super) struct AppLock {
    /// The number of the thread that holds it, or one of the above.
    owner: AtomicUsize,
    /// How often the owner has taken it; only the owner reads it.
    depth: AtomicUsize,
    /// Threads that try to take it, or sleep until it is free.
    waiting: AtomicUsize,
    /// Held between an attempt and the sleep.
    attempt: Mutex<()>,
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

    /// Undoes one [`AppLock::lock`] of this thread; does nothing for a thread that does not hold
    /// it.
    pub(super) fn unlock(&self) {
        let me = this_thread().get();
        if self.owner.load(Ordering::Relaxed) != me {
            return;
        }
        let left = self.depth.load(Ordering::Relaxed) - 1;
        self.depth.store(left, Ordering::Relaxed);
        // It may have been closed meanwhile. A thread that waits counts itself before it tries, so
        // it either finds the lock free or is seen here.
        let freed = left == 0
            && self.owner.compare_exchange(me, FREE, Ordering::SeqCst, Ordering::Relaxed).is_ok()
            && self.waiting.load(Ordering::SeqCst) > 0;
        if freed {
            drop(self.attempt.lock());
            self.freed.notify_one();
        }
    }

    /// Error: the owner.
    fn take(&self, me: usize) -> Result<usize, usize> {
        self.owner.compare_exchange(FREE, me, Ordering::SeqCst, Ordering::SeqCst)
    }

    /// Sleeps until it is this thread's; `false` when it is closed.
    fn wait(&self, me: usize) -> bool {
        let mut attempt = self.attempt.lock();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let taken = loop {
            match self.take(me) {
                Ok(_) => break true,
                Err(CLOSED) => break false,
                Err(_) => self.freed.wait(&mut attempt),
            }
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        taken
    }

    /// Takes it for a scope.
    pub(super) fn hold(&self) -> AppLockGuard<'_> {
        self.lock();
        AppLockGuard(self)
    }

    /// No thread waits for it any more: the context has ended.
    pub(super) fn close(&self) {
        self.owner.store(CLOSED, Ordering::SeqCst);
        drop(self.attempt.lock());
        self.freed.notify_all();
    }
}

/// Releases the lock when dropped.
pub(super) struct AppLockGuard<'a>(&'a AppLock);

impl Drop for AppLockGuard<'_> {
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
    fn it_is_free_when_released_as_often_as_taken() {
        let lock = AppLock::default();
        lock.lock();
        lock.lock();
        lock.unlock();
        assert!(owned(&lock));
        lock.unlock();
        assert!(!owned(&lock));
        lock.unlock();
        assert!(!owned(&lock), "releasing once too often does nothing");
    }

    #[test]
    fn another_thread_cannot_release_it() {
        let lock = AppLock::default();
        lock.lock();
        std::thread::scope(|s| {
            s.spawn(|| lock.unlock());
        });
        assert!(owned(&lock));
    }

    #[test]
    fn one_thread_holds_it_at_a_time() {
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
    fn closing_ends_waits_for_a_thread_that_never_releases_it() {
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
