//! Tokens from a seed, which the operating system's generator gave: a stream of ChaCha20.

use crate::sip::push_hex;
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use std::time::Duration;

/// Whether `text` is a token (RFC 3261 section 25.1), as a method is.
pub fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

/// A stream of tokens; the same seed gives the same stream.
pub struct Entropy(ChaCha20Rng);

#[cfg(test)]
impl Clone for Entropy {
    fn clone(&self) -> Self {
        Entropy(ChaCha20Rng::deserialize_state(&self.0.serialize_state()))
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entropy").finish_non_exhaustive()
    }
}

impl Entropy {
    /// A stream from 256 secret bits.
    pub fn new(seed: [u8; 32]) -> Self {
        Entropy(ChaCha20Rng::from_seed(seed))
    }

    /// The next 128 bits.
    pub fn bits(&mut self) -> u128 {
        u128::from(self.word()) << 64 | u128::from(self.word())
    }

    /// The next 64 bits.
    #[inline]
    pub(crate) fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A moment between the two, each as likely as another; `low` when there is nothing between
    /// them.
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
