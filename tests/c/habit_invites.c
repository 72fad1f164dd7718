/* INVITEs from outside, as programs see and answer them. */
#include "incoming.h"

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

int main(void)
{
    opened();
    if (!proxied(&peer))
        a_call_from_elsewhere();
    alice_registered();
    invites_are_refused();
    calls_are_rung_and_taken();
    an_invite_is_cancelled();
    all_ended();
    return 0;
}
