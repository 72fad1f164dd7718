//! A context in the hands of a C program: how it begins, which events it gives, and how it ends.

use super::api::{self, Event};
use libc::{c_int, c_void};
use std::io;
use std::ptr;

/// A context that listens on 127.0.0.1.
pub(crate) struct Context(*mut c_void);

/// What an event said.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) kind: c_int,
    pub(crate) tid: c_int,
    pub(crate) did: c_int,
    pub(crate) cid: c_int,
}

impl Taken {
    /// There was no event in time.
    pub(crate) const NONE: Taken = Taken { kind: -1, tid: 0, did: 0, cid: 0 };
}

impl Context {
    pub(crate) fn new() -> Self {
        // SAFETY: the address ends with NUL, the option's value is an int that lives through the
        // call, and the context is one of eXosip_malloc.
        unsafe {
            let context = api::eXosip_malloc();
            api::eXosip_init(context);
            let never: c_int = 0;
            api::eXosip_set_option(context, api::KEEP_ALIVE, ptr::from_ref(&never).cast());
            let local = c"127.0.0.1".as_ptr();
            api::eXosip_listen_addr(context, libc::IPPROTO_UDP, local, 0, libc::AF_INET, 0);
            Self(context)
        }
    }

    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.0
    }

    /// Does it under the lock.
    pub(crate) fn locked<R>(&self, act: impl FnOnce(*mut c_void) -> R) -> R {
        // SAFETY: a live context.
        unsafe {
            api::eXosip_lock(self.0);
            let result = act(self.0);
            api::eXosip_unlock(self.0);
            result
        }
    }

    /// Waits for an event, lets the library act, and frees the event.
    pub(crate) fn next_event(&self, seconds: c_int, milliseconds: c_int) -> Option<Taken> {
        // SAFETY: a live context; what event_wait returns is NULL or an event, which is freed once.
        unsafe {
            let event: *mut Event = api::eXosip_event_wait(self.0, seconds, milliseconds);
            self.automatic_action();
            let taken = event.as_ref().map(|event| Taken {
                kind: event.kind,
                tid: event.tid,
                did: event.did,
                cid: event.cid,
            });
            api::eXosip_event_free(event);
            taken
        }
    }

    pub(crate) fn automatic_action(&self) {
        // SAFETY: a live context.
        self.locked(|context| unsafe { api::eXosip_automatic_action(context) });
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the context of eXosip_malloc, not used afterwards; its memory is malloc's.
        unsafe {
            api::eXosip_quit(self.0);
            libc::free(self.0);
        }
    }
}

/// An error where the event is not of this kind.
pub(crate) fn expect(taken: Taken, kind: c_int) -> io::Result<Taken> {
    if taken.kind == kind {
        return Ok(taken);
    }
    Err(io::Error::other(format!("event {}, not {kind}", taken.kind)))
}
