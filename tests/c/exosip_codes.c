/* The return codes of every call that can be refused without a registrar. */
#include "check.h"

#define ALICE "sip:alice@127.0.0.1"
#define HOME_PROXY "sip:127.0.0.1:5060"

static void setting_up(void)
{
    struct eXosip_t *ctx = eXosip_malloc();
    osip_message_t *reg = (osip_message_t *)&ctx;

    /* Before eXosip_init. */
    CODE(OSIP_API_NOT_INITIALIZED, eXosip_lock(ctx));
    CODE(OSIP_API_NOT_INITIALIZED, eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0));
    CODE(OSIP_API_NOT_INITIALIZED,
         eXosip_register_build_initial_register(ctx, ALICE, HOME_PROXY, NULL, 60, &reg));
    CHECK(reg == NULL);
    CHECK(eXosip_event_wait(ctx, 0, 0) == NULL);
    CHECK(eXosip_event_get(ctx) == NULL);
    eXosip_automatic_action(ctx);
    eXosip_quit(ctx);

    /* Before eXosip_listen_addr. */
    CODE(OSIP_BADPARAMETER, eXosip_init(NULL));
    CODE(OSIP_SUCCESS, eXosip_init(ctx));
    CODE(OSIP_WRONG_STATE, eXosip_reset_transports(ctx));
    CODE(OSIP_NO_NETWORK,
         eXosip_register_build_initial_register(ctx, ALICE, HOME_PROXY, NULL, 60, &reg));
    CHECK(reg == NULL);
    CODE(OSIP_SUCCESS, eXosip_execute(ctx));

    CODE(OSIP_BADPARAMETER, eXosip_listen_addr(ctx, 99, NULL, 0, AF_INET, 0));
    CODE(OSIP_BADPARAMETER, eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 1));
    CODE(OSIP_BADPARAMETER, eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 65536, AF_INET, 0));
    CODE(OSIP_UNDEFINED_ERROR, eXosip_listen_addr(ctx, IPPROTO_UDP, "192.0.2.77", 0, AF_INET, 0));
    CODE(OSIP_UNDEFINED_ERROR, eXosip_listen_addr(ctx, IPPROTO_UDP, "no address", 0, AF_INET, 0));
    CODE(OSIP_SUCCESS, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    CODE(OSIP_WRONG_STATE, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    CODE(OSIP_SUCCESS, eXosip_reset_transports(ctx));

    /* Twice ended, used after the end, begun again. */
    eXosip_quit(ctx);
    eXosip_quit(ctx);
    CODE(OSIP_API_NOT_INITIALIZED, eXosip_unlock(ctx));
    CODE(OSIP_SUCCESS, eXosip_init(ctx));
    CODE(OSIP_SUCCESS, eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0));
    ended(ctx);
    CODE(OSIP_API_NOT_INITIALIZED, eXosip_lock(ctx));
}

