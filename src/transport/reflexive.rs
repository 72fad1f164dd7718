//! The addresses at which servers see us (RFC 3581, RFC 5389).

use super::{Flow, FlowId};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// Servers remembered; the one first learnt of goes first.
const MAX_SERVERS: usize = 1024;

/// Who has seen us: a server, and by which connection, because each has an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Observer {
    server: SocketAddr,
    connection: Option<FlowId>,
}

impl From<&Flow> for Observer {
    fn from(flow: &Flow) -> Self {
        let connection = flow.transport.is_reliable().then_some(flow.id);
        Observer { server: flow.remote, connection }
    }
}

/// The address at which each server has seen us, where it is not our own.
#[derive(Debug, Default)]
pub(crate) struct ReflexiveAddrs {
    seen: FxHashMap<Observer, SocketAddr>,
    order: VecDeque<Observer>,
}

impl ReflexiveAddrs {
    /// A server says that it sees us at `seen`, and our own address towards it is `local`. Returns
    /// whether that can be.
    pub(crate) fn learn(
        &mut self,
        by: impl Into<Observer>,
        local: Option<SocketAddr>,
        seen: SocketAddr,
    ) -> bool {
        let by = by.into();
        if local == Some(seen) && !is_impossible(seen) {
            self.remove(by);
            return true;
        }
        if !is_plausible(by.server, seen) {
            return false;
        }
        let before = self.seen.insert(by, seen);
        if before.is_none() {
            self.order.push_back(by);
            if self.order.len() > MAX_SERVERS {
                if let Some(oldest) = self.order.pop_front() {
                    self.seen.remove(&oldest);
                }
            }
        }
        true
    }

    /// Where a server sees us, if not at our own address.
    pub(crate) fn get(&self, by: impl Into<Observer>) -> Option<&SocketAddr> {
        if self.seen.is_empty() { None } else { self.seen.get(&by.into()) }
    }

    /// What a server said counts no more.
    pub(crate) fn remove(&mut self, by: impl Into<Observer>) {
        let by = by.into();
        if !self.seen.is_empty() && self.seen.remove(&by).is_some() {
            self.order.retain(|one| *one != by);
        }
    }

    /// Nothing counts any more.
    pub(crate) fn clear(&mut self) {
        *self = ReflexiveAddrs::default();
    }
}

/// Whether a server at `server` can have seen us at `seen`.
///
/// A packet comes from one host and a port, and from no network that the server cannot see: what is
/// farther away than our own link, site or machine does not see our address there.
pub(crate) fn is_plausible(server: SocketAddr, seen: SocketAddr) -> bool {
    !is_impossible(seen) && scope(seen.ip().to_canonical()) >= scope(server.ip().to_canonical())
}

/// No packet comes from there: port 0, no host, a group, a reserved network (RFC 1112 section 4).
fn is_impossible(seen: SocketAddr) -> bool {
    let ip = seen.ip().to_canonical();
    let is_reserved = matches!(ip, IpAddr::V4(v4) if v4.octets()[0] == 0 || v4.octets()[0] >= 224);
    seen.port() == 0 || ip.is_unspecified() || ip.is_multicast() || is_reserved
}

/// How far an address is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Machine,
    Link,
    Site,
    Global,
}

fn scope(ip: IpAddr) -> Scope {
    match ip {
        _ if ip.is_loopback() => Scope::Machine,
        IpAddr::V4(v4) if v4.is_link_local() => Scope::Link,
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Scope::Link,
        // Private (RFC 1918) and shared (RFC 6598).
        IpAddr::V4(v4) if v4.is_private() => Scope::Site,
        IpAddr::V4(v4) if v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64 => Scope::Site,
        IpAddr::V6(v6) if v6.is_unique_local() => Scope::Site,
        _ => Scope::Global,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl From<SocketAddr> for Observer {
        fn from(server: SocketAddr) -> Self {
            Observer { server, connection: None }
        }
    }

    fn at(n: usize) -> SocketAddr {
        SocketAddr::from(([10, 0, (n >> 8) as u8, n as u8], 5060))
    }

    #[test]
    fn a_thousand_servers_are_remembered_and_the_oldest_goes_first() {
        let mut learned = ReflexiveAddrs::default();
        let seen = SocketAddr::from(([203, 0, 113, 7], 4444));
        for n in 0..=MAX_SERVERS {
            assert!(learned.learn(at(n), None, seen));
            assert!(learned.learn(at(n), None, seen), "again");
        }
        assert_eq!((learned.seen.len(), learned.order.len()), (MAX_SERVERS, MAX_SERVERS));
        assert_eq!((learned.get(at(0)), learned.get(at(1))), (None, Some(&seen)));
        learned.remove(at(1));
        assert!(learned.learn(at(2), Some(seen), seen), "no NAT any more");
        assert_eq!((learned.seen.len(), learned.order.len()), (MAX_SERVERS - 2, MAX_SERVERS - 2));
    }

    #[test]
    fn an_address_that_no_packet_can_come_from_is_not_learnt() {
        let mut learned = ReflexiveAddrs::default();
        for odd in [
            "0.0.0.0:5",
            "224.0.0.1:5",
            "255.255.255.255:5",
            "203.0.113.7:0",
            "[::]:5",
            "[ff02::1]:5",
        ] {
            let odd = odd.parse().unwrap();
            assert!(!learned.learn(at(1), None, odd), "{odd}");
            assert!(!learned.learn(at(1), Some(odd), odd), "{odd}");
        }
        assert_eq!(learned.get(at(1)), None);
    }

    #[test]
    fn our_own_address_is_believed_whoever_sees_us_there() {
        let (server, local): (SocketAddr, _) = ("192.0.2.1:5060".parse().unwrap(), at(7));
        let mut learned = ReflexiveAddrs::default();
        assert!(learned.learn(server, Some(local), local));
        assert!(!learned.learn(server, Some(at(8)), local), "what is private is not seen outside");
    }

    #[test]
    fn a_server_sees_no_address_of_a_smaller_network_than_its_own() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let server = at("192.0.2.1:5060");
        for odd in [
            "10.0.0.1:5070",
            "100.64.0.1:5070",
            "169.254.1.1:5070",
            "127.0.0.1:5070",
            "[fd00::1]:5070",
            "[fe80::1]:5070",
            "[::ffff:10.0.0.1]:5070",
            "0.0.0.0:1",
            "224.0.0.1:5",
            "240.0.0.1:5",
            "203.0.113.7:0",
            "255.255.255.255:1",
        ] {
            assert!(!is_plausible(server, at(odd)), "{odd}");
        }
        assert!(is_plausible(server, at("203.0.113.7:1000")));
        assert!(is_plausible(at("10.0.0.1:5060"), at("10.0.0.7:1000")));
        assert!(is_plausible(at("127.0.0.1:5060"), at("127.0.0.1:1000")));
        assert!(is_plausible(at("10.0.0.1:5060"), at("[2001:db8::1]:1000")));
    }
}
