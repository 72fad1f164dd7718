/* Edges of registerer.h: texts of every kind in every option, sizes, NULLs, and what is said of
   them. */
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
    receive_message(&registrar, "REGISTER ");
    answer(&registrar, "401 Unauthorized",
           "WWW-Authenticate: Digest realm=\"test\", nonce=\"n\"\r\n");
    receive_message(&registrar, "REGISTER ");
    md5_hex("alice:test:caf\xe9", a1);
    snprintf(line, sizeof line, "REGISTER:%s", registrar.uri);
    md5_hex(line, a2);
    snprintf(line, sizeof line, "%s:n:%s", a1, a2);
    md5_hex(line, proof);
    CHECK(field(&registrar, "Authorization") != NULL && strstr(registrar.value, proof) != NULL);
    ended(ctx);
}

static void expect_error(const struct registerer_options *options, const char *words)
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
    expect_error(&options, "there is a password or HA1 without a user name");
    options.password = NULL;
    options.ha1_sha256 = "00";
    expect_error(&options, "there is a password or HA1 without a user name");
    options.username = "alice";
    expect_error(&options, "the HA1 for SHA-256 is not 64 hex digits");
    options.ha1_sha256 = "";
    expect_error(&options, "the user \"alice\" has neither password nor HA1");
    options.password = "x";
    options.username = "al\nice";
    expect_error(&options, "a credential has no user, or one or a realm that is not one line");
    options.username = "alice";
    options.expires = 0;
    expect_error(&options, "the expiry is 0, it must be 1 or more");

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

#define TEXT(name) {#name, offsetof(struct registerer_options, name)}

/* No text adds a header field, whatever it holds and however long it is: it is refused in words, or
   does no harm. */
static void texts(void)
{
    static const struct {
        const char *name;
        size_t at;
    } all[] = {TEXT(aor),
               TEXT(registrar),
               TEXT(username),
               TEXT(password),
               TEXT(realm),
               TEXT(ha1_md5),
               TEXT(ha1_sha256),
               TEXT(ha1_sha512_256),
               TEXT(contact_params),
               TEXT(contacts),
               TEXT(q),
               TEXT(instance_id),
               TEXT(from),
               TEXT(route),
               TEXT(status_classes),
               TEXT(security_client),
               TEXT(push_provider),
               TEXT(push_prid),
               TEXT(push_param),
               TEXT(extra_headers)};
    static const char *const forms[] = {
        "x\r\nX-Evil: 1",
        "<sip:alice@127.0.0.1>\r\nX-Evil: 1\r\n",
        "\"a\r\nX-Evil: 1\" <sip:alice@127.0.0.1>",
        ";x=\"\r\nX-Evil: 1",
        "X: 1\rX-Evil: 1",
        ";\"",
        "\\",
        "<",
        ",,,",
        " ",
        "\x80\xff",
        NULL,
    };
    static char lengthy[70001];
    struct eXosip_t *ctx = listening();
    int sent = 0;

    memset(lengthy, 'a', sizeof lengthy - 1);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (size_t j = 0; j < sizeof forms / sizeof *forms; j++) {
            struct registerer_options options = filled();
            const char *form = forms[j] != NULL ? forms[j] : lengthy;
            char why[200] = "";
            int rid;

            options.username = "alice";
            options.password = "secret";
            options.push_provider = i == 0 ? NULL : "acme";
            memcpy((char *)&options + all[i].at, &form, sizeof form);
            if (registerer_check(&options, why, sizeof why) != 0) {
                CHECK(why[0] != '\0' && strpbrk(why, "\r\n") == NULL &&
                      strlen(why) < sizeof why - 1);
                CODE(OSIP_BADPARAMETER, registerer_new(ctx, &options));
                continue;
            }
            rid = registerer_new(ctx, &options);
            CHECK(rid > 0);
            CODE(0, registerer_register(ctx, rid));
            if (registerer_get_state(ctx, rid) == REGISTERER_INITIAL &&
                receive_within(&registrar, 200)) {
                CHECK(strncmp(registrar.received, "REGISTER sip:", 13) == 0);
                CHECK(strstr(registrar.received, "\nX-Evil") == NULL);
                FIELD(&registrar, "Route", NULL);
                challenge(&registrar);
                sent++;
                while (registerer_get_state(ctx, rid) == REGISTERER_INITIAL)
                    if (receive_within(&registrar, 5)) {
                        CHECK(strstr(registrar.received, "\nX-Evil") == NULL);
                        answer(&registrar, "404 Not Found", "");
                    }
            }
            CODE(0, eXosip_register_remove(ctx, rid));
        }
    }
    CHECK(sent > 20);
    ended(ctx);
}

/* The defaults, what is selectable, and what eXosip_reset_transports does to a binding. */
static void choices(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    int rid;

    CHECK(options.expires == 600 && options.refresh_frequency == 90 &&
          options.refresh_jitter == 5 && options.max_answers == 3);
    CHECK(options.retry_base == 30 && options.retry_max == 1800 &&
          options.retry_classes == REGISTERER_RETRY_TEMPORARY);
    CHECK(options.reg_id == 1 && options.gruu == 1 && options.path == 1 &&
          options.follow_redirects == 0);
    options.retry_classes = 8;
    expect_error(&options, "the retry_classes is 8, it must be 0 to 7");
    options.retry_classes =
        REGISTERER_RETRY_TEMPORARY | REGISTERER_RETRY_FATAL | REGISTERER_RETRY_CREDENTIALS;
    options.status_classes = "404=maybe";
    expect_error(&options, "the status class \"404=maybe\" is not of the form 404=temporary");
    options.status_classes = "200=fatal";
    expect_error(&options, "the status class \"200=fatal\" is not of the form 404=temporary");
    options.retry_classes = REGISTERER_RETRY_TEMPORARY;
    options.status_classes = "404=temporary, 480=fatal 403=credentials";
    options.retry_base = options.retry_max = 1;
    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    answer(&registrar, "404 Not Found", "");
    receive_message(&registrar, "REGISTER ");
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    CODE(0, eXosip_reset_transports(ctx));
    receive_message(&registrar, "REGISTER ");
    answer(&registrar, "480 Temporarily Unavailable", "");
    /* Not tried again for half an hour; the server holds the binding until its end. */
    CHECK(!receive_within(&registrar, 1500));
    CODE(REGISTERER_REGISTERED, registerer_get_state(ctx, rid));
    ended(ctx);
}

