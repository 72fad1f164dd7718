//! From text to struct: the first line, the header lines, the bodies.

use super::cstruct::Owned;
use super::header_table::{HeaderReader, Names};
use super::list::{self, Tail};
use super::osip_body::{boundary, osip_body, parts};
use super::osip_message::{CHANGED, osip_message};
use super::osip_uri::osip_uri;
use super::text::{find, is_space, line_end, split, trim};
use crate::abi::ffi::{Caller, Failure};

/// Reads a whole message into an empty struct.
pub(crate) fn read(
    message: &mut osip_message,
    text: &[u8],
    names: Names,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let start = text.iter().position(|b| !b"\r\n".contains(b)).ok_or(Failure::Syntax)?;
    let (line, rest) = line(&text[start..]).ok_or(Failure::Syntax)?;
    first_line(message, line, c)?;
    read_rest(message, rest, names, c)
}

/// Reads header lines and bodies, with a first line before them or not.
pub(crate) fn read_fragment(
    message: &mut osip_message,
    text: &[u8],
    names: Names,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let Some((line, rest)) = line(text) else {
        return if text.is_empty() { Ok(()) } else { Err(Failure::Syntax) };
    };
    let words = || line.split(|b| *b == b' ');
    let is_first =
        line.starts_with(b"SIP/") || words().nth(2).is_some_and(is_version) && words().count() == 3;
    if !is_first {
        return read_rest(message, text, names, c);
    }
    first_line(message, line, c)?;
    read_rest(message, rest, names, c)
}

fn read_rest(message: &mut osip_message, text: &[u8], names: Names, c: Caller<'_>) -> Result<(), Failure> {
    let body = read_headers(message, text, names, c)?;
    read_bodies(message, body, c)?;
    message.message_property = CHANGED;
    Ok(())
}

/// The line before the first CRLF, CR or LF, and what follows; `None` for a line without end.
pub(crate) fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line_end(text)?;
    let behind = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    Some((&text[..end], &text[behind..]))
}

fn is_version(text: &[u8]) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/"))
}

/// Request-Line or Status-Line.
fn first_line(message: &mut osip_message, line: &[u8], c: Caller<'_>) -> Result<(), Failure> {
    if line.contains(&0) {
        return Err(Failure::Syntax);
    }
    if line.starts_with(b"SIP/") {
        let (version, rest) = split(line, b' ').ok_or(Failure::Syntax)?;
        let (code, reason) = split(rest, b' ').ok_or(Failure::Syntax)?;
        c.store(&mut message.sip_version, version)?;
        let code = std::str::from_utf8(code).ok().and_then(|code| code.parse().ok());
        message.status_code = code.filter(|code| *code > 0).ok_or(Failure::Syntax)?;
        return c.store(&mut message.reason_phrase, reason);
    }
    let (method, rest) = split(line, b' ').ok_or(Failure::Syntax)?;
    let (uri, version) = split(rest, b' ').ok_or(Failure::Syntax)?;
    let version = trim(version);
    if method.is_empty() || !is_version(version) {
        return Err(Failure::Syntax);
    }
    message.req_uri = Owned::<osip_uri>::parsed(uri, c)?.into_raw();
    c.store(&mut message.sip_method, method)?;
    c.store(&mut message.sip_version, version)
}

/// The lines of a text, one after the other. Each may end with CRLF, CR or LF.
struct Lines<'t> {
    text: &'t [u8],
    /// Where the next line begins.
    at: usize,
    /// Where the first LF at or behind `at` stands, once that was looked for; the text's length for
    /// none.
    lf: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, lf: find(text, b'\n').unwrap_or(text.len()) }
    }

    /// The end of the next line; `None` for a line without end.
    #[inline]
    fn end(&mut self) -> Option<usize> {
        let Self { text, at, .. } = *self;
        if self.lf < at {
            self.lf = find(&text[at..], b'\n').map_or(text.len(), |end| at + end);
        }
        let end = find(&text[at..self.lf], b'\r').map_or(self.lf, |end| at + end);
        let byte = text.get(end)?;
        let is_crlf = *byte == b'\r' && text.get(end + 1) == Some(&b'\n');
        self.at = end + if is_crlf { 2 } else { 1 };
        Some(end)
    }

    /// The next line without its end, with the lines that continue it, and whether there are such.
    #[inline]
    fn next_logical(&mut self) -> Option<(&'t [u8], bool)> {
        let start = self.at;
        let mut end = self.end()?;
        let mut folded = false;
        while let Some(b' ' | b'\t') = self.text.get(self.at) {
            end = self.end()?;
            folded = true;
        }
        Some((&self.text[start..end], folded))
    }
}

