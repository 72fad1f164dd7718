//! `<osipparser2/headers/osip_from.h>`: the From header field, and the shape of To, Contact, Route
//! and Record-Route.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{CStruct, HeaderField, Owned, copy_slot, free};
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::osip_uri::{
    osip_generic_param_t, osip_uri, osip_uri_param, osip_uri_t,
};
use crate::abi::osipparser2::search::{end_at, find, split};
use crate::abi::osipparser2::{list, text};
use crate::cmem::append;
use libc::{c_char, c_int};
use std::ptr;

/// A name-addr with parameters (RFC 3261 section 20.10).
#[derive(Debug)]
#[repr(C)]
pub struct osip_from {
    /// The display name as written, quotes included; NULL for none; `*` for the Contact that is a
    /// star.
    pub displayname: *mut c_char,
    /// The URI.
    pub url: *mut osip_uri_t,
    /// Parameters behind the URI: osip_generic_param_t.
    pub gen_params: osip_list_t,
}
/// A name-addr with parameters (RFC 3261 section 20.10).
pub type osip_from_t = osip_from;

// SAFETY: NULL texts, no URI and an empty list.
unsafe impl CStruct for osip_from {
    fn free_parts(&mut self, c: Caller<'_>) {
        c.free_texts([self.displayname]);
        free(self.url, c);
        list::free::<osip_uri_param>(&self.gen_params, c);
    }

    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.displayname = c.copy(from.displayname)?;
        self.url = copy_slot(from.url, c)?;
        list::copy::<osip_uri_param>(&from.gen_params, &mut self.gen_params, c)
    }
}

impl HeaderField for osip_from {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let text = text::trim(text);
        if text.is_empty() {
            return Ok(());
        }
        let (name, rest) = display_name(text)?;
        if let Some(name) = name {
            self.displayname = c.new_text(name)?.into_raw();
        }
        let (uri, params) = match rest.strip_prefix(b"<") {
            Some(rest) => {
                let (uri, behind) = split(rest, b'>').ok_or(Failure::Syntax)?;
                (uri, &behind[end_at(behind, 0, [b';'])..])
            }
            None => rest.split_at(end_at(rest, 0, [b';'])),
        };
        let uri = text::trim(uri);
        if uri.is_empty() {
            return Err(Failure::Syntax);
        }
        self.url = Owned::<osip_uri>::parsed(uri, c)?.into_raw();
        text::read_params(params, &mut self.gen_params, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let uri = c.get(self.url)?;
        if let Some(name) = c.text(self.displayname) {
            append(out, name);
            out.push(b' ');
        }
        out.push(b'<');
        uri.write(out, c)?;
        out.push(b'>');
        text::write_params(&self.gen_params, b";", out, c);
        Ok(())
    }
}

/// The display name, and what follows it: `<` or a bare URI.
fn display_name(text: &[u8]) -> Result<(Option<&[u8]>, &[u8]), Failure> {
    if text.starts_with(b"<") {
        return Ok((None, text));
    }
    if text.starts_with(b"\"") {
        let (name, rest) = text.split_at(text::quoted_end(text).ok_or(Failure::Syntax)?);
        let rest = text::trim(rest);
        return if rest.starts_with(b"<") { Ok((Some(name), rest)) } else { Err(Failure::Syntax) };
    }
    let Some(at) = find(text, b'<') else { return Ok((None, text)) };
    let (name, rest) = text.split_at(at);
    let name = text::trim(name);
    let token = |b: &u8| b.is_ascii_alphanumeric() || b" -.!%*_+`'~".contains(b);
    if !name.iter().all(token) {
        return Err(Failure::Syntax);
    }
    Ok(((!name.is_empty()).then_some(name), rest))
}

/// The tag parameter of a From or To.
pub(crate) fn tag<'a>(from: &osip_from, c: Caller<'a>) -> Option<&'a osip_uri_param> {
    text::param(&from.gen_params, b"tag", c)
}

