/*
 * Eight threads call everything on one context, with and without its lock, while contexts come and
 * go beside it; four more do the same through registerer.h, to their own registrations and to those
 * of the others, and its listeners call back in.
 *
 *   stress PORT [SECONDS]
 *
 * A registrar that knows every user by the password `secret` listens on 127.0.0.1:PORT. Nothing is
 * said about what a single call returns, since others are at the same registrations; what counts is
 * that it ends, without a crash, a deadlock or (see tests/c/stress) a data race. Status 0, and how
 * many calls there were.
 */
#include "any_call.h"
#include "any_subscription.h"

#include <registerer.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, MODERN = 4, REGISTRATIONS = 64, LOOKED_AFTER = 32, LISTENERS = 16 };

static struct eXosip_t *shared;
static char proxy[64], route[80];
static atomic_int rids[REGISTRATIONS]; /* 0: free */
static atomic_int looked_after[LOOKED_AFTER];
static atomic_int listeners[LISTENERS];
static atomic_long calls, successes, failures, answered, contexts, states, requests, waits;
static atomic_long subscribed, notified, notifying, published;
static atomic_int over;
static pthread_barrier_t start;

struct seed {
    unsigned state;
};

static int draw(struct seed *seed, int sides)
{
    seed->state = seed->state * 1103515245u + 12345u;
    return (int)((seed->state >> 16) % (unsigned)sides);
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

static int is_publish(const eXosip_event_t *event)
{
    return event->type == EXOSIP_MESSAGE_ANSWERED && MSG_IS_PUBLISH(event->request);
}

/* Those who are registered take what others publish for them. */
static void accept_publish(struct eXosip_t *ctx, int tid)
{
    osip_message_t *answer = NULL;

    if (eXosip_message_build_answer(ctx, tid, 200, &answer) != 0)
        return;
    osip_message_set_header(answer, "SIP-ETag", "any");
    osip_message_set_expires(answer, "30");
    if (eXosip_message_send_answer(ctx, tid, 200, answer) == OSIP_BADPARAMETER)
        osip_message_free(answer);
}

static void take(struct eXosip_t *ctx, struct seed *seed, int milliseconds)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 0, milliseconds);

    if (event == NULL)
        return;
    atomic_fetch_add(event->type == EXOSIP_REGISTRATION_SUCCESS ? &successes
                     : event->type == EXOSIP_CALL_ANSWERED      ? &answered
                     : event->type == EXOSIP_SUBSCRIPTION_ANSWERED ? &subscribed
                     : event->type == EXOSIP_SUBSCRIPTION_NOTIFY   ? &notified
                     : event->type == EXOSIP_NOTIFICATION_ANSWERED ? &notifying
                     : is_publish(event)                           ? &published
                                                                : &failures, 1);
    if (event->cid > 0)
        any_reaction(ctx, (unsigned)draw(seed, 1000), event);
    if (event->sid > 0 || event->nid > 0)
        any_subscription_reaction(ctx, (unsigned)draw(seed, 10000), event);
    if (event->type == EXOSIP_MESSAGE_NEW && MSG_IS_PUBLISH(event->request))
        accept_publish(ctx, event->tid);
    if (draw(seed, 2))
        eXosip_default_action(ctx, event);
    eXosip_event_free(event);
}

static void register_one(struct eXosip_t *ctx, atomic_int *slot, struct seed *seed)
{
    char from[64];
    osip_message_t *reg = NULL;
    int rid;

    snprintf(from, sizeof from, "sip:user%d@127.0.0.1", draw(seed, 16));
    rid =
        eXosip_register_build_initial_register(ctx, from, proxy, NULL, 30 + draw(seed, 100), &reg);
    if (rid <= 0)
        return;
    atomic_store(slot, rid);
    if (draw(seed, 8) == 0)
        osip_message_free(reg); /* built, never sent */
    else
        eXosip_register_send_register(ctx, rid, reg);
}

/* The listeners run on a thread of the library: they take no lock that others wait for with it, but
   may make any call. */
