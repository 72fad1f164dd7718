//! From the structs of `<registerer.h>` to the engine's, and back.

use super::exosip2::context::warn;
use super::exosip2::ex_setup::eXosip_t;
use super::registerer::{registerer_info, registerer_options, registerer_request, registerer_state};
use crate::cmem;
use crate::engine::registerer::{
    AccountLogin, Algorithm, Class, Info, KeepAlive, News, Options, Push, State, What, Wrong, short,
};
use crate::engine::{Call, CoreRefusal, ListenerId, Masquerade, Refusal, Rid};
use libc::{c_char, c_int, c_void};
use std::ffi::CString;
use std::mem::offset_of;
use std::sync::Arc;
use std::time::Duration;

/// The structs of the first version end here: none is smaller.
const LEAST_OPTIONS: usize = offset_of!(registerer_options, user_data) + size_of::<*mut c_void>();
const LEAST_INFO: usize = offset_of!(registerer_info, moves) + size_of::<u64>();
/// No struct is larger than this, whatever version it has.
const MOST: usize = 4096;

/// What a listener is called with: pointers of the application, to be used on another thread.
#[derive(Clone, Copy)]
struct Theirs {
    context: *mut eXosip_t,
    user: *mut c_void,
}

// SAFETY: nothing here follows them; the application, which gets them back, has promised that they may be used there.
unsafe impl Send for Theirs {}
// SAFETY: as above.
unsafe impl Sync for Theirs {}

impl Theirs {
    fn both(self) -> (*mut eXosip_t, *mut c_void) {
        (self.context, self.user)
    }
}

/// Writes the defaults.
///
/// # Safety
/// `options` is NULL or has room for `size` bytes.
pub(super) unsafe fn defaults(options: *mut registerer_options, size: usize) -> Result<c_int, Refusal> {
    if options.is_null() || !(LEAST_OPTIONS..=MOST).contains(&size) {
        return Err(CoreRefusal::BadParameter.into());
    }
    let ours = Options::new("");
    // SAFETY: room for `size` bytes, which is at least our struct; all zero is valid for it.
    let options = unsafe {
        options.cast::<u8>().write_bytes(0, size);
        &mut *options
    };
    let seconds = |time: Duration| c_int::try_from(time.as_secs()).unwrap_or(c_int::MAX);
    options.size = size;
    options.expires = c_int::try_from(ours.expires).unwrap_or(600);
    options.refresh_frequency = ours.refresh.into();
    options.refresh_jitter = ours.jitter.into();
    options.reg_id = c_int::try_from(ours.reg_id).unwrap_or(1);
    options.max_answers = ours.answers.into();
    options.retry_base = seconds(ours.retry_base);
    options.retry_max = seconds(ours.retry_max);
    options.retry_classes = super::registerer::REGISTERER_RETRY_TEMPORARY;
    options.nat = super::registerer::registerer_nat::REGISTERER_NAT_AUTOMATIC as c_int;
    options.gruu = 1;
    options.path = 1;
    Ok(0)
}

/// The struct itself, whatever version it has.
///
/// # Safety
/// `options` is NULL or points to a struct as long as it says.
unsafe fn read(options: *const registerer_options) -> Result<registerer_options, Wrong> {
    let wrong = |text: &str| Wrong(text.to_owned());
    if options.is_null() {
        return Err(wrong("there are no options"));
    }
    // SAFETY: the caller's promise: a struct begins with its size.
    let size = unsafe { (*options).size };
    if !(LEAST_OPTIONS..=MOST).contains(&size) {
        return Err(wrong("the size of the options is not set: use registerer_options_init"));
    }
    let more = size.saturating_sub(size_of::<registerer_options>());
    // SAFETY: as long as it says.
    let tail = unsafe { std::slice::from_raw_parts(options.add(1).cast::<u8>(), more) };
    if tail.iter().any(|b| *b != 0) {
        return Err(wrong("these options are of a newer version"));
    }
    // SAFETY: at least our struct, by the check of its size.
    Ok(unsafe { *options })
}

