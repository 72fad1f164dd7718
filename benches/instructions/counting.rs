//! malloc, calloc and realloc in the place of libc's, counted while that is switched on.

use libc::{c_void, size_t};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Counts the blocks that `f` asks for.
#[inline(always)]
pub(crate) fn counted<R>(f: impl FnOnce() -> R) -> R {
    ON.store(true, Relaxed);
    let result = f();
    ON.store(false, Relaxed);
    result
}

/// Counts from now on.
pub(crate) fn always() {
    ON.store(true, Relaxed);
}

/// How many blocks were asked for while it counted.
pub(crate) fn calls() -> u64 {
    CALLS.load(Relaxed)
}

fn note() {
    if ON.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
    }
}

unsafe extern "C" {
    fn __libc_malloc(size: size_t) -> *mut c_void;
    fn __libc_calloc(count: size_t, size: size_t) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: size_t) -> *mut c_void;
}

#[unsafe(no_mangle)]
extern "C" fn malloc(size: size_t) -> *mut c_void {
    note();
    // SAFETY: any size is allowed.
    unsafe { __libc_malloc(size) }
}

#[unsafe(no_mangle)]
extern "C" fn calloc(count: size_t, size: size_t) -> *mut c_void {
    note();
    // SAFETY: any size is allowed.
    unsafe { __libc_calloc(count, size) }
}

/// # Safety
/// The block is NULL or one of malloc that is not used afterwards.
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(block: *mut c_void, size: size_t) -> *mut c_void {
    note();
    // SAFETY: as the caller promises.
    unsafe { __libc_realloc(block, size) }
}
