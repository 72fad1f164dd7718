/* Over TLS, with both headers: whose certificate is believed, and what is said of one that is
   not. */
#include "check.h"

#include <registerer.h>
#include <string.h>

static char proxy[64];

/* In no header, there or here. */
int eXosip_tls_verify_certificate(struct eXosip_t *ctx, int verify);

static void set_verification(struct eXosip_t *ctx, int value)
{
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE, &value));
}

static void set_files(struct eXosip_t *ctx, const char *roots, const char *pin)
{
    static eXosip_tls_ctx_t tls;

    memset(&tls, 0, sizeof tls);
    strcpy(tls.root_ca_cert, roots);
    strcpy(tls.client.public_key_pinned, pin);
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls));
}

static struct eXosip_t *over_tls(void)
{
    struct eXosip_t *ctx = eXosip_malloc();

    CHECK(ctx != NULL);
    CODE(0, eXosip_init(ctx));
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 1));
    CODE(OSIP_WRONG_STATE, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 1));
    return ctx;
}

static int begin(struct eXosip_t *ctx)
{
    osip_message_t *reg = NULL;
    int rid;

    eXosip_lock(ctx);
    rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", proxy, NULL, 60, &reg);
    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    eXosip_unlock(ctx);
    return rid;
}

static void registers(struct eXosip_t *ctx)
{
    eXosip_event_t *event = expect(ctx, EXOSIP_REGISTRATION_SUCCESS, begin(ctx), 200);
    osip_via_t *via = osip_list_get(&event->request->vias, 0);
    osip_contact_t *contact = osip_list_get(&event->request->contacts, 0);
    osip_generic_param_t *transport = NULL;

    CHECK(strcmp(via->protocol, "TLS") == 0);
    osip_uri_param_get_byname(&contact->url->url_params, "transport", &transport);
    CHECK(transport != NULL && strcmp(transport->gvalue, "TLS") == 0);
    eXosip_event_free(event);
}

static void fails(struct eXosip_t *ctx, const char *why)
{
    eXosip_event_t *event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, begin(ctx), 0);

    if (strcmp(event->textinfo, why) != 0) {
        fprintf(stderr, "%s\n", event->textinfo);
        exit(1);
    }
    eXosip_event_free(event);
}

static void legacy(const char *roots)
{
    struct eXosip_t *ctx = over_tls();

    set_verification(ctx, 1);
    fails(ctx, "Registration failed! TLS with 127.0.0.1: certificate of an unknown issuer, "
               "\"registrar\".");
    CODE(0, eXosip_tls_verify_certificate(ctx, 4));
    fails(ctx, "Registration failed! TLS with 127.0.0.1: there are no root certificates to verify "
               "with.");
    set_files(ctx, roots, "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    fails(ctx, "Registration failed! TLS with 127.0.0.1: the key of the certificate is not the "
               "pinned one.");
    set_files(ctx, roots, "");
    registers(ctx);
    set_files(ctx, "", ""); /* for the next connection: this one stays */
    registers(ctx);
    ended(ctx);

    ctx = over_tls(); /* verifies nothing */
    registers(ctx);
    ended(ctx);
}

static void managed(const char *roots)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options;
    char registrar[80], why[512];
    int rid;

    snprintf(registrar, sizeof registrar, "%s;transport=tls", proxy);
    CODE(0, registerer_options_init(&options, sizeof options));
    CODE(1, options.tls_verify);
    options.aor = "sip:alice@127.0.0.1";
    options.registrar = registrar;
    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_UNREGISTERED, 10000));
    CHECK(registerer_explain(ctx, rid, why, sizeof why) > 0);
    CHECK(strstr(why, "TLS with 127.0.0.1: certificate of an unknown issuer, \"registrar\": a "
                      "certificate or a setting has to change first") == why);

    options.tls_ca_file = roots;
    rid = registerer_new(ctx, &options);
    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));

    options.tls_ca_file = NULL;
    options.tls_verify = 0;
    rid = registerer_new(ctx, &options);
    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));

    options.tls_verify = 2;
    CHECK(registerer_check(&options, why, sizeof why) != 0);
    CHECK(strcmp(why, "the tls_verify is 2, it must be 0 to 1") == 0);
    options.tls_verify = 1;
    options.tls_certificate_file = "c.pem";
    CHECK(registerer_check(&options, why, sizeof why) != 0);
    CHECK(strcmp(why, "there is a certificate without its private key") == 0);
    options.tls_certificate_file = NULL;
    options.tls_key_file = "k.pem";
    CHECK(registerer_check(&options, why, sizeof why) != 0);
    CHECK(strcmp(why, "there is a private key without its certificate") == 0);
    options.tls_key_file = NULL;
    options.tls_pin = "sha256//x";
    CHECK(registerer_check(&options, why, sizeof why) != 0);
    CHECK(strcmp(why, "the pin \"sha256//x\" is not sha256// with 44 digits of base64") == 0);
    ended(ctx);
}

/* As an eXosip2 without OpenSSL. */
static void library_without_tls(void)
{
    struct eXosip_t *ctx = eXosip_malloc();
    struct registerer_options options;
    char why[512];

    CODE(0, eXosip_init(ctx));
    CODE(OSIP_BADPARAMETER, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 1));
    set_verification(ctx, 1);
    set_files(ctx, "root.pem", "");
    CODE(0, registerer_options_init(&options, sizeof options));
    options.aor = "sips:alice@127.0.0.1";
    CHECK(registerer_check(&options, why, sizeof why) != 0);
    CHECK(strstr(why, "sips needs TLS") != NULL);
    ended(ctx);
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        library_without_tls();
        return 0;
    }
    CHECK(argc == 3);
    snprintf(proxy, sizeof proxy, "sip:%s", argv[1]);
    legacy(argv[2]);
    managed(argv[2]);
    return 0;
}
