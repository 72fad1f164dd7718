//! `<registerer.h>`: registrations that look after themselves.
//!
//! registerer_new, registerer_register, and that is all: refresh, challenges, retries, NAT and changes of the network are
//! seen to. Each registration is a rid as in eX_register.h, and the calls of both headers may be used with it. What
//! happens is told to listeners, on one thread of the context and without any lock of the library, so that a listener may
//! make any call. registerer_explain says in one sentence how things stand.
//!
//! Every pointer may be NULL: the call then returns OSIP_BADPARAMETER. Errors are OSIP_* values, below 0. The structs
//! begin with their size, so that they may grow.
#![allow(non_camel_case_types, non_snake_case)]

use super::exosip2::context::{entry, on};
use super::exosip2::ex_setup::eXosip_t;
use super::registerer_given as given;
use crate::engine::registerer::{AccountLogin, State, Wrong};
use crate::engine::{CoreRefusal, Listener};
use libc::{c_char, c_int, c_void};
use std::time::Duration;

/// Where a registration stands. REGISTERED lasts until the binding ends, whatever becomes of a refresh.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_state {
    /// Nothing was heard yet.
    REGISTERER_INITIAL = 0,
    /// The server holds the binding.
    REGISTERER_REGISTERED = 1,
    /// It does not.
    REGISTERER_UNREGISTERED = 2,
    /// It was disposed of: nothing more is sent.
    REGISTERER_TERMINATED = 3,
}

/// What became of a request.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_request {
    /// 100 came.
    REGISTERER_TRYING = 0,
    /// Another provisional answer came.
    REGISTERER_PROGRESS = 1,
    /// It was accepted.
    REGISTERER_ACCEPTED = 2,
    /// It failed: with the status told (200: the server lists our Contact as expired), or 408 where no answer came.
    REGISTERER_REJECTED = 3,
    /// It was redirected, and that is not followed.
    REGISTERER_REDIRECTED = 4,
}

/// How the way to the registrar is kept open.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_keepalive {
    /// As EXOSIP_OPT_UDP_KEEP_ALIVE says.
    REGISTERER_KEEPALIVE_CONTEXT = 0,
    /// Not for this registration.
    REGISTERER_KEEPALIVE_OFF = 1,
    /// CR LF CR LF.
    REGISTERER_KEEPALIVE_CRLF = 2,
    /// STUN; a changed public address registers anew.
    REGISTERER_KEEPALIVE_STUN = 3,
}

/// What is done with the address that the server sees us at.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_nat {
    /// Nothing.
    REGISTERER_NAT_OFF = 0,
    /// It replaces the one in a Contact that the library made.
    REGISTERER_NAT_AUTOMATIC = 1,
    /// It replaces the one in every Contact.
    REGISTERER_NAT_EVERY = 2,
}

/// Bit of `retry_classes`: timeouts, 480, 500, 503 and the like are tried again.
pub const REGISTERER_RETRY_TEMPORARY: c_int = 1;
/// Bit of `retry_classes`: what will not work by itself is tried again.
pub const REGISTERER_RETRY_FATAL: c_int = 2;
/// Bit of `retry_classes`: refused credentials are tried again. This may lock an account.
pub const REGISTERER_RETRY_CREDENTIALS: c_int = 4;

