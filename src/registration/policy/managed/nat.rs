//! The address at which a server sees us: when it is believed, and when our Contact gets it.

use crate::transport::is_plausible;
use std::net::SocketAddr;

/// Moves remembered: the addresses of a server that has named more are not followed.
const MAX_MOVES: usize = 16;

/// The addresses at which the servers of one registration saw it.
#[derive(Debug, Clone, Default)]
pub(super) struct Nat {
    /// The address in our Contacts towards this server; `None`: each has its own.
    chosen: Option<(SocketAddr, Option<SocketAddr>)>,
    /// What `chosen` was before the last move.
    before: Option<(SocketAddr, Option<SocketAddr>)>,
    /// Each move is made once: server and address.
    tried: Vec<(SocketAddr, SocketAddr)>,
    /// The address in the last response.
    pub(super) seen: Option<SocketAddr>,
}

impl Nat {
    /// The address for our Contacts towards `server`; `learned`: where it saw other registrations.
    pub(super) fn address(
        &self,
        server: SocketAddr,
        learned: Option<SocketAddr>,
    ) -> Option<SocketAddr> {
        match self.chosen {
            Some((of, address)) if of == server => address,
            _ => learned.filter(|seen| is_plausible(server, *seen)),
        }
    }

    /// The server saw us at `seen`, and the Contacts that may move have the addresses `sent`:
    /// whether they are to. True once for each server and address.
    pub(super) fn moves(
        &mut self,
        server: SocketAddr,
        seen: SocketAddr,
        sent: &[SocketAddr],
    ) -> bool {
        self.seen = Some(seen);
        if sent.iter().all(|sent| *sent == seen) || !is_plausible(server, seen) {
            return false;
        }
        if self.tried.len() >= MAX_MOVES || self.tried.contains(&(server, seen)) {
            return false;
        }
        self.tried.push((server, seen));
        let alike = sent.iter().all(|one| *one == sent[0]);
        self.before = self.chosen.or(Some((server, sent.first().copied().filter(|_| alike))));
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
}
