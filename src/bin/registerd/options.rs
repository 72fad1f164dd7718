//! The command line.

use crate::accounts::{Format, KEYS, Shard, Values};
use crate::hep::CollectorAddress;
use crate::log::LogPriority;
use crate::metrics::MetricsAddress;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::convert::Infallible;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Keeps the SIP accounts of a file registered.
///
/// SIGHUP reads the file again and sends what differs; SIGTERM and SIGINT remove the bindings and
/// end; SIGUSR1 writes the counts to the log. registerd(8) has the formats and protocols.
#[derive(Parser)]
#[command(name = "registerd", version, subcommand_negates_reqs = true)]
#[command(verbatim_doc_comment)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The control socket (top and ctl: REGISTERD_CONTROL, or /run/registerd/control).
    #[arg(long, value_name = "PATH", global = true)]
    pub(crate) control: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) daemon: DaemonOptions,
}

impl CommandLine {
    /// Reads the command line. Errors: help, or what is wrong.
    pub(crate) fn read(
        words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<CommandLine, clap::Error> {
        let mut command = CommandLine::command();
        let matches = command.try_get_matches_from_mut(words)?;
        if let Some(name) = matches.subcommand_name() {
            let is_given = |argument: &&Arg| {
                let source = matches.value_source(argument.get_id().as_str());
                !argument.is_global_set() && source == Some(ValueSource::CommandLine)
            };
            let given = command.get_arguments().find(is_given).map(Arg::to_string);
            if let Some(given) = given {
                let why = format!("{given} is of the daemon, and not of {name}");
                return Err(command.error(ErrorKind::ArgumentConflict, why));
            }
        }
        CommandLine::from_arg_matches(&matches)
    }

    /// The control socket that top and ctl ask.
    pub(crate) fn asked_socket(&self) -> PathBuf {
        let named = || std::env::var_os("REGISTERD_CONTROL").filter(|path| !path.is_empty());
        let named = self.control.clone().or_else(|| named().map(PathBuf::from));
        named.unwrap_or_else(|| PathBuf::from("/run/registerd/control"))
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Shows counts and accounts, the worst first; where there is no terminal, all of them once.
    Top {
        /// Seconds between two looks.
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
        interval: u64,
    },
    /// Sends a request to the control socket and prints its reply; status 1 when it is refused.
    Ctl {
        /// The request, for example `list state=failing`; `-` sends each line of standard input.
        #[arg(required = true)]
        request: Vec<String>,
    },
}

#[derive(Args)]
pub(crate) struct DaemonOptions {
    /// The accounts.
    #[arg(required = true)]
    pub(crate) file: Option<PathBuf>,
    /// How the file is written; as its name ends otherwise.
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Only read the file, say which lines are wrong, and end.
    #[arg(long)]
    pub(crate) check: bool,
    /// Keep this part of the accounts, for example 3/16.
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,
    /// A value for accounts that have none of their own; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = zeroizing)]
    settings: Vec<Zeroizing<String>>,

    /// The address and UDP port of our Contacts; port 0 is any free one.
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:0")]
    pub(crate) listen: SocketAddr,
    /// The User-Agent of every REGISTER.
    #[arg(long, value_name = "TEXT", value_parser = one_line)]
    pub(crate) user_agent: Option<String>,
    /// The instance id of RFC 5626, a UUID; one made of /etc/machine-id otherwise.
    #[arg(long, value_name = "UUID", value_parser = uuid)]
    pub(crate) instance: Option<String>,
    /// REGISTERs in a second at most; 0: no limit.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) rate: u32,
    /// Attempts that await an answer at most; 0: no limit.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) in_flight: usize,
    /// The first REGISTER of each account is sent within so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) spread: u32,
    /// Leave the bindings at the registrar at the end.
    #[arg(long)]
    pub(crate) keep: bool,

    /// Permissions of the sockets, in octal.
    #[arg(long, value_name = "MODE", default_value = "600", value_parser = octal)]
    pub(crate) socket_mode: u32,
    /// Where the metrics are: a port of the loopback, ADDR:PORT, or unix:PATH.
    #[arg(long, value_name = "WHERE")]
    pub(crate) metrics: Option<MetricsAddress>,
    /// Write what is sent and received into this file, for Wireshark.
    #[arg(long, value_name = "FILE")]
    pub(crate) pcap: Option<PathBuf>,
    /// Only messages with this text in them, for example a user.
    #[arg(long, value_name = "TEXT", requires = "pcap")]
    pub(crate) pcap_match: Option<String>,
    /// Send what is sent and received to a collector, as HEP3.
    #[arg(long, value_name = "udp:ADDR:PORT")]
    pub(crate) hep: Option<CollectorAddress>,
    /// The number by which the collector knows this process.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "hep")]
    pub(crate) hep_id: u32,
    /// The first line of this file is the key that the collector wants.
    #[arg(long, value_name = "FILE", requires = "hep")]
    pub(crate) hep_key_file: Option<PathBuf>,
    /// The least serious lines that are logged; debug has a line for each message.
    #[arg(long, value_name = "PRIORITY", default_value = "info")]
    pub(crate) log: LogPriority,
}

/// Takes any text: what clap refuses it shows, and this may be a password.
#[allow(clippy::unnecessary_wraps, reason = "the form that clap wants")]
fn zeroizing(text: &str) -> Result<Zeroizing<String>, Infallible> {
    Ok(Zeroizing::new(text.to_owned()))
}

impl DaemonOptions {
    /// The values for accounts that have none of their own. Errors: which cannot be, in words that
    /// do not show the value.
    pub(crate) fn defaults(&self) -> Result<Vec<(String, Zeroizing<String>)>, String> {
        let mut defaults = Vec::new();
        for (number, setting) in (1..).zip(&self.settings) {
            let wrong = |why: &str| format!("--set, number {number}: {why}");
            let halves = setting.split_once('=');
            let (key, value) = halves.ok_or_else(|| wrong("it is not of the form KEY=VALUE"))?;
            if !KEYS.iter().any(|known| known.name == key) {
                // A password may have an equals sign in it.
                return Err(wrong("there is no such key"));
            }
            Values::check_default(key, value).map_err(|why| wrong(&why))?;
            defaults.push((key.to_owned(), Zeroizing::new(value.to_owned())));
        }
        if self.spread > 0 && !defaults.iter().any(|(key, _)| key == "spread") {
            defaults.push(("spread".to_owned(), self.spread.to_string().into()));
        }
        Ok(defaults)
    }
}

fn one_line(text: &str) -> Result<String, &'static str> {
    let is_line = !text.is_empty() && !text.chars().any(char::is_control);
    if is_line { Ok(text.to_owned()) } else { Err("it is not one line of text") }
}

fn uuid(text: &str) -> Result<String, &'static str> {
    let uuid = text.strip_prefix("urn:uuid:").unwrap_or(text).to_ascii_lowercase();
    let is_hex = |part: &str| part.bytes().all(|octet| octet.is_ascii_hexdigit());
    let lengths = uuid.split('-').map(|part| if is_hex(part) { part.len() } else { 0 });
    if lengths.eq([8, 4, 4, 4, 12]) { Ok(uuid) } else { Err("it is no UUID") }
}

