//! One SIP message as the parts of its text (RFC 3261 section 7).

use super::field::{Field, Wanted};
use super::octets::may_hold;
use super::params::{comment_end, cut, delta_seconds, split_list, trim};
use super::{Contact, Params, SyntaxError, Via, normalise};
use std::borrow::Cow;

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
    /// Both with what stands between and around them, without the line end.
    pub(super) line: &'a str,
    /// Which header field it is.
    pub field: Field,
}

impl Header<'_> {
    /// Whether its line is `name: value`, as a draft has it.
    #[inline]
    pub(super) fn is_as_printed(&self) -> bool {
        let Header { name, value, line, .. } = self;
        let colon = name.len();
        line.len() == colon + 2 + value.len() && line.as_bytes()[colon..].starts_with(b": ")
    }
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

fn start_line(line: &str) -> Result<StartLine<'_>, SyntaxError> {
    let line = trim(line);
    if let Some(rest) = line.strip_prefix("SIP/2.0 ") {
        return status(rest);
    }
    let (first, rest) = cut(line, b' ').ok_or(SyntaxError { what: "start line: one word" })?;
    if first.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("SIP/")) {
        version(first)?;
        return status(rest);
    }
    let end = memchr::memrchr(b' ', rest.as_bytes())
        .ok_or(SyntaxError { what: "request line: fewer than three words" })?;
    version(&rest[end + 1..])?;
    let uri = trim(&rest[..end]);
    if uri.is_empty() || !first.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(SyntaxError { what: "request line: no method or no URI" });
    }
    Ok(StartLine::Request { method: first, uri })
}

/// Code and reason phrase.
fn status(text: &str) -> Result<StartLine<'_>, SyntaxError> {
    let text = text.trim_start();
    let (code, reason) = cut(text, b' ').unwrap_or((text, ""));
    let code = match code.as_bytes() {
        [a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
            [a, b, c].into_iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'))
        }
        _ => return Err(SyntaxError { what: "status line: code out of 100–699" }),
    };
    Ok(StartLine::Status { code, reason: trim(reason) })
}

fn version(word: &str) -> Result<(), SyntaxError> {
    if word.eq_ignore_ascii_case("SIP/2.0") {
        Ok(())
    } else {
        Err(SyntaxError { what: "version is not SIP/2.0" })
    }
}

/// The first line of `text`, which ends in LF or CRLF, and what stands behind it.
fn any_line(text: &str) -> Option<(&str, &str)> {
    let (line, rest) = cut(text, b'\n')?;
    Some((line.strip_suffix('\r').unwrap_or(line), rest))
}

/// The same where the line ends in CRLF, has no other CR or LF and no NUL, and does not continue
/// another: as [`normalise`] leaves it.
fn clean_line(text: &str) -> Option<(&str, &str)> {
    if text.starts_with([' ', '\t']) {
        return None;
    }
    let end = memchr::memchr3(b'\r', b'\n', 0, text.as_bytes())?;
    Some((&text[..end], text[end..].strip_prefix("\r\n")?))
}

/// Reads a header line. `None`: a line without a colon or without a name is none.
#[inline(always)]
fn header_line(line: &str) -> Option<Header<'_>> {
    let is_blank = |b: Option<&u8>| matches!(b, Some(b' ' | b'\t'));
    // Names are short: a search for many bytes at a time would take longer to set up.
    let colon = line.bytes().position(|b| b == b':')?;
    let (mut name, value) = (&line[..colon], &line[colon + 1..]);
    while is_blank(name.as_bytes().last()) {
        name = &name[..name.len() - 1];
    }
    if name.is_empty() || is_blank(name.as_bytes().first()) {
        return None;
    }
    // Nearly all values begin behind one blank.
    let value = trim(value.strip_prefix(' ').unwrap_or(value));
    Some(Header { name, value, line, field: Field::of(name.as_bytes()) })
}

impl<'a> Message<'a> {
    /// Parses a normalised datagram in one pass. Errors: no start line, version not SIP/2.0, status
    /// out of 100–699, a Content-Length beyond the end of the datagram, two that differ. A message
    /// that ends without an empty line is accepted when its last header line is whole.
    pub fn parse(text: &'a [u8]) -> Result<Self, SyntaxError> {
        Self::parse_lines(text, any_line)
    }

    /// Parses a datagram as it came. `room` holds its text where that had to be normalised first;
    /// mostly one pass over the datagram is all. Errors as for [`Message::parse`].
    pub fn read(datagram: &'a [u8], room: &'a mut Vec<u8>) -> Result<Self, SyntaxError> {
        let first =
            datagram.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(datagram.len());
        // Lines that are all clean, none of them begun with a blank, are as they would be
        // normalised.
        if !may_hold(datagram)
            && let Ok(message) = Self::parse_lines(&datagram[first..], clean_line)
        {
            return Ok(message);
        }
        match normalise(datagram) {
            Cow::Borrowed(text) => Self::parse(text),
            Cow::Owned(text) => {
                *room = text;
                Self::parse(room)
            }
        }
    }

    /// `cut_line` parts a text into its first line and what stands behind it.
    fn parse_lines(
        text: &'a [u8],
        cut_line: impl Fn(&'a str) -> Option<(&'a str, &'a str)>,
    ) -> Result<Self, SyntaxError> {
        // The body may be anything: only the head must be text.
        let (readable, all_readable) = match std::str::from_utf8(text) {
            Ok(readable) => (readable, true),
            Err(odd) => (std::str::from_utf8(&text[..odd.valid_up_to()]).unwrap_or(""), false),
        };
        let torn = if all_readable { "head: last line cut off" } else { "head: not UTF-8" };
        let mut rest = readable;
        let mut line = || {
            if rest.is_empty() && all_readable {
                return Ok("");
            }
            let (line, behind) = cut_line(rest).ok_or(SyntaxError { what: torn })?;
            rest = behind;
            Ok(line)
        };
        let start = start_line(line()?)?;
        let (mut headers, mut skipped) = (Vec::with_capacity(16), 0);
        loop {
            let line = line()?;
            if line.is_empty() {
                break;
            }
            match header_line(line) {
                Some(header) => headers.push(header),
                None => skipped += 1,
            }
        }
        let body = &text[readable.len() - rest.len()..];
        let mut message = Message { start, headers, body, skipped };
        message.body = message.cut_body()?;
        Ok(message)
    }

    /// The body as long as Content-Length says. One that is no number is ignored: a datagram ends
    /// with its body (RFC 3261 section 18.3).
    fn cut_body(&self) -> Result<&'a [u8], SyntaxError> {
        let mut body = self.body;
        let mut length = None;
        for value in self.lines("Content-Length") {
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            // A number beyond usize is beyond the datagram as well.
            let number = value.parse().unwrap_or(usize::MAX);
            if length.is_some_and(|length| length != number) {
                return Err(SyntaxError { what: "Content-Length: two that differ" });
            }
            length = Some(number);
            body = self
                .body
                .get(..number)
                .ok_or(SyntaxError { what: "Content-Length: beyond the datagram" })?;
        }
        Ok(body)
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
        let cseq = self.header("CSeq")?;
        let is_blank = |b: u8| matches!(b, b' ' | b'\t');
        let end = cseq.bytes().position(|b| !b.is_ascii_digit())?;
        let (number, method) = cseq.split_at(end);
        let is_parted = is_blank(cseq.as_bytes()[end]);
        let method = trim(&method[usize::from(is_parted)..]);
        if !is_parted || method.is_empty() || method.bytes().any(is_blank) {
            return None;
        }
        Some(CSeq { number: number.parse().ok()?, method })
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
