//! `<osipparser2/osip_message.h>`: whole messages.

use super::cstruct::Owned;
use super::headers::aliases::osip_mime_version_t;
use super::headers::osip_call_id::osip_call_id_t;
use super::headers::osip_content_length::osip_content_length_t;
use super::headers::osip_content_type::osip_content_type_t;
use super::headers::osip_cseq::osip_cseq_t;
use super::headers::osip_from::osip_from_t;
use super::headers::osip_to::osip_to_t;
use super::message_retained::check_not_retained;
use super::message_text::{print, read};
use super::osip_list::osip_list_t;
use super::osip_uri::{osip_generic_param_t, osip_uri_t};
use super::{message_reader, message_writer};
use libc::{c_char, c_int, c_void};
use std::ptr;

pub(crate) use super::message_retained::ConsumedMessage;
pub(crate) use super::message_text::{
    free_messages, message_from_built_text, message_from_text, text_of_message,
};

/// `message_property`: `message` is what the struct says.
pub(super) const PRINTED: c_int = 1;
/// `message_property`: something changed since `message` was printed.
pub(crate) const CHANGED: c_int = 2;
/// `message_property`: nothing was printed yet.
pub(super) const NO_TEXT: c_int = 3;

/// A message.
#[derive(Debug)]
#[repr(C)]
pub struct osip_message {
    /// `SIP/2.0`
    pub sip_version: *mut c_char,
    /// The Request-URI; NULL in a response.
    pub req_uri: *mut osip_uri_t,
    /// The method; NULL in a response.
    pub sip_method: *mut c_char,
    /// The status; 0 in a request.
    pub status_code: c_int,
    /// The reason phrase; NULL in a request.
    pub reason_phrase: *mut c_char,
    /// osip_accept_t
    pub accepts: osip_list_t,
    /// osip_accept_encoding_t
    pub accept_encodings: osip_list_t,
    /// osip_accept_language_t
    pub accept_languages: osip_list_t,
    /// osip_alert_info_t
    pub alert_infos: osip_list_t,
    /// osip_allow_t
    pub allows: osip_list_t,
    /// osip_authentication_info_t
    pub authentication_infos: osip_list_t,
    /// osip_authorization_t
    pub authorizations: osip_list_t,
    /// Call-ID
    pub call_id: *mut osip_call_id_t,
    /// osip_call_info_t
    pub call_infos: osip_list_t,
    /// osip_contact_t
    pub contacts: osip_list_t,
    /// osip_content_encoding_t
    pub content_encodings: osip_list_t,
    /// Content-Length as received; the one that is printed is counted.
    pub content_length: *mut osip_content_length_t,
    /// Content-Type
    pub content_type: *mut osip_content_type_t,
    /// CSeq
    pub cseq: *mut osip_cseq_t,
    /// osip_error_info_t
    pub error_infos: osip_list_t,
    /// From
    pub from: *mut osip_from_t,
    /// MIME-Version
    pub mime_version: *mut osip_mime_version_t,
    /// osip_proxy_authenticate_t
    pub proxy_authenticates: osip_list_t,
    /// osip_proxy_authentication_info_t
    pub proxy_authentication_infos: osip_list_t,
    /// osip_proxy_authorization_t
    pub proxy_authorizations: osip_list_t,
    /// osip_record_route_t
    pub record_routes: osip_list_t,
    /// osip_route_t
    pub routes: osip_list_t,
    /// To
    pub to: *mut osip_to_t,
    /// osip_via_t
    pub vias: osip_list_t,
    /// osip_www_authenticate_t
    pub www_authenticates: osip_list_t,
    /// All other header fields: osip_header_t.
    pub headers: osip_list_t,
    /// osip_body_t
    pub bodies: osip_list_t,
    /// 1: `message` is good; 2: something changed; 3: there is none yet.
    pub message_property: c_int,
    /// The text as it was last printed, or NULL.
    pub message: *mut c_char,
    /// Its length, bytes.
    pub message_length: usize,
    /// The program's own; never touched here.
    pub application_data: *mut c_void,
}
/// A message.
pub type osip_message_t = osip_message;

/// Makes an empty message. The caller frees it with osip_message_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `sip`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_init(sip: *mut *mut osip_message_t) -> c_int {
    ffi!(|c| {
        c.put(sip, ptr::null_mut())?;
        let mut message = Owned::<osip_message>::new(c)?;
        message.message_property = NO_TEXT;
        c.put(sip, message.into_raw())?;
        Ok(0)
    })
}

/// Frees a message with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_free(sip: *mut osip_message_t) {
    ffi!(|c| {
        check_not_retained(sip);
        c.free(sip)
    })
}

