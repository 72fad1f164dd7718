//! What an account costs over TCP and TLS, beside UDP: over one flow for all, and over one for
//! each; each beside a bare client with the same bytes, of the same round.

use super::drawing::Curve;
use super::parts::{OPEN, Setting, head, raw_udp};
use super::registrar::Child;
use super::runs::{self, Figures};
use super::stream_registrar;
use std::io;

/// Registrations under way.
const WINDOW: usize = 16;
/// A run takes so many seconds at most.
const LIMIT: usize = 120;

/// A way to register, and what plain.c is told for it.
struct Way {
    name: &'static str,
    bare: &'static str,
    words: &'static [&'static str],
}

const WAYS: [Way; 5] = [
    Way { name: "UDP", bare: "raw UDP", words: &[] },
    Way { name: "TCP, one flow", bare: "bare TCP", words: &["tcp"] },
    Way { name: "TCP, one each", bare: "bare TCP", words: &["tcp", "each"] },
    Way { name: "TLS, one flow", bare: "bare rustls", words: &["tls"] },
    Way { name: "TLS, one each", bare: "bare rustls", words: &["tls", "each"] },
];

/// CPU and memory of an account over each way.
pub(crate) fn streams(setting: &Setting, _: &mut Vec<Curve>) -> io::Result<()> {
    head("over streams; target: at most 4 x the bare client");
    println!(
        "{:>8} {:<28} {:>8} {:>7} {:>8} {:>7} {:>7}",
        "accounts", "", "CPU us", "x bare", "reg/s", "bytes", "missing"
    );
    raise_descriptors();
    let udp = Child::spawn(OPEN)?;
    for way in &WAYS {
        let has = |word: &str| way.words.contains(&word);
        let (tls, each) = (has("tls"), has("each"));
        let most = if tls && each { 1000 } else { 10_000 };
        let accounts = most.min(setting.most) / if setting.quick { 10 } else { 1 };
        let own = if way.words.is_empty() { None } else { Some(stream_registrar::spawn(tls)?) };
        let registrar = own.as_ref().unwrap_or(&udp);
        let (mut bare, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..if setting.quick { 1 } else { 5 } {
            let base = if own.is_some() {
                let numbers = [accounts, WINDOW, usize::from(tls), usize::from(each)];
                runs::ours(registrar, "bare_streams", &numbers)?
            } else {
                raw_udp(setting, registrar, false, WINDOW)?
            };
            let path = &setting.plain[0].path;
            let mut figures =
                runs::program_with(path, way.words, registrar, accounts, WINDOW, LIMIT)?;
            figures.set("times_bare", figures.get("cpu") / base.get("cpu"));
            bare.push(base);
            ours.push(figures);
        }
        let (bare, ours) = (Figures::middle(&bare), Figures::middle(&ours));
        println!(
            "{accounts:>8} {:<28} {:>8.1} {:>7} {:>8.0} {:>7.0}",
            format!("{}: {}", way.name, way.bare),
            bare.get("cpu"),
            "",
            bare.get("rate"),
            bare.get("resident"),
        );
        println!(
            "{accounts:>8} {:<28} {:>8.1} {:>6.2}x {:>8.0} {:>7.0} {:>7.0}",
            format!("{}: libregister", way.name),
            ours.get("cpu"),
            ours.get("times_bare"),
            ours.get("rate"),
            ours.get("resident"),
            accounts as f64 - ours.get("done"),
        );
    }
    Ok(())
}

/// As many descriptors as the system allows, for the children too.
fn raise_descriptors() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a struct that outlives both calls.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
    }
}
