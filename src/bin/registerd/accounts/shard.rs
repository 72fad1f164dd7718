//! The part of a file that one of several processes keeps.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Which part, from 1, of how many. An account belongs to the part whose number is one more than
/// the remainder of a 64-bit number by the count: the first eight octets, in network order, of the
/// SHA-256 of its address-of-record as the file writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    number: u64,
    count: u64,
}

impl Shard {
    pub(crate) fn has(self, aor: &str) -> bool {
        Shard::number_of(aor, self.count) == self.number
    }

    pub(crate) fn number_of(aor: &str, count: u64) -> u64 {
        let hash = Sha256::digest(aor.as_bytes());
        let octets = hash.iter().take(8).fold(0, |sum, octet| sum << 8 | u64::from(*octet));
        octets % count + 1
    }

    /// Of how many.
    pub(crate) fn count(self) -> u64 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Shard, &'static str> {
        let wrong = "it is not of the form 3/16, from 1/16 to 16/16";
        let (number, count) = text.split_once('/').ok_or(wrong)?;
        let (number, count) = (number.parse().ok(), count.parse().ok());
        let (number, count) = number.zip(count).ok_or(wrong)?;
        if !(1..=count).contains(&number) {
            return Err(wrong);
        }
        Ok(Shard { number, count })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}
