/* NULL in each pointer of eX_message.h, eX_options.h, eX_publish.h and eX_subscribe.h, with numbers
   of transactions and dialogs that live; and messages without content. All of it changes nothing:
   the subscription goes on to its end. */
#include "check.h"
#include <string.h>

#define BOB "sip:b@127.0.0.1"
#define ALICE "sip:a@127.0.0.1"
#define PIDF "application/pidf+xml"

static struct eXosip_t *watcher, *server;
static osip_message_t *out;
static char uri[64];

/* The call gives this code, and NULL for its message. */
#define BUILT(wanted, call)                                                    \
    do {                                                                       \
        out = (osip_message_t *)&watcher;                                      \
        CODE(wanted, call);                                                    \
        CHECK(out == NULL);                                                    \
    } while (0)
#define REFUSED(call) CODE(OSIP_BADPARAMETER, call)

static osip_message_t *request(const char *method)
{
    osip_message_t *message = NULL;

    CODE(0, eXosip_message_build_request(watcher, &message, method, BOB, ALICE, NULL));
    return message;
}

/* Nothing in it is set. */
static osip_message_t *empty(void)
{
    osip_message_t *message = NULL;

    CODE(0, osip_message_init(&message));
    return message;
}

static eXosip_event_t *next(struct eXosip_t *ctx, eXosip_event_type_t type)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);

    CHECK(event != NULL);
    CODE((int)type, (int)event->type);
    return event;
}

