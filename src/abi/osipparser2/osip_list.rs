//! `<osipparser2/osip_list.h>`: lists of pointers.
//!
//! A list holds pointers and does not own what they point to, unless it is freed with a function
//! for its elements. Positions count from 0.

use super::list;
use crate::abi::ffi::{Caller, Failure};
use crate::cmem;
use crate::engine::CancelGuard;
use libc::{c_int, c_void};
use std::ptr;

/// A node of a list.
#[derive(Debug)]
#[repr(C)]
pub struct __node {
    /// The next node, or NULL.
    pub next: *mut __node_t,
    /// What the list holds here.
    pub element: *mut c_void,
}
/// A node of a list.
pub type __node_t = __node;

/// A list; zero bytes are an empty one.
#[derive(Debug)]
#[repr(C)]
pub struct osip_list {
    /// How many elements there are.
    pub nb_elt: c_int,
    /// The first node, or NULL.
    pub node: *mut __node_t,
}
/// A list; zero bytes are an empty one.
pub type osip_list_t = osip_list;

/// A place in a list.
#[derive(Debug)]
#[repr(C)]
pub struct osip_list_iterator {
    /// The node here; NULL past the end.
    pub actual: *mut __node_t,
    /// The pointer that leads here.
    pub prev: *mut *mut __node_t,
    /// The list.
    pub li: *mut osip_list_t,
    /// Counts from 0.
    pub pos: c_int,
}
/// A place in a list.
pub type osip_list_iterator_t = osip_list_iterator;

/// Frees an element.
type Free = Option<unsafe extern "C" fn(*mut c_void)>;
/// Copies an element; 0 for success.
type Clone = Option<unsafe extern "C" fn(*mut c_void, *mut *mut c_void) -> c_int>;

/// Makes an empty list. Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_init(li: *mut osip_list_t) -> c_int {
    ffi!(|c| {
        c.put(li, osip_list { nb_elt: 0, node: ptr::null_mut() })?;
        Ok(0)
    })
}

/// Empties a list and gives each element to `free_func`; NULL frees the nodes alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_special_free(
    li: *mut osip_list_t,
    free_func: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    ffi!(|c| empty(c, li, free_func))
}

/// Empties a list and frees each element with osip_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_ofchar_free(li: *mut osip_list_t) {
    unsafe extern "C" fn text(element: *mut c_void) {
        // SAFETY: the list's elements are blocks of C's memory, by the contract of
        // osip_list_ofchar_free.
        unsafe { cmem::release(element) };
    }
    ffi!(|c| empty(c, li, Some(text)))
}

fn empty(c: Caller<'_>, li: *mut osip_list_t, free: Free) -> Result<(), Failure> {
    // A function of the program is called.
    let _uncancelled = CancelGuard::begin();
    list::drain(c.get_mut(li)?, c, |element| {
        if let Some(free) = free {
            // SAFETY: the caller says that this frees the list's elements.
            unsafe { free(element) };
        }
    });
    Ok(())
}

/// Appends a copy of each element of `src` to `dst`.
///
/// `clone_func` copies one element and returns 0. Returns 0, or what `clone_func` returned; `dst`
/// then holds the copies made before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_clone(
    src: *const osip_list_t,
    dst: *mut osip_list_t,
    clone_func: Option<unsafe extern "C" fn(*mut c_void, *mut *mut c_void) -> c_int>,
) -> c_int {
    ffi!(|c| copies(c, src, dst, clone_func))
}

fn copies(
    c: Caller<'_>,
    src: *const osip_list_t,
    dst: *mut osip_list_t,
    copy: Clone,
) -> Result<c_int, Failure> {
    // A function of the program is called.
    let _uncancelled = CancelGuard::begin();
    let Ok(from) = c.get(src) else { return Ok(0) };
    for element in list::raw(from, c) {
        let copy = copy.ok_or(Failure::BadParameter)?;
        let mut fresh = ptr::null_mut();
        if !element.is_null() {
            // SAFETY: the caller says that this copies the list's elements.
            let code = unsafe { copy(element, &raw mut fresh) };
            if code != 0 {
                return Ok(code);
            }
        }
        insert(c, dst, fresh, -1)?;
    }
    Ok(0)
}

