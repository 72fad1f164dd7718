//! Moulds: how a text became a tree of structs and texts, kept so that the next text of that shape is cast, not read.
//!
//! A mould knows nothing of what the structs mean. It knows which words of them lead to which block and what the other words
//! are; and of each text whether it is always the same, or a value that stands in the text.

mod kept;
mod pattern;
mod pool;
mod recorder;
#[cfg(test)]
mod tests;
mod walk;

pub use kept::moulds;
pub use pattern::{Kind, same_start};
pub use recorder::Recorder;

use super::{alloc, bytes, may_keep, release};
use libc::c_void;
use pattern::Pattern;
use pool::Pool;
use std::ptr;
use walk::{Short, Walk, Way};

/// The blocks that a tree may have: all that a `u8` counts.
const MOST_BLOCKS: usize = 256;

/// The blocks of one tree, the root first, each behind the one that leads to it.
type Blocks = [*mut c_void; MOST_BLOCKS];

/// A word of a struct: of which block, and how many words are before it.
#[derive(Debug, Clone, Copy)]
struct Place {
    block: u8,
    word: u8,
}

impl Place {
    /// # Safety
    /// The block is a struct that has such a word.
    unsafe fn at(self, blocks: &Blocks) -> *mut *mut c_void {
        // SAFETY: the caller's promise.
        unsafe { blocks[usize::from(self.block)].cast::<*mut c_void>().add(self.word.into()) }
    }
}

/// What a text of one shape becomes.
#[derive(Debug, Default)]
struct Shape {
    /// Bytes in each block; those with a value have none of their own.
    sizes: Vec<usize>,
    /// The words that lead to the blocks, from the second block on.
    links: Vec<Place>,
    /// Where other words begin, and how many in a row; and all these words.
    runs: Vec<(Place, usize)>,
    numbers: Vec<usize>,
    /// Blocks with texts that are always the same, and where these begin in `bytes`, NUL included.
    texts: Vec<(u8, usize)>,
    bytes: Vec<u8>,
    /// The blocks with the values, in their order in the text.
    values: Vec<u8>,
}

/// What texts of one shape become.
#[derive(Debug)]
pub struct Mould {
    pattern: Pattern,
    shape: Shape,
    walk: Walk,
    pool: Pool,
    way: Way,
}

impl Mould {
    /// The tree of `text`, which is the caller's; `None` for a text of another shape, or without memory.
    pub fn cast(&mut self, text: &[u8]) -> Option<*mut c_void> {
        self.pattern.find(text)?;
        self.pattern.move_to(text);
        let pooled = self.pool.take(&self.pattern);
        pooled.or_else(|| self.shape.fresh(&self.pattern))
    }

    /// Bytes in the last text of this shape.
    pub(super) fn length(&self) -> usize {
        self.pattern.model().len()
    }

    /// A text of this shape with other values.
    pub fn other_text(&self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let values: Vec<_> = self.pattern.kinds().enumerate().map(|(i, kind)| kind.other(i)).collect();
        self.pattern.write(&mut text, |i| values.get(i).map(Vec::as_slice))?;
        Some(text)
    }

    /// Whether a tree is as [`Self::cast`] made the last one.
    ///
    /// # Safety
    /// As for [`Self::print`].
    pub unsafe fn is_last(&mut self, root: *mut c_void) -> bool {
        // SAFETY: passed on.
        unsafe { self.follow(root).is_some() && self.has_last_values() }
    }

    /// Takes a tree that its owner gives up. `false`, and it is still the owner's: it is not of this shape, or there are enough.
    ///
    /// # Safety
    /// As for [`Self::print`]; all blocks are glibc's, and nobody uses them again.
    pub unsafe fn take_back(&mut self, root: *mut c_void) -> bool {
        // SAFETY: passed on.
        if self.pool.is_full() || unsafe { self.follow(root) }.is_none() {
            return false;
        }
        let values = &self.way.values[..self.shape.values.len()];
        // SAFETY: of this shape, and the caller's promise.
        unsafe { self.pool.put(root, values, &self.pattern) }
    }

    /// Writes the text that `root` would have been cast from. `None`, with nothing written, where it is no tree of this shape.
    ///
    /// # Safety
    /// `root` is a struct of the type that the mould's is, and what it leads to is NULL or of the type that belongs there.
    pub unsafe fn print(&mut self, root: *mut c_void, out: &mut Vec<u8>) -> Option<()> {
        // SAFETY: passed on.
        unsafe { self.follow(root)? };
        // SAFETY: that was a tree of this shape.
        if unsafe { self.has_last_values() } {
            out.extend_from_slice(self.pattern.model());
            return Some(());
        }
        let start = out.len();
        // SAFETY: a text, as the value of each tree of this shape.
        let value = |i: usize| unsafe { bytes(self.way.text(i).cast()) };
        let written = self.pattern.write(out, value);
        if written.is_none() {
            out.truncate(start);
        }
        written
    }

    /// Walks through a tree; `None` where it is not of this shape.
    ///
    /// # Safety
    /// As for [`Self::print`].
    unsafe fn follow(&mut self, root: *mut c_void) -> Option<()> {
        // SAFETY: passed on.
        unsafe { self.walk.follow(root, &self.shape.bytes, &mut self.way) }
    }