/// # Safety
/// `at` is NULL or ends with NUL.
unsafe fn text(at: *const c_char) -> String {
    // SAFETY: the caller's promise.
    let bytes = unsafe { cmem::bytes(at) }.unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

/// The credentials in them alone; none where there is no user.
///
/// # Safety
/// As for [`options`].
pub(super) unsafe fn logins(options: *const registerer_options) -> Result<Vec<AccountLogin>, Wrong> {
    // SAFETY: the caller's promise.
    let from = unsafe { read(options) }?;
    // SAFETY: the caller's promise.
    let some = |at| Some(unsafe { text(at) }).filter(|text| !text.is_empty());
    // SAFETY: the caller's promise.
    let password = unsafe { cmem::bytes(from.password) };
    // Hashed byte by byte, whatever its encoding.
    let password: Option<Box<[u8]>> = password.filter(|bytes| !bytes.is_empty()).map(Into::into);
    let known = [
        (Algorithm::Md5, from.ha1_md5),
        (Algorithm::Sha256, from.ha1_sha256),
        (Algorithm::Sha512_256, from.ha1_sha512_256),
    ];
    let ha1: Vec<_> =
        known.into_iter().filter_map(|(algorithm, at)| Some((algorithm, some(at)?.into()))).collect();
    match some(from.username) {
        Some(username) => {
            let realm = some(from.realm).unwrap_or_default().into();
            Ok(vec![AccountLogin { username: username.into(), realm, password, ha1 }])
        }
        None if password.is_some() || !ha1.is_empty() => {
            Err(Wrong("there is a password or HA1 without a user name".to_owned()))
        }
        None => Ok(Vec::new()),
    }
}

/// Reads them; the check that follows is the engine's.
///
/// # Safety
/// `options` is NULL or points to a struct as long as it says, whose texts are NULL or end with NUL.
pub(super) unsafe fn options(options: *const registerer_options) -> Result<Options, Wrong> {
    // SAFETY: the caller's promise.
    let (from, logins) = unsafe { (read(options)?, logins(options)?) };
    // SAFETY: the caller's promise.
    let text = |at| unsafe { text(at) };
    let some = |at| Some(text(at)).filter(|text| !text.is_empty());
    let number = |what: &str, value: c_int, least: c_int, most: c_int| {
        if (least..=most).contains(&value) {
            return Ok(value.unsigned_abs());
        }
        let most = if most == c_int::MAX { "or more".to_owned() } else { format!("to {most}") };
        Err(Wrong(format!("the {what} is {value}, it must be {least} {most}")))
    };
    let byte =
        |what, value, least, most| number(what, value, least, most).map(|n| u8::try_from(n).unwrap_or(0));
    let seconds =
        |what, value, least| number(what, value, least, c_int::MAX).map(|n| Duration::from_secs(n.into()));
    let bits = byte("retry_classes", from.retry_classes, 0, 7)?;
    let push = some(from.push_provider);
    let push =
        push.map(|provider| Push { provider, prid: text(from.push_prid), param: text(from.push_param) });
    let contacts = some(from.contacts)
        .map(|list| crate::sip::split_list(&list).map(str::to_owned).collect())
        .unwrap_or_default();
    Ok(Options {
        registrar: text(from.registrar),
        from: some(from.from),
        logins,
        expires: number("expiry", from.expires, 1, c_int::MAX)?,
        refresh: byte("refresh frequency", from.refresh_frequency, 50, 99)?,
        jitter: byte("jitter", from.refresh_jitter, 0, 40)?,
        headers: headers(&text(from.extra_headers))?,
        contact_params: text(from.contact_params),
        contacts,
        q: some(from.q),
        instance: some(from.instance_id),
        reg_id: number("reg-id", from.reg_id, 0, c_int::MAX)?,
        route: text(from.route),
        answers: byte("number of answers", from.max_answers, 1, 100)?,
        retry_base: seconds("retry base", from.retry_base, 1)?,
        retry_max: seconds("retry maximum", from.retry_max, 1)?,
        retry_limit: number("retry limit", from.retry_limit, 0, c_int::MAX)?,
        retry_temporary: bits & 1 != 0,
        retry_fatal: bits & 2 != 0,
        retry_credentials: bits & 4 != 0,
        classes: classes(&text(from.status_classes))?,
        nat: match byte("nat", from.nat, 0, 2)? {
            0 => Masquerade::Off,
            1 => Masquerade::Automatic,
            _ => Masquerade::Every,
        },
        keep_alive: match byte("keepalive", from.keepalive, 0, 3)? {
            0 => KeepAlive::Context,
            1 => KeepAlive::Off,
            2 => KeepAlive::Crlf,
            _ => KeepAlive::Stun,
        },
        keep_alive_period: seconds("keepalive interval", from.keepalive_interval, 0)?,
        gruu: from.gruu != 0,
        path: from.path != 0,
        security: text(from.security_client),
        push,
        redirects: from.follow_redirects != 0,
        spread: seconds("start spread", from.start_spread, 0)?,
        events: from.exosip_events != 0,
        tag: from.user_data.expose_provenance(),
        ..Options::new(&text(from.aor))
    })
}

/// `Name: value` lines.
fn headers(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| Wrong(format!("the header \"{}\" has no colon", short(line))))?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// `404=temporary 480=fatal`
fn classes(text: &str) -> Result<Vec<(u16, Class)>, Wrong> {
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let wrong =
                || Wrong(format!("the status class \"{}\" is not of the form 404=temporary", short(word)));
            let (status, class) = word.split_once('=').ok_or_else(wrong)?;
            let status =
                status.parse().ok().filter(|status| (300..700).contains(status)).ok_or_else(wrong)?;
            let class = match class {
                "temporary" => Class::Temporary,
                "fatal" => Class::Fatal,
                "credentials" => Class::Credentials,
                _ => return Err(wrong()),
            };
            Ok((status, class))
        })
        .collect()
}

