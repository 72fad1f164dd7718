/* Who subscribes to the dialogs of a phone sees a call ring, stand and end; the phone leaves all of
   it to eXosip_insubscription_automatic. */
#include "check.h"
#include <string.h>

static struct eXosip_t *watcher, *phone;
static char uri[64];

/* The next event of this type; those before it are skipped. */
static eXosip_event_t *next(struct eXosip_t *ctx, eXosip_event_type_t type)
{
    for (int tries = 0; tries < 20; tries++) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);

        CHECK(event != NULL);
        if (event->type == type)
            return event;
        eXosip_event_free(event);
    }
    CHECK(!"the event comes");
    return NULL;
}

static const char *header(osip_message_t *message, const char *name)
{
    osip_header_t *found = NULL;

    osip_message_header_get_byname(message, name, 0, &found);
    return found == NULL ? NULL : found->hvalue;
}

/* The phone gets a SUBSCRIBE. What the NOTIFY is then: its version and, but for NULL, the state of
   its only dialog, which is that of `call_id` and which the watcher has begun. */
static void described(const char *version, const char *state, const char *call_id)
{
    eXosip_event_t *event = next(phone, EXOSIP_IN_SUBSCRIPTION_NEW);
    osip_body_t *body = NULL;
    char text[200];

    CODE(0, eXosip_insubscription_automatic(phone, event));
    eXosip_event_free(event);
    event = next(watcher, EXOSIP_SUBSCRIPTION_ANSWERED);
    CODE(202, event->response->status_code);
    eXosip_event_free(event);
    event = next(watcher, EXOSIP_SUBSCRIPTION_NOTIFY);
    CHECK(event->ss_status == EXOSIP_SUBCRSTATE_ACTIVE);
    CODE(0, strcmp(header(event->request, "Event"), "dialog"));
    CODE(0, strcmp(event->request->content_type->subtype, "dialog-info+xml"));
    CODE(0, osip_message_get_body(event->request, 0, &body));
    snprintf(text, sizeof text, "version=\"%s\" state=\"full\"", version);
    CHECK(strstr(body->body, text) != NULL);
    CHECK(strstr(body->body, "entity=\"sip:phone@127.0.0.1") != NULL);
    if (state == NULL) {
        CHECK(strstr(body->body, "<dialog ") == NULL);
    } else {
        snprintf(text, sizeof text, "<dialog id=\"%s\" call-id=\"%s\"", call_id, call_id);
        CHECK(strstr(body->body, text) != NULL);
        CHECK(strstr(strstr(body->body, "<dialog ") + 1, "<dialog ") == NULL);
        CHECK(strstr(body->body, "direction=\"recipient\"") != NULL);
        snprintf(text, sizeof text, "<state>%s</state>", state);
        CHECK(strstr(body->body, text) != NULL);
        CHECK(strstr(body->body, "<identity>sip:caller@127.0.0.1</identity>") != NULL);
    }
    eXosip_event_free(event);
    eXosip_event_free(next(phone, EXOSIP_NOTIFICATION_ANSWERED));
}

static int subscribe(void)
{
    osip_message_t *message = NULL;
    int sid;

    CODE(0, eXosip_subscription_build_initial_subscribe(watcher, &message, uri,
                                                        "sip:watcher@127.0.0.1", NULL, "dialog",
                                                        60));
    sid = eXosip_subscription_send_initial_request(watcher, message);
    CHECK(sid > 0);
    return sid;
}

static void ask_again(int sid)
{
    osip_message_t *message = NULL;

    CODE(0, eXosip_subscription_build_refresh_request(watcher, sid, &message));
    CODE(0, eXosip_subscription_send_refresh_request(watcher, sid, message));
}

static void watched(void)
{
    osip_message_t *message = NULL;
    eXosip_event_t *event;
    char call_id[100];
    int sid, tid, cid, did;

    CODE(0, eXosip_call_build_initial_invite(watcher, &message, uri, "sip:caller@127.0.0.1", NULL,
                                             NULL));
    snprintf(call_id, sizeof call_id, "%s", message->call_id->number);
    CHECK(eXosip_call_send_initial_invite(watcher, message) > 0);
    event = next(phone, EXOSIP_CALL_INVITE);
    tid = event->tid;
    CODE(0, eXosip_call_send_answer(phone, tid, 180, NULL));
    eXosip_event_free(event);
    eXosip_event_free(next(watcher, EXOSIP_CALL_RINGING));
    sid = subscribe();
    described("0", "early", call_id);

    CODE(0, eXosip_call_build_answer(phone, tid, 200, &message));
    CODE(0, eXosip_call_send_answer(phone, tid, 200, message));
    event = next(watcher, EXOSIP_CALL_ANSWERED);
    cid = event->cid;
    did = event->did;
    CODE(0, eXosip_call_send_ack(watcher, event->tid, NULL));
    eXosip_event_free(event);
    eXosip_event_free(next(phone, EXOSIP_CALL_ACK));
    ask_again(sid);
    described("1", "confirmed", call_id);

    CODE(0, eXosip_call_terminate(watcher, cid, did));
    eXosip_event_free(next(phone, EXOSIP_CALL_CLOSED));
    ask_again(sid);
    described("2", NULL, call_id);
}

int main(void)
{
    int port;

    watcher = listening();
    phone = eXosip_malloc();
    CODE(0, eXosip_init(phone));
    port = eXosip_find_free_port(phone, 0, IPPROTO_UDP);
    CHECK(port > 0);
    CODE(0, eXosip_listen_addr(phone, IPPROTO_UDP, "127.0.0.1", port, AF_INET, 0));
    snprintf(uri, sizeof uri, "sip:phone@127.0.0.1:%d", port);
    watched();
    ended(watcher);
    ended(phone);
    return 0;
}
