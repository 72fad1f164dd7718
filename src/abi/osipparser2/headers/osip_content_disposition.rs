//! `<osipparser2/headers/osip_content_disposition.h>`: the Content-Disposition header field.

use crate::abi::osipparser2::headers::osip_accept_encoding::osip_accept_encoding;
use crate::abi::osipparser2::headers::osip_call_info::osip_call_info_t;
use libc::{c_char, c_int};

/// A token with parameters.
pub type osip_content_disposition_t = osip_call_info_t;

// A token with parameters is read as in Accept-Encoding, whose struct is the same.
const _: () = assert!(size_of::<osip_accept_encoding>() == size_of::<osip_content_disposition_t>());

/// Reads a Content-Disposition from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_disposition_parse(
    content_disposition: *mut osip_content_disposition_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(content_disposition.cast::<osip_accept_encoding>(), hvalue))
}
