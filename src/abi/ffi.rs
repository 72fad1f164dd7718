//! The boundary to C: every exported function's body runs inside `ffi!`.
//!
//! A NULL, an error or a panic becomes the return value that C expects, here and nowhere else.
//! [`Caller`] stands for what the C program promises by calling: its pointers are NULL or valid.

use crate::cmem::{self, CText, FreeList, NoMemory};
use crate::engine::CancelGuard;
use crate::trace::{self, TraceLevel};
use libc::{c_char, c_int, c_uint, c_void};
#[cfg(target_pointer_width = "64")]
use libc::{c_long, c_ulong};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a call failed; each is one of libosip2's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// OSIP_UNDEFINED_ERROR: nothing there, or a panic.
    Undefined = -1,
    /// OSIP_BADPARAMETER: a NULL or a value out of range.
    BadParameter = -2,
    /// OSIP_WRONG_STATE
    WrongState = -3,
    /// OSIP_NOMEM
    NoMemory = -4,
    /// OSIP_SYNTAXERROR: a text that does not parse.
    Syntax = -5,
    /// OSIP_NOTFOUND
    NotFound = -6,
    /// OSIP_API_NOT_INITIALIZED
    NotInitialized = -7,
    /// OSIP_NO_NETWORK
    NoNetwork = -10,
    /// OSIP_WRONG_FORMAT
    WrongFormat = -52,
    /// OSIP_RETRY_LIMIT
    RetryLimit = -60,
}

impl From<NoMemory> for Failure {
    fn from(_: NoMemory) -> Self {
        Self::NoMemory
    }
}

impl From<Failure> for c_int {
    fn from(failure: Failure) -> Self {
        failure as Self
    }
}

impl From<Failure> for () {
    fn from(_: Failure) {}
}

impl<T> From<Failure> for *mut T {
    fn from(_: Failure) -> Self {
        std::ptr::null_mut()
    }
}

impl<T> From<Failure> for *const T {
    fn from(_: Failure) -> Self {
        std::ptr::null()
    }
}

impl From<Failure> for c_uint {
    fn from(_: Failure) -> Self {
        0
    }
}

/// Where it is longer than an unsigned int.
#[cfg(target_pointer_width = "64")]
impl From<Failure> for c_ulong {
    fn from(_: Failure) -> Self {
        0
    }
}

/// Where it is longer than an int.
#[cfg(target_pointer_width = "64")]
impl From<Failure> for c_long {
    fn from(_: Failure) -> Self {
        -1
    }
}

/// Runs the body of an exported function. A panic ends here: it is logged with `name` and becomes
/// OSIP_UNDEFINED_ERROR.
pub(crate) fn ffi_guard<R: From<Failure>>(
    name: &'static str,
    body: impl FnOnce() -> Result<R, Failure>,
) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => value,
        Ok(Err(failure)) => failure.into(),
        Err(panic) => stopped(name, panic).into(),
    }
}

/// What a panic comes to. It is no part of [`ffi_guard`], which is compiled into each exported
/// function.
#[cold]
fn stopped(name: &'static str, panic: Box<dyn Any + Send>) -> Failure {
    let _uncancelled = CancelGuard::begin();
    // The sink is the application's: what it throws must not pass here either.
    let logged = catch_unwind(|| {
        trace::log(TraceLevel::Bug, name, 0, "a panic was stopped at the C interface")
    });
    drop((logged, panic));
    Failure::Undefined
}

/// `ffi!(|c| body)`: the body of an exported function, with `c` the [`Caller`]. Only for `extern
/// "C"` functions, whose contract is the promise.
macro_rules! ffi {
    (|$caller:ident| $body:expr) => {
        $crate::abi::ffi::ffi_guard(module_path!(), || {
            // SAFETY: this is the body of a C function; its caller has promised what `Caller`
            // stands for.
            let $caller = unsafe { $crate::abi::ffi::Caller::promised() };
            $body
        })
    };
}

/// The promise of a C caller, for the time of one call.
///
/// Pointers to structs are NULL or point to initialised structs of the type they have; texts are
/// NULL or end with NUL; `dest` pointers are NULL or may be written; what is given to be freed or
/// kept is the caller's own; and no other thread uses any of it meanwhile. The same holds for every
/// pointer inside such a struct.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    list: Option<&'a FreeList>,
}

impl<'a> Caller<'a> {
    /// # Safety
    /// For all pointers that meet this value the promise above holds, as long as `'a`.
    pub(crate) unsafe fn promised() -> Self {
        Self { list: None }
    }

