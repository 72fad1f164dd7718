//! What both a session and a stream may have: `i=`, `c=`, `b=`, `k=` and `a=`.

use super::{add, at_level, at_place, sdp_message, sdp_message_t, set_text};
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::sdp_message::elements::{
    sdp_attribute, sdp_attribute_t, sdp_bandwidth, sdp_bandwidth_t, sdp_connection,
    sdp_connection_t, sdp_key,
};
use crate::abi::osipparser2::{cstruct, list};
use libc::{c_char, c_int};
use std::ptr;

/// Sets what the session (-1) or a stream is about: `i=`; the old text is freed. The text belongs
/// to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, or OSIP_UNDEFINED_ERROR where there is no such stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_i_info_set(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    value: *mut c_char,
) -> c_int {
    ffi!(|c| {
        set_text(information(c, sdp, pos_media)?, value, c);
        Ok(0)
    })
}

/// What the session (-1) or a stream is about, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_i_info_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| Ok(*information(c, sdp, pos_media)?))
}

/// Sets where the media of the session (-1) go: `c=`; the old texts are freed. For a stream a
/// further one is appended. `addr_multicast_ttl` and `addr_multicast_int` may be NULL. The texts
/// belong to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_c_connection_add(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    nettype: *mut c_char,
    addrtype: *mut c_char,
    addr: *mut c_char,
    addr_multicast_ttl: *mut c_char,
    addr_multicast_int: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let session = c.get_mut(sdp)?;
        let connection = match pos_media {
            -1 => at_place(&mut session.c_connection, c)?,
            _ => {
                let stream = super::media_at(session, pos_media, c).ok_or(Failure::Undefined)?;
                add::<sdp_connection>(&mut stream.c_connections, c)?
            }
        };
        set_text(&mut connection.c_nettype, nettype, c);
        set_text(&mut connection.c_addrtype, addrtype, c);
        set_text(&mut connection.c_addr, addr, c);
        set_text(&mut connection.c_addr_multicast_ttl, addr_multicast_ttl, c);
        set_text(&mut connection.c_addr_multicast_int, addr_multicast_int, c);
        Ok(0)
    })
}

/// Where the media of the session (-1, whatever `pos` is) or of a stream go; NULL when there is no
/// such line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_connection_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut sdp_connection_t {
    ffi!(|c| connection(c, sdp, pos_media, pos))
}

/// The network type of the connection at `pos` of a stream, or of the session's (-1), as it stands
/// there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_c_nettype_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(connection(c, sdp, pos_media, pos)?, |it| it.c_nettype))
}

/// The address type of the connection at `pos` of a stream, or of the session's (-1), as it stands
/// there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_c_addrtype_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(connection(c, sdp, pos_media, pos)?, |it| it.c_addrtype))
}

/// The host of the connection at `pos` of a stream, or of the session's (-1), as it stands there;
/// NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_c_addr_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(connection(c, sdp, pos_media, pos)?, |it| it.c_addr))
}

/// The first number behind the address of the connection at `pos` of a stream, or of the session's
/// (-1), as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_c_addr_multicast_ttl_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(connection(c, sdp, pos_media, pos)?, |it| it.c_addr_multicast_ttl))
}

/// The second number behind the address of the connection at `pos` of a stream, or of the session's
/// (-1), as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_c_addr_multicast_int_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(connection(c, sdp, pos_media, pos)?, |it| it.c_addr_multicast_int))
}

/// Appends a bandwidth to the session (-1) or to a stream: `b=`. The texts belong to the
/// description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_b_bandwidth_add(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    bwtype: *mut c_char,
    bandwidth: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let added = add::<sdp_bandwidth>(bandwidths(c, sdp, pos_media)?, c)?;
        added.b_bwtype = bwtype;
        added.b_bandwidth = bandwidth;
        Ok(0)
    })
}

/// The bandwidth at `pos` of the session (-1) or of a stream; NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_bandwidth_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut sdp_bandwidth_t {
    ffi!(|c| bandwidth_at(c, sdp, pos_media, pos))
}

/// The kind of the bandwidth at `pos` of the session (-1) or of a stream, as it stands there; NULL
/// when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_b_bwtype_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(bandwidth_at(c, sdp, pos_media, pos)?, |it| it.b_bwtype))
}

/// The number of the bandwidth at `pos` of the session (-1) or of a stream, as it stands there;
/// NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_b_bandwidth_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(bandwidth_at(c, sdp, pos_media, pos)?, |it| it.b_bandwidth))
}

/// Sets the key of the session (-1) or of a stream: `k=`; the old texts are freed. `keydata` may be
/// NULL. The texts belong to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_k_key_set(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    keytype: *mut c_char,
    keydata: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let key = at_place(key(c, sdp, pos_media)?, c)?;
        set_text(&mut key.k_keytype, keytype, c);
        set_text(&mut key.k_keydata, keydata, c);
        Ok(0)
    })
}

/// The kind of the key of the session (-1) or of a stream, as it stands there; NULL when there is
/// none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_k_keytype_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(*key(c, sdp, pos_media)?, |it| it.k_keytype))
}

/// The data of the key of the session (-1) or of a stream, as it stands there; NULL when there is
/// none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_k_keydata_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(*key(c, sdp, pos_media)?, |it| it.k_keydata))
}

