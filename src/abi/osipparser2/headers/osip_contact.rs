//! `<osipparser2/headers/osip_contact.h>`: the Contact header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{CStruct, HeaderField};
use crate::abi::osipparser2::headers::osip_from::{osip_from, osip_from_t};
use crate::abi::osipparser2::text;
use libc::{c_char, c_int};

/// A name-addr with parameters, or `*`: then `displayname` is `*` and there is no URI.
pub type osip_contact_t = osip_from_t;

/// A Contact, which may be a star where a From may not.
#[repr(transparent)]
pub(crate) struct OsipContact(osip_from);

// SAFETY: as for `osip_from`.
unsafe impl CStruct for OsipContact {
    fn free_parts(&mut self, c: Caller<'_>) {
        self.0.free_parts(c);
    }
    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.0.fill_from(&from.0, c)
    }
}

impl HeaderField for OsipContact {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        match text::trim(text) {
            [b'*'] | [b'*', b';', ..] => c.store(&mut self.0.displayname, b"*"),
            text => self.0.read(text, c),
        }
    }
    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        if self.0.url.is_null()
            && c.text(self.0.displayname).is_some_and(|name| name.starts_with(b"*"))
        {
            out.push(b'*');
            return Ok(());
        }
        self.0.write(out, c)
    }
}

/// Makes an empty Contact. The caller frees it with osip_contact_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `contact`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_contact_init(contact: *mut *mut osip_contact_t) -> c_int {
    ffi!(|c| c.init(contact))
}

/// Frees a Contact with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_contact_free(contact: *mut osip_contact_t) {
    ffi!(|c| c.free(contact))
}

/// Reads a Contact from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_contact_parse(
    contact: *mut osip_contact_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(contact.cast::<OsipContact>(), hvalue))
}

/// Prints a Contact; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_contact_to_str(
    contact: *const osip_contact_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(contact.cast::<OsipContact>(), dest))
}

/// Copies a Contact; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_contact_clone(
    contact: *const osip_contact_t,
    dest: *mut *mut osip_contact_t,
) -> c_int {
    ffi!(|c| c.clone_to(contact, dest))
}
