//! Keeps the SIP accounts of a file registered; `--help` lists the options.

#![forbid(unsafe_code)]

mod accounts;
#[path = "../tools/capture.rs"]
mod capture;
#[allow(dead_code, reason = "the log has its times from the journal")]
#[path = "../tools/clock.rs"]
mod clock;
mod control;
mod daemon;
mod fleet;
mod log;
mod metrics;
mod options;
mod packets;
#[allow(dead_code, reason = "a password has no environment of its own here")]
#[path = "../tools/password.rs"]
mod password;
#[path = "../tools/pcap.rs"]
mod pcap;
mod service;
mod sockets;
mod view;

use clap::Parser as _;
use options::{Command, CommandLine};
use std::process::ExitCode;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    match line.command {
        None => daemon::run(line.daemon),
        Some(Command::Top { control, interval }) => view::run(&control.path, interval),
        Some(Command::Ctl { control, request }) => view::ask(&control.path, &request),
    }
}
