/* Requests of our own outside of registrations, and how they and others go out and come in. */
#include "incoming.h"

static eXosip_event_t *outcome(eXosip_event_type_t type, int tid, int status)
{
    eXosip_event_t *event = expect_event(type);

    CODE(tid, event->tid);
    CHECK(event->response != NULL);
    CODE(status, event->response->status_code);
    return event;
}

/* The keep-alive MESSAGE of a device, challenged and answered by either action; refused,
   redirected, broken. */
static void requests_of_our_own(void)
{
    static const char body[] = "<?xml version=\"1.0\"?>\r\n<Notify>\r\n"
                               "<CmdType>Keepalive</CmdType>\r\n</Notify>\r\n";
    static const struct {
        const char *status;
        eXosip_event_type_t type;
    } failures[] = {{"302 Moved", EXOSIP_MESSAGE_REDIRECTED},
                    {"404 Not Found", EXOSIP_MESSAGE_REQUESTFAILURE},
                    {"500 Broken", EXOSIP_MESSAGE_SERVERFAILURE},
                    {"603 Decline", EXOSIP_MESSAGE_GLOBALFAILURE}};
    osip_message_t *message = NULL;
    eXosip_event_t *event;
    int tid;

    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", "MD5", NULL));
    for (int automatic = 0; automatic < 2; automatic++) {
        CODE(0, eXosip_message_build_request(ctx, &message, "MESSAGE", "sip:server@127.0.0.1",
                                             "sip:alice@127.0.0.1", peer.uri));
        CODE(0, osip_message_set_content_type(message, "Application/MANSCDP+xml"));
        CODE(0, osip_message_set_body(message, body, strlen(body)));
        tid = eXosip_message_send_request(ctx, message);
        CHECK(tid > 0);
        receive_message(&peer, "MESSAGE sip:server@127.0.0.1 SIP/2.0\r\n");
        CHECK(strstr(peer.received, body) != NULL);
        /* The second answers unasked what the server has asked of the first, which a true server
           takes. */
        CHECK((field(&peer, "Authorization") != NULL) == automatic);
        if (automatic && proxied(&peer)) {
            pass_on(&peer, 1, 200);
            eXosip_event_free(outcome(EXOSIP_MESSAGE_ANSWERED, tid, 200));
            continue;
        }
        challenge(&peer);
        event = outcome(EXOSIP_MESSAGE_REQUESTFAILURE, tid, 401);
        if (automatic)
            eXosip_automatic_action(ctx);
        else
            CODE(0, eXosip_default_action(ctx, event));
        eXosip_automatic_action(ctx);
        eXosip_event_free(event);
        receive_message(&peer, "MESSAGE sip:server@127.0.0.1 SIP/2.0\r\n");
        CHECK(strncmp(field(&peer, "Authorization"), "Digest username=\"alice\"", 23) == 0);
        CHECK(strstr(peer.received, body) != NULL);
        welcome(&peer);
        eXosip_event_free(outcome(EXOSIP_MESSAGE_ANSWERED, tid + 1, 200));
        CHECK(!receive_within(&peer, 20));
    }
    /* A ping that a proxy challenges. */
    for (int automatic = 0; automatic < 2; automatic++) {
        CODE(0, eXosip_options_build_request(ctx, &message, peer.uri, "sip:alice@127.0.0.1", NULL));
        tid = eXosip_options_send_request(ctx, message);
        CHECK(tid > 0);
        receive_message(&peer, "OPTIONS sip:");
        answer(&peer, "407 Proxy Authentication Required",
               "Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"p1\", qop=\"auth\"\r\n");
        event = outcome(EXOSIP_MESSAGE_REQUESTFAILURE, tid, 407);
        if (!automatic)
            CODE(0, eXosip_default_action(ctx, event));
        eXosip_automatic_action(ctx);
        eXosip_event_free(event);
        receive_message(&peer, "OPTIONS sip:");
        CHECK(strncmp(field(&peer, "Proxy-Authorization"),
                      "Digest username=\"alice\", realm=\"proxy\"", 38) == 0);
        answer(&peer, "200 OK", "");
        eXosip_event_free(outcome(EXOSIP_MESSAGE_ANSWERED, tid + 1, 200));
        CHECK(!receive_within(&peer, 20));
    }
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        CODE(0, eXosip_message_build_request(ctx, &message, "INFO", peer.uri, "sip:alice@127.0.0.1",
                                             NULL));
        tid = eXosip_message_send_request(ctx, message);
        CHECK(tid > 0);
        receive_message(&peer, "INFO sip:");
        answer(&peer, failures[i].status, "");
        eXosip_event_free(outcome(failures[i].type, tid, atoi(failures[i].status)));
    }
    CODE(0, eXosip_options_build_request(ctx, &message, peer.uri, "sip:alice@127.0.0.1", NULL));
    tid = eXosip_options_send_request(ctx, message);
    CHECK(tid > 0);
    receive_message(&peer, "OPTIONS sip:");
    answer(&peer, "180 Ringing", "");
    eXosip_event_free(outcome(EXOSIP_MESSAGE_PROCEEDING, tid, 180));
    answer(&peer, "200 OK", "");
    eXosip_event_free(outcome(EXOSIP_MESSAGE_ANSWERED, tid, 200));
}

