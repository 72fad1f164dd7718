//! Messages that C has given away by sending them: the library frees them, and the program must
//! not.

use super::cstruct::free;
use super::message_text::message_to_text;
use super::message_update::update;
use super::osip_message::{osip_message, osip_message_t};
use crate::abi::ffi::Caller;
use crate::cmem;
use parking_lot::{Mutex, MutexGuard};
use rustc_hash::{FxBuildHasher, FxHashSet};
use std::collections::VecDeque;
use std::time::Duration;

/// The addresses of all of them.
static RETAINED: Mutex<FxHashSet<usize>> = Mutex::new(FxHashSet::with_hasher(FxBuildHasher));

/// Those that were not sent, the last one at the end. A message is given away by an attempt to send
/// it, and programs differ in what they do when that fails: most leave it, many free it. So it can
/// neither be freed at once, which would make their free a second one, nor be left to the program,
/// which would be a leak. It is kept for a program that frees it soon, and is freed here when many
/// others have failed after it. A REGISTER that is not sent is freed at once: no program is known
/// that frees it.
static REFUSED: Mutex<VecDeque<ConsumedMessage>> = Mutex::new(VecDeque::new());
/// How many of them are kept: more than the threads of a program that each are between a failed
/// send and the free.
const MAX_REFUSED: usize = 64;

/// Who cannot have the set in this time is in a process that was forked while another thread had
/// it: nothing is checked.
const AN_INSTANT: Duration = Duration::from_secs(1);

fn retained() -> Option<MutexGuard<'static, FxHashSet<usize>>> {
    RETAINED.try_lock_for(AN_INSTANT)
}

/// A message that C has given away; freed when dropped. The program may read it until then.
pub(crate) struct ConsumedMessage(*mut osip_message_t);

// SAFETY: the message has one owner, and freeing it does not depend on the thread.
unsafe impl Send for ConsumedMessage {}

impl ConsumedMessage {
    /// Takes ownership; `None` for NULL. Ends the process, with a message, where the program gives
    /// what it does not have: a message that it has sent or freed before.
    ///
    /// # Safety
    /// `message` is NULL or a message that the caller owns and gives up.
    pub(crate) unsafe fn take(message: *mut osip_message_t) -> Option<Self> {
        if message.is_null() {
            return None;
        }
        // SAFETY: not NULL, and the caller's promise, which this call is about.
        unsafe { Caller::promised().check_not_freed(message) };
        let is_new = || retained().is_none_or(|mut all| all.insert(message.addr()));
        let is_the_programs = is_new() || (give_back_refused(message) && is_new());
        if !is_the_programs {
            cmem::misused("a message was sent twice: it belongs to the library once it was sent");
        }
        Some(Self(message))
    }

    /// The struct, as the program left it.
    pub(crate) fn get(&self) -> &osip_message {
        // SAFETY: a message that this owns, and which its program only reads from now on.
        unsafe { &*self.0 }
    }

    /// See [`update`]. Its program reads it no more.
    pub(crate) fn update(&mut self, old: &[u8], new: &[u8]) -> bool {
        // SAFETY: a message that this owns.
        let c = unsafe { Caller::promised() };
        c.with_free_list(|c| c.get_mut(self.0).is_ok_and(|message| update(message, old, new, c)))
    }

    /// Keeps the message, which was not sent, until many others were not; its program may free it
    /// before.
    pub(crate) fn keep_refused(self) {
        let oldest = REFUSED.try_lock_for(AN_INSTANT).and_then(|mut refused| {
            refused.push_back(self);
            if refused.len() > MAX_REFUSED { refused.pop_front() } else { None }
        });
        drop(oldest);
    }

    /// Gives the message back to C.
    pub(crate) fn into_raw(self) -> *mut osip_message_t {
        self.give_up();
        let message = self.0;
        #[allow(clippy::mem_forget, reason = "C owns the message from here on")]
        std::mem::forget(self);
        message
    }

    fn give_up(&self) {
        if let Some(mut all) = retained() {
            all.remove(&self.0.addr());
        }
    }

    /// Writes its text to the end of `out`; `None` where it cannot be printed.
    pub(crate) fn print(&self, out: &mut Vec<u8>) -> Option<()> {
        // SAFETY: a message that this owns.
        unsafe { message_to_text(self.0, out) }
    }
}

impl Drop for ConsumedMessage {
    fn drop(&mut self) {
        self.give_up();
        // SAFETY: a message that this owns.
        let c = unsafe { Caller::promised() };
        c.with_free_list(|c| free(self.0, c));
    }
}

/// Makes a message that the program has given away its own again, where it was not sent; whether it
/// was not.
fn give_back_refused(message: *const osip_message_t) -> bool {
    let found = REFUSED.try_lock_for(AN_INSTANT).and_then(|mut refused| {
        let at = refused.iter().position(|one| one.0.cast_const() == message)?;
        refused.remove(at)
    });
    found.map(ConsumedMessage::into_raw).is_some()
}

/// Ends the process, with a message, where the program frees a message that it has given away, and
/// that was sent.
pub(super) fn check_not_retained(message: *const osip_message_t) {
    if retained().is_some_and(|all| all.contains(&message.addr())) && !give_back_refused(message) {
        cmem::misused("double free detected: a message was freed by the program after it was sent");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::osipparser2::osip_message::{osip_message_free, osip_message_init};
    use std::ptr;

    fn refused() -> *mut osip_message_t {
        let mut message = ptr::null_mut();
        // SAFETY: a place for a message, which is given up; the answer is only compared and freed.
        unsafe {
            assert_eq!(osip_message_init(&raw mut message), 0);
            ConsumedMessage::take(message).unwrap().keep_refused();
        }
        message
    }

    fn is_refused(message: *mut osip_message_t) -> bool {
        REFUSED.lock().iter().any(|one| one.0 == message)
    }

    #[test]
    fn a_message_that_was_not_sent_may_be_freed_or_given_again() {
        let (one, other) = (refused(), refused());
        assert!(is_refused(one) && is_refused(other));
        // SAFETY: the messages that this test made, once each.
        unsafe {
            osip_message_free(one);
            let again = ConsumedMessage::take(other).unwrap();
            assert!(!is_refused(one) && !is_refused(other));
            again.keep_refused();
            assert!(is_refused(other));
            osip_message_free(other);
        }
        let first = refused();
        let many: Vec<_> = (0..MAX_REFUSED).map(|_| refused()).collect();
        assert!(!is_refused(first), "the oldest is freed");
        assert!(REFUSED.lock().len() <= MAX_REFUSED);
        // SAFETY: as above; it is among those that are kept.
        unsafe { osip_message_free(many[MAX_REFUSED - 1]) };
    }
}
