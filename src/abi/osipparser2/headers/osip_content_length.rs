//! `<osipparser2/headers/osip_content_length.h>`: the Content-Length header field, and the shape of
//! others that are one text.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::cmem::append;
use libc::{c_char, c_int};

/// A header field that is one text.
#[derive(Debug)]
#[repr(C)]
pub struct osip_content_length {
    /// The text.
    pub value: *mut c_char,
}
/// A header field that is one text.
pub type osip_content_length_t = osip_content_length;

cstruct!(osip_content_length: value);

impl HeaderField for osip_content_length {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        if text.is_empty() {
            return Err(Failure::Syntax);
        }
        c.store(&mut self.value, text)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        append(out, c.text(self.value).unwrap_or_default());
        Ok(())
    }
}

/// Makes an empty Content-Length. The caller frees it with osip_content_length_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `cl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_length_init(cl: *mut *mut osip_content_length_t) -> c_int {
    ffi!(|c| c.init(cl))
}

/// Frees a Content-Length with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_length_free(cl: *mut osip_content_length_t) {
    ffi!(|c| c.free(cl))
}

/// Reads a Content-Length from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_length_parse(
    cl: *mut osip_content_length_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(cl, hvalue))
}

/// Prints a Content-Length; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_length_to_str(
    cl: *const osip_content_length_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(cl, dest))
}

/// Copies a Content-Length; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_length_clone(
    cl: *const osip_content_length_t,
    dest: *mut *mut osip_content_length_t,
) -> c_int {
    ffi!(|c| c.clone_to(cl, dest))
}
