//! `<eXosip2/eXosip.h>`: credentials and actions; it includes all other headers.

use super::context::{entry, on, on_briefly};
use super::ex_event::eXosip_event_t;
use super::ex_setup::eXosip_t;
use super::{event, text};
use crate::cmem;
use crate::engine::{CoreRefusal, CredentialText, Refusal};
use libc::{c_char, c_int};
use std::mem::MaybeUninit;
use std::slice;

/// Adds a credential, or replaces the one with the same `username` and `realm`.
///
/// `username` is compared with the user part of From, `userid` is sent. `passwd` wins over `ha1`
/// (MD5 of user:realm:password in hex). `realm` NULL or empty: for any realm that has no credential
/// of its own. All texts are copied and may be of any length.
///
/// Returns 0; OSIP_BADPARAMETER for `username` or `userid` NULL or empty, or when both `passwd` and
/// `ha1` are.
///
/// # Safety
/// The texts are NULL or end with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_add_authentication_info(
    excontext: *mut eXosip_t,
    username: *const c_char,
    userid: *const c_char,
    passwd: *const c_char,
    ha1: *const c_char,
    realm: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let [username, userid, ha1, realm] =
        unsafe { [username, userid, ha1, realm].map(|text| text::given(text).unwrap_or_default()) };
    // As it is: the server may know it in Latin-1.
    // SAFETY: the caller's promise.
    let password = unsafe { cmem::bytes(passwd) }.unwrap_or_default();
    on("eXosip_add_authentication_info", excontext, |context| {
        if username.is_empty() || userid.is_empty() || (password.is_empty() && ha1.is_empty()) {
            return Err(CoreRefusal::BadParameter.into());
        }
        context.engine.add_credential(CredentialText {
            username: &username,
            userid: &userid,
            password,
            ha1: &ha1,
            realm: &realm,
        })?;
        Ok(0)
    })
}

/// Removes the credential with this `username` and `realm`, without regard to case. `realm` NULL or
/// empty: the one that was added without realm.
///
/// Returns 0; OSIP_BADPARAMETER for `username` NULL or empty; OSIP_NOTFOUND.
///
/// # Safety
/// The texts are NULL or end with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_remove_authentication_info(
    excontext: *mut eXosip_t,
    username: *const c_char,
    realm: *const c_char,
) -> c_int {
    // SAFETY: the caller's promise.
    let (username, realm) =
        unsafe { (text::filled(username), text::given(realm).unwrap_or_default()) };
    on("eXosip_remove_authentication_info", excontext, |context| {
        context.engine.remove_credential(&username.ok_or(CoreRefusal::BadParameter)?, &realm)?;
        Ok(0)
    })
}

/// Removes all credentials.
///
/// Returns 0.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_clear_authentication_info(excontext: *mut eXosip_t) -> c_int {
    on("eXosip_clear_authentication_info", excontext, |context| {
        context.engine.clear_credentials()?;
        Ok(0)
    })
}

/// Answers the challenge (401, 407) of an event with the credentials added before, or follows the
/// redirection (3xx) of a call's INVITE.
///
/// Returns 0 when the request was sent again, also by eXosip_automatic_action meanwhile; 1 when
/// there is nothing to do for this answer; OSIP_BADPARAMETER for NULL or an event without answer;
/// OSIP_UNDEFINED_ERROR for another redirection and without credentials; OSIP_SYNTAXERROR for a
/// redirection to nowhere; OSIP_NOTFOUND when the registration or request is gone;
/// OSIP_WRONG_STATE when the challenge of a registration was answered meanwhile; OSIP_RETRY_LIMIT
/// after three attempts.
///
/// # Safety
/// `je` is NULL or an event of this library that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_default_action(
    excontext: *mut eXosip_t,
    je: *mut eXosip_event_t,
) -> c_int {
    // SAFETY: the caller's promise.
    on("eXosip_default_action", excontext, |context| unsafe { event::default_action(context, je) })
}