/* The same straight to a true server, which challenges a MESSAGE, refuses some, and answers
   OPTIONS. */
static void requests_to_the_registrar(void)
{
    static const struct {
        const char *user;
        int status;
        eXosip_event_type_t type;
    } refused[] = {{"nf-a", 404, EXOSIP_MESSAGE_REQUESTFAILURE},
                   {"sv-a", 503, EXOSIP_MESSAGE_SERVERFAILURE},
                   {"fb-a", 603, EXOSIP_MESSAGE_GLOBALFAILURE}};
    char to[64];
    osip_message_t *message = NULL;
    int tid;

    snprintf(to, sizeof to, "sip:server@127.0.0.1:%d", port);
    CODE(0,
         eXosip_message_build_request(ctx, &message, "MESSAGE", to, "sip:alice@127.0.0.1", NULL));
    CODE(0, osip_message_set_content_type(message, "text/plain"));
    CODE(0, osip_message_set_body(message, "beat", 4));
    tid = eXosip_message_send_request(ctx, message);
    CHECK(tid > 0);
    eXosip_event_free(outcome(EXOSIP_MESSAGE_REQUESTFAILURE, tid, 401));
    eXosip_automatic_action(ctx);
    eXosip_event_free(outcome(EXOSIP_MESSAGE_ANSWERED, tid + 1, 200));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        snprintf(to, sizeof to, "sip:%s@127.0.0.1:%d", refused[i].user, port);
        CODE(0, eXosip_message_build_request(ctx, &message, "MESSAGE", to, "sip:alice@127.0.0.1",
                                             NULL));
        tid = eXosip_message_send_request(ctx, message);
        CHECK(tid > 0);
        eXosip_event_free(outcome(refused[i].type, tid, refused[i].status));
    }
    snprintf(to, sizeof to, "sip:127.0.0.1:%d", port);
    CODE(0, eXosip_options_build_request(ctx, &message, to, "sip:alice@127.0.0.1", NULL));
    tid = eXosip_options_send_request(ctx, message);
    CHECK(tid > 0);
    eXosip_event_free(outcome(EXOSIP_MESSAGE_ANSWERED, tid, 200));
}

static int seen[2];

static void sees(osip_message_t *message, int received)
{
    char *text = NULL;
    size_t length = 0;

    CODE(0, osip_message_to_str(message, &text, &length));
    CHECK(length > 0 && strstr(text, "999.999.999.999") == NULL);
    osip_free(text);
    __atomic_add_fetch(&seen[received], 1, __ATOMIC_SEQ_CST);
}

/* The callback sees what comes and goes; on a socket of the program's own; the Via may be changed;
   renewed after a change of network. */
