/*
 * The calls of api_calls: each byte of the input chooses one, and those behind it its arguments.
 * Hosts are addresses of the loopback: nothing is looked up and nothing leaves the machine.
 */
#include "../../tests/c/any_call.h"
#include "../../tests/c/any_subscription.h"

#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void registrar_answers(unsigned char number);
void registrar_sends(const unsigned char *bytes, size_t length);
void api_calls(const unsigned char *bytes, size_t length, int port);

enum { CONTEXTS = 2, MESSAGES = 4, EVENTS = 4, CALLS = 96 };

static const unsigned char *next_byte;
static size_t bytes_left;

static struct eXosip_t *contexts[CONTEXTS];
static int is_running[CONTEXTS], is_over[CONTEXTS];
static osip_message_t *messages[MESSAGES];
static eXosip_event_t *events[EVENTS];
static char proxy[64];
static int last_rid;

static unsigned char byte(void)
{
    if (bytes_left == 0)
        return 0;
    bytes_left--;
    return *next_byte++;
}

/* The next bytes as a text; the caller frees it. */
static char *text(void)
{
    size_t size = byte(), i;
    char *text = malloc(size + 1);

    for (i = 0; i < size; i++)
        text[i] = (char)byte();
    text[size] = '\0';
    return text;
}

static const char *one(const char *const *choices, size_t count)
{
    return choices[byte() % count];
}
#define ONE(...) one((const char *const[]){__VA_ARGS__}, \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* A registration: one that was made, or none. */
static int some_rid(void)
{
    int number = byte() % 8;

    return number == 0 ? 0 : number == 1 ? -1 : last_rid - number + 2;
}

static int some_expires(void)
{
    static const int choices[] = {3600, 60, 1, 0, -1, 2147483647};

    return choices[byte() % 6];
}

static osip_message_t **some_message(void)
{
    return &messages[byte() % MESSAGES];
}

/* Where a message that is built goes: a place that is free. */
static osip_message_t **free_place(void)
{
    osip_message_t **place = some_message();

    osip_message_free(*place);
    *place = NULL;
    return place;
}

/* Takes a message out: the call that it is given to frees it. */
static osip_message_t *taken(void)
{
    osip_message_t **place = some_message(), *message = *place;

    *place = NULL;
    return message;
}

static void edit(osip_message_t *message)
{
    char *value = text();

    switch (byte() % 8) {
    case 0:
        osip_message_set_header(message, "X-Other", value);
        break;
    case 1:
        osip_message_replace_header(message, "User-Agent", value);
        break;
    case 2:
        osip_message_set_contact(message, value);
        break;
    case 3:
        osip_message_set_body(message, value, strlen(value));
        osip_message_set_content_type(message, "text/plain");
        break;
    case 4:
        osip_message_set_expires(message, value);
        break;
    case 5:
        osip_message_set_route(message, ONE("<sip:127.0.0.1;lr>", "<sip:127.0.0.1:9>"));
        break;
    case 6:
        if (message != NULL && message->from != NULL)
            osip_from_param_add(message->from, osip_strdup("x"), osip_strdup(value));
        break;
    default:
        if (message != NULL && message->call_id != NULL) {
            osip_free(message->call_id->number); /* the setter does not */
            osip_call_id_set_number(message->call_id, osip_strdup(value));
        }
        break;
    }
    free(value);
}

static void on_state(struct eXosip_t *context, int rid, enum registerer_state state, void *user)
{
    char why[16];

    (void)state;
    (void)user;
    registerer_explain(context, rid, why, sizeof why);
}

static void option(struct eXosip_t *context)
{
    int value = byte() % 4;

    switch (byte() % 6) {
    case 0:
        eXosip_set_option(context, EXOSIP_OPT_UDP_KEEP_ALIVE, &value);
        break;
    case 1:
        eXosip_set_option(context, EXOSIP_OPT_USE_RPORT, &value);
        break;
    case 2:
        eXosip_set_option(context, EXOSIP_OPT_AUTO_MASQUERADE_CONTACT, &value);
        break;
    case 3:
        eXosip_set_option(context, EXOSIP_OPT_REGISTER_WITH_DATE, &value);
        break;
    case 4:
        eXosip_set_option(context, EXOSIP_OPT_SET_SIP_INSTANCE, ONE("urn:uuid:1", "", "a\r\nb"));
        break;
    default:
        eXosip_set_option(context, 4711, &value);
        break;
    }
}

