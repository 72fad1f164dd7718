//! `<osipparser2/osip_parser.h>`: the header fields of a message, by type and by name.
//!
//! What is set is copied. The text of a message is made anew after each change made here; after a change made in the
//! struct itself, call osip_message_force_update.

use super::headers::osip_accept::osip_accept_t;
use super::headers::osip_accept_encoding::osip_accept_encoding_t;
use super::headers::osip_accept_language::osip_accept_language_t;
use super::headers::osip_alert_info::osip_alert_info_t;
use super::headers::osip_allow::osip_allow_t;
use super::headers::osip_authentication_info::osip_authentication_info_t;
use super::headers::osip_authorization::osip_authorization_t;
use super::headers::osip_call_id::osip_call_id_t;
use super::headers::osip_call_info::osip_call_info_t;
use super::headers::osip_contact::osip_contact_t;
use super::headers::osip_content_encoding::osip_content_encoding_t;
use super::headers::osip_content_length::osip_content_length_t;
use super::headers::osip_content_type::osip_content_type_t;
use super::headers::osip_cseq::osip_cseq_t;
use super::headers::osip_error_info::osip_error_info_t;
use super::headers::osip_from::osip_from_t;
use super::headers::osip_header::{osip_header, osip_header_t};
use super::headers::osip_mime_version::osip_mime_version_t;
use super::headers::osip_proxy_authenticate::osip_proxy_authenticate_t;
use super::headers::osip_proxy_authentication_info::osip_proxy_authentication_info_t;
use super::headers::osip_proxy_authorization::osip_proxy_authorization_t;
use super::headers::osip_record_route::osip_record_route_t;
use super::headers::osip_route::osip_route_t;
use super::headers::osip_to::osip_to_t;
use super::headers::osip_via::{osip_via, osip_via_t};
use super::headers::osip_www_authenticate::osip_www_authenticate_t;
use super::known::{self, Known};
use super::list::{self, Tail};
use super::osip_body::{osip_body, osip_body_t};
use super::osip_list::osip_list_t;
use super::osip_message::{CHANGED, osip_message, osip_message_t};
use super::part::{Owned, free};
use super::{reason, text};
use crate::abi::door::{Caller, Failure};
use libc::{c_char, c_int};
use std::ptr;

fn set(c: Caller<'_>, sip: *mut osip_message, value: *const c_char, known: Known) -> Result<c_int, Failure> {
    let value = c.text(value).unwrap_or_default();
    if value.is_empty() && !matches!(known, Known::Accept) {
        return Ok(0);
    }
    let message = c.get_mut(sip)?;
    known.add(message, value, &mut Tail::unknown(), c)?;
    message.message_property = CHANGED;
    Ok(0)
}

fn get<T>(
    c: Caller<'_>,
    sip: *const osip_message,
    pos: c_int,
    dest: *mut *mut T,
    list: impl FnOnce(&osip_message) -> &osip_list_t,
) -> Result<c_int, Failure> {
    c.put(dest, ptr::null_mut())?;
    c.element(list(c.get(sip)?), pos, dest)
}

/// A header field of any name.
fn header<'a>(
    c: Caller<'a>,
    name: *const c_char,
    value: *const c_char,
) -> Result<Owned<'a, osip_header>, Failure> {
    let mut header = Owned::<osip_header>::new(c)?;
    c.store(&mut header.hname, text::trim(c.need(name)?))?;
    if let Some(value) = c.text(value) {
        c.store(&mut header.hvalue, text::trim(value))?;
    }
    Ok(header)
}

fn push_header(
    c: Caller<'_>,
    sip: *mut osip_message,
    header: Owned<'_, osip_header>,
) -> Result<c_int, Failure> {
    let message = c.get_mut(sip)?;
    list::push(&mut message.headers, &mut Tail::unknown(), header, c)?;
    message.message_property = CHANGED;
    Ok(0)
}

/// Does nothing: this library needs no preparation. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn parser_init() -> c_int {
    door!(|c| {
        let _ = c;
        Ok(0)
    })
}

/// Names one more header field that is a comma list, which osip_message_parse takes apart. NULL or no text does nothing.
///
/// Returns 0, or OSIP_NOMEM after 64 names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn parser_add_comma_separated_header(hname: *const c_char) -> c_int {
    door!(|c| known::add_comma_list(c.text(hname).unwrap_or_default()).map(|()| 0))
}

