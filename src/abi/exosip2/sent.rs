//! The messages that were sent and whose events have not come: an event gets its request from here, where it can,
//! instead of reading the text again.

use super::message::Kept;
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::engine::Rid;
use libc::pthread_t;

/// Registrations whose messages are kept. The numbers of those that are made one behind the other do not collide.
const MOST: usize = 1024;
/// Rooms that are kept, and how large.
const ROOMS: usize = 128;
const LARGEST: usize = 2048;

/// The last message sent for each of some registrations. The program may read it until its event has come.
#[derive(Default)]
pub(super) struct Sent {
    entries: Vec<Option<Entry>>,
    /// Room for the texts of messages to come.
    rooms: Vec<Vec<u8>>,
}

/// A message, the text that it was sent as, and who sent it.
pub(super) struct Entry {
    rid: Rid,
    message: Kept,
    text: Vec<u8>,
    thread: pthread_t,
}

impl Sent {
    /// Keeps a message; the answer is what it pushes out.
    pub(super) fn keep(&mut self, rid: Rid, message: Kept, text: Vec<u8>) -> Option<Entry> {
        if self.entries.is_empty() {
            self.entries.resize_with(MOST, || None);
        }
        self.place(rid)?.replace(Entry { rid, message, text, thread: this_thread() })
    }

    /// Lets the message of a registration go; the answer is what is to be dropped.
    pub(super) fn forget(&mut self, rid: Rid) -> Option<Entry> {
        self.place(rid)?.take_if(|entry| entry.rid == rid)
    }

    /// The message of a registration as what went out: `wire`. It is the program's then. `None` where that is more than
    /// another Via and Contact, and where somebody may be reading the message still: it was sent by another thread, or
    /// its program prints it.
    pub(super) fn take(&mut self, rid: Rid, wire: &[u8]) -> Option<*mut osip_message_t> {
        let place = self.place(rid)?;
        let entry = place.as_ref().filter(|entry| entry.rid == rid && entry.thread == this_thread())?;
        if entry.message.was_printed() || !entry.message.renew(&entry.text, wire) {
            return None;
        }
        let Entry { message, mut text, .. } = place.take()?;
        if self.rooms.len() < ROOMS && text.capacity() <= LARGEST {
            text.clear();
            self.rooms.push(text);
        }
        Some(message.into_raw())
    }

    /// Room for a text.
    pub(super) fn room(&mut self) -> Vec<u8> {
        self.rooms.pop().unwrap_or_default()
    }

    fn place(&mut self, rid: Rid) -> Option<&mut Option<Entry>> {
        self.entries.get_mut(usize::try_from(rid).ok()? % MOST)
    }
}

fn this_thread() -> pthread_t {
    // SAFETY: always allowed.
    unsafe { libc::pthread_self() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::exosip2::message::built;
    use crate::abi::osipparser2::osip_message::{osip_message_free, osip_message_to_str};
    use crate::cmem;
    use std::ptr;

    const TEXT: &[u8] = b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 999.999.999.999;branch=z9hG4bK1\r\n\r\n";
    const WIRE: &[u8] = b"REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK2\r\n\r\n";
    const LAST: Rid = MOST as Rid + 7;

    fn message() -> Kept {
        // SAFETY: a message of ours that nobody else has.
        unsafe { Kept::take(built(TEXT)) }.unwrap()
    }

    fn sent(rid: Rid) -> Sent {
        let mut sent = Sent::default();
        assert!(sent.keep(rid, message(), TEXT.to_vec()).is_none());
        sent
    }

    /// Whether there is a message, which is freed.
    fn taken(sent: &mut Sent, rid: Rid, wire: &[u8]) -> bool {
        let message = sent.take(rid, wire).unwrap_or(ptr::null_mut());
        // SAFETY: NULL, or a message that is nobody else's any more.
        unsafe { osip_message_free(message) };
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
        assert!(sent.keep(LAST, message(), TEXT.to_vec()).is_some_and(|entry| entry.rid == 7));
        assert!(sent.forget(LAST).is_some());
        assert!(!taken(&mut sent, LAST, WIRE));
    }

    #[test]
    fn a_message_that_somebody_may_be_reading_stays() {
        let mut sent = sent(7);
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(!taken(&mut sent, 7, WIRE)));
        });
        let message = message().into_raw();
        let mut text = ptr::null_mut();
        // SAFETY: a message of ours, and its text, which is freed; the message has one owner again.
        let printed = unsafe {
            osip_message_to_str(message, &raw mut text, ptr::null_mut());
            cmem::release(text.cast());
            Kept::take(message).unwrap()
        };
        assert!(sent.keep(7, printed, TEXT.to_vec()).is_some());
        assert!(!taken(&mut sent, 7, WIRE));
    }
}
