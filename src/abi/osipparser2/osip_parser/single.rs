//! The header fields that stand once.

use super::set;
use crate::abi::osipparser2::header_table::Known;
use crate::abi::osipparser2::headers::aliases::osip_mime_version_t;
use crate::abi::osipparser2::headers::osip_call_id::osip_call_id_t;
use crate::abi::osipparser2::headers::osip_content_length::osip_content_length_t;
use crate::abi::osipparser2::headers::osip_content_type::osip_content_type_t;
use crate::abi::osipparser2::headers::osip_cseq::osip_cseq_t;
use crate::abi::osipparser2::headers::osip_from::osip_from_t;
use crate::abi::osipparser2::headers::osip_to::osip_to_t;
use crate::abi::osipparser2::osip_message::osip_message_t;
use libc::{c_char, c_int};

/// Reads the Call-ID of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_call_id(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::CallId))
}

/// The Call-ID, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_call_id(
    sip: *const osip_message_t,
) -> *mut osip_call_id_t {
    ffi!(|c| c.field(sip, |sip| sip.call_id))
}

/// Reads the Content-Length of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_content_length(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ContentLength))
}

/// The Content-Length, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_content_length(
    sip: *const osip_message_t,
) -> *mut osip_content_length_t {
    ffi!(|c| c.field(sip, |sip| sip.content_length))
}

/// Reads the Content-Type of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_BADPARAMETER when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_content_type(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ContentType))
}

/// The Content-Type, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_content_type(
    sip: *const osip_message_t,
) -> *mut osip_content_type_t {
    ffi!(|c| c.field(sip, |sip| sip.content_type))
}

/// Reads the CSeq of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_BADPARAMETER when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_cseq(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Cseq))
}

/// The CSeq, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_cseq(sip: *const osip_message_t) -> *mut osip_cseq_t {
    ffi!(|c| c.field(sip, |sip| sip.cseq))
}

/// Reads the From of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_from(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::From))
}

/// The From, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_from(sip: *const osip_message_t) -> *mut osip_from_t {
    ffi!(|c| c.field(sip, |sip| sip.from))
}

/// Reads the MIME-Version of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_mime_version(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::MimeVersion))
}

/// The MIME-Version, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_mime_version(
    sip: *const osip_message_t,
) -> *mut osip_mime_version_t {
    ffi!(|c| c.field(sip, |sip| sip.mime_version))
}

/// Reads the To of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_to(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::To))
}

/// The To, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_to(sip: *const osip_message_t) -> *mut osip_to_t {
    ffi!(|c| c.field(sip, |sip| sip.to))
}