static void plumbing(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    osip_message_t *reg = NULL;
    osip_via_t *via = NULL;
    eXosip_event_t *event;
    int rid, before, own = socket(AF_INET, SOCK_DGRAM, 0);

    CODE(0, bind(own, (struct sockaddr *)&address, size));
    CODE(0, getsockname(own, (struct sockaddr *)&address, &size));
    ctx = eXosip_malloc();
    CODE(0, eXosip_init(ctx));
    CODE(OSIP_BADPARAMETER, eXosip_set_socket(ctx, 99, own, 0));
    CODE(0, eXosip_set_socket(ctx, IPPROTO_UDP, own, ntohs(address.sin_port)));
    CODE(OSIP_WRONG_STATE, eXosip_set_socket(ctx, IPPROTO_UDP, own, 0));
    CODE(0, eXosip_set_cbsip_message(ctx, sees));
    rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", peer.uri, NULL, 600,
                                                 &reg);
    CODE(0, eXosip_transport_set(reg, "TCP"));
    CODE(0, osip_message_get_via(reg, 0, &via));
    CODE(0, strcmp(osip_via_get_protocol(via), "TCP"));
    /* The word stays where it is the same but for its case. */
    CODE(0, eXosip_transport_set(reg, "tcp"));
    CODE(0, strcmp(osip_via_get_protocol(via), "TCP"));
    CODE(0, eXosip_transport_set(reg, "xyz"));
    CODE(0, strcmp(osip_via_get_protocol(via), "xyz"));
    CODE(0, eXosip_transport_set(reg, "UDP"));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    CODE(ntohs(address.sin_port), ntohs(peer.from.sin_port));
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(1, __atomic_load_n(&seen[0], __ATOMIC_SEQ_CST));
    for (int i = 0; i < 1000 && __atomic_load_n(&seen[1], __ATOMIC_SEQ_CST) == 0; i++)
        CHECK(eXosip_event_wait(ctx, 0, 10) ==
              NULL); /* the event may be there before the callback is */
    CODE(1, __atomic_load_n(&seen[1], __ATOMIC_SEQ_CST));

    CODE(0, eXosip_reset_transports(ctx));
    eXosip_automatic_action(ctx);
    receive_message(&peer, "REGISTER ");
    FIELD(&peer, "CSeq", "2 REGISTER");
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(0, eXosip_set_cbsip_message(ctx, NULL));
    before = __atomic_load_n(&seen[0], __ATOMIC_SEQ_CST);
    port = ntohs(address.sin_port);
    peer_request("MESSAGE");
    event = expect_event(EXOSIP_MESSAGE_NEW);
    CODE(0, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
    eXosip_event_free(event);
    expect_answer("SIP/2.0 200 OK\r\n", "7 MESSAGE");
    CODE(before, __atomic_load_n(&seen[0], __ATOMIC_SEQ_CST));
    ended(ctx);
    CODE(0, close(own)); /* it stayed ours */

    CODE(OSIP_BADPARAMETER, eXosip_transport_set(NULL, "UDP"));
    CODE(0, osip_message_init(&reg));
    CODE(OSIP_UNDEFINED_ERROR, eXosip_transport_set(reg, "UDP"));
    osip_message_free(reg);
}

static void random_texts(void)
{
    char one[33], other[33];
    int zeros = 0;

    CODE(0, eXosip_generate_random(one, 16));
    CODE(0, eXosip_generate_random(other, 16));
    CHECK(strcmp(one, other) != 0 && strspn(one, "0123456789") == strlen(one));
    CHECK(strtoll(one, NULL, 10) >= 0 && strtoll(one, NULL, 10) <= 0x7fffffff);
    CODE(0, eXosip_hexa_generate_random(one, 33, "a", "b", "c"));
    CODE(0, eXosip_hexa_generate_random(other, 33, "a", "b", "c"));
    CHECK(strcmp(one, other) != 0 && strspn(one, "0123456789abcdef") == 32);
    CODE(0, eXosip_hexa_generate_random(other, 9, NULL, NULL, NULL));
    CODE(8, (int)strlen(other));
    memset(one, 0, sizeof one);
    CODE(0, eXosip_byte_generate_random(one, sizeof one));
    for (size_t i = 0; i < sizeof one; i++)
        zeros += one[i] == 0;
    CHECK(zeros < 20);
}

int main(void)
{
    opened();
    alice_registered();
    requests_of_our_own();
    if (proxied(&peer)) {
        requests_to_the_registrar();
        registered(0);
    }
    ended(ctx);
    plumbing();
    random_texts();
    peer_close(&peer);
    return 0;
}
