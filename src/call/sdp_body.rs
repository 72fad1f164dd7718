//! The session description in the body of a message.

use crate::sip::{Message, Params, unquote};

/// The body of `message` if that is `application/sdp`, or the first such part of a multipart body
/// (RFC 5621 section 3, RFC 2046 section 5.1).
pub fn sdp_of<'a>(message: &Message<'a>) -> Option<&'a [u8]> {
    let (kind, params) = media_type(message.header("Content-Type")?);
    if is_sdp(kind) {
        return Some(message.body).filter(|body| !body.is_empty());
    }
    let is_multipart = kind.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/"));
    let boundary = unquote(params.get("boundary").filter(|_| is_multipart)?);
    if boundary.is_empty() {
        return None;
    }
    let mut parts = BodyParts { rest: message.body, boundary: boundary.as_bytes() };
    parts.skip_part()?;
    std::iter::from_fn(|| parts.next_part()).find_map(described)
}

/// A media type without its parameters, and those.
fn media_type(value: &str) -> (&str, Params<'_>) {
    let (kind, params) = value.split_at(value.find(';').unwrap_or(value.len()));
    (kind.trim(), Params::new(params))
}

fn is_sdp(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("application/sdp")
}

/// The description in one part: its header lines, an empty line, its body.
fn described(part: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut is_description) = (part, false);
    loop {
        let (line, behind) = first_line(rest)?;
        rest = behind;
        if line.is_empty() {
            return Some(rest).filter(|body| is_description && !body.is_empty());
        }
        let line = std::str::from_utf8(line).unwrap_or("");
        if let Some((name, value)) = line.split_once(':') {
            let is_type =
                ["Content-Type", "c"].iter().any(|of| name.trim().eq_ignore_ascii_case(of));
            is_description |= is_type && is_sdp(media_type(value).0);
        }
    }
}

/// The parts of a multipart body, one after the other.
struct BodyParts<'a, 'b> {
    rest: &'a [u8],
    boundary: &'b [u8],
}

impl<'a> BodyParts<'a, '_> {
    /// What stands before the first delimiter is no part.
    fn skip_part(&mut self) -> Option<()> {
        self.next_part().map(|_| ())
    }

    /// What stands before the next delimiter line, whose line end belongs to it. `None`: the last
    /// delimiter is passed, or none follows.
    fn next_part(&mut self) -> Option<&'a [u8]> {
        let (text, mut at) = (self.rest, 0);
        while let Some((line, behind)) = first_line(&text[at..]) {
            let delimiter =
                line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(self.boundary));
            if let Some(padding) = delimiter.filter(|padding| is_padding(padding)) {
                self.rest = if padding.starts_with(b"--") { &[] } else { behind };
                return Some(without_line_end(&text[..at]));
            }
            at = text.len() - behind.len();
        }
        self.rest = &[];
        None
    }
}

/// What may follow the boundary: the mark of the last one, and blanks.
fn is_padding(text: &[u8]) -> bool {
    text.strip_prefix(b"--").unwrap_or(text).trim_ascii().is_empty()
}

fn without_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// The first line without its end, and what follows. `None` at the end of the text.
fn first_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    let end = memchr::memchr(b'\n', text);
    let (line, rest) = text.split_at(end.map_or(text.len(), |end| end + 1));
    Some((without_line_end(line), rest))
}
