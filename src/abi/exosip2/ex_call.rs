//! `<eXosip2/eX_call.h>`: calls (RFC 3261 sections 12 to 15).
//!
//! A call is known by its cid, each of its dialogs by a did, each transaction by a tid: numbers
//! above 0, which events bring. What is built is the caller's, may be changed at will, and is given
//! away by sending it. Errors of the network come as events.

pub mod replaces;

use super::context::on;
use super::ex_setup::eXosip_t;
use super::{call, message, text};
use crate::abi::osipparser2::osip_message::{osip_message_t, text_of_message};
use crate::engine::{CoreRefusal, InitialInvite, WithinDialog};
use libc::{c_char, c_int, c_void};
use std::ptr;

/// Makes the INVITE of a new call (RFC 3261 section 13.2.1). Nothing is sent.
///
/// `to` and `from` are URIs or name-addrs. `route` NULL or empty, or the proxy to go through.
/// `subject` NULL or empty, or a Subject. Header fields behind the `?` of `to` come into the
/// message. A body and further header fields are set on the message. `invite` gets the message:
/// the caller's until eXosip_call_send_initial_invite takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or an empty `to`; OSIP_SYNTAXERROR for a text that is no
/// SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `invite` is NULL or points to a pointer that may be written; the texts are NULL or end with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_initial_invite(
    excontext: *mut eXosip_t,
    invite: *mut *mut osip_message_t,
    to: *const c_char,
    from: *const c_char,
    route: *const c_char,
    subject: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let [to, from, route, subject] =
        unsafe { [to, from, route, subject].map(|text| text::given(text).unwrap_or_default()) };
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_call_build_initial_invite", excontext, invite, |engine| {
            engine.build_initial_invite(InitialInvite {
                to: &to,
                from: &from,
                route: &route,
                subject: &subject,
            })
        })
    }
}

/// Sends the INVITE of a new call. Its answers come as events with the number returned in `cid`:
/// EXOSIP_CALL_PROCEEDING and _RINGING, then one of _ANSWERED, _REDIRECTED, _REQUESTFAILURE,
/// _SERVERFAILURE, _GLOBALFAILURE, or _NOANSWER after 32 s of silence; last EXOSIP_CALL_RELEASED.
///
/// After EXOSIP_CALL_ANSWERED the program sends the ACK. A challenge is answered by
/// eXosip_automatic_action or eXosip_default_action; the call keeps its `cid`. `invite` is consumed
/// in every case, errors included; it may be read until the event of its final answer.
///
/// Returns the cid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
/// OSIP_SYNTAXERROR for one that cannot be sent; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// `invite` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_send_initial_invite(
    excontext: *mut eXosip_t,
    invite: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::send(
            "eXosip_call_send_initial_invite",
            excontext,
            invite,
            |engine, text, message| {
                engine.send_initial_invite(text.ok_or(CoreRefusal::BadParameter)?, message)
            },
        )
    }
}

/// Makes a request within a dialog (RFC 3261 section 12.2.1.1), with the next CSeq. Nothing is
/// sent.
///
/// `method` is any but ACK and CANCEL; INVITE offers a new session. `request` gets the message: the
/// caller's until eXosip_call_send_request takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, an empty `method` or a did below 1; OSIP_NOTFOUND for a
/// did that is unknown or whose dialog has ended; OSIP_WRONG_STATE while a request of this method
/// waits for its answer in the dialog, whoever sent it.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written; `method` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_request(
    excontext: *mut eXosip_t,
    did: c_int,
    method: *const c_char,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    let method = unsafe { text::given(method) }.unwrap_or_default();
    let ask = WithinDialog::plain(&method);
    // SAFETY: the caller's promise.
    unsafe { call::build_within("eXosip_call_build_request", excontext, did, ask, request) }
}

/// Makes the ACK to a 2xx of an INVITE of ours (RFC 3261 section 13.2.2.4). Nothing is sent.
///
/// `tid` is that of the event, or its did. `ack` gets the message: the caller's until
/// eXosip_call_send_ack takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a number below 1 or one of another request;
/// OSIP_NOTFOUND for one that is unknown or has no 2xx yet.
///
/// # Safety
/// `ack` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_ack(
    excontext: *mut eXosip_t,
    tid: c_int,
    ack: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_call_build_ack", excontext, ack, |engine| engine.build_ack(tid))
    }
}

/// Sends the ACK to a 2xx of an INVITE of ours. When the 2xx comes again, so does the ACK, by
/// itself.
///
/// `tid` is that of the event, or its did. `ack` NULL sends what eXosip_call_build_ack would make.
/// It is consumed in every case, errors included; it may be read for a while.
///
/// Returns 0; OSIP_BADPARAMETER for a number below 1 or one of another request; OSIP_NOTFOUND for
/// one that is unknown or has no 2xx yet; OSIP_SYNTAXERROR for a message that cannot be sent.
///
/// # Safety
/// `ack` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_send_ack(
    excontext: *mut eXosip_t,
    tid: c_int,
    ack: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::send("eXosip_call_send_ack", excontext, ack, |engine, text, message| {
            engine.send_ack(tid, text, message).map(|()| 0)
        })
    }
}

