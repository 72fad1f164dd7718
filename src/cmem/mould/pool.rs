//! Trees that were given up and are still whole: the next text of their shape only changes their values.

use super::{text, write};
use crate::cmem::release;
use libc::c_void;

/// Trees of one shape.
const MOST: usize = 256;
/// A tree with more room than that for one value is not kept, bytes.
const LARGEST: usize = 1024;

/// The trees one behind the other: of each the root, and behind it its values.
#[derive(Debug, Default)]
pub(super) struct Pool {
    slots: Vec<Slot>,
    trees: usize,
}

/// The word that leads to a value, and the room that is there, bytes. In the place of a root: the root, and no room.
#[derive(Debug, Clone, Copy)]
struct Slot {
    word: *mut *mut c_void,
    room: usize,
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
        self.slots.push(Slot { word: root.cast(), room: 0 });
        let mut largest = 0;
        self.slots.extend(values.map(|word| {
            // SAFETY: a word of a whole tree, which leads to a block of malloc.
            let room = unsafe { libc::malloc_usable_size(*word) };
            largest = room.max(largest);
            Slot { word, room }
        }));
        if largest > LARGEST {
            self.slots.truncate(start);
            return false;
        }
        self.trees += 1;
        true
    }

    /// A tree with these values, `count` of them. `None`, with no tree lost: there is none, or no memory.
    pub(super) fn take<'v>(
        &mut self,
        count: usize,
        values: impl Iterator<Item = &'v [u8]>,
    ) -> Option<*mut c_void> {
        let start = self.slots.len().checked_sub(count + 1)?;
        let (root, slots) = self.slots[start..].split_first_mut()?;
        for (Slot { word, room }, value) in slots.iter_mut().zip(values) {
            // SAFETY: a word of a whole tree that nobody uses, which leads to a block with that room.
            unsafe {
                if value.len() < *room {
                    write(value, **word);
                } else {
                    let old = word.replace(text(value)?);
                    *room = value.len() + 1;
                    release(old);
                }
            }
        }
        let root = root.word.cast();
        self.slots.truncate(start);
        self.trees -= 1;
        Some(root)
    }

    /// The root of each tree; all of them are the caller's.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = *mut c_void> + use<> {
        self.trees = 0;
        let slots = std::mem::take(&mut self.slots);
        slots.into_iter().filter(|slot| slot.room == 0).map(|slot| slot.word.cast())
    }
}
