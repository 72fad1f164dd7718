//! The functions on one registration.

use super::{info, options, registerer_info, registerer_options};
use crate::abi::exosip2::context::{entry, on};
use crate::abi::exosip2::ex_setup::eXosip_t;
use crate::abi::exosip2::waiting;
use crate::engine::registerer::{AccountLogin, OptionsError, RegistererState, TRANSPORTS};
use crate::engine::{CoreRefusal, RegistererWait};
use libc::{c_char, c_int, c_void};
use std::time::Duration;

/// Fills `options` with the defaults; `size` is sizeof(struct registerer_options).
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a size that is none.
///
/// # Safety
/// `options` is NULL or may be written for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_options_init(
    options: *mut registerer_options,
    size: usize,
) -> c_int {
    // SAFETY: the caller's promise.
    entry("registerer_options_init", || unsafe { options::defaults(options, size) })
}

/// Says in words what is wrong with `options`, in `size` bytes at `reason` (cut to fit; may be
/// NULL).
///
/// Returns 0 when nothing is; OSIP_BADPARAMETER otherwise.
///
/// # Safety
/// `options` is NULL or filled; `reason` is NULL or may be written for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_check(
    options: *const registerer_options,
    reason: *mut c_char,
    size: usize,
) -> c_int {
    entry("registerer_check", || {
        // SAFETY: the caller's promise.
        let wrong = unsafe { options::read_all(options) }
            .and_then(|options| options.checked(TRANSPORTS))
            .err();
        let text = wrong.as_ref().map_or("", |wrong| wrong.0.as_str());
        // SAFETY: the caller's promise.
        unsafe { info::write(reason, size, text) };
        if wrong.is_some() { Err(CoreRefusal::BadParameter.into()) } else { Ok(0) }
    })
}

/// Makes a registration. Nothing is sent.
///
/// Returns the rid, above 0; OSIP_BADPARAMETER for NULL or options that registerer_check refuses
/// (the trace has the reason); OSIP_API_NOT_INITIALIZED.
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
        let options = unsafe { options::read_all(options) }.map_err(options::refused)?;
        context.engine.registerer_new(options)?.map_err(options::refused)
    })
}

/// Takes over a registration made by the eXosip calls: it is a managed registration from now on,
/// and eXosip_automatic_action does nothing more for it. Its messages and events stay as they were.
///
/// Returns 0, also for a managed one; OSIP_BADPARAMETER, OSIP_NOTFOUND.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_adopt(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_adopt", excontext, |context| context.engine.registerer_adopt(rid).map(|()| 0))
}

/// Asks for the binding, or renews it, and keeps it.
///
/// Returns 0; OSIP_WRONG_STATE while a request is pending, and once it was disposed of;
/// OSIP_NO_NETWORK before eXosip_listen_addr; OSIP_NOTFOUND; OSIP_BADPARAMETER;
/// OSIP_UNDEFINED_ERROR for one of the eXosip calls that was not adopted.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_register(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_register", excontext, |context| {
        context.engine.registerer_register(rid).map(|()| 0)
    })
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

/// Ends a registration: waits for what is pending, removes the binding, ends REGISTERER_TERMINATED
/// and sends nothing more. The listeners get REGISTERER_UNREGISTERED before that when the binding
/// is gone. Returns at once; registerer_wait waits for the end. eXosip_quit does it for all: at the
/// pace of the registrar's answers, while no two seconds pass without one that has ended, and for
/// five seconds and 2 ms for each at most, never more than twenty. What is left then ends
/// REGISTERER_TERMINATED too; its binding stays at the registrar for the rest of its granted time.
///
/// Returns 0, also the second time; OSIP_NOTFOUND, OSIP_BADPARAMETER, OSIP_UNDEFINED_ERROR as
/// registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_dispose(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_dispose", excontext, |context| {
        context.engine.registerer_dispose(rid).map(|()| 0)
    })
}

/// Waits until a registration is in `state` (enum registerer_state), at most `ms` milliseconds;
/// less than 0: no limit. A state that it enters during the call counts also when it leaves it at
/// once.
///
/// Returns 0; OSIP_WRONG_STATE when the time is up or the state cannot come any more;
/// OSIP_NOTFOUND, OSIP_BADPARAMETER.
///
/// A cancelation point, as pthreads(7) has them: a thread for which pthread_cancel was called ends
/// here. No other call of this header is one, nor are the listeners: a cancelation acts when the
/// call has returned.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn registerer_wait(
    excontext: *mut eXosip_t,
    rid: c_int,
    state: c_int,
    ms: c_int,
) -> c_int {
    let timeout = u64::try_from(ms).ok().map(Duration::from_millis);
    waiting::wait(
        "registerer_wait",
        excontext,
        |context| context.engine.begin_registerer_wait(rid, info::state(state)?, timeout),
        |_, wait: &mut RegistererWait, sleep| Some(wait.step(sleep)?.map(|()| 0)),
    )
}

/// The state of a registration, one of enum registerer_state. One that was disposed of still
/// answers, for a while.
///
/// Returns the state; OSIP_NOTFOUND, OSIP_BADPARAMETER, OSIP_UNDEFINED_ERROR as
/// registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_get_state(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("registerer_get_state", excontext, |context| {
        context.engine.registerer_state(rid).map(info::state_number)
    })
}

