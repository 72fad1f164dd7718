//! Challenges that the program answers: tokens (RFC 8898) and SIM cards (RFC 3310, RFC 4169).

use super::listeners::{CallbackArg, listen};
use super::sized::{self, SizedStruct};
use super::{options, registerer_context};
use crate::abi::exosip2::context::on;
use crate::cmem;
use crate::engine::registerer::{
    AkaResponse, OptionsError, PendingChallenge, ProgramAnswer, ProgramScheme, RegistererEvent,
    RegistererEventKind,
};
use crate::engine::{Callback, CancelGuard, CoreRefusal, Refusal};
use crate::sip::one_printable_line;
use libc::{c_char, c_int, c_uchar, c_void};
use std::ffi::CString;
use std::mem::offset_of;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// What a challenge asks for.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_scheme {
    /// A token, RFC 8898.
    REGISTERER_BEARER = 0,
    /// RES of a SIM card for `rand` and `autn`, RFC 3310.
    REGISTERER_AKAV1_MD5 = 1,
    /// RES, IK and CK of one, RFC 4169.
    REGISTERER_AKAV2_MD5 = 2,
}

/// A challenge that the program is to answer by registerer_answer_challenge. All of it is the word
/// of whoever sent it. A text that is not there is "".
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_challenge {
    /// sizeof(struct registerer_challenge), as the library was compiled.
    pub size: usize,
    /// By what the answer names it.
    pub number: c_int,
    /// 401: the registrar asks; 407: a proxy.
    pub status: c_int,
    /// One of enum registerer_scheme.
    pub scheme: c_int,
    /// 1: the program's last answer to this realm was refused, or was `auts`.
    pub repeated: c_int,
    /// 1: it came over TLS. A token that is not encrypted itself must not go out otherwise, RFC
    /// 8898 section 2.1.
    pub secure: c_int,
    /// Milliseconds that are left to answer.
    pub remaining_ms: i64,
    /// The realm.
    pub realm: *const c_char,
    /// Of Bearer: the URL of the authorization server. A program asks only one that it knows and
    /// trusts, RFC 8898 section 2.1.1.
    pub authz_server: *const c_char,
    /// Of Bearer: the scopes that the token is to have.
    pub scope: *const c_char,
    /// Of Bearer: what is wrong with the token that was sent, "invalid_token" for one.
    pub error: *const c_char,
    /// Of AKA: RAND.
    pub rand: [c_uchar; 16],
    /// Of AKA: AUTN.
    pub autn: [c_uchar; 16],
}

/// An answer to a challenge: one of `token`, `res` and `auts`, the others are NULL. All is copied,
/// and what is kept of it is wiped when it is given up. A token stands in the requests too: no
/// trace shows it, but the memory of a request that was sent is not wiped.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct registerer_answer {
    /// sizeof(struct registerer_answer).
    pub size: usize,
    /// The token, RFC 6750 section 2.1, up to 32000 characters.
    pub token: *const c_char,
    /// RES, …
    pub res: *const c_uchar,
    /// … and its bytes, 4 to 16.
    pub res_length: usize,
    /// The integrity key, 16 bytes; REGISTERER_AKAV2_MD5 needs it.
    pub ik: *const c_uchar,
    /// The cipher key, 16 bytes; REGISTERER_AKAV2_MD5 needs it.
    pub ck: *const c_uchar,
    /// AUTS, 14 bytes: the card is out of step, and the server makes another challenge.
    pub auts: *const c_uchar,
}

// SAFETY: it begins with its size; the rest are pointers and a number.
unsafe impl SizedStruct for registerer_answer {
    const MIN_SIZE: usize = offset_of!(registerer_answer, auts) + size_of::<*const c_uchar>();
    const NAME: &'static str = "answer";
}

/// Called for each challenge that the program is to answer. `challenge` is valid during the call.
pub type registerer_challenge_callback = Option<
    unsafe extern "C" fn(
        context: *mut registerer_context,
        rid: c_int,
        challenge: *const registerer_challenge,
        user: *mut c_void,
    ),
>;

