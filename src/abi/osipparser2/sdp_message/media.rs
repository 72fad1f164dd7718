//! Streams of media: `m=` and its words.

use super::{add, add_text, media_at, sdp_message, sdp_message_t, set_text};
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::{CStruct, copy_slot, free};
use crate::abi::osipparser2::list;
use crate::abi::osipparser2::osip_list::osip_list_t;
use crate::abi::osipparser2::sdp_message::elements::{
    sdp_attribute, sdp_bandwidth, sdp_connection, sdp_key_t,
};
use libc::{c_char, c_int};

/// A stream of media: `m=`, with what follows it.
#[derive(Debug)]
#[repr(C)]
pub struct sdp_media {
    /// `audio`, `video` …
    pub m_media: *mut c_char,
    /// The port; 0 refuses the stream.
    pub m_port: *mut c_char,
    /// How many ports; NULL for one.
    pub m_number_of_port: *mut c_char,
    /// `RTP/AVP` …
    pub m_proto: *mut c_char,
    /// Payload types: texts.
    pub m_payloads: osip_list_t,
    /// `i=`: what it is about.
    pub i_info: *mut c_char,
    /// `c=`: sdp_connection_t.
    pub c_connections: osip_list_t,
    /// `b=`: sdp_bandwidth_t.
    pub b_bandwidths: osip_list_t,
    /// `a=`: sdp_attribute_t.
    pub a_attributes: osip_list_t,
    /// `k=`, or NULL.
    pub k_key: *mut sdp_key_t,
}
/// A stream of media: `m=`, with what follows it.
pub type sdp_media_t = sdp_media;

// SAFETY: no texts, no key, empty lists.
unsafe impl CStruct for sdp_media {
    fn free_parts(&mut self, c: Caller<'_>) {
        c.free_texts([self.m_media, self.m_port, self.m_number_of_port, self.m_proto, self.i_info]);
        list::free_texts(&self.m_payloads, c);
        list::free::<sdp_connection>(&self.c_connections, c);
        list::free::<sdp_bandwidth>(&self.b_bandwidths, c);
        list::free::<sdp_attribute>(&self.a_attributes, c);
        free(self.k_key, c);
    }

    fn fill_from(&mut self, from: &Self, c: Caller<'_>) -> Result<(), Failure> {
        self.m_media = c.copy(from.m_media)?;
        self.m_port = c.copy(from.m_port)?;
        self.m_number_of_port = c.copy(from.m_number_of_port)?;
        self.m_proto = c.copy(from.m_proto)?;
        list::push_texts(&mut self.m_payloads, list::texts(&from.m_payloads, c), c)?;
        self.i_info = c.copy(from.i_info)?;
        list::copy::<sdp_connection>(&from.c_connections, &mut self.c_connections, c)?;
        list::copy::<sdp_bandwidth>(&from.b_bandwidths, &mut self.b_bandwidths, c)?;
        list::copy::<sdp_attribute>(&from.a_attributes, &mut self.a_attributes, c)?;
        self.k_key = copy_slot(from.k_key, c)?;
        Ok(())
    }
}

/// Makes an empty stream. The caller frees it with sdp_media_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_media_init(elem: *mut *mut sdp_media_t) -> c_int {
    ffi!(|c| c.init(elem))
}

/// Frees a stream with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_media_free(elem: *mut sdp_media_t) {
    ffi!(|c| c.free(elem))
}

/// Whether there is no stream at `pos_media`: 0 where there is one, OSIP_UNDEFINED_ERROR past the
/// end, OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_endof_media(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> c_int {
    ffi!(|c| {
        let is_past = pos_media >= c.get(sdp)?.m_medias.nb_elt;
        if is_past { Err(Failure::Undefined) } else { Ok(0) }
    })
}

/// Appends a stream. `number_of_port` is NULL for one port. The texts belong to the description
/// from now on.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_media_add(
    sdp: *mut sdp_message_t,
    media: *mut c_char,
    port: *mut c_char,
    number_of_port: *mut c_char,
    proto: *mut c_char,
) -> c_int {
    ffi!(|c| {
        let stream = add::<sdp_media>(&mut c.get_mut(sdp)?.m_medias, c)?;
        stream.m_media = media;
        stream.m_port = port;
        stream.m_number_of_port = number_of_port;
        stream.m_proto = proto;
        Ok(0)
    })
}

/// The kind of the stream at `pos_media`, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_media_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| text_of(c, sdp, pos_media, |stream| stream.m_media))
}

/// The port of the stream at `pos_media`, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_port_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| text_of(c, sdp, pos_media, |stream| stream.m_port))
}

/// Sets the port of the stream at `pos_media`; the old text is freed. The text belongs to the
/// description from now on.
///
/// Returns 0, or OSIP_BADPARAMETER for NULL or past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_port_set(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    port: *mut c_char,
) -> c_int {
    ffi!(|c| {
        set_text(&mut stream(c, sdp, pos_media)?.m_port, port, c);
        Ok(0)
    })
}

/// The number of ports of the stream at `pos_media`, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_number_of_port_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| text_of(c, sdp, pos_media, |stream| stream.m_number_of_port))
}

/// The protocol of the stream at `pos_media`, as it stands there; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_proto_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
) -> *mut c_char {
    ffi!(|c| text_of(c, sdp, pos_media, |stream| stream.m_proto))
}

/// Appends a payload type to the stream at `pos_media`. The text belongs to the description from
/// now on.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or past the end, or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_payload_add(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    payload: *mut c_char,
) -> c_int {
    ffi!(|c| add_text(&mut stream(c, sdp, pos_media)?.m_payloads, payload, c))
}

/// The payload type at `pos` of the stream at `pos_media`; NULL past the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_payload_get(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> *mut c_char {
    ffi!(|c| {
        let payloads = &stream(c, sdp, pos_media)?.m_payloads;
        list::get(payloads, pos, c).ok_or(Failure::NotFound)
    })
}

/// Takes the payload type at `pos` out of the stream at `pos_media` and frees it.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where there is no such stream, or OSIP_UNDEFINED_ERROR
/// past the end of its payload types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sdp_message_m_payload_del(
    sdp: *mut sdp_message_t,
    pos_media: c_int,
    pos: c_int,
) -> c_int {
    ffi!(|c| {
        let payloads = &mut stream(c, sdp, pos_media)?.m_payloads;
        let gone = list::take(payloads, pos, c)?;
        c.free_texts([gone.cast()]);
        Ok(0)
    })
}

/// The stream at `pos_media`. Error: NULL, or past the end.
fn stream<'a>(
    c: Caller<'a>,
    sdp: *const sdp_message,
    pos_media: c_int,
) -> Result<&'a mut sdp_media, Failure> {
    media_at(c.get(sdp)?, pos_media, c).ok_or(Failure::BadParameter)
}

fn text_of(
    c: Caller<'_>,
    sdp: *const sdp_message,
    pos_media: c_int,
    field: impl FnOnce(&sdp_media) -> *mut c_char,
) -> Result<*mut c_char, Failure> {
    Ok(field(stream(c, sdp, pos_media)?))
}
