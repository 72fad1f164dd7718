/* A context that takes requests from its registrars alone. */
#include "peer.h"
#include <registerer.h>

/* Whether a MESSAGE of the peer makes an event in so many milliseconds, which is answered. */
static int is_received(struct eXosip_t *ctx, struct peer *peer, int port, const char *branch,
                       int ms)
{
    eXosip_event_t *event;

    send_message(peer, port,
        "MESSAGE sip:alice@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bK%s\r\n"
        "From: <sip:a@b>;tag=1\r\nTo: <sip:alice@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: 1 MESSAGE\r\n"
        "\r\n",
        peer->port, branch, branch);
    event = eXosip_event_wait(ctx, 0, ms);
    if (event == NULL) {
        CHECK(!receive_within(peer, 50));
        return 0;
    }
    CODE(EXOSIP_MESSAGE_NEW, (int)event->type);
    CODE(0, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
    receive_message(peer, "SIP/2.0 200 OK\r\n");
    eXosip_event_free(event);
    return 1;
}

int main(void)
{
    static struct peer peer;
    struct eXosip_t *ctx;
    osip_message_t *reg = NULL;
    int rid, port;

    peer_open(&peer);
    ctx = listening();
    CODE(OSIP_BADPARAMETER, registerer_set_registrars_only(NULL, 1));
    CODE(0, registerer_set_registrars_only(ctx, 1));
    rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", peer.uri, NULL, 600,
                                                 &reg);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    port = ntohs(peer.from.sin_port);
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CHECK(is_received(ctx, &peer, port, "registered", 20000));

    CODE(0, eXosip_register_remove(ctx, rid));
    CHECK(!is_received(ctx, &peer, port, "removed", 300));
    CODE(0, registerer_set_registrars_only(ctx, 0));
    CHECK(is_received(ctx, &peer, port, "off", 20000));
    ended(ctx);
    peer_close(&peer);
    return 0;
}
