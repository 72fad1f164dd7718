//! From text to struct: the first line, the header lines, the bodies.

use super::cstruct::Owned;
use super::header_table::{HeaderReader, Names};
use super::headers::osip_content_length::osip_content_length;
use super::list::{self, Tail};
use super::osip_body::{boundary, osip_body, parts};
use super::osip_message::{CHANGED, osip_message};
use super::osip_uri::osip_uri;
use super::search::{find_any, split};
use super::text::{is_space, trim};
use crate::abi::ffi::{Caller, Failure};
use std::borrow::Cow;

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

fn read_rest(
    message: &mut osip_message,
    text: &[u8],
    names: Names,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let body = read_headers(message, text, names, c)?;
    read_bodies(message, body, c)?;
    message.message_property = CHANGED;
    Ok(())
}

/// The line before the first CRLF, CR or LF, and what follows; `None` for a line without end.
pub(crate) fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = line_end(text)?;
    Some((&text[..end], &text[end + line_break(&text[end..])..]))
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

/// Reads header lines, each of which may end with CRLF, CR or LF; the answer is what follows the
/// empty line, or nothing where the text ends without one. A line that ends at its colon has
/// no value, one with blanks behind it an empty one.
pub(crate) fn each_header(
    text: &[u8],
    mut with: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), Failure>,
) -> Result<&[u8], Failure> {
    let mut rest = text;
    while let Some(first) = rest.first() {
        if matches!(first, b'\r' | b'\n') {
            return Ok(&rest[line_break(rest)..]);
        }
        let colon = find_any(rest, [b':', b'\r', b'\n']).ok_or(Failure::Syntax)?;
        let mut end = colon;
        let mut next;
        let mut is_folded = false;
        loop {
            end += line_end(&rest[end..]).ok_or(Failure::Syntax)?;
            next = end + line_break(&rest[end..]);
            // A line that begins with a blank continues the one before it.
            if !matches!(rest.get(next), Some(b' ' | b'\t')) {
                break;
            }
            (end, is_folded) = (next, true);
        }
        let line = &rest[..end];
        let (name, value) = if rest[colon] == b':' {
            (&line[..colon], &line[colon + 1..])
        } else {
            split(line, b':').ok_or(Failure::Syntax)?
        };
        // Most values have one blank before them.
        let value = (!value.is_empty()).then(|| trim(value.strip_prefix(b" ").unwrap_or(value)));
        rest = &rest[next..];
        if is_folded {
            with(&unfolded(trim(name)), value.map(unfolded).as_deref())?;
        } else {
            with(name, value)?;
        }
    }
    Ok(&[])
}

/// Where the first CR or LF stands.
#[inline]
fn line_end(text: &[u8]) -> Option<usize> {
    find_any(text, [b'\r', b'\n'])
}

/// How many bytes the line end at the start of a text has.
#[inline]
fn line_break(text: &[u8]) -> usize {
    if text.starts_with(b"\r\n") { 2 } else { 1 }
}

/// A text of several lines as one.
fn unfolded(text: &[u8]) -> Cow<'_, [u8]> {
    if line_end(text).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.iter().map(|b| if is_space(*b) { b' ' } else { *b }).collect())
}

fn read_headers<'t>(
    message: &mut osip_message,
    text: &'t [u8],
    names: Names,
    c: Caller<'_>,
) -> Result<&'t [u8], Failure> {
    let mut reader = HeaderReader::new(message, names, c);
    let has_nul = memchr::memchr(0, text).is_some();
    let added = |name: &[u8], value: Option<&[u8]>| {
        if has_nul && (name.contains(&0) || value.is_some_and(|value| value.contains(&0))) {
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
/// is none. A message that does not say its length gets it: programs look at it unasked.
fn read_bodies(message: &mut osip_message, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
    let Ok(media) =
        c.get(message.content_type).map(|media| (c.text(media.r#type), boundary(media, c)))
    else {
        if message.content_length.is_null() {
            message.content_length = length_of(0, c)?.into_raw();
        }
        return Ok(());
    };
    let text = match c.get(message.content_length) {
        Ok(length) => {
            let length = c.text(length.value).map_or(0, number);
            text.get(..length).ok_or(Failure::Syntax)?
        }
        Err(_) => {
            message.content_length = length_of(text.len(), c)?.into_raw();
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

fn length_of(bytes: usize, c: Caller<'_>) -> Result<Owned<'_, osip_content_length>, Failure> {
    let mut length = Owned::<osip_content_length>::new(c)?;
    c.store(&mut length.value, bytes.to_string().as_bytes())?;
    Ok(length)
}

/// A decimal number at the start of a text; 0 for none, the largest for one that is too large.
fn number(text: &[u8]) -> usize {
    let digits = trim(text).iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0, |n: usize, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0')))
}
