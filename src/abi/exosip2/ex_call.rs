//! `<eXosip2/eX_call.h>`: calls. An INVITE from outside can be refused; every other function
//! refuses itself and says so in the trace.

use super::context::{refuse, refuse_out};
use super::ex_setup::eXosip_t;
use super::request;
use crate::abi::osipparser2::osip_message::osip_message_t;
use libc::{c_char, c_int, c_void};

/// Would make an INVITE. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `invite`.
///
/// # Safety
/// `invite` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_initial_invite(
    _excontext: *mut eXosip_t,
    invite: *mut *mut osip_message_t,
    _to: *const c_char,
    _from: *const c_char,
    _route: *const c_char,
    _subject: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_initial_invite", invite) }
}

/// Would send an INVITE. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `invite` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_send_initial_invite(
    _excontext: *mut eXosip_t,
    _invite: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_call_send_initial_invite")
}

/// Would make a request in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_request(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _method: *const c_char,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_request", request) }
}

/// Would make an ACK. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `ack`.
///
/// # Safety
/// `ack` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_ack(
    _excontext: *mut eXosip_t,
    _tid: c_int,
    ack: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_ack", ack) }
}

/// Would send an ACK. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `ack` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_send_ack(
    _excontext: *mut eXosip_t,
    _tid: c_int,
    _ack: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_call_send_ack")
}

/// Would make a REFER in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_refer(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _refer_to: *const c_char,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_refer", request) }
}

/// Would make an INFO in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_info(
    _excontext: *mut eXosip_t,
    _did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_info", request) }
}

/// Would make an OPTIONS in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_options(
    _excontext: *mut eXosip_t,
    _did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_options", request) }
}

/// Would make an UPDATE in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_update(
    _excontext: *mut eXosip_t,
    _did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_update", request) }
}

/// Would make a NOTIFY in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_notify(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _subscription_status: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_notify", request) }
}

/// Would send a request in a dialog. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_send_request(
    _excontext: *mut eXosip_t,
    _did: c_int,
    _request: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_call_send_request")
}

/// Makes an answer to a request of a call: an INVITE is refused with 300 to 699. Nothing is sent.
///
/// `tid` is that of the event, `status` 300 to 699 for an INVITE. `answer` gets the message: the
/// caller's until eXosip_call_send_answer takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
/// unknown tid; OSIP_WRONG_STATE when the request is answered; OSIP_UNDEFINED_ERROR for an
/// answer to an INVITE, SUBSCRIBE or REFER that does not refuse it: it then gets
/// 480 soon.
///
/// # Safety
/// `answer` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_answer(
    excontext: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { request::build_answer("eXosip_call_build_answer", excontext, tid, status, answer) }
}

/// Answers a request of a call: an INVITE is refused with 300 to 699.
///
/// `answer` NULL sends the plain answer of `status`. It is consumed, except with OSIP_BADPARAMETER.
///
/// Returns 0; OSIP_BADPARAMETER for a tid below 1, a status outside 101 to 699, or a
/// provisional one without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when
/// the request is answered; OSIP_UNDEFINED_ERROR for an answer to an INVITE, SUBSCRIBE or REFER
/// that does not refuse it: it then gets 480 soon.
///
/// # Safety
/// `answer` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_send_answer(
    excontext: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { request::send_answer("eXosip_call_send_answer", excontext, tid, status, answer) }
}

/// Would end a call. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_terminate(
    _excontext: *mut eXosip_t,
    _cid: c_int,
    _did: c_int,
) -> c_int {
    refuse("eXosip_call_terminate")
}

/// Would end a call with a Reason header. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_terminate_with_reason(
    _excontext: *mut eXosip_t,
    _cid: c_int,
    _did: c_int,
    _reason: *const c_char,
) -> c_int {
    refuse("eXosip_call_terminate_with_reason")
}

/// Would end a call with a further header. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_terminate_with_header(
    _excontext: *mut eXosip_t,
    _cid: c_int,
    _did: c_int,
    _header_name: *const c_char,
    _header_value: *const c_char,
) -> c_int {
    refuse("eXosip_call_terminate_with_header")
}

/// Would make a PRACK. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with NULL in `prack`.
///
/// # Safety
/// `prack` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_prack(
    _excontext: *mut eXosip_t,
    _tid: c_int,
    _response1xx: *mut osip_message_t,
    prack: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { refuse_out("eXosip_call_build_prack", prack) }
}

/// Would send a PRACK. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR; `prack` stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_send_prack(
    _excontext: *mut eXosip_t,
    _tid: c_int,
    _prack: *mut osip_message_t,
) -> c_int {
    refuse("eXosip_call_send_prack")
}

/// Would attach a pointer to a call. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_set_reference(
    _excontext: *mut eXosip_t,
    _id: c_int,
    _reference: *mut c_void,
) -> c_int {
    refuse("eXosip_call_set_reference")
}

/// Would give the pointer attached to a call. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_get_reference(_excontext: *mut eXosip_t, _cid: c_int) -> *mut c_void {
    refuse("eXosip_call_get_reference")
}

/// Would give the Refer-To of a call. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR, with an empty text in `refer_to`.
///
/// # Safety
/// `refer_to` is NULL or may be written for `refer_to_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_get_referto(
    _excontext: *mut eXosip_t,
    _did: c_int,
    refer_to: *mut c_char,
    refer_to_len: usize,
) -> c_int {
    // SAFETY: the caller's promise; one byte is written where there is room for it.
    if let Some(first) = unsafe { refer_to.as_mut() }.filter(|_| refer_to_len > 0) {
        *first = 0;
    }
    refuse("eXosip_call_get_referto")
}

/// Would find a call by a Replaces header. Not served yet.
///
/// Returns OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_find_by_replaces(
    _excontext: *mut eXosip_t,
    _replaces: *mut c_char,
) -> c_int {
    refuse("eXosip_call_find_by_replaces")
}
