//! The command line.

use super::service::{ExpiresIn, Fault, Settings};
use register::auth::Algorithm;
use register::transport::Transport;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

pub(crate) const HELP: &str = "\
A SIP registrar on the loopback, for demos, tests and benchmarks. It keeps its bindings in memory
and misbehaves on request. Calls and other requests for a user go on to where that user has
registered last, and responses back (RFC 3261 section 16.11); 404 where nobody has.

usage: registrar [OPTION]...

where and how long
  --transport NAME        udp (default), tcp or tls
  --certificate-file FILE write the certificate that TLS shows, in PEM. It is made at each start,
                          for the address that is listened on, 127.0.0.1, ::1 and localhost
  --listen ADDR:PORT      address (default 127.0.0.1:0; port 0: any free one). The first line on
                          standard output is `listening on ADDR:PORT`
  --seconds N             end after N seconds
  --until-eof             end when standard input does
  --quiet                 no line for each request
  --verbose               also print every message

who may register
  --user NAME:PASSWORD    a user; repeatable
  --any-user PASSWORD     the password of every user not named
  --no-auth               challenge nobody (so without any user)
  --own-only              403 when the digest username is not the user of To
  --forbid                403 for a wrong answer (otherwise a new challenge)

challenges
  --realm TEXT            default rig.test
  --algorithm LIST        md5, sha-256, sha-512-256, each also with -sess: one challenge each, in
                          this order (default md5)
  --qop LIST              auth, auth-int, \"auth,auth-int\" or none (default auth)
  --nonce-life SECONDS    then the nonce is stale (default 300)
  --nonce-once            a nonce proves one request only
  --check-nc              nc must grow, or the nonce is stale
  --keep-nonce            a wrong answer gets the same nonce again
  --next-nonce            Authentication-Info with nextnonce in each 200
  --proxy-auth            407 instead of 401

bindings
  --min-expires N         423 below N seconds
  --max-expires N         grant at most N seconds (default 86400)
  --default-expires N     grant N seconds where nothing is asked (default 3600)
  --expires-in WHERE      contact (default), header or nowhere: where a 200 says how long
  --strip-contact-params  Contacts come back without their parameters
  --foreign-contact       another device's Contact comes first in each 200
  --outbound              a Contact with +sip.instance and reg-id is known by these (RFC 5626), and
                          a 200 to it has Require: outbound

faults
  --fault STATUS[:COUNT[:RETRY_AFTER]]
                          answer STATUS, to the first COUNT requests or to all; repeatable, one
                          after the other. 1xx: nothing follows it
  --redirect URI          the Contact of a 3xx fault
  --silent COUNT          ignore the first COUNT datagrams
  --loss PERCENT          lose datagrams, each way
  --duplicate PERCENT     send answers twice
  --delay MS              hold answers back
  --received ADDR:PORT    the address that Via shows the client
  --seed N                the same N, the same nonces and losses

Status: 0 when it ended as asked, 1 when the socket fails, 2 for a wrong option.
";

/// What the command line says.
pub(crate) struct Options {
    #[cfg_attr(not(feature = "tls"), allow(dead_code))]
    pub(crate) certificate_file: Option<String>,
    pub(crate) listen: SocketAddr,
    pub(crate) seconds: Option<Duration>,
    pub(crate) until_eof: bool,
    pub(crate) verbose: bool,
    pub(crate) settings: Settings,
}

