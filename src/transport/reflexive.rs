//! Where servers have seen us.

use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// Servers remembered; the one first learnt of goes first.
const MOST: usize = 1024;

/// The address at which each server has seen us, where it is not our own.
#[derive(Debug, Default)]
pub(crate) struct ReflexiveAddrs {
    seen: FxHashMap<SocketAddr, SocketAddr>,
    order: VecDeque<SocketAddr>,
}

impl ReflexiveAddrs {
    /// `server` says that it sees us at `seen`, and our own address towards it is `local`: whether that can be.
    pub(crate) fn learn(&mut self, server: SocketAddr, local: Option<SocketAddr>, seen: SocketAddr) -> bool {
        let ip = seen.ip();
        let group = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast()) || ip.is_multicast();
        if seen.port() == 0 || ip.is_unspecified() || group {
            return false;
        }
        if local == Some(seen) {
            self.remove(&server);
            return true;
        }
        let before = self.seen.insert(server, seen);
        if before.is_none() {
            self.order.push_back(server);
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.seen.remove(&oldest);
            }
        }
        true
    }

    /// Where `server` sees us, if not at our own address.
    pub(crate) fn get(&self, server: &SocketAddr) -> Option<&SocketAddr> {
        self.seen.get(server)
    }

    /// What `server` said counts no more.
    pub(crate) fn remove(&mut self, server: &SocketAddr) {
        if !self.seen.is_empty() && self.seen.remove(server).is_some() {
            self.order.retain(|one| one != server);
        }
    }

    /// Nothing counts any more.
    pub(crate) fn clear(&mut self) {
        *self = ReflexiveAddrs::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: usize) -> SocketAddr {
        SocketAddr::from(([10, 0, (n >> 8) as u8, n as u8], 5060))
    }

    #[test]
    fn no_more_servers_are_remembered_than_a_thousand_and_the_oldest_goes_first() {
        let mut learned = ReflexiveAddrs::default();
        let seen = SocketAddr::from(([203, 0, 113, 7], 4444));
        for n in 0..=MOST {
            assert!(learned.learn(at(n), None, seen));
            assert!(learned.learn(at(n), None, seen), "again");
        }
        assert_eq!((learned.seen.len(), learned.order.len()), (MOST, MOST));
        assert_eq!((learned.get(&at(0)), learned.get(&at(1))), (None, Some(&seen)));
        learned.remove(&at(1));
        assert!(learned.learn(at(2), Some(seen), seen), "no NAT any more");
        assert_eq!((learned.seen.len(), learned.order.len()), (MOST - 2, MOST - 2));
    }

    #[test]
    fn what_no_packet_can_come_from_is_not_learnt() {
        let mut learned = ReflexiveAddrs::default();
        for odd in ["0.0.0.0:5", "224.0.0.1:5", "255.255.255.255:5", "203.0.113.7:0", "[::]:5", "[ff02::1]:5"]
        {
            assert!(!learned.learn(at(1), None, odd.parse().unwrap()), "{odd}");
        }
        assert_eq!(learned.get(&at(1)), None);
    }
}
