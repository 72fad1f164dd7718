/* What other networks ask of a registration: option tags of the program, media plane security, an
   Authorization before any challenge, tokens, SIM cards, the event reg. */
#include "peer.h"

#include <pthread.h>
#include <registerer.h>
#include <stdatomic.h>

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

struct asking {
    struct eXosip_t *ctx;
    int rid;
    int was_told;
};

static void cancels_its_thread(struct eXosip_t *ctx, int rid,
                               const struct registerer_challenge *challenge, void *user)
{
    (void)ctx, (void)rid, (void)challenge;
    CODE(0, pthread_cancel(pthread_self()));
    pthread_testcancel();
    *(int *)user = 1;
}

static void *asks(void *argument)
{
    struct asking *asking = argument;

    CODE(0, registerer_pending_challenge(asking->ctx, asking->rid, cancels_its_thread,
                                         &asking->was_told));
    pthread_testcancel();
    return NULL;
}

/* A thread that is cancelled in a callback ends behind the call. */
static void cancelled_in_the_callback(struct eXosip_t *ctx, int rid)
{
    struct asking asking = {ctx, rid, 0};
    pthread_t thread;
    void *result;

    CODE(0, pthread_create(&thread, NULL, asks, &asking));
    CODE(0, pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED && asking.was_told);
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

#define BEARER \
    "WWW-Authenticate: Bearer realm=\"test\", authz_server=\"https://as.test/t\", scope=\"sip\"\r\n"

/* The nonce is the bytes 0 to 31 and what the server adds. */
#define AKA(version) \
    "WWW-Authenticate: Digest realm=\"test\", algorithm=AKAv" version "-MD5, " \
    "nonce=\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9zZXJ2ZXI=\"\r\n"

/* What the listener was called with last, and what it is to do. */
static struct {
    atomic_int calls;
    struct registerer_challenge last;
    char realm[32], server[64], error[32];
    /* NULL: the answer comes later. */
    const char *token;
} asked;

static void on_challenge(registerer_context *ctx, int rid,
                         const struct registerer_challenge *challenge, void *user)
{
    struct registerer_answer answer = {sizeof answer, NULL, NULL, 0, NULL, NULL, NULL};

    CHECK(user == &asked && challenge->size == sizeof *challenge);
    asked.last = *challenge;
    snprintf(asked.realm, sizeof asked.realm, "%s", challenge->realm);
    snprintf(asked.server, sizeof asked.server, "%s", challenge->authz_server);
    snprintf(asked.error, sizeof asked.error, "%s", challenge->error);
    answer.token = asked.token;
    if (asked.token != NULL)
        CODE(0, registerer_answer_challenge(ctx, rid, challenge->number, &answer));
    asked.calls++;
}

/* The listener has been called so often. */
static void was_asked(int calls)
{
    for (int ms = 0; asked.calls != calls; ms++) {
        CHECK(ms < 10000);
        usleep(1000);
    }
}

static void tokens(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    struct registerer_answer answer_later = {sizeof answer_later, NULL, NULL, 0, NULL, NULL, NULL};
    struct registerer_event event = {.size = sizeof event};
    char why[512];
    int rid, listener;

    CODE(0, options.challenge_wait);
    options.challenge_wait = 60;
    CODE(OSIP_BADPARAMETER, registerer_on_challenge(ctx, 0, NULL, NULL, 0));
    listener = registerer_on_challenge(ctx, 0, on_challenge, &asked, 0);
    CHECK(listener > 0);
    asked.token = "first.secret-token";
    rid = registering(ctx, &options);
    answer(&registrar, "401 Unauthorized", BEARER);
    receive_message(&registrar, "REGISTER ");
    FIELD(&registrar, "Authorization", "Bearer first.secret-token");
    was_asked(1);
    CHECK(strcmp(asked.realm, "test") == 0 && strcmp(asked.server, "https://as.test/t") == 0);
    CHECK(asked.last.status == 401 && asked.last.scheme == REGISTERER_BEARER);
    CHECK(asked.last.secure == 0 && asked.last.repeated == 0 && asked.error[0] == '\0');
    CHECK(asked.last.remaining_ms > 0 && asked.last.remaining_ms <= 60000);
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    /* It is too old by now: the program gets another one, and takes its time. */
    asked.token = NULL;
    CODE(0, registerer_register(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    FIELD(&registrar, "Authorization", "Bearer first.secret-token");
    answer(&registrar, "401 Unauthorized",
           "WWW-Authenticate: Bearer realm=\"test\", error=\"invalid_token\"\r\n");
    was_asked(2);
    CHECK(asked.last.repeated == 1 && strcmp(asked.error, "invalid_token") == 0);
    CODE(0, registerer_pending_challenge(ctx, rid, on_challenge, &asked));
    CODE(3, asked.calls);
    CODE(OSIP_BADPARAMETER, registerer_pending_challenge(ctx, rid, NULL, NULL));
    cancelled_in_the_callback(ctx, rid);
    CHECK(registerer_explain(ctx, rid, why, sizeof why) > 0);
    CHECK(strstr(why, "for the program to answer the challenge Bearer of realm") != NULL);
    answer_later.token = "no token";
    CODE(OSIP_BADPARAMETER,
         registerer_answer_challenge(ctx, rid, asked.last.number, &answer_later));
    answer_later.token = "second.secret-token==";
    answer_later.auts = (const unsigned char *)"12345678901234";
    CODE(OSIP_BADPARAMETER,
         registerer_answer_challenge(ctx, rid, asked.last.number, &answer_later));
    answer_later.auts = NULL;
    CODE(OSIP_WRONG_STATE,
         registerer_answer_challenge(ctx, rid, asked.last.number + 1, &answer_later));
    CODE(OSIP_BADPARAMETER, registerer_answer_challenge(ctx, rid, asked.last.number, NULL));
    CODE(OSIP_BADPARAMETER, registerer_answer_challenge(ctx, rid, -1, &answer_later));
    CODE(OSIP_NOTFOUND, registerer_answer_challenge(ctx, rid + 99, 1, &answer_later));
    CODE(0, registerer_answer_challenge(ctx, rid, asked.last.number, &answer_later));
    receive_message(&registrar, "REGISTER ");
    FIELD(&registrar, "Authorization", "Bearer second.secret-token==");
    CODE(OSIP_WRONG_STATE, registerer_refuse_challenge(ctx, rid, asked.last.number));
    answer(&registrar, "401 Unauthorized", BEARER);
    was_asked(4);
    CODE(0, registerer_refuse_challenge(ctx, rid, asked.last.number));
    CHECK(registerer_explain(ctx, rid, why, sizeof why) > 0);
    CHECK(strstr(why, "the program does not answer the challenge") != NULL);
    CODE(REGISTERER_REGISTERED, registerer_get_state(ctx, rid));
    CODE(OSIP_NOTFOUND, registerer_pending_challenge(ctx, rid, on_challenge, &asked));
    CODE(0, registerer_off(ctx, listener));
    /* A program that fetches events is told as well. */
    CODE(0, registerer_next_event(ctx, &event, 0));
    CODE(0, registerer_register(ctx, rid));
    receive_message(&registrar, "REGISTER ");
    answer(&registrar, "401 Unauthorized", BEARER);
    do
        CODE(1, registerer_next_event(ctx, &event, 10000));
    while (event.kind != REGISTERER_EVENT_CHALLENGE);
    CHECK(event.rid == rid && event.status == 401 && event.state == -1 && event.request == -1);
    CODE(0, registerer_pending_challenge(ctx, rid, on_challenge, &asked));
    CODE(0, eXosip_register_remove(ctx, rid));
    ended(ctx);
}

static void sim_cards(void)
{
    static const unsigned char res[] = {0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf};
    static const unsigned char ik[16] = {1}, ck[16] = {2}, auts[14] = {3};
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    struct registerer_answer card = {sizeof card, NULL, res, sizeof res, NULL, NULL, NULL};
    const char *line;
    int rid, calls = asked.calls;

    asked.token = NULL;
    options.challenge_wait = 60;
    options.username = "alice@test";
    options.initial_authorization = 1;
    CHECK(registerer_on_challenge(ctx, 0, on_challenge, &asked, 0) > 0);
    rid = registering(ctx, &options);
    CHECK(strstr(field(&registrar, "Authorization"), "nonce=\"\"") != NULL);
    answer(&registrar, "401 Unauthorized", AKA("1"));
    was_asked(calls + 1);
    CHECK(asked.last.scheme == REGISTERER_AKAV1_MD5);
    for (int i = 0; i < 16; i++)
        CHECK(asked.last.rand[i] == i && asked.last.autn[i] == 16 + i);
    card.res_length = 3;
    CODE(OSIP_BADPARAMETER, registerer_answer_challenge(ctx, rid, asked.last.number, &card));
    card.res = NULL;
    card.auts = auts;
    CODE(0, registerer_answer_challenge(ctx, rid, asked.last.number, &card));
    receive_message(&registrar, "REGISTER ");
    line = field(&registrar, "Authorization");
    CHECK(line != NULL && strstr(line, "auts=\"AwAAAAAAAAAAAAAAAAA=\"") != NULL);
    CHECK(field_at(&registrar, "Authorization", 1) == NULL);
    answer(&registrar, "401 Unauthorized", AKA("2"));
    was_asked(calls + 2);
    CHECK(asked.last.scheme == REGISTERER_AKAV2_MD5);
    card.res = res;
    card.res_length = sizeof res;
    card.auts = NULL;
    CODE(OSIP_BADPARAMETER, registerer_answer_challenge(ctx, rid, asked.last.number, &card));
    card.ik = ik;
    card.ck = ck;
    CODE(0, registerer_answer_challenge(ctx, rid, asked.last.number, &card));
    receive_message(&registrar, "REGISTER ");
    line = field(&registrar, "Authorization");
    CHECK(line != NULL && strstr(line, "algorithm=AKAv2-MD5") != NULL);
    CHECK(strstr(line, "username=\"alice@test\", realm=\"test\"") != NULL);
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    CODE(0, eXosip_register_remove(ctx, rid));
    ended(ctx);
}

/* The registrar says what became of the Contact with this URI. */
static void notify(int port, int number, const char *contact, const char *attributes)
{
    char call_id[200], from[200], to[200], body[1000];

    snprintf(call_id, sizeof call_id, "%s", field(&registrar, "Call-ID"));
    snprintf(from, sizeof from, "%s", field(&registrar, "To"));
    snprintf(to, sizeof to, "%s", field(&registrar, "From"));
    snprintf(body, sizeof body,
             "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"%d\" state=\"full\">"
             "<registration aor=\"sip:alice@test\" id=\"1\" state=\"active\">"
             "<contact id=\"2\" %s><uri>%s</uri></contact></registration></reginfo>",
             number, attributes, contact);
    send_message(&registrar, port, "NOTIFY sip:alice@127.0.0.1:%d SIP/2.0\r\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKnotify%d\r\n"
                 "Max-Forwards: 70\r\nFrom: %s;tag=peer\r\nTo: %s\r\nCall-ID: %s\r\n"
                 "CSeq: %d NOTIFY\r\nContact: <%s>\r\nEvent: reg\r\n"
                 "Subscription-State: active;expires=3000\r\n"
                 "Content-Type: application/reginfo+xml\r\nContent-Length: %d\r\n\r\n%s",
                 port, registrar.port, number, from, to, call_id, number, registrar.uri,
                 (int)strlen(body), body);
}

static void reg_event(void)
{
    struct eXosip_t *ctx = listening();
    struct registerer_options options = filled();
    struct registerer_event event = {.size = sizeof event};
    char contact[200], why[512], subscribe[sizeof registrar.received];
    int rid, port;

    CODE(0, options.reg_event);
    options.reg_event = 1;
    CODE(0, registerer_next_event(ctx, &event, 0));
    rid = registering(ctx, &options);
    CODE(1, sscanf(field(&registrar, "Contact"), "<%199[^>]>", contact));
    port = ntohs(registrar.from.sin_port);
    welcome(&registrar);
    receive_message(&registrar, "SUBSCRIBE sip:alice@test ");
    FIELD(&registrar, "Event", "reg");
    FIELD(&registrar, "Accept", "application/reginfo+xml");
    memcpy(subscribe, registrar.received, sizeof subscribe);
    answer(&registrar, "200 OK", "Expires: 3761\r\nContact: <sip:127.0.0.1>\r\n");
    notify(port, 1, contact, "state=\"terminated\" event=\"deactivated\"");
    /* Before the answer to the NOTIFY, or after it. */
    do
        CHECK(receive_within(&registrar, 10000));
    while (strncmp(registrar.received, "REGISTER ", 9) != 0);
    welcome(&registrar);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    memcpy(registrar.received, subscribe, sizeof subscribe);
    notify(port, 2, contact, "state=\"terminated\" event=\"rejected\"");
    CODE(0, registerer_wait(ctx, rid, REGISTERER_UNREGISTERED, 10000));
    CHECK(registerer_explain(ctx, rid, why, sizeof why) > 0);
    CHECK(strstr(why, "the registrar says that it has rejected the binding") != NULL);
    /* Registered, not, registered, not: and no event of the eXosip calls. */
    for (int wanted = REGISTERER_REGISTERED, seen = 0; seen < 4;) {
        CODE(1, registerer_next_event(ctx, &event, 10000));
        if (event.kind == REGISTERER_EVENT_STATE) {
            CODE(wanted, event.state);
            wanted = wanted == REGISTERER_REGISTERED ? REGISTERER_UNREGISTERED
                                                     : REGISTERER_REGISTERED;
            seen++;
        }
    }
    CHECK(eXosip_event_wait(ctx, 0, 10) == NULL);
    CODE(0, registerer_dispose(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_TERMINATED, 10000));
    ended(ctx);
}

int main(void)
{
    peer_open(&registrar);
    option_tags();
    initial_authorization();
    tokens();
    sim_cards();
    reg_event();
    peer_close(&registrar);
    return 0;
}
