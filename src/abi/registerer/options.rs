//! `registerer_options`: from C's fields to the options of a managed registration.

use super::sized::{self, SizedStruct};
use super::{REGISTERER_RETRY_TEMPORARY, registerer_nat, registerer_options};
use crate::abi::exosip2::context::warn;
use crate::cmem;
use crate::engine::registerer::{
    AccountLogin, Algorithm, CertificateFiles, FailureClass, KeepAlive, ManagedOptions,
    OptionsError, Push, TlsSettings, Transport, excerpt,
};
use crate::engine::{CoreRefusal, Masquerade, Refusal};
use libc::{c_char, c_int, c_void};
use std::ffi::OsStr;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

// SAFETY: it begins with its size; the rest are pointers and numbers.
unsafe impl SizedStruct for registerer_options {
    const MIN_SIZE: usize = offset_of!(registerer_options, user_data) + size_of::<*mut c_void>();
    const NAME: &'static str = "options";
    const HOW_TO_SET: &'static str = "use registerer_options_init";
}

/// An option that is a number.
struct Number {
    /// What it is called when it is wrong.
    name: &'static str,
    field: fn(&mut registerer_options) -> &mut c_int,
    default: fn(&ManagedOptions) -> u64,
    least: c_int,
    most: c_int,
}

/// A row of [`NUMBERS`].
const fn row(
    name: &'static str,
    field: fn(&mut registerer_options) -> &mut c_int,
    default: fn(&ManagedOptions) -> u64,
    least: c_int,
    most: c_int,
) -> Number {
    Number { name, field, default, least, most }
}

const NO_LIMIT: c_int = c_int::MAX;

/// The numbers: name, field, default, and what they may be.
static NUMBERS: [Number; 23] = [
    row("expiry", |o| &mut o.expires, |d| d.expires.into(), 1, NO_LIMIT),
    row("refresh frequency", |o| &mut o.refresh_frequency, |d| d.refresh.into(), 50, 99),
    row("jitter", |o| &mut o.refresh_jitter, |d| d.jitter.into(), 0, 40),
    row("reg-id", |o| &mut o.reg_id, |d| d.reg_id.into(), 0, NO_LIMIT),
    row("number of answers", |o| &mut o.max_answers, |d| d.answers.into(), 1, 100),
    row("retry base", |o| &mut o.retry_base, |d| d.retry_base.as_secs(), 1, NO_LIMIT),
    row("retry maximum", |o| &mut o.retry_max, |d| d.retry_max.as_secs(), 1, NO_LIMIT),
    row("retry limit", |o| &mut o.retry_limit, |_| 0, 0, NO_LIMIT),
    row("retry_classes", |o| &mut o.retry_classes, |_| REGISTERER_RETRY_TEMPORARY as u64, 0, 7),
    row("nat", |o| &mut o.nat, |_| registerer_nat::REGISTERER_NAT_AUTOMATIC as u64, 0, 2),
    row("keepalive", |o| &mut o.keepalive, |_| 0, 0, 3),
    row("keepalive interval", |o| &mut o.keepalive_interval, |_| 0, 0, NO_LIMIT),
    row("start spread", |o| &mut o.start_spread, |_| 0, 0, NO_LIMIT),
    row("weakest algorithm", |o| &mut o.weakest_algorithm, |_| 0, 0, 2),
    row("fatal retry", |o| &mut o.fatal_retry, |d| d.fatal_retry.into(), 0, NO_LIMIT),
    row(
        "largest Min-Expires",
        |o| &mut o.largest_min_expires,
        |d| d.largest_min_expires.into(),
        1,
        NO_LIMIT,
    ),
    row("transport", |o| &mut o.transport, |_| 0, 0, 3),
    row("tls_verify", |o| &mut o.tls_verify, |d| d.tls.verify.into(), 0, 1),
    row("attempt timeout", |o| &mut o.attempt_timeout, |d| d.attempt_timeout.into(), 0, NO_LIMIT),
    row("initial_authorization", |o| &mut o.initial_authorization, |_| 0, 0, 1),
    row("reg_event", |o| &mut o.reg_event, |_| 0, 0, 1),
    row("number of flows", |o| &mut o.flows, |d| d.flows.into(), 0, 2),
    row("challenge wait", |o| &mut o.challenge_wait, |_| 0, 0, 3600),
];

impl Number {
    fn check(&self, options: &mut registerer_options) -> Result<(), OptionsError> {
        let Self { name, least, most, .. } = *self;
        let value = *(self.field)(options);
        if (least..=most).contains(&value) {
            return Ok(());
        }
        let most = if most == NO_LIMIT { "or more".to_owned() } else { format!("to {most}") };
        Err(OptionsError(format!("the {name} is {value}, it must be {least} {most}")))
    }
}

/// Writes the defaults.
///
/// # Safety
/// `options` is NULL or may be written for `size` bytes.
pub(super) unsafe fn defaults(
    options: *mut registerer_options,
    size: usize,
) -> Result<c_int, Refusal> {
    if options.is_null() || !sized::is_size_of::<registerer_options>(size) {
        return Err(CoreRefusal::BadParameter.into());
    }
    let ours = registerer_options { size, ..default_options() };
    // SAFETY: the caller's promise.
    unsafe { sized::write(&ours, options, size) };
    Ok(0)
}

