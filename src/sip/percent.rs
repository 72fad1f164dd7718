//! Percent-escapes in URIs (RFC 3261 section 19.1.2).

use super::octets::decode;
use super::search;
use std::borrow::Cow;

/// `%41` as `A`; a broken escape stays.
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    match decoded(text.as_bytes(), |_| true) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(plain) => String::from_utf8(plain)
            .unwrap_or_else(|error| decode(error.as_bytes()).into_owned())
            .into(),
    }
}

/// The same for octets that are to become a C text: `%00`, which that cannot hold, stays too.
pub fn percent_decoded_text(text: &[u8]) -> Cow<'_, [u8]> {
    decoded(text, |octet| octet != 0)
}

fn decoded(text: &[u8], resolves: impl Fn(u8) -> bool) -> Cow<'_, [u8]> {
    let Some(first) = search::find(text, b'%') else { return Cow::Borrowed(text) };
    let (before, mut rest) = text.split_at(first);
    let mut plain = Vec::with_capacity(text.len());
    plain.extend_from_slice(before);
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        match escaped(behind) {
            Some(octet) if *byte == b'%' && resolves(octet) => {
                plain.push(octet);
                rest = &behind[2..];
            }
            _ => plain.push(*byte),
        }
    }
    Cow::Owned(plain)
}

/// The value of two hex digits.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}
