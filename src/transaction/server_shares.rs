//! What each source has of the places and bytes kept for requests from outside, so that none has
//! them all, and those whose addresses may be forged take none from registrars.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Server transactions kept at a time for registrars, answered or not, and as many for all others.
const MAX_TRANSACTIONS: usize = 4096;
/// Bytes kept for either at a time, answers for retransmissions included.
const MAX_BYTES: usize = 8 << 20;
/// The most that one source may have of either: half, so that others still get in.
const SOURCE_DIVISOR: usize = 2;

/// Whom a request comes from, as far as its address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOrigin {
    /// An address where a registration lives.
    Registrar,
    /// Any other address.
    Other,
}

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requester {
    /// Whether a registration lives at the address.
    pub origin: RequestOrigin,
    /// The address.
    pub address: SocketAddr,
    /// It came over a connection, which nobody opens who does not receive at the address.
    pub is_connected: bool,
}

impl Requester {
    /// Whether the address may be that of somebody who sent nothing, so that whatever is sent there
    /// has to be less than what came.
    pub fn may_be_forged(&self) -> bool {
        self.origin == RequestOrigin::Other && !self.is_connected
    }

    /// Whom the address stands for. Ports cost nothing, and one host has all of an IPv6 network of
    /// 64 bits; but two registrars may be in one.
    fn source(&self) -> IpAddr {
        match self.address.ip().to_canonical() {
            IpAddr::V6(ip) if self.origin == RequestOrigin::Other => {
                let [a, b, c, d, ..] = ip.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            ip => ip,
        }
    }
}

/// What one server transaction has of the shares.
#[derive(Debug)]
pub struct Place {
    requester: Requester,
    bytes: usize,
}

impl Place {
    /// Who has it.
    pub fn requester(&self) -> Requester {
        self.requester
    }
}

/// Places and bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub places: usize,
    /// How many bytes are kept for all of them.
    pub bytes: usize,
}

impl Share {
    fn fits(self, more: usize, limit: Share, part: usize) -> bool {
        self.places < limit.places / part && self.bytes + more <= limit.bytes / part
    }

    fn recount(&mut self, before: usize, after: usize) {
        self.bytes = self.bytes + after - before;
    }
}

/// All that sources of one origin have, and the share of each source that has any.
#[derive(Debug, Default)]
struct OriginShares {
    all: Share,
    of: HashMap<IpAddr, Share>,
}

/// The shares of all sources. Registrars have theirs apart from the others.
#[derive(Debug)]
pub struct ServerShares {
    /// What registrars have at most, and as much all others.
    limit: Share,
    registrars: OriginShares,
    others: OriginShares,
}

impl Default for ServerShares {
    /// Those of requests.
    fn default() -> Self {
        ServerShares::new(Share { places: MAX_TRANSACTIONS, bytes: MAX_BYTES })
    }
}

impl ServerShares {
    /// So much for registrars, and as much for all others.
    pub fn new(limit: Share) -> Self {
        let (registrars, others) = (OriginShares::default(), OriginShares::default());
        ServerShares { limit, registrars, others }
    }

    /// Whether a request of so many bytes may come in.
    pub fn have_room(&self, requester: Requester, bytes: usize) -> bool {
        let shares = match requester.origin {
            RequestOrigin::Registrar => &self.registrars,
            RequestOrigin::Other => &self.others,
        };
        let own = shares.of.get(&requester.source()).copied().unwrap_or_default();
        shares.all.fits(bytes, self.limit, 1) && own.fits(bytes, self.limit, SOURCE_DIVISOR)
    }

    /// Takes a place of so many bytes. It stays one of the requester's origin, whatever becomes of
    /// registrations meanwhile.
    pub fn take(&mut self, requester: Requester, bytes: usize) -> Place {
        let shares = self.of(requester.origin);
        shares.all.places += 1;
        shares.of.entry(requester.source()).or_default().places += 1;
        let mut place = Place { requester, bytes: 0 };
        self.recount(&mut place, bytes);
        place
    }

    /// The place has so many bytes now.
    pub fn recount(&mut self, place: &mut Place, bytes: usize) {
        let before = std::mem::replace(&mut place.bytes, bytes);
        let shares = self.of(place.requester.origin);
        shares.all.recount(before, bytes);
        if let Some(own) = shares.of.get_mut(&place.requester.source()) {
            own.recount(before, bytes);
        }
    }

    /// The place has so many bytes from now on if it had fewer, and if there is room for them.
    pub fn grow(&mut self, place: &mut Place, bytes: usize) -> bool {
        let (limit, more) = (self.limit.bytes, bytes.saturating_sub(place.bytes));
        let shares = self.of(place.requester.origin);
        let own = shares.of.get(&place.requester.source()).map_or(0, |own| own.bytes);
        let has_room = shares.all.bytes + more <= limit && own + more <= limit / SOURCE_DIVISOR;
        if more > 0 && has_room {
            self.recount(place, bytes);
        }
        more == 0 || has_room
    }

    /// The place is free again.
    pub fn release(&mut self, mut place: Place) {
        self.recount(&mut place, 0);
        let source = place.requester.source();
        let shares = self.of(place.requester.origin);
        shares.all.places -= 1;
        if let Some(own) = shares.of.get_mut(&source) {
            own.places -= 1;
            if own.places == 0 {
                shares.of.remove(&source);
            }
        }
    }

    fn of(&mut self, origin: RequestOrigin) -> &mut OriginShares {
        match origin {
            RequestOrigin::Registrar => &mut self.registrars,
            RequestOrigin::Other => &mut self.others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requester(origin: RequestOrigin, address: &str) -> Requester {
        let address = SocketAddr::new(address.parse().unwrap(), 5060);
        Requester { origin, address, is_connected: false }
    }

    #[test]
    fn registrars_and_others_take_no_places_from_each_other() {
        for (flooding, kept) in [
            (RequestOrigin::Other, RequestOrigin::Registrar),
            (RequestOrigin::Registrar, RequestOrigin::Other),
        ] {
            let mut shares = ServerShares::default();
            let mut places = Vec::new();
            for n in 0..3 * MAX_TRANSACTIONS {
                let one = requester(flooding, &format!("192.0.2.{}", n % 9));
                if shares.have_room(one, 100) {
                    places.push(shares.take(one, 100));
                }
            }
            assert_eq!(places.len(), MAX_TRANSACTIONS);
            let one = requester(kept, "192.0.2.1");
            assert!(shares.have_room(one, MAX_BYTES / 2) && !shares.have_room(one, MAX_BYTES));
            places.into_iter().for_each(|place| shares.release(place));
            for origin in [&shares.registrars, &shares.others] {
                assert_eq!((origin.all.places, origin.all.bytes, origin.of.len()), (0, 0, 0));
            }
        }
    }

    #[test]
    fn two_registrars_of_one_network_have_a_share_each() {
        let mut shares = ServerShares::default();
        for (origin, has_room) in [(RequestOrigin::Registrar, true), (RequestOrigin::Other, false)]
        {
            let [one, two] = ["2001:db8::1", "2001:db8::2"].map(|at| requester(origin, at));
            for _ in 0..MAX_TRANSACTIONS / SOURCE_DIVISOR {
                shares.take(one, 0);
            }
            assert!(!shares.have_room(one, 0));
            assert_eq!(shares.have_room(two, 0), has_room);
        }
    }
}
