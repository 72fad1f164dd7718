//! The hash algorithms of digest authentication.

use crate::sip::unquote;
use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

/// A digest algorithm; the order is the order of strength (a `-sess` form is as strong as its plain form, and comes behind it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
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

/// A hash in lower-case hex, off the heap.
#[derive(Clone, Copy)]
pub(crate) struct Hex {
    digits: [u8; 64],
    length: usize,
}

impl Hex {
    /// The digits of some bytes, at most 32.
    pub(crate) fn new(hash: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Hex { digits, length: (hash.len() * 2).min(64) }
    }
    /// Digits that were given: without blanks around them, in lower case. Behind 64 they are those of no hash of ours.
    pub(crate) fn given(text: &str) -> Self {
        let text = text.trim_ascii().as_bytes();
        let mut digits = [0; 64];
        for (to, from) in digits.iter_mut().zip(text) {
            *to = from.to_ascii_lowercase();
        }
        Hex { digits, length: text.len().min(64) }
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

    /// Reads a token, without case, in quotes or not.
    pub fn parse(token: &str) -> Option<Self> {
        let token = unquote(token.trim_ascii());
        Self::ALL.into_iter().find(|a| a.name().eq_ignore_ascii_case(token.trim_ascii()))
    }
    /// The token as it is written.
    pub fn name(self) -> &'static str {
        match self {
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
            Algorithm::Md5Sess => Algorithm::Md5,
            Algorithm::Sha256Sess => Algorithm::Sha256,
            Algorithm::Sha512_256Sess => Algorithm::Sha512_256,
            plain => plain,
        }
    }
    /// Lower-case hex of the hash of `data`, the pieces one behind the other.
    pub fn hex(self, data: &[&[u8]]) -> String {
        self.hash(data).as_str().to_string()
    }
    /// [`Algorithm::hex`] off the heap.
    pub(crate) fn hash(self, data: &[&[u8]]) -> Hex {
        match self.plain() {
            Algorithm::Sha256 => digest::<Sha256>(data),
            Algorithm::Sha512_256 => digest::<Sha512_256>(data),
            _ => digest::<Md5>(data),
        }
    }
}

fn digest<D: Digest>(data: &[&[u8]]) -> Hex {
    let mut hash = D::new();
    for piece in data {
        hash.update(piece);
    }
    Hex::new(&hash.finalize())
}
