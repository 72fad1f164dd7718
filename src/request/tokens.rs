//! Tokens from a seed: what the operating system's generator gave once, stretched by SHA-512 in counter mode.

use crate::sip::push_hex;
use sha2::{Digest, Sha512};
use std::time::Duration;

/// A stream of tokens; the same seed gives the same stream.
#[derive(Clone)]
pub struct Entropy {
    seed: [u8; 32],
    counter: u64,
    /// The last block, and how much of its end is not drawn yet.
    block: [u64; 8],
    left: usize,
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entropy").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Entropy {
    /// A stream from 256 secret bits.
    pub fn new(seed: [u8; 32]) -> Self {
        Entropy { seed, counter: 0, block: [0; 8], left: 0 }
    }

    /// The next 128 bits.
    pub fn bits(&mut self) -> u128 {
        u128::from(self.word()) << 64 | u128::from(self.word())
    }

    /// The next 64 bits.
    #[inline]
    pub(crate) fn word(&mut self) -> u64 {
        if self.left == 0 {
            self.refill();
        }
        self.left -= 1;
        self.block[7 - self.left]
    }

    #[inline(never)]
    fn refill(&mut self) {
        self.counter += 1;
        let digest =
            Sha512::new().chain_update(self.seed).chain_update(self.counter.to_le_bytes()).finalize();
        for (word, bytes) in self.block.iter_mut().zip(digest.chunks_exact(8)) {
            *word = bytes.try_into().map_or(0, u64::from_be_bytes);
        }
        self.left = self.block.len();
    }

    /// A moment between the two, each as likely as another; `low` when there is nothing between them.
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let span = u64::try_from(high.saturating_sub(low).as_nanos()).unwrap_or(u64::MAX);
        if span == 0 {
            return low;
        }
        let part = (u128::from(self.word()) * (u128::from(span) + 1)) >> 64;
        low + Duration::from_nanos(u64::try_from(part).unwrap_or(span))
    }

    /// 128 bits as 32 lower-case hex digits: a tag, a Call-ID, a cnonce.
    pub fn token(&mut self) -> String {
        let mut text = String::with_capacity(32);
        self.push_token(&mut text);
        text
    }

    /// Appends a token.
    pub fn push_token(&mut self, text: &mut String) {
        push_hex(text, self.bits());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::hex;

    #[test]
    fn a_token_is_the_number_in_hex() {
        let mut entropy = Entropy::new([3; 32]);
        let mut same = entropy.clone();
        for _ in 0..1000 {
            assert_eq!(entropy.token(), format!("{:032x}", same.bits()));
        }
        for number in [0, 1, 0x0123_4567_89ab_cdef, u128::MAX, u128::MAX << 4] {
            assert_eq!(hex(number), format!("{number:032x}").as_bytes());
        }
    }
}