/// What a registration is told once. Texts are copied; NULL and "" mean: none. Fill it with registerer_options_init first.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_options {
    /// sizeof(struct registerer_options).
    pub size: usize,
    /// The address-of-record: a URI or `"Name" <uri>`. Needed.
    pub aor: *const c_char,
    /// The URI of the registrar; none: the domain of the address-of-record.
    pub registrar: *const c_char,
    /// The digest user; none: those of eXosip_add_authentication_info.
    pub username: *const c_char,
    /// Its password.
    pub password: *const c_char,
    /// Its realm; none: any.
    pub realm: *const c_char,
    /// In place of a password: H(user:realm:password) in hex for MD5 …
    pub ha1_md5: *const c_char,
    /// … for SHA-256 …
    pub ha1_sha256: *const c_char,
    /// … for SHA-512-256.
    pub ha1_sha512_256: *const c_char,
    /// Seconds to ask for, at least 1 (600).
    pub expires: c_int,
    /// When to refresh, percent of the granted time, 50 to 99 (90).
    pub refresh_frequency: c_int,
    /// Up to this many percent earlier, at random, 0 to 40 (5).
    pub refresh_jitter: c_int,
    /// Further header fields, `Name: value`, one on a line; none that the library makes but User-Agent.
    pub extra_headers: *const c_char,
    /// Further parameters of our Contact: `;name=value;…`, values with commas or brackets in quotes.
    pub contact_params: *const c_char,
    /// Our Contact, or several with commas; none: the library makes one.
    pub contacts: *const c_char,
    /// The `q` of a Contact that the library makes, "0" to "1".
    pub q: *const c_char,
    /// A UUID, with or without `urn:uuid:`; none: made once for the context and kept.
    pub instance_id: *const c_char,
    /// RFC 5626 (1); 0: no outbound.
    pub reg_id: c_int,
    /// From, where another registers than the address-of-record: a URI or `"Name" <uri>`.
    pub from: *const c_char,
    /// Preloaded Route, comma list.
    pub route: *const c_char,
    /// Challenges answered in a row, and 423 (3).
    pub max_answers: c_int,
    /// Least wait after a first failure, seconds (30): one to two times as long, at random, and twice as long with each
    /// further failure …
    pub retry_base: c_int,
    /// … up to this (1800), of which it is 50 to 100 % (RFC 5626 section 4.5). Retry-After wins, up to a day.
    pub retry_max: c_int,
    /// Failures in a row after which it stops; 0: never (0).
    pub retry_limit: c_int,
    /// Bits REGISTERER_RETRY_* (REGISTERER_RETRY_TEMPORARY).
    pub retry_classes: c_int,
    /// Statuses that count otherwise: "404=temporary 480=fatal 403=credentials".
    pub status_classes: *const c_char,
    /// One of enum registerer_nat (REGISTERER_NAT_AUTOMATIC).
    pub nat: c_int,
    /// One of enum registerer_keepalive (REGISTERER_KEEPALIVE_CONTEXT).
    pub keepalive: c_int,
    /// Seconds between keep-alives; 0: as the context says (0).
    pub keepalive_interval: c_int,
    /// Whether GRUU is offered, RFC 5627 (1).
    pub gruu: c_int,
    /// Whether Path is offered, RFC 3327 (1).
    pub path: c_int,
    /// Mechanisms for Security-Client, RFC 3329, such as "digest;d-alg=md5"; a server that makes no agreements refuses them
    /// (420). None: no agreement.
    pub security_client: *const c_char,
    /// RFC 8599: `pn-provider` …
    pub push_provider: *const c_char,
    /// … `pn-prid` …
    pub push_prid: *const c_char,
    /// … `pn-param`.
    pub push_param: *const c_char,
    /// Whether redirections are followed (0).
    pub follow_redirects: c_int,
    /// The first REGISTER goes out at some moment within these seconds (0).
    pub start_spread: c_int,
    /// Whether the events of the eXosip calls are told too (0).
    pub exosip_events: c_int,
    /// For the application; see registerer_user_data.
    pub user_data: *mut c_void,
}

/// How a registration stands at one moment.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_info {
    /// sizeof(struct registerer_info); set it before the call.
    pub size: usize,
    /// One of enum registerer_state.
    pub state: c_int,
    /// 1 while a REGISTER awaits its answer or its turn.
    pub pending: c_int,
    /// Seconds that the server granted; 0: nothing.
    pub granted: c_int,
    /// Milliseconds that are left of them.
    pub remaining_ms: i64,
    /// Milliseconds to the next REGISTER that is sent by itself; -1: there is none.
    pub next_ms: i64,
    /// Milliseconds for which the server still asks for peace (Retry-After); -1: it does not.
    pub retry_after_ms: i64,
    /// The status of the last answer; 408: none came; 0: nothing yet.
    pub status: c_int,
    /// 1: the server refused push notifications (555).
    pub push_refused: c_int,
    /// REGISTERs sent, retransmissions aside.
    pub requests: u64,
    /// Accepted.
    pub accepted: u64,
    /// Failed with a final answer.
    pub rejected: u64,
    /// Failed without.
    pub unanswered: u64,
    /// Challenges answered.
    pub challenges: u64,
    /// Times the Contact moved to another address.
    pub moves: u64,
}

