/* Two contexts that call each other, as programs written for eXosip2 do: with their habits. */
#include "calls_pair.h"

#include <pthread.h>

/* Offer, answer, what either side sees of it, and what it finds in a message. */
static void a_call_with_descriptions(void)
{
    struct call there, here;
    eXosip_event_t *invite;
    int cid = call_to(caller, port, OFFER);

    here = accepted(ANSWER);
    read_offer(here.did);
    there = answered(cid);
    acknowledged(here);
    CHECK(is_named(eXosip_get_local_sdp(caller, there.did), "offer", "4000"));
    CHECK(is_named(eXosip_get_remote_sdp(caller, there.did), "answer", "6000"));
    CHECK(is_named(eXosip_get_local_sdp(callee, here.did), "answer", "6000"));
    CHECK(is_named(eXosip_get_remote_sdp(callee, here.did), "offer", "4000"));
    CHECK(is_named(eXosip_get_local_sdp_from_tid(caller, there.tid), "offer", "4000"));
    CHECK(is_named(eXosip_get_remote_sdp_from_tid(caller, there.tid), "answer", "6000"));
    CHECK(eXosip_get_previous_local_sdp(caller, there.did) == NULL);

    /* Held: a new offer. The call's own name for the INVITE is another tid. */
    {
        osip_message_t *hold = NULL, *reply = NULL;

        CODE(0, eXosip_call_build_request(caller, there.did, "INVITE", &hold));
        describe(hold, DESCRIPTION("hold", "4002"));
        CODE(0, eXosip_call_send_request(caller, there.did, hold));
        invite = CALL_EVENT(callee, EXOSIP_CALL_REINVITE, here.cid);
        CHECK(invite->did == here.did && invite->tid != here.tid);
        CODE(0, eXosip_call_build_answer(callee, invite->tid, 200, &reply));
        describe(reply, DESCRIPTION("held", "6002"));
        CODE(0, eXosip_call_send_answer(callee, invite->tid, 200, reply));
        eXosip_event_free(invite);
        invite = CALL_ANSWER(caller, EXOSIP_CALL_ANSWERED, cid, 200);
        CHECK(invite->did == there.did && invite->tid != there.tid);
        CODE(0, eXosip_call_send_ack(caller, invite->tid, NULL));
        CHECK(is_named(eXosip_get_remote_sdp(caller, there.did), "held", "6002"));
        CHECK(is_named(eXosip_get_local_sdp(caller, there.did), "hold", "4002"));
        CHECK(is_named(eXosip_get_previous_local_sdp(caller, there.did), "offer", "4000"));
        CHECK(is_named(eXosip_get_sdp_info(invite->request), "hold", "4002"));
        CHECK(is_named(eXosip_get_sdp_info(invite->response), "held", "6002"));
        eXosip_event_free(invite);
        EXPECT_CALL_EVENT(callee, EXOSIP_CALL_ACK, here.cid);
        CHECK(is_named(eXosip_get_previous_local_sdp(callee, here.did), "answer", "6000"));
        CHECK(is_named(eXosip_get_remote_sdp(callee, here.did), "hold", "4002"));
    }
    /* Kept up: a new INVITE and its answer without any. */
    {
        osip_message_t *refresh = NULL, *reply = NULL;

        CODE(0, eXosip_call_build_request(callee, here.did, "INVITE", &refresh));
        CODE(0, eXosip_call_send_request(callee, here.did, refresh));
        invite = CALL_EVENT(caller, EXOSIP_CALL_REINVITE, cid);
        CODE(0, eXosip_call_build_answer(caller, invite->tid, 200, &reply));
        CODE(0, eXosip_call_send_answer(caller, invite->tid, 200, reply));
        eXosip_event_free(invite);
        invite = CALL_ANSWER(callee, EXOSIP_CALL_ANSWERED, here.cid, 200);
        CODE(0, eXosip_call_send_ack(callee, invite->tid, NULL));
        eXosip_event_free(invite);
        EXPECT_CALL_EVENT(caller, EXOSIP_CALL_ACK, cid);
    }
    hangs_up(callee, here, caller, there);
}

