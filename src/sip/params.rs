//! `;name=value` parameters, quoted strings and comma lists (RFC 3261 section 25.1).

use super::search;
use std::borrow::Cow;

/// Strips the linear white space of SIP, and nothing that Unicode calls white beyond it.
#[inline]
pub(super) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if !is_white(*first) && !is_white(*last) => text,
        _ => trim_ends(text),
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn trim_ends(text: &str) -> &str {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|b| !is_white(*b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_white(*b)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// Appends `number` in decimal digits.
pub fn push_number(out: &mut String, number: u32) {
    let mut place = 1;
    while number / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        out.push(char::from(b'0' + (number / place % 10) as u8));
        place /= 10;
    }
}

/// What stands before and behind the first `at`, an ASCII character.
pub(super) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let found = find(text, at)?;
    Some((&text[..found], &text[found + 1..]))
}

/// The place of the first `byte`, an ASCII character.
pub(super) fn find(text: &str, byte: u8) -> Option<usize> {
    search::find(text.as_bytes(), byte)
}

/// The place of the first `:` of a header line.
#[inline]
pub(super) fn find_colon(line: &[u8]) -> Option<usize> {
    // Most names are short: a few comparisons, one after the other, find their end sooner than a
    // search for many bytes at a time is set up.
    let start = line.first_chunk::<16>();
    let found = start.and_then(|start| start.iter().position(|b| *b == b':'));
    found.or_else(|| search::find(line, b':'))
}

/// The index behind the quoted string that opens at `at`; the end of the text where it never
/// closes.
pub(super) fn quoted_end(text: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < text.len() {
        match text[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

/// The index behind the comment that opens at `at`, comments inside it included; the end of the
/// text where it never closes.
pub(super) fn comment_end(text: &[u8], at: usize) -> usize {
    let (mut i, mut depth) = (at, 0usize);
    while i < text.len() {
        match text[i] {
            b'\\' => i += 1,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        i += 1;
        if depth == 0 {
            return i;
        }
    }
    text.len()
}

/// The first `stop` outside quoted strings.
fn find_unquoted(text: &str, stop: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        i += search::find2(&bytes[i..], [stop, b'"'])?;
        if bytes[i] == stop {
            return Some(i);
        }
        i = quoted_end(bytes, i);
    }
    None
}

/// Whether two words are one, without case; mostly they are letter for letter.
#[inline]
pub fn same_word(one: &str, other: &str) -> bool {
    one.len() == other.len() && (one == other || differ_in_case(one, other))
}

/// The rest of [`same_word`], for words of one length.
#[inline(never)]
fn differ_in_case(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The parameters behind a header value or URI, read on demand; names compare without case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// `text` is empty or starts at the first `;`.
    pub fn new(text: &'a str) -> Self {
        Params(text)
    }
    /// The text as given.
    pub fn as_str(self) -> &'a str {
        self.0
    }
    /// The value of `name`, as written (quotes kept); `Some("")` for a parameter without value.
    #[inline(never)] // It is called in many places.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.iter().find(|(n, _)| same_word(n, name)).map(|(_, v)| v.unwrap_or(""))
    }
    /// Each parameter in order: name and, where there is a `=`, the value as written. Empty ones
    /// (`;;`) are skipped.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let mut rest = self.0.strip_prefix(';').unwrap_or(self.0);
        std::iter::from_fn(move || {
            loop {
                if rest.is_empty() {
                    return None;
                }
                let (name, value, end) = first_param(rest);
                rest = rest.get(end + 1..).unwrap_or("");
                if !name.is_empty() || value.is_some() {
                    return Some((name, value));
                }
            }
        })
    }
}

