//! The other end of the control socket, for a person: one request, or a view that is kept up.

mod layout;
mod screen;

use crate::control::ControlClient;
use crate::fleet::{Page, Statistics};
use layout::{account_line, cause_line, headline};
use serde::de::DeserializeOwned;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Accounts that are asked for at a time.
const PORTION: usize = 1000;

/// Shows the accounts: on a terminal page by page, until a key ends it; otherwise all of them once.
pub(crate) fn run(path: &Path, interval: u64) -> ExitCode {
    let is_terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    let result = Source::connect(path).and_then(|source| match is_terminal {
        true => screen::show(source, Duration::from_secs(interval)),
        false => print_all(source),
    });
    match result {
        // Whoever reads may have enough before the end.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => complain(path, &error),
        _ => ExitCode::SUCCESS,
    }
}

/// Prints the reply to one request. Status 1: it says no, or there is nobody.
pub(crate) fn ask(path: &Path, words: &[String]) -> ExitCode {
    match reply(path, words) {
        Ok(reply) => {
            // A closed pipe is no failure of the request.
            let _ = io::stdout().write_all(reply.as_bytes());
            if reply.starts_with("{\"ok\":true") { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => complain(path, &error),
    }
}

fn complain(path: &Path, error: &io::Error) -> ExitCode {
    eprintln!("registerd: {}: {error}", path.display());
    ExitCode::FAILURE
}

fn reply(path: &Path, words: &[String]) -> io::Result<String> {
    let mut request = words.join(" ");
    if request == "-" {
        request.clear();
        io::stdin().take(64 << 10).read_to_string(&mut request)?;
    }
    ControlClient::connect(path)?.ask(request.trim())
}

/// Where the counts and accounts come from.
struct Source(ControlClient);

impl Source {
    fn connect(path: &Path) -> io::Result<Source> {
        ControlClient::connect(path).map(Source)
    }

    fn statistics(&mut self) -> io::Result<Statistics> {
        self.read("stats")
    }

    /// Accounts from `offset` on, the worst first; `filter`: more words of the request.
    fn page(&mut self, filter: &str, offset: usize, limit: usize) -> io::Result<Page> {
        self.read(&format!("list {filter} order=worst offset={offset} limit={limit}"))
    }

    fn read<T: DeserializeOwned>(&mut self, request: &str) -> io::Result<T> {
        serde_json::from_str(&self.0.ask(request)?).map_err(io::Error::other)
    }
}

fn print_all(mut source: Source) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let statistics = source.statistics()?;
    headline(&statistics).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    statistics.causes.iter().try_for_each(|cause| writeln!(out, "{}", cause_line(cause)))?;
    let mut offset = 0;
    loop {
        let page = source.page("", offset, PORTION)?;
        page.accounts.iter().try_for_each(|row| writeln!(out, "{}", account_line(row)))?;
        offset += PORTION;
        if offset >= page.total {
            return out.flush();
        }
    }
}
