//! `<osipparser2/sdp_message.h>`: session descriptions (RFC 8866).
//!
//! A text that is given to a function that sets or adds belongs to the description from then on,
//! unless the function fails: it must come from osip_malloc. `pos_media` is the position of an
//! `m=` line from 0 on, or -1 for what stands before the first one.

pub mod elements;
pub mod levels;
pub mod media;
pub mod session;

use super::cstruct::{CStruct, Owned, copy_slot, free};
use super::list::{self, Tail};
use super::osip_list::osip_list_t;
use super::sdp_text;
use crate::abi::ffi::{Caller, Failure};
use elements::{sdp_attribute, sdp_bandwidth, sdp_connection_t, sdp_key_t, sdp_time_descr};
use libc::{c_char, c_int};
use media::sdp_media;

/// A session description.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_message {
    /// `v=`: the version.
    pub v_version: *mut c_char,
    /// `o=`: the user.
    pub o_username: *mut c_char,
    /// `o=`: the session's id.
    pub o_sess_id: *mut c_char,
    /// `o=`: the version of the session.
    pub o_sess_version: *mut c_char,
    /// `o=`: `IN`.
    pub o_nettype: *mut c_char,
    /// `o=`: `IP4` or `IP6`.
    pub o_addrtype: *mut c_char,
    /// `o=`: the host.
    pub o_addr: *mut c_char,
    /// `s=`: the name.
    pub s_name: *mut c_char,
    /// `i=`: what it is about.
    pub i_info: *mut c_char,
    /// `u=`: where more stands.
    pub u_uri: *mut c_char,
    /// `e=`: texts.
    pub e_emails: osip_list_t,
    /// `p=`: texts.
    pub p_phones: osip_list_t,
    /// `c=`, or NULL.
    pub c_connection: *mut sdp_connection_t,
    /// `b=`: sdp_bandwidth_t.
    pub b_bandwidths: osip_list_t,
    /// `t=` and `r=`: sdp_time_descr_t.
    pub t_descrs: osip_list_t,
    /// `z=`: changes of the time zone.
    pub z_adjustments: *mut c_char,
    /// `k=`, or NULL.
    pub k_key: *mut sdp_key_t,
    /// `a=`: sdp_attribute_t.
    pub a_attributes: osip_list_t,
    /// `m=`: sdp_media_t.
    pub m_medias: osip_list_t,
}
/// A session description.
pub type sdp_message_t = sdp_message;

// SAFETY: no texts, no structs, empty lists.
unsafe impl CStruct for sdp_message {
    fn free_parts(&mut self, c: Caller<'_>) {
        c.free_texts([
            self.v_version,
            self.o_username,
            self.o_sess_id,
            self.o_sess_version,
            self.o_nettype,
            self.o_addrtype,
            self.o_addr,
            self.s_name,
            self.i_info,
            self.u_uri,
            self.z_adjustments,
        ]);
        list::free_texts(&self.e_emails, c);
        list::free_texts(&self.p_phones, c);
        free(self.c_connection, c);
        list::free::<sdp_bandwidth>(&self.b_bandwidths, c);
        list::free::<sdp_time_descr>(&self.t_descrs, c);
        free(self.k_key, c);
        list::free::<sdp_attribute>(&self.a_attributes, c);
        list::free::<sdp_media>(&self.m_medias, c);
    }

    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        for (to, from) in [
            (&mut self.v_version, from.v_version),
            (&mut self.o_username, from.o_username),
            (&mut self.o_sess_id, from.o_sess_id),
            (&mut self.o_sess_version, from.o_sess_version),
            (&mut self.o_nettype, from.o_nettype),
            (&mut self.o_addrtype, from.o_addrtype),
            (&mut self.o_addr, from.o_addr),
            (&mut self.s_name, from.s_name),
            (&mut self.i_info, from.i_info),
            (&mut self.u_uri, from.u_uri),
            (&mut self.z_adjustments, from.z_adjustments),
        ] {
            *to = c.copy(from)?;
        }
        list::push_texts(&mut self.e_emails, list::texts(&from.e_emails, c), c)?;
        list::push_texts(&mut self.p_phones, list::texts(&from.p_phones, c), c)?;
        self.c_connection = copy_slot(from.c_connection, c)?;
        list::copy::<sdp_bandwidth>(&from.b_bandwidths, &mut self.b_bandwidths, c)?;
        list::copy::<sdp_time_descr>(&from.t_descrs, &mut self.t_descrs, c)?;
        self.k_key = copy_slot(from.k_key, c)?;
        list::copy::<sdp_attribute>(&from.a_attributes, &mut self.a_attributes, c)?;
        list::copy::<sdp_media>(&from.m_medias, &mut self.m_medias, c)
    }
}

