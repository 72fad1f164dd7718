/*
 * Subscribes to sip:other@127.0.0.1:PORT, which sends a NOTIFY at once, and keeps many
 * subscriptions standing.
 *
 *   subscriptions PORT SUBSCRIPTIONS STANDING SECONDS
 *
 * What SUBSCRIPTIONS cost is printed when the last NOTIFY of each has been freed.
 */
#include "standing.h"

static int begin(const char *to)
{
    osip_message_t *subscribe = NULL;
    int code = eXosip_subscription_build_initial_subscribe(
        context, &subscribe, to, "sip:program@bench.test", NULL, "presence", 3600);

    return code != 0 ? code : eXosip_subscription_send_initial_request(context, subscribe) < 1;
}

static int end(int cid, int did)
{
    osip_message_t *subscribe = NULL;
    int code = eXosip_subscription_build_refresh_request(context, did, &subscribe);

    (void)cid;
    if (code != 0)
        return code;
    osip_message_set_expires(subscribe, "0");
    return eXosip_subscription_send_refresh_request(context, did, subscribe);
}

static void handle(const eXosip_event_t *event)
{
    switch (event->type) {
    case EXOSIP_SUBSCRIPTION_NOTIFY:
        if (event->ss_status == EXOSIP_SUBCRSTATE_TERMINATED) {
            ended++;
            gone++;
        } else {
            stands(event);
        }
        break;
    case EXOSIP_SUBSCRIPTION_ANSWERED:
        break;
    default:
        failed++;
        break;
    }
}
