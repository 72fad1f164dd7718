/*
 * registerer PROXY AOR USER PASSWORD [SECONDS [ROOTS]]
 *
 * A managed registration: prints each state and its explanation, until Ctrl-C or for SECONDS, then
 * removes the binding and ends. Status 0 when it was registered. Over TLS, where PROXY says
 * `;transport=tls` or DNS does, the server's certificate is checked by those in the file ROOTS, or
 * by the system's.
 */
#define _POSIX_C_SOURCE 200809L
#include <registerer.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Called on a thread of the context for each new state; it may make any call. */
static void on_state(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    char why[512] = "";

    registerer_explain(ctx, rid, why, sizeof why);
    printf("%-12s %s\n", registerer_state_name(state), why);
    fflush(stdout);
    *(int *)user |= state == REGISTERER_REGISTERED;
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = eXosip_malloc();
    struct registerer_options options;
    char wrong[256];
    int rid, was_registered = 0, number;
    sigset_t ends;

    /* Blocked before a thread is started, so that they end none; sigwait takes them below. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGALRM);
    sigprocmask(SIG_BLOCK, &ends, NULL);

    registerer_options_init(&options, sizeof options);
    if (argc < 5) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD [SECONDS [ROOTS]]\n", argv[0]);
        return 2;
    }
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    options.tls_ca_file = argc > 6 ? argv[6] : NULL;
    if (registerer_check(&options, wrong, sizeof wrong) != 0) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    rid = registerer_new(ctx, &options);
    registerer_on_state_change(ctx, rid, on_state, &was_registered, 0);
    registerer_register(ctx, rid);

    alarm(argc > 5 ? (unsigned)atoi(argv[5]) : 0);
    sigwait(&ends, &number);

    registerer_dispose(ctx, rid);
    registerer_wait(ctx, rid, REGISTERER_TERMINATED, 5000);
    eXosip_quit(ctx);
    free(ctx);
    return was_registered ? 0 : 1;
}
