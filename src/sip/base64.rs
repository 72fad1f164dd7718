//! Base64 (RFC 4648 section 4).

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` in base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(chunk.get(at).copied().unwrap_or_default())
        });
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[bits >> (18 - 6 * digit) & 63]));
        }
    }
    while text.len() % 4 != 0 {
        text.push('=');
    }
    text
}

/// The first bytes that `text` says in base64, as many as `bytes` has room for; `None`: it says
/// fewer, or has another character before that.
pub(crate) fn base64_decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (mut bytes, mut filled) = ([0; N], 0);
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes() {
        if filled == N {
            break;
        }
        let value = DIGITS.iter().position(|one| *one == digit)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes[filled] = (bits >> count) as u8;
            filled += 1;
        }
    }
    (filled == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn as_many_bytes_are_read_as_there_is_room_for() {
        assert_eq!(base64_decoded::<6>("Zm9vYmFy"), Some(*b"foobar"));
        assert_eq!(base64_decoded::<5>("Zm9vYmFy"), Some(*b"fooba"));
        assert_eq!(base64_decoded::<4>("Zm9vYg=="), Some(*b"foob"));
        assert_eq!(base64_decoded::<4>("Zm9vYg"), Some(*b"foob"));
        assert_eq!(base64_decoded::<5>("Zm9vYg=="), None);
        assert_eq!(base64_decoded::<3>("Zm 9v"), None);
        assert_eq!(base64_decoded::<3>("Zm9\u{e9}"), None);
        assert_eq!(base64_decoded::<0>("?"), Some([]));
        assert_eq!(base64_decoded::<1>(""), None);
    }
}
