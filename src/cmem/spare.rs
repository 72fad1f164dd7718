//! Small blocks at hand, for messages: each is made of some sixty, and freed soon after.
//!
//! A spare block is malloc's like any other, so a program may free what it finds in a message, or put its own there. It
//! was given up with its message, and the next message takes it from here at a tenth of malloc's price.

use super::{alloc, release, replaced};
use libc::c_void;
use parking_lot::{Mutex, MutexGuard};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

/// What glibc's smallest block holds, and by how much the next one holds more.
pub(super) const SMALLEST: usize = 24;
const STEP: usize = 16;
/// Sizes of blocks that are kept: 24, 40, 56, 72 and 88 bytes.
const SIZES: usize = 5;
/// Blocks of each size.
const MOST: usize = 256;

/// Blocks that nobody uses, and how many there are of each size; one thread at a time has them.
#[derive(Debug)]
pub struct Spare {
    counts: [Cell<usize>; SIZES],
    blocks: [[Cell<*mut c_void>; MOST]; SIZES],
}

// SAFETY: free blocks belong to no thread.
unsafe impl Send for Spare {}

static SPARE: Mutex<Spare> = Mutex::new(Spare::new());

/// Whether malloc is glibc's, whose sizes these are: asked once, and more than once does no harm. Under valgrind and the sanitizers
/// it is not, and they see all.
fn is_glibc() -> bool {
    const YES: u8 = 1;
    const NO: u8 = 2;
    static KNOWN: AtomicU8 = AtomicU8::new(0);
    match KNOWN.load(Ordering::Relaxed) {
        0 => {}
        known => return known == YES,
    }
    // SAFETY: a block of malloc's or NULL, asked for its size and freed.
    let room = unsafe {
        let block = libc::malloc(1);
        let room = libc::malloc_usable_size(block);
        libc::free(block);
        room
    };
    KNOWN.store(if room == SMALLEST { YES } else { NO }, Ordering::Relaxed);
    room == SMALLEST
}

/// Whether blocks that were given up may be used again: not for a program with functions of its own in the place of malloc, and not
/// where malloc is not glibc's.
pub fn may_keep() -> bool {
    !replaced() && is_glibc()
}

/// The spare blocks; `None` while another thread has them, for a program with functions of its own in the place of
/// malloc, and where malloc is not glibc's.
pub fn spare() -> Option<MutexGuard<'static, Spare>> {
    if may_keep() { SPARE.try_lock() } else { None }
}

impl Spare {
    const fn new() -> Self {
        Self {
            counts: [const { Cell::new(0) }; SIZES],
            blocks: [const { [const { Cell::new(ptr::null_mut()) }; MOST] }; SIZES],
        }
    }

    /// As [`alloc`].
    #[inline]
    pub(super) fn alloc(&self, size: usize) -> *mut c_void {
        let at = size.saturating_sub(SMALLEST).div_ceil(STEP);
        if let (Some(count), Some(blocks)) = (self.counts.get(at), self.blocks.get(at))
            && let Some(left) = count.get().checked_sub(1)
            && let Some(block) = blocks.get(left)
        {
            count.set(left);
            return block.get();
        }
        alloc(size)
    }

    /// As [`release`].
    ///
    /// # Safety
    /// As for [`release`]; the functions in the place of malloc and free are still not set.
    #[inline]
    pub(super) unsafe fn release(&self, block: *mut c_void) {
        // SAFETY: NULL or a block of malloc's that is in use, by the caller's promise.
        let room = unsafe { libc::malloc_usable_size(block) };
        let at = room.wrapping_sub(SMALLEST) / STEP;
        if let (Some(count), Some(blocks)) = (self.counts.get(at), self.blocks.get(at))
            && let Some(place) = blocks.get(count.get())
        {
            place.set(block);
            count.set(count.get() + 1);
        } else {
            // SAFETY: passed on.
            unsafe { release(block) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_was_given_up_is_the_next_one_of_its_size() {
        let spare = Spare::new();
        let block = spare.alloc(20);
        // SAFETY: from `alloc`.
        let room = unsafe { libc::malloc_usable_size(block) };
        // SAFETY: from `alloc`, not used again but by who gets it next; and NULL.
        unsafe {
            spare.release(block);
            spare.release(ptr::null_mut());
        }
        let (larger, same) = (spare.alloc(room + 1), spare.alloc(room));
        assert_eq!(same, block);
        assert_ne!(larger, block);
        // SAFETY: blocks of malloc's, not used again.
        unsafe {
            libc::free(larger);
            libc::free(same);
        }
    }

    #[test]
    fn blocks_are_kept_up_to_a_bound_of_number_and_size() {
        let spare = Spare::new();
        for size in [24, 4096] {
            let blocks: Vec<_> = (0..MOST * 2).map(|_| spare.alloc(size)).collect();
            // SAFETY: from `alloc`, not used again.
            blocks.into_iter().for_each(|block| unsafe { spare.release(block) });
        }
        for (count, blocks) in spare.counts.iter().zip(&spare.blocks) {
            for block in &blocks[..count.get()] {
                // SAFETY: a block of malloc's that nobody has.
                unsafe {
                    assert!(libc::malloc_usable_size(block.get()) <= SMALLEST + SIZES * STEP);
                    libc::free(block.get());
                }
            }
        }
    }
}
