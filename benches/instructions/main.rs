//! `cargo bench --bench instructions`: how many instructions the steps of a registration take, counted by callgrind.
//!
//! The count hardly depends on the machine, and not on its load. It is compared with `instructions.txt`, and a row that
//! has grown by more than a tenth is a failure. After a change that is worth its price: `REGISTER_BLESS=1`.

// The C API and a handful of system calls.
#![allow(unsafe_code)]

mod agent;
#[path = "../shared/api.rs"]
#[allow(dead_code)]
mod api;
mod counting;
mod driver;
#[path = "../shared/measure.rs"]
#[allow(dead_code)]
mod measure;
#[path = "../shared/registrar.rs"]
#[allow(dead_code)]
mod registrar;
mod valgrind;

use std::fmt::Write as _;
use std::{fs, io};

/// Registrations in the row about a context at rest.
const AT_REST: usize = 10_000;
const DRIVE: &str = "--drive";
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");

/// What is counted, how often it is done for that, and what it is called in the table.
const ROWS: [(&str, usize, &str); 6] = [
    ("counted_build_and_send", 200, "build and send"),
    ("counted_200", 200, "a 200 taken (agent)"),
    ("counted_401", 200, "a 401 answered (agent)"),
    ("counted_event", 200, "an event made and freed"),
    ("counted_rest", 1000, "automatic_action, 10,000 at rest"),
    ("counted_whole", 500, "a registration, all threads"),
];

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [drive, row, count, ..] = args.as_slice()
        && drive == DRIVE
    {
        return driver::run(row, count.parse().map_err(io::Error::other)?);
    }
    if !args.iter().any(|a| a == "--bench") {
        return Ok(()); // cargo test --benches
    }
    if !valgrind::installed() {
        println!("valgrind is not installed: nothing counted");
        return Ok(());
    }
    let before = fs::read_to_string(FILE).unwrap_or_default();
    let mut table = String::new();
    let mut grown = false;
    println!("{:<34} {:>12} {:>9} {:>12}", "", "instructions", "mallocs", "checked in");
    for (row, count, name) in ROWS {
        let counted = valgrind::count(row, count)?;
        let old = before.lines().find_map(|line| number(line.strip_prefix(name)?));
        let worse = old.is_some_and(|old| counted.instructions > old * 1.1 + 20.0);
        grown |= worse || old.is_none();
        println!(
            "{name:<34} {:>12.0} {:>9.1} {:>12} {}",
            counted.instructions,
            counted.mallocs,
            old.map_or("-".to_owned(), |old| format!("{old:.0}")),
            if worse { "GROWN" } else { "" }
        );
        let _ = writeln!(table, "{name:<34} {:>12.0} {:>9.1}", counted.instructions, counted.mallocs);
    }
    if std::env::var_os("REGISTER_BLESS").is_some() {
        return fs::write(FILE, table);
    }
    if grown {
        return Err(io::Error::other("more instructions than benches/instructions.txt says, by over 10 %"));
    }
    Ok(())
}

fn number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}