/// The number of elements, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_size(li: *const osip_list_t) -> c_int {
    ffi!(|c| Ok(c.get(li)?.nb_elt))
}

/// Whether `pos` is past the end: 1 or 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_eol(li: *const osip_list_t, pos: c_int) -> c_int {
    ffi!(|c| Ok(c_int::from(pos >= c.get(li)?.nb_elt)))
}

/// Inserts an element before the one at `pos`; a negative `pos`, or one past the end, appends.
///
/// Returns the new number of elements, OSIP_BADPARAMETER or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_add(
    li: *mut osip_list_t,
    element: *mut c_void,
    pos: c_int,
) -> c_int {
    ffi!(|c| insert(c, li, element, pos))
}

fn insert(
    c: Caller<'_>,
    li: *mut osip_list_t,
    element: *mut c_void,
    pos: c_int,
) -> Result<c_int, Failure> {
    let list = c.get_mut(li)?;
    let pos = if pos < 0 || pos > list.nb_elt { list.nb_elt } else { pos };
    let mut link = &mut list.node;
    for _ in 0..pos {
        match c.get_mut(*link) {
            Ok(node) => link = &mut node.next,
            Err(_) => break,
        }
    }
    // Nodes behind the last element are not the list's.
    let next = if pos < list.nb_elt { *link } else { ptr::null_mut() };
    *link = list::node(element, next, c)?;
    list.nb_elt += 1;
    Ok(list.nb_elt)
}

/// The element at `pos`; NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_get(li: *const osip_list_t, pos: c_int) -> *mut c_void {
    ffi!(|c| list::get(c.get(li)?, pos, c).ok_or(Failure::NotFound))
}

/// Takes the element at `pos` out without freeing it.
///
/// Returns the new number of elements, OSIP_BADPARAMETER for NULL, or OSIP_UNDEFINED_ERROR past the
/// end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_remove(li: *mut osip_list_t, pos: c_int) -> c_int {
    ffi!(|c| {
        let list = c.get_mut(li)?;
        list::take(list, pos, c)?;
        Ok(list.nb_elt)
    })
}

/// Starts a walk; the first element, or NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_get_first(
    li: *const osip_list_t,
    it: *mut osip_list_iterator_t,
) -> *mut c_void {
    ffi!(|c| {
        let list = c.get_mut(li.cast_mut())?;
        let actual = if list.nb_elt > 0 { list.node } else { ptr::null_mut() };
        let prev = &raw mut list.node;
        c.put(it, osip_list_iterator { actual, prev, li: li.cast_mut(), pos: 0 })?;
        Ok(c.get(actual)?.element)
    })
}

/// Goes on with a walk; the next element, or NULL at the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_get_next(it: *mut osip_list_iterator_t) -> *mut c_void {
    ffi!(|c| {
        let it = c.get_mut(it)?;
        let here = c.get_mut(it.actual)?;
        it.prev = &raw mut here.next;
        it.actual = here.next;
        it.pos += 1;
        if it.pos >= c.get(it.li)?.nb_elt {
            it.actual = ptr::null_mut();
        }
        Ok(c.get(it.actual)?.element)
    })
}

/// Takes the element here out of its list without freeing it; the next element, or NULL at the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_list_iterator_remove(it: *mut osip_list_iterator_t) -> *mut c_void {
    ffi!(|c| {
        let it = c.get_mut(it)?;
        let gone = it.actual;
        let next = c.get(gone)?.next;
        *c.get_mut(it.prev)? = next;
        it.actual = next;
        c.get_mut(it.li)?.nb_elt -= 1;
        // SAFETY: the node was the list's and is out of it.
        unsafe { cmem::release(gone.cast()) };
        Ok(c.get(next)?.element)
    })
}
