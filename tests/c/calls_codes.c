/* The return codes of every function for calls: NULL, numbers that do not exist, and states that do
   not fit. */
#include "calls.h"

#define ALICE "sip:alice@127.0.0.1"
#define BOB "sip:bob@127.0.0.1:9"
#define JUNK ((osip_message_t *)&junk)

static int junk;
static struct peer peer;
static struct eXosip_t *ctx;

/* A build function gives this code, and NULL where it is no success; else the message is freed. */
#define BUILD(wanted, call) \
    do { \
        osip_message_t *m = JUNK; \
        CODE(wanted, call); \
        CHECK((m != NULL) == ((wanted) == 0)); \
        osip_message_free(m); \
    } while (0)

/* A message that can be sent, for functions that take it. */
static osip_message_t *message(void)
{
    osip_message_t *made = NULL;

    CODE(0, eXosip_message_build_request(ctx, &made, "INFO", BOB, ALICE, NULL));
    return made;
}

static void texts_of_an_invite(int listens)
{
    static const struct {
        const char *to, *from, *route;
        int before, listening;
    } rows[] = {
        {"", ALICE, NULL, OSIP_BADPARAMETER, OSIP_BADPARAMETER},
        {NULL, ALICE, NULL, OSIP_BADPARAMETER, OSIP_BADPARAMETER},
        {BOB, "", NULL, OSIP_NO_NETWORK, OSIP_SYNTAXERROR},
        {BOB, NULL, NULL, OSIP_NO_NETWORK, OSIP_SYNTAXERROR},
        {"bob", ALICE, NULL, OSIP_SYNTAXERROR, OSIP_SYNTAXERROR},
        {BOB, "alice", NULL, OSIP_NO_NETWORK, OSIP_SYNTAXERROR},
        {BOB, ALICE, "noscheme", OSIP_NO_NETWORK, OSIP_SYNTAXERROR},
        {BOB, ALICE, "<sip:127.0.0.1:9", OSIP_NO_NETWORK, OSIP_SYNTAXERROR},
        {"<>", ALICE, NULL, OSIP_SYNTAXERROR, OSIP_SYNTAXERROR},
        {"sip:", ALICE, NULL, OSIP_SYNTAXERROR, OSIP_SYNTAXERROR},
        {"sips:b@127.0.0.1:9", ALICE, NULL, OSIP_NO_NETWORK, 0},
        {BOB, "sip:127.0.0.1", "", OSIP_NO_NETWORK, 0},
        {"tel:+1", ALICE, NULL, OSIP_NO_NETWORK, OSIP_SYNTAXERROR},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int wanted = listens ? rows[i].listening : rows[i].before;

        BUILD(wanted, eXosip_call_build_initial_invite(ctx, &m, rows[i].to, rows[i].from,
                                                       rows[i].route, NULL));
    }
    CODE(OSIP_BADPARAMETER, eXosip_call_build_initial_invite(ctx, NULL, BOB, ALICE, NULL, NULL));
}

