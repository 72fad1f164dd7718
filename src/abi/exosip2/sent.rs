//! The messages that were sent and whose events have not come. The program may read them until
//! then; an event gets its request from here where what went out is the same but for the addresses
//! in it.

use crate::abi::osipparser2::osip_message::{ConsumedMessage, osip_message_t};
use crate::engine::Rid;

/// Registrations whose messages are retained. The numbers of those that are made one after the
/// other do not collide.
const MAX_REGISTRATIONS: usize = 1024;
/// Buffers that are kept, and how large.
const MAX_BUFFERS: usize = 128;
const LARGEST_BUFFER: usize = 2048;

/// The last message sent for each of some registrations.
#[derive(Default)]
pub(super) struct SentMessages {
    entries: Vec<Option<SentMessage>>,
    buffers: Vec<Vec<u8>>,
}

/// A message, the text that it was sent as, and who sent it for which registration.
pub(super) struct SentMessage {
    rid: Rid,
    message: ConsumedMessage,
    text: Vec<u8>,
    thread: usize,
}

impl SentMessage {
    /// Whether nobody is reading it any more once its event has come: its own thread takes the
    /// event, and its program has not printed it.
    fn is_settled(&self) -> bool {
        self.thread == this_thread() && self.message.get().message.is_null()
    }
}

impl SentMessages {
    /// Retains a message that was sent as `text`; the answer is what it replaces, to be freed.
    pub(super) fn retain(
        &mut self,
        rid: Rid,
        message: ConsumedMessage,
        text: Vec<u8>,
    ) -> Option<SentMessage> {
        if self.entries.is_empty() {
            self.entries.resize_with(MAX_REGISTRATIONS, || None);
        }
        self.slot(rid)?.replace(SentMessage { rid, message, text, thread: this_thread() })
    }

    /// The message of a registration as what went out, whose event has come. It is the program's
    /// then. `None` where that is more than another Via and Contact, and where somebody may still
    /// be reading the message.
    pub(super) fn take(&mut self, rid: Rid, wire: &[u8]) -> Option<*mut osip_message_t> {
        let slot = self.slot(rid)?;
        let entry = slot.as_mut().filter(|entry| entry.rid == rid && entry.is_settled())?;
        if !entry.message.update(&entry.text, wire) {
            return None;
        }
        let SentMessage { message, text, .. } = slot.take()?;
        self.keep_buffer(text);
        Some(message.into_raw())
    }

    /// Lets the message of a registration go; the answer is to be freed.
    pub(super) fn forget(&mut self, rid: Rid) -> Option<SentMessage> {
        self.slot(rid)?.take_if(|entry| entry.rid == rid)
    }

    /// An empty buffer for a text.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    fn keep_buffer(&mut self, mut buffer: Vec<u8>) {
        if self.buffers.len() < MAX_BUFFERS && buffer.capacity() <= LARGEST_BUFFER {
            buffer.clear();
            self.buffers.push(buffer);
        }
    }

    fn slot(&mut self, rid: Rid) -> Option<&mut Option<SentMessage>> {
        self.entries.get_mut(usize::try_from(rid).ok()? % MAX_REGISTRATIONS)
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

    const TEXT: &[u8] =
        b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 999.999.999.999;branch=z9hG4bK1\r\n\r\n";
    const WIRE: &[u8] =
        b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK2\r\n\r\n";
    const LAST: Rid = MAX_REGISTRATIONS as Rid + 7;

    fn message() -> ConsumedMessage {
        // SAFETY: a message of ours that nobody else has.
        unsafe { ConsumedMessage::take(built(TEXT)) }.unwrap()
    }

    fn sent(rid: Rid) -> SentMessages {
        let mut sent = SentMessages::default();
        assert!(sent.retain(rid, message(), TEXT.to_vec()).is_none());
        sent
    }

    /// Whether there is a message, which is freed.
    fn taken(sent: &mut SentMessages, rid: Rid, wire: &[u8]) -> bool {
        let message = sent.take(rid, wire).unwrap_or(ptr::null_mut());
        // SAFETY: NULL, or a message that is nobody else's any more.
        unsafe { free_messages([message]) };
        !message.is_null()
    }

    #[test]
    fn a_message_is_taken_once_by_its_registration_as_what_went_out() {
        let mut sent = sent(7);
        assert!(!taken(&mut sent, 8, WIRE));
        assert!(!taken(&mut sent, LAST, WIRE));
        assert!(!taken(&mut sent, 7, b"noise"));
        assert!(taken(&mut sent, 7, WIRE));
        assert!(!taken(&mut sent, 7, WIRE));
        assert!(!taken(&mut sent, -1, WIRE));
    }

    #[test]
    fn a_message_goes_with_its_registration_and_before_too_many_others() {
        let mut sent = sent(7);
        assert!(sent.forget(LAST).is_none());
        assert!(sent.retain(LAST, message(), TEXT.to_vec()).is_some_and(|entry| entry.rid == 7));
        assert!(sent.forget(LAST).is_some());
        assert!(!taken(&mut sent, LAST, WIRE));
    }

    #[test]
    fn a_message_that_somebody_may_be_reading_stays() {
        let mut sent = sent(7);
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(!taken(&mut sent, 7, WIRE)));
        });
        let message = built(TEXT);
        let mut text = ptr::null_mut();
        // SAFETY: a message of ours, and its text, which is freed; the message has one owner again.
        let printed = unsafe {
            osip_message_to_str(message, &raw mut text, ptr::null_mut());
            cmem::release(text.cast());
            ConsumedMessage::take(message).unwrap()
        };
        assert!(sent.retain(7, printed, TEXT.to_vec()).is_some());
        assert!(!taken(&mut sent, 7, WIRE));
    }
}
