//! The UDP transport: the socket, what its driver sleeps for, and what waits to be sent.

use super::deferred::Deferred;
use super::thread_end::ThreadEnd;
use crate::agent::{FlowId, Text, TransportError};
use crate::net::{self, Alarm, Poller, Ready, ReceiveBatch, SEND_BATCH, SendResult, UdpSocket};
use crate::trace::{self, TraceLevel};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Datagrams kept while the socket's buffer is full. What does not fit is lost like any datagram,
/// and sent again by its timer.
const OUTBOX: usize = 4096;
/// RFC 3261 section 18.1.1: no larger over UDP than this, where the path's MTU is not known, …
const MAX_UDP_REQUEST: usize = 1300;
/// … and where it is, this much below it.
const MARGIN: usize = 200;
/// Every path of IPv6 carries this (RFC 8200 section 5), and those of IPv4 do in practice.
const SMALLEST_MTU: usize = 1280;

/// Where datagrams arrive, the next request is near. Its first retransmission is due at T1 at the
/// earliest, so a thread that looks again after T1 need not be woken for it.
const LINGER: Duration = Duration::from_millis(500);

/// What the driver of the sockets (see [`super::driver`]) and other threads share.
pub(super) struct UdpEndpoint {
    pub(super) flow: UdpSocket,
    /// Where the driver sleeps.
    pub(super) poller: Poller,
    /// What the network thread sleeps on where it does not drive.
    pub(super) alarm: Alarm,
    /// Used by the driver only.
    pub(super) batch: Mutex<ReceiveBatch>,
    /// Datagrams wait to be sent together: the driver sends them before it sleeps.
    pub(super) has_batch: AtomicBool,
}

impl UdpEndpoint {
    /// An endpoint over `flow`. Errors: no file descriptor is left.
    pub(super) fn new(flow: UdpSocket) -> io::Result<UdpEndpoint> {
        let (poller, alarm, batch) =
            (Poller::new()?, Alarm::new()?, Mutex::new(ReceiveBatch::new()));
        Ok(UdpEndpoint { flow, poller, alarm, batch, has_batch: AtomicBool::new(false) })
    }

    /// Sleeps as `plan` says; `now` is the time.
    pub(super) fn wait(&self, now: Instant, plan: SleepPlan) -> Ready {
        let timeout = plan.until.map(|until| until.saturating_duration_since(now));
        self.poller.wait(&self.flow, plan.writable, timeout)
    }
}

impl std::fmt::Debug for UdpEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UdpEndpoint").field("flow", &self.flow).finish_non_exhaustive()
    }
}

/// What the driver sleeps for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SleepPlan {
    /// Until then; `None`: until something happens.
    pub(super) until: Option<Instant>,
    /// Or until the socket can be written to.
    pub(super) writable: bool,
}

/// The network thread, for the thread that ends it.
pub(super) struct NetworkThread {
    pub(super) handle: JoinHandle<()>,
    pub(super) ended: Arc<ThreadEnd>,
}

/// A datagram that was not sent.
#[derive(Debug)]
pub(super) struct NotSent {
    /// The flow that it was for.
    pub(super) flow: FlowId,
    /// The datagram.
    pub(super) bytes: Text,
    /// Why it was not sent.
    pub(super) error: TransportError,
}

/// A datagram that waits: its flow, where that leads, and its bytes.
type QueuedDatagram = (FlowId, SocketAddr, Text);

/// The transport of a context that listens.
pub(super) struct UdpTransport {
    pub(super) endpoint: Arc<UdpEndpoint>,
    pub(super) thread: Option<NetworkThread>,
    outbox: VecDeque<QueuedDatagram>,
    /// The socket's buffer is full. Otherwise what is in the outbox waits to be sent together.
    full: bool,
    plan: SleepPlan,
}

impl UdpTransport {
    /// A transport without a thread yet.
    pub(super) fn new(endpoint: Arc<UdpEndpoint>) -> UdpTransport {
        let plan = SleepPlan::default();
        UdpTransport { endpoint, thread: None, outbox: VecDeque::new(), full: false, plan }
    }

