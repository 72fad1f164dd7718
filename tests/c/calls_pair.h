/* Two contexts of a program, the one of which calls the other. */
#ifndef CALLS_PAIR_H
#define CALLS_PAIR_H

#include "calls.h"

#define OFFER DESCRIPTION("offer", "4000")
#define ANSWER DESCRIPTION("answer", "6000")

static struct eXosip_t *caller, *callee;
static int port;

/* The numbers of one call on either side, as programs keep them. */
struct call {
    int cid, did, tid;
};

static inline struct call numbers(const eXosip_event_t *event)
{
    struct call call = {event->cid, event->did, event->tid};

    return call;
}

/* Whether a description has this name and audio port; it is freed. */
static inline int is_named(sdp_message_t *description, const char *name, const char *audio)
{
    sdp_media_t *media = eXosip_get_audio_media(description);
    sdp_connection_t *to = eXosip_get_audio_connection(description);
    int is = media != NULL && to != NULL && strcmp(description->s_name, name) == 0 &&
             strcmp(media->m_port, audio) == 0 && strcmp(to->c_addr, "127.0.0.1") == 0;

    sdp_message_free(description);
    return is;
}

/* The stream of an offer, found as the programs of cameras do. */
static inline void read_offer(int did)
{
    sdp_message_t *offer = eXosip_get_remote_sdp(callee, did);
    sdp_media_t *media = eXosip_get_media(offer, "audio");
    int directions = 0;

    CHECK(media != NULL && atoi(media->m_port) == 4000);
    CODE(0, strcmp(media->m_proto, "RTP/AVP"));
    for (int i = 0; i < media->a_attributes.nb_elt; i++) {
        sdp_attribute_t *attribute = osip_list_get(&media->a_attributes, i);

        directions += strcmp(attribute->a_att_field, "sendrecv") == 0;
    }
    CODE(1, directions);
    for (int i = 0; !sdp_message_endof_media(offer, i); i++)
        CHECK(sdp_message_m_payload_get(offer, i, 0) != NULL);
    sdp_message_free(offer);
}

/* Takes the call that comes next: rings and answers in the same breath. */
static inline struct call accepted(const char *answer)
{
    eXosip_event_t *event = CALL_EVENT(callee, EXOSIP_CALL_INVITE, 0);
    struct call call = numbers(event);
    /* Where the message goes is not empty: the event's request. */
    osip_message_t *reply = event->request;

    CHECK(MSG_IS_INVITE(event->request) && call.did > 0 && call.tid > 0);
    CHECK(event->response != NULL && event->response->status_code == 100);
    CODE(0, eXosip_lock(callee));
    CODE(0, eXosip_call_send_answer(callee, call.tid, 180, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_send_answer(callee, call.tid, 200, NULL));
    CODE(0, eXosip_call_build_answer(callee, call.tid, 200, &reply));
    CHECK(reply != NULL && reply != event->request && reply->contacts.nb_elt == 1);
    if (answer != NULL)
        describe(reply, answer);
    CODE(0, eXosip_call_send_answer(callee, call.tid, 200, reply));
    CODE(200, reply->status_code); /* read after it was sent */
    CODE(OSIP_WRONG_STATE, eXosip_call_send_answer(callee, call.tid, 486, NULL));
    CODE(0, eXosip_unlock(callee));
    eXosip_event_free(event);
    return call;
}

/* Acknowledges by the did, without the lock, as programs do since they were written for 5.0. */
static inline struct call answered(int cid)
{
    osip_message_t *ack = NULL;
    eXosip_event_t *event;
    struct call call;

    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_RINGING, cid);
    event = CALL_ANSWER(caller, EXOSIP_CALL_ANSWERED, cid, 200);
    call = numbers(event);
    CODE(0, eXosip_call_build_ack(caller, call.did, &ack));
    CODE(0, eXosip_call_send_ack(caller, call.did, ack));
    CHECK(MSG_IS_ACK(ack)); /* read after it was sent */
    eXosip_event_free(event);
    return call;
}

/* The ACK has come. */
static inline void acknowledged(struct call call)
{
    eXosip_event_t *event = CALL_ANSWER(callee, EXOSIP_CALL_ACK, call.cid, 200);

    CHECK(event->ack != NULL && MSG_IS_ACK(event->ack) && event->did == call.did);
    CHECK(MSG_IS_INVITE(event->request));
    eXosip_event_free(event);
}

/* A call that stands. */
static inline void talking(struct call *there, struct call *here)
{
    int cid = call_to(caller, port, OFFER);

    *here = accepted(ANSWER);
    *there = answered(cid);
    acknowledged(*here);
}

/* `from` ends the call; each event is answered again, which does no harm. `did` is what the BYE's
   answer says of the dialog. */
static inline void hangs_up_and(struct eXosip_t *from, struct call its, struct eXosip_t *to,
                                struct call other, int did)
{
    eXosip_event_t *event;

    CODE(0, eXosip_call_terminate(from, its.cid, its.did));
    for (int i = 0; i < 2; i++) {
        osip_message_t *reply = NULL;

        event = CALL_ANSWER(to, i == 0 ? EXOSIP_CALL_MESSAGE_NEW : EXOSIP_CALL_CLOSED, other.cid,
                            200);
        CHECK(MSG_IS_BYE(event->request) && event->did == other.did);
        CODE(OSIP_WRONG_STATE, eXosip_call_send_answer(to, event->tid, 200, NULL));
        if (eXosip_call_build_answer(to, event->tid, 200, &reply) == 0) {
            CODE(OSIP_WRONG_STATE, eXosip_call_send_answer(to, event->tid, 200, reply));
            osip_message_free(reply); /* which was not the program's any more */
        }
        eXosip_event_free(event);
    }
    event = CALL_ANSWER(from, EXOSIP_CALL_MESSAGE_ANSWERED, its.cid, 200);
    CHECK(MSG_IS_BYE(event->request));
    CODE(did, event->did);
    eXosip_event_free(event);
}

static inline void hangs_up(struct eXosip_t *from, struct call its, struct eXosip_t *to,
                            struct call other)
{
    hangs_up_and(from, its, to, other, -1);
}

#endif
