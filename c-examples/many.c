/*
 * many REGISTRAR DOMAIN PASSWORD COUNT [SECONDS]
 *
 * Registers COUNT accounts, user0@DOMAIN and so on, from one context, prints once a second how many
 * there are in each state, and removes them all after SECONDS or on Ctrl-C. Status 0 when all were
 * registered.
 */
#define _POSIX_C_SOURCE 200809L
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static int in_state[4];                                  /* of enum registerer_state */
static int refused;

/* On a thread of the context, one call at a time. Each account has the state that it had before
   as its user data. */
static void on_state(struct eXosip_t *ctx, int rid, enum registerer_state state, void *unused)
{
    enum registerer_state *before = registerer_user_data(ctx, rid);

    (void)unused;
    if (before == NULL)
        return;
    pthread_mutex_lock(&lock);
    in_state[*before]--;
    in_state[state]++;
    pthread_mutex_unlock(&lock);
    *before = state;
}

static void on_request(struct eXosip_t *ctx, int rid, enum registerer_request what, int status,
                       const char *reason, void *unused)
{
    (void)ctx, (void)unused;
    if (what != REGISTERER_REJECTED)
        return;
    pthread_mutex_lock(&lock);
    if (refused++ < 10) /* the first ones; the rest is counted */
        fprintf(stderr, "registration %d: %d %s\n", rid, status, reason);
    pthread_mutex_unlock(&lock);
}

static int add(struct eXosip_t *ctx, char **argv, int number, enum registerer_state *state)
{
    struct registerer_options options;
    char aor[300], user[32];
    int rid;

    snprintf(user, sizeof user, "user%d", number);
    snprintf(aor, sizeof aor, "sip:%s@%s", user, argv[2]);
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = aor;
    options.username = user;
    options.password = argv[3];
    options.start_spread = 2; /* s within which the first REGISTERs go out */
    options.user_data = state;
    rid = registerer_new(ctx, &options);
    return rid > 0 ? registerer_register(ctx, rid) : rid;
}

/* Prints the counts. Returns how many are registered. */
static int show(void)
{
    int registered;

    pthread_mutex_lock(&lock);
    registered = in_state[REGISTERER_REGISTERED];
    printf("initial %d, registered %d, unregistered %d, terminated %d; refused %d times\n",
           in_state[REGISTERER_INITIAL], registered, in_state[REGISTERER_UNREGISTERED],
           in_state[REGISTERER_TERMINATED], refused);
    pthread_mutex_unlock(&lock);
    return registered;
}

int main(int argc, char **argv)
{
    struct timespec second = {1, 0};
    struct eXosip_t *ctx;
    enum registerer_state *states;
    int count, seconds, all;
    sigset_t ends;

    if (argc < 5 || (count = atoi(argv[4])) < 1) {
        fprintf(stderr, "usage: %s REGISTRAR DOMAIN PASSWORD COUNT [SECONDS]\n", argv[0]);
        return 2;
    }
    seconds = argc > 5 ? atoi(argv[5]) : -1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    sigemptyset(&ends); /* blocked before a thread is started */
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);

    states = calloc((size_t)count, sizeof *states); /* REGISTERER_INITIAL is 0 */
    ctx = eXosip_malloc();
    if (states == NULL || eXosip_init(ctx) != 0 ||
        eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    registerer_set_limits(ctx, 200, 1000); /* at a time, and in a second */
    registerer_on_state_change(ctx, 0, on_state, NULL, 0);
    registerer_on_request(ctx, 0, on_request, NULL, 0);
    in_state[REGISTERER_INITIAL] = count;
    for (int i = 0; i < count; i++)
        if (add(ctx, argv, i, &states[i]) != 0) {
            fprintf(stderr, "user%d cannot be registered\n", i);
            return 1;
        }
    do
        show();
    while (sigtimedwait(&ends, NULL, &second) < 0 && --seconds != 0);
    all = show() == count;
    eXosip_quit(ctx); /* removes all bindings, at the pace of the registrar's answers */
    show();
    free(states);
    free(ctx);
    return all ? 0 : 1;
}
