//! Errors of the system in words.

use std::io;

/// The system's text for `error`, without Rust's "(os error 111)".
pub(crate) fn error_text(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_error_is_left_out() {
        assert_eq!(
            error_text(&io::Error::from_raw_os_error(libc::ECONNREFUSED)),
            "Connection refused"
        );
        assert_eq!(error_text(&io::Error::other("any")), "any");
    }
}
