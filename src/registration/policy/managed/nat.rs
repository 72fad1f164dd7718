//! The address that a server sees us at: when it is believed, and when our Contact moves there.

use std::net::{IpAddr, SocketAddr};

/// Moves remembered; a server that has named more addresses than this is not followed any further.
const MOST: usize = 16;

/// What one registration made of the addresses it was seen at.
#[derive(Debug, Clone, Default)]
pub(super) struct Nat {
    /// The address in our Contacts towards this server; `None`: each has its own.
    chosen: Option<(SocketAddr, Option<SocketAddr>)>,
    /// What `chosen` was before the last move.
    before: Option<(SocketAddr, Option<SocketAddr>)>,
    /// Each move is made once: server and address.
    tried: Vec<(SocketAddr, SocketAddr)>,
    /// The last answer showed this address.
    pub(super) seen: Option<SocketAddr>,
}

impl Nat {
    /// The address for our Contacts towards `server`; what other registrations `learned` serves as a first guess.
    pub(super) fn address(&self, server: SocketAddr, learned: Option<SocketAddr>) -> Option<SocketAddr> {
        match self.chosen {
            Some((of, address)) if of == server => address,
            _ => learned.filter(|seen| plausible(server, *seen)),
        }
    }

    /// The server saw us at `seen`, the Contacts that may move say `said`: whether they are to. True once for each server and address.
    pub(super) fn moves(&mut self, server: SocketAddr, seen: SocketAddr, said: &[SocketAddr]) -> bool {
        self.seen = Some(seen);
        if said.iter().all(|said| *said == seen) || !plausible(server, seen) {
            return false;
        }
        if self.tried.len() >= MOST || self.tried.contains(&(server, seen)) {
            return false;
        }
        self.tried.push((server, seen));
        let alike = said.iter().all(|one| *one == said[0]);
        self.before = self.chosen.or(Some((server, said.first().copied().filter(|_| alike))));
        self.chosen = Some((server, Some(seen)));
        true
    }

    /// The server refused the move: the Contact stays where the binding is.
    pub(super) fn refused(&mut self) {
        self.chosen = self.before.take().or(self.chosen);
    }

    /// The network is another one, or the mapping has changed: everything may be tried again.
    pub(super) fn forget(&mut self) {
        *self = Nat::default();
    }
}

/// Whether a server at `server` can have seen us at `seen`: no wildcard, no group, no port 0, no address of a network that a packet
/// from outside cannot come from.
fn plausible(server: SocketAddr, seen: SocketAddr) -> bool {
    let ip = seen.ip();
    let odd = match ip {
        IpAddr::V4(v4) => v4.is_broadcast() || v4.octets()[0] == 0 || v4.octets()[0] >= 240,
        IpAddr::V6(_) => false,
    };
    if seen.port() == 0 || ip.is_unspecified() || ip.is_multicast() || odd {
        return false;
    }
    reach(ip) >= reach(server.ip())
}

/// How far an address is known: this machine, this link, this site, everywhere.
fn reach(ip: IpAddr) -> u8 {
    match ip {
        _ if ip.is_loopback() => 0,
        IpAddr::V4(v4) if v4.is_link_local() => 1,
        // Private (RFC 1918) and shared (RFC 6598).
        IpAddr::V4(v4) if v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64) => 2,
        IpAddr::V6(v6) if v6.is_unicast_link_local() => 1,
        IpAddr::V6(v6) if v6.is_unique_local() => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_address_of_a_server_moves_the_contact_once() {
        let mut nat = Nat::default();
        let (server, local) = (at("192.0.2.1:5060"), at("10.0.0.1:5070"));
        let (a, b) = (at("203.0.113.7:1000"), at("203.0.113.7:2000"));
        assert!(nat.moves(server, a, &[local]));
        assert!(nat.moves(server, b, &[a]));
        assert!(!nat.moves(server, a, &[b]));
        assert!(!nat.moves(server, b, &[a]));
        nat.forget();
        assert!(nat.moves(server, a, &[b]));
    }

    #[test]
    fn a_refused_move_goes_back() {
        let mut nat = Nat::default();
        let (server, local) = (at("192.0.2.1:5060"), at("10.0.0.1:5070"));
        assert!(nat.moves(server, at("203.0.113.7:1000"), &[local]));
        nat.refused();
        assert_eq!(nat.address(server, None), Some(local));
    }

    #[test]
    fn an_address_that_a_packet_cannot_come_from_is_not_believed() {
        let server = at("192.0.2.1:5060");
        for odd in [
            "10.0.0.1:5070",
            "127.0.0.1:5070",
            "0.0.0.0:1",
            "224.0.0.1:5",
            "203.0.113.7:0",
            "255.255.255.255:1",
        ] {
            assert!(!plausible(server, at(odd)), "{odd}");
        }
        assert!(plausible(server, at("203.0.113.7:1000")));
        assert!(plausible(at("10.0.0.1:5060"), at("10.0.0.7:1000")));
        assert!(plausible(at("127.0.0.1:5060"), at("127.0.0.1:1000")));
        assert!(plausible(at("10.0.0.1:5060"), at("[2001:db8::1]:1000")));
    }
}
