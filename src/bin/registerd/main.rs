//! Keeps the SIP accounts of a file registered; `--help` lists the options.

#![forbid(unsafe_code)]

mod accounts;
mod control;
mod daemon;
mod fleet;
mod log;
mod metrics;
mod options;
mod service;
mod sockets;
mod view;

use clap::Parser as _;
use options::{Command, CommandLine};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    match line.command {
        None => daemon::run(line.daemon),
        Some(Command::Top { control, interval }) => view::run(&control.path, interval),
        Some(Command::Ctl { control, request }) => view::ask(&control.path, &request),
    }
}

/// The one clock of this program.
#[allow(clippy::disallowed_methods)]
fn clock() -> Instant {
    Instant::now()
}