/* An INVITE without an offer: it comes with the answer, and its answer with the ACK. */
static void an_offer_in_the_answer(void)
{
    osip_message_t *ack = NULL;
    eXosip_event_t *event;
    int cid = call_to(caller, port, NULL);
    struct call here = accepted(DESCRIPTION("offer", "6000")), there;

    CHECK(eXosip_get_remote_sdp(callee, here.did) == NULL);
    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_RINGING, cid);
    event = CALL_ANSWER(caller, EXOSIP_CALL_ANSWERED, cid, 200);
    there = numbers(event);
    eXosip_event_free(event);
    CODE(0, eXosip_call_build_ack(caller, there.tid, &ack));
    describe(ack, DESCRIPTION("answer", "4000"));
    CODE(0, eXosip_call_send_ack(caller, there.tid, ack));
    event = CALL_EVENT(callee, EXOSIP_CALL_ACK, here.cid);
    CHECK(is_named(eXosip_get_sdp_info(event->ack), "answer", "4000"));
    CHECK(is_named(eXosip_get_remote_sdp(callee, here.did), "answer", "4000"));
    CHECK(is_named(eXosip_get_local_sdp(caller, there.did), "answer", "4000"));
    CHECK(is_named(eXosip_get_remote_sdp(caller, there.did), "offer", "6000"));
    eXosip_event_free(event);
    hangs_up(caller, there, callee, here);
}

/* The answer to a request within the call, made by default or built. */
static void request_answered(struct call there, struct call here, osip_message_t *request,
                             int is_built)
{
    osip_message_t *reply = NULL;
    eXosip_event_t *event;
    char method[16];

    snprintf(method, sizeof method, "%s", request->sip_method);
    CODE(0, eXosip_call_send_request(caller, there.did, request));
    event = CALL_EVENT(callee, EXOSIP_CALL_MESSAGE_NEW, here.cid);
    CODE(0, strcmp(event->request->sip_method, method));
    CHECK(event->response == NULL && event->did == here.did);
    if (is_built)
        CODE(0, eXosip_call_build_answer(callee, event->tid, 202, &reply));
    CODE(0, eXosip_call_send_answer(callee, event->tid, 202, reply));
    CODE(OSIP_WRONG_STATE, eXosip_call_send_answer(callee, event->tid, 200, NULL));
    CODE(OSIP_WRONG_STATE, eXosip_message_send_answer(callee, event->tid, 200, NULL));
    eXosip_event_free(event);
    event = CALL_ANSWER(caller, EXOSIP_CALL_MESSAGE_ANSWERED, there.cid, 202);
    CODE(0, strcmp(event->request->sip_method, method));
    eXosip_event_free(event);
}

