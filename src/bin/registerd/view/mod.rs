//! The other end of the control socket, for a person: one request, or a view that is kept up.

mod layout;
mod screen;

use crate::control::ControlClient;
use crate::fleet::{Page, Statistics};
use layout::{account_line, cause_line, headline};
use serde::de::DeserializeOwned;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use zeroize::Zeroizing;

/// Accounts that are asked for at a time.
const PORTION: usize = 1000;
/// A line that is longer is cut, and the daemon refuses its first part: 64 KiB are its bound.
const LONGEST_LINE: u64 = 128 << 10;

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
    /// To read the requests.
    Input(io::Error),
    /// To show or print what it has said.
    Output(io::Error),
}

/// Prints the reply to a request, or with `-` to each line of standard input. Status 1: one says
/// no, or there is nobody.
pub(crate) fn ask(path: &Path, words: &[String]) -> ExitCode {
    let connected = ControlClient::connect(path).map_err(ViewError::Daemon);
    let result = connected.and_then(|mut client| {
        let request = words.join(" ");
        if request == "-" { ask_each_line(&mut client) } else { ask_one(&mut client, &request) }
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => complain(path, &error),
    }
}

fn ask_each_line(client: &mut ControlClient) -> Result<bool, ViewError> {
    let mut input = io::stdin().lock();
    let mut all_granted = true;
    loop {
        // A line may have a password in it.
        let mut line = Zeroizing::new(String::new());
        let size = input.by_ref().take(LONGEST_LINE).read_line(&mut line);
        if size.map_err(ViewError::Input)? == 0 {
            return Ok(all_granted);
        }
        if !line.trim().is_empty() {
            all_granted &= ask_one(client, &line)?;
        }
    }
}

/// Prints the reply to one request; whether it is granted.
fn ask_one(client: &mut ControlClient, request: &str) -> Result<bool, ViewError> {
    let reply = client.ask(request.trim()).map_err(ViewError::Daemon)?;
    let mut out = io::stdout().lock();
    let printed = out.write_all(reply.as_bytes()).and_then(|()| out.flush());
    let is_granted = reply.starts_with("{\"ok\":true");
    match printed {
        // What is asked for is done, though nobody reads of it.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(is_granted),
        Err(error) => Err(ViewError::Output(error)),
        Ok(()) => Ok(is_granted),
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
        ViewError::Input(error) => {
            let _ = writeln!(io::stderr(), "registerd: standard input: {error}");
            ExitCode::FAILURE
        }
        ViewError::Daemon(error) => {
            let _ = writeln!(io::stderr(), "registerd: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
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
        #[derive(serde::Deserialize)]
        struct Refused {
            error: String,
        }
        let reply = self.0.ask(request)?;
        serde_json::from_str(&reply).map_err(|wrong| match serde_json::from_str(&reply) {
            Ok(Refused { error }) => io::Error::other(error),
            Err(_) => io::Error::other(wrong),
        })
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
