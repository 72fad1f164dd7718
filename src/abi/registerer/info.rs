//! What `<registerer.h>` says of a registration: its state, numbers and texts.

use super::sized::{self, SizedStruct};
use super::{registerer_info, registerer_state};
use crate::engine::registerer::{Info, RegistererState};
use crate::engine::{CoreRefusal, Refusal};
use crate::sip::one_printable_line;
use libc::{c_char, c_int};
use std::mem::offset_of;
use std::time::Duration;

// SAFETY: it begins with its size; the rest are numbers.
unsafe impl SizedStruct for registerer_info {
    const MIN_SIZE: usize = offset_of!(registerer_info, moves) + size_of::<u64>();
    const NAME: &'static str = "info";
}

/// Fills the first `size` bytes of what the program has.
///
/// # Safety
/// `info` is NULL or points to the size it begins with.
pub(super) unsafe fn fill_info(
    info: *mut registerer_info,
    ask: impl FnOnce() -> Result<Info, Refusal>,
) -> Result<c_int, Refusal> {
    // SAFETY: the caller's promise.
    let size = unsafe { sized::size_at(info) }.ok_or(CoreRefusal::BadParameter)?;
    let now = ask()?;
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let filled = registerer_info {
        size,
        state: state_number(now.state),
        pending: now.pending.into(),
        granted: c_int::try_from(now.granted).unwrap_or(c_int::MAX),
        remaining_ms: millis(now.remaining),
        next_ms: now.next.map_or(-1, millis),
        retry_after_ms: now.retry_after.map_or(-1, millis),
        status: now.status.into(),
        push_refused: now.push_refused.into(),
        requests: now.counters.requests,
        accepted: now.counters.accepted,
        rejected: now.counters.rejected,
        unanswered: now.counters.unanswered,
        challenges: now.counters.challenges,
        moves: now.counters.moves,
        since_success_ms: now.since_success.map_or(-1, millis),
        since_failure_ms: now.since_failure.map_or(-1, millis),
    };
    // SAFETY: the caller's promise.
    unsafe { sized::write(&filled, info, size) };
    Ok(0)
}

/// One of the texts.
pub(super) fn text_of(info: &Info, what: c_int, index: c_int) -> Result<String, Refusal> {
    let index = usize::try_from(index).map_err(|_| CoreRefusal::BadParameter)?;
    let several = |all: &[String]| all.get(index).cloned();
    let one = |text: Option<String>| text.filter(|text| index == 0 && !text.is_empty());
    let facts = &info.facts;
    let found = match what {
        0 => one(Some(info.reason.clone())),
        1 => one(info.target.map(|target| target.to_string())),
        2 => one(info.seen.map(|seen| seen.to_string())),
        3 => one(Some(info.instance.clone())),
        4 => several(&facts.contacts),
        5 => one(facts.own.clone()),
        6 => several(&facts.service_route),
        7 => several(&facts.associated),
        8 => several(&facts.path),
        9 => one(facts.public_gruu.clone()),
        10 => one(facts.temporary_gruu.clone()),
        _ => return Err(CoreRefusal::BadParameter.into()),
    };
    found.ok_or(CoreRefusal::NotFound.into())
}

/// Copies `text` and a NUL, cut between two characters where there is no room; its whole length.
/// What could command a terminal, or look like another line, becomes `?`.
///
/// # Safety
/// `to` is NULL or points to `size` bytes.
pub(super) unsafe fn write(to: *mut c_char, size: usize, text: &str) -> c_int {
    let text = one_printable_line(text);
    if !to.is_null() && size > 0 {
        let mut end = text.len().min(size - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // SAFETY: room for `end` bytes and a NUL; a str of ours and a buffer of the caller's do not
        // overlap.
        unsafe {
            to.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), end);
            *to.add(end) = 0;
        }
    }
    c_int::try_from(text.len()).unwrap_or(c_int::MAX)
}

pub(super) fn state(number: c_int) -> Result<RegistererState, Refusal> {
    Ok(match number {
        0 => RegistererState::Initial,
        1 => RegistererState::Registered,
        2 => RegistererState::Unregistered,
        3 => RegistererState::Terminated,
        _ => return Err(CoreRefusal::BadParameter.into()),
    })
}

pub(super) fn state_number(state: RegistererState) -> c_int {
    for_c(state) as c_int
}

pub(super) fn for_c(state: RegistererState) -> registerer_state {
    match state {
        RegistererState::Initial => registerer_state::REGISTERER_INITIAL,
        RegistererState::Registered => registerer_state::REGISTERER_REGISTERED,
        RegistererState::Unregistered => registerer_state::REGISTERER_UNREGISTERED,
        RegistererState::Terminated => registerer_state::REGISTERER_TERMINATED,
    }
}
