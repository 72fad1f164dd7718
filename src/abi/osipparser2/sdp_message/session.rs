//! What a session description says once, and its times.

use super::{add, add_text, sdp_message, sdp_message_t, set_text};
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::list;
use crate::abi::osipparser2::sdp_message::elements::sdp_time_descr;
use libc::{c_char, c_int};

/// Sets the version: `v=`; the old text is freed. The text belongs to the description from now on.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_v_version_set(
    sdp: *mut sdp_message_t,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| set(c, sdp, |session| &mut session.v_version, value))
}

/// The version, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_v_version_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.v_version))
}

/// Sets who made the session: `o=`; the old texts are freed. The texts belong to the description
/// from now on.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_origin_set(
    sdp: *mut sdp_message_t,
    username: *mut c_char,
    sess_id: *mut c_char,
    sess_version: *mut c_char,
    nettype: *mut c_char,
    addrtype: *mut c_char,
    addr: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let session = c.get_mut(sdp)?;
        set_text(&mut session.o_username, username, c);
        set_text(&mut session.o_sess_id, sess_id, c);
        set_text(&mut session.o_sess_version, sess_version, c);
        set_text(&mut session.o_nettype, nettype, c);
        set_text(&mut session.o_addrtype, addrtype, c);
        set_text(&mut session.o_addr, addr, c);
        Ok(0)
    })
}

/// The user of the origin, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_username_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.o_username))
}

/// The session's id, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_sess_id_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.o_sess_id))
}

/// The version of the session, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_sess_version_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.o_sess_version))
}

/// The network type of the origin, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_nettype_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.o_nettype))
}

/// The address type of the origin, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_addrtype_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.o_addrtype))
}

/// The host of the origin, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_o_addr_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.o_addr))
}

/// Sets the name: `s=`; the old text is freed. The text belongs to the description from now on.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_s_name_set(
    sdp: *mut sdp_message_t,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| set(c, sdp, |session| &mut session.s_name, value))
}

/// The name, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_s_name_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.s_name))
}

/// Sets where more stands: `u=`; the old text is freed. The text belongs to the description from
/// now on.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_u_uri_set(
    sdp: *mut sdp_message_t,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| set(c, sdp, |session| &mut session.u_uri, value))
}

/// Where more stands, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_u_uri_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.u_uri))
}

/// Appends an e-mail address: `e=`. The text belongs to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_e_email_add(
    sdp: *mut sdp_message_t,
    email: *mut c_char,
) -> c_int {
    ffi!(|c| add_text(&mut c.get_mut(sdp)?.e_emails, email, c))
}

/// The e-mail address at `pos`, as it stands there; NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_e_email_get(
    sdp: *mut sdp_message_t,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| list::get(&c.get(sdp)?.e_emails, pos, c).ok_or(Failure::NotFound))
}

/// Appends a telephone number: `p=`. The text belongs to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_p_phone_add(
    sdp: *mut sdp_message_t,
    phone: *mut c_char,
) -> c_int {
    ffi!(|c| add_text(&mut c.get_mut(sdp)?.p_phones, phone, c))
}

/// The telephone number at `pos`, as it stands there; NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_p_phone_get(
    sdp: *mut sdp_message_t,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| list::get(&c.get(sdp)?.p_phones, pos, c).ok_or(Failure::NotFound))
}

/// Appends when the session is active: `t=`. The texts belong to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_t_time_descr_add(
    sdp: *mut sdp_message_t,
    start: *mut c_char,
    stop: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let time = add::<sdp_time_descr>(&mut c.get_mut(sdp)?.t_descrs, c)?;
        time.t_start_time = start;
        time.t_stop_time = stop;
        Ok(0)
    })
}

/// The start of the time at `pos_td`, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_t_start_time_get(
    sdp: *mut sdp_message_t,
    pos_td: c_int,
) -> *mut c_char {
    ffi!(|c| Ok(time(c, sdp, pos_td)?.t_start_time))
}

/// The stop of the time at `pos_td`, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_t_stop_time_get(
    sdp: *mut sdp_message_t,
    pos_td: c_int,
) -> *mut c_char {
    ffi!(|c| Ok(time(c, sdp, pos_td)?.t_stop_time))
}

/// Appends when the time at `pos_time_descr` comes again: `r=`. The text belongs to the description
/// from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such time, or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_r_repeat_add(
    sdp: *mut sdp_message_t,
    pos_time_descr: c_int,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| add_text(&mut time(c, sdp, pos_time_descr)?.r_repeats, value, c))
}

/// When the time at `pos_time_descr` comes again: the text at `pos_repeat`, as it stands there;
/// NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_r_repeat_get(
    sdp: *mut sdp_message_t,
    pos_time_descr: c_int,
    pos_repeat: c_int,
) -> *mut c_char {
    ffi!(|c| {
        let repeats = &time(c, sdp, pos_time_descr)?.r_repeats;
        list::get(repeats, pos_repeat, c).ok_or(Failure::NotFound)
    })
}

/// Sets changes of the time zone: `z=`; the old text is freed. The text belongs to the description
/// from now on.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_z_adjustments_set(
    sdp: *mut sdp_message_t,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| set(c, sdp, |session| &mut session.z_adjustments, value))
}

/// Changes of the time zone, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_z_adjustments_get(sdp: *mut sdp_message_t) -> *mut c_char {
    ffi!(|c| c.field(sdp, |session| session.z_adjustments))
}

/// Sets one text of the session.
fn set(
    c: Caller<'_>,
    sdp: *mut sdp_message,
    field: impl FnOnce(&mut sdp_message) -> &mut *mut c_char,
    value: *mut c_char,
) -> Result<c_int, Failure> {
    set_text(field(c.get_mut(sdp)?), value, c);
    Ok(0)
}

/// The time at `pos`. Error: NULL, or past the end.
fn time<'a>(
    c: Caller<'a>,
    sdp: *const sdp_message,
    pos: c_int,
) -> Result<&'a mut sdp_time_descr, Failure> {
    let found = list::get::<sdp_time_descr>(&c.get(sdp)?.t_descrs, pos, c);
    c.get_mut(found.ok_or(Failure::Undefined)?)
}
