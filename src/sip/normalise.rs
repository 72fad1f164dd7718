//! From a datagram to a text that [`super::Message::parse`] reads in one pass.

use super::octets::decode;
use std::borrow::Cow;

/// Makes a datagram fit for [`super::Message::parse`]. Borrows where nothing is to do.
///
/// Folded lines are joined by a blank, bare CR or LF in the head made CRLF, leading empty lines
/// dropped. Octets of the head that are not UTF-8 are decoded ([`super::octets`]), a NUL is read as
/// U+FFFD. The body is not touched.
pub fn normalise(datagram: &[u8]) -> Cow<'_, [u8]> {
    let first = datagram.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(datagram.len());
    let text = &datagram[first..];
    match clean_head(text) {
        Some(end) if matches!(decode(&text[..end]), Cow::Borrowed(_)) => Cow::Borrowed(text),
        _ => Cow::Owned(rewrite(text)),
    }
}

/// Where the body starts, if every line of the head ends in CRLF and none is folded.
fn clean_head(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(n) = memchr::memchr3(b'\r', b'\n', 0, &text[at..]) {
        let line_is_empty = n == 0;
        at += n;
        if text[at] != b'\r' || text.get(at + 1) != Some(&b'\n') {
            return None;
        }
        at += 2;
        if line_is_empty {
            return Some(at);
        }
        if matches!(text.get(at), Some(b' ' | b'\t')) {
            return None;
        }
    }
    Some(text.len())
}

fn rewrite(text: &[u8]) -> Vec<u8> {
    let mut head = Vec::with_capacity(text.len() + 64);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
        let line = &rest[..end.unwrap_or(rest.len())];
        let folded = !head.is_empty() && matches!(line.first(), Some(b' ' | b'\t'));
        if folded && head.ends_with(b"\r\n") {
            head.truncate(head.len() - 2);
            head.truncate(head.trim_ascii_end().len());
            head.push(b' ');
        }
        head.extend_from_slice(if folded { line.trim_ascii_start() } else { line });
        let Some(end) = end else {
            rest = b"";
            break;
        };
        head.extend_from_slice(b"\r\n");
        rest = &rest[end + if rest[end..].starts_with(b"\r\n") { 2 } else { 1 }..];
        if line.is_empty() {
            break;
        }
    }
    let mut text = match decode(&head) {
        Cow::Borrowed(plain) if !plain.contains('\0') => head,
        decoded => decoded.replace('\0', "\u{fffd}").into_bytes(),
    };
    text.extend_from_slice(rest);
    text
}
