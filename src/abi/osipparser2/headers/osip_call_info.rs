//! `<osipparser2/headers/osip_call_info.h>`: the Call-Info header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::search::find;
use crate::abi::osipparser2::text;
use crate::cmem::append;
use libc::{c_char, c_int};

/// A URI in brackets, or a token, with parameters.
#[derive(Debug)]
#[repr(C)]
pub struct osip_call_info {
    /// The URI with its brackets, or the token.
    pub element: *mut c_char,
    /// Parameters: osip_generic_param_t.
    pub gen_params: osip_list_t,
}
/// A URI in brackets, or a token, with parameters.
pub type osip_call_info_t = osip_call_info;

cstruct!(osip_call_info: element; gen_params);

impl HeaderField for osip_call_info {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let start = find(text, b'<').ok_or(Failure::Syntax)?;
        let end = start + find(&text[start..], b'>').ok_or(Failure::Syntax)? + 1;
        c.store(&mut self.element, &text[start..end])?;
        let params = find(&text[end..], b';').map_or(&b""[..], |at| &text[end + at..]);
        text::read_params(params, &mut self.gen_params, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        append(out, c.need(self.element)?);
        text::write_params(&self.gen_params, b";", out, c);
        Ok(())
    }
}

/// Makes an empty URI with parameters. The caller frees it with osip_call_info_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `call_info`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_init(call_info: *mut *mut osip_call_info_t) -> c_int {
    ffi!(|c| c.init(call_info))
}

/// Frees a URI with parameters with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_free(call_info: *mut osip_call_info_t) {
    ffi!(|c| c.free(call_info))
}

/// Reads a URI with parameters from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_parse(
    call_info: *mut osip_call_info_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(call_info, hvalue))
}

/// Prints a URI with parameters; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_to_str(
    call_info: *const osip_call_info_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(call_info, dest))
}

/// Copies a URI with parameters; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_clone(
    call_info: *const osip_call_info_t,
    dest: *mut *mut osip_call_info_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(call_info)?.element)?;
        c.clone_to(call_info, dest)
    })
}

/// The uri of a URI with parameters, as it stands there; NULL when there is none. It stays the URI
/// with parameters's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_get_uri(call_info: *mut osip_call_info_t) -> *mut c_char {
    ffi!(|c| c.field(call_info, |it| it.element))
}

/// Sets the uri of a URI with parameters, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_call_info_set_uri(
    call_info: *mut osip_call_info_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(call_info, |it| &mut it.element, value))
}