/// Notes in the top Via of a received request where it came from: `received`, and the value of an empty `rport`
/// (RFC 3581).
///
/// Returns 0, OSIP_BADPARAMETER for NULL or no Via, or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_fix_last_via_header(
    request: *mut osip_message_t,
    ip_addr: *const c_char,
    port: c_int,
) -> c_int {
    door!(|c| {
        let (message, address) = (c.get_mut(request)?, c.need(ip_addr)?);
        if message.sip_method.is_null() {
            return Ok(0);
        }
        let via = list::get::<osip_via>(&message.vias, 0, c).ok_or(Failure::BadParameter)?;
        let via = c.get_mut(via)?;
        let waits = text::param(&via.via_params, b"rport", c).filter(|rport| rport.gvalue.is_null());
        if let Some(rport) = waits {
            c.store(&mut c.get_mut(ptr::from_ref(rport).cast_mut())?.gvalue, port.to_string().as_bytes())?;
        }
        if c.text(via.host) != Some(address) {
            text::add_param(&mut via.via_params, &mut Tail::unknown(), b"received", Some(address), c)?;
        }
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Whether the text kept in the message is good: 1 it is, 2 something changed, 3 there is none yet.
///
/// Returns OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get__property(sip: *const osip_message_t) -> c_int {
    door!(|c| Ok(c.get(sip)?.message_property))
}

/// Says that the struct was changed by hand, so that osip_message_to_str prints it anew.
///
/// Returns 0 or OSIP_BADPARAMETER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_force_update(sip: *mut osip_message_t) -> c_int {
    door!(|c| {
        c.get_mut(sip)?.message_property = CHANGED;
        Ok(0)
    })
}

/// The reason phrase of a status code; NULL for one without. Not to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_reason(status_code: c_int) -> *const c_char {
    door!(|c| {
        let _ = c;
        reason::of(status_code).map(std::ffi::CStr::as_ptr).ok_or(Failure::NotFound)
    })
}

fn push_body(c: Caller<'_>, sip: *mut osip_message, body: Owned<'_, osip_body>) -> Result<c_int, Failure> {
    let message = c.get_mut(sip)?;
    list::push(&mut message.bodies, &mut Tail::unknown(), body, c)?;
    message.message_property = CHANGED;
    Ok(0)
}

/// Reads one Accept and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_accept(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Accept))
}

/// The Accept at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_accept(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_accept_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.accepts))
}

/// Reads one Accept-Encoding and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_accept_encoding(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::AcceptEncoding))
}

/// The Accept-Encoding at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_accept_encoding(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_accept_encoding_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.accept_encodings))
}

/// Reads one Accept-Language and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_accept_language(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::AcceptLanguage))
}

/// The Accept-Language at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_accept_language(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_accept_language_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.accept_languages))
}

/// Reads one Alert-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_alert_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::AlertInfo))
}

/// The Alert-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_alert_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_alert_info_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.alert_infos))
}

/// Reads one Allow and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_allow(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Allow))
}

/// The Allow at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_allow(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_allow_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.allows))
}

/// Reads one Authentication-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_authentication_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::AuthenticationInfo))
}

/// The Authentication-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_authentication_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_authentication_info_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.authentication_infos))
}

/// Reads one Authorization and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_authorization(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Authorization))
}

/// The Authorization at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_authorization(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_authorization_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.authorizations))
}

/// Reads one Call-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_call_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::CallInfo))
}

/// The Call-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_call_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_call_info_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.call_infos))
}

/// Reads one Contact and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_contact(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Contact))
}

/// The Contact at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_contact(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_contact_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.contacts))
}

/// Reads one Content-Encoding and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_content_encoding(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ContentEncoding))
}

/// The Content-Encoding at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_content_encoding(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_content_encoding_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.content_encodings))
}

/// Reads one Error-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_error_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ErrorInfo))
}

/// The Error-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_error_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_error_info_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.error_infos))
}

/// Reads one Proxy-Authenticate and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_proxy_authenticate(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ProxyAuthenticate))
}

/// The Proxy-Authenticate at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_proxy_authenticate(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_proxy_authenticate_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.proxy_authenticates))
}

/// Reads one Proxy-Authorization and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_proxy_authorization(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ProxyAuthorization))
}

/// The Proxy-Authorization at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_proxy_authorization(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_proxy_authorization_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.proxy_authorizations))
}

/// Reads one Proxy-Authentication-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_proxy_authentication_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ProxyAuthenticationInfo))
}

/// The Proxy-Authentication-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_proxy_authentication_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_proxy_authentication_info_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.proxy_authentication_infos))
}

/// Reads one Record-Route and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_record_route(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::RecordRoute))
}

/// The Record-Route at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_record_route(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_record_route_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.record_routes))
}

/// Reads one Route and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_route(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Route))
}

/// The Route at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_route(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_route_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.routes))
}

/// Reads one Via and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_via(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Via))
}

/// The Via at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_via(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_via_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.vias))
}

/// Reads one Via and puts it on top.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_append_via(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| {
        let via = Owned::<osip_via>::parsed(c.need(hvalue)?, c)?;
        let message = c.get_mut(sip)?;
        list::push_front(&mut message.vias, via, c)?;
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Reads one WWW-Authenticate and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_www_authenticate(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::WwwAuthenticate))
}

/// The WWW-Authenticate at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_www_authenticate(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_www_authenticate_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.www_authenticates))
}

/// Reads the Call-ID of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_call_id(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::CallId))
}

