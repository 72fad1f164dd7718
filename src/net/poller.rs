//! Waits on descriptors: the UDP socket, all streams, a wake-up from another thread, changes of the
//! network, the end of a sleep of the machine.

use super::interfaces::InterfaceWatch;
use super::sleep::Sleep;
use super::stream_poll::StreamPoll;
use super::suspension::WakeWatch;
use super::udp::UdpSocket;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::time::Duration;

/// The descriptors that every wait includes beside the socket.
#[derive(Debug)]
pub(crate) struct Poller {
    /// An eventfd that ends a wait from another thread.
    wake_up: File,
    streams: StreamPoll,
    /// `None` where the system does not allow it: changes of the network are not noticed then.
    interfaces: Option<InterfaceWatch>,
    /// `None` where the system does not allow it: a sleep is noticed with the next timer then.
    wake: Option<WakeWatch>,
}

/// Why a wait ended; nothing is set when the time is over or a signal was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ready {
    /// Datagrams wait.
    pub(crate) readable: bool,
    /// A datagram can be sent again.
    pub(crate) writable: bool,
    /// The error queue has something.
    pub(crate) error: bool,
    /// Streams are ready.
    pub(crate) streams: bool,
    /// [`Poller::wake`] was called.
    pub(crate) woken: bool,
    /// Addresses, routes or links have changed.
    pub(crate) interfaces_changed: bool,
    /// The machine may have slept.
    pub(crate) may_have_slept: bool,
}

impl Ready {
    /// Whether something came in.
    pub(crate) fn has_arrived(self) -> bool {
        self.readable || self.streams
    }
}

impl Poller {
    /// A poller. Errors: no file descriptor is left.
    pub(crate) fn new() -> io::Result<Poller> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        let wake_up = unsafe { File::from_raw_fd(fd) };
        let (interfaces, wake) = (InterfaceWatch::open().ok(), WakeWatch::open().ok());
        Ok(Poller { wake_up, streams: StreamPoll::new()?, interfaces, wake })
    }

    /// Ends the wait of another thread, or the next one.
    pub(crate) fn wake(&self) {
        // It fails only where the counter is full, and then the wait ends too.
        let _ = (&self.wake_up).write(&1u64.to_ne_bytes());
    }

    /// The streams that every wait includes.
    pub(crate) fn streams(&self) -> &StreamPoll {
        &self.streams
    }

    /// The descriptors that a wait includes beside the socket; negative ones are none.
    pub(crate) fn descriptors(&self) -> [RawFd; 4] {
        [
            self.streams.fd(),
            self.wake_up.as_raw_fd(),
            self.interfaces.as_ref().map_or(-1, InterfaceWatch::fd),
            self.wake.as_ref().map_or(-1, WakeWatch::fd),
        ]
    }

    /// A sleep until something is there or `timeout` is over (`None`: no limit). With `writable` it
    /// also ends when a datagram can be sent.
    pub(crate) fn sleep(
        &self,
        socket: Option<&UdpSocket>,
        writable: bool,
        timeout: Option<Duration>,
    ) -> Sleep {
        let wanted = libc::POLLIN | if writable { libc::POLLOUT } else { 0 };
        // poll(2) ignores a negative descriptor.
        let poll = |fd, events| libc::pollfd { fd, events, revents: 0 };
        let socket = poll(socket.map_or(-1, UdpSocket::fd), wanted);
        let [streams, wake_up, interfaces, wake] =
            self.descriptors().map(|fd| poll(fd, libc::POLLIN));
        Sleep::on_descriptors([socket, streams, wake_up, interfaces, wake], timeout)
    }

    /// What ended a sleep.
    pub(crate) fn ready(&self, slept: &Sleep) -> Ready {
        let [socket, streams, wake_up, interfaces, wake] = slept.descriptors.map(|one| one.revents);
        let woken = wake_up != 0;
        if woken {
            let _ = (&self.wake_up).read(&mut [0; 8]);
        }
        let interfaces_changed =
            interfaces != 0 && self.interfaces.as_ref().is_some_and(InterfaceWatch::drain);
        let may_have_slept = wake != 0;
        if let Some(watch) = self.wake.as_ref().filter(|_| may_have_slept) {
            watch.rearm();
        }
        Ready {
            readable: socket & libc::POLLIN != 0,
            writable: socket & libc::POLLOUT != 0,
            error: socket & (libc::POLLERR | libc::POLLHUP) != 0,
            streams: streams != 0,
            woken,
            interfaces_changed,
            may_have_slept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Bind;

    impl Poller {
        /// Sleeps, see [`Poller::sleep`], and says what ended it.
        pub(crate) fn wait(
            &self,
            socket: Option<&UdpSocket>,
            writable: bool,
            timeout: Option<Duration>,
        ) -> Ready {
            let mut sleep = self.sleep(socket, writable, timeout);
            sleep.sleep();
            self.ready(&sleep)
        }
    }

    fn socket() -> UdpSocket {
        UdpSocket::bind(Bind {
            address: ([127, 0, 0, 1], 0).into(),
            dual: false,
            dscp: 0,
            exclusive: false,
        })
        .unwrap()
    }

    #[test]
    fn wake_ups_before_a_wait_end_it_once() {
        let (poller, socket) = (Poller::new().unwrap(), socket());
        poller.wake();
        poller.wake();
        assert!(poller.wait(Some(&socket), false, None).woken);
        assert_eq!(poller.wait(Some(&socket), false, Some(Duration::ZERO)), Ready::default());
    }

    #[test]
    fn a_wake_up_from_another_thread_ends_a_wait() {
        let (poller, socket) = (Poller::new().unwrap(), socket());
        std::thread::scope(|s| {
            s.spawn(|| poller.wake());
            assert!(poller.wait(Some(&socket), false, None).woken);
        });
    }

    #[test]
    fn a_wait_of_less_than_a_millisecond_still_sleeps() {
        let (poller, socket) = (Poller::new().unwrap(), socket());
        assert_eq!(
            poller.wait(Some(&socket), false, Some(Duration::from_nanos(1))),
            Ready::default()
        );
    }

    #[test]
    fn an_idle_socket_is_writable_when_asked() {
        assert!(Poller::new().unwrap().wait(Some(&socket()), true, None).writable);
    }
}
