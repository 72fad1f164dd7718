//! Numbers that are the same for the same seed.

use std::time::Duration;

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

/// SplitMix64, so that the random numbers of a world are not those of the agent.
pub struct SplitMix(pub u64);

impl SplitMix {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn up_to(&mut self, ms: f64) -> Duration {
        Duration::from_secs_f64(self.unit() * ms / 1000.0)
    }
}