static void managed(struct eXosip_t *context)
{
    struct registerer_options options;
    struct registerer_info info;
    char buffer[32];
    char *some = text();
    int rid = some_rid();

    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    registerer_options_init(&options, sizeof options);
    options.aor = ONE("sip:alice@127.0.0.1", "\"A\" <sip:alice@127.0.0.1>", some);
    options.registrar = proxy;
    options.username = ONE("alice", NULL);
    options.password = options.username != NULL ? "secret" : NULL;
    options.expires = some_expires();
    switch (byte() % 16) {
    case 0:
        if (byte() % 4 == 0)
            options.extra_headers = some;
        if (byte() % 4 == 0)
            options.contact_params = some;
        if (byte() % 4 == 0)
            options.status_classes = some;
        registerer_check(&options, buffer, sizeof buffer);
        rid = registerer_new(context, &options);
        last_rid = rid > 0 ? rid : last_rid;
        break;
    case 1:
    case 2:
        registerer_register(context, rid);
        break;
    case 3:
        registerer_unregister(context, rid, byte() % 2);
        break;
    case 4:
        registerer_dispose(context, rid);
        break;
    case 5:
        registerer_wait(context, rid, byte() % 5, byte() % 8);
        break;
    case 6:
        registerer_get_info(context, rid, &info);
        registerer_get_state(context, rid);
        break;
    case 7:
        registerer_get_text(context, rid, byte() % 12, byte() % 3, buffer, sizeof buffer);
        registerer_explain(context, rid, buffer, byte() % sizeof buffer);
        break;
    case 8:
        registerer_set_credentials(context, rid, &options);
        break;
    case 9:
        registerer_set_limits(context, byte() % 4, byte());
        break;
    case 10:
        registerer_off(context,
                       registerer_on_state_change(context, rid, on_state, NULL, byte() % 2));
        break;
    case 11:
        registerer_set_weakest_algorithm(context, byte() % 4);
        break;
    case 12:
        registerer_set_exclusive_port(context, byte() % 3);
        break;
    case 13: {
        struct registerer_event event;

        event.size = sizeof event;
        registerer_fd(context);
        registerer_next_event(context, &event, byte() % 8);
        registerer_step(context, byte() % 8, NULL);
        break;
    }
    case 14: {
        struct registerer_stats stats;
        struct registerer_status_count counts[3];

        stats.size = sizeof stats;
        registerer_get_stats(context, &stats);
        registerer_status_counts(context, counts, byte() % 4);
        registerer_context_port(context);
        registerer_context_network_changed(context);
        break;
    }
    default:
        registerer_adopt(context, rid);
        break;
    }
    free(some);
}

static void registration(struct eXosip_t *context)
{
    int rid = some_rid(), expires = some_expires();

    switch (byte() % 6) {
    case 0:
    case 1: {
        const char *from = ONE("sip:alice@127.0.0.1", "<sip:bob@127.0.0.1>", "", "no uri", NULL);
        const char *contact = ONE(NULL, "<sip:alice@127.0.0.1:5070>", "*", "<");

        rid = eXosip_register_build_initial_register(context, from, proxy, contact, expires,
                                                     free_place());
        last_rid = rid > 0 ? rid : last_rid;
        break;
    }
    case 2:
        eXosip_register_build_register(context, rid, expires, free_place());
        break;
    case 3:
    case 4:
        eXosip_register_send_register(context, rid, taken());
        break;
    default:
        eXosip_register_remove(context, rid);
        break;
    }
}

static void credentials(struct eXosip_t *context)
{
    char *some = text();

    switch (byte() % 4) {
    case 0:
        eXosip_clear_authentication_info(context);
        break;
    case 1:
        eXosip_remove_authentication_info(context, some, ONE("acme", "", NULL));
        break;
    default:
        eXosip_add_authentication_info(context, ONE("alice", some), "alice", ONE("secret", some),
                                       ONE(NULL, "5ebe2294ecd0e0f08eab7690d2a6ee69", some),
                                       ONE(NULL, "acme", some));
        break;
    }
    free(some);
}

static void outside(struct eXosip_t *context)
{
    char *some = text();

    switch (byte() % 8) {
    case 0:
        eXosip_message_build_request(context, free_place(), ONE("MESSAGE", "INFO", some), proxy,
                                     "sip:alice@127.0.0.1", NULL);
        break;
    case 1:
        eXosip_options_build_request(context, free_place(), proxy, "sip:alice@127.0.0.1", NULL);
        break;
    case 2:
        eXosip_message_send_request(context, taken());
        break;
    case 3:
        eXosip_message_build_answer(context, byte() % 8, 200 + byte(), free_place());
        break;
    case 4:
        eXosip_message_send_answer(context, byte() % 8, 100 + byte() * 2, NULL);
        break;
    case 5:
        eXosip_build_publish(context, free_place(), proxy, "sip:alice@127.0.0.1", NULL, "presence",
                             ONE("60", "0", some), "text/plain", some);
        break;
    case 6:
        eXosip_publish(context, taken(), ONE("a", "b", some));
        break;
    default: {
        osip_message_t *answer = taken();

        if (eXosip_message_send_answer(context, byte() % 8, 200, answer) == OSIP_BADPARAMETER)
            osip_message_free(answer); /* it stays the caller's */
        break;
    }
    }
    free(some);
}

