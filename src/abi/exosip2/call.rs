//! One body each for the functions of `<eXosip2/eX_call.h>` that make a message, send one, end a
//! call, or give a description.

use super::context::on;
use super::ex_setup::eXosip_t;
use super::message;
use crate::abi::ffi::Caller;
use crate::abi::osipparser2::cstruct::Owned;
use crate::abi::osipparser2::osip_message::{ConsumedMessage, osip_message_t};
use crate::abi::osipparser2::sdp_message::{sdp_message, sdp_message_t};
use crate::engine::{
    CancelGuard, CoreRefusal, DescriptionOf, Engine, Refusal, Terminated, WithinDialog,
};
use libc::c_int;
use std::ptr;

/// A message that the program gave to be sent; `None` once that was done, or where it gave none.
type GivenMessage = Option<ConsumedMessage>;

/// Gives C the message that `make` writes.
///
/// # Safety
/// `place` is NULL or may be written.
pub(super) unsafe fn build(
    name: &'static str,
    context: *mut eXosip_t,
    place: *mut *mut osip_message_t,
    make: impl FnOnce(&Engine) -> Result<Vec<u8>, Refusal>,
) -> c_int {
    // SAFETY: the caller's promise.
    let out = unsafe { message::Out::new(place) };
    on(name, context, |context| {
        let out = out.ok_or(CoreRefusal::BadParameter)?;
        out.fill(&make(&context.engine)?)?;
        Ok(0)
    })
}

/// Sends a message by `send`, which takes it, and gets its text. One that it does not take is kept
/// for a program that frees it.
///
/// # Safety
/// `message` is NULL or a message that the caller owns and gives up.
pub(super) unsafe fn send(
    name: &'static str,
    context: *mut eXosip_t,
    message: *mut osip_message_t,
    send: impl FnOnce(&Engine, Option<&[u8]>, &mut GivenMessage) -> Result<c_int, Refusal>,
) -> c_int {
    let _uncancelled = CancelGuard::begin();
    // SAFETY: the caller's promise.
    let mut message = unsafe { ConsumedMessage::take(message) };
    let code = on(name, context, |context| {
        let mut text = Vec::new();
        if let Some(message) = &message {
            message::print(message, &mut text)?;
        }
        send(&context.engine, message.is_some().then_some(text.as_slice()), &mut message)
    });
    if let Some(refused) = message {
        refused.keep_refused();
    }
    code
}

/// Makes a request within dialog `did`.
///
/// # Safety
/// `request` is NULL or may be written.
pub(super) unsafe fn build_within(
    name: &'static str,
    context: *mut eXosip_t,
    did: c_int,
    ask: WithinDialog<'_>,
    request: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { build(name, context, request, |engine| engine.build_dialog_request(did, ask)) }
}

/// Ends a call, with this header field.
pub(super) fn terminate(
    name: &'static str,
    context: *mut eXosip_t,
    (cid, did): (c_int, c_int),
    header: Option<(&str, &str)>,
) -> c_int {
    on(name, context, |context| {
        Ok::<_, Refusal>(match context.engine.terminate_call(cid, did, header)? {
            Terminated::Cancelled => 1,
            Terminated::Ended => 0,
        })
    })
}

/// A request of a call has no number below 0, and an answer none outside of these.
pub(super) fn check_answer(tid: c_int, status: c_int) -> Result<(), Refusal> {
    if tid < 0 || !(101..=699).contains(&status) {
        return Err(CoreRefusal::BadParameter.into());
    }
    Ok(())
}

/// A session description of a call, which the caller owns; NULL where there is none.
pub(super) fn description(
    name: &'static str,
    context: *mut eXosip_t,
    of: DescriptionOf,
) -> *mut sdp_message_t {
    on(name, context, |context| {
        let Some(text) = context.engine.call_description(of)? else { return Ok(ptr::null_mut()) };
        // SAFETY: all structs that meet this value are made here.
        let c = unsafe { Caller::promised() };
        let description =
            c.with_free_list(|c| Owned::<sdp_message>::parsed(&text, c).map(Owned::into_raw));
        description.map_err(|_| CoreRefusal::Syntax("a description that cannot be read").into())
    })
}
