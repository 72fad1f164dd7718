//! Whether this process is a child of the one that made a context (fork(2)).

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);
static HANDLER: Once = Once::new();

unsafe extern "C" {
    /// pthread_atfork(3); the libc crate does not declare it for Linux.
    fn pthread_atfork(
        prepare: Option<unsafe extern "C" fn()>,
        parent: Option<unsafe extern "C" fn()>,
        child: Option<unsafe extern "C" fn()>,
    ) -> libc::c_int;
}

unsafe extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// A number that changes with every fork(2), in the child only. Costs one load of an atomic.
pub(crate) fn generation() -> u32 {
    if !HANDLER.is_completed() {
        set_handler();
    }
    GENERATION.load(Ordering::Relaxed)
}

#[cold]
fn set_handler() {
    // SAFETY: the handler adds to an atomic, which is allowed after fork, and the library is never
    // unloaded (`-z nodelete`).
    HANDLER.call_once(|| unsafe {
        pthread_atfork(None, None, Some(in_child));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_sees_another_generation_and_the_parent_does_not() {
        let mine = generation();
        // SAFETY: the child only loads an atomic and leaves by _exit.
        let status = unsafe {
            match libc::fork() {
                0 => libc::_exit(i32::from(generation() == mine)),
                child => {
                    let mut status = 0;
                    libc::waitpid(child, &raw mut status, 0);
                    status
                }
            }
        };
        assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0);
        assert_eq!(generation(), mine);
    }
}
