//! The walk through a tree: whether it is of a shape, and where its values are.

use super::pattern::MOST_SPANS;
use super::{MOST_BLOCKS, Place, Shape};
use libc::c_void;
use std::ptr;

/// What is looked at.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The words that lead to structs, from the second struct on: each struct comes behind the one that leads to it.
    branches: Vec<At>,
    /// The words that lead nowhere, and what they are: those of the root, which tell the shapes apart, come first.
    numbers: Vec<(At, u16)>,
    of_root: usize,
    /// The words that lead to texts that are always the same, and where these begin in the shape's bytes.
    texts: Vec<(At, usize)>,
    /// The words that lead to the values, in the order of the text.
    values: Vec<At>,
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
                (Some((_, start)), _) => walk.texts.push((at(place)?, *start)),
                (None, Some(value)) => walk.values[value] = at(place)?,
                (None, None) => walk.branches.push(at(place)?),
            }
        }
        for (place, numbers) in shape.runs() {
            let first = at(&place)?;
            for (word, number) in (first.word..).zip(numbers) {
                walk.numbers.push((At { word, ..first }, u16::try_from(*number).ok()?));
            }
        }
        walk.of_root = walk.numbers.iter().take_while(|(at, _)| at.of == 0).count();
        Some(walk)
    }

    /// Walks through a tree; `None` where it is not of this shape, whose texts `bytes` has. Any text may stand for a value.
    ///
    /// # Safety
    /// `root` is a struct of the type that the shape's is, and what it leads to is NULL or of the type that belongs there.
    pub(super) unsafe fn follow(&self, root: *mut c_void, bytes: &[u8], way: &mut Way) -> Option<()> {
        let Way { structs, values } = way;
        structs[0] = root;
        let (of_root, others) = self.numbers.split_at_checked(self.of_root)?;
        // SAFETY: the root is a struct of its type.
        if !unsafe { Self::are_same(of_root, structs) } {
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
        if !unsafe { Self::are_same(others, structs) } {
            return None;
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

    /// Whether these words hold these numbers.
    ///
    /// # Safety
    /// Their structs were found, and are of their types.
    unsafe fn are_same(numbers: &[(At, u16)], structs: &Structs) -> bool {
        // SAFETY: the caller's promise; what leads nowhere is read as a number.
        let is =
            |at: &At, number: u16| unsafe { at.word(structs).cast::<usize>().read() } == usize::from(number);
        numbers.iter().all(|(at, number)| is(at, *number))
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
