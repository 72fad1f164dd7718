//! The functions on one registration.

use super::{info, options, registerer_context, registerer_info, registerer_options};
use crate::abi::exosip2::context::{entry, on};
use crate::abi::exosip2::waiting;
use crate::engine::registerer::{AccountLogin, OptionsError, RegistererState, TRANSPORTS};
use crate::engine::{CoreRefusal, RegistererWait};
use libc::{c_char, c_int, c_void};
use std::time::Duration;

/// Fills `options` with the defaults; `size` is sizeof(struct registerer_options).
///
/// Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none.
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
/// Returns 0 when nothing is; REGISTERER_BAD_PARAMETER otherwise.
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
/// Returns the rid, above 0; REGISTERER_BAD_PARAMETER for NULL or options that registerer_check
/// refuses (the trace has the reason); REGISTERER_NOT_INITIALIZED.
///
/// # Safety
/// `options` is NULL or filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_new(
    context: *mut registerer_context,
    options: *const registerer_options,
) -> c_int {
    on("registerer_new", context, |context| {
        // SAFETY: the caller's promise.
        let options = unsafe { options::read_all(options) }.map_err(options::refused)?;
        context.engine.registerer_new(options)?.map_err(options::refused)
    })
}

/// Takes over a registration made by the eXosip calls: it is a managed registration from now on,
/// and eXosip_automatic_action does nothing more for it. Its messages and events stay as they were.
///
/// Returns 0, also for a managed one; REGISTERER_BAD_PARAMETER, REGISTERER_NOT_FOUND.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_adopt(context: *mut registerer_context, rid: c_int) -> c_int {
    on("registerer_adopt", context, |context| context.engine.registerer_adopt(rid).map(|()| 0))
}

/// Asks for the binding, or renews it, and keeps it.
///
/// Returns 0; REGISTERER_WRONG_STATE while a request is pending, and once it was disposed of;
/// REGISTERER_NO_NETWORK before registerer_context_listen; REGISTERER_NOT_FOUND;
/// REGISTERER_BAD_PARAMETER; REGISTERER_UNDEFINED_ERROR for one of the eXosip calls that was not
/// adopted.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_register(context: *mut registerer_context, rid: c_int) -> c_int {
    on("registerer_register", context, |context| {
        context.engine.registerer_register(rid).map(|()| 0)
    })
}

/// Removes our binding; with `all` not 0 those of everybody (Contact: *).
///
/// Returns as registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_unregister(
    context: *mut registerer_context,
    rid: c_int,
    all: c_int,
) -> c_int {
    on("registerer_unregister", context, |context| {
        context.engine.registerer_unregister(rid, all != 0).map(|()| 0)
    })
}

/// Ends a registration: waits for what is pending, removes the binding, ends REGISTERER_TERMINATED
/// and sends nothing more. The listeners get REGISTERER_UNREGISTERED before that when the binding
/// is gone. Returns at once; registerer_wait waits for the end. registerer_context_free does it for
/// all: at the pace of the registrar's answers, while no two seconds pass without one that has
/// ended, and for five seconds and 2 ms for each at most, never more than twenty. What is left then
/// ends REGISTERER_TERMINATED too; its binding stays at the registrar for the rest of its granted
/// time.
///
/// Returns 0, also the second time; REGISTERER_NOT_FOUND, REGISTERER_BAD_PARAMETER,
/// REGISTERER_UNDEFINED_ERROR as registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_dispose(context: *mut registerer_context, rid: c_int) -> c_int {
    on("registerer_dispose", context, |context| context.engine.registerer_dispose(rid).map(|()| 0))
}

/// Waits until a registration is in `state` (enum registerer_state), at most `ms` milliseconds;
/// less than 0: no limit. A state that it enters during the call counts also when it leaves it at
/// once.
///
/// Returns 0; REGISTERER_WRONG_STATE when the time is up or the state cannot come any more;
/// REGISTERER_NOT_FOUND, REGISTERER_BAD_PARAMETER.
///
/// A cancelation point, as pthreads(7) has them: a thread for which pthread_cancel was called ends
/// here. So are registerer_next_event and registerer_step, and no other call of this header, nor
/// the listeners: a cancelation acts when the call has returned.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn registerer_wait(
    context: *mut registerer_context,
    rid: c_int,
    state: c_int,
    ms: c_int,
) -> c_int {
    let timeout = u64::try_from(ms).ok().map(Duration::from_millis);
    waiting::wait(
        "registerer_wait",
        context,
        |context| context.engine.begin_registerer_wait(rid, info::state(state)?, timeout),
        |_, wait: &mut RegistererWait, sleep| Some(wait.step(sleep)?.map(|()| 0)),
    )
}

/// The state of a registration, one of enum registerer_state. One that was disposed of still
/// answers, for a while.
///
/// Returns the state; REGISTERER_NOT_FOUND, REGISTERER_BAD_PARAMETER, REGISTERER_UNDEFINED_ERROR as
/// registerer_register.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_get_state(context: *mut registerer_context, rid: c_int) -> c_int {
    on("registerer_get_state", context, |context| {
        context.engine.registerer_state(rid).map(info::state_number)
    })
}

