//! One draft, written twice: for the wire, and to make the next request from.

use crate::sip::Line;
use std::ops::Range;

/// A draft being copied: to the wire, and to what is kept of it to make the next one from. All but
/// the lines that each request gets anew goes to both.
pub(super) struct DualWriter<'d> {
    pub(super) head: &'d [u8],
    /// What stands before is copied, or left out.
    pub(super) at: usize,
    pub(super) wire: &'d mut Vec<u8>,
    pub(super) kept: &'d mut Vec<u8>,
}

impl DualWriter<'_> {
    /// Where the value of `line`, which is not copied yet, will stand on the wire.
    pub(super) fn place(&self, line: Line) -> Range<usize> {
        let value = line.value();
        let start = self.wire.len() + (value.start - self.at);
        start..start + value.len()
    }

    /// Copies what stands before `end`.
    #[inline(always)]
    pub(super) fn up_to(&mut self, end: usize) {
        self.both(&self.head[self.at..end]);
        self.at = end;
    }

    pub(super) fn both(&mut self, text: &[u8]) {
        self.wire.extend_from_slice(text);
        self.kept.extend_from_slice(text);
    }

    /// Copies what stands before `line`, and leaves `line` out.
    pub(super) fn leave_out(&mut self, line: Line) {
        self.up_to(line.whole().start);
        self.at = line.whole().end;
    }

    /// Copies `line` to the wire alone.
    pub(super) fn send_only(&mut self, line: Line) {
        self.leave_out(line);
        self.wire.extend_from_slice(&self.head[line.whole()]);
    }

    /// Copies `line` to the wire alone, with another value.
    pub(super) fn send_changed(&mut self, line: Line, value: &str) {
        self.leave_out(line);
        self.wire.extend_from_slice(&self.head[line.whole().start..line.value().start]);
        self.wire.extend_from_slice(value.as_bytes());
        self.wire.extend_from_slice(b"\r\n");
    }

    /// Copies `line` to what is kept alone.
    pub(super) fn keep_only(&mut self, line: Line) {
        self.leave_out(line);
        self.kept.extend_from_slice(&self.head[line.whole()]);
    }

    /// Copies `line` with another value.
    pub(super) fn change(&mut self, line: Line, value: &str) {
        self.up_to(line.value().start);
        self.both(value.as_bytes());
        self.at = line.value().end;
    }
}