static void registering(struct eXosip_t *ctx)
{
    osip_message_t *reg = NULL;
    int rid;

    CODE(OSIP_BADPARAMETER,
         eXosip_register_build_initial_register(NULL, ALICE, HOME_PROXY, NULL, 60, &reg));
    CODE(OSIP_BADPARAMETER,
         eXosip_register_build_initial_register(ctx, NULL, HOME_PROXY, NULL, 60, &reg));
    CODE(OSIP_BADPARAMETER,
         eXosip_register_build_initial_register(ctx, ALICE, NULL, NULL, 60, &reg));
    CODE(OSIP_BADPARAMETER, eXosip_register_build_initial_register(ctx, ALICE, "", NULL, 60, &reg));
    CODE(OSIP_BADPARAMETER,
         eXosip_register_build_initial_register(ctx, ALICE, HOME_PROXY, NULL, 60, NULL));
    CODE(OSIP_SYNTAXERROR,
         eXosip_register_build_initial_register(ctx, "", HOME_PROXY, NULL, 60, &reg));
    CODE(OSIP_SYNTAXERROR,
         eXosip_register_build_initial_register(ctx, "alice", HOME_PROXY, NULL, 60, &reg));
    CODE(OSIP_SYNTAXERROR,
         eXosip_register_build_initial_register(ctx, ALICE, "127.0.0.1", NULL, 60, &reg));
    CODE(OSIP_SYNTAXERROR,
         eXosip_register_build_initial_register(ctx, ALICE, "<" HOME_PROXY ">", NULL, 60, &reg));
    CHECK(reg == NULL);

    /* Two registrations of one address-of-record are two. */
    rid = eXosip_register_build_initial_register(ctx, ALICE, HOME_PROXY, NULL, 60, &reg);
    CHECK(rid > 0 && reg != NULL);
    osip_message_free(reg);
    CODE(rid + 1, eXosip_register_build_initial_register_withqvalue(ctx, ALICE, HOME_PROXY, NULL,
                                                                    60, "0.5", &reg));
    osip_message_free(reg);

    CODE(OSIP_BADPARAMETER, eXosip_register_build_register(ctx, 0, 60, &reg));
    CHECK(reg == NULL);
    CODE(OSIP_BADPARAMETER, eXosip_register_build_register(ctx, -1, 60, &reg));
    CODE(OSIP_BADPARAMETER, eXosip_register_build_register(ctx, rid, 60, NULL));
    CODE(OSIP_NOTFOUND, eXosip_register_build_register(ctx, rid + 1000, 60, &reg));
    CODE(OSIP_SUCCESS, eXosip_register_build_register(ctx, rid, 60, &reg));
    CHECK(reg != NULL);

    /* Every refusal consumes the message. */
    CODE(OSIP_NOTFOUND, eXosip_register_send_register(ctx, rid + 1000, reg));
    CODE(OSIP_SUCCESS, eXosip_register_build_register(ctx, rid, 60, &reg));
    CODE(OSIP_BADPARAMETER, eXosip_register_send_register(ctx, 0, reg));
    CODE(OSIP_SUCCESS, eXosip_register_build_register(ctx, rid, 60, &reg));
    CODE(OSIP_BADPARAMETER, eXosip_register_send_register(NULL, rid, reg));
    CODE(OSIP_BADPARAMETER, eXosip_register_send_register(ctx, 0, NULL));
    CODE(OSIP_NOTFOUND, eXosip_register_send_register(ctx, rid + 1000, NULL));

    CODE(OSIP_SUCCESS, osip_message_init(&reg));
    CODE(OSIP_BADPARAMETER, eXosip_register_send_register(ctx, rid, reg));

    CODE(OSIP_BADPARAMETER, eXosip_register_remove(ctx, 0));
    CODE(OSIP_NOTFOUND, eXosip_register_remove(ctx, rid + 1000));
    CODE(OSIP_SUCCESS, eXosip_register_remove(ctx, rid));
    CODE(OSIP_NOTFOUND, eXosip_register_remove(ctx, rid));
}

