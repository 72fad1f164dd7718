//! Where a message ends on a connection (RFC 3261 section 18.3), and the keep-alives between
//! messages (RFC 5626 section 4.4.1).

use super::Field;
use memchr::{memchr, memchr2, memmem};
use std::fmt;

/// The start line and the header fields of one message, with the empty line behind them.
pub const MAX_HEAD: usize = 64 << 10;
/// The body of one message.
pub const MAX_BODY: usize = 256 << 10;

/// What came over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Exactly one message.
    Message {
        /// From the start line to the end of the body.
        bytes: &'a [u8],
        /// RFC 3261 section 20.14 demands a Content-Length. Without it there is no body.
        has_length: bool,
    },
    /// CR LF: the answer to a keep-alive. CR LF CR LF: a keep-alive of the peer.
    KeepAlive(&'a [u8]),
}

/// Why it cannot be known where the next message begins: the connection is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FramingError {
    /// The first line is that of no SIP message.
    NotSip,
    /// More than [`MAX_HEAD`] without the end of the header fields.
    HeadTooLong,
    /// A Content-Length that is negative or no number.
    LengthMalformed,
    /// Two of them that differ.
    LengthsDiffer,
    /// A Content-Length of more than [`MAX_BODY`].
    BodyTooLong,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FramingError::NotSip => f.write_str("what came is no SIP message"),
            FramingError::HeadTooLong => {
                write!(f, "a message with more than {} KiB of header fields came", MAX_HEAD >> 10)
            }
            FramingError::LengthMalformed => {
                f.write_str("a message came whose Content-Length is no number")
            }
            FramingError::LengthsDiffer => {
                f.write_str("a message with two Content-Lengths that differ came")
            }
            FramingError::BodyTooLong => {
                write!(f, "a message with a body of more than {} KiB came", MAX_BODY >> 10)
            }
        }
    }
}

impl std::error::Error for FramingError {}

/// The head of a message whose body is awaited.
#[derive(Debug, Clone, Copy)]
struct Head {
    length: usize,
    body: Option<usize>,
}

/// Parts the bytes of one connection into messages and keep-alives. It holds no memory between
/// messages.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the next frame begins.
    start: usize,
    /// Bytes from there on that hold no end of a head.
    searched: usize,
    /// The first line is that of a SIP message.
    is_sip: bool,
    head: Option<Head>,
    refused: Option<FramingError>,
}

