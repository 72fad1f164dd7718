//! Notifications of systemd (sd_notify(3)): one datagram for each change.

use rustix::time::{ClockId, clock_gettime};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The service manager, where there is one.
pub(crate) struct ServiceManager {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How often it wants a sign of life.
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// As the environment says; nothing is sent where it names none.
    pub(crate) fn from_environment() -> ServiceManager {
        let read = |name| std::env::var(name).ok();
        let own = read("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let micros = read("WATCHDOG_USEC").filter(|_| own).and_then(|text| text.parse().ok());
        ServiceManager {
            socket: read("NOTIFY_SOCKET").and_then(|name| open(&name)),
            watchdog: micros.filter(|micros| *micros > 0).map(Duration::from_micros),
        }
    }

    /// Half of the time in which the manager wants a sign of life.
    pub(crate) fn interval(&self) -> Option<Duration> {
        self.watchdog.map(|whole| whole / 2)
    }

    pub(crate) fn ready(&self, status: &str) {
        self.send(&format!("READY=1\nSTATUS={status}"));
    }

    /// A reload begins; [`ServiceManager::ready`] ends it.
    pub(crate) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    pub(crate) fn status(&self, status: &str) {
        self.send(&format!("STATUS={status}"));
    }

    /// The end begins, and takes no longer than `longest` until the next call.
    pub(crate) fn stopping(&self, longest: Duration) {
        self.send(&format!("STOPPING=1\nEXTEND_TIMEOUT_USEC={}", longest.as_micros()));
    }

    /// A sign of life.
    pub(crate) fn alive(&self) {
        if self.watchdog.is_some() {
            self.send("WATCHDOG=1");
        }
    }

    fn send(&self, text: &str) {
        if let Some((socket, address)) = &self.socket {
            // A manager that does not listen changes nothing here.
            let _ = socket.send_to_addr(text.as_bytes(), address);
        }
    }
}

/// A path, or after `@` a name of Linux without a file.
fn open(name: &str) -> Option<(UnixDatagram, SocketAddr)> {
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(name),
    };
    let socket = UnixDatagram::unbound().ok()?;
    // A manager that hangs holds nothing up.
    socket.set_nonblocking(true).ok()?;
    Some((socket, address.ok()?))
}
