//! The file of accounts: read as a whole, or refused with each line that is wrong.

use super::{Account, PER_ACCOUNT, Shard, Values, csv, first_octets, toml};
use crate::log::{LogPriority, say};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Toml,
    Csv,
}

/// A line that is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct BadLine {
    /// From 1; 0: it is about no line.
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl BadLine {
    pub(super) fn at(line: usize, reason: impl Into<String>) -> BadLine {
        BadLine { line, reason: reason.into() }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.reason),
            line => write!(f, "line {line}: {}", self.reason),
        }
    }
}

/// What a file says.
pub(crate) struct Accounts {
    pub(crate) accounts: Vec<Account>,
    /// Values for keys that an account lacks, of the command line and the file.
    pub(crate) defaults: Arc<Values>,
}

/// Where the accounts are, and which of them are wanted.
pub(crate) struct AccountFile {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) shard: Option<Shard>,
    /// What the command line says of every account.
    pub(crate) defaults: Vec<(String, Zeroizing<String>)>,
}

impl AccountFile {
    /// The format that the name of a file says.
    pub(crate) fn format_of(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()? {
            "toml" => Some(Format::Toml),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }

    /// Says where everybody may read the file, and the passwords in it.
    pub(crate) fn warn_of_readers(&self) {
        let mode = std::fs::metadata(&self.path).map_or(0, |file| file.permissions().mode());
        if mode & 0o004 != 0 {
            let path = self.path.display();
            say(LogPriority::Warning, &format!("{path} can be read by every user of the machine"));
        }
    }

    /// Its accounts that belong to the shard. Errors: every line that is wrong, of any shard.
    pub(crate) fn read(&self) -> Result<Accounts, Vec<BadLine>> {
        let whole = |reason: String| vec![BadLine::at(0, reason)];
        let bytes = std::fs::read(&self.path).map_err(|error| whole(error.to_string()))?;
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|octet| **octet == b'\n').count();
            vec![BadLine::at(line, "it is not UTF-8")]
        })?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut reading = Reading::new(folder, self.shard);
        for (name, value) in &self.defaults {
            reading.default(0, name, value);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self.format {
            Format::Toml => toml::read(text, &mut reading),
            Format::Csv => csv::read(text, &mut reading),
        }
        reading.finish()
    }
}

/// What was read so far.
pub(super) struct Reading<'a> {
    folder: &'a Path,
    shard: Option<Shard>,
    defaults: Values,
    shared: Option<Arc<Values>>,
    /// Part of the hash of each name, and the line where it stands.
    names: HashMap<u128, usize>,
    /// Files of TLS that were looked at, and the keys that name them.
    good_files: HashSet<(usize, String)>,
    accounts: Vec<Account>,
    wrong: Vec<BadLine>,
}

impl<'a> Reading<'a> {
    fn new(folder: &'a Path, shard: Option<Shard>) -> Reading<'a> {
        Reading {
            folder,
            shard,
            defaults: Values::default(),
            shared: None,
            names: HashMap::new(),
            good_files: HashSet::new(),
            accounts: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// Line `line` is wrong.
    pub(super) fn refuse(&mut self, line: usize, reason: impl Into<String>) {
        self.wrong.push(BadLine::at(line, reason));
    }

    /// A value for all accounts that have none of their own; none of these come before it.
    pub(super) fn default(&mut self, line: usize, name: &str, value: &str) {
        if PER_ACCOUNT.contains(&name) {
            self.refuse(line, format!("{name} is of one account alone"));
        } else if let Err(reason) = self.defaults.set(name, value) {
            self.refuse(line, reason);
        }
    }

    /// The account of line `line`.
    pub(super) fn account(&mut self, line: usize, mut values: Values) {
        let defaults = self.shared_defaults();
        let made = values.read_files(self.folder).and_then(|()| Account::new(values, &defaults));
        let made = made.and_then(|account| {
            account.check_files(&mut self.good_files)?;
            Ok(account)
        });
        let account = match made {
            Ok(account) => account,
            Err(reason) => return self.refuse(line, reason),
        };
        let hash = first_octets(&Sha256::digest(account.name().as_bytes()));
        match self.names.entry(hash) {
            Entry::Occupied(first) => {
                let first = first.get();
                let which = if account.name() == account.aor() { "aor" } else { "name" };
                let reason =
                    format!("its {which} is in line {first} already; a `name` tells them apart");
                self.refuse(line, reason);
            }
            Entry::Vacant(place) => {
                place.insert(line);
                if self.shard.is_none_or(|shard| shard.has(account.aor())) {
                    self.accounts.push(account);
                }
            }
        }
    }

    /// No further default comes after the first call.
    fn shared_defaults(&mut self) -> Arc<Values> {
        if let Some(shared) = &self.shared {
            return Arc::clone(shared);
        }
        let mut defaults = std::mem::take(&mut self.defaults);
        if let Err(reason) = defaults.read_files(self.folder) {
            self.refuse(0, reason);
        }
        Arc::clone(self.shared.insert(Arc::new(defaults)))
    }

    fn finish(mut self) -> Result<Accounts, Vec<BadLine>> {
        let defaults = self.shared_defaults();
        self.wrong.sort_by_key(|wrong| wrong.line);
        if self.wrong.is_empty() {
            Ok(Accounts { accounts: self.accounts, defaults })
        } else {
            Err(self.wrong)
        }
    }
}
