//! `cargo bench --bench scale`: what registrations cost through the C API, beside bare sockets and other libraries.
//!
//! A registration is build, send, event_wait, automatic_action and event_free. The floor sends prebuilt packets to the same registrar with
//! `sendto` and `recvfrom`. The other libraries are those that Debian packages, with the small clients of
//! `benches/peers`; without the packages they are left out. Each measurement is a process of its own; its CPU time is
//! that of `getrusage`, so without the registrar, which has the last core to itself. Where cost is measured the registrar stays awake between
//! requests, as the floor keeps it; the rows `with wakes` are beside one that sleeps whenever nothing is there. Rows about cost, and about
//! one registration at a time, show the middle of several runs; other libraries run once with more than 1,000 accounts.
//!
//! `-- --quick`: small numbers, in seconds. `-- --only NAME`: one part (cost, one, burst, wave, loss, rest, threads).
//! A whole run draws `docs/scale.svg`.

// The C API and a handful of system calls.
#![allow(unsafe_code)]

#[path = "../shared/api.rs"]
#[allow(dead_code)]
mod api;
#[path = "../shared/client.rs"]
mod client;
mod drawing;
#[path = "../shared/floor.rs"]
mod floor;
#[path = "../shared/measure.rs"]
mod measure;
mod parts;
mod peers;
#[path = "../shared/registrar.rs"]
mod registrar;
mod runs;

use std::{fs, io};

const DRAWING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scale.svg");

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((first, rest)) if first == registrar::ARGUMENT => return registrar::serve(rest),
        Some((first, rest)) if first == runs::ARGUMENT => return runs::client(rest),
        _ => {}
    }
    // `cargo bench` says --bench; `cargo test --benches` does not and only wants to know that this runs.
    let quick = args.iter().any(|a| a == "--quick") || !args.iter().any(|a| a == "--bench");
    let only = args.iter().position(|a| a == "--only").and_then(|at| args.get(at + 1));
    let begin = measure::clock();
    let apart = measure::leave_last_core();
    let setting = parts::Setting::new(quick)?;
    println!(
        "Registrations through the C API, the raw UDP floor and other libraries, {} in flight{}",
        parts::WINDOW,
        if apart {
            "; the registrar on a core of its own"
        } else {
            "; one core: the registrar disturbs"
        }
    );
    let mut all = true;
    let mut curves = Vec::new();
    for (name, part) in parts::ALL {
        if only.is_some_and(|only| only != name) {
            all = false;
            continue;
        }
        part(&setting, &mut curves)?;
    }
    if all && !quick {
        fs::write(DRAWING, drawing::svg(&curves))?;
        println!("\ndrawn: {DRAWING}");
    }
    println!("\n{:.0} s", measure::clock().duration_since(begin).as_secs_f64());
    Ok(())
}
