//! `<osipparser2/headers/osip_route.h>`: the Route header field.

use crate::abi::osipparser2::headers::osip_from::osip_from_t;
use libc::{c_char, c_int};

/// A name-addr with parameters.
pub type osip_route_t = osip_from_t;

/// Makes an empty Route. The caller frees it with osip_route_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `route`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_route_init(route: *mut *mut osip_route_t) -> c_int {
    ffi!(|c| c.init(route))
}

/// Frees a Route with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_route_free(route: *mut osip_route_t) {
    ffi!(|c| c.free(route))
}

/// Reads a Route from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_route_parse(
    route: *mut osip_route_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(route, hvalue))
}

/// Prints a Route; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_route_to_str(
    route: *const osip_route_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(route, dest))
}