    /// Sends, behind what already waits; what was not sent, and why. With `batch` a datagram may
    /// wait for others to be sent together with, until [`UdpTransport::flush`].
    pub(super) fn send(
        &mut self,
        (flow, to): (FlowId, SocketAddr),
        bytes: Text,
        batch: bool,
        deferred: &mut Deferred,
    ) -> Vec<NotSent> {
        if !self.outbox.is_empty() || batch {
            if self.outbox.is_empty() {
                deferred.wake_ups.for_batch = true;
            }
            self.queue((flow, to, bytes), deferred);
            self.endpoint.has_batch.store(!self.full, Ordering::Relaxed);
            let waits = self.full || batch && self.outbox.len() < SEND_BATCH;
            return if waits { Vec::new() } else { self.flush(deferred) };
        }
        match self.endpoint.flow.send(to, &bytes) {
            SendResult::Sent => self.log_sent(to, &bytes, deferred),
            SendResult::WouldBlock => {
                self.full = true;
                self.queue((flow, to, bytes), deferred);
            }
            SendResult::Failed(error) => return vec![NotSent { flow, bytes, error }],
        }
        Vec::new()
    }

    /// Sends what waits, as far as the socket takes it; what was not sent, and why.
    pub(super) fn flush(&mut self, deferred: &mut Deferred) -> Vec<NotSent> {
        let mut failed = Vec::new();
        self.full = false;
        self.endpoint.has_batch.store(false, Ordering::Relaxed);
        deferred.wake_ups.for_batch = false;
        while !self.outbox.is_empty() {
            let waiting = self.outbox.iter().map(|(_, to, bytes)| (*to, &bytes[..]));
            let sent = self.endpoint.flow.send_batch(waiting);
            for _ in 0..sent {
                if let Some((_, to, bytes)) = self.outbox.pop_front() {
                    self.log_sent(to, &bytes, deferred);
                }
            }
            if sent == SEND_BATCH {
                continue;
            }
            let Some((flow, to, bytes)) = self.outbox.pop_front() else { break };
            match self.endpoint.flow.send(to, &bytes) {
                SendResult::Sent => self.log_sent(to, &bytes, deferred),
                SendResult::WouldBlock => {
                    self.full = true;
                    self.outbox.push_front((flow, to, bytes));
                    break;
                }
                SendResult::Failed(error) => failed.push(NotSent { flow, bytes, error }),
            }
        }
        failed
    }

    /// Whether datagrams wait to be sent together.
    pub(super) fn has_batch(&self) -> bool {
        !self.full && !self.outbox.is_empty()
    }

    /// What the driver, about to sleep, sleeps for. `received`: datagrams have just arrived.
    pub(super) fn plan(
        &mut self,
        now: Instant,
        received: bool,
        until: Option<Instant>,
    ) -> SleepPlan {
        let linger = now + LINGER;
        let until = if received && until.is_none_or(|t| t > linger) { Some(linger) } else { until };
        self.plan = SleepPlan { until, writable: self.full };
        self.plan
    }

    /// Has the driver woken if it would sleep longer than `until`.
    pub(super) fn rearm(&mut self, now: Instant, until: Option<Instant>, deferred: &mut Deferred) {
        let earlier = until.is_some_and(|t| self.plan.until.is_none_or(|planned| t < planned));
        if self.full && !self.plan.writable {
            self.plan.writable = true;
            deferred.wake_driver_at(now);
        }
        if let Some(until) = until
            && earlier
        {
            self.plan.until = Some(until);
            deferred.wake_driver_at(until);
        }
    }

    fn queue(&mut self, waiting: QueuedDatagram, deferred: &mut Deferred) {
        if self.outbox.len() < OUTBOX {
            self.outbox.push_back(waiting);
        } else {
            let (_, to, bytes) = waiting;
            deferred.log(TraceLevel::Warning, line!(), || {
                format!("the socket is full: a datagram of {} bytes to {to} is lost", bytes.len())
            });
        }
    }

