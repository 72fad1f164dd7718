//! Threads that are in a call of ours are not cancelled meanwhile.

use std::marker::PhantomData;

/// PTHREAD_CANCEL_DISABLE, which the libc crate does not have for Linux.
const CANCEL_DISABLE: libc::c_int = 1;
/// PTHREAD_CANCEL_DEFERRED, likewise.
const CANCEL_DEFERRED: libc::c_int = 0;

unsafe extern "C-unwind" {
    /// pthread_setcancelstate(3); the libc crate does not declare it for Linux.
    fn pthread_setcancelstate(state: libc::c_int, old: *mut libc::c_int) -> libc::c_int;
    /// pthread_setcanceltype(3), likewise.
    fn pthread_setcanceltype(kind: libc::c_int, old: *mut libc::c_int) -> libc::c_int;
}

/// The state and the type of a thread, as pthread_setcancelstate(3) has them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cancelability {
    pub(crate) state: libc::c_int,
    kind: libc::c_int,
}

impl Cancelability {
    /// Disables cancelation; what was before. Makes no system call.
    ///
    /// The type is changed as well, and first: glibc looks at it alone when the signal of a
    /// pthread_cancel(3) arrives that was sent to a thread of asynchronous cancelability before.
    pub(crate) fn disable() -> Cancelability {
        let mut before = Cancelability { state: CANCEL_DISABLE, kind: CANCEL_DEFERRED };
        // SAFETY: each writes one int.
        unsafe {
            pthread_setcanceltype(CANCEL_DEFERRED, &raw mut before.kind);
            pthread_setcancelstate(CANCEL_DISABLE, &raw mut before.state);
        }
        before
    }

    /// Makes it what it was. A thread of asynchronous cancelability may end here: the frames of
    /// Rust hold nothing that would have to be dropped.
    pub(crate) fn restore(self) {
        // SAFETY: values that the system gave; the old ones are not asked for.
        unsafe {
            pthread_setcancelstate(self.state, std::ptr::null_mut());
            pthread_setcanceltype(self.kind, std::ptr::null_mut());
        }
    }
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
    /// Cancelation waits from now on, in a thread of deferred cancelability.
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
