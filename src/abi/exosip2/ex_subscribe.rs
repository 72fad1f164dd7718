//! `<eXosip2/eX_subscribe.h>`: subscriptions of ours and to us (RFC 6665), and REFER outside of
//! calls (RFC 3515).
//!
//! A subscription of ours is known by its sid, one to us by the nid of its events; each dialog has
//! a did, each transaction a tid. What is built is the caller's, may be changed at will, and is
//! given away by sending it. Errors of the network come as events.

use super::context::{entry, on};
use super::ex_setup::eXosip_t;
use super::{message, request, text};
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::engine::{CoreRefusal, Engine, InitialRefer, InitialSubscribe, Refusal};
use libc::{c_char, c_int};

/// Makes the SUBSCRIBE of a new subscription (RFC 6665 section 4.1.2). Nothing is sent.
///
/// `to` and `from` are URIs or name-addrs. `route` NULL or empty, or the proxy to go through.
/// `event` is the Event, such as `presence` or `Catalog;id=7`; `expires` the seconds, 0 for the
/// state as it is now. A body and further header fields are set on the message. `subscribe` gets
/// the message: the caller's until eXosip_subscription_send_initial_request takes it, NULL on
/// errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or an empty `to`, `from` or `event`; OSIP_SYNTAXERROR for
/// a text that is no SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `subscribe` is NULL or points to a pointer that may be written; the texts are NULL or end with
/// NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_build_initial_subscribe(
    excontext: *mut eXosip_t,
    subscribe: *mut *mut osip_message_t,
    to: *const c_char,
    from: *const c_char,
    route: *const c_char,
    event: *const c_char,
    expires: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    let [to, from, route, event] =
        unsafe { [to, from, route, event].map(|text| text::given(text).unwrap_or_default()) };
    let (to, from, route, event) = (&*to, &*from, &*route, &*event);
    let name = "eXosip_subscription_build_initial_subscribe";
    // SAFETY: the caller's promise.
    unsafe {
        message::build(name, excontext, subscribe, |engine| {
            engine.build_initial_subscribe(InitialSubscribe { to, from, route, event, expires })
        })
    }
}

/// Makes a REFER outside of calls (RFC 3515). Nothing is sent.
///
/// `to`, `from` and `route` as for eXosip_subscription_build_initial_subscribe; `refer_to` is what
/// the other side is to refer to. `refer` gets the message: the caller's until
/// eXosip_subscription_send_initial_request takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or an empty `to`, `from` or `refer_to`; OSIP_SYNTAXERROR
/// for a text that is no SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `refer` is NULL or points to a pointer that may be written; the texts are NULL or end with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_build_initial_refer(
    excontext: *mut eXosip_t,
    refer: *mut *mut osip_message_t,
    to: *const c_char,
    from: *const c_char,
    route: *const c_char,
    refer_to: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let [to, from, route, refer_to] =
        unsafe { [to, from, route, refer_to].map(|text| text::given(text).unwrap_or_default()) };
    let (to, from, route, refer_to) = (&*to, &*from, &*route, &*refer_to);
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_subscription_build_initial_refer", excontext, refer, |engine| {
            engine.build_initial_refer(InitialRefer { to, from, route, refer_to })
        })
    }
}

/// Sends a SUBSCRIBE or REFER that begins a subscription. Its answers come as events with the
/// number returned in `sid`: EXOSIP_SUBSCRIPTION_PROCEEDING, then one of _ANSWERED, _REDIRECTED,
/// _REQUESTFAILURE (also, without response, where there is no answer), _SERVERFAILURE,
/// _GLOBALFAILURE; its NOTIFYs, which are answered by themselves, as EXOSIP_SUBSCRIPTION_NOTIFY.
///
/// Each notifier that a SUBSCRIBE reaches has a `did` of its own. Where nothing refreshes it,
/// EXOSIP_SUBSCRIPTION_NOANSWER comes 32 s after its end, and the numbers mean nothing any more; so
/// do they after a NOTIFY with `ss_status` EXOSIP_SUBCRSTATE_TERMINATED. A challenge is answered by
/// eXosip_automatic_action or eXosip_default_action; eXosip_automatic_action also refreshes, with
/// all that the program put on its last SUBSCRIBE. A REFER is not refreshed. An Event, Expires or
/// Contact that the program has added goes in the place of ours.
///
/// `request` is consumed in every case, errors included; it may be read until the event of its
/// final answer is fetched.
///
/// Returns the sid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
/// OSIP_SYNTAXERROR for one that cannot be sent; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `request` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_send_initial_request(
    excontext: *mut eXosip_t,
    request: *mut osip_message_t,
) -> c_int {
    let name = "eXosip_subscription_send_initial_request";
    // SAFETY: the caller's promise.
    unsafe {
        message::send(name, excontext, request, |engine, text, message| {
            engine.send_initial_subscribe(text.ok_or(CoreRefusal::BadParameter)?, message)
        })
    }
}