/// The struct with the defaults; its size is zero.
fn default_options() -> registerer_options {
    let defaults = ManagedOptions::new("");
    let mut options = ZERO;
    for number in &NUMBERS {
        *(number.field)(&mut options) =
            c_int::try_from((number.default)(&defaults)).unwrap_or(c_int::MAX);
    }
    (options.gruu, options.path) = (1, 1);
    options
}

/// The struct with zero bytes.
// SAFETY: zero bytes are NULL pointers and numbers.
const ZERO: registerer_options = unsafe { std::mem::zeroed() };

/// The struct itself, whatever version it has. One of an older version lacks our last fields: they
/// have their defaults.
///
/// # Safety
/// `options` is NULL or points to a struct as long as it says.
unsafe fn read(options: *const registerer_options) -> Result<registerer_options, OptionsError> {
    // SAFETY: the caller's promise.
    unsafe { sized::read(options, default_options()) }.map_err(OptionsError)
}

/// # Safety
/// `at` is NULL or ends with NUL.
pub(super) unsafe fn text(at: *const c_char) -> String {
    // SAFETY: the caller's promise.
    let bytes = unsafe { cmem::bytes(at) }.unwrap_or_default();
    crate::sip::octets::decode(bytes).into_owned()
}

/// The credentials in them alone; none where there is no user.
///
/// # Safety
/// As for [`read_all`].
pub(super) unsafe fn logins(
    options: *const registerer_options,
) -> Result<Vec<AccountLogin>, OptionsError> {
    // SAFETY: the caller's promise.
    let from = unsafe { read(options) }?;
    // SAFETY: the caller's promise.
    let some = |at| Some(unsafe { text(at) }).filter(|text| !text.is_empty());
    // SAFETY: the caller's promise.
    let password = unsafe { cmem::bytes(from.password) };
    let known = [
        (Algorithm::Md5, from.ha1_md5),
        (Algorithm::Sha256, from.ha1_sha256),
        (Algorithm::Sha512_256, from.ha1_sha512_256),
    ];
    let ha1: Vec<_> = known
        .into_iter()
        .filter_map(|(algorithm, at)| Some((algorithm, some(at)?.into())))
        .collect();
    // Hashed byte by byte, whatever its encoding. An empty one counts where there is nothing else.
    let may_be_empty = some(from.username).is_some() && ha1.is_empty();
    let password = password.filter(|bytes| may_be_empty || !bytes.is_empty());
    let password: Option<Box<[u8]>> = password.map(Into::into);
    match some(from.username) {
        Some(username) => {
            let realm = some(from.realm).unwrap_or_default().into();
            Ok(vec![AccountLogin { username: username.into(), realm, password, ha1 }])
        }
        None if password.is_some() || !ha1.is_empty() => {
            Err(OptionsError("there is a password or HA1 without a user name".to_owned()))
        }
        None => Ok(Vec::new()),
    }
}

/// Reads them; the check that follows is the engine's.
///
/// # Safety
/// `options` is NULL or points to a struct as long as it says, whose texts are NULL or end with
/// NUL.
pub(super) unsafe fn read_all(
    options: *const registerer_options,
) -> Result<ManagedOptions, OptionsError> {
    // SAFETY: the caller's promise.
    let (mut from, mut logins) = unsafe { (read(options)?, logins(options)?) };
    if from.challenge_wait > 0 {
        // A user without a secret is one whom the program answers for.
        logins.retain(|login| login.password.is_some() || !login.ha1.is_empty());
    }
    // SAFETY: the caller's promise.
    let text = |at| unsafe { text(at) };
    let some = |at| Some(text(at)).filter(|text| !text.is_empty());
    let seconds = |value: c_int| Duration::from_secs(value.unsigned_abs().into());
    let byte = |value: c_int| u8::try_from(value).unwrap_or(u8::MAX);
    NUMBERS.iter().try_for_each(|number| number.check(&mut from))?;
    let bits = from.retry_classes;
    let push = some(from.push_provider);
    let push = push.map(|provider| {
        let (prid, param) = (text(from.push_prid), text(from.push_param));
        Box::new(Push { provider, prid, param })
    });
    let defaults = ManagedOptions::new(&text(from.aor));
    // SAFETY: the caller's promise.
    let tls = unsafe { tls(&from, &defaults.tls) }?;
    let contacts = some(from.contacts)
        .map(|list| crate::sip::split_list(&list).map(str::to_owned).collect())
        .unwrap_or_default();
    Ok(ManagedOptions {
        registrar: text(from.registrar),
        from: some(from.from),
        logins,
        username: text(from.username).into(),
        realm: text(from.realm).into(),
        initial_authorization: from.initial_authorization != 0,
        challenge_wait: seconds(from.challenge_wait),
        reg_event: from.reg_event != 0,
        expires: from.expires.unsigned_abs(),
        refresh: byte(from.refresh_frequency),
        jitter: byte(from.refresh_jitter),
        headers: headers(&text(from.extra_headers))?,
        contact_params: text(from.contact_params),
        contacts,
        q: some(from.q).map(Into::into),
        instance: some(from.instance_id),
        reg_id: from.reg_id.unsigned_abs(),
        route: text(from.route),
        flows: byte(from.flows).max(1),
        second_route: text(from.second_route).into(),
        answers: byte(from.max_answers),
        retry_base: seconds(from.retry_base),
        retry_max: seconds(from.retry_max),
        retry_limit: from.retry_limit.unsigned_abs(),
        retry_temporary: bits & 1 != 0,
        retry_fatal: bits & 2 != 0,
        retry_credentials: bits & 4 != 0,
        classes: classes(&text(from.status_classes))?,
        nat: nat(from.nat),
        keep_alive: keep_alive(from.keepalive),
        keep_alive_period: seconds(from.keepalive_interval),
        gruu: from.gruu != 0,
        path: from.path != 0,
        security: text(from.security_client),
        push,
        redirects: from.follow_redirects != 0,
        spread: seconds(from.start_spread),
        events: from.exosip_events != 0,
        fatal_retry: from.fatal_retry.unsigned_abs(),
        largest_min_expires: from.largest_min_expires.unsigned_abs(),
        attempt_timeout: from.attempt_timeout.unsigned_abs(),
        transport: transport(from.transport),
        weakest_algorithm: algorithm(from.weakest_algorithm).unwrap_or(Algorithm::Md5),
        tag: from.user_data.expose_provenance(),
        tls,
        ..defaults
    })
}