/// Fills `info`, whose size must be set.
///
/// Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none; REGISTERER_NOT_FOUND also
/// for one that is over.
///
/// # Safety
/// `info` is NULL or may be written for as many bytes as it begins with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_get_info(
    context: *mut registerer_context,
    rid: c_int,
    info: *mut registerer_info,
) -> c_int {
    on("registerer_get_info", context, |context| {
        // SAFETY: the caller's promise.
        unsafe { info::fill_info(info, || context.engine.registerer_info(rid)) }
    })
}

/// Copies a text (`what`: enum registerer_text) with a NUL into `size` bytes at `buf`, cut to fit.
/// `index` counts from 0 where there are several.
///
/// Returns the length of the whole text; REGISTERER_NOT_FOUND when there is none;
/// REGISTERER_BAD_PARAMETER.
///
/// # Safety
/// `buf` is NULL or may be written for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_get_text(
    context: *mut registerer_context,
    rid: c_int,
    what: c_int,
    index: c_int,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    on("registerer_get_text", context, |context| {
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
/// Returns the length of the whole sentence; REGISTERER_BAD_PARAMETER, REGISTERER_NOT_FOUND.
///
/// # Safety
/// `buf` is NULL or may be written for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_explain(
    context: *mut registerer_context,
    rid: c_int,
    buf: *mut c_char,
    size: usize,
) -> c_int {
    on("registerer_explain", context, |context| {
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
pub extern "C" fn registerer_user_data(
    context: *mut registerer_context,
    rid: c_int,
) -> *mut c_void {
    on("registerer_user_data", context, |context| {
        Ok(std::ptr::with_exposed_provenance_mut(context.engine.registerer_tag(rid)?))
    })
}

/// Gives a registration other credentials, taken from `options` (`username`, `password`, `realm`,
/// `ha1_*`; the rest is not looked at). One that stopped for want of them goes on at once.
///
/// Returns 0; REGISTERER_BAD_PARAMETER also for a user without password and HA1, and the other way
/// round; REGISTERER_NOT_FOUND, REGISTERER_UNDEFINED_ERROR as registerer_register.
///
/// # Safety
/// `options` is NULL or filled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_set_credentials(
    context: *mut registerer_context,
    rid: c_int,
    options: *const registerer_options,
) -> c_int {
    on("registerer_set_credentials", context, |context| {
        // SAFETY: the caller's promise.
        let logins = unsafe { options::logins(options) }.map_err(options::refused)?;
        AccountLogin::check(&logins).map_err(|why| options::refused(OptionsError(why)))?;
        context.engine.registerer_set_logins(rid, logins).map(|()| 0)
    })
}

/// Limits for all managed registrations of a context: attempts `in_flight` at a time (500) and
/// REGISTERs `per_second` (1000); 0: no limit. The others wait. An attempt counts from its first
/// REGISTER to its last answer, or its give-up after 32 s; in registerer_context_free for half a
/// second at most, and the rate does not hold there.
///
/// Returns 0; REGISTERER_BAD_PARAMETER for a number below 0.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_limits(
    context: *mut registerer_context,
    in_flight: c_int,
    per_second: c_int,
) -> c_int {
    on("registerer_set_limits", context, |context| {
        let number = |given: c_int| u32::try_from(given).map_err(|_| CoreRefusal::BadParameter);
        let (in_flight, rate) = (number(in_flight)?, number(per_second)?);
        context.engine.registerer_limits(in_flight as usize, rate).map(|()| 0)
    })
}

/// The weakest hash of digest authentication (enum registerer_algorithm) that any request of a
/// context answers a challenge for: registrations of either header and requests outside of
/// dialogs. REGISTERER_MD5 until it is called.
///
/// Returns 0; REGISTERER_BAD_PARAMETER for another number.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_weakest_algorithm(
    context: *mut registerer_context,
    algorithm: c_int,
) -> c_int {
    on("registerer_set_weakest_algorithm", context, |context| {
        let algorithm = options::algorithm(algorithm).ok_or(CoreRefusal::BadParameter)?;
        context.engine.set_weakest_algorithm(algorithm).map(|()| 0)
    })
}

/// Whether the port that registerer_context_listen opens is for this context alone (1) or may be
/// opened by other programs that name it too (0, as with eXosip2). It counts from the next call of
/// that on. A port that somebody has is then refused; the port 0 never is anybody else's.
///
/// Returns 0; REGISTERER_BAD_PARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_exclusive_port(
    context: *mut registerer_context,
    exclusive: c_int,
) -> c_int {
    on("registerer_set_exclusive_port", context, |context| {
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
/// Returns 0; REGISTERER_BAD_PARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_set_registrars_only(
    context: *mut registerer_context,
    registrars_only: c_int,
) -> c_int {
    on("registerer_set_registrars_only", context, |context| {
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
