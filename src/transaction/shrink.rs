//! What is kept for a storm of requests, and given back when it is over: rows and tables would keep
//! the room of their peak.

/// Places that each keeps, however few it needs.
pub(crate) const ROOM: usize = 1024;

/// Whether so much room for so few is to be given back.
pub(crate) fn is_too_much(room: usize, used: usize) -> bool {
    room > ROOM && used * 8 < room
}

/// What may be left then.
pub(crate) fn enough(used: usize) -> usize {
    used * 2
}
