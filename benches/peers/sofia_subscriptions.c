/*
 * The same as benches/scale/subscriptions.c with sofia-sip: its user agent library, one handle for
 * each subscription.
 *
 *   sofia_subscriptions PORT SUBSCRIPTIONS STANDING SECONDS
 */
#include "measure.h"

#define SU_ROOT_MAGIC_T void
#define NUA_MAGIC_T void
#define NUA_HMAGIC_T void

#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_wait.h>

enum { UNDER_WAY = 32 };

static su_root_t *root;
static nua_t *nua;
static nua_handle_t **subscriptions; /* those that got a NOTIFY, in this order */
static unsigned answered;
static long standing;
static char callee[64];

static void fill(void)
{
    unsigned wanted = answered < window ? window : window + accounts;

    while (begun < wanted && begun - answered < UNDER_WAY) {
        nua_handle_t *handle = nua_handle(nua, NULL, SIPTAG_TO_STR(callee),
                                          SIPTAG_FROM_STR("<sip:program@bench.test>"), TAG_END());
        nua_subscribe(handle, SIPTAG_EVENT_STR("presence"), SIPTAG_EXPIRES_STR("3600"), TAG_END());
        begun++;
    }
    if (done + failed >= accounts)
        su_root_break(root);
}

static void happened(nua_event_t event, int status, char const *phrase, nua_t *agent, void *magic,
                     nua_handle_t *handle, void *hmagic, sip_t const *sip, tagi_t tags[])
{
    (void)phrase, (void)agent, (void)magic, (void)hmagic, (void)sip;
    if (event == nua_i_notify) {
        int state = nua_substate_active;

        tl_gets(tags, NUTAG_SUBSTATE_REF(state), TAG_END());
        if (state == nua_substate_terminated) {
            done++;
            nua_handle_destroy(handle);
        } else {
            subscriptions[answered++] = handle;
            if (answered == window) {
                standing = resident() - standing;
                start_clock();
            }
            if (answered > window)
                nua_unsubscribe(subscriptions[answered - window - 1], TAG_END());
        }
    } else if ((event == nua_r_subscribe || event == nua_r_unsubscribe) && status >= 300) {
        failed++;
    } else {
        return;
    }
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
    subscriptions = calloc(accounts + window, sizeof *subscriptions);
    snprintf(callee, sizeof callee, "<sip:other@127.0.0.1:%u>", port);
    root = su_root_create(NULL);
    su_root_threading(root, 0);
    nua = nua_create(root, happened, NULL, NUTAG_URL("sip:127.0.0.1:*;transport=udp"), TAG_END());
    if (nua == NULL || subscriptions == NULL)
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
