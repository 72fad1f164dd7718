/* A program that peer.h's peer sends requests to, for alice, and what both sides expect. With true
   registrars (see peer.h) the program is registered with the second, which brings it what the peer
   asks. */
#ifndef INCOMING_H
#define INCOMING_H

#include "peer.h"

static struct peer peer;
static struct eXosip_t *ctx;
/* The port that requests for alice go to: that which ctx listens on, or the registrar's. */
static int port;

/* A request with a branch of its own. `more` is header fields, each with its CRLF. */
static inline void peer_request_with(const char *method, const char *to, const char *more,
                              const char *body)
{
    static int number;

    number++;
    send_message(&peer, port,
        "%s sip:alice@127.0.0.1:%d SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKpeer%d\r\n"
        "From: \"Server\" <sip:server@127.0.0.1>;tag=s%d\r\nTo: %s\r\nCall-ID: peer-%d\r\n"
        "CSeq: 7 %s\r\n"
        "Max-Forwards: 70\r\n%sContent-Length: %zu\r\n\r\n%s",
        method, port, peer.port, number, number, to, number, method, more, strlen(body), body);
}

static inline void peer_request(const char *method)
{
    peer_request_with(method, "<sip:alice@127.0.0.1>", "", "");
}

/* The next event; that of a call which is forgotten may come at any time. */
static inline eXosip_event_t *next_event(int seconds, int ms)
{
    eXosip_event_t *event;

    while ((event = eXosip_event_wait(ctx, seconds, ms)) != NULL &&
           event->type == EXOSIP_CALL_RELEASED)
        eXosip_event_free(event);
    return event;
}

static inline eXosip_event_t *expect_event(eXosip_event_type_t type)
{
    eXosip_event_t *event = next_event(10, 0);

    CHECK(event != NULL);
    CODE((int)type, (int)event->type);
    CHECK(event->tid > 0 && event->rid == 0 && event->sid == 0);
    CHECK(event->request != NULL && event->textinfo[0] != '\0');
    return event;
}

/* The answer received is this one, and answers what was asked. */
static inline void expect_answer(const char *status_line, const char *cseq)
{
    receive_message(&peer, status_line);
    FIELD(&peer, "CSeq", cseq);
    CHECK(strstr(field(&peer, "Via"), "branch=z9hG4bKpeer") != NULL);
    CHECK(strncmp(field(&peer, "From"), "\"Server\" <sip:server@127.0.0.1>;tag=s", 37) == 0);
}

/* Registers alice with the registrar that asks for a password, for as long. */
static inline void registered(int seconds)
{
    static int rid;
    char proxy[40];
    osip_message_t *reg = NULL;

    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%d", peer.registrar[1]);
    if (rid == 0) {
        CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", NULL, NULL));
        rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", proxy, NULL,
                                                     seconds, &reg);
        CODE(0, eXosip_register_send_register(ctx, rid, reg));
        eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
        eXosip_automatic_action(ctx);
    } else {
        CODE(0, eXosip_register_build_register(ctx, rid, seconds, &reg));
        CODE(0, eXosip_register_send_register(ctx, rid, reg));
    }
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

/* The peer is alice's registrar from here on. */
static inline void registered_with_the_peer(void)
{
    osip_message_t *reg = NULL;
    int rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", peer.uri, NULL,
                                                     600, &reg);

    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

/* The program is there. The peer learns our port from the first thing that we send. */
static inline void opened(void)
{
    struct sockaddr_in local;
    osip_message_t *message = NULL;

    peer_open(&peer);
    ctx = listening();
    CODE(0, eXosip_options_build_request(ctx, &message, peer.uri, "sip:alice@127.0.0.1", NULL));
    CHECK(eXosip_options_send_request(ctx, message) > 0);
    receive_message(&peer, "OPTIONS sip:");
    local = peer.from;
    port = ntohs(local.sin_port);
    answer(&peer, "200 OK", "");
    eXosip_event_free(expect_event(EXOSIP_MESSAGE_ANSWERED));
}

/* Alice is registered, with a true registrar or with the peer. */
static inline void alice_registered(void)
{
    if (proxied(&peer)) {
        registered(600);
        port = peer.registrar[1];
    } else {
        registered_with_the_peer();
    }
}

static inline void all_ended(void)
{
    if (proxied(&peer))
        registered(0);
    ended(ctx);
    peer_close(&peer);
}

#endif
