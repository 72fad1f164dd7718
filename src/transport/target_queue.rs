//! The targets of one request, in the order in which they are tried (RFC 3263 section 4.3).

use super::{Target, Transport};
use std::net::SocketAddr;

/// How good a target is, the least the best. Those of one rank are as good as each other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TargetRank {
    /// It failed lately, which puts it behind all others.
    pub(crate) has_failed: bool,
    /// The place of its transport among those that the domain offers.
    pub(crate) group: u16,
    /// The priority of its SRV record.
    pub(crate) priority: u16,
}

/// A target and how good it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RankedTarget {
    pub(crate) rank: TargetRank,
    /// The number of its server, which may have several addresses.
    pub(crate) server: usize,
    pub(crate) target: Target,
}

impl RankedTarget {
    fn is_at(&self, (transport, remote): (Transport, SocketAddr)) -> bool {
        self.target.transport == transport && self.target.remote == remote
    }
}

/// The targets of one request, those that were tried first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TargetQueue {
    first: Option<RankedTarget>,
    /// What comes after it.
    others: Vec<RankedTarget>,
    /// How many of them were tried.
    tried: usize,
    /// Those that failed before in the same attempt, and are not tried again.
    left_out: Vec<RankedTarget>,
}

impl TargetQueue {
    /// A queue of one.
    pub fn one(target: Target) -> Self {
        let first = Some(RankedTarget { rank: TargetRank::default(), server: 0, target });
        TargetQueue { first, ..TargetQueue::default() }
    }

    /// The best of those that were not tried yet, which is tried now.
    pub(crate) fn pop(&mut self) -> Option<Target> {
        let next = self.get(self.tried)?.target.clone();
        self.tried += 1;
        Some(next)
    }

    /// The best of them, and with a connection the other addresses of its server, which are tried
    /// beside it (RFC 8305).
    pub(crate) fn pop_server(&mut self) -> Option<(Target, Vec<Target>)> {
        let (at, mut addresses) = (self.tried, Vec::new());
        let first = self.pop()?;
        while first.transport.is_reliable() {
            let Some((same, next)) = self.get(at).zip(self.get(self.tried)) else { break };
            if same.server != next.server {
                break;
            }
            addresses.extend(self.pop());
        }
        Some((first, addresses))
    }

    /// The one that was tried last.
    pub(crate) fn current(&self) -> Option<&Target> {
        self.get(self.tried.checked_sub(1)?).map(|one| &one.target)
    }

    /// Whether all of them were tried.
    pub(crate) fn is_empty(&self) -> bool {
        self.get(self.tried).is_none()
    }

    /// Whether one of them was tried.
    pub(crate) fn has_begun(&self) -> bool {
        self.tried > 0
    }

    /// The servers of a better priority than the one that is tried now, which are not tried before
    /// it because they failed lately, or because they failed now.
    pub(crate) fn better(&self) -> Vec<(Transport, SocketAddr)> {
        let place = |one: &RankedTarget| (one.rank.group, one.rank.priority);
        let Some(current) = self.tried.checked_sub(1).and_then(|at| self.get(at)).map(place) else {
            return Vec::new();
        };
        let all = self.first.iter().chain(&self.others).chain(&self.left_out);
        all.filter(|one| place(one) < current)
            .map(|one| (one.target.transport, one.target.remote))
            .collect()
    }

    /// Tries `server` first of those that are as good as it.
    pub(crate) fn prefer(&mut self, server: (Transport, SocketAddr)) {
        self.rearrange(server, false);
    }

    /// Tries `server` first of all, if it is among them.
    pub(crate) fn stay_at(&mut self, server: (Transport, SocketAddr)) {
        self.rearrange(server, true);
    }

    /// Each server of UDP is tried by TCP before, unless that `has_failed` lately.
    pub(crate) fn prefer_connections(
        &mut self,
        has_failed: impl Fn((Transport, SocketAddr)) -> bool,
    ) {
        let mut all = Vec::new();
        for one in self.take_all() {
            let (transport, remote) = (one.target.transport, one.target.remote);
            if transport == Transport::Udp && !has_failed((Transport::Tcp, remote)) {
                let target = Target::new(Transport::Tcp, remote);
                // A server of its own: it is not connected to beside the other.
                all.push(RankedTarget { rank: one.rank, server: usize::MAX - one.server, target });
            }
            all.push(one);
        }
        self.put_all(all);
    }

    /// Tries `target`, which was tried before, once more before all others.
    pub(crate) fn repeat(&mut self, target: Target) {
        let last = self.tried.checked_sub(1).and_then(|at| self.get(at));
        let rank = last.map(|last| last.rank).unwrap_or_default();
        let mut all = self.take_all();
        let at = self.tried.min(all.len());
        all.insert(at, RankedTarget { rank, server: usize::MAX, target });
        self.put_all(all);
    }

    /// Tries all else before `server`, where the other one of two flows is, but for what failed
    /// lately. A second flow over UDP would be the same there, and is left out.
    pub(crate) fn avoid(&mut self, server: (Transport, SocketAddr)) {
        let mut all = self.take_all();
        all.retain(|one| server.0 != Transport::Udp || !one.is_at(server));
        all.sort_by_key(|one| {
            let is_there = one.target.remote == server.1;
            (one.rank.has_failed && !is_there, is_there)
        });
        self.put_all(all);
    }