    /// # Safety
    /// The last walk was one through a tree of this shape, which is still as it was.
    unsafe fn has_last_values(&self) -> bool {
        let roomy = may_keep();
        self.pattern.values_ahead().enumerate().all(|(i, (length, ahead))| {
            // SAFETY: a text; it ends where the value does, or differs before. Each block of glibc's has room for a short one.
            unsafe {
                let text = self.way.text(i).cast::<u8>();
                match ahead.first_chunk().filter(|_| roomy).and_then(|ahead| Short::of(ahead, length)) {
                    Some(short) => short.is_at(text.cast()),
                    None => {
                        libc::strncmp(text.cast(), ahead.as_ptr().cast(), length) == 0
                            && *text.add(length) == 0
                    }
                }
            }
        })
    }
}

impl Drop for Mould {
    fn drop(&mut self) {
        for root in self.pool.drain() {
            // SAFETY: a tree of this shape that nobody uses. Where somebody has, it stays where it is.
            if unsafe { self.follow(root) }.is_some() {
                // SAFETY: of this shape.
                let blocks = unsafe { self.shape.blocks(root) };
                // SAFETY: all its blocks.
                blocks[..self.shape.sizes.len()].iter().for_each(|block| unsafe { release(*block) });
            }
        }
    }
}

impl Shape {
    /// A tree with the values of the model.
    fn fresh(&self, pattern: &Pattern) -> Option<*mut c_void> {
        let mut fresh = Fresh { blocks: [ptr::null_mut(); MOST_BLOCKS], sizes: &self.sizes };
        let values: Vec<_> = pattern.values().collect();
        // In the order in which a walk comes to them, and malloc's own: those that were given up lie all over the memory.
        for (at, (block, size)) in fresh.blocks.iter_mut().zip(&self.sizes).enumerate() {
            *block = match self.value_of(at).and_then(|value| values.get(value)) {
                Some(value) => text(value)?,
                None => alloc(*size),
            };
            if block.is_null() {
                return None;
            }
        }
        for (block, start) in &self.texts {
            let block = usize::from(*block);
            let text = &self.bytes[*start..*start + self.sizes[block]];
            // SAFETY: a fresh block of that size.
            unsafe { ptr::copy_nonoverlapping(text.as_ptr(), fresh.blocks[block].cast(), text.len()) };
        }
        for (first, numbers) in self.runs() {
            // SAFETY: a struct with so many words from there on.
            unsafe {
                first
                    .at(&fresh.blocks)
                    .cast::<usize>()
                    .copy_from_nonoverlapping(numbers.as_ptr(), numbers.len());
            }
        }
        for (place, block) in self.links.iter().zip(&fresh.blocks[1..]) {
            // SAFETY: the same.
            unsafe { place.at(&fresh.blocks).write(*block) };
        }
        fresh.sizes = &[];
        Some(fresh.blocks[0])
    }

    /// The blocks of a tree.
    ///
    /// # Safety
    /// It is of this shape.
    unsafe fn blocks(&self, root: *mut c_void) -> Blocks {
        let mut blocks = [ptr::null_mut(); MOST_BLOCKS];
        blocks[0] = root;
        for (link, at) in self.links.iter().zip(1..MOST_BLOCKS) {
            // SAFETY: a word of a struct that was reached before.
            blocks[at] = unsafe { *link.at(&blocks) };
        }
        blocks
    }

    /// Which value a block is.
    fn value_of(&self, block: usize) -> Option<usize> {
        self.values.iter().position(|value| usize::from(*value) == block)
    }

    /// The words that lead nowhere: where some in a row begin, and what they are. Those of the root come first.
    fn runs(&self) -> impl Iterator<Item = (Place, &[usize])> {
        let mut rest = self.numbers.as_slice();
        self.runs.iter().map_while(move |(first, count)| {
            let now;
            (now, rest) = rest.split_at_checked(*count)?;
            Some((*first, now))
        })
    }

    /// Adds such a word; a struct is added word by word.
    fn push_number(&mut self, place: Place, number: u16) {
        self.numbers.push(number.into());
        match self.runs.last_mut() {
            Some((first, count))
                if first.block == place.block
                    && usize::from(first.word) + *count == usize::from(place.word) =>
            {
                *count += 1;
            }
            _ => self.runs.push((place, 1)),
        }
    }
}

/// A copy of a value with a NUL behind it.
fn text(value: &[u8]) -> Option<*mut c_void> {
    let block = alloc(value.len() + 1);
    if block.is_null() {
        return None;
    }
    // SAFETY: a fresh block with that room.
    unsafe { write(value, block) };
    Some(block)
}

/// Writes a value and a NUL behind it.
///
/// # Safety
/// There is room for one byte more than `value` has, and it is part of no value.
unsafe fn write(value: &[u8], to: *mut c_void) {
    let to = to.cast::<u8>();
    // SAFETY: the caller's promise.
    unsafe {
        to.copy_from_nonoverlapping(value.as_ptr(), value.len());
        to.add(value.len()).write(0);
    }
}

/// Blocks that are freed unless they become a tree.
struct Fresh<'a> {
    blocks: Blocks,
    /// As many as there are.
    sizes: &'a [usize],
}

impl Drop for Fresh<'_> {
    fn drop(&mut self) {
        for (block, _) in self.blocks.iter().zip(self.sizes) {
            // SAFETY: NULL or a block of ours that nothing leads to.
            unsafe { release(*block) };
        }
    }
}
