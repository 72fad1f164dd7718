//! What all structs of a message have in common: they are made empty, filled, copied and freed in
//! the same way.

use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::CText;
use libc::{c_char, c_int};
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};

/// A struct that owns texts, structs and lists in C's memory.
///
/// # Safety
/// A value of zero bytes is a valid, empty one.
pub(crate) unsafe trait CStruct: Sized {
    /// Frees what the struct holds, which is not looked at again: its pointers lead nowhere.
    fn free_parts(&mut self, c: Caller<'_>);
    /// Frees what the struct holds and leaves it empty.
    fn clear(&mut self, c: Caller<'_>) {
        self.free_parts(c);
        // SAFETY: zero bytes are valid by the contract of this trait.
        unsafe { ptr::from_mut(self).write_bytes(0, 1) };
    }
    /// Fills an empty struct with copies of all that `from` holds. After an error it is half full,
    /// and still valid.
    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure>;
}

/// A struct with a text form.
pub(crate) trait HeaderField: CStruct {
    /// Fills an empty struct from its text. After an error it is half full, and still valid.
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure>;
    /// Writes the text. Error: a part without which there is none is missing.
    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure>;
}

/// Implements [`CStruct`] for a struct of texts and, behind `;`, parameter lists.
macro_rules! cstruct {
    ($name:ident: $($text:ident),+ $(; $($params:ident)+)?) => {
        // SAFETY: NULL texts and empty lists.
        unsafe impl $crate::abi::osipparser2::cstruct::CStruct for $name {
            #[inline(always)]
            fn free_parts(&mut self, c: $crate::abi::ffi::Caller<'_>) {
                c.free_texts([$(self.$text),+]);
                $($($crate::abi::osipparser2::list::free::<$crate::abi::osipparser2::osip_uri::osip_uri_param>(
                    &self.$params, c);)+)?
            }
            fn fill_from(
                &mut self,
                from: &Self,
                c: $crate::abi::ffi::Caller<'_>,
            ) -> Result<(), $crate::abi::ffi::Failure> {
                $(self.$text = c.copy(from.$text)?;)+
                $($($crate::abi::osipparser2::list::copy::<$crate::abi::osipparser2::osip_uri::osip_uri_param>(
                    &from.$params, &mut self.$params, c)?;)+)?
                Ok(())
            }
        }
    };
}
pub(crate) use cstruct;

/// A struct of our own making, freed with all it holds unless C takes it.
pub(crate) struct Owned<'a, T: CStruct> {
    at: NonNull<T>,
    c: Caller<'a>,
}

impl<'a, T: CStruct> Owned<'a, T> {
    /// An empty struct.
    #[inline]
    pub(crate) fn new(c: Caller<'a>) -> Result<Self, Failure> {
        let at = NonNull::new(c.block(size_of::<T>()).cast::<T>()).ok_or(Failure::NoMemory)?;
        // SAFETY: a fresh block of that size.
        unsafe { at.write_bytes(0, 1) };
        Ok(Self { at, c })
    }

    /// A copy with all that `from` holds.
    pub(crate) fn copy_of(from: &T, c: Caller<'a>) -> Result<Self, Failure> {
        let mut copy = Self::new(c)?;
        copy.fill_from(from, c)?;
        Ok(copy)
    }

    /// Where the struct is.
    pub(crate) fn as_ptr(&self) -> *mut T {
        self.at.as_ptr()
    }

    /// Gives the struct to C.
    #[inline]
    pub(crate) fn into_raw(self) -> *mut T {
        let at = self.at.as_ptr();
        #[allow(clippy::mem_forget, reason = "C owns the struct from here on")]
        std::mem::forget(self);
        at
    }
}

impl<T: HeaderField> Owned<'_, T> {
    /// A struct read from its text.
    #[inline(always)]
    pub(crate) fn parsed<'a>(text: &[u8], c: Caller<'a>) -> Result<Owned<'a, T>, Failure> {
        let mut part = Owned::<'a, T>::new(c)?;
        part.read(text, c)?;
        Ok(part)
    }
}

impl<T: CStruct> Deref for Owned<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: a live struct with one owner; zero bytes are valid by the contract of `CStruct`.
        unsafe { self.at.as_ref() }
    }
}

impl<T: CStruct> DerefMut for Owned<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { self.at.as_mut() }
    }
}

impl<T: CStruct> Drop for Owned<'_, T> {
    fn drop(&mut self) {
        free(self.at.as_ptr(), self.c);
    }
}

