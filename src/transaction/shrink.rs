//! Tables keep the capacity of their peak; here is when it is given back, and how much of it.

/// Capacity that each keeps, however little it needs.
pub(crate) const MIN_CAPACITY: usize = 1024;

/// Whether a table with this capacity is to be shrunk.
pub(crate) fn is_oversized(capacity: usize, len: usize) -> bool {
    capacity > MIN_CAPACITY && len * 8 < capacity
}

/// The capacity that is left then.
pub(crate) fn shrunk_capacity(len: usize) -> usize {
    len * 2
}
