//! `<osipparser2/headers/osip_content_type.h>`: the Content-Type header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::search::{find, split};
use crate::abi::osipparser2::text::{self, trim};
use crate::cmem::append;
use libc::{c_char, c_int};

/// A media type.
#[derive(Debug)]
#[repr(C)]
pub struct osip_content_type {
    /// `application` of `application/sdp`.
    pub r#type: *mut c_char,
    /// `sdp` of `application/sdp`.
    pub subtype: *mut c_char,
    /// Parameters: osip_generic_param_t.
    pub gen_params: osip_list_t,
}
/// A media type.
pub type osip_content_type_t = osip_content_type;

cstruct!(osip_content_type: r#type, subtype; gen_params);

impl HeaderField for osip_content_type {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let text = trim(text);
        if text.is_empty() {
            return Ok(());
        }
        let (media, params) = text.split_at(find(text, b';').unwrap_or(text.len()));
        let (media, subtype) = split(media, b'/').ok_or(Failure::Syntax)?;
        let (media, subtype) = (trim(media), trim(subtype));
        if media.is_empty() || subtype.is_empty() {
            return Err(Failure::Syntax);
        }
        c.store(&mut self.r#type, media)?;
        c.store(&mut self.subtype, subtype)?;
        text::read_params(params, &mut self.gen_params, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let (media, subtype) = (c.need(self.r#type)?, c.need(self.subtype)?);
        append(out, media);
        out.push(b'/');
        append(out, subtype);
        text::write_params(&self.gen_params, b"; ", out, c);
        Ok(())
    }
}

/// Makes an empty media type. The caller frees it with osip_content_type_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `content_type`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_type_init(
    content_type: *mut *mut osip_content_type_t,
) -> c_int {
    ffi!(|c| c.init(content_type))
}

/// Frees a media type with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_type_free(content_type: *mut osip_content_type_t) {
    ffi!(|c| c.free(content_type))
}

/// Reads a media type from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_type_parse(
    content_type: *mut osip_content_type_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(content_type, hvalue))
}

/// Prints a media type; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_type_to_str(
    content_type: *const osip_content_type_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(content_type, dest))
}

/// Copies a media type; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_content_type_clone(
    content_type: *const osip_content_type_t,
    dest: *mut *mut osip_content_type_t,
) -> c_int {
    ffi!(|c| c.clone_to(content_type, dest))
}
