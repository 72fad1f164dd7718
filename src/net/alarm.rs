//! A timer that a thread sleeps on and that other threads may set meanwhile (timerfd_create(2)).

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::time::Duration;

/// Expires once for each time that it is set. Setting it takes one system call and wakes no thread
/// before the time.
#[derive(Debug)]
pub(crate) struct Alarm(File);

impl Alarm {
    /// An alarm that is not set. Errors: no file descriptor is left.
    pub(crate) fn new() -> io::Result<Alarm> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        Ok(Alarm(unsafe { File::from_raw_fd(fd) }))
    }

    /// The descriptor, which is readable from its time on until it is set again.
    pub(crate) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Has it expire after `delay`, instead of when it was to before.
    pub(crate) fn set(&self, delay: Duration) {
        // Zero would stop it.
        self.set_value(delay.max(Duration::from_nanos(1)));
    }

    /// Has it expire no more, until it is set again.
    pub(crate) fn stop(&self) {
        self.set_value(Duration::ZERO);
    }

    fn set_value(&self, delay: Duration) {
        let value = libc::timespec {
            tv_sec: delay.as_secs().try_into().unwrap_or(i32::MAX.into()),
            tv_nsec: (delay.subsec_nanos() as i32).into(),
        };
        let once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let when = libc::itimerspec { it_interval: once, it_value: value };
        // SAFETY: reads one itimerspec that outlives the call; no old value is wanted.
        unsafe {
            libc::timerfd_settime(self.0.as_raw_fd(), 0, &raw const when, std::ptr::null_mut())
        };
    }

    /// Sleeps until it expires; returns at once if it has since the last wait.
    pub(crate) fn wait(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_be_set_before_a_wait_and_during_one() {
        let alarm = Alarm::new().unwrap();
        alarm.set(Duration::ZERO);
        alarm.wait();
        alarm.set(Duration::from_secs(3600));
        std::thread::scope(|s| {
            s.spawn(|| alarm.set(Duration::from_micros(1)));
            alarm.wait();
        });
    }
}