/* What is no call, dialog or transaction. */
static void numbers_that_do_not_exist(int id, int wanted)
{
    /* Where 0 is a number like others, as there. */
    int zero = id == 0 ? OSIP_NOTFOUND : wanted;
    char text[8] = "x";

    BUILD(wanted, eXosip_call_build_request(ctx, id, "INFO", &m));
    BUILD(wanted, eXosip_call_build_info(ctx, id, &m));
    BUILD(wanted, eXosip_call_build_options(ctx, id, &m));
    BUILD(wanted, eXosip_call_build_update(ctx, id, &m));
    BUILD(wanted, eXosip_call_build_notify(ctx, id, EXOSIP_SUBCRSTATE_ACTIVE, &m));
    BUILD(wanted, eXosip_call_build_refer(ctx, id, ALICE, &m));
    BUILD(wanted, eXosip_call_build_ack(ctx, id, &m));
    CODE(wanted, eXosip_call_send_ack(ctx, id, NULL));
    CODE(wanted, eXosip_call_send_ack(ctx, id, message()));
    BUILD(zero, eXosip_call_build_answer(ctx, id, 200, &m));
    BUILD(OSIP_BADPARAMETER, eXosip_call_build_answer(ctx, id, 100, &m));
    BUILD(OSIP_BADPARAMETER, eXosip_call_build_answer(ctx, id, 700, &m));
    CODE(zero, eXosip_call_send_answer(ctx, id, 200, NULL));
    CODE(zero, eXosip_call_send_answer(ctx, id, 486, NULL));
    CODE(zero, eXosip_call_send_answer(ctx, id, 486, message()));
    CODE(OSIP_BADPARAMETER, eXosip_call_send_answer(ctx, id, 100, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_send_answer(ctx, id, 700, message()));
    CODE(wanted, eXosip_call_terminate(ctx, id, 0));
    CODE(wanted, eXosip_call_terminate(ctx, 0, id));
    CODE(wanted, eXosip_call_terminate_with_reason(ctx, id, id, "x"));
    CODE(wanted, eXosip_call_terminate_with_header(ctx, id, id, "a", "b"));
    BUILD(zero, eXosip_call_build_prack(ctx, id, NULL, &m));
    CODE(OSIP_BADPARAMETER, eXosip_call_send_prack(ctx, id, NULL));
    CODE(zero, eXosip_call_send_prack(ctx, id, message()));
    CODE(OSIP_BADPARAMETER, eXosip_call_send_request(ctx, id, NULL));
    CODE(wanted, eXosip_call_send_request(ctx, id, message()));
    CODE(OSIP_NOTFOUND, eXosip_call_set_reference(ctx, id, text));
    CHECK(eXosip_call_get_reference(ctx, id) == NULL);
    CODE(wanted, eXosip_call_get_referto(ctx, id, text, sizeof text));
    CHECK(text[0] == '\0');
    CHECK(eXosip_get_remote_sdp(ctx, id) == NULL && eXosip_get_local_sdp(ctx, id) == NULL);
    CHECK(eXosip_get_previous_local_sdp(ctx, id) == NULL);
    CHECK(eXosip_get_remote_sdp_from_tid(ctx, id) == NULL);
    CHECK(eXosip_get_local_sdp_from_tid(ctx, id) == NULL);
}

static void texts_of_a_replaces(void)
{
    static const char *const broken[] = {"", "abc", "abc;to-tag=1", "abc;from-tag=1"};
    char text[64];

    CODE(OSIP_SYNTAXERROR, eXosip_call_find_by_replaces(ctx, NULL));
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        strcpy(text, broken[i]);
        CODE(OSIP_SYNTAXERROR, eXosip_call_find_by_replaces(ctx, text));
    }
    strcpy(text, "abc;to-tag=1;from-tag=2");
    CODE(OSIP_NOTFOUND, eXosip_call_find_by_replaces(ctx, text));
    CODE(OSIP_BADPARAMETER, eXosip_call_send_initial_invite(ctx, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_default_action(ctx, NULL));
}

/* Without a context, or with one that has ended; what is given is freed all the same. */
static void without_a_context(struct eXosip_t *none, int wanted)
{
    char text[8] = "x";

    BUILD(wanted, eXosip_call_build_initial_invite(none, &m, BOB, ALICE, NULL, NULL));
    CODE(wanted, eXosip_call_send_initial_invite(none, message()));
    BUILD(wanted, eXosip_call_build_request(none, 1, "INFO", &m));
    BUILD(wanted, eXosip_call_build_ack(none, 1, &m));
    CODE(wanted, eXosip_call_send_ack(none, 1, message()));
    BUILD(wanted, eXosip_call_build_answer(none, 1, 200, &m));
    CODE(wanted, eXosip_call_send_answer(none, 1, 200, message()));
    CODE(wanted, eXosip_call_send_answer(none, 1, 200, NULL));
    CODE(wanted, eXosip_call_send_request(none, 1, message()));
    CODE(wanted, eXosip_call_send_prack(none, 1, message()));
    CODE(wanted, eXosip_call_terminate(none, 1, 1));
    CODE(wanted, eXosip_call_set_reference(none, 1, text));
    CHECK(eXosip_call_get_reference(none, 1) == NULL);
    CODE(wanted, eXosip_call_get_referto(none, 1, text, sizeof text));
    CODE(wanted, eXosip_call_find_by_replaces(none, text));
    CHECK(eXosip_get_remote_sdp(none, 1) == NULL);
}

static void pointers_that_are_null(void)
{
    CODE(OSIP_BADPARAMETER, eXosip_call_build_request(ctx, 1, "INFO", NULL));
    BUILD(OSIP_BADPARAMETER, eXosip_call_build_request(ctx, 1, NULL, &m));
    BUILD(OSIP_BADPARAMETER, eXosip_call_build_request(ctx, 1, "", &m));
    CODE(OSIP_BADPARAMETER, eXosip_call_build_info(ctx, 1, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_build_refer(ctx, 1, NULL, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_build_notify(ctx, 1, 1, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_build_ack(ctx, 1, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_build_answer(ctx, 1, 200, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_call_build_prack(ctx, 1, NULL, NULL));
}

/* The answer to the INVITE received last, with our Contact. */
static void invite_answered(const char *status, const char *more)
{
    char lines[512];

    snprintf(lines, sizeof lines, "Contact: <sip:bob@127.0.0.1:%d>\r\n%s", peer.port, more);
    answer(&peer, status, lines);
}

/* Every state of a call of ours, up to the BYE. */
static void states_of_our_call(void)
{
    int cid, did, tid, other;
    char text[256], cut[8];
    eXosip_event_t *event;

    cid = call_to(ctx, peer.port, DESCRIPTION("offer", "4000"));
    receive_message(&peer, "INVITE sip:bob@127.0.0.1:");
    FIELD(&peer, "CSeq", "20 INVITE");
    FIELD(&peer, "Subject", "a call");
    CODE(0, eXosip_call_set_reference(ctx, cid, text));
    CHECK(eXosip_call_get_reference(ctx, cid) == text);

    invite_answered("180 Ringing", "");
    event = CALL_ANSWER(ctx, EXOSIP_CALL_RINGING, cid, 180);
    did = event->did;
    tid = event->tid;
    CHECK(did > 0 && tid > 0 && event->external_reference == text && event->ack == NULL);
    BUILD(OSIP_NOTFOUND, eXosip_call_build_ack(ctx, tid, &m));
    CODE(OSIP_NOTFOUND, eXosip_call_send_ack(ctx, tid, NULL));
    BUILD(OSIP_WRONG_STATE, eXosip_call_build_request(ctx, did, "INVITE", &m));
    BUILD(OSIP_WRONG_FORMAT, eXosip_call_build_prack(ctx, tid, event->response, &m));
    eXosip_event_free(event);

    invite_answered("200 OK", "");
    event = CALL_ANSWER(ctx, EXOSIP_CALL_ANSWERED, cid, 200);
    CHECK(event->did == did && event->tid == tid);
    BUILD(OSIP_WRONG_STATE, eXosip_call_build_prack(ctx, tid, event->response, &m));
    eXosip_event_free(event);
    BUILD(0, eXosip_call_build_ack(ctx, tid, &m));
    BUILD(0, eXosip_call_build_ack(ctx, did, &m));
    CODE(OSIP_WRONG_STATE, eXosip_call_send_prack(ctx, tid, message()));
    CODE(0, eXosip_call_send_ack(ctx, tid, NULL));
    receive_message(&peer, "ACK sip:bob@127.0.0.1:");
    FIELD(&peer, "CSeq", "20 ACK");

    /* One INFO at a time, but an OPTIONS beside it. */
    for (int status = 0; status < 6; status++)
        BUILD(status >= 1 && status <= 3 ? 0 : OSIP_BADPARAMETER,
              eXosip_call_build_notify(ctx, did, status, &m));
    {
        osip_message_t *info = NULL;

        CODE(0, eXosip_call_build_info(ctx, did, &info));
        CODE(0, eXosip_call_send_request(ctx, did, info));
        CODE(0, strcmp(info->sip_method, "INFO")); /* read after it was sent */
    }
    receive_message(&peer, "INFO sip:bob@127.0.0.1:");
    BUILD(OSIP_WRONG_STATE, eXosip_call_build_info(ctx, did, &m));
    CODE(OSIP_WRONG_STATE, eXosip_call_send_request(ctx, did, message()));
    BUILD(0, eXosip_call_build_options(ctx, did, &m));
    answer(&peer, "200 OK", "");
    event = CALL_ANSWER(ctx, EXOSIP_CALL_MESSAGE_ANSWERED, cid, 200);
    other = event->tid;
    CHECK(event->did == did && other != tid && event->external_reference == text);
    CODE(1, eXosip_default_action(ctx, event));
    eXosip_event_free(event);
    BUILD(0, eXosip_call_build_info(ctx, did, &m));

    CODE(0, eXosip_call_set_reference(ctx, did, cut));
    CHECK(eXosip_call_get_reference(ctx, cid) == cut);
    CHECK(eXosip_call_get_reference(ctx, did) == NULL);
    CODE(0, eXosip_call_get_referto(ctx, did, text, sizeof text));
    CHECK(strncmp(text, "sip:bob@127.0.0.1:", 18) == 0 && strstr(text, "?Replaces=") != NULL);
    CODE(0, eXosip_call_get_referto(ctx, did, cut, sizeof cut));
    CHECK(strlen(cut) == 7 && strncmp(cut, text, 7) == 0);
    CODE(OSIP_BADPARAMETER, eXosip_call_get_referto(ctx, did, NULL, 8));
    CODE(OSIP_BADPARAMETER, eXosip_call_get_referto(ctx, did, text, 0));

    CODE(0, eXosip_call_terminate_with_reason(ctx, cid, did, "SIP;cause=200"));
    receive_message(&peer, "BYE sip:bob@127.0.0.1:");
    FIELD(&peer, "Reason", "SIP;cause=200");
    CODE(OSIP_NOTFOUND, eXosip_call_terminate(ctx, cid, did));
    CODE(OSIP_WRONG_STATE, eXosip_call_terminate(ctx, cid, 0));
    BUILD(OSIP_NOTFOUND, eXosip_call_build_info(ctx, did, &m));
    answer(&peer, "200 OK", "");
    event = CALL_ANSWER(ctx, EXOSIP_CALL_MESSAGE_ANSWERED, cid, 200);
    CHECK(MSG_IS_BYE(event->request) && event->did == -1);
    eXosip_event_free(event);
    event = CALL_EVENT(ctx, EXOSIP_CALL_RELEASED, cid);
    CHECK(event->request == NULL && event->response == NULL && event->external_reference == cut);
    eXosip_event_free(event);
    CODE(OSIP_NOTFOUND, eXosip_call_terminate(ctx, cid, 0));
    CHECK(eXosip_call_get_reference(ctx, cid) == NULL);
}

/* Cancelled before there was any answer, and while it rings. */
static void calls_that_are_cancelled(void)
{
    for (int rings = 0; rings < 2; rings++) {
        eXosip_event_t *event;
        int cid = call_to(ctx, peer.port, NULL), did = 0;

        receive_message(&peer, "INVITE sip:bob@127.0.0.1:");
        if (rings) {
            invite_answered("180 Ringing", "");
            event = CALL_ANSWER(ctx, EXOSIP_CALL_RINGING, cid, 180);
            did = event->did;
            eXosip_event_free(event);
        }
        CODE(1, eXosip_call_terminate_with_header(ctx, cid, did, "X-Why", "late"));
        CODE(OSIP_WRONG_STATE, eXosip_call_terminate(ctx, cid, did));
        if (!rings) {
            CHECK(!receive_within(&peer, 50)); /* RFC 3261 section 9.1 */
            invite_answered("180 Ringing", "");
            EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_RINGING, cid);
        }
        {
            char invite[sizeof peer.received];

            strcpy(invite, peer.received);
            receive_message(&peer, "CANCEL sip:bob@127.0.0.1:");
            FIELD(&peer, "X-Why", "late");
            FIELD(&peer, "CSeq", "20 CANCEL");
            answer(&peer, "200 OK", "");
            event = CALL_ANSWER(ctx, EXOSIP_CALL_MESSAGE_ANSWERED, cid, 200);
            CODE(0, strcmp(event->request->sip_method, "CANCEL"));
            eXosip_event_free(event);
            strcpy(peer.received, invite);
        }
        invite_answered("487 Request Terminated", "");
        receive_message(&peer, "ACK sip:bob@127.0.0.1:");
        event = CALL_ANSWER(ctx, EXOSIP_CALL_REQUESTFAILURE, cid, 487);
        CHECK(event->ack != NULL && MSG_IS_ACK(event->ack));
        eXosip_event_free(event);
        CODE(OSIP_WRONG_STATE, eXosip_call_terminate(ctx, cid, 0));
    }
}

/* A challenge is answered three times, and a redirection followed once to each place. */
static void challenges_of_an_invite(void)
{
    osip_message_t *invite = invite_to(ctx, peer.port, DESCRIPTION("offer", "4000"));
    char line[160];
    int cid;

    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", NULL, NULL));
    cid = eXosip_call_send_initial_invite(ctx, invite);
    CHECK(cid > 0);
    for (int i = 0; i < 4; i++) {
        eXosip_event_t *event;

        receive_message(&peer, "INVITE sip:bob@127.0.0.1:");
        snprintf(line, sizeof line, "%d INVITE", 20 + i);
        FIELD(&peer, "CSeq", line);
        CHECK((field(&peer, "Authorization") != NULL) == (i > 0));
        CHECK(strstr(peer.received, "\r\ns=offer\r\n") != NULL);
        snprintf(line, sizeof line, "WWW-Authenticate: Digest realm=\"r%d\", nonce=\"n\"\r\n", i);
        answer(&peer, "401 Unauthorized", line);
        receive_message(&peer, "ACK sip:bob@127.0.0.1:");
        event = CALL_ANSWER(ctx, EXOSIP_CALL_REQUESTFAILURE, cid, 401);
        CHECK(event->ack != NULL && event->did <= 0);
        CODE(i < 3 ? 0 : OSIP_RETRY_LIMIT, eXosip_default_action(ctx, event));
        if (i < 3)
            CODE(0, eXosip_default_action(ctx, event)); /* it is sent already */
        eXosip_event_free(event);
    }
    CHECK(!receive_within(&peer, 50));

    cid = call_to(ctx, peer.port, NULL);
    receive_message(&peer, "INVITE sip:bob@127.0.0.1:");
    snprintf(line, sizeof line, "Contact: <sip:carol@127.0.0.1:%d>\r\n", peer.port);
    answer(&peer, "302 Moved Temporarily", line);
    receive_message(&peer, "ACK sip:bob@127.0.0.1:");
    {
        eXosip_event_t *event = CALL_ANSWER(ctx, EXOSIP_CALL_REDIRECTED, cid, 302);

        CODE(0, eXosip_default_action(ctx, event));
        eXosip_event_free(event);
        receive_message(&peer, "INVITE sip:carol@127.0.0.1:");
        answer(&peer, "302 Moved Temporarily", "");
        receive_message(&peer, "ACK sip:carol@127.0.0.1:");
        event = CALL_ANSWER(ctx, EXOSIP_CALL_REDIRECTED, cid, 302);
        CODE(OSIP_SYNTAXERROR, eXosip_default_action(ctx, event));
        free(event->response->reason_phrase);
        event->response->reason_phrase = NULL;
        event->response->status_code = 600; /* whatever the program does to its event */
        CODE(1, eXosip_default_action(ctx, event));
        eXosip_event_free(event);
    }
}

int main(void)
{
    struct eXosip_t *gone;

    peer_open(&peer);
    ctx = eXosip_malloc();
    CODE(0, eXosip_init(ctx));
    texts_of_an_invite(0);
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    texts_of_an_invite(1);
    numbers_that_do_not_exist(0, OSIP_BADPARAMETER);
    numbers_that_do_not_exist(-1, OSIP_BADPARAMETER);
    numbers_that_do_not_exist(999, OSIP_NOTFOUND);
    texts_of_a_replaces();
    pointers_that_are_null();
    without_a_context(NULL, OSIP_BADPARAMETER);
    gone = eXosip_malloc();
    CODE(0, eXosip_init(gone));
    eXosip_quit(gone);
    without_a_context(gone, OSIP_API_NOT_INITIALIZED);
    osip_free(gone);
    states_of_our_call();
    calls_that_are_cancelled();
    challenges_of_an_invite();
    ended(ctx);
    peer_close(&peer);
    return 0;
}
