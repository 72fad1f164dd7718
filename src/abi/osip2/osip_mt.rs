//! `<osip2/osip_mt.h>`: threads, mutexes and semaphores of POSIX.
//!
//! Functions that wait are cancelation points as those of POSIX: a thread that is cancelled is
//! unwound through them, so they wait in a frame that holds nothing.

use crate::abi::cancelable::{code_of, pthread_exit, pthread_join, sem_wait, was_interrupted};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem;
use libc::{c_int, c_uint, c_void};
use std::ptr;

/// A thread.
#[derive(Debug)]
pub struct osip_thread {
    id: libc::pthread_t,
}

/// A lock that one thread holds at a time. It is not recursive.
pub struct osip_mutex {
    pub(crate) inner: libc::pthread_mutex_t,
}

/// A number that threads wait for to be above 0.
pub struct osip_sem {
    inner: libc::sem_t,
}

/// A block in C's memory with room for a `T`, or NULL.
pub(super) fn block<T>() -> Result<*mut T, Failure> {
    let at = cmem::alloc_zeroed(size_of::<T>()).cast::<T>();
    if at.is_null() { Err(Failure::NoMemory) } else { Ok(at) }
}

/// Frees a block, and fails when `code` says that it could not be made what it should be.
pub(super) fn made<T>(at: *mut T, code: c_int) -> Result<*mut T, Failure> {
    if code == 0 {
        return Ok(at);
    }
    // SAFETY: a fresh block of ours.
    unsafe { cmem::release(at.cast()) };
    Err(Failure::Undefined)
}

/// 0, or OSIP_UNDEFINED_ERROR for what the system answers.
pub(super) fn done(code: c_int) -> Result<c_int, Failure> {
    if code == 0 { Ok(0) } else { Err(Failure::Undefined) }
}

/// Starts a thread that runs `func(arg)`. Its stack is the system's: programs ask for 20000 bytes
/// in `stacksize` and call anything on them, so it does not count, as in libosip2.
///
/// Returns the thread, for osip_thread_join and then osip_free; NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_thread_create(
    _stacksize: c_int,
    func: Option<unsafe extern "C" fn(*mut c_void) -> *mut c_void>,
    arg: *mut c_void,
) -> *mut osip_thread {
    ffi!(|_c| {
        // SAFETY: C does not tell whether a function unwinds; pthread_create calls it in the way of
        // C all the same.
        let start = unsafe {
            std::mem::transmute::<
                unsafe extern "C" fn(*mut c_void) -> *mut c_void,
                extern "C" fn(*mut c_void) -> *mut c_void,
            >(func.ok_or(Failure::BadParameter)?)
        };
        let thread = block::<osip_thread>()?;
        // SAFETY: a fresh block for the id.
        made(thread, unsafe {
            libc::pthread_create(&raw mut (*thread).id, ptr::null(), start, arg)
        })
    })
}

/// Waits until a thread has ended. It is not freed: osip_free it. A cancelation point.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_thread_join(thread: *mut osip_thread) -> c_int {
    let mut id = None;
    let code = ffi!(|c| {
        id = Some(c.get(thread)?.id);
        Ok(0)
    });
    let Some(id) = id else { return code };
    // SAFETY: a thread that osip_thread_create started and that nobody has joined.
    code_of(unsafe { pthread_join(id, ptr::null_mut()) })
}

/// Does nothing. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_thread_set_priority(
    _thread: *mut osip_thread,
    _priority: c_int,
) -> c_int {
    0
}

/// Ends the thread that calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_thread_exit() {
    // SAFETY: no frame of ours with anything to drop is left behind.
    unsafe { pthread_exit(ptr::null_mut()) }
}

/// Makes a semaphore that starts with `value`; NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_sem_init(value: c_uint) -> *mut osip_sem {
    ffi!(|_c| {
        let sem = block::<osip_sem>()?;
        // SAFETY: a fresh block.
        made(sem, unsafe { libc::sem_init(&raw mut (*sem).inner, 0, value) })
    })
}

