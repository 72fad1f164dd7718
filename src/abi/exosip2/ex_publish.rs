//! `<eXosip2/eX_publish.h>`: event state of ours that others can subscribe to (RFC 3903).

use super::ex_setup::eXosip_t;
use super::{message, text};
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::engine::{CoreRefusal, InitialPublish};
use libc::{c_char, c_int};
use std::ffi::CStr;
use std::ptr;

/// Makes a PUBLISH. Nothing is sent.
///
/// `to` is whose event state it is, `from` who publishes it: URIs or name-addrs. `route` is NULL or
/// empty, or the proxy to go through. `event` is the Event header, such as "presence"; `expires`
/// the Expires header: NULL or empty for 3600, "0" to remove what was published. `ctype` and `body`
/// are the event state and its type, or both NULL or empty; where the type is no media type both
/// are left out. `message` gets the message: the caller's until eXosip_publish takes it, NULL on
/// errors. It has a Contact only where EXOSIP_OPT_SET_SIP_INSTANCE is set.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or an empty text, and for a body without its type or the
/// reverse; OSIP_SYNTAXERROR for a text that is no URI; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `message` is NULL or points to a pointer that may be written; the texts are NULL or end with
/// NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_build_publish(
    excontext: *mut eXosip_t,
    message: *mut *mut osip_message_t,
    to: *const c_char,
    from: *const c_char,
    route: *const c_char,
    event: *const c_char,
    expires: *const c_char,
    ctype: *const c_char,
    body: *const c_char,
) -> c_int {
    let texts = [to, from, route, event, expires, ctype];
    // SAFETY: the caller's promise.
    let texts = texts.map(|text| unsafe { text::given(text) }.unwrap_or_default());
    let body = if body.is_null() { c"".as_ptr() } else { body };
    // SAFETY: not NULL, and the caller's promise.
    let body = unsafe { CStr::from_ptr(body) }.to_bytes();
    let [to, from, route, event, expires, content_type] = texts.each_ref().map(|text| &**text);
    let ask = InitialPublish { to, from, route, event, expires, content_type, body };
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_build_publish", excontext, message, |engine| {
            engine.build_publish(ask)
        })
    }
}

/// Publishes event state for `to`, which may be any text: with the Event of `message` it says which
/// publication is meant, whatever the case. The first of a publication is sent as it is; later ones
/// get the next CSeq and the entity tag of the last answer. While one awaits its answer the next
/// waits.
///
/// The answers come as events with the number returned in `tid`: EXOSIP_MESSAGE_ANSWERED,
/// _REDIRECTED, _REQUESTFAILURE (also, without response, after 32 s of silence), _SERVERFAILURE,
/// _GLOBALFAILURE. eXosip_automatic_action refreshes the event state, answers challenges, follows
/// 412 and 423 once each, and tries again after other failures; eXosip_default_action answers a
/// challenge. The events of what they send have other numbers.
///
/// `message` is consumed, errors included, unless `to` is NULL.
///
/// Returns the tid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
/// OSIP_SYNTAXERROR for one without CSeq or Expires, or that is no PUBLISH; OSIP_NO_NETWORK before
/// eXosip_listen_addr; OSIP_WRONG_STATE when 64 wait for the answer to another.
///
/// # Safety
/// `message` is NULL or a message that the caller owns; `to` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_publish(
    excontext: *mut eXosip_t,
    message: *mut osip_message_t,
    to: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let aor = unsafe { text::given(to) };
    // One that is for nobody stays the program's.
    let message = if aor.is_some() { message } else { ptr::null_mut() };
    // SAFETY: the caller's promise.
    unsafe {
        message::send("eXosip_publish", excontext, message, |engine, text, message| {
            let (text, aor) = text.zip(aor).ok_or(CoreRefusal::BadParameter)?;
            engine.publish(text, &aor, message)
        })
    }
}
