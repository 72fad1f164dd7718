/* What the programs with calls share: descriptions, where a context receives, waiting for one event
   of a call. */
#ifndef CALLS_H
#define CALLS_H

#include "peer.h"

#define DESCRIPTION(name, port) \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=" name "\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" \
    "m=audio " port " RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"

static inline void describe(osip_message_t *message, const char *text)
{
    CODE(0, osip_message_set_content_type(message, "application/sdp"));
    CODE(0, osip_message_set_body(message, text, strlen(text)));
}

/* The port that `ctx` receives at: a peer sees it in what comes. */
static inline int port_of(struct eXosip_t *ctx)
{
    osip_message_t *message = NULL;
    eXosip_event_t *event;
    struct peer peer;

    peer_open(&peer);
    CODE(0, eXosip_options_build_request(ctx, &message, peer.uri, "sip:alice@127.0.0.1", NULL));
    CHECK(eXosip_options_send_request(ctx, message) > 0);
    receive_message(&peer, "OPTIONS sip:");
    answer(&peer, "200 OK", "");
    event = eXosip_event_wait(ctx, 10, 0);
    CHECK(event != NULL && event->type == EXOSIP_MESSAGE_ANSWERED);
    eXosip_event_free(event);
    peer_close(&peer);
    return ntohs(peer.from.sin_port);
}

/* Whether an event may come at any time: that a call is being processed, or that another is
   gone. */
static inline int is_by_the_way(const eXosip_event_t *event, eXosip_event_type_t type, int cid)
{
    if (event->type == EXOSIP_CALL_PROCEEDING)
        return type != EXOSIP_CALL_PROCEEDING;
    /* The 180 again, where the INVITE was sent again on a busy machine. */
    if (event->type == EXOSIP_CALL_RINGING)
        return type == EXOSIP_CALL_ANSWERED && event->cid == cid;
    return event->type == EXOSIP_CALL_RELEASED && event->cid != cid;
}

/* The next event of any kind but those; NULL where none came in 20 s. */
static inline eXosip_event_t *next_event(struct eXosip_t *ctx, eXosip_event_type_t type, int cid)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 20, 0);

    while (event != NULL && is_by_the_way(event, type, cid)) {
        eXosip_event_free(event);
        event = eXosip_event_wait(ctx, 20, 0);
    }
    return event;
}

/* The next event, which must be of this type and call; 0: of any. */
static inline eXosip_event_t *call_event_at(const char *file, int line, struct eXosip_t *ctx,
                                            eXosip_event_type_t type, int cid)
{
    eXosip_event_t *event = next_event(ctx, type, cid);

    if (event == NULL || event->type != type || (cid != 0 && event->cid != cid)) {
        fprintf(stderr, "%s:%d: event %d of call %d: %s, not %d of call %d\n", file, line,
                event ? (int)event->type : -1, event ? event->cid : 0,
                event ? event->textinfo : "none", (int)type, cid);
        exit(1);
    }
    CHECK(event->textinfo[0] != '\0' && event->rid == 0 && event->sid == 0 && event->nid == 0);
    CHECK(event->cid > 0 && event->ss_status == 0 && event->ss_reason == 0);
    return event;
}
#define CALL_EVENT(ctx, type, cid) call_event_at(__FILE__, __LINE__, (ctx), (type), (cid))

/* The same, to be forgotten. */
#define EXPECT_CALL_EVENT(ctx, type, cid) eXosip_event_free(CALL_EVENT(ctx, type, cid))

/* The same, with this answer in it. */
static inline eXosip_event_t *call_answer_at(const char *file, int line, struct eXosip_t *ctx,
                                             eXosip_event_type_t type, int cid, int status)
{
    eXosip_event_t *event = call_event_at(file, line, ctx, type, cid);

    if (event->response == NULL || event->response->status_code != status) {
        fprintf(stderr, "%s:%d: answer %d, not %d\n", file, line,
                event->response ? event->response->status_code : 0, status);
        exit(1);
    }
    return event;
}
#define CALL_ANSWER(ctx, type, cid, status) \
    call_answer_at(__FILE__, __LINE__, (ctx), (type), (cid), (status))

/* The INVITE of a call to this port; NULL as description: it makes no offer. */
static inline osip_message_t *invite_to(struct eXosip_t *ctx, int port, const char *description)
{
    osip_message_t *invite = NULL;
    char to[64];

    snprintf(to, sizeof to, "<sip:bob@127.0.0.1:%d>", port);
    CODE(0, eXosip_call_build_initial_invite(ctx, &invite, to, "<sip:alice@127.0.0.1>", NULL,
                                             "a call"));
    CHECK(invite != NULL && MSG_IS_INVITE(invite));
    if (description != NULL)
        describe(invite, description);
    return invite;
}

/* A call to this port; its cid. */
static inline int call_to(struct eXosip_t *ctx, int port, const char *description)
{
    int cid = eXosip_call_send_initial_invite(ctx, invite_to(ctx, port, description));

    CHECK(cid > 0);
    return cid;
}

#endif
