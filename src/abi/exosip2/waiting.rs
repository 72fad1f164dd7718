//! Functions of a context that wait for the program, and whose thread may be cancelled meanwhile.
//!
//! A thread that is cancelled is unwound to its beginning. It sleeps in a frame of C
//! (`src/c/wait.c`), and the frames of Rust between that and the program hold nothing that would
//! have to be dropped: what the call holds is given back by a handler of pthread_cleanup_push(3).

use super::context::{Context, FoundContext, entry, find};
use super::ex_setup::eXosip_t;
use crate::abi::ffi::Failure;
use crate::engine::{Refusal, Sleep};
use libc::{c_int, c_void};
use std::mem::{ManuallyDrop, needs_drop};

// Of src/c/wait.c.
unsafe extern "C-unwind" {
    fn register_wait(
        call: *mut c_void,
        step: unsafe extern "C" fn(*mut c_void, *mut Sleep) -> c_int,
        end: unsafe extern "C" fn(*mut c_void),
    );
}

/// One call that waits.
struct WaitingCall<R, W, B, S> {
    name: &'static str,
    pointer: *const eXosip_t,
    begin: B,
    step: S,
    /// The wait and its context, while it lasts.
    held: ManuallyDrop<Option<(W, FoundContext)>>,
    answer: Option<R>,
}

/// What comes of a step.
enum Outcome<R> {
    Sleeps,
    Over(R),
}

impl<R: From<Failure>> From<Failure> for Outcome<R> {
    fn from(failure: Failure) -> Self {
        Outcome::Over(failure.into())
    }
}

/// Begins to wait by `begin`, and goes on by `step`, between sleeps, until that has an answer.
pub(crate) fn wait<R, W, B, S>(name: &'static str, pointer: *const eXosip_t, begin: B, step: S) -> R
where
    R: From<Failure>,
    B: Fn(&Context) -> Result<W, Refusal>,
    S: Fn(&Context, &mut W, &mut Sleep) -> Option<Result<R, Refusal>>,
{
    const { assert!(!needs_drop::<WaitingCall<R, W, B, S>>()) };
    let held = ManuallyDrop::new(None::<(W, FoundContext)>);
    let mut call = WaitingCall { name, pointer, begin, step, held, answer: None };
    // SAFETY: the two functions get this call, and this thread is the only one that uses it. Here
    // and in the function of C that called there is nothing to drop.
    unsafe {
        register_wait((&raw mut call).cast(), take_step::<R, W, B, S>, give_back::<R, W, B, S>);
    }
    call.answer.unwrap_or_else(|| Failure::Undefined.into())
}

/// One step; whether the thread sleeps then.
///
/// # Safety
/// Both pointers are those that `wait` and src/c/wait.c have made.
unsafe extern "C" fn take_step<R, W, B, S>(call: *mut c_void, sleep: *mut Sleep) -> c_int
where
    R: From<Failure>,
    B: Fn(&Context) -> Result<W, Refusal>,
    S: Fn(&Context, &mut W, &mut Sleep) -> Option<Result<R, Refusal>>,
{
    // SAFETY: the caller's promise.
    let (call, sleep) = unsafe { (&mut *call.cast::<WaitingCall<R, W, B, S>>(), &mut *sleep) };
    let WaitingCall { name, pointer, begin, step, held, answer } = call;
    let outcome = entry(name, || {
        if held.is_none() {
            let found = find(*pointer)?;
            let wait = found.with(|context| begin(context));
            match wait {
                Ok(wait) => **held = Some((wait, found)),
                Err(refusal) => {
                    found.leave();
                    return Err(refusal);
                }
            }
        }
        let Some((wait, found)) = &mut **held else { return Ok(Outcome::Sleeps) };
        let outcome = found.with(|context| step(context, wait, sleep).transpose())?;
        Ok(outcome.map_or(Outcome::Sleeps, Outcome::Over))
    });
    let Outcome::Over(value) = outcome else { return 1 };
    *answer = Some(value);
    let_go(name, held);
    0
}

/// Gives back what the call holds, whose thread is cancelled.
///
/// # Safety
/// As for [`take_step`].
unsafe extern "C" fn give_back<R, W, B, S>(call: *mut c_void) {
    // SAFETY: the caller's promise.
    let call = unsafe { &mut *call.cast::<WaitingCall<R, W, B, S>>() };
    let_go(call.name, &mut call.held);
}

fn let_go<W>(name: &'static str, held: &mut Option<(W, FoundContext)>) {
    entry(name, || {
        if let Some((wait, found)) = held.take() {
            drop(wait);
            found.leave();
        }
        Ok(())
    });
}
