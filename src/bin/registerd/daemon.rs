//! The daemon: reads the file, keeps its accounts, and does what signals ask for.

use crate::accounts::{AccountFile, BadLine};
use crate::binding;
use crate::clock;
use crate::control::{self, ControlServer, ReloadAnswer};
use crate::fleet::Fleet;
use crate::hep::{CaptureAgent, CollectorAddress, LONGEST_KEY};
use crate::log::{self, LogPriority, say};
use crate::metrics::{self, MetricsAddress, Reloads};
use crate::options::{CommandLine, DaemonOptions};
use crate::packets::{Exports, HepCounts};
use crate::password;
use crate::service::ServiceManager;
use crate::view;
use register::engine::registerer::RegistererEvent;
use register::engine::{Engine, Listen, Listener};
use sha2::{Digest as _, Sha256};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

/// The file is wrong: EX_CONFIG of sysexits(3), which a service manager need not try again.
const WRONG_FILE: u8 = 78;
/// Wrong lines of the file that the log names: the journal need not have a hundred thousand.
const MOST_WRONG_LINES: usize = 20;
/// How long the end may take; the engine stops before.
const LONGEST_END: Duration = Duration::from_secs(40);

/// What the main thread is asked for.
enum Request {
    Signal(i32),
    Reload(SyncSender<ReloadAnswer>),
    /// The bindings are gone.
    Ended,
}

/// Runs until a signal ends it.
pub(crate) fn run(line: &CommandLine) -> ExitCode {
    let options = &line.daemon;
    log::begin(options.log);
    let Some(file) = account_file(options) else { return ExitCode::from(2) };
    let read = file.read();
    let accounts = match read {
        Ok(accounts) => {
            file.warn_of_readers();
            accounts
        }
        Err(wrong) => {
            refuse(&file, &wrong, if options.check { usize::MAX } else { MOST_WRONG_LINES });
            return ExitCode::from(WRONG_FILE);
        }
    };
    if options.check {
        let line = format!("{}: {} accounts\n", file.path.display(), accounts.accounts.len());
        return view::print(&line, ExitCode::SUCCESS);
    }
    let result = Daemon::start(line, file).and_then(|daemon| {
        let done = daemon.fleet.apply(accounts);
        daemon.note_reload(true);
        say(LogPriority::Notice, &format!("{}: {done}", daemon.file.path.display()));
        daemon.serve()
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(LogPriority::Error, &why);
            ExitCode::FAILURE
        }
    }
}

fn account_file(options: &DaemonOptions) -> Option<AccountFile> {
    let path = options.file.clone()?;
    let Some(format) = options.format.or_else(|| AccountFile::format_of(&path)) else {
        let name = path.display();
        say(LogPriority::Error, &format!("{name} ends with neither .toml nor .csv: --format says"));
        return None;
    };
    let defaults = options.defaults().map_err(|why| say(LogPriority::Error, &why)).ok()?;
    Some(AccountFile { path, format, shard: options.shard, defaults })
}

/// Says which lines are wrong: so many, and how many there are besides.
fn refuse(file: &AccountFile, wrong: &[BadLine], most: usize) {
    let path = file.path.display();
    for one in wrong.iter().take(most) {
        say(LogPriority::Error, &format!("{path}: {one}"));
    }
    let more = wrong.len().saturating_sub(most);
    if more > 0 {
        let line = format!("{path}: {more} more lines are wrong; --check shows all");
        say(LogPriority::Error, &line);
    }
}

struct Daemon {
    file: AccountFile,
    fleet: Arc<Fleet>,
    reloads: Arc<Mutex<Reloads>>,
    requests: Receiver<Request>,
    sender: Sender<Request>,
    manager: ServiceManager,
    keep: bool,
    exports: Exports,
    hep: Option<Arc<HepCounts>>,
    /// Files of sockets, which go at the end.
    paths: Vec<PathBuf>,
}

impl Daemon {
    /// Opens everything. Errors: what cannot be opened, in words.
    fn start(line: &CommandLine, file: AccountFile) -> Result<Daemon, String> {
        let options = &line.daemon;
        let fleet = Arc::new(Fleet::new(engine(options)?, options.shard));
        let listened = Arc::clone(&fleet);
        let listener = Listener {
            rid: None,
            wants: |_: &RegistererEvent| true,
            once: false,
            call: Arc::new(move |event| listened.on_event(event)),
        };
        fleet.engine().listen(listener).map_err(|refusal| format!("no thread: {refusal:?}"))?;
        let (sender, requests) = channel();
        let reloads = Arc::new(Mutex::new(Reloads::default()));
        let mut daemon = Daemon {
            file,
            fleet,
            reloads,
            requests,
            sender,
            manager: ServiceManager::from_environment(),
            keep: options.keep,
            exports: Exports::default(),
            hep: None,
            paths: Vec::new(),
        };
        daemon.export_messages(options)?;
        daemon.take_signals().map_err(|error| format!("signals: {error}"))?;
        daemon.open_sockets(line.control.as_deref(), options)?;
        let port = daemon.fleet.engine().port().unwrap_or(0);
        say(LogPriority::Notice, &format!("listening on UDP port {port}"));
        Ok(daemon)
    }

