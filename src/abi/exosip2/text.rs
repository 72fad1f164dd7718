//! Texts from C, and for C.

use crate::engine::{CoreRefusal, Refusal};
use crate::sip::octets::decode;
use libc::{c_char, c_int};
use std::borrow::Cow;
use std::ffi::CStr;

/// The text at `from`; octets that are not UTF-8 are decoded.
///
/// # Safety
/// `from` is NULL or ends with NUL, and stays as it is while the answer lives.
pub(super) unsafe fn given<'a>(from: *const c_char) -> Option<Cow<'a, str>> {
    if from.is_null() {
        return None;
    }
    // SAFETY: not NULL, and the caller's promise.
    let text = unsafe { CStr::from_ptr(from) };
    Some(decode(text.to_bytes()))
}

/// The text at `from`, unless it is empty.
///
/// # Safety
/// As for [`given`].
pub(super) unsafe fn filled<'a>(from: *const c_char) -> Option<Cow<'a, str>> {
    // SAFETY: the caller's promise.
    unsafe { given(from) }.filter(|text| !text.is_empty())
}

/// Copies `text` and a NUL into `size` bytes at `to`. Error: NULL, or not enough bytes, which
/// writes nothing.
///
/// # Safety
/// `to` is NULL or may be written for `size` bytes.
pub(super) unsafe fn put(to: *mut c_char, size: c_int, text: &str) -> Result<c_int, Refusal> {
    let available = usize::try_from(size).map_err(|_| CoreRefusal::BadParameter)?;
    if to.is_null() || available <= text.len() {
        return Err(CoreRefusal::BadParameter.into());
    }
    // SAFETY: room for the text and a NUL was just checked; a str of ours and a buffer of the
    // caller's do not overlap.
    unsafe {
        to.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
        *to.add(text.len()) = 0;
    }
    Ok(0)
}

/// Copies as much of `text` as fits, and a NUL, into `size` bytes at `to`. Whether there is room
/// for the NUL.
///
/// # Safety
/// `to` is NULL or may be written for `size` bytes.
pub(super) unsafe fn put_start(to: *mut c_char, size: usize, text: &str) -> bool {
    let Some(most) = size.checked_sub(1).filter(|_| !to.is_null()) else { return false };
    let length = text.len().min(most);
    // SAFETY: room for so many bytes and a NUL; a str of ours and a buffer of the caller's do not
    // overlap.
    unsafe {
        to.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), length);
        *to.add(length) = 0;
    }
    true
}
