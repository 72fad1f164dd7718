//! The keys of an account: what each sets, and what a change of it makes necessary.

use crate::tls_files::TlsFile;
use register::engine::Masquerade;
use register::engine::registerer::{
    Algorithm, CertificateFiles, KeepAlive, ManagedOptions, Push, TlsSettings, Transport,
};
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// What the values of an account become, before they are put together.
pub(super) struct Parts {
    pub(super) options: ManagedOptions,
    pub(super) username: Option<String>,
    pub(super) realm: String,
    pub(super) password: Option<Zeroizing<Vec<u8>>>,
    pub(super) ha1: Vec<(Algorithm, Zeroizing<String>)>,
    pub(super) tls: TlsSettings,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    push: Option<Push>,
}

impl Parts {
    pub(super) fn new(aor: &str) -> Parts {
        let options = ManagedOptions::new(aor);
        Parts {
            tls: TlsSettings::clone(&options.tls),
            options,
            username: None,
            realm: String::new(),
            password: None,
            ha1: Vec::new(),
            certificate: None,
            key: None,
            push: None,
        }
    }

    /// Puts together what two keys say.
    pub(super) fn finish_pairs(&mut self) -> Result<(), String> {
        let pair = CertificateFiles::pair(self.certificate.take(), self.key.take());
        self.tls.client = pair.map_err(str::to_owned)?;
        self.options.push = self.push.take().map(Box::new);
        Ok(())
    }

    fn push(&mut self) -> &mut Push {
        let none = || Push { provider: String::new(), prid: String::new(), param: String::new() };
        self.push.get_or_insert_with(none)
    }
}

/// What a change of a value makes necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Another registration takes the place of this one.
    Replace,
    /// The registration goes on, and a REGISTER with the new value is sent.
    Change,
    /// None: nothing is sent.
    Nothing,
}

/// A key of the file.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(super) effect: Effect,
    pub(super) set: fn(&mut Parts, &str) -> Result<(), String>,
}

const fn key(
    name: &'static str,
    effect: Effect,
    set: fn(&mut Parts, &str) -> Result<(), String>,
) -> Key {
    Key { name, effect, set }
}

/// The place of `aor` in [`KEYS`]; the others are found by their names.
pub(super) const AOR: usize = 0;
pub(super) const NAME: usize = 1;
pub(super) const PASSWORD: usize = 2;
pub(super) const PASSWORD_FILE: usize = 3;
pub(super) const TLS_VERIFY: usize = 41;
/// The keys that name files of TLS, and what each is for.
pub(super) const TLS_FILES: [(usize, TlsFile); 4] =
    [(42, TlsFile::Roots), (43, TlsFile::Certificate), (44, TlsFile::Key), (45, TlsFile::Pin)];

