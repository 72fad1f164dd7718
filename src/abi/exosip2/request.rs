//! Requests outside of dialogs and answers to those from outside: one body for the functions of
//! three headers.

use super::context::entry;
use super::ex_setup::eXosip_t;
use super::{message, text};
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::engine::{CoreRefusal, Engine, OutOfDialog};
use libc::{c_char, c_int};

/// Builds a request outside a dialog.
///
/// # Safety
/// `request` is NULL or may be written, the texts are NULL or end with NUL.
pub(super) unsafe fn build(
    name: &'static str,
    context: *mut eXosip_t,
    request: *mut *mut osip_message_t,
    [method, to, from, route]: [*const c_char; 4],
) -> c_int {
    // SAFETY: the caller's promise.
    let [method, to, from, route] =
        unsafe { [method, to, from, route].map(|text| text::given(text)) };
    let make = |engine: &Engine| {
        let is_empty = |text: &Option<_>| text.as_deref().is_some_and(str::is_empty);
        let method = method.as_deref().unwrap_or("");
        if method.is_empty() || is_empty(&to) || is_empty(&from) {
            return Err(CoreRefusal::BadParameter.into());
        }
        // As programs know it: NULL is no URI.
        let (Some(to), Some(from)) = (&to, &from) else {
            return Err(CoreRefusal::Syntax("NULL in the place of a URI").into());
        };
        let route = route.as_deref().unwrap_or("");
        engine.build_request(OutOfDialog { method, to, from, route })
    };
    // SAFETY: the caller's promise.
    unsafe { message::build(name, context, request, make) }
}

/// Sends a request outside a dialog; `request` is consumed in every case.
///
/// # Safety
/// `request` is NULL or a message that the caller owns.
pub(super) unsafe fn send(
    name: &'static str,
    context: *mut eXosip_t,
    request: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        message::send(name, context, request, |engine, text, message| {
            engine.send_request(text.ok_or(CoreRefusal::BadParameter)?, message)
        })
    }
}

/// Builds an answer to request `tid`.
///
/// # Safety
/// `answer` is NULL or may be written.
pub(super) unsafe fn build_answer(
    name: &'static str,
    context: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut *mut osip_message_t,
) -> c_int {
    let make = |engine: &Engine| match tid {
        1.. => engine.build_answer(tid, status),
        _ => Err(CoreRefusal::BadParameter.into()),
    };
    // SAFETY: the caller's promise.
    unsafe { message::build(name, context, answer, make) }
}

/// Answers request `tid`. `answer` is consumed, except where a parameter is bad.
///
/// # Safety
/// `answer` is NULL or a message that the caller owns.
pub(super) unsafe fn send_answer(
    name: &'static str,
    context: *mut eXosip_t,
    tid: c_int,
    status: c_int,
    answer: *mut osip_message_t,
) -> c_int {
    if !(101..=699).contains(&status) || tid < 1 || context.is_null() {
        return entry(name, || Err(CoreRefusal::BadParameter.into()));
    }
    // SAFETY: the caller's promise.
    unsafe {
        message::send(name, context, answer, |engine, text, message| {
            engine.send_answer((tid, status), text, message).map(|()| 0)
        })
    }
}
