//! The header fields without a type of their own, and the bodies.

use super::get;
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{Owned, free};
use crate::abi::osipparser2::header_table::{self, HeaderReader, Names};
use crate::abi::osipparser2::headers::osip_header::{osip_header, osip_header_t};
use crate::abi::osipparser2::list::{self, Tail};
use crate::abi::osipparser2::osip_body::{osip_body, osip_body_t};
use crate::abi::osipparser2::osip_message::{CHANGED, osip_message, osip_message_t};
use crate::abi::osipparser2::text;
use libc::{c_char, c_int};
use std::ptr;

/// A header field of any name.
fn header<'a>(
    c: Caller<'a>,
    name: *const c_char,
    value: *const c_char,
) -> Result<Owned<'a, osip_header>, Failure> {
    let mut header = Owned::<osip_header>::new(c)?;
    c.store(&mut header.hname, text::trim(c.need(name)?))?;
    if let Some(value) = c.text(value) {
        c.store(&mut header.hvalue, text::trim(value))?;
    }
    Ok(header)
}

fn push_header(
    c: Caller<'_>,
    sip: *mut osip_message,
    header: Owned<'_, osip_header>,
) -> Result<c_int, Failure> {
    let message = c.get_mut(sip)?;
    list::push(&mut message.headers, &mut Tail::unknown(), header, c)?;
    message.message_property = CHANGED;
    Ok(0)
}

fn push_body(
    c: Caller<'_>,
    sip: *mut osip_message,
    body: Owned<'_, osip_body>,
) -> Result<c_int, Failure> {
    let message = c.get_mut(sip)?;
    list::push(&mut message.bodies, &mut Tail::unknown(), body, c)?;
    message.message_property = CHANGED;
    Ok(0)
}

/// Reads a header line as osip_message_parse does: comma lists are taken apart, known names go
/// where they belong.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_multiple_header(
    sip: *mut osip_message_t,
    hname: *mut c_char,
    hvalue: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let (name, value) = (c.need(hname)?, c.text(hvalue).unwrap_or_default());
        let message = c.get_mut(sip)?;
        HeaderReader::new(message, Names::Lower, c).add_line(name, Some(text::trim(value)))?;
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Appends a header field to those without a type of their own. `hvalue` may be NULL.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_header(
    sip: *mut osip_message_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| {
        c.get(sip)?;
        c.with_free_list(|c| push_header(c, sip, header(c, hname, hvalue)?))
    })
}

/// Takes out the first header field of that name, if there is one, and appends the new one.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_replace_header(
    sip: *mut osip_message_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| {
        let (message, name) = (c.get_mut(sip)?, c.need(hname)?);
        let fresh = header(c, hname, hvalue)?;
        if let Some(pos) = header_table::position(&message.headers, name, 0, c) {
            let old = list::take(&mut message.headers, pos, c)?;
            free(old.cast::<osip_header>(), c);
        }
        push_header(c, sip, fresh)
    })
}

/// Puts a header field before the others without a type of their own.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_topheader(
    sip: *mut osip_message_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| {
        let message = c.get_mut(sip)?;
        list::push_front(&mut message.headers, header(c, hname, hvalue)?, c)?;
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Finds a header field by its name, without case, among those without a type of their own, from
/// `pos` on. It stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR when there is none,
/// with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_header_get_byname(
    sip: *const osip_message_t,
    hname: *const c_char,
    pos: c_int,
    dest: *mut *mut osip_header_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        let (message, name) = (c.get(sip)?, c.need(hname)?);
        let pos =
            header_table::position(&message.headers, name, pos, c).ok_or(Failure::Undefined)?;
        c.element(&message.headers, pos, dest)
    })
}

/// The header field at `pos` among those without a type of their own; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_header(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_header_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.headers))
}

/// Appends a copy of `length` bytes as a body. Set the Content-Type too.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_body(
    sip: *mut osip_message_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    ffi!(|c| {
        let mut body = Owned::<osip_body>::new(c)?;
        body.fill(c.bytes(buf, length)?, c)?;
        push_body(c, sip, body)
    })
}

/// Appends a body with headers of its own: a part of a multipart.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_body_mime(
    sip: *mut osip_message_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    ffi!(|c| {
        let body = Owned::<osip_body>::parsed(c.bytes(buf, length)?, c)?;
        push_body(c, sip, body)
    })
}

/// The body at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_body(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_body_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.bodies))
}
