//! `<osipparser2/osip_uri.h>`: URIs and `;name=value` parameters.
//!
//! User part, password, parameters and headers are kept without their escapes; osip_uri_to_str
//! escapes again what needs it (RFC 3261 section 19.1).

use super::cstruct::{CStruct, HeaderField, Owned, cstruct};
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::text::{self, Plain};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::{CText, append};
use crate::sip::percent_decoded_text;
use libc::{c_char, c_int};
use std::ptr;

/// A parameter: of a URI, of a header value, or a header inside a URI.
#[derive(Debug)]
#[repr(C)]
pub struct osip_uri_param {
    /// Its name.
    pub gname: *mut c_char,
    /// Its value, quotes included; NULL for a parameter without one.
    pub gvalue: *mut c_char,
}
/// A parameter.
pub type osip_uri_param_t = osip_uri_param;
/// A header inside a URI.
pub type osip_uri_header_t = osip_uri_param_t;
/// A parameter behind a header value.
pub type osip_generic_param_t = osip_uri_param_t;

cstruct!(osip_uri_param: gname, gvalue);

/// A URI.
#[derive(Debug)]
#[repr(C)]
pub struct osip_uri {
    /// `sip`, `sips`, `tel` …, as written.
    pub scheme: *mut c_char,
    /// The user part without escapes, or NULL.
    pub username: *mut c_char,
    /// The password without escapes, or NULL.
    pub password: *mut c_char,
    /// Host name or address; an IPv6 address without its brackets.
    pub host: *mut c_char,
    /// The port as written, or NULL.
    pub port: *mut c_char,
    /// Parameters: osip_uri_param_t.
    pub url_params: osip_list_t,
    /// Headers: osip_uri_header_t.
    pub url_headers: osip_list_t,
    /// What follows the scheme, where that is neither sip nor sips.
    pub string: *mut c_char,
}
/// A URI.
pub type osip_uri_t = osip_uri;

cstruct!(osip_uri: scheme, username, password, host, port, string; url_params url_headers);

fn as_it_is(text: &[u8], _: &Plain, out: &mut Vec<u8>) {
    append(out, text);
}

/// A text with escapes for C, NULL for NULL.
fn escaped(c: Caller<'_>, string: *const c_char, plain: &Plain) -> Result<*mut c_char, Failure> {
    let mut out = Vec::new();
    text::escape(c.need(string)?, plain, &mut out);
    Ok(CText::new(&out)?.into_raw())
}

/// Makes an empty parameter. The caller frees it with osip_uri_param_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `url_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_init(url_param: *mut *mut osip_uri_param_t) -> c_int {
    ffi!(|c| c.init(url_param))
}

/// Frees a parameter with name and value; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_free(url_param: *mut osip_uri_param_t) {
    ffi!(|c| c.free(url_param))
}

/// Sets name and value of a parameter, which owns both from now on. Returns 0 or OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_set(
    url_param: *mut osip_uri_param_t,
    name: *mut c_char,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let param = c.get_mut(url_param)?;
        (param.gname, param.gvalue) = (name, value);
        Ok(0)
    })
}

/// Copies a parameter; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or a parameter without name, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_clone(
    url_param: *const osip_uri_param_t,
    dest: *mut *mut osip_uri_param_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        c.need(c.get(url_param)?.gname)?;
        c.clone_to(url_param, dest)
    })
}

/// Frees all parameters of a list; the list is empty. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_freelist(url_params: *mut osip_list_t) {
    ffi!(|c| {
        list::clear::<osip_uri_param>(c.get_mut(url_params)?, c);
        Ok(())
    })
}

/// Appends a parameter, which owns `name` and `value` from now on: they come from osip_malloc.
/// `value` may be NULL.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM; after an error both are still the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_add(
    url_params: *mut osip_list_t,
    name: *mut c_char,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let list = c.get_mut(url_params)?;
        let param = list::push(list, &mut Tail::unknown(), Owned::<osip_uri_param>::new(c)?, c)?;
        (param.gname, param.gvalue) = (name, value);
        Ok(0)
    })
}

