//! `cargo bench --bench instructions`: what a registration takes, counted by callgrind.
//!
//! First the steps of it, then whole registrations by four programs, without and with a digest
//! challenge: instructions and calls of malloc in all threads, and the memory of each registration
//! at rest. The counts hardly depend on the machine, and not on its load. They are compared with
//! `instructions.txt`: a step that has grown by more than a tenth is an error, and so is the worst
//! of the four programs; and a call or a subscription that takes more registrations, or more bytes
//! while it stands, than `exchanges.rs` says. After a change that is worth its price:
//! `REGISTER_BLESS=1`.

// The C API and a handful of system calls.
#![allow(unsafe_code)]

mod agent;
#[path = "../shared/api.rs"]
#[allow(dead_code)]
mod api;
mod calls;
mod context;
mod counting;
mod exchanges;
#[path = "../shared/measure.rs"]
#[allow(dead_code)]
mod measure;
mod peer;
mod programs;
#[path = "../shared/registrar.rs"]
#[allow(dead_code)]
mod registrar;
mod steps;
mod subscriptions;
mod table;
mod valgrind;

use exchanges::COUNTED;
use programs::KINDS;
use std::io;
use table::{Memory, Row, Table};

/// So much more than is checked in is an error.
const GROWTH: f64 = 1.1;
/// The memory depends a little on the load: so much more of it is an error.
const MEMORY_GROWTH: f64 = 1.25;
/// No program is to take so many times the instructions of another.
const RATIO: f64 = 1.25;

/// The functions whose work is counted, how often that is done, and their names in the table.
const STEPS: [(&str, usize, &str); 6] = [
    ("counted_build_and_send", 200, "build and send"),
    ("counted_200", 200, "a 200 taken (agent)"),
    ("counted_401", 200, "a 401 answered (agent)"),
    ("counted_event", 200, "an event made and freed"),
    ("counted_rest", 1000, "automatic_action, 10,000 at rest"),
    ("counted_registrar", 200, "the registrar, in each answer below"),
];
/// Whole registrations that are counted.
const REGISTRATIONS: usize = 500;
/// Memory for each registration is that of a context with so few, and what each more takes up to so
/// many.
const FEW: usize = 1_000;
const MANY: usize = 21_000;
/// Whole calls or subscriptions that are counted.
const EXCHANGES: usize = 250;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args[i].parse::<usize>().map_err(io::Error::other);
    let kind = |i: usize| number(i).map(|kind| KINDS[kind % KINDS.len()].0);
    let exchange = |i: usize| number(i).map(|i| &COUNTED[i % COUNTED.len()]);
    match args.first().map(String::as_str) {
        Some(valgrind::STEP) => return steps::run_step(&args[1], number(2)?),
        Some(valgrind::PROGRAM) => {
            return steps::run_program(kind(1)?, number(2)? != 0, number(3)?);
        }
        Some(valgrind::TO_REST) => {
            return steps::run_to_rest(kind(1)?, number(2)? != 0, number(3)?);
        }
        Some(valgrind::WHOLE) => return exchanges::run_whole(exchange(1)?, number(2)?),
        Some(valgrind::STANDING) => return exchanges::run_standing(exchange(1)?, number(2)?),
        _ => {}
    }
    if !args.iter().any(|a| a == "--bench") {
        return Ok(()); // cargo test --benches
    }
    if !valgrind::installed() {
        println!("valgrind is not installed: nothing counted");
        return Ok(());
    }
    let mut table = Table::new()?;
    for (step, count, name) in STEPS {
        let (instructions, mallocs) = valgrind::count_step(step, count)?;
        let grown = table.add(Row { name: name.to_owned(), instructions, mallocs, memory: None });
        table.fail_if(grown, &format!("{name}: more instructions than checked in"));
    }
    let mut as_built = 0.0;
    for challenge in [false, true] {
        let first = programs(&mut table, challenge)?;
        as_built = if challenge { as_built } else { first };
    }
    exchanges(&mut table, as_built)?;
    table.end()
}

/// The rows of the four programs; what the first takes.
fn programs(table: &mut Table, challenge: bool) -> io::Result<f64> {
    let with = if challenge { "with challenge" } else { "without challenge" };
    println!("-- a whole registration {with}: all threads");
    let memory = valgrind::memory_at_rest(challenge)?;
    let mut rows = Vec::new();
    for (i, (_, name)) in KINDS.iter().enumerate() {
        let (instructions, mallocs) = valgrind::count_program(i, challenge)?;
        let row =
            Row { name: format!("{with}, {name}"), instructions, mallocs, memory: Some(memory[i]) };
        table.add(row.clone());
        rows.push(row);
    }
    table.compare_worst(with, &rows);
    Ok(rows[0].instructions)
}

/// Calls and subscriptions each way, with their events; and the memory of those that stand.
fn exchanges(table: &mut Table, registration: f64) -> io::Result<()> {
    println!("-- a whole call or subscription, with the other user agent in the same thread");
    let mut standing = valgrind::memory_of_standing()?.into_iter();
    for (i, counted) in COUNTED.iter().enumerate() {
        let (instructions, mallocs) = valgrind::count_exchange(i)?;
        let (name, most) = (counted.name, counted.most_registrations);
        let memory = counted.standing.as_ref().and_then(|most| Some((most, standing.next()?)));
        let resident = memory.map(|(_, [resident, _])| resident);
        let grown =
            table.add(Row { name: name.to_owned(), instructions, mallocs, memory: resident });
        table.fail_if(grown, &format!("{name}: more instructions than checked in"));
        let times = instructions / registration;
        println!("   {name}: {times:.2} x a registration, {most} x at most");
        table.fail_if(times > most, &format!("{name}: {times:.2} x a registration"));
        for (most, Memory { more, .. }, of) in memory.into_iter().flat_map(|(most, memory)| {
            let [resident, allocated] = memory;
            [(most.resident, resident, "in RAM"), (most.allocated, allocated, "allocated")]
        }) {
            let text = format!("{name}: {more:.0} bytes {of} while it stands");
            println!("   {text}, {most:.0} at most");
            table.fail_if(more > most, &text);
        }
    }
    Ok(())
}
