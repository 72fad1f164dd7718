//! Threads that no signal of the host program finds.

use std::io;
use std::thread::{Builder, JoinHandle};

/// Starts a thread with every signal blocked: the program's handlers keep running on the program's threads.
/// Errors: no thread can be had.
pub(crate) fn spawn_quiet(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    // SAFETY: a signal set is plain data; sigfillset and pthread_sigmask get pointers to two that live here.
    let before = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        before
    };
    let thread = Builder::new().name(name.to_owned()).spawn(body);
    // SAFETY: gives this thread the mask that it had.
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
    fn the_new_thread_has_all_signals_blocked_and_its_parent_keeps_its_mask() {
        let before = blocked(libc::SIGUSR1);
        let (sent, heard) = std::sync::mpsc::channel();
        let thread = spawn_quiet("quiet", move || {
            let name = std::thread::current().name().map(str::to_owned);
            sent.send((blocked(libc::SIGINT), blocked(libc::SIGUSR1), name)).unwrap();
        });
        assert_eq!(heard.recv().unwrap(), (true, true, Some("quiet".to_owned())));
        thread.unwrap().join().unwrap();
        assert_eq!(blocked(libc::SIGUSR1), before);
    }
}
