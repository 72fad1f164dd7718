/*
 * Subscribes to sip:other@127.0.0.1:PORT, which sends a NOTIFY at once, and keeps many
 * subscriptions standing.
 *
 *   subscriptions PORT SUBSCRIPTIONS STANDING SECONDS
 *
 * First STANDING subscriptions are made. Then come SUBSCRIPTIONS more: as each gets its first
 * NOTIFY, the oldest that stands is ended. At most 32 wait for their NOTIFY at a time. What
 * SUBSCRIPTIONS cost is printed when the last NOTIFY of each has been freed.
 */
#include "../peers/measure.h"

#include <eXosip2/eXosip.h>

enum { UNDER_WAY = 32 };

static struct eXosip_t *context;
static unsigned answered, ended;
static int *dids; /* of those that got a NOTIFY, in this order */

static void subscribe_one(void)
{
    osip_message_t *subscribe = NULL;
    char to[64];

    snprintf(to, sizeof to, "sip:other@127.0.0.1:%u", port);
    eXosip_lock(context);
    if (eXosip_subscription_build_initial_subscribe(context, &subscribe, to,
                                                    "sip:program@bench.test", NULL, "presence",
                                                    3600) != 0 ||
        eXosip_subscription_send_initial_request(context, subscribe) < 1)
        failed++;
    eXosip_unlock(context);
    begun++;
}

static void end(int did)
{
    osip_message_t *subscribe = NULL;

    eXosip_lock(context);
    if (eXosip_subscription_build_refresh_request(context, did, &subscribe) != 0 ||
        osip_message_set_expires(subscribe, "0") != 0 ||
        eXosip_subscription_send_refresh_request(context, did, subscribe) != 0)
        failed++;
    eXosip_unlock(context);
}

static void take_event(void)
{
    eXosip_event_t *event = eXosip_event_wait(context, 0, 100);

    eXosip_lock(context);
    eXosip_automatic_action(context);
    eXosip_unlock(context);
    if (event == NULL)
        return;
    switch (event->type) {
    case EXOSIP_SUBSCRIPTION_NOTIFY:
        if (event->ss_status == EXOSIP_SUBCRSTATE_TERMINATED) {
            ended++;
            break;
        }
        dids[answered++] = event->did;
        if (answered > window)
            end(dids[answered - window - 1]);
        break;
    case EXOSIP_SUBSCRIPTION_ANSWERED:
        break;
    default:
        failed++;
        break;
    }
    eXosip_event_free(event);
}

/* Until so many have got their NOTIFY, or the time is up. */
static void make(unsigned wanted, uint64_t until)
{
    while (answered < wanted && nanos() < until) {
        while (begun < wanted && begun - answered < UNDER_WAY)
            subscribe_one();
        take_event();
    }
}

int main(int argc, char **argv)
{
    uint64_t until;
    double cpu;
    int off = 0;
    long memory;

    if (read_arguments(argc, argv) != 0)
        return 1;
    dids = calloc(accounts + window, sizeof *dids);
    context = eXosip_malloc();
    if (dids == NULL || context == NULL || eXosip_init(context) != 0)
        return 1;
    eXosip_set_option(context, EXOSIP_OPT_UDP_KEEP_ALIVE, &off);
    if (eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != 0)
        return 1;
    until = nanos() + (uint64_t)seconds * 1000000000u;
    memory = resident();
    make(window, until);
    memory = resident() - memory;
    start_clock();
    make(window + accounts, until);
    while (ended < accounts && nanos() < until)
        take_event();
    cpu = (double)(nanos() - wall_begin) / 1e9;
    printf("rate %.1f\n", ended / cpu);
    cpu = cpu_micros() - cpu_begin;
    printf("done %u\nfailed %u\ncpu %.3f\n", ended, failed, cpu / (accounts ? accounts : 1));
    printf("standing %.1f\n", (double)memory / (window ? window : 1));
    fflush(stdout);
    _Exit(0); /* the subscriptions that stand are left */
}
