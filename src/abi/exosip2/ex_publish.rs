//! `<eXosip2/eX_publish.h>`: PUBLISH. Not served yet: each function refuses and says so in the
//! trace.

use super::context::{refuse, refuse_out};
use super::ex_setup::eXosip_t;
use crate::abi::osipparser2::osip_message::osip_message_t;
use libc::{c_char, c_int};

/// Would make a PUBLISH. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `message`.
///
/// # Safety
/// `message` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_build_publish(
    _excontext: *mut eXosip_t,
    message: *mut *mut osip_message_t,
    _to: *const c_char,
    _from: *const c_char,
    _route: *const c_char,
    _event: *const c_char,
    _expires: *const c_char,
    _ctype: *const c_char,
    _body: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_build_publish", message) }
}

/// Would send a PUBLISH. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `message` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_publish(
    _excontext: *mut eXosip_t,
    _message: *mut osip_message_t,
    _to: *const c_char,
) -> c_int {
    refuse("eXosip_publish")
}
