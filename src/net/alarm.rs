//! A moment that a thread sleeps for and that others may set while it sleeps (timerfd_create(2)).

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd};
use std::time::Duration;

/// Goes once for each time it is set. Setting it takes one system call and wakes nobody before the time.
#[derive(Debug)]
pub(crate) struct Alarm(File);

impl Alarm {
    /// An alarm that is not set. Errors: no descriptor is left.
    pub(crate) fn new() -> io::Result<Alarm> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and nobody else's.
        Ok(Alarm(unsafe { File::from_raw_fd(fd) }))
    }

    /// Lets it go after `delay`, in place of what was set before.
    pub(crate) fn set(&self, delay: Duration) {
        // Nothing at all would stop it.
        let delay = delay.max(Duration::from_nanos(1));
        let value = libc::timespec {
            tv_sec: libc::time_t::try_from(delay.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: delay.subsec_nanos().into(),
        };
        let once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let when = libc::itimerspec { it_interval: once, it_value: value };
        // SAFETY: reads one itimerspec that outlives the call; no old value is wanted.
        unsafe { libc::timerfd_settime(self.0.as_raw_fd(), 0, &raw const when, std::ptr::null_mut()) };
    }

    /// Sleeps until it goes; at once, if it has gone since the last time.
    pub(crate) fn wait(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_also_when_it_was_set_before_the_wait_or_while_it_lasts() {
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
