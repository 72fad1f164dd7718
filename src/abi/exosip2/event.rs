//! Events from the engine's text to C's struct.

use super::context::Context;
use super::ex_event::{eXosip_event_t, eXosip_event_type};
use super::ex_setup::eXosip_t;
use super::{message, waiting};
use crate::abi::osipparser2::osip_message::{free_messages, osip_message_t};
use crate::cmem;
use crate::engine::{Action, ApplicationEvent, CoreRefusal, EventKind, EventWait, Refusal};
use crate::sip::one_printable_line;
use libc::{c_char, c_int};
use std::borrow::Cow;
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
            Some(Ok(outcome.map_or(ptr::null_mut(), |notice| from_notice(context, &notice))))
        },
    )
}

fn from_notice(context: &Context, notice: &ApplicationEvent) -> *mut eXosip_event_t {
    let event = cmem::alloc_zeroed(size_of::<eXosip_event_t>()).cast::<eXosip_event_t>();
    if event.is_null() {
        return event;
    }
    let sent = |text: &[u8]| context.sent.lock().take(notice.rid, text);
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
        (*event).nid = notice.ids.nid;
        (*event).external_reference = ptr::without_provenance_mut(notice.reference);
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

/// The text of the success event, to the letter of the library that programs were written for.
const REGISTERED: &str = "User is successfully registred!";
/// How the text of every failure event begins.
const FAILED: &str = "Registration failed!";

/// The `textinfo` of an event that has `text` to say besides its kind.
fn textinfo(kind: EventKind, text: &str) -> Cow<'_, str> {
    match kind {
        EventKind::RegistrationSuccess => REGISTERED.into(),
        EventKind::RegistrationFailure if text.is_empty() => FAILED.into(),
        EventKind::RegistrationFailure => format!("{FAILED} {text}").into(),
        _ => text.into(),
    }
}

fn kind(kind: EventKind) -> eXosip_event_type {
    match kind {
        EventKind::RegistrationSuccess => eXosip_event_type::EXOSIP_REGISTRATION_SUCCESS,
        EventKind::RegistrationFailure => eXosip_event_type::EXOSIP_REGISTRATION_FAILURE,
        EventKind::CallInvite => eXosip_event_type::EXOSIP_CALL_INVITE,
        EventKind::CallReinvite => eXosip_event_type::EXOSIP_CALL_REINVITE,
        EventKind::CallNoAnswer => eXosip_event_type::EXOSIP_CALL_NOANSWER,
        EventKind::CallProceeding => eXosip_event_type::EXOSIP_CALL_PROCEEDING,
        EventKind::CallRinging => eXosip_event_type::EXOSIP_CALL_RINGING,
        EventKind::CallAnswered => eXosip_event_type::EXOSIP_CALL_ANSWERED,
        EventKind::CallRedirected => eXosip_event_type::EXOSIP_CALL_REDIRECTED,
        EventKind::CallRequestFailure => eXosip_event_type::EXOSIP_CALL_REQUESTFAILURE,
        EventKind::CallServerFailure => eXosip_event_type::EXOSIP_CALL_SERVERFAILURE,
        EventKind::CallGlobalFailure => eXosip_event_type::EXOSIP_CALL_GLOBALFAILURE,
        EventKind::CallAck => eXosip_event_type::EXOSIP_CALL_ACK,
        EventKind::CallMessageNew => eXosip_event_type::EXOSIP_CALL_MESSAGE_NEW,
        EventKind::CallMessageProceeding => eXosip_event_type::EXOSIP_CALL_MESSAGE_PROCEEDING,
        EventKind::CallMessageAnswered => eXosip_event_type::EXOSIP_CALL_MESSAGE_ANSWERED,
        EventKind::CallMessageRedirected => eXosip_event_type::EXOSIP_CALL_MESSAGE_REDIRECTED,
        EventKind::CallMessageRequestFailure => {
            eXosip_event_type::EXOSIP_CALL_MESSAGE_REQUESTFAILURE
        }
        EventKind::CallMessageServerFailure => eXosip_event_type::EXOSIP_CALL_MESSAGE_SERVERFAILURE,
        EventKind::CallMessageGlobalFailure => eXosip_event_type::EXOSIP_CALL_MESSAGE_GLOBALFAILURE,
        EventKind::CallClosed => eXosip_event_type::EXOSIP_CALL_CLOSED,
        EventKind::CallReleased => eXosip_event_type::EXOSIP_CALL_RELEASED,
        EventKind::CallCancelled => eXosip_event_type::EXOSIP_CALL_CANCELLED,
        EventKind::MessageNew => eXosip_event_type::EXOSIP_MESSAGE_NEW,
        EventKind::MessageProceeding => eXosip_event_type::EXOSIP_MESSAGE_PROCEEDING,
        EventKind::MessageAnswered => eXosip_event_type::EXOSIP_MESSAGE_ANSWERED,
        EventKind::MessageRedirected => eXosip_event_type::EXOSIP_MESSAGE_REDIRECTED,
        EventKind::MessageRequestFailure => eXosip_event_type::EXOSIP_MESSAGE_REQUESTFAILURE,
        EventKind::MessageServerFailure => eXosip_event_type::EXOSIP_MESSAGE_SERVERFAILURE,
        EventKind::MessageGlobalFailure => eXosip_event_type::EXOSIP_MESSAGE_GLOBALFAILURE,
        EventKind::InSubscriptionNew => eXosip_event_type::EXOSIP_IN_SUBSCRIPTION_NEW,
    }
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
    let (rid, tid, response) = unsafe { ((*event).rid, (*event).tid, (*event).response) };
    // SAFETY: NULL, or the answer that the event owns.
    let status = unsafe { response.as_ref() }.ok_or(CoreRefusal::BadParameter)?.status_code;
    match status {
        401 | 407 => {
            let action = if rid == 0 && tid > 0 {
                context.engine.default_action_for_request(tid, status as u16)
            } else {
                context.engine.default_action(rid, status as u16)
            };
            action.map(|action| match action {
                Action::Sent => 0,
                Action::Nothing => 1,
            })
        }
        300..=399 => Err(CoreRefusal::Undefined.into()),
        _ => Ok(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_events_have_the_texts_that_programs_know() {
        assert_eq!(textinfo(EventKind::RegistrationSuccess, ""), "User is successfully registred!");
        assert_eq!(textinfo(EventKind::RegistrationFailure, ""), "Registration failed!");
        assert_eq!(textinfo(EventKind::RegistrationFailure, "Why."), "Registration failed! Why.");
        assert_eq!(textinfo(EventKind::MessageNew, "New."), "New.");
    }

    #[test]
    fn textinfo_is_cut_between_characters_and_cannot_command_a_terminal() {
        let mut into = [0; 256];
        write_text(&mut into, &format!("\x1b[2J\n\0\u{9b}{}", "\u{e9}".repeat(200)));
        let text: Vec<u8> = into.iter().map(|c| *c as u8).take_while(|byte| *byte != 0).collect();
        assert_eq!(String::from_utf8(text), Ok(format!("?[2J???{}", "\u{e9}".repeat(124))));
    }
}
