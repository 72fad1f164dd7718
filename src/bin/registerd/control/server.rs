//! Answers the requests of the control socket, a thread for each connection.

use super::{ControlRequest, HELP};
use crate::accounts::{Account, BadLine, Values};
use crate::clock;
use crate::fleet::{Fleet, Reloaded};
use crate::log::{LogPriority, say};
use crate::sockets::{self, Places};
use serde::Serialize;
use std::collections::HashSet;
use std::io::{self, Read, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use zeroize::{Zeroize as _, Zeroizing};

/// Connections at a time; more are refused.
const MOST_CONNECTIONS: usize = 32;
/// A request is not longer.
const LONGEST_LINE: usize = 64 << 10;
/// A connection that is silent for so long is closed.
const SILENCE: Duration = Duration::from_secs(600);
/// The same, while all connections are taken; so often it is looked at.
const SILENCE_WHILE_FULL: Duration = Duration::from_secs(5);

/// Wrong lines of the file in one reply.
const MOST_WRONG_LINES: usize = 1000;

/// What became of a reload.
pub(crate) type ReloadAnswer = Result<Reloaded, Vec<BadLine>>;

/// What the threads of the connections share.
pub(crate) struct ControlServer {
    pub(crate) fleet: Arc<Fleet>,
    /// Asks the main thread for a reload; the answer comes by what is sent.
    pub(crate) reload: Box<dyn Fn(SyncSender<ReloadAnswer>) + Send + Sync>,
}

/// Opens the socket, with these permissions, and serves it from a thread of its own.
pub(crate) fn listen(path: &Path, mode: u32, server: ControlServer) -> io::Result<()> {
    let listener = sockets::bind_unix(path, mode)?;
    let server = Arc::new(server);
    std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || accept(&listener, &server))?;
    Ok(())
}

fn accept(listener: &UnixListener, server: &Arc<ControlServer>) {
    let places = Arc::new(Places::new(MOST_CONNECTIONS));
    let mut is_full = false;
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        let Some(place) = places.take() else {
            if !std::mem::replace(&mut is_full, true) {
                let line = "control socket: too many connections; further ones are refused";
                say(LogPriority::Warning, line);
            }
            // Nothing is in its buffer yet, so this does not wait.
            let _ = stream.write_all(format!("{}\n", refusal("too many connections")).as_bytes());
            continue;
        };
        is_full = false;
        let places = Arc::clone(&places);
        let server = Arc::clone(server);
        let thread = std::thread::Builder::new().name("control".to_owned());
        let started = thread.spawn(move || {
            let _place = place;
            // The other end has gone, which is its own affair.
            let _ = serve(&stream, &places, &server);
        });
        if let Err(error) = started {
            say(LogPriority::Warning, &format!("control socket: {error}"));
        }
    }
}

/// What comes over a connection, until it is silent for too long.
struct PatientReader<'a> {
    stream: &'a UnixStream,
    places: &'a Places,
}

impl Read for PatientReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let begun = clock::now();
        loop {
            match self.stream.read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let is_over = clock::now().saturating_duration_since(begun) >= SILENCE;
                    if is_over || self.places.are_taken() {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }
}

fn serve(stream: &UnixStream, places: &Places, server: &ControlServer) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE_WHILE_FULL))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = RequestLines::new(PatientReader { stream, places });
    let mut writer = stream;
    while let Some(line) = lines.next_line()? {
        let reply = match line.map(std::str::from_utf8) {
            Some(Ok(line)) => match ControlRequest::parse(line) {
                Ok(request) => server.answer(request),
                Err(why) => refusal(&why),
            },
            Some(Err(_)) => refusal("the line is not UTF-8"),
            None => {
                // What follows is no request.
                let reply = refusal("the line is longer than 64 KiB");
                return writer.write_all(format!("{reply}\n").as_bytes());
            }
        };
        writer.write_all(format!("{reply}\n").as_bytes())?;
    }
    Ok(())
}

/// Cuts what comes into lines, in one buffer that is wiped: a request may hold a password.
struct RequestLines<R> {
    stream: R,
    buffer: Zeroizing<Vec<u8>>,
    filled: usize,
    /// Of the buffer: the line that was given last.
    given: usize,
}

impl<R: Read> RequestLines<R> {
    fn new(stream: R) -> RequestLines<R> {
        RequestLines { stream, buffer: Zeroizing::new(vec![0; LONGEST_LINE]), filled: 0, given: 0 }
    }

