//! A SIP registrar on the loopback, for demos, tests and benchmarks; `--help` lists the options.

mod options;
mod service;

use options::Options;
use service::{Registrar, Reply};
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
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

fn serve(options: Options) -> io::Result<()> {
    let socket = UdpSocket::bind(options.listen)?;
    // A benchmark fills the default buffers; what the kernel grants will do.
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20);
    let local = socket.local_addr()?;
    say(&format!("listening on {local}"));
    let ended = Arc::new(AtomicBool::new(false));
    if options.until_eof {
        end_with_input(local, ended.clone())?;
    }
    let start = clock();
    let mut registrar = Registrar::new(options.settings);
    let mut delayed = DelayedReplies::default();
    let mut datagram = vec![0; 65_535];
    let mut failures = 0;
    while !ended.load(Ordering::Acquire) {
        let now = clock().duration_since(start);
        if options.seconds.is_some_and(|end| now >= end) {
            break;
        }
        for reply in delayed.due(now) {
            send(&socket, &reply, options.verbose);
        }
        let next = options.seconds.into_iter().chain(delayed.next()).min();
        let wait = next.map(|at| at.saturating_sub(now).max(Duration::from_millis(1)));
        socket.set_read_timeout(wait)?;
        let (length, from) = match socket.recv_from(&mut datagram) {
            Ok(got) => got,
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                continue;
            }
            Err(e) if failures == 100 => return Err(e),
            Err(_) => {
                failures += 1;
                continue;
            }
        };
        failures = 0;
        let now = clock().duration_since(start);
        let datagram = &datagram[..length];
        if options.verbose && length > 0 {
            say(&format!("<- {from}\n{}", String::from_utf8_lossy(datagram)));
        }
        let replies = registrar.handle(now, from, datagram);
        for line in registrar.drain_log() {
            say(&line);
        }
        for reply in replies {
            if reply.after.is_zero() {
                send(&socket, &reply, options.verbose);
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

/// Prints a line at once; a closed output is no error.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn send(socket: &UdpSocket, reply: &Reply, verbose: bool) {
    if verbose {
        say(&format!("-> {}\n{}", reply.to, String::from_utf8_lossy(&reply.bytes)));
    }
    if let Err(error) = socket.send_to(&reply.bytes, reply.to) {
        eprintln!("registrar: to {}: {error}", reply.to);
    }
}

/// Reads standard input to its end, then wakes the loop with an empty datagram.
fn end_with_input(local: SocketAddr, ended: Arc<AtomicBool>) -> io::Result<()> {
    let loopback: IpAddr = match local.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    let waker = UdpSocket::bind((loopback, 0))?;
    std::thread::Builder::new().name("stdin".into()).spawn(move || {
        let mut ignored = [0; 4096];
        while matches!(io::stdin().read(&mut ignored), Ok(1..)) {}
        ended.store(true, Ordering::Release);
        let _ = waker.send_to(&[], (loopback, local.port()));
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
