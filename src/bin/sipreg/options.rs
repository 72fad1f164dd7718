//! The command line. `--help` is made of the comments here; man/sipreg.1 says more, and a test
//! holds the two together.

use crate::password;
use crate::secrets::{URI_PASSWORD, has_uri_password, wrong_usage};
use crate::tls_files::TlsFile;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, ValueEnum};
use register::auth::Algorithm;
use register::engine::registerer::{AccountLogin, CertificateFiles, ManagedOptions, Transport};
use register::transport::TlsSettings;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The password is looked for here where no option gives one.
const PASSWORD_VARIABLE: &str = "SIPREG_PASSWORD";

/// Registers a SIP address, keeps it registered until Ctrl-C, then unregisters it.
#[derive(Parser)]
#[command(
    name = "sipreg",
    version,
    infer_long_args = true,
    args_override_self = true,
    override_usage = "sipreg --from URI [OPTION]...",
    after_help = "Status: 0 registered and unregistered, 1 wrong usage, 2 refused, 3 no answer,\n\
                  4 network failure, 5 standard output fails.\n\
                  With --nagios: 0 OK, 1 warning, 2 critical, 3 unknown."
)]
pub(crate) struct Options {
    /// The address-of-record, e.g. sip:alice@example.com
    #[arg(long, value_name = "URI")]
    pub(crate) from: String,
    /// The registrar, e.g. sip:127.0.0.1:5060 (default: the domain of --from)
    #[arg(long, value_name = "URI")]
    pub(crate) proxy: Option<String>,
    #[command(flatten)]
    pub(crate) login: LoginOptions,
    #[command(flatten)]
    pub(crate) request: RequestOptions,
    #[command(flatten)]
    pub(crate) network: NetworkOptions,
    #[command(flatten)]
    pub(crate) tls: TlsOptions,
    #[command(flatten)]
    pub(crate) life: LifeOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// Who it is.
#[derive(Args)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct LoginOptions {
    /// The name that goes with the password
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The password, which other users see in the list of processes
    #[arg(long, value_name = "TEXT", group = "secret")]
    #[arg(aliases = ["pa", "pas", "pass", "passw", "passwo", "passwor"])]
    #[arg(value_parser = OsStringValueParser::new().map(Secret::new))]
    password: Option<Secret>,
    /// The password is the first line of FILE; -: of standard input
    #[arg(long, value_name = "FILE", group = "secret")]
    password_file: Option<PathBuf>,
    /// The password is in this variable (default SIPREG_PASSWORD)
    #[arg(long, value_name = "NAME", group = "secret")]
    password_env: Option<String>,
    /// Instead of a password: MD5 of user:realm:password
    #[arg(long, value_name = "HEX", group = "secret")]
    #[arg(value_parser = OsStringValueParser::new().map(Secret::new))]
    ha1: Option<Secret>,
    /// Give the password to this realm only
    #[arg(long, value_name = "TEXT")]
    realm: Option<String>,
}

/// A secret as bytes that are wiped when it is given up.
#[derive(Clone)]
struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    fn new(text: OsString) -> Secret {
        Secret(Zeroizing::new(text.into_vec()))
    }
}

/// What a REGISTER says.
#[derive(Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// How long the binding shall last (default 3600; 0 removes it)
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=99_999_999))]
    pub(crate) expires: u32,
    /// This Contact instead of our own address (*: all, with --expires 0)
    #[arg(long, value_name = "URI", alias = "c")]
    pub(crate) contact: Option<String>,
    /// What User-Agent says
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// A further header field; repeatable
    #[arg(long, value_name = "NAME:VALUE", action = ArgAction::Append)]
    header: Vec<String>,
    /// Go by way of this URI, as Route says; repeatable
    #[arg(long, value_name = "URI", action = ArgAction::Append)]
    route: Vec<String>,
    /// The UUID of this device, the same each time (default: made at random)
    #[arg(long, value_name = "URN")]
    instance: Option<String>,
    /// 2: a second flow beside the first, which needs --instance
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=2))]
    flows: u8,
}

