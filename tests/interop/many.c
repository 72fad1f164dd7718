/*
 * Registers many accounts, refreshes and unregisters them, for tests/interop/many.
 *
 *   many PROXY ACCOUNTS WINDOW
 *
 * Account N is sip:userN@rig.test with the password pw-userN; WINDOW of them are in flight. After
 * each of the three rounds it prints a line, "200: ... 401: ... other: ... seconds: ... CPU
 * microseconds each: ...", and waits for a line on its standard input. Status: 0 when each round
 * brought a 200 for each account and nothing else but 401.
 */
#define _POSIX_C_SOURCE 200809L

#include <eXosip2/eXosip.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static struct eXosip_t *ctx;
static const char *proxy;
static int accounts, first, status;

static void fail(const char *what, int code)
{
    fprintf(stderr, "many: %s: %d\n", what, code);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void send_new(int i)
{
    char from[64], user[32], password[32];
    osip_message_t *reg = NULL;
    int rid;

    snprintf(from, sizeof from, "sip:user%d@rig.test", i);
    snprintf(user, sizeof user, "user%d", i);
    snprintf(password, sizeof password, "pw-user%d", i);
    eXosip_lock(ctx);
    eXosip_add_authentication_info(ctx, user, user, password, NULL, NULL);
    rid = eXosip_register_build_initial_register(ctx, from, proxy, NULL, 3600, &reg);
    if (rid < 1 || eXosip_register_send_register(ctx, rid, reg) != 0)
        fail("the REGISTER was not taken", rid);
    eXosip_unlock(ctx);
    if (i == 0)
        first = rid;
}

static void send_again(int i, int expires)
{
    osip_message_t *reg = NULL;
    int code;

    eXosip_lock(ctx);
    code = eXosip_register_build_register(ctx, first + i, expires, &reg);
    if (code == 0)
        code = eXosip_register_send_register(ctx, first + i, reg);
    eXosip_unlock(ctx);
    if (code != 0)
        fail("the REGISTER was not taken", code);
}

static void play(int is_first, int expires, int window)
{
    double begin = now(), used = cpu(), last = begin;
    int begun = 0, good = 0, challenged = 0, other = 0, code;

    while (good + other < accounts && now() - last < 40) {
        eXosip_event_t *event;
        while (begun < accounts && begun - good - other < window) {
            if (is_first)
                send_new(begun);
            else
                send_again(begun, expires);
            begun++;
        }
        event = eXosip_event_wait(ctx, 1, 0);
        eXosip_lock(ctx);
        eXosip_automatic_action(ctx);
        eXosip_unlock(ctx);
        if (event == NULL)
            continue;
        last = now();
        code = event->response != NULL ? event->response->status_code : 0;
        if (event->type == EXOSIP_REGISTRATION_SUCCESS)
            good++;
        else if (code == 401)
            challenged++;
        else
            other++;
        eXosip_event_free(event);
    }
    printf("200: %d 401: %d other: %d seconds: %.1f CPU microseconds each: %.1f\n", good,
           challenged, other, now() - begin, (cpu() - used) * 1e6 / accounts);
    fflush(stdout);
    if (good != accounts || other != 0)
        status = 2;
    while ((code = getchar()) != '\n' && code != EOF)
        ;
}

int main(int argc, char **argv)
{
    int window, code;

    if (argc != 4)
        fail("PROXY ACCOUNTS WINDOW", argc);
    proxy = argv[1];
    accounts = atoi(argv[2]);
    window = atoi(argv[3]);
    ctx = eXosip_malloc();
    if ((code = eXosip_init(ctx)) != 0)
        fail("eXosip_init", code);
    if ((code = eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0)) != 0)
        fail("eXosip_listen_addr", code);
    play(1, 3600, window);
    play(0, 3600, window);
    play(0, 0, window);
    eXosip_quit(ctx);
    osip_free(ctx);
    return status;
}