static void credentials(struct eXosip_t *ctx)
{
    CODE(OSIP_BADPARAMETER, eXosip_add_authentication_info(ctx, NULL, "a", "p", NULL, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_add_authentication_info(ctx, "a", "", "p", NULL, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_add_authentication_info(ctx, "a", "a", "", "", NULL));
    CODE(OSIP_BADPARAMETER, eXosip_add_authentication_info(NULL, "a", "a", "p", NULL, NULL));
    CODE(OSIP_SUCCESS, eXosip_add_authentication_info(ctx, "a", "a", "p", "MD5", NULL));
    CODE(OSIP_SUCCESS, eXosip_add_authentication_info(ctx, "a", "a", "p", NULL, "realm"));
    CODE(OSIP_BADPARAMETER, eXosip_remove_authentication_info(ctx, NULL, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_remove_authentication_info(ctx, "", NULL));
    CODE(OSIP_SUCCESS, eXosip_remove_authentication_info(ctx, "A", NULL));
    CODE(OSIP_NOTFOUND, eXosip_remove_authentication_info(ctx, "A", NULL));
    CODE(OSIP_SUCCESS, eXosip_remove_authentication_info(ctx, "a", "REALM"));
    CODE(OSIP_SUCCESS, eXosip_clear_authentication_info(ctx));
    CODE(OSIP_BADPARAMETER, eXosip_default_action(ctx, NULL));
}

static void options(struct eXosip_t *ctx)
{
    static const int numbers[] = {1, 2, 7, 14, 15, 16, 18, 19, 20, 21, 22, 24, 27, 29, 32, 33, 500};
    static const int unknown[] = {0, 3, 4, 5, 6, 11, 35, 99, 1000, -1};
    static const int texts[] = {8, 12, 17, 25, 28, 31, 34};
    struct eXosip_stats stats;
    int on = 1;
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        CODE(OSIP_SUCCESS, eXosip_set_option(ctx, numbers[i], &on));
        CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, numbers[i], NULL));
    }
    for (i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, unknown[i], &on));
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CODE(OSIP_SUCCESS, eXosip_set_option(ctx, texts[i], "text"));
        CODE(OSIP_SUCCESS, eXosip_set_option(ctx, texts[i], ""));
        CODE(OSIP_SUCCESS, eXosip_set_option(ctx, texts[i], NULL));
    }
    on = 64;
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_SET_DSCP, &on));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_ENABLE_IPV6, &on));
    memset(&stats, 0xFF, sizeof stats);
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_GET_STATISTICS, &stats));
    CHECK(stats.allocated_registrations >= 0 && stats.allocated_calls == 0 &&
          stats.reserved1[19] == 0);
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_GET_STATISTICS, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(NULL, EXOSIP_OPT_USE_RPORT, &on));
}

static void given_addresses(struct eXosip_t *ctx)
{
    struct eXosip_dns_cache entry;
    int zero = 0;

    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_ENABLE_IPV6, &zero));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_DELETE_DNS_CACHE, NULL));
    memset(&entry, 0, sizeof entry);
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_DELETE_DNS_CACHE, &entry));
    strcpy(entry.host, "Given.test");
    strcpy(entry.ip, "no address");
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    strcpy(entry.ip, "192.0.2.1");
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    strcpy(entry.ip, "192.0.2.2");
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    entry.ip[0] = '\0';
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    CHECK(strcmp(entry.ip, "192.0.2.2") == 0);
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_DELETE_DNS_CACHE, &entry));
    CODE(OSIP_UNDEFINED_ERROR, eXosip_set_option(ctx, EXOSIP_OPT_DELETE_DNS_CACHE, &entry));
    strcpy(entry.host, "localhost");
    entry.ip[0] = '\0';
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    CHECK(strcmp(entry.ip, "127.0.0.1") == 0);
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_DELETE_DNS_CACHE, &entry));
    strcpy(entry.host, "192.0.2.7");
    entry.ip[0] = '\0';
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
    CHECK(strcmp(entry.ip, "192.0.2.7") == 0);
    CODE(OSIP_UNDEFINED_ERROR, eXosip_set_option(ctx, EXOSIP_OPT_DELETE_DNS_CACHE, &entry));
    memset(entry.host, 'a', sizeof entry.host);
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_ADD_DNS_CACHE, &entry));
}

/* In no header, there or here. */
int eXosip_set_tls_ctx(struct eXosip_t *ctx, eXosip_tls_ctx_t *tls);
int eXosip_tls_verify_certificate(struct eXosip_t *ctx, int verify);
void eXosip_transport_udp_init(struct eXosip_t *ctx);
void eXosip_transport_tcp_init(struct eXosip_t *ctx);
void eXosip_transport_tls_init(struct eXosip_t *ctx);
void eXosip_transport_dtls_init(struct eXosip_t *ctx);

