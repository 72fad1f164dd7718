/* What programs of registerer.h alone share: the header, a check, and one registration. */
#ifndef ALONE_H
#define ALONE_H

#include "truth.h"

#include <registerer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A registration of `user` at the registrar on this port of 127.0.0.1, with the password of alice;
   nothing is sent. */
static inline int made(registerer_context *context, const char *user, const char *port,
                       void *user_data)
{
    struct registerer_options options;
    char registrar[64], aor[64];

    registerer_options_init(&options, sizeof options);
    snprintf(registrar, sizeof registrar, "sip:127.0.0.1:%s", port);
    snprintf(aor, sizeof aor, "sip:%s@127.0.0.1", user);
    options.registrar = registrar;
    options.aor = aor;
    options.username = user;
    options.password = "secret";
    options.user_data = user_data;
    return registerer_new(context, &options);
}

static inline struct registerer_stats stats_of(registerer_context *context)
{
    struct registerer_stats stats;

    stats.size = sizeof stats;
    CHECK(registerer_get_stats(context, &stats) == REGISTERER_OK);
    return stats;
}

#endif
