/* The ways in which programs answer a 401: automatic_action, default_action, both, neither. */
#include "peer.h"

static struct peer peer;

#define ALICE "sip:alice@127.0.0.1"
/* MD5 of alice:test:secret. */
#define HA1 "d80a40a1155d17efbae0f114ebab987e"

static struct eXosip_t *knowing(const char *password, const char *ha1)
{
    struct eXosip_t *ctx = listening();
    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", password, ha1, NULL));
    return ctx;
}

static int begun(struct eXosip_t *ctx)
{
    osip_message_t *reg = NULL;
    int rid = eXosip_register_build_initial_register(ctx, ALICE, peer.uri, NULL, 600, &reg);

    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    FIELD(&peer, "CSeq", "1 REGISTER");
    FIELD(&peer, "Authorization", NULL);
    challenge(&peer);
    return rid;
}

/* The request that answers the challenge has come, and nothing else comes. */
static void answered_once(const char *cseq)
{
    char begin[256];

    receive_message(&peer, "REGISTER ");
    FIELD(&peer, "CSeq", cseq);
    snprintf(begin, sizeof begin, "Digest username=\"alice\", realm=\"%s\", nonce=\"%s\"",
             peer.realm, peer.nonce);
    CODE(0, strncmp(field(&peer, "Authorization"), begin, strlen(begin)));
    CHECK(field_at(&peer, "Authorization", 1) == NULL);
    welcome(&peer);
}

static void successful(struct eXosip_t *ctx, int rid)
{
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CHECK(eXosip_event_wait(ctx, 0, 20) == NULL);
    CHECK(!receive_within(&peer, 20));
    ended(ctx);
}

/* Without the lock, as one program in five does it. */
static void automatic_action_only(void)
{
    struct eXosip_t *ctx = knowing("secret", NULL);
    int rid = begun(ctx);

    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    eXosip_automatic_action(ctx);
    eXosip_automatic_action(ctx);
    answered_once("2 REGISTER");
    successful(ctx, rid);
}

static void default_action_only(void)
{
    struct eXosip_t *ctx = knowing("secret", NULL);
    int rid = begun(ctx);
    eXosip_event_t *event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);

    CODE(0, eXosip_lock(ctx));
    CODE(0, eXosip_default_action(ctx, event));
    CODE(0, eXosip_unlock(ctx));
    eXosip_event_free(event);
    answered_once("2 REGISTER");
    successful(ctx, rid);
}

/* The common loop: automatic_action each turn, and default_action with the event. */
static void both(int automatic_first)
{
    struct eXosip_t *ctx = knowing("secret", NULL);
    int rid = begun(ctx);
    eXosip_event_t *event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);

    CODE(0, eXosip_lock(ctx));
    if (automatic_first)
        eXosip_automatic_action(ctx);
    CODE(automatic_first ? OSIP_WRONG_STATE : 0, eXosip_default_action(ctx, event));
    eXosip_automatic_action(ctx);
    CODE(0, eXosip_unlock(ctx));
    eXosip_event_free(event);
    answered_once("2 REGISTER");
    successful(ctx, rid);
}

/* On the 401 the program gives the credentials and registers again, while automatic_action sees the
   same 401. */
static void own_branch_and_automatic_action(int automatic_first)
{
    struct eXosip_t *ctx = knowing("secret", NULL);
    osip_message_t *reg = NULL;
    int rid = begun(ctx), built;

    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    if (automatic_first)
        eXosip_automatic_action(ctx);
    CODE(0, eXosip_lock(ctx));
    CODE(0, eXosip_clear_authentication_info(ctx));
    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", "MD5", NULL));
    built = eXosip_register_build_register(ctx, rid, 600, &reg);
    CODE(automatic_first ? OSIP_WRONG_STATE : 0, built);
    CHECK((reg == NULL) == (built != 0));
    CODE(automatic_first ? OSIP_WRONG_STATE : 0, eXosip_register_send_register(ctx, rid, reg));
    CODE(0, eXosip_unlock(ctx));
    eXosip_automatic_action(ctx);
    answered_once("2 REGISTER");
    successful(ctx, rid);
}

/* No action of the library at all: the program's 401 branch adds the credentials it did not give
   before. */
static void own_branch_with_credentials(void)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *reg = NULL;
    osip_www_authenticate_t *asked = NULL;
    eXosip_event_t *event;
    char *realm;
    int rid = begun(ctx);

    event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);
    CODE(0, osip_message_get_www_authenticate(event->response, 0, &asked));
    realm = osip_strdup_without_quote(osip_www_authenticate_get_realm(asked));
    CODE(0, strcmp(realm, peer.realm));
    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", "MD5", realm));
    osip_free(realm);
    eXosip_event_free(event);
    CODE(0, eXosip_register_build_register(ctx, rid, 600, &reg));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    answered_once("2 REGISTER");
    successful(ctx, rid);
}

