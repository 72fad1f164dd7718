//! One account, as a file or the control socket writes it.

mod csv;
mod file;
mod keys;
mod shard;
mod toml;

#[cfg(test)]
mod tests;

pub(crate) use file::{AccountFile, Accounts, BadLine, Format};
pub(crate) use keys::KEYS;
pub(crate) use shard::Shard;

use crate::secrets::{URI_PASSWORD, has_uri_password, without_values};
use crate::tls_files::{TlsFile, is_hash};
use keys::{AOR, Effect, NAME, PASSWORD, PASSWORD_FILE, Parts, TLS_FILES, TLS_VERIFY};
use register::engine::TRANSPORTS;
use register::engine::registerer::{AccountLogin, ManagedOptions};
use register::sip::{NameAddr, Uri, percent_decoded};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// Keys that no two accounts share.
const PER_ACCOUNT: [&str; 2] = ["aor", "name"];

/// The texts that were given for keys, by their places in [`KEYS`]; wiped when they are dropped.
#[derive(Default)]
pub(crate) struct Values(Vec<(u8, Zeroizing<Box<str>>)>);

impl Values {
    /// Takes `value` for the key `name`. Errors: why not, in words without the value.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let place = KEYS.iter().position(|key| key.name == name);
        let place = place.ok_or_else(|| {
            let name = register::engine::registerer::excerpt(name);
            format!("there is no key \"{name}\"")
        })?;
        if self.get(place).is_some() {
            return Err(format!("{name} is given twice"));
        }
        let breaks = name == "headers";
        if value.chars().any(|c| c.is_control() && !(breaks && matches!(c, '\n' | '\r' | '\t'))) {
            return Err(format!("{name} has a line break or another control character"));
        }
        if !matches!(place, PASSWORD | PASSWORD_FILE) && !breaks && value.trim() != value {
            return Err(format!("{name} has a blank at an end"));
        }
        self.put(place, value);
        Ok(())
    }

    /// What a JSON object says, whose values are texts, numbers, yes or no. Errors: what is wrong.
    pub(crate) fn from_json(object: &str) -> Result<Values, String> {
        let read: serde_json::Result<BTreeMap<String, serde_json::Value>> =
            serde_json::from_str(object);
        // The sentence of the library could quote a value.
        let read =
            read.map_err(|error| format!("it is no object in JSON: column {}", error.column()))?;
        let mut values = Values::default();
        let mut result = Ok(());
        for (name, value) in read {
            let text = match value {
                serde_json::Value::String(text) => text,
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::Bool(yes) => yes.to_string(),
                _ => {
                    result = Err(format!("{name} is no text, number, true or false"));
                    continue;
                }
            };
            let text = Zeroizing::new(text);
            result = result.and(values.set(&name, &text));
        }
        result?;
        values.read_files(Path::new("."))?;
        Ok(values)
    }

    /// Whether a key may have this value for every account. Errors: why not, without the value.
    pub(crate) fn check_default(name: &str, value: &str) -> Result<(), String> {
        Values::default().set(name, value)?;
        if PER_ACCOUNT.contains(&name) {
            return Err(format!("{name} is of one account alone"));
        }
        let key = KEYS.iter().find(|key| key.name == name && !value.is_empty());
        let set = key.map(|key| (key.set)(&mut Parts::new(""), value));
        set.unwrap_or(Ok(())).map_err(|why| format!("{name} {why}"))
    }

    fn put(&mut self, place: usize, value: &str) {
        let place = u8::try_from(place).unwrap_or(u8::MAX);
        self.0.push((place, Zeroizing::new(Box::from(value))));
    }

    fn get(&self, place: usize) -> Option<&str> {
        let found = self.0.iter().find(|(at, _)| usize::from(*at) == place);
        found.map(|(_, value)| &***value)
    }

    /// Puts what the file of a password says in the place of its name; this and those of other
    /// files are relative to `folder`.
    pub(crate) fn read_files(&mut self, folder: &Path) -> Result<(), String> {
        for (place, value) in &mut self.0 {
            let file = TLS_FILES.iter().find(|(file, _)| *file == usize::from(*place));
            let is_relative = Path::new(&***value).is_relative() && !value.is_empty();
            if file.is_some_and(|(_, what)| *what != TlsFile::Pin || !is_hash(value)) && is_relative
            {
                let path = folder.join(&***value).into_os_string().into_string();
                *value = Zeroizing::new(path.map_err(|_| "the folder is not UTF-8")?.into());
            }
        }
        self.read_password(folder)
    }

    fn read_password(&mut self, folder: &Path) -> Result<(), String> {
        let Some(name) = self.get(PASSWORD_FILE) else { return Ok(()) };
        if self.get(PASSWORD).is_some() {
            return Err("there is a password and a password_file".to_owned());
        }
        // A name alone stands in a folder too: `-` is no standard input.
        let path = Path::new(".").join(folder).join(name);
        let wrong = |why: &str| format!("password_file: {why}");
        let octets = crate::password::first_line_of(&path);
        let octets = octets.map_err(|error| wrong(&error.to_string()))?;
        let line = std::str::from_utf8(&octets).map_err(|_| wrong("it is not UTF-8"))?;
        if line.is_empty() || line.chars().any(char::is_control) {
            return Err(wrong("its first line is no password"));
        }
        self.put(PASSWORD, line);
        Ok(())
    }
}

/// Values by which two versions of an account are compared: parts of SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Of what names the registration.
    pub(crate) fixed: u128,
    /// Of what may change in it.
    pub(crate) changing: u128,
}

