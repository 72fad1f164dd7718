//! The walk through a tree: whether it is of a shape, and where its values are.

use super::pattern::MOST_SPANS;
use super::{MOST_BLOCKS, Place, Shape};
use crate::cmem::may_keep;
use libc::c_void;
use std::ptr;

/// What is looked at.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The words that lead to structs, from the second struct on: each struct comes behind the one that leads to it.
    branches: Vec<At>,
    /// The words that lead nowhere, of the root, which tell the shapes apart, and of the others.
    root: Numbers,
    others: Numbers,
    /// The words that lead to texts that are always the same: to short ones, and to those of any length with where they begin in
    /// the shape's bytes.
    shorts: Vec<(At, Short)>,
    texts: Vec<(At, usize)>,
    /// The words that lead to the values, in the order of the text.
    values: Vec<At>,
}

/// Words that lead nowhere.
#[derive(Debug, Default)]
struct Numbers {
    /// Where some in a row are 0, and how many.
    zeros: Vec<(At, u8)>,
    /// The others, and what they are.
    numbers: Vec<(At, u16)>,
}

/// Words that are 0 in a row, from which on they are looked at together.
const ROW: u8 = 3;

/// A text that has room in each block of glibc's, with the NUL behind it: the bytes that are looked at, and what they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    mask: u128,
    bytes: u128,
}

/// A word: of which struct, and how many words are before it.
#[derive(Debug, Clone, Copy, Default)]
struct At {
    of: u8,
    word: u8,
}

/// The structs of a tree, the root first.
type Structs = [*mut c_void; MOST_BLOCKS];

/// Where a walk notes the way; between two walks it says nothing.
#[derive(Debug)]
pub(super) struct Way {
    structs: Structs,
    /// The words that lead to the values, in the order of the text.
    pub(super) values: [*mut *mut c_void; MOST_SPANS],
}

// SAFETY: nothing is reached through what an earlier walk has noted.
unsafe impl Send for Way {}

impl Default for Way {
    fn default() -> Self {
        Way { structs: [ptr::null_mut(); MOST_BLOCKS], values: [ptr::null_mut(); MOST_SPANS] }
    }
}

impl Way {
    /// The text of a value.
    ///
    /// # Safety
    /// The last walk has found it, and the tree is still as it was.
    pub(super) unsafe fn text(&self, value: usize) -> *mut c_void {
        // SAFETY: the caller's promise.
        unsafe { *self.values[value] }
    }
}

impl Walk {
    /// The walk through trees of `shape`.
    pub(super) fn through(shape: &Shape) -> Option<Self> {
        let mut walk = Walk { values: vec![At::default(); shape.values.len()], ..Walk::default() };
        let text_of = |block: usize| shape.texts.iter().find(|(text, _)| usize::from(*text) == block);
        let is_struct = |block: &usize| text_of(*block).is_none() && shape.value_of(*block).is_none();
        let structs: Vec<usize> = (0..shape.sizes.len()).filter(is_struct).collect();
        let at = |place: &Place| {
            let of = structs.iter().position(|block| *block == usize::from(place.block))?;
            Some(At { of: u8::try_from(of).ok()?, word: place.word })
        };
        for (place, to) in shape.links.iter().zip(1..) {
            match (text_of(to), shape.value_of(to)) {
                (Some((_, start)), _) => {
                    let text = shape.bytes.get(*start..*start + shape.sizes[to])?;
                    match Short::new(text).filter(|_| may_keep()) {
                        Some(short) => walk.shorts.push((at(place)?, short)),
                        None => walk.texts.push((at(place)?, *start)),
                    }
                }
                (None, Some(value)) => walk.values[value] = at(place)?,
                (None, None) => walk.branches.push(at(place)?),
            }
        }
        for (place, numbers) in shape.runs() {
            let first = at(&place)?;
            let kept = if first.of == 0 { &mut walk.root } else { &mut walk.others };
            kept.add(first, numbers)?;
        }
        Some(walk)
    }

