//! The functions that set and remove listeners.

use super::info::for_c;
use super::{
    registerer_context, registerer_request, registerer_request_callback, registerer_state,
    registerer_state_callback,
};
use crate::abi::exosip2::context::{Context, on};
use crate::engine::registerer::{RegistererEvent, RegistererEventKind};
use crate::engine::{Callback, CoreRefusal, Listener, ListenerId, Refusal, Rid};
use crate::sip::one_printable_line;
use libc::{c_char, c_int, c_void};
use std::ffi::CString;
use std::sync::Arc;

/// Has `callback` called with each new state of `rid` (0: of every registration); with `once` not 0
/// only with the next.
///
/// It is called on one thread of the context, one call at a time, and holds no lock: it may make
/// any call, registerer_dispose and registerer_context_free too (calls that are outstanding by then
/// are dropped). A listener that does not return holds up the others, never the registrations. In a
/// context that was made with `own_thread` 0 it is called by the thread that does the work, see
/// registerer_step, and what it holds up is that.
///
/// Returns a number for registerer_off, above 0; REGISTERER_BAD_PARAMETER for NULL or a rid below
/// 0; REGISTERER_UNDEFINED_ERROR where no thread can be started.
///
/// # Safety
/// `callback` may be called with `user` until registerer_off has returned or the context has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_on_state_change(
    context: *mut registerer_context,
    rid: c_int,
    callback: registerer_state_callback,
    user: *mut c_void,
    once: c_int,
) -> c_int {
    on("registerer_on_state_change", context, |found| {
        let call = state_call(context, callback.ok_or(CoreRefusal::BadParameter)?, user);
        listen(found, rid, is_state, once != 0, call)
    })
}

/// Has `callback` called with what becomes of each request of `rid` (0: of every registration). As
/// registerer_on_state_change otherwise.
///
/// # Safety
/// As for registerer_on_state_change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_on_request(
    context: *mut registerer_context,
    rid: c_int,
    callback: registerer_request_callback,
    user: *mut c_void,
    once: c_int,
) -> c_int {
    on("registerer_on_request", context, |found| {
        let call = request_call(context, callback.ok_or(CoreRefusal::BadParameter)?, user);
        listen(found, rid, is_request, once != 0, call)
    })
}

/// Removes a listener. Once this has returned it is not called any more; a call under way is
/// waited for (two seconds at most), unless this is called from it. Do not hold eXosip_lock if the
/// listener takes it.
///
/// Returns 0; REGISTERER_NOT_FOUND for an unknown number, or one that was called once.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_off(context: *mut registerer_context, listener: c_int) -> c_int {
    on("registerer_off", context, |context| {
        let id = u64::try_from(listener).map_err(|_| CoreRefusal::BadParameter)?;
        if context.engine.unlisten(id) { Ok(0) } else { Err(CoreRefusal::NotFound.into()) }
    })
}

/// What a listener is called with: pointers of the application, to be used on another thread.
#[derive(Clone, Copy)]
pub(super) struct CallbackArg {
    pub(super) context: *mut registerer_context,
    pub(super) user: *mut c_void,
}

// SAFETY: nothing here follows them; the application, which gets them back, has promised that they
// may be used there.
unsafe impl Send for CallbackArg {}
// SAFETY: as above.
unsafe impl Sync for CallbackArg {}

impl CallbackArg {
    pub(super) fn both(self) -> (*mut registerer_context, *mut c_void) {
        (self.context, self.user)
    }
}

/// Adds a listener of `rid`; its number.
pub(super) fn listen(
    found: &Context,
    rid: c_int,
    wants: fn(&RegistererEvent) -> bool,
    once: bool,
    call: Callback,
) -> Result<c_int, Refusal> {
    number(found.engine.listen(Listener { rid: whose(rid)?, wants, once, call })?)
}

/// 0: everybody.
fn whose(rid: c_int) -> Result<Option<Rid>, Refusal> {
    if rid < 0 { Err(CoreRefusal::BadParameter.into()) } else { Ok((rid > 0).then_some(rid)) }
}

fn number(id: ListenerId) -> Result<c_int, Refusal> {
    c_int::try_from(id).map_err(|_| CoreRefusal::Undefined.into())
}

fn is_state(event: &RegistererEvent) -> bool {
    matches!(event.what, RegistererEventKind::State(_))
}

fn is_request(event: &RegistererEvent) -> bool {
    !matches!(event.what, RegistererEventKind::State(_) | RegistererEventKind::Challenged(_))
}

/// What became of a request; `None` for what is none.
pub(super) fn request_number(what: RegistererEventKind) -> Option<registerer_request> {
    Some(match what {
        RegistererEventKind::State(_) | RegistererEventKind::Challenged(_) => return None,
        RegistererEventKind::Trying => registerer_request::REGISTERER_TRYING,
        RegistererEventKind::Progress => registerer_request::REGISTERER_PROGRESS,
        RegistererEventKind::Accepted => registerer_request::REGISTERER_ACCEPTED,
        RegistererEventKind::Rejected => registerer_request::REGISTERER_REJECTED,
        RegistererEventKind::Redirected => registerer_request::REGISTERER_REDIRECTED,
    })
}

fn state_call(
    context: *mut registerer_context,
    callback: unsafe extern "C" fn(*mut registerer_context, c_int, registerer_state, *mut c_void),
    user: *mut c_void,
) -> Callback {
    let argument = CallbackArg { context, user };
    Arc::new(move |event: &RegistererEvent| {
        let (context, user) = argument.both();
        if let RegistererEventKind::State(state) = event.what {
            // SAFETY: the caller of registerer_on_state_change has promised it.
            unsafe { callback(context, event.rid, for_c(state), user) };
        }
    })
}

fn request_call(
    context: *mut registerer_context,
    callback: unsafe extern "C" fn(
        *mut registerer_context,
        c_int,
        registerer_request,
        c_int,
        *const c_char,
        *mut c_void,
    ),
    user: *mut c_void,
) -> Callback {
    let argument = CallbackArg { context, user };
    Arc::new(move |event: &RegistererEvent| {
        let (context, user) = argument.both();
        let Some(what) = request_number(event.what) else { return };
        let reason =
            CString::new(one_printable_line(&event.reason).into_owned()).unwrap_or_default();
        // SAFETY: the caller of registerer_on_request has promised it; the text lives as long as
        // the call.
        unsafe { callback(context, event.rid, what, event.status.into(), reason.as_ptr(), user) };
    })
}
