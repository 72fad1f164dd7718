//! The sleep of the machine: how long it slept, and when it wakes.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::time::Duration;

/// How long the machine has slept since it was started; never more than it has. `None`: the system
/// does not say.
pub(crate) fn suspended() -> Option<Duration> {
    // What passes between the two makes it less.
    let with_sleep = time(libc::CLOCK_BOOTTIME)?;
    Some(with_sleep.saturating_sub(time(libc::CLOCK_MONOTONIC)?))
}

fn time(clock: libc::clockid_t) -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec that outlives the call.
    let done = unsafe { libc::clock_gettime(clock, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).ok().filter(|_| done == 0)?;
    Some(Duration::new(seconds, u32::try_from(time.tv_nsec).ok()?))
}

/// A descriptor that is readable after the machine has slept, and after its time of day was set
/// (timerfd_create(2), `TFD_TIMER_CANCEL_ON_SET`): what waits with a limit does not count sleep.
#[derive(Debug)]
pub(super) struct WakeWatch(File);

impl WakeWatch {
    /// Opens it. Errors: the system does not allow it.
    pub(super) fn open() -> io::Result<WakeWatch> {
        let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
        // SAFETY: no pointers.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_REALTIME, flags) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        let watch = WakeWatch(unsafe { File::from_raw_fd(fd) });
        // It is never due by itself.
        let never = libc::timespec { tv_sec: libc::time_t::MAX, tv_nsec: 0 };
        let once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let when = libc::itimerspec { it_interval: once, it_value: never };
        let flags = libc::TFD_TIMER_ABSTIME | libc::TFD_TIMER_CANCEL_ON_SET;
        let old = std::ptr::null_mut();
        // SAFETY: reads one itimerspec that outlives the call; no old value is wanted.
        if unsafe { libc::timerfd_settime(fd, flags, &raw const when, old) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(watch)
    }

    pub(super) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Makes it wait for the next time.
    pub(super) fn rearm(&self) {
        // It fails with ECANCELED, which is the news.
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_for_the_end_of_a_sleep_is_not_ready_by_itself() {
        let watch = WakeWatch::open().unwrap();
        let mut one = libc::pollfd { fd: watch.fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd that outlives the call.
        assert_eq!(unsafe { libc::poll(&raw mut one, 1, 0) }, 0);
        watch.rearm();
    }

    #[test]
    fn sleep_is_never_negative() {
        assert!(suspended().is_some());
    }
}
