//! CPU of a registration, by the plainest program and by the clients of other libraries, over raw
//! UDP.

use super::drawing::Curve;
use super::parts::{OPEN, Setting, head, raw_udp};
use super::programs::Program;
use super::registrar::{Behaviour, Child};
use super::runs::{self, Figures};
use std::io;

/// Registrations under way. With fewer, raw UDP sleeps after each datagram as well; with more,
/// answers wait for the program and it takes many at once. Without challenge the library is the
/// farthest from raw UDP here.
pub(crate) const WINDOW: usize = 16;
/// What is compared with other numbers under way.
const WINDOWS: [usize; 5] = [1, 4, 16, 64, 256];
/// A run of a program takes so many seconds at most; of another library, so many.
const LIMIT: usize = 120;
const PEER_LIMIT: usize = 20;

/// The head of the tables.
fn columns() {
    println!(
        "{:>8} {:>6} {:<24} {:>7} {:>7} {:>8} {:>8} {:>8} {:>7} {:>7}",
        "accounts",
        "window",
        "",
        "CPU us",
        "x raw",
        "reg/s",
        "p50 us",
        "p99 us",
        "bytes",
        "missing"
    );
}

fn raw_row(accounts: usize, window: usize, figures: &Figures) {
    let (cpu, rate) = (figures.get("cpu"), figures.get("rate"));
    println!("{accounts:>8} {window:>6} {:<24} {cpu:>7.1} {:>7} {rate:>8.0}", "raw UDP", "");
}

/// `bytes` is the memory for each account when the last has its answer.
fn row(name: &str, accounts: usize, window: usize, figures: &Figures) {
    let get = |what: &str| figures.get(what);
    println!(
        "{accounts:>8} {window:>6} {name:<24} {:>7.1} {:>6.2}x {:>8.0} {:>8.0} {:>8.0} {:>7.0} \
         {:>7.0}",
        get("cpu"),
        get("times_raw"),
        get("rate"),
        get("p50"),
        get("p99"),
        get("resident"),
        accounts as f64 - get("done"),
    );
}

/// Runs raw UDP and then each program, so many times in turn: the middle of each figure. A
/// neighbour on the machine disturbs them alike, and each is compared with the raw UDP of its own
/// round.
fn rounds(
    times: usize,
    setting: &Setting,
    registrar: &Child,
    challenge: bool,
    (accounts, window): (usize, usize),
    programs: &[Program],
) -> io::Result<Vec<Figures>> {
    let mut all: Vec<Vec<Figures>> = (0..=programs.len()).map(|_| Vec::new()).collect();
    for _ in 0..times {
        let raw = raw_udp(setting, registrar, challenge, window)?;
        let base = raw.get("cpu");
        all[0].push(raw);
        for (program, runs) in programs.iter().zip(&mut all[1..]) {
            let mut figures = runs::program(program, registrar, accounts, window, LIMIT)?;
            figures.set("times_raw", figures.get("cpu") / base);
            runs.push(figures);
        }
    }
    Ok(all.iter().map(|runs| Figures::middle(runs)).collect())
}

