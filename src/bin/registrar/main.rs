//! A SIP registrar on the loopback, for demos, tests and benchmarks, which also passes calls on to
//! what is registered; `--help` lists the options.

mod carrier;
#[cfg(feature = "tls")]
mod certificate;
mod options;
mod service;
#[cfg(feature = "tls")]
mod tls;

use carrier::Carrier;
use options::Options;
use register::transport::Transport;
use service::{Registrar, Reply};
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    // A hash with a random key of this process: random enough for tests.
    let seed = RandomState::new().hash_one(0);
    match options::parse(std::env::args().skip(1), seed) {
        Ok(Some(options)) => match serve(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("registrar: {error}");
                ExitCode::FAILURE
            }
        },
        Ok(None) => {
            print!("{}", options::HELP);
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("registrar: {wrong}; --help lists the options");
            ExitCode::from(2)
        }
    }
}

/// The one clock of this program.
#[allow(clippy::disallowed_methods)]
fn clock() -> Instant {
    Instant::now()
}

fn serve(mut options: Options) -> io::Result<()> {
    let mut carrier = match options.settings.transport {
        Transport::Udp => Carrier::udp(options.listen)?,
        Transport::Tcp => Carrier::tcp(options.listen)?,
        Transport::Tls => over_tls(&options)?,
    };
    options.settings.local = carrier.reachable()?;
    say(&format!("listening on {}", carrier.local()?));
    let ended = Arc::new(AtomicBool::new(false));
    if options.until_eof {
        end_with_input(carrier.waker()?, ended.clone())?;
    }
    let start = clock();
    let mut registrar = Registrar::new(options.settings);
    let mut delayed = DelayedReplies::default();
    while !ended.load(Ordering::Acquire) {
        let now = clock().duration_since(start);
        if options.seconds.is_some_and(|end| now >= end) {
            break;
        }
        for reply in delayed.due(now) {
            send(&mut carrier, &reply, options.verbose);
        }
        let next = options.seconds.into_iter().chain(delayed.next()).min();
        let wait = next.map(|at| at.saturating_sub(now).max(Duration::from_millis(1)));
        let Some((from, message)) = carrier.receive(wait)? else { continue };
        let now = clock().duration_since(start);
        if options.verbose && !message.is_empty() {
            say(&format!("<- {from}\n{}", String::from_utf8_lossy(&message)));
        }
        if carrier.is_reliable() && message == b"\r\n\r\n" {
            // RFC 5626 section 4.4.1.
            let _ = carrier.send(from, b"\r\n");
        }
        let replies = registrar.handle(now, from, &message);
        for line in registrar.drain_log() {
            say(&line);
        }
        for reply in replies {
            if reply.after.is_zero() {
                send(&mut carrier, &reply, options.verbose);
            } else {
                delayed.push(now, reply);
            }
        }
    }
    let counts: Vec<_> =
        registrar.counts().iter().map(|(status, n)| format!("{n} x {status}")).collect();
    say(&format!(
        "answered {}",
        if counts.is_empty() { "nothing".into() } else { counts.join(", ") }
    ));
    Ok(())
}

#[cfg(feature = "tls")]
fn over_tls(options: &Options) -> io::Result<Carrier> {
    let (server, certificate) = tls::TlsServer::new(options.listen.ip())?;
    if let Some(file) = &options.certificate_file {
        std::fs::write(file, certificate)?;
    }
    Carrier::tls(options.listen, server)
}

#[cfg(not(feature = "tls"))]
fn over_tls(_: &Options) -> io::Result<Carrier> {
    Err(io::Error::other("this program was built without TLS"))
}

/// Prints a line at once; a closed output is no error.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn send(carrier: &mut Carrier, reply: &Reply, verbose: bool) {
    if verbose {
        say(&format!("-> {}\n{}", reply.to, String::from_utf8_lossy(&reply.bytes)));
    }
    if let Err(error) = carrier.send(reply.to, &reply.bytes) {
        eprintln!("registrar: to {}: {error}", reply.to);
    }
}

/// Reads standard input to its end, then wakes the loop.
fn end_with_input(wake: Box<dyn FnOnce() + Send>, ended: Arc<AtomicBool>) -> io::Result<()> {
    std::thread::Builder::new().name("stdin".into()).spawn(move || {
        let mut ignored = [0; 4096];
        while matches!(io::stdin().read(&mut ignored), Ok(1..)) {}
        ended.store(true, Ordering::Release);
        wake();
    })?;
    Ok(())
}

/// Replies that are delayed. All are delayed by the same time, so the queue is in order.
#[derive(Default)]
struct DelayedReplies(VecDeque<(Duration, Reply)>);

impl DelayedReplies {
    fn push(&mut self, now: Duration, reply: Reply) {
        self.0.push_back((now + reply.after, reply));
    }
    fn next(&self) -> Option<Duration> {
        self.0.front().map(|(at, _)| *at)
    }
    fn due(&mut self, now: Duration) -> impl Iterator<Item = Reply> {
        let number = self.0.iter().take_while(|(at, _)| *at <= now).count();
        self.0.drain(..number).map(|(_, reply)| reply)
    }
}
