//! Functions of a context that wait for the program, and whose thread may be cancelled meanwhile.
//!
//! A thread that is cancelled is unwound to its beginning. It sleeps in a frame of C
//! (`src/c/wait.c`), and the frames of Rust between that and the program hold nothing that would
//! have to be dropped: what the call holds is given back by a handler of pthread_cleanup_push(3).

use super::context::{Context, FoundContext, entry, find};
use super::ex_setup::eXosip_t;
use crate::abi::cancelable::{pthread_testcancel, register_wait};
use crate::abi::ffi::Failure;
use crate::engine::{Cancelability, Refusal, Sleep};
use libc::{c_int, c_void};
use std::mem::{ManuallyDrop, needs_drop};

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

/// Begins to wait by `begin`, and goes on by `step`, between sleeps, until that has an answer. The
/// thread may be cancelled before it begins, and while it sleeps.
pub(crate) fn wait<R, W, B, S>(name: &'static str, pointer: *const eXosip_t, begin: B, step: S) -> R
where
    R: From<Failure>,
    B: Fn(&Context) -> Result<W, Refusal>,
    S: Fn(&Context, &mut W, &mut Sleep) -> Option<Result<R, Refusal>>,
{
    const { assert!(!needs_drop::<WaitingCall<R, W, B, S>>() && !needs_drop::<Sleep>()) };
    let held = ManuallyDrop::new(None::<(W, FoundContext)>);
    let mut call = WaitingCall { name, pointer, begin, step, held, answer: None };
    let mut sleep = Sleep::default();
    // SAFETY: here and in the function of C that called there is nothing to drop.
    unsafe { pthread_testcancel() };
    let before = Cancelability::disable();
    if call.takes_step(&mut sleep) {
        let call = (&raw mut call).cast();
        // SAFETY: the two functions get this call, and this thread is the only one that uses it.
        // There is nothing to drop, as before.
        unsafe {
            register_wait(
                call,
                (&raw mut sleep).cast(),
                before.state,
                take_step::<R, W, B, S>,
                give_back::<R, W, B, S>,
            );
        }
    }
    // There is nothing to drop, as before.
    before.restore();
    call.answer.unwrap_or_else(|| Failure::Undefined.into())
}

impl<R, W, B, S> WaitingCall<R, W, B, S>
where
    R: From<Failure>,
    B: Fn(&Context) -> Result<W, Refusal>,
    S: Fn(&Context, &mut W, &mut Sleep) -> Option<Result<R, Refusal>>,
{
    /// One step; whether the thread sleeps then. Cancelation is disabled.
    fn takes_step(&mut self, sleep: &mut Sleep) -> bool {
        let WaitingCall { name, pointer, begin, step, held, answer } = self;
        let outcome = entry(name, || {
            if held.is_none() {
                let found = find(*pointer)?;
                let wait = match found.with(|context| begin(context)) {
                    Ok(wait) => wait,
                    Err(refusal) => {
                        found.leave();
                        return Err(refusal);
                    }
                };
                **held = Some((wait, found));
            }
            let Some((wait, found)) = &mut **held else { return Ok(Outcome::Sleeps) };
            let outcome = found.with(|context| step(context, wait, sleep).transpose());
            if matches!(outcome, Ok(None)) {
                return Ok(Outcome::Sleeps);
            }
            let_go(held);
            outcome.map(|answer| answer.map_or(Outcome::Sleeps, Outcome::Over))
        });
        match outcome {
            Outcome::Sleeps => true,
            Outcome::Over(value) => {
                *answer = Some(value);
                // A panic may have left it.
                drop(held.take());
                false
            }
        }
    }
}

/// See [`WaitingCall::takes_step`].
///
/// # Safety
/// Both pointers are those that `wait` has given.
unsafe extern "C" fn take_step<R, W, B, S>(call: *mut c_void, sleep: *mut c_void) -> c_int
where
    R: From<Failure>,
    B: Fn(&Context) -> Result<W, Refusal>,
    S: Fn(&Context, &mut W, &mut Sleep) -> Option<Result<R, Refusal>>,
{
    // SAFETY: the caller's promise.
    let (call, sleep) =
        unsafe { (&mut *call.cast::<WaitingCall<R, W, B, S>>(), &mut *sleep.cast::<Sleep>()) };
    c_int::from(call.takes_step(sleep))
}

/// Gives back what the call holds, whose thread is cancelled.
///
/// # Safety
/// As for [`take_step`].
unsafe extern "C" fn give_back<R, W, B, S>(call: *mut c_void) {
    // SAFETY: the caller's promise.
    let call = unsafe { &mut *call.cast::<WaitingCall<R, W, B, S>>() };
    entry(call.name, || {
        let_go(&mut call.held);
        Ok(())
    });
}

fn let_go<W>(held: &mut Option<(W, FoundContext)>) {
    if let Some((wait, found)) = held.take() {
        drop(wait);
        found.leave();
    }
}
