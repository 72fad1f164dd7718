//! `<eXosip2/eX_subscribe.h>`: subscriptions. A SUBSCRIBE or REFER from outside can be refused;
//! every other function refuses and says so in the trace.

use super::context::{refuse, refuse_out};
use super::ex_setup::eXosip_t;
use super::request;
use crate::abi::osipparser2::osip_message::osip_message_t;
use libc::{c_char, c_int};

/// Would make a SUBSCRIBE. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `subscribe`.
///
/// # Safety
/// `subscribe` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_build_initial_subscribe(
    _excontext: *mut eXosip_t,
    subscribe: *mut *mut osip_message_t,
    _to: *const c_char,
    _from: *const c_char,
    _route: *const c_char,
    _event: *const c_char,
    _expires: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_subscription_build_initial_subscribe", subscribe) }
}

/// Would make a REFER outside a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `refer`.
///
/// # Safety
/// `refer` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_build_initial_refer(
    _excontext: *mut eXosip_t,
    refer: *mut *mut osip_message_t,
    _to: *const c_char,
    _from: *const c_char,
    _route: *const c_char,
    _refer_to: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_subscription_build_initial_refer", refer) }
}

/// Would send a SUBSCRIBE or REFER. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_subscription_send_initial_request(
    _excontext: *mut eXosip_t,
    _request: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_subscription_send_initial_request")
}

/// Would make the next SUBSCRIBE. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_build_refresh_request(
    _excontext: *mut eXosip_t,
    _did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_subscription_build_refresh_request", request) }
}

/// Would send the next SUBSCRIBE. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_subscription_send_refresh_request(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _request: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_subscription_send_refresh_request")
}

/// Would forget a subscription. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_subscription_remove(_excontext: *mut eXosip_t, _did: c_int) -> c_int {
    refuse("eXosip_subscription_remove")
}

/// Makes an answer to a SUBSCRIBE or REFER from outside: it is refused with 300 to 699. Nothing is
/// sent.
///
/// `tid` is that of the event, `status` 300 to 699. `answer` gets the message: the caller's until
/// eXosip_insubscription_send_answer takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
/// unknown tid; OSIP_WRONG_STATE when the request is answered; OSIP_UNDEFINED_ERROR for an
/// answer to a SUBSCRIBE or REFER that does not refuse it: it then gets 480 soon.
///
/// # Safety
/// `answer` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_build_answer(
    excontext: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        request::build_answer("eXosip_insubscription_build_answer", excontext, tid, status, answer)
    }
}

/// Answers a SUBSCRIBE or REFER from outside: it is refused with 300 to 699.
///
/// `answer` NULL sends the plain answer of `status`. It is consumed, except with OSIP_BADPARAMETER.
///
/// Returns 0; OSIP_BADPARAMETER for a tid below 1, a status outside 101 to 699, or a
/// provisional one without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when
/// the request is answered; OSIP_UNDEFINED_ERROR for an answer to a SUBSCRIBE or REFER that
/// does not refuse it: it then gets 480 soon.
///
/// # Safety
/// `answer` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_send_answer(
    excontext: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        request::send_answer("eXosip_insubscription_send_answer", excontext, tid, status, answer)
    }
}

/// Would make a request to a subscriber. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_build_request(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _method: *const c_char,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_insubscription_build_request", request) }
}

/// Would make a NOTIFY to a subscriber. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_build_notify(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _subscription_status: c_int,
    _subscription_reason: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_insubscription_build_notify", request) }
}

/// Would send a request to a subscriber. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_insubscription_send_request(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _request: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_insubscription_send_request")
}

/// Would forget a subscriber. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_insubscription_remove(_excontext: *mut eXosip_t, _did: c_int) -> c_int {
    refuse("eXosip_insubscription_remove")
}
