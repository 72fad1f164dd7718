//! `<osipparser2/headers/osip_call_id.h>`: the Call-ID header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::search::split;
use crate::abi::osipparser2::text::trim;
use crate::cmem::append;
use libc::{c_char, c_int};

/// A Call-ID.
#[derive(Debug)]
#[repr(C)]
pub struct osip_call_id {
    /// What stands before `@`.
    pub number: *mut c_char,
    /// What stands behind it, or NULL.
    pub host: *mut c_char,
}
/// A Call-ID.
pub type osip_call_id_t = osip_call_id;

cstruct!(osip_call_id: number, host);

impl HeaderField for osip_call_id {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let text = trim(text);
        let (number, host) =
            split(text, b'@').map_or((text, None), |(number, host)| (number, Some(host)));
        if number.is_empty() {
            return Err(Failure::Syntax);
        }
        self.number = c.new_text(number)?.into_raw();
        if let Some(host) = host {
            self.host = c.new_text(host)?.into_raw();
        }
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        append(out, c.need(self.number)?);
        if let Some(host) = c.text(self.host) {
            out.push(b'@');
            append(out, host);
        }
        Ok(())
    }
}

/// Makes an empty Call-ID. The caller frees it with osip_call_id_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `callid`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_init(callid: *mut *mut osip_call_id_t) -> c_int {
    ffi!(|c| c.init(callid))
}

/// Frees a Call-ID with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_free(callid: *mut osip_call_id_t) {
    ffi!(|c| c.free(callid))
}

/// Reads a Call-ID from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_parse(
    callid: *mut osip_call_id_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(callid, hvalue))
}

/// Prints a Call-ID; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_to_str(
    callid: *const osip_call_id_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(callid, dest))
}

/// Copies a Call-ID; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_clone(
    callid: *const osip_call_id_t,
    dest: *mut *mut osip_call_id_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(callid)?.number)?;
        c.clone_to(callid, dest)
    })
}

/// The number of a Call-ID, as it stands there; NULL when there is none. It stays the Call-ID's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_get_number(callid: *mut osip_call_id_t) -> *mut c_char {
    ffi!(|c| c.field(callid, |it| it.number))
}

/// Sets the number of a Call-ID, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_set_number(callid: *mut osip_call_id_t, value: *mut c_char) {
    ffi!(|c| c.set(callid, |it| &mut it.number, value))
}

/// The host of a Call-ID, as it stands there; NULL when there is none. It stays the Call-ID's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_get_host(callid: *mut osip_call_id_t) -> *mut c_char {
    ffi!(|c| c.field(callid, |it| it.host))
}

/// Sets the host of a Call-ID, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_set_host(callid: *mut osip_call_id_t, value: *mut c_char) {
    ffi!(|c| c.set(callid, |it| &mut it.host, value))
}

/// Whether two are equal.
///
/// Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
/// missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_id_match(
    callid1: *mut osip_call_id_t,
    callid2: *mut osip_call_id_t,
) -> c_int {
    ffi!(|c| {
        let (a, b) = (c.get(callid1)?, c.get(callid2)?);
        let same = c.need(a.number)? == c.need(b.number)? && c.text(a.host) == c.text(b.host);
        if same { Ok(0) } else { Err(Failure::Undefined) }
    })
}
