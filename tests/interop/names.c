/*
 * Registers accounts by names and writes each event in a line, for tests/interop/names.
 *
 *   names exosip|idle|registerer SECONDS EXPIRES PROXY...
 *
 * One account for each PROXY, which is also the host of its address-of-record. `exosip` calls
 * eXosip_automatic_action, `idle` does not. A line: seconds since the start, the proxy, what
 * happened, why.
 */
#define _POSIX_C_SOURCE 200809L

#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct eXosip_t *ctx;
static double start;
static char **proxies;
static int *rids, count;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *proxy_of(int rid)
{
    int i;

    for (i = 0; i < count; i++) {
        if (rids[i] == rid)
            return proxies[i];
    }
    return "?";
}

static void on_state(struct eXosip_t *of, int rid, enum registerer_state state, void *user)
{
    char why[512] = "";

    (void)user;
    registerer_explain(of, rid, why, sizeof why);
    printf("%.3f %s %s %s\n", now() - start, proxy_of(rid), registerer_state_name(state), why);
}

static void register_by_exosip(int i, const char *aor, int expires)
{
    osip_message_t *reg = NULL;

    eXosip_lock(ctx);
    rids[i] =
        eXosip_register_build_initial_register(ctx, aor, proxies[i], NULL, expires, &reg);
    if (rids[i] < 1 || eXosip_register_send_register(ctx, rids[i], reg) != 0)
        exit(1);
    eXosip_unlock(ctx);
}

static void register_by_registerer(int i, const char *aor, int expires)
{
    struct registerer_options options;

    registerer_options_init(&options, sizeof options);
    options.registrar = proxies[i];
    options.aor = aor;
    options.username = "alice";
    options.password = "secret";
    options.expires = (unsigned)expires;
    rids[i] = registerer_new(ctx, &options);
    registerer_on_state_change(ctx, rids[i], on_state, NULL, 0);
    if (rids[i] < 1 || registerer_register(ctx, rids[i]) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    int managed, automatic, expires, i;
    double end;
    char aor[256];

    if (argc < 5)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    managed = strcmp(argv[1], "registerer") == 0;
    automatic = strcmp(argv[1], "exosip") == 0;
    expires = atoi(argv[3]);
    proxies = argv + 4;
    count = argc - 4;
    rids = calloc((size_t)count, sizeof *rids);
    ctx = eXosip_malloc();
    if (rids == NULL || eXosip_init(ctx) != 0 ||
        eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0,
                           strchr(proxies[0], '[') != NULL ? AF_INET6 : AF_INET, 0) != 0)
        return 1;
    eXosip_add_authentication_info(ctx, "alice", "alice", "secret", NULL, NULL);
    start = now();
    end = start + atof(argv[2]);
    for (i = 0; i < count; i++) {
        snprintf(aor, sizeof aor, "sip:alice@%s", strchr(proxies[i], ':') + 1);
        (managed ? register_by_registerer : register_by_exosip)(i, aor, expires);
    }
    while (now() < end) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 0, 20);

        if (automatic) {
            eXosip_lock(ctx);
            eXosip_automatic_action(ctx);
            eXosip_unlock(ctx);
        }
        if (event == NULL)
            continue;
        printf("%.3f %s %s %d %s\n", now() - start, proxy_of(event->rid),
               event->type == EXOSIP_REGISTRATION_SUCCESS ? "SUCCESS" : "FAILURE",
               event->response != NULL ? event->response->status_code : 0, event->textinfo);
        eXosip_event_free(event);
    }
    printf("%.3f - quits\n", now() - start);
    eXosip_quit(ctx);
    printf("%.3f - ended\n", now() - start);
    osip_free(ctx);
    free(rids);
    return 0;
}
