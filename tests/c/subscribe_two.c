/* Two contexts of this library: one subscribes to the other, is notified, refreshes by did and by
   sid, and ends; one refers the other. */
#include "check.h"
#include <string.h>

static struct eXosip_t *watcher, *server;
static char uri[64];

static eXosip_event_t *next(struct eXosip_t *ctx, eXosip_event_type_t type)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);

    CHECK(event != NULL);
    CODE((int)type, (int)event->type);
    CHECK(event->rid == 0 && event->cid == 0 && event->ack == NULL);
    CHECK(event->external_reference == NULL);
    return event;
}

static const char *header(osip_message_t *message, const char *name)
{
    osip_header_t *found = NULL;

    osip_message_header_get_byname(message, name, 0, &found);
    return found == NULL ? NULL : found->hvalue;
}

/* Sends a NOTIFY that says this, has it answered, and takes the events of both sides. */
static void notify(int nid, int did, int sid, int watched, int status, int reason)
{
    osip_message_t *message = NULL;
    eXosip_event_t *event;

    CODE(0, eXosip_insubscription_build_notify(server, did, status, reason, &message));
    CHECK(strncmp(header(message, "Subscription-State"), status == 3 ? "terminated" : "active",
                  6) == 0);
    CHECK(header(message, "Event") == NULL);
    CODE(0, osip_message_set_content_type(message, "application/pidf+xml"));
    CODE(0, osip_message_set_body(message, "<presence/>", 11));
    CODE(0, eXosip_insubscription_send_request(server, did, message));

    event = next(watcher, EXOSIP_SUBSCRIPTION_NOTIFY);
    CHECK(event->sid == sid && event->did == watched && event->nid == 0 && event->tid > 0);
    CHECK(event->ss_status == status && event->ss_reason == (status == 3 ? reason : 0));
    CHECK(MSG_IS_NOTIFY(event->request) && event->response == NULL);
    CODE(0, strcmp(event->textinfo, "NOTIFY request for subscription!"));
    CHECK(header(event->request, "Event") != NULL);
    /* A program may try to answer it: that does no harm. */
    CODE(OSIP_WRONG_STATE, eXosip_message_send_answer(watcher, event->tid, 200, NULL));
    CODE(OSIP_WRONG_STATE, eXosip_insubscription_build_answer(watcher, event->tid, 200, &message));
    CHECK(message == NULL);
    eXosip_event_free(event);

    event = next(server, EXOSIP_NOTIFICATION_ANSWERED);
    CHECK(event->nid == nid && event->did == did && event->sid == 0 && event->tid > 0);
    CHECK(MSG_IS_NOTIFY(event->request) && event->response->status_code == 200);
    CODE(0, strcmp(event->textinfo, ""));
    eXosip_event_free(event);
}

/* The SUBSCRIBE is an event of the server, which answers it with a body; that is an event of the
   watcher. The did of the watcher. */
static int answered(int sid, int *nid, int *did, const char *seconds)
{
    osip_message_t *reply = NULL;
    eXosip_event_t *event = next(server, EXOSIP_IN_SUBSCRIPTION_NEW);
    int watched;

    CHECK(event->nid > 0 && event->did > 0 && event->sid == 0 && event->response == NULL);
    CODE(0, strcmp(event->textinfo, "New incoming SUBSCRIBE!"));
    CHECK(*nid == 0 || (*nid == event->nid && *did == event->did));
    *nid = event->nid;
    *did = event->did;
    CODE(0, eXosip_insubscription_build_answer(server, event->tid, 200, &reply));
    /* What is left of it: a second less on a busy machine. */
    CHECK(atoi(header(reply, "Expires")) <= atoi(seconds));
    CHECK(atoi(header(reply, "Expires")) > atoi(seconds) - 20);
    CODE(0, osip_message_replace_header(reply, "Expires", seconds));
    CODE(0, osip_message_set_content_type(reply, "Application/MANSCDP+xml"));
    CODE(0, osip_message_set_body(reply, "<Response/>", 11));
    CODE(0, eXosip_insubscription_send_answer(server, event->tid, 200, reply));
    eXosip_event_free(event);

    event = next(watcher, EXOSIP_SUBSCRIPTION_ANSWERED);
    CHECK(event->sid == sid && event->did > 0 && event->nid == 0);
    CODE(0, strcmp(event->textinfo, "2xx received for SUBSCRIBE!"));
    CODE(200, event->response->status_code);
    CODE(0, strcmp(header(event->response, "Expires"), seconds));
    CODE(0, strcmp(header(event->response, "Event"), "presence;id=7"));
    watched = event->did;
    eXosip_event_free(event);
    return watched;
}

