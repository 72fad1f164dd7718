//! The socket, the plans of whoever drives it, and what waits to be sent.

use super::after::After;
use super::core::Fate;
use crate::agent::Text;
use crate::net::{Alarm, Paths, Ready, ReceiveBatch, SEND_BATCH, Sent, UdpFlow, Waker};
use crate::trace::{self, Level};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Datagrams kept while the socket's buffer is full. What does not fit is lost like any datagram, and sent again by its timer.
const OUTBOX: usize = 4096;
/// RFC 3261 section 18.1.1: no larger over UDP than this, where the path's MTU is not known …
const LARGEST: usize = 1300;
/// … and where it is, this much below it.
const MARGIN: usize = 200;

/// Where datagrams come, the next request is near. Its first retransmission is due at T1 at the earliest, so a thread that looks
/// again once after T1 need not be woken for it.
const LINGER: Duration = Duration::from_millis(500);

/// What the driver of the sockets (see `turn`) and the callers share.
pub(super) struct Link {
    pub(super) flow: UdpFlow,
    /// Ends the driver's sleep.
    pub(super) waker: Waker,
    /// What the network thread sleeps for where it does not drive.
    pub(super) alarm: Alarm,
    /// The driver's, whoever that is.
    pub(super) batch: Mutex<ReceiveBatch>,
    /// Datagrams wait for others to go out with: whoever drives sends them before it sleeps.
    pub(super) gathered: AtomicBool,
}

impl Link {
    /// A link over `flow`. Errors: no descriptor is left.
    pub(super) fn new(flow: UdpFlow) -> io::Result<Link> {
        let (waker, alarm, batch) = (Waker::new()?, Alarm::new()?, Mutex::new(ReceiveBatch::new()));
        Ok(Link { flow, waker, alarm, batch, gathered: AtomicBool::new(false) })
    }

    /// Sleeps as `watch` says; `now` is the time.
    pub(super) fn wait(&self, now: Instant, watch: Watch) -> Ready {
        let timeout = watch.until.map(|until| until.saturating_duration_since(now));
        self.waker.wait(&self.flow, watch.writable, timeout)
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("flow", &self.flow).finish_non_exhaustive()
    }
}

/// What the driver sleeps for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Watch {
    /// Until then; `None`: until something happens.
    pub(super) until: Option<Instant>,
    /// Or until the socket can be written to.
    pub(super) writable: bool,
}

/// The network thread, for the one that ends it.
pub(super) struct Running {
    pub(super) handle: JoinHandle<()>,
    pub(super) over: Arc<Gate>,
}

/// The network side of a context that listens.
pub(super) struct Network {
    pub(super) link: Arc<Link>,
    pub(super) paths: Paths,
    pub(super) thread: Option<Running>,
    outbox: VecDeque<(SocketAddr, Text)>,
    /// The socket has no room; otherwise what is in the outbox is gathered there to go out together.
    full: bool,
    watch: Watch,
}

impl Network {
    /// A network without a thread yet.
    pub(super) fn new(link: Arc<Link>) -> Network {
        let paths = Paths::new(link.flow.local());
        Network { link, paths, thread: None, outbox: VecDeque::new(), full: false, watch: Watch::default() }
    }

    /// The interfaces have changed: asks the kernel anew.
    pub(super) fn forget_paths(&mut self) {
        self.paths = Paths::new(self.link.flow.local());
    }

    /// Sends, behind what already waits; what did not go, and why. With `gather` a datagram may wait for others to go out with, until
    /// [`Network::flush`].
    pub(super) fn send(
        &mut self,
        now: Instant,
        to: SocketAddr,
        bytes: Text,
        gather: bool,
        after: &mut After,
    ) -> Vec<Fate> {
        if !self.outbox.is_empty() || gather {
            if self.outbox.is_empty() {
                after.gathers(true);
            }
            self.queue(to, bytes, after);
            self.link.gathered.store(!self.full, Ordering::Relaxed);
            let waits = self.full || gather && self.outbox.len() < SEND_BATCH;
            return if waits { Vec::new() } else { self.flush(now, after) };
        }
        match self.link.flow.send(to, &bytes) {
            Sent::Done => self.tell(now, to, &bytes, after),
            Sent::Later => {
                self.full = true;
                self.queue(to, bytes, after);
            }
            Sent::Failed { reason, fatal } => return vec![Fate::Lost { to, bytes, reason, fatal }],
        }
        Vec::new()
    }

