/*
 * Calls sip:other@127.0.0.1:PORT, which answers at once, and keeps many calls standing.
 *
 *   calls PORT CALLS STANDING SECONDS
 *
 * First STANDING calls are made. Then come CALLS more: as each is acknowledged, the oldest that
 * stands is hung up. At most 32 wait for their answer at a time. What CALLS cost is printed when
 * the last event of each has been freed.
 */
#include "../peers/measure.h"

#include <eXosip2/eXosip.h>

enum { UNDER_WAY = 32 };

static struct eXosip_t *context;
static unsigned answered, ended, released;
static struct {
    int cid, did;
} *calls; /* those that were answered, in this order */

static void call_one(void)
{
    osip_message_t *invite = NULL;
    char to[64];

    snprintf(to, sizeof to, "sip:other@127.0.0.1:%u", port);
    eXosip_lock(context);
    if (eXosip_call_build_initial_invite(context, &invite, to, "sip:program@bench.test", NULL,
                                         NULL) != 0 ||
        eXosip_call_send_initial_invite(context, invite) < 1)
        failed++;
    eXosip_unlock(context);
    begun++;
}

static void hang_up(unsigned which)
{
    eXosip_lock(context);
    if (eXosip_call_terminate(context, calls[which].cid, calls[which].did) != 0)
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
    case EXOSIP_CALL_ANSWERED:
        eXosip_lock(context);
        eXosip_call_send_ack(context, event->tid, NULL);
        eXosip_unlock(context);
        calls[answered].cid = event->cid;
        calls[answered++].did = event->did;
        if (answered > window)
            hang_up(answered - window - 1);
        break;
    case EXOSIP_CALL_MESSAGE_ANSWERED:
        ended++;
        break;
    case EXOSIP_CALL_RELEASED:
        released++;
        break;
    case EXOSIP_CALL_PROCEEDING:
    case EXOSIP_CALL_RINGING:
        break;
    default:
        failed++;
        break;
    }
    eXosip_event_free(event);
}

/* Until so many are answered, or the time is up. */
static void make(unsigned wanted, uint64_t end)
{
    while (answered < wanted && nanos() < end) {
        while (begun < wanted && begun - answered < UNDER_WAY)
            call_one();
        take_event();
    }
}

int main(int argc, char **argv)
{
    uint64_t end;
    double cpu;
    int off = 0;
    long memory;

    if (read_arguments(argc, argv) != 0)
        return 1;
    calls = calloc(accounts + window, sizeof *calls);
    context = eXosip_malloc();
    if (calls == NULL || context == NULL || eXosip_init(context) != 0)
        return 1;
    eXosip_set_option(context, EXOSIP_OPT_UDP_KEEP_ALIVE, &off);
    if (eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != 0)
        return 1;
    end = nanos() + (uint64_t)seconds * 1000000000u;
    memory = resident();
    make(window, end);
    memory = resident() - memory;
    start_clock();
    make(window + accounts, end);
    while (ended < accounts && nanos() < end)
        take_event();
    cpu = (double)(nanos() - wall_begin) / 1e9;
    printf("rate %.1f\n", ended / cpu);
    while (released < accounts && nanos() < end)
        take_event();
    cpu = cpu_micros() - cpu_begin;
    printf("done %u\nfailed %u\ncpu %.3f\n", released, failed, cpu / (accounts ? accounts : 1));
    printf("standing %.1f\n", (double)memory / (window ? window : 1));
    fflush(stdout);
    _Exit(0); /* the calls that stand are left */
}