/// Reads the options; `Ok(None)` when help is asked for. `seed` is for where none is given.
pub(crate) fn parse(
    mut args: impl Iterator<Item = String>,
    seed: u64,
) -> Result<Option<Options>, String> {
    let settings = Settings { seed, ..Settings::default() };
    let mut options = Options {
        certificate_file: None,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        seconds: None,
        until_eof: false,
        verbose: false,
        settings,
    };
    let settings = &mut options.settings;
    let mut no_auth = false;
    while let Some(option) = args.next() {
        // `--option=value` is the same as `--option value`.
        let (option, mut inline) = match option.split_once('=') {
            Some((name, value)) => (name.to_string(), Some(value.to_string())),
            None => (option, None),
        };
        let mut value = || {
            inline.take().or_else(|| args.next()).ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--help" | "-h" => return Ok(None),
            "--transport" => {
                let name = value()?;
                settings.transport =
                    Transport::from_param(&name).ok_or_else(|| format!("--transport: {name}?"))?;
            }
            "--certificate-file" => options.certificate_file = Some(value()?),
            "--listen" => options.listen = number(&option, value()?)?,
            "--seconds" => options.seconds = Some(Duration::from_secs(number(&option, value()?)?)),
            "--until-eof" => options.until_eof = true,
            "--quiet" => settings.log = false,
            "--verbose" => options.verbose = true,
            "--user" => {
                let user = value()?;
                let (name, password) = user.split_once(':').ok_or("--user wants NAME:PASSWORD")?;
                settings.users.insert(name.into(), password.into());
            }
            "--any-user" => settings.any_user = Some(value()?),
            "--no-auth" => no_auth = true,
            "--own-only" => settings.own_only = true,
            "--forbid" => settings.forbid = true,
            "--realm" => settings.realm = value()?,
            "--algorithm" => settings.algorithms = algorithms(&value()?)?,
            "--qop" => settings.qop = qop(value()?)?,
            "--nonce-life" => settings.nonce_life = Duration::from_secs(number(&option, value()?)?),
            "--nonce-once" => settings.nonce_once = true,
            "--check-nc" => settings.check_nc = true,
            "--keep-nonce" => settings.keep_nonce = true,
            "--next-nonce" => settings.next_nonce = true,
            "--proxy-auth" => settings.proxy_auth = true,
            "--min-expires" => settings.min_expires = number(&option, value()?)?,
            "--max-expires" => settings.max_expires = number(&option, value()?)?,
            "--default-expires" => settings.default_expires = number(&option, value()?)?,
            "--expires-in" => {
                settings.expires_in = match value()?.as_str() {
                    "contact" => ExpiresIn::Contact,
                    "header" => ExpiresIn::Header,
                    "nowhere" => ExpiresIn::Nowhere,
                    other => return Err(format!("--expires-in: {other}?")),
                }
            }
            "--strip-contact-params" => settings.strip_contact_params = true,
            "--foreign-contact" => settings.foreign_contact = true,
            "--outbound" => settings.outbound = true,
            "--fault" => settings.faults.push(fault(&value()?)?),
            "--redirect" => settings.redirect = Some(value()?),
            "--silent" => settings.silent = number(&option, value()?)?,
            "--loss" => settings.loss = percent(&option, value()?)?,
            "--duplicate" => settings.duplicate = percent(&option, value()?)?,
            "--delay" => settings.delay = Duration::from_millis(number(&option, value()?)?),
            "--received" => settings.received = Some(number(&option, value()?)?),
            "--seed" => settings.seed = number(&option, value()?)?,
            _ => return Err(format!("unknown option {option}")),
        }
        if inline.is_some() {
            return Err(format!("{option} takes no value"));
        }
    }
    let users = !settings.users.is_empty() || settings.any_user.is_some();
    settings.auth = users && !no_auth;
    Ok(Some(options))
}

fn number<T: FromStr>(option: &str, text: String) -> Result<T, String> {
    text.parse().map_err(|_| format!("{option}: {text}?"))
}

fn percent(option: &str, text: String) -> Result<u32, String> {
    number(option, text.clone())
        .ok()
        .filter(|p| *p <= 100)
        .ok_or_else(|| format!("{option}: {text}?"))
}

fn algorithms(list: &str) -> Result<Vec<Algorithm>, String> {
    list.split(',')
        .map(|name| Algorithm::parse(name).ok_or_else(|| format!("--algorithm: {name}?")))
        .collect()
}

fn qop(list: String) -> Result<Option<String>, String> {
    match list.as_str() {
        "none" => Ok(None),
        _ if list.split(',').all(|q| matches!(q, "auth" | "auth-int")) => Ok(Some(list)),
        _ => Err(format!("--qop: {list}?")),
    }
}

fn fault(text: &str) -> Result<Fault, String> {
    let wrong = || format!("--fault: {text}?");
    let mut parts = text.split(':').map(str::parse::<u32>);
    let mut next = || parts.next().transpose().map_err(|_| wrong());
    let status = next()?
        .and_then(|s| u16::try_from(s).ok())
        .filter(|s| (100..700).contains(s))
        .ok_or_else(wrong)?;
    let fault = Fault { status, left: next()?, retry_after: next()? };
    if next()?.is_some() { Err(wrong()) } else { Ok(fault) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Options>, String> {
        parse(line.split(' ').map(String::from), 1)
    }

    #[test]
    fn help_names_options_that_exist() {
        let named =
            HELP.lines().filter_map(|line| line.trim_start().strip_prefix("--")?.split(' ').next());
        for name in named {
            let error = read(&format!("--{name}")).err().unwrap_or_default();
            assert!(!error.contains("unknown"), "{error}");
        }
        assert!(read("--frobnicate").is_err_and(|e| e.contains("unknown")));
    }

    #[test]
    fn faults_and_lists_are_read_whole_or_refused() {
        let Ok(Some(o)) = read(
            "--fault 503:2:7 --fault=302 --algorithm sha-256,MD5-sess --qop none --user a:b:c",
        ) else {
            panic!("all of it is right");
        };
        let faults: Vec<_> =
            o.settings.faults.iter().map(|f| (f.status, f.left, f.retry_after)).collect();
        assert_eq!(faults, [(503, Some(2), Some(7)), (302, None, None)]);
        assert_eq!(o.settings.algorithms, [Algorithm::Sha256, Algorithm::Md5Sess]);
        assert!(o.settings.qop.is_none() && o.settings.auth && o.settings.users["a"] == "b:c");
        for wrong in [
            "--fault 99",
            "--fault 503:x",
            "--fault 503:1:2:3",
            "--qop auth-conf",
            "--algorithm md6",
            "--loss 101",
            "--user a",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
