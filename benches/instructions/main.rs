//! `cargo bench --bench instructions`: what a registration takes, counted by callgrind.
//!
//! First the steps of it, then whole registrations by four programs, without and with a digest
//! challenge: instructions and calls of malloc in all threads, and the memory of each registration
//! at rest. The counts hardly depend on the machine, and not on its load. They are compared with
//! `instructions.txt`: a step that has grown by more than a tenth is an error, and so is the worst
//! of the four programs; and a call that takes more than four registrations. After a change that is
//! worth its price: `REGISTER_BLESS=1`.

// The C API and a handful of system calls.
#![allow(unsafe_code)]

mod agent;
#[path = "../shared/api.rs"]
#[allow(dead_code)]
mod api;
mod calls;
mod counting;
#[path = "../shared/measure.rs"]
#[allow(dead_code)]
mod measure;
mod programs;
#[path = "../shared/registrar.rs"]
#[allow(dead_code)]
mod registrar;
mod steps;
mod table;
mod valgrind;

use calls::DIRECTIONS;
use programs::KINDS;
use std::io;
use table::{Row, Table};

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
/// The same of calls that stand.
const MANY_CALLS: usize = 11_000;
/// Whole calls that are counted.
const CALLS: usize = 250;
/// A call takes at most so many registrations as built, and is meant to take no more bytes than this
/// while it stands.
const CALL_RATIO: f64 = 4.0;
const CALL_MEMORY: f64 = 6.0 * 1024.0;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args[i].parse::<usize>().map_err(io::Error::other);
    let kind = |i: usize| number(i).map(|kind| KINDS[kind % KINDS.len()].0);
    let direction = |i: usize| number(i).map(|i| DIRECTIONS[i % DIRECTIONS.len()].0);
    match args.first().map(String::as_str) {
        Some(valgrind::STEP) => return steps::run_step(&args[1], number(2)?),
        Some(valgrind::PROGRAM) => {
            return steps::run_program(kind(1)?, number(2)? != 0, number(3)?);
        }
        Some(valgrind::TO_REST) => {
            return steps::run_to_rest(kind(1)?, number(2)? != 0, number(3)?);
        }
        Some(valgrind::TELEPHONE) => return calls::run_calls(direction(1)?, number(2)?),
        Some(valgrind::STANDING) => return calls::run_standing(direction(1)?, number(2)?),
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
    calls(&mut table, as_built)?;
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

/// A call each way: INVITE, 180, 200, ACK, BYE, 200, with their events; and its memory while it
/// stands.
fn calls(table: &mut Table, registration: f64) -> io::Result<()> {
    println!("-- a whole call, with the other telephone in the same thread");
    let memory = valgrind::memory_of_calls()?;
    for (i, (_, name)) in DIRECTIONS.iter().enumerate() {
        let (instructions, mallocs) = valgrind::count_call(i)?;
        let row = Row { name: (*name).to_owned(), instructions, mallocs, memory: Some(memory[i]) };
        let grown = table.add(row);
        table.fail_if(grown, &format!("{name}: more instructions than checked in"));
        let times = instructions / registration;
        println!("   {name}: {times:.2} x a registration, {CALL_RATIO} x at most");
        table.fail_if(times > CALL_RATIO, &format!("{name}: {times:.2} x a registration"));
        let text = format!("{name}: {:.0} bytes while it stands", memory[i].more);
        println!("   {text}, {CALL_MEMORY} meant");
        table.fail_if(memory[i].more > CALL_MEMORY, &text);
    }
    Ok(())
}
