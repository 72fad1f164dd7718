//! NUL-terminated text in C's memory.

use super::{FreeList, NoMemory, alloc_with, release};
use libc::c_char;
use std::ffi::CStr;
use std::ptr::{self, NonNull};

/// A text of our own making, freed when dropped unless C takes it.
#[derive(Debug)]
pub struct CText(NonNull<c_char>);

impl CText {
    /// A copy of `bytes` with a NUL behind them. C's texts end at the first NUL; a body, which
    /// comes with its length, may have NUL bytes in it.
    pub fn new(bytes: &[u8]) -> Result<Self, NoMemory> {
        Self::with(None, bytes)
    }

    /// The same in a block of the free list.
    #[inline]
    pub fn with(list: Option<&FreeList>, bytes: &[u8]) -> Result<Self, NoMemory> {
        copied(list, bytes).map(Self).ok_or(NoMemory)
    }

    /// The ASCII letters among its first `length` bytes become small ones; it has as many.
    pub fn make_lowercase(&mut self, length: usize) {
        // SAFETY: bytes of this value alone.
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr().cast::<u8>(), length) };
        bytes.make_ascii_lowercase();
    }

    /// Gives the text to C, which frees it with `osip_free`.
    #[inline]
    pub fn into_raw(self) -> *mut c_char {
        let text = self.0.as_ptr();
        #[allow(clippy::mem_forget, reason = "C owns the text from here on")]
        std::mem::forget(self);
        text
    }
}

/// A copy of `bytes` with a NUL behind them; `None` without memory.
fn copied(list: Option<&FreeList>, bytes: &[u8]) -> Option<NonNull<c_char>> {
    // Most texts are short, and no function is called for them.
    if bytes.len() <= 16
        && let Some(block) = list.and_then(|list| list.take(bytes.len() + 1))
    {
        // SAFETY: a fresh block of len + 1 bytes.
        unsafe { copy_short(bytes, block.cast()) };
        return NonNull::new(block.cast());
    }
    copied_long(list, bytes)
}

#[inline(never)]
fn copied_long(list: Option<&FreeList>, bytes: &[u8]) -> Option<NonNull<c_char>> {
    let text = NonNull::new(alloc_with(list, bytes.len() + 1).cast::<u8>())?;
    // SAFETY: a fresh block of len + 1 bytes.
    unsafe {
        ptr::copy_nonoverlapping(bytes.as_ptr(), text.as_ptr(), bytes.len());
        text.add(bytes.len()).write(0);
    }
    Some(text.cast())
}

/// Copies at most 16 bytes and a NUL: the two ends, which may overlap.
///
/// # Safety
/// `to` may be written for as many bytes and one.
#[inline]
unsafe fn copy_short(bytes: &[u8], to: *mut u8) {
    // SAFETY: within the length, and the caller's promise.
    unsafe {
        to.add(bytes.len()).write(0);
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            to.cast::<[u8; 8]>().write(*first);
            to.add(bytes.len() - 8).cast::<[u8; 8]>().write(*last);
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            to.cast::<[u8; 4]>().write(*first);
            to.add(bytes.len() - 4).cast::<[u8; 4]>().write(*last);
        } else if let [first, .., last] | [first @ last] = bytes {
            to.write(*first);
            to.add(bytes.len() / 2).write(bytes[bytes.len() / 2]);
            to.add(bytes.len() - 1).write(*last);
        }
    }
}

impl Drop for CText {
    fn drop(&mut self) {
        // SAFETY: made by `alloc`, owned by this value alone.
        unsafe { release(self.0.as_ptr().cast()) };
    }
}

/// The bytes of a text before its NUL; `None` for NULL.
///
/// # Safety
/// `text` is NULL or ends with NUL, and stays as it is while the answer lives.
pub unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL, and the caller's promise.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}
