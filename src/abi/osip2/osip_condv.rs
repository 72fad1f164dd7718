//! `<osip2/osip_condv.h>`: condition variables of POSIX.

use super::osip_mt::{block, done, lock_of, made, osip_mutex};
use crate::abi::cancelable::{code_of, pthread_cond_timedwait, pthread_cond_wait};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem;
use libc::{c_int, timespec};
use std::ptr;

/// What threads wait for with a mutex held.
pub struct osip_cond {
    inner: libc::pthread_cond_t,
}

/// Where the variable is: other threads use it too, so no reference may last.
fn inner(c: Caller<'_>, cond: *mut osip_cond) -> Result<*mut libc::pthread_cond_t, Failure> {
    c.get(cond)?;
    // SAFETY: not NULL, so inside of a condition variable.
    Ok(unsafe { &raw mut (*cond).inner })
}

/// Makes a condition variable; NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cond_init() -> *mut osip_cond {
    ffi!(|_c| {
        let cond = block::<osip_cond>()?;
        // SAFETY: a fresh block.
        made(cond, unsafe { libc::pthread_cond_init(&raw mut (*cond).inner, ptr::null()) })
    })
}

/// Frees a condition variable that nobody waits for. Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cond_destroy(cond: *mut osip_cond) -> c_int {
    ffi!(|c| {
        let inner = inner(c, cond)?;
        // SAFETY: made by osip_cond_init, and given up by the caller.
        unsafe {
            libc::pthread_cond_destroy(inner);
            cmem::release(cond.cast());
        }
        Ok(0)
    })
}

/// Wakes one that waits. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cond_signal(cond: *mut osip_cond) -> c_int {
    ffi!(|c| {
        let inner = inner(c, cond)?;
        // SAFETY: made by osip_cond_init.
        done(unsafe { libc::pthread_cond_signal(inner) })
    })
}

/// Waits for a signal; the mutex, which the caller holds, is free meanwhile. A cancelation point;
/// a thread that ends here holds the mutex again, for its pthread_cleanup_push.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_cond_wait(
    cond: *mut osip_cond,
    mutex: *mut osip_mutex,
) -> c_int {
    let (inner, lock) = both(cond, mutex);
    if inner.is_null() || lock.is_null() {
        return Failure::BadParameter.into();
    }
    // SAFETY: both made by their init functions.
    code_of(unsafe { pthread_cond_wait(inner, lock) })
}

/// Where both are; NULL for NULL.
fn both(
    cond: *mut osip_cond,
    mutex: *mut osip_mutex,
) -> (*mut libc::pthread_cond_t, *mut libc::pthread_mutex_t) {
    (ffi!(|c| inner(c, cond)), ffi!(|c| lock_of(c, mutex)))
}

/// As osip_cond_wait, until the time of day `abstime` at most.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, or what the system says: ETIMEDOUT when it is too late,
/// EINVAL for no time.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_cond_timedwait(
    cond: *mut osip_cond,
    mutex: *mut osip_mutex,
    abstime: *const timespec,
) -> c_int {
    let (inner, lock) = both(cond, mutex);
    if inner.is_null() || lock.is_null() || abstime.is_null() {
        return Failure::BadParameter.into();
    }
    // SAFETY: both made by their init functions, and a time by the caller's promise.
    unsafe { pthread_cond_timedwait(inner, lock, abstime) }
}
