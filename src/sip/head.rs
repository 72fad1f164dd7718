//! The head of a message, read line by line (RFC 3261 section 7).

use super::octets::may_hold;
use super::params::{cut, find_colon, trim};
use super::search;
use super::{Field, Header, StartLine, SyntaxError, normalise};
use std::borrow::Cow;
use std::ops::Range;

/// What a message is read into.
pub(super) trait ReadMessage<'a>: Sized {
    /// Takes the first line of `text`; the next begins at `behind`.
    fn begin(text: &'a str, start: StartLine<'a>, behind: usize) -> Self;

    /// Takes the next header line, which stands at `place` in the text, its end included.
    fn push(&mut self, header: Header<'a>, place: Range<usize>);

    /// Takes the body, once all header lines were read but those `skipped` that are none.
    fn end(&mut self, body: &'a [u8], skipped: usize);
}

/// Reads a datagram as it came. `room` holds its text where that had to be normalised first;
/// mostly one pass over the datagram is all.
pub(super) fn read_datagram<'a, M: ReadMessage<'a>>(
    datagram: &'a [u8],
    room: &'a mut Vec<u8>,
) -> Result<M, SyntaxError> {
    let first = datagram.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(datagram.len());
    // Lines that are all clean, none of them begun with a blank, are as they would be normalised.
    if !may_hold(datagram) {
        if let Ok(clean) = read::<M, true>(&datagram[first..]) {
            return Ok(clean);
        }
    }
    match normalise(datagram) {
        Cow::Borrowed(text) => read_normalised(text),
        Cow::Owned(text) => {
            *room = text;
            read_normalised(room)
        }
    }
}

/// The same for a text that was normalised.
pub(super) fn read_normalised<'a, M: ReadMessage<'a>>(text: &'a [u8]) -> Result<M, SyntaxError> {
    read::<M, false>(text)
}

/// `IS_CLEAN`: all lines must be as [`clean_line`] wants them.
fn read<'a, M: ReadMessage<'a>, const IS_CLEAN: bool>(text: &'a [u8]) -> Result<M, SyntaxError> {
    // The body may be anything: only the head must be text.
    let (readable, all_readable) = match std::str::from_utf8(text) {
        Ok(readable) => (readable, true),
        Err(odd) => (std::str::from_utf8(&text[..odd.valid_up_to()]).unwrap_or(""), false),
    };
    let torn = if all_readable { "head: last line cut off" } else { "head: not UTF-8" };
    let torn = SyntaxError { what: torn };
    let cut_line = |rest| if IS_CLEAN { clean_line(rest) } else { any_line(rest) };
    let is_end = |rest: &str| rest.is_empty() && all_readable;
    let (first, mut rest) =
        if is_end(readable) { ("", "") } else { cut_line(readable).ok_or(torn)? };
    let place = |rest: &str| readable.len() - rest.len();
    let mut message = M::begin(readable, start_line(first)?, place(rest));
    let (mut skipped, mut length) = (0, None);
    while !is_end(rest) {
        let start = place(rest);
        let (line, behind) = cut_line(rest).ok_or(torn)?;
        rest = behind;
        if line.is_empty() {
            break;
        }
        let Some(header) = header_line(line) else {
            skipped += 1;
            continue;
        };
        if header.field == Field::ContentLength {
            length = body_length(header.value, length)?;
        }
        message.push(header, start..place(rest));
    }
    let body = &text[place(rest)..];
    let length = length.unwrap_or(body.len());
    let beyond = SyntaxError { what: "Content-Length: beyond the datagram" };
    message.end(body.get(..length).ok_or(beyond)?, skipped);
    Ok(message)
}

/// What Content-Length says, and `before` it another one. One that is no number is ignored: a
/// datagram ends with its body (RFC 3261 section 18.3).
fn body_length(value: &str, before: Option<usize>) -> Result<Option<usize>, SyntaxError> {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(before);
    }
    // A number beyond usize is beyond the datagram as well.
    let number = value.parse().unwrap_or(usize::MAX);
    match before {
        Some(before) if before != number => {
            Err(SyntaxError { what: "Content-Length: two that differ" })
        }
        _ => Ok(Some(number)),
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
/// another: as [`normalise()`] leaves it.
#[inline(always)]
fn clean_line(text: &str) -> Option<(&str, &str)> {
    if text.starts_with([' ', '\t']) {
        return None;
    }
    let end = search::find3(text.as_bytes(), [b'\r', b'\n', 0])?;
    Some((&text[..end], text[end..].strip_prefix("\r\n")?))
}

/// Reads a header line. `None`: a line without a colon or without a name is none.
#[inline(always)]
fn header_line(line: &str) -> Option<Header<'_>> {
    let is_blank = |b: Option<&u8>| matches!(b, Some(b' ' | b'\t'));
    let colon = find_colon(line.as_bytes())?;
    let (mut name, value) = (&line[..colon], &line[colon + 1..]);
    while is_blank(name.as_bytes().last()) {
        name = &name[..name.len() - 1];
    }
    if name.is_empty() || is_blank(name.as_bytes().first()) {
        return None;
    }
    // Nearly all values begin behind one blank.
    let value = trim(value.strip_prefix(' ').unwrap_or(value));
    Some(Header { name, value, field: Field::of(name.as_bytes()) })
}