/// Renews and retries registrations and publications as it is due, answers challenges of all
/// requests, follows the redirections of calls and refreshes their sessions (RFC 4028). Call it
/// about every 50 ms to 1 s: what was made through these functions is not renewed otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_automatic_action(excontext: *mut eXosip_t) {
    on_briefly("eXosip_automatic_action", excontext, |context| context.engine.automatic_action());
}

/// Answers the SUBSCRIBE of an event EXOSIP_IN_SUBSCRIPTION_NEW in the place of the program, where
/// it asks for the dialogs of our calls (RFC 4235): with 202 and a NOTIFY that describes them all.
/// The NOTIFY waits for the answer to one that was sent before. Another Event is refused with 489,
/// none with 400. Calls that come and go later send no NOTIFY by themselves.
///
/// Returns 0; OSIP_BADPARAMETER for NULL, or an event without request, did or nid; OSIP_NOTFOUND
/// for unknown ones.
///
/// # Safety
/// `evt` is NULL or an event of this library that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_insubscription_automatic(
    excontext: *mut eXosip_t,
    evt: *mut eXosip_event_t,
) -> c_int {
    on("eXosip_insubscription_automatic", excontext, |context| {
        // SAFETY: the caller's promise.
        let event = unsafe { evt.as_ref() }.filter(|event| !event.request.is_null());
        let event = event.ok_or(CoreRefusal::BadParameter)?;
        context.engine.describe_dialogs((event.nid, event.did), event.tid)?;
        Ok(0)
    })
}

/// Writes a random number below 2^31 in decimal digits and a NUL into `buf`.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or fewer than 11 bytes.
///
/// # Safety
/// `buf` is NULL or may be written for `str_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_generate_random(buf: *mut c_char, str_size: c_int) -> c_int {
    entry("eXosip_generate_random", || {
        let number = random::<4>()?;
        // SAFETY: the caller's promise.
        unsafe { text::put(buf, str_size, &(u32::from_ne_bytes(number) >> 1).to_string()) }
    })
}

/// Writes random lower-case hex digits and a NUL into `buf`: as many as fit, at most 32. The three
/// texts, which eXosip2 mixes in, do not matter.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or fewer than 2 bytes.
///
/// # Safety
/// `buf` is NULL or may be written for `str_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_hexa_generate_random(
    buf: *mut c_char,
    str_size: c_int,
    _str1: *mut c_char,
    _str2: *mut c_char,
    _str3: *mut c_char,
) -> c_int {
    entry("eXosip_hexa_generate_random", || {
        let digits = format!("{:032x}", u128::from_ne_bytes(random()?));
        let fit = usize::try_from(str_size).unwrap_or(0).min(digits.len() + 1);
        if fit < 2 {
            return Err(CoreRefusal::BadParameter.into());
        }
        // SAFETY: the caller's promise.
        unsafe { text::put(buf, str_size, &digits[..fit - 1]) }
    })
}

/// Fills `buf` with random bytes.
///
/// Returns 0; OSIP_BADPARAMETER for NULL or a negative size.
///
/// # Safety
/// `buf` is NULL or may be written for `str_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_byte_generate_random(buf: *mut c_char, str_size: c_int) -> c_int {
    entry("eXosip_byte_generate_random", || {
        let size = usize::try_from(str_size).map_err(|_| CoreRefusal::BadParameter)?;
        if buf.is_null() {
            return Err(CoreRefusal::BadParameter.into());
        }
        // SAFETY: the caller's promise; getrandom only writes.
        let bytes = unsafe { slice::from_raw_parts_mut(buf.cast::<MaybeUninit<u8>>(), size) };
        getrandom::fill_uninit(bytes).map_err(|_| CoreRefusal::Undefined)?;
        Ok(0)
    })
}

fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CoreRefusal::Undefined)?;
    Ok(bytes)
}
