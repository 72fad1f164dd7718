//! Keeps the SIP accounts of a file registered; `--help` lists the options.

#![forbid(unsafe_code)]

mod accounts;
#[path = "../tools/binding.rs"]
mod binding;
#[path = "../tools/capture.rs"]
mod capture;
#[allow(dead_code, reason = "the log has its times from the journal")]
#[path = "../tools/clock.rs"]
mod clock;
mod control;
mod daemon;
mod fleet;
mod hep;
mod log;
mod metrics;
mod options;
mod packets;
#[allow(dead_code, reason = "a password has no environment of its own here")]
#[path = "../tools/password.rs"]
mod password;
#[path = "../tools/pcap.rs"]
mod pcap;
#[path = "../tools/secrets.rs"]
mod secrets;
mod service;
mod sockets;
#[path = "../tools/tls_files.rs"]
mod tls_files;
mod view;

use options::{Command, CommandLine};
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let line = match CommandLine::read(words.iter()) {
        Ok(line) => line,
        Err(wrong) if wrong.use_stderr() => {
            let why = secrets::wrong_usage(&wrong, &words);
            let _ = writeln!(io::stderr(), "registerd: {why}; --help shows the options");
            return ExitCode::from(2);
        }
        Err(help) => return view::print(&help.to_string(), ExitCode::SUCCESS),
    };
    match &line.command {
        None => daemon::run(&line),
        Some(Command::Top { interval }) => view::run(&line.asked_socket(), *interval),
        Some(Command::Ctl { request }) => view::ask(&line.asked_socket(), request),
    }
}
