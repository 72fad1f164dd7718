//! Small blocks at hand, for messages: each is made of some sixty, and freed soon after.
//!
//! A spare block is malloc's like any other, so a program may free what it finds in a message, or put its own there. It
//! was given up with its message, and the next message takes it from here at a tenth of malloc's price.

use super::{alloc, release, replaced};
use libc::c_void;
use parking_lot::{Mutex, MutexGuard};
use std::cell::Cell;
use std::ptr;
use std::sync::LazyLock;

/// What glibc's smallest block holds, and by how much the next one holds more.
const SMALLEST: usize = 24;
const STEP: usize = 16;
/// Sizes of blocks that are kept: 24, 40, 56, 72 and 88 bytes.
const SIZES: usize = 5;
/// Blocks of each size.
const MOST: usize = 256;

/// Blocks that nobody uses; one thread at a time has them.
#[derive(Debug)]
pub struct Spare([Shelf; SIZES]);

/// Blocks of one size.
#[derive(Debug)]
struct Shelf {
    count: Cell<usize>,
    blocks: [Cell<*mut c_void>; MOST],
}

// SAFETY: free blocks belong to no thread.
unsafe impl Send for Spare {}

static SPARE: Mutex<Spare> = Mutex::new(Spare::new());

/// Whether malloc is glibc's, whose sizes these are. Under valgrind and the sanitizers it is not, and they see all.
static IS_GLIBC: LazyLock<bool> = LazyLock::new(|| {
    // SAFETY: a block of malloc's or NULL, asked for its size and freed.
    unsafe {
        let block = libc::malloc(1);
        let room = libc::malloc_usable_size(block);
        libc::free(block);
        room == SMALLEST
    }
});

/// The spare blocks; `None` while another thread has them, for a program with functions of its own in the place of
/// malloc, and where malloc is not glibc's.
pub fn spare() -> Option<MutexGuard<'static, Spare>> {
    if replaced() || !*IS_GLIBC { None } else { SPARE.try_lock() }
}

impl Spare {
    const fn new() -> Self {
        Self(
            [const { Shelf { count: Cell::new(0), blocks: [const { Cell::new(ptr::null_mut()) }; MOST] } };
                SIZES],
        )
    }

    /// As [`alloc`].
    #[inline]
    pub(super) fn alloc(&self, size: usize) -> *mut c_void {
        let Some(shelf) = self.0.get(size.saturating_sub(SMALLEST).div_ceil(STEP)) else {
            return alloc(size);
        };
        let Some(left) = shelf.count.get().checked_sub(1) else { return alloc(size) };
        shelf.count.set(left);
        shelf.blocks[left].get()
    }

    /// As [`release`].
    ///
    /// # Safety
    /// As for [`release`]; the functions in the place of malloc and free are still not set.
    #[inline]
    pub(super) unsafe fn release(&self, block: *mut c_void) {
        // SAFETY: NULL or a block of malloc's that is in use, by the caller's promise.
        let room = unsafe { libc::malloc_usable_size(block) };
        let shelf = room.checked_sub(SMALLEST).and_then(|more| self.0.get(more / STEP));
        if let Some(shelf) = shelf
            && let Some(place) = shelf.blocks.get(shelf.count.get())
        {
            place.set(block);
            shelf.count.set(shelf.count.get() + 1);
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
        for shelf in &spare.0 {
            for block in &shelf.blocks[..shelf.count.get()] {
                // SAFETY: a block of malloc's that nobody has.
                unsafe {
                    assert!(libc::malloc_usable_size(block.get()) <= SMALLEST + SIZES * STEP);
                    libc::free(block.get());
                }
            }
        }
    }
}
