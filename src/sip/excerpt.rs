//! Text of others, for messages to people.

/// The longest text that is quoted, in characters.
const LONGEST: usize = 80;

/// The beginning of `text` as one line of printable characters.
pub fn excerpt(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}
