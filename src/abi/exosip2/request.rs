//! Requests outside of dialogs and answers to those from outside: one body for the functions of
//! three headers.

use super::context::{entry, on};
use super::ex_setup::eXosip_t;
use super::{message, text};
use crate::abi::osipparser2::osip_message::{ConsumedMessage, osip_message_t};
use crate::engine::{CoreRefusal, OutOfDialog};
use libc::{c_char, c_int};

/// Builds a request outside a dialog.
///
/// # Safety
/// `message` is NULL or may be written, the texts are NULL or end with NUL.
pub(super) unsafe fn build(
    name: &'static str,
    context: *mut eXosip_t,
    message: *mut *mut osip_message_t,
    [method, to, from, route]: [*const c_char; 4],
) -> c_int {
    // SAFETY: the caller's promise.
    let out = unsafe { message::Out::new(message) };
    // SAFETY: the caller's promise.
    let [method, to, from, route] =
        unsafe { [method, to, from, route].map(|text| text::given(text)) };
    on(name, context, |context| {
        let (Some(out), Some(method)) = (out, &method) else {
            return Err(CoreRefusal::BadParameter.into());
        };
        let is_empty = |text: &Option<_>| text.as_deref().is_some_and(str::is_empty);
        if method.is_empty() || is_empty(&to) || is_empty(&from) {
            return Err(CoreRefusal::BadParameter.into());
        }
        // As programs know it: NULL is no URI.
        let (Some(to), Some(from)) = (&to, &from) else {
            return Err(CoreRefusal::Syntax("NULL in the place of a URI").into());
        };
        let route = route.as_deref().unwrap_or("");
        out.fill(&context.engine.build_request(OutOfDialog { method, to, from, route })?)?;
        Ok(0)
    })
}

/// Sends a request outside a dialog; `message` is consumed in every case.
///
/// # Safety
/// `message` is NULL or a message that the caller owns.
pub(super) unsafe fn send(
    name: &'static str,
    context: *mut eXosip_t,
    message: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise; from here on the message is freed whatever happens.
    let message = unsafe { ConsumedMessage::take(message) };
    on(name, context, move |context| {
        let message = message.ok_or(CoreRefusal::BadParameter)?;
        let mut text = Vec::new();
        message::print(&message, &mut text)?;
        context.engine.send_request(&text, Some(Box::new(message)))
    })
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
    // SAFETY: the caller's promise.
    let out = unsafe { message::Out::new(answer) };
    on(name, context, |context| {
        let out = out.filter(|_| tid >= 1).ok_or(CoreRefusal::BadParameter)?;
        out.fill(&context.engine.build_answer(tid, status)?)?;
        Ok(0)
    })
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
    // SAFETY: the caller's promise; the parameters are good, so the message is freed from here on,
    // also by a context that refuses.
    let mut message = unsafe { ConsumedMessage::take(answer) };
    let code = on(name, context, |context| {
        let mut text = Vec::new();
        if let Some(message) = &message {
            message::print(message, &mut text)?;
        }
        let text = message.is_some().then_some(text.as_slice());
        context.engine.send_answer((tid, status), text, &mut message)?;
        Ok(0)
    });
    if let Some(refused) = message {
        refused.keep_refused();
    }
    code
}
