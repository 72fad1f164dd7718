//! The descriptor that a C program polls for events.

use socket2::{Domain, Socket, Type};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, RawFd};

/// A pipe that is readable on demand. The program may read from it too, so whether it is readable
/// is asked of the kernel each time.
///
/// It is a pair of sockets: where the program has closed its end of a pipe, the next write would
/// raise SIGPIPE.
#[derive(Debug)]
pub(crate) struct EventPipe {
    reader: Socket,
    writer: Socket,
    /// A byte was written since it was emptied.
    filled: bool,
}

impl EventPipe {
    /// An empty pipe, closed on exec. Errors: no file descriptor is left.
    pub(crate) fn new() -> io::Result<EventPipe> {
        let (reader, writer) = Socket::pair(Domain::UNIX, Type::STREAM, None)?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(EventPipe { reader, writer, filled: false })
    }

    /// The end that the program polls.
    pub(crate) fn fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    /// Makes it readable, or not.
    pub(crate) fn set_readable(&mut self, readable: bool) {
        if readable {
            let mut waiting: libc::c_int = 0;
            // SAFETY: FIONREAD writes one int.
            let known = unsafe { libc::ioctl(self.fd(), libc::FIONREAD, &raw mut waiting) } == 0;
            if !known || waiting == 0 {
                let _ = self.writer.send_with_flags(b"e", libc::MSG_NOSIGNAL);
            }
        } else if self.filled {
            let mut bytes = [0; 16];
            while matches!(self.reader.read(&mut bytes), Ok(n) if n == bytes.len()) {}
        }
        self.filled = readable;
    }
}

#[cfg(test)]
impl EventPipe {
    /// Reads it as a program would; how many bytes there were.
    pub(crate) fn read_by_the_program(&self) -> usize {
        (&self.reader).read(&mut [0; 8]).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readable(pipe: &EventPipe) -> bool {
        let mut fds = [libc::pollfd { fd: pipe.fd(), events: libc::POLLIN, revents: 0 }];
        // SAFETY: one pollfd that outlives the call.
        unsafe { libc::poll(fds.as_mut_ptr(), 1, 0) == 1 }
    }

    #[test]
    fn it_is_readable_exactly_while_it_is_set_so() {
        let mut pipe = EventPipe::new().unwrap();
        assert!(!readable(&pipe));
        pipe.set_readable(true);
        pipe.set_readable(true);
        assert!(readable(&pipe));
        pipe.set_readable(false);
        assert!(!readable(&pipe));
        pipe.set_readable(false);
    }

    #[test]
    fn a_byte_that_the_program_read_is_written_again() {
        let mut pipe = EventPipe::new().unwrap();
        pipe.set_readable(true);
        assert_eq!(pipe.read_by_the_program(), 1);
        assert!(!readable(&pipe));
        pipe.set_readable(true);
        assert!(readable(&pipe));
    }
}