/// CPU for each registration over the number of accounts, and memory for each account.
pub(crate) fn cost(setting: &Setting, curves: &mut Vec<Curve>) -> io::Result<()> {
    for challenge in [false, true] {
        head(if challenge {
            "with a digest challenge; target: at most 3.5 x raw UDP for both programs"
        } else {
            "without challenge; target: at most 4.5 x raw UDP for both programs"
        });
        columns();
        let registrar = Child::spawn(Behaviour { challenge, ..OPEN })?;
        let mut raw = Curve::new("raw UDP", challenge);
        let mut ours = setting.plain.each_ref().map(|program| Curve::new(program.name, challenge));
        let mut others: Vec<_> =
            setting.peers.iter().map(|peer| Curve::new(peer.name, challenge)).collect();
        for &accounts in &setting.sizes {
            let times = if setting.quick { 1 } else { 5 };
            let size = (accounts, WINDOW);
            let figures = rounds(times, setting, &registrar, challenge, size, &setting.plain)?;
            raw_row(accounts, WINDOW, &figures[0]);
            raw.points.push((accounts, figures[0].get("cpu")));
            for ((program, curve), figures) in
                setting.plain.iter().zip(&mut ours).zip(&figures[1..])
            {
                row(program.name, accounts, WINDOW, figures);
                curve.points.push((accounts, figures.get("cpu")));
            }
            for (peer, curve) in setting.peers.iter().zip(&mut others) {
                if curve.over {
                    continue;
                }
                let limit = if setting.quick { 2 } else { PEER_LIMIT };
                let mut figures = runs::program(peer, &registrar, accounts, WINDOW, limit)?;
                figures.set("times_raw", figures.get("cpu") / raw.points[raw.points.len() - 1].1);
                row(peer.name, accounts, WINDOW, &figures);
                curve.over = (figures.get("done") as usize) < accounts;
                curve.points.push((accounts, figures.get("cpu")));
            }
        }
        for curve in &ours {
            flatness(curve);
        }
        if !setting.quick {
            at_rest(setting, &registrar)?;
        }
        capacity(setting, &registrar, challenge)?;
        curves.push(raw);
        curves.extend(ours);
        curves.extend(others);
    }
    Ok(())
}

/// The same with other numbers of registrations under way.
pub(crate) fn window(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    let accounts = if setting.quick { 500 } else { 10_000 };
    for challenge in [false, true] {
        head(if challenge {
            "other numbers under way, with a digest challenge"
        } else {
            "other numbers under way, without challenge"
        });
        columns();
        let registrar = Child::spawn(Behaviour { challenge, ..OPEN })?;
        for &window in if setting.quick { &WINDOWS[..1] } else { &WINDOWS[..] } {
            let times = if setting.quick { 1 } else { 3 };
            let size = (accounts, window);
            let figures = rounds(times, setting, &registrar, challenge, size, &setting.plain)?;
            raw_row(accounts, window, &figures[0]);
            for (program, figures) in setting.plain.iter().zip(&figures[1..]) {
                row(program.name, accounts, window, figures);
            }
        }
    }
    Ok(())
}

/// How the cost of each grows from a tenth of the most accounts to the most.
fn flatness(curve: &Curve) {
    if let [.., some, many] = curve.points.as_slice() {
        println!(
            "{}: a registration among {} costs {:.2} times one among {}",
            curve.name,
            many.0,
            many.1 / some.1,
            some.0
        );
    }
}

/// Memory of each account more when every transaction is over.
fn at_rest(setting: &Setting, registrar: &Child) -> io::Result<()> {
    let (few, many) = (setting.most / 10, setting.most);
    for program in &setting.plain {
        let resident = |accounts| -> io::Result<f64> {
            let words = [program.words, &["rest"]].concat();
            let figures =
                runs::program_with(&program.path, &words, registrar, accounts, WINDOW, LIMIT)?;
            Ok(figures.get("at_rest"))
        };
        let each = (resident(many)? - resident(few)?) / (many - few) as f64;
        println!(
            "{}: {each:.0} bytes at rest for each account more, from {few} to {many}",
            program.name
        );
    }
    Ok(())
}

/// The registrar is not what is measured.
fn capacity(setting: &Setting, registrar: &Child, challenge: bool) -> io::Result<()> {
    let before = registrar.counts()?;
    raw_udp(setting, registrar, challenge, WINDOW)?;
    let after = registrar.counts()?;
    let each = (after.cpu - before.cpu) as f64 / (after.received - before.received).max(1) as f64;
    let most = 1e6 / each / if challenge { 2.0 } else { 1.0 };
    println!(
        "the registrar: {each:.1} us of its core for each REGISTER, so up to {most:.0} \
         registrations/s"
    );
    Ok(())
}
