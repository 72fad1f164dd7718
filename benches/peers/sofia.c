/*
 * Registers with sofia-sip: its user agent library, one handle per account.
 *
 *   sofia PORT ACCOUNTS WINDOW SECONDS      registers sip:userN@bench.test with sip:127.0.0.1:PORT
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

static su_root_t *root;
static nua_t *nua;
static char registrar[64];

static void fill(void)
{
    char account[64];

    while (begun < accounts && begun - done - failed < window && !over()) {
        unsigned i = begun++;
        snprintf(account, sizeof account, "<sip:user%05u@bench.test>", i);
        since[i] = nanos();
        nua_handle_t *handle = nua_handle(nua, (void *)(uintptr_t)(i + 1), SIPTAG_TO_STR(account),
                                          SIPTAG_FROM_STR(account), TAG_END());
        nua_register(handle, NUTAG_REGISTRAR(registrar), SIPTAG_EXPIRES_STR("3600"), TAG_END());
    }
    if (over())
        su_root_break(root);
}

static void happened(nua_event_t event, int status, char const *phrase, nua_t *agent, void *magic,
                     nua_handle_t *handle, void *hmagic, sip_t const *sip, tagi_t tags[])
{
    (void)phrase, (void)agent, (void)magic, (void)sip, (void)tags;
    if (event != nua_r_register || status < 200)
        return;
    if (status == 401) {
        nua_authenticate(handle, NUTAG_AUTH("Digest:\"bench\":bench:secret"), TAG_END());
        return;
    }
    if (status >= 300)
        failed++;
    else
        times[done++] = nanos() - since[(uintptr_t)hmagic - 1];
    fill();
}

static void time_is_up(void *magic, su_timer_t *timer, void *arg)
{
    (void)magic, (void)timer, (void)arg;
    su_root_break(root);
}

int main(int argc, char **argv)
{
    if (read_arguments(argc, argv) != 0 || su_init() != 0)
        return 1;
    snprintf(registrar, sizeof registrar, "sip:127.0.0.1:%u", port);
    root = su_root_create(NULL);
    su_root_threading(root, 0);
    /* No outbound keep-alive and no OPTIONS to itself: REGISTERs only. */
    nua = nua_create(root, happened, NULL, NUTAG_URL("sip:127.0.0.1:*;transport=udp"),
                     NUTAG_OUTBOUND("no-options-keepalive no-validate"), TAG_END());
    if (nua == NULL)
        return 1;
    su_timer_t *limit = su_timer_create(su_root_task(root), (su_duration_t)seconds * 1000);
    su_timer_set(limit, time_is_up, NULL);
    start_clock();
    fill();
    su_root_run(root);
    print_figures();
    _Exit(0); /* without unregistering */
}
