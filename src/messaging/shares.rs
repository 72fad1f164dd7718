//! What each source has of the places and bytes kept for requests from outside, so that none has
//! them all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Server transactions kept at a time, answered or not.
pub(super) const MAX_TRANSACTIONS: usize = 4096;
/// Bytes kept for them at a time, answers for retransmissions included.
pub(super) const MAX_BYTES: usize = 8 << 20;
/// The most that one source may have of either: half, so that others still get in.
const SOURCE_DIVISOR: usize = 2;

/// Places and bytes.
#[derive(Debug, Default, Clone, Copy)]
struct Share {
    places: usize,
    bytes: usize,
}

impl Share {
    fn fits(self, more: usize, part: usize) -> bool {
        self.places < MAX_TRANSACTIONS / part && self.bytes + more <= MAX_BYTES / part
    }
}

/// All of it, and the share of each source that has any.
#[derive(Debug, Default)]
pub(super) struct Shares {
    all: Share,
    of: HashMap<IpAddr, Share>,
}

impl Shares {
    /// Whether a request of so many bytes may come in.
    pub(super) fn have_room(&self, from: SocketAddr, bytes: usize) -> bool {
        let own = self.of.get(&source(from)).copied().unwrap_or_default();
        self.all.fits(bytes, 1) && own.fits(bytes, SOURCE_DIVISOR)
    }

    /// A place is taken, with no bytes yet.
    pub(super) fn take(&mut self, from: SocketAddr) {
        self.all.places += 1;
        self.of.entry(source(from)).or_default().places += 1;
    }

    /// The bytes of one place are now `after`.
    pub(super) fn recount(&mut self, from: SocketAddr, before: usize, after: usize) {
        self.all.bytes = self.all.bytes + after - before;
        if let Some(own) = self.of.get_mut(&source(from)) {
            own.bytes = own.bytes + after - before;
        }
    }

    /// A place of so many bytes is free again.
    pub(super) fn release(&mut self, from: SocketAddr, bytes: usize) {
        self.recount(from, bytes, 0);
        self.all.places -= 1;
        if let Some(own) = self.of.get_mut(&source(from)) {
            own.places -= 1;
            if own.places == 0 {
                self.of.remove(&source(from));
            }
        }
    }
}

/// Whom an address stands for: ports cost nothing, and one host has all of an IPv6 network of 64
/// bits.
fn source(from: SocketAddr) -> IpAddr {
    match from.ip().to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        ip => ip,
    }
}
