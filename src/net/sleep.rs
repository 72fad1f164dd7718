//! What a thread sleeps for, as data: sleeping itself is done in C (`src/c/wait.c`), where a thread
//! of the program may be cancelled.

use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

// Of src/c/wait.c.
unsafe extern "C" {
    fn register_sleep(sleep: *mut Sleep);
}

/// What a sleep on descriptors is for at most.
const DESCRIPTORS: usize = 5;

/// A sleep: on descriptors, or on a [`Sleeper`]. It is `struct register_sleep` of src/c/wait.c.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Sleep {
    /// NULL where it is on descriptors.
    word: *const AtomicU32,
    /// Negative ones are not looked at.
    pub(super) descriptors: [libc::pollfd; DESCRIPTORS],
    /// Negative: no limit.
    milliseconds: libc::c_int,
}

impl Default for Sleep {
    /// One that is over at once.
    fn default() -> Sleep {
        let none = libc::pollfd { fd: -1, events: 0, revents: 0 };
        Sleep { word: ptr::null(), descriptors: [none; DESCRIPTORS], milliseconds: 0 }
    }
}

impl Sleep {
    /// Until one of these is ready, or `timeout` is over (rounded up to milliseconds; `None`: no
    /// limit).
    pub(super) fn on_descriptors(
        descriptors: [libc::pollfd; DESCRIPTORS],
        timeout: Option<Duration>,
    ) -> Sleep {
        Sleep { word: ptr::null(), descriptors, milliseconds: milliseconds(timeout) }
    }

    /// Sleeps, or until a signal was handled.
    pub(crate) fn sleep(&mut self) {
        // SAFETY: a struct of the same layout. Whoever made it keeps what it points to as long as
        // it is slept for.
        unsafe { register_sleep(self) };
    }
}

fn milliseconds(timeout: Option<Duration>) -> libc::c_int {
    timeout.map_or(-1, |timeout| {
        libc::c_int::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX)
    })
}

/// What one thread sleeps on until another wakes it.
#[derive(Debug, Default)]
pub(crate) struct Sleeper {
    /// Not 0 once it was woken.
    word: AtomicU32,
}

impl Sleeper {
    /// A sleep until [`Sleeper::wake`] is called, from now on, or `timeout` is over. The sleeper
    /// stays where it is as long as it is slept for.
    pub(crate) fn sleep(&self, timeout: Option<Duration>) -> Sleep {
        self.word.store(0, Ordering::Relaxed);
        Sleep {
            word: &raw const self.word,
            milliseconds: milliseconds(timeout),
            ..Sleep::default()
        }
    }

    /// Ends the sleep.
    pub(crate) fn wake(&self) {
        self.word.store(1, Ordering::Release);
        let flags = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: the address of a word that lives; no memory is written.
        unsafe { libc::syscall(libc::SYS_futex, &raw const self.word, flags, 1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeper_that_was_woken_before_it_sleeps_does_not_sleep() {
        let sleeper = Sleeper::default();
        let mut sleep = sleeper.sleep(None);
        sleeper.wake();
        sleep.sleep();
    }

    #[test]
    fn a_sleeper_is_woken_by_another_thread_or_by_time() {
        let sleeper = Sleeper::default();
        let mut sleep = sleeper.sleep(None);
        std::thread::scope(|s| {
            s.spawn(|| sleeper.wake());
            sleep.sleep();
        });
        sleeper.sleep(Some(Duration::from_nanos(1))).sleep();
    }
}
