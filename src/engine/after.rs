//! What is done once the lock is released: anything that may call out to the application or wake a thread.

use super::Keepsake;
use super::events::Events;
use crate::trace::{self, Level};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Sees a copy of every SIP message that is sent (`false`) or received (`true`), as it is on the wire.
pub type Tap = Arc<dyn Fn(&[u8], bool) + Send + Sync>;

/// Work left over from under the lock.
#[derive(Default)]
pub(super) struct After {
    tap: Option<Tap>,
    left: Vec<Left>,
    hurry: Option<Instant>,
    news: usize,
    heard: bool,
    gathers: bool,
}

/// What calls out to the application.
enum Left {
    /// A message that came in (`true`) or went out.
    Copy(bool, Vec<u8>),
    /// A line of the log, and of the source.
    Line(Level, u32, String),
    /// Something that is not needed any more.
    Gone(Keepsake),
}

impl After {
    /// From now on messages are copied for `tap`.
    pub(super) fn copy_for(&mut self, tap: &Option<Tap>) {
        self.tap.clone_from(tap);
    }

    /// Has whoever drives the sockets look again at `at`, at the latest.
    pub(super) fn hurry(&mut self, at: Instant) {
        self.hurry = Some(self.hurry.map_or(at, |before| before.min(at)));
    }

    /// The first datagram waits for others, or none does any more.
    pub(super) fn gathers(&mut self, waits: bool) {
        self.gathers = waits;
    }

    /// Tells the application of `count` events.
    pub(super) fn announce(&mut self, count: usize) {
        self.news += count;
    }

    /// The caller takes an event itself: nobody need be told of one alone.
    pub(super) fn take_one_event(&mut self) {
        if self.news == 1 {
            self.news = 0;
        }
    }

    /// Something happened to registrations that look after themselves.
    pub(super) fn tell_listeners(&mut self) {
        self.heard = true;
    }

    /// Lets a keepsake go.
    pub(super) fn let_go(&mut self, keepsake: Keepsake) {
        self.left.push(Left::Gone(keepsake));
    }

    /// Writes a log line; `text` is asked for only when somebody listens.
    pub(super) fn log(&mut self, level: Level, line: u32, text: impl FnOnce() -> String) {
        if trace::enabled(level) {
            self.left.push(Left::Line(level, line, text()));
        }
    }

    /// Logs a datagram: one line at `Info1`, the whole text at `Info3`.
    pub(super) fn traffic(&mut self, arrow: &str, peer: SocketAddr, bytes: &[u8]) {
        self.log(Level::Info1, line!(), || format!("{arrow} {peer} {}", headline(bytes)));
        if bytes.len() > 4 {
            if self.tap.is_some() {
                self.left.push(Left::Copy(arrow == "<-", bytes.to_vec()));
            }
            self.log(Level::Info3, line!(), || {
                format!("{arrow} {peer} {} bytes\n{}", bytes.len(), printable(bytes))
            });
        }
    }

    /// Does it all. No lock of ours may be held.
    pub(super) fn run(self, events: &Events) {
        events.announce(self.news);
        if self.heard {
            events.listeners.announce();
        }
        if let Some(at) = self.hurry {
            events.hurry(at);
        }
        if self.gathers {
            events.rouse_sleeper();
        }
        for left in self.left {
            match left {
                Left::Copy(received, bytes) => {
                    if let Some(tap) = &self.tap {
                        tap(&bytes, received);
                    }
                }
                Left::Line(level, line, text) => trace::log(level, "engine", line, &text),
                Left::Gone(keepsake) => drop(keepsake),
            }
        }
    }
}

/// The first line of a message, or the size of what is none.
fn headline(bytes: &[u8]) -> String {
    let first = bytes.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
    let first = &first[..first.len().min(200)];
    if first.is_empty() || !first.is_ascii() {
        return format!("{} bytes", bytes.len());
    }
    printable(first)
}

/// Text for a terminal: what could command it is escaped.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' => {}
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {
                let _ = write!(out, "{}", c.escape_default());
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
impl After {
    /// Whether the driver is to be hurried.
    pub(super) fn hurries(&self) -> bool {
        self.hurry.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_by_its_first_line_and_noise_by_its_size() {
        assert_eq!(headline(b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n"), "SIP/2.0 200 OK");
        assert_eq!(headline(b"\r\n\r\n"), "4 bytes");
        assert_eq!(headline(&[0xff; 20]), "20 bytes");
        assert_eq!(headline(b""), "0 bytes");
    }

    #[test]
    fn a_hostile_message_cannot_command_the_terminal() {
        assert_eq!(printable(b"a\x1b[2Jb\r\nc\td\0"), "a\\u{1b}[2Jb\nc\td\\u{0}");
    }
}