/// Makes the next SUBSCRIBE of a subscription of ours. Nothing is sent.
///
/// `did` is the dialog, or the sid: then its first. Event and Expires are added when it is sent,
/// where it has none; Expires 0 ends the subscription. `request` gets the message: the caller's
/// until eXosip_subscription_send_refresh_request takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a number below 1; OSIP_NOTFOUND for an unknown one;
/// OSIP_WRONG_STATE while a SUBSCRIBE waits for its answer; OSIP_SYNTAXERROR where the notifier has
/// sent no Contact.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_build_refresh_request(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    let name = "eXosip_subscription_build_refresh_request";
    // SAFETY: the caller's promise.
    unsafe {
        message::build(name, excontext, request, |engine| engine.build_subscription_refresh(did))
    }
}

/// Sends the next SUBSCRIBE of a subscription of ours.
///
/// `did` is the dialog, or the sid: then its first. `request` is consumed, except with a number
/// below 1.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a number below 1 or a message without Call-ID;
/// OSIP_NOTFOUND for an unknown number; OSIP_WRONG_STATE while a SUBSCRIBE waits for its answer;
/// OSIP_SYNTAXERROR for a message that cannot be sent, or where the notifier has sent no Contact.
///
/// # Safety
/// `request` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_subscription_send_refresh_request(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut osip_message_t,
) -> c_int {
    let name = "eXosip_subscription_send_refresh_request";
    if did < 1 {
        return entry(name, || Err(CoreRefusal::BadParameter.into()));
    }
    // SAFETY: the caller's promise.
    unsafe {
        message::send(name, excontext, request, |engine, text, message| {
            let Some(text) = text else {
                // A dialog that is unknown comes before a message that is missing.
                engine.build_subscription_refresh(did)?;
                return Err(CoreRefusal::BadParameter.into());
            };
            engine.send_subscription_refresh(did, text, message)?;
            Ok(0)
        })
    }
}

/// Forgets a subscription of ours with all its dialogs. Nothing is sent; its NOTIFYs are refused
/// with 481 until it would have expired.
///
/// `did` is one of its dialogs, or the sid.
///
/// Returns 0; OSIP_BADPARAMETER for a number below 1; OSIP_NOTFOUND for an unknown one.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_subscription_remove(excontext: *mut eXosip_t, did: c_int) -> c_int {
    on("eXosip_subscription_remove", excontext, |context| {
        context.engine.remove_subscription(did)?;
        Ok(0)
    })
}

/// Makes an answer to a SUBSCRIBE or REFER from outside. Nothing is sent.
///
/// `tid` is that of the event, `status` 101 to 699. One that accepts has our Contact and the
/// seconds that are granted in Expires; every one to a SUBSCRIBE has its Event. `answer` gets the
/// message: the caller's until eXosip_insubscription_send_answer takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
/// unknown tid.
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
    let name = "eXosip_insubscription_build_answer";
    if !(101..=699).contains(&status) {
        // SAFETY: the caller's promise.
        return unsafe {
            message::build(name, excontext, answer, |engine| bad_status(engine, tid))
        };
    }
    // SAFETY: the caller's promise.
    unsafe { request::build_answer(name, excontext, tid, status, answer) }
}

