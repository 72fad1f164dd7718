/*
 * The plainest program there is: it sends one REGISTER after each event that it has freed.
 *
 *   plain PORT ACCOUNTS WINDOW SECONDS [header] [rest] [tcp] [tls] [each]
 *
 * It registers sip:userN@bench.test with sip:127.0.0.1:PORT. The first WINDOW accounts begin at
 * once; each later one begins when the last event of another has been freed. `header` adds a header
 * field to each REGISTER. `rest` waits at the end until every transaction is over, and prints the
 * memory then. `tcp` and `tls` register over that; with `each` every account has an address of the
 * loopback as its registrar, 127.1.x.y, and so a connection of its own.
 */
#include "../peers/measure.h"

#include <eXosip2/eXosip.h>

/* Longer than Timer K of RFC 3261 section 17.1.2.2, which ends the transactions: 5 s. */
static const struct timespec to_rest = {5, 600000000};

static struct eXosip_t *context;
static int add_header, tcp, tls, each;
static unsigned *account_of; /* of each rid */

static void send_register(void)
{
    char proxy[64], from[64];
    osip_message_t *message = NULL;
    int rid, sent;

    if (each)
        snprintf(proxy, sizeof proxy, "sip:127.1.%u.%u:%u", begun >> 8 & 255, begun & 255, port);
    else
        snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%u", port);
    snprintf(from, sizeof from, "sip:user%05u@bench.test", begun);
    since[begun] = nanos();
    eXosip_lock(context);
    rid = eXosip_register_build_initial_register(context, from, proxy, NULL, 3600, &message);
    if (rid < 1 || (unsigned)rid > accounts) {
        fprintf(stderr, "plain: the registration id is %d\n", rid);
        exit(1);
    }
    account_of[rid] = begun++;
    if (add_header)
        osip_message_set_header(message, "X-Serial-Number", "00:11:22:33:44:55");
    sent = eXosip_register_send_register(context, rid, message);
    eXosip_unlock(context);
    if (sent != 0)
        failed++;
}

/* Takes and frees an event, if one comes; whether it ended a registration. */
static int take_event(void)
{
    eXosip_event_t *event = eXosip_event_wait(context, 0, 100);
    int challenged, ended;

    eXosip_lock(context);
    eXosip_automatic_action(context); /* sends the answer to a challenge */
    eXosip_unlock(context);
    if (event == NULL)
        return 0;
    challenged = event->response != NULL && event->response->status_code == 401;
    ended = event->type == EXOSIP_REGISTRATION_SUCCESS || !challenged;
    if (event->type == EXOSIP_REGISTRATION_SUCCESS)
        times[done++] = nanos() - since[account_of[event->rid]];
    else if (ended)
        failed++;
    eXosip_event_free(event);
    return ended;
}

static void print_memory_at_rest(void)
{
    nanosleep(&to_rest, NULL);
    eXosip_lock(context);
    eXosip_automatic_action(context);
    eXosip_unlock(context);
    printf("at_rest %ld\n", resident());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int no_keep_alive = 0, rest = 0, over_what;

    for (; argc > 5; argc--) {
        add_header |= strcmp(argv[argc - 1], "header") == 0;
        rest |= strcmp(argv[argc - 1], "rest") == 0;
        tcp |= strcmp(argv[argc - 1], "tcp") == 0;
        tls |= strcmp(argv[argc - 1], "tls") == 0;
        each |= strcmp(argv[argc - 1], "each") == 0;
    }
    if (read_arguments(argc, argv) != 0)
        return 1;
    account_of = calloc(accounts + 1, sizeof *account_of);
    context = eXosip_malloc();
    if (account_of == NULL || context == NULL || eXosip_init(context) != 0)
        return 1;
    eXosip_set_option(context, EXOSIP_OPT_UDP_KEEP_ALIVE, &no_keep_alive);
    eXosip_add_authentication_info(context, "bench", "bench", "secret", NULL, "bench");
    over_what = tcp || tls ? IPPROTO_TCP : IPPROTO_UDP;
    if (eXosip_listen_addr(context, over_what, "127.0.0.1", 0, AF_INET, tls) != 0)
        return 1;
    start_clock();
    while (begun < accounts && begun < window)
        send_register();
    while (!over())
        if (take_event() && begun < accounts)
            send_register();
    print_figures();
    if (rest)
        print_memory_at_rest();
    _Exit(0); /* without unregistering */
}
