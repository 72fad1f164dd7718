//! The other user agent, in the thread of the program: its socket, and the messages that it makes.

use super::api::{self, Message};
use super::context::{Context, Taken, expect};
use std::ffi::{CStr, CString};
use std::io::{self, Write as _};
use std::net::UdpSocket;
use std::ptr;
use std::time::Duration;

/// The address-of-record of the program.
pub(crate) const PROGRAM: &CStr = c"sip:program@bench.test";

/// The other user agent, connected to the program.
pub(crate) struct Peer {
    socket: UdpSocket,
    /// Its URI, and its address.
    pub(crate) uri: CString,
    address: String,
    received: Vec<u8>,
    length: usize,
    text: Vec<u8>,
}

/// A request of the peer, and the dialog that it is in.
pub(crate) struct PeerRequest<'r> {
    pub(crate) method: &'r str,
    /// Call-ID is this number.
    pub(crate) number: usize,
    pub(crate) cseq: usize,
    /// The program's tag, with `;tag=`, or nothing.
    pub(crate) tag: &'r str,
    /// Further header fields, each with its line end.
    pub(crate) fields: &'r str,
}

impl Peer {
    /// A request of the program shows where it listens.
    pub(crate) fn of(context: &Context) -> io::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_read_timeout(Some(Duration::from_secs(20)))?;
        let address = socket.local_addr()?.to_string();
        let uri = CString::new(format!("sip:other@{address}"))?;
        let (received, text) = (vec![0; 4096], Vec::new());
        let mut peer = Self { socket, uri, address, received, length: 0, text };
        let mut message: *mut Message = ptr::null_mut();
        // SAFETY: a live context; the texts end with NUL; the message goes from the library to the
        // library.
        context.locked(|context| unsafe {
            let (to, from, method) = (peer.uri.as_ptr(), PROGRAM.as_ptr(), c"MESSAGE".as_ptr());
            api::eXosip_message_build_request(context, &mut message, method, to, from, ptr::null());
            api::eXosip_message_send_request(context, message);
        });
        let (length, program) = peer.socket.recv_from(&mut peer.received)?;
        peer.length = length;
        peer.socket.connect(program)?;
        peer.respond("200 OK", "")?;
        let event = context.next_event(20, 0);
        expect(event.unwrap_or(Taken::NONE), api::MESSAGE_ANSWERED)?;
        Ok(peer)
    }

    /// The next message, which begins so.
    pub(crate) fn receive(&mut self, beginning: &[u8]) -> io::Result<()> {
        self.length = self.socket.recv(&mut self.received)?;
        let text = &self.received[..self.length];
        if text.starts_with(beginning) {
            return Ok(());
        }
        Err(io::Error::other(format!("received {}", String::from_utf8_lossy(text))))
    }

    /// The response with this beginning to a request of this number, behind those that come again.
    pub(crate) fn receive_response(&mut self, beginning: &[u8], number: usize) -> io::Result<()> {
        let line = format!("\r\nCall-ID: {number}\r\n");
        loop {
            self.receive(b"SIP/2.0 ")?;
            let text = &self.received[..self.length];
            if text.starts_with(beginning) && memchr::memmem::find(text, line.as_bytes()).is_some()
            {
                return Ok(());
            }
        }
    }

    /// The value of a header field of the message received last.
    pub(crate) fn field(&self, name: &[u8]) -> io::Result<&str> {
        let line =
            |line: &'_ &[u8]| line.starts_with(name) && line[name.len()..].starts_with(b": ");
        let lines = self.received[..self.length].split(|&b| b == b'\n');
        let value = lines.into_iter().find(line).map(|line| &line[name.len() + 2..]);
        let value = value.and_then(|value| std::str::from_utf8(value.trim_ascii_end()).ok());
        value.ok_or_else(|| io::Error::other("a message without that field"))
    }

    /// The program's tag, with `;tag=`, from the response received last.
    pub(crate) fn tag(&self) -> io::Result<String> {
        let to = self.field(b"To")?;
        let tag = to.find(";tag=").map(|at| to[at..].to_owned());
        tag.ok_or_else(|| io::Error::other("a response without a tag"))
    }

    /// Answers the request received last, with these further header fields.
    pub(crate) fn respond(&mut self, status: &str, fields: &str) -> io::Result<()> {
        self.text.clear();
        let _ = write!(self.text, "SIP/2.0 {status}\r\n");
        for line in self.received[..self.length].split(|&b| b == b'\n').skip(1) {
            match line {
                [b'T', b'o', ..] if memchr::memmem::find(line, b";tag=").is_none() => {
                    self.text.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                    self.text.extend_from_slice(b";tag=other\r\n");
                }
                [b'V', b'i', ..]
                | [b'F', b'r', ..]
                | [b'T', b'o', ..]
                | [b'C', b'a', ..]
                | [b'C', b'S', ..] => {
                    self.text.extend_from_slice(line);
                    self.text.push(b'\n');
                }
                _ => {}
            }
        }
        let address = &self.address;
        let _ = write!(
            self.text,
            "Contact: <sip:other@{address}>\r\n{fields}Content-Length: 0\r\n\r\n"
        );
        self.socket.send(&self.text).map(drop)
    }

    /// Sends a request to the program.
    pub(crate) fn request(&mut self, request: PeerRequest<'_>) -> io::Result<()> {
        let PeerRequest { method, number, cseq, tag, fields } = request;
        self.text.clear();
        let address = &self.address;
        let program = self.socket.peer_addr()?;
        let _ = write!(
            self.text,
            "{method} sip:program@{program} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {address};branch=z9hG4bK{number}-{cseq}{method}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:other@bench.test>;tag=other\r\nTo: <sip:program@bench.test>{tag}\r\n\
             Call-ID: {number}\r\nCSeq: {cseq} {method}\r\nContact: <sip:other@{address}>\r\n\
             {fields}Content-Length: 0\r\n\r\n"
        );
        self.socket.send(&self.text).map(drop)
    }

    /// Sends a NOTIFY in the dialog of a SUBSCRIBE of the program, whose Call-ID and From these
    /// are.
    pub(crate) fn notify(&mut self, cseq: usize, (call_id, from): (&str, &str)) -> io::Result<()> {
        self.text.clear();
        let address = &self.address;
        let program = self.socket.peer_addr()?;
        let uri = self.uri.to_string_lossy();
        let _ = write!(
            self.text,
            "NOTIFY sip:program@{program} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {address};branch=z9hG4bK{call_id}-{cseq}\r\nMax-Forwards: 70\r\n\
             From: <{uri}>;tag=other\r\nTo: {from}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} NOTIFY\r\nContact: <{uri}>\r\nEvent: presence\r\n\
             Subscription-State: active;expires=3600\r\nContent-Length: 0\r\n\r\n"
        );
        self.socket.send(&self.text).map(drop)
    }
}