/// One account, whose options are known to be good.
pub(crate) struct Account {
    values: Values,
    defaults: Arc<Values>,
}

impl Account {
    /// The account that these values make, with `defaults` for the keys that they lack. Errors:
    /// what is wrong, in words.
    pub(crate) fn new(values: Values, defaults: &Arc<Values>) -> Result<Account, String> {
        let account = Account { values, defaults: Arc::clone(defaults) };
        if account.aor().is_empty() {
            return Err("there is no aor".to_owned());
        }
        account.check_uris()?;
        let checked = account.options()?.checked(TRANSPORTS);
        checked.map_err(|wrong| without_values(&wrong.0))?;
        Ok(account)
    }

    /// No URI has a password in it, which would be logged, listed and sent.
    fn check_uris(&self) -> Result<(), String> {
        let is_text =
            |key: &str| !["password", "password_file", "realm", "username"].contains(&key);
        for (place, key) in KEYS.iter().enumerate().filter(|(_, key)| is_text(key.name)) {
            if self.value(place).is_some_and(has_uri_password) {
                return Err(format!("{}: {URI_PASSWORD}", key.name));
            }
        }
        Ok(())
    }

    fn value(&self, place: usize) -> Option<&str> {
        let given = self.values.get(place).or_else(|| {
            // A password of its own wins over a file for all.
            self.defaults.get(place)
        });
        given.filter(|value| !value.is_empty())
    }

    /// Looks at the files of TLS that it names, but for those that are known to be `good`. Errors:
    /// what is wrong with one, in words without its name.
    pub(crate) fn check_files(&self, good: &mut HashSet<(usize, String)>) -> Result<(), String> {
        let verifies = !self.value(TLS_VERIFY).is_some_and(|text| {
            text.eq_ignore_ascii_case("no") || text.eq_ignore_ascii_case("false")
        });
        for (place, what) in TLS_FILES.iter().filter(|(_, what)| {
            // Without verification the roots are not read.
            verifies || *what != TlsFile::Roots
        }) {
            let Some(name) = self.value(*place) else { continue };
            let known = (*place, name.to_owned());
            if !good.contains(&known) {
                let key = KEYS.get(*place).map_or("", |key| key.name);
                what.check(Path::new(name)).map_err(|why| format!("{key}: {why}"))?;
                good.insert(known);
            }
        }
        Ok(())
    }

    /// The address-of-record.
    pub(crate) fn aor(&self) -> &str {
        self.values.get(AOR).unwrap_or("")
    }

    /// By what it is known again.
    pub(crate) fn name(&self) -> &str {
        self.values.get(NAME).filter(|name| !name.is_empty()).unwrap_or(self.aor())
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let of = |wanted: Effect| {
            let mut hash = Sha256::new();
            for (place, key) in KEYS.iter().enumerate().filter(|(_, key)| key.effect == wanted) {
                if let Some(value) = self.value(place) {
                    hash.update(key.name.as_bytes());
                    hash.update([0]);
                    hash.update(value.as_bytes());
                    hash.update([0]);
                }
            }
            first_octets(&hash.finalize())
        };
        Fingerprint { fixed: of(Effect::Replace), changing: of(Effect::Change) }
    }

    /// What the engine is given. Errors: what is wrong with a value, in words without it.
    pub(crate) fn options(&self) -> Result<ManagedOptions, String> {
        let mut parts = Parts::new(self.aor());
        for (place, key) in KEYS.iter().enumerate() {
            let Some(value) = self.value(place) else { continue };
            (key.set)(&mut parts, value).map_err(|why| format!("{} {why}", key.name))?;
        }
        parts.finish_pairs()?;
        let login = self.login(&mut parts)?;
        let Parts { mut options, tls, .. } = parts;
        options.logins.extend(login);
        if tls != *options.tls {
            options.tls = Arc::new(tls);
        }
        Ok(options)
    }

    fn login(&self, parts: &mut Parts) -> Result<Option<AccountLogin>, String> {
        let password: Option<Box<[u8]>> =
            parts.password.take().map(|octets| (*octets).clone().into());
        let ha1: Vec<_> = parts
            .ha1
            .drain(..)
            .map(|(algorithm, digits)| (algorithm, Box::from(digits.as_str())))
            .collect();
        if password.is_none() && ha1.is_empty() {
            return match parts.username {
                Some(_) => Err("there is a username without password or HA1".to_owned()),
                None => Ok(None),
            };
        }
        let username = match parts.username.take() {
            Some(username) => username,
            None => user_of(self.aor()).ok_or("there is neither a username nor a user in aor")?,
        };
        Ok(Some(AccountLogin {
            username: username.into(),
            realm: std::mem::take(&mut parts.realm).into(),
            password,
            ha1,
        }))
    }
}

/// The user of an address-of-record, unescaped.
fn user_of(aor: &str) -> Option<String> {
    let uri = NameAddr::parse(aor).map_or(aor, |addr| addr.uri);
    let user = Uri::parse(uri).ok()?.user?.to_owned();
    Some(percent_decoded(&user).into()).filter(|user: &String| !user.is_empty())
}

/// The first sixteen octets of a hash, as a number.
fn first_octets(hash: &[u8]) -> u128 {
    hash.iter().take(16).fold(0, |sum, octet| sum << 8 | u128::from(*octet))
}

/// Wipes a text that may be one of a secret.
fn wipe(text: std::borrow::Cow<'_, str>) {
    if let std::borrow::Cow::Owned(mut text) = text {
        text.zeroize();
    }
}
