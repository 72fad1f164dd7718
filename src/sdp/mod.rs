//! Session descriptions (RFC 8866) as text and as values.
//!
//! The reader is tolerant, because devices are not strict: lines may stand in any order where that
//! leaves no doubt, lines of unknown letters are skipped (`y=` and `f=` of GB/T 28181), and the
//! last line needs no end. The values are parts of the text and stay as they were written.

mod description;
mod line;
mod reader;
mod writer;

pub use description::{
    Attribute, Bandwidth, Connection, Key, MediaDescription, Origin, SessionDescription,
    TimeDescription,
};
pub use reader::UnreadableDescription;

#[cfg(test)]
mod tests;