static void requests(void)
{
    struct eXosip_t *ctx = watcher;

    REFUSED(eXosip_message_build_request(ctx, NULL, "MESSAGE", BOB, ALICE, NULL));
    BUILT(OSIP_BADPARAMETER,
          eXosip_message_build_request(NULL, &out, "MESSAGE", BOB, ALICE, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_message_build_request(ctx, &out, NULL, BOB, ALICE, NULL));
    BUILT(OSIP_SYNTAXERROR, eXosip_message_build_request(ctx, &out, "MESSAGE", NULL, ALICE, NULL));
    BUILT(OSIP_SYNTAXERROR, eXosip_message_build_request(ctx, &out, "MESSAGE", BOB, NULL, NULL));
    REFUSED(eXosip_message_send_request(ctx, NULL));
    REFUSED(eXosip_message_send_request(ctx, empty()));
    REFUSED(eXosip_message_send_request(NULL, request("MESSAGE")));

    REFUSED(eXosip_options_build_request(ctx, NULL, BOB, ALICE, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_options_build_request(NULL, &out, BOB, ALICE, NULL));
    BUILT(OSIP_SYNTAXERROR, eXosip_options_build_request(ctx, &out, NULL, ALICE, NULL));
    BUILT(OSIP_SYNTAXERROR, eXosip_options_build_request(ctx, &out, BOB, NULL, NULL));
    REFUSED(eXosip_options_send_request(ctx, NULL));
    REFUSED(eXosip_options_send_request(ctx, empty()));
    REFUSED(eXosip_options_send_request(NULL, request("OPTIONS")));

#define PUBLISH(ctx, message, to, from, event, type, body) \
    eXosip_build_publish(ctx, message, to, from, NULL, event, NULL, type, body)
    REFUSED(PUBLISH(ctx, NULL, BOB, ALICE, "presence", PIDF, "x"));
    BUILT(OSIP_BADPARAMETER, PUBLISH(NULL, &out, BOB, ALICE, "presence", PIDF, "x"));
    BUILT(OSIP_BADPARAMETER, PUBLISH(ctx, &out, NULL, ALICE, "presence", PIDF, "x"));
    BUILT(OSIP_BADPARAMETER, PUBLISH(ctx, &out, BOB, NULL, "presence", PIDF, "x"));
    BUILT(OSIP_BADPARAMETER, PUBLISH(ctx, &out, BOB, ALICE, NULL, PIDF, "x"));
    BUILT(OSIP_BADPARAMETER, PUBLISH(ctx, &out, BOB, ALICE, "presence", NULL, "x"));
    BUILT(OSIP_BADPARAMETER, PUBLISH(ctx, &out, BOB, ALICE, "presence", PIDF, NULL));
    CODE(0, PUBLISH(ctx, &out, BOB, ALICE, "presence", NULL, NULL));
    REFUSED(eXosip_publish(NULL, out, BOB));
    REFUSED(eXosip_publish(ctx, NULL, BOB));
    REFUSED(eXosip_publish(ctx, empty(), BOB));
    CODE(0, PUBLISH(ctx, &out, BOB, ALICE, "presence", NULL, NULL));
    REFUSED(eXosip_publish(ctx, out, NULL));
    osip_message_free(out); /* it stays the program's */
}

static void first_subscribes(void)
{
    struct eXosip_t *ctx = watcher;

#define SUBSCRIBE(ctx, message, to, from, event) \
    eXosip_subscription_build_initial_subscribe(ctx, message, to, from, NULL, event, 60)
    REFUSED(SUBSCRIBE(ctx, NULL, BOB, ALICE, "presence"));
    BUILT(OSIP_BADPARAMETER, SUBSCRIBE(NULL, &out, BOB, ALICE, "presence"));
    BUILT(OSIP_BADPARAMETER, SUBSCRIBE(ctx, &out, NULL, ALICE, "presence"));
    BUILT(OSIP_BADPARAMETER, SUBSCRIBE(ctx, &out, BOB, NULL, "presence"));
    BUILT(OSIP_BADPARAMETER, SUBSCRIBE(ctx, &out, BOB, ALICE, NULL));

#define REFER(ctx, message, to, from, refer_to) \
    eXosip_subscription_build_initial_refer(ctx, message, to, from, NULL, refer_to)
    REFUSED(REFER(ctx, NULL, BOB, ALICE, BOB));
    BUILT(OSIP_BADPARAMETER, REFER(NULL, &out, BOB, ALICE, BOB));
    BUILT(OSIP_BADPARAMETER, REFER(ctx, &out, NULL, ALICE, BOB));
    BUILT(OSIP_BADPARAMETER, REFER(ctx, &out, BOB, NULL, BOB));
    BUILT(OSIP_BADPARAMETER, REFER(ctx, &out, BOB, ALICE, NULL));

    REFUSED(eXosip_subscription_send_initial_request(ctx, NULL));
    REFUSED(eXosip_subscription_send_initial_request(ctx, empty()));
    REFUSED(eXosip_subscription_send_initial_request(NULL, request("SUBSCRIBE")));
}

/* Both families answer the same requests. */
static void answers(int tid)
{
    int (*const build[])(struct eXosip_t *, int, int, osip_message_t **) = {
        eXosip_insubscription_build_answer, eXosip_message_build_answer,
        eXosip_options_build_answer};
    int (*const send[])(struct eXosip_t *, int, int, osip_message_t *) = {
        eXosip_insubscription_send_answer, eXosip_message_send_answer, eXosip_options_send_answer};

    for (int i = 0; i < 3; i++) {
        osip_message_t *kept = empty();

        REFUSED(build[i](server, tid, 200, NULL));
        BUILT(OSIP_BADPARAMETER, build[i](NULL, tid, 200, &out));
        REFUSED(send[i](NULL, tid, 200, NULL));
        REFUSED(send[i](NULL, tid, 200, kept));
        osip_message_free(kept); /* it stays the program's */
        REFUSED(send[i](server, tid, 200, empty()));
    }
}

static void in_our_dialog(int did)
{
    REFUSED(eXosip_subscription_build_refresh_request(watcher, did, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_subscription_build_refresh_request(NULL, did, &out));
    REFUSED(eXosip_subscription_send_refresh_request(watcher, did, NULL));
    REFUSED(eXosip_subscription_send_refresh_request(watcher, did, empty()));
    REFUSED(eXosip_subscription_send_refresh_request(NULL, did, request("SUBSCRIBE")));
    REFUSED(eXosip_subscription_remove(NULL, did));
}

static void in_their_dialog(int did)
{
    REFUSED(eXosip_insubscription_build_notify(server, did, 2, 0, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_notify(NULL, did, 2, 0, &out));
    REFUSED(eXosip_insubscription_build_request(server, did, "NOTIFY", NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_request(server, did, NULL, &out));
    BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_request(NULL, did, "NOTIFY", &out));
    REFUSED(eXosip_insubscription_send_request(server, did, NULL));
    REFUSED(eXosip_insubscription_send_request(server, did, empty()));
    REFUSED(eXosip_insubscription_send_request(NULL, did, request("NOTIFY")));
    REFUSED(eXosip_insubscription_remove(NULL, did));
}

static void subscribed(void)
{
    osip_message_t *message = NULL, *asked;
    eXosip_event_t *event;
    int did;

    CODE(0, SUBSCRIBE(watcher, &message, uri, ALICE, "presence"));
    CHECK(eXosip_subscription_send_initial_request(watcher, message) > 0);
    event = next(server, EXOSIP_IN_SUBSCRIPTION_NEW);
    did = event->did;
    answers(event->tid);
    REFUSED(eXosip_insubscription_automatic(server, NULL));
    REFUSED(eXosip_insubscription_automatic(NULL, event));
    asked = event->request;
    event->request = NULL;
    REFUSED(eXosip_insubscription_automatic(server, event));
    event->request = asked;
    CODE(0, eXosip_insubscription_send_answer(server, event->tid, 200, NULL));
    eXosip_event_free(event);
    event = next(watcher, EXOSIP_SUBSCRIPTION_ANSWERED);
    in_our_dialog(event->did);
    eXosip_event_free(event);
    in_their_dialog(did);
    CODE(0, eXosip_insubscription_build_notify(server, did, 3, TIMEOUT, &message));
    CODE(0, eXosip_insubscription_send_request(server, did, message));
    eXosip_event_free(next(watcher, EXOSIP_SUBSCRIPTION_NOTIFY));
    eXosip_event_free(next(server, EXOSIP_NOTIFICATION_ANSWERED));
    CHECK(eXosip_event_wait(watcher, 0, 20) == NULL && eXosip_event_wait(server, 0, 20) == NULL);
}

int main(void)
{
    int port;

    watcher = listening();
    server = eXosip_malloc();
    CODE(0, eXosip_init(server));
    port = eXosip_find_free_port(server, 0, IPPROTO_UDP);
    CHECK(port > 0);
    CODE(0, eXosip_listen_addr(server, IPPROTO_UDP, "127.0.0.1", port, AF_INET, 0));
    snprintf(uri, sizeof uri, "sip:s@127.0.0.1:%d", port);
    requests();
    first_subscribes();
    subscribed();
    ended(watcher);
    ended(server);
    return 0;
}
