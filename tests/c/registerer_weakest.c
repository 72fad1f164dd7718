/* registerer_weakest PORT: a registrar that asks for MD5, and a program that wants more. */
#include "check.h"
#include <registerer.h>
#include <stddef.h>
#include <string.h>

static char registrar[64];

static struct registerer_options options_for(const char *aor)
{
    struct registerer_options options;

    CODE(0, registerer_options_init(&options, sizeof options));
    CODE(REGISTERER_MD5, options.weakest_algorithm);
    options.aor = aor;
    options.registrar = registrar;
    options.username = "anna";
    options.password = "secret";
    return options;
}

/* Registers, and comes to this state. */
static void becomes(enum registerer_state wanted, struct eXosip_t *ctx,
                    const struct registerer_options *options)
{
    char why[512];
    int rid = registerer_new(ctx, options);

    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, wanted, 10000));
    CHECK(registerer_explain(ctx, rid, why, sizeof why) > 0);
    CHECK((wanted == REGISTERER_REGISTERED) == (strstr(why, "weaker than allowed") == NULL));
}

static void by_the_option(struct eXosip_t *ctx)
{
    struct registerer_options options = options_for("sip:anna@127.0.0.1");
    char wrong[256];

    becomes(REGISTERER_REGISTERED, ctx, &options);
    options = options_for("sip:berta@127.0.0.1");
    for (int least = REGISTERER_SHA_256; least <= REGISTERER_SHA_512_256; least++) {
        options.weakest_algorithm = least;
        becomes(REGISTERER_UNREGISTERED, ctx, &options);
    }
    options.weakest_algorithm = 3;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, wrong, sizeof wrong));
    CHECK(strstr(wrong, "weakest algorithm") != NULL);
}

static void of_refusals(void)
{
    struct registerer_options options = options_for("sip:anna@127.0.0.1");
    char wrong[256];

    CODE(3600, options.fatal_retry);
    CODE(31536000, options.largest_min_expires);
    options.fatal_retry = 0;
    CODE(0, registerer_check(&options, wrong, sizeof wrong));
    options.fatal_retry = -1;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, wrong, sizeof wrong));
    CHECK(strstr(wrong, "fatal retry") != NULL);
    options.fatal_retry = 0;
    options.largest_min_expires = 0;
    CODE(OSIP_BADPARAMETER, registerer_check(&options, wrong, sizeof wrong));
    CHECK(strstr(wrong, "largest Min-Expires") != NULL);
}

/* A program that was compiled before the option was there. */
static void without_the_option(struct eXosip_t *ctx)
{
    size_t shorter = offsetof(struct registerer_options, weakest_algorithm);
    struct registerer_options options = options_for("sip:anna@127.0.0.1");

    options.weakest_algorithm = 99; /* not its memory */
    CODE(0, registerer_options_init(&options, shorter));
    CODE(99, options.weakest_algorithm);
    CODE((int)shorter, (int)options.size);
    options.aor = "sip:anna@127.0.0.1";
    options.registrar = registrar;
    options.username = "anna";
    options.password = "secret";
    becomes(REGISTERER_REGISTERED, ctx, &options);
}

static void by_the_context(struct eXosip_t *ctx)
{
    struct registerer_options options = options_for("sip:carla@127.0.0.1");
    osip_message_t *reg = NULL;
    eXosip_event_t *event;
    int rid;

    CODE(0, registerer_set_weakest_algorithm(ctx, REGISTERER_SHA_256));
    becomes(REGISTERER_UNREGISTERED, ctx, &options);
    CODE(OSIP_BADPARAMETER, registerer_set_weakest_algorithm(ctx, 3));
    CODE(OSIP_BADPARAMETER, registerer_set_weakest_algorithm(ctx, -1));
    CODE(OSIP_BADPARAMETER, registerer_set_weakest_algorithm(NULL, REGISTERER_MD5));

    /* It outlives the credentials. */
    CODE(0, eXosip_clear_authentication_info(ctx));
    CODE(0, eXosip_add_authentication_info(ctx, "dora", "dora", "secret", NULL, NULL));
    rid = eXosip_register_build_initial_register(ctx, "sip:dora@127.0.0.1", registrar, NULL, 60,
                                                 &reg);
    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);
    CHECK(eXosip_default_action(ctx, event) < 0);
    eXosip_event_free(event);
    eXosip_automatic_action(ctx);
    CHECK(eXosip_event_wait(ctx, 0, 200) == NULL);
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = listening();

    CHECK(argc == 2);
    snprintf(registrar, sizeof registrar, "sip:127.0.0.1:%s", argv[1]);
    by_the_option(ctx);
    of_refusals();
    without_the_option(ctx);
    by_the_context(ctx);
    ended(ctx);
    return 0;
}
