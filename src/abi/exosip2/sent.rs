//! The messages that were sent and whose events have not come: an event gets its request from here, where it can,
//! instead of reading the text again.

use super::message::Kept;
use crate::abi::osipparser2::osip_message::osip_message_t;
use crate::engine::Rid;
use libc::pthread_t;

/// Registrations whose messages are kept. The numbers of those that are made one behind the other do not collide.
const MOST: usize = 1024;

/// The last message sent for each of some registrations. The program may read it until its event has come.
#[derive(Default)]
pub(super) struct Sent(Vec<Option<Entry>>);

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
        if self.0.is_empty() {
            self.0.resize_with(MOST, || None);
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
        place.take().map(|entry| entry.message.into_raw())
    }

    fn place(&mut self, rid: Rid) -> Option<&mut Option<Entry>> {
        self.0.get_mut(usize::try_from(rid).ok()? % MOST)
    }
}

fn this_thread() -> pthread_t {
    // SAFETY: always allowed.
    unsafe { libc::pthread_self() }
}