/// Frees a semaphore that nobody waits for; NULL is allowed. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_sem_destroy(sem: *mut osip_sem) -> c_int {
    ffi!(|c| {
        if let Ok(it) = c.get_mut(sem) {
            // SAFETY: made by osip_sem_init, and given up by the caller.
            unsafe {
                libc::sem_destroy(&raw mut it.inner);
                cmem::release(sem.cast());
            }
        }
        Ok(0)
    })
}

/// Adds 1 and wakes one that waits. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_sem_post(sem: *mut osip_sem) -> c_int {
    ffi!(|c| {
        let inner = inner(c, sem)?;
        // SAFETY: made by osip_sem_init.
        done(unsafe { libc::sem_post(inner) })
    })
}

/// Waits until the semaphore is above 0 and takes 1. A cancelation point.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_sem_wait(sem: *mut osip_sem) -> c_int {
    let inner: *mut libc::sem_t = ffi!(|c| inner(c, sem));
    if inner.is_null() {
        return Failure::BadParameter.into();
    }
    loop {
        // SAFETY: made by osip_sem_init.
        let code = unsafe { sem_wait(inner) };
        if code == 0 || !was_interrupted() {
            return code_of(code);
        }
    }
}

/// Takes 1 if the semaphore is above 0. Returns 0, OSIP_BADPARAMETER for NULL or
/// OSIP_UNDEFINED_ERROR if it is not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_sem_trywait(sem: *mut osip_sem) -> c_int {
    ffi!(|c| {
        let inner = inner(c, sem)?;
        // SAFETY: made by osip_sem_init.
        done(unsafe { libc::sem_trywait(inner) })
    })
}

/// Where the semaphore is: other threads use it too, so no reference may last.
fn inner(c: Caller<'_>, sem: *mut osip_sem) -> Result<*mut libc::sem_t, Failure> {
    c.get(sem)?;
    // SAFETY: not NULL, so inside of a semaphore.
    Ok(unsafe { &raw mut (*sem).inner })
}

/// Makes a mutex; NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_mutex_init() -> *mut osip_mutex {
    ffi!(|_c| {
        let mutex = block::<osip_mutex>()?;
        // SAFETY: a fresh block.
        made(mutex, unsafe { libc::pthread_mutex_init(&raw mut (*mutex).inner, ptr::null()) })
    })
}

/// Frees a mutex that nobody holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_mutex_destroy(mutex: *mut osip_mutex) {
    ffi!(|c| {
        let it = c.get_mut(mutex)?;
        // SAFETY: made by osip_mutex_init, and given up by the caller.
        unsafe {
            libc::pthread_mutex_destroy(&raw mut it.inner);
            cmem::release(mutex.cast());
        }
        Ok(())
    })
}

/// Where the mutex is: other threads use it too, so no reference may last.
pub(super) fn lock_of(
    c: Caller<'_>,
    mutex: *mut osip_mutex,
) -> Result<*mut libc::pthread_mutex_t, Failure> {
    c.get(mutex)?;
    // SAFETY: not NULL, so inside of a mutex.
    Ok(unsafe { &raw mut (*mutex).inner })
}

/// Waits until nobody holds the mutex, and holds it. Returns 0, OSIP_BADPARAMETER for NULL or
/// OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_mutex_lock(mutex: *mut osip_mutex) -> c_int {
    ffi!(|c| {
        let lock = lock_of(c, mutex)?;
        // SAFETY: made by osip_mutex_init.
        done(unsafe { libc::pthread_mutex_lock(lock) })
    })
}

/// Lets go of the mutex. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_mutex_unlock(mutex: *mut osip_mutex) -> c_int {
    ffi!(|c| {
        let lock = lock_of(c, mutex)?;
        // SAFETY: made by osip_mutex_init.
        done(unsafe { libc::pthread_mutex_unlock(lock) })
    })
}
