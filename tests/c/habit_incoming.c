/* Requests from outside that are no INVITE, as programs see and answer them. */
#include "incoming.h"

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

/* What is no request costs nothing and is no event; the next request is answered. */
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

int main(void)
{
    opened();
    alice_registered();
    messages_are_the_applications();
    a_message_with_a_body();
    a_request_that_does_not_say_its_length();
    retransmissions_are_absorbed();
    options();
    outside_of_any_dialog();
    subscriptions();
    if (!proxied(&peer))
        garbage_is_dropped(); /* which a proxy would not pass on */
    all_ended();
    return 0;
}
