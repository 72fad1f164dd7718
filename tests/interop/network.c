/*
 * interop-network new|old udp|tcp 4|6 AOR PROXY: one registration by registerer.h or by the eXosip
 * calls, until it is ended. Who calls it counts the REGISTERs that come.
 */
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void register_by_itself(struct eXosip_t *ctx, char **argv)
{
    struct registerer_options options;

    registerer_options_init(&options, sizeof options);
    options.registrar = argv[5];
    options.aor = argv[4];
    options.expires = 20;
    options.start_spread = 0;
    registerer_register(ctx, registerer_new(ctx, &options));
    for (;;)
        eXosip_event_free(eXosip_event_wait(ctx, 1, 0));
}

static void register_by_calls(struct eXosip_t *ctx, char **argv)
{
    osip_message_t *request = NULL;
    int rid;

    eXosip_lock(ctx);
    rid = eXosip_register_build_initial_register(ctx, argv[4], argv[5], NULL, 20, &request);
    eXosip_register_send_register(ctx, rid, request);
    eXosip_unlock(ctx);
    for (;;) {
        eXosip_event_free(eXosip_event_wait(ctx, 0, 50));
        eXosip_lock(ctx);
        eXosip_automatic_action(ctx);
        eXosip_unlock(ctx);
    }
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = eXosip_malloc();
    int transport, family;

    if (argc != 6)
        return 2;
    transport = strcmp(argv[2], "tcp") == 0 ? IPPROTO_TCP : IPPROTO_UDP;
    family = strcmp(argv[3], "6") == 0 ? AF_INET6 : AF_INET;
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, transport, NULL, 0, family, 0) != 0) {
        fprintf(stderr, "%s: cannot listen\n", argv[4]);
        return 1;
    }
    if (strcmp(argv[1], "new") == 0)
        register_by_itself(ctx, argv);
    else
        register_by_calls(ctx, argv);
}