/* Digits, keep-alives, messages and transfers within the call, in either way. */
static void requests_within_a_call(void)
{
    static const char *const methods[] = {"MESSAGE", "OPTIONS", "UPDATE", "GREET"};
    osip_message_t *request = NULL;
    struct call there, here;
    osip_header_t *header = NULL;
    eXosip_event_t *event;
    char referto[256];

    talking(&there, &here);
    CODE(0, eXosip_call_build_info(caller, there.did, &request));
    CODE(0, osip_message_set_content_type(request, "application/dtmf-relay"));
    CODE(0, osip_message_set_body(request, "Signal=5\r\nDuration=160\r\n", 24));
    request_answered(there, here, request, 0);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        CODE(0, eXosip_call_build_request(caller, there.did, methods[i], &request));
        request_answered(there, here, request, i % 2 == 0);
    }
    CODE(0, eXosip_call_build_update(caller, there.did, &request));
    request_answered(there, here, request, 1);
    CODE(0, eXosip_call_build_options(caller, there.did, &request));
    CHECK(request->accepts.nb_elt == 1);
    request_answered(there, here, request, 1);

    CODE(0, eXosip_call_get_referto(caller, there.did, referto, sizeof referto));
    CODE(0, eXosip_call_build_refer(caller, there.did, referto, &request));
    CHECK(osip_message_header_get_byname(request, "refer-to", 0, &header) >= 0);
    CODE(0, strcmp(header->hvalue, referto));
    request_answered(there, here, request, 1);
    CODE(0, eXosip_call_build_notify(callee, here.did, EXOSIP_SUBCRSTATE_ACTIVE, &request));
    CODE(0, osip_message_set_header(request, "Event", "refer"));
    CODE(0, osip_message_set_content_type(request, "message/sipfrag"));
    CODE(0, osip_message_set_body(request, "SIP/2.0 100 Trying\r\n", 20));
    CODE(0, eXosip_call_send_request(callee, here.did, request));
    event = CALL_EVENT(caller, EXOSIP_CALL_MESSAGE_NEW, there.cid);
    CHECK(MSG_IS_NOTIFY(event->request));
    CHECK(osip_message_header_get_byname(event->request, "subscription-state", 0, &header) >= 0);
    CODE(0, strcmp(header->hvalue, "active;expires=180"));
    CODE(0, eXosip_message_send_answer(caller, event->tid, 200, NULL)); /* by the other family */
    eXosip_event_free(event);
    EXPECT_CALL_EVENT(callee, EXOSIP_CALL_MESSAGE_ANSWERED, here.cid);
    /* The transfer goes on in the dialog. */
    hangs_up_and(caller, there, callee, here, there.did);
}

