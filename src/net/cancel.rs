//! Threads of the application that do our work are not cancelled in the midst of it.

use std::marker::PhantomData;

const DISABLE: libc::c_int = 1;

unsafe extern "C" {
    /// pthread_setcancelstate(3); the libc crate does not declare it for Linux.
    fn pthread_setcancelstate(state: libc::c_int, old: *mut libc::c_int) -> libc::c_int;
}

/// While it lives, a pthread_cancel(3) of this thread waits: the unwinding that it starts must not pass through us, nor leave behind
/// what the thread holds. Makes no system call.
pub(crate) struct Uncancelled {
    before: libc::c_int,
    /// It is this thread's.
    _here: PhantomData<*const ()>,
}

impl Uncancelled {
    /// From now on.
    pub(crate) fn begin() -> Uncancelled {
        let mut before = DISABLE;
        // SAFETY: writes one int.
        unsafe { pthread_setcancelstate(DISABLE, &raw mut before) };
        Uncancelled { before, _here: PhantomData }
    }
}

impl Drop for Uncancelled {
    fn drop(&mut self) {
        // SAFETY: a state that the system gave; the old one is not wanted.
        unsafe { pthread_setcancelstate(self.before, std::ptr::null_mut()) };
    }
}
