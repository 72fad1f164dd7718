//! The parts of the benchmark, and those that are short.

use super::cost;
use super::drawing::Curve;
use super::programs::{self, Program};
use super::registrar::{Behaviour, Child};
use super::runs::{self, Figures};
use std::io;

/// Registrations under way, in the parts that are not about that.
const WINDOW: usize = 100;
/// So many of a hundred REGISTERs get lost in that part.
const LOSS_PERCENT: u32 = 30;
/// A run of another library takes so many seconds at most.
const PEER_LIMIT: usize = 20;

/// How much is measured, and the programs.
pub(crate) struct Setting {
    pub(crate) quick: bool,
    pub(crate) sizes: Vec<usize>,
    pub(crate) most: usize,
    /// As built, and with a header field added.
    pub(crate) plain: [Program; 2],
    pub(crate) peers: Vec<Program>,
}

impl Setting {
    /// `most`: no more accounts than that.
    pub(crate) fn new(quick: bool, most: usize) -> io::Result<Self> {
        let mut sizes = if quick { vec![200, 2000] } else { vec![1000, 10_000, 100_000] };
        sizes.retain(|size| *size <= most);
        let most = sizes.last().copied().unwrap_or(0);
        Ok(Self {
            quick,
            sizes,
            most,
            plain: programs::plain()?,
            peers: programs::peers(&programs::PEERS)?,
        })
    }

    /// Milliseconds for raw UDP.
    fn span(&self) -> usize {
        if self.quick { 100 } else { 800 }
    }

    fn seconds(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }
}

type Part = fn(&Setting, &mut Vec<Curve>) -> io::Result<()>;

/// All parts, with the names that `--only` takes.
pub(crate) const ALL: &[(&str, Part)] = &[
    ("cost", cost::cost),
    ("window", cost::window),
    ("one", one),
    ("burst", burst),
    ("wave", wave),
    ("loss", loss),
    ("rest", rest),
    ("threads", threads),
    ("calls", super::calls::calls),
    ("subscriptions", super::calls::subscriptions),
    #[cfg(feature = "tls")]
    ("streams", super::streams::streams),
];

/// Every REGISTER is accepted.
pub(crate) const OPEN: Behaviour =
    Behaviour { challenge: false, loss_percent: 0, first_expires: 0 };

pub(crate) fn head(title: &str) {
    println!("\n== {title}");
}

pub(crate) fn raw_udp(
    setting: &Setting,
    registrar: &Child,
    challenge: bool,
    window: usize,
) -> io::Result<Figures> {
    runs::ours(registrar, "raw_udp", &[setting.span(), window, usize::from(challenge)])
}

/// The columns of [`row`].
fn columns() {
    println!(
        "{:>9} {:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "accounts", "", "CPU us", "x raw", "reg/s", "p50 us", "p99 us", "missing"
    );
}

/// A row beside the CPU of raw UDP.
fn row(name: &str, phase: &str, figures: &Figures, raw: f64, accounts: usize) {
    let get = |what: &str| figures.get(&format!("{phase}{what}"));
    let missing = accounts as f64 - get("done");
    println!(
        "{accounts:>9} {name:<16} {:>9.1} {:>8.2}x {:>9.0} {:>9.0} {:>9.0} {missing:>8.0}",
        get("cpu"),
        get("cpu") / raw,
        get("rate"),
        get("p50"),
        get("p99"),
    );
}

/// Runs `run` so many times; see [`Figures::middle`].
fn middle(times: usize, run: impl Fn() -> io::Result<Figures>) -> io::Result<Figures> {
    Ok(Figures::middle(&(0..times).map(|_| run()).collect::<io::Result<Vec<_>>>()?))
}

/// From send to event, when nothing else is under way.
fn one(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("one registration at a time, send to event");
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "", "p50 us", "x raw", "p99 us", "x raw");
    let registrar = Child::spawn(OPEN)?;
    let times = if setting.quick { 200 } else { 5000 };
    // Other work on the machine is in the slowest of a hundred.
    let runs = if setting.quick { 1 } else { 3 };
    let raw = middle(runs, || raw_udp(setting, &registrar, false, 1))?;
    let line = |name: &str, figures: &Figures| {
        let (p50, p99) = (figures.get("p50"), figures.get("p99"));
        let (half, most) = (p50 / raw.get("p50"), p99 / raw.get("p99"));
        println!("{name:<34} {p50:>9.1} {half:>8.1}x {p99:>9.1} {most:>8.1}x");
    };
    line("raw UDP", &raw);
    let ours =
        |accounts| middle(runs, || runs::ours(&registrar, "one", &[accounts, WINDOW, times]));
    line("libregister", &ours(0)?);
    line(&format!("libregister, {} at rest", setting.most), &ours(setting.most)?);
    for peer in &setting.peers {
        line(peer.name, &middle(runs, || runs::program(peer, &registrar, times, 1, PEER_LIMIT))?);
    }
    Ok(())
}