/// A text that registerer_get_text gives.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_text {
    /// The reason phrase of the last answer, or why there was none.
    REGISTERER_TEXT_REASON = 0,
    /// Where the last REGISTER went, `address:port`.
    REGISTERER_TEXT_TARGET = 1,
    /// The address that the server last saw us at.
    REGISTERER_TEXT_SEEN = 2,
    /// `urn:uuid:…`
    REGISTERER_TEXT_INSTANCE = 3,
    /// Each binding of the address-of-record, as the server lists it.
    REGISTERER_TEXT_CONTACT = 4,
    /// Ours among them.
    REGISTERER_TEXT_OWN_CONTACT = 5,
    /// Each Service-Route, RFC 3608.
    REGISTERER_TEXT_SERVICE_ROUTE = 6,
    /// Each P-Associated-URI.
    REGISTERER_TEXT_ASSOCIATED_URI = 7,
    /// Each Path, RFC 3327.
    REGISTERER_TEXT_PATH = 8,
    /// The public GRUU, RFC 5627.
    REGISTERER_TEXT_PUBLIC_GRUU = 9,
    /// The temporary GRUU.
    REGISTERER_TEXT_TEMPORARY_GRUU = 10,
}

/// Told of each new state. `user` is what was given with it.
pub type registerer_state_callback = Option<
    unsafe extern "C" fn(context: *mut eXosip_t, rid: c_int, state: registerer_state, user: *mut c_void),
>;

/// Told of each request. `reason` is valid during the call.
pub type registerer_request_callback = Option<
    unsafe extern "C" fn(
        context: *mut eXosip_t,
        rid: c_int,
        what: registerer_request,
        status: c_int,
        reason: *const c_char,
        user: *mut c_void,
    ),
>;

/// Fills `options` with the defaults; `size` is sizeof(struct registerer_options).
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a size that is none.
///
/// # Safety
/// `options` is NULL or has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_options_init(options: *mut registerer_options, size: usize) -> c_int {
    // SAFETY: the caller's promise.
    entry("registerer_options_init", || unsafe { given::defaults(options, size) })
}

/// Says in words what is wrong with `options`, in `size` bytes at `reason` (cut to fit; may be NULL).
///
/// Returns 0 when nothing is; OSIP_BADPARAMETER otherwise.
///
/// # Safety
/// `options` is NULL or filled; `reason` is NULL or has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_check(
    options: *const registerer_options,
    reason: *mut c_char,
    size: usize,
) -> c_int {
    entry("registerer_check", || {
        // SAFETY: the caller's promise.
        let wrong = unsafe { given::options(options) }.and_then(|options| options.checked()).err();
        let text = wrong.as_ref().map_or("", |wrong| wrong.0.as_str());
        // SAFETY: the caller's promise.
        unsafe { given::write(reason, size, text) };
        if wrong.is_some() { Err(CoreRefusal::BadParameter.into()) } else { Ok(0) }
    })
}

/// Makes a registration. Nothing is sent.
///
/// Returns the rid, above 0; OSIP_BADPARAMETER for NULL or options that registerer_check refuses (the trace has the
/// reason); OSIP_API_NOT_INITIALIZED.
///
/// # Safety
/// `options` is NULL or filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_new(
    excontext: *mut eXosip_t,
    options: *const registerer_options,
) -> c_int {
    on("registerer_new", excontext, |context| {
        // SAFETY: the caller's promise.
        let options = unsafe { given::options(options) }.map_err(given::refused)?;
        context.engine.registerer_new(options)?.map_err(given::refused)
    })
}

/// Takes over a registration made by the eXosip calls: it is looked after from now on, and eXosip_automatic_action does
/// nothing more for it. Its messages and events stay as they were.
///
/// Returns 0, also for one that is looked after already; OSIP_BADPARAMETER, OSIP_NOTFOUND.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_adopt(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_adopt", excontext, |context| context.engine.registerer_adopt(rid).map(|()| 0))
}

/// Asks for the binding, or renews it, and keeps it.
///
/// Returns 0; OSIP_WRONG_STATE while a request is pending, and once it was disposed of; OSIP_NO_NETWORK before
/// eXosip_listen_addr; OSIP_NOTFOUND; OSIP_BADPARAMETER; OSIP_UNDEFINED_ERROR for one of the eXosip calls that was not
/// adopted.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_register(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_register", excontext, |context| context.engine.registerer_register(rid).map(|()| 0))
}

/// Removes our binding; with `all` not 0 those of everybody (Contact: *).
///
/// Returns as registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_unregister(excontext: *mut eXosip_t, rid: c_int, all: c_int) -> c_int {
    on("registerer_unregister", excontext, |context| {
        context.engine.registerer_unregister(rid, all != 0).map(|()| 0)
    })
}