    /// Walks through a tree; `None` where it is not of this shape, whose texts `bytes` has. Any text may stand for a value.
    ///
    /// # Safety
    /// `root` is a struct of the type that the shape's is, and what it leads to is NULL or of the type that belongs there.
    pub(super) unsafe fn follow(&self, root: *mut c_void, bytes: &[u8], way: &mut Way) -> Option<()> {
        let Way { structs, values } = way;
        structs[0] = root;
        // SAFETY: the root is a struct of its type.
        if !unsafe { self.root.are_in(structs) } {
            return None;
        }
        for (branch, found) in self.branches.iter().zip(1..MOST_BLOCKS) {
            // SAFETY: a word of a struct that was found before.
            let to = unsafe { *branch.word(structs) };
            if to.is_null() {
                return None;
            }
            structs[found] = to;
        }
        // SAFETY: all are found.
        if !unsafe { self.others.are_in(structs) } {
            return None;
        }
        for (text, short) in &self.shorts {
            // SAFETY: a word of a struct, which leads to NULL or a text in a block of its own; glibc's have that room.
            unsafe {
                let now = *text.word(structs);
                if now.is_null() || !short.is_at(now) {
                    return None;
                }
            }
        }
        for (text, start) in &self.texts {
            // SAFETY: a word of a struct, which leads to NULL or a text; both texts end with NUL.
            unsafe {
                let now = *text.word(structs);
                if now.is_null() || libc::strcmp(now.cast(), bytes[*start..].as_ptr().cast()) != 0 {
                    return None;
                }
            }
        }
        for (at, value) in self.values.iter().zip(values) {
            // SAFETY: a word of a struct.
            unsafe {
                *value = at.word(structs);
                if (**value).is_null() {
                    return None;
                }
            }
        }
        Some(())
    }
}

impl Numbers {
    fn add(&mut self, first: At, numbers: &[usize]) -> Option<()> {
        let mut word = first.word;
        for same in numbers.chunk_by(|a, b| *a == 0 && *b == 0) {
            let count = u8::try_from(same.len()).ok()?;
            let at = At { word, ..first };
            word = word.checked_add(count)?;
            if count >= ROW {
                self.zeros.push((at, count));
                continue;
            }
            for (word, number) in (at.word..).zip(same) {
                self.numbers.push((At { word, ..first }, u16::try_from(*number).ok()?));
            }
        }
        Some(())
    }

    /// Whether these words hold these numbers.
    ///
    /// # Safety
    /// Their structs were found, and are of their types.
    #[inline]
    unsafe fn are_in(&self, structs: &Structs) -> bool {
        let is_zero = |(at, count): &(At, u8)| {
            // SAFETY: the caller's promise; what leads nowhere is read as a number.
            let words =
                unsafe { std::slice::from_raw_parts(at.word(structs).cast::<usize>(), (*count).into()) };
            let (fours, rest) = words.as_chunks::<4>();
            fours.iter().all(|[a, b, c, d]| a | b | c | d == 0) && rest.iter().all(|word| *word == 0)
        };
        // SAFETY: the same.
        let is =
            |at: &At, number: u16| unsafe { at.word(structs).cast::<usize>().read() } == usize::from(number);
        self.zeros.iter().all(is_zero) && self.numbers.iter().all(|(at, number)| is(at, *number))
    }
}

impl Short {
    /// The first `length` bytes of `ahead`, and a NUL; `None` if they are too many.
    #[inline]
    pub(super) fn of(ahead: &[u8; 16], length: usize) -> Option<Self> {
        let unseen = 8 * 15_usize.checked_sub(length)?;
        let mask = u128::MAX >> unseen;
        Some(Short { mask, bytes: u128::from_le_bytes(*ahead) & mask >> 8 })
    }

    /// The same for a text that ends with NUL.
    fn new(text: &[u8]) -> Option<Self> {
        let mut ahead = [0; 16];
        ahead.get_mut(..text.len())?.copy_from_slice(text);
        Short::of(&ahead, text.len().checked_sub(1)?)
    }

    /// # Safety
    /// So many bytes may be read there.
    #[inline]
    pub(super) unsafe fn is_at(self, text: *const c_void) -> bool {
        // SAFETY: the caller's promise.
        let now = u128::from_le(unsafe { text.cast::<u128>().read_unaligned() });
        (now ^ self.bytes) & self.mask == 0
    }
}

impl At {
    /// # Safety
    /// The struct was found, and has such a word.
    #[inline]
    unsafe fn word(self, structs: &Structs) -> *mut *mut c_void {
        // SAFETY: the caller's promise.
        unsafe { structs[usize::from(self.of)].cast::<*mut c_void>().add(self.word.into()) }
    }
}