    fn log_sent(&self, to: SocketAddr, bytes: &[u8], deferred: &mut Deferred) {
        deferred.sent(to, bytes);
        if bytes.len() <= SMALLEST_MTU - MARGIN || !trace::enabled(TraceLevel::Warning) {
            return;
        }
        let mtu = net::path_mtu(self.endpoint.flow.local(), to);
        let limit = mtu.map_or(MAX_UDP_REQUEST, |mtu| mtu.saturating_sub(MARGIN));
        if bytes.len() > limit {
            deferred.log(TraceLevel::Warning, line!(), || {
                let length = bytes.len();
                let rule = "more than RFC 3261 section 18.1.1 allows on this path";
                format!("{length} bytes to {to} went over UDP, {rule}: {limit}")
            });
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::agent::{Agent, Transport};
    use crate::net::Bind;

    fn transport() -> UdpTransport {
        let flow = UdpSocket::bind(Bind {
            address: ([127, 0, 0, 1], 0).into(),
            dual: false,
            dscp: 0,
            exclusive: false,
        })
        .unwrap();
        UdpTransport::new(Arc::new(UdpEndpoint::new(flow).unwrap()))
    }

    fn flow() -> FlowId {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        Agent::new([0; 32]).flow_of(Transport::Udp, nowhere, nowhere)
    }

    fn wakes_driver(transport: &mut UdpTransport, until: Option<Instant>) -> bool {
        let mut deferred = Deferred::default();
        transport.rearm(Instant::now(), until, &mut deferred);
        deferred.wake_ups.driver_at.is_some()
    }

    #[test]
    fn the_driver_is_woken_only_for_an_earlier_deadline() {
        let mut transport = transport();
        let now = Instant::now();
        let at = |ms| Some(now + Duration::from_millis(ms));
        assert!(!wakes_driver(&mut transport, None));
        assert!(wakes_driver(&mut transport, at(500)), "it slept without limit");
        assert!(!wakes_driver(&mut transport, at(500)), "it is planned already");
        assert!(!wakes_driver(&mut transport, at(900)));
        transport.plan(now, false, at(5000));
        assert!(wakes_driver(&mut transport, at(500)));
    }

    #[test]
    fn after_a_datagram_the_driver_looks_again_in_half_a_second() {
        let mut transport = transport();
        let now = Instant::now();
        let at = |ms| Some(now + Duration::from_millis(ms));
        assert_eq!(transport.plan(now, true, at(5000)).until, at(500));
        assert!(!wakes_driver(&mut transport, at(501)), "so a request need not wake it");
        assert_eq!(transport.plan(now, true, at(100)).until, at(100));
        assert_eq!(transport.plan(now, false, None).until, None);
    }

    #[test]
    fn what_waits_for_a_full_socket_keeps_its_order() {
        let mut transport = transport();
        let mut deferred = Deferred::default();
        let to = transport.endpoint.flow.local();
        transport.full = true;
        transport.queue((flow(), to, Arc::new(b"one".to_vec())), &mut deferred);
        assert!(
            transport.send((flow(), to), Arc::new(b"two".to_vec()), true, &mut deferred).is_empty()
        );
        assert_eq!(transport.outbox.len(), 2);
        assert!(wakes_driver(&mut transport, None), "to watch for the socket to be writable");
        assert!(transport.flush(&mut deferred).is_empty());
        assert_eq!(arrived(&transport), ["one", "two"]);
        assert!(!transport.plan(Instant::now(), false, None).writable);
    }

    fn sent(transport: &mut UdpTransport, batch: bool, text: &'static str) -> usize {
        let (to, text) = (transport.endpoint.flow.local(), Arc::new(text.as_bytes().to_vec()));
        transport.send((flow(), to), text, batch, &mut Deferred::default()).len()
    }

    fn arrived(transport: &UdpTransport) -> Vec<String> {
        let mut batch = ReceiveBatch::new();
        transport.endpoint.flow.receive(&mut batch);
        batch.iter().map(|(_, text)| String::from_utf8(text.to_vec()).unwrap()).collect()
    }

    #[test]
    fn a_datagram_waits_until_a_batch_is_full_or_one_does_not_wait() {
        let mut transport = transport();
        for _ in 1..SEND_BATCH {
            assert_eq!(sent(&mut transport, true, "one"), 0);
        }
        assert_eq!(arrived(&transport), [""; 0]);
        assert!(transport.endpoint.has_batch.load(Ordering::Relaxed));
        assert!(!transport.plan(Instant::now(), false, None).writable, "the socket has room");
        sent(&mut transport, true, "two");
        let all = arrived(&transport);
        assert_eq!((all.len(), &*all[SEND_BATCH - 1]), (SEND_BATCH, "two"));
        assert!(!transport.endpoint.has_batch.load(Ordering::Relaxed));
        sent(&mut transport, true, "three");
        sent(&mut transport, false, "four");
        assert_eq!(arrived(&transport), ["three", "four"]);
    }

    #[test]
    fn the_rest_of_a_batch_is_sent_where_one_datagram_cannot() {
        let mut transport = transport();
        let nowhere = (std::net::Ipv6Addr::LOCALHOST, 9).into();
        sent(&mut transport, true, "one");
        let two = Arc::new(b"two".to_vec());
        assert!(transport.send((flow(), nowhere), two, true, &mut Deferred::default()).is_empty());
        let failed = [sent(&mut transport, true, "three"), sent(&mut transport, false, "four")];
        assert_eq!(failed, [0, 1]);
        assert_eq!(arrived(&transport), ["one", "three", "four"]);
        assert!(transport.outbox.is_empty());
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut transport = transport();
        let to = transport.endpoint.flow.local();
        for _ in 0..OUTBOX + 10 {
            transport.queue((flow(), to, Arc::new(b"x".to_vec())), &mut Deferred::default());
        }
        assert_eq!(transport.outbox.len(), OUTBOX);
    }
}
