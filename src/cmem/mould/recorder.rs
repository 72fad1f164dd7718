//! How a mould is made: of the blocks that were asked for while a text became a struct.

use super::pattern::{Kind, Pattern, Span};
use super::pool::Pool;
use super::{MOST_BLOCKS, Mould, Place, Shape, Walk, Way};
use crate::cmem::bytes;
use libc::c_void;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Remembers each block by its address, while one text is read.
#[derive(Debug, Default)]
pub struct Recorder {
    blocks: RefCell<BTreeMap<usize, Seen>>,
    spoilt: Cell<bool>,
}

#[derive(Debug, Clone, Copy)]
enum Seen {
    /// Of so many bytes.
    Struct(usize),
    /// What was copied, quotes included: its address and length, and its kind where another value might stand there.
    Text { from: usize, length: usize, kind: Option<Kind> },
}

impl Recorder {
    /// A struct was asked for.
    pub fn saw_struct(&self, at: *const c_void, size: usize) {
        self.saw(at.addr(), Seen::Struct(size));
    }

    /// A text was copied. With a kind, another value of that kind may stand in its place.
    pub fn saw_text(&self, at: *const c_void, from: &[u8], kind: Option<Kind>) {
        self.saw(at.addr(), Seen::Text { from: from.as_ptr().addr(), length: from.len(), kind });
    }

    /// A block was freed: this text does not become its struct in a straight way.
    pub fn saw_release(&self) {
        self.spoilt.set(true);
    }

    fn saw(&self, at: usize, seen: Seen) {
        let mut blocks = self.blocks.borrow_mut();
        if blocks.len() >= MOST_BLOCKS || blocks.insert(at, seen).is_some() {
            self.spoilt.set(true);
        }
    }

    /// The mould of what `text` has become. `None` where a struct holds what was not recorded, or twice what was.
    ///
    /// # Safety
    /// All recorded blocks are as the reader of `text` has left them, and `root` is one of them.
    pub unsafe fn mould(self, root: *const c_void, text: &[u8]) -> Option<Mould> {
        if self.spoilt.get() {
            return None;
        }
        let mut seen = self.blocks.into_inner();
        let pattern = Pattern::new(text, seen.values().filter_map(|seen| seen.span(text)).collect())?;
        let mut shape = Shape { values: vec![0; pattern.kinds().len()], ..Shape::default() };
        let mut found = vec![root];
        while let Some(at) = found.get(shape.sizes.len()).copied() {
            let block = u8::try_from(shape.sizes.len()).ok()?;
            let size = match seen.remove(&at.addr())? {
                Seen::Struct(size) => {
                    // SAFETY: a block of that size, all of it written, by the caller's promise.
                    let words = unsafe {
                        std::slice::from_raw_parts(at.cast::<*const c_void>(), size / size_of::<usize>())
                    };
                    for (word, now) in words.iter().enumerate() {
                        let place = Place { block, word: u8::try_from(word).ok()? };
                        if seen.contains_key(&now.addr()) {
                            shape.links.push(place);
                            found.push(*now);
                        } else {
                            // What is no small number leads to something unknown.
                            shape.push_number(place, u16::try_from(now.addr()).ok()?);
                        }
                    }
                    size
                }
                text_of @ Seen::Text { length, .. } => {
                    match text_of.span(text).and_then(|span| pattern.position(span)) {
                        Some(value) => {
                            shape.values[value] = block;
                            0
                        }
                        None => {
                            shape.texts.push((block, shape.bytes.len()));
                            // SAFETY: a text, by the caller's promise.
                            let text = unsafe { bytes(at.cast()) }.filter(|text| text.len() == length)?;
                            shape.bytes.extend_from_slice(text);
                            shape.bytes.push(0);
                            length + 1
                        }
                    }
                }
            };
            shape.sizes.push(size);
        }
        let walk = Walk::through(&shape).filter(|_| seen.is_empty())?;
        let pool = Pool::new(shape.values.len());
        Some(Mould { pattern, shape, walk, pool, way: Way::default() })
    }
}

impl Seen {
    /// The value in `text` that it is, if it is one that may become another.
    fn span(&self, text: &[u8]) -> Option<Span> {
        let Self::Text { from, length, kind: Some(kind) } = *self else { return None };
        let start = from.checked_sub(text.as_ptr().addr())? + kind.quotes();
        let end = (start + length).checked_sub(2 * kind.quotes())?;
        let span = Span { start, end, kind };
        span.is_clear(text).then_some(span)
    }
}