static void on_state(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    static atomic_uint turns;
    struct registerer_info info;
    char text[256];

    (void)user;
    atomic_fetch_add(&states, 1);
    switch (atomic_fetch_add(&turns, 1) % 7) {
    case 0: registerer_explain(ctx, rid, text, sizeof text); break;
    case 1: registerer_unregister(ctx, rid, 0); break;
    case 2: registerer_register(ctx, rid); break;
    case 3: registerer_wait(ctx, rid, REGISTERER_REGISTERED, 5); break;
    case 4: registerer_off(ctx, atomic_load(&listeners[state])); break;
    case 5:
        memset(&info, 0, sizeof info);
        info.size = sizeof info;
        registerer_get_info(ctx, rid, &info);
        break;
    default: eXosip_register_remove(ctx, state == REGISTERER_UNREGISTERED ? rid : 0);
    }
}

static void on_request(struct eXosip_t *ctx, int rid, enum registerer_request what, int status,
                       const char *reason, void *user)
{
    char text[128];

    (void)user;
    atomic_fetch_add(&requests, 1);
    if (what == REGISTERER_REJECTED && status == 403)
        registerer_dispose(ctx, rid);
    else if (reason != NULL && strlen(reason) > 3)
        registerer_get_text(ctx, rid, REGISTERER_TEXT_OWN_CONTACT, 0, text, sizeof text);
}

static int look_after_one(struct eXosip_t *ctx, struct seed *seed)
{
    struct registerer_options given;
    char aor[64];
    int rid;

    snprintf(aor, sizeof aor, "sip:user%d@127.0.0.1", draw(seed, 16));
    registerer_options_init(&given, sizeof given);
    given.aor = aor;
    given.registrar = proxy;
    given.expires = 1 + draw(seed, 100);
    given.username = "any";
    given.password = draw(seed, 9) ? "secret" : "wrong";
    given.keepalive = draw(seed, 4);
    given.keepalive_interval = 1;
    given.retry_base = given.retry_max = 1;
    given.start_spread = draw(seed, 2);
    given.exosip_events = draw(seed, 2);
    rid = registerer_new(ctx, &given);
    if (rid > 0 && draw(seed, 8))
        registerer_register(ctx, rid);
    return rid > 0 ? rid : 0;
}

static void look_after(struct seed *seed)
{
    atomic_int *slot = &looked_after[draw(seed, LOOKED_AFTER)];
    atomic_int *listener = &listeners[draw(seed, LISTENERS)];
    int rid = atomic_load(
        draw(seed, 8) ? slot : &rids[draw(seed, REGISTRATIONS)]); /* also one of the eXosip calls */
    struct registerer_options given;
    struct registerer_info info;
    char text[256];

    switch (draw(seed, 16)) {
    case 0:
    case 1: atomic_store(slot, look_after_one(shared, seed)); break;
    case 2: registerer_register(shared, rid); break;
    case 3: registerer_unregister(shared, rid, draw(seed, 8) == 0); break;
    case 4: registerer_adopt(shared, rid); break;
    case 5: registerer_dispose(shared, rid); break;
    case 6:
        registerer_off(shared, atomic_load(listener));
        atomic_store(listener, registerer_on_state_change(shared, draw(seed, 2) ? rid : 0, on_state,
                                                          NULL, draw(seed, 2)));
        break;
    case 7:
        registerer_off(shared, atomic_load(listener));
        atomic_store(listener, registerer_on_request(shared, draw(seed, 2) ? rid : 0, on_request,
                                                     NULL, draw(seed, 2)));
        break;
    case 8:
    case 9:
        if (registerer_wait(shared, rid, 1 + draw(seed, 3), draw(seed, 20)) == 0)
            atomic_fetch_add(&waits, 1);
        break;
    case 10: registerer_explain(shared, rid, text, sizeof text); break;
    case 11:
        registerer_get_text(shared, rid, draw(seed, 12), draw(seed, 3), text, sizeof text);
        break;
    case 12:
        memset(&info, 0, sizeof info);
        info.size = sizeof info;
        registerer_get_info(shared, rid, &info);
        registerer_user_data(shared, rid);
        registerer_get_state(shared, rid);
        break;
    case 13:
        registerer_options_init(&given, sizeof given);
        given.username = "any";
        given.password = draw(seed, 4) ? "secret" : "wrong";
        registerer_set_credentials(shared, rid, &given);
        break;
    case 14:
        registerer_set_limits(shared, draw(seed, 50), draw(seed, 3) * 500);
        registerer_set_weakest_algorithm(shared, draw(seed, 8) ? REGISTERER_MD5 : draw(seed, 4));
        registerer_set_exclusive_port(shared, draw(seed, 3));
        break;
    default:
        if (draw(seed, 10) == 0)
            eXosip_register_remove(shared, rid);
        else if (draw(seed, 20) == 0)
            eXosip_reset_transports(shared);
    }
    atomic_fetch_add(&calls, 1);
}

