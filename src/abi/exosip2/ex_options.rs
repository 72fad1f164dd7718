//! `<eXosip2/eX_options.h>`: OPTIONS outside a dialog, sent and answered.

use super::ex_setup::eXosip_t;
use super::request;
use crate::abi::osipparser2::osip_message::osip_message_t;
use libc::{c_char, c_int};

/// Makes an OPTIONS outside a dialog. Nothing is sent.
///
/// `to` and `from` are URIs or name-addrs; `route` NULL or empty, or the proxy to go through.
/// `options` gets the message: the caller's until eXosip_options_send_request takes it, NULL on
/// errors.
///
/// Returns 0; OSIP_BADPARAMETER for an empty text, and NULL elsewhere than in `to` and `from`;
/// OSIP_SYNTAXERROR for NULL there and a text that is no URI; OSIP_NO_NETWORK before
/// eXosip_listen_addr.
///
/// # Safety
/// `options` is NULL or points to a pointer that may be written; the texts are NULL or end with
/// NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_options_build_request(
    excontext: *mut eXosip_t,
    options: *mut *mut osip_message_t,
    to: *const c_char,
    from: *const c_char,
    route: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        request::build(
            "eXosip_options_build_request",
            excontext,
            options,
            [c"OPTIONS".as_ptr(), to, from, route],
        )
    }
}

/// Sends a request outside a dialog. The answers come as events with the number returned in `tid`:
/// EXOSIP_MESSAGE_PROCEEDING (OPTIONS alone), _ANSWERED, _REDIRECTED, _REQUESTFAILURE (also,
/// without response, after 32 s of silence), _SERVERFAILURE, _GLOBALFAILURE.
///
/// `options` is consumed in every case, errors included. A challenge is answered by
/// eXosip_automatic_action or eXosip_default_action, three times at most, by a request whose events
/// have another `tid`. Later requests of the same From to the same server answer it unasked.
///
/// Returns the tid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
/// OSIP_SYNTAXERROR for one that cannot be sent; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `options` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_options_send_request(
    excontext: *mut eXosip_t,
    options: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { request::send("eXosip_options_send_request", excontext, options) }
}

/// Makes an answer to a request outside a dialog. Nothing is sent.
///
/// `tid` is that of the event, `status` 200 to 699, or from 101 where the event is one of a call or
/// a subscription. `answer` gets the message: the caller's until eXosip_options_send_answer takes
/// it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
/// unknown tid; OSIP_WRONG_STATE when the request is answered.
///
/// # Safety
/// `answer` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_options_build_answer(
    excontext: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { request::build_answer("eXosip_options_build_answer", excontext, tid, status, answer) }
}

/// Answers a request outside a dialog.
///
/// `answer` NULL sends the plain answer of `status`. It is consumed, except with OSIP_BADPARAMETER.
///
/// Returns 0; OSIP_BADPARAMETER for a tid below 1, a status outside 101 to 699, or a
/// provisional one without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when
/// the request is answered.
///
/// # Safety
/// `answer` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_options_send_answer(
    excontext: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { request::send_answer("eXosip_options_send_answer", excontext, tid, status, answer) }
}
