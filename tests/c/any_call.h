/* Any of the functions for calls, with any numbers: for programs in which nothing is said about
   what they return, but that they do, without a crash or a leak. */
#ifndef ANY_CALL_H
#define ANY_CALL_H

#include <eXosip2/eXosip.h>

#include <string.h>

static const char any_description[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                                      "c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n";

/* What a program does with the event of a call; `what` chooses. */
static inline void any_reaction(struct eXosip_t *ctx, unsigned what, const eXosip_event_t *event)
{
    osip_message_t *message = NULL;

    switch (event->type) {
    case EXOSIP_CALL_INVITE:
    case EXOSIP_CALL_REINVITE:
        if (what % 2 == 0)
            eXosip_call_send_answer(ctx, event->tid, 180 + (int)(what % 6), NULL);
        if (what % 5 == 0) {
            eXosip_call_send_answer(ctx, event->tid, 400 + (int)(what % 200), NULL);
        } else if (what % 7 != 0 &&
                   eXosip_call_build_answer(ctx, event->tid, 200, &message) == 0) {
            osip_message_set_content_type(message, "application/sdp");
            osip_message_set_body(message, any_description, strlen(any_description));
            eXosip_call_send_answer(ctx, event->tid, 200, message);
        }
        break;
    case EXOSIP_CALL_RINGING:
        if (what % 3 == 0 &&
            eXosip_call_build_prack(ctx, event->tid, event->response, &message) == 0)
            eXosip_call_send_prack(ctx, event->tid, message);
        break;
    case EXOSIP_CALL_ANSWERED:
        if (what % 8 != 0)
            eXosip_call_send_ack(ctx, what % 2 ? event->tid : event->did, NULL);
        break;
    case EXOSIP_CALL_MESSAGE_NEW:
    case EXOSIP_CALL_CLOSED:
        if (what % 4 != 0)
            eXosip_call_send_answer(ctx, event->tid, 200, NULL);
        break;
    default:
        break;
    }
    if (what % 16 == 1)
        eXosip_call_terminate(ctx, event->cid, event->did);
}

/* One of the functions; `id` is a call, a dialog or a transaction, or none of them, `to` where a
   new call goes, by `route` unless that is NULL. */
static inline void any_call(struct eXosip_t *ctx, unsigned what, int id, const char *to,
                            const char *route)
{
    static const char *const methods[] = {"INVITE", "INFO", "UPDATE", "MESSAGE", "BYE", "X", ""};
    osip_message_t *message = NULL;
    sdp_message_t *description = NULL;
    char text[300];

    switch (what % 20) {
    case 0:
    case 1:
        if (eXosip_call_build_initial_invite(ctx, &message, to, "sip:alice@127.0.0.1", route,
                                             "any") == 0) {
            osip_message_set_supported(message, what % 40 < 20 ? "100rel" : "timer");
            osip_message_set_content_type(message, "application/sdp");
            osip_message_set_body(message, any_description, strlen(any_description));
            eXosip_call_send_initial_invite(ctx, message);
        }
        return;
    case 2:
    case 3:
        eXosip_call_build_request(ctx, id, methods[what / 20 % 7], &message);
        break;
    case 4:
        eXosip_call_build_info(ctx, id, &message);
        break;
    case 5:
        eXosip_call_build_options(ctx, id, &message);
        break;
    case 6:
        eXosip_call_build_update(ctx, id, &message);
        break;
    case 7:
        eXosip_call_build_refer(ctx, id, what % 40 < 20 ? to : NULL, &message);
        break;
    case 8:
        eXosip_call_build_notify(ctx, id, (int)(what / 20 % 6), &message);
        break;
    case 9:
        if (eXosip_call_build_ack(ctx, id, &message) == 0)
            eXosip_call_send_ack(ctx, id, message);
        return;
    case 10:
        eXosip_call_send_ack(ctx, id, NULL);
        return;
    case 11:
        eXosip_call_build_answer(ctx, id, 100 + (int)(what / 20 % 600), &message);
        eXosip_call_send_answer(ctx, id, 200, message);
        return;
    case 12:
        eXosip_call_send_answer(ctx, id, 100 + (int)(what / 20 % 600), NULL);
        return;
    case 13:
        eXosip_call_terminate(ctx, what % 40 < 20 ? id : 0, what % 80 < 40 ? id : -1);
        return;
    case 14:
        eXosip_call_terminate_with_reason(ctx, 0, id, "SIP;cause=200\r\nX: y");
        eXosip_call_terminate_with_header(ctx, id, 0, "X-Why", what % 40 < 20 ? "any" : NULL);
        return;
    case 15:
        eXosip_call_set_reference(ctx, id, ctx);
        eXosip_call_get_reference(ctx, id);
        return;
    case 16:
        if (eXosip_call_get_referto(ctx, id, text, what / 20 % sizeof text) == 0)
            eXosip_call_find_by_replaces(ctx, text);
        return;
    case 17:
        description = eXosip_get_remote_sdp(ctx, id);
        sdp_message_free(description);
        description = eXosip_get_local_sdp(ctx, id);
        eXosip_get_audio_connection(description);
        sdp_message_free(description);
        return;
    case 18:
        description = eXosip_get_previous_local_sdp(ctx, id);
        sdp_message_free(description);
        description = eXosip_get_remote_sdp_from_tid(ctx, id);
        sdp_message_free(description);
        description = eXosip_get_local_sdp_from_tid(ctx, id);
        sdp_message_free(description);
        return;
    default:
        if (eXosip_call_build_prack(ctx, id, NULL, &message) == 0)
            eXosip_call_send_prack(ctx, id, message);
        return;
    }
    if (message != NULL && what % 9 == 0)
        osip_message_free(message); /* built, never sent */
    else
        eXosip_call_send_request(ctx, id, message);
}

#endif
