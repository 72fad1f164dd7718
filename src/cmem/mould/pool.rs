//! Trees that were given up and are still whole: the next text of their shape only changes their values.

use super::pattern::{AHEAD, Pattern};
use super::{text, write};
use crate::cmem::spare::SMALLEST as LEAST;
use crate::cmem::{may_keep, release};
use libc::c_void;

/// Trees of one shape.
const MOST: usize = 256;
/// A tree with more room than that for one value is not kept, bytes.
const LARGEST: usize = 1024;

/// The trees one behind the other: of each the root, and behind it its values.
#[derive(Debug)]
pub(super) struct Pool {
    slots: Vec<Slot>,
    trees: usize,
    /// Slots of a tree.
    stride: usize,
    /// The room in each block, bytes.
    least: usize,
}

/// The word that leads to a value, and the room that is there, bytes. In the place of a root only the root counts.
#[derive(Debug, Clone, Copy)]
struct Slot {
    word: *mut *mut c_void,
    room: usize,
}

// SAFETY: trees that nobody has belong to no thread.
unsafe impl Send for Pool {}

impl Pool {
    /// For trees with so many values.
    pub(super) fn new(values: usize) -> Self {
        let least = if may_keep() { LEAST } else { 0 };
        Pool { slots: Vec::new(), trees: 0, stride: values + 1, least }
    }

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
        values: &[*mut *mut c_void],
        pattern: &Pattern,
    ) -> bool {
        let start = self.trees * self.stride;
        if self.slots.len() == start {
            self.slots.resize(start + self.stride, Slot { word: root.cast(), room: 0 });
        }
        let Some((first, slots)) = self.slots[start..].split_first_mut() else { return false };
        first.word = root.cast();
        let (mut largest, least) = (0, self.least);
        for ((slot, word), length) in slots.iter_mut().zip(values).zip(pattern.lengths()) {
            // Where the last value was short the next one will be.
            let room = if length < least {
                least
            } else {
                // SAFETY: a word of a whole tree, which leads to a block of malloc.
                unsafe { libc::malloc_usable_size(**word) }
            };
            largest = room.max(largest);
            *slot = Slot { word: *word, room };
        }
        if largest > LARGEST {
            return false;
        }
        self.trees += 1;
        true
    }

    /// A tree with the values of the model. `None`, with no tree lost: there is none, or no memory.
    pub(super) fn take(&mut self, pattern: &Pattern) -> Option<*mut c_void> {
        let start = self.trees.checked_sub(1)? * self.stride;
        let (root, slots) = self.slots[start..].split_first_mut()?;
        for (Slot { word, room }, (length, ahead)) in slots.iter_mut().zip(pattern.values_ahead()) {
            // SAFETY: a word of a whole tree that nobody uses, which leads to a block with that room.
            unsafe {
                if length >= *room {
                    let old = word.replace(text(&ahead[..length])?);
                    *room = length + 1;
                    release(old);
                } else if length < LEAST && *room >= LEAST {
                    write_ahead::<LEAST>(ahead, length, **word);
                } else if length < AHEAD && *room >= AHEAD {
                    write_ahead::<AHEAD>(ahead, length, **word);
                } else {
                    write(&ahead[..length], **word);
                }
            }
        }
        self.trees -= 1;
        Some(root.word.cast())
    }

    /// The root of each tree; all of them are the caller's.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = *mut c_void> + use<> {
        let (trees, slots) = (std::mem::take(&mut self.trees), std::mem::take(&mut self.slots));
        slots.into_iter().step_by(self.stride).take(trees).map(|slot| slot.word.cast())
    }
}

/// Writes the first `length` bytes and a NUL behind them: whatever is there of the first `N` is copied, which costs less than to count.
///
/// # Safety
/// There is room for `N` bytes, which are more than `length`, and they are part of no text.
#[inline]
unsafe fn write_ahead<const N: usize>(from: &[u8], length: usize, to: *mut c_void) {
    let Some(bytes) = from.first_chunk::<N>() else { return };
    // SAFETY: the caller's promise.
    unsafe {
        to.cast::<[u8; N]>().write_unaligned(*bytes);
        to.cast::<u8>().add(length).write(0);
    }
}