/// Name and value of the parameter that `text` begins with, and where it ends: at the first `;`
/// outside quoted strings.
#[inline]
fn first_param(text: &str) -> (&str, Option<&str>, usize) {
    // Names are short: their end is found sooner than a search for it is set up.
    let ends_name = |b: u8| b <= b'=' && matches!(b, b'=' | b';' | b'"');
    let name = text.bytes().position(ends_name).unwrap_or(text.len());
    match text.as_bytes().get(name) {
        Some(b'=') => {
            let value = &text[name + 1..];
            let end = find_unquoted(value, b';').unwrap_or(value.len());
            (trim(&text[..name]), Some(trim(&value[..end])), name + 1 + end)
        }
        Some(b'"') => {
            // A quoted string where a name should be. What it holds is taken apart all the same.
            let end = find_unquoted(text, b';').unwrap_or(text.len());
            match cut(trim(&text[..end]), b'=') {
                Some((name, value)) => (trim(name), Some(trim(value)), end),
                None => (trim(&text[..end]), None, end),
            }
        }
        _ => (trim(&text[..name]), None, name),
    }
}

/// The elements of a comma list, trimmed; commas in quotes, `<…>` and comments do not count. Empty
/// elements are skipped.
pub fn split_list(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = element_end(rest.as_bytes());
            let one = trim(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or("");
            if !one.is_empty() {
                return Some(one);
            }
        }
        None
    })
}

fn element_end(text: &[u8]) -> usize {
    // Most values have no comma at all.
    if search::find(text, b',').is_none() {
        return text.len();
    }
    let mut i = 0;
    while i < text.len() {
        match text[i] {
            b'"' => i = quoted_end(text, i),
            b'(' => i = comment_end(text, i),
            b'<' => i = text[i..].iter().position(|&b| b == b'>').map_or(text.len(), |n| i + n),
            b',' => return i,
            _ => i += 1,
        }
    }
    text.len()
}

/// The text inside a quoted string, with quoted pairs resolved; a text without quotes as it is.
pub fn unquote(text: &str) -> Cow<'_, str> {
    match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inner) => unescape(inner),
        None => Cow::Borrowed(text),
    }
}

/// `text`, the inside of a quoted string, with its quoted pairs resolved.
pub fn unescape(text: &str) -> Cow<'_, str> {
    // All bytes are looked at, several at a time; most texts are short and have none.
    if !text.bytes().fold(false, |found, byte| found | (byte == b'\\')) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    Cow::Owned(plain)
}

/// `text` as a quoted string: in quotes, `"` and `\` escaped.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A number of seconds (`delta-seconds`); beyond u32 is `u32::MAX`. A comment or parameters behind
/// it are allowed, and what has one meaning all the same: quotes around it, and a fraction, which
/// is dropped. Anything else is no number.
pub fn delta_seconds(text: &str) -> Option<u32> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = trim(text);
    let text = match text.strip_prefix('"') {
        Some(quoted) => trim(cut(quoted, b'"')?.0),
        None => text,
    };
    let (number, mut rest) = text.split_at(digits(text));
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = &fraction[digits(fraction)..];
    }
    if number.is_empty() || !(rest.is_empty() || rest.starts_with([' ', '\t', ';', '('])) {
        return None;
    }
    Some(number.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3261 section 25.1 to the letter: cut at each `;` outside quoted strings, then at the
    /// first `=`.
    fn plainly(text: &str) -> Vec<(&str, Option<&str>)> {
        let (mut all, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let end = find_unquoted(rest, b';').unwrap_or(rest.len());
            let one = trim_ends(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or("");
            match one.split_once('=') {
                _ if one.is_empty() => {}
                Some((name, value)) => all.push((trim_ends(name), Some(trim_ends(value)))),
                None => all.push((one, None)),
            }
        }
        all
    }

    #[test]
    fn parameters_are_what_stands_between_semicolons_whatever_the_text() {
        const LETTERS: [&str; 8] = [";", "=", "\"", "\\", " ", "a", "B1", "\u{e9}"];
        let mut texts = vec![String::new()];
        for length in 0..6 {
            let longest = texts.iter().filter(|text| text.chars().count() >= length).cloned();
            let more: Vec<String> =
                longest.flat_map(|text| LETTERS.map(|letter| format!("{text}{letter}"))).collect();
            texts.extend(more);
            texts.sort();
            texts.dedup();
        }
        assert!(texts.len() > 200_000);
        for text in &texts {
            assert_eq!(Params::new(text).iter().collect::<Vec<_>>(), plainly(text), "{text:?}");
        }
    }
}
