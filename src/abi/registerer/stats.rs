//! The functions that count the registrations of a context.

use super::sized::{self, SizedStruct};
use super::{registerer_context, registerer_stats, registerer_status_count};
use crate::abi::exosip2::context::on;
use crate::engine::CoreRefusal;
use libc::c_int;
use std::mem::offset_of;

// SAFETY: it begins with its size; the rest are numbers.
unsafe impl SizedStruct for registerer_stats {
    const MIN_SIZE: usize = offset_of!(registerer_stats, events_lost) + size_of::<u64>();
    const NAME: &'static str = "stats";
}

/// Fills `stats`, whose size must be set, at a cost that does not depend on how many registrations
/// there are.
///
/// Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none.
///
/// # Safety
/// `stats` is NULL or may be written for as many bytes as it begins with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_get_stats(
    context: *mut registerer_context,
    stats: *mut registerer_stats,
) -> c_int {
    on("registerer_get_stats", context, |context| {
        // SAFETY: the caller's promise.
        let size = unsafe { sized::size_at(stats) }.ok_or(CoreRefusal::BadParameter)?;
        let counts = context.engine.registerer_counts()?;
        let filled = registerer_stats {
            size,
            initial: counts.initial as u64,
            registered: counts.registered as u64,
            unregistered: counts.unregistered as u64,
            terminated: counts.terminated,
            in_flight: counts.in_flight as u64,
            queued: counts.queued as u64,
            events_lost: context.engine.registerer_events_lost(),
        };
        // SAFETY: the caller's promise.
        unsafe { sized::write(&filled, stats, size) };
        Ok(0)
    })
}

/// Writes how many registrations have which last status into `room` places at `counts`, by
/// ascending status; a status that none has is left out. A context has a handful of them.
///
/// Returns how many statuses there are, also where that is more than `room`;
/// REGISTERER_BAD_PARAMETER for NULL where `room` is not 0.
///
/// # Safety
/// `counts` may be written for `room` places, or `room` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn registerer_status_counts(
    context: *mut registerer_context,
    counts: *mut registerer_status_count,
    room: usize,
) -> c_int {
    on("registerer_status_counts", context, |context| {
        if counts.is_null() && room > 0 {
            return Err(CoreRefusal::BadParameter.into());
        }
        let by_status = context.engine.registerer_counts()?.by_status;
        for (place, (status, registrations)) in by_status.iter().enumerate().take(room) {
            let (status, registrations) = (c_int::from(*status), *registrations as u64);
            // SAFETY: one of `room` places, by the caller's promise.
            unsafe { counts.add(place).write(registerer_status_count { status, registrations }) };
        }
        Ok(c_int::try_from(by_status.len()).unwrap_or(c_int::MAX))
    })
}
