//! `<osipparser2/headers/osip_via.h>`: the Via header field (RFC 3261 section 20.42).

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::search::split;
use crate::abi::osipparser2::text::{self, trim};
use crate::abi::osipparser2::uri_text::{SentBy, sent_by, write_host};
use crate::cmem::append;
use libc::{c_char, c_int};

/// One Via.
#[derive(Debug)]
#[repr(C)]
pub struct osip_via {
    /// `2.0`
    pub version: *mut c_char,
    /// `UDP`, `TCP` …
    pub protocol: *mut c_char,
    /// Where it was sent from; an IPv6 address without its brackets.
    pub host: *mut c_char,
    /// The port as written, or NULL.
    pub port: *mut c_char,
    /// What stands in parentheses, or NULL.
    pub comment: *mut c_char,
    /// Parameters: osip_generic_param_t.
    pub via_params: osip_list_t,
}
/// One Via.
pub type osip_via_t = osip_via;

cstruct!(osip_via: version, protocol, host, port, comment; via_params);

impl HeaderField for osip_via {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (_, rest) = split(text, b'/').ok_or(Failure::Syntax)?;
        let (version, rest) = split(rest, b'/').ok_or(Failure::Syntax)?;
        let rest = trim(rest);
        let end = rest.iter().position(|b| text::is_space(*b)).ok_or(Failure::Syntax)?;
        let (version, protocol, rest) = (trim(version), &rest[..end], trim(&rest[end..]));
        let (rest, behind) = rest.split_at(text::end_unquoted(rest, 0, b'('));
        let comment =
            behind.get(1..).and_then(|behind| split(behind, b')')).map(|(comment, _)| comment);
        let SentBy { host, port, rest: params } = sent_by(rest, [b';'; 2])?;
        if version.is_empty() || protocol.is_empty() {
            return Err(Failure::Syntax);
        }
        self.version = c.new_text(version)?.into_raw();
        self.protocol = c.new_text(protocol)?.into_raw();
        self.host = c.new_text(host)?.into_raw();
        if let Some(port) = port {
            self.port = c.new_text(port)?.into_raw();
        }
        if let Some(comment) = comment {
            self.comment = c.new_text(comment)?.into_raw();
        }
        text::read_params(params, &mut self.via_params, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let (version, protocol, host) =
            (c.need(self.version)?, c.need(self.protocol)?, c.need(self.host)?);
        out.extend_from_slice(b"SIP/");
        append(out, version);
        out.push(b'/');
        append(out, protocol);
        out.push(b' ');
        write_host(host, c.text(self.port), out);
        text::write_params(&self.via_params, b";", out, c);
        if let Some(comment) = c.text(self.comment) {
            for piece in [b" (", comment, b")"] {
                append(out, piece);
            }
        }
        Ok(())
    }
}

/// Makes an empty Via. The caller frees it with osip_via_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `via`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_via_init(via: *mut *mut osip_via_t) -> c_int {
    ffi!(|c| c.init(via))
}

/// Frees a Via with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_via_free(via: *mut osip_via_t) {
    ffi!(|c| c.free(via))
}

/// Reads a Via from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_via_parse(via: *mut osip_via_t, hvalue: *const c_char) -> c_int {
    ffi!(|c| c.parse(via, hvalue))
}

/// Prints a Via; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_via_to_str(via: *const osip_via_t, dest: *mut *mut c_char) -> c_int {
    ffi!(|c| c.to_str(via, dest))
}

/// Copies a Via; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_via_clone(
    via: *const osip_via_t,
    dest: *mut *mut osip_via_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(via)?.version)?;
        c.clone_to(via, dest)
    })
}

/// The version of a Via, as it stands there; NULL when there is none. It stays the Via's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_get_version(via: *mut osip_via_t) -> *mut c_char {
    ffi!(|c| c.field(via, |it| it.version))
}

/// Sets the version of a Via, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_set_version(via: *mut osip_via_t, value: *mut c_char) {
    ffi!(|c| c.set(via, |it| &mut it.version, value))
}

/// The protocol of a Via, as it stands there; NULL when there is none. It stays the Via's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_get_protocol(via: *mut osip_via_t) -> *mut c_char {
    ffi!(|c| c.field(via, |it| it.protocol))
}

/// Sets the protocol of a Via, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_set_protocol(via: *mut osip_via_t, value: *mut c_char) {
    ffi!(|c| c.set(via, |it| &mut it.protocol, value))
}

/// The host of a Via, as it stands there; NULL when there is none. It stays the Via's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_get_host(via: *mut osip_via_t) -> *mut c_char {
    ffi!(|c| c.field(via, |it| it.host))
}

/// Sets the host of a Via, which owns `value` from now on: it must come from osip_malloc. The old
/// text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_set_host(via: *mut osip_via_t, value: *mut c_char) {
    ffi!(|c| c.set(via, |it| &mut it.host, value))
}

/// The port of a Via, as it stands there; NULL when there is none. It stays the Via's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_get_port(via: *mut osip_via_t) -> *mut c_char {
    ffi!(|c| c.field(via, |it| it.port))
}

/// Sets the port of a Via, which owns `value` from now on: it must come from osip_malloc. The old
/// text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_set_port(via: *mut osip_via_t, value: *mut c_char) {
    ffi!(|c| c.set(via, |it| &mut it.port, value))
}

/// The comment of a Via, as it stands there; NULL when there is none. It stays the Via's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_get_comment(via: *mut osip_via_t) -> *mut c_char {
    ffi!(|c| c.field(via, |it| it.comment))
}

/// Sets the comment of a Via, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn via_set_comment(via: *mut osip_via_t, value: *mut c_char) {
    ffi!(|c| c.set(via, |it| &mut it.comment, value))
}

/// Whether two are equal to the letter.
///
/// Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
/// missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_via_match(via1: *mut osip_via_t, via2: *mut osip_via_t) -> c_int {
    ffi!(|c| {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        c.get(via1)?.write(&mut one, c)?;
        c.get(via2)?.write(&mut other, c)?;
        if one == other { Ok(0) } else { Err(Failure::Undefined) }
    })
}
