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

static void says(const struct registerer_options *options, const char *words)
{
    char why[256] = "";

    CODE(OSIP_BADPARAMETER, registerer_check(options, why, sizeof why));
    if (strcmp(why, words) != 0) {
        fprintf(stderr, "'%s', not '%s'\n", why, words);
        exit(1);
    }
}

static void credentials(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled(), bare;
    int rid = registerer_new(ctx, &options);

    CHECK(rid > 0);
    options.password = "x";
    says(&options, "there is a password or HA1 without a user name");
    options.password = NULL;
    options.ha1_sha256 = "00";
    says(&options, "there is a password or HA1 without a user name");
    options.username = "alice";
    says(&options, "the HA1 for SHA-256 is not 64 hex digits");
    options.ha1_sha256 = "";
    says(&options, "the user \"alice\" has neither password nor HA1");
    options.password = "x";
    options.username = "al\nice";
    says(&options, "a credential has no user, or one or a realm that is not one line");
    options.username = "alice";
    options.expires = 0;
    says(&options, "the expiry is 0, it must be 1 or more");

    /* Other credentials: nothing else of the options is looked at. */
    memset(&bare, 0, sizeof bare);
    CODE(OSIP_BADPARAMETER, registerer_set_credentials(ctx, rid, &bare));
    bare.size = sizeof bare;
    CODE(0, registerer_set_credentials(ctx, rid, &bare));
    bare.username = "alice";
    CODE(OSIP_BADPARAMETER, registerer_set_credentials(ctx, rid, &bare));
    bare.password = "secret";
    CODE(0, registerer_set_credentials(ctx, rid, &bare));
    CODE(OSIP_NOTFOUND, registerer_set_credentials(ctx, 1 << 30, &bare));
    bare.username = NULL;
    CODE(OSIP_BADPARAMETER, registerer_set_credentials(ctx, rid, &bare));
    CODE(OSIP_BADPARAMETER, registerer_set_credentials(ctx, rid, NULL));
    ended(ctx);
}

int main(void)
{
    peer_open(&registrar);
    latin1();
    credentials();
    peer_close(&registrar);
    return 0;
}
