//! `<osipparser2/headers/osip_header.h>`: any other header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::search::split;
use crate::abi::osipparser2::text::trim;
use crate::cmem::append;
use libc::{c_char, c_int};

/// A header field without a type of its own.
#[derive(Debug)]
#[repr(C)]
pub struct osip_header {
    /// Its name; in lower case when it was received.
    pub hname: *mut c_char,
    /// Its value, or NULL for an empty one.
    pub hvalue: *mut c_char,
}
/// A header field without a type of its own.
pub type osip_header_t = osip_header;

cstruct!(osip_header: hname, hvalue);

impl HeaderField for osip_header {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (name, value) = split(text, b':').ok_or(Failure::Syntax)?;
        c.store(&mut self.hname, trim(name))?;
        c.store(&mut self.hvalue, trim(value))
    }

    /// `Name: value`, the name with a capital.
    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let start = out.len();
        append(out, c.need(self.hname)?);
        if let Some(first) = out.get_mut(start) {
            first.make_ascii_uppercase();
        }
        out.extend_from_slice(b": ");
        append(out, c.text(self.hvalue).unwrap_or_default());
        Ok(())
    }
}

/// Makes an empty header field. The caller frees it with osip_header_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `header`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_init(header: *mut *mut osip_header_t) -> c_int {
    ffi!(|c| c.init(header))
}

/// Frees a header field with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_free(header: *mut osip_header_t) {
    ffi!(|c| c.free(header))
}

/// Prints a header field; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_to_str(
    header: *const osip_header_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(header, dest))
}

/// The name of a header field, as it stands there; NULL when there is none. It stays the header
/// field's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_get_name(header: *const osip_header_t) -> *mut c_char {
    ffi!(|c| c.field(header, |it| it.hname))
}

/// Sets the name of a header field, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_set_name(header: *mut osip_header_t, value: *mut c_char) {
    ffi!(|c| c.set(header, |it| &mut it.hname, value))
}

/// The value of a header field, as it stands there; NULL when there is none. It stays the header
/// field's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_get_value(header: *const osip_header_t) -> *mut c_char {
    ffi!(|c| c.field(header, |it| it.hvalue))
}

/// Sets the value of a header field, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_set_value(header: *mut osip_header_t, value: *mut c_char) {
    ffi!(|c| c.set(header, |it| &mut it.hvalue, value))
}

/// Copies a header field; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_header_clone(
    header: *const osip_header_t,
    dest: *mut *mut osip_header_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(header)?.hname)?;
        c.clone_to(header, dest)
    })
}