/// Ends a registration: waits for what is pending, removes the binding, ends REGISTERER_TERMINATED and sends nothing more.
/// REGISTERER_UNREGISTERED is told before that when the binding is gone. Returns at once; registerer_wait waits for the end.
/// eXosip_quit does it for all: at the pace of the registrar's answers, while no two seconds pass without one that has
/// ended, and for five seconds and 2 ms for each at most, never more than twenty. What is left then ends
/// REGISTERER_TERMINATED too; its binding stays at the registrar for the rest of its granted time.
///
/// Returns 0, also the second time; OSIP_NOTFOUND, OSIP_BADPARAMETER, OSIP_UNDEFINED_ERROR as registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_dispose(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_dispose", excontext, |context| context.engine.registerer_dispose(rid).map(|()| 0))
}

/// Waits until a registration is in `state` (enum registerer_state), at most `ms` milliseconds; less than 0: no limit.
/// A state that it enters during the call counts also when it leaves it at once.
///
/// Returns 0; OSIP_WRONG_STATE when the time is up or the state cannot come any more; OSIP_NOTFOUND, OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_wait(excontext: *mut eXosip_t, rid: c_int, state: c_int, ms: c_int) -> c_int {
    let timeout = u64::try_from(ms).ok().map(Duration::from_millis);
    on("registerer_wait", excontext, |context| {
        context.engine.registerer_wait(rid, given::state(state)?, timeout).map(|()| 0)
    })
}

/// The state of a registration, one of enum registerer_state. One that was disposed of still answers, for a while.
///
/// Returns the state; OSIP_NOTFOUND, OSIP_BADPARAMETER, OSIP_UNDEFINED_ERROR as registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_get_state(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_get_state", excontext, |context| {
        context.engine.registerer_state(rid).map(given::state_number)
    })
}

/// Fills `info`, whose size must be set.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a size that is none; OSIP_NOTFOUND also for one that is over.
///
/// # Safety
/// `info` is NULL or has room for the size it begins with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_get_info(
    excontext: *mut eXosip_t,
    rid: c_int,
    info: *mut registerer_info,
) -> c_int {
    on("registerer_get_info", excontext, |context| {
        // SAFETY: the caller's promise.
        unsafe { given::fill_info(info, || context.engine.registerer_info(rid)) }
    })
}

/// Copies a text (`what`: enum registerer_text) with a NUL into `size` bytes at `buf`, cut to fit. `index` counts from 0 where
/// there are several.
///
/// Returns the length of the whole text; OSIP_NOTFOUND when there is none; OSIP_BADPARAMETER.
///
/// # Safety
/// `buf` is NULL or has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_get_text(
    excontext: *mut eXosip_t,
    rid: c_int,
    what: c_int,
    index: c_int,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    on("registerer_get_text", excontext, |context| {
        if buf.is_null() {
            return Err(CoreRefusal::BadParameter.into());
        }
        let text = given::text_of(&context.engine.registerer_info(rid)?, what, index)?;
        // SAFETY: the caller's promise.
        Ok(unsafe { given::write(buf, size, &text) })
    })
}

/// One sentence for a person: what happened last, why, and what happens next. Copied with a NUL, cut to `size` bytes.
///
/// Returns the length of the whole sentence; OSIP_BADPARAMETER, OSIP_NOTFOUND.
///
/// # Safety
/// `buf` is NULL or has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_explain(
    excontext: *mut eXosip_t,
    rid: c_int,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    on("registerer_explain", excontext, |context| {
        if buf.is_null() {
            return Err(CoreRefusal::BadParameter.into());
        }
        let text = context.engine.registerer_explain(rid)?;
        // SAFETY: the caller's promise.
        Ok(unsafe { given::write(buf, size, &text) })
    })
}

/// The `user_data` of the options, also in the call that tells REGISTERER_TERMINATED and a while after; NULL for an unknown
/// rid.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_user_data(excontext: *mut eXosip_t, rid: c_int) -> *mut c_void {
    on("registerer_user_data", excontext, |context| {
        Ok(std::ptr::with_exposed_provenance_mut(context.engine.registerer_tag(rid)?))
    })
}

