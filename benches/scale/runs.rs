//! The processes that are measured: C programs, and this program as a client. They print their
//! figures in lines of a name and a number.

use super::client::{Client, Outcome};
use super::programs::Program;
use super::registrar::Child;
use super::{measure, raw_udp};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const ARGUMENT: &str = "--client";
/// Until every transaction is over (Timer K is 5 s): then the registrations are at rest.
const TO_REST: Duration = Duration::from_millis(5600);

/// What a process printed.
pub(crate) struct Figures(HashMap<String, f64>);

impl Figures {
    /// 0 for what was not printed.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }

    pub(crate) fn set(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    /// Of each figure the one in the middle; of those that were done the fewest.
    pub(crate) fn middle(all: &[Figures]) -> Figures {
        let names = all.iter().flat_map(|figures| figures.0.keys());
        let value = |name: &String| {
            let mut values: Vec<f64> = all.iter().map(|figures| figures.get(name)).collect();
            values.sort_by(f64::total_cmp);
            let place = if name.ends_with("done") { 0 } else { values.len() / 2 };
            values[place]
        };
        Figures(names.map(|name| (name.clone(), value(name))).collect())
    }
}

/// Runs this program as a client of `registrar`.
pub(crate) fn ours(registrar: &Child, what: &str, numbers: &[usize]) -> io::Result<Figures> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([ARGUMENT, what, &registrar.address().to_string()]);
    figures(command.args(numbers.iter().map(ToString::to_string)))
}

/// Runs a C program: `accounts` with so many under way, for at most `seconds`.
pub(crate) fn program(
    program: &Program,
    registrar: &Child,
    accounts: usize,
    window: usize,
    seconds: usize,
) -> io::Result<Figures> {
    program_with(&program.path, program.words, registrar, accounts, window, seconds)
}

/// The same, with these words in place of the program's.
pub(crate) fn program_with(
    path: &Path,
    words: &[&str],
    registrar: &Child,
    accounts: usize,
    window: usize,
    seconds: usize,
) -> io::Result<Figures> {
    let numbers = [usize::from(registrar.address().port()), accounts, window, seconds];
    figures(Command::new(path).args(numbers.map(|number| number.to_string())).args(words))
}

/// Runs the command and reads the figures that it prints.
fn figures(command: &mut Command) -> io::Result<Figures> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?}: {}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let (name, number) = line.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    Ok(Figures(text.lines().filter_map(line).collect()))
}

/// The client's side of [`ours`].
pub(crate) fn client(words: &[String]) -> io::Result<()> {
    let [what, address, rest @ ..] = words else {
        return Err(io::Error::other("what, address, numbers"));
    };
    let address = address.parse().map_err(io::Error::other)?;
    let number = |i: usize| rest.get(i).and_then(|word| word.parse::<usize>().ok()).unwrap_or(0);
    let (accounts, window) = (number(0), number(1));
    if what == "raw_udp" {
        let span = Duration::from_millis(number(0) as u64);
        let raw = raw_udp::run(address, number(2) != 0, window, span)?;
        print("cpu", raw.cost.cpu_micros());
        print("rate", raw.cost.count as f64 / raw.cost.wall.as_secs_f64());
        print("done", raw.cost.count as f64);
        print("p50", raw.p50);
        print("p99", raw.p99);
        return Ok(());
    }
    #[cfg(feature = "tls")]
    if what == "bare_streams" {
        let (tls, each) = (number(2) != 0, number(3) != 0);
        let bare = super::bare_streams::run(address, tls, each, (accounts, window))?;
        print("cpu", bare.cost.cpu_micros());
        print("rate", bare.cost.count as f64 / bare.cost.wall.as_secs_f64());
        print("done", bare.cost.count as f64);
        print("resident", bare.resident);
        return Ok(());
    }
    let mut client = Client::new(address)?;
    match what.as_str() {
        "burst" => print_outcome("new", &client.register(accounts, usize::MAX)?),
        "one" => {
            client.register(accounts + 1, window)?;
            if accounts > 5000 {
                measure::pause(TO_REST);
            }
            let (p50, p99) = client.one_at_a_time(number(2))?;
            print("p50", p50);
            print("p99", p99);
        }
        "wave" => {
            print_outcome("new", &client.register(accounts, window)?);
            print_outcome("wave", &client.renewals()?);
        }
        "rest" => {
            client.register(accounts, window)?;
            // Until Timer K of the last has fired, the thread has reason to wake.
            measure::pause(TO_REST);
            at_rest(&client, number(2));
        }
        "threads" => print_outcome("new", &client.register_from(number(2), accounts, window)?),
        _ => return Err(io::Error::other(format!("no such run: {what}"))),
    }
    Ok(())
}

/// What a context costs that has nothing to do.
fn at_rest(client: &Client, seconds: usize) {
    let calls = 200_000;
    let watch = measure::Watch::start();
    for _ in 0..calls {
        client.automatic_action();
    }
    print("nanos", watch.stop(calls).cpu_micros() * 1000.0);

    let watch = measure::Watch::start();
    for _ in 0..seconds * 100 {
        client.automatic_action();
        measure::pause(Duration::from_millis(10));
    }
    let cost = watch.stop(1);
    print("percent", 100.0 * cost.cpu.as_secs_f64() / cost.wall.as_secs_f64());
    // The same pauses without the library, to be taken off.
    let watch = measure::Watch::start();
    for _ in 0..seconds * 100 {
        measure::pause(Duration::from_millis(10));
    }
    let cost = watch.stop(1);
    print("sleeping", 100.0 * cost.cpu.as_secs_f64() / cost.wall.as_secs_f64());

    let me = std::process::id().to_string();
    let before = measure::activity(&me);
    measure::pause(Duration::from_secs(seconds as u64));
    let after = measure::activity(&me);
    print("switches", (after.0 - before.0) as f64);
    print("ran", (after.1 - before.1) as f64);
}

fn print_outcome(name: &str, outcome: &Outcome) {
    let figures = [
        ("cpu", outcome.cost.cpu_micros()),
        ("rate", outcome.done as f64 / outcome.cost.wall.as_secs_f64()),
        ("p50", outcome.p50),
        ("p99", outcome.p99),
        ("done", outcome.done as f64),
        ("failed", outcome.failed as f64),
    ];
    for (figure, value) in figures {
        print(&format!("{name}.{figure}"), value);
    }
}

fn print(name: &str, value: f64) {
    println!("{name} {value}");
}
