//! Lists as Rust sees them: typed elements, no walk to the end for each one added.
//!
//! `nb_elt` says how long a list is. A program may lower it by hand: the nodes behind are not the
//! list's any more, and what is appended then takes their place.

use super::cstruct::{self, CStruct, Owned};
use super::osip_list::{__node, osip_list_t};
use crate::abi::ffi::{Caller, Failure};
use libc::{c_char, c_int, c_void};
use std::ptr;

/// The last node of a list that is being built, so that a hostile message costs no quadratic walk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail(*mut __node);

impl Tail {
    /// The end is not known yet.
    pub(crate) const fn unknown() -> Self {
        Self(ptr::null_mut())
    }
}

/// The elements, at most `nb_elt` of them, NULL ones too.
pub(crate) fn raw<'a>(
    list: &osip_list_t,
    c: Caller<'a>,
) -> impl Iterator<Item = *mut c_void> + use<'a> {
    let mut at = list.node;
    let mut left = list.nb_elt;
    std::iter::from_fn(move || {
        let node = c.get(at).ok().filter(|_| left > 0)?;
        (at, left) = (node.next, left - 1);
        Some(node.element)
    })
}

/// The elements that are there, as what they are.
pub(crate) fn items<'a, T: 'a>(
    list: &osip_list_t,
    c: Caller<'a>,
) -> impl Iterator<Item = &'a T> + use<'a, T> {
    raw(list, c).filter_map(move |element| c.get(element.cast::<T>()).ok())
}

/// The element at `pos`; `None` past the end, or for a NULL element.
pub(crate) fn get<T>(list: &osip_list_t, pos: c_int, c: Caller<'_>) -> Option<*mut T> {
    let pos = usize::try_from(pos).ok()?;
    raw(list, c).nth(pos).filter(|element| !element.is_null()).map(|element| element.cast())
}

/// A node with an element in it.
#[inline]
pub(super) fn node(
    element: *mut c_void,
    next: *mut __node,
    c: Caller<'_>,
) -> Result<*mut __node, Failure> {
    let node = c.block(size_of::<__node>()).cast::<__node>();
    if node.is_null() {
        return Err(Failure::NoMemory);
    }
    // SAFETY: a fresh block of that size.
    unsafe { node.write(__node { next, element }) };
    Ok(node)
}

/// Puts `part` at the end, where the answer leads; `tail` knows the end the next time.
#[inline]
pub(crate) fn push<'a, T: CStruct>(
    list: &mut osip_list_t,
    tail: &mut Tail,
    part: Owned<'_, T>,
    c: Caller<'a>,
) -> Result<&'a mut T, Failure> {
    let fresh = node(part.as_ptr().cast(), ptr::null_mut(), c)?;
    let part = part.into_raw();
    append_node(list, tail, fresh, c);
    c.get_mut(part)
}

#[inline]
fn append_node(list: &mut osip_list_t, tail: &mut Tail, fresh: *mut __node, c: Caller<'_>) {
    if tail.0.is_null() && !list.node.is_null() {
        find_tail(list, tail, c);
    }
    match c.get_mut(tail.0) {
        Ok(last) => last.next = fresh,
        Err(_) => list.node = fresh,
    }
    tail.0 = fresh;
    list.nb_elt += 1;
}

#[cold]
fn find_tail(list: &osip_list_t, tail: &mut Tail, c: Caller<'_>) {
    let mut next = list.node;
    for _ in 0..list.nb_elt {
        let Ok(node) = c.get(next) else { break };
        (tail.0, next) = (next, node.next);
    }
}

/// Puts `part` at the front.
pub(crate) fn push_front<T: CStruct>(
    list: &mut osip_list_t,
    part: Owned<'_, T>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let next = if list.nb_elt > 0 { list.node } else { ptr::null_mut() };
    list.node = node(ptr::null_mut(), next, c)?;
    c.get_mut(list.node)?.element = part.into_raw().cast();
    list.nb_elt += 1;
    Ok(())
}

