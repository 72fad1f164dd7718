/* A machine that sleeps for an hour, as this program tells the library: tests/support/registrar.rs
   answers on the port of the first argument. */
#include "check.h"

#include <registerer.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_int slept;

/* Stands in for libc's: it is what tells the library of a sleep. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);

    if (clock == CLOCK_BOOTTIME)
        time->tv_sec += slept;
    return result;
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options;
    char registrar[64], sentence[256];
    int rid;

    CHECK(argc > 1);
    snprintf(registrar, sizeof registrar, "sip:127.0.0.1:%s", argv[1]);
    CODE(0, registerer_options_init(&options, sizeof options));
    options.aor = "sip:alice@127.0.0.1";
    options.registrar = registrar;
    options.username = "alice";
    options.password = "secret";
    options.expires = 600;
    options.keepalive_interval = 1;
    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 20000));

    slept = 3600; /* it refreshes now, not when half of what was granted is over */
    CODE(0, registerer_wait(ctx, rid, REGISTERER_UNREGISTERED, 20000));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 20000));
    CHECK(registerer_explain(ctx, rid, sentence, sizeof sentence) > 0);
    ended(ctx);
    puts("ok");
    return 0;
}
