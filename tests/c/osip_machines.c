/* A program that drives the state machines of libosip2 itself, and uses eXosip's calls beside them:
   see docs/libosip2.md. An OPTIONS goes from a client transaction to a server transaction of the
   same osip_t, by memory in the place of a network. */
/* libosip2's header needs them before it. */
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>
#ifndef WITHOUT_EXOSIP
#include <eXosip2/eXosip.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "truth.h"

static char *wire[8];
static int sent, taken;

static int send_message(osip_transaction_t *transaction, osip_message_t *message, char *host,
                        int port, int socket)
{
    char *text = NULL;
    size_t length = 0;

    (void)transaction;
    (void)socket;
    CHECK(osip_message_to_str(message, &text, &length) == 0 && sent < 8);
    printf("to %s:%d: %.*s\n", host, port, (int)strcspn(text, "\r"), text);
    wire[sent++] = text;
    return 0;
}

static void on_message(int type, osip_transaction_t *transaction, osip_message_t *message)
{
    printf("callback %d in state %d: %s\n", type, (int)transaction->state,
           MSG_IS_REQUEST(message) ? message->sip_method : message->reason_phrase);
}

static void killed(int type, osip_transaction_t *transaction)
{
    printf("over %d in state %d\n", type, (int)transaction->state);
}

static void failed(int type, osip_transaction_t *transaction, int error)
{
    (void)transaction;
    printf("failed %d %d\n", type, error);
}

static osip_message_t *request(void)
{
    static const char text[] = "OPTIONS sip:bob@192.0.2.1:5070;transport=tcp SIP/2.0\r\n"
                               "Via: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK1\r\n"
                               "From: <sip:alice@acme.test>;tag=1\r\nTo: <sip:bob@acme.test>\r\n"
                               "Call-ID: 1@acme.test\r\nCSeq: 7 OPTIONS\r\nMax-Forwards: 70\r\n"
                               "Content-Length: 0\r\n\r\n";
    osip_message_t *message = NULL;

    CHECK(osip_message_init(&message) == 0);
    CHECK(osip_message_parse(message, text, strlen(text)) == 0);
    return message;
}

/* The answer to a request, made of copies of its fields. */
static osip_message_t *answer(const osip_message_t *to)
{
    osip_message_t *message = NULL;
    osip_via_t *via = NULL;

    CHECK(osip_message_init(&message) == 0);
    osip_message_set_version(message, osip_strdup("SIP/2.0"));
    osip_message_set_status_code(message, 200);
    osip_message_set_reason_phrase(message, osip_strdup("OK"));
    CHECK(osip_via_clone(osip_list_get(&to->vias, 0), &via) == 0);
    osip_list_add(&message->vias, via, -1);
    CHECK(osip_from_clone(to->from, &message->from) == 0);
    CHECK(osip_to_clone(to->to, &message->to) == 0);
    osip_to_set_tag(message->to, osip_strdup("2"));
    CHECK(osip_call_id_clone(to->call_id, &message->call_id) == 0);
    CHECK(osip_cseq_clone(to->cseq, &message->cseq) == 0);
    return message;
}

static void execute(osip_t *osip)
{
    for (int i = 0; i < 4; i++) {
        osip_nict_execute(osip);
        osip_nist_execute(osip);
        osip_timers_nict_execute(osip);
        osip_timers_nist_execute(osip);
    }
}

/* What was sent arrives. */
static osip_transaction_t *arrives(osip_t *osip)
{
    osip_transaction_t *transaction = NULL;
    osip_event_t *event;

    CHECK(taken < sent);
    event = osip_parse(wire[taken], strlen(wire[taken]));
    osip_free(wire[taken]);
    taken++;
    CHECK(event != NULL);
    if (osip_find_transaction_and_add_event(osip, event) != 0) {
        transaction = osip_create_transaction(osip, event);
        CHECK(transaction != NULL);
        osip_transaction_add_event(transaction, event);
    }
    execute(osip);
    return transaction;
}

static void machines(void)
{
    osip_t *osip = NULL;
    osip_transaction_t *client = NULL, *server;
    osip_message_t *message;
    osip_event_t *event;

    CHECK(osip_init(&osip) == 0);
    osip_set_cb_send_message(osip, send_message);
    for (int i = 0; i < OSIP_MESSAGE_CALLBACK_COUNT; i++)
        osip_set_message_callback(osip, i, on_message);
    for (int i = 0; i < OSIP_KILL_CALLBACK_COUNT; i++)
        osip_set_kill_transaction_callback(osip, i, killed);
    for (int i = 0; i < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; i++)
        osip_set_transport_error_callback(osip, i, failed);

    message = request();
    CHECK(osip_transaction_init(&client, NICT, osip, message) == 0);
    event = osip_new_outgoing_sipmessage(message);
    osip_transaction_add_event(client, event);
    execute(osip);
    server = arrives(osip);
    CHECK(server != NULL && server->ctx_type == NIST);
    event = osip_new_outgoing_sipmessage(answer(server->orig_request));
    osip_transaction_add_event(server, event);
    execute(osip);
    CHECK(arrives(osip) == NULL);
    printf("client %d %s, server %d\n", (int)client->state,
           client->last_response->reason_phrase, (int)server->state);
    osip_remove_transaction(osip, client);
    osip_remove_transaction(osip, server);
    osip_transaction_free(client);
    osip_transaction_free(server);
    osip_release(osip);
}

#ifndef WITHOUT_EXOSIP
/* The same structs are good for both. */
static void both(void)
{
    struct eXosip_t *ctx = eXosip_malloc();
    osip_message_t *message = NULL;
    char *text = NULL;
    size_t length;

    CHECK(eXosip_init(ctx) == 0);
    CHECK(eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) == 0);
    CHECK(eXosip_message_build_request(ctx, &message, "MESSAGE", "sip:bob@127.0.0.1",
                                       "sip:alice@127.0.0.1", NULL) == 0);
    CHECK(osip_message_set_body(message, "hello", 5) == 0);
    CHECK(osip_message_to_str(message, &text, &length) == 0);
    CHECK(strstr(text, "\r\n\r\nhello") != NULL);
    CHECK(strstr(eXosip_get_version(), "libregister") != NULL);
    osip_free(text);
    osip_message_free(message);
    eXosip_quit(ctx);
    osip_free(ctx);
}
#endif

int main(void)
{
    machines();
#ifndef WITHOUT_EXOSIP
    both();
#endif
    return 0;
}