fn octal(text: &str) -> Result<u32, &'static str> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or("it is no mode from 000 to 777")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn an_instance_is_a_uuid() {
        let id = "278E7198-fc08-8b3c-b961-0a00930c9e99";
        let bare = Ok(id.to_ascii_lowercase());
        assert_eq!((uuid(id), uuid(&format!("urn:uuid:{id}"))), (bare.clone(), bare));
        assert!(uuid("278e7198").is_err() && uuid(&id.replace('8', "x")).is_err());
    }

    #[test]
    fn a_file_or_a_command_is_given() {
        let parse = |words: &[&str]| CommandLine::read([&["registerd"], words].concat());
        let daemon = parse(&["--shard", "3/16", "a.csv"]).map_err(|e| e.to_string()).unwrap();
        assert!(daemon.command.is_none());
        assert_eq!(daemon.daemon.file, Some("a.csv".into()));
        assert!(matches!(parse(&["top"]).unwrap().command, Some(Command::Top { .. })));
        for wrong in [&[][..], &["--shard", "0/16", "a"], &["--socket-mode", "9", "a"], &["ctl"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
        for wrong in [&["--rate", "5", "top"][..], &["a.csv", "ctl", "stats"], &["--keep", "top"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_control_socket_is_named_in_any_place() {
        for words in [
            ["--control", "c9", "ctl", "stats"],
            ["ctl", "--control", "c9", "stats"],
            ["ctl", "stats", "--control", "c9"],
        ] {
            let line = CommandLine::read([&["registerd"], &words[..]].concat());
            let line = line.map_err(|error| error.to_string()).unwrap();
            assert_eq!(line.asked_socket(), PathBuf::from("c9"), "{words:?}");
            let Some(Command::Ctl { request }) = line.command else { panic!("{words:?}") };
            assert_eq!(request, ["stats"]);
        }
    }
}
