//! Text of others, for messages to people.

use super::octets::readable;

/// The longest text that is quoted, in characters.
const MAX_CHARS: usize = 80;

/// The beginning of `text` as one line of printable characters.
pub fn excerpt(text: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { readable(c) };
    text.chars().map(printable).take(MAX_CHARS).collect()
}
