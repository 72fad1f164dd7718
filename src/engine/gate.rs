//! Waits for the end of a thread, with a limit.

use parking_lot::{Condvar, Mutex};
use std::time::Duration;

/// Opens once. Unlike joining a thread, waiting for it has a limit.
#[derive(Default)]
pub(super) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    /// Ends all waits, now and from now on.
    pub(super) fn open(&self) {
        *self.open.lock() = true;
        self.opened.notify_all();
    }

    /// Waits until it is open; whether it is.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let mut open = self.open.lock();
        self.opened.wait_while_for(&mut open, |open| !*open, limit);
        *open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_it_is_opened_or_the_limit_is_over() {
        let gate = Gate::default();
        assert!(!gate.wait(Duration::ZERO));
        std::thread::scope(|s| {
            s.spawn(|| gate.open());
            assert!(gate.wait(Duration::from_secs(20)));
        });
    }
}
