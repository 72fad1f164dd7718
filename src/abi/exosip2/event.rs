//! Events from the engine's text to C's struct.

use super::context::Context;
use super::event_kind::{kind, textinfo};
use super::ex_event::{eXosip_event_t, eXosip_event_type};
use super::ex_setup::eXosip_t;
use super::sent::SentMessage;
use super::{message, waiting};
use crate::abi::osipparser2::osip_message::{free_messages, osip_message_t};
use crate::cmem;
use crate::engine::{Action, CoreRefusal, EventWait, QueuedEvent, Refusal};
use crate::sip::one_printable_line;
use libc::{c_char, c_int};
use std::ptr;
use std::time::Duration;

/// Makes C's struct of a text.
type MessageReader = fn(&[u8]) -> *mut osip_message_t;

/// The next event; NULL when none came in time. The thread may be cancelled while it waits.
pub(super) fn next(
    name: &'static str,
    pointer: *const eXosip_t,
    timeout: Option<Duration>,
) -> *mut eXosip_event_t {
    waiting::wait(
        name,
        pointer,
        |context| Ok(context.engine.begin_event_wait(timeout)),
        |context, wait: &mut EventWait, sleep| {
            let outcome = wait.step(sleep)?;
            Some(Ok(outcome.map_or(ptr::null_mut(), |queued| from_queued(context, queued))))
        },
    )
}

fn from_queued(context: &Context, queued: QueuedEvent) -> *mut eXosip_event_t {
    let QueuedEvent { event: notice, message } = queued;
    let message = message.and_then(|message| message.downcast::<SentMessage>().ok());
    let event = cmem::alloc_zeroed(size_of::<eXosip_event_t>()).cast::<eXosip_event_t>();
    if event.is_null() {
        return event;
    }
    let sent = |text: &[u8]| match message?.into_request(text) {
        Ok(request) => Some(request),
        Err(message) => {
            context.engine.keep_for_a_while(Box::new(message));
            None
        }
    };
    let (request, response): (MessageReader, MessageReader) = if notice.origin.is_some() {
        (message::received, message::built)
    } else {
        (message::built, message::received)
    };
    // SAFETY: fresh memory of this size, all zero, which is a valid event.
    unsafe {
        (*event).r#type = kind(notice.kind);
        (*event).rid = notice.rid;
        (*event).tid = notice.ids.tid;
        (*event).did = notice.ids.did;
        (*event).cid = notice.ids.cid;
        (*event).sid = notice.ids.sid;
        (*event).nid = notice.ids.nid;
        (*event).ss_status = notice.subscription.status;
        (*event).ss_reason = notice.subscription.reason;
        (*event).external_reference = ptr::with_exposed_provenance_mut(notice.reference);
        (*event).request = notice
            .request
            .as_deref()
            .map_or(ptr::null_mut(), |text| sent(text).unwrap_or_else(|| request(text)));
        (*event).response =
            notice.response.as_deref().map_or(ptr::null_mut(), |text| response(text));
        (*event).ack = notice.ack.as_deref().map_or(ptr::null_mut(), |text| request(text));
        write_text(&mut (*event).textinfo, &textinfo(notice.kind, &notice.text));
    }
    event
}

/// Cuts `text` to what fits with its NUL, between two characters. What could command a terminal,
/// which a realm may hold, becomes `?`.
fn write_text(into: &mut [c_char; 256], text: &str) {
    let text = one_printable_line(text);
    let mut end = text.len().min(into.len() - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    for (to, from) in into.iter_mut().zip(&text.as_bytes()[..end]) {
        *to = *from as c_char;
    }
}

/// Frees an event and its messages.
///
/// # Safety
/// `event` is NULL or an event of ours.
pub(super) unsafe fn free(event: *mut eXosip_event_t) {
    if event.is_null() {
        return;
    }
    // SAFETY: an event of ours owns its messages.
    unsafe {
        free_messages([(*event).request, (*event).response, (*event).ack]);
        cmem::release(event.cast());
    }
}

/// See `eXosip_default_action`.
///
/// # Safety
/// `event` is NULL or an event of ours.
pub(super) unsafe fn default_action(
    context: &Context,
    event: *const eXosip_event_t,
) -> Result<c_int, Refusal> {
    if event.is_null() {
        return Err(CoreRefusal::BadParameter.into());
    }
    // SAFETY: not NULL, and the caller's promise.
    let event = unsafe { &*event };
    // SAFETY: NULL, or the answer that the event owns.
    let response = unsafe { event.response.as_ref() };
    let status = response.ok_or(CoreRefusal::BadParameter)?.status_code;
    let (engine, code) = (&context.engine, u16::try_from(status).unwrap_or(0));
    let action = match status {
        // What others ask in a call has an answer of ours.
        300..=699 if event.cid > 0 && is_answered(event.r#type) => {
            engine.default_action_for_call(event.tid, code)?
        }
        401 | 407 if event.sid > 0 || event.nid > 0 => {
            let key = if event.sid > 0 { event.sid } else { event.nid };
            engine.default_action_for_subscription((key, event.tid), code)?
        }
        401 | 407 if event.rid == 0 && event.tid > 0 => {
            engine.default_action_for_request(event.tid, code)?
        }
        401 | 407 => engine.default_action(event.rid, code)?,
        300..=399 => return Err(CoreRefusal::Undefined.into()),
        _ => Action::Nothing,
    };
    Ok(match action {
        Action::Sent => 0,
        Action::Nothing => 1,
    })
}

/// Whether an event of a call tells of the final answer to a request of ours that was not a 2xx.
fn is_answered(kind: eXosip_event_type) -> bool {
    use eXosip_event_type as Kind;
    matches!(
        kind,
        Kind::EXOSIP_CALL_REDIRECTED
            | Kind::EXOSIP_CALL_REQUESTFAILURE
            | Kind::EXOSIP_CALL_SERVERFAILURE
            | Kind::EXOSIP_CALL_GLOBALFAILURE
            | Kind::EXOSIP_CALL_MESSAGE_REDIRECTED
            | Kind::EXOSIP_CALL_MESSAGE_REQUESTFAILURE
            | Kind::EXOSIP_CALL_MESSAGE_SERVERFAILURE
            | Kind::EXOSIP_CALL_MESSAGE_GLOBALFAILURE
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textinfo_is_cut_between_characters_and_cannot_command_a_terminal() {
        let mut into = [0; 256];
        write_text(&mut into, &format!("\x1b[2J\n\0\u{9b}{}", "\u{e9}".repeat(200)));
        let text: Vec<u8> = into.iter().map(|c| *c as u8).take_while(|byte| *byte != 0).collect();
        assert_eq!(String::from_utf8(text), Ok(format!("?[2J???{}", "\u{e9}".repeat(124))));
    }
}
