//! The functions that fetch events.

use super::info::for_c;
use super::listeners::request_number;
use super::sized::{self, SizedStruct};
use super::{registerer_context, registerer_event, registerer_event_kind};
use crate::abi::exosip2::context::on;
use crate::abi::exosip2::waiting;
use crate::engine::registerer::{Fetched, RegistererEvent, RegistererEventKind};
use crate::engine::{CoreRefusal, FetchWait, RoundWait};
use libc::{c_char, c_int};
use std::mem::offset_of;
use std::time::Duration;

// SAFETY: it begins with its size; the rest are pointers and numbers.
unsafe impl SizedStruct for registerer_event {
    const MIN_SIZE: usize = offset_of!(registerer_event, reason) + size_of::<[c_char; 128]>();
    const NAME: &'static str = "event";
}

/// Fetches the next event: waits for one for at most `ms` milliseconds; 0: not at all; less than 0:
/// without limit. Fills `event`, whose size must be set; it is the program's, and nothing in it has
/// to be given back.
///
/// Events are those of all registrations, the same that listeners are called with. They are kept
/// from the first call of this or of registerer_fd on, or from the beginning with `queue_events` of
/// the context's options; a program asks before it calls registerer_register. Up to 262144 are
/// kept. Of what is beyond that the oldest is dropped, and the next call gives
/// REGISTERER_EVENT_LOST with their number: registerer_get_state says how things stand then. A
/// provisional answer is left out while one of the same status for the same registration is kept.
///
/// Several threads may fetch: each event goes to one of them. In a context without a thread this
/// does the work of registerer_step while it waits.
///
/// Returns 1 with an event; 0 when the time is up; REGISTERER_BAD_PARAMETER for NULL or a size that
/// is none; REGISTERER_NOT_INITIALIZED once the context has ended, also when it ends meanwhile.
///
/// A cancelation point, as registerer_wait is.
///
/// # Safety
/// `event` is NULL or may be written for as many bytes as it begins with.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn registerer_next_event(
    context: *mut registerer_context,
    event: *mut registerer_event,
    ms: c_int,
) -> c_int {
    let timeout = u64::try_from(ms).ok().map(Duration::from_millis);
    // SAFETY: the caller's promise.
    let size = unsafe { sized::size_at(event) };
    waiting::wait(
        "registerer_next_event",
        context,
        |context| {
            size.ok_or(CoreRefusal::BadParameter)?;
            context.engine.begin_registerer_fetch(timeout)
        },
        |_, wait: &mut FetchWait, sleep| {
            let fetched = match wait.step(sleep)? {
                Ok(Some(fetched)) => fetched,
                Ok(None) => return Some(Ok(0)),
                Err(refusal) => return Some(Err(refusal)),
            };
            let size = size.unwrap_or_default();
            // SAFETY: the caller's promise.
            unsafe { sized::write(&for_program(fetched, size), event, size) };
            Some(Ok(1))
        },
    )
}

/// A descriptor that is readable while there is something to fetch, for poll(2), epoll(7), GLib or
/// libuv: then registerer_next_event is called, with `ms` 0, until it returns 0. In a context
/// without a thread it is readable also while registerer_step has something to do, which is called
/// first. It is the context's: the program neither reads nor closes it. It stays the same until the
/// context ends.
///
/// Returns the descriptor; REGISTERER_UNDEFINED_ERROR when there is none to be had;
/// REGISTERER_NOT_INITIALIZED, REGISTERER_BAD_PARAMETER.
#[unsafe(no_mangle)]
pub extern "C" fn registerer_fd(context: *mut registerer_context) -> c_int {
    on("registerer_fd", context, |context| {
        let fd = context.engine.registerer_fd()?;
        if fd < 0 { Err(CoreRefusal::Undefined.into()) } else { Ok(fd) }
    })
}

/// Does the work of a context that was made with `own_thread` 0: what is due, and what has arrived.
/// It waits at most `ms` milliseconds for something to arrive or to become due; 0: not at all; less
/// than 0: without limit. A program with a loop of its own calls it with 0 when registerer_fd is
/// readable, which it is also when something is due; one that polls otherwise calls it again after
/// `next_ms` milliseconds at the latest, or after any other call. `next_ms` may be NULL; -1: nothing
/// is due.
///
/// No thread of the library works meanwhile, but for one that looks up a name, where there is one to
/// be looked up, and ends with that. Listeners are called by this, by registerer_wait, by
/// registerer_next_event and by registerer_context_free, in the thread that calls. Those calls do
/// this work too while they wait, so that one thread alone may use them. Several threads may be in
/// them at once; one of them works, and the others wait.
///
/// Returns 0; REGISTERER_WRONG_STATE for a context with a thread; REGISTERER_NO_NETWORK before
/// registerer_context_listen; REGISTERER_NOT_INITIALIZED, REGISTERER_BAD_PARAMETER.
///
/// A cancelation point, as registerer_wait is.
///
/// # Safety
/// `next_ms` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn registerer_step(
    context: *mut registerer_context,
    ms: c_int,
    next_ms: *mut c_int,
) -> c_int {
    let limit = u64::try_from(ms).ok().map(Duration::from_millis);
    waiting::wait(
        "registerer_step",
        context,
        |context| context.engine.begin_step(limit),
        |context, round: &mut RoundWait, sleep| {
            round.step(sleep)?;
            let until = context.engine.until_next_step();
            let next = until.map_or(-1, |until| {
                c_int::try_from(until.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX)
            });
            if !next_ms.is_null() {
                // SAFETY: the caller's promise.
                unsafe { next_ms.write(next) };
            }
            Some(Ok(0))
        },
    )
}

/// What was fetched, as the program gets it in a struct of this size.
fn for_program(fetched: Fetched, size: usize) -> registerer_event {
    let mut event = registerer_event {
        size,
        kind: registerer_event_kind::REGISTERER_EVENT_LOST as c_int,
        rid: 0,
        state: -1,
        request: -1,
        status: 0,
        user_data: std::ptr::null_mut(),
        lost: 0,
        reason: [0; 128],
    };
    match fetched {
        Fetched::Lost(lost) => event.lost = lost,
        Fetched::Event(RegistererEvent { rid, what, status, reason, tag, .. }) => {
            (event.rid, event.status) = (rid, status.into());
            event.user_data = std::ptr::with_exposed_provenance_mut(tag);
            let room = event.reason.len();
            // SAFETY: an array of ours.
            unsafe { super::info::write(event.reason.as_mut_ptr(), room, &reason) };
            event.kind = match what {
                RegistererEventKind::State(state) => {
                    event.state = for_c(state) as c_int;
                    registerer_event_kind::REGISTERER_EVENT_STATE as c_int
                }
                RegistererEventKind::Challenged(_) => {
                    registerer_event_kind::REGISTERER_EVENT_CHALLENGE as c_int
                }
                request => {
                    event.request = request_number(request).map_or(-1, |number| number as c_int);
                    registerer_event_kind::REGISTERER_EVENT_REQUEST as c_int
                }
            };
        }
    }
    event
}