    fn export_messages(&mut self, options: &DaemonOptions) -> Result<(), String> {
        if let Some(path) = &options.pcap {
            let part = options.pcap_match.as_deref().unwrap_or("");
            let made = self.exports.write_file(path, part);
            made.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if let Some(CollectorAddress(address)) = options.hep {
            let key = options.hep_key_file.as_deref().map(hep_key).transpose()?;
            let agent = CaptureAgent { id: options.hep_id, key };
            let counts = self.exports.send_to(address, agent);
            self.hep = Some(counts.map_err(|error| format!("--hep {address}: {error}"))?);
        }
        if let Some(tap) = self.exports.tap() {
            let set = self.fleet.engine().set_tap(Some(tap));
            set.map_err(|refusal| format!("tap: {refusal:?}"))?;
        }
        Ok(())
    }

    fn take_signals(&self) -> std::io::Result<()> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1])?;
        let sender = self.sender.clone();
        let thread = std::thread::Builder::new().name("signals".to_owned());
        thread.spawn(move || {
            for signal in signals.forever() {
                if sender.send(Request::Signal(signal)).is_err() {
                    return;
                }
            }
        })?;
        Ok(())
    }

    fn open_sockets(
        &mut self,
        control: Option<&Path>,
        options: &DaemonOptions,
    ) -> Result<(), String> {
        if let Some(path) = control {
            let sender = self.sender.clone();
            let reload = move |answer| {
                // When the main thread has gone, the answer is dropped, which says so.
                let _ = sender.send(Request::Reload(answer));
            };
            let server = ControlServer { fleet: Arc::clone(&self.fleet), reload: Box::new(reload) };
            control::listen(path, options.socket_mode, server)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            self.paths.push(path.to_path_buf());
        }
        if let Some(address) = &options.metrics {
            let (fleet, reloads) = (Arc::clone(&self.fleet), Arc::clone(&self.reloads));
            let hep = self.hep.clone();
            let text = move || {
                let reloads = *reloads.lock().unwrap_or_else(PoisonError::into_inner);
                metrics::exposition(&fleet.statistics(), reloads, hep.as_deref())
            };
            let bound = metrics::serve(address, options.socket_mode, text)
                .map_err(|error| format!("{address}: {error}"))?;
            say(LogPriority::Notice, &format!("metrics on {bound}"));
            if let MetricsAddress::Unix(path) = bound {
                self.paths.push(path);
            }
        }
        Ok(())
    }

    fn note_reload(&self, succeeded: bool) {
        let mut reloads = self.reloads.lock().unwrap_or_else(PoisonError::into_inner);
        if succeeded {
            reloads.succeeded += 1;
            reloads.last = seconds_since_1970();
        } else {
            reloads.failed += 1;
        }
    }

    /// Does what is asked for, until it is to end.
    fn serve(self) -> Result<(), String> {
        self.manager.ready(&self.fleet.summary());
        let second = Duration::from_secs(1);
        let pause = self.manager.interval().map_or(second, |interval| interval.min(second));
        loop {
            match self.requests.recv_timeout(pause) {
                Ok(Request::Signal(SIGHUP)) => {
                    let _ = self.reload();
                }
                Ok(Request::Reload(answer)) => {
                    // Who has asked may have gone.
                    let _ = answer.send(self.reload());
                }
                Ok(Request::Signal(SIGUSR1)) => {
                    say(LogPriority::Notice, &self.fleet.summary());
                    for one in self.fleet.statistics().causes {
                        let (count, cause) = (one.accounts, one.cause);
                        let line = format!("{count} accounts: {} {}", cause.status, cause.reason);
                        say(LogPriority::Notice, &line);
                    }
                }
                Ok(Request::Signal(_)) => break,
                Ok(Request::Ended) => {}
                Err(RecvTimeoutError::Timeout) => self.on_second(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.end();
        Ok(())
    }

    /// The engine answers, so its lock is free: a sign of life.
    fn on_second(&self) {
        log::on_second();
        if self.fleet.engine().statistics().is_ok() {
            self.manager.alive();
            self.manager.status(&self.fleet.summary());
        }
    }

    fn reload(&self) -> ReloadAnswer {
        self.manager.reloading();
        self.manager.alive();
        let answer = self.file.read().map(|accounts| self.fleet.apply(accounts));
        self.note_reload(answer.is_ok());
        match &answer {
            Ok(done) => {
                say(LogPriority::Notice, &format!("{}: {done}", self.file.path.display()));
            }
            Err(wrong) => {
                refuse(&self.file, wrong, MOST_WRONG_LINES);
                say(LogPriority::Error, "the file is wrong, and nothing has changed");
            }
        }
        self.manager.ready(&self.fleet.summary());
        answer
    }

    /// Removes the bindings, or leaves them. A second signal ends at once.
    fn end(self) {
        self.manager.stopping(LONGEST_END);
        for path in &self.paths {
            // It may have been removed already.
            let _ = std::fs::remove_file(path);
        }
        if self.keep {
            say(LogPriority::Notice, "ended, and the bindings are left, as --keep says");
        } else {
            self.remove_bindings();
        }
        self.exports.finish();
        // Without the destructors of the engine, which remove the bindings.
        std::process::exit(0);
    }

    /// Removes the bindings, and says which are left.
    fn remove_bindings(&self) {
        self.fleet.begin_end();
        let (engine, sender) = (self.fleet.engine().clone(), self.sender.clone());
        let thread = std::thread::Builder::new().name("end".to_owned()).spawn(move || {
            engine.quit();
            // Nobody waits any more after a second signal.
            let _ = sender.send(Request::Ended);
        });
        while thread.is_ok() {
            match self.requests.recv_timeout(Duration::from_secs(1)) {
                Ok(Request::Signal(SIGINT | SIGTERM) | Request::Ended) => break,
                Err(RecvTimeoutError::Disconnected) => break,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => self.manager.alive(),
            }
        }
        let ended = self.fleet.ended();
        for line in ended.left() {
            say(LogPriority::Warning, &line);
            self.manager.status(&line);
        }
        let count = ended.removed;
        let plural = if count == 1 { "" } else { "s" };
        let rest = if ended.is_clean() { "none is left" } else { "not all: see above" };
        say(LogPriority::Notice, &format!("ended: {count} binding{plural} removed, {rest}"));
    }
}

/// The key for a collector. Errors: why there is none, without the name of the file.
fn hep_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let key = password::first_line_of(path).map_err(|error| format!("--hep-key-file: {error}"))?;
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(format!("--hep-key-file: its first line has not 1 to {LONGEST_KEY} bytes"));
    }
    Ok(key)
}

