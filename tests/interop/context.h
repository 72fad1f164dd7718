/* What telephone.c and presence_client.c share: how they begin, and end when they cannot. */
#ifndef CONTEXT_H
#define CONTEXT_H

#include <eXosip2/eXosip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void fail(const char *what, int code)
{
    printf("%s: %d\n", what, code);
    exit(1);
}

/* A context on 127.0.0.1 over udp, tcp or tls. `roots`: a file of certificates by which that of the
   server is checked, or NULL. */
static inline struct eXosip_t *context_over(const char *transport, const char *roots, int port)
{
    int kind = strcmp(transport, "udp") == 0 ? IPPROTO_UDP : IPPROTO_TCP, code, check = 1;
    struct eXosip_t *ctx = eXosip_malloc();
    static eXosip_tls_ctx_t tls;

    if ((code = eXosip_init(ctx)) != 0)
        fail("eXosip_init", code);
    if (roots != NULL) {
        snprintf(tls.root_ca_cert, sizeof tls.root_ca_cert, "%s", roots);
        eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls);
        eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE, &check);
    }
    code = eXosip_listen_addr(ctx, kind, "127.0.0.1", port, AF_INET, strcmp(transport, "tls") == 0);
    if (code != 0)
        fail("eXosip_listen_addr", code);
    return ctx;
}

#endif