/* Ends its own context, as any call may be made from a listener. */
static void that_quits(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    (void)rid;
    (void)state;
    eXosip_quit(ctx);
    atomic_store((atomic_int *)user, 1);
}

/* A context whose listener ends it at its first change of state, or that is ended meanwhile; often
   with work to do. */
static void ended_from_within(struct seed *seed)
{
    struct eXosip_t *ctx = eXosip_malloc();
    atomic_int quit = 0;
    int i;

    if (eXosip_init(ctx) == 0 &&
        eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) == 0) {
        int listens = registerer_on_state_change(ctx, 0, that_quits, &quit, 1);

        for (i = draw(seed, 4); i >= 0; i--)
            look_after_one(ctx, seed);
        for (i = draw(seed, 100); i > 0 && !atomic_load(&quit); i--)
            usleep(1000);
        /* 0: it was taken out before it was called. Else it has begun, and its end is waited for.
         */
        if (registerer_off(ctx, listens) != 0)
            for (i = 0; i < 30000 && !atomic_load(&quit); i++)
                usleep(1000);
    }
    eXosip_quit(ctx);
    osip_free(ctx);
    atomic_fetch_add(&contexts, 1);
}

/* A context of the thread's own: made, used, ended, made again. */
static void come_and_go(struct seed *seed)
{
    struct eXosip_t *ctx = eXosip_malloc();
    int times = 1 + draw(seed, 2);

    while (times-- > 0) {
        atomic_int rid = 0;

        if (eXosip_init(ctx) != 0)
            break;
        if (eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) == 0) {
            eXosip_add_authentication_info(ctx, "any", "any", "secret", NULL, NULL);
            register_one(ctx, &rid, seed);
            take(ctx, seed, draw(seed, 5));
            eXosip_automatic_action(ctx);
            take(ctx, seed, draw(seed, 5));
        }
        eXosip_quit(ctx); /* often with a REGISTER under way */
        atomic_fetch_add(&contexts, 1);
    }
    osip_free(ctx);
}

static void options(struct seed *seed)
{
    int value = draw(seed, 2) * 1000;

    switch (draw(seed, 5)) {
    case 0: eXosip_set_option(shared, EXOSIP_OPT_UDP_KEEP_ALIVE, &value); break;
    case 1: eXosip_set_option(shared, EXOSIP_OPT_AUTO_MASQUERADE_CONTACT, &value); break;
    case 2: eXosip_set_user_agent(shared, value ? "stress/1" : "stress/2"); break;
    case 3: eXosip_masquerade_contact(shared, value ? "127.0.0.2" : NULL, value); break;
    default: eXosip_set_option(shared, -1, &value); break;
    }
}

static void credentials(struct seed *seed)
{
    switch (draw(seed, 6)) {
    case 0: eXosip_clear_authentication_info(shared); break;
    case 1: eXosip_remove_authentication_info(shared, "any", NULL); break;
    default:
        eXosip_add_authentication_info(shared, "any", "any", draw(seed, 9) ? "secret" : "wrong",
                                       NULL, NULL);
    }
}

