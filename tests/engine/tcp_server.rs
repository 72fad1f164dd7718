//! A server of a few lines that speaks TCP on the loopback interface.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Far longer than anything here takes.
pub(super) const LONG: Duration = Duration::from_secs(20);

/// A server by hand: the test accepts each connection, reads each request and says what to answer.
pub(super) struct Server(pub(super) TcpListener);

/// One connection at the server, with what was read of it and is no whole request yet.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) read: Vec<u8>,
}

impl Server {
    pub(super) fn on(address: &str) -> Server {
        Server(TcpListener::bind(address).unwrap())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub(super) fn accept(&self) -> Connection {
        self.accept_within(LONG).expect("a connection")
    }

    /// The next connection, if there is one within so long.
    pub(super) fn accept_within(&self, time: Duration) -> Option<Connection> {
        socket2::SockRef::from(&self.0).set_read_timeout(Some(time)).unwrap();
        match self.0.accept() {
            Ok((stream, _)) => {
                stream.set_read_timeout(Some(LONG)).unwrap();
                Some(Connection { stream, read: Vec::new() })
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                None
            }
        }
    }
}

impl Connection {
    /// The next request; line ends before it are skipped. Its body is as long as it says.
    pub(super) fn next(&mut self) -> String {
        loop {
            let begin = self.read.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.read.drain(..begin);
            let text = String::from_utf8_lossy(&self.read).into_owned();
            if let Some(head) = text.find("\r\n\r\n") {
                let length: usize = value(&text, "Content-Length").parse().unwrap();
                let end = head + 4 + length;
                if self.read.len() >= end {
                    self.read.drain(..end);
                    return text[..end].to_owned();
                }
            }
            let mut bytes = [0; 65_536];
            let count = self.stream.read(&mut bytes).unwrap();
            assert_ne!(count, 0, "closed");
            self.read.extend_from_slice(&bytes[..count]);
        }
    }

    pub(super) fn say(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).unwrap();
    }

    pub(super) fn answer(&mut self, request: &str, status: &str) {
        self.say(answer(request, status));
    }

    /// Whether the other end closes the connection within [`LONG`].
    pub(super) fn is_closed(&mut self) -> bool {
        let mut bytes = [0; 4096];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == ErrorKind::ConnectionReset,
            }
        }
    }

    /// Ends it with RST.
    pub(super) fn reset(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// The value of the first header field of this name.
pub(super) fn value<'a>(message: &'a str, name: &str) -> &'a str {
    let mut lines = message.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(field, _)| *field == name).map_or("", |(_, value)| value.trim())
}

pub(super) fn answer(request: &str, status: &str) -> String {
    let copied = ["Via", "From", "Call-ID", "CSeq", "Contact"]
        .map(|name| format!("{name}: {}\r\n", value(request, name)));
    let to = value(request, "To");
    let fields = copied.concat();
    format!(
        "SIP/2.0 {status}\r\n{fields}To: {to};tag=r\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n"
    )
}
