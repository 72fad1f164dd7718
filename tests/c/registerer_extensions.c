/* What other networks ask of a registration: option tags of the program, media plane security, an
   Authorization before any challenge. */
#include "peer.h"

#include <registerer.h>

static struct peer registrar;

static struct registerer_options filled(void)
{
    struct registerer_options options;

    CODE(0, registerer_options_init(&options, sizeof options));
    options.aor = "sip:alice@test";
    options.registrar = registrar.uri;
    return options;
}

/* A registration with these options, whose first REGISTER was received. */
static int registering(struct eXosip_t *ctx, const struct registerer_options *options)
{
    int rid = registerer_new(ctx, options);

    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    return rid;
}

static void option_tags(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    osip_message_t *message = NULL;
    char why[256];
    int rid;

    options.extra_headers = "Supported: 100rel, path\nk: timer\nRequire: pref\n";
    options.security_client = "sdes-srtp;mediasec";
    rid = registering(ctx, &options);
    FIELD(&registrar, "Supported", "path, outbound, gruu, 100rel, timer");
    FIELD(&registrar, "Require", "mediasec, pref");
    FIELD(&registrar, "Proxy-Require", "mediasec");
    FIELD(&registrar, "Security-Client", "sdes-srtp;mediasec");
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    /* What the program writes into a message of its own stays in the library's. */
    CODE(0, eXosip_register_build_register(ctx, rid, 600, &message));
    CODE(0, osip_message_set_supported(message, "eventlist"));
    CODE(0, eXosip_register_send_register(ctx, rid, message));
    receive_message(&registrar, "REGISTER ");
    CHECK(strcmp(field_at(&registrar, "Supported", 0),
                 "path, outbound, gruu, 100rel, timer") == 0);
    CHECK(strcmp(field_at(&registrar, "Supported", 1), "eventlist") == 0);
    answer(&registrar, "200 OK", "");
    CODE(0, registerer_dispose(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    FIELD(&registrar, "Supported", "path, outbound, gruu, 100rel, timer, eventlist");
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_TERMINATED, 10000));
    options.extra_headers = "Require: a b";
    CODE(OSIP_BADPARAMETER, registerer_check(&options, why, sizeof why));
    CHECK(strcmp(why, "the header Require is no list of option tags") == 0);
    ended(ctx);
}

static void initial_authorization(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    char wanted[256], why[256];
    int rid;

    CODE(0, options.initial_authorization);
    options.initial_authorization = 1;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, why, sizeof why));
    options.username = "alice@test";
    options.password = "secret";
    rid = registering(ctx, &options);
    snprintf(wanted, sizeof wanted,
             "Digest username=\"alice@test\", realm=\"127.0.0.1\", nonce=\"\", "
             "uri=\"%s\", response=\"\"", registrar.uri);
    FIELD(&registrar, "Authorization", wanted);
    challenge(&registrar);
    receive_message(&registrar, "REGISTER ");
    CHECK(strstr(field(&registrar, "Authorization"), "nonce=\"n1\"") != NULL);
    CHECK(field_at(&registrar, "Authorization", 1) == NULL);
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    CODE(0, eXosip_register_remove(ctx, rid));
    ended(ctx);
}

int main(void)
{
    peer_open(&registrar);
    option_tags();
    initial_authorization();
    peer_close(&registrar);
    return 0;
}
