//! NUL-terminated text in C's memory.

use super::{NoMemory, Spare, alloc_with, release};
use libc::c_char;
use std::ffi::CStr;
use std::ptr::{self, NonNull};

/// A text of our own making, freed when dropped unless C takes it.
#[derive(Debug)]
pub struct CText(NonNull<c_char>);

impl CText {
    /// A copy of `bytes` with a NUL behind them. C's texts end at the first NUL; a body, which comes with its length,
    /// may have NUL bytes in it.
    pub fn new(bytes: &[u8]) -> Result<Self, NoMemory> {
        Self::with(None, bytes)
    }

    /// The same, in a spare block where there is one.
    #[inline]
    pub fn with(spare: Option<&Spare>, bytes: &[u8]) -> Result<Self, NoMemory> {
        let block = alloc_with(spare, bytes.len() + 1).cast::<u8>();
        let text = NonNull::new(block.cast::<c_char>()).ok_or(NoMemory)?;
        // SAFETY: a fresh block of len + 1 bytes.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), block, bytes.len());
            block.add(bytes.len()).write(0);
        }
        Ok(Self(text))
    }

    /// Gives the text to C, which frees it with `osip_free`.
    pub fn into_raw(self) -> *mut c_char {
        let text = self.0.as_ptr();
        #[allow(clippy::mem_forget, reason = "C owns the text from here on")]
        std::mem::forget(self);
        text
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
