//! Attended transfer: one call takes the place of another (RFC 3891).

use crate::abi::exosip2::context::on;
use crate::abi::exosip2::ex_setup::eXosip_t;
use crate::abi::exosip2::text;
use crate::engine::CoreRefusal;
use libc::{c_char, c_int};

/// Writes what somebody else must be referred to, to take over this dialog, and a NUL: the far
/// end's URI with a Replaces (RFC 3891).
///
/// What does not fit into `refer_to_len` bytes is left out. The text is empty after errors.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, no room or a did below 1; OSIP_NOTFOUND for a did that is
/// unknown or whose dialog has ended.
///
/// # Safety
/// `refer_to` is NULL or may be written for `refer_to_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_get_referto(
    excontext: *mut eXosip_t,
    did: c_int,
    refer_to: *mut c_char,
    refer_to_len: usize,
) -> c_int {
    // SAFETY: the caller's promise.
    let has_room = unsafe { text::put_start(refer_to, refer_to_len, "") };
    on("eXosip_call_get_referto", excontext, |context| {
        let value = context.engine.refer_to(did)?;
        if !has_room {
            return Err(CoreRefusal::BadParameter.into());
        }
        // SAFETY: the caller's promise.
        unsafe { text::put_start(refer_to, refer_to_len, &value) };
        Ok(0)
    })
}

/// The call that a Replaces means (RFC 3891 section 3).
///
/// `replaces` is its value, without escapes: `CALL-ID;to-tag=…;from-tag=…`, and perhaps
/// `;early-only`.
///
/// Returns the cid, above 0; OSIP_SYNTAXERROR for NULL or a text without both tags; OSIP_NOTFOUND
/// where there is none (answer 481); OSIP_WRONG_STATE for one that is answered, with `early-only`
/// (486); OSIP_BADPARAMETER for one that rings here (481).
///
/// # Safety
/// `replaces` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_call_find_by_replaces(
    excontext: *mut eXosip_t,
    replaces: *mut c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let replaces = unsafe { text::given(replaces) };
    on("eXosip_call_find_by_replaces", excontext, |context| {
        let replaces = replaces.ok_or(CoreRefusal::Syntax("no Replaces"))?;
        context.engine.find_by_replaces(&replaces)
    })
}
