//! `<eXosip2/eX_sdp.h>`: session descriptions of calls. None is served: each function refuses and
//! says so in the trace.

use super::context::refuse;
use super::ex_setup::eXosip_t;
use crate::abi::osipparser2::osip_message::osip_message_t;
use libc::{c_char, c_int};

/// Session descriptions of libosipparser2.
/// cbindgen:ignore
pub struct sdp_message_t {
    _opaque: [u8; 0],
}

/// Streams of session descriptions.
/// cbindgen:ignore
pub struct sdp_media_t {
    _opaque: [u8; 0],
}

/// Connections of session descriptions.
/// cbindgen:ignore
pub struct sdp_connection_t {
    _opaque: [u8; 0],
}

/// Would give the SDP of the far end of a dialog. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_remote_sdp(
    _excontext: *mut eXosip_t,
    _did: c_int,
) -> *mut sdp_message_t {
    refuse("eXosip_get_remote_sdp")
}

/// Would give the SDP of the far end of a transaction. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_remote_sdp_from_tid(
    _excontext: *mut eXosip_t,
    _tid: c_int,
) -> *mut sdp_message_t {
    refuse("eXosip_get_remote_sdp_from_tid")
}

/// Would give our SDP of a dialog. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_local_sdp(
    _excontext: *mut eXosip_t,
    _did: c_int,
) -> *mut sdp_message_t {
    refuse("eXosip_get_local_sdp")
}

/// Would give our SDP of a transaction. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_local_sdp_from_tid(
    _excontext: *mut eXosip_t,
    _tid: c_int,
) -> *mut sdp_message_t {
    refuse("eXosip_get_local_sdp_from_tid")
}

/// Would give our SDP of a dialog before the last. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_previous_local_sdp(
    _excontext: *mut eXosip_t,
    _did: c_int,
) -> *mut sdp_message_t {
    refuse("eXosip_get_previous_local_sdp")
}

/// Would give the SDP of a message. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_sdp_info(_message: *mut osip_message_t) -> *mut sdp_message_t {
    refuse("eXosip_get_sdp_info")
}

/// Would give the connection of the audio stream. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_audio_connection(_sdp: *mut sdp_message_t) -> *mut sdp_connection_t {
    refuse("eXosip_get_audio_connection")
}

/// Would give the connection of the video stream. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_video_connection(_sdp: *mut sdp_message_t) -> *mut sdp_connection_t {
    refuse("eXosip_get_video_connection")
}

/// Would give the connection of a stream. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_connection(
    _sdp: *mut sdp_message_t,
    _media: *const c_char,
) -> *mut sdp_connection_t {
    refuse("eXosip_get_connection")
}

/// Would give the audio stream. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_audio_media(_sdp: *mut sdp_message_t) -> *mut sdp_media_t {
    refuse("eXosip_get_audio_media")
}

/// Would give the video stream. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_video_media(_sdp: *mut sdp_message_t) -> *mut sdp_media_t {
    refuse("eXosip_get_video_media")
}

/// Would give a stream. Not served yet.
///
/// Returns NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_media(
    _sdp: *mut sdp_message_t,
    _media: *const c_char,
) -> *mut sdp_media_t {
    refuse("eXosip_get_media")
}
