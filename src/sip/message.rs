//! One SIP message as the parts of its text (RFC 3261 section 7).

use super::field::{Field, Wanted};
use super::head::{ReadMessage, read_datagram, read_normalised};
use super::params::{comment_end, delta_seconds, split_list, trim};
use super::{Contact, Params, SyntaxError, Via};
use std::ops::Range;

/// Request-Line or Status-Line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartLine<'a> {
    /// Method and Request-URI.
    Request {
        /// The method, as written.
        method: &'a str,
        /// The Request-URI, as written.
        uri: &'a str,
    },
    /// Status code and reason phrase.
    Status {
        /// 100–699.
        code: u16,
        /// May be empty.
        reason: &'a str,
    },
}

/// One header line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name as written, compact or not.
    pub name: &'a str,
    /// The value, trimmed.
    pub value: &'a str,
    /// Which header field it is.
    pub field: Field,
}

/// A parsed message that borrows from its text.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// The first line.
    pub start: StartLine<'a>,
    /// All header lines in order.
    pub headers: Vec<Header<'a>>,
    /// The body: what Content-Length says, or all that is left where it is absent or no number.
    pub body: &'a [u8],
    /// Lines of the head that are no header lines, which were skipped.
    pub skipped: usize,
}

/// The CSeq header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// The sequence number.
    pub number: u32,
    /// The method.
    pub method: &'a str,
}

impl<'a> CSeq<'a> {
    /// Reads the value of a CSeq; `None` for a broken one.
    pub fn parse(value: &'a str) -> Option<CSeq<'a>> {
        let is_blank = |b: u8| matches!(b, b' ' | b'\t');
        let end = value.bytes().position(|b| !b.is_ascii_digit())?;
        let (number, method) = value.split_at(end);
        let is_parted = is_blank(value.as_bytes()[end]);
        let method = trim(&method[usize::from(is_parted)..]);
        if !is_parted || method.is_empty() || method.bytes().any(is_blank) {
            return None;
        }
        Some(CSeq { number: number.parse().ok()?, method })
    }
}

/// The Retry-After header field (RFC 3261 section 20.33).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// Seconds to wait.
    pub seconds: u32,
    /// The `duration` parameter, seconds.
    pub duration: Option<u32>,
}

/// The long name of a compact form (RFC 3261 section 7.3.3 and later registrations), or the name
/// itself.
pub(super) fn long_name(name: &str) -> &str {
    let [letter] = name.as_bytes() else { return name };
    match letter.to_ascii_lowercase() {
        b'a' => "Accept-Contact",
        b'b' => "Referred-By",
        b'c' => "Content-Type",
        b'd' => "Request-Disposition",
        b'e' => "Content-Encoding",
        b'f' => "From",
        b'i' => "Call-ID",
        b'j' => "Reject-Contact",
        b'k' => "Supported",
        b'l' => "Content-Length",
        b'm' => "Contact",
        b'n' => "Identity-Info",
        b'o' => "Event",
        b'r' => "Refer-To",
        b's' => "Subject",
        b't' => "To",
        b'u' => "Allow-Events",
        b'v' => "Via",
        b'x' => "Session-Expires",
        b'y' => "Identity",
        _ => name,
    }
}

/// Whether two header names are one, without case, compact or not.
#[inline]
pub(super) fn same_name(a: &str, b: &str) -> bool {
    // Only a compact form has another length than its long name; and most names differ in their
    // first letter.
    match (a.as_bytes(), b.as_bytes()) {
        ([first, _, ..], [other, _, ..]) => {
            a.len() == b.len() && first.eq_ignore_ascii_case(other) && a.eq_ignore_ascii_case(b)
        }
        _ => long_name(a).eq_ignore_ascii_case(long_name(b)),
    }
}

impl<'a> ReadMessage<'a> for Message<'a> {
    fn begin(_text: &'a str, start: StartLine<'a>, _behind: usize) -> Self {
        Message { start, headers: Vec::with_capacity(16), body: &[], skipped: 0 }
    }

    #[inline(always)]
    fn push(&mut self, header: Header<'a>, _place: Range<usize>) {
        self.headers.push(header);
    }

    fn end(&mut self, body: &'a [u8], skipped: usize) {
        (self.body, self.skipped) = (body, skipped);
    }
}

impl<'a> Message<'a> {
    /// Parses a normalised datagram in one pass. Errors: no start line, version not SIP/2.0, status
    /// out of 100–699, a Content-Length beyond the end of the datagram, two that differ. A message
    /// that ends without an empty line is accepted when its last header line is whole.
    pub fn parse(text: &'a [u8]) -> Result<Self, SyntaxError> {
        read_normalised(text)
    }

    /// Parses a datagram as it came. `room` holds its text where that had to be normalised first;
    /// mostly one pass over the datagram is all. Errors as for [`Message::parse`].
    pub fn read(datagram: &'a [u8], room: &'a mut Vec<u8>) -> Result<Self, SyntaxError> {
        read_datagram(datagram, room)
    }

    /// The first value of the header `name` (long name; compact forms are found too, without case).
    #[inline]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let wanted = Wanted::new(name);
        self.headers.iter().find(|h| wanted.is(h.field, h.name)).map(|h| h.value)
    }
    /// Every element of every header `name`, comma lists taken apart. Not for headers whose grammar
    /// holds bare commas (challenges, dates).
    #[inline]
    pub fn elements<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.lines(name).flat_map(split_list)
    }
    /// Each line of header `name`, not taken apart.
    #[inline]
    pub fn lines<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let wanted = Wanted::new(name);
        self.headers.iter().filter(move |h| wanted.is(h.field, h.name)).map(|h| h.value)
    }
    /// The status code of a response.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Status { code, .. } => Some(code),
            StartLine::Request { .. } => None,
        }
    }
    /// The reason phrase of a response; empty for a request.
    pub fn reason(&self) -> &'a str {
        match self.start {
            StartLine::Status { reason, .. } => reason,
            StartLine::Request { .. } => "",
        }
    }
    /// The method of a request.
    pub fn method(&self) -> Option<&'a str> {
        match self.start {
            StartLine::Request { method, .. } => Some(method),
            StartLine::Status { .. } => None,
        }
    }
    /// The Call-ID.
    pub fn call_id(&self) -> Option<&'a str> {
        self.header("Call-ID")
    }
    /// The CSeq; `None` when absent or broken.
    pub fn cseq(&self) -> Option<CSeq<'a>> {
        CSeq::parse(self.header("CSeq")?)
    }
    /// The top Via.
    pub fn top_via(&self) -> Result<Via<'a>, SyntaxError> {
        Via::parse(self.elements("Via").next().ok_or(SyntaxError { what: "no Via" })?)
    }
    /// The Contacts; elements that do not parse are skipped.
    pub fn contacts<'s>(&'s self) -> impl Iterator<Item = Contact<'a>> + 's {
        self.elements("Contact").filter_map(|element| Contact::parse(element).ok())
    }
    /// A header whose value is a number of seconds (`Expires`, `Min-Expires`); `None` when absent
    /// or no number; beyond u32 is u32::MAX.
    #[inline]
    pub fn seconds(&self, name: &str) -> Option<u32> {
        delta_seconds(self.header(name)?)
    }
    /// Retry-After with its comment skipped.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        let value = self.header("Retry-After")?;
        let seconds = delta_seconds(value)?;
        let mut rest = value.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        if rest.starts_with('(') {
            rest = &rest[comment_end(rest.as_bytes(), 0)..];
        }
        let duration = Params::new(rest).get("duration").and_then(delta_seconds);
        Some(RetryAfter { seconds, duration })
    }
}