/// Finds a parameter by its name, without case. It stays the list's.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or an empty name, or OSIP_UNDEFINED_ERROR when there is
/// none, with NULL in `url_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_param_get_byname(
    url_params: *mut osip_list_t,
    name: *mut c_char,
    url_param: *mut *mut osip_uri_param_t,
) -> c_int {
    ffi!(|c| {
        c.put(url_param, ptr::null_mut())?;
        let (list, name) = (c.get(url_params)?, c.need(name)?);
        if name.is_empty() {
            return Err(Failure::BadParameter);
        }
        let found = text::param(list, name, c).ok_or(Failure::Undefined)?;
        c.put(url_param, ptr::from_ref(found).cast_mut())?;
        Ok(0)
    })
}

/// Makes an empty URI. The caller frees it with osip_uri_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `url`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_init(url: *mut *mut osip_uri_t) -> c_int {
    ffi!(|c| c.init(url))
}

/// Frees a URI with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_free(url: *mut osip_uri_t) {
    ffi!(|c| c.free(url))
}

/// Reads a URI from its text, without brackets; what it held before is freed. Broken parameters are
/// left out.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or no text, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_parse(url: *mut osip_uri_t, buf: *const c_char) -> c_int {
    ffi!(|c| {
        let (uri, text) = (c.get_mut(url)?, c.need(buf)?);
        if text.is_empty() {
            return Err(Failure::BadParameter);
        }
        uri.clear(c);
        uri.read(text, c)?;
        Ok(0)
    })
}

/// Appends the headers of `?name=value&name=value`.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_parse_headers(
    url: *mut osip_uri_t,
    headers: *const c_char,
) -> c_int {
    ffi!(|c| {
        c.get_mut(url)?.read_headers(c.need(headers)?, c)?;
        Ok(0)
    })
}

/// Appends the parameters of `;name=value;name`.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_parse_params(
    url: *mut osip_uri_t,
    params: *const c_char,
) -> c_int {
    ffi!(|c| {
        let (uri, text) = (c.get_mut(url)?, c.need(params)?);
        if !text.starts_with(b";") {
            return Err(Failure::Syntax);
        }
        uri.read_params(text, c)?;
        Ok(0)
    })
}

/// Prints a URI; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_to_str(url: *const osip_uri_t, dest: *mut *mut c_char) -> c_int {
    ffi!(|c| c.to_str(url, dest))
}

/// Prints a URI without escapes; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or a URI without host, or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_to_str_canonical(
    url: *const osip_uri_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        let mut out = Vec::new();
        c.get(url)?.print(&mut out, c, as_it_is)?;
        c.put(dest, CText::new(&out)?.into_raw())?;
        Ok(0)
    })
}

/// Copies a URI; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or a URI without host, or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_clone(
    url: *const osip_uri_t,
    dest: *mut *mut osip_uri_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        let uri = c.get(url)?;
        if uri.host.is_null() && uri.string.is_null() {
            return Err(Failure::BadParameter);
        }
        c.clone_to(url, dest)
    })
}

/// The scheme of a URI, as it stands there; NULL when there is none. It stays the URI's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_get_scheme(url: *mut osip_uri_t) -> *mut c_char {
    ffi!(|c| c.field(url, |it| it.scheme))
}

/// Sets the scheme of a URI, which owns `value` from now on: it must come from osip_malloc. The old
/// text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_set_scheme(url: *mut osip_uri_t, value: *mut c_char) {
    ffi!(|c| c.set(url, |it| &mut it.scheme, value))
}

/// The username of a URI, as it stands there; NULL when there is none. It stays the URI's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_get_username(url: *mut osip_uri_t) -> *mut c_char {
    ffi!(|c| c.field(url, |it| it.username))
}

/// Sets the username of a URI, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_set_username(url: *mut osip_uri_t, value: *mut c_char) {
    ffi!(|c| c.set(url, |it| &mut it.username, value))
}

