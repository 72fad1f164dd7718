//! `<osipparser2/headers/osip_accept.h>`: the Accept header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{CStruct, HeaderField};
use crate::abi::osipparser2::headers::osip_content_type::{osip_content_type, osip_content_type_t};
use libc::{c_char, c_int};

/// A media range.
pub type osip_accept_t = osip_content_type_t;

/// An Accept, which may be empty where a Content-Type may not.
#[repr(transparent)]
pub(crate) struct Accept(osip_content_type);

// SAFETY: as for `osip_content_type`.
unsafe impl CStruct for Accept {
    fn free_parts(&mut self, c: Caller<'_>) {
        self.0.free_parts(c);
    }
    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.0.fill_from(&from.0, c)
    }
}

impl HeaderField for Accept {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        self.0.read(text, c)
    }
    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        if self.0.r#type.is_null() && self.0.subtype.is_null() {
            out.push(b' ');
            return Ok(());
        }
        self.0.write(out, c)
    }
}

/// Prints a media range; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_to_str(
    accept: *const osip_accept_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(accept.cast::<Accept>(), dest))
}