/// Takes all nodes off and gives each element to `with`; the list is empty.
pub(crate) fn drain(list: &mut osip_list_t, c: Caller<'_>, with: impl FnMut(*mut c_void)) {
    let (node, count) = (std::mem::replace(&mut list.node, ptr::null_mut()), list.nb_elt);
    list.nb_elt = 0;
    each_node(node, count, c, with);
}

/// Frees `count` nodes from `at` on and gives each element to `with`.
#[inline(always)]
fn each_node(mut at: *mut __node, count: c_int, c: Caller<'_>, mut with: impl FnMut(*mut c_void)) {
    for _ in 0..count {
        let Ok(node) = c.get(at) else { break };
        let (next, element) = (node.next, node.element);
        // SAFETY: a node belongs to its list alone, and this one was just taken out.
        unsafe {
            c.check_not_freed(at);
            c.release_struct(at);
        }
        if !element.is_null() {
            with(element);
        }
        at = next;
    }
}

/// Frees all elements; the list is empty.
pub(crate) fn clear<T: CStruct>(list: &mut osip_list_t, c: Caller<'_>) {
    drain(list, c, |element| cstruct::free(element.cast::<T>(), c));
}

/// Frees all nodes and elements of a list that is not looked at again.
#[inline(always)]
pub(crate) fn free<T: CStruct>(list: &osip_list_t, c: Caller<'_>) {
    if !list.node.is_null() {
        free_nodes::<T>(list.node, list.nb_elt, c);
    }
}

#[inline(never)]
fn free_nodes<T: CStruct>(first: *mut __node, count: c_int, c: Caller<'_>) {
    each_node(first, count, c, |element| cstruct::free(element.cast::<T>(), c));
}

/// Appends copies of all elements of `from`. After an error, `to` holds those made so far.
pub(crate) fn copy<T: CStruct>(
    from: &osip_list_t,
    to: &mut osip_list_t,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut tail = Tail::unknown();
    for part in items::<T>(from, c) {
        push(to, &mut tail, Owned::copy_of(part, c)?, c)?;
    }
    Ok(())
}

/// Takes the element at `pos` out without freeing it. Error: past the end.
pub(crate) fn take(
    list: &mut osip_list_t,
    pos: c_int,
    c: Caller<'_>,
) -> Result<*mut c_void, Failure> {
    if pos < 0 || pos >= list.nb_elt {
        return Err(Failure::Undefined);
    }
    let mut link = &mut list.node;
    for _ in 0..pos {
        link = &mut c.get_mut(*link).map_err(|_| Failure::Undefined)?.next;
    }
    let gone = *link;
    let __node { next, element } = *c.get(gone).map_err(|_| Failure::Undefined)?;
    *link = next;
    // SAFETY: the node was the list's and is out of it.
    unsafe { c.release(gone.cast()) };
    list.nb_elt -= 1;
    Ok(element)
}

/// The texts of a list of texts.
pub(crate) fn texts<'a>(
    list: &osip_list_t,
    c: Caller<'a>,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    raw(list, c).filter_map(move |element| c.text(element.cast::<c_char>()))
}

/// Puts a text at the end, which belongs to the list from now on.
pub(crate) fn push_text(
    list: &mut osip_list_t,
    tail: &mut Tail,
    text: *mut c_char,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let fresh = node(text.cast(), ptr::null_mut(), c)?;
    append_node(list, tail, fresh, c);
    Ok(())
}

/// Appends copies of texts. After an error, `list` holds those made so far.
pub(crate) fn push_texts<'t>(
    list: &mut osip_list_t,
    texts: impl IntoIterator<Item = &'t [u8]>,
    c: Caller<'_>,
) -> Result<(), Failure> {
    let mut tail = Tail::unknown();
    for text in texts {
        let mut copy = c.new_text(text)?.into_raw();
        if let Err(failure) = push_text(list, &mut tail, copy, c) {
            c.drop_text(&mut copy);
            return Err(failure);
        }
    }
    Ok(())
}

/// Frees all nodes and texts of a list of texts that is not looked at again.
pub(crate) fn free_texts(list: &osip_list_t, c: Caller<'_>) {
    each_node(list.node, list.nb_elt, c, |text| c.free_texts([text.cast()]));
}