    /// Sends what waits, as far as it goes; what did not go, and why.
    pub(super) fn flush(&mut self, now: Instant, after: &mut After) -> Vec<Fate> {
        let mut failed = Vec::new();
        self.full = false;
        self.link.gathered.store(false, Ordering::Relaxed);
        after.gathers(false);
        while !self.outbox.is_empty() {
            let sent = self.link.flow.send_batch(self.outbox.iter().map(|(to, bytes)| (*to, &bytes[..])));
            for _ in 0..sent {
                if let Some((to, bytes)) = self.outbox.pop_front() {
                    self.tell(now, to, &bytes, after);
                }
            }
            if sent == SEND_BATCH {
                continue;
            }
            let Some((to, bytes)) = self.outbox.pop_front() else { break };
            match self.link.flow.send(to, &bytes) {
                Sent::Done => self.tell(now, to, &bytes, after),
                Sent::Later => {
                    self.full = true;
                    self.outbox.push_front((to, bytes));
                    break;
                }
                Sent::Failed { reason, fatal } => failed.push(Fate::Lost { to, bytes, reason, fatal }),
            }
        }
        failed
    }

    /// Whether datagrams wait for others to go out with.
    pub(super) fn gathers(&self) -> bool {
        !self.full && !self.outbox.is_empty()
    }

    /// What the driver, about to sleep, sleeps for. `stirred`: datagrams have just come.
    pub(super) fn plan(&mut self, now: Instant, stirred: bool, until: Option<Instant>) -> Watch {
        let linger = now + LINGER;
        let until = if stirred && until.is_none_or(|t| t > linger) { Some(linger) } else { until };
        self.watch = Watch { until, writable: self.full };
        self.watch
    }

    /// Hurries the driver if it would sleep too long.
    pub(super) fn rearm(&mut self, now: Instant, until: Option<Instant>, after: &mut After) {
        let earlier = until.is_some_and(|t| self.watch.until.is_none_or(|asleep| t < asleep));
        if self.full && !self.watch.writable {
            self.watch.writable = true;
            after.hurry(now);
        }
        if let Some(until) = until
            && earlier
        {
            self.watch.until = Some(until);
            after.hurry(until);
        }
    }

    fn queue(&mut self, to: SocketAddr, bytes: Text, after: &mut After) {
        if self.outbox.len() < OUTBOX {
            self.outbox.push_back((to, bytes));
        } else {
            after.log(Level::Warning, line!(), || {
                format!("the socket is full: a datagram of {} bytes to {to} is lost", bytes.len())
            });
        }
    }

    fn tell(&mut self, now: Instant, to: SocketAddr, bytes: &[u8], after: &mut After) {
        after.traffic("->", to, bytes);
        if bytes.len() <= MARGIN || !trace::enabled(Level::Warning) {
            return;
        }
        let mtu = self.paths.mtu(now, to);
        let limit = mtu.map_or(LARGEST, |mtu| mtu.saturating_sub(MARGIN));
        if bytes.len() > limit {
            after.log(Level::Warning, line!(), || {
                format!(
                    "{} bytes to {to} went over UDP, more than RFC 3261 section 18.1.1 allows on this path: {limit}",
                    bytes.len()
                )
            });
        }
    }
}

