//! `<eXosip2/eX_sdp.h>`: session descriptions of messages and of calls.

use super::call;
use super::ex_setup::eXosip_t;
use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::cstruct::Owned;
use crate::abi::osipparser2::headers::osip_content_type::osip_content_type;
use crate::abi::osipparser2::list;
use crate::abi::osipparser2::osip_body::osip_body;
use crate::abi::osipparser2::osip_message::{osip_message, osip_message_t};
use crate::abi::osipparser2::sdp_message::elements::sdp_connection_t;
use crate::abi::osipparser2::sdp_message::media::{sdp_media, sdp_media_t};
use crate::abi::osipparser2::sdp_message::{sdp_message, sdp_message_t};
use crate::engine::DescriptionOf;
use libc::{c_char, c_int};

/// The session description that the far end of a dialog gave last: the newest offer or answer of
/// its INVITEs, PRACKs, UPDATEs and ACKs (RFC 3264). The caller frees it with sdp_message_free.
///
/// Returns NULL for an unknown did, and where there is none or it cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_remote_sdp(
    excontext: *mut eXosip_t,
    did: c_int,
) -> *mut sdp_message_t {
    call::description("eXosip_get_remote_sdp", excontext, DescriptionOf::Remote(did))
}

/// The session description that the far end gave in a transaction: in its INVITE, or in its answer
/// to ours. The caller frees it with sdp_message_free.
///
/// Returns NULL for an unknown tid, and where there is none or it cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_remote_sdp_from_tid(
    excontext: *mut eXosip_t,
    tid: c_int,
) -> *mut sdp_message_t {
    call::description("eXosip_get_remote_sdp_from_tid", excontext, DescriptionOf::RemoteOf(tid))
}

/// The session description that this end of a dialog gave last. The caller frees it with
/// sdp_message_free.
///
/// Returns NULL for an unknown did, and where there is none or it cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_local_sdp(excontext: *mut eXosip_t, did: c_int) -> *mut sdp_message_t {
    call::description("eXosip_get_local_sdp", excontext, DescriptionOf::Local(did))
}

/// The session description that this end gave in a transaction: in its INVITE, or in its answer to
/// theirs. The caller frees it with sdp_message_free.
///
/// Returns NULL for an unknown tid, and where there is none or it cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_local_sdp_from_tid(
    excontext: *mut eXosip_t,
    tid: c_int,
) -> *mut sdp_message_t {
    call::description("eXosip_get_local_sdp_from_tid", excontext, DescriptionOf::LocalOf(tid))
}

/// The session description that this end of a dialog gave before the last one. The caller frees it
/// with sdp_message_free.
///
/// Returns NULL for an unknown did, and where there is none or it cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn eXosip_get_previous_local_sdp(
    excontext: *mut eXosip_t,
    did: c_int,
) -> *mut sdp_message_t {
    call::description("eXosip_get_previous_local_sdp", excontext, DescriptionOf::PreviousLocal(did))
}

/// The session description in a message: its body where that is `application/sdp`, or the first
/// such part of a multipart. The caller frees it with sdp_message_free.
///
/// Returns NULL for NULL, and where there is none or it cannot be read.
///
/// # Safety
/// `message` is NULL or a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_sdp_info(message: *mut osip_message_t) -> *mut sdp_message_t {
    ffi!(|c| {
        let body = description_body(c.get(message)?, c).ok_or(Failure::NotFound)?;
        let text = c.bytes(body.body, body.length)?;
        c.with_free_list(|c| Ok(Owned::<sdp_message>::parsed(text, c)?.into_raw()))
    })
}

/// Where the media of the first audio stream go: its own `c=`, or the session's. It stays the
/// description's.
///
/// Returns NULL for NULL, and where there is no audio stream or no connection.
///
/// # Safety
/// `sdp` is NULL or a description.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_audio_connection(
    sdp: *mut sdp_message_t,
) -> *mut sdp_connection_t {
    ffi!(|c| connection(c, sdp, b"audio"))
}

/// Where the media of the first video stream go: its own `c=`, or the session's. It stays the
/// description's.
///
/// Returns NULL for NULL, and where there is no video stream or no connection.
///
/// # Safety
/// `sdp` is NULL or a description.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_video_connection(
    sdp: *mut sdp_message_t,
) -> *mut sdp_connection_t {
    ffi!(|c| connection(c, sdp, b"video"))
}

/// Where the media of the first stream of this kind go: its own `c=`, or the session's. It stays
/// the description's.
///
/// Returns NULL for NULL, and where there is no such stream or no connection.
///
/// # Safety
/// `sdp` is NULL or a description, `media` NULL or a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_connection(
    sdp: *mut sdp_message_t,
    media: *const c_char,
) -> *mut sdp_connection_t {
    ffi!(|c| connection(c, sdp, c.need(media)?))
}

/// The first audio stream, which stays the description's; NULL for NULL or where there is none.
///
/// # Safety
/// `sdp` is NULL or a description.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_audio_media(sdp: *mut sdp_message_t) -> *mut sdp_media_t {
    ffi!(|c| stream(c, sdp, b"audio"))
}

/// The first video stream, which stays the description's; NULL for NULL or where there is none.
///
/// # Safety
/// `sdp` is NULL or a description.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_video_media(sdp: *mut sdp_message_t) -> *mut sdp_media_t {
    ffi!(|c| stream(c, sdp, b"video"))
}

/// The first stream of this kind (`audio`, `video` …, large letters or small), which stays the
/// description's; NULL for NULL or where there is none.
///
/// # Safety
/// `sdp` is NULL or a description, `media` NULL or a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eXosip_get_media(
    sdp: *mut sdp_message_t,
    media: *const c_char,
) -> *mut sdp_media_t {
    ffi!(|c| stream(c, sdp, c.need(media)?))
}

/// The body struct that is a session description. What a call has exchanged is read from texts, by
/// `call/sdp_body.rs`; a program may have put the bodies of a message together itself.
fn description_body<'a>(message: &osip_message, c: Caller<'a>) -> Option<&'a osip_body> {
    let kind = c.get(message.content_type).ok()?;
    let mut bodies = list::items::<osip_body>(&message.bodies, c);
    if is_sdp(kind, c) {
        return bodies.next();
    }
    let is_multipart = is_word(kind.r#type, b"multipart", c);
    bodies.find(|body| is_multipart && c.get(body.content_type).is_ok_and(|kind| is_sdp(kind, c)))
}

fn is_sdp(kind: &osip_content_type, c: Caller<'_>) -> bool {
    is_word(kind.r#type, b"application", c) && is_word(kind.subtype, b"sdp", c)
}

fn is_word(text: *const c_char, word: &[u8], c: Caller<'_>) -> bool {
    c.text(text).is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// The first stream of a kind.
fn stream(c: Caller<'_>, sdp: *const sdp_message, kind: &[u8]) -> Result<*mut sdp_media, Failure> {
    let mut streams = list::raw(&c.get(sdp)?.m_medias, c).map(|at| at.cast::<sdp_media>());
    let is_of_kind = |at: &*mut sdp_media| c.get(*at).is_ok_and(|it| is_word(it.m_media, kind, c));
    streams.find(is_of_kind).ok_or(Failure::NotFound)
}

/// The first connection of the first stream of a kind, or the session's.
fn connection(
    c: Caller<'_>,
    sdp: *const sdp_message,
    kind: &[u8],
) -> Result<*mut sdp_connection_t, Failure> {
    let stream = c.get(stream(c, sdp, kind)?)?;
    Ok(list::get(&stream.c_connections, 0, c).unwrap_or(c.get(sdp)?.c_connection))
}
