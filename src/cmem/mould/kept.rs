//! Which moulds there are.

use super::{Mould, Recorder};
use crate::cmem::replaced;
use libc::c_void;
use parking_lot::{Mutex, MutexGuard};

/// Moulds that are kept for one way to read.
const MOST: usize = 4;
/// Longer texts have none, bytes.
const LONGEST: usize = 2048;

/// To make a mould costs as much as reading some four texts. It is paid for by texts that were cast, and slowly by texts that
/// were read: a program that reads all kinds of texts shall not pay for moulds that are of no use to it.
const PRICE: u32 = 64;
const EARNED_BY_CAST: u32 = 16;

/// All moulds, for each way to read a text: one thread at a time has them.
pub(super) type Moulds = [Kept; 2];

static MOULDS: Mutex<Moulds> = Mutex::new([const { Kept::new() }; 2]);

/// The moulds; `None` while another thread has them, and for a program with functions of its own in the place of malloc.
pub fn moulds() -> Option<MutexGuard<'static, Moulds>> {
    if replaced() { None } else { MOULDS.try_lock() }
}

/// The moulds that were of use last.
#[derive(Debug)]
pub struct Kept {
    /// The last one first, each with whether its trees print as the text that they were cast from.
    moulds: Vec<(Box<Mould>, bool)>,
    credit: u32,
    /// What else the reader goes by: moulds of another edition are none.
    edition: usize,
}

impl Kept {
    pub(super) const fn new() -> Self {
        Self { moulds: Vec::new(), credit: PRICE - 2, edition: 0 }
    }

    /// The tree of `text`, which is the caller's; `None` for a text that is to be read.
    pub fn cast(&mut self, text: &[u8], edition: usize) -> Option<*mut c_void> {
        if text.len() > LONGEST {
            return None;
        }
        if self.edition != edition {
            self.moulds.clear();
            self.edition = edition;
        }
        // Values are much the same in length, so a text has the shape of the one that is about as long.
        let nearest = |(mould, _): &(Box<Mould>, bool)| mould.length().abs_diff(text.len());
        let first = (0..self.moulds.len()).min_by_key(|at| nearest(&self.moulds[*at]))?;
        let others = (0..self.moulds.len()).filter(|at| *at != first);
        let mut all = std::iter::once(first).chain(others);
        let (at, tree) = all.find_map(|at| Some((at, self.moulds[at].0.cast(text)?)))?;
        self.moulds[..=at].rotate_right(1);
        self.credit = PRICE.min(self.credit + EARNED_BY_CAST);
        Some(tree)
    }

    /// For a text that is to be read: what remembers how, if there shall be a mould of it.
    pub fn recorder(&mut self, text: &[u8]) -> Option<Recorder> {
        self.credit += 1;
        if self.credit < PRICE || text.len() > LONGEST {
            self.credit = self.credit.min(PRICE);
            return None;
        }
        self.credit = 0;
        Some(Recorder::default())
    }

    /// Keeps a mould. `prints`: what is cast in it prints as the text that it was cast from.
    pub fn keep(&mut self, mould: Mould, prints: bool) {
        self.moulds.truncate(MOST - 1);
        self.moulds.insert(0, (Box::new(mould), prints));
    }

    /// Takes a tree that its owner gives up, so that the next text of its shape need not make one. `false`, and it is still the
    /// owner's: it is of no known shape, or there are enough.
    ///
    /// # Safety
    /// As for [`Mould::take_back`].
    pub unsafe fn take_back(&mut self, root: *mut c_void) -> bool {
        // SAFETY: passed on.
        self.moulds.iter_mut().any(|(mould, _)| unsafe { mould.take_back(root) })
    }

    /// Writes the text that a tree would have been cast from. `None`, with nothing written, where it is of no shape that is
    /// known to print so.
    ///
    /// # Safety
    /// As for [`Mould::print`].
    pub unsafe fn print(&mut self, root: *mut c_void, out: &mut Vec<u8>) -> Option<()> {
        let mut printing = self.moulds.iter_mut().filter(|(_, prints)| *prints);
        // SAFETY: passed on.
        printing.find_map(|(mould, _)| unsafe { mould.print(root, out) })
    }
}
