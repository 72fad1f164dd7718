//! What is done once the lock is released: anything that may call the application or wake a thread.

use crate::agent::{Transport, tokens_hidden};
use crate::trace::{self, TraceLevel};
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Gets every SIP message that is sent or received, before any event that it leads to.
pub type Tap = Arc<dyn Fn(&TappedMessage<'_>) + Send + Sync>;

/// A SIP message for a [`Tap`].
#[derive(Debug, Clone, Copy)]
pub struct TappedMessage<'a> {
    /// It was received; otherwise it was sent.
    pub is_received: bool,
    /// Which way it went.
    pub path: MessagePath,
    /// As it is on the wire, or inside of TLS.
    pub bytes: &'a [u8],
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessagePath {
    /// What carried it.
    pub transport: Transport,
    /// Our address; for UDP that of the socket, which may be bound to all addresses. `None`: the
    /// connection is being made.
    pub local: Option<SocketAddr>,
    /// The address of the peer.
    pub remote: SocketAddr,
}

/// What the caller wants kept until the transaction ends; dropped without any lock.
pub(crate) type RetainedMessage = Box<dyn Any + Send>;

/// Work that is collected under the lock.
#[derive(Default)]
pub(super) struct Deferred {
    tap: Option<Tap>,
    calls: Vec<DeferredCall>,
    wake_ups: WakeUps,
}

/// Who is to be woken.
#[derive(Default)]
pub(super) struct WakeUps {
    /// Whoever drives the sockets, to look again at this time at the latest.
    pub(super) driver_at: Option<Instant>,
    /// Whoever sleeps on the sockets: a first datagram waits to be sent together with others.
    pub(super) for_batch: bool,
    /// Threads that wait for an event, for this many.
    pub(super) events: usize,
    /// The thread that calls the listeners.
    pub(super) listeners: bool,
}

/// What calls the application, or code of its own.
enum DeferredCall {
    /// A message that was received (`true`) or sent.
    Message(bool, MessagePath, Vec<u8>),
    /// A line of the log, and of the source.
    Log(TraceLevel, u32, String),
    /// A message that is not needed any more.
    Release(RetainedMessage),
    /// Something else that may take its time.
    Other(Box<dyn FnOnce() + Send>),
}

impl Deferred {
    /// Copies messages for `tap` from now on.
    pub(super) fn set_tap(&mut self, tap: &Option<Tap>) {
        self.tap.clone_from(tap);
    }

    /// Has whoever drives the sockets look again at `at`, at the latest.
    pub(super) fn wake_driver_at(&mut self, at: Instant) {
        let earliest = &mut self.wake_ups.driver_at;
        *earliest = Some(earliest.map_or(at, |before| before.min(at)));
    }

    /// Has a thread woken that waits for an event: there is one more.
    pub(super) fn wake_for_event(&mut self) {
        self.wake_ups.events += 1;
    }

    /// Has the thread woken that calls the listeners.
    pub(super) fn wake_for_listeners(&mut self) {
        self.wake_ups.listeners = true;
    }

    /// Has whoever sleeps on the sockets woken, or not: datagrams wait to be sent together.
    pub(super) fn wake_for_batch(&mut self, waits: bool) {
        self.wake_ups.for_batch = waits;
    }

    /// Who is to be woken, once.
    pub(super) fn take_wake_ups(&mut self) -> WakeUps {
        std::mem::take(&mut self.wake_ups)
    }

    /// Does something that may take its time.
    pub(super) fn after(&mut self, call: impl FnOnce() + Send + 'static) {
        self.calls.push(DeferredCall::Other(Box::new(call)));
    }

    /// Drops a message.
    pub(super) fn release(&mut self, message: RetainedMessage) {
        self.calls.push(DeferredCall::Release(message));
    }

    /// Writes a log line; `text` is called only where the level is logged.
    pub(super) fn log(&mut self, level: TraceLevel, line: u32, text: impl FnOnce() -> String) {
        if trace::enabled(level) {
            self.calls.push(DeferredCall::Log(level, line, text()));
        }
    }

    /// Something was received.
    pub(super) fn received(&mut self, path: MessagePath, bytes: &[u8]) {
        self.traffic(true, path, bytes);
    }

    /// Something was sent.
    pub(super) fn sent(&mut self, path: MessagePath, bytes: &[u8]) {
        self.traffic(false, path, bytes);
    }

    /// Whether a tap gets messages.
    pub(super) fn has_tap(&self) -> bool {
        self.tap.is_some()
    }

    /// Logs what was received or sent: one line at `Info1`, the whole text at `Info3`.
    fn traffic(&mut self, received: bool, path: MessagePath, bytes: &[u8]) {
        let peer = path.remote;
        let arrow = if received { "<-" } else { "->" };
        self.log(TraceLevel::Info1, line!(), || format!("{arrow} {peer} {}", headline(bytes)));
        // Shorter ones are keep-alives.
        if bytes.len() > 4 {
            if self.tap.is_some() {
                self.calls.push(DeferredCall::Message(received, path, bytes.to_vec()));
            }
            self.log(TraceLevel::Info3, line!(), || {
                let text = String::from_utf8_lossy(bytes);
                format!("{arrow} {peer} {} bytes\n{}", bytes.len(), tokens_hidden(&text))
            });
        }
    }

    /// Makes the calls, in their order. No lock of ours may be held.
    pub(super) fn make_calls(self) {
        for call in self.calls {
            match call {
                DeferredCall::Message(is_received, path, bytes) => {
                    if let Some(tap) = &self.tap {
                        tap(&TappedMessage { is_received, path, bytes: &bytes });
                    }
                }
                DeferredCall::Log(level, line, text) => trace::log(level, "engine", line, &text),
                DeferredCall::Release(message) => drop(message),
                DeferredCall::Other(call) => call(),
            }
        }
    }
}

/// The first line of a message, or the size of what is no message.
fn headline(bytes: &[u8]) -> String {
    let first = bytes.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
    let first = &first[..first.len().min(200)];
    if first.is_empty() || !first.is_ascii() {
        return format!("{} bytes", bytes.len());
    }
    String::from_utf8_lossy(first).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Deferred {
        /// Whether whoever drives the sockets is to be woken.
        pub(in crate::engine) fn wakes_driver(&self) -> bool {
            self.wake_ups.driver_at.is_some()
        }
    }

    #[test]
    fn a_message_is_logged_by_its_first_line_and_noise_by_its_size() {
        assert_eq!(headline(b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n"), "SIP/2.0 200 OK");
        assert_eq!(headline(b"\r\n\r\n"), "4 bytes");
        assert_eq!(headline(&[0xff; 20]), "20 bytes");
        assert_eq!(headline(b""), "0 bytes");
    }
}
