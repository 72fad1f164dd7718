//! The small grammar that header values share: blanks, quotes, `;name=value`, `%41` (RFC 3261
//! section 25.1).

use super::cstruct::Owned;
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::osip_uri::osip_uri_param;
use crate::abi::ffi::{Caller, Failure};

/// Blank, tab, CR and LF.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without blanks at both ends.
#[inline(always)]
pub(crate) fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

/// Where `byte` stands first.
#[inline]
pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
    // SAFETY: reads within the slice; for an empty one nothing.
    let at = unsafe { libc::memchr(text.as_ptr().cast(), byte.into(), text.len()) };
    (!at.is_null()).then(|| at.addr() - text.as_ptr().addr())
}

/// Where the first CR or LF stands.
#[inline]
pub(crate) fn line_end(text: &[u8]) -> Option<usize> {
    memchr::memchr2(b'\r', b'\n', text)
}

/// What stands before and behind the first `byte`.
#[inline]
pub(crate) fn split(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    find(text, byte).map(|at| (&text[..at], &text[at + 1..]))
}

/// Behind the quote that closes the one at `text[0]`; `None` when it stays open.
pub(crate) fn quoted_end(text: &[u8]) -> Option<usize> {
    let end = 1 + find(text.get(1..)?, b'"')?;
    if find(&text[..end], b'\\').is_none() {
        return Some(end + 1);
    }
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Where `byte` stands first outside of quoted strings. An open quote hides all that follows.
#[inline]
pub(crate) fn find_unquoted(text: &[u8], byte: u8) -> Option<usize> {
    let first = find(text, byte)?;
    if find(&text[..first], b'"').is_none() { Some(first) } else { find_beside_quotes(text, byte) }
}

fn find_beside_quotes(text: &[u8], byte: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at) {
        if *found == byte {
            return Some(at);
        }
        at += if *found == b'"' { quoted_end(&text[at..])? } else { 1 };
    }
    None
}

/// Takes the text before `byte`, quotes respected; `rest` goes on behind it, and is empty at the
/// end.
fn take<'t>(rest: &mut &'t [u8], byte: u8) -> &'t [u8] {
    let text = *rest;
    let end = find_unquoted(text, byte).unwrap_or(text.len());
    *rest = text.get(end + 1..).unwrap_or_default();
    &text[..end]
}

/// The elements of a comma list: commas in quotes or `<…>` do not count, empty elements are
/// skipped.
pub(crate) fn elements(text: &[u8], angles: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut at, mut depth) = (0, 0_usize);
        while let Some(byte) = text.get(at) {
            match byte {
                b',' if depth == 0 => break,
                b'<' if angles => depth = 1,
                b'>' if angles => depth = 0,
                b'"' => {
                    at += quoted_end(&text[at..]).unwrap_or(text.len() - at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        rest = text.get(at + 1..);
        Some(trim(&text[..at]))
    })
    .filter(|element| !element.is_empty())
}

/// Appends one parameter.
#[inline]
pub(crate) fn add_param(
    list: &mut osip_list_t,
    tail: &mut Tail,
    name: &[u8],
    value: Option<&[u8]>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut param = Owned::<osip_uri_param>::new(c)?;
    param.gname = c.new_text(name)?.into_raw();
    if let Some(value) = value {
        param.gvalue = c.new_text(value)?.into_raw();
    }
    list::push(list, tail, param, c).map(|_| ())
}

/// Reads `;name=value;name`, `text` being empty or beginning with `;`. A `=` without value is a
/// parameter without one. Error: a parameter without a name, except for a last `;`.
pub(crate) fn read_params(text: &[u8], list: &mut osip_list_t, c: Caller<'_>) -> Result<(), Failure> {
    let mut rest = text.get(1..).unwrap_or_default();
    let mut tail = Tail::unknown();
    while !rest.is_empty() {
        let param = trim(take(&mut rest, b';'));
        if param.is_empty() && rest.is_empty() {
            break;
        }
        let (name, value) =
            split(param, b'=').map_or((param, None), |(name, value)| (name, Some(trim(value))));
        let name = trim(name);
        if name.is_empty() {
            return Err(Failure::Syntax);
        }
        add_param(list, &mut tail, name, value.filter(|v| !v.is_empty()), c)?;
    }
    Ok(())
}

/// Writes each parameter behind `separator`; those without a name are left out.
pub(crate) fn write_params(list: &osip_list_t, separator: &[u8], out: &mut Vec<u8>, c: Caller<'_>) {
    for param in list::items::<osip_uri_param>(list, c) {
        let Some(name) = c.text(param.gname) else { continue };
        out.extend_from_slice(separator);
        out.extend_from_slice(name);
        if let Some(value) = c.text(param.gvalue) {
            out.push(b'=');
            out.extend_from_slice(value);
        }
    }
}

/// The parameter of that name, without case.
pub(crate) fn param<'a>(list: &osip_list_t, name: &[u8], c: Caller<'a>) -> Option<&'a osip_uri_param> {
    list::items::<osip_uri_param>(list, c)
        .find(|param| c.text(param.gname).is_some_and(|found| found.eq_ignore_ascii_case(name)))
}

/// The bytes that are written as they are.
pub(crate) struct Plain([bool; 256]);

impl Plain {
    /// Letters, digits, the marks of RFC 3261 and what is in `also`.
    pub(crate) const fn and(also: &[u8]) -> Self {
        let mut plain = [false; 256];
        let mut at = 0;
        while at < 256 {
            plain[at] = (at as u8).is_ascii_alphanumeric();
            at += 1;
        }
        Self(plain).with(b"-_.!~*'()").with(also)
    }

    const fn with(mut self, also: &[u8]) -> Self {
        let mut at = 0;
        while at < also.len() {
            self.0[also[at] as usize] = true;
            at += 1;
        }
        self
    }
}

/// Writes `text` with all bytes escaped that are not plain. `%00` is kept.
pub(crate) fn escape(text: &[u8], plain: &Plain, out: &mut Vec<u8>) {
    let is_plain = |byte: &u8| plain.0[usize::from(*byte)];
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| !is_plain(byte)) {
        let (before, behind) = rest.split_at(at);
        out.extend_from_slice(before);
        if behind.starts_with(b"%00") {
            out.push(b'%');
        } else {
            push_escape(behind[0], out);
        }
        rest = &behind[1..];
    }
    out.extend_from_slice(rest);
}

/// Writes `text` with everything escaped but ASCII letters, digits and the ASCII characters of
/// `def`.
pub(super) fn escape_nondef(text: &[u8], def: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        if byte.is_ascii_alphanumeric() || byte.is_ascii() && def.contains(byte) {
            out.push(*byte);
        } else {
            push_escape(*byte, out);
        }
    }
}

fn push_escape(byte: u8, out: &mut Vec<u8>) {
    let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
    out.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
}

/// What a user part may hold unescaped.
pub(crate) static USER: Plain = Plain::and(b"&=+$,;?/");
/// The same for a password.
pub(crate) static PASSWORD: Plain = Plain::and(b"&=+$,");
/// The same for a URI parameter.
pub(crate) static URI_PARAM: Plain = Plain::and(b"[]/:&+$");
/// The same for a URI header.
pub(crate) static URI_HEADER: Plain = Plain::and(b"[]/?:+$");
