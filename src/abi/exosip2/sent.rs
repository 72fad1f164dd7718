//! A message that was sent. The program may read it until the event of its transaction's end has
//! come, which gets its request from here where what went out is the same but for the addresses in
//! it.

use crate::abi::osipparser2::osip_message::{ConsumedMessage, osip_message_t};
use crate::engine::{CoreRefusal, Refusal};
use crate::sip::Text;

/// A message, the text that it was sent as, and who sent it.
pub(super) struct SentMessage {
    message: ConsumedMessage,
    text: Text,
    thread: usize,
}

impl SentMessage {
    /// One that is about to be sent by this thread.
    pub(super) fn new(message: ConsumedMessage) -> Self {
        Self { message, text: Text::default(), thread: this_thread() }
    }

    /// Its text. Errors: no Call-ID, no Via, not printable.
    pub(super) fn print(&mut self) -> Result<Text, Refusal> {
        let message = self.message.get();
        if message.call_id.is_null() {
            return Err(CoreRefusal::BadParameter.into());
        }
        if message.vias.nb_elt < 1 {
            return Err(CoreRefusal::Syntax("no Via").into());
        }
        let mut text = Vec::new();
        let printed = self.message.print(&mut text);
        printed.ok_or(CoreRefusal::Syntax("a message that cannot be printed"))?;
        self.text = text.into();
        Ok(self.text.clone())
    }

    /// See [`ConsumedMessage::keep_refused`].
    pub(super) fn keep_refused(self) {
        self.message.keep_refused();
    }

    /// The message as what went out, whose event has come: it is the program's then. `Err` where
    /// that is more than another Via and Contact, and where somebody may still be reading it.
    pub(super) fn into_request(mut self, wire: &[u8]) -> Result<*mut osip_message_t, Self> {
        if self.is_settled() && self.message.update(&self.text, wire) {
            Ok(self.message.into_raw())
        } else {
            Err(self)
        }
    }

    /// Whether nobody is reading it any more once its event has come: its own thread takes the
    /// event, and its program has not printed it.
    fn is_settled(&self) -> bool {
        self.thread == this_thread() && self.message.get().message.is_null()
    }
}

/// The id of this thread, which is a number in one C library and a pointer in another.
fn this_thread() -> usize {
    // SAFETY: always allowed.
    unsafe { libc::pthread_self() as usize }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::exosip2::message::built;
    use crate::abi::osipparser2::osip_message::{free_messages, osip_message_to_str};
    use crate::cmem;
    use std::ptr;

    const TEXT: &[u8] = b"REGISTER sip:h SIP/2.0\r\n\
        Via: SIP/2.0/UDP 999.999.999.999;branch=z9hG4bK1\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n";
    const WIRE: &[u8] = b"REGISTER sip:h SIP/2.0\r\n\
        Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK2\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n";

    fn sent() -> SentMessage {
        // SAFETY: a message of ours that nobody else has.
        let mut sent = unsafe { ConsumedMessage::take(built(TEXT)) }.map(SentMessage::new).unwrap();
        assert_eq!(*sent.print().unwrap(), TEXT);
        sent
    }

    #[test]
    fn a_message_is_the_request_of_its_event_as_what_went_out() {
        let sent = sent().into_request(b"noise").err().unwrap();
        let message = sent.into_request(WIRE).ok().unwrap();
        // SAFETY: a message that is nobody else's any more.
        unsafe { free_messages([message]) };
    }

    #[test]
    fn a_message_that_somebody_may_be_reading_stays() {
        let sent = sent();
        let by_another = std::thread::scope(|scope| {
            scope.spawn(|| sent.into_request(WIRE).err()).join().unwrap().unwrap()
        });
        let message = by_another.message.into_raw();
        let mut text = ptr::null_mut();
        // SAFETY: a message of ours, and its text, which is freed; the message has one owner again.
        let printed = unsafe {
            osip_message_to_str(message, &raw mut text, ptr::null_mut());
            cmem::release(text.cast());
            ConsumedMessage::take(message).unwrap()
        };
        let printed = SentMessage { message: printed, ..self::sent() };
        assert!(printed.into_request(WIRE).is_err());
    }
}
