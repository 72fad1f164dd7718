/* Publications: the codes of both functions, and a presentity that publishes, changes and removes
   its state at a server that asks for a password. */
#include "peer.h"

static struct peer peer;

#define ALICE "sip:alice@127.0.0.1"
#define PIDF "application/pidf+xml"

static void refused(struct eXosip_t *ctx)
{
    struct eXosip_t *deaf = eXosip_malloc();
    osip_message_t *pub = (osip_message_t *)&deaf;

    CODE(0, eXosip_init(deaf));
    CODE(OSIP_NO_NETWORK,
         eXosip_build_publish(deaf, &pub, ALICE, ALICE, NULL, "presence", "60", PIDF, "x"));
    CHECK(pub == NULL);
    ended(deaf);

#define BUILD(wanted, to, from, route, event, ctype, body)                                    \
    do {                                                                                      \
        pub = (osip_message_t *)&deaf;                                                        \
        CODE(wanted, eXosip_build_publish(ctx, &pub, to, from, route, event, "60", ctype, body)); \
        CHECK(pub == NULL);                                                                   \
    } while (0)
    BUILD(OSIP_BADPARAMETER, NULL, ALICE, NULL, "presence", PIDF, "x");
    BUILD(OSIP_BADPARAMETER, "", ALICE, NULL, "presence", PIDF, "x");
    BUILD(OSIP_BADPARAMETER, ALICE, NULL, NULL, "presence", PIDF, "x");
    BUILD(OSIP_BADPARAMETER, ALICE, "", NULL, "presence", PIDF, "x");
    BUILD(OSIP_BADPARAMETER, ALICE, ALICE, NULL, NULL, PIDF, "x");
    BUILD(OSIP_BADPARAMETER, ALICE, ALICE, NULL, "", PIDF, "x");
    BUILD(OSIP_BADPARAMETER, ALICE, ALICE, NULL, "presence", NULL, "x");
    BUILD(OSIP_BADPARAMETER, ALICE, ALICE, NULL, "presence", PIDF, NULL);
    BUILD(OSIP_BADPARAMETER, ALICE, ALICE, NULL, "presence", "", "x");
    BUILD(OSIP_SYNTAXERROR, "nobody", ALICE, NULL, "presence", PIDF, "x");
    BUILD(OSIP_SYNTAXERROR, ALICE, "nobody", NULL, "presence", PIDF, "x");
    BUILD(OSIP_SYNTAXERROR, ALICE, ALICE, "nowhere", "presence", PIDF, "x");
    CODE(OSIP_BADPARAMETER,
         eXosip_build_publish(NULL, &pub, ALICE, ALICE, NULL, "presence", "60", PIDF, "x"));
    CODE(OSIP_BADPARAMETER,
         eXosip_build_publish(ctx, NULL, ALICE, ALICE, NULL, "presence", "60", PIDF, "x"));

    CODE(OSIP_BADPARAMETER, eXosip_publish(ctx, NULL, ALICE));
    CODE(OSIP_SUCCESS, osip_message_init(&pub));
    CODE(OSIP_BADPARAMETER, eXosip_publish(ctx, pub, ALICE));
    CODE(OSIP_SUCCESS,
         eXosip_build_publish(ctx, &pub, ALICE, ALICE, "", "presence", NULL, NULL, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_publish(ctx, pub, NULL));
    osip_cseq_free(pub->cseq);
    pub->cseq = NULL;
    CODE(OSIP_SYNTAXERROR, eXosip_publish(ctx, pub, ALICE));
    CODE(OSIP_SUCCESS, eXosip_build_publish(ctx, &pub, ALICE, ALICE, NULL, "presence", "", "", ""));
    {
        osip_header_t *expires = NULL;
        int at = osip_message_header_get_byname(pub, "expires", 0, &expires);

        CHECK(at >= 0);
        CODE(0, strcmp(expires->hvalue, "3600"));
        osip_list_remove(&pub->headers, at);
        osip_header_free(expires);
    }
    CODE(OSIP_SYNTAXERROR, eXosip_publish(ctx, pub, ALICE));
    CODE(OSIP_SUCCESS,
         eXosip_build_publish(ctx, &pub, ALICE, ALICE, NULL, "presence", "60", "not a type", "x"));
    CHECK(pub->content_type == NULL && osip_list_size(&pub->bodies) == 0);
    CODE(OSIP_BADPARAMETER, eXosip_publish(NULL, pub, ALICE));
}

static int publish(struct eXosip_t *ctx, const char *expires, const char *body)
{
    osip_message_t *pub = NULL;
    char id[80];
    int tid;

    snprintf(id, sizeof id, "sip:alice@127.0.0.1:%d", peer.port);
    CODE(0, eXosip_build_publish(ctx, &pub, id, ALICE, NULL, "presence", expires,
                                 body == NULL ? NULL : PIDF, body));
    tid = eXosip_publish(ctx, pub, id);
    CHECK(tid > 0);
    /* Programs read it after sending. */
    CHECK(osip_message_get_call_id(pub) != NULL);
    receive_message(&peer, "PUBLISH sip:alice@127.0.0.1:");
    return tid;
}

static void answered(struct eXosip_t *ctx, eXosip_event_type_t type, int tid, int status)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);

    CHECK(event != NULL && event->request != NULL && event->response != NULL);
    CODE((int)type, (int)event->type);
    CODE(tid, event->tid);
    CODE(status, event->response->status_code);
    CHECK(event->rid == 0 && event->cid == 0 && event->did == 0 && event->sid == 0);
    CHECK(event->nid == 0);
    if (status == 401)
        CODE(0, eXosip_default_action(ctx, event));
    else
        CODE(1, eXosip_default_action(ctx, event));
    eXosip_event_free(event);
}

