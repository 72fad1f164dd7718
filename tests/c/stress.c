/*
 * Eight threads call everything on one context, with and without its lock, while contexts come and go beside it.
 *
 *   stress PORT [SECONDS]
 *
 * A registrar that knows every user by the password `secret` listens on 127.0.0.1:PORT. Nothing is said about what a
 * single call returns, since others are at the same registrations; what counts is that it ends, without a crash, a
 * deadlock or (see tests/c/stress) a data race. Status 0, and how many calls there were.
 */
#include <eXosip2/eXosip.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, REGISTRATIONS = 64 };

static struct eXosip_t *shared;
static char proxy[64];
static atomic_int rids[REGISTRATIONS]; /* 0: free */
static atomic_long calls, successes, failures, contexts;
static atomic_int over;

struct dice {
    unsigned state;
};

static int roll(struct dice *dice, int sides)
{
    dice->state = dice->state * 1103515245u + 12345u;
    return (int)((dice->state >> 16) % (unsigned)sides);
}

/* A deadlock ends here: the threads look at `over` at least every 100 ms. */
static void hangs(int number)
{
    static const char text[] = "stress: a thread hangs\n";

    (void)number;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(4);
    _exit(3);
}

static void take(struct eXosip_t *ctx, struct dice *dice, int milliseconds)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 0, milliseconds);

    if (event == NULL)
        return;
    atomic_fetch_add(event->type == EXOSIP_REGISTRATION_SUCCESS ? &successes : &failures, 1);
    if (roll(dice, 2))
        eXosip_default_action(ctx, event);
    eXosip_event_free(event);
}

static void register_one(struct eXosip_t *ctx, atomic_int *slot, struct dice *dice)
{
    char from[64];
    osip_message_t *reg = NULL;
    int rid;

    snprintf(from, sizeof from, "sip:user%d@127.0.0.1", roll(dice, 16));
    rid = eXosip_register_build_initial_register(ctx, from, proxy, NULL, 30 + roll(dice, 100), &reg);
    if (rid <= 0)
        return;
    atomic_store(slot, rid);
    if (roll(dice, 8) == 0)
        osip_message_free(reg); /* built, never sent */
    else
        eXosip_register_send_register(ctx, rid, reg);
}

/* A context of the thread's own: made, used, ended, made again. */
static void come_and_go(struct dice *dice)
{
    struct eXosip_t *ctx = eXosip_malloc();
    int times = 1 + roll(dice, 2);

    while (times-- > 0) {
        atomic_int rid = 0;

        if (eXosip_init(ctx) != 0)
            break;
        if (eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) == 0) {
            eXosip_add_authentication_info(ctx, "any", "any", "secret", NULL, NULL);
            register_one(ctx, &rid, dice);
            take(ctx, dice, roll(dice, 5));
            eXosip_automatic_action(ctx);
            take(ctx, dice, roll(dice, 5));
        }
        eXosip_quit(ctx); /* often with a REGISTER under way */
        atomic_fetch_add(&contexts, 1);
    }
    osip_free(ctx);
}

static void options(struct dice *dice)
{
    int value = roll(dice, 2) * 1000;

    switch (roll(dice, 5)) {
    case 0: eXosip_set_option(shared, EXOSIP_OPT_UDP_KEEP_ALIVE, &value); break;
    case 1: eXosip_set_option(shared, EXOSIP_OPT_AUTO_MASQUERADE_CONTACT, &value); break;
    case 2: eXosip_set_user_agent(shared, value ? "stress/1" : "stress/2"); break;
    case 3: eXosip_masquerade_contact(shared, value ? "192.0.2.1" : NULL, value); break;
    default: eXosip_set_option(shared, -1, &value); break;
    }
}

static void credentials(struct dice *dice)
{
    switch (roll(dice, 6)) {
    case 0: eXosip_clear_authentication_info(shared); break;
    case 1: eXosip_remove_authentication_info(shared, "any", NULL); break;
    default: eXosip_add_authentication_info(shared, "any", "any", roll(dice, 9) ? "secret" : "wrong", NULL, NULL);
    }
}

static void act(struct dice *dice)
{
    atomic_int *slot = &rids[roll(dice, REGISTRATIONS)];
    int rid = atomic_load(slot);
    osip_message_t *reg = NULL;
    char address[64];

    switch (roll(dice, 12)) {
    case 0:
    case 1:
        if (rid == 0) {
            register_one(shared, slot, dice);
            break;
        }
        if (eXosip_register_build_register(shared, rid, roll(dice, 4) ? 60 : 0, &reg) == 0) {
            osip_message_set_header(reg, "X-Stress", "yes");
            eXosip_register_send_register(shared, rid, reg);
        }
        break;
    case 2: eXosip_register_send_register(shared, rid, NULL); break;
    case 3:
        if (roll(dice, 4) == 0) {
            eXosip_register_remove(shared, rid);
            atomic_store(slot, 0);
        }
        break;
    case 4: credentials(dice); break;
    case 5:
    case 6: take(shared, dice, roll(dice, 20)); break;
    case 7: eXosip_automatic_action(shared); break;
    case 8: options(dice); break;
    case 9:
        eXosip_guess_localip(shared, AF_INET, address, sizeof address);
        eXosip_event_geteventsocket(shared);
        eXosip_wakeup_event(shared);
        eXosip_execute(shared);
        break;
    case 10: eXosip_unlock(shared); break; /* not ours: nothing happens */
    default:
        if (roll(dice, 50) == 0)
            come_and_go(dice);
    }
    atomic_fetch_add(&calls, 1);
}

static void *work(void *number)
{
    struct dice dice = { (unsigned)(size_t)number * 7919u + 1u };

    while (!atomic_load(&over)) {
        int depth = roll(&dice, 3), i; /* the lock is recursive: not at all, once, twice */

        for (i = 0; i < depth; i++)
            eXosip_lock(shared);
        act(&dice);
        for (i = 0; i < depth; i++)
            eXosip_unlock(shared);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    int seconds = argc > 2 ? atoi(argv[2]) : 20;
    time_t end = time(NULL) + seconds;
    size_t i;

    if (argc < 2) {
        fprintf(stderr, "usage: stress PORT [SECONDS]\n");
        return 1;
    }
    signal(SIGALRM, hangs);
    alarm((unsigned)seconds + 60);
    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%s", argv[1]);
    shared = eXosip_malloc();
    if (eXosip_init(shared) != 0 || eXosip_listen_addr(shared, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != 0)
        return 2;
    for (i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    while (time(NULL) < end)
        usleep(100000);
    atomic_store(&over, 1);
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    eXosip_quit(shared);
    osip_free(shared);
    printf("%ld calls, %ld successes, %ld failures, %ld contexts came and went\n", calls, successes, failures, contexts);
    return successes > 0 ? 0 : 5;
}