/// Opens once; waiting for it has a limit, unlike joining a thread.
#[derive(Default)]
pub(super) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    /// Lets all through.
    pub(super) fn open(&self) {
        *self.open.lock() = true;
        self.opened.notify_all();
    }

    /// Waits until it is open; whether it is.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let mut open = self.open.lock();
        self.opened.wait_while_for(&mut open, |open| !*open, limit);
        *open
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::net::Bind;

    fn network() -> Network {
        let flow = UdpFlow::bind(Bind { address: ([127, 0, 0, 1], 0).into(), dual: false, dscp: 0 }).unwrap();
        Network::new(Arc::new(Link::new(flow).unwrap()))
    }

    fn woken(network: &mut Network, until: Option<Instant>) -> bool {
        let mut after = After::default();
        network.rearm(Instant::now(), until, &mut after);
        after.hurries()
    }

    #[test]
    fn the_thread_is_woken_only_for_an_earlier_deadline() {
        let mut network = network();
        let now = Instant::now();
        let at = |ms| Some(now + Duration::from_millis(ms));
        assert!(!woken(&mut network, None));
        assert!(woken(&mut network, at(500)), "it slept for ever");
        assert!(!woken(&mut network, at(500)), "it knows already");
        assert!(!woken(&mut network, at(900)));
        network.plan(now, false, at(5000));
        assert!(woken(&mut network, at(500)));
    }

    #[test]
    fn after_a_datagram_the_thread_looks_again_in_half_a_second_and_need_not_be_woken_for_a_request() {
        let mut network = network();
        let now = Instant::now();
        let at = |ms| Some(now + Duration::from_millis(ms));
        assert_eq!(network.plan(now, true, at(5000)).until, at(500));
        assert!(!woken(&mut network, at(501)));
        assert_eq!(network.plan(now, true, at(100)).until, at(100));
        assert_eq!(network.plan(now, false, None).until, None);
    }

    #[test]
    fn what_waits_for_the_socket_makes_the_thread_watch_it_and_keeps_its_order() {
        let mut network = network();
        let mut after = After::default();
        let to = network.link.flow.local();
        network.full = true;
        network.queue(to, Arc::new(b"one".to_vec()), &mut after);
        assert!(network.send(Instant::now(), to, Arc::new(b"two".to_vec()), true, &mut after).is_empty());
        assert_eq!(network.outbox.len(), 2);
        assert!(woken(&mut network, None));
        assert!(network.flush(Instant::now(), &mut after).is_empty());
        let mut batch = crate::net::ReceiveBatch::new();
        network.link.flow.receive(&mut batch);
        assert_eq!(batch.iter().map(|(_, b)| b).collect::<Vec<_>>(), [b"one", b"two"]);
        assert!(!network.plan(Instant::now(), false, None).writable);
    }

    fn sent(network: &mut Network, gather: bool, text: &'static str) -> usize {
        let (to, text) = (network.link.flow.local(), Arc::new(text.as_bytes().to_vec()));
        network.send(Instant::now(), to, text, gather, &mut After::default()).len()
    }

    fn arrived(network: &Network) -> Vec<String> {
        let mut batch = crate::net::ReceiveBatch::new();
        network.link.flow.receive(&mut batch);
        batch.iter().map(|(_, text)| String::from_utf8(text.to_vec()).unwrap()).collect()
    }

    #[test]
    fn a_datagram_waits_for_others_until_there_are_enough_or_one_that_does_not_wait() {
        let mut network = network();
        for _ in 1..SEND_BATCH {
            assert_eq!(sent(&mut network, true, "one"), 0);
        }
        assert_eq!(arrived(&network), [""; 0]);
        assert!(network.link.gathered.load(Ordering::Relaxed));
        assert!(!network.plan(Instant::now(), false, None).writable, "the socket has room");
        sent(&mut network, true, "two");
        let all = arrived(&network);
        assert_eq!((all.len(), &*all[SEND_BATCH - 1]), (SEND_BATCH, "two"));
        assert!(!network.link.gathered.load(Ordering::Relaxed));
        sent(&mut network, true, "three");
        sent(&mut network, false, "four");
        assert_eq!(arrived(&network), ["three", "four"]);
    }

    #[test]
    fn of_what_was_gathered_the_rest_goes_though_one_cannot() {
        let mut network = network();
        let nowhere = (std::net::Ipv6Addr::LOCALHOST, 9).into();
        sent(&mut network, true, "one");
        let now = Instant::now();
        assert!(
            network.send(now, nowhere, Arc::new(b"two".to_vec()), true, &mut After::default()).is_empty()
        );
        let failed = [sent(&mut network, true, "three"), sent(&mut network, false, "four")];
        assert_eq!(failed, [0, 1]);
        assert_eq!(arrived(&network), ["one", "three", "four"]);
        assert!(network.outbox.is_empty());
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut network = network();
        let to = network.link.flow.local();
        for _ in 0..OUTBOX + 10 {
            network.queue(to, Arc::new(b"x".to_vec()), &mut After::default());
        }
        assert_eq!(network.outbox.len(), OUTBOX);
    }
}
