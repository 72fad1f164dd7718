//! The descriptors of all streams of a context, waited for as one (epoll(7)).

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Streams looked at in one turn. Those that are left come first in the next.
const TURN: usize = 32;

/// A set of descriptors that is itself one, readable while one of them is ready.
#[derive(Debug)]
pub(crate) struct StreamPoll {
    epoll: OwnedFd,
    /// There was a descriptor at some time.
    is_used: AtomicBool,
}

/// What a stream is ready for. An error or the end shows as both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamReady {
    /// The number that it was added with.
    pub(crate) token: u64,
    /// Bytes, the end or a connection wait.
    pub(crate) readable: bool,
    /// It takes bytes, or the attempt to connect is over.
    pub(crate) writable: bool,
}

impl StreamPoll {
    /// An empty set. Errors: no file descriptor is left.
    pub(crate) fn new() -> io::Result<StreamPoll> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and has no other owner.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(StreamPoll { epoll, is_used: AtomicBool::new(false) })
    }

    /// Adds a descriptor, under a number that no other one has. `writable`: it is also ready when
    /// it takes bytes.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, token: u64, writable: bool) -> io::Result<()> {
        self.is_used.store(true, Ordering::Relaxed);
        self.control(libc::EPOLL_CTL_ADD, fd, token, writable)
    }

    /// Changes whether it is ready when it takes bytes.
    pub(crate) fn change(&self, fd: BorrowedFd<'_>, token: u64, writable: bool) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, token, writable)
    }

    /// Takes a descriptor out, before it is closed: a child of fork(2) may hold a copy, and then
    /// closing it is not enough.
    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) {
        let _ = self.control(libc::EPOLL_CTL_DEL, fd, 0, false);
    }

    /// Whether there may be some that are ready: without any there is no need to ask.
    pub(crate) fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Relaxed)
    }

    /// Some of those that are ready now.
    pub(crate) fn ready(&self) -> impl Iterator<Item = StreamReady> + use<> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; TURN];
        let most = TURN as libc::c_int;
        // SAFETY: room for as many events as are asked for; it outlives the call.
        let count = unsafe { libc::epoll_wait(self.fd(), events.as_mut_ptr(), most, 0) };
        events.into_iter().take(usize::try_from(count).unwrap_or(0)).map(|event| {
            let (is, token) = (event.events, event.u64);
            let is = |what: libc::c_int| is & (what | libc::EPOLLERR | libc::EPOLLHUP) as u32 != 0;
            StreamReady { token, readable: is(libc::EPOLLIN), writable: is(libc::EPOLLOUT) }
        })
    }

    /// The descriptor, for poll(2).
    pub(super) fn fd(&self) -> RawFd {
        self.epoll.as_raw_fd()
    }

    fn control(
        &self,
        what: libc::c_int,
        fd: BorrowedFd<'_>,
        token: u64,
        writable: bool,
    ) -> io::Result<()> {
        let wanted = libc::EPOLLIN | if writable { libc::EPOLLOUT } else { 0 };
        let mut event = libc::epoll_event { events: wanted as u32, u64: token };
        // SAFETY: one event that outlives the call, which reads it.
        let done =
            unsafe { libc::epoll_ctl(self.fd(), what, fd.as_fd().as_raw_fd(), &raw mut event) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// Sleeps until one of `fds` takes bytes, or `limit` is over.
pub(crate) fn wait_writable(fds: &[BorrowedFd<'_>], limit: Duration) {
    let milliseconds = limit.as_nanos().div_ceil(1_000_000);
    let milliseconds = libc::c_int::try_from(milliseconds).unwrap_or(libc::c_int::MAX);
    let poll = |fd: &BorrowedFd<'_>| libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLOUT,
        revents: 0,
    };
    let mut fds: Vec<_> = fds.iter().map(poll).collect();
    // SAFETY: as many pollfds as are said, which outlive the call.
    unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, milliseconds) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    fn ready(poll: &StreamPoll) -> Vec<StreamReady> {
        let mut all: Vec<_> = poll.ready().collect();
        all.sort_unstable_by_key(|ready| ready.token);
        all
    }

    #[test]
    fn a_stream_is_ready_for_what_it_was_asked_for() {
        let poll = StreamPoll::new().unwrap();
        let (here, mut there) = UnixStream::pair().unwrap();
        poll.add(here.as_fd(), 7, false).unwrap();
        assert_eq!(ready(&poll), []);
        poll.change(here.as_fd(), 7, true).unwrap();
        let writable = StreamReady { token: 7, readable: false, writable: true };
        assert_eq!(ready(&poll), [writable]);
        there.write_all(b"x").unwrap();
        assert_eq!(ready(&poll), [StreamReady { readable: true, ..writable }]);
        poll.remove(here.as_fd());
        assert_eq!(ready(&poll), []);
    }

    #[test]
    fn those_that_are_left_in_one_turn_come_in_the_next() {
        let poll = StreamPoll::new().unwrap();
        let pairs: Vec<_> = (0..2 * TURN).map(|_| UnixStream::pair().unwrap()).collect();
        for ((here, mut there), token) in pairs.iter().map(|(a, b)| (a, b)).zip(0..) {
            poll.add(here.as_fd(), token, false).unwrap();
            there.write_all(b"x").unwrap();
        }
        let mut tokens: Vec<_> = ready(&poll).into_iter().chain(ready(&poll)).collect();
        tokens.sort_unstable_by_key(|ready| ready.token);
        let all: Vec<_> = tokens.iter().map(|ready| ready.token).collect();
        assert_eq!(all, (0..2 * TURN as u64).collect::<Vec<_>>());
    }
}
