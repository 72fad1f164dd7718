//! What goes by, for a file of packets and for a collector: each is written by a thread of its own,
//! so that who sends and receives waits for no disk and no socket.

use crate::capture::{Capture, LocalAddresses};
use crate::clock;
use crate::hep::{CaptureAgent, CapturedMessage};
use crate::log::{LogPriority, say};
use memchr::memmem::Finder;
use register::engine::{MessagePath, Tap, TappedMessage};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, SystemTime};

/// Messages that wait to be written; further ones are left out.
const MOST_WAITING: usize = 4096;
/// How long what waits may take at the end, for all together.
const LONGEST_END: Duration = Duration::from_secs(2);

/// A message that waits to be written.
struct Waiting {
    at: SystemTime,
    is_received: bool,
    path: MessagePath,
    bytes: Vec<u8>,
}

impl Waiting {
    fn message(&self) -> TappedMessage<'_> {
        TappedMessage { is_received: self.is_received, path: self.path, bytes: &self.bytes }
    }
}

/// Where copies of the messages go.
#[derive(Default)]
pub(crate) struct Exports {
    exports: Vec<Export>,
    is_ending: Arc<AtomicBool>,
    /// Each closes when its thread has ended.
    threads: Vec<Receiver<()>>,
}

/// One of them: which messages it gets, and what is done with one that it is too slow for.
struct Export {
    part: Option<Finder<'static>>,
    sender: SyncSender<Waiting>,
    lost: Box<dyn Fn() + Send + Sync>,
}

impl Exports {
    /// Writes each message that has `part` in it into a file. Errors: it cannot be made.
    pub(crate) fn write_file(&mut self, path: &Path, part: &str) -> io::Result<()> {
        let mut capture = Capture::create(path)?;
        let is_behind = AtomicBool::new(false);
        let lost = move || {
            if !is_behind.swap(true, Ordering::Relaxed) {
                let why = "the file of packets lacks some: it is not written so fast";
                say(LogPriority::Warning, why);
            }
        };
        let mut is_written = true;
        let write = move |one: &Waiting| {
            if let Some(error) =
                is_written.then(|| capture.add(one.at, &one.message()).err()).flatten()
            {
                say(LogPriority::Error, &format!("the file of packets ends here: {error}"));
                is_written = false;
            }
        };
        let part = (!part.is_empty()).then(|| Finder::new(part).into_owned());
        self.add("packets", part, Box::new(lost), write)
    }

    /// Sends each message to a collector; what becomes of them is counted. Errors: there is no
    /// socket.
    pub(crate) fn send_to(
        &mut self,
        collector: SocketAddr,
        agent: CaptureAgent,
    ) -> io::Result<Arc<HepCounts>> {
        let any: SocketAddr = match collector {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.connect(collector)?;
        socket.set_nonblocking(true)?;
        let counts = Arc::new(HepCounts::default());
        let (lost, counted) = (Arc::clone(&counts), Arc::clone(&counts));
        let mut addresses = LocalAddresses::default();
        let send = move |one: &Waiting| {
            let (from, to) = addresses.source_and_destination(&one.message());
            let transport = one.path.transport;
            let message = CapturedMessage { at: one.at, transport, from, to, bytes: &one.bytes };
            let sent = match agent.packet(&message) {
                Some(packet) => socket.send(&packet).map(drop).map_err(|error| error.to_string()),
                None => Err("a message does not fit into a datagram".to_owned()),
            };
            counted.note(sent);
        };
        let lost = move || lost.note(Err("they are not sent so fast".to_owned()));
        self.add("hep", None, Box::new(lost), send)?;
        Ok(counts)
    }

    fn add(
        &mut self,
        name: &str,
        part: Option<Finder<'static>>,
        lost: Box<dyn Fn() + Send + Sync>,
        write: impl FnMut(&Waiting) + Send + 'static,
    ) -> io::Result<()> {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let (running, ended) = channel();
        let is_ending = Arc::clone(&self.is_ending);
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(move || run(&receiver, &is_ending, &running, write))?;
        self.exports.push(Export { part, sender, lost });
        self.threads.push(ended);
        Ok(())
    }

    /// What the engine calls with each message; `None`: nobody wants one.
    pub(crate) fn tap(&mut self) -> Option<Tap> {
        let exports = std::mem::take(&mut self.exports);
        if exports.is_empty() {
            return None;
        }
        Some(Arc::new(move |message: &TappedMessage<'_>| {
            let at = clock::time_of_day();
            for export in &exports {
                if export.part.as_ref().is_some_and(|part| part.find(message.bytes).is_none()) {
                    continue;
                }
                let (is_received, path) = (message.is_received, message.path);
                let waiting = Waiting { at, is_received, path, bytes: message.bytes.to_vec() };
                if export.sender.try_send(waiting).is_err() {
                    (export.lost)();
                }
            }
        }))
    }

    /// Has what waits written, within a bound.
    pub(crate) fn finish(&self) {
        self.is_ending.store(true, Ordering::Release);
        let end = clock::now() + LONGEST_END;
        for thread in &self.threads {
            // It sends nothing: it is closed, or the time is over.
            let _ = thread.recv_timeout(end.saturating_duration_since(clock::now()));
        }
    }
}

/// Writes what comes, until the end has come and nothing waits. `_running` closes with it.
fn run(
    waiting: &Receiver<Waiting>,
    is_ending: &AtomicBool,
    _running: &Sender<()>,
    mut write: impl FnMut(&Waiting),
) {
    loop {
        match waiting.recv_timeout(Duration::from_millis(100)) {
            Ok(one) => write(&one),
            Err(RecvTimeoutError::Timeout) if !is_ending.load(Ordering::Acquire) => {}
            Err(_) => return,
        }
    }
}

/// What has become of the packets for the collector.
#[derive(Debug, Default)]
pub(crate) struct HepCounts {
    sent: AtomicU64,
    dropped: AtomicU64,
}

impl HepCounts {
    /// Counts one. The first that is dropped is logged.
    fn note(&self, sent: Result<(), String>) {
        match sent {
            Ok(()) => {
                self.sent.fetch_add(1, Ordering::Relaxed);
            }
            Err(why) => {
                if self.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
                    let line = format!("packets for the collector are dropped: {why}");
                    say(LogPriority::Warning, &line);
                }
            }
        }
    }

    /// How many were sent, and how many were not.
    pub(crate) fn get(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.dropped.load(Ordering::Relaxed))
    }
}
