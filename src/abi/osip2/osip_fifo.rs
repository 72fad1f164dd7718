//! `<osip2/osip_fifo.h>`: queues between threads.

use super::osip_mt::{
    osip_mutex, osip_mutex_destroy, osip_mutex_init, osip_mutex_lock, osip_mutex_unlock, osip_sem,
    osip_sem_destroy, osip_sem_init, osip_sem_post, osip_sem_trywait, osip_sem_wait,
};
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::ctypes::osip_fifo_state;
use crate::abi::osipparser2::osip_list::{
    osip_list_add, osip_list_get, osip_list_remove, osip_list_size, osip_list_t,
};
use crate::cmem;
use libc::{c_int, c_uint, c_void};
use std::ptr;

/// `osip_empty`
const EMPTY: osip_fifo_state = 1;

/// A queue of pointers.
#[derive(Debug)]
#[repr(C)]
pub struct osip_fifo {
    /// Guards the rest.
    pub qislocked: *mut osip_mutex,
    /// Counts the elements.
    pub qisempty: *mut osip_sem,
    /// The elements.
    pub queue: osip_list_t,
    /// Not kept up: use osip_fifo_size.
    pub nb_elt: c_int,
    /// Not kept up: use osip_fifo_size.
    pub state: osip_fifo_state,
}
/// A queue of pointers.
pub type osip_fifo_t = osip_fifo;

/// Makes an empty queue in memory of the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_fifo_init(ff: *mut osip_fifo_t) {
    ffi!(|c| {
        let none: c_uint = 0;
        // SAFETY: no pointers are passed.
        let (qislocked, qisempty) = unsafe { (osip_mutex_init(), osip_sem_init(none)) };
        let queue = osip_list_t { nb_elt: 0, node: ptr::null_mut() };
        c.put(ff, osip_fifo { qislocked, qisempty, queue, nb_elt: 0, state: EMPTY })
    })
}

/// Frees a queue that came from osip_malloc, not the elements in it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_fifo_free(ff: *mut osip_fifo_t) {
    ffi!(|c| {
        let fifo = c.get_mut(ff)?;
        // SAFETY: made by osip_fifo_init, and given up by the caller.
        unsafe {
            osip_mutex_destroy(fifo.qislocked);
            osip_sem_destroy(fifo.qisempty);
            while osip_list_remove(&raw mut fifo.queue, 0) >= 0 {}
            cmem::release(ff.cast());
        }
        Ok(())
    })
}

/// Runs `body` on the list with the lock held.
fn locked<R>(
    c: Caller<'_>,
    ff: *mut osip_fifo_t,
    body: impl FnOnce(*mut osip_list_t) -> R,
) -> Result<R, Failure> {
    let lock = c.get(ff)?.qislocked;
    // SAFETY: made by osip_fifo_init; the list is inside the queue, and nobody else is at it with
    // the lock held here.
    unsafe {
        if osip_mutex_lock(lock) != 0 {
            return Err(Failure::BadParameter);
        }
        let answer = body(&raw mut (*ff).queue);
        osip_mutex_unlock(lock);
        Ok(answer)
    }
}

fn put(
    c: Caller<'_>,
    ff: *mut osip_fifo_t,
    element: *mut c_void,
    pos: c_int,
) -> Result<c_int, Failure> {
    // SAFETY: the list of a queue.
    let added = locked(c, ff, |list| unsafe { osip_list_add(list, element, pos) })?;
    if added < 0 {
        return Err(Failure::NoMemory);
    }
    // SAFETY: made by osip_fifo_init.
    Ok(unsafe { osip_sem_post(c.get(ff)?.qisempty) })
}

fn take(c: Caller<'_>, ff: *mut osip_fifo_t) -> Result<*mut c_void, Failure> {
    // SAFETY: the list of a queue.
    locked(c, ff, |list| unsafe {
        let element = osip_list_get(list, 0);
        osip_list_remove(list, 0);
        element
    })
}

/// Puts an element at the front, to be the next. Returns 0, OSIP_BADPARAMETER for NULL or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_fifo_insert(ff: *mut osip_fifo_t, element: *mut c_void) -> c_int {
    ffi!(|c| put(c, ff, element, 0))
}

/// Puts an element at the end. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_fifo_add(ff: *mut osip_fifo_t, element: *mut c_void) -> c_int {
    ffi!(|c| put(c, ff, element, -1))
}

/// The number of elements, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_fifo_size(ff: *mut osip_fifo_t) -> c_int {
    // SAFETY: the list of a queue.
    ffi!(|c| locked(c, ff, |list| unsafe { osip_list_size(list) }))
}

/// Takes the first element, and waits until there is one. NULL for NULL. A cancelation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn osip_fifo_get(ff: *mut osip_fifo_t) -> *mut c_void {
    let sem: *mut osip_sem = ffi!(|c| Ok(c.get(ff)?.qisempty));
    // SAFETY: made by osip_fifo_init, or NULL.
    if unsafe { osip_sem_wait(sem) } != 0 {
        return ptr::null_mut();
    }
    ffi!(|c| take(c, ff))
}

/// Takes the first element; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_fifo_tryget(ff: *mut osip_fifo_t) -> *mut c_void {
    ffi!(|c| {
        // SAFETY: made by osip_fifo_init.
        if unsafe { osip_sem_trywait(c.get(ff)?.qisempty) } != 0 {
            return Err(Failure::NotFound);
        }
        take(c, ff)
    })
}