/* The program computes its own answer; what it put in is what goes out, alone. */
static void own_authorization(void)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *reg = NULL;
    osip_www_authenticate_t *asked = NULL;
    osip_authorization_t *own = NULL;
    eXosip_event_t *event;
    char *text = NULL;
    int rid = begun(ctx);

    event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);
    CODE(0, osip_message_get_www_authenticate(event->response, 0, &asked));
    CODE(0, osip_authorization_init(&own));
    osip_authorization_set_auth_type(own, osip_strdup("Digest"));
    osip_authorization_set_username(own, osip_strdup("\"alice\""));
    osip_authorization_set_realm(own, osip_strdup(osip_www_authenticate_get_realm(asked)));
    osip_authorization_set_nonce(own, osip_strdup(osip_www_authenticate_get_nonce(asked)));
    osip_authorization_set_uri(own, osip_strdup("\"sip:me\""));
    osip_authorization_set_response(own, osip_strdup("\"0123456789abcdef0123456789abcdef\""));
    CODE(0, osip_authorization_to_str(own, &text));
    osip_authorization_free(own);
    eXosip_event_free(event);

    CODE(0, eXosip_register_build_register(ctx, rid, 600, &reg));
    CODE(0, osip_message_set_authorization(reg, text));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    FIELD(&peer, "CSeq", "2 REGISTER");
    FIELD(&peer, "Authorization", text);
    CHECK(strstr(text, "nonce=\"n1\"") != NULL &&
          strstr(text, "response=\"0123456789abcdef0123456789abcdef\"") != NULL);
    osip_free(text);
    welcome(&peer);
    successful(ctx, rid);
}

/* Nobody does anything: the 401 is reported and nothing is sent. */
static void nobody(void)
{
    struct eXosip_t *ctx = knowing("secret", NULL);
    int rid = begun(ctx);

    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    CHECK(eXosip_event_wait(ctx, 0, 20) == NULL);
    CHECK(!receive_within(&peer, 20));
    ended(ctx);
}

/* The response parameter of the answer with these credentials; without qop there is nothing random
   in it. */
static void response_with(const char *password, const char *ha1, char *into, size_t room)
{
    struct eXosip_t *ctx = knowing(password, ha1);
    osip_message_t *reg = NULL;
    const char *found;
    int rid = eXosip_register_build_initial_register(ctx, ALICE, peer.uri, NULL, 600, &reg);

    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    answer(&peer, "401 Unauthorized", "WWW-Authenticate: Digest realm=\"test\", nonce=\"n1\"\r\n");
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    eXosip_automatic_action(ctx);
    receive_message(&peer, "REGISTER ");
    found = strstr(field(&peer, "Authorization"), "response=\"");
    CHECK(found != NULL);
    snprintf(into, room, "%.42s", found);
    welcome(&peer);
    successful(ctx, rid);
}

/* Where there is a password, ha1 does not count: a true registrar lets them in. */
static void ha1_beside_a_password_lets_in(const char *ha1)
{
    struct eXosip_t *ctx = knowing("secret", ha1);
    int rid = begun(ctx);

    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    eXosip_automatic_action(ctx);
    answered_once("2 REGISTER");
    successful(ctx, rid);
}

/* Whatever programs take it for, the answer is that of the password. */
static void ha1_is_ignored_beside_a_password(void)
{
    static const char *const taken_for[] = {"MD5", "",
                                            "Digest realm=\"test\", nonce=\"n1\", algorithm=MD5"};
    char right[64], other[64];

    for (size_t i = 0; i < sizeof taken_for / sizeof *taken_for; i++)
        ha1_beside_a_password_lets_in(taken_for[i]);
    if (proxied(&peer))
        return; /* the rest compares answers to one nonce without qop */
    response_with("secret", NULL, right, sizeof right);
    for (size_t i = 0; i < sizeof taken_for / sizeof *taken_for; i++) {
        response_with("secret", taken_for[i], other, sizeof other);
        CODE(0, strcmp(right, other));
    }
    response_with("wrong", NULL, other, sizeof other);
    CHECK(strcmp(right, other) != 0);
    response_with(NULL, HA1, other, sizeof other);
    CODE(0, strcmp(right, other));
}

/* The refresh and the unregistration prove themselves at once, with the next nonce count. */
static void later_requests_prove_themselves(void)
{
    struct eXosip_t *ctx = knowing("secret", "MD5");
    osip_message_t *reg = NULL;
    int rid = begun(ctx);

    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401));
    eXosip_automatic_action(ctx);
    answered_once("2 REGISTER");
    CHECK(strstr(field(&peer, "Authorization"), "nc=00000001") != NULL);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(0, eXosip_register_build_register(ctx, rid, 0, &reg));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    FIELD(&peer, "Expires", "0");
    CHECK(strstr(field(&peer, "Authorization"), "nc=00000002") != NULL);
    welcome(&peer);
    successful(ctx, rid);
}

int main(void)
{
    peer_open(&peer);
    automatic_action_only();
    default_action_only();
    both(0);
    both(1);
    own_branch_and_automatic_action(0);
    own_branch_and_automatic_action(1);
    own_branch_with_credentials();
    if (!proxied(&peer))
        own_authorization(); /* which proves nothing */
    nobody();
    ha1_is_ignored_beside_a_password();
    later_requests_prove_themselves();
    peer_close(&peer);
    return 0;
}
