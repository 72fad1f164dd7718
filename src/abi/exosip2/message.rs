//! Messages between C's structs and the engine's text: building one for C, sending one of C.

use super::context::on;
use super::ex_setup::eXosip_t;
use super::sent::SentMessage;
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::headers::osip_via::osip_via_t;
use crate::abi::osipparser2::osip_list::osip_list_get;
use crate::abi::osipparser2::osip_message::{
    ConsumedMessage, free_messages, message_from_built_text, message_from_text, osip_message_t,
};
use crate::engine::{CancelGuard, CoreRefusal, Engine, Refusal};
use crate::sip::{Draft, octets};
use libc::{c_char, c_int};
use std::ptr;

/// Where C wants a message.
pub(super) struct Out(*mut *mut osip_message_t);

impl Out {
    /// Takes the place and puts NULL there; `None` for NULL.
    ///
    /// # Safety
    /// `place` is NULL or may be written until the answer is gone.
    pub(super) unsafe fn new(place: *mut *mut osip_message_t) -> Option<Self> {
        if place.is_null() {
            return None;
        }
        // SAFETY: the caller's promise.
        unsafe { *place = ptr::null_mut() };
        Some(Self(place))
    }

    /// Parses `text` and gives the message to C.
    pub(super) fn fill(&self, text: &[u8]) -> Result<(), Refusal> {
        let message = built(text);
        if message.is_null() {
            return Err(CoreRefusal::Undefined.into());
        }
        // SAFETY: the promise of `new`.
        unsafe { *self.0 = message };
        Ok(())
    }
}

/// A message that the program gave to be sent; `None` once that was done, or where it gave none.
type GivenMessage = Option<SentMessage>;

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
    let out = unsafe { Out::new(place) };
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
    let mut message = unsafe { ConsumedMessage::take(message) }.map(SentMessage::new);
    let code = on(name, context, |context| {
        let text = message.as_mut().map(SentMessage::print).transpose()?;
        send(&context.engine, text.as_ref().map(|text| text.as_slice()), &mut message)
    });
    if let Some(refused) = message {
        refused.keep_refused();
    }
    code
}

/// For C, a message that came in; NULL where `text` is none.
pub(super) fn received(text: &[u8]) -> *mut osip_message_t {
    message_from_text(text)
        .or_else(|| message_from_text(&readable(text)?))
        .unwrap_or(ptr::null_mut())
}

/// What can be shown of a message that was good enough for the engine but is not for C's structs:
/// without the header lines that do not parse. An event of an answer has a message.
fn readable(text: &[u8]) -> Option<Vec<u8>> {
    let mut draft = Draft::parse(text).ok()?;
    draft.retain(|name, value| {
        let mut alone = Draft::new("SIP/2.0 200 OK");
        alone.push(name, value);
        let message = message_from_text(&alone.to_bytes()).unwrap_or(ptr::null_mut());
        // SAFETY: NULL, or a message of ours that nobody else has.
        unsafe { free_messages([message]) };
        !message.is_null()
    });
    let shown = draft.to_bytes();
    Some(octets::encode_message(&shown).unwrap_or(shown))
}

/// For C, a message that this library wrote.
pub(super) fn built(text: &[u8]) -> *mut osip_message_t {
    message_from_built_text(text).unwrap_or(ptr::null_mut())
}

/// See `eXosip_transport_set`.
pub(super) fn set_transport(
    c: Caller<'_>,
    message: *mut osip_message_t,
    name: *const c_char,
) -> Result<c_int, Failure> {
    let name = c.need(name)?;
    let message = c.get_mut(message)?;
    // SAFETY: a list of a message.
    let via = unsafe { osip_list_get(&raw const message.vias, 0) }.cast::<osip_via_t>();
    let via = c.get_mut(via).map_err(|_| Failure::Undefined)?;
    let is_said = c.text(via.protocol).is_some_and(|said| said.eq_ignore_ascii_case(name));
    if !is_said {
        c.store(&mut via.protocol, name)?;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_a_broken_header_is_shown_without_it() {
        let text =
            b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP :;branch=x\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";
        assert!(message_from_text(text).is_none(), "C's structs cannot hold that Via");
        let message = received(text);
        assert!(!message.is_null());
        // SAFETY: a message of ours.
        unsafe {
            assert_eq!((*message).status_code, 200);
            assert_eq!((*message).vias.nb_elt, 0);
            assert!(!(*message).cseq.is_null());
            free_messages([message]);
        }
        assert!(received(b"noise").is_null());
    }
}