/// Answers a SUBSCRIBE or REFER from outside. The application answers within 10 s, or it gets 480.
///
/// `answer` NULL sends what eXosip_insubscription_build_answer would make. The status of a message
/// counts, not `status`. It is consumed, except with OSIP_BADPARAMETER. After a refusal of the
/// first SUBSCRIBE its did means nothing any more.
///
/// Returns 0; OSIP_BADPARAMETER for a tid below 1 or a status outside 101 to 699; OSIP_NOTFOUND for
/// an unknown tid; OSIP_WRONG_STATE when the request is answered.
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
    let name = "eXosip_insubscription_send_answer";
    if !(101..=699).contains(&status) {
        return on(name, excontext, |context| bad_status(&context.engine, tid));
    }
    // SAFETY: the caller's promise.
    unsafe { request::send_answer(name, excontext, tid, status, answer) }
}

/// Why an answer with a status that is none is refused: a request that is unknown comes first.
fn bad_status<R>(engine: &Engine, tid: c_int) -> Result<R, Refusal> {
    engine.check_request(tid)?;
    Err(CoreRefusal::BadParameter.into())
}

/// Makes a request to a subscriber. Nothing is sent.
///
/// `did` is that of the event. `request` gets the message: the caller's until
/// eXosip_insubscription_send_request takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, an empty `method` or a did below 1; OSIP_NOTFOUND for an
/// unknown did; OSIP_WRONG_STATE while a NOTIFY waits for its answer; OSIP_SYNTAXERROR for a method
/// that is no token.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written; `method` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_build_request(
    excontext: *mut eXosip_t,
    did: c_int,
    method: *const c_char,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    let method = unsafe { text::given(method) }.unwrap_or_default();
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_insubscription_build_request", excontext, request, |engine| {
            engine.build_notifier_request(did, &method)
        })
    }
}

/// Makes a NOTIFY to a subscriber. Nothing is sent.
///
/// `did` is that of the event. `subscription_status` is EXOSIP_SUBCRSTATE_PENDING, _ACTIVE or
/// _TERMINATED, the last with `subscription_reason`; once the granted time is over it says
/// terminated, whatever is given. Event is added when it is sent, where it has none. `request` gets
/// the message: the caller's until eXosip_insubscription_send_request takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a did below 1; OSIP_NOTFOUND for an unknown did;
/// OSIP_WRONG_STATE while a NOTIFY waits for its answer.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_build_notify(
    excontext: *mut eXosip_t,
    did: c_int,
    subscription_status: c_int,
    subscription_reason: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_insubscription_build_notify", excontext, request, |engine| {
            engine.build_notify(did, subscription_status, subscription_reason)
        })
    }
}

/// Sends a request to a subscriber. The answers to a NOTIFY come as events with its `nid` and
/// `did`: EXOSIP_NOTIFICATION_ANSWERED, _REDIRECTED, _REQUESTFAILURE (also, without response, where
/// there is no answer), _SERVERFAILURE, _GLOBALFAILURE. Those to other requests are no events.
///
/// A NOTIFY gets Event and Subscription-State where it has none. One that says terminated ends the
/// subscription when it is answered; so does an answer that says that there is none. `request` is
/// consumed in every case, errors included.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a did below 1 or a message without Call-ID; OSIP_NOTFOUND
/// for an unknown did; OSIP_WRONG_STATE while a NOTIFY waits for its answer; OSIP_SYNTAXERROR for a
/// message that cannot be sent.
///
/// # Safety
/// `request` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_send_request(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut osip_message_t,
) -> c_int {
    let name = "eXosip_insubscription_send_request";
    // SAFETY: the caller's promise.
    unsafe {
        message::send(name, excontext, request, |engine, text, message| {
            let text = text.ok_or(CoreRefusal::BadParameter)?;
            engine.send_notifier_request(did, text, message)?;
            Ok(0)
        })
    }
}

/// Forgets a subscriber. Nothing is sent.
///
/// `did` is that of the event.
///
/// Returns 0; OSIP_BADPARAMETER for a did below 1; OSIP_NOTFOUND for an unknown did.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_insubscription_remove(excontext: *mut eXosip_t, did: c_int) -> c_int {
    on("eXosip_insubscription_remove", excontext, |context| {
        context.engine.remove_notifier(did)?;
        Ok(0)
    })
}
