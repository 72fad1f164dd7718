//! What the tests of this room share.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The moment `ms` after the beginning. Nothing waits: the clock is read once, for want of another
/// way to make an instant.
pub(super) fn at(ms: u64) -> Instant {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    *BEGINNING.get_or_init(Instant::now) + Duration::from_millis(ms)
}

pub(super) fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Numbers that count from `first`, in place of random ones.
pub(super) fn random(first: u64) -> impl FnMut() -> u64 {
    let mut next = first;
    move || {
        next = next.wrapping_add(1);
        next
    }
}