/// Reads a message of `length` bytes; what `sip` held before is freed.
///
/// Empty lines before it are skipped, header lines may be folded, and lines may end with CRLF, CR
/// or LF. Challenges and credentials that do not parse are left out; a body without Content-Type
/// is, too.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM; after an error the
/// message holds what was read so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_parse(
    sip: *mut osip_message_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    ffi!(|c| c.with_free_list(|c| read(c, sip, buf, length, message_reader::read)))
}

/// Reads a part of a message (RFC 3420), which needs no first line.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM; after an error the
/// message holds what was read so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_parse_sipfrag(
    sip: *mut osip_message_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    ffi!(|c| read(c, sip, buf, length, message_reader::read_fragment))
}

/// Prints a message; the caller frees the text with osip_free. A body may hold NUL bytes:
/// `message_length`, which may be NULL, gets the length.
///
/// The text is kept, and given again until something changes; see osip_message_force_update.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_to_str(
    sip: *mut osip_message_t,
    dest: *mut *mut c_char,
    message_length: *mut usize,
) -> c_int {
    ffi!(|c| print(c, sip, dest, message_length, message_writer::Care::Strict))
}

/// Prints a part of a message (RFC 3420): without a first line where there is none, without
/// Content-Length where there is no body.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_to_str_sipfrag(
    sip: *mut osip_message_t,
    dest: *mut *mut c_char,
    message_length: *mut usize,
) -> c_int {
    ffi!(|c| print(c, sip, dest, message_length, message_writer::Care::Fragment))
}

/// Copies a message with all it holds, except `application_data`; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_clone(
    sip: *const osip_message_t,
    dest: *mut *mut osip_message_t,
) -> c_int {
    ffi!(|c| c.with_free_list(|c| c.clone_to(sip, dest)))
}

/// Sets the reason phrase of a message, which the message owns from now on. The old one is not
/// freed, and the kept text is not printed anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_reason_phrase(
    sip: *mut osip_message_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(sip, |sip| &mut sip.reason_phrase, value))
}

/// The reason phrase of a message, as it stands there. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_reason_phrase(sip: *const osip_message_t) -> *mut c_char {
    ffi!(|c| c.field(sip, |sip| sip.reason_phrase))
}

/// Sets the status of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_status_code(sip: *mut osip_message_t, value: c_int) {
    ffi!(|c| c.set(sip, |sip| &mut sip.status_code, value))
}

/// The status of a message, 0 for a request; OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_status_code(sip: *const osip_message_t) -> c_int {
    ffi!(|c| c.field(sip, |sip| sip.status_code))
}

/// Sets the method of a message, which the message owns from now on. The old one is not
/// freed, and the kept text is not printed anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_method(sip: *mut osip_message_t, value: *mut c_char) {
    ffi!(|c| c.set(sip, |sip| &mut sip.sip_method, value))
}

/// The method of a message, as it stands there. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_method(sip: *const osip_message_t) -> *mut c_char {
    ffi!(|c| c.field(sip, |sip| sip.sip_method))
}

/// Sets the version of a message, which the message owns from now on. The old one is not
/// freed, and the kept text is not printed anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_version(sip: *mut osip_message_t, value: *mut c_char) {
    ffi!(|c| c.set(sip, |sip| &mut sip.sip_version, value))
}

/// The version of a message, as it stands there. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_version(sip: *const osip_message_t) -> *mut c_char {
    ffi!(|c| c.field(sip, |sip| sip.sip_version))
}

/// Sets the Request-URI of a message, which the message owns from now on. The old one is not
/// freed, and the kept text is not printed anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_uri(sip: *mut osip_message_t, value: *mut osip_uri_t) {
    ffi!(|c| c.set(sip, |sip| &mut sip.req_uri, value))
}

/// The Request-URI of a message, as it stands there. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_uri(sip: *const osip_message_t) -> *mut osip_uri_t {
    ffi!(|c| c.field(sip, |sip| sip.req_uri))
}

/// Sets the name of a parameter, which owns it from now on. The old one is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_generic_param_set_name(
    param: *mut osip_generic_param_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(param, |param| &mut param.gname, value))
}

/// The name of a parameter, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_generic_param_get_name(
    param: *const osip_generic_param_t,
) -> *mut c_char {
    ffi!(|c| c.field(param, |param| param.gname))
}

/// Sets the value of a parameter, which owns it from now on. The old one is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_generic_param_set_value(
    param: *mut osip_generic_param_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(param, |param| &mut param.gvalue, value))
}

/// The value of a parameter, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_generic_param_get_value(
    param: *const osip_generic_param_t,
) -> *mut c_char {
    ffi!(|c| c.field(param, |param| param.gvalue))
}

/// The element at `pos` of one of a message's lists.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_knownheaderlist(
    header_list: *mut osip_list_t,
    pos: c_int,
    dest: *mut *mut c_void,
) -> c_int {
    ffi!(|c| {
        c.put(dest, ptr::null_mut())?;
        c.element(c.get(header_list)?, pos, dest)
    })
}
