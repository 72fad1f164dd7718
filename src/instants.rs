//! The moments that unit tests name.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The moment `ms` after the beginning. Nothing waits: the clock is read once, for want of another
/// way to make an instant.
#[allow(clippy::disallowed_methods, reason = "instants have no other origin")]
pub(crate) fn at(ms: u64) -> Instant {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    *BEGINNING.get_or_init(Instant::now) + Duration::from_millis(ms)
}
