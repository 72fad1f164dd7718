/* Edges of registerer.h: texts of every kind in every option, sizes, NULLs, and what is said of them. */
#include "md5.h"
#include "peer.h"

#include <registerer.h>
#include <stddef.h>

static struct peer registrar;

static struct registerer_options filled(void)
{
    struct registerer_options options;

    CODE(0, registerer_options_init(&options, sizeof options));
    options.aor = "sip:alice@test";
    options.registrar = registrar.uri;
    return options;
}

/* A password in Latin-1, as a server with an old user table knows it, is hashed byte by byte. */
static void latin1(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    char line[200], a1[33], a2[33], proof[33];
    int rid;

    options.username = "alice";
    options.password = "caf\xe9";
    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    hear(&registrar, "REGISTER ");
    answer(&registrar, "401 Unauthorized", "WWW-Authenticate: Digest realm=\"test\", nonce=\"n\"\r\n");
    hear(&registrar, "REGISTER ");
    md5_hex("alice:test:caf\xe9", a1);
    snprintf(line, sizeof line, "REGISTER:%s", registrar.uri);
    md5_hex(line, a2);
    snprintf(line, sizeof line, "%s:n:%s", a1, a2);
    md5_hex(line, proof);
    CHECK(field(&registrar, "Authorization") != NULL && strstr(registrar.value, proof) != NULL);
    ended(ctx);
}

int main(void)
{
    peer_open(&registrar);
    latin1();
    peer_close(&registrar);
    return 0;
}
