//! Registers a SIP address, keeps it registered, and unregisters it at the end; `--help` lists the
//! options, man/sipreg.1 is the contract.

#[path = "../tools/binding.rs"]
mod binding;
#[path = "../tools/capture.rs"]
mod capture;
#[path = "../tools/clock.rs"]
mod clock;
#[path = "../tools/json.rs"]
mod json;
mod options;
#[path = "../tools/password.rs"]
mod password;
#[path = "../tools/pcap.rs"]
mod pcap;
#[path = "../tools/redact.rs"]
mod redact;
mod report;
#[path = "../tools/secrets.rs"]
mod secrets;
mod session;
#[path = "../tools/tls_files.rs"]
mod tls_files;

use capture::Capture;
use options::{NoOptions, Options};
use parking_lot::{Mutex, ReentrantMutex};
use register::engine::registerer::{ManagedOptions, RegistererEvent, TRANSPORTS, Transport};
use register::engine::{Engine, Listen, Listener, Refusal, Tap, TappedMessage};
use register::trace::{self, TraceLevel};
use report::{Check, Outcome, Report};
use session::{Ending, Moment, Session, SessionEvent};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

/// So many messages and events wait to be shown. What the main thread does not keep up with is not
/// shown, if it is a message.
const MAX_EVENTS: usize = 1024;
/// The status of Nagios for what could not be tried.
const UNKNOWN: u8 = 3;

fn main() -> ExitCode {
    match options::parse(std::env::args_os().collect()) {
        Ok(options) => ExitCode::from(run(options)),
        Err(NoOptions::Shown(text)) => {
            let mut out = io::stdout().lock();
            match write!(out, "{text}").and_then(|()| out.flush()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    ExitCode::from(not_printed(false, &error))
                }
                _ => ExitCode::SUCCESS,
            }
        }
        Err(NoOptions::Usage { nagios, why }) => ExitCode::from(wrong(nagios, &why)),
    }
}

/// Says that standard output fails; the exit status.
fn not_printed(nagios: bool, error: &io::Error) -> u8 {
    let _ = writeln!(io::stderr(), "sipreg: standard output: {error}");
    if nagios { UNKNOWN } else { Outcome::Output.status() }
}

/// Says what is wrong with the command line; the exit status.
fn wrong(nagios: bool, why: &str) -> u8 {
    if nagios {
        let _ = io::stdout().write_all(report::unknown(why).as_bytes());
        return UNKNOWN;
    }
    let _ = writeln!(io::stderr(), "sipreg: {why}; --help shows the options");
    Outcome::Usage.status()
}

fn run(mut options: Options) -> u8 {
    let nagios = options.output.nagios;
    let prepared = options.managed().and_then(|managed| {
        let checked =
            managed.checked(TRANSPORTS).map_err(|wrong| secrets::without_values(&wrong.0))?;
        Ok((checked, open_capture(&options)?))
    });
    let (managed, capture) = match prepared {
        Ok(prepared) => prepared,
        Err(why) => return wrong(nagios, &why),
    };
    if options.output.verbose > 2 {
        log_to_stderr();
    }
    let mut report = Report::new(&options);
    let (sender, events) = sync_channel(MAX_EVENTS);
    let order = Arc::new(ReentrantMutex::new(()));
    let engine = match start(&options, capture, &sender, &order) {
        Ok(engine) => engine,
        Err(why) => return not_started(&options, &mut report, &why),
    };
    let rid = match begin(&engine, managed, sender) {
        Ok(rid) => rid,
        Err((Outcome::Usage, why)) => return wrong(nagios, &why),
        Err((_, why)) => return not_started(&options, &mut report, &why),
    };
    let mut session = Session::new(&engine, rid, &options, &mut report, order);
    let ending = session.run(&events);
    let (registered, requests) = (session.first(), session.requests());
    let (outcome, sentence) = match &ending {
        Some((outcome, sentence)) => (*outcome, sentence.as_str()),
        None => (Outcome::NoAnswer, "It was ended before the binding was removed."),
    };
    let status = if nagios {
        let (warning, critical) = (options.output.warning, options.output.critical);
        report.nagios(&Check { outcome, sentence, registered, requests, warning, critical })
    } else {
        report.end(outcome, sentence);
        outcome.status()
    };
    let status = report.failure().map_or(status, |error| not_printed(nagios, error));
    if outcome == Outcome::NoAnswer {
        // At once: the engine would wait for the answer, or try to remove the binding.
        std::process::exit(status.into());
    }
    // Nobody takes what is still to be shown, and nobody shall wait for it.
    drop(events);
    engine.quit();
    status
}

/// Nothing could be sent; the exit status.
fn not_started(options: &Options, report: &mut Report, why: &str) -> u8 {
    if options.output.nagios {
        return wrong(true, why);
    }
    let _ = writeln!(io::stderr(), "sipreg: {why}");
    if options.output.json {
        report.end(Outcome::Network, why);
    }
    Outcome::Network.status()
}