/// Makes an empty description. The caller frees it with sdp_message_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `sdp`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_init(sdp: *mut *mut sdp_message_t) -> c_int {
    ffi!(|c| c.init(sdp))
}

/// Reads a description from its text; what it held before is freed.
///
/// Lines end with CRLF, LF or CR, the last one needs no end, and lines of unknown letters are
/// skipped. `v=` and `o=` must stand there once; the others may be missing, and may stand in
/// another order than RFC 8866's. What belongs to a stream stands behind its `m=`.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_NOMEM, or OSIP_UNDEFINED_ERROR for what is no
/// description; after an error it is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_parse(sdp: *mut sdp_message_t, buf: *const c_char) -> c_int {
    ffi!(|c| c.parse(sdp, buf))
}

/// Prints a description; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_NOMEM, or OSIP_UNDEFINED_ERROR where `v=`, `o=` or a
/// part of another line is missing, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_to_str(
    sdp: *mut sdp_message_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(sdp, dest))
}

/// Frees a description with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_free(sdp: *mut sdp_message_t) {
    ffi!(|c| c.free(sdp))
}

/// Copies a description with all it holds; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_NOMEM, or OSIP_UNDEFINED_ERROR where
/// sdp_message_to_str would, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_clone(
    sdp: *mut sdp_message_t,
    dest: *mut *mut sdp_message_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        sdp_text::description(c.get(sdp)?, c).ok_or(Failure::Undefined)?;
        c.with_free_list(|c| c.clone_to(sdp, dest))
    })
}

/// A value that both levels have: the session's for -1, else that of an `m=` line.
fn at_level<'a, T>(
    c: Caller<'a>,
    sdp: *mut sdp_message,
    pos_media: c_int,
    of_session: impl FnOnce(&'a mut sdp_message) -> &'a mut T,
    of_media: impl FnOnce(&'a mut sdp_media) -> &'a mut T,
) -> Result<&'a mut T, Failure> {
    let session = c.get_mut(sdp)?;
    if pos_media == -1 {
        return Ok(of_session(session));
    }
    Ok(of_media(media_at(session, pos_media, c).ok_or(Failure::Undefined)?))
}

/// An `m=` line and what follows it.
fn media_at<'a>(session: &sdp_message, pos: c_int, c: Caller<'a>) -> Option<&'a mut sdp_media> {
    c.get_mut(list::get::<sdp_media>(&session.m_medias, pos, c)?).ok()
}

/// Gives a text to a place that may hold another one, which is freed.
fn set_text(slot: &mut *mut c_char, text: *mut c_char, c: Caller<'_>) {
    if *slot != text {
        c.drop_text(slot);
        *slot = text;
    }
}

/// Puts a text at the end of a list of texts. Error: NULL.
fn add_text(list: &mut osip_list_t, text: *mut c_char, c: Caller<'_>) -> Result<c_int, Failure> {
    c.need(text)?;
    list::push_text(list, &mut Tail::unknown(), text, c)?;
    Ok(0)
}

/// Puts an empty struct at the end of a list. It gets the caller's texts once nothing can fail any
/// more.
fn add<'a, T: CStruct>(list: &mut osip_list_t, c: Caller<'a>) -> Result<&'a mut T, Failure> {
    list::push(list, &mut Tail::unknown(), Owned::new(c)?, c)
}

/// The struct in a place; an empty one is put there where there is none.
fn at_place<'a, T: CStruct>(place: &mut *mut T, c: Caller<'a>) -> Result<&'a mut T, Failure> {
    if place.is_null() {
        *place = Owned::<T>::new(c)?.into_raw();
    }
    c.get_mut(*place)
}
