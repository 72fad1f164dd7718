/* Requests from outside, as programs see and answer them; requests of our own outside of
   registrations. With true registrars (see peer.h) the program is registered with the second, which
   brings it what the peer asks. */
#include "peer.h"

static struct peer peer;
static struct eXosip_t *ctx;
/* The port that requests for alice go to: that which ctx listens on, or the registrar's. */
static int port;

/* A request with a branch of its own. `more` is header fields, each with its CRLF. */
static void peer_request_with(const char *method, const char *to, const char *more,
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

static void peer_request(const char *method)
{
    peer_request_with(method, "<sip:alice@127.0.0.1>", "", "");
}

/* The next event; that of a call which is forgotten may come at any time. */
static eXosip_event_t *next_event(int seconds, int ms)
{
    eXosip_event_t *event;

    while ((event = eXosip_event_wait(ctx, seconds, ms)) != NULL &&
           event->type == EXOSIP_CALL_RELEASED)
        eXosip_event_free(event);
    return event;
}

static eXosip_event_t *expect_event(eXosip_event_type_t type)
{
    eXosip_event_t *event = next_event(10, 0);

    CHECK(event != NULL);
    CODE((int)type, (int)event->type);
    CHECK(event->tid > 0 && event->rid == 0 && event->sid == 0);
    CHECK(event->request != NULL && event->textinfo[0] != '\0');
    return event;
}

/* The answer received is this one, and answers what was asked. */
static void expect_answer(const char *status_line, const char *cseq)
{
    receive_message(&peer, status_line);
    FIELD(&peer, "CSeq", cseq);
    CHECK(strstr(field(&peer, "Via"), "branch=z9hG4bKpeer") != NULL);
    CHECK(strncmp(field(&peer, "From"), "\"Server\" <sip:server@127.0.0.1>;tag=s", 37) == 0);
}

/* What comes in outside of dialogs: no answer of the library's own, one event, answered with a
   built message. */
static void messages_are_the_applications(void)
{
    static const char *const methods[] = {"MESSAGE", "NOTIFY", "REGISTER", "PUBLISH",
                                          "PRACK",   "UPDATE", "GREET"};
    char cseq[32];

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        osip_message_t *reply = (osip_message_t *)&peer;
        eXosip_event_t *event;

        if (proxied(&peer) && strcmp(methods[i], "REGISTER") == 0)
            continue; /* the registrar takes it for its own */
        peer_request_with(methods[i], "<sip:alice@127.0.0.1>", "Content-Type: text/plain\r\n",
                          "hello");
        event = expect_event(EXOSIP_MESSAGE_NEW);
        CODE(0, strcmp(event->request->sip_method, methods[i]));
        CHECK(event->response == NULL && event->cid == 0 && event->did == 0 && event->nid == 0);
        CODE(0, eXosip_message_build_answer(ctx, event->tid, 200, &reply));
        CODE(200, reply->status_code);
        CODE(0, osip_message_set_header(reply, "X-Mark", "mine"));
        CODE(0, eXosip_message_send_answer(ctx, event->tid, 200, reply));
        snprintf(cseq, sizeof cseq, "7 %s", methods[i]);
        expect_answer("SIP/2.0 200 OK\r\n", cseq);
        FIELD(&peer, "X-Mark", "mine");
        CHECK(strstr(field(&peer, "To"), ";tag=") != NULL);
        CODE(OSIP_WRONG_STATE, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
        eXosip_event_free(event);
    }
}

/* The way of most programs: MSG_IS_MESSAGE, the body, then 200 without a message of their own. */
static void a_message_with_a_body(void)
{
    osip_body_t *body = NULL;
    osip_header_t *mark = NULL;
    osip_content_type_t *type;
    eXosip_event_t *event;

    peer_request_with("MESSAGE", "<sip:alice@127.0.0.1>",
                      "Content-Type: Application/MANSCDP+xml\r\n"
                      "X-Mark: theirs\r\n",
                      "<?xml version=\"1.0\"?>\n<Query/>\n");
    event = expect_event(EXOSIP_MESSAGE_NEW);
    CHECK(MSG_IS_MESSAGE(event->request) && !MSG_IS_OPTIONS(event->request));
    CODE(0, osip_message_get_body(event->request, 0, &body));
    CODE(0, strcmp(body->body, "<?xml version=\"1.0\"?>\n<Query/>\n"));
    CODE(31, (int)body->length);
    type = osip_message_get_content_type(event->request);
    CHECK(type != NULL && strcmp(type->type, "Application") == 0 &&
          strcmp(type->subtype, "MANSCDP+xml") == 0);
    CODE(0, strcmp(event->request->from->url->username, "server"));
    CHECK(osip_message_header_get_byname(event->request, "X-MARK", 0, &mark) >= 0);
    CODE(0, strcmp(mark->hname, "x-mark")); /* as libosip2 parses what came in */
    CODE(0, strcmp(mark->hvalue, "theirs"));
    CODE(0, eXosip_lock(ctx));
    CODE(0, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
    CODE(0, eXosip_unlock(ctx));
    expect_answer("SIP/2.0 200 OK\r\n", "7 MESSAGE");
    eXosip_event_free(event);
}

/* Over UDP a request may leave its length out: programs look at it unasked. */
static void a_request_that_does_not_say_its_length(void)
{
    eXosip_event_t *event;

    if (proxied(&peer))
        return; /* a proxy may put it in */
    send_message(&peer, port,
        "MESSAGE sip:alice@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKpeerL\r\n"
        "From: \"Server\" <sip:server@127.0.0.1>;tag=sL\r\nTo: <sip:alice@127.0.0.1>\r\n"
        "Call-ID: peer-L\r\nCSeq: 7 MESSAGE\r\nX-Blank:  \r\n\r\n",
        peer.port);
    event = expect_event(EXOSIP_MESSAGE_NEW);
    CODE(0, atoi(event->request->content_length->value));
    CODE(0, strcmp(((osip_header_t *)osip_list_get(&event->request->headers, 0))->hvalue, ""));
    CODE(0, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
    expect_answer("SIP/2.0 200 OK\r\n", "7 MESSAGE");
    eXosip_event_free(event);
}

/* A retransmission is answered with the same bytes and not reported again. */
static void retransmissions_are_absorbed(void)
{
    static const char request[] =
        "MESSAGE sip:alice@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKpeerA\r\n"
        "From: \"Server\" <sip:server@127.0.0.1>;tag=sA\r\nTo: <sip:alice@127.0.0.1>\r\n"
        "Call-ID: peer-A\r\nCSeq: 7 MESSAGE\r\n"
        "Content-Length: 0\r\n\r\n";
    eXosip_event_t *event;
    char *first;

    send_message(&peer, port, request, peer.port);
    event = expect_event(EXOSIP_MESSAGE_NEW);
    send_message(&peer, port, request, peer.port);
    CODE(0, eXosip_message_send_answer(ctx, event->tid, 202, NULL));
    eXosip_event_free(event);
    expect_answer("SIP/2.0 202 ", "7 MESSAGE");
    first = strdup(peer.received);
    memset(peer.known, 0, sizeof peer.known);
    send_message(&peer, port, request, peer.port);
    expect_answer("SIP/2.0 202 ", "7 MESSAGE");
    CODE(0, strcmp(first, peer.received));
    free(first);
    CHECK(next_event(0, 20) == NULL);
}

/* A registrar's ping that the program answers through eX_options.h, and one that it leaves alone.
 */
static void options(void)
{
    osip_message_t *reply = NULL;
    eXosip_event_t *event;

    peer_request("OPTIONS");
    event = expect_event(EXOSIP_MESSAGE_NEW);
    CHECK(MSG_IS_OPTIONS(event->request));
    CODE(0, eXosip_options_build_answer(ctx, event->tid, 200, &reply));
    CODE(0, eXosip_options_send_answer(ctx, event->tid, 200, reply));
    eXosip_event_free(event);
    expect_answer("SIP/2.0 200 OK\r\n", "7 OPTIONS");

    peer_request("OPTIONS");
    eXosip_event_free(expect_event(EXOSIP_MESSAGE_NEW));
    expect_answer("SIP/2.0 200 OK\r\n", "7 OPTIONS");
    CHECK(strstr(field(&peer, "Allow"), "OPTIONS") != NULL);
}

/* Requests of dialogs that do not exist are answered at once, and reported where eXosip reports
 * them. */
static void outside_of_any_dialog(void)
{
    static const char *const methods[] = {"BYE", "INFO"};
    eXosip_event_t *event;
    char cseq[32];

    for (size_t i = 0; i < 2; i++) {
        peer_request(methods[i]);
        event = expect_event(EXOSIP_MESSAGE_NEW);
        snprintf(cseq, sizeof cseq, "7 %s", methods[i]);
        expect_answer("SIP/2.0 481 ", cseq);
        CODE(OSIP_WRONG_STATE, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
        eXosip_event_free(event);
    }
    peer_request_with("SUBSCRIBE", "<sip:alice@127.0.0.1>;tag=x", "Contact: <sip:s@127.0.0.1>\r\n"
        "Event: presence\r\n", "");
    eXosip_event_free(expect_event(EXOSIP_MESSAGE_NEW));
    expect_answer("SIP/2.0 481 ", "7 SUBSCRIBE");
    peer_request_with("SUBSCRIBE", "<sip:alice@127.0.0.1>", "Event: presence\r\n", "");
    eXosip_event_free(expect_event(EXOSIP_MESSAGE_NEW));
    expect_answer("SIP/2.0 400 ", "7 SUBSCRIBE");
    if (proxied(&peer))
        return; /* no proxy passes on a CANCEL or ACK that belongs to nothing */
    peer_request("CANCEL");
    expect_answer("SIP/2.0 481 ", "7 CANCEL");
    peer_request("ACK");
    CHECK(next_event(0, 20) == NULL);
}

static void acknowledged(void)
{
    char via[256], from[256], to[256], call_id[256];

    snprintf(via, sizeof via, "%s", field(&peer, "Via"));
    snprintf(from, sizeof from, "%s", field(&peer, "From"));
    snprintf(to, sizeof to, "%s", field(&peer, "To"));
    snprintf(call_id, sizeof call_id, "%s", field(&peer, "Call-ID"));
    send_message(&peer, port, "ACK sip:alice@127.0.0.1 SIP/2.0\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\n"
                     "Call-ID: %s\r\nCSeq: 7 ACK\r\nContent-Length: 0\r\n\r\n",
        via, from, to, call_id);
}

/* The program has refused the INVITE `tid`, or it was cancelled. */
static void expect_closed(int tid, int status)
{
    eXosip_event_t *event = expect_event(EXOSIP_CALL_CLOSED);

    CHECK(event->tid == tid && event->did == -1 && MSG_IS_INVITE(event->request));
    CODE(status, event->response->status_code);
    eXosip_event_free(event);
}

/* An INVITE gets 100 by itself; the program refuses it. */
static void invites_are_refused(void)
{
    static const int codes[] = {302, 403, 486, 503, 603};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        osip_message_t *reply = (osip_message_t *)&peer;
        eXosip_event_t *event;
        char status[32];

        if (proxied(&peer) && codes[i] == 503)
            continue; /* a proxy makes 500 of it, RFC 3261 section 16.7 */
        peer_request_with("INVITE", "<sip:alice@127.0.0.1>", "Contact: <sip:server@127.0.0.1>\r\n",
                          "");
        expect_answer(proxied(&peer) ? "SIP/2.0 100 " : "SIP/2.0 100 Trying\r\n", "7 INVITE");
        event = expect_event(EXOSIP_CALL_INVITE);
        CHECK(MSG_IS_INVITE(event->request) && event->cid > 0 && event->did > 0);
        CHECK(event->response != NULL && event->response->status_code == 100);
        if (i % 2 == 0) {
            CODE(0, eXosip_call_build_answer(ctx, event->tid, codes[i], &reply));
            CODE(0, osip_message_set_header(reply, "Reason", "SIP;cause=486"));
        } else {
            reply = NULL;
        }
        CODE(0, eXosip_call_send_answer(ctx, event->tid, codes[i], reply));
        snprintf(status, sizeof status, "SIP/2.0 %d ", codes[i]);
        expect_answer(status, "7 INVITE");
        CHECK((field(&peer, "Reason") != NULL) == (i % 2 == 0));
        acknowledged();
        expect_closed(event->tid, codes[i]);
        CODE(OSIP_NOTFOUND, eXosip_call_terminate(ctx, event->cid, event->did));
        eXosip_event_free(event);
    }
    CHECK(next_event(0, 20) == NULL);

    /* Within a dialog that is not there. */
    peer_request_with("INVITE", "<sip:alice@127.0.0.1>;tag=x", "", "");
    expect_answer("SIP/2.0 100 ", "7 INVITE");
    receive_message(&peer, "SIP/2.0 481 ");
    acknowledged();
    CHECK(next_event(0, 20) == NULL);
}

/* The program rings, and then takes the call or declines it. */
static void calls_are_rung_and_taken(void)
{
    static const int codes[] = {180, 183, 199, 200, 202, 299};
    char from[256], to[256], call_id[256], contact[256];

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        osip_message_t *reply = (osip_message_t *)&peer;
        int status = codes[i];
        eXosip_event_t *event;
        char line[32];

        if (proxied(&peer) && status >= 200)
            continue; /* what follows goes past the proxy */
        peer_request_with("INVITE", "<sip:alice@127.0.0.1>", "Contact: <sip:server@127.0.0.1>\r\n",
                          "");
        expect_answer("SIP/2.0 100 ", "7 INVITE");
        event = expect_event(EXOSIP_CALL_INVITE);
        CODE(0, eXosip_call_build_answer(ctx, event->tid, status, &reply));
        CODE(status, reply->status_code);
        CODE(0, eXosip_call_send_answer(ctx, event->tid, status, reply));
        snprintf(line, sizeof line, "SIP/2.0 %d ", status);
        expect_answer(line, "7 INVITE");
        snprintf(contact, sizeof contact, "%s", field(&peer, "Contact"));
        CHECK(strncmp(contact, "<sip:alice@127.0.0.1:", 21) == 0);
        if (status < 200) {
            CODE(0, eXosip_call_send_answer(ctx, event->tid, 180, NULL));
            CODE(0, eXosip_call_terminate(ctx, event->cid, event->did));
            if (status != 180)
                expect_answer("SIP/2.0 180 ", "7 INVITE");
            expect_answer("SIP/2.0 603 ", "7 INVITE");
            acknowledged();
            expect_closed(event->tid, 603);
        } else {
            eXosip_event_t *ack;

            acknowledged();
            ack = expect_event(EXOSIP_CALL_ACK);
            CHECK(ack->tid == event->tid && ack->ack != NULL && MSG_IS_ACK(ack->ack));
            eXosip_event_free(ack);
            snprintf(from, sizeof from, "%s", field(&peer, "From"));
            snprintf(to, sizeof to, "%s", field(&peer, "To"));
            snprintf(call_id, sizeof call_id, "%s", field(&peer, "Call-ID"));
            send_message(&peer, port,
                "BYE sip:alice@127.0.0.1 SIP/2.0\r\n"
                "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKpeerbye%zu\r\n"
                "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 8 BYE\r\n"
                "Content-Length: 0\r\n\r\n",
                peer.port, i, from, to, call_id);
            expect_answer("SIP/2.0 200 ", "8 BYE");
            eXosip_event_free(expect_event(EXOSIP_CALL_MESSAGE_NEW));
            eXosip_event_free(expect_event(EXOSIP_CALL_CLOSED));
        }
        CODE(OSIP_NOTFOUND, eXosip_call_terminate(ctx, event->cid, event->did));
        eXosip_event_free(event);
    }
    CHECK(next_event(0, 20) == NULL);
}

/* The caller hangs up before the program has answered. */
static void an_invite_is_cancelled(void)
{
    eXosip_event_t *event;
    char via[256], from[256], call_id[256];
    int tid;

    peer_request_with("INVITE", "<sip:alice@127.0.0.1>", "Contact: <sip:server@127.0.0.1>\r\n", "");
    expect_answer("SIP/2.0 100 ", "7 INVITE");
    event = expect_event(EXOSIP_CALL_INVITE);
    tid = event->tid;
    eXosip_event_free(event);
    snprintf(via, sizeof via, "%s", field(&peer, "Via"));
    snprintf(from, sizeof from, "%s", field(&peer, "From"));
    snprintf(call_id, sizeof call_id, "%s", field(&peer, "Call-ID"));
    send_message(&peer, port,
        "CANCEL sip:alice@127.0.0.1 SIP/2.0\r\nVia: %s\r\nFrom: %s\r\n"
        "To: <sip:alice@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: 7 CANCEL\r\n"
        "Content-Length: 0\r\n\r\n",
        via, from, call_id);
    expect_answer("SIP/2.0 200 ", "7 CANCEL");
    expect_answer("SIP/2.0 487 ", "7 INVITE");
    acknowledged();
    event = expect_event(EXOSIP_CALL_CANCELLED);
    CHECK(event->tid != tid && strcmp(event->request->sip_method, "CANCEL") == 0);
    eXosip_event_free(event);
    expect_closed(tid, 487);
    CODE(OSIP_WRONG_STATE, eXosip_call_send_answer(ctx, tid, 486, NULL));
}

/* SUBSCRIBE and REFER: refused, and accepted by the functions of every header. */
static void subscriptions(void)
{
    static const char *const methods[] = {"SUBSCRIBE", "REFER"};
    static const char more[] = "Contact: <sip:s@127.0.0.1>\r\nEvent: presence\r\n"
                               "Refer-To: <sip:x@y>\r\n";

    for (size_t i = 0; i < 10; i++) {
        osip_message_t *reply = NULL;
        const char *method = methods[i % 2];
        eXosip_event_t *event;
        char cseq[32];

        peer_request_with(method, "<sip:alice@127.0.0.1>", more, "");
        event = expect_event(EXOSIP_IN_SUBSCRIPTION_NEW);
        CHECK(event->nid > 0 && event->did > 0);
        switch (i / 2) {
        case 0:
            CODE(0, eXosip_insubscription_build_answer(ctx, event->tid, 489, &reply));
            CODE(0, eXosip_insubscription_send_answer(ctx, event->tid, 489, reply));
            break;
        case 1:
            CODE(0, eXosip_insubscription_build_answer(ctx, event->tid, 200, &reply));
            CODE(0, eXosip_insubscription_send_answer(ctx, event->tid, 200, reply));
            break;
        case 2:
            CODE(0, eXosip_insubscription_send_answer(ctx, event->tid, 200, NULL));
            break;
        case 3:
            CODE(0, eXosip_message_send_answer(ctx, event->tid, 200, NULL));
            break;
        default:
            CODE(0, eXosip_call_send_answer(ctx, event->tid, 200, NULL));
        }
        snprintf(cseq, sizeof cseq, "7 %s", method);
        expect_answer(i < 2 ? "SIP/2.0 489 Bad Event\r\n" : "SIP/2.0 200 OK\r\n", cseq);
        CHECK((field(&peer, "Contact") != NULL) == (i >= 2));
        CODE(OSIP_WRONG_STATE, eXosip_insubscription_send_answer(ctx, event->tid, 489, NULL));
        CODE(i < 2 ? OSIP_NOTFOUND : 0,
             eXosip_insubscription_build_notify(ctx, event->did, EXOSIP_SUBCRSTATE_ACTIVE, 0,
                                                &reply));
        osip_message_free(reply);
        CODE(0, eXosip_insubscription_remove(ctx, event->did));
        eXosip_event_free(event);
    }
}

/* What is no request costs nothing and tells nobody; the next request is answered. */
static void garbage_is_dropped(void)
{
    send_message(&peer, port, "hello");
    send_message(&peer, port, "%s",
                 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnobody\r\n"
                 "CSeq: 1 REGISTER\r\nCall-ID: 1\r\n\r\n");
    send_message(&peer, port, "%s", "MESSAGE sip:a@127.0.0.1 SIP/2.0\r\nFrom: <sip:a@b>\r\n"
                           "To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n");
    send_message(&peer, port, "%s", "MESSAGE sip:a@127.0.0.1 SIP/2.0\r\n"
                           "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n\r\n");
    CHECK(next_event(0, 20) == NULL);
    peer_request("OPTIONS");
    eXosip_event_free(expect_event(EXOSIP_MESSAGE_NEW));
    expect_answer("SIP/2.0 200 OK\r\n", "7 OPTIONS");
}

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

/* Registers alice with the registrar that asks for a password, for as long. */
static void registered(int seconds)
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

/* An INVITE from an address where nothing is registered gets 100 and one answer, and the same again
   when it comes again. */
static void a_call_from_elsewhere(void)
{
    osip_message_t *message = (osip_message_t *)&peer;
    eXosip_event_t *event;

    peer_request_with("INVITE", "<sip:alice@127.0.0.1>", "Contact: <sip:server@127.0.0.1>\r\n", "");
    event = expect_event(EXOSIP_CALL_INVITE);
    CHECK(event->response != NULL && event->response->status_code == 100);
    expect_answer("SIP/2.0 100 ", "7 INVITE");
    CODE(0, eXosip_call_build_answer(ctx, event->tid, 486, &message));
    CODE(0, eXosip_call_send_answer(ctx, event->tid, 486, message));
    expect_answer("SIP/2.0 486 ", "7 INVITE");
    acknowledged();
    expect_closed(event->tid, 486);
    eXosip_event_free(event);
    peer_request_with("INVITE", "<sip:alice@127.0.0.1>;tag=x", "", "");
    expect_answer("SIP/2.0 481 ", "7 INVITE");
    CHECK(!receive_within(&peer, 50));
    acknowledged();
}

/* The peer is alice's registrar from here on. */
static void registered_with_the_peer(void)
{
    osip_message_t *reg = NULL;
    int rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", peer.uri, NULL,
                                                     600, &reg);

    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

int main(void)
{
    struct sockaddr_in local;
    osip_message_t *message = NULL;

    peer_open(&peer);
    ctx = listening();
    /* The peer learns our port from the first thing we send. */
    CODE(0, eXosip_options_build_request(ctx, &message, peer.uri, "sip:alice@127.0.0.1", NULL));
    CHECK(eXosip_options_send_request(ctx, message) > 0);
    receive_message(&peer, "OPTIONS sip:");
    local = peer.from;
    port = ntohs(local.sin_port);
    answer(&peer, "200 OK", "");
    eXosip_event_free(expect_event(EXOSIP_MESSAGE_ANSWERED));
    if (proxied(&peer)) {
        registered(600);
        port = peer.registrar[1];
    } else {
        a_call_from_elsewhere();
        registered_with_the_peer();
    }

    messages_are_the_applications();
    a_message_with_a_body();
    a_request_that_does_not_say_its_length();
    retransmissions_are_absorbed();
    options();
    outside_of_any_dialog();
    invites_are_refused();
    calls_are_rung_and_taken();
    an_invite_is_cancelled();
    subscriptions();
    if (!proxied(&peer))
        garbage_is_dropped(); /* which a proxy would not pass on */
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