/// How it gets there.
#[derive(Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkOptions {
    /// udp, tcp, tls or auto, the default: as URI and DNS say
    #[arg(long, value_name = "NAME", hide_possible_values = true, conflicts_with_all = ["tcp", "tls"])]
    transport: Option<TransportName>,
    /// Use TCP
    #[arg(long)]
    tcp: bool,
    /// Use TLS; FILE has the root certificates in PEM ("": the system's)
    #[arg(long, value_name = "FILE", alias = "tl", conflicts_with = "tls_roots")]
    tls: Option<OsString>,
    /// Local address (default: all)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) local: Option<String>,
    /// Local port (default 0: any free one)
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Use IPv6
    #[arg(long, alias = "i")]
    pub(crate) ipv6: bool,
}

/// How TLS is used, where it is.
#[derive(Args)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsOptions {
    /// Root certificates, a file in PEM or a folder (default: the system's)
    #[arg(long = "tls-roots", value_name = "FILE")]
    tls_roots: Option<PathBuf>,
    /// The certificate that is shown where the server asks for one, PEM or DER
    #[arg(long = "tls-cert", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key, PEM or DER
    #[arg(long = "tls-key", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The key that the server has to have: sha256//BASE64, or a file with it
    #[arg(long = "tls-pin", value_name = "PIN")]
    tls_pin: Option<String>,
    /// Take any certificate: whoever is in between may be the server
    #[arg(long = "tls-no-verify")]
    tls_no_verify: bool,
}

/// How long it goes on.
#[derive(Args)]
#[command(next_help_heading = "When to end")]
pub(crate) struct LifeOptions {
    /// Refresh by hand N times, a second apart, then unregister
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) refresh: u32,
    /// Unregister as soon as registered
    #[arg(long, aliases = ["o"])]
    pub(crate) once: bool,
    /// Wait until the library has refreshed by itself, then unregister
    #[arg(long)]
    pub(crate) demo: bool,
    /// Longest wait for a final answer (default 40; with --nagios 7)
    #[arg(long, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=86_400))]
    timeout: Option<u32>,
}

/// What is shown and written.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    /// No messages, only what happened
    #[arg(long)]
    pub(crate) quiet: bool,
    /// More: explanations; -vv: as --trace too; -vvv: the library's log too
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No colours (there are none without a terminal or with NO_COLOR)
    #[arg(long, alias = "n")]
    pub(crate) no_color: bool,
    /// One line of JSON for each event
    #[arg(long, conflicts_with = "nagios")]
    pub(crate) json: bool,
    /// Whole messages on standard error, without proofs of the password
    #[arg(long)]
    pub(crate) trace: bool,
    /// Write the messages to FILE as UDP packets, what went over TLS too
    #[arg(long, value_name = "FILE")]
    pub(crate) pcap: Option<PathBuf>,
    /// Check once, as a plugin of Nagios: one line, and its status
    #[arg(long)]
    pub(crate) nagios: bool,
    /// With --nagios: a warning where it takes longer
    #[arg(long, value_name = "SECONDS", requires = "nagios", value_parser = seconds)]
    pub(crate) warning: Option<f64>,
    /// With --nagios: critical where it takes longer
    #[arg(long, value_name = "SECONDS", requires = "nagios", value_parser = seconds)]
    pub(crate) critical: Option<f64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum TransportName {
    Auto,
    Udp,
    Tcp,
    Tls,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0);
    number.ok_or_else(|| "not a number of seconds".to_owned())
}

/// How a command line ends the program.
pub(crate) enum NoOptions {
    /// Help or the version was asked for.
    Shown(clap::Error),
    /// It is wrong.
    Usage {
        /// A monitoring system has called.
        nagios: bool,
        /// One line.
        why: String,
    },
}

