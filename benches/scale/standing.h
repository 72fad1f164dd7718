/*
 * What calls.c and subscriptions.c share: many calls or subscriptions stand while others come and
 * go.
 *
 * First STANDING of them are made. Then come as many more as asked for: as each is answered, the
 * oldest that stands is ended. At most 32 wait for their answer at a time.
 */
#include "../peers/measure.h"

#include <eXosip2/eXosip.h>

enum { UNDER_WAY = 32 };

static struct eXosip_t *context;
static unsigned answered, ended, gone; /* gone: its last event was freed */
static struct {
    int cid, did;
} *stood; /* those that were answered, in this order */

/* Sends the request that begins one. Not 0: it could not. */
static int begin(const char *to);
/* Ends one that stands; likewise. */
static int end(int cid, int did);
/* Does what an event asks for, and counts. */
static void handle(const eXosip_event_t *event);

/* One is answered: the oldest that stands is ended where there are enough. */
static void stands(const eXosip_event_t *event)
{
    stood[answered].cid = event->cid;
    stood[answered++].did = event->did;
    if (answered > window) {
        eXosip_lock(context);
        failed += end(stood[answered - window - 1].cid, stood[answered - window - 1].did) != 0;
        eXosip_unlock(context);
    }
}

static void take_event(void)
{
    eXosip_event_t *event = eXosip_event_wait(context, 0, 100);

    eXosip_lock(context);
    eXosip_automatic_action(context);
    eXosip_unlock(context);
    if (event != NULL)
        handle(event);
    eXosip_event_free(event);
}

/* Until so many are answered, or the time is up. */
static void make(unsigned wanted, uint64_t until)
{
    char to[64];

    snprintf(to, sizeof to, "sip:other@127.0.0.1:%u", port);
    while (answered < wanted && nanos() < until) {
        for (; begun < wanted && begun - answered < UNDER_WAY; begun++) {
            eXosip_lock(context);
            failed += begin(to) != 0;
            eXosip_unlock(context);
        }
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
    stood = calloc(accounts + window, sizeof *stood);
    context = eXosip_malloc();
    if (stood == NULL || context == NULL || eXosip_init(context) != 0)
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
    while (gone < accounts && nanos() < until)
        take_event();
    cpu = cpu_micros() - cpu_begin;
    printf("done %u\nfailed %u\ncpu %.3f\n", gone, failed, cpu / (accounts ? accounts : 1));
    printf("standing %.1f\n", (double)memory / (window ? window : 1));
    fflush(stdout);
    _Exit(0); /* those that stand are left */
}