/// Fills `info`, whose size must be set.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a size that is none; OSIP_NOTFOUND also for one that is
/// over.
///
/// # Safety
/// `info` is NULL or may be written for as many bytes as it begins with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_get_info(
    excontext: *mut eXosip_t,
    rid: c_int,
    info: *mut registerer_info,
) -> c_int {
    on("registerer_get_info", excontext, |context| {
        // SAFETY: the caller's promise.
        unsafe { info::fill_info(info, || context.engine.registerer_info(rid)) }
    })
}

/// Copies a text (`what`: enum registerer_text) with a NUL into `size` bytes at `buf`, cut to fit.
/// `index` counts from 0 where there are several.
///
/// Returns the length of the whole text; OSIP_NOTFOUND when there is none; OSIP_BADPARAMETER.
///
/// # Safety
/// `buf` is NULL or may be written for `size` bytes.
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
        let text = info::text_of(&context.engine.registerer_info(rid)?, what, index)?;
        // SAFETY: the caller's promise.
        Ok(unsafe { info::write(buf, size, &text) })
    })
}

/// One sentence for a person: what happened last, why, and what happens next. Copied with a NUL,
/// cut to `size` bytes.
///
/// Returns the length of the whole sentence; OSIP_BADPARAMETER, OSIP_NOTFOUND.
///
/// # Safety
/// `buf` is NULL or may be written for `size` bytes.
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
        Ok(unsafe { info::write(buf, size, &text) })
    })
}

/// The `user_data` of the options, also in the call with REGISTERER_TERMINATED and a while
/// after; NULL for an unknown rid.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_user_data(excontext: *mut eXosip_t, rid: c_int) -> *mut c_void {
    on("registerer_user_data", excontext, |context| {
        Ok(std::ptr::with_exposed_provenance_mut(context.engine.registerer_tag(rid)?))
    })
}

/// Gives a registration other credentials, taken from `options` (`username`, `password`, `realm`,
/// `ha1_*`; the rest is not looked at). One that stopped for want of them goes on at once.
///
/// Returns 0; OSIP_BADPARAMETER also for a user without password and HA1, and the other way round;
/// OSIP_NOTFOUND, OSIP_UNDEFINED_ERROR as registerer_register.
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
        let logins = unsafe { options::logins(options) }.map_err(options::refused)?;
        AccountLogin::check(&logins).map_err(|why| options::refused(OptionsError(why)))?;
        context.engine.registerer_set_logins(rid, logins).map(|()| 0)
    })
}

/// Limits for all managed registrations of a context: attempts `in_flight` at a
/// time (500) and REGISTERs `per_second` (1000); 0: no limit. The others wait. An
/// attempt counts from its first REGISTER to its last answer, or its give-up after 32 s; in
/// eXosip_quit for half a second at most, and the rate does not hold there.
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

/// The weakest hash of digest authentication (enum registerer_algorithm) that any request of a
/// context answers a challenge for: registrations of either header and requests outside of
/// dialogs. REGISTERER_MD5 until it is called.
///
/// Returns 0; OSIP_BADPARAMETER for another number.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_weakest_algorithm(
    excontext: *mut eXosip_t,
    algorithm: c_int,
) -> c_int {
    on("registerer_set_weakest_algorithm", excontext, |context| {
        let algorithm = options::algorithm(algorithm).ok_or(CoreRefusal::BadParameter)?;
        context.engine.set_weakest_algorithm(algorithm).map(|()| 0)
    })
}

/// Whether the port that eXosip_listen_addr opens is for this context alone (1) or may be opened by
/// other programs that name it too (0, as with eXosip2). It counts from the next call of that on.
/// A port that somebody has is then refused; the port 0 never is anybody else's.
///
/// Returns 0; OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_exclusive_port(
    excontext: *mut eXosip_t,
    exclusive: c_int,
) -> c_int {
    on("registerer_set_exclusive_port", excontext, |context| {
        context.set_exclusive_port(exclusive != 0);
        Ok(0)
    })
}

/// Whether requests from outside count only from addresses where a registration of the context
/// lives (1), or from any (0, until it is called). It is one of either header that is bound, or
/// goes on registering; what counts is the address that its REGISTER went to, whatever the port.
/// With 1 a request from anywhere else is dropped: it gets no answer and makes no event, and the
/// trace has a line about it. A provider that sends requests from other addresses than its
/// registrar's, and a phone that calls by itself, are not received then.
///
/// Returns 0; OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_registrars_only(
    excontext: *mut eXosip_t,
    registrars_only: c_int,
) -> c_int {
    on("registerer_set_registrars_only", excontext, |context| {
        context.engine.settings(|settings| settings.registrars_only = registrars_only != 0)?;
        Ok(0)
    })
}

/// The name of a state (enum registerer_state), "REGISTERED" for one; a constant, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_state_name(state: c_int) -> *const c_char {
    let name = match info::state(state) {
        Ok(RegistererState::Initial) => c"INITIAL",
        Ok(RegistererState::Registered) => c"REGISTERED",
        Ok(RegistererState::Unregistered) => c"UNREGISTERED",
        Ok(RegistererState::Terminated) => c"TERMINATED",
        Err(_) => c"UNKNOWN",
    };
    name.as_ptr()
}