/* What a Replaces names, from what get_referto says, without its escapes. */
static void a_call_is_found_by_its_replaces(void)
{
    struct call there, here;
    char referto[256], replaces[256], *from, *to;

    talking(&there, &here);
    CODE(0, eXosip_call_get_referto(caller, there.did, referto, sizeof referto));
    from = strstr(referto, "?Replaces=");
    CHECK(from != NULL);
    for (from += 10, to = replaces; *from != '\0'; to++) {
        unsigned code;

        if (*from == '%' && sscanf(from + 1, "%2x", &code) == 1) {
            *to = (char)code;
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
    CODE(there.cid, eXosip_call_find_by_replaces(caller, replaces));
    CODE(here.cid, eXosip_call_find_by_replaces(callee, replaces));
    strcat(replaces, ";early-only");
    CODE(OSIP_WRONG_STATE, eXosip_call_find_by_replaces(callee, replaces));
    hangs_up(callee, here, caller, there);
}

/* The caller gives up while it rings. */
static void a_call_is_cancelled(void)
{
    int cid = call_to(caller, port, OFFER);
    eXosip_event_t *event = CALL_EVENT(callee, EXOSIP_CALL_INVITE, 0);
    struct call here = numbers(event);

    eXosip_event_free(event);
    CODE(0, eXosip_call_send_answer(callee, here.tid, 180, NULL));
    event = CALL_EVENT(caller, EXOSIP_CALL_RINGING, cid);
    CODE(1, eXosip_call_terminate(caller, cid, event->did));
    eXosip_event_free(event);
    event = CALL_EVENT(callee, EXOSIP_CALL_CANCELLED, here.cid);
    CHECK(event->tid != here.tid && strcmp(event->request->sip_method, "CANCEL") == 0);
    CHECK(event->response == NULL && event->did == here.did);
    eXosip_event_free(event);
    event = CALL_ANSWER(callee, EXOSIP_CALL_CLOSED, here.cid, 487);
    CHECK(event->tid == here.tid && event->did == -1 && MSG_IS_INVITE(event->request));
    eXosip_event_free(event);
    CHECK(eXosip_call_send_answer(callee, here.tid, 200, NULL) < 0);
    CHECK(eXosip_call_send_answer(callee, here.tid, 486, NULL) < 0);
    for (int i = 0; i < 2; i++) {
        /* 200 to the CANCEL and 487 to the INVITE come in any order. */
        event = next_event(caller, EXOSIP_CALL_REQUESTFAILURE, cid);
        CHECK(event != NULL && event->cid == cid && event->response != NULL);
        if (event->type == EXOSIP_CALL_REQUESTFAILURE)
            CHECK(event->response->status_code == 487 && event->ack != NULL);
        else
            CODE((int)EXOSIP_CALL_MESSAGE_ANSWERED, (int)event->type);
        eXosip_event_free(event);
    }
}

/* The callee refuses, in each way there is. */
static void a_call_is_refused(void)
{
    static const int codes[] = {302, 400, 404, 480, 486, 488, 500, 503, 600, 603};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        int cid = call_to(caller, port, OFFER), status = codes[i];
        eXosip_event_t *event = CALL_EVENT(callee, EXOSIP_CALL_INVITE, 0);
        struct call here = numbers(event);
        osip_message_t *reply = NULL;

        eXosip_event_free(event);
        if (status == 603) {
            CODE(0, eXosip_call_terminate(callee, here.cid, i % 2 == 0 ? 0 : here.did));
        } else if (i % 2 == 0) {
            CODE(0, eXosip_call_build_answer(callee, here.tid, status, &reply));
            CHECK(reply->contacts.nb_elt == 0);
            CODE(0, eXosip_call_send_answer(callee, here.tid, status, reply));
        } else {
            CODE(0, eXosip_call_send_answer(callee, here.tid, status, NULL));
        }
        event = CALL_ANSWER(callee, EXOSIP_CALL_CLOSED, here.cid, status);
        CHECK(event->did == -1 && event->tid == here.tid && MSG_IS_INVITE(event->request));
        eXosip_event_free(event);
        event = CALL_ANSWER(caller,
                            status < 400   ? EXOSIP_CALL_REDIRECTED
                            : status < 500 ? EXOSIP_CALL_REQUESTFAILURE
                            : status < 600 ? EXOSIP_CALL_SERVERFAILURE
                                           : EXOSIP_CALL_GLOBALFAILURE,
                            cid, status);
        CHECK(event->ack != NULL && MSG_IS_ACK(event->ack) && MSG_IS_INVITE(event->request));
        eXosip_event_free(event);
        CODE(OSIP_NOTFOUND, eXosip_call_terminate(callee, 0, here.did));
        CHECK(eXosip_call_send_answer(callee, here.tid, 486, NULL) < 0);
        CODE(OSIP_WRONG_STATE, eXosip_call_terminate(caller, cid, 0));
    }
}

/* A 183 that is acknowledged (RFC 3262), all by hand. */
static void a_reliable_provisional_answer(void)
{
    osip_message_t *invite = invite_to(caller, port, OFFER), *reply = NULL, *prack = NULL;
    osip_header_t *header = NULL;
    struct call here, there;
    eXosip_event_t *event;
    int cid;

    CODE(0, osip_message_set_supported(invite, "100rel"));
    cid = eXosip_call_send_initial_invite(caller, invite);
    event = CALL_EVENT(callee, EXOSIP_CALL_INVITE, 0);
    here = numbers(event);
    eXosip_event_free(event);
    CODE(0, eXosip_call_build_answer(callee, here.tid, 183, &reply));
    CODE(0, osip_message_set_require(reply, "100rel"));
    CODE(0, osip_message_set_header(reply, "RSeq", "7"));
    describe(reply, ANSWER);
    CODE(0, eXosip_call_send_answer(callee, here.tid, 183, reply));
    event = CALL_ANSWER(caller, EXOSIP_CALL_RINGING, cid, 183);
    there = numbers(event);
    CHECK(is_named(eXosip_get_remote_sdp(caller, there.did), "answer", "6000"));
    CODE(0, eXosip_call_build_prack(caller, there.tid, event->response, &prack));
    CHECK(osip_message_header_get_byname(prack, "rack", 0, &header) >= 0);
    CODE(0, strcmp(header->hvalue, "7 20 INVITE"));
    CODE(0, eXosip_call_send_prack(caller, there.tid, prack));
    prack = NULL;
    CODE(OSIP_WRONG_STATE, eXosip_call_build_prack(caller, there.tid, event->response, &prack));
    CHECK(prack == NULL);
    eXosip_event_free(event);
    event = CALL_EVENT(callee, EXOSIP_CALL_MESSAGE_NEW, here.cid);
    CODE(0, strcmp(event->request->sip_method, "PRACK"));
    CODE(0, eXosip_call_send_answer(callee, event->tid, 200, NULL));
    eXosip_event_free(event);
    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_MESSAGE_ANSWERED, cid);
    CODE(0, eXosip_call_build_answer(callee, here.tid, 200, &reply));
    CODE(0, eXosip_call_send_answer(callee, here.tid, 200, reply));
    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_ANSWERED, cid);
    CODE(0, eXosip_call_send_ack(caller, there.tid, NULL));
    acknowledged(here);
    CHECK(is_named(eXosip_get_remote_sdp(caller, there.did), "answer", "6000"));
    hangs_up(caller, there, callee, here);
}

