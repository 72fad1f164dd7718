//! `<osipparser2/osip_body.h>`: bodies, and the parts of a multipart (RFC 2046 section 5.1).

use super::cstruct::{CStruct, HeaderField, Owned, copy_slot, free, replace};
use super::headers::osip_content_type::{osip_content_type, osip_content_type_t};
use super::headers::osip_header::osip_header;
use super::list::{self, Tail};
use super::message_reader::each_header;
use super::osip_list::osip_list_t;
use super::osip_uri::osip_uri_param;
use super::search::find;
use super::text::{self, trim};
use crate::abi::ffi::{Caller, Failure};
use crate::cmem::{self, CText, append};
use libc::{c_char, c_int};
use std::ptr;

/// A body.
#[derive(Debug)]
#[repr(C)]
pub struct osip_body {
    /// Its bytes, with a NUL behind them that does not count.
    pub body: *mut c_char,
    /// How many.
    pub length: usize,
    /// Header fields of a part: osip_header_t. May be NULL.
    pub headers: *mut osip_list_t,
    /// Media type of a part, or NULL.
    pub content_type: *mut osip_content_type_t,
}
/// A body.
pub type osip_body_t = osip_body;

// SAFETY: no bytes, no list, no media type.
unsafe impl CStruct for osip_body {
    fn free_parts(&mut self, c: Caller<'_>) {
        c.free_texts([self.body]);
        if let Ok(headers) = c.get(self.headers) {
            list::free::<osip_header>(headers, c);
            // SAFETY: the list belongs to the body.
            unsafe { c.release(self.headers.cast()) };
        }
        free(self.content_type, c);
    }

    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.fill(c.bytes(from.body, from.length).unwrap_or_default(), c)?;
        if let Ok(headers) = c.get(from.headers) {
            list::copy::<osip_header>(headers, self.headers(c)?, c)?;
        }
        self.content_type = copy_slot(from.content_type, c)?;
        Ok(())
    }
}

impl HeaderField for osip_body {
    /// Header lines, an empty line, bytes. Error: no header line.
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        if text.first().is_none_or(|b| b"\r\n".contains(b)) {
            return Err(Failure::Syntax);
        }
        let mut tail = Tail::unknown();
        let headers = self.headers(c)?;
        let media = &mut self.content_type;
        let body = each_header(text, |name, value| {
            let (name, value) = (trim(name), value.unwrap_or_default());
            if name.eq_ignore_ascii_case(b"content-type") {
                replace(media, Owned::<osip_content_type>::parsed(value, c)?, c);
                return Ok(());
            }
            let mut header = Owned::<osip_header>::new(c)?;
            c.store(&mut header.hname, name)?;
            c.store(&mut header.hvalue, value)?;
            list::push(headers, &mut tail, header, c).map(|_| ())
        })?;
        self.fill(body, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let bytes = c.bytes(self.body, self.length)?;
        let start = out.len();
        if let Ok(media) = c.get(self.content_type) {
            out.extend_from_slice(b"content-type: ");
            media.write(out, c)?;
            out.extend_from_slice(b"\r\n");
        }
        if let Ok(headers) = c.get(self.headers) {
            for header in list::items::<osip_header>(headers, c) {
                header.write(out, c)?;
                out.extend_from_slice(b"\r\n");
            }
        }
        if out.len() > start {
            out.extend_from_slice(b"\r\n");
        }
        append(out, bytes);
        Ok(())
    }
}

impl osip_body {
    /// Takes a copy of `bytes` in the place of what it had.
    pub(crate) fn fill(&mut self, bytes: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        self.headers(c)?;
        let fresh = CText::new(bytes)?;
        c.drop_text(&mut self.body);
        (self.body, self.length) = (fresh.into_raw(), bytes.len());
        Ok(())
    }

    /// The list of header fields, made where there is none.
    fn headers<'a>(&mut self, c: Caller<'a>) -> Result<&'a mut osip_list_t, Failure> {
        if self.headers.is_null() {
            self.headers = cmem::alloc_zeroed(size_of::<osip_list_t>()).cast();
        }
        c.get_mut(self.headers).map_err(|_| Failure::NoMemory)
    }
}

