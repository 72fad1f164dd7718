//! One body each for the functions of `<eXosip2/eX_call.h>` and `eX_sdp.h` that make a request
//! within a dialog, end a call, or give a description.

use super::context::on;
use super::ex_setup::eXosip_t;
use super::message;
use crate::abi::ffi::Caller;
use crate::abi::osipparser2::cstruct::Owned;
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::abi::osipparser2::sdp_message::{sdp_message, sdp_message_t};
use crate::engine::{CoreRefusal, DescriptionOf, Refusal, Terminated, WithinDialog};
use libc::c_int;
use std::ptr;

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
    unsafe {
        message::build(name, context, request, |engine| engine.build_dialog_request(did, ask))
    }
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