/// The reason goes to the trace; the number is OSIP_BADPARAMETER.
pub(super) fn refused(wrong: Wrong) -> Refusal {
    warn(&format!("registerer: {wrong}"));
    CoreRefusal::BadParameter.into()
}

/// Fills the first `size` bytes of what the program has.
///
/// # Safety
/// `info` is NULL or has room for the size it begins with.
pub(super) unsafe fn fill_info(
    info: *mut registerer_info,
    ask: impl FnOnce() -> Result<Info, Refusal>,
) -> Result<c_int, Refusal> {
    if info.is_null() {
        return Err(CoreRefusal::BadParameter.into());
    }
    // SAFETY: a struct begins with its size.
    let size = unsafe { (*info).size };
    if !(LEAST_INFO..=MOST).contains(&size) {
        return Err(CoreRefusal::BadParameter.into());
    }
    let now = ask()?;
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let filled = registerer_info {
        size,
        state: state_number(now.state),
        pending: now.pending.into(),
        granted: c_int::try_from(now.granted).unwrap_or(c_int::MAX),
        remaining_ms: millis(now.remaining),
        next_ms: now.next.map_or(-1, millis),
        retry_after_ms: now.retry_after.map_or(-1, millis),
        status: now.status.into(),
        push_refused: now.push_refused.into(),
        requests: now.counters.requests,
        accepted: now.counters.accepted,
        rejected: now.counters.rejected,
        unanswered: now.counters.unanswered,
        challenges: now.counters.challenges,
        moves: now.counters.moves,
    };
    // SAFETY: room for `size` bytes, which is at least our struct.
    unsafe {
        info.cast::<u8>().write_bytes(0, size);
        info.write(filled);
    }
    Ok(0)
}

/// One of the texts.
pub(super) fn text_of(info: &Info, what: c_int, index: c_int) -> Result<String, Refusal> {
    let index = usize::try_from(index).map_err(|_| CoreRefusal::BadParameter)?;
    let several = |all: &[String]| all.get(index).cloned();
    let one = |text: Option<String>| text.filter(|text| index == 0 && !text.is_empty());
    let facts = &info.facts;
    let found = match what {
        0 => one(Some(info.reason.clone())),
        1 => one(info.target.map(|target| target.to_string())),
        2 => one(info.seen.map(|seen| seen.to_string())),
        3 => one(Some(info.instance.clone())),
        4 => several(&facts.contacts),
        5 => one(facts.own.clone()),
        6 => several(&facts.service_route),
        7 => several(&facts.associated),
        8 => several(&facts.path),
        9 => one(facts.public_gruu.clone()),
        10 => one(facts.temporary_gruu.clone()),
        _ => return Err(CoreRefusal::BadParameter.into()),
    };
    found.ok_or(CoreRefusal::NotFound.into())
}