    fn rearrange(&mut self, server: (Transport, SocketAddr), before_all: bool) {
        if self.others.is_empty() {
            return;
        }
        let mut all = self.take_all();
        if let Some(at) = all.iter().position(|one| one.is_at(server)) {
            let same = all.iter().position(|one| one.rank == all[at].rank).unwrap_or(at);
            let to = if before_all { 0 } else { same };
            all[to..=at].rotate_right(1);
        }
        self.put_all(all);
    }

    fn take_all(&mut self) -> Vec<RankedTarget> {
        self.first.take().into_iter().chain(self.others.drain(..)).collect()
    }

    fn put_all(&mut self, mut all: Vec<RankedTarget>) {
        self.first = (!all.is_empty()).then(|| all.remove(0));
        self.others = all;
    }

    /// Leaves out `servers`, unless there are no others.
    pub(crate) fn leave_out(&mut self, servers: &[(Transport, SocketAddr)]) {
        if servers.is_empty() || self.others.is_empty() {
            return;
        }
        let is_kept = |one: &RankedTarget| !servers.iter().any(|server| one.is_at(*server));
        if self.first.iter().chain(&self.others).any(is_kept) {
            let (kept, left_out) = self.take_all().into_iter().partition(is_kept);
            self.left_out = left_out;
            self.put_all(kept);
        }
    }

    fn get(&self, at: usize) -> Option<&RankedTarget> {
        match at {
            0 => self.first.as_ref(),
            _ => self.others.get(at - 1),
        }
    }
}

impl From<Vec<RankedTarget>> for TargetQueue {
    fn from(targets: Vec<RankedTarget>) -> Self {
        let mut queue = TargetQueue::default();
        queue.put_all(targets);
        queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(last: u8) -> (Transport, SocketAddr) {
        (Transport::Udp, SocketAddr::from(([192, 0, 2, last], 5060)))
    }

    /// Targets with these priorities, of which those in `failed` failed lately.
    fn queue(priorities: &[u16], failed: &[u8]) -> TargetQueue {
        let mut all: Vec<_> = (1..)
            .zip(priorities)
            .map(|(last, priority)| {
                let (transport, remote) = server(last);
                let has_failed = failed.contains(&last);
                let rank = TargetRank { has_failed, group: 0, priority: *priority };
                RankedTarget { rank, server: last.into(), target: Target::new(transport, remote) }
            })
            .collect();
        all.sort_by_key(|one| one.rank);
        all.into()
    }

    fn order(mut queue: TargetQueue) -> Vec<u8> {
        std::iter::from_fn(|| queue.pop())
            .map(|target| match target.remote.ip() {
                std::net::IpAddr::V4(ip) => ip.octets()[3],
                std::net::IpAddr::V6(_) => 0,
            })
            .collect()
    }

    #[test]
    fn the_server_that_is_used_comes_first_of_those_as_good() {
        for (used, expected) in [(3, [1, 3, 2]), (2, [1, 2, 3]), (1, [1, 2, 3]), (9, [1, 2, 3])] {
            let mut targets = queue(&[1, 2, 2], &[]);
            targets.prefer(server(used));
            assert_eq!(order(targets), expected, "{used}");
        }
        let mut targets = queue(&[1, 1, 2], &[1]);
        targets.prefer(server(1));
        assert_eq!(order(targets), [2, 3, 1], "it failed lately");
    }

    #[test]
    fn a_server_that_asked_for_proof_comes_first_of_all() {
        let mut targets = queue(&[1, 2, 3], &[3]);
        targets.stay_at(server(3));
        assert_eq!(order(targets), [3, 1, 2]);
    }

    #[test]
    fn servers_that_failed_are_left_out_unless_all_did() {
        let mut targets = queue(&[1, 2, 3], &[]);
        targets.leave_out(&[server(1), server(3)]);
        assert_eq!(order(targets.clone()), [2]);
        targets.pop();
        assert_eq!(targets.better(), [server(1)]);
        let mut targets = queue(&[1, 2], &[]);
        targets.leave_out(&[server(1), server(2)]);
        assert_eq!(order(targets), [1, 2]);
    }

    #[test]
    fn a_second_flow_goes_where_the_first_is_only_by_a_connection() {
        let mut targets = queue(&[1, 2, 3], &[]);
        targets.avoid(server(1));
        assert_eq!(order(targets), [2, 3]);
        let mut targets = queue(&[1], &[]);
        targets.avoid(server(1));
        assert!(targets.is_empty());
        let tcp = |last| (Transport::Tcp, server(last).1);
        let all = [1, 2, 2].map(|last| RankedTarget {
            rank: TargetRank::default(),
            server: 0,
            target: Target::new(Transport::Tcp, tcp(last).1),
        });
        let mut targets = TargetQueue::from(all.to_vec());
        targets.avoid(tcp(1));
        assert_eq!(order(targets), [2, 2, 1]);
        let mut targets = queue(&[1, 2, 3], &[2]);
        targets.avoid(tcp(1));
        assert_eq!(order(targets), [3, 1, 2], "what failed lately comes last");
    }

    #[test]
    fn better_servers_are_those_of_a_better_priority() {
        let mut targets = queue(&[1, 2, 2], &[1]);
        assert_eq!(targets.better(), []);
        targets.pop();
        assert_eq!(targets.better(), [server(1)]);
        let mut first = queue(&[1, 2], &[]);
        first.pop();
        assert_eq!(first.better(), []);
        first.pop();
        assert_eq!(first.better(), [server(1)]);
    }
}