/// Makes a REFER within a dialog: the far end is to call somebody (RFC 3515). Nothing is sent.
///
/// `refer_to` is the value of Refer-To; NULL or empty: there is none. `request` gets the message:
/// the caller's until eXosip_call_send_request takes it, NULL on errors.
///
/// Returns 0, or errors as eXosip_call_build_request.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written; `refer_to` is NULL or ends with
/// NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_refer(
    excontext: *mut eXosip_t,
    did: c_int,
    refer_to: *const c_char,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    let refer_to = unsafe { text::filled(refer_to) };
    let refer_to = refer_to.as_deref();
    let ask = WithinDialog { method: "REFER", refer_to, subscription_status: None };
    // SAFETY: the caller's promise.
    unsafe { call::build_within("eXosip_call_build_refer", excontext, did, ask, request) }
}

/// Makes an INFO within a dialog (RFC 6086). Nothing is sent.
///
/// `request` gets the message: the caller's until eXosip_call_send_request takes it, NULL on
/// errors.
///
/// Returns 0, or errors as eXosip_call_build_request.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_info(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    let ask = WithinDialog::plain("INFO");
    // SAFETY: the caller's promise.
    unsafe { call::build_within("eXosip_call_build_info", excontext, did, ask, request) }
}

/// Makes an OPTIONS within a dialog (RFC 3261 section 11). Nothing is sent.
///
/// `request` gets the message: the caller's until eXosip_call_send_request takes it, NULL on
/// errors.
///
/// Returns 0, or errors as eXosip_call_build_request.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_options(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    let ask = WithinDialog::plain("OPTIONS");
    // SAFETY: the caller's promise.
    unsafe { call::build_within("eXosip_call_build_options", excontext, did, ask, request) }
}

/// Makes an UPDATE within a dialog (RFC 3311). Nothing is sent.
///
/// `request` gets the message: the caller's until eXosip_call_send_request takes it, NULL on
/// errors.
///
/// Returns 0, or errors as eXosip_call_build_request.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_update(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    let ask = WithinDialog::plain("UPDATE");
    // SAFETY: the caller's promise.
    unsafe { call::build_within("eXosip_call_build_update", excontext, did, ask, request) }
}

/// Makes a NOTIFY within a dialog: how a transfer goes that the far end asked for (RFC 3515).
/// Nothing is sent.
///
/// `subscription_status` is EXOSIP_SUBCRSTATE_PENDING, _ACTIVE or _TERMINATED. A body is set on the
/// message; Event: refer is added when it is sent, where it has no Event. `request` gets the
/// message: the caller's until eXosip_call_send_request takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for another status, and errors as eXosip_call_build_request.
///
/// # Safety
/// `request` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_notify(
    excontext: *mut eXosip_t,
    did: c_int,
    subscription_status: c_int,
    request: *mut *mut osip_message_t,
) -> c_int {
    let subscription_status = Some(subscription_status);
    let ask = WithinDialog { method: "NOTIFY", refer_to: None, subscription_status };
    // SAFETY: the caller's promise.
    unsafe { call::build_within("eXosip_call_build_notify", excontext, did, ask, request) }
}

/// Sends a request within a dialog. Its answers come as events: those of an INVITE as for the first
/// one, others as EXOSIP_CALL_MESSAGE_ANSWERED, _REDIRECTED, _REQUESTFAILURE (also, without
/// response, after 32 s of silence), _SERVERFAILURE, _GLOBALFAILURE.
///
/// `request` is consumed, except for NULL; it may be read until the event of its answer.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a did below 1 or a message without Call-ID; OSIP_NOTFOUND
/// for a did that is unknown or whose dialog has ended; OSIP_WRONG_STATE while a request of this
/// method waits for its answer in the dialog; OSIP_SYNTAXERROR for a message that cannot be sent.
///
/// # Safety
/// `request` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_send_request(
    excontext: *mut eXosip_t,
    did: c_int,
    request: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::send("eXosip_call_send_request", excontext, request, |engine, text, message| {
            let text = text.ok_or(CoreRefusal::BadParameter)?;
            engine.send_dialog_request(did, text, message).map(|()| 0)
        })
    }
}

/// Makes an answer to a request of a call. Nothing is sent.
///
/// `tid` is that of the event, `status` 101 to 699. `answer` gets the message: the caller's until
/// eXosip_call_send_answer takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, a tid below 0 or another status; OSIP_NOTFOUND for an
/// unknown tid; OSIP_WRONG_STATE for an INVITE that is answered.
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
    unsafe {
        message::build("eXosip_call_build_answer", excontext, answer, |engine| {
            engine.build_answer(tid, status)
        })
    }
}

/// Answers a request of a call. A 2xx to an INVITE is sent again until its ACK comes, for 32 s.
///
/// `answer` NULL sends the plain answer of `status`, which for an INVITE is a provisional one or
/// refuses it. It is consumed in every case, errors included; it may be read for a while.
///
/// Returns 0; OSIP_BADPARAMETER for a tid below 0, a status outside 101 to 699, or a 2xx to an
/// INVITE without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when the request is
/// answered; OSIP_SYNTAXERROR for a message that cannot be sent.
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
    unsafe {
        message::send("eXosip_call_send_answer", excontext, answer, |engine, text, message| {
            engine.send_answer((tid, status), text, message).map(|()| 0)
        })
    }
}