/* Another thread hangs up, with the numbers of the last event, whatever that was. */
static void *hanging_up(void *argument)
{
    struct call *last = argument;

    eXosip_call_terminate(caller, last->cid, last->did);
    return NULL;
}

static void another_thread_hangs_up(void)
{
    static const int dids[] = {0, -1};

    for (size_t i = 0; i < 2; i++) {
        struct call there, here, last;
        pthread_t thread;

        talking(&there, &here);
        last = there;
        last.did = dids[i];
        CODE(0, pthread_create(&thread, NULL, hanging_up, &last));
        CODE(0, pthread_join(thread, NULL));
        EXPECT_CALL_EVENT(callee, EXOSIP_CALL_MESSAGE_NEW, here.cid);
        EXPECT_CALL_EVENT(callee, EXOSIP_CALL_CLOSED, here.cid);
        EXPECT_CALL_EVENT(caller, EXOSIP_CALL_MESSAGE_ANSWERED, there.cid);
    }
}

/* An event is kept until its call has ended, and its numbers are used meanwhile. Each call ends by
   the event that says so, once. */
static void a_call_is_released(void)
{
    eXosip_event_t *kept, *event;
    struct call there, here;
    int mark = 0;

    call_to(caller, port, OFFER);
    kept = CALL_EVENT(callee, EXOSIP_CALL_INVITE, 0);
    CODE(0, eXosip_call_set_reference(callee, kept->did, &mark));
    CODE(0, eXosip_call_send_answer(callee, kept->tid, 183, NULL));
    event = CALL_EVENT(caller, EXOSIP_CALL_RINGING, 0);
    there = numbers(event);
    eXosip_event_free(event);
    {
        osip_message_t *reply = NULL;

        CODE(0, eXosip_call_build_answer(callee, kept->tid, 200, &reply));
        CODE(0, eXosip_call_send_answer(callee, kept->tid, 200, reply));
    }
    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_ANSWERED, there.cid);
    CODE(0, eXosip_call_send_ack(caller, there.tid, NULL));
    here = numbers(kept);
    event = CALL_EVENT(callee, EXOSIP_CALL_ACK, here.cid);
    CHECK(event->external_reference == &mark);
    eXosip_event_free(event);
    hangs_up(caller, there, callee, here);
    event = CALL_EVENT(callee, EXOSIP_CALL_RELEASED, here.cid);
    CHECK(event->external_reference == &mark && event->request == NULL && event->tid == 0);
    CHECK(event->cid == kept->cid && event->did <= 0);
    eXosip_event_free(event);
    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_RELEASED, there.cid);
    eXosip_event_free(kept);
    CODE(OSIP_NOTFOUND, eXosip_call_terminate(callee, here.cid, here.did));
    CODE(OSIP_NOTFOUND, eXosip_call_terminate(caller, there.cid, 0));
}

