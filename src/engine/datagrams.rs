//! What is sent over UDP, together where it can be, and what waits for the socket meanwhile.

use super::deferred::{Deferred, MessagePath};
use super::endpoint::Endpoint;
use crate::agent::{FlowId, Text, Transport, TransportError};
use crate::net::{self, SEND_BATCH, SendResult, UdpSocket};
use crate::trace::{self, TraceLevel};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

/// Datagrams kept while the socket's buffer is full. What does not fit is lost like any datagram,
/// and sent again by its timer.
const OUTBOX: usize = 4096;
/// RFC 3261 section 18.1.1: no larger over UDP than this, where the path's MTU is not known, …
const MAX_UDP_REQUEST: usize = 1300;
/// … and where it is, this much below it.
const MARGIN: usize = 200;
/// Every path of IPv6 carries this (RFC 8200 section 5), and those of IPv4 do in practice.
const SMALLEST_MTU: usize = 1280;

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

/// The datagrams of a context.
pub(super) struct Datagrams {
    endpoint: Arc<Endpoint>,
    outbox: VecDeque<QueuedDatagram>,
    /// The socket's buffer is full. Otherwise what is in the outbox waits to be sent together.
    full: bool,
}

impl Datagrams {
    /// None wait yet.
    pub(super) fn new(endpoint: Arc<Endpoint>) -> Datagrams {
        Datagrams { endpoint, outbox: VecDeque::new(), full: false }
    }

    /// The address of the socket, where there is one.
    pub(super) fn local(&self) -> Option<SocketAddr> {
        self.endpoint.udp().map(UdpSocket::local)
    }