static void act(struct seed *seed)
{
    atomic_int *slot = &rids[draw(seed, REGISTRATIONS)];
    int rid = atomic_load(slot);
    osip_message_t *reg = NULL;
    char address[64];

    switch (draw(seed, 18)) {
    case 0:
    case 1:
        if (rid == 0) {
            register_one(shared, slot, seed);
            break;
        }
        if (eXosip_register_build_register(shared, rid, draw(seed, 4) ? 60 : 0, &reg) == 0) {
            osip_message_set_header(reg, "X-Stress", "yes");
            eXosip_register_send_register(shared, rid, reg);
        }
        break;
    case 2: eXosip_register_send_register(shared, rid, NULL); break;
    case 3:
        if (draw(seed, 4) == 0) {
            eXosip_register_remove(shared, rid);
            atomic_store(slot, 0);
        }
        break;
    case 4: credentials(seed); break;
    case 5:
    case 6: take(shared, seed, draw(seed, 20)); break;
    case 7: eXosip_automatic_action(shared); break;
    case 8: options(seed); break;
    case 9:
        eXosip_guess_localip(shared, AF_INET, address, sizeof address);
        eXosip_event_geteventsocket(shared);
        eXosip_wakeup_event(shared);
        eXosip_execute(shared);
        break;
    case 10: eXosip_unlock(shared); break; /* not ours: nothing happens */
    case 11:
    case 12:
        /* Those who are registered are called through their registrar. */
        snprintf(address, sizeof address, "sip:user%d@127.0.0.1", draw(seed, 16));
        any_call(shared, (unsigned)draw(seed, 10000), draw(seed, 64), address, route);
        break;
    case 13:
    case 14:
    case 15:
    case 16:
        snprintf(address, sizeof address, "sip:user%d@127.0.0.1", draw(seed, 16));
        any_subscription(shared, (unsigned)draw(seed, 10000), draw(seed, 64), address, route);
        break;
    default:
        if (draw(seed, 50) == 0)
            come_and_go(seed);
    }
    atomic_fetch_add(&calls, 1);
}

static void *work(void *number)
{
    struct seed seed = { (unsigned)(size_t)number * 7919u + 1u };
    struct registerer_options first;

    pthread_barrier_wait(&start); /* what is made at a first call is made by all of them at once */
    registerer_options_init(&first, sizeof first);
    while (!atomic_load(&over)) {
        if ((size_t)number >= THREADS) { /* its calls wait, so it holds no lock */
            if (draw(&seed, 500) == 0)
                ended_from_within(&seed);
            look_after(&seed);
            continue;
        }
        int depth = draw(&seed, 3), i; /* the lock is recursive: not at all, once, twice */

        for (i = 0; i < depth; i++)
            eXosip_lock(shared);
        act(&seed);
        for (i = 0; i < depth; i++)
            eXosip_unlock(shared);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS + MODERN];
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
    snprintf(route, sizeof route, "<%s;lr>", proxy);
    shared = eXosip_malloc();
    if (eXosip_init(shared) != 0 ||
        eXosip_listen_addr(shared, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != 0)
        return 2;
    pthread_barrier_init(&start, NULL, THREADS + MODERN);
    for (i = 0; i < THREADS + MODERN; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    while (time(NULL) < end)
        usleep(100000);
    atomic_store(&over, 1);
    for (i = 0; i < THREADS + MODERN; i++)
        pthread_join(threads[i], NULL);
    eXosip_quit(shared);
    osip_free(shared);
    printf("%ld calls, %ld successes, %ld failures, %ld contexts came and went\n", calls, successes,
           failures, contexts);
    printf("%ld telephone calls answered\n", answered);
    printf("%ld subscriptions, %ld NOTIFYs received, %ld sent, %ld publications answered\n",
           subscribed, notified, notifying, published);
    printf("%ld states, %ld requests reported, %ld waits fulfilled\n", states, requests, waits);
    return successes > 0 && states > 0 && requests > 0 && waits > 0 && notified > 0 && notifying > 0
               ? 0
               : 5;
}
