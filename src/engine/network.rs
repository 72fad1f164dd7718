//! The network of a context that listens: its sockets, its thread, and what the driver sleeps for.

use super::datagrams::Datagrams;
use super::deferred::Deferred;
use super::endpoint::{Endpoint, SleepPlan};
use super::streams::Streams;
use super::thread_end::ThreadEnd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Where something arrives, the next request is near. Its first retransmission is due at T1 at the
/// earliest, so a thread that looks again after T1 need not be woken for it.
const LINGER: Duration = Duration::from_millis(500);

/// The network thread, for the thread that ends it.
pub(super) struct NetworkThread {
    pub(super) handle: JoinHandle<()>,
    pub(super) ended: Arc<ThreadEnd>,
}

/// All that carries messages.
pub(super) struct Network {
    pub(super) datagrams: Datagrams,
    pub(super) streams: Streams,
    thread: Option<NetworkThread>,
    plan: SleepPlan,
    port: u16,
}

impl Network {
    /// A network without a thread yet. `port` is what the program asked for, or the kernel gave.
    pub(super) fn new(endpoint: &Arc<Endpoint>, port: u16) -> Network {
        Network {
            datagrams: Datagrams::new(Arc::clone(endpoint)),
            streams: Streams::new(Arc::clone(endpoint)),
            thread: None,
            plan: SleepPlan::default(),
            port,
        }
    }

    /// The port that it was opened with.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// `thread` drives the sockets.
    pub(super) fn set_thread(&mut self, thread: NetworkThread) {
        self.thread = Some(thread);
    }

    /// The network thread, to be ended.
    pub(super) fn take_thread(&mut self) -> Option<NetworkThread> {
        self.thread.take()
    }

    /// What the driver, about to sleep, sleeps for. `received`: something has just arrived.
    pub(super) fn plan(
        &mut self,
        now: Instant,
        received: bool,
        until: Option<Instant>,
    ) -> SleepPlan {
        let linger = now + LINGER;
        let until = if received && until.is_none_or(|t| t > linger) { Some(linger) } else { until };
        self.plan = SleepPlan { until, writable: self.datagrams.is_full() };
        self.plan
    }

    /// Has the driver woken if it would sleep longer than `until`.
    pub(super) fn rearm(&mut self, now: Instant, until: Option<Instant>, deferred: &mut Deferred) {
        let earlier = until.filter(|t| self.plan.until.is_none_or(|planned| *t < planned));
        if self.datagrams.is_full() && !self.plan.writable {
            self.plan.writable = true;
            deferred.wake_driver_at(now);
        }
        if let Some(until) = earlier {
            self.plan.until = Some(until);
            deferred.wake_driver_at(until);
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn network() -> Network {
        Network::new(&Arc::new(Endpoint::new(None).unwrap()), 0)
    }

    fn wakes_driver(network: &mut Network, until: Option<Instant>) -> bool {
        let mut deferred = Deferred::default();
        network.rearm(Instant::now(), until, &mut deferred);
        deferred.wakes_driver()
    }

    #[test]
    fn the_driver_is_woken_only_for_an_earlier_deadline() {
        let mut network = network();
        let now = Instant::now();
        let at = |ms| Some(now + Duration::from_millis(ms));
        assert!(!wakes_driver(&mut network, None));
        assert!(wakes_driver(&mut network, at(500)), "it slept without limit");
        assert!(!wakes_driver(&mut network, at(500)), "it is planned already");
        assert!(!wakes_driver(&mut network, at(900)));
        network.plan(now, false, at(5000));
        assert!(wakes_driver(&mut network, at(500)));
    }

    #[test]
    fn after_a_datagram_the_driver_looks_again_in_half_a_second() {
        let mut network = network();
        let now = Instant::now();
        let at = |ms| Some(now + Duration::from_millis(ms));
        assert_eq!(network.plan(now, true, at(5000)).until, at(500));
        assert!(!wakes_driver(&mut network, at(501)), "so a request need not wake it");
        assert_eq!(network.plan(now, true, at(100)).until, at(100));
        assert_eq!(network.plan(now, false, None).until, None);
    }

    #[test]
    fn the_driver_is_woken_to_watch_for_a_full_socket() {
        let mut network = network();
        network.datagrams.set_full();
        assert!(wakes_driver(&mut network, None));
        assert!(!wakes_driver(&mut network, None), "it is planned already");
        assert!(network.plan(Instant::now(), false, None).writable);
    }
}
