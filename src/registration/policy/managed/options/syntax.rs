//! Whether texts of the options are what their RFCs have.

use crate::sip::Params;

/// RFC 4122 section 3: 8-4-4-4-12 hex digits.
pub(super) fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// RFC 3261 section 25.1: a character of a token.
pub(super) fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b)
}

/// RFC 3261 section 25.1: 0 to 1 with at most three digits behind the point.
pub(super) fn is_qvalue(text: &str) -> bool {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|b| b.is_ascii_digit());
    digits && (whole == "0" || (whole == "1" && rest.bytes().all(|b| b == b'0')))
}

/// Whether `text` is `;name=value` again and again, and ends nothing but itself.
pub(super) fn are_params(text: &str) -> bool {
    let is_value = |value: &str| match value.strip_prefix('"') {
        Some(rest) => {
            // A quoted string: it ends where it says, and nowhere before.
            let mut escaped = false;
            let end = rest.char_indices().find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            end.is_some_and(|(at, _)| at + 1 == rest.len())
        }
        None => !value.contains(['"', '<', '>', ',', ' ', '\\']),
    };
    let plain = !text.chars().any(char::is_control);
    plain
        && Params::new(text).iter().all(|(name, value)| {
            !name.is_empty() && name.bytes().all(is_token) && value.is_none_or(is_value)
        })
}