/// Frees a struct with all it holds; NULL is allowed.
#[inline]
pub(crate) fn free<T: CStruct>(at: *mut T, c: Caller<'_>) {
    if at.is_null() {
        return;
    }
    // SAFETY: the caller gives the struct up. It is looked at once it is known that it was not
    // freed before.
    unsafe {
        c.check_not_freed(at);
        (*at).free_parts(c);
        c.release_struct(at);
    }
}

/// Puts a struct into a place that may hold another one, which is freed.
pub(crate) fn replace<T: CStruct>(slot: &mut *mut T, fresh: Owned<'_, T>, c: Caller<'_>) {
    free(std::mem::replace(slot, fresh.into_raw()), c);
}

/// `NULL` or a copy of what is there.
pub(crate) fn copy_slot<T: CStruct>(from: *mut T, c: Caller<'_>) -> Result<*mut T, Failure> {
    match c.get(from) {
        Ok(part) => Ok(Owned::copy_of(part, c)?.into_raw()),
        Err(_) => Ok(ptr::null_mut()),
    }
}

/// The verbs that every family of functions has.
impl Caller<'_> {
    /// `_init`: an empty struct into `dest`, NULL on errors.
    pub(crate) fn init<T: CStruct>(self, dest: *mut *mut T) -> Result<c_int, Failure> {
        self.put(dest, ptr::null_mut())?;
        self.put(dest, Owned::<T>::new(self)?.into_raw())?;
        Ok(0)
    }

    /// `_free`
    pub(crate) fn free<T: CStruct>(self, at: *mut T) -> Result<(), Failure> {
        self.with_free_list(|c| free(at, c));
        Ok(())
    }

    /// `_parse`: what the struct held before is freed.
    pub(crate) fn parse<T: HeaderField>(
        self,
        at: *mut T,
        text: *const c_char,
    ) -> Result<c_int, Failure> {
        let (part, text) = (self.get_mut(at)?, self.need(text)?);
        self.with_free_list(|c| {
            part.clear(c);
            part.read(text, c)
        })?;
        Ok(0)
    }

    /// `_to_str`: a text into `dest`, NULL on errors.
    pub(crate) fn to_str<T: HeaderField>(
        self,
        at: *const T,
        dest: *mut *mut c_char,
    ) -> Result<c_int, Failure> {
        self.put(dest, ptr::null_mut())?;
        let mut out = Vec::with_capacity(128);
        self.get(at)?.write(&mut out, self)?;
        self.put(dest, CText::new(&out)?.into_raw())?;
        Ok(0)
    }

    /// `_clone`: a copy into `dest`, NULL on errors.
    pub(crate) fn clone_to<T: CStruct>(
        self,
        at: *const T,
        dest: *mut *mut T,
    ) -> Result<c_int, Failure> {
        self.put(dest, ptr::null_mut())?;
        self.put(dest, Owned::copy_of(self.get(at)?, self)?.into_raw())?;
        Ok(0)
    }

    /// `_get_…` for a pointer in the struct: NULL when `at` is.
    pub(crate) fn field<T, P: Copy>(
        self,
        at: *const T,
        field: impl FnOnce(&T) -> P,
    ) -> Result<P, Failure> {
        Ok(field(self.get(at)?))
    }

    /// `_set_…` for a pointer in the struct, which belongs to the struct from now on. The old one
    /// is not freed: programs that have kept it free it themselves.
    pub(crate) fn set<T, P>(
        self,
        at: *mut T,
        field: impl FnOnce(&mut T) -> &mut P,
        value: P,
    ) -> Result<(), Failure> {
        *field(self.get_mut(at)?) = value;
        Ok(())
    }

    /// `osip_message_get_…`: the element at `pos` into `dest`; its position, or an error with NULL
    /// in `dest`.
    pub(crate) fn element<T>(
        self,
        list: &osip_list_t,
        pos: c_int,
        dest: *mut *mut T,
    ) -> Result<c_int, Failure> {
        self.put(dest, ptr::null_mut())?;
        let found = list::get::<T>(list, pos, self).ok_or(Failure::Undefined)?;
        self.put(dest, found)?;
        Ok(pos)
    }

    /// Reads one element and puts it at the end of `list`.
    #[inline]
    pub(crate) fn append<T: HeaderField>(
        self,
        list: &mut osip_list_t,
        tail: &mut Tail,
        text: &[u8],
    ) -> Result<(), Failure> {
        let part = Owned::<T>::parsed(text, self)?;
        list::push(list, tail, part, self).map(|_| ())
    }
}
