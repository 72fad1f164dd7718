//! `<osip2/osip_time.h>`: a clock that does not jump.

use crate::abi::ffi::Failure;
use libc::{c_int, c_void, suseconds_t, time_t, timeval};
use std::ptr;

/// Seconds and microseconds since the start of the system.
fn now() -> timeval {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a struct of ours.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 }
}

/// Adds milliseconds to a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn add_gettimeofday(atv: *mut timeval, ms: c_int) {
    ffi!(|c| {
        let time = c.get_mut(atv)?;
        let micros = time.tv_usec + suseconds_t::from(ms.rem_euclid(1000)) * 1000;
        time.tv_sec += time_t::from(ms.div_euclid(1000)) + micros.div_euclid(1_000_000);
        time.tv_usec = micros.rem_euclid(1_000_000);
        Ok(())
    })
}

/// Puts the earlier of two times into the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn min_timercmp(tv1: *mut timeval, tv2: *mut timeval) {
    ffi!(|c| {
        let (first, second) = (c.get(tv1)?, c.get(tv2)?);
        let earlier = if (second.tv_sec, second.tv_usec) < (first.tv_sec, first.tv_usec) {
            *second
        } else {
            *first
        };
        c.put(tv1, earlier)
    })
}

/// The time since the start of the system, which does not jump. Returns 0, or OSIP_BADPARAMETER for
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_gettimeofday(tp: *mut timeval, _tz: *mut c_void) -> c_int {
    ffi!(|c| c.put(tp, now()).map(|()| 0))
}

/// The seconds since the start of the system; they also go to `t`, which may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_getsystemtime(t: *mut time_t) -> time_t {
    ffi!(|c| {
        let seconds = now().tv_sec;
        if !ptr::eq(t, ptr::null()) {
            c.put(t, seconds)?;
        }
        Ok::<time_t, Failure>(seconds)
    })
}

/// Does nothing: the clock does not jump.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_compensatetime() {}
