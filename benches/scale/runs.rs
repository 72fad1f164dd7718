//! The processes that are measured: this program as a client, and the other libraries' clients. They tell their
//! figures in lines of a name and a number.

use super::client::{Client, Outcome};
use super::registrar::Child;
use super::{floor, measure};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const ARGUMENT: &str = "--client";
/// Until every transaction is over (Timer K is 5 s): then the registrations are at rest.
const TO_REST: Duration = Duration::from_millis(5600);

/// What a process told.
pub(crate) struct Figures(HashMap<String, f64>);

impl Figures {
    /// 0 for what was not told.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
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
    told(command.args(numbers.iter().map(ToString::to_string)))
}

/// Runs the client of another library: `accounts` with so many in flight, for at most `seconds`.
pub(crate) fn peer(
    program: &Path,
    registrar: &Child,
    accounts: usize,
    window: usize,
    seconds: usize,
) -> io::Result<Figures> {
    let port = usize::from(registrar.address().port());
    told(
        Command::new(program)
            .args([port, accounts, window, seconds].map(|number| number.to_string())),
    )
}

fn told(command: &mut Command) -> io::Result<Figures> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?}: {}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        Some((line.split(' ').next()?.to_owned(), line.split(' ').nth(1)?.parse().ok()?))
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
    if what == "floor" {
        let span = Duration::from_millis(number(0) as u64);
        let floor = floor::run(address, number(2) != 0, window, span)?;
        say("cpu", floor.cost.cpu_micros());
        say("rate", floor.cost.count as f64 / floor.cost.wall.as_secs_f64());
        say("done", floor.cost.count as f64);
        say("p50", floor.p50);
        say("p99", floor.p99);
        return Ok(());
    }
    let mut client = Client::new(address)?;
    match what.as_str() {
        // Registered, at rest if wanted, renewed, unregistered.
        "life" => {
            tell("new", &client.register(accounts, window)?);
            if number(2) != 0 {
                measure::pause(TO_REST);
                client.look();
                say("resident", measure::resident() as f64);
            }
            tell("renew", &client.renew(3600, window)?);
            tell("gone", &client.renew(0, window)?);
        }
        "burst" => tell("new", &client.register(accounts, usize::MAX)?),
        "one" => {
            client.register(accounts + 1, window)?;
            if accounts > 5000 {
                measure::pause(TO_REST);
            }
            let (p50, p99) = client.one_at_a_time(number(2))?;
            say("p50", p50);
            say("p99", p99);
        }
        "wave" => {
            tell("new", &client.register(accounts, window)?);
            tell("wave", &client.renewals()?);
        }
        "rest" => {
            client.register(accounts, window)?;
            // Until Timer K of the last has fired, the thread has reason to wake.
            measure::pause(TO_REST);
            at_rest(&client, number(2));
        }
        "threads" => tell("new", &client.register_from(number(2), accounts, window)?),
        _ => return Err(io::Error::other(format!("no such run: {what}"))),
    }
    Ok(())
}

/// What a context costs that has nothing to do.
fn at_rest(client: &Client, seconds: usize) {
    let calls = 200_000;
    let watch = measure::Watch::start();
    for _ in 0..calls {
        client.look();
    }
    say("nanos", watch.stop(calls).cpu_micros() * 1000.0);

    let watch = measure::Watch::start();
    for _ in 0..seconds * 100 {
        client.look();
        measure::pause(Duration::from_millis(10));
    }
    let cost = watch.stop(1);
    say("percent", 100.0 * cost.cpu.as_secs_f64() / cost.wall.as_secs_f64());
    // The same pauses without the library, to be taken off.
    let watch = measure::Watch::start();
    for _ in 0..seconds * 100 {
        measure::pause(Duration::from_millis(10));
    }
    let cost = watch.stop(1);
    say("sleeping", 100.0 * cost.cpu.as_secs_f64() / cost.wall.as_secs_f64());

    let me = std::process::id().to_string();
    let before = measure::activity(&me);
    measure::pause(Duration::from_secs(seconds as u64));
    let after = measure::activity(&me);
    say("switches", (after.0 - before.0) as f64);
    say("ran", (after.1 - before.1) as f64);
}

fn tell(name: &str, outcome: &Outcome) {
    let figures = [
        ("cpu", outcome.cost.cpu_micros()),
        ("rate", outcome.done as f64 / outcome.cost.wall.as_secs_f64()),
        ("p50", outcome.p50),
        ("p99", outcome.p99),
        ("done", outcome.done as f64),
        ("failed", outcome.failed as f64),
    ];
    for (figure, value) in figures {
        say(&format!("{name}.{figure}"), value);
    }
}

fn say(name: &str, value: f64) {
    println!("{name} {value}");
}
