//! Tokens from a seed: what the operating system's generator gave once, stretched by SHA-256 in counter mode.

use sha2::{Digest, Sha256};

/// A stream of tokens; the same seed gives the same stream.
#[derive(Clone)]
pub struct Entropy {
    seed: [u8; 32],
    counter: u64,
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entropy").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Entropy {
    /// A stream from 256 secret bits.
    pub fn new(seed: [u8; 32]) -> Self {
        Entropy { seed, counter: 0 }
    }

    /// The next 128 bits.
    pub fn bits(&mut self) -> u128 {
        self.counter += 1;
        let block = Sha256::new().chain_update(self.seed).chain_update(self.counter.to_le_bytes()).finalize();
        let mut half = [0; 16];
        half.copy_from_slice(&block[..16]);
        u128::from_le_bytes(half)
    }

    /// 128 bits as 32 lower-case hex digits: a tag, a Call-ID, a cnonce.
    pub fn token(&mut self) -> String {
        format!("{:032x}", self.bits())
    }
}