/* eXosip_listen_addr decides, whatever was said before. */
static void transports(void)
{
    void (*const inits[])(struct eXosip_t *) = {
        eXosip_transport_tcp_init, eXosip_transport_tls_init, eXosip_transport_dtls_init,
        eXosip_transport_udp_init};
    struct eXosip_t *ctx = eXosip_malloc();
    osip_message_t *message = NULL;
    osip_via_t *via = NULL;

    CODE(OSIP_SUCCESS, eXosip_init(ctx));
    for (size_t i = 0; i < sizeof inits / sizeof *inits; i++) {
        inits[i](NULL);
        inits[i](ctx);
    }
    CODE(OSIP_NO_NETWORK, eXosip_options_build_request(ctx, &message, ALICE, ALICE, NULL));
    CODE(OSIP_SYNTAXERROR, eXosip_options_build_request(ctx, &message, NULL, ALICE, NULL));
    CODE(OSIP_SYNTAXERROR,
         eXosip_message_build_request(ctx, &message, "MESSAGE", ALICE, NULL, NULL));
    CODE(OSIP_BADPARAMETER,
         eXosip_message_build_request(ctx, &message, "MESSAGE", ALICE, "", NULL));
    CODE(OSIP_BADPARAMETER, eXosip_message_build_request(ctx, &message, NULL, ALICE, ALICE, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_message_build_request(ctx, NULL, "MESSAGE", ALICE, ALICE, NULL));
    eXosip_transport_tcp_init(ctx);
    CODE(OSIP_SUCCESS, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    eXosip_transport_tls_init(ctx);
    CODE(OSIP_SUCCESS, eXosip_options_build_request(ctx, &message, ALICE, ALICE, NULL));
    CODE(0, osip_message_get_via(message, 0, &via));
    CHECK(strcmp(osip_via_get_protocol(via), "UDP") == 0);
    osip_message_free(message);
    ended(ctx);
}

static void tls_options(struct eXosip_t *ctx)
{
    static eXosip_tls_ctx_t tls;

    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, NULL));
    CODE(OSIP_SUCCESS, eXosip_set_tls_ctx(ctx, &tls));
    CODE(OSIP_BADPARAMETER, eXosip_set_tls_ctx(ctx, NULL));
    CODE(OSIP_BADPARAMETER, eXosip_set_tls_ctx(NULL, &tls));
    CODE(OSIP_BADPARAMETER, eXosip_tls_verify_certificate(NULL, 1));
    for (int verify = -1; verify < 8; verify++)
        CODE(OSIP_SUCCESS, eXosip_tls_verify_certificate(ctx, verify));
    CODE(OSIP_SUCCESS, eXosip_tls_verify_certificate(ctx, 0));
    memset(tls.client.cert, 'c', sizeof tls.client.cert); /* without a NUL */
    CODE(OSIP_SYNTAXERROR, eXosip_set_tls_ctx(ctx, &tls));
    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls));
    strcpy(tls.client.priv_key, "key.pem");
    CODE(OSIP_SUCCESS, eXosip_set_tls_ctx(ctx, &tls));
    memset(&tls, 0, sizeof tls);
    strcpy(tls.server.priv_key, "key.pem");
    CODE(OSIP_SYNTAXERROR, eXosip_set_tls_ctx(ctx, &tls));
    CODE(-1, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CLIENT_CERTIFICATE_NAME, "name"));
    CODE(-1, eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_SERVER_CERTIFICATE_NAME, NULL));
}

