//! `cargo bench --bench scale`: what registrations cost through the C API, beside raw UDP and other
//! libraries.
//!
//! The main rows are those of `plain.c`, the plainest program there is, linked to the shared
//! library: once it sends what the library built, once it adds a header field. It sends one
//! REGISTER after each event that it has freed. Raw UDP sends prebuilt packets to the same
//! registrar with `sendto` and `recvfrom`. The registrar has the last core, and sleeps while
//! nothing is there. The other libraries are those that Debian packages, with the small clients of
//! `benches/peers`; without the packages they are left out. Each measurement is a process of its
//! own; its CPU time is that of `getrusage`, so without the registrar's. Rows are the middle of
//! several runs; other libraries run once. The part streams has TCP and TLS, beside bare sockets of
//! TCP and beside bare rustls; the parts calls and subscriptions have whole ones, while many others
//! stand.
//!
//! `-- --quick`: small numbers, in seconds. `-- --only NAME`: one part (cost, window, one, burst,
//! wave, loss, rest, threads, calls, subscriptions, streams). `-- --most N`: no more than N
//! accounts. The part cost draws `target/tmp/scale.svg`, unless there is `--quick` or `--most`.

// The C API and a handful of system calls.
#![allow(unsafe_code)]

#[cfg(feature = "tls")]
mod bare_streams;
#[cfg(feature = "tls")]
#[path = "../../src/bin/registrar/certificate.rs"]
#[allow(dead_code)]
mod certificate;
#[cfg(feature = "tls")]
mod stream_registrar;
#[cfg(feature = "tls")]
mod streams;

#[path = "../shared/api.rs"]
#[allow(dead_code)]
mod api;
mod calls;
#[path = "../shared/client.rs"]
mod client;
mod cost;
mod drawing;
#[path = "../shared/measure.rs"]
#[allow(dead_code)]
mod measure;
mod parts;
mod programs;
#[path = "../shared/raw_udp.rs"]
mod raw_udp;
#[path = "../shared/registrar.rs"]
mod registrar;
mod runs;

use std::{fs, io};

const DRAWING: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/scale.svg");

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((first, rest)) if first == registrar::ARGUMENT => return registrar::serve(rest),
        #[cfg(feature = "tls")]
        Some((first, rest)) if first == stream_registrar::ARGUMENT => {
            return stream_registrar::serve(rest);
        }
        Some((first, _)) if first == calls::ARGUMENT => return calls::serve(),
        Some((first, rest)) if first == runs::ARGUMENT => return runs::client(rest),
        _ => {}
    }
    // `cargo bench` says --bench; `cargo test --benches` does not and only wants to know that this
    // runs.
    let quick = args.iter().any(|a| a == "--quick") || !args.iter().any(|a| a == "--bench");
    let only = args.iter().position(|a| a == "--only").and_then(|at| args.get(at + 1));
    let begin = measure::clock();
    let apart = measure::leave_last_core();
    let most =
        args.iter().position(|a| a == "--most").and_then(|at| args.get(at + 1)?.parse().ok());
    let setting = parts::Setting::new(quick, most.unwrap_or(usize::MAX))?;
    println!(
        "Registrations through the C API, beside raw UDP and other libraries{}",
        if apart { "" } else { "; there is one core, and the registrar is on it too" }
    );
    let mut curves = Vec::new();
    for (name, part) in parts::ALL {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        part(&setting, &mut curves)?;
    }
    if !curves.is_empty() && most.is_none() && !quick {
        fs::write(DRAWING, drawing::svg(&curves))?;
        println!("\ndrawn: {DRAWING}");
    }
    println!("\n{:.0} s", measure::clock().duration_since(begin).as_secs_f64());
    Ok(())
}