/// Reads the command line.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Options, NoOptions> {
    let nagios = arguments.iter().any(|argument| argument == "--nagios");
    // A value may begin with a hyphen, as a password does.
    let command = Options::command().mut_args(|argument| {
        let takes_value = argument.get_action().takes_values();
        argument.allow_hyphen_values(takes_value)
    });
    let matches = command.try_get_matches_from(&arguments);
    let options = matches.and_then(|mut matches| Options::from_arg_matches_mut(&mut matches));
    let options = options.map_err(|error| match error.use_stderr() {
        false => NoOptions::Shown(error),
        true => NoOptions::Usage { nagios, why: wrong_usage(&error, &arguments) },
    })?;
    let uri = options.uri_password().map(|option| format!("{option}: {URI_PASSWORD}"));
    match uri.or(options.contradiction().map(str::to_owned)) {
        Some(why) => Err(NoOptions::Usage { nagios, why }),
        None => Ok(options),
    }
}

impl Options {
    /// Which option has a URI with a password in it.
    fn uri_password(&self) -> Option<&'static str> {
        let request = &self.request;
        let has_password = |texts: &[String]| texts.iter().any(|text| has_uri_password(text));
        [
            ("--from", std::slice::from_ref(&self.from)),
            ("--proxy", self.proxy.as_slice()),
            ("--contact", request.contact.as_slice()),
            ("--route", &request.route),
            ("--header", &request.header),
        ]
        .into_iter()
        .find_map(|(option, texts)| has_password(texts).then_some(option))
    }

    /// What does not go together, and clap does not know.
    fn contradiction(&self) -> Option<&'static str> {
        if self.login.password.as_ref().is_some_and(|text| text.0.as_slice() == b"-") {
            return Some(
                "--password - is no password: --password-file - reads it from standard input",
            );
        }
        let limits = self.output.warning.zip(self.output.critical);
        if limits.is_some_and(|(warning, critical)| warning > critical) {
            return Some("--warning is more than --critical, which would hide it");
        }
        (self.login.user.is_none() && self.login.has_secret())
            .then_some("a password or --ha1 needs --user")
    }

    /// As a registration of the library wants them. Error: what is wrong, in words.
    pub(crate) fn managed(&mut self) -> Result<ManagedOptions, String> {
        let defaults = ManagedOptions::new(&self.from);
        let request = &self.request;
        let mut headers = Vec::new();
        if let Some(name) = &request.user_agent {
            headers.push(("User-Agent".to_owned(), name.clone()));
        }
        for line in &request.header {
            let (name, value) = line.split_once(':').ok_or("--header wants NAME:VALUE")?;
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        let contacts = request.contact.iter().filter(|_| !self.removes_all());
        Ok(ManagedOptions {
            registrar: self.proxy.clone().unwrap_or_default(),
            expires: request.expires.max(1),
            headers,
            contacts: contacts.cloned().collect(),
            route: request.route.join(","),
            flows: request.flows,
            instance: request.instance.clone(),
            transport: self.transport(),
            tls: Arc::new(self.tls_settings(&defaults.tls)?),
            // A flow of ours does not lead to the Contact of another device (RFC 5626 section 4.2).
            reg_id: if request.contact.is_some() { 0 } else { defaults.reg_id },
            logins: self.login.take()?.into_iter().collect(),
            ..defaults
        })
    }

    /// Whether the bindings of all devices are to go.
    pub(crate) fn removes_all(&self) -> bool {
        self.request.expires == 0 && self.request.contact.as_deref() == Some("*")
    }

    /// The transport that was asked for by name.
    pub(crate) fn transport(&self) -> Option<Transport> {
        match self.network.transport {
            Some(TransportName::Udp) => Some(Transport::Udp),
            Some(TransportName::Tcp) => Some(Transport::Tcp),
            Some(TransportName::Tls) => Some(Transport::Tls),
            _ if self.network.tls.is_some() => Some(Transport::Tls),
            _ => self.network.tcp.then_some(Transport::Tcp),
        }
    }

    fn tls_settings(&self, defaults: &TlsSettings) -> Result<TlsSettings, String> {
        let given = &self.tls;
        let roots = self.network.tls.as_ref().map(PathBuf::from).or(given.tls_roots.clone());
        let roots = roots.filter(|file| !file.as_os_str().is_empty());
        let client = CertificateFiles::pair(given.tls_cert.clone(), given.tls_key.clone())?;
        let (pin, verified) = (given.tls_pin.as_ref().map(PathBuf::from), !given.tls_no_verify);
        for (option, what, file) in [
            ("roots", TlsFile::Roots, roots.as_ref().filter(|_| verified)),
            ("cert", TlsFile::Certificate, given.tls_cert.as_ref()),
            ("key", TlsFile::Key, given.tls_key.as_ref()),
            ("pin", TlsFile::Pin, pin.as_ref()),
        ] {
            let wrong = |why| match file {
                Some(file) => format!("--tls-{option} {}: {why}", file.display()),
                None => why,
            };
            file.map_or(Ok(()), |file| what.check(file)).map_err(wrong)?;
        }
        Ok(TlsSettings {
            verify: verified,
            roots,
            client,
            pin: given.tls_pin.clone(),
            ..defaults.clone()
        })
    }

    /// The registrar, or the address whose domain has it, for a person.
    pub(crate) fn registrar(&self) -> &str {
        self.proxy.as_deref().unwrap_or(&self.from)
    }

    /// The longest wait for a final answer.
    pub(crate) fn timeout(&self) -> u32 {
        self.life.timeout.unwrap_or(if self.output.nagios { 7 } else { 40 })
    }
}

