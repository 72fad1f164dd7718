#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_SDP_H
#define EXOSIP2_EX_SDP_H

/* Generated from the Rust source by build.rs; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>
/* The SDP structs are libosipparser2's: where it is installed, its header and library are used
   beside these. */
#ifdef __has_include
#if __has_include(<osipparser2/sdp_message.h>)
#include <osipparser2/sdp_message.h>
#define EXOSIP2_SDP_TYPES
#endif
#endif
#ifndef EXOSIP2_SDP_TYPES
#define EXOSIP2_SDP_TYPES
typedef struct sdp_message sdp_message_t;
typedef struct sdp_media sdp_media_t;
typedef struct sdp_connection sdp_connection_t;
#endif

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Would give the SDP of the far end of a dialog. Not served yet.
 *
 * Returns NULL.
 */
sdp_message_t *eXosip_get_remote_sdp(struct eXosip_t *excontext, int did);

/**
 * Would give the SDP of the far end of a transaction. Not served yet.
 *
 * Returns NULL.
 */
sdp_message_t *eXosip_get_remote_sdp_from_tid(struct eXosip_t *excontext, int tid);

/**
 * Would give our SDP of a dialog. Not served yet.
 *
 * Returns NULL.
 */
sdp_message_t *eXosip_get_local_sdp(struct eXosip_t *excontext, int did);

/**
 * Would give our SDP of a transaction. Not served yet.
 *
 * Returns NULL.
 */
sdp_message_t *eXosip_get_local_sdp_from_tid(struct eXosip_t *excontext, int tid);

/**
 * Would give our SDP of a dialog before the last. Not served yet.
 *
 * Returns NULL.
 */
sdp_message_t *eXosip_get_previous_local_sdp(struct eXosip_t *excontext, int did);

/**
 * Would give the SDP of a message. Not served yet.
 *
 * Returns NULL.
 */
sdp_message_t *eXosip_get_sdp_info(osip_message_t *message);

/**
 * Would give the connection of the audio stream. Not served yet.
 *
 * Returns NULL.
 */
sdp_connection_t *eXosip_get_audio_connection(sdp_message_t *sdp);

/**
 * Would give the connection of the video stream. Not served yet.
 *
 * Returns NULL.
 */
sdp_connection_t *eXosip_get_video_connection(sdp_message_t *sdp);

/**
 * Would give the connection of a stream. Not served yet.
 *
 * Returns NULL.
 */
sdp_connection_t *eXosip_get_connection(sdp_message_t *sdp, const char *media);

/**
 * Would give the audio stream. Not served yet.
 *
 * Returns NULL.
 */
sdp_media_t *eXosip_get_audio_media(sdp_message_t *sdp);

/**
 * Would give the video stream. Not served yet.
 *
 * Returns NULL.
 */
sdp_media_t *eXosip_get_video_media(sdp_message_t *sdp);

/**
 * Would give a stream. Not served yet.
 *
 * Returns NULL.
 */
sdp_media_t *eXosip_get_media(sdp_message_t *sdp, const char *media);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_SDP_H */