    /// Whether something waits until the socket can be written to.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Sends, behind what already waits; what was not sent, and why. With `batch` a datagram may
    /// wait for others to be sent together with, until [`Datagrams::flush`].
    pub(super) fn send(
        &mut self,
        (flow, to): (FlowId, SocketAddr),
        bytes: Text,
        batch: bool,
        deferred: &mut Deferred,
    ) -> Vec<NotSent> {
        let Some(socket) = self.endpoint.udp() else {
            return vec![NotSent { flow, bytes, error: TransportError::NotOpen }];
        };
        if !self.outbox.is_empty() || batch {
            if self.outbox.is_empty() {
                deferred.wake_for_batch(true);
            }
            self.queue((flow, to, bytes), deferred);
            self.endpoint.set_batch(!self.full);
            let waits = self.full || batch && self.outbox.len() < SEND_BATCH;
            return if waits { Vec::new() } else { self.flush(deferred) };
        }
        match socket.send(to, &bytes) {
            SendResult::Sent => log_sent(socket, to, &bytes, deferred),
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
        let Some(socket) = self.endpoint.udp() else { return failed };
        self.full = false;
        self.endpoint.set_batch(false);
        deferred.wake_for_batch(false);
        while !self.outbox.is_empty() {
            let waiting = self.outbox.iter().map(|(_, to, bytes)| (*to, &bytes[..]));
            let sent = socket.send_batch(waiting);
            for _ in 0..sent {
                if let Some((_, to, bytes)) = self.outbox.pop_front() {
                    log_sent(socket, to, &bytes, deferred);
                }
            }
            if sent == SEND_BATCH {
                continue;
            }
            let Some((flow, to, bytes)) = self.outbox.pop_front() else { break };
            match socket.send(to, &bytes) {
                SendResult::Sent => log_sent(socket, to, &bytes, deferred),
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
}

fn log_sent(socket: &UdpSocket, to: SocketAddr, bytes: &[u8], deferred: &mut Deferred) {
    let (transport, local) = (Transport::Udp, Some(socket.local()));
    deferred.sent(MessagePath { transport, local, remote: to }, bytes);
    if bytes.len() <= SMALLEST_MTU - MARGIN || !trace::enabled(TraceLevel::Warning) {
        return;
    }
    let mtu = net::path_mtu(socket.local(), to);
    let limit = mtu.map_or(MAX_UDP_REQUEST, |mtu| mtu.saturating_sub(MARGIN));
    if bytes.len() > limit {
        deferred.log(TraceLevel::Warning, line!(), || {
            let length = bytes.len();
            let rule = "more than RFC 3261 section 18.1.1 allows on this path";
            format!("{length} bytes to {to} went over UDP, {rule}: {limit}")
        });
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::agent::{Agent, Transport};
    use crate::net::{Bind, ReceiveBatch};

    impl Datagrams {
        /// The socket's buffer is full.
        pub(in crate::engine) fn set_full(&mut self) {
            self.full = true;
        }
    }

    fn datagrams() -> Datagrams {
        let socket = UdpSocket::bind(Bind {
            address: ([127, 0, 0, 1], 0).into(),
            dual: false,
            dscp: 0,
            exclusive: false,
        })
        .unwrap();
        Datagrams::new(Arc::new(Endpoint::new(Some(socket)).unwrap()))
    }

    fn flow() -> FlowId {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        Agent::new([0; 32]).flow_of(Transport::Udp, nowhere, nowhere)
    }

    #[test]
    fn what_waits_for_a_full_socket_keeps_its_order() {
        let mut datagrams = datagrams();
        let mut deferred = Deferred::default();
        let to = datagrams.local().unwrap();
        datagrams.full = true;
        datagrams.queue((flow(), to, Arc::new(b"one".to_vec())), &mut deferred);
        assert!(
            datagrams.send((flow(), to), Arc::new(b"two".to_vec()), true, &mut deferred).is_empty()
        );
        assert_eq!(datagrams.outbox.len(), 2);
        assert!(datagrams.flush(&mut deferred).is_empty());
        assert_eq!(arrived(&datagrams), ["one", "two"]);
        assert!(!datagrams.is_full());
    }

    fn sent(datagrams: &mut Datagrams, batch: bool, text: &'static str) -> usize {
        let (to, text) = (datagrams.local().unwrap(), Arc::new(text.as_bytes().to_vec()));
        datagrams.send((flow(), to), text, batch, &mut Deferred::default()).len()
    }

    fn arrived(datagrams: &Datagrams) -> Vec<String> {
        let mut batch = ReceiveBatch::new();
        datagrams.endpoint.udp().unwrap().receive(&mut batch);
        batch.iter().map(|(_, text)| String::from_utf8(text.to_vec()).unwrap()).collect()
    }

    #[test]
    fn a_datagram_waits_until_a_batch_is_full_or_one_does_not_wait() {
        let mut datagrams = datagrams();
        for _ in 1..SEND_BATCH {
            assert_eq!(sent(&mut datagrams, true, "one"), 0);
        }
        assert_eq!(arrived(&datagrams), [""; 0]);
        assert!(datagrams.endpoint.has_batch());
        assert!(!datagrams.is_full(), "the socket has room");
        sent(&mut datagrams, true, "two");
        let all = arrived(&datagrams);
        assert_eq!((all.len(), &*all[SEND_BATCH - 1]), (SEND_BATCH, "two"));
        assert!(!datagrams.endpoint.has_batch());
        sent(&mut datagrams, true, "three");
        sent(&mut datagrams, false, "four");
        assert_eq!(arrived(&datagrams), ["three", "four"]);
    }

    #[test]
    fn the_rest_of_a_batch_is_sent_where_one_datagram_cannot() {
        let mut datagrams = datagrams();
        let nowhere = (std::net::Ipv6Addr::LOCALHOST, 9).into();
        sent(&mut datagrams, true, "one");
        let two = Arc::new(b"two".to_vec());
        assert!(datagrams.send((flow(), nowhere), two, true, &mut Deferred::default()).is_empty());
        let failed = [sent(&mut datagrams, true, "three"), sent(&mut datagrams, false, "four")];
        assert_eq!(failed, [0, 1]);
        assert_eq!(arrived(&datagrams), ["one", "three", "four"]);
        assert!(datagrams.outbox.is_empty());
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut datagrams = datagrams();
        let to = datagrams.local().unwrap();
        for _ in 0..OUTBOX + 10 {
            datagrams.queue((flow(), to, Arc::new(b"x".to_vec())), &mut Deferred::default());
        }
        assert_eq!(datagrams.outbox.len(), OUTBOX);
    }
}
