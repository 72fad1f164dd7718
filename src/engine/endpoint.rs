//! What the driver of the sockets (see [`super::driver`]) and other threads share.

use crate::net::{Alarm, DeliveryError, Poller, Ready, ReceiveBatch, Sleep, UdpSocket};
use parking_lot::{Mutex, MutexGuard};
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What there is to sleep on.
pub(super) struct Endpoint {
    /// `None`: the context listens by another transport.
    udp: Option<UdpSocket>,
    /// Where the driver sleeps.
    pub(super) poller: Poller,
    /// What the network thread sleeps on where it does not drive.
    pub(super) alarm: Alarm,
    /// Used by the driver only.
    batch: Mutex<ReceiveBatch>,
    /// Datagrams wait to be sent together: the driver sends them before it sleeps.
    has_batch: AtomicBool,
}

impl Endpoint {
    /// An endpoint over `udp`. Errors: no file descriptor is left.
    pub(super) fn new(udp: Option<UdpSocket>) -> io::Result<Endpoint> {
        let (poller, alarm, batch) =
            (Poller::new()?, Alarm::new()?, Mutex::new(ReceiveBatch::new()));
        Ok(Endpoint { udp, poller, alarm, batch, has_batch: AtomicBool::new(false) })
    }

    /// The UDP socket, if there is one.
    pub(super) fn udp(&self) -> Option<&UdpSocket> {
        self.udp.as_ref()
    }

    /// The descriptor of the UDP socket, if there is one.
    pub(super) fn udp_fd(&self) -> Option<RawFd> {
        self.udp.as_ref().map(UdpSocket::fd)
    }

    /// All that a driver sleeps on, and the alarm; negative ones are none.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = RawFd> + use<> {
        let beside = self.poller.descriptors().into_iter();
        beside.chain(self.udp_fd()).chain([self.alarm.fd()])
    }

    /// Whether datagrams wait to be sent together.
    pub(super) fn has_batch(&self) -> bool {
        self.has_batch.load(Ordering::Relaxed)
    }

    /// Sets for the driver whether datagrams wait to be sent together.
    pub(super) fn set_batch(&self, has_batch: bool) {
        self.has_batch.store(has_batch, Ordering::Relaxed);
    }

    /// The sleep of a driver as `plan` says; `now` is the time.
    pub(super) fn sleep(&self, now: Instant, plan: SleepPlan) -> Sleep {
        let timeout = plan.until.map(|until| until.saturating_duration_since(now));
        self.poller.sleep(self.udp(), plan.writable, timeout)
    }

    /// The datagrams that have arrived, if `ready` says that there are any.
    pub(super) fn receive(&self, ready: Ready) -> MutexGuard<'_, ReceiveBatch> {
        let mut batch = self.batch.lock();
        batch.clear();
        if let Some(udp) = self.udp().filter(|_| ready.readable) {
            udp.receive(&mut batch);
        }
        batch
    }

    /// What the network says of datagrams that it could not deliver.
    pub(super) fn take_errors(&self, ready: Ready) -> Vec<DeliveryError> {
        self.udp().filter(|_| ready.error).map(UdpSocket::take_errors).unwrap_or_default()
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("udp", &self.udp).finish_non_exhaustive()
    }
}

/// What the driver sleeps for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SleepPlan {
    /// Until then; `None`: until something happens.
    pub(super) until: Option<Instant>,
    /// Or until the UDP socket can be written to.
    pub(super) writable: bool,
}