/// The boundary parameter of a multipart, without quotes.
pub(crate) fn boundary<'a>(media: &osip_content_type, c: Caller<'a>) -> Option<&'a [u8]> {
    let param: &osip_uri_param = text::param(&media.gen_params, b"boundary", c)?;
    let value = c.text(param.gvalue)?;
    let value =
        value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    (!value.is_empty()).then_some(value)
}

/// The parts of a multipart. Error: no closing boundary.
pub(crate) fn parts<'t>(text: &'t [u8], boundary: &[u8]) -> Result<Vec<&'t [u8]>, Failure> {
    let mut parts = Vec::new();
    let (_, mut rest, mut last) = next_boundary(text, boundary).ok_or(Failure::Syntax)?;
    while !last {
        let part;
        (part, rest, last) = next_boundary(rest, boundary).ok_or(Failure::Syntax)?;
        parts.push(part);
    }
    Ok(parts)
}

/// What stands before the next boundary line, what follows it, and whether it is the last: one with
/// `--` behind it, or one that a Content-Length a little too small has cut.
fn next_boundary<'t>(text: &'t [u8], boundary: &[u8]) -> Option<(&'t [u8], &'t [u8], bool)> {
    let mut start = 0;
    loop {
        let line = &text[start..];
        if let Some(behind) = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary))
        {
            let before = &text[..start];
            let before = before.strip_suffix(b"\n").unwrap_or(before);
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            if behind.starts_with(b"--") {
                return Some((before, &[], true));
            }
            let Some(end) = find(behind, b'\n') else { return Some((before, &[], true)) };
            if trim(&behind[..end]).is_empty() {
                return Some((before, &behind[end + 1..], false));
            }
        }
        start += find(line, b'\n')? + 1;
    }
}

/// Makes an empty body. The caller frees it with osip_body_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `body`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_init(body: *mut *mut osip_body_t) -> c_int {
    ffi!(|c| {
        c.put(body, ptr::null_mut())?;
        let mut fresh = Owned::<osip_body>::new(c)?;
        fresh.headers(c)?;
        c.put(body, fresh.into_raw())?;
        Ok(0)
    })
}

/// Frees a body with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_free(body: *mut osip_body_t) {
    ffi!(|c| c.free(body))
}

/// Takes a copy of `length` bytes. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_parse(
    body: *mut osip_body_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    ffi!(|c| {
        c.get_mut(body)?.fill(c.bytes(buf, length)?, c)?;
        Ok(0)
    })
}

/// Copies a body; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or no bytes, or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_clone(
    body: *const osip_body_t,
    dest: *mut *mut osip_body_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        if c.get(body)?.body.is_null() {
            return Err(Failure::BadParameter);
        }
        c.clone_to(body, dest)
    })
}

/// Reads a part of a multipart: header lines, an empty line, bytes.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR without a header line, or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_parse_mime(
    body: *mut osip_body_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    ffi!(|c| {
        let (part, text) = (c.get_mut(body)?, c.bytes(buf, length)?);
        part.clear(c);
        part.read(text, c)?;
        Ok(0)
    })
}

/// Prints a body with its header lines, if it has any; the caller frees the text with osip_free.
/// `length` gets how many bytes it has.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or no bytes, or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_to_str(
    body: *const osip_body_t,
    dest: *mut *mut c_char,
    length: *mut usize,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        c.put(length, 0)?;
        let mut out = Vec::new();
        c.get(body)?.write(&mut out, c)?;
        c.put(dest, CText::new(&out)?.into_raw())?;
        c.put(length, out.len())?;
        Ok(0)
    })
}

/// Sets the media type of a part.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM; after an error the old
/// one stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_set_contenttype(
    body: *mut osip_body_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| {
        let (part, text) = (c.get_mut(body)?, c.need(hvalue)?);
        replace(&mut part.content_type, Owned::<osip_content_type>::parsed(text, c)?, c);
        Ok(0)
    })
}

/// Appends a header field to a part. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_body_set_header(
    body: *mut osip_body_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| {
        let (part, name, value) = (c.get_mut(body)?, c.need(hname)?, c.need(hvalue)?);
        let mut header = Owned::<osip_header>::new(c)?;
        c.store(&mut header.hname, name)?;
        c.store(&mut header.hvalue, value)?;
        list::push(part.headers(c)?, &mut Tail::unknown(), header, c)?;
        Ok(0)
    })
}
