//! `<osipparser2/headers/osip_record_route.h>`: the Record-Route header field.

use crate::abi::osipparser2::headers::osip_from::osip_from_t;
use libc::{c_char, c_int};

/// A name-addr with parameters.
pub type osip_record_route_t = osip_from_t;

/// Makes an empty Record-Route. The caller frees it with osip_record_route_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `record_route`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_record_route_init(
    record_route: *mut *mut osip_record_route_t,
) -> c_int {
    ffi!(|c| c.init(record_route))
}

/// Frees a Record-Route with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_record_route_free(record_route: *mut osip_record_route_t) {
    ffi!(|c| c.free(record_route))
}

/// Reads a Record-Route from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_record_route_parse(
    record_route: *mut osip_record_route_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(record_route, hvalue))
}

/// Prints a Record-Route; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_record_route_to_str(
    record_route: *const osip_record_route_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(record_route, dest))
}