impl LoginOptions {
    fn has_secret(&self) -> bool {
        let elsewhere = self.password_file.is_some() || self.password_env.is_some();
        elsewhere || self.password.is_some() || self.ha1.is_some()
    }

    /// The credentials, which are not kept here; none where there is no user.
    fn take(&mut self) -> Result<Option<AccountLogin>, String> {
        let Some(user) = &self.user else { return Ok(None) };
        let realm = self.realm.clone().unwrap_or_default().into();
        let mut login =
            AccountLogin { username: user.as_str().into(), realm, password: None, ha1: Vec::new() };
        if let Some(ha1) = self.ha1.take() {
            let ha1 = std::str::from_utf8(&ha1.0).map_err(|_| "--ha1 is no hexadecimal number")?;
            login.ha1.push((Algorithm::Md5, ha1.into()));
            return Ok(Some(login));
        }
        let password = if let Some(given) = self.password.take() {
            given.0
        } else if let Some(file) = &self.password_file {
            // Neither this name nor the next is shown: it may be a password.
            password::from_file(file).map_err(|error| format!("--password-file: {error}"))?
        } else if let Some(name) = &self.password_env {
            let found = password::from_environment(name);
            found.ok_or("--password-env: there is no such variable in the environment")?
        } else {
            password::from_environment(PASSWORD_VARIABLE).ok_or_else(|| {
                format!("--user needs a password, --ha1 or {PASSWORD_VARIABLE} in the environment")
            })?
        };
        login.password = Some(password.as_slice().into());
        Ok(Some(login))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, NoOptions> {
        parse(line.split(' ').map(Into::into).collect())
    }

    #[test]
    fn the_definition_of_the_options_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn options_may_be_abbreviated_repeated_and_have_values_with_hyphens() {
        let line = "sipreg --fr sip:a@b --user a --passw -x --expires=5 --expires 6 --tl . --i";
        let Ok(mut options) = read(line) else { panic!("{line}") };
        let managed = options.managed().unwrap();
        assert_eq!((managed.expires, managed.transport), (6, Some(Transport::Tls)));
        assert_eq!(managed.logins[0].password.as_deref(), Some(&b"-x"[..]));
        assert_eq!(managed.tls.roots, Some(PathBuf::from(".")));
        assert!(options.network.ipv6);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for wrong in [
            "--user a --password -",
            "--password x",
            "--ha1 0",
            "--user a --password x --ha1 0",
            "--user a --password-file f --password-env E",
            "--tcp --transport udp",
            "--tls f --tls-roots f",
            "--tls-cert f",
            "--json --nagios",
            "--warning 1",
            "--nagios --warning 5 --critical 1",
            "--expires -1",
            "--port 65536",
            "sip:b",
        ] {
            assert!(read(&format!("sipreg --from sip:a@b {wrong}")).is_err(), "{wrong}");
        }
    }
}
