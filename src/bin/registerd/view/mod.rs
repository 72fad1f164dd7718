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
    let source = Source::connect(path).map_err(ViewError::Daemon);
    let result = source.and_then(|source| match is_terminal {
        true => screen::show(source, Duration::from_secs(interval)),
        false => print_all(source),
    });
    result.map_or_else(|error| complain(path, &error), |()| ExitCode::SUCCESS)
}

/// What has failed.
enum ViewError {
    /// To ask the daemon.
    Daemon(io::Error),
    /// To show or print what it has said.
    Output(io::Error),
}

/// Prints the reply to one request. Status 1: it says no, or there is nobody.
pub(crate) fn ask(path: &Path, words: &[String]) -> ExitCode {
    match reply(path, words) {
        Ok(reply) => {
            let is_granted = reply.starts_with("{\"ok\":true");
            print(&reply, if is_granted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(error) => complain(path, &ViewError::Daemon(error)),
    }
}

/// Prints a text; `status`, or that of a failure.
pub(crate) fn print(text: &str, status: ExitCode) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => not_printed(&error),
        _ => status,
    }
}

fn not_printed(error: &io::Error) -> ExitCode {
    // There is nowhere to say that this failed.
    let _ = writeln!(io::stderr(), "registerd: standard output: {error}");
    ExitCode::FAILURE
}

fn complain(path: &Path, error: &ViewError) -> ExitCode {
    match error {
        // Whoever reads may have enough before the end.
        ViewError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        ViewError::Output(error) => not_printed(error),
        ViewError::Daemon(error) => {
            let _ = writeln!(io::stderr(), "registerd: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
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

fn print_all(mut source: Source) -> Result<(), ViewError> {
    let statistics = source.statistics().map_err(ViewError::Daemon)?;
    let mut lines = headline(&statistics);
    lines.extend(statistics.causes.iter().map(cause_line));
    let mut offset = 0;
    loop {
        let page = source.page("", offset, PORTION).map_err(ViewError::Daemon)?;
        lines.extend(page.accounts.iter().map(account_line));
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
        written.and_then(|()| out.flush()).map_err(ViewError::Output)?;
        lines.clear();
        offset += PORTION;
        if offset >= page.total {
            return Ok(());
        }
    }
}
