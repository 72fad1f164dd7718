/* The functions of eX_subscribe.h with numbers and texts that are wrong, and with NULL. */
#include "check.h"
#include <string.h>

static struct eXosip_t *ctx;
static osip_message_t *out;

/* The call gives this code, and NULL for its message. */
#define BUILT(wanted, call)                                                    \
    do {                                                                       \
        out = (osip_message_t *)&ctx;                                          \
        CODE(wanted, call);                                                    \
        CHECK(out == NULL);                                                    \
    } while (0)

/* A message of the caller's own, which is consumed. */
static osip_message_t *request(void)
{
    osip_message_t *message = NULL;

    CODE(0, eXosip_message_build_request(ctx, &message, "SUBSCRIBE", "sip:b@127.0.0.1",
                                         "sip:a@127.0.0.1", NULL));
    return message;
}

static void first_requests(int wanted)
{
    static const char to[] = "sip:b@127.0.0.1", from[] = "sip:a@127.0.0.1";

    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_subscribe(ctx, &out, NULL, from, NULL, "e", 1));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_subscribe(ctx, &out, to, "", NULL, "e", 1));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_subscribe(ctx, &out, to, from, NULL, NULL, 1));
    BUILT(OSIP_SYNTAXERROR,
          eXosip_subscription_build_initial_subscribe(ctx, &out, "<sip:", from, NULL, "e", 1));
    CODE(OSIP_BADPARAMETER,
         eXosip_subscription_build_initial_subscribe(ctx, NULL, to, from, NULL, "e", 1));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_subscribe(NULL, &out, to, from, NULL, "e", 1));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_refer(ctx, &out, "", from, NULL, "sip:c@d"));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_refer(ctx, &out, to, NULL, NULL, "sip:c@d"));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_refer(ctx, &out, to, from, NULL, ""));
    BUILT(OSIP_SYNTAXERROR,
          eXosip_subscription_build_initial_refer(ctx, &out, "<sip:", from, NULL, "sip:c@d"));
    BUILT(OSIP_BADPARAMETER,
          eXosip_subscription_build_initial_refer(NULL, &out, to, from, NULL, "sip:c@d"));
    CODE(OSIP_BADPARAMETER,
         eXosip_subscription_build_initial_refer(ctx, NULL, to, from, NULL, "sip:c@d"));
    CODE(wanted, eXosip_subscription_build_initial_subscribe(ctx, &out, to, from, "", "e", -7));
    CHECK((out != NULL) == (wanted == 0));
    osip_message_free(out);
    CODE(wanted, eXosip_subscription_build_initial_refer(ctx, &out, to, from, NULL, "not a uri"));
    CHECK((out != NULL) == (wanted == 0));
    osip_message_free(out);
    CODE(OSIP_BADPARAMETER, eXosip_subscription_send_initial_request(ctx, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_subscription_send_initial_request(NULL, NULL));
}

static void numbers(void)
{
    static const int wrong[] = {0, -1, 999};
    osip_message_t *kept;

    for (int i = 0; i < 3; i++) {
        int id = wrong[i], code = id == 999 ? OSIP_NOTFOUND : OSIP_BADPARAMETER;

        BUILT(code, eXosip_subscription_build_refresh_request(ctx, id, &out));
        kept = request();
        CODE(code, eXosip_subscription_send_refresh_request(ctx, id, kept));
        if (id < 1)
            osip_message_free(kept); /* it stays the program's */
        CODE(code, eXosip_subscription_send_refresh_request(ctx, id, NULL));
        CODE(code, eXosip_subscription_remove(ctx, id));
        for (int status = 100; status <= 700; status += 100) {
            BUILT(code, eXosip_insubscription_build_answer(ctx, id, status, &out));
            CODE(code, eXosip_insubscription_send_answer(ctx, id, status, NULL));
        }
        BUILT(code, eXosip_insubscription_build_notify(ctx, id, 2, 0, &out));
        BUILT(code, eXosip_insubscription_build_request(ctx, id, "NOTIFY", &out));
        BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_request(ctx, id, NULL, &out));
        BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_request(ctx, id, "", &out));
        CODE(code, eXosip_insubscription_send_request(ctx, id, request()));
        CODE(OSIP_BADPARAMETER, eXosip_insubscription_send_request(ctx, id, NULL));
        CODE(code, eXosip_insubscription_remove(ctx, id));
    }
}

static void null(void)
{
    eXosip_event_t event;

    CODE(OSIP_BADPARAMETER, eXosip_subscription_build_refresh_request(ctx, 1, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_subscription_build_refresh_request(NULL, 1, &out));
    CODE(OSIP_BADPARAMETER, eXosip_subscription_send_refresh_request(NULL, 1, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_subscription_remove(NULL, 1));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_build_answer(ctx, 1, 200, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_answer(NULL, 1, 200, &out));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_send_answer(NULL, 1, 200, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_build_notify(ctx, 1, 2, 0, NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_notify(NULL, 1, 2, 0, &out));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_build_request(ctx, 1, "NOTIFY", NULL));
    BUILT(OSIP_BADPARAMETER, eXosip_insubscription_build_request(NULL, 1, "NOTIFY", &out));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_send_request(NULL, 1, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_remove(NULL, 1));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_automatic(ctx, NULL));
    memset(&event, 0, sizeof event);
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_automatic(ctx, &event));
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_automatic(NULL, &event));
    event.request = request();
    event.nid = 998;
    CODE(OSIP_BADPARAMETER, eXosip_insubscription_automatic(ctx, &event));
    event.did = 999;
    CODE(OSIP_NOTFOUND, eXosip_insubscription_automatic(ctx, &event));
    osip_message_free(event.request);
}

int main(void)
{
    ctx = eXosip_malloc();
    CODE(0, eXosip_init(ctx));
    first_requests(OSIP_NO_NETWORK);
    eXosip_quit(ctx);
    osip_free(ctx);
    ctx = listening();
    first_requests(0);
    numbers();
    null();
    ended(ctx);
    return 0;
}