/// Appends an attribute to the session (-1) or to a stream: `a=`. `att_value` may be NULL. The
/// texts belong to the description from now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
/// OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_a_attribute_add(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    att_field: *mut c_char,
    att_value: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let added = add::<sdp_attribute>(attributes(c, sdp, pos_media)?, c)?;
        added.a_att_field = att_field;
        added.a_att_value = att_value;
        Ok(0)
    })
}

/// Takes all attributes of this name, as it is written, out of the session (-1) or of a stream and
/// frees them.
///
/// Returns 0, also where there was none, OSIP_BADPARAMETER for NULL, or OSIP_UNDEFINED_ERROR where
/// there is no such stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_a_attribute_del(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    att_field: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let name = c.need(att_field)?;
        remove_named(attributes(c, sdp, pos_media)?, name, c)?;
        Ok(0)
    })
}

/// Takes the attribute at `pos_attr` out of the session (-1) or of a stream and frees it, if it has
/// this name, as it is written; with -1, all attributes of this name.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL and where there is no such stream or attribute.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_a_attribute_del_at_index(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    att_field: *mut c_char,
    pos_attr: c_int,
) -> c_int {
    ffi!(|c| {
        let name = c.need(att_field)?;
        let attributes = attributes(c, sdp, pos_media).map_err(|_| Failure::BadParameter)?;
        if pos_attr == -1 {
            remove_named(attributes, name, c)?;
            return Ok(0);
        }
        let found = list::get::<sdp_attribute>(attributes, pos_attr, c);
        if c.text(c.get(found.unwrap_or(ptr::null_mut()))?.a_att_field) != Some(name) {
            return Err(Failure::BadParameter);
        }
        let gone = list::take(attributes, pos_attr, c)?;
        cstruct::free(gone.cast::<sdp_attribute>(), c);
        Ok(0)
    })
}

/// The attribute at `pos` of the session (-1) or of a stream; NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_attribute_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut sdp_attribute_t {
    ffi!(|c| attribute_at(c, sdp, pos_media, pos))
}

/// The name of the attribute at `pos` of the session (-1) or of a stream, as it stands there; NULL
/// when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_a_att_field_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(attribute_at(c, sdp, pos_media, pos)?, |it| it.a_att_field))
}

/// The value of the attribute at `pos` of the session (-1) or of a stream, as it stands there; NULL
/// when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_a_att_value_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| c.field(attribute_at(c, sdp, pos_media, pos)?, |it| it.a_att_value))
}

fn information<'a>(
    c: Caller<'a>,
    sdp: *mut sdp_message,
    pos_media: c_int,
) -> Result<&'a mut *mut c_char, Failure> {
    at_level(c, sdp, pos_media, |session| &mut session.i_info, |stream| &mut stream.i_info)
}

fn bandwidths<'a>(
    c: Caller<'a>,
    sdp: *mut sdp_message,
    pos_media: c_int,
) -> Result<&'a mut osip_list_t, Failure> {
    at_level(
        c,
        sdp,
        pos_media,
        |session| &mut session.b_bandwidths,
        |stream| &mut stream.b_bandwidths,
    )
}

fn attributes<'a>(
    c: Caller<'a>,
    sdp: *mut sdp_message,
    pos_media: c_int,
) -> Result<&'a mut osip_list_t, Failure> {
    at_level(
        c,
        sdp,
        pos_media,
        |session| &mut session.a_attributes,
        |stream| &mut stream.a_attributes,
    )
}

fn key<'a>(
    c: Caller<'a>,
    sdp: *mut sdp_message,
    pos_media: c_int,
) -> Result<&'a mut *mut sdp_key, Failure> {
    at_level(c, sdp, pos_media, |session| &mut session.k_key, |stream| &mut stream.k_key)
}

fn bandwidth_at(
    c: Caller<'_>,
    sdp: *mut sdp_message,
    pos_media: c_int,
    pos: c_int,
) -> Result<*mut sdp_bandwidth, Failure> {
    list::get(bandwidths(c, sdp, pos_media)?, pos, c).ok_or(Failure::NotFound)
}

fn attribute_at(
    c: Caller<'_>,
    sdp: *mut sdp_message,
    pos_media: c_int,
    pos: c_int,
) -> Result<*mut sdp_attribute, Failure> {
    list::get(attributes(c, sdp, pos_media)?, pos, c).ok_or(Failure::NotFound)
}

/// The session's connection, or NULL; or one of a stream.
fn connection(
    c: Caller<'_>,
    sdp: *mut sdp_message,
    pos_media: c_int,
    pos: c_int,
) -> Result<*mut sdp_connection, Failure> {
    let session = c.get(sdp)?;
    if pos_media == -1 {
        return Ok(session.c_connection);
    }
    let stream = super::media_at(session, pos_media, c).ok_or(Failure::Undefined)?;
    list::get(&stream.c_connections, pos, c).ok_or(Failure::NotFound)
}

/// Takes all attributes of a name out and frees them.
fn remove_named(attributes: &mut osip_list_t, name: &[u8], c: Caller<'_>) -> Result<(), Failure> {
    let mut pos = 0;
    while pos < attributes.nb_elt {
        let found = list::get::<sdp_attribute>(attributes, pos, c).unwrap_or(ptr::null_mut());
        if c.get(found).is_ok_and(|it| c.text(it.a_att_field) == Some(name)) {
            let gone = list::take(attributes, pos, c)?;
            cstruct::free(gone.cast::<sdp_attribute>(), c);
        } else {
            pos += 1;
        }
    }
    Ok(())
}
