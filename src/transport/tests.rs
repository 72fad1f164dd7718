//! What the tests of this room share.

use std::net::SocketAddr;

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
