/* Any of the functions for subscriptions and publications, with any numbers: for programs in which
   nothing is said about what they return, but that they do, without a crash or a leak. */
#ifndef ANY_SUBSCRIPTION_H
#define ANY_SUBSCRIPTION_H

#include <eXosip2/eXosip.h>

#include <string.h>

static const char any_presence[] = "<presence/>";

/* A NOTIFY in dialog `did`; `what` chooses what it says. */
static inline void any_notify(struct eXosip_t *ctx, unsigned what, int did)
{
    osip_message_t *notify = NULL;

    if (eXosip_insubscription_build_notify(ctx, did, (int)(what % 5) - 1, (int)(what / 5 % 8) - 1,
                                           &notify) != 0)
        return;
    if (what % 3 == 0) {
        osip_message_set_content_type(notify, "application/pidf+xml");
        osip_message_set_body(notify, any_presence, strlen(any_presence));
    }
    if (what % 7 == 0)
        osip_message_set_header(notify, "Subscription-State", "terminated;reason=giveup");
    if (what % 11 == 0)
        osip_message_free(notify); /* built, never sent */
    else
        eXosip_insubscription_send_request(ctx, did, notify);
}

/* What a program does with the event of a subscription; `what` chooses. */
static inline void any_subscription_reaction(struct eXosip_t *ctx, unsigned what,
                                             const eXosip_event_t *event)
{
    osip_message_t *message = NULL;

    switch (event->type) {
    case EXOSIP_IN_SUBSCRIPTION_NEW:
        if (what % 13 == 0) {
            eXosip_insubscription_automatic(ctx, (eXosip_event_t *)event);
        } else if (what % 5 == 0) {
            eXosip_insubscription_send_answer(ctx, event->tid, 400 + (int)(what % 200), NULL);
        } else if (what % 9 == 0) {
            eXosip_message_send_answer(ctx, event->tid, 200, NULL); /* the other family */
        } else if (what % 7 != 0 && eXosip_insubscription_build_answer(
                                        ctx, event->tid, 200 + 2 * (int)(what % 2), &message) == 0)
                                        {
            if (what % 3 == 0)
                osip_message_set_expires(message, what % 2 ? "1" : "4294967295");
            eXosip_insubscription_send_answer(ctx, event->tid, 200, message);
            any_notify(ctx, what / 2, event->did);
        }
        break;
    case EXOSIP_NOTIFICATION_ANSWERED:
        if (what % 4 == 0)
            any_notify(ctx, what / 4, event->did);
        break;
    case EXOSIP_SUBSCRIPTION_NOTIFY:
    case EXOSIP_SUBSCRIPTION_ANSWERED:
        if (what % 6 == 0 &&
            eXosip_subscription_build_refresh_request(ctx, what % 12 ? event->did : event->sid,
                                                      &message) == 0) {
            osip_message_set_expires(message, what % 5 ? "60" : "0");
            eXosip_subscription_send_refresh_request(ctx, event->did, message);
        }
        if (what % 17 == 0)
            eXosip_message_send_answer(ctx, event->tid, 200, NULL); /* it is answered already */
        break;
    default:
        break;
    }
    if (what % 16 == 1)
        eXosip_subscription_remove(ctx, what % 32 < 16 ? event->did : event->sid);
    if (what % 32 == 3)
        eXosip_insubscription_remove(ctx, event->did);
}

/* One of the functions; `id` is a subscription, a dialog or a transaction, or none of them, `to`
   where a new subscription goes, by `route` unless that is NULL. */
static inline void any_subscription(struct eXosip_t *ctx, unsigned what, int id, const char *to,
                                    const char *route)
{
    static const char *const events[] = {"presence", "dialog", "Catalog;id=1", "", "a\r\nX: b"};
    static const char *const times[] = {"600", "0", "1", "-5", "4294967296", "\r\nX: y"};
    static const char *const methods[] = {"NOTIFY", "MESSAGE", "X", "", "A B"};
    const char *from = "sip:alice@127.0.0.1";
    int seconds = (int)(what / 16 % 7) * 30 - 30;
    osip_message_t *message = NULL;

    switch (what % 16) {
    case 0:
    case 1:
    case 2:
        if (eXosip_subscription_build_initial_subscribe(ctx, &message, to, from, route,
                                                        events[what / 16 % 5], seconds) == 0) {
            if (what % 3 == 0) {
                osip_message_set_content_type(message, "text/plain");
                osip_message_set_body(message, "query", 5);
            }
            eXosip_subscription_send_initial_request(ctx, message);
        }
        break;
    case 3:
        if (eXosip_subscription_build_initial_refer(ctx, &message, to, from, route, to) == 0)
            eXosip_subscription_send_initial_request(ctx, message);
        break;
    case 4:
    case 5:
        if (eXosip_subscription_build_refresh_request(ctx, id, &message) == 0) {
            if (what % 32 < 16)
                osip_message_set_expires(message, times[what / 32 % 6]);
            eXosip_subscription_send_refresh_request(ctx, id, message);
        }
        break;
    case 6:
        eXosip_subscription_remove(ctx, id);
        break;
    case 7:
        if (eXosip_insubscription_build_answer(ctx, id, 100 + (int)(what / 16 % 600), &message) ==
            0)
            eXosip_insubscription_send_answer(ctx, id, 200, message);
        break;
    case 8:
        eXosip_insubscription_send_answer(ctx, id, 100 + (int)(what / 16 % 600), NULL);
        break;
    case 9:
    case 10:
        any_notify(ctx, what / 16, id);
        break;
    case 11:
        if (eXosip_insubscription_build_request(ctx, id, methods[what / 16 % 5], &message) == 0)
            eXosip_insubscription_send_request(ctx, id, message);
        break;
    case 12:
        eXosip_insubscription_remove(ctx, id);
        break;
    case 13:
    case 14:
        if (eXosip_build_publish(ctx, &message, to, from, route, events[what / 16 % 3],
                                 times[what / 16 % 6], "application/pidf+xml", any_presence) == 0)
            eXosip_publish(ctx, message, from);
        break;
    default:
        if (eXosip_build_publish(ctx, &message, to, from, route, "presence", "0", NULL, NULL) == 0)
            eXosip_publish(ctx, message, from);
        break;
    }
}

#endif
