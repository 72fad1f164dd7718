//! Waiting for the socket, and being woken from that.

use super::UdpFlow;
use super::links::Links;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::time::Duration;

/// An eventfd that ends a wait from another thread, beside what the kernel tells of the interfaces.
#[derive(Debug)]
pub(crate) struct Waker {
    event: File,
    /// Where there is no such socket, changes of the network are not noticed.
    links: Option<Links>,
}

/// Why a wait ended; nothing set: the time is up, or a signal came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ready {
    /// Datagrams wait.
    pub(crate) readable: bool,
    /// A datagram can be sent again.
    pub(crate) writable: bool,
    /// The error queue has something.
    pub(crate) error: bool,
    /// Somebody called [`Waker::wake`].
    pub(crate) woken: bool,
    /// An interface has got or lost an address.
    pub(crate) changed: bool,
}

impl Waker {
    /// A waker. Errors: no descriptor is left.
    pub(crate) fn new() -> io::Result<Waker> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and nobody else's.
        let event = unsafe { File::from_raw_fd(fd) };
        Ok(Waker { event, links: Links::open().ok() })
    }

    /// Ends the wait that goes on, or the next one.
    pub(crate) fn wake(&self) {
        // A counter that is full wakes as well.
        let _ = (&self.event).write(&1u64.to_ne_bytes());
    }

    /// Sleeps until something is there, `timeout` is over (rounded up to milliseconds; `None`: no limit) or a signal was handled.
    pub(crate) fn wait(&self, flow: &UdpFlow, writable: bool, timeout: Option<Duration>) -> Ready {
        let wanted = libc::POLLIN | if writable { libc::POLLOUT } else { 0 };
        let mut fds = [
            libc::pollfd { fd: flow.fd(), events: wanted, revents: 0 },
            libc::pollfd { fd: self.event.as_raw_fd(), events: libc::POLLIN, revents: 0 },
            // A negative descriptor is passed over.
            libc::pollfd { fd: self.links.as_ref().map_or(-1, Links::fd), events: libc::POLLIN, revents: 0 },
        ];
        let timeout = timeout.map_or(-1, |t| {
            libc::c_int::try_from(t.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX)
        });
        // SAFETY: three pollfds that outlive the call.
        if unsafe { libc::poll(fds.as_mut_ptr(), 3, timeout) } <= 0 {
            return Ready::default();
        }
        let woken = fds[1].revents != 0;
        if woken {
            let _ = (&self.event).read(&mut [0; 8]);
        }
        let changed = fds[2].revents != 0 && self.links.as_ref().is_some_and(Links::drain);
        let socket = fds[0].revents;
        Ready {
            readable: socket & libc::POLLIN != 0,
            writable: socket & libc::POLLOUT != 0,
            error: socket & (libc::POLLERR | libc::POLLHUP) != 0,
            woken,
            changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Bind;

    fn flow() -> UdpFlow {
        UdpFlow::bind(Bind { address: ([127, 0, 0, 1], 0).into(), dual: false, dscp: 0 }).unwrap()
    }

    #[test]
    fn a_wake_up_before_the_wait_is_not_lost_and_several_count_once() {
        let (waker, flow) = (Waker::new().unwrap(), flow());
        waker.wake();
        waker.wake();
        assert!(waker.wait(&flow, false, None).woken);
        assert_eq!(waker.wait(&flow, false, Some(Duration::ZERO)), Ready::default());
    }

    #[test]
    fn a_wake_up_from_another_thread_ends_a_wait_without_limit() {
        let (waker, flow) = (Waker::new().unwrap(), flow());
        std::thread::scope(|s| {
            s.spawn(|| waker.wake());
            assert!(waker.wait(&flow, false, None).woken);
        });
    }

    #[test]
    fn a_wait_of_less_than_a_millisecond_still_sleeps() {
        let (waker, flow) = (Waker::new().unwrap(), flow());
        assert_eq!(waker.wait(&flow, false, Some(Duration::from_nanos(1))), Ready::default());
    }

    #[test]
    fn an_idle_socket_is_writable_when_asked() {
        assert!(Waker::new().unwrap().wait(&flow(), true, None).writable);
    }
}