/// Ends a call, as it stands: cancels an INVITE of ours that is not answered (RFC 3261 section 9),
/// refuses theirs with 603, or sends BYE (section 15.1.1).
///
/// `did` above 0 names the dialog, and `cid` is not looked at; else `cid` names the call. An INVITE
/// that has no answer at all yet is cancelled at the first one. The answers come as events.
///
/// Returns 0; 1 when the INVITE is cancelled; OSIP_BADPARAMETER for two numbers below 1;
/// OSIP_NOTFOUND for an unknown one or a dialog that has ended; OSIP_WRONG_STATE for a call that is
/// ended already.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_terminate(excontext: *mut eXosip_t, cid: c_int, did: c_int) -> c_int {
    call::terminate("eXosip_call_terminate", excontext, (cid, did), None)
}

/// Ends a call, and says why (RFC 3326).
///
/// `reason` is the value of Reason; NULL: there is none. It comes into the CANCEL, BYE or 603.
/// Otherwise as eXosip_call_terminate.
///
/// # Safety
/// `reason` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_terminate_with_reason(
    excontext: *mut eXosip_t,
    cid: c_int,
    did: c_int,
    reason: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let reason = unsafe { text::given(reason) };
    let header = reason.as_deref().map(|reason| ("Reason", reason));
    call::terminate("eXosip_call_terminate_with_reason", excontext, (cid, did), header)
}

/// Ends a call, with one more header field.
///
/// It comes into the CANCEL, BYE or 603; where `header_name` or `header_value` is NULL there is
/// none. Otherwise as eXosip_call_terminate.
///
/// # Safety
/// The texts are NULL or end with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_terminate_with_header(
    excontext: *mut eXosip_t,
    cid: c_int,
    did: c_int,
    header_name: *const c_char,
    header_value: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let (name, value) = unsafe { (text::given(header_name), text::given(header_value)) };
    let header = name.as_deref().zip(value.as_deref());
    call::terminate("eXosip_call_terminate_with_header", excontext, (cid, did), header)
}

/// Makes the PRACK to a reliable provisional answer to an INVITE of ours (RFC 3262). Nothing is
/// sent.
///
/// `tid` is the INVITE's, `response1xx` the answer. `prack` gets the message: the caller's until
/// eXosip_call_send_prack takes it, NULL on errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a tid below 0 or of another request; OSIP_NOTFOUND for
/// an unknown tid; OSIP_WRONG_STATE when the answer is acknowledged or the INVITE has its final
/// answer; OSIP_WRONG_FORMAT for an answer without RSeq.
///
/// # Safety
/// `response1xx` is NULL or a message; `prack` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_build_prack(
    excontext: *mut eXosip_t,
    tid: c_int,
    response1xx: *mut osip_message_t,
    prack: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    let response = unsafe { text_of_message(response1xx) };
    // SAFETY: the caller's promise.
    unsafe {
        message::build("eXosip_call_build_prack", excontext, prack, |engine| {
            engine.build_prack(tid, response.as_deref())
        })
    }
}

/// Sends a PRACK. Its answer comes as EXOSIP_CALL_MESSAGE_ANSWERED or one of the failures.
///
/// `tid` is the INVITE's. `prack` is consumed, except for NULL; it may be read until the event of
/// its answer.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a tid below 0 or of another request; OSIP_NOTFOUND for
/// an unknown tid; OSIP_WRONG_STATE when the INVITE has its final answer; OSIP_SYNTAXERROR for a
/// message that cannot be sent.
///
/// # Safety
/// `prack` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_send_prack(
    excontext: *mut eXosip_t,
    tid: c_int,
    prack: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::send("eXosip_call_send_prack", excontext, prack, |engine, text, message| {
            let text = text.ok_or(CoreRefusal::BadParameter)?;
            engine.send_prack(tid, text, message).map(|()| 0)
        })
    }
}

/// Attaches a pointer to a call, which later events of the call have as external_reference. It is
/// never followed.
///
/// `id` is a cid or a did.
///
/// Returns 0; OSIP_NOTFOUND for an unknown number; OSIP_BADPARAMETER for NULL as context.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_set_reference(
    excontext: *mut eXosip_t,
    id: c_int,
    reference: *mut c_void,
) -> c_int {
    on("eXosip_call_set_reference", excontext, |context| {
        // A number for the core, and a pointer again only in C.
        context.engine.set_call_reference(id, reference.expose_provenance())?;
        Ok(0)
    })
}

/// The pointer attached to a call.
///
/// Returns NULL for an unknown cid, and where none was attached.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_call_get_reference(excontext: *mut eXosip_t, cid: c_int) -> *mut c_void {
    on("eXosip_call_get_reference", excontext, |context| {
        let reference = context.engine.call_reference(cid)?.unwrap_or(0);
        Ok(ptr::with_exposed_provenance_mut(reference))
    })
}