impl Framer {
    /// Takes bytes as they came. [`Framer::next_frame`] has to be asked until it has nothing more
    /// before further ones are given.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.refused.is_none() {
            self.buffer.drain(..self.start);
            self.start = 0;
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next message or keep-alive, if it is whole. After an error there is only that error.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, FramingError> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        match self.cut() {
            Ok(None) => {
                if self.start == self.buffer.len() {
                    (self.buffer, self.start) = (Vec::new(), 0);
                }
                Ok(None)
            }
            Ok(Some((end, head))) => {
                let begin = std::mem::replace(&mut self.start, end);
                let bytes = &self.buffer[begin..end];
                Ok(Some(match head {
                    Some(head) => Frame::Message { bytes, has_length: head.body.is_some() },
                    None => Frame::KeepAlive(bytes),
                }))
            }
            Err(error) => {
                (self.buffer, self.start) = (Vec::new(), 0);
                self.refused = Some(error);
                Err(error)
            }
        }
    }

    /// Whether a message has begun that is not whole yet.
    pub fn is_within_message(&self) -> bool {
        let rest = &self.buffer[self.start..];
        !rest.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
    }

    /// Where the next frame ends in the buffer, and its head if it is a message.
    fn cut(&mut self) -> Result<Option<(usize, Option<Head>)>, FramingError> {
        if self.head.is_none() && self.searched == 0 {
            if let Some(end) = self.cut_line_ends() {
                return Ok(Some((end, None)));
            }
            // What begins with CR is a keep-alive of which only the half is there.
            if matches!(self.buffer.get(self.start), None | Some(b'\r')) {
                return Ok(None);
            }
        }
        let Some(head) = self.find_head()? else { return Ok(None) };
        let end = self.start + head.length + head.body.unwrap_or(0);
        if self.buffer.len() < end {
            return Ok(None);
        }
        (self.head, self.searched, self.is_sip) = (None, 0, false);
        Ok(Some((end, Some(head))))
    }

    /// The end of a keep-alive that stands before anything else. A lone CR or LF is skipped.
    fn cut_line_ends(&mut self) -> Option<usize> {
        loop {
            match &self.buffer[self.start..] {
                [b'\r', b'\n', b'\r', b'\n', ..] => return Some(self.start + 4),
                [b'\r', b'\n', ..] => return Some(self.start + 2),
                [b'\r', _, ..] | [b'\n', ..] => self.start += 1,
                _ => return None,
            }
        }
    }

    /// The head of the message that has begun, once it is whole.
    fn find_head(&mut self) -> Result<Option<Head>, FramingError> {
        if self.head.is_some() {
            return Ok(self.head);
        }
        let rest = &self.buffer[self.start..];
        if !self.is_sip {
            if let Some(end) = memchr2(b'\r', b'\n', rest) {
                self.is_sip = is_start_line(&rest[..end]);
                if !self.is_sip {
                    return Err(FramingError::NotSip);
                }
            }
        }
        // Three bytes of the end may have come before.
        let from = self.searched.saturating_sub(3);
        let found = memmem::find(&rest[from..], b"\r\n\r\n");
        let Some(length) = found.map(|at| from + at + 4).filter(|length| *length <= MAX_HEAD)
        else {
            if found.is_some() || rest.len() >= MAX_HEAD {
                return Err(FramingError::HeadTooLong);
            }
            self.searched = rest.len();
            return Ok(None);
        };
        let body = content_length(&rest[..length])?;
        self.head = Some(Head { length, body });
        Ok(self.head)
    }
}

/// Whether a line begins a response or a request.
fn is_start_line(line: &[u8]) -> bool {
    const RESPONSE: &[u8] = b"SIP/2.0 ";
    const REQUEST: &[u8] = b" SIP/2.0";
    let line = line.trim_ascii();
    let (first, last) =
        (line.get(..RESPONSE.len()), line.len().checked_sub(REQUEST.len()).map(|at| &line[at..]));
    first.is_some_and(|first| first.eq_ignore_ascii_case(RESPONSE))
        || last.is_some_and(|last| last.eq_ignore_ascii_case(REQUEST))
}

/// What the Content-Length of a head says, if there is one.
fn content_length(head: &[u8]) -> Result<Option<usize>, FramingError> {
    let mut found = None;
    let mut rest = head;
    while !rest.is_empty() {
        let (line, behind) = cut_line(rest);
        rest = behind;
        let Some(colon) = memchr(b':', line) else { continue };
        let (name, value) = (line[..colon].trim_ascii_end(), &line[colon + 1..]);
        if Field::of(name) != Field::ContentLength {
            continue;
        }
        let mut value = value.to_vec();
        while let [b' ' | b'\t', ..] = rest {
            let (folded, behind) = cut_line(rest);
            value.extend_from_slice(folded);
            rest = behind;
        }
        let length = number(value.trim_ascii()).ok_or(FramingError::LengthMalformed)?;
        if found.is_some_and(|found| found != length) {
            return Err(FramingError::LengthsDiffer);
        }
        found = Some(length);
    }
    match found {
        Some(length) if length > MAX_BODY => Err(FramingError::BodyTooLong),
        found => Ok(found),
    }
}

/// The number that digits are; the largest one for what is beyond it.
fn number(digits: &[u8]) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let add = |number: usize, digit: &u8| {
        number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
    };
    is_number.then(|| digits.iter().fold(0, add))
}

/// The first line of a head and what stands behind it. A CR or LF alone ends a line too, as where
/// the message is read.
fn cut_line(head: &[u8]) -> (&[u8], &[u8]) {
    let Some(end) = memchr2(b'\r', b'\n', head) else { return (head, &[]) };
    let length = if head[end..].starts_with(b"\r\n") { 2 } else { 1 };
    (&head[..end], &head[end + length..])
}

#[cfg(test)]
mod tests;
