//! Functions of C in which a thread may end: by a pthread_cancel(3) of another, or by itself.
//!
//! glibc then unwinds the thread's stack. It is called from functions of `extern "C-unwind"` whose
//! frames hold nothing that would have to be dropped.

use crate::abi::ffi::Failure;
use libc::{c_int, c_void, timespec};

unsafe extern "C-unwind" {
    pub(crate) fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int;
    pub(crate) fn pthread_cond_timedwait(
        cond: *mut libc::pthread_cond_t,
        lock: *mut libc::pthread_mutex_t,
        until: *const timespec,
    ) -> c_int;
    pub(crate) fn pthread_cond_wait(
        cond: *mut libc::pthread_cond_t,
        lock: *mut libc::pthread_mutex_t,
    ) -> c_int;
    /// Of src/c/wait.c; a `WaitingCall` and its `Sleep`.
    pub(crate) fn register_wait(
        call: *mut c_void,
        sleep: *mut c_void,
        state: c_int,
        step: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        end: unsafe extern "C" fn(*mut c_void),
    );
    pub(crate) fn pthread_exit(value: *mut c_void) -> !;
    pub(crate) fn pthread_join(thread: libc::pthread_t, value: *mut *mut c_void) -> c_int;
    pub(crate) fn pthread_testcancel();
    pub(crate) fn sem_wait(sem: *mut libc::sem_t) -> c_int;
}

/// Whether the last of them was ended by a signal.
pub(crate) fn was_interrupted() -> bool {
    std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted
}

/// What C gets for what the system answers: 0, or OSIP_UNDEFINED_ERROR.
pub(crate) fn code_of(code: c_int) -> c_int {
    if code == 0 { 0 } else { Failure::Undefined.into() }
}
