//! `Digest name="value", name=value`: the text of challenges and credentials (RFC 7616).
//!
//! Values keep their quotes. Parameters that have no place in the struct are left out; the first of
//! several counts.

use super::search::{find, find_any};
use super::text::{self, trim};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::append;
use libc::c_char;

/// A parameter's name and where its value goes.
type Slots<'s, 'n> = [(&'n [u8], &'s mut *mut c_char)];

/// Reads scheme and parameters. Error: no scheme, no parameters, or one that is none.
pub(crate) fn read(
    text: &[u8],
    scheme: &mut *mut c_char,
    slots: &mut Slots<'_, '_>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let text = trim(text);
    let end = text.iter().position(|b| text::is_space(*b)).ok_or(Failure::Syntax)?;
    c.store(scheme, &text[..end])?;
    read_params(&text[end..], slots, c)
}

/// Reads parameters, with a scheme before them or not.
pub(crate) fn read_info(
    text: &[u8],
    scheme: &mut *mut c_char,
    slots: &mut Slots<'_, '_>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let text = trim(text);
    let end = text.iter().position(|b| text::is_space(*b) || *b == b'=').ok_or(Failure::Syntax)?;
    if text[end] == b'=' || trim(&text[end..]).starts_with(b"=") {
        return read_params(text, slots, c);
    }
    read(text, scheme, slots, c)
}

/// Whether both are the same name, without case. Most differ in length or in their first letter.
#[inline(always)]
fn same_name(known: &[u8], name: &[u8]) -> bool {
    known.len() == name.len()
        && known.first().zip(name.first()).is_some_and(|(one, other)| (one ^ other) & !0x20 == 0)
        && known.eq_ignore_ascii_case(name)
}

fn read_params(text: &[u8], slots: &mut Slots<'_, '_>, c: Caller<'_>) -> Result<(), Failure> {
    let mut rest = trim(text);
    while !rest.is_empty() {
        let end = find_any(rest, [b'=', b',']).ok_or(Failure::Syntax)?;
        let (name, behind) = (trim(&rest[..end]), &rest[end + 1..]);
        if rest[end] == b',' {
            rest = trim(behind);
            continue;
        }
        let slot = slots.iter_mut().find(|(known, slot)| same_name(known, name) && slot.is_null());
        if slot.is_none() && name.iter().any(|b| text::is_space(*b)) {
            // The scheme of a second challenge: this struct holds one.
            return Ok(());
        }
        let behind = trim(behind);
        let end = match behind.first() {
            Some(b'"') => text::quoted_end(behind).ok_or(Failure::Syntax)?,
            _ => find(behind, b',').unwrap_or(behind.len()),
        };
        if let Some((_, slot)) = slot {
            c.store(slot, trim(&behind[..end]))?;
        }
        rest = trim(&behind[end..]);
    }
    Ok(())
}

/// Writes scheme and parameters. Error: no scheme.
pub(crate) fn write(
    scheme: *mut c_char,
    values: &[(&[u8], *mut c_char)],
    out: &mut Vec<u8>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    append(out, c.need(scheme)?);
    write_params(b" ", values, out, c);
    Ok(())
}

/// Writes a scheme, if there is one, and parameters. Error: neither.
pub(crate) fn write_info(
    scheme: *mut c_char,
    values: &[(&[u8], *mut c_char)],
    out: &mut Vec<u8>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let start = out.len();
    if let Some(scheme) = c.text(scheme) {
        append(out, scheme);
        out.push(b' ');
    }
    write_params(b"", values, out, c);
    if out.len() == start { Err(Failure::BadParameter) } else { Ok(()) }
}

fn write_params(first: &[u8], values: &[(&[u8], *mut c_char)], out: &mut Vec<u8>, c: Caller<'_>) {
    let mut separator = first;
    for (name, value) in values {
        if let Some(value) = c.text(*value) {
            for piece in [separator, name, b"=", value] {
                append(out, piece);
            }
            separator = b", ";
        }
    }
}