/* Options of calls: parameters of the Contact, BYE answered by the program, and how many there
   are: this is the first one, since others would be released at any time. */
static void options_of_calls(void)
{
    int on = 1, off = 0;
    struct eXosip_stats stats;
    struct call there, here;
    osip_message_t *reply = NULL;
    osip_contact_t *contact = NULL;
    eXosip_event_t *event;
    char *text = NULL;

    memset(&stats, 0, sizeof stats);
    CODE(0, eXosip_set_option(callee, EXOSIP_OPT_GET_STATISTICS, &stats));
    CODE(0, stats.allocated_calls);
    CODE(0, eXosip_set_option(caller, EXOSIP_OPT_ENABLE_OUTBOUND, &on));
    CODE(0, eXosip_set_option(caller, EXOSIP_OPT_SET_CONTACT_DIALOG_EXTRA_PARAMS, "x=y"));
    CODE(0, eXosip_set_option(callee, EXOSIP_OPT_ENABLE_AUTOANSWERBYE, &off));
    talking(&there, &here);
    CODE(0, eXosip_set_option(callee, EXOSIP_OPT_GET_STATISTICS, &stats));
    CODE(1, stats.allocated_calls);
    CHECK(stats.average_calls > 0);
    CODE(0, eXosip_call_build_info(caller, there.did, &reply));
    CODE(0, osip_message_get_contact(reply, 0, &contact));
    CODE(0, osip_contact_to_str(contact, &text));
    CHECK(strstr(text, ";ob>") != NULL && strstr(text, ">;x=y") != NULL);
    osip_free(text);
    osip_message_free(reply);
    CODE(0, eXosip_call_terminate(caller, there.cid, there.did));
    event = CALL_EVENT(callee, EXOSIP_CALL_MESSAGE_NEW, here.cid);
    CHECK(MSG_IS_BYE(event->request) && event->response == NULL);
    eXosip_event_free(event);
    event = CALL_EVENT(callee, EXOSIP_CALL_CLOSED, here.cid);
    CHECK(MSG_IS_BYE(event->request) && event->response == NULL);
    CODE(0, eXosip_call_build_answer(callee, event->tid, 200, &reply));
    CODE(0, eXosip_call_send_answer(callee, event->tid, 200, reply));
    eXosip_event_free(event);
    EXPECT_CALL_EVENT(caller, EXOSIP_CALL_MESSAGE_ANSWERED, there.cid);
    CODE(0, eXosip_set_option(caller, EXOSIP_OPT_ENABLE_OUTBOUND, &off));
    CODE(0, eXosip_set_option(caller, EXOSIP_OPT_SET_CONTACT_DIALOG_EXTRA_PARAMS, NULL));
    CODE(0, eXosip_set_option(callee, EXOSIP_OPT_ENABLE_AUTOANSWERBYE, &on));
}

/* Contexts that end while their calls stand send nothing and make no events. */
static void contexts_end_in_a_call(void)
{
    struct call there, here;
    eXosip_event_t *event;

    talking(&there, &here);
    ended(callee);
    while ((event = eXosip_event_wait(caller, 0, 50)) != NULL) {
        CHECK(is_by_the_way(event, EXOSIP_CALL_RELEASED, there.cid)); /* a call before is gone */
        eXosip_event_free(event);
    }
    ended(caller);
}

int main(void)
{
    caller = listening();
    callee = listening();
    port = port_of(callee);
    options_of_calls();
    a_call_with_descriptions();
    an_offer_in_the_answer();
    requests_within_a_call();
    a_call_is_found_by_its_replaces();
    a_call_is_cancelled();
    a_call_is_refused();
    a_reliable_provisional_answer();
    another_thread_hangs_up();
    a_call_is_released();
    contexts_end_in_a_call();
    return 0;
}
