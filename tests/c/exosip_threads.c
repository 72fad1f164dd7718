/* Eight threads call everything at once, with and without the lock, while contexts come and go. The
   registrar of tests/support/registrar.rs is on the port of the first argument; the second is how
   many seconds it takes. */
#include "any_call.h"
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static char proxy[64], route[80];
static atomic_int over;
static struct eXosip_t *shared, *passing;

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void one_call(struct eXosip_t *ctx, unsigned what, int rid)
{
    static const char *const users[] = {"alice", "bob", "silent", "busy"};
    osip_message_t *reg = NULL;
    eXosip_event_t *event;
    char text[64];
    int number = (int)(what % 3);

    switch (what % 20) {
    case 0:
    case 1:
        snprintf(text, sizeof text, "sip:%s@127.0.0.1", users[what / 16 % 4]);
        rid = eXosip_register_build_initial_register(ctx, text, proxy, NULL, 60, &reg);
        CHECK((rid > 0) == (reg != NULL));
        if (rid > 0)
            eXosip_register_send_register(ctx, rid, reg);
        break;
    case 2:
        if (eXosip_register_build_register(ctx, rid, 60, &reg) == 0)
            eXosip_register_send_register(ctx, rid, reg);
        break;
    case 3:
        if (eXosip_register_build_register(ctx, rid, 0, &reg) == 0)
            osip_message_free(reg);
        break;
    case 4:
        eXosip_register_send_register(ctx, rid, NULL);
        break;
    case 5:
    case 6:
        eXosip_register_remove(ctx, rid);
        break;
    case 7:
        eXosip_add_authentication_info(ctx, users[what / 16 % 4], "alice", "secret", NULL, NULL);
        break;
    case 8:
        if (what / 16 % 8 == 0)
            eXosip_clear_authentication_info(ctx);
        break;
    case 9:
        eXosip_automatic_action(ctx);
        break;
    case 10:
        eXosip_set_option(ctx, EXOSIP_OPT_AUTO_MASQUERADE_CONTACT, &number);
        break;
    case 11:
        eXosip_set_user_agent(ctx, "threads");
        break;
    case 12:
        eXosip_wakeup_event(ctx);
        break;
    case 13:
        snprintf(text, sizeof text, "sip:%s@127.0.0.1", users[what / 20 % 4]);
        if (eXosip_build_publish(ctx, &reg, proxy, text, NULL, "presence",
                                 what / 80 % 4 == 0 ? "0" : "60", "text/plain", "open") == 0)
            CHECK(eXosip_publish(ctx, reg, text) != 0);
        break;
    case 14:
    case 15:
        /* Those who are registered are called through their registrar. */
        snprintf(text, sizeof text, "sip:%s@127.0.0.1", users[what / 16 % 4]);
        any_call(ctx, what / 20, rid, text, route);
        break;
    default:
        event = eXosip_event_wait(ctx, 0, number);
        if (event != NULL && event->cid > 0)
            any_reaction(ctx, what / 20, event);
        if (event != NULL && event->response != NULL)
            eXosip_default_action(ctx, event);
        eXosip_event_free(event);
    }
}

static void *calling(void *number)
{
    unsigned seed = (unsigned)(size_t)number;

    while (!over) {
        struct eXosip_t *ctx = next(&seed) % 4 == 0 ? passing : shared;
        unsigned what = next(&seed);
        int rid = (int)(next(&seed) % 64), locked = next(&seed) % 2;

        if (locked)
            eXosip_lock(ctx);
        one_call(ctx, what, rid);
        if (locked)
            eXosip_unlock(ctx);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[8];
    struct timespec pause = {0, 20000000};
    size_t i;
    int turns;

    CHECK(argc == 3);
    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%s", argv[1]);
    snprintf(route, sizeof route, "<%s;lr>", proxy);
    shared = listening();
    passing = eXosip_malloc();
    for (i = 0; i < 8; i++)
        CODE(0, pthread_create(&threads[i], NULL, calling, (void *)(i + 1)));
    for (turns = atoi(argv[2]) * 50; turns > 0; turns--) {
        CODE(0, eXosip_init(passing));
        CODE(0, eXosip_listen_addr(passing, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
        nanosleep(&pause, NULL);
        eXosip_quit(passing);
    }
    over = 1;
    for (i = 0; i < 8; i++)
        CODE(0, pthread_join(threads[i], NULL));
    ended(shared);
    osip_free(passing);
    return 0;
}