    /// Does `body` with the free list: what makes or frees many blocks.
    #[inline]
    pub(crate) fn with_free_list<R>(self, body: impl FnOnce(Caller<'_>) -> R) -> R {
        if self.list.is_some() {
            return body(self);
        }
        let list = cmem::free_list();
        body(Caller { list: list.as_deref() })
    }

    /// A block of C's memory for a struct, or NULL.
    #[inline]
    pub(crate) fn block(self, size: usize) -> *mut c_void {
        cmem::alloc_with(self.list, size)
    }

    /// Frees a block of C's memory; NULL is allowed.
    ///
    /// # Safety
    /// As for [`cmem::release`].
    #[inline]
    pub(crate) unsafe fn release(self, block: *mut c_void) {
        // SAFETY: passed on.
        unsafe { cmem::release_with(self.list, block) };
    }

    /// Ends the process where a struct that is about to be freed was freed before, and so holds
    /// nothing.
    ///
    /// # Safety
    /// `block` is of C's memory, not NULL.
    #[inline(always)]
    pub(crate) unsafe fn check_not_freed<T>(self, block: *mut T) {
        const { assert!(size_of::<T>() >= size_of::<usize>()) };
        if size_of::<T>() < 16 {
            return; // It may have no second word; its texts are checked.
        }
        match self.list {
            // SAFETY: the caller's promise.
            Some(list) => unsafe { list.check_not_freed(block.cast()) },
            // SAFETY: the caller's promise.
            None => unsafe { cmem::check_not_freed(block.cast()) },
        }
    }

    /// Frees the block of a struct that holds nothing any more.
    ///
    /// # Safety
    /// As for [`cmem::release`], and the block is of a `T`; not NULL.
    #[inline]
    pub(crate) unsafe fn release_struct<T>(self, block: *mut T) {
        // SAFETY: passed on.
        unsafe { cmem::release_struct(self.list, block) };
    }

    /// The struct at `at`. Error: NULL.
    pub(crate) fn get<T>(self, at: *const T) -> Result<&'a T, Failure> {
        // SAFETY: the caller's promise.
        unsafe { at.as_ref() }.ok_or(Failure::BadParameter)
    }

    /// The struct at `at`, to be changed. Error: NULL.
    pub(crate) fn get_mut<T>(self, at: *mut T) -> Result<&'a mut T, Failure> {
        // SAFETY: the caller's promise; a function asks once for each of its parameters.
        unsafe { at.as_mut() }.ok_or(Failure::BadParameter)
    }

    /// Writes an answer. Error: NULL.
    pub(crate) fn put<T>(self, at: *mut T, value: T) -> Result<(), Failure> {
        if at.is_null() {
            return Err(Failure::BadParameter);
        }
        // SAFETY: not NULL, and the caller's promise. What was there need not be initialised.
        unsafe { at.write(value) };
        Ok(())
    }

    /// The bytes of a text; `None` for NULL.
    pub(crate) fn text(self, at: *const c_char) -> Option<&'a [u8]> {
        // SAFETY: the caller's promise.
        unsafe { cmem::bytes(at) }
    }

    /// The bytes of a text. Error: NULL.
    pub(crate) fn need(self, at: *const c_char) -> Result<&'a [u8], Failure> {
        self.text(at).ok_or(Failure::BadParameter)
    }

    /// `length` bytes. Error: NULL.
    pub(crate) fn bytes(self, at: *const c_char, length: usize) -> Result<&'a [u8], Failure> {
        if at.is_null() || isize::try_from(length).is_err() {
            return Err(Failure::BadParameter);
        }
        // SAFETY: not NULL, and the caller's promise covers a pointer that comes with a length.
        Ok(unsafe { std::slice::from_raw_parts(at.cast::<u8>(), length) })
    }

    /// A copy of a text in C's memory; NULL for NULL.
    pub(crate) fn copy(self, at: *const c_char) -> Result<*mut c_char, Failure> {
        match self.text(at) {
            Some(bytes) => Ok(CText::with(self.list, bytes)?.into_raw()),
            None => Ok(std::ptr::null_mut()),
        }
    }

    /// Frees the text in `slot` and puts a copy of `bytes` there. Where there is no memory the slot
    /// is unchanged.
    #[inline]
    pub(crate) fn store(self, slot: &mut *mut c_char, bytes: &[u8]) -> Result<(), Failure> {
        let fresh = CText::with(self.list, bytes)?;
        if !slot.is_null() {
            self.drop_text(slot);
        }
        *slot = fresh.into_raw();
        Ok(())
    }

    /// A copy of `bytes` as a text.
    #[inline]
    pub(crate) fn new_text(self, bytes: &[u8]) -> Result<CText, Failure> {
        Ok(CText::with(self.list, bytes)?)
    }

    /// Frees texts, which nobody looks at again; any may be NULL.
    #[inline(always)]
    pub(crate) fn free_texts<const N: usize>(self, texts: [*mut c_char; N]) {
        // SAFETY: a text inside a struct belongs to that struct, by the caller's promise.
        unsafe { cmem::release_texts(self.list, texts) };
    }

    /// Frees the text in `slot` and leaves NULL.
    #[inline]
    pub(crate) fn drop_text(self, slot: &mut *mut c_char) {
        let old = std::mem::replace(slot, std::ptr::null_mut());
        if !old.is_null() {
            // SAFETY: a text inside a struct belongs to that struct, by the caller's promise.
            unsafe { self.release(old.cast()) };
        }
    }
}
