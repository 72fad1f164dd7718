//! Waits for the end of a thread, with a limit.

use parking_lot::{Condvar, Mutex};
use std::time::Duration;

/// Says that a thread has ended. Unlike joining the thread, waiting for it has a limit.
#[derive(Default)]
pub(super) struct ThreadEnd {
    has_ended: Mutex<bool>,
    changed: Condvar,
}

impl ThreadEnd {
    /// Ends all waits, now and from now on.
    pub(super) fn signal(&self) {
        *self.has_ended.lock() = true;
        self.changed.notify_all();
    }

    /// Waits until the thread has ended; whether it has.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let mut has_ended = self.has_ended.lock();
        self.changed.wait_while_for(&mut has_ended, |has_ended| !*has_ended, limit);
        *has_ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_with_the_thread_or_at_the_limit() {
        let end = ThreadEnd::default();
        assert!(!end.wait(Duration::ZERO));
        std::thread::scope(|s| {
            s.spawn(|| end.signal());
            assert!(end.wait(Duration::from_secs(20)));
        });
    }
}