static void helpers(struct eXosip_t *ctx)
{
    char text[64] = "x";
    int major, minor, patch;

    CHECK(sscanf(eXosip_get_version(), "%d.%d.%d", &major, &minor, &patch) == 3 && major == 5 &&
          minor == 3);
    CHECK(strstr(eXosip_get_version(), "libregister") != NULL);
    CHECK(strlen(eXosip_get_version()) < 32); /* programs copy it into that much */

    CODE(OSIP_SUCCESS, eXosip_set_option(ctx, EXOSIP_OPT_SET_IPV4_FOR_GATEWAY, "127.0.0.1"));
    CODE(OSIP_BADPARAMETER, eXosip_guess_localip(ctx, 99, text, sizeof text));
    CODE(OSIP_BADPARAMETER, eXosip_guess_localip(ctx, AF_INET, NULL, sizeof text));
    CODE(OSIP_BADPARAMETER, eXosip_guess_localip(ctx, AF_INET, text, 0));
    CODE(OSIP_BADPARAMETER, eXosip_guess_localip(ctx, AF_INET, text, -1));

    CHECK(eXosip_find_free_port(ctx, 0, IPPROTO_UDP) > 0);
    CHECK(eXosip_find_free_port(ctx, 0, IPPROTO_TCP) > 0);
    CODE(OSIP_BADPARAMETER, eXosip_find_free_port(ctx, 70000, IPPROTO_UDP));
    CODE(OSIP_BADPARAMETER, eXosip_find_free_port(ctx, 0, 99));

    CODE(OSIP_SUCCESS, eXosip_generate_random(text, sizeof text));
    CHECK(strspn(text, "0123456789") == strlen(text) && text[0] != '\0');
    CODE(OSIP_SUCCESS, eXosip_hexa_generate_random(text, 9, "a", "b", "c"));
    CHECK(strlen(text) == 8);
    CODE(OSIP_SUCCESS, eXosip_byte_generate_random(text, sizeof text));
    CODE(OSIP_BADPARAMETER, eXosip_byte_generate_random(NULL, 4));

    eXosip_set_user_agent(ctx, NULL);
    eXosip_masquerade_contact(ctx, NULL, 0);
    eXosip_masquerade_contact(ctx, "192.0.2.1", -1);
    eXosip_masquerade_contact(ctx, "", 70000);
    eXosip_event_free(NULL);
}

/* NULL: one that the library makes; empty: none; else as given. */
static void contacts(struct eXosip_t *ctx)
{
    static const char *const given[] = {NULL, "", "<sip:bob@192.0.2.9:5070;x=1>", "*"};
    static const char *const wanted[] = {";line=", NULL, "\r\n"
        "Contact: <sip:bob@192.0.2.9:5070;x=1>\r\n", "\r\nContact: *\r\n"};
    osip_message_t *reg;
    char *text;
    size_t i, length;

    for (i = 0; i < 4; i++) {
        CHECK(eXosip_register_build_initial_register(ctx, ALICE, HOME_PROXY, given[i], 60, &reg) >
              0);
        CODE(0, osip_message_to_str(reg, &text, &length));
        CHECK(strstr(text, wanted[i] != NULL ? wanted[i] : "\r\nExpires: 60\r\n") != NULL);
        CHECK((strstr(text, "\r\nContact:") != NULL) == (wanted[i] != NULL));
        osip_free(text);
        osip_message_free(reg);
    }
}

/* The lock is recursive, and a surplus unlock does no harm; waiting needs no lock and may be done
   under it. */
static void locking(struct eXosip_t *ctx)
{
    CODE(OSIP_SUCCESS, eXosip_lock(ctx));
    CODE(OSIP_SUCCESS, eXosip_lock(ctx));
    CHECK(eXosip_event_wait(ctx, 0, 10) == NULL);
    CODE(OSIP_SUCCESS, eXosip_unlock(ctx));
    CODE(OSIP_SUCCESS, eXosip_unlock(ctx));
    CODE(OSIP_SUCCESS, eXosip_unlock(ctx));
    CHECK(eXosip_event_wait(ctx, -1, 0) == NULL);
    CHECK(eXosip_event_wait(ctx, 0, -1) == NULL);
    eXosip_wakeup_event(ctx);
    CHECK(eXosip_event_wait(ctx, 3600, 0) == NULL);
}

int main(void)
{
    struct eXosip_t *ctx;

    setting_up();
    transports();
    ctx = listening();
    registering(ctx);
    contacts(ctx);
    credentials(ctx);
    options(ctx);
    given_addresses(ctx);
    tls_options(ctx);
    helpers(ctx);
    locking(ctx);
    ended(ctx);
    return 0;
}
