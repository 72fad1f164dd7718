//! `<eXosip2/eX_register.h>`: registrations.
//!
//! A registration is known by its rid, a number above 0. Build a REGISTER, change it at will, send
//! it; the answer comes as an event. eXosip_automatic_action renews it.

use super::context::on;
use super::ex_setup::eXosip_t;
use super::sent::SentMessage;
use super::{message, text};
use crate::abi::osipparser2::osip_message::{ConsumedMessage, osip_message_t};
use crate::engine::{CoreRefusal, InitialRegister, Refusal, Rid};
use libc::{c_char, c_int};
use std::ptr;

/// Makes a registration and its first REGISTER. Nothing is sent.
///
/// `from` is the address-of-record, as a URI or with a display name; `proxy` is the URI of the
/// registrar. `contact` NULL: the library makes one; empty: none, which asks for the bindings; "*"
/// or a name-addr: as given. One that cannot be read gives way to one of the library's, with a
/// warning in the trace. One with our own host and a port that we do not listen on is replaced once
/// the server's Via says where it sees us. `expires` in seconds; 0 removes the binding, less counts
/// as 0. `reg` gets the message: the caller's until eXosip_register_send_register takes it, NULL on
/// errors.
///
/// Returns the rid, above 0; OSIP_BADPARAMETER for NULL or an empty `proxy`; OSIP_SYNTAXERROR for a
/// `from` or `proxy` that is no SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
///
/// # Safety
/// The texts are NULL or end with NUL; `reg` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_register_build_initial_register(
    excontext: *mut eXosip_t,
    from: *const c_char,
    proxy: *const c_char,
    contact: *const c_char,
    expires: c_int,
    reg: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        eXosip_register_build_initial_register_withqvalue(
            excontext,
            from,
            proxy,
            contact,
            expires,
            ptr::null(),
            reg,
        )
    }
}

/// Like eXosip_register_build_initial_register, with a preference.
///
/// `qvalue` NULL, or the `q` parameter of a Contact that the library makes, "0.0" to "1.0".
///
/// # Safety
/// As for eXosip_register_build_initial_register; `qvalue` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_register_build_initial_register_withqvalue(
    excontext: *mut eXosip_t,
    from: *const c_char,
    proxy: *const c_char,
    contact: *const c_char,
    expires: c_int,
    qvalue: *const c_char,
    reg: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    let (from, proxy, contact, q) = unsafe {
        (text::given(from), text::given(proxy), text::given(contact), text::given(qvalue))
    };
    // SAFETY: the caller's promise.
    let reg = unsafe { message::Out::new(reg) };
    on("eXosip_register_build_initial_register", excontext, |context| {
        let (Some(reg), Some(from), Some(proxy)) =
            (reg, &from, proxy.as_ref().filter(|proxy| !proxy.is_empty()))
        else {
            return Err(CoreRefusal::BadParameter.into());
        };
        if from.is_empty() {
            return Err(CoreRefusal::Syntax("an empty From").into());
        }
        let ask =
            InitialRegister { from, proxy, contact: contact.as_deref(), expires, q: q.as_deref() };
        let (rid, text) = context.engine.build_initial_register(ask)?;
        if let Err(refusal) = reg.fill(&text) {
            context.engine.remove(rid)?;
            return Err(refusal);
        }
        Ok(rid)
    })
}

/// Makes the next REGISTER of a registration. Nothing is sent, nothing changes.
///
/// `expires` in seconds; 0 or less removes the binding. `reg` gets the message as with
/// eXosip_register_build_initial_register; header fields that the application added to the last one
/// are in it again.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a rid below 1; OSIP_NOTFOUND for an unknown rid;
/// OSIP_WRONG_STATE while a REGISTER of this registration waits for its answer.
///
/// # Safety
/// `reg` is NULL or points to a pointer that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_register_build_register(
    excontext: *mut eXosip_t,
    rid: c_int,
    expires: c_int,
    reg: *mut *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise.
    let reg = unsafe { message::Out::new(reg) };
    on("eXosip_register_build_register", excontext, |context| {
        let reg = reg.ok_or(CoreRefusal::BadParameter)?;
        reg.fill(&context.engine.build_register(positive(rid)?, expires)?)?;
        Ok(0)
    })
}

/// Sends a REGISTER. The answer, or its absence after 32 s, comes as an event. It goes by the
/// transport of the context: one for a sips: URI fails at once and is not sent where that is not
/// TLS, and another `transport` parameter is ignored with a warning in the trace.
///
/// From a program that has more events to fetch it may leave with the next ones, 5 ms later at
/// most; eXosip_quit sends what waits.
///
/// `reg` NULL sends what eXosip_register_build_register would make for the expiry asked for last.
/// `reg` is consumed in every case, errors included: never free it. After success it may be read
/// until the event is fetched, for the last 1,024 that were sent.
///
/// Returns 0; OSIP_BADPARAMETER for a rid below 1 or a message without Call-ID; OSIP_NOTFOUND for
/// an unknown rid; OSIP_WRONG_STATE while a REGISTER of this registration waits for its answer;
/// OSIP_SYNTAXERROR for a message without Via or that cannot be printed.
///
/// # Safety
/// `reg` is NULL or a message that the caller owns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_register_send_register(
    excontext: *mut eXosip_t,
    rid: c_int,
    reg: *mut osip_message_t,
) -> c_int {
    // SAFETY: the caller's promise; from here on the message is freed whatever happens.
    let message = unsafe { ConsumedMessage::take(reg) };
    on("eXosip_register_send_register", excontext, move |context| {
        let rid = positive(rid)?;
        let mut sent = message.map(SentMessage::new);
        let text = sent.as_mut().map(SentMessage::print).transpose()?;
        let text = text.as_ref().map(|text| text.as_slice());
        context.engine.send_register(rid, text, &mut sent)?;
        Ok(0)
    })
}

/// Forgets a registration. Nothing is sent; a REGISTER that waits for its answer goes on without an
/// event.
///
/// Returns 0; OSIP_BADPARAMETER for a rid below 1; OSIP_NOTFOUND for an unknown rid.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_register_remove(excontext: *mut eXosip_t, rid: c_int) -> c_int {
    on("eXosip_register_remove", excontext, |context| {
        context.engine.remove(positive(rid)?)?;
        Ok(0)
    })
}

fn positive(rid: c_int) -> Result<Rid, Refusal> {
    if rid > 0 { Ok(rid) } else { Err(CoreRefusal::BadParameter.into()) }
}