/// The Call-ID, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_call_id(sip: *const osip_message_t) -> *mut osip_call_id_t {
    door!(|c| c.field(sip, |sip| sip.call_id))
}

/// Reads the Content-Length of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_content_length(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ContentLength))
}

/// The Content-Length, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_content_length(
    sip: *const osip_message_t,
) -> *mut osip_content_length_t {
    door!(|c| c.field(sip, |sip| sip.content_length))
}

/// Reads the Content-Type of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_BADPARAMETER when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_content_type(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::ContentType))
}

/// The Content-Type, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_content_type(
    sip: *const osip_message_t,
) -> *mut osip_content_type_t {
    door!(|c| c.field(sip, |sip| sip.content_type))
}

/// Reads the CSeq of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_BADPARAMETER when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_cseq(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::Cseq))
}

/// The CSeq, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_cseq(sip: *const osip_message_t) -> *mut osip_cseq_t {
    door!(|c| c.field(sip, |sip| sip.cseq))
}

/// Reads the From of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_from(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::From))
}

/// The From, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_from(sip: *const osip_message_t) -> *mut osip_from_t {
    door!(|c| c.field(sip, |sip| sip.from))
}

/// Reads the MIME-Version of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_mime_version(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::MimeVersion))
}

/// The MIME-Version, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_mime_version(
    sip: *const osip_message_t,
) -> *mut osip_mime_version_t {
    door!(|c| c.field(sip, |sip| sip.mime_version))
}

/// Reads the To of a message that has none yet. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_to(sip: *mut osip_message_t, hvalue: *const c_char) -> c_int {
    door!(|c| set(c, sip, hvalue, Known::To))
}

/// The To, as it stands there; NULL when there is none. It stays the message's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_to(sip: *const osip_message_t) -> *mut osip_to_t {
    door!(|c| c.field(sip, |sip| sip.to))
}

/// Reads a header line as osip_message_parse does: comma lists are taken apart, known names go where they belong.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_multiple_header(
    sip: *mut osip_message_t,
    hname: *mut c_char,
    hvalue: *mut c_char,
) -> c_int {
    door!(|c| {
        let (name, value) = (c.need(hname)?, c.text(hvalue).unwrap_or_default());
        let message = c.get_mut(sip)?;
        known::add_line(
            message,
            name,
            text::trim(value),
            &mut known::Tails::default(),
            known::Names::Lower,
            c,
        )?;
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Appends a header field to those without a type of their own. `hvalue` may be NULL.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_header(
    sip: *mut osip_message_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| {
        c.get(sip)?;
        push_header(c, sip, header(c, hname, hvalue)?)
    })
}

/// Takes out the first header field of that name, if there is one, and appends the new one.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_replace_header(
    sip: *mut osip_message_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| {
        let (message, name) = (c.get_mut(sip)?, c.need(hname)?);
        let fresh = header(c, hname, hvalue)?;
        if let Some(pos) = known::position(&message.headers, name, 0, c) {
            let old = list::take(&mut message.headers, pos, c)?;
            free(old.cast::<osip_header>(), c);
        }
        push_header(c, sip, fresh)
    })
}

/// Puts a header field before the others without a type of their own.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_topheader(
    sip: *mut osip_message_t,
    hname: *const c_char,
    hvalue: *const c_char,
) -> c_int {
    door!(|c| {
        let message = c.get_mut(sip)?;
        list::push_front(&mut message.headers, header(c, hname, hvalue)?, c)?;
        message.message_property = CHANGED;
        Ok(0)
    })
}

/// Finds a header field by its name, without case, among those without a type of their own, from `pos` on. It stays the
/// message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR when there is none, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_header_get_byname(
    sip: *const osip_message_t,
    hname: *const c_char,
    pos: c_int,
    dest: *mut *mut osip_header_t,
) -> c_int {
    door!(|c| {
        c.put(dest, ptr::null_mut())?;
        let (message, name) = (c.get(sip)?, c.need(hname)?);
        let pos = known::position(&message.headers, name, pos, c).ok_or(Failure::Undefined)?;
        c.element(&message.headers, pos, dest)
    })
}

/// The header field at `pos` among those without a type of their own; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_header(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_header_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.headers))
}

/// Appends a copy of `length` bytes as a body. Set the Content-Type too.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_body(
    sip: *mut osip_message_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    door!(|c| {
        let mut body = Owned::<osip_body>::new(c)?;
        body.fill(c.bytes(buf, length)?, c)?;
        push_body(c, sip, body)
    })
}

/// Appends a body with headers of its own: a part of a multipart.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_body_mime(
    sip: *mut osip_message_t,
    buf: *const c_char,
    length: usize,
) -> c_int {
    door!(|c| {
        let body = Owned::<osip_body>::parsed(c.bytes(buf, length)?, c)?;
        push_body(c, sip, body)
    })
}

/// The body at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_body(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_body_t,
) -> c_int {
    door!(|c| get(c, sip, pos, dest, |sip| &sip.bodies))
}
