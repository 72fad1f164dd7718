//! Octets that are not UTF-8, in texts that are.
//!
//! Header fields in Latin-1 or GB 2312 are on the wire, though RFC 3261 section 7.3.1 has UTF-8.
//! What came so has to go back so: it is compared octet by octet (section 8.2.6.2) and hashed (RFC
//! 7616). Within the core each such octet is a character of a private plane; on the wire it is
//! itself.

use std::borrow::Cow;

/// The character for octet 0x80 is this much further on. No plane is used less.
const BASE: u32 = 0x10_F700;
/// The first byte of the UTF-8 form of all of them.
const FIRST: u8 = 0xF4;

/// The octet that a character stands for.
fn octet(c: char) -> Option<u8> {
    u32::from(c)
        .checked_sub(BASE)
        .and_then(|octet| u8::try_from(octet).ok())
        .filter(|octet| *octet >= 0x80)
}

fn push(text: &mut String, octets: &[u8]) {
    text.extend(octets.iter().filter_map(|octet| char::from_u32(BASE + u32::from(*octet))));
}

/// Whether `text` may hold characters that stand for octets, or look as if they did.
pub(super) fn may_hold(text: &[u8]) -> bool {
    memchr::memchr(FIRST, text).is_some()
}

/// The text of any octets. [`encode`] gives them back, whatever they are.
pub fn decode(octets: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(octets) {
        if !may_hold(octets) {
            return Cow::Borrowed(text);
        }
    }
    let mut text = String::with_capacity(octets.len() + 32);
    for chunk in octets.utf8_chunks() {
        for c in chunk.valid().chars() {
            match octet(c) {
                // It came as a character of that plane, and is not taken for one of ours.
                Some(_) => push(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => text.push(c),
            }
        }
        push(&mut text, chunk.invalid());
    }
    Cow::Owned(text)
}

/// The octets of a text from [`decode`].
pub fn encode(text: &str) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut octets = Vec::with_capacity(text.len());
    for c in text.chars() {
        match octet(c) {
            Some(octet) => octets.push(octet),
            None => octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(octets)
}

/// A message as it goes out: the octets of its head, and its body as it is. `None`: as it is.
pub fn encode_message(message: &[u8]) -> Option<Vec<u8>> {
    // What begins with another octet is a keep-alive.
    if !may_hold(message) || !message.first().is_some_and(u8::is_ascii_graphic) {
        return None;
    }
    let end = memchr::memmem::find(message, b"\r\n\r\n").unwrap_or(message.len());
    let (head, body) = message.split_at(end);
    let mut octets = encode(std::str::from_utf8(head).ok()?).into_owned();
    octets.extend_from_slice(body);
    Some(octets)
}

/// The text for people: what is not UTF-8 is shown as such.
pub(super) fn readable(c: char) -> char {
    if octet(c).is_some() { char::REPLACEMENT_CHARACTER } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_octets_come_back_as_they_were() {
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        let private = "\u{10f780}\u{10f7ff}\u{10f77f}\u{10f800}\u{f7ff}\u{1f600}é".as_bytes();
        for octets in [&all[..], b"Telef\xf3nica", b"\xf4\x8f", b"\xe9", b"", b"plain", private] {
            let text = decode(octets);
            assert_eq!(&*encode(&text), octets);
            for cut in 0..octets.len() {
                assert_eq!(&*encode(&decode(&octets[cut..])), &octets[cut..]);
            }
        }
        assert!(matches!(decode("é 你好".as_bytes()), Cow::Borrowed("é 你好")));
        assert_eq!(decode(b"a\xe9").chars().count(), 2);
        assert_eq!(decode(b"a\xe9").chars().map(readable).collect::<String>(), "a\u{fffd}");
    }

    #[test]
    fn a_body_and_a_keep_alive_go_out_as_they_are() {
        let head = format!("MESSAGE sip:a SIP/2.0\r\nSubject: {}", decode(b"\xe9"));
        let body = "\r\n\r\n\u{10f780}";
        let wire = encode_message(format!("{head}{body}").as_bytes()).unwrap();
        assert_eq!(wire, [b"MESSAGE sip:a SIP/2.0\r\nSubject: \xe9", body.as_bytes()].concat());
        assert_eq!(encode_message("\u{10f780}".as_bytes()), None);
        assert_eq!(encode_message(b"MESSAGE sip:a SIP/2.0\r\n\r\n"), None);
    }
}
