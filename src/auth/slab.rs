//! Tables of entries that are found by number, and an index over them by hash.

use std::mem;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// Entries by number; the numbers of those that are gone are given again.
pub(super) struct Slab<T> {
    entries: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { entries: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    pub(super) fn get(&self, id: u32) -> &T {
        &self.entries[id as usize]
    }

    pub(super) fn get_mut(&mut self, id: u32) -> &mut T {
        &mut self.entries[id as usize]
    }

    pub(super) fn insert(&mut self, entry: T) -> u32 {
        if let Some(id) = self.free.pop() {
            self.entries[id as usize] = entry;
            return id;
        }
        self.entries.push(entry);
        // Memory ends before the numbers do.
        (self.entries.len() - 1) as u32
    }

    /// Takes an entry out and leaves `vacant` in its place.
    pub(super) fn remove(&mut self, id: u32, vacant: T) -> T {
        self.free.push(id);
        mem::replace(self.get_mut(id), vacant)
    }

    /// All places, those of removed entries included.
    #[cfg(test)]
    pub(super) fn places(&self) -> &[T] {
        &self.entries
    }
}

/// Finds numbers by a hash of what they stand for, which only the caller knows: chains of numbers,
/// five to ten bytes for each.
#[derive(Default)]
pub(super) struct Index {
    /// Where each chain begins; a power of two of them.
    first: Vec<u32>,
    /// What follows each number in its chain.
    next: Vec<u32>,
    count: usize,
}

impl Index {
    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The numbers in the chain of `hash`, among them all that were inserted with it.
    pub(super) fn chain(&self, hash: u32) -> impl Iterator<Item = u32> {
        let mut id = self.first.get(self.chain_number(hash)).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let found = (id != NONE).then_some(id)?;
            id = self.next[found as usize];
            Some(found)
        })
    }

    fn chain_number(&self, hash: u32) -> usize {
        hash as usize & self.first.len().wrapping_sub(1)
    }

    /// Inserts `id`; `hash` knows the hash of every number that is in the index.
    pub(super) fn insert(&mut self, id: u32, hash: impl Fn(u32) -> u32) {
        if self.count == self.first.len() {
            let more = vec![NONE; (self.count * 2).max(8)];
            for mut id in mem::replace(&mut self.first, more) {
                while id != NONE {
                    let next = self.next[id as usize];
                    self.link(id, hash(id));
                    id = next;
                }
            }
        }
        if self.next.len() <= id as usize {
            self.next.resize(id as usize + 1, NONE);
        }
        self.count += 1;
        self.link(id, hash(id));
    }

    fn link(&mut self, id: u32, hash: u32) {
        let chain = self.chain_number(hash);
        self.next[id as usize] = mem::replace(&mut self.first[chain], id);
    }

    /// Removes `id`, which is in the chain of this hash.
    pub(super) fn remove(&mut self, id: u32, hash: u32) {
        let (chain, next) = (self.chain_number(hash), self.next[id as usize]);
        let mut before = self.first[chain];
        if before == id {
            self.first[chain] = next;
        } else {
            while self.next[before as usize] != id {
                before = self.next[before as usize];
            }
            self.next[before as usize] = next;
        }
        self.count -= 1;
    }

    /// The lengths of both tables.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.first.len(), self.next.len())
    }
}
