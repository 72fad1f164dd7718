#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_SDP_H
#define EXOSIP2_EX_SDP_H

/* Generated from the Rust source; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/sdp_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * The session description that the far end of a dialog gave last: the newest offer or answer of
 * its INVITEs, PRACKs, UPDATEs and ACKs (RFC 3264). The caller frees it with sdp_message_free.
 *
 * Returns NULL for an unknown did, and where there is none or it cannot be read.
 */
sdp_message_t *eXosip_get_remote_sdp(struct eXosip_t *excontext, int did);

/**
 * The session description that the far end gave in a transaction: in its INVITE, or in its answer
 * to ours. The caller frees it with sdp_message_free.
 *
 * Returns NULL for an unknown tid, and where there is none or it cannot be read.
 */
sdp_message_t *eXosip_get_remote_sdp_from_tid(struct eXosip_t *excontext, int tid);

/**
 * The session description that this end of a dialog gave last. The caller frees it with
 * sdp_message_free.
 *
 * Returns NULL for an unknown did, and where there is none or it cannot be read.
 */
sdp_message_t *eXosip_get_local_sdp(struct eXosip_t *excontext, int did);

/**
 * The session description that this end gave in a transaction: in its INVITE, or in its answer to
 * theirs. The caller frees it with sdp_message_free.
 *
 * Returns NULL for an unknown tid, and where there is none or it cannot be read.
 */
sdp_message_t *eXosip_get_local_sdp_from_tid(struct eXosip_t *excontext, int tid);

/**
 * The session description that this end of a dialog gave before the last one. The caller frees it
 * with sdp_message_free.
 *
 * Returns NULL for an unknown did, and where there is none or it cannot be read.
 */
sdp_message_t *eXosip_get_previous_local_sdp(struct eXosip_t *excontext, int did);

/**
 * The session description in a message: its body where that is `application/sdp`, or the first
 * such part of a multipart. The caller frees it with sdp_message_free.
 *
 * Returns NULL for NULL, and where there is none or it cannot be read.
 *
 * The caller promises:
 * `message` is NULL or a message.
 */
sdp_message_t *eXosip_get_sdp_info(osip_message_t *message);

/**
 * Where the media of the first audio stream go: its own `c=`, or the session's. It stays the
 * description's.
 *
 * Returns NULL for NULL, and where there is no audio stream or no connection.
 *
 * The caller promises:
 * `sdp` is NULL or a description.
 */
sdp_connection_t *eXosip_get_audio_connection(sdp_message_t *sdp);

/**
 * Where the media of the first video stream go: its own `c=`, or the session's. It stays the
 * description's.
 *
 * Returns NULL for NULL, and where there is no video stream or no connection.
 *
 * The caller promises:
 * `sdp` is NULL or a description.
 */
sdp_connection_t *eXosip_get_video_connection(sdp_message_t *sdp);

/**
 * Where the media of the first stream of this kind go: its own `c=`, or the session's. It stays
 * the description's.
 *
 * Returns NULL for NULL, and where there is no such stream or no connection.
 *
 * The caller promises:
 * `sdp` is NULL or a description, `media` NULL or a text.
 */
sdp_connection_t *eXosip_get_connection(sdp_message_t *sdp, const char *media);

/**
 * The first audio stream, which stays the description's; NULL for NULL or where there is none.
 *
 * The caller promises:
 * `sdp` is NULL or a description.
 */
sdp_media_t *eXosip_get_audio_media(sdp_message_t *sdp);

/**
 * The first video stream, which stays the description's; NULL for NULL or where there is none.
 *
 * The caller promises:
 * `sdp` is NULL or a description.
 */
sdp_media_t *eXosip_get_video_media(sdp_message_t *sdp);

/**
 * The first stream of this kind (`audio`, `video` …, large letters or small), which stays the
 * description's; NULL for NULL or where there is none.
 *
 * The caller promises:
 * `sdp` is NULL or a description, `media` NULL or a text.
 */
sdp_media_t *eXosip_get_media(sdp_message_t *sdp, const char *media);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_SDP_H */