/// The password of a URI, as it stands there; NULL when there is none. It stays the URI's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_get_password(url: *mut osip_uri_t) -> *mut c_char {
    ffi!(|c| c.field(url, |it| it.password))
}

/// Sets the password of a URI, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_set_password(url: *mut osip_uri_t, value: *mut c_char) {
    ffi!(|c| c.set(url, |it| &mut it.password, value))
}

/// The host of a URI, as it stands there; NULL when there is none. It stays the URI's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_get_host(url: *mut osip_uri_t) -> *mut c_char {
    ffi!(|c| c.field(url, |it| it.host))
}

/// Sets the host of a URI, which owns `value` from now on: it must come from osip_malloc. The old
/// text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_set_host(url: *mut osip_uri_t, value: *mut c_char) {
    ffi!(|c| c.set(url, |it| &mut it.host, value))
}

/// The port of a URI, as it stands there; NULL when there is none. It stays the URI's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_get_port(url: *mut osip_uri_t) -> *mut c_char {
    ffi!(|c| c.field(url, |it| it.port))
}

/// Sets the port of a URI, which owns `value` from now on: it must come from osip_malloc. The old
/// text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_uri_set_port(url: *mut osip_uri_t, value: *mut c_char) {
    ffi!(|c| c.set(url, |it| &mut it.port, value))
}

/// A copy with `%41` escapes where a userinfo needs them; the caller frees it. NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_uri_escape_userinfo(string: *const c_char) -> *mut c_char {
    ffi!(|c| escaped(c, string, &text::USER))
}

/// A copy with `%41` escapes where a password needs them; the caller frees it. NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_uri_escape_password(string: *const c_char) -> *mut c_char {
    ffi!(|c| escaped(c, string, &text::PASSWORD))
}

/// A copy with `%41` escapes where a uri param needs them; the caller frees it. NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_uri_escape_uri_param(string: *mut c_char) -> *mut c_char {
    ffi!(|c| escaped(c, string, &text::URI_PARAM))
}

/// A copy with `%41` escapes where a header param needs them; the caller frees it. NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_uri_escape_header_param(string: *mut c_char) -> *mut c_char {
    ffi!(|c| escaped(c, string, &text::URI_HEADER))
}

/// Where `separator_osip_to_find` first stands in `ch`, unless `before_separator` stands before it:
/// then, and where it does not stand there, NULL. 0 stands at the end; `before_separator` 0: at no
/// place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn next_separator(
    ch: *const c_char,
    separator_osip_to_find: c_int,
    before_separator: c_int,
) -> *const c_char {
    ffi!(|c| {
        let text = c.need(ch)?;
        let place = |separator: c_int| match separator {
            0 => Some(text.len()),
            _ => text.iter().position(|byte| c_int::from(*byte) == separator),
        };
        let found = place(separator_osip_to_find).ok_or(Failure::NotFound)?;
        match place(before_separator).filter(|_| before_separator != 0) {
            Some(before) if before <= found => Err(Failure::NotFound),
            _ => Ok(ch.wrapping_add(found)),
        }
    })
}

/// A copy with `%41` escapes for all but ASCII letters and digits and what of `def` is ASCII, marks
/// of RFC 3261 too; the caller frees it. NULL on errors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_uri_escape_nonascii_and_nondef(
    string: *const c_char,
    def: *const c_char,
) -> *mut c_char {
    ffi!(|c| {
        let mut out = Vec::new();
        text::escape_nondef(c.need(string)?, c.text(def).unwrap_or_default(), &mut out);
        Ok(CText::new(&out)?.into_raw())
    })
}

/// Resolves `%41` escapes in place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __osip_uri_unescape(string: *mut c_char) {
    ffi!(|c| {
        let plain = percent_decoded_text(c.need(string)?);
        for (at, byte) in plain.iter().chain(&[0]).enumerate() {
            // SAFETY: the plain text and its NUL are not longer than the text that they replace.
            unsafe { string.add(at).cast::<u8>().write(*byte) };
        }
        Ok(())
    })
}
