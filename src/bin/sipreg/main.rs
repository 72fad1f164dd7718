//! Registers a SIP address, keeps it registered, and unregisters it at the end; `--help` lists the
//! options.

use clap::Parser;

/// Registers a SIP address, keeps it registered until Ctrl-C, then unregisters it.
#[derive(Parser)]
#[command(version)]
struct Options {}

fn main() {
    let Options {} = Options::parse();
}
