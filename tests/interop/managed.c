/*
 * A managed registration for tests/interop: prints each state and its explanation in a line, as
 * c-examples/registerer.c does, until SIGTERM or for `seconds`; then it removes the binding.
 *
 *   managed REGISTRAR AOR [name=value]...
 *
 * user= password= transport=tcp or tls, roots= certificate= key= pin= (of TLS), verify= (1),
 * expires= (600), retry= (seconds of retry_base and retry_max), seconds= (60), nat= (1),
 * flows= (1), instance=
 *
 * With until=STATE it ends already when that state has come. Status 0 when it was registered.
 */
#define _POSIX_C_SOURCE 200809L
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct registerer_options options;
static const char *until = "";
static int seconds = 60, was_registered;

static void on_state(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    char why[512] = "";

    (void)user;
    registerer_explain(ctx, rid, why, sizeof why);
    printf("%s %s\n", registerer_state_name(state), why);
    was_registered |= state == REGISTERER_REGISTERED;
    if (strcmp(until, registerer_state_name(state)) == 0)
        kill(getpid(), SIGTERM);
}

static int transport_of(const char *name)
{
    if (strcmp(name, "tcp") == 0)
        return REGISTERER_TRANSPORT_TCP;
    return strcmp(name, "tls") == 0 ? REGISTERER_TRANSPORT_TLS : REGISTERER_TRANSPORT_UDP;
}

/* Takes a name=value; 0 when there is no such name. */
static int setting(char *text)
{
    const struct {
        const char *name, **text;
        int *number;
    } settings[] = {
        { "user", &options.username, NULL },
        { "password", &options.password, NULL },
        { "roots", &options.tls_ca_file, NULL },
        { "certificate", &options.tls_certificate_file, NULL },
        { "key", &options.tls_key_file, NULL },
        { "pin", &options.tls_pin, NULL },
        { "instance", &options.instance_id, NULL },
        { "until", &until, NULL },
        { "verify", NULL, &options.tls_verify },
        { "expires", NULL, &options.expires },
        { "retry", NULL, &options.retry_base },
        { "nat", NULL, &options.nat },
        { "flows", NULL, &options.flows },
        { "seconds", NULL, &seconds },
    };
    char *value = strchr(text, '=');

    if (value == NULL)
        return 0;
    *value++ = '\0';
    if (strcmp(text, "transport") == 0) {
        options.transport = transport_of(value);
        return 1;
    }
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (strcmp(text, settings[i].name) != 0)
            continue;
        if (settings[i].text != NULL)
            *settings[i].text = value;
        else
            *settings[i].number = atoi(value);
        if (settings[i].number == &options.retry_base)
            options.retry_max = options.retry_base;
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = eXosip_malloc();
    char wrong[256] = "REGISTRAR AOR [name=value]...";
    sigset_t ends;
    int rid, number, fits = argc > 2;

    /* Blocked before a thread is started, so that they end none; sigwait takes them below. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGALRM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);

    registerer_options_init(&options, sizeof options);
    for (int i = 3; i < argc; i++)
        fits = fits && setting(argv[i]);
    if (fits) {
        options.registrar = argv[1];
        options.aor = argv[2];
    }
    if (!fits || registerer_check(&options, wrong, sizeof wrong) != 0) {
        fprintf(stderr, "managed: %s\n", wrong);
        return 2;
    }
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 3;
    rid = registerer_new(ctx, &options);
    registerer_on_state_change(ctx, rid, on_state, NULL, 0);
    registerer_register(ctx, rid);

    alarm((unsigned)seconds);
    sigwait(&ends, &number);

    registerer_dispose(ctx, rid);
    registerer_wait(ctx, rid, REGISTERER_TERMINATED, 5000);
    eXosip_quit(ctx);
    free(ctx);
    return was_registered ? 0 : 1;
}
