//! Threads that are in a call of ours are not cancelled meanwhile.

use std::marker::PhantomData;

/// PTHREAD_CANCEL_DISABLE, which the libc crate does not have for Linux.
pub(crate) const CANCEL_DISABLE: libc::c_int = 1;

unsafe extern "C-unwind" {
    /// pthread_setcancelstate(3); the libc crate does not declare it for Linux.
    fn pthread_setcancelstate(state: libc::c_int, old: *mut libc::c_int) -> libc::c_int;
}

/// While it lives, a pthread_cancel(3) of this thread waits: the unwinding that it starts must
/// neither pass through Rust nor leave locks taken. Where a call waits on behalf of the program,
/// its thread is cancelled in src/c/wait.c. Makes no system call.
pub(crate) struct CancelGuard {
    before: libc::c_int,
    /// It belongs to this thread.
    _not_send: PhantomData<*const ()>,
}

impl CancelGuard {
    /// Cancelation waits from now on.
    pub(crate) fn begin() -> CancelGuard {
        let mut before = CANCEL_DISABLE;
        // SAFETY: writes one int.
        unsafe { pthread_setcancelstate(CANCEL_DISABLE, &raw mut before) };
        CancelGuard { before, _not_send: PhantomData }
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        // SAFETY: a state that the system gave; the old one is not asked for.
        unsafe { pthread_setcancelstate(self.before, std::ptr::null_mut()) };
    }
}
