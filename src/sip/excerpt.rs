//! Text of others, for messages to people.

use super::octets::readable;
use std::borrow::Cow;

/// The longest text that is quoted, in characters.
const MAX_CHARS: usize = 80;

/// The beginning of `text` as one line of printable characters.
pub fn excerpt(text: &str) -> String {
    text.chars().map(|c| printable(c, ' ')).take(MAX_CHARS).collect()
}

/// All of `text` as one line, with `?` for each character that could end the line or command a
/// terminal.
pub fn one_printable_line(text: &str) -> Cow<'_, str> {
    // All bytes are looked at, several at a time; most texts are ASCII.
    if !text.bytes().fold(false, |found, b| found | !matches!(b, b' '..=b'~')) {
        return text.into();
    }
    text.chars().map(|c| printable(c, '?')).collect()
}

/// The character as it may be shown: `instead` of a control character of C0 or C1, and of the
/// separators and directional formatting of Unicode; U+FFFD for an octet that is not UTF-8.
fn printable(c: char, instead: char) -> char {
    match c {
        ' '..='~' => c,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => instead,
        c if c.is_control() => instead,
        c => readable(c),
    }
}

#[cfg(test)]
mod tests {
    use super::super::octets::decode;
    use super::*;

    #[test]
    fn controls_of_c0_and_c1_and_octets_for_them_are_replaced() {
        for c in (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32) {
            assert_eq!(excerpt(&format!("a{c}b")), "a b");
            assert_eq!(one_printable_line(&format!("a{c}b")), "a?b");
        }
        for octet in 0x80..0xa0 {
            let text = decode(&[b'a', octet, b'b']).into_owned();
            assert_eq!(excerpt(&text), "a\u{fffd}b");
            assert_eq!(one_printable_line(&text), "a\u{fffd}b");
        }
        assert_eq!(one_printable_line("a\u{202e}b\u{2028}c"), "a?b?c");
        assert_eq!(one_printable_line("Telef\u{f3}nica"), "Telef\u{f3}nica");
    }
}
