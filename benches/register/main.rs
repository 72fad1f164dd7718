//! `cargo bench`: what a registration costs through the C API, beside the raw UDP floor in the same run.
//!
//! A row is so many accounts of one context, up to 100 REGISTERs in flight. `new` is the first registration of each
//! account, `again` each later one. A challenge makes it two REGISTERs and one digest. The floor sends the same
//! bytes to the same registrar with `sendto` and `recvfrom`, and does nothing else. The registrar is a child process
//! on a core of its own. CPU is that of this process (`getrusage`), so without the registrar's.
//!
//! `cargo bench -- --quick` measures for a moment only, to see that it works.

// The C API and a handful of system calls.
#![allow(unsafe_code)]

mod c_api;
mod floor;
mod measure;
mod registrar;

use c_api::Client;
use measure::Cost;
use registrar::Child;
use std::io;
use std::time::Duration;

const WINDOW: usize = 100;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(mode) = args.iter().position(|a| a == registrar::ARGUMENT) {
        return registrar::serve(args.get(mode + 1).is_some_and(|m| m == registrar::CHALLENGE));
    }
    // `cargo bench` says --bench; `cargo test --benches` does not and only wants to know that this runs.
    let quick = args.iter().any(|a| a == "--quick") || !args.iter().any(|a| a == "--bench");
    let span = Duration::from_millis(if quick { 200 } else { 3000 });
    let many = if quick { 1000 } else { 10_000 };
    let pinned = measure::leave_last_core();

    println!(
        "Registrations through the C API (build, send, event, free) and the raw UDP floor; {} per row{}",
        if quick { "0.2 s" } else { "3 s" },
        if pinned { ", the registrar on a core of its own" } else { "" }
    );
    println!(
        "{:>9} {:>9} {:>6} | {:>9} {:>9} | {:>9} {:>9} | {:>6} {:>6}",
        "accounts", "challenge", "", "reg/s", "CPU us", "floor/s", "CPU us", "speed", "CPU"
    );
    for challenge in [false, true] {
        for accounts in [1, 100, many] {
            row(accounts, challenge, span)?;
        }
    }
    println!("\nspeed: of the floor's registrations/s, how much is left; CPU: how many times the floor's.");
    Ok(())
}

fn row(accounts: usize, challenge: bool, span: Duration) -> io::Result<()> {
    let child = Child::spawn(challenge)?;
    let window = WINDOW.min(accounts);
    let mut client = Client::new(child.address(), accounts)?;
    let new = client.register_all(window)?;
    let again = client.register_again(window, span)?;
    let floor = floor::run(child.address(), client.samples(), window, span)?;
    if accounts > WINDOW {
        print(accounts, challenge, "new", &new, &floor);
    }
    print(accounts, challenge, "again", &again, &floor);
    Ok(())
}

fn print(accounts: usize, challenge: bool, phase: &str, ours: &Cost, floor: &Cost) {
    println!(
        "{accounts:>9} {:>9} {phase:>6} | {:>9.0} {:>9.1} | {:>9.0} {:>9.1} | {:>5.0}% {:>5.1}x",
        if challenge { "yes" } else { "no" },
        ours.per_second(),
        ours.cpu_micros(),
        floor.per_second(),
        floor.cpu_micros(),
        100.0 * ours.per_second() / floor.per_second(),
        ours.cpu_micros() / floor.cpu_micros(),
    );
}
