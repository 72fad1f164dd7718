//! Threads that take no signals of the host program and are not cancelled by it.

use super::cancel::CancelGuard;
use std::io;
use std::thread::{Builder, JoinHandle};

/// The stack of one of many threads, which call nothing but the C library.
const SMALL_STACK: usize = 512 * 1024;

/// Starts a thread with every signal blocked, so that the program's handlers run on the program's
/// threads. A callback of the program knows the thread by pthread_self(3): a pthread_cancel(3) of
/// it does nothing. Errors: no thread can be started.
pub(crate) fn spawn_without_signals(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    spawn(Builder::new().name(name.to_owned()), body)
}

/// The same for one of many threads, each of which has a small stack.
pub(crate) fn spawn_small_without_signals(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    spawn(Builder::new().name(name.to_owned()).stack_size(SMALL_STACK), body)
}

fn spawn(builder: Builder, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    // SAFETY: a signal set is plain data; sigfillset and pthread_sigmask get pointers to two that
    // live here.
    let before = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        before
    };
    let thread = builder.spawn(|| {
        let _uncancelled = CancelGuard::begin();
        body();
    });
    // SAFETY: sets the mask that this thread had.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut()) };
    thread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(signal: libc::c_int) -> bool {
        // SAFETY: asks for the mask of this thread into a set that lives here.
        unsafe {
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), &raw mut mask);
            libc::sigismember(&raw const mask, signal) == 1
        }
    }

    #[test]
    fn the_thread_blocks_all_signals_and_its_parent_keeps_its_mask() {
        let before = blocked(libc::SIGUSR1);
        let (sent, received) = std::sync::mpsc::channel();
        let thread = spawn_without_signals("worker", move || {
            let name = std::thread::current().name().map(str::to_owned);
            sent.send((blocked(libc::SIGINT), blocked(libc::SIGUSR1), name)).unwrap();
        });
        assert_eq!(received.recv().unwrap(), (true, true, Some("worker".to_owned())));
        thread.unwrap().join().unwrap();
        assert_eq!(blocked(libc::SIGUSR1), before);
    }
}
