//! A file of packets of what goes by, written by a thread of its own: who sends and receives does
//! not wait for a disk.

use crate::capture::Capture;
use crate::log::{LogPriority, say};
use memchr::memmem::Finder;
use register::engine::{MessagePath, Tap, TappedMessage};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

/// Messages that wait to be written; further ones are left out, and the log says so once.
const MOST_WAITING: usize = 4096;

/// A tap that writes into the file each message that has `part` in it.
pub(crate) fn tap(path: &Path, part: &str) -> io::Result<Tap> {
    let capture = Capture::create(path)?;
    let (sender, receiver) = sync_channel(MOST_WAITING);
    let thread = std::thread::Builder::new().name("packets".to_owned());
    thread.spawn(move || write(capture, &receiver))?;
    let finder = Finder::new(part).into_owned();
    let is_behind = AtomicBool::new(false);
    Ok(Arc::new(move |message: &TappedMessage<'_>| {
        if finder.find(message.bytes).is_none() {
            return;
        }
        let waiting = (message.is_received, message.path, message.bytes.to_vec());
        if sender.try_send(waiting).is_err() && !is_behind.swap(true, Ordering::Relaxed) {
            say(LogPriority::Warning, "the file of packets lacks some: it is not written so fast");
        }
    }))
}

fn write(mut capture: Capture, waiting: &Receiver<(bool, MessagePath, Vec<u8>)>) {
    for (is_received, path, bytes) in waiting {
        let message = TappedMessage { is_received, path, bytes: &bytes };
        if let Err(error) = capture.add(&message) {
            say(LogPriority::Error, &format!("the file of packets ends here: {error}"));
            return;
        }
    }
}