/// Gives a registration other credentials, taken from `options` (`username`, `password`, `realm`, `ha1_*`; the rest is not
/// looked at). One that stopped for want of them goes on at once.
///
/// Returns 0; OSIP_BADPARAMETER also for a user without password and HA1, and the other way round; OSIP_NOTFOUND,
/// OSIP_UNDEFINED_ERROR as registerer_register.
///
/// # Safety
/// `options` is NULL or filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_set_credentials(
    excontext: *mut eXosip_t,
    rid: c_int,
    options: *const registerer_options,
) -> c_int {
    on("registerer_set_credentials", excontext, |context| {
        // SAFETY: the caller's promise.
        let logins = unsafe { given::logins(options) }.map_err(given::refused)?;
        AccountLogin::check(&logins).map_err(|why| given::refused(Wrong(why)))?;
        context.engine.registerer_set_logins(rid, logins).map(|()| 0)
    })
}

/// Limits for all registrations of a context that look after themselves: attempts `in_flight` at a time (500) and REGISTERs
/// `per_second` (1000); 0: no limit. The others wait for their turn. An attempt counts from its first REGISTER to its last
/// answer, or its give-up after 32 s; in eXosip_quit for half a second at most, and the rate does not hold there.
///
/// Returns 0; OSIP_BADPARAMETER for a number below 0.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_limits(
    excontext: *mut eXosip_t,
    in_flight: c_int,
    per_second: c_int,
) -> c_int {
    on("registerer_set_limits", excontext, |context| {
        let number = |given: c_int| u32::try_from(given).map_err(|_| CoreRefusal::BadParameter);
        let (in_flight, rate) = (number(in_flight)?, number(per_second)?);
        context.engine.registerer_limits(in_flight as usize, rate).map(|()| 0)
    })
}

/// Has `callback` called with each new state of `rid` (0: of every registration); with `once` not 0 only with the next.
///
/// It is called on one thread of the context, one call at a time, and holds no lock: it may make any call, registerer_dispose
/// and eXosip_quit too (what is not told by then is not told). A listener that does not return holds up the others, never
/// the registrations.
///
/// Returns a number for registerer_off, above 0; OSIP_BADPARAMETER for NULL or a rid below 0; OSIP_UNDEFINED_ERROR without a
/// thread.
///
/// # Safety
/// `callback` may be called with `user` until registerer_off has returned or the context has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_on_state_change(
    excontext: *mut eXosip_t,
    rid: c_int,
    callback: registerer_state_callback,
    user: *mut c_void,
    once: c_int,
) -> c_int {
    on("registerer_on_state_change", excontext, |context| {
        let call = given::state_call(excontext, callback.ok_or(CoreRefusal::BadParameter)?, user);
        let listener = Listener { rid: given::whose(rid)?, wants: given::is_state, once: once != 0, call };
        given::number(context.engine.listen(listener)?)
    })
}

/// Has `callback` called with what becomes of each request of `rid` (0: of every registration). As
/// registerer_on_state_change otherwise.
///
/// # Safety
/// As for registerer_on_state_change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_on_request(
    excontext: *mut eXosip_t,
    rid: c_int,
    callback: registerer_request_callback,
    user: *mut c_void,
    once: c_int,
) -> c_int {
    on("registerer_on_request", excontext, |context| {
        let call = given::request_call(excontext, callback.ok_or(CoreRefusal::BadParameter)?, user);
        let listener = Listener { rid: given::whose(rid)?, wants: given::is_request, once: once != 0, call };
        given::number(context.engine.listen(listener)?)
    })
}

/// Takes a listener out. Once this has returned it is not called any more; a call under way is waited for (two seconds at
/// most), unless this is called from it. Do not hold eXosip_lock if the listener takes it.
///
/// Returns 0; OSIP_NOTFOUND for an unknown number, or one that was called once.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_off(excontext: *mut eXosip_t, listener: c_int) -> c_int {
    on("registerer_off", excontext, |context| {
        let id = u64::try_from(listener).map_err(|_| CoreRefusal::BadParameter)?;
        if context.engine.unlisten(id) { Ok(0) } else { Err(CoreRefusal::NotFound.into()) }
    })
}

/// The name of a state (enum registerer_state), "REGISTERED" for one; a constant, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_state_name(state: c_int) -> *const c_char {
    let name = match given::state(state) {
        Ok(State::Initial) => c"INITIAL",
        Ok(State::Registered) => c"REGISTERED",
        Ok(State::Unregistered) => c"UNREGISTERED",
        Ok(State::Terminated) => c"TERMINATED",
        Err(_) => c"UNKNOWN",
    };
    name.as_ptr()
}
