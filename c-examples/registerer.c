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

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Called on a thread of the context for each new state; it may make any call. */
static void on_state(registerer_context *context, int rid, enum registerer_state state, void *user)
{
    char why[512] = "";

    registerer_explain(context, rid, why, sizeof why);
    printf("%-12s %s\n", registerer_state_name(state), why);
    fflush(stdout);
    *(int *)user |= state == REGISTERER_REGISTERED;
}

int main(int argc, char **argv)
{
    registerer_context *context;
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
    if (registerer_check(&options, wrong, sizeof wrong) != REGISTERER_OK) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    context = registerer_context_new(NULL);
    if (registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, NULL, 0) != REGISTERER_OK)
        return 1;
    rid = registerer_new(context, &options);
    registerer_on_state_change(context, rid, on_state, &was_registered, 0);
    registerer_register(context, rid);

    alarm(argc > 5 ? (unsigned)atoi(argv[5]) : 0);
    sigwait(&ends, &number);

    registerer_dispose(context, rid);
    registerer_wait(context, rid, REGISTERER_TERMINATED, 5000);
    registerer_context_free(context);
    return was_registered ? 0 : 1;
}