/// All sent at once: only the library limits what is under way.
fn burst(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("all sent at once, no window");
    columns();
    for &accounts in setting.sizes.iter().filter(|size| **size > 1000) {
        let registrar = Child::spawn(OPEN)?;
        let base = raw_udp(setting, &registrar, false, WINDOW)?.get("cpu");
        let before = registrar.counts()?.received;
        let figures = runs::ours(&registrar, "burst", &[accounts, 0])?;
        row("libregister", "new.", &figures, base, accounts);
        let again = (registrar.counts()?.received - before) as f64 - accounts as f64;
        println!("{:>9} {:<22} {again:>9.0}", "", "sent again");
    }
    Ok(())
}

/// All renewed by eXosip_automatic_action within their time.
fn wave(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("all refreshed within their time, by eXosip_automatic_action alone");
    columns();
    let grant = if setting.quick { 8 } else { 25 };
    let registrar = Child::spawn(Behaviour { first_expires: grant, ..OPEN })?;
    let base = raw_udp(setting, &registrar, false, WINDOW)?.get("cpu");
    let figures = runs::ours(&registrar, "wave", &[setting.most, WINDOW])?;
    row("libregister, new", "new.", &figures, base, setting.most);
    row("  refreshed", "wave.", &figures, base, setting.most);
    Ok(())
}

/// Some of the REGISTERs get lost.
fn loss(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    let accounts = if setting.quick { 30 } else { 10_000 };
    head(&format!("{LOSS_PERCENT} % of the REGISTERs get lost, all sent at once"));
    let registrar = Child::spawn(Behaviour { loss_percent: LOSS_PERCENT, ..OPEN })?;
    let figures = runs::ours(&registrar, "burst", &[accounts, 0])?;
    let again = registrar.counts()?.received as f64 - accounts as f64;
    // Each transmission is lost with p: p + p^2 + p^3 + ... transmissions more, up to the tenth.
    let p = f64::from(LOSS_PERCENT) / 100.0;
    let expected = accounts as f64 * (1..=10).map(|n| p.powi(n)).sum::<f64>();
    println!(
        "{accounts:>9} accounts: {} registered, {} failed; {again:.0} sent again, \
         {expected:.0} expected ({:+.1} %)",
        figures.get("new.done"),
        figures.get("new.failed"),
        100.0 * (again / expected - 1.0)
    );
    Ok(())
}

/// A context in which nothing is to be done.
fn rest(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("at rest");
    for &accounts in setting.sizes.iter().filter(|size| **size == 1000 || **size == setting.most) {
        let registrar = Child::spawn(OPEN)?;
        let figures = runs::ours(&registrar, "rest", &[accounts, WINDOW, setting.seconds()])?;
        println!(
            "{accounts:>9} accounts: automatic_action {:.0} ns; every 10 ms {:.2} % of a core \
             ({:.2} % is sleeping and waking); \
             idle for {} s: {} wake-ups, {} ns of CPU in the library's threads",
            figures.get("nanos"),
            figures.get("percent"),
            figures.get("sleeping"),
            setting.seconds(),
            figures.get("switches"),
            figures.get("ran"),
        );
    }
    Ok(())
}

/// Several threads of the application build and send at once.
fn threads(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("threads that build and send at once, one that takes the events");
    columns();
    let accounts = if setting.quick { 800 } else { 40_000 };
    for threads in [1, 2, 8] {
        let registrar = Child::spawn(OPEN)?;
        let base = raw_udp(setting, &registrar, false, WINDOW)?.get("cpu");
        let figures = runs::ours(&registrar, "threads", &[accounts, WINDOW, threads])?;
        row(&format!("{threads} threads"), "new.", &figures, base, accounts);
    }
    Ok(())
}
