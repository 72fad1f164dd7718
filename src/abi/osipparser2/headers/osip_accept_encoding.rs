//! `<osipparser2/headers/osip_accept_encoding.h>`: the Accept-Encoding header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::search::find;
use crate::abi::osipparser2::text;
use crate::cmem::append;
use libc::{c_char, c_int};

/// A token with parameters.
#[derive(Debug)]
#[repr(C)]
pub struct osip_accept_encoding {
    /// The token.
    pub element: *mut c_char,
    /// Parameters: osip_generic_param_t.
    pub gen_params: osip_list_t,
}
/// A token with parameters.
pub type osip_accept_encoding_t = osip_accept_encoding;

cstruct!(osip_accept_encoding: element; gen_params);

impl HeaderField for osip_accept_encoding {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (element, params) = text.split_at(find(text, b';').unwrap_or(text.len()));
        let element = text::trim(element);
        if element.is_empty() {
            return Err(Failure::Syntax);
        }
        c.store(&mut self.element, element)?;
        text::read_params(params, &mut self.gen_params, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        append(out, c.need(self.element)?);
        text::write_params(&self.gen_params, b";", out, c);
        Ok(())
    }
}

/// Makes an empty token with parameters. The caller frees it with osip_accept_encoding_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `accept_encoding`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_init(
    accept_encoding: *mut *mut osip_accept_encoding_t,
) -> c_int {
    ffi!(|c| c.init(accept_encoding))
}

/// Frees a token with parameters with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_free(accept_encoding: *mut osip_accept_encoding_t) {
    ffi!(|c| c.free(accept_encoding))
}

/// Reads a token with parameters from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_parse(
    accept_encoding: *mut osip_accept_encoding_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(accept_encoding, hvalue))
}

/// Prints a token with parameters; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_to_str(
    accept_encoding: *const osip_accept_encoding_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(accept_encoding, dest))
}

/// Copies a token with parameters; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_clone(
    accept_encoding: *const osip_accept_encoding_t,
    dest: *mut *mut osip_accept_encoding_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(accept_encoding)?.element)?;
        c.clone_to(accept_encoding, dest)
    })
}

/// The element of a token with parameters, as it stands there; NULL when there is none. It stays
/// the token with parameters's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_get_element(
    accept_encoding: *const osip_accept_encoding_t,
) -> *mut c_char {
    ffi!(|c| c.field(accept_encoding, |it| it.element))
}

/// Sets the element of a token with parameters, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_accept_encoding_set_element(
    accept_encoding: *mut osip_accept_encoding_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(accept_encoding, |it| &mut it.element, value))
}