/// Copies `text` and a NUL, cut between two characters where there is no room; its whole length.
///
/// # Safety
/// `to` is NULL or has room for `size` bytes.
pub(super) unsafe fn write(to: *mut c_char, size: usize, text: &str) -> c_int {
    if !to.is_null() && size > 0 {
        let mut end = text.len().min(size - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // SAFETY: room for `end` bytes and a NUL; a str of ours and a buffer of the caller's do not overlap.
        unsafe {
            to.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), end);
            *to.add(end) = 0;
        }
    }
    c_int::try_from(text.len()).unwrap_or(c_int::MAX)
}

pub(super) fn state(number: c_int) -> Result<State, Refusal> {
    Ok(match number {
        0 => State::Initial,
        1 => State::Registered,
        2 => State::Unregistered,
        3 => State::Terminated,
        _ => return Err(CoreRefusal::BadParameter.into()),
    })
}

pub(super) fn state_number(state: State) -> c_int {
    for_c(state) as c_int
}

fn for_c(state: State) -> registerer_state {
    match state {
        State::Initial => registerer_state::REGISTERER_INITIAL,
        State::Registered => registerer_state::REGISTERER_REGISTERED,
        State::Unregistered => registerer_state::REGISTERER_UNREGISTERED,
        State::Terminated => registerer_state::REGISTERER_TERMINATED,
    }
}

/// 0: everybody.
pub(super) fn whose(rid: c_int) -> Result<Option<Rid>, Refusal> {
    if rid < 0 { Err(CoreRefusal::BadParameter.into()) } else { Ok((rid > 0).then_some(rid)) }
}

pub(super) fn number(id: ListenerId) -> Result<c_int, Refusal> {
    c_int::try_from(id).map_err(|_| CoreRefusal::Undefined.into())
}

pub(super) fn is_state(news: &News) -> bool {
    matches!(news.what, What::State(_))
}

pub(super) fn is_request(news: &News) -> bool {
    !is_state(news)
}

pub(super) fn state_call(
    context: *mut eXosip_t,
    callback: unsafe extern "C" fn(*mut eXosip_t, c_int, registerer_state, *mut c_void),
    user: *mut c_void,
) -> Call {
    let theirs = Theirs { context, user };
    Arc::new(move |news: &News| {
        let (context, user) = theirs.both();
        if let What::State(state) = news.what {
            // SAFETY: the caller of registerer_on_state_change has promised it.
            unsafe { callback(context, news.rid, for_c(state), user) };
        }
    })
}

pub(super) fn request_call(
    context: *mut eXosip_t,
    callback: unsafe extern "C" fn(
        *mut eXosip_t,
        c_int,
        registerer_request,
        c_int,
        *const c_char,
        *mut c_void,
    ),
    user: *mut c_void,
) -> Call {
    let theirs = Theirs { context, user };
    Arc::new(move |news: &News| {
        let (context, user) = theirs.both();
        let what = match news.what {
            What::State(_) => return,
            What::Trying => registerer_request::REGISTERER_TRYING,
            What::Progress => registerer_request::REGISTERER_PROGRESS,
            What::Accepted => registerer_request::REGISTERER_ACCEPTED,
            What::Rejected => registerer_request::REGISTERER_REJECTED,
            What::Redirected => registerer_request::REGISTERER_REDIRECTED,
        };
        let reason = CString::new(news.reason.replace('\0', " ")).unwrap_or_default();
        // SAFETY: the caller of registerer_on_request has promised it; the text lives as long as the call.
        unsafe { callback(context, news.rid, what, news.status.into(), reason.as_ptr(), user) };
    })
}
