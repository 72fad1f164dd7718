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
#[inline(never)]
fn copied(list: Option<&FreeList>, bytes: &[u8]) -> Option<NonNull<c_char>> {
    // Most texts are short, and no function is called for them.
    if bytes.len() <= 64 {
        if let Some(block) = list.and_then(|list| list.take(bytes.len() + 1)) {
            // SAFETY: a fresh block of len + 1 bytes.
            unsafe {
                copy_short(bytes, block.cast());
                block.cast::<u8>().add(bytes.len()).write(0);
            }
            return NonNull::new(block.cast());
        }
    }
    copied_slow(list, bytes)
}

#[inline(never)]
fn copied_slow(list: Option<&FreeList>, bytes: &[u8]) -> Option<NonNull<c_char>> {
    let text = NonNull::new(alloc_with(list, bytes.len() + 1).cast::<u8>())?;
    // SAFETY: a fresh block of len + 1 bytes.
    unsafe {
        ptr::copy_nonoverlapping(bytes.as_ptr(), text.as_ptr(), bytes.len());
        text.add(bytes.len()).write(0);
    }
    Some(text.cast())
}

/// Copies at most 64 bytes: the two ends, which may overlap.
///
/// # Safety
/// `to` may be written for as many bytes, and is elsewhere.
#[inline]
unsafe fn copy_short(bytes: &[u8], to: *mut u8) {
    /// The ends of `N` bytes each; `false` where there are fewer.
    ///
    /// # Safety
    /// As for [`copy_short`].
    #[inline(always)]
    unsafe fn copy_ends<const N: usize>(bytes: &[u8], to: *mut u8) -> bool {
        let (Some(first), Some(last)) = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>()) else {
            return false;
        };
        // SAFETY: within the length, and the caller's promise.
        unsafe {
            to.cast::<[u8; N]>().write(*first);
            to.add(bytes.len() - N).cast::<[u8; N]>().write(*last);
        }
        true
    }
    // SAFETY: the caller's promise.
    unsafe {
        let is_copied = bytes.len() > 16
            && (copy_ends::<32>(bytes, to) || copy_ends::<16>(bytes, to))
            || copy_ends::<8>(bytes, to)
            || copy_ends::<4>(bytes, to)
            || copy_ends::<2>(bytes, to);
        match bytes {
            [only] if !is_copied => to.write(*only),
            _ => {}
        }
    }
}

/// Appends bytes, most often so few that no function is called for them.
#[inline(never)]
pub fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = out.len();
    if bytes.len() > 64 || out.capacity() - length < bytes.len() {
        return append_slow(out, bytes);
    }
    // SAFETY: there is room for as many bytes behind those that are initialised.
    unsafe {
        copy_short(bytes, out.as_mut_ptr().add(length));
        out.set_len(length + bytes.len());
    }
}

#[inline(never)]
fn append_slow(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
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