/// All keys, in the order in which they are applied.
pub(crate) const KEYS: [Key; 46] = [
    key("aor", Effect::Replace, |_, _| Ok(())),
    key("name", Effect::Nothing, |_, _| Ok(())),
    key("password", Effect::Change, |to, value| {
        to.password = Some(Zeroizing::new(value.as_bytes().to_vec()));
        Ok(())
    }),
    // What it names is read with the file, and stands as the password.
    key("password_file", Effect::Nothing, |_, _| Ok(())),
    key("registrar", Effect::Replace, |to, value| text(&mut to.options.registrar, value)),
    key("username", Effect::Change, |to, value| some(&mut to.username, value)),
    key("realm", Effect::Change, |to, value| text(&mut to.realm, value)),
    key("ha1_md5", Effect::Change, |to, value| ha1(to, Algorithm::Md5, value)),
    key("ha1_sha256", Effect::Change, |to, value| ha1(to, Algorithm::Sha256, value)),
    key("ha1_sha512_256", Effect::Change, |to, value| ha1(to, Algorithm::Sha512_256, value)),
    key("expires", Effect::Change, |to, value| number(&mut to.options.expires, value)),
    key("refresh", Effect::Change, |to, value| number(&mut to.options.refresh, value)),
    key("jitter", Effect::Change, |to, value| number(&mut to.options.jitter, value)),
    key("spread", Effect::Nothing, |to, value| seconds(&mut to.options.spread, value)),
    key("from", Effect::Replace, |to, value| some(&mut to.options.from, value)),
    key("contact", Effect::Replace, |to, value| {
        to.options.contacts = list(value);
        Ok(())
    }),
    key("contact_params", Effect::Change, |to, value| text(&mut to.options.contact_params, value)),
    key("q", Effect::Change, |to, value| {
        to.options.q = Some(value.into());
        Ok(())
    }),
    key("instance", Effect::Replace, |to, value| some(&mut to.options.instance, value)),
    key("reg_id", Effect::Replace, |to, value| number(&mut to.options.reg_id, value)),
    key("route", Effect::Change, |to, value| text(&mut to.options.route, value)),
    key("flows", Effect::Change, |to, value| number(&mut to.options.flows, value)),
    key("second_route", Effect::Change, |to, value| {
        to.options.second_route = value.into();
        Ok(())
    }),
    key("headers", Effect::Replace, headers),
    key("transport", Effect::Replace, |to, value| {
        to.options.transport = one_of(
            value,
            &[
                ("udp", Some(Transport::Udp)),
                ("tcp", Some(Transport::Tcp)),
                ("tls", Some(Transport::Tls)),
                ("dns", None),
            ],
        )?;
        Ok(())
    }),
    key("keepalive", Effect::Change, |to, value| {
        let known = [("off", KeepAlive::Off), ("crlf", KeepAlive::Crlf), ("stun", KeepAlive::Stun)];
        to.options.keep_alive = one_of(value, &known)?;
        Ok(())
    }),
    key("keepalive_interval", Effect::Change, |to, value| {
        seconds(&mut to.options.keep_alive_period, value)
    }),
    key("nat", Effect::Change, |to, value| {
        let known = [
            ("off", Masquerade::Off),
            ("auto", Masquerade::Automatic),
            ("always", Masquerade::Every),
        ];
        to.options.nat = one_of(value, &known)?;
        Ok(())
    }),
    key("weakest_algorithm", Effect::Change, |to, value| {
        let known = [
            ("md5", Algorithm::Md5),
            ("sha-256", Algorithm::Sha256),
            ("sha-512-256", Algorithm::Sha512_256),
        ];
        to.options.weakest_algorithm = one_of(value, &known)?;
        Ok(())
    }),
    key("retry_base", Effect::Change, |to, value| seconds(&mut to.options.retry_base, value)),
    key("retry_max", Effect::Change, |to, value| seconds(&mut to.options.retry_max, value)),
    key("retry_limit", Effect::Change, |to, value| number(&mut to.options.retry_limit, value)),
    key("attempt_timeout", Effect::Change, |to, value| {
        number(&mut to.options.attempt_timeout, value)
    }),
    key("fatal_retry", Effect::Change, |to, value| number(&mut to.options.fatal_retry, value)),
    key("gruu", Effect::Change, |to, value| yes_no(&mut to.options.gruu, value)),
    key("path", Effect::Change, |to, value| yes_no(&mut to.options.path, value)),
    key("redirects", Effect::Change, |to, value| yes_no(&mut to.options.redirects, value)),
    key("security", Effect::Change, |to, value| text(&mut to.options.security, value)),
    key("push_provider", Effect::Change, |to, value| text(&mut to.push().provider, value)),
    key("push_prid", Effect::Change, |to, value| text(&mut to.push().prid, value)),
    key("push_param", Effect::Change, |to, value| text(&mut to.push().param, value)),
    key("tls_verify", Effect::Replace, |to, value| yes_no(&mut to.tls.verify, value)),
    key("tls_ca_file", Effect::Replace, |to, value| file(&mut to.tls.roots, value)),
    key("tls_certificate_file", Effect::Replace, |to, value| file(&mut to.certificate, value)),
    key("tls_key_file", Effect::Replace, |to, value| file(&mut to.key, value)),
    key("tls_pin", Effect::Replace, |to, value| some(&mut to.tls.pin, value)),
];

fn text(to: &mut String, value: &str) -> Result<(), String> {
    value.clone_into(to);
    Ok(())
}

fn some(to: &mut Option<String>, value: &str) -> Result<(), String> {
    *to = Some(value.to_owned());
    Ok(())
}

fn file(to: &mut Option<PathBuf>, value: &str) -> Result<(), String> {
    *to = Some(PathBuf::from(value));
    Ok(())
}

fn number<N: TryFrom<u64>>(to: &mut N, value: &str) -> Result<(), String> {
    let parsed = value.parse::<u64>().ok().and_then(|number| N::try_from(number).ok());
    *to = parsed.ok_or("is no number, or too large")?;
    Ok(())
}

fn seconds(to: &mut Duration, value: &str) -> Result<(), String> {
    let mut whole = 0u32;
    number(&mut whole, value).map_err(|_| "is no number of seconds".to_owned())?;
    *to = Duration::from_secs(whole.into());
    Ok(())
}

fn yes_no(to: &mut bool, value: &str) -> Result<(), String> {
    let known = [("yes", true), ("true", true), ("no", false), ("false", false)];
    *to = one_of(value, &known).map_err(|_| "is neither yes nor no".to_owned())?;
    Ok(())
}

fn one_of<T: Copy>(value: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("is none of {}", names.join(", "))
    })
}

fn list(value: &str) -> Vec<String> {
    register::sip::split_list(value).map(|one| one.trim().to_owned()).collect()
}

fn headers(to: &mut Parts, value: &str) -> Result<(), String> {
    for line in value.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or("has a line without a colon")?;
        to.options.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(())
}

fn ha1(to: &mut Parts, algorithm: Algorithm, value: &str) -> Result<(), String> {
    to.ha1.push((algorithm, Zeroizing::new(value.to_owned())));
    Ok(())
}
