//! `<osipparser2/osip_parser.h>`: the header fields of a message, by type and by name.
//!
//! What is set is copied. The text of a message is made anew after each change made here; after a
//! change made in the struct itself, call osip_message_force_update.

pub mod lists;
pub mod others;
pub mod single;

use super::header_table::{self, Known};
use super::headers::osip_via::osip_via;
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::osip_message::{CHANGED, osip_message, osip_message_t};
use super::{text, tracing};
use crate::abi::ffi::{Caller, Failure};
use crate::sip::registered_reason;
use libc::{c_char, c_int};
use std::ptr;

fn set(
    c: Caller<'_>,
    sip: *mut osip_message,
    value: *const c_char,
    known: Known,
) -> Result<c_int, Failure> {
    let value = c.text(value).unwrap_or_default();
    if value.is_empty() && !matches!(known, Known::Accept) {
        return Ok(0);
    }
    let message = c.get_mut(sip)?;
    c.with_free_list(|c| known.add(message, value, &mut Tail::unknown(), c))?;
    message.message_property = CHANGED;
    Ok(0)
}

fn get<T>(
    c: Caller<'_>,
    sip: *const osip_message,
    pos: c_int,
    dest: *mut *mut T,
    list: impl FnOnce(&osip_message) -> &osip_list_t,
) -> Result<c_int, Failure> {
    c.put(dest, ptr::null_mut())?;
    c.element(list(c.get(sip)?), pos, dest)
}

/// Does nothing: this library needs no preparation. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn parser_init() -> c_int {
    ffi!(|_c| {
        tracing::connect();
        Ok(0)
    })
}

/// Names one more header field that is a comma list, which osip_message_parse takes apart. NULL or
/// no text does nothing.
///
/// Returns 0, or OSIP_NOMEM after 64 names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn parser_add_comma_separated_header(hname: *const c_char) -> c_int {
    ffi!(|c| header_table::add_comma_list(c.text(hname).unwrap_or_default()).map(|()| 0))
}

/// Notes in the top Via of a received request where it came from: `received`, and the value of an
/// empty `rport` (RFC 3581).
///
/// Returns 0, OSIP_BADPARAMETER for NULL or no Via, or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_fix_last_via_header(
    request: *mut osip_message_t,
    ip_addr: *const c_char,
    port: c_int,
) -> c_int {
    ffi!(|c| {
        let (message, address) = (c.get_mut(request)?, c.need(ip_addr)?);
        if message.sip_method.is_null() {
            return Ok(0);
        }
        let via = list::get::<osip_via>(&message.vias, 0, c).ok_or(Failure::BadParameter)?;
        let via = c.get_mut(via)?;
        let waits =
            text::param(&via.via_params, b"rport", c).filter(|rport| rport.gvalue.is_null());
        if let Some(rport) = waits {
            c.store(
                &mut c.get_mut(ptr::from_ref(rport).cast_mut())?.gvalue,
                port.to_string().as_bytes(),
            )?;
        }
        if c.text(via.host) != Some(address) {
            text::add_param(
                &mut via.via_params,
                &mut Tail::unknown(),
                b"received",
                Some(address),
                c,
            )?;
        }
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Whether the text kept in the message is good: 1 it is, 2 something changed, 3 there is none yet.
///
/// Returns OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get__property(sip: *const osip_message_t) -> c_int {
    ffi!(|c| Ok(c.get(sip)?.message_property))
}

/// Says that the program changed the struct, so that osip_message_to_str prints it anew.
///
/// Returns 0 or OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_force_update(sip: *mut osip_message_t) -> c_int {
    ffi!(|c| {
        c.get_mut(sip)?.message_property = CHANGED;
        Ok(0)
    })
}

/// The reason phrase of a status code; NULL for one without. Not to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_reason(status_code: c_int) -> *const c_char {
    ffi!(|c| {
        let _ = c;
        let status = u16::try_from(status_code).ok();
        status.and_then(registered_reason).map(std::ffi::CStr::as_ptr).ok_or(Failure::NotFound)
    })
}