    /// The next line, without its end; the inner `None`: it is too long.
    fn next_line(&mut self) -> io::Result<Option<Option<&[u8]>>> {
        self.forget_given();
        let mut looked_at = 0;
        loop {
            let new = self.buffer.get(looked_at..self.filled).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', new) {
                self.given = looked_at + end + 1;
                return Ok(Some(self.buffer.get(..self.given - 1)));
            }
            looked_at = self.filled;
            let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
            if free.is_empty() {
                return Ok(Some(None));
            }
            match self.stream.read(free)? {
                0 if self.filled == 0 => return Ok(None),
                0 => {
                    // The last line need not be ended.
                    self.given = self.filled;
                    return Ok(Some(self.buffer.get(..self.filled)));
                }
                size => self.filled += size,
            }
        }
    }

    fn forget_given(&mut self) {
        self.buffer.copy_within(self.given..self.filled, 0);
        let rest = self.filled - self.given;
        self.buffer.get_mut(rest..self.filled).unwrap_or_default().zeroize();
        (self.filled, self.given) = (rest, 0);
    }
}

/// A reply that says yes, with what was asked for.
#[derive(Serialize)]
struct Granted<T> {
    ok: bool,
    #[serde(flatten)]
    what: T,
}

#[derive(Serialize)]
struct Refused<'a> {
    ok: bool,
    error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    lines: &'a [BadLine],
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Forced {
    forced: usize,
    /// A REGISTER of these is under way or planned anyhow.
    busy: usize,
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
    pid: u32,
}

#[derive(Serialize)]
struct Help {
    requests: [&'static str; HELP.len()],
}

fn granted<T: Serialize>(what: T) -> String {
    let text = serde_json::to_string(&Granted { ok: true, what });
    text.unwrap_or_else(|error| refusal(&error.to_string()))
}

fn refusal(error: &str) -> String {
    refusal_with(error, &[])
}

fn refusal_with(error: &str, lines: &[BadLine]) -> String {
    serde_json::to_string(&Refused { ok: false, error, lines }).unwrap_or_default()
}

fn done(result: Result<(), String>) -> String {
    match result {
        Ok(()) => granted(Nothing {}),
        Err(why) => refusal(&why),
    }
}

impl ControlServer {
    fn answer(&self, request: ControlRequest<'_>) -> String {
        let fleet = &self.fleet;
        match request {
            ControlRequest::Stats => granted(fleet.statistics()),
            ControlRequest::List(query) => granted(fleet.list(&query)),
            ControlRequest::Show(name) => match fleet.row(name) {
                Some(row) => granted(row),
                None => refusal("there is no such account"),
            },
            ControlRequest::Force(name) => done(fleet.force(name)),
            ControlRequest::ForceAll(query) => {
                let names = fleet.names(&query);
                let forced = names.iter().filter(|name| fleet.force(name).is_ok()).count();
                granted(Forced { forced, busy: names.len() - forced })
            }
            ControlRequest::Add(object) => done(self.add(object)),
            ControlRequest::Remove(name) => done(fleet.remove(name)),
            ControlRequest::Reload => self.reload(),
            ControlRequest::Version => {
                granted(Version { version: env!("CARGO_PKG_VERSION"), pid: std::process::id() })
            }
            ControlRequest::Help => granted(Help { requests: HELP }),
        }
    }

    fn add(&self, object: &str) -> Result<(), String> {
        let account = Account::new(Values::from_json(object)?, &self.fleet.defaults())?;
        account.check_files(&mut HashSet::new())?;
        self.fleet.add(account)
    }

    fn reload(&self) -> String {
        let (sender, receiver): (_, Receiver<ReloadAnswer>) = sync_channel(1);
        (self.reload)(sender);
        match receiver.recv() {
            Ok(Ok(reloaded)) => granted(reloaded),
            Ok(Err(wrong)) => {
                let first = wrong.get(..MOST_WRONG_LINES).unwrap_or(&wrong);
                let more = match wrong.len() - first.len() {
                    0 => String::new(),
                    more => format!("; {more} more lines are wrong"),
                };
                let why = format!("the file is wrong, and nothing has changed{more}");
                refusal_with(&why, first)
            }
            Err(_) => refusal("the program is ending"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few octets at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let size = self.0.len().min(self.1).min(into.len());
            into[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    #[test]
    fn requests_are_lines_however_they_come_and_are_wiped() {
        for size in [1, 2, 7, 100] {
            let mut lines = RequestLines::new(Drops(b"stats\n\nadd secret\nhelp", size));
            for expected in ["stats", "", "add secret", "help"] {
                let line = lines.next_line().unwrap().unwrap();
                assert_eq!(line, Some(expected.as_bytes()), "{size}");
            }
            assert_eq!(lines.next_line().unwrap(), None);
            assert!(lines.buffer.iter().all(|octet| *octet == 0));
        }
        let long = vec![b'x'; LONGEST_LINE + 1];
        assert_eq!(RequestLines::new(Drops(&long, 4096)).next_line().unwrap(), Some(None));
    }
}