/* Structs of other versions: shorter ones are refused, longer ones only when they ask for what is
   not known here. */
static void sizes(void)
{
    struct {
        struct registerer_options options;
        int newer;
    } longer;
    struct {
        struct registerer_info info;
        int newer;
    } more;
    struct eXosip_t *ctx = listening();
    int rid;

    CODE(OSIP_BADPARAMETER, registerer_options_init(NULL, sizeof longer));
    CODE(OSIP_BADPARAMETER,
         registerer_options_init(&longer.options, offsetof(struct registerer_options, user_data)));
    CODE(OSIP_BADPARAMETER, registerer_options_init(&longer.options, 1 << 20));
    memset(&longer, 0xff, sizeof longer);
    CODE(0, registerer_options_init(&longer.options, sizeof longer));
    CODE(0, longer.newer);
    longer.options.aor = "sip:alice@test";
    rid = registerer_new(ctx, &longer.options);
    CHECK(rid > 0);
    longer.newer = 1;
    expect_error(&longer.options, "these options are of a newer version");
    longer.options.size = 0;
    expect_error(&longer.options,
                 "the size of the options is not set: use registerer_options_init");
    expect_error(NULL, "there are no options");
    memset(&more, 0xff, sizeof more);
    CODE(OSIP_BADPARAMETER, registerer_get_info(ctx, rid, &more.info));
    more.info.size = sizeof more;
    CODE(0, registerer_get_info(ctx, rid, &more.info));
    CODE(0, more.newer);
    CHECK(more.info.size == sizeof more && more.info.next_ms == -1 &&
          more.info.retry_after_ms == -1);
    more.info.size = offsetof(struct registerer_info, moves);
    CODE(OSIP_BADPARAMETER, registerer_get_info(ctx, rid, &more.info));
    CODE(OSIP_BADPARAMETER, registerer_get_info(ctx, rid, NULL));
    ended(ctx);
}

static volatile int calls, listener_id;
static int done[2];

static void wakes(void)
{
    CODE(1, (int)write(done[1], "x", 1));
}

static void awaits(void)
{
    struct pollfd ready = {done[0], POLLIN, 0};
    char byte;

    CODE(1, poll(&ready, 1, 10000));
    CODE(1, (int)read(done[0], &byte, 1));
}

/* Ends everything from within the call, and frees it: nothing is called any more. */
static void quits(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    calls++;
    CODE(REGISTERER_REGISTERED, (int)state);
    CODE(0, strcmp(user, "mine"));
    CHECK(rid > 0);
    eXosip_lock(ctx);
    eXosip_quit(ctx);
    memset(user, 0, 4);
    free(user);
    osip_free(ctx);
    wakes();
}

/* Takes the registration away and itself out. */
static void removes(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    (void)user;
    if (state == REGISTERER_REGISTERED) {
        calls++;
        CODE(0, registerer_off(ctx, listener_id));
        CODE(OSIP_NOTFOUND, registerer_off(ctx, listener_id));
        CODE(0, eXosip_register_remove(ctx, rid));
        CODE(REGISTERER_TERMINATED, registerer_get_state(ctx, rid));
        CODE(OSIP_WRONG_STATE, registerer_register(ctx, rid));
        CODE(0, registerer_dispose(ctx, rid));
        CODE(OSIP_NOTFOUND, eXosip_register_remove(ctx, rid));
        wakes();
    }
}

static void listeners(void)
{
    struct registerer_options options = filled();
    struct eXosip_t *ctx = listening();
    int rid = registerer_new(ctx, &options);

    CODE(0, pipe(done));
    CHECK(rid > 0);
    CODE(OSIP_BADPARAMETER, registerer_on_state_change(ctx, rid, NULL, NULL, 0));
    CODE(OSIP_BADPARAMETER, registerer_on_request(ctx, rid, NULL, NULL, 0));
    CODE(OSIP_BADPARAMETER, registerer_on_state_change(ctx, -1, removes, NULL, 0));
    CODE(OSIP_BADPARAMETER, registerer_off(ctx, -1));
    calls = 0;
    listener_id = registerer_on_state_change(ctx, rid, removes, NULL, 0);
    CHECK(listener_id > 0);
    CODE(0, registerer_register(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    welcome(&registrar);
    awaits();
    CODE(1, calls);

    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    calls = 0;
    CHECK(registerer_on_state_change(ctx, rid, quits, strdup("mine"), 0) > 0);
    CODE(0, registerer_register(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    welcome(&registrar);
    receive_message(&registrar, "REGISTER ");
    FIELD(&registrar, "Expires", "0");
    welcome(&registrar);
    awaits();
    /* The context is gone: UNREGISTERED and TERMINATED are not written to the memory that was
     * freed.
     */
    CODE(OSIP_BADPARAMETER, registerer_get_state(NULL, rid));
    CHECK(!receive_within(&registrar, 300));
    CODE(1, calls);
}

int main(void)
{
    peer_open(&registrar);
    listeners();
    latin1();
    credentials();
    texts();
    choices();
    sizes();
    peer_close(&registrar);
    return 0;
}
