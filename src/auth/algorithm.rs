//! The hash algorithms of digest authentication.

use crate::sip::unquote;
use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};
use zeroize::Zeroize;

/// A digest algorithm; the order is the order of strength.
///
/// A `-sess` form is as strong as its plain form, which is preferred to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `AKAv1-MD5` (RFC 3310); what the program answers is the password of MD5.
    AkaV1Md5,
    /// `AKAv2-MD5` (RFC 4169); the same.
    AkaV2Md5,
    /// `MD5-sess`
    Md5Sess,
    /// `MD5`
    Md5,
    /// `SHA-256-sess`
    Sha256Sess,
    /// `SHA-256`
    Sha256,
    /// `SHA-512-256-sess`
    Sha512_256Sess,
    /// `SHA-512-256`
    Sha512_256,
}

/// The two digits of each byte.
const PAIRS: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (mut pairs, mut byte) = ([[0; 2]; 256], 0);
    while byte < 256 {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

/// A hash in lower-case hex digits, off the heap.
#[derive(Clone, Copy)]
pub(crate) struct HexDigest {
    digits: [u8; 64],
    length: usize,
}

impl HexDigest {
    /// The digits of some bytes, at most 32.
    fn of(hash: &[u8]) -> Self {
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
            pair.copy_from_slice(&PAIRS[usize::from(*byte)]);
        }
        HexDigest { digits, length: (hash.len() * 2).min(64) }
    }
    /// Digits that the application gave: without blanks around them, in lower case. No hash has
    /// more than 64.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim_ascii().as_bytes();
        let mut digits = [0; 64];
        for (to, from) in digits.iter_mut().zip(text) {
            *to = from.to_ascii_lowercase();
        }
        HexDigest { digits, length: text.len().min(64) }
    }
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.digits[..self.length]
    }
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or("")
    }
}

impl Algorithm {
    const ALL: [Algorithm; 6] = [
        Algorithm::Md5Sess,
        Algorithm::Md5,
        Algorithm::Sha256Sess,
        Algorithm::Sha256,
        Algorithm::Sha512_256Sess,
        Algorithm::Sha512_256,
    ];

    /// Reads a token, without case, in quotes or not; not one of AKA, which no password answers.
    pub fn parse(token: &str) -> Option<Self> {
        Self::find(&Self::ALL, token)
    }

    /// The same for one of AKA.
    pub(super) fn parse_aka(token: &str) -> Option<Self> {
        Self::find(&[Algorithm::AkaV1Md5, Algorithm::AkaV2Md5], token)
    }

    fn find(known: &[Self], token: &str) -> Option<Self> {
        let token = unquote(token.trim_ascii());
        let token = token.trim_ascii();
        known.iter().copied().find(|algorithm| algorithm.name().eq_ignore_ascii_case(token))
    }

    /// The token as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::AkaV1Md5 => "AKAv1-MD5",
            Algorithm::AkaV2Md5 => "AKAv2-MD5",
            Algorithm::Md5Sess => "MD5-sess",
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256Sess => "SHA-256-sess",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha512_256Sess => "SHA-512-256-sess",
            Algorithm::Sha512_256 => "SHA-512-256",
        }
    }
    /// Whether this is a `-sess` form, whose A1 holds nonce and cnonce.
    pub fn is_session(self) -> bool {
        matches!(self, Algorithm::Md5Sess | Algorithm::Sha256Sess | Algorithm::Sha512_256Sess)
    }
    /// The form without `-sess`: the same hash.
    pub fn plain(self) -> Self {
        match self {
            Algorithm::AkaV1Md5 | Algorithm::AkaV2Md5 | Algorithm::Md5Sess => Algorithm::Md5,
            Algorithm::Sha256Sess => Algorithm::Sha256,
            Algorithm::Sha512_256Sess => Algorithm::Sha512_256,
            plain => plain,
        }
    }
    /// Lower-case hex of the hash of `data`, the pieces one behind the other.
    pub fn hex(self, data: &[&[u8]]) -> String {
        let data = data.concat();
        self.hash(&[&data]).as_str().to_string()
    }
    /// The hash of `pieces` with a colon between each two, as all of RFC 7616 section 3.4 are.
    pub(crate) fn hash(self, pieces: &[&[u8]]) -> HexDigest {
        self.hash_in(&mut [0; BLOCK], pieces)
    }
    /// The same where one of them is a password, of which no copy is left.
    pub(crate) fn hash_secret(self, pieces: &[&[u8]]) -> HexDigest {
        let mut block = [0; BLOCK];
        let hash = self.hash_in(&mut block, pieces);
        let filled = pieces.iter().map(|piece| piece.len() + 1).sum::<usize>().min(BLOCK);
        block[..filled].zeroize();
        hash
    }

    fn hash_in(self, block: &mut [u8; BLOCK], pieces: &[&[u8]]) -> HexDigest {
        match self.plain() {
            Algorithm::Sha256 => digest::<Sha256>(block, pieces),
            Algorithm::Sha512_256 => digest::<Sha512_256>(block, pieces),
            _ => digest::<Md5>(block, pieces),
        }
    }
}

/// Room for most of what is hashed.
const BLOCK: usize = 256;

/// The hash of `pieces` with colons between them.
///
/// They are short, and put together in `block` first: to update a hash costs more than to copy.
fn digest<D: Digest>(block: &mut [u8; BLOCK], pieces: &[&[u8]]) -> HexDigest {
    let (mut hash, mut filled) = (D::new(), 0);
    for (number, piece) in pieces.iter().enumerate() {
        if filled + piece.len() + 1 > BLOCK {
            hash.update(&block[..filled]);
            filled = 0;
        }
        if number > 0 {
            block[filled] = b':';
            filled += 1;
        }
        if let Some(room) = block.get_mut(filled..filled + piece.len()) {
            room.copy_from_slice(piece);
            filled += piece.len();
        } else {
            hash.update(&block[..filled]);
            hash.update(piece);
            filled = 0;
        }
    }
    hash.update(&block[..filled]);
    HexDigest::of(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_length_are_hashed_with_colons_between_them() {
        let text = [b'x'; 600];
        for first in [0, 1, 100, 254, 255, 256, 257, 600] {
            for second in [0, 1, 154, 155, 156, 255, 256, 600] {
                let pieces = [&text[..first], b"", &text[..second], b"end"];
                for algorithm in [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512_256] {
                    let plain = algorithm.hex(&[&pieces.join(&b':')]);
                    assert_eq!(algorithm.hash(&pieces).as_str(), plain);
                    assert_eq!(algorithm.hash_secret(&pieces).as_str(), plain);
                }
            }
        }
        assert_eq!(Algorithm::Md5.hex(&[b"a", b"bc"]), "900150983cd24fb0d6963f7d28e17f72");
    }
}
