//! One descriptor for a program that drives the sockets itself: it is readable while there is
//! something to do (epoll(7)).

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// A set of descriptors that is itself one. It is level-triggered: readable as long as one of them
/// is ready.
#[derive(Debug)]
pub(crate) struct StepPoll {
    epoll: OwnedFd,
    /// The UDP socket is watched for whether it takes datagrams.
    is_writable_wanted: bool,
}

impl StepPoll {
    /// An empty set. Errors: no file descriptor is left.
    pub(crate) fn new() -> io::Result<StepPoll> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(StepPoll { epoll, is_writable_wanted: false })
    }

    /// The descriptor that the program polls.
    pub(crate) fn fd(&self) -> RawFd {
        self.epoll.as_raw_fd()
    }

    /// Adds a descriptor, which is left out where it is negative or in the set already. One that is
    /// closed leaves the set.
    pub(crate) fn add(&self, fd: RawFd) {
        if fd >= 0 {
            self.control(libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN);
        }
    }

    /// Whether `socket`, which is in the set, is also ready when it takes datagrams.
    pub(crate) fn want_writable(&mut self, socket: RawFd, wanted: bool) {
        if wanted != self.is_writable_wanted {
            self.is_writable_wanted = wanted;
            let events = libc::EPOLLIN | if wanted { libc::EPOLLOUT } else { 0 };
            self.control(libc::EPOLL_CTL_MOD, socket, events);
        }
    }

    fn control(&self, what: libc::c_int, fd: RawFd, events: libc::c_int) {
        let mut event = libc::epoll_event { events: events as u32, u64: 0 };
        // SAFETY: one event that outlives the call, which reads it.
        unsafe { libc::epoll_ctl(self.fd(), what, fd, &raw mut event) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Alarm, EventPipe};
    use std::time::Duration;

    fn is_readable(poll: &StepPoll, ms: libc::c_int) -> bool {
        let mut fds = [libc::pollfd { fd: poll.fd(), events: libc::POLLIN, revents: 0 }];
        // SAFETY: one pollfd that outlives the call.
        unsafe { libc::poll(fds.as_mut_ptr(), 1, ms) == 1 }
    }

    #[test]
    fn it_is_readable_while_one_of_its_descriptors_is() {
        let (poll, mut pipe) = (StepPoll::new().unwrap(), EventPipe::new().unwrap());
        poll.add(-1);
        poll.add(pipe.fd());
        poll.add(pipe.fd());
        assert!(!is_readable(&poll, 0));
        pipe.set_readable(true);
        assert!(is_readable(&poll, 0) && is_readable(&poll, 0));
        pipe.set_readable(false);
        assert!(!is_readable(&poll, 0));
    }

    #[test]
    fn an_alarm_in_it_makes_it_readable_until_it_is_set_again_or_stopped() {
        let (poll, alarm) = (StepPoll::new().unwrap(), Alarm::new().unwrap());
        poll.add(alarm.fd());
        alarm.set(Duration::ZERO);
        assert!(is_readable(&poll, 10_000) && is_readable(&poll, 0));
        alarm.set(Duration::from_secs(3600));
        assert!(!is_readable(&poll, 0));
        alarm.set(Duration::ZERO);
        assert!(is_readable(&poll, 10_000));
        alarm.stop();
        assert!(!is_readable(&poll, 0));
    }

    #[test]
    fn a_socket_counts_for_writing_only_where_that_is_wanted() {
        let (mut poll, pipe) = (StepPoll::new().unwrap(), EventPipe::new().unwrap());
        poll.add(pipe.fd());
        poll.want_writable(pipe.fd(), true);
        let mut event = [libc::epoll_event { events: 0, u64: 0 }];
        // SAFETY: room for one event.
        let count = unsafe { libc::epoll_wait(poll.fd(), event.as_mut_ptr(), 1, 0) };
        assert_eq!(count, 1);
        poll.want_writable(pipe.fd(), false);
        assert!(!is_readable(&poll, 0));
    }
}
