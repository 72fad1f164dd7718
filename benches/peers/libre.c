/*
 * Registers with libre (the library of baresip): its SIP registration client, one per account.
 *
 *   libre PORT ACCOUNTS WINDOW SECONDS      registers sip:userN@bench.test with sip:127.0.0.1:PORT
 */
#include "measure.h"

#include <re/re.h>

static struct sip *sip;
static struct sipreg **clients;

static void fill(void);

static int credentials(char **user, char **password, const char *realm, void *arg)
{
    (void)realm;
    (void)arg;
    return str_dup(user, "bench") || str_dup(password, "secret");
}

static void answered(int err, const struct sip_msg *msg, void *arg)
{
    unsigned i = (unsigned)(uintptr_t)arg;

    if (err != 0 || msg->scode >= 300)
        failed++;
    else
        times[done++] = nanos() - since[i];
    fill();
}

static void fill(void)
{
    char registrar[64], account[64], user[32];

    while (begun < accounts && begun - done - failed < window && !over()) {
        unsigned i = begun++;
        re_snprintf(registrar, sizeof registrar, "sip:127.0.0.1:%u", port);
        re_snprintf(account, sizeof account, "sip:user%05u@bench.test", i);
        re_snprintf(user, sizeof user, "user%05u", i);
        since[i] = nanos();
        if (sipreg_register(&clients[i], sip, registrar, account, NULL, account, 3600, user, NULL,
                            0, 0, credentials, NULL, false, answered, (void *)(uintptr_t)i, NULL,
                            NULL) != 0)
            failed++;
    }
    if (over())
        re_cancel();
}

static void time_is_up(void *arg)
{
    (void)arg;
    re_cancel();
}

int main(int argc, char **argv)
{
    struct sa local;
    struct tmr limit;

    if (read_arguments(argc, argv) != 0 || libre_init() != 0)
        return 1;
    clients = calloc(accounts, sizeof *clients);
    if (clients == NULL || sa_set_str(&local, "127.0.0.1", 0) != 0)
        return 1;
    if (sip_alloc(&sip, NULL, 4096, 4096, 4096, "bench", NULL, NULL) != 0
        || sip_transp_add(sip, SIP_TRANSP_UDP, &local) != 0)
        return 1;
    tmr_init(&limit);
    tmr_start(&limit, (uint64_t)seconds * 1000, time_is_up, NULL);
    start_clock();
    fill();
    re_main(NULL);
    print_figures();
    _Exit(0); /* without unregistering */
}
