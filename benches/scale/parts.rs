//! The parts of the table.

use super::drawing::Curve;
use super::peers;
use super::peers::Peer;
use super::registrar::{Behaviour, Child};
use super::runs::{self, Figures};
use std::io;

/// Registrations in flight.
pub(crate) const WINDOW: usize = 100;
/// So many of a hundred REGISTERs get lost in that part.
const LOSS: u32 = 30;
/// A run of another library takes so long at most.
const PATIENCE: usize = 20;

/// How much of it.
pub(crate) struct Setting {
    quick: bool,
    sizes: Vec<usize>,
    most: usize,
    peers: Vec<Peer>,
}

impl Setting {
    pub(crate) fn new(quick: bool) -> io::Result<Self> {
        let sizes =
            if quick { vec![200, 2000] } else { vec![1, 100, 1000, 10_000, 50_000, 100_000] };
        let most = sizes.last().copied().unwrap_or(0);
        Ok(Self { quick, sizes, most, peers: peers::build()? })
    }

    /// Milliseconds for the floor.
    fn span(&self) -> usize {
        if self.quick { 100 } else { 800 }
    }

    fn seconds(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }
}

type Part = fn(&Setting, &mut Vec<Curve>) -> io::Result<()>;

/// All parts, with the names that `--only` takes.
pub(crate) const ALL: [(&str, Part); 7] = [
    ("cost", cost),
    ("one", one),
    ("burst", burst),
    ("wave", wave),
    ("loss", loss),
    ("rest", rest),
    ("threads", threads),
];

const OPEN: Behaviour = Behaviour { challenge: false, loss_percent: 0, first_expires: 0 };

fn head(title: &str) {
    println!("\n== {title}");
}

fn floor(
    setting: &Setting,
    registrar: &Child,
    challenge: bool,
    window: usize,
) -> io::Result<Figures> {
    runs::ours(registrar, "floor", &[setting.span(), window, usize::from(challenge)])
}

/// A row of the table about cost, beside its floor.
fn row(name: &str, phase: &str, figures: &Figures, floor: f64, accounts: usize) {
    let get = |what: &str| figures.get(&format!("{phase}{what}"));
    let missing = accounts as f64 - get("done");
    println!(
        "{accounts:>9} {name:<22} {:>9.1} {:>8.1}x {:>9.0} {:>10.0} {:>10.0} {missing:>8.0}",
        get("cpu"),
        get("cpu") / floor,
        get("rate"),
        get("p50"),
        get("p99"),
    );
}

/// So few accounts are measured for themselves, and not drawn.
const FEW: usize = 100;

/// CPU for each registration over the number of accounts, and memory for each account.
fn cost(setting: &Setting, curves: &mut Vec<Curve>) -> io::Result<()> {
    for challenge in [false, true] {
        head(if challenge { "with a digest challenge" } else { "without challenge" });
        println!(
            "{:>9} {:<22} {:>9} {:>9} {:>9} {:>10} {:>10} {:>8}",
            "accounts", "", "CPU us", "of floor", "reg/s", "p50 us", "p99 us", "missing"
        );
        // The floor sends one by one and keeps the registrar busy, so it never pays for waking it; whoever sends many at once lets it
        // sleep in between. What a wake costs is the machine's and not the client's: it is in a row of its own.
        let registrar = Child::spawn(Behaviour { challenge, ..OPEN })?;
        let sleeper = Child::spawn(Behaviour { challenge, ..OPEN })?;
        let mut floors = Curve::new("raw UDP", challenge);
        let mut ours = Curve::new("libregister", challenge);
        let mut others: Vec<_> =
            setting.peers.iter().map(|peer| Curve::new(peer.name, challenge)).collect();
        let mut memory = Vec::new();
        for &accounts in &setting.sizes {
            // A few milliseconds say little, and a neighbour on the machine may take some of them: the middle of several.
            let times = match accounts {
                few if few <= FEW => 21,
                some if some <= 10_000 => 5,
                _ => 3,
            };
            let before = floor(setting, &registrar, challenge, WINDOW)?;
            let measured = !setting.quick && accounts > 1000;
            let numbers = [accounts, WINDOW, usize::from(measured)];
            let life = middle(times, || runs::ours(&registrar, "life", &numbers))?;
            let after = floor(setting, &registrar, challenge, WINDOW)?;
            // The machine is not the same from minute to minute: the floor before and after, half of each.
            let base = (before.get("cpu") + after.get("cpu")) / 2.0;
            println!(
                "{accounts:>9} {:<22} {base:>9.1} {:>9} {:>9.0}",
                "raw UDP",
                "",
                after.get("rate")
            );
            row("libregister", "new.", &life, base, accounts);
            row("  refreshed", "renew.", &life, base, accounts);
            row("  unregistered", "gone.", &life, base, accounts);
            if accounts <= FEW {
                continue;
            }
            let numbers = [accounts, WINDOW, 0];
            let beside = middle(times, || runs::ours(&sleeper, "life", &numbers))?;
            row("  with wakes", "new.", &beside, base, accounts);
            floors.points.push((accounts, base));
            ours.points.push((accounts, life.get("new.cpu")));
            if measured {
                memory.push((accounts as f64, life.get("resident")));
            }
            for (peer, curve) in setting.peers.iter().zip(&mut others) {
                if curve.over {
                    continue;
                }
                let patience = if setting.quick { 2 } else { PATIENCE };
                let run = || runs::peer(&peer.program, &registrar, accounts, WINDOW, patience);
                // They take long enough.
                let figures = middle(if accounts > 1000 { 1 } else { times }, run)?;
                row(peer.name, "", &figures, base, accounts);
                curve.over = (figures.get("done") as usize) < accounts;
                curve.points.push((accounts, figures.get("cpu")));
                curve.memory = figures.get("resident");
            }
        }
        capacity(setting, &sleeper, challenge)?;
        let (first, last) = (ours.points.first(), ours.points.last());
        if let (Some(first), Some(last)) = (first, last) {
            println!(
                "libregister: {} accounts cost {:.2} times what {} do, each",
                last.0,
                last.1 / first.1,
                first.0
            );
        }
        if let [few, .., many] = memory.as_slice() {
            let each = (many.1 - few.1) / (many.0 - few.0);
            println!(
                "libregister: {each:.0} bytes at rest for each account more, from {} to {}",
                few.0, many.0
            );
        }
        for curve in &others {
            println!("{}: {:.0} bytes for each account of its last row", curve.name, curve.memory);
        }
        curves.extend([floors, ours]);
        curves.extend(others);
    }
    Ok(())
}