/// Whether both have the same tag, or neither has one.
pub(crate) fn same_tag(a: &osip_from, b: &osip_from, c: Caller<'_>) -> Result<c_int, Failure> {
    match (tag(a, c), tag(b, c)) {
        (None, None) => Ok(0),
        (Some(a), Some(b)) => {
            let (a, b) = (c.text(a.gvalue), c.text(b.gvalue));
            if a.is_some() && a == b { Ok(0) } else { Err(Failure::Undefined) }
        }
        _ => Err(Failure::Undefined),
    }
}

/// Whether both name the same user and host, with tags that do not contradict.
fn same(a: &osip_from, b: &osip_from, c: Caller<'_>) -> Result<c_int, Failure> {
    let (one, other) = (c.get(a.url)?, c.get(b.url)?);
    let (host, other_host) = (c.need(one.host)?, c.need(other.host)?);
    let (user, other_user) = (c.text(one.username), c.text(other.username));
    if user.is_some() != other_user.is_some() {
        return Err(Failure::BadParameter);
    }
    let tags = (
        tag(a, c).and_then(|tag| c.text(tag.gvalue)),
        tag(b, c).and_then(|tag| c.text(tag.gvalue)),
    );
    let contradict = matches!(tags, (Some(a), Some(b)) if a != b);
    if host != other_host || user != other_user || contradict {
        Err(Failure::Undefined)
    } else {
        Ok(0)
    }
}

/// Makes an empty From. The caller frees it with osip_from_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `from`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_init(from: *mut *mut osip_from_t) -> c_int {
    ffi!(|c| c.init(from))
}

/// Frees a From with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_free(from: *mut osip_from_t) {
    ffi!(|c| c.free(from))
}

/// Reads a From from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_parse(from: *mut osip_from_t, hvalue: *const c_char) -> c_int {
    ffi!(|c| c.parse(from, hvalue))
}

/// Prints a From; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_to_str(
    from: *const osip_from_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(from, dest))
}

/// Copies a From; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_clone(
    from: *const osip_from_t,
    dest: *mut *mut osip_from_t,
) -> c_int {
    ffi!(|c| c.clone_to(from, dest))
}

/// The displayname of a From, as it stands there; NULL when there is none. It stays the From's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_get_displayname(from: *mut osip_from_t) -> *mut c_char {
    ffi!(|c| c.field(from, |it| it.displayname))
}

/// Sets the displayname of a From, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_set_displayname(from: *mut osip_from_t, value: *mut c_char) {
    ffi!(|c| c.set(from, |it| &mut it.displayname, value))
}

/// The url of a From, as it stands there; NULL when there is none. It stays the From's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_get_url(from: *mut osip_from_t) -> *mut osip_uri_t {
    ffi!(|c| c.field(from, |it| it.url))
}

/// Sets the url of a From, which owns `value` from now on: it must come from osip_malloc. The old
/// text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_set_url(from: *mut osip_from_t, value: *mut osip_uri_t) {
    ffi!(|c| c.set(from, |it| &mut it.url, value))
}

/// The parameter at `pos`, from 0; it stays the From's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_param_get(
    from: *mut osip_from_t,
    pos: c_int,
    dest: *mut *mut osip_generic_param_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        c.element(&c.get(from)?.gen_params, pos, dest)
    })
}

/// Whether two name the same user at the same host, and no different tags.
///
/// Returns 0 if they do, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
/// missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_compare(
    from1: *mut osip_from_t,
    from2: *mut osip_from_t,
) -> c_int {
    ffi!(|c| same(c.get(from1)?, c.get(from2)?, c))
}

/// Whether two have the same tag, or neither has one.
///
/// Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_from_tag_match(
    from1: *mut osip_from_t,
    from2: *mut osip_from_t,
) -> c_int {
    ffi!(|c| same_tag(c.get(from1)?, c.get(from2)?, c))
}
