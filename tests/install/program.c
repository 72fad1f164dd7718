/*
 * program PROXY: registers alice with the registrar there, by registerer.h, and unregisters; writes
 * a line of its own to the trace with eXosip2's macro. Status 0 when it was registered. It is C99
 * and C++98 alike.
 */
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    struct eXosip_t *context = eXosip_malloc();
    struct registerer_options options;
    int rid, registered;

    if (argc != 2 || eXosip_init(context) != OSIP_SUCCESS)
        return 2;
    if (eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != OSIP_SUCCESS)
        return 2;
    OSIP_TRACE(osip_trace(__FILE__, __LINE__, OSIP_INFO1, NULL, "%s\n", argv[1]));
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = "sip:alice@demo.test";
    options.username = "alice";
    options.password = "secret";
    rid = registerer_new(context, &options);
    registerer_register(context, rid);
    registered = registerer_wait(context, rid, REGISTERER_REGISTERED, 10000) == OSIP_SUCCESS;
    registerer_dispose(context, rid);
    registerer_wait(context, rid, REGISTERER_TERMINATED, 5000);
    eXosip_quit(context);
    osip_free(context);
    printf("%s\n", registered ? "registered" : "not registered");
    return registered ? 0 : 1;
}