/// Reads header lines; the answer is what follows the empty line, or nothing where the text ends
/// without one.
pub(crate) fn each_header(
    text: &[u8],
    mut with: impl FnMut(&[u8], &[u8]) -> Result<(), Failure>,
) -> Result<&[u8], Failure> {
    let mut lines = Lines::new(text);
    while let Some(first) = text.get(lines.at) {
        if matches!(first, b'\r' | b'\n') {
            lines.end();
            return Ok(&text[lines.at..]);
        }
        let (line, folded) = lines.next_logical().ok_or(Failure::Syntax)?;
        let (name, value) = split(line, b':').ok_or(Failure::Syntax)?;
        let value = trim(value);
        if folded && line_end(value).is_some() {
            let unfolded = value.iter().map(|b| if is_space(*b) { b' ' } else { *b });
            with(name, &unfolded.collect::<Vec<u8>>())?;
        } else {
            with(name, value)?;
        }
    }
    Ok(&[])
}

fn read_headers<'t>(
    message: &mut osip_message,
    text: &'t [u8],
    names: Names,
    c: Caller<'_>,
) -> Result<&'t [u8], Failure> {
    let mut reader = HeaderReader::new(message, names, c);
    let has_nul = find(text, 0).is_some();
    let added = |name: &[u8], value: &[u8]| {
        if has_nul && (name.contains(&0) || value.contains(&0)) {
            return Err(Failure::Syntax); // C would see half of it
        }
        reader.add_line(name, value)
    };
    // A message is either good or bad: which of its header fields stood there twice does not
    // matter.
    each_header(text, added).map_err(|failure| match failure {
        Failure::NoMemory => failure,
        _ => Failure::Syntax,
    })
}

/// Reads what follows the header: one body, or the parts of a multipart. Without Content-Type there
/// is none.
fn read_bodies(message: &mut osip_message, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
    let Ok(media) = c.get(message.content_type).map(|media| (c.text(media.r#type), boundary(media, c)))
    else {
        return Ok(());
    };
    let text = match c.get(message.content_length) {
        Ok(length) => {
            let length = c.text(length.value).map_or(0, number);
            text.get(..length).ok_or(Failure::Syntax)?
        }
        Err(_) => {
            if !text.is_empty() {
                let mut length = Owned::new(c)?;
                length_text(&mut length, text.len(), c)?;
                message.content_length = length.into_raw();
            }
            text
        }
    };
    if text.is_empty() {
        return Ok(());
    }
    let mut tail = Tail::unknown();
    if !media.0.is_some_and(|media| media.eq_ignore_ascii_case(b"multipart")) {
        let mut body = Owned::<osip_body>::new(c)?;
        body.fill(text, c)?;
        return list::push(&mut message.bodies, &mut tail, body, c).map(|_| ());
    }
    let boundary = media.1.ok_or(Failure::Syntax)?;
    for part in parts(text, boundary)? {
        list::push(&mut message.bodies, &mut tail, Owned::<osip_body>::parsed(part, c)?, c)?;
    }
    Ok(())
}

fn length_text(
    length: &mut super::headers::osip_content_length::osip_content_length,
    bytes: usize,
    c: Caller<'_>,
) -> Result<(), Failure> {
    c.store(&mut length.value, bytes.to_string().as_bytes())
}

/// A decimal number at the start of a text; 0 for none, the largest for one that is too large.
fn number(text: &[u8]) -> usize {
    let digits = trim(text).iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0, |n: usize, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0')))
}
