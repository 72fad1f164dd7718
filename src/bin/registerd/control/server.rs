//! Answers the requests of the control socket, a thread for each connection.

use super::{ControlRequest, HELP};
use crate::accounts::{Account, BadLine, Values};
use crate::fleet::{Fleet, Reloaded};
use crate::log::{LogPriority, say};
use crate::sockets::{self, Places};
use serde::Serialize;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use zeroize::Zeroizing;

/// Connections at a time; more are closed at once.
const MOST_CONNECTIONS: usize = 32;
/// A request is not longer.
const LONGEST_LINE: u64 = 64 << 10;
/// A connection that is silent for so long is closed.
const SILENCE: Duration = Duration::from_secs(600);

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
    let places = Places::new(MOST_CONNECTIONS);
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let Some(place) = places.take() else { continue };
        let server = Arc::clone(server);
        let thread = std::thread::Builder::new().name("control".to_owned());
        let started = thread.spawn(move || {
            let _place = place;
            // The other end has gone, which is its own affair.
            let _ = serve(&stream, &server);
        });
        if let Err(error) = started {
            say(LogPriority::Warning, &format!("control socket: {error}"));
        }
    }
}

fn serve(stream: &UnixStream, server: &ControlServer) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    // A request may hold a password: its buffers are wiped.
    let mut reader = BufReader::with_capacity(1 << 10, stream);
    loop {
        let mut line = Zeroizing::new(String::with_capacity(1 << 10));
        if (&mut reader).take(LONGEST_LINE).read_line(&mut line)? == 0 {
            return Ok(());
        }
        let is_whole = line.ends_with('\n') || (line.len() as u64) < LONGEST_LINE;
        let reply = match ControlRequest::parse(&line) {
            Ok(request) if is_whole => server.answer(request),
            Ok(_) => refusal("the line is longer than 64 KiB"),
            Err(why) => refusal(&why),
        };
        let mut writer = stream;
        writer.write_all(format!("{reply}\n").as_bytes())?;
        if !is_whole {
            return Ok(());
        }
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
        self.fleet.add(account)
    }

    fn reload(&self) -> String {
        let (sender, receiver): (_, Receiver<ReloadAnswer>) = sync_channel(1);
        (self.reload)(sender);
        match receiver.recv() {
            Ok(Ok(reloaded)) => granted(reloaded),
            Ok(Err(wrong)) => refusal_with("the file is wrong, and nothing has changed", &wrong),
            Err(_) => refusal("the program is ending"),
        }
    }
}
