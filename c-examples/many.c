/*
 * many REGISTRAR DOMAIN PASSWORD COUNT [SECONDS]
 *
 * Registers COUNT accounts, user0@DOMAIN and so on, from one context, prints once a second how many
 * there are in each state, and removes them all after SECONDS or on SIGINT or SIGTERM. Status 0
 * when all were registered, 1 when not, which is said, 2 when the arguments are wrong.
 *
 * To keep the accounts of a file registered without writing a program, see registerd(8).
 */
#define _POSIX_C_SOURCE 200809L
#include <registerer.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

/* Registers one account. What cannot be is said; 1: it is registered from here on. */
static int add(registerer_context *context, char **argv, int number)
{
    struct registerer_options options;
    char aor[300], user[32], wrong[256];
    int length, rid, result;

    snprintf(user, sizeof user, "user%d", number);
    length = snprintf(aor, sizeof aor, "sip:%s@%s", user, argv[2]);
    if (length < 0 || (size_t)length >= sizeof aor) {
        fprintf(stderr, "%s: the domain is too long\n", user);
        return 0;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = aor;
    options.username = user;
    options.password = argv[3];
    options.start_spread = 2; /* s within which the first REGISTERs go out */
    if (registerer_check(&options, wrong, sizeof wrong) != REGISTERER_OK) {
        fprintf(stderr, "%s: %s\n", user, wrong);
        return 0;
    }
    rid = registerer_new(context, &options);
    result = rid > 0 ? registerer_register(context, rid) : rid;
    if (result != REGISTERER_OK)
        fprintf(stderr, "%s: %s\n", user, registerer_error_name(result));
    return result == REGISTERER_OK;
}

/* Prints how many there are in each state, which costs the same for any number of accounts. */
static uint64_t show(registerer_context *context)
{
    struct registerer_stats stats;

    stats.size = sizeof stats;
    if (registerer_get_stats(context, &stats) != REGISTERER_OK)
        return 0;
    printf("initial %llu, registered %llu, unregistered %llu\n", (unsigned long long)stats.initial,
           (unsigned long long)stats.registered, (unsigned long long)stats.unregistered);
    return stats.registered;
}

/* Fetches what happens until the end of this second, and says which accounts are refused. */
static void watch(registerer_context *context)
{
    struct registerer_event event;
    time_t end = time(NULL) + 1;

    event.size = sizeof event;
    while (!interrupted && time(NULL) < end) {
        if (registerer_next_event(context, &event, 100) != 1)
            continue;
        if (event.kind == REGISTERER_EVENT_LOST)
            fprintf(stderr, "%llu events came too fast\n", (unsigned long long)event.lost);
        else if (event.request == REGISTERER_REJECTED)
            fprintf(stderr, "registration %d: %d %s\n", event.rid, event.status, event.reason);
    }
}

int main(int argc, char **argv)
{
    struct registerer_context_options options;
    registerer_context *context;
    int count, seconds, are_all, result;

    if (argc < 5 || (count = atoi(argv[4])) < 1) {
        fprintf(stderr, "usage: %s REGISTRAR DOMAIN PASSWORD COUNT [SECONDS]\n", argv[0]);
        return 2;
    }
    seconds = argc > 5 ? atoi(argv[5]) : -1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    registerer_context_options_init(&options, sizeof options);
    options.queue_events = 1; /* from the beginning */
    context = registerer_context_new(&options);
    result = registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, NULL, 0);
    if (result != REGISTERER_OK) {
        fprintf(stderr, "cannot listen: %s\n", registerer_error_name(result));
        registerer_context_free(context);
        return 1;
    }
    registerer_set_limits(context, 200, 1000); /* at a time, and in a second */
    for (int i = 0; i < count; i++)
        if (!add(context, argv, i)) {
            registerer_context_free(context);
            return 1;
        }
    while (!interrupted && seconds-- != 0) {
        show(context);
        watch(context);
    }
    are_all = show(context) == (uint64_t)count;
    registerer_context_free(context); /* removes all, at the pace of the registrar's answers */
    return are_all ? 0 : 1;
}
