//! The small grammar that header values share: blanks, quotes, `;name=value`, `%41` (RFC 3261
//! section 25.1).

use super::cstruct::Owned;
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::osip_uri::osip_uri_param;
use super::search::{end_at, find, find_any};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::append;
use crate::sip::percent_decoded_text;
use std::borrow::Cow;

/// Blank, tab, CR and LF.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without blanks at both ends.
#[inline(always)]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    match text {
        // Most have none.
        [first, .., last] if *first > b' ' && *last > b' ' => text,
        _ => trim_blanks(text),
    }
}

fn trim_blanks(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text {
        if !is_space(*first) {
            break;
        }
        text = rest;
    }
    while let [rest @ .., last] = text {
        if !is_space(*last) {
            break;
        }
        text = rest;
    }
    text
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

/// Where `byte` stands first from `start` on, outside of quoted strings; the length of the text for
/// nowhere. An open quote hides all that follows.
#[inline]
pub(crate) fn end_unquoted(text: &[u8], start: usize, byte: u8) -> usize {
    let mut at = start;
    loop {
        at = end_at(text, at, [byte, b'"']);
        if text.get(at) != Some(&b'"') {
            return at;
        }
        match quoted_end(&text[at..]) {
            Some(end) => at += end,
            None => return text.len(),
        }
    }
}

/// The elements of a comma list: commas in quotes or `<…>` do not count, empty elements are
/// skipped.
pub(crate) fn elements(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || next_element(&mut rest)).filter(|element| !element.is_empty())
}

/// Takes the first element, which may be empty, of a comma list; `rest` goes on behind the comma.
#[inline]
pub(crate) fn next_element<'t>(rest: &mut Option<&'t [u8]>) -> Option<&'t [u8]> {
    let text = (*rest)?;
    let end = element_end(text).unwrap_or(text.len());
    *rest = text.get(end + 1..);
    Some(trim(&text[..end]))
}

/// Where the comma behind the first element stands; `None` for the last one.
fn element_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut is_in_angles = false;
    loop {
        at += find_any(&text[at..], [if is_in_angles { b'>' } else { b',' }, b'<', b'"'])?;
        match text[at] {
            b',' => return Some(at),
            b'"' => at += quoted_end(&text[at..])?,
            angle => {
                is_in_angles = angle == b'<';
                at += 1;
            }
        }
    }
}

/// `text` without its escapes.
#[inline]
pub(crate) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if find(text, b'%').is_none() { Cow::Borrowed(text) } else { percent_decoded_text(text) }
}

/// Appends one parameter.
#[inline(always)]
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
pub(crate) fn read_params(
    text: &[u8],
    list: &mut osip_list_t,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut rest = text.get(1..).unwrap_or_default();
    let mut tail = Tail::unknown();
    while !rest.is_empty() {
        let text = rest;
        let stop = end_at(text, 0, [b'=', b';', b'"']);
        let end = end_unquoted(text, stop, b';');
        rest = text.get(end + 1..).unwrap_or_default();
        let equals =
            if text.get(stop) == Some(&b'"') { end_at(&text[..end], stop, [b'=']) } else { stop };
        let (name, value) = (&text[..equals], (equals < end).then(|| trim(&text[equals + 1..end])));
        let name = trim(name);
        if name.is_empty() {
            if value.is_none() && rest.is_empty() {
                break;
            }
            return Err(Failure::Syntax);
        }
        add_param(list, &mut tail, name, value.filter(|v| !v.is_empty()), c)?;
    }
    Ok(())
}

/// Writes each parameter behind `separator`; those without a name are left out.
pub(crate) fn write_params<const N: usize>(
    list: &osip_list_t,
    separator: &[u8; N],
    out: &mut Vec<u8>,
    c: Caller<'_>,
) {
    for param in list::items::<osip_uri_param>(list, c) {
        let Some(name) = c.text(param.gname) else { continue };
        out.extend_from_slice(separator);
        append(out, name);
        if let Some(value) = c.text(param.gvalue) {
            out.push(b'=');
            append(out, value);
        }
    }
}

/// The parameter of that name, without case.
pub(crate) fn param<'a>(
    list: &osip_list_t,
    name: &[u8],
    c: Caller<'a>,
) -> Option<&'a osip_uri_param> {
    list::items::<osip_uri_param>(list, c)
        .find(|param| c.text(param.gname).is_some_and(|found| found.eq_ignore_ascii_case(name)))
}

/// The bytes that are written as they are.
pub(crate) struct Plain([bool; 256]);

impl Plain {
    /// Letters, digits, the marks of RFC 3261 and what is in `also`.
    pub(crate) const fn and(also: &[u8]) -> Self {
        Self::letters_and(b"-_.!~*'()").with(also)
    }

    /// Letters, digits and what is in `also`.
    const fn letters_and(also: &[u8]) -> Self {
        let mut plain = [false; 256];
        let mut at = 0;
        while at < 256 {
            plain[at] = (at as u8).is_ascii_alphanumeric();
            at += 1;
        }
        Self(plain).with(also)
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

/// How many bytes at the start of `text` are plain.
#[inline]
pub(crate) fn span(text: &[u8], plain: &Plain) -> usize {
    text.iter().position(|byte| !plain.0[usize::from(*byte)]).unwrap_or(text.len())
}

/// Writes `text` with all bytes escaped that are not plain. `%00` is kept.
pub(crate) fn escape(text: &[u8], plain: &Plain, out: &mut Vec<u8>) {
    let is_plain = |byte: &u8| plain.0[usize::from(*byte)];
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| !is_plain(byte)) {
        let (before, behind) = rest.split_at(at);
        append(out, before);
        if behind.starts_with(b"%00") {
            out.push(b'%');
        } else {
            push_escape(behind[0], out);
        }
        rest = &behind[1..];
    }
    append(out, rest);
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

/// What a scheme is made of.
pub(crate) static SCHEME: Plain = Plain::letters_and(b"+-.");
/// What a user part may hold unescaped.
pub(crate) static USER: Plain = Plain::and(b"&=+$,;?/");
/// The same for a password.
pub(crate) static PASSWORD: Plain = Plain::and(b"&=+$,");
/// The same for a URI parameter.
pub(crate) static URI_PARAM: Plain = Plain::and(b"[]/:&+$");
/// The same for a URI header.
pub(crate) static URI_HEADER: Plain = Plain::and(b"[]/?:+$");
