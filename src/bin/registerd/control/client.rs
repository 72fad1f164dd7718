//! The other end of the control socket.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// An answer comes within this time: a reload of many accounts takes a while.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a daemon.
pub(crate) struct ControlClient {
    stream: BufReader<UnixStream>,
}

fn ended() -> io::Error {
    io::Error::other("the daemon has ended")
}

/// What a failure of the connection says of the daemon.
fn in_words(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            io::Error::new(io::ErrorKind::TimedOut, "no answer from the daemon")
        }
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => ended(),
        _ => error,
    }
}

impl ControlClient {
    pub(crate) fn connect(path: &Path) -> io::Result<ControlClient> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(ControlClient { stream: BufReader::new(stream) })
    }

    /// The reply to one line.
    pub(crate) fn ask(&mut self, request: &str) -> io::Result<String> {
        let written = self.stream.get_mut().write_all(format!("{request}\n").as_bytes());
        let mut line = String::new();
        // What it has said before it closed the connection is read even so.
        match self.stream.read_line(&mut line).map_err(in_words) {
            Ok(0) => Err(written.err().map_or_else(ended, in_words)),
            Ok(_) => Ok(line),
            Err(error) => Err(error),
        }
    }
}