/// What is wanted of TLS; shared with the defaults where it is the same.
///
/// # Safety
/// As for [`read_all`].
unsafe fn tls(
    from: &registerer_options,
    defaults: &Arc<TlsSettings>,
) -> Result<Arc<TlsSettings>, OptionsError> {
    // SAFETY: the caller's promise.
    let file = |at| unsafe { cmem::bytes(at) }.filter(|name| !name.is_empty()).map(path);
    // SAFETY: the caller's promise.
    let pin = unsafe { text(from.tls_pin) };
    let client = CertificateFiles::pair(file(from.tls_certificate_file), file(from.tls_key_file));
    let tls = TlsSettings {
        verify: from.tls_verify != 0,
        roots: file(from.tls_ca_file),
        client: client.map_err(|wrong| OptionsError(wrong.to_owned()))?,
        pin: Some(pin).filter(|pin| !pin.is_empty()),
        ..TlsSettings::clone(defaults)
    };
    Ok(if tls == **defaults { Arc::clone(defaults) } else { Arc::new(tls) })
}

/// One of enum registerer_nat.
fn nat(value: c_int) -> Masquerade {
    match value {
        0 => Masquerade::Off,
        1 => Masquerade::Automatic,
        _ => Masquerade::Every,
    }
}

/// One of enum registerer_keepalive.
fn keep_alive(value: c_int) -> KeepAlive {
    match value {
        0 => KeepAlive::Context,
        1 => KeepAlive::Off,
        2 => KeepAlive::Crlf,
        _ => KeepAlive::Stun,
    }
}

/// One of enum registerer_transport.
pub(super) fn transport(value: c_int) -> Option<Transport> {
    match value {
        1 => Some(Transport::Udp),
        2 => Some(Transport::Tcp),
        3 => Some(Transport::Tls),
        _ => None,
    }
}

/// A file by its name, whose octets need not be text.
pub(super) fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(name))
}

/// One of enum registerer_algorithm.
pub(super) fn algorithm(value: c_int) -> Option<Algorithm> {
    match value {
        0 => Some(Algorithm::Md5),
        1 => Some(Algorithm::Sha256),
        2 => Some(Algorithm::Sha512_256),
        _ => None,
    }
}

/// `Name: value` lines.
fn headers(text: &str) -> Result<Vec<(String, String)>, OptionsError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':').ok_or_else(|| {
                OptionsError(format!("the header \"{}\" has no colon", excerpt(line)))
            })?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// `404=temporary 480=fatal`
fn classes(text: &str) -> Result<Vec<(u16, FailureClass)>, OptionsError> {
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let wrong = || {
                OptionsError(format!(
                    "the status class \"{}\" is not of the form 404=temporary",
                    excerpt(word)
                ))
            };
            let (status, class) = word.split_once('=').ok_or_else(wrong)?;
            let status = status
                .parse()
                .ok()
                .filter(|status| (300..700).contains(status))
                .ok_or_else(wrong)?;
            let class = match class {
                "temporary" => FailureClass::Temporary,
                "fatal" => FailureClass::Fatal,
                "credentials" => FailureClass::Credentials,
                _ => return Err(wrong()),
            };
            Ok((status, class))
        })
        .collect()
}

/// The reason goes to the trace; the number is REGISTERER_BAD_PARAMETER.
pub(super) fn refused(wrong: OptionsError) -> Refusal {
    warn(&format!("registerer: {wrong}"));
    CoreRefusal::BadParameter.into()
}