/* A function for calls or subscriptions, on one that was made or none, or what a program does with
   an event. */
static void in_a_dialog(struct eXosip_t *context)
{
    eXosip_event_t *event = events[byte() % EVENTS];
    unsigned what = byte() | (unsigned)byte() << 8;
    int is_call = byte() % 2;
    char to[80];

    if (event != NULL && what % 2 == 0) {
        (is_call ? any_reaction : any_subscription_reaction)(context, what / 2, event);
        (is_call ? any_call : any_subscription)(context, byte(),
                                                byte() % 2 ? event->did
                                                : is_call  ? event->cid
                                                           : event->sid,
                                                proxy, NULL);
        return;
    }
    snprintf(to, sizeof to, "sip:bob@%s", proxy + 4);
    (is_call ? any_call : any_subscription)(context, what / 2, byte() % 16 - 1, to,
                                            ONE(NULL, "<sip:127.0.0.1;lr>"));
}

static void event(struct eXosip_t *context)
{
    eXosip_event_t **place = &events[byte() % EVENTS];

    switch (byte() % 4) {
    case 0:
    case 1:
        eXosip_event_free(*place);
        *place = eXosip_event_wait(context, 0, byte() % 4);
        break;
    case 2:
        eXosip_default_action(context, *place);
        break;
    default:
        eXosip_event_free(*place);
        *place = NULL;
        break;
    }
}

static void datagram(void)
{
    const char *method = ONE("MESSAGE", "OPTIONS", "INVITE", "SUBSCRIBE", "CANCEL", "BYE", "ACK",
                             "NOTIFY", "REFER", "PUBLISH");
    char *bytes = text();
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "%s sip:alice@127.0.0.1 SIP/2.0\r\n"
                          "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK%d\r\n"
                          "From: <sip:bob@127.0.0.1>;tag=1\r\nTo: <sip:alice@127.0.0.1>\r\n"
                          "Contact: <sip:bob@127.0.0.1:9>\r\n"
                          "Call-ID: %d\r\nCSeq: %d %s\r\nContent-Length: 0\r\n%s\r\n\r\n",
                          method, byte(), byte(), byte() % 4, method, bytes);

    if (byte() % 2 == 0)
        registrar_sends((unsigned char *)request, (size_t)length);
    else
        registrar_sends((unsigned char *)bytes, strlen(bytes));
    free(bytes);
}

static void end(int number)
{
    if (contexts[number] != NULL && !is_over[number]) {
        registrar_answers(0);
        eXosip_quit(contexts[number]);
        is_over[number] = 1;
    }
}

static void call(void)
{
    int number = byte() % CONTEXTS;
    struct eXosip_t *context = contexts[number];

    switch (byte() % 23) {
    case 0:
    case 1:
    case 2:
        registration(context);
        break;
    case 3:
    case 4:
    case 5:
        managed(context);
        break;
    case 6:
    case 7:
        event(context);
        break;
    case 8:
        eXosip_automatic_action(context);
        break;
    case 9:
        registrar_answers(byte());
        break;
    case 10:
        credentials(context);
        break;
    case 11:
        outside(context);
        break;
    case 12:
        edit(*some_message());
        break;
    case 13:
        datagram();
        break;
    case 14:
        option(context);
        eXosip_lock(context);
        eXosip_unlock(context);
        break;
    case 15:
    case 16:
    case 17:
    case 18:
    case 19:
    case 20:
    case 21:
        in_a_dialog(context);
        break;
    default:
        /* A context that has ended refuses every call; one that is no context does too. */
        if (byte() % 4 == 0)
            end(number);
        else
            eXosip_set_user_agent(context, ONE("x/1", "", NULL));
        break;
    }
}

void api_calls(const unsigned char *bytes, size_t length, int port)
{
    int i, calls;

    next_byte = bytes;
    bytes_left = length;
    last_rid = 0;
    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%d", port);
    registrar_answers(byte());
    for (i = 0; i < CONTEXTS; i++) {
        is_over[i] = is_running[i] = 0;
        contexts[i] = NULL;
        if (i > 0 && byte() % 2 == 0)
            continue;
        contexts[i] = eXosip_malloc();
        if (byte() % 16 != 1)
            is_running[i] = eXosip_init(contexts[i]) == OSIP_SUCCESS;
        if (byte() % 16 != 1)
            eXosip_listen_addr(contexts[i], IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0);
    }
    for (calls = 0; calls < CALLS && bytes_left > 0; calls++)
        call();
    for (i = 0; i < CONTEXTS; i++) {
        end(i);
        osip_free(contexts[i]);
    }
    for (i = 0; i < MESSAGES; i++) {
        osip_message_free(messages[i]);
        messages[i] = NULL;
    }
    for (i = 0; i < EVENTS; i++) {
        eXosip_event_free(events[i]);
        events[i] = NULL;
    }
}
