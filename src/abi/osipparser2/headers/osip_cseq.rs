//! `<osipparser2/headers/osip_cseq.h>`: the CSeq header field.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use crate::abi::osipparser2::search::split;
use crate::abi::osipparser2::text::trim;
use crate::cmem::append;
use libc::{c_char, c_int};

/// A CSeq.
#[derive(Debug)]
#[repr(C)]
pub struct osip_cseq {
    /// The method.
    pub method: *mut c_char,
    /// The sequence number, as written.
    pub number: *mut c_char,
}
/// A CSeq.
pub type osip_cseq_t = osip_cseq;

cstruct!(osip_cseq: method, number);

impl HeaderField for osip_cseq {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let (number, method) = split(text, b' ').ok_or(Failure::Syntax)?;
        if number.is_empty() {
            return Err(Failure::Syntax);
        }
        self.number = c.new_text(number)?.into_raw();
        self.method = c.new_text(trim(method))?.into_raw();
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let (number, method) = (c.need(self.number)?, c.need(self.method)?);
        append(out, number);
        out.push(b' ');
        append(out, method);
        Ok(())
    }
}

/// Makes an empty CSeq. The caller frees it with osip_cseq_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `cseq`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_init(cseq: *mut *mut osip_cseq_t) -> c_int {
    ffi!(|c| c.init(cseq))
}

/// Frees a CSeq with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_free(cseq: *mut osip_cseq_t) {
    ffi!(|c| c.free(cseq))
}

/// Reads a CSeq from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_parse(cseq: *mut osip_cseq_t, hvalue: *const c_char) -> c_int {
    ffi!(|c| c.parse(cseq, hvalue))
}

/// Prints a CSeq; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_to_str(
    cseq: *const osip_cseq_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(cseq, dest))
}

/// Copies a CSeq; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_clone(
    cseq: *const osip_cseq_t,
    dest: *mut *mut osip_cseq_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        let from = c.get(cseq)?;
        c.need(from.number).and(c.need(from.method))?;
        c.clone_to(cseq, dest)
    })
}

/// The number of a CSeq, as it stands there; NULL when there is none. It stays the CSeq's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_get_number(cseq: *mut osip_cseq_t) -> *mut c_char {
    ffi!(|c| c.field(cseq, |it| it.number))
}

/// Sets the number of a CSeq, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_set_number(cseq: *mut osip_cseq_t, value: *mut c_char) {
    ffi!(|c| c.set(cseq, |it| &mut it.number, value))
}

/// The method of a CSeq, as it stands there; NULL when there is none. It stays the CSeq's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_get_method(cseq: *mut osip_cseq_t) -> *mut c_char {
    ffi!(|c| c.field(cseq, |it| it.method))
}

/// Sets the method of a CSeq, which owns `value` from now on: it must come from osip_malloc. The
/// old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_set_method(cseq: *mut osip_cseq_t, value: *mut c_char) {
    ffi!(|c| c.set(cseq, |it| &mut it.method, value))
}

/// Whether two are equal, or belong to an INVITE and its ACK.
///
/// Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
/// missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_cseq_match(
    cseq1: *mut osip_cseq_t,
    cseq2: *mut osip_cseq_t,
) -> c_int {
    ffi!(|c| {
        let (a, b) = (c.get(cseq1)?, c.get(cseq2)?);
        let same = c.need(a.number)? == c.need(b.number)? && {
            let (a, b) = (c.need(a.method)?, c.need(b.method)?);
            a == b || matches!((a, b), (b"ACK", b"INVITE") | (b"INVITE", b"ACK"))
        };
        if same { Ok(0) } else { Err(Failure::Undefined) }
    })
}
