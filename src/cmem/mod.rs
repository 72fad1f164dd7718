//! Memory that C may free: text and structs from `osip_malloc_func`, or from malloc where no such
//! function is set.
//!
//! Nothing else in this library gives memory to C, and nothing else takes memory from C to free it.

mod free_list;
mod text;

pub use free_list::{FreeList, check_not_freed, free_list, misused};
pub use text::{CText, append, bytes};

use libc::{c_char, c_void, size_t};
use std::ptr;

/// A function in the place of malloc.
pub type MallocFunc = unsafe extern "C" fn(size_t) -> *mut c_void;
/// A function in the place of realloc.
pub type ReallocFunc = unsafe extern "C" fn(*mut c_void, size_t) -> *mut c_void;
/// A function in the place of free.
pub type FreeFunc = unsafe extern "C" fn(*mut c_void);

/// What `osip_malloc` calls; NULL for malloc. Programs set it before the first call, and through
/// osip_set_allocators.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name in C")]
pub static mut osip_malloc_func: Option<MallocFunc> = None;
/// What `osip_realloc` calls; NULL for realloc.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name in C")]
pub static mut osip_realloc_func: Option<ReallocFunc> = None;
/// What `osip_free` calls; NULL for free.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name in C")]
pub static mut osip_free_func: Option<FreeFunc> = None;

/// There was no memory: `OSIP_NOMEM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMemory;

/// Sets all three functions; `None` goes back to libc's.
///
/// # Safety
/// No other thread is inside this library, and nothing that the old functions made is freed by the
/// new ones unless they agree with each other.
pub unsafe fn set_functions(
    malloc: Option<MallocFunc>,
    realloc: Option<ReallocFunc>,
    free: Option<FreeFunc>,
) {
    // SAFETY: the caller's promise: nobody reads them now. Volatile, because the program may hold
    // its own copy relocated symbol: the address is looked up at run time.
    unsafe {
        (&raw mut osip_malloc_func).write_volatile(malloc);
        (&raw mut osip_realloc_func).write_volatile(realloc);
        (&raw mut osip_free_func).write_volatile(free);
    }
}

/// Whether memory comes from elsewhere than libc's functions.
fn replaced() -> bool {
    // SAFETY: words that programs write before they use the library; one read each.
    unsafe {
        (&raw const osip_malloc_func).read_volatile().is_some()
            || (&raw const osip_free_func).read_volatile().is_some()
    }
}

/// `size` bytes from the free list, or as [`alloc`]. C frees them with `osip_free`.
#[inline]
pub fn alloc_with(list: Option<&FreeList>, size: usize) -> *mut c_void {
    list.map_or_else(|| alloc(size), |list| list.alloc(size))
}

/// `size` bytes with anything in them, or NULL. C frees them with `osip_free`.
pub fn alloc(size: usize) -> *mut c_void {
    // SAFETY: a word that programs write before they use the library; one read.
    let malloc = unsafe { (&raw const osip_malloc_func).read_volatile() };
    match malloc {
        // SAFETY: a function with malloc's contract, by the contract of the variable.
        Some(malloc) => unsafe { malloc(size) },
        // SAFETY: any size is allowed.
        None => unsafe { libc::malloc(size) },
    }
}

/// `size` zero bytes, or NULL. C frees them with `osip_free`.
pub fn alloc_zeroed(size: usize) -> *mut c_void {
    let block = alloc(size);
    if !block.is_null() {
        // SAFETY: a fresh block of that size.
        unsafe { ptr::write_bytes(block.cast::<u8>(), 0, size) };
    }
    block
}

/// Makes a block larger or smaller; NULL, with the block as it was, where there is no memory.
///
/// # Safety
/// `block` is NULL or comes from [`alloc`] or from C's `osip_malloc`; after success the old pointer
/// is gone.
pub unsafe fn resize(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: as in `alloc`.
    let realloc = unsafe { (&raw const osip_realloc_func).read_volatile() };
    match realloc {
        // SAFETY: a function with realloc's contract, and the caller's promise.
        Some(realloc) => unsafe { realloc(block, size) },
        // SAFETY: the caller's promise.
        None => unsafe { libc::realloc(block, size) },
    }
}

/// Frees a block, or puts it on the free list; NULL is allowed.
///
/// # Safety
/// As for [`release`].
#[inline]
pub unsafe fn release_with(list: Option<&FreeList>, block: *mut c_void) {
    match list {
        // SAFETY: the caller's promise. There is a list only where libc's functions are in use.
        Some(list) if !block.is_null() => unsafe { list.release(block) },
        // SAFETY: the caller's promise.
        _ => unsafe { release(block) },
    }
}

/// The same for some texts.
///
/// # Safety
/// As for [`release`], for each of them.
#[inline(always)]
pub unsafe fn release_texts<const N: usize>(list: Option<&FreeList>, texts: [*mut c_char; N]) {
    for text in texts {
        // SAFETY: the caller's promise.
        unsafe { release_with(list, text.cast()) };
    }
}

/// The same for the block of a struct.
///
/// # Safety
/// As for [`release`], and the block is of a `T` or larger; not NULL.
#[inline]
pub unsafe fn release_struct<T>(list: Option<&FreeList>, block: *mut T) {
    match list {
        // A size that is no multiple of 16 is not that of a class.
        // SAFETY: the caller's promise.
        Some(list) if size_of::<T>() % 16 == 0 => unsafe {
            list.release_sized(block.cast(), size_of::<T>());
        },
        // SAFETY: the caller's promise.
        list => unsafe { release_with(list, block.cast()) },
    }
}

/// Frees a block; NULL is allowed.
///
/// # Safety
/// `block` is NULL or comes from [`alloc`] or from C's `osip_malloc`, and nobody uses it again.
pub unsafe fn release(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: as in `alloc`.
    let free = unsafe { (&raw const osip_free_func).read_volatile() };
    match free {
        // SAFETY: a function with free's contract, and the caller's promise.
        Some(free) => unsafe { free(block) },
        // SAFETY: the caller's promise.
        None => unsafe { libc::free(block) },
    }
}