static void subscribed(void)
{
    osip_message_t *message = NULL;
    osip_call_id_t *call_id;
    int sid, watched, nid = 0, did = 0;

    CODE(0, eXosip_subscription_build_initial_subscribe(watcher, &message, uri, "sip:w@127.0.0.1",
                                                        NULL, "presence;id=7", 600));
    CODE(0, osip_message_set_content_type(message, "Application/MANSCDP+xml"));
    CODE(0, osip_message_set_body(message, "<Query/>", 8));
    sid = eXosip_subscription_send_initial_request(watcher, message);
    CHECK(sid > 0);
    call_id = osip_message_get_call_id(message); /* it may be read after it was sent */
    CHECK(call_id != NULL && call_id->number[0] != '\0');
    watched = answered(sid, &nid, &did, "600");
    notify(nid, did, sid, watched, EXOSIP_SUBCRSTATE_ACTIVE, 0);
    for (int id = sid; id != 0; id = id == sid ? watched : 0) {
        CODE(0, eXosip_subscription_build_refresh_request(watcher, id, &message));
        CHECK(header(message, "Event") == NULL && header(message, "Expires") == NULL);
        CODE(0, osip_message_set_expires(message, id == sid ? "900" : "0"));
        CODE(0, eXosip_subscription_send_refresh_request(watcher, id, message));
        CODE(watched, answered(sid, &nid, &did, id == sid ? "900" : "0"));
    }
    notify(nid, did, sid, watched, EXOSIP_SUBCRSTATE_TERMINATED, TIMEOUT);
    CODE(OSIP_NOTFOUND, eXosip_subscription_build_refresh_request(watcher, sid, &message));
    CODE(OSIP_NOTFOUND, eXosip_insubscription_build_notify(server, did, 2, 0, &message));
    CHECK(eXosip_event_wait(watcher, 0, 20) == NULL && eXosip_event_wait(server, 0, 20) == NULL);
}

static void referred(void)
{
    osip_message_t *message = NULL;
    eXosip_event_t *event;
    int sid, watched, nid, did;

    CODE(0, eXosip_subscription_build_initial_refer(watcher, &message, uri, "sip:w@127.0.0.1", NULL,
                                                    "sip:c@127.0.0.1"));
    sid = eXosip_subscription_send_initial_request(watcher, message);
    CHECK(sid > 0);
    event = next(server, EXOSIP_IN_SUBSCRIPTION_NEW);
    nid = event->nid;
    did = event->did;
    CHECK(strcmp(event->request->sip_method, "REFER") == 0);
    CODE(0, strcmp(header(event->request, "Refer-To"), "sip:c@127.0.0.1"));
    CODE(0, eXosip_insubscription_send_answer(server, event->tid, 202, NULL));
    eXosip_event_free(event);
    event = next(watcher, EXOSIP_SUBSCRIPTION_ANSWERED);
    CODE(sid, event->sid);
    CODE(202, event->response->status_code);
    watched = event->did;
    eXosip_event_free(event);
    notify(nid, did, sid, watched, EXOSIP_SUBCRSTATE_TERMINATED, NORESOURCE);
}

/* The dialogs of calls, of which there are none. */
static void described(void)
{
    osip_message_t *message = NULL;
    osip_body_t *body = NULL;
    eXosip_event_t *event;

    CODE(0, eXosip_subscription_build_initial_subscribe(watcher, &message, uri, "sip:w@127.0.0.1",
                                                        NULL, "dialog", 60));
    CHECK(eXosip_subscription_send_initial_request(watcher, message) > 0);
    event = next(server, EXOSIP_IN_SUBSCRIPTION_NEW);
    CODE(0, eXosip_insubscription_automatic(server, event));
    eXosip_event_free(event);
    eXosip_event_free(next(watcher, EXOSIP_SUBSCRIPTION_ANSWERED));
    event = next(watcher, EXOSIP_SUBSCRIPTION_NOTIFY);
    CODE(0, osip_message_get_body(event->request, 0, &body));
    CHECK(strstr(body->body, "urn:ietf:params:xml:ns:dialog-info") != NULL);
    eXosip_event_free(event);
    eXosip_event_free(next(server, EXOSIP_NOTIFICATION_ANSWERED));
}

/* The server asks for a password: default_action and automatic_action give it. */
static void refused(void)
{
    osip_message_t *message = NULL;
    eXosip_event_t *event;

    CODE(0, eXosip_subscription_build_initial_subscribe(watcher, &message, uri, "sip:w@127.0.0.1",
                                                        NULL, "presence", 60));
    CHECK(eXosip_subscription_send_initial_request(watcher, message) > 0);
    event = next(server, EXOSIP_IN_SUBSCRIPTION_NEW);
    CODE(0, eXosip_insubscription_build_answer(server, event->tid, 401, &message));
    CODE(0, osip_message_set_www_authenticate(
                message, "Digest realm=\"test\", nonce=\"n1\", qop=\"auth\", algorithm=MD5"));
    CODE(0, eXosip_insubscription_send_answer(server, event->tid, 401, message));
    eXosip_event_free(event);
    event = next(watcher, EXOSIP_SUBSCRIPTION_REQUESTFAILURE);
    CHECK(event->response->status_code == 401 && event->sid > 0 && event->did == 0);
    CODE(0, eXosip_add_authentication_info(watcher, "w", "w", "secret", NULL, NULL));
    CODE(0, eXosip_default_action(watcher, event));
    eXosip_event_free(event);
    event = next(server, EXOSIP_IN_SUBSCRIPTION_NEW);
    CHECK(osip_list_size(&event->request->authorizations) == 1);
    CODE(0, eXosip_insubscription_send_answer(server, event->tid, 403, NULL));
    eXosip_event_free(event);
    event = next(watcher, EXOSIP_SUBSCRIPTION_REQUESTFAILURE);
    CODE(1, eXosip_default_action(watcher, event));
    eXosip_event_free(event);
}

int main(void)
{
    int port;

    watcher = listening();
    server = eXosip_malloc();
    CODE(0, eXosip_init(server));
    port = eXosip_find_free_port(server, 5070, IPPROTO_UDP);
    CHECK(port > 0);
    CODE(0, eXosip_listen_addr(server, IPPROTO_UDP, "127.0.0.1", port, AF_INET, 0));
    snprintf(uri, sizeof uri, "sip:s@127.0.0.1:%d", port);
    subscribed();
    referred();
    described();
    refused();
    ended(watcher);
    ended(server);
    return 0;
}