fn open_capture(options: &Options) -> Result<Option<Capture>, String> {
    let Some(path) = &options.output.pcap else { return Ok(None) };
    let capture = Capture::create(path);
    capture.map(Some).map_err(|error| format!("{}: {error}", path.display()))
}

/// The log of the library, without whole messages, which would have proofs of the password in them.
fn log_to_stderr() {
    let sink = |record: &trace::Record<'_>| {
        let time = clock::rfc3339(clock::time_of_day());
        let _ = writeln!(io::stderr(), "{time} {:?}: {}", record.level, record.text);
    };
    trace::set_sink(TraceLevel::Info2, Some(Arc::new(sink)));
}

/// An engine that listens, passes on what goes by, and a thread that waits for signals.
fn start(
    options: &Options,
    capture: Option<Capture>,
    events: &SyncSender<SessionEvent>,
    order: &Arc<ReentrantMutex<()>>,
) -> Result<Engine, String> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|error| error.to_string())?;
    let interrupted = events.clone();
    let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if interrupted.send(SessionEvent::Interrupted).is_err() {
                break;
            }
        }
    });
    thread.map_err(|error| error.to_string())?;
    let engine = Engine::new().map_err(|refusal| refusal.to_string())?;
    let shown = tap(options, capture, events.clone(), Arc::clone(order));
    engine.set_tap(Some(shown)).map_err(|refusal| refusal.to_string())?;
    listen(&engine, options).map_err(|refusal| {
        let address = options.network.local.as_deref().unwrap_or("any address");
        let why = why_not_listening(options).map_or(refusal.to_string(), |why| why.to_string());
        format!("cannot open port {} on {address}: {why}", options.network.port)
    })?;
    Ok(engine)
}

/// What the system says of the address that cannot be listened on.
fn why_not_listening(options: &Options) -> Option<io::Error> {
    let network = &options.network;
    let any: IpAddr =
        if network.ipv6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let ip = network.local.as_deref().map_or(Some(any), |local| local.parse().ok())?;
    let is_udp = matches!(options.transport(), None | Some(Transport::Udp));
    binding::why_not_bound(SocketAddr::new(ip, network.port), is_udp)
}

fn listen(engine: &Engine, options: &Options) -> Result<(), Refusal> {
    let network = &options.network;
    let what = Listen {
        address: network.local.as_deref(),
        port: network.port.into(),
        ipv6: network.ipv6,
        dual: false,
        dscp: 26,
        exclusive: false,
    };
    let local = network.local.as_deref().and_then(|address| address.parse().ok());
    let port = network.port;
    engine.set_connect_from(|ip, ports| {
        *ip = local;
        *ports = (port > 0).then_some((port, port));
    })?;
    match options.transport() {
        None | Some(Transport::Udp) => engine.listen_udp(what),
        Some(Transport::Tcp) => engine.listen_tcp(what, false),
        Some(Transport::Tls) => engine.listen_tls(what, false),
    }
}

/// What is done with each message, by the thread that sent or received it.
fn tap(
    options: &Options,
    capture: Option<Capture>,
    events: SyncSender<SessionEvent>,
    order: Arc<ReentrantMutex<()>>,
) -> Tap {
    let is_traced = options.output.trace || options.output.verbose > 1;
    let capture = Mutex::new(capture);
    Arc::new(move |message: &TappedMessage<'_>| {
        let _held = order.lock();
        let at = Moment::now();
        let mut file = capture.lock();
        if let Some(Err(error)) = file.as_mut().map(|file| file.add(at.time_of_day, message)) {
            let _ = writeln!(io::stderr(), "sipreg: --pcap: {error}; no more is written");
            *file = None;
        }
        drop(file);
        if is_traced {
            let time = clock::rfc3339(at.time_of_day);
            let _ = writeln!(io::stderr(), "{time} {}", redact::printable(message));
        }
        let (is_received, path, bytes) = (message.is_received, message.path, message.bytes.into());
        let _ = events.try_send(SessionEvent::Message { at, is_received, path, bytes });
    })
}

/// The registration, whose events are passed on.
fn begin(
    engine: &Engine,
    managed: ManagedOptions,
    events: SyncSender<SessionEvent>,
) -> Result<i32, Ending> {
    let impossible = |refusal: Refusal| (Outcome::Network, refusal.to_string());
    let rid = engine.registerer_new(managed).map_err(impossible)?;
    let rid = rid.map_err(|wrong| (Outcome::Usage, secrets::without_values(&wrong.0)))?;
    let asked = engine.clone();
    let call = Arc::new(move |event: &RegistererEvent| {
        let at = Moment::now();
        // Nothing more is known of one that is terminated, which is when the engine quits.
        let Ok(info) = asked.registerer_info(event.rid) else { return };
        let explain = asked.registerer_explain(event.rid).unwrap_or_default();
        let (event, info) = (event.clone(), Box::new(info));
        let _ = events.send(SessionEvent::Event { at, event, info, explain });
    });
    let listener = Listener { rid: Some(rid), wants: |_| true, once: false, call };
    engine.listen(listener).map_err(impossible)?;
    Ok(rid)
}
