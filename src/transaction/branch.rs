//! The branch that the answers to a request are known by (RFC 3261 section 8.1.1.7).

use crate::sip::push_hex;

/// The branch with this number.
pub(crate) fn branch_text(number: u128) -> String {
    let mut text = String::with_capacity(39);
    text.push_str("z9hG4bK");
    push_hex(&mut text, number);
    text
}

/// What each of these hex digits is worth, in whatever case; a few instructions for all of them.
fn worths(text: &[u8; 32]) -> Option<[u8; 32]> {
    let (mut worths, mut all) = ([0; 32], true);
    for (worth, byte) in worths.iter_mut().zip(text) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 6;
        all &= letter | (byte.wrapping_sub(b'0') < 10);
        *worth = (byte & 0x0f) + if letter { 9 } else { 0 };
    }
    all.then_some(worths)
}

/// The number that eight hex digits of these worths write.
fn eight_digits(worths: [u8; 8]) -> u64 {
    let worth = u64::from_be_bytes(worths);
    let worth = (worth | worth >> 4) & 0x00ff_00ff_00ff_00ff;
    let worth = (worth | worth >> 8) & 0x0000_ffff_0000_ffff;
    (worth | worth >> 16) & 0xffff_ffff
}

/// The number in a branch of ours; `None` for any other text.
pub(crate) fn branch_number(branch: &str) -> Option<u128> {
    let (cookie, hex) = branch.as_bytes().split_first_chunk::<7>()?;
    let worths = worths(hex.try_into().ok()?)?;
    let ([a, b, c, d], []) = worths.as_chunks::<8>() else { return None };
    let half = |high: [u8; 8], low: [u8; 8]| eight_digits(high) << 32 | eight_digits(low);
    let number = u128::from(half(*a, *b)) << 64 | u128::from(half(*c, *d));
    cookie.eq_ignore_ascii_case(b"z9hG4bK").then_some(number)
}

/// The branch in a request of ours, of which only the beginning may have come back.
pub(crate) fn branch_in(bytes: &[u8]) -> Option<u128> {
    let head = &bytes[..bytes.len().min(2048)];
    let at = head.windows(14).position(|window| window == b"branch=z9hG4bK")? + 7;
    std::str::from_utf8(head.get(at..at + 39)?).ok().and_then(branch_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_has_the_digits_of_the_language_wherever_a_byte_stands() {
        for byte in 0..=0x7f_u8 {
            for (at, other) in (0..32).flat_map(|at| ["0", "9", "a", "F"].map(|other| (at, other))) {
                let mut hex = other.repeat(32);
                hex.replace_range(at..=at, &char::from(byte).to_string());
                let number = u128::from_str_radix(&hex, 16).ok().filter(|_| byte != b'+');
                assert_eq!(branch_number(&format!("z9hG4bK{hex}")), number, "{hex:?}");
            }
        }
        assert_eq!(worths(&[0xe4; 32]), None);
        let mixed = branch_number("z9hG4bK0123456789abcdefFEDCBA9876543210");
        assert_eq!(mixed, Some(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210));
    }

    #[test]
    fn a_branch_of_ours_is_known_by_its_number() {
        for number in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210] {
            let text = branch_text(number);
            assert_eq!(branch_number(&text), Some(number));
            assert_eq!(
                branch_number(&text.to_uppercase()),
                Some(number),
                "a server may have changed the case"
            );
            for at in 0..text.len() {
                for odd in ["", "+", "x", " ", "é", "00"] {
                    let mut other = text.clone();
                    other.replace_range(at..=at, odd);
                    assert_eq!(branch_number(&other), None, "{other}");
                }
            }
        }
    }
}
