//! Trees that were given up and are still whole: the next text of their shape only changes their values.

use super::{text, write};
use crate::cmem::{Spare, release_with};
use libc::c_void;

/// Trees of one shape.
const MOST: usize = 16;

/// Each tree's root, and behind it the words that lead to its values.
#[derive(Debug, Default)]
pub(super) struct Pool {
    words: Vec<*mut c_void>,
    trees: usize,
}

// SAFETY: trees that nobody has belong to no thread.
unsafe impl Send for Pool {}

impl Pool {
    pub(super) fn is_full(&self) -> bool {
        self.trees >= MOST
    }

    /// Takes a tree in; `values` are the words that lead to its values.
    ///
    /// # Safety
    /// The tree is whole, of blocks of glibc's malloc, and nobody uses it again.
    pub(super) unsafe fn put(&mut self, root: *mut c_void, values: impl Iterator<Item = *mut *mut c_void>) {
        self.words.push(root);
        self.words.extend(values.map(|word| word.cast::<c_void>()));
        self.trees += 1;
    }

    /// A tree with these values. `None`, with no tree lost: there is none, or no memory.
    pub(super) fn take<'v>(
        &mut self,
        count: usize,
        values: impl Iterator<Item = &'v [u8]>,
        spare: Option<&Spare>,
    ) -> Option<*mut c_void> {
        let start = self.words.len().checked_sub(count + 1)?;
        let (root, words) = self.words[start..].split_first()?;
        for (word, value) in words.iter().zip(values) {
            let word = word.cast::<*mut c_void>();
            // SAFETY: a word of a whole tree that nobody uses, leading to a block of malloc's with a text in it.
            unsafe {
                if libc::malloc_usable_size(*word) > value.len() {
                    write(value, *word);
                } else {
                    let old = word.replace(text(value, spare)?);
                    release_with(spare, old);
                }
            }
        }
        let root = *root;
        self.words.truncate(start);
        self.trees -= 1;
        Some(root)
    }

    /// The root of each tree; all of them are the caller's.
    pub(super) fn drain(&mut self, count: usize) -> impl Iterator<Item = *mut c_void> {
        self.trees = 0;
        std::mem::take(&mut self.words).into_iter().step_by(count + 1)
    }
}