/// Runs `run` so many times; see [`Figures::middle`].
fn middle(times: usize, run: impl Fn() -> io::Result<Figures>) -> io::Result<Figures> {
    Ok(Figures::middle(&(0..times).map(|_| run()).collect::<io::Result<Vec<_>>>()?))
}

/// The registrar is not what is measured.
fn capacity(setting: &Setting, registrar: &Child, challenge: bool) -> io::Result<()> {
    let before = registrar.counts()?;
    floor(setting, registrar, challenge, WINDOW)?;
    let after = registrar.counts()?;
    let each = (after.cpu - before.cpu) as f64 / (after.received - before.received).max(1) as f64;
    let most = 1e6 / each / if challenge { 2.0 } else { 1.0 };
    println!(
        "the registrar: {each:.1} us of its core for each REGISTER, so up to {most:.0} registrations/s"
    );
    Ok(())
}

/// From send to event, when nothing else is under way.
fn one(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("one registration at a time, send to event");
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "", "p50 us", "of raw", "p99 us", "of raw");
    let registrar = Child::spawn(OPEN)?;
    let times = if setting.quick { 200 } else { 5000 };
    // The slowest of a hundred are quickly somebody else's doing.
    let runs = if setting.quick { 1 } else { 3 };
    let raw = middle(runs, || floor(setting, &registrar, false, 1))?;
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
        line(
            peer.name,
            &middle(runs, || runs::peer(&peer.program, &registrar, times, 1, PATIENCE))?,
        );
    }
    Ok(())
}

/// All sent at once: nobody but the library paces.
fn burst(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("all sent at once, no window");
    for &accounts in setting.sizes.iter().filter(|size| **size > 1000) {
        let registrar = Child::spawn(OPEN)?;
        let base = floor(setting, &registrar, false, WINDOW)?.get("cpu");
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
    head("a wave of refreshes, by eXosip_automatic_action alone");
    let grant = if setting.quick { 8 } else { 25 };
    let registrar = Child::spawn(Behaviour { first_expires: grant, ..OPEN })?;
    let base = floor(setting, &registrar, false, WINDOW)?.get("cpu");
    let figures = runs::ours(&registrar, "wave", &[setting.most, WINDOW])?;
    row("libregister, new", "new.", &figures, base, setting.most);
    row("  refreshed", "wave.", &figures, base, setting.most);
    Ok(())
}

/// Some of the REGISTERs get lost.
fn loss(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    let accounts = if setting.quick { 30 } else { 10_000 };
    head(&format!("{LOSS} % of the REGISTERs get lost, all sent at once"));
    let registrar = Child::spawn(Behaviour { loss_percent: LOSS, ..OPEN })?;
    let figures = runs::ours(&registrar, "burst", &[accounts, 0])?;
    let again = registrar.counts()?.received as f64 - accounts as f64;
    // Each transmission is lost with p: p + p^2 + p^3 + ... transmissions more, up to the tenth.
    let p = f64::from(LOSS) / 100.0;
    let expected = accounts as f64 * (1..=10).map(|n| p.powi(n)).sum::<f64>();
    println!(
        "{accounts:>9} accounts: {} registered, {} failed; {again:.0} sent again, {expected:.0} expected ({:+.1} %)",
        figures.get("new.done"),
        figures.get("new.failed"),
        100.0 * (again / expected - 1.0)
    );
    Ok(())
}

/// Nothing to do.
fn rest(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("at rest");
    for &accounts in setting.sizes.iter().filter(|size| **size == 1000 || **size == setting.most) {
        let registrar = Child::spawn(OPEN)?;
        let figures = runs::ours(&registrar, "rest", &[accounts, WINDOW, setting.seconds()])?;
        println!(
            "{accounts:>9} accounts: automatic_action {:.0} ns; every 10 ms {:.2} % of a core ({:.2} % is sleeping and waking); \
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
    let accounts = if setting.quick { 800 } else { 40_000 };
    for threads in [1, 2, 8] {
        let registrar = Child::spawn(OPEN)?;
        let base = floor(setting, &registrar, false, WINDOW)?.get("cpu");
        let figures = runs::ours(&registrar, "threads", &[accounts, WINDOW, threads])?;
        row(&format!("{threads} threads"), "new.", &figures, base, accounts);
    }
    Ok(())
}
