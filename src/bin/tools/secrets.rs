//! Words about what was typed or written, without showing it: a password may stand in the wrong
//! place.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error as _;
use std::ffi::OsString;

/// What is wrong with a command line: which option, and why, without any value.
pub(crate) fn wrong_usage(error: &clap::Error, arguments: &[OsString]) -> String {
    let option = text(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidValue => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
                format!("{option} takes one of {}", valid.join(", "))
            }
            _ => format!("{option} wants a value"),
        },
        ErrorKind::ValueValidation => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            let why = without_value(&why, text(error, ContextKind::InvalidValue));
            format!("the value of {option} is wrong: {why}")
        }
        ErrorKind::TooManyValues => format!("{option} takes no value"),
        ErrorKind::UnknownArgument => unknown(option, arguments),
        ErrorKind::InvalidSubcommand => "there is no such command".to_owned(),
        // These name options alone.
        _ => one_line(&error.to_string()),
    }
}

/// One that is no option: a word that looks like a name of one is shown up to its value.
fn unknown(argument: &str, arguments: &[OsString]) -> String {
    let name = argument.split('=').next().unwrap_or_default();
    let is_letter = |c: char| c.is_ascii_lowercase() || c == '-';
    let is_name = name.strip_prefix("--").is_some_and(|name| name.chars().all(is_letter));
    if is_name {
        return format!("there is no option {name}");
    }
    let place = arguments.iter().position(|one| one == argument);
    let place = place.map_or(String::new(), |place| format!(" {place}"));
    format!("argument{place} belongs to no option; a value with blanks wants quotes")
}

/// Why a value is refused, where the sentence does not show it.
fn without_value(why: &str, value: &str) -> String {
    match why.strip_prefix(value) {
        Some(rest) if rest.starts_with(" is not in ") => format!("it{rest}"),
        _ if !value.is_empty() && why.contains(value) => "it cannot be read".to_owned(),
        _ => why.to_owned(),
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

/// Without the usage that clap adds.
fn one_line(text: &str) -> String {
    let text = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = text.trim_start_matches("error: ").split_whitespace().collect();
    words.join(" ")
}

/// What the library says of options, without the values that it quotes.
pub(crate) fn without_values(why: &str) -> String {
    match (why.find('"'), why.rfind('"')) {
        (Some(begin), Some(end)) if begin < end => {
            let (before, after) = (why.get(..begin), why.get(end + 1..));
            [before.unwrap_or("").trim_end(), after.unwrap_or("")].concat()
        }
        _ => why.to_owned(),
    }
}

/// Why a URI is refused.
pub(crate) const URI_PASSWORD: &str =
    "a URI with a password in it is refused, as it is shown, logged and sent";

/// Whether there is a SIP URI with a password (RFC 3261 section 19.1.1) in a text. It would stand
/// in what is shown, logged and sent.
pub(crate) fn has_uri_password(text: &str) -> bool {
    let is_scheme = |before: &str| {
        let ends = |scheme: &str| {
            let begin = before.len().checked_sub(scheme.len());
            let end = begin.and_then(|begin| before.get(begin..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(scheme))
        };
        ends("sip") || ends("sips")
    };
    let has_password = |rest: &str| {
        let end = rest.find(['@', '>', '"', ',', ' ', '\t']).unwrap_or(rest.len());
        let (user, after) = rest.split_at(end);
        after.starts_with('@') && user.contains(':')
    };
    let colons = text.match_indices(':').map(|(at, _)| text.split_at(at));
    colons.into_iter().any(|(before, rest)| is_scheme(before) && has_password(&rest[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_uri_is_seen_wherever_it_stands() {
        for with in [
            "sip:alice:pw@h",
            "SIPS:alice:pw@h",
            "Alice <sip:alice:pw@h;lr>;q=1",
            "<sip:p.test;lr>, <sip:a:b@h>",
            "sip:a;x=1:pw@h",
        ] {
            assert!(has_uri_password(with), "{with}");
        }
        for without in [
            "sip:alice@h",
            "sip:alice@h:5060",
            "sip:h:5060",
            "<sip:h:5060;lr>, <sip:alice@h>",
            "\"a:b@c\" <sip:alice@h>",
            "alice:pw@h",
            "sip:",
        ] {
            assert!(!has_uri_password(without), "{without}");
        }
    }

    #[test]
    fn a_sentence_of_the_library_loses_its_values() {
        assert_eq!(
            without_values("the header \"a: \"b\"\" has no colon"),
            "the header has no colon"
        );
        assert_eq!(without_values("no value"), "no value");
    }
}
