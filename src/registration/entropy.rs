//! Tokens from a seed: what the operating system's generator gave once, stretched by SHA-256 in counter mode.

use sha2::{Digest, Sha256};
use std::time::Duration;

/// A stream of tokens; the same seed gives the same stream.
#[derive(Clone)]
pub struct Entropy {
    seed: [u8; 32],
    counter: u64,
    /// The other half of the last block.
    spare: Option<u128>,
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entropy").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Entropy {
    /// A stream from 256 secret bits.
    pub fn new(seed: [u8; 32]) -> Self {
        Entropy { seed, counter: 0, spare: None }
    }

    /// The next 128 bits.
    pub fn bits(&mut self) -> u128 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        self.counter += 1;
        let block = Sha256::new().chain_update(self.seed).chain_update(self.counter.to_le_bytes()).finalize();
        let (first, second) = block.split_at(16);
        let number = |half: &[u8]| half.iter().fold(0, |number, byte| number << 8 | u128::from(*byte));
        self.spare = Some(number(second));
        number(first)
    }

    /// A moment between the two, each as likely as another; `low` when there is nothing between them.
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let span = u64::try_from(high.saturating_sub(low).as_nanos()).unwrap_or(u64::MAX);
        if span == 0 {
            return low;
        }
        let draw = (self.bits() >> 64) as u64;
        let part = (u128::from(draw) * (u128::from(span) + 1)) >> 64;
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

/// Appends the 32 hex digits of `number`.
pub fn push_hex(text: &mut String, number: u128) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = [0; 32];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text.push_str(std::str::from_utf8(&hex).unwrap_or_default());
}
