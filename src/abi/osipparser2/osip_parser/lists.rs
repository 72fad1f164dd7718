//! The header fields that may stand several times.

use super::{get, set};
use crate::abi::osipparser2::cstruct::Owned;
use crate::abi::osipparser2::header_table::Known;
use crate::abi::osipparser2::headers::aliases::{
    osip_accept_language_t, osip_alert_info_t, osip_allow_t, osip_content_encoding_t,
    osip_error_info_t, osip_proxy_authenticate_t, osip_proxy_authentication_info_t,
    osip_proxy_authorization_t,
};
use crate::abi::osipparser2::headers::osip_accept::osip_accept_t;
use crate::abi::osipparser2::headers::osip_accept_encoding::osip_accept_encoding_t;
use crate::abi::osipparser2::headers::osip_authentication_info::osip_authentication_info_t;
use crate::abi::osipparser2::headers::osip_authorization::osip_authorization_t;
use crate::abi::osipparser2::headers::osip_call_info::osip_call_info_t;
use crate::abi::osipparser2::headers::osip_contact::osip_contact_t;
use crate::abi::osipparser2::headers::osip_record_route::osip_record_route_t;
use crate::abi::osipparser2::headers::osip_route::osip_route_t;
use crate::abi::osipparser2::headers::osip_via::{osip_via, osip_via_t};
use crate::abi::osipparser2::headers::osip_www_authenticate::osip_www_authenticate_t;
use crate::abi::osipparser2::list::{self};
use crate::abi::osipparser2::osip_message::{CHANGED, osip_message_t};
use libc::{c_char, c_int};

/// Reads one Accept and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_accept(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Accept))
}

/// The Accept at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_accept(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_accept_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.accepts))
}

/// Reads one Accept-Encoding and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_accept_encoding(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::AcceptEncoding))
}

/// The Accept-Encoding at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_accept_encoding(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_accept_encoding_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.accept_encodings))
}

/// Reads one Accept-Language and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_accept_language(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::AcceptLanguage))
}

/// The Accept-Language at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_accept_language(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_accept_language_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.accept_languages))
}

/// Reads one Alert-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_alert_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::AlertInfo))
}

/// The Alert-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_alert_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_alert_info_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.alert_infos))
}

/// Reads one Allow and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_allow(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Allow))
}

/// The Allow at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_allow(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_allow_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.allows))
}

/// Reads one Authentication-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_authentication_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::AuthenticationInfo))
}

/// The Authentication-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_authentication_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_authentication_info_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.authentication_infos))
}

/// Reads one Authorization and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_authorization(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Authorization))
}

/// The Authorization at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_authorization(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_authorization_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.authorizations))
}

/// Reads one Call-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_call_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::CallInfo))
}

/// The Call-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_call_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_call_info_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.call_infos))
}

/// Reads one Contact and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_contact(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Contact))
}

/// The Contact at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_contact(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_contact_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.contacts))
}

/// Reads one Content-Encoding and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_content_encoding(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ContentEncoding))
}

/// The Content-Encoding at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_content_encoding(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_content_encoding_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.content_encodings))
}

/// Reads one Error-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_error_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ErrorInfo))
}

/// The Error-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_error_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_error_info_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.error_infos))
}

/// Reads one Proxy-Authenticate and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_proxy_authenticate(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ProxyAuthenticate))
}

/// The Proxy-Authenticate at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_proxy_authenticate(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_proxy_authenticate_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.proxy_authenticates))
}

/// Reads one Proxy-Authorization and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_proxy_authorization(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ProxyAuthorization))
}

/// The Proxy-Authorization at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_proxy_authorization(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_proxy_authorization_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.proxy_authorizations))
}

/// Reads one Proxy-Authentication-Info and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_proxy_authentication_info(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::ProxyAuthenticationInfo))
}

/// The Proxy-Authentication-Info at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_proxy_authentication_info(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_proxy_authentication_info_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.proxy_authentication_infos))
}

/// Reads one Record-Route and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_record_route(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::RecordRoute))
}

/// The Record-Route at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_record_route(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_record_route_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.record_routes))
}

/// Reads one Route and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_route(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Route))
}

/// The Route at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_route(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_route_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.routes))
}

/// Reads one Via and appends it. NULL or an empty text does nothing.
///
/// Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_set_via(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| set(c, sip, hvalue, Known::Via))
}

/// The Via at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_via(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_via_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.vias))
}

/// Reads one Via and puts it on top.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_append_via(
    sip: *mut osip_message_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| {
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
    ffi!(|c| set(c, sip, hvalue, Known::WwwAuthenticate))
}

/// The WWW-Authenticate at `pos`, from 0; it stays the message's.
///
/// Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
/// in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_message_get_www_authenticate(
    sip: *const osip_message_t,
    pos: c_int,
    dest: *mut *mut osip_www_authenticate_t,
) -> c_int {
    ffi!(|c| get(c, sip, pos, dest, |sip| &sip.www_authenticates))
}
