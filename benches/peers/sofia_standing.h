/*
 * What sofia_calls.c and sofia_subscriptions.c share: the same as benches/scale/standing.h with
 * sofia-sip's user agent library, one handle for each.
 */
#include "measure.h"

#define SU_ROOT_MAGIC_T void
#define NUA_MAGIC_T void
#define NUA_HMAGIC_T void

#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/soa_tag.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_wait.h>

enum { UNDER_WAY = 32 };

static su_root_t *root;
static nua_t *nua;
static nua_handle_t **stood; /* those that were answered, in this order */
static unsigned answered;
static long standing;
static char other[64];

/* Sends the request that begins one. */
static void begin(nua_handle_t *handle);
/* Ends one that stands. */
static void end(nua_handle_t *handle);
/* Does what an event asks for, and counts; 0 for one that changes nothing. */
static int handle(nua_event_t event, int status, nua_handle_t *whose, tagi_t tags[]);

/* One is answered: the oldest that stands is ended where there are enough. */
static void stands(nua_handle_t *handle)
{
    stood[answered++] = handle;
    if (answered == window) {
        standing = resident() - standing;
        start_clock();
    }
    if (answered > window)
        end(stood[answered - window - 1]);
}

static void fill(void)
{
    unsigned wanted = answered < window ? window : window + accounts;

    for (; begun < wanted && begun - answered < UNDER_WAY; begun++)
        begin(nua_handle(nua, NULL, SIPTAG_TO_STR(other),
                         SIPTAG_FROM_STR("<sip:program@bench.test>"), TAG_END()));
    if (done + failed >= accounts)
        su_root_break(root);
}

static void happened(nua_event_t event, int status, char const *phrase, nua_t *agent, void *magic,
                     nua_handle_t *whose, void *hmagic, sip_t const *sip, tagi_t tags[])
{
    (void)phrase, (void)agent, (void)magic, (void)hmagic, (void)sip;
    if (handle(event, status, whose, tags))
        fill();
}

static void time_is_up(void *magic, su_timer_t *timer, void *arg)
{
    (void)magic, (void)timer, (void)arg;
    su_root_break(root);
}

int main(int argc, char **argv)
{
    double cpu, wall;

    if (read_arguments(argc, argv) != 0 || su_init() != 0)
        return 1;
    stood = calloc(accounts + window, sizeof *stood);
    snprintf(other, sizeof other, "<sip:other@127.0.0.1:%u>", port);
    root = su_root_create(NULL);
    su_root_threading(root, 0);
    nua = nua_create(root, happened, NULL, NUTAG_URL("sip:127.0.0.1:*;transport=udp"), TAG_END());
    if (nua == NULL || stood == NULL)
        return 1;
    su_timer_t *limit = su_timer_create(su_root_task(root), (su_duration_t)seconds * 1000);
    su_timer_set(limit, time_is_up, NULL);
    standing = resident();
    fill();
    su_root_run(root);
    cpu = cpu_micros() - cpu_begin;
    wall = (double)(nanos() - wall_begin) / 1e9;
    printf("rate %.1f\ndone %u\nfailed %u\n", done / wall, done, failed);
    printf("cpu %.3f\nstanding %.1f\n", cpu / (done ? done : 1), (double)standing / window);
    fflush(stdout);
    _Exit(0);
}
