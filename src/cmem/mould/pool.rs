//! Trees that were given up and are still whole: the next text of their shape only changes their values.

use super::{text, write};
use crate::cmem::{Spare, release_with};
use libc::c_void;

/// Trees of one shape.
const MOST: usize = 16;
/// A tree with more room than that for one value is not kept, bytes.
const LARGEST: usize = 1024;

/// The trees one behind the other: of each the root, and behind it its values.
#[derive(Debug, Default)]
pub(super) struct Pool {
    slots: Vec<Slot>,
    trees: usize,
}

#[derive(Debug)]
enum Slot {
    Root(*mut c_void),
    /// The word that leads to a value, and the room that is there, bytes.
    Value(*mut *mut c_void, usize),
}

// SAFETY: trees that nobody has belong to no thread.
unsafe impl Send for Pool {}

impl Pool {
    pub(super) fn is_full(&self) -> bool {
        self.trees >= MOST
    }

    /// Takes a tree in; `values` are the words that lead to its values. `false`, with nothing taken: one of them has too much room.
    ///
    /// # Safety
    /// The tree is whole, of blocks of malloc, and nobody uses it again.
    pub(super) unsafe fn put(
        &mut self,
        root: *mut c_void,
        values: impl Iterator<Item = *mut *mut c_void>,
    ) -> bool {
        let start = self.slots.len();
        self.slots.push(Slot::Root(root));
        for word in values {
            // SAFETY: a word of a whole tree, which leads to a block of malloc.
            let room = unsafe { libc::malloc_usable_size(*word) };
            if room > LARGEST {
                self.slots.truncate(start);
                return false;
            }
            self.slots.push(Slot::Value(word, room));
        }
        self.trees += 1;
        true
    }

    /// A tree with these values, `count` of them. `None`, with no tree lost: there is none, or no memory.
    pub(super) fn take<'v>(
        &mut self,
        count: usize,
        values: impl Iterator<Item = &'v [u8]>,
        spare: Option<&Spare>,
    ) -> Option<*mut c_void> {
        let start = self.slots.len().checked_sub(count + 1)?;
        let (Slot::Root(root), slots) = self.slots[start..].split_first_mut()? else { return None };
        for (slot, value) in slots.iter_mut().zip(values) {
            let Slot::Value(word, room) = slot else { return None };
            // SAFETY: a word of a whole tree that nobody uses, which leads to a block with that room.
            unsafe {
                if value.len() < *room {
                    write(value, **word);
                } else {
                    let old = word.replace(text(value, spare)?);
                    *room = value.len() + 1;
                    release_with(spare, old);
                }
            }
        }
        let root = *root;
        self.slots.truncate(start);
        self.trees -= 1;
        Some(root)
    }

    /// The root of each tree; all of them are the caller's.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = *mut c_void> {
        self.trees = 0;
        std::mem::take(&mut self.slots).into_iter().filter_map(|slot| match slot {
            Slot::Root(root) => Some(root),
            Slot::Value(..) => None,
        })
    }
}
