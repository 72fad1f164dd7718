//! `<osipparser2/headers/osip_to.h>`: the To header field.

use crate::abi::osipparser2::headers::osip_from::{osip_from_t, same_tag};
use libc::{c_char, c_int};

/// A name-addr with parameters.
pub type osip_to_t = osip_from_t;

/// Makes an empty To. The caller frees it with osip_to_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `to`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_to_init(to: *mut *mut osip_to_t) -> c_int {
    ffi!(|c| c.init(to))
}

/// Frees a To with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_to_free(to: *mut osip_to_t) {
    ffi!(|c| c.free(to))
}

/// Reads a To from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_to_parse(to: *mut osip_to_t, hvalue: *const c_char) -> c_int {
    ffi!(|c| c.parse(to, hvalue))
}

/// Prints a To; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or without a URI, or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_to_to_str(to: *const osip_to_t, dest: *mut *mut c_char) -> c_int {
    ffi!(|c| c.to_str(to, dest))
}

/// Copies a To; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_to_clone(to: *const osip_to_t, dest: *mut *mut osip_to_t) -> c_int {
    ffi!(|c| c.clone_to(to, dest))
}

/// Whether two have the same tag, or neither has one.
///
/// Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_to_tag_match(to1: *mut osip_to_t, to2: *mut osip_to_t) -> c_int {
    ffi!(|c| same_tag(c.get(to1)?, c.get(to2)?, c))
}