/// Has `callback` called with each challenge that `rid` (0: every registration) awaits an answer
/// to; its option `challenge_wait` is above 0. The program answers by registerer_answer_challenge,
/// then and there or later from any thread; nothing is sent for that registration until then. As
/// registerer_on_state_change otherwise.
///
/// # Safety
/// As for registerer_on_state_change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_on_challenge(
    context: *mut registerer_context,
    rid: c_int,
    callback: registerer_challenge_callback,
    user: *mut c_void,
    once: c_int,
) -> c_int {
    on("registerer_on_challenge", context, |found| {
        let callback = callback.ok_or(CoreRefusal::BadParameter)?;
        let call = challenge_call(CallbackArg { context, user }, callback);
        listen(found, rid, is_challenge, once != 0, call)
    })
}

/// Calls `callback` with the challenge that `rid` awaits an answer to, on this thread and before
/// this returns: for a program that fetches events, or that has started to listen late.
///
/// Returns 0; REGISTERER_NOT_FOUND also when nothing is awaited; REGISTERER_BAD_PARAMETER;
/// REGISTERER_UNDEFINED_ERROR as registerer_register.
///
/// # Safety
/// `callback` may be called with `user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_pending_challenge(
    context: *mut registerer_context,
    rid: c_int,
    callback: registerer_challenge_callback,
    user: *mut c_void,
) -> c_int {
    let _uncancelled = CancelGuard::begin();
    let argument = CallbackArg { context, user };
    let mut asked = None;
    let code = on("registerer_pending_challenge", context, |found| {
        let callback = callback.ok_or(CoreRefusal::BadParameter)?;
        asked = Some((callback, found.engine.registerer_challenge(rid)?));
        Ok(0)
    });
    // The callback may end the context: nothing of it is held.
    if let Some((callback, (pending, left))) = asked {
        tell(argument, callback, rid, (&pending, left));
    }
    code
}

/// Answers challenge `number`: the REGISTER goes out with the answer, and so do the later ones,
/// until it is refused. It may be called by any thread, and by the listener.
///
/// Returns 0; REGISTERER_WRONG_STATE when no answer to it is awaited any more;
/// REGISTERER_BAD_PARAMETER for what is no answer to it, after which another one may be given;
/// REGISTERER_NOT_FOUND, REGISTERER_UNDEFINED_ERROR as registerer_register.
///
/// # Safety
/// `answer` is NULL or filled, and its pointers are NULL or have as many bytes as it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_answer_challenge(
    context: *mut registerer_context,
    rid: c_int,
    number: c_int,
    answer: *const registerer_answer,
) -> c_int {
    on("registerer_answer_challenge", context, |found| {
        let number = u32::try_from(number).map_err(|_| CoreRefusal::BadParameter)?;
        // SAFETY: the caller's promise.
        let answer = unsafe { read(answer) }?;
        found.engine.registerer_answer(rid, number, Some(answer)).map(|()| 0)
    })
}

/// Does not answer challenge `number`: the registration stops until registerer_register or
/// registerer_set_credentials; with REGISTERER_RETRY_CREDENTIALS it is tried again by itself.
///
/// Returns as registerer_answer_challenge.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_refuse_challenge(
    context: *mut registerer_context,
    rid: c_int,
    number: c_int,
) -> c_int {
    on("registerer_refuse_challenge", context, |found| {
        let number = u32::try_from(number).map_err(|_| CoreRefusal::BadParameter)?;
        found.engine.registerer_answer(rid, number, None).map(|()| 0)
    })
}

