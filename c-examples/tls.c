/*
 * tls REGISTRAR AOR USER PASSWORD ROOTS [PIN]
 *
 * Registers over TLS, says how it went, and unregisters. ROOTS is a file or a folder of root
 * certificates, or `-` for those of the system. With PIN (`sha256//…`, or a file with the public
 * key) the server's key has to be that one; with `-` for ROOTS as well the pin alone decides, as a
 * server needs that has made its own certificate. Status 0 when it was registered.
 */
#include <registerer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct registerer_options options;
    struct registerer_info info;
    registerer_context *context;
    char why[512];
    int rid;

    if (argc < 6) {
        fprintf(stderr, "usage: %s REGISTRAR AOR USER PASSWORD ROOTS [PIN]\n", argv[0]);
        return 2;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    options.transport = REGISTERER_TRANSPORT_TLS; /* whatever the URIs and DNS say */
    if (strcmp(argv[5], "-") != 0)
        options.tls_ca_file = argv[5];
    if (argc > 6) {
        options.tls_pin = argv[6];
        options.tls_verify = options.tls_ca_file != NULL; /* else by the pin alone */
    }
    /* A wrong certificate is no failure that passes: it is tried again within the hour. With this
       one it would be tried again as soon as after a lost connection:
       options.status_classes = "408=temporary"; */
    if (registerer_check(&options, why, sizeof why) != REGISTERER_OK) {
        fprintf(stderr, "%s\n", why);
        return 2;
    }

    /* The context listens by UDP; a connection is made when there is something to send. */
    context = registerer_context_new(NULL);
    if (registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, NULL, 0) != REGISTERER_OK)
        return 1;
    rid = registerer_new(context, &options);
    registerer_register(context, rid);
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    do /* until it is registered, or has failed */
        registerer_wait(context, rid, REGISTERER_REGISTERED, 100);
    while (registerer_get_info(context, rid, &info) == REGISTERER_OK && info.pending);
    registerer_explain(context, rid, why, sizeof why);
    puts(why); /* "TLS with pbx.local: certificate of an unknown issuer, …" for one */
    registerer_context_free(context);
    return info.state == REGISTERER_REGISTERED ? 0 : 1;
}
