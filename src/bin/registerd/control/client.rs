//! The other end of the control socket.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A connection to a daemon.
pub(crate) struct ControlClient {
    stream: BufReader<UnixStream>,
}

impl ControlClient {
    pub(crate) fn connect(path: &Path) -> io::Result<ControlClient> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(ControlClient { stream: BufReader::new(stream) })
    }

    /// The reply to one line.
    pub(crate) fn ask(&mut self, request: &str) -> io::Result<String> {
        self.stream.get_mut().write_all(format!("{request}\n").as_bytes())?;
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the daemon has ended"));
        }
        Ok(line)
    }
}
