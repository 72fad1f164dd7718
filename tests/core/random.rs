//! Numbers that are the same for the same seed.

pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }

    /// Where in so many.
    pub fn index(&mut self, count: usize) -> usize {
        self.below(count as u64) as usize
    }

    pub fn one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }

    pub fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    pub fn word(&mut self, words: &'static str) -> &'static str {
        words.split(' ').nth(self.index(words.split(' ').count())).unwrap()
    }

    /// One of the last of many, or any.
    pub fn recent<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let from = if self.one_in(4) { 0 } else { all.len().saturating_sub(6) };
        (!all.is_empty()).then(|| &all[from + self.index(all.len() - from)])
    }
}