/// # Safety
/// As for [`registerer_answer_challenge`].
unsafe fn read(answer: *const registerer_answer) -> Result<ProgramAnswer, Refusal> {
    // SAFETY: zero bytes are NULL pointers and numbers.
    let nothing: registerer_answer = unsafe { std::mem::zeroed() };
    // SAFETY: the caller's promise.
    let read = unsafe { sized::read(answer, nothing) };
    let from = read.map_err(|wrong| options::refused(OptionsError(wrong)))?;
    // SAFETY: the caller's promise.
    let token = unsafe { cmem::bytes(from.token) };
    let bytes = |at: *const c_uchar, length: usize| {
        // SAFETY: the caller's promise: so many bytes.
        (!at.is_null()).then(|| unsafe { std::slice::from_raw_parts(at, length) })
    };
    let key = |at| bytes(at, 16).and_then(|key| <[u8; 16]>::try_from(key).ok());
    let res_length = from.res_length.min(MAX_RES + 1);
    match (token, bytes(from.res, res_length), bytes(from.auts, 14)) {
        (Some(token), None, None) => {
            let token = std::str::from_utf8(token).map_err(|_| CoreRefusal::BadParameter)?;
            Ok(ProgramAnswer::Token(Zeroizing::new(token.to_owned())))
        }
        (None, Some(res), None) => Ok(ProgramAnswer::Aka(AkaResponse {
            res: Zeroizing::new(res.to_vec()),
            ik: key(from.ik).map(Zeroizing::new),
            ck: key(from.ck).map(Zeroizing::new),
        })),
        (None, None, Some(auts)) => {
            let auts = auts.try_into().map_err(|_| CoreRefusal::BadParameter)?;
            Ok(ProgramAnswer::Resynchronize(auts))
        }
        _ => Err(CoreRefusal::BadParameter.into()),
    }
}

/// The bytes of the longest RES (3GPP TS 33.105 section 5.1.7).
const MAX_RES: usize = 16;

fn is_challenge(event: &RegistererEvent) -> bool {
    matches!(event.what, RegistererEventKind::Challenged(_))
}

/// A callback that is not NULL.
type ChallengeCallback =
    unsafe extern "C" fn(*mut registerer_context, c_int, *const registerer_challenge, *mut c_void);

fn challenge_call(argument: CallbackArg, callback: ChallengeCallback) -> Callback {
    Arc::new(move |event: &RegistererEvent| {
        let (context, _) = argument.both();
        let RegistererEventKind::Challenged(number) = event.what else { return };
        let mut asked = None;
        on("registerer_on_challenge", context, |found| {
            asked = Some(found.engine.registerer_challenge(event.rid)?);
            Ok(0)
        });
        // One that was withdrawn meanwhile is none to ask about.
        if let Some((pending, left)) = asked.filter(|(pending, _)| pending.number == number) {
            tell(argument, callback, event.rid, (&pending, left));
        }
    })
}

/// Calls `callback` with the challenge of `rid`.
fn tell(
    argument: CallbackArg,
    callback: ChallengeCallback,
    rid: c_int,
    (pending, left): (&PendingChallenge, Duration),
) {
    let (context, user) = argument.both();
    let texts = ChallengeTexts::of(pending);
    let challenge = texts.challenge(pending, left);
    // SAFETY: the program has promised it; the texts live as long as the call.
    unsafe { callback(context, rid, &raw const challenge, user) };
}

/// The texts of a challenge, for the time of a call.
struct ChallengeTexts([CString; 4]);

impl ChallengeTexts {
    fn of(pending: &PendingChallenge) -> Self {
        let asked = &pending.challenge;
        let texts = [&asked.realm, &asked.authz_server, &asked.scope, &asked.error];
        ChallengeTexts(
            texts.map(|text| CString::new(&*one_printable_line(text)).unwrap_or_default()),
        )
    }

    fn challenge(&self, pending: &PendingChallenge, left: Duration) -> registerer_challenge {
        let [realm, authz_server, scope, error] = &self.0;
        let asked = &pending.challenge;
        let scheme = match asked.scheme {
            ProgramScheme::Bearer => registerer_scheme::REGISTERER_BEARER,
            ProgramScheme::AkaV1Md5 => registerer_scheme::REGISTERER_AKAV1_MD5,
            ProgramScheme::AkaV2Md5 => registerer_scheme::REGISTERER_AKAV2_MD5,
        };
        registerer_challenge {
            size: size_of::<registerer_challenge>(),
            number: c_int::try_from(pending.number).unwrap_or(c_int::MAX),
            status: pending.status.into(),
            scheme: scheme as c_int,
            repeated: asked.is_repeated.into(),
            secure: pending.is_secure.into(),
            remaining_ms: i64::try_from(left.as_millis()).unwrap_or(i64::MAX),
            realm: realm.as_ptr(),
            authz_server: authz_server.as_ptr(),
            scope: scope.as_ptr(),
            error: error.as_ptr(),
            rand: asked.rand,
            autn: asked.autn,
        }
    }
}