static void published(struct eXosip_t *ctx)
{
    int tid = publish(ctx, "600", "<open/>");

    FIELD(&peer, "CSeq", "20 PUBLISH");
    FIELD(&peer, "Event", "presence");
    FIELD(&peer, "Expires", "600");
    FIELD(&peer, "Content-Type", PIDF);
    FIELD(&peer, "Contact", NULL);
    FIELD(&peer, "SIP-If-Match", NULL);
    CHECK(strstr(peer.received, "\r\n\r\n<open/>") != NULL);
    answer(&peer, "401 Unauthorized", CHALLENGE_OF("n1"));
    answered(ctx, EXOSIP_MESSAGE_REQUESTFAILURE, tid, 401);
    receive_message(&peer, "PUBLISH ");
    FIELD(&peer, "CSeq", "21 PUBLISH");
    CHECK(strstr(field(&peer, "Authorization"), "nc=00000001") != NULL);
    CHECK(strstr(peer.received, "\r\n\r\n<open/>") != NULL);
    answer(&peer, "200 OK", "SIP-ETag: e1\r\nExpires: 600\r\n");
    answered(ctx, EXOSIP_MESSAGE_ANSWERED, tid + 1, 200);

    tid = publish(ctx, "600", "<closed/>");
    FIELD(&peer, "CSeq", "22 PUBLISH");
    FIELD(&peer, "SIP-If-Match", "e1");
    CHECK(strstr(field(&peer, "Authorization"), "nc=00000002") != NULL);
    answer(&peer, "200 OK", "SIP-ETag: e2\r\nExpires: 2\r\n");
    answered(ctx, EXOSIP_MESSAGE_ANSWERED, tid, 200);

    /* Granted for two seconds: the automatic action refreshes it, and the server has lost it. */
    while (!receive_within(&peer, 20))
        eXosip_automatic_action(ctx);
    FIELD(&peer, "CSeq", "23 PUBLISH");
    answer(&peer, "412 Conditional Request Failed", "");
    answered(ctx, EXOSIP_MESSAGE_REQUESTFAILURE, tid + 1, 412);
    while (!receive_within(&peer, 20))
        eXosip_automatic_action(ctx);
    FIELD(&peer, "CSeq", "24 PUBLISH");
    FIELD(&peer, "SIP-If-Match", NULL);
    CHECK(strstr(peer.received, "\r\n\r\n<closed/>") != NULL);
    answer(&peer, "200 OK", "SIP-ETag: e3\r\nExpires: 600\r\n");
    answered(ctx, EXOSIP_MESSAGE_ANSWERED, tid + 2, 200);

    tid = publish(ctx, "0", NULL);
    FIELD(&peer, "CSeq", "25 PUBLISH");
    FIELD(&peer, "SIP-If-Match", "e3");
    FIELD(&peer, "Expires", "0");
    answer(&peer, "200 OK", "Expires: 0\r\n");
    answered(ctx, EXOSIP_MESSAGE_ANSWERED, tid, 200);
    eXosip_automatic_action(ctx);
    CHECK(!receive_within(&peer, 50));
    CHECK(eXosip_event_wait(ctx, 0, 0) == NULL);
}

int main(void)
{
    struct eXosip_t *ctx = listening();

    peer_open(&peer);
    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", NULL, NULL));
    refused(ctx);
    published(ctx);
    ended(ctx);
    peer_close(&peer);
    return 0;
}