fn engine(options: &DaemonOptions) -> Result<Engine, String> {
    let wrong = |what: &str| format!("{what}: not possible");
    let engine = Engine::new().map_err(|_| wrong("the engine"))?;
    let address = options.listen.ip();
    let text = address.to_string();
    let listen = Listen {
        address: (!address.is_unspecified()).then_some(text.as_str()),
        port: options.listen.port().into(),
        ipv6: address.is_ipv6(),
        dual: address.is_ipv6(),
        dscp: 0,
        exclusive: true,
    };
    engine.listen_udp(listen).map_err(|refusal| {
        let why = binding::why_not_bound(options.listen, true);
        let why = why.map_or(refusal.to_string(), |why| why.to_string());
        format!("cannot listen on {}: {why}", options.listen)
    })?;
    let instance = match &options.instance {
        Some(uuid) => Some(uuid.clone()),
        None => std::fs::read("/etc/machine-id").ok().and_then(|id| instance_of(&id)),
    };
    if instance.is_none() {
        let why = "/etc/machine-id has no id, so that each start has an instance of its own, beside \
                   whose bindings those of the start before stay; --instance gives one";
        say(LogPriority::Warning, why);
    }
    let agent = options.user_agent.clone();
    let agent = agent.unwrap_or(format!("registerd/{}", env!("CARGO_PKG_VERSION")));
    let settings = engine.settings(|settings| {
        settings.user_agent = agent;
        settings.instance = instance.map(|uuid| format!("urn:uuid:{uuid}"));
    });
    settings.map_err(|_| wrong("settings"))?;
    let limits = engine.registerer_limits(options.in_flight, options.rate);
    limits.map_err(|_| wrong("limits"))?;
    Ok(engine)
}

/// A UUID of version 8 that a machine keeps, and that does not show its id; `None`: it has none
/// (machine-id(5)), and would share that of every other such machine.
fn instance_of(machine: &[u8]) -> Option<String> {
    if matches!(machine.trim_ascii(), b"" | b"uninitialized") {
        return None;
    }
    let mut hash = Sha256::new_with_prefix(b"registerd instance\0");
    hash.update(machine.trim_ascii());
    let octets = hash.finalize();
    let number = octets.iter().take(16).fold(0u128, |sum, octet| sum << 8 | u128::from(*octet));
    // RFC 9562 section 5.8: version and variant stand at fixed places.
    let number = number & !(0xf << 76) & !(3 << 62) | 8 << 76 | 2 << 62;
    let hex = format!("{number:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or(""));
    Some(parts.join("-"))
}

fn seconds_since_1970() -> f64 {
    let since = clock::time_of_day().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_a_uuid_that_the_machine_keeps() {
        let one = instance_of(b"0123\n").unwrap();
        assert_eq!(Some(&one), instance_of(b"0123").as_ref());
        assert_ne!(Some(&one), instance_of(b"0124").as_ref());
        assert_eq!([&b""[..], b"\n", b"uninitialized\n"].map(instance_of), [None, None, None]);
        assert_eq!((one.len(), one.as_bytes()[14]), (36, b'8'));
        assert!(b"89ab".contains(&one.as_bytes()[19]));
    }
}
