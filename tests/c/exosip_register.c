/* A softphone's registrations: tests/support/registrar.rs answers on the port of the first
   argument, over what the second one names. */
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

static char proxy[64];
static int transport = IPPROTO_UDP;

static struct eXosip_t *open_context(void)
{
    struct eXosip_t *ctx = eXosip_malloc();

    CHECK(ctx != NULL);
    CODE(0, eXosip_init(ctx));
    CODE(0, eXosip_listen_addr(ctx, transport, "127.0.0.1", 0, AF_INET, 0));
    return ctx;
}

static int begin(struct eXosip_t *ctx, const char *user, int expires)
{
    char from[64];
    osip_message_t *reg = NULL;
    int rid;

    snprintf(from, sizeof from, "sip:%s@127.0.0.1", user);
    rid = eXosip_register_build_initial_register(ctx, from, proxy, NULL, expires, &reg);
    CHECK(rid > 0 && reg != NULL);
    CODE(0, osip_message_set_header(reg, "X-Mark", user));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    return rid;
}

/* Registered after the challenge, refreshed with the proof at once, unregistered, gone. */
static void a_session(void)
{
    struct eXosip_t *ctx = open_context();
    osip_message_t *reg = NULL;
    osip_header_t *mark = NULL;
    eXosip_event_t *event;
    struct eXosip_stats stats;
    int rid;

    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", "MD5", NULL));
    CODE(0, eXosip_lock(ctx));
    rid = begin(ctx, "alice", 3600);
    CODE(0, eXosip_unlock(ctx));

    event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);
    CODE(0, strcmp(event->request->cseq->number, "1"));
    eXosip_event_free(event);
    eXosip_automatic_action(ctx);
    event = expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200);
    CODE(0, strcmp(event->request->cseq->number, "2"));
    CODE(0, osip_message_header_get_byname(event->request, "x-mark", 0, &mark) < 0);
    CODE(0, strcmp(mark->hvalue, "alice"));
    CODE(1, eXosip_default_action(ctx, event));
    eXosip_event_free(event);

    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_GET_STATISTICS, &stats));
    CODE(1, stats.allocated_registrations);
    CHECK(stats.average_registrations > 0 &&
          stats.average_transactions > stats.average_registrations);

    CODE(0, eXosip_register_build_register(ctx, rid, 1800, &reg));
    CODE(1, osip_list_size(&reg->authorizations));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));

    CODE(0, eXosip_register_build_register(ctx, rid, 0, &reg));
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(OSIP_NOTFOUND, eXosip_register_build_register(ctx, rid, 60, &reg));
    CHECK(reg == NULL);
    ended(ctx);
}

/* One REGISTER at a time; the message may be read after it was sent; the registration may go while
   it waits. */
static void pending(void)
{
    struct eXosip_t *ctx = open_context();
    osip_message_t *reg = NULL, *sent = NULL;
    char *text = NULL;
    size_t length = 0;
    int rid =
        eXosip_register_build_initial_register(ctx, "sip:silent@127.0.0.1", proxy, NULL, 60, &sent);

    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, sent));
    CODE(0, osip_message_to_str(sent, &text, &length));
    CHECK(length > 0 && strstr(text, "silent") != NULL);
    osip_free(text);

    CODE(OSIP_WRONG_STATE, eXosip_register_build_register(ctx, rid, 60, &reg));
    CHECK(reg == NULL);
    CODE(OSIP_WRONG_STATE, eXosip_register_send_register(ctx, rid, NULL));
    CODE(OSIP_SUCCESS, eXosip_register_remove(ctx, rid));
    CODE(OSIP_NOTFOUND, eXosip_register_send_register(ctx, rid, NULL));
    ended(ctx);
}

/* Three answers to challenges, then the limit. */
static void wrong_credentials(void)
{
    struct eXosip_t *ctx = open_context();
    eXosip_event_t *event;
    int rid, code, answers = 0;

    CODE(0, eXosip_add_authentication_info(ctx, "mallory", "mallory", "guess", NULL, NULL));
    rid = begin(ctx, "mallory", 60);
    do {
        event = expect(ctx, EXOSIP_REGISTRATION_FAILURE, rid, 401);
        code = eXosip_default_action(ctx, event);
        eXosip_event_free(event);
    } while (code == 0 && ++answers < 10);
    CHECK(answers >= 1 && answers <= 3);
    CHECK(code < 0 || code == 1);
    CHECK(eXosip_event_wait(ctx, 0, 50) == NULL);
    ended(ctx);
}

/* The event descriptor is readable while there are events, and only then. */
static void polled(void)
{
    struct eXosip_t *ctx = open_context();
    struct pollfd poll_for = {eXosip_event_geteventsocket(ctx), POLLIN, 0};
    eXosip_event_t *event;
    int rid;

    CHECK(poll_for.fd >= 0);
    CODE(0, poll(&poll_for, 1, 0));
    rid = begin(ctx, "busy", 60);
    CODE(1, poll(&poll_for, 1, 10000));
    event = eXosip_event_wait(ctx, 0, 0);
    CHECK(event != NULL && event->rid == rid && event->response->status_code == 503);
    eXosip_event_free(event);
    CHECK(eXosip_event_wait(ctx, 0, 0) == NULL);
    CODE(0, poll(&poll_for, 1, 0));
    ended(ctx);
}

/* Contexts do not receive what is for another. */
static void two_contexts(void)
{
    struct eXosip_t *one = open_context(), *two = open_context();
    int first = begin(one, "busy", 60), second = begin(two, "busy", 60);

    CHECK(first != second);
    eXosip_event_free(expect(two, EXOSIP_REGISTRATION_FAILURE, second, 503));
    eXosip_event_free(expect(one, EXOSIP_REGISTRATION_FAILURE, first, 503));
    ended(one);
    CHECK(eXosip_event_wait(two, 0, 10) == NULL);
    ended(two);
}

static void *waiting(void *ctx)
{
    return eXosip_event_get(ctx);
}

/* eXosip_quit frees whoever waits, also with the lock held; the context may begin again. */
static void ended_while_waiting(void)
{
    struct eXosip_t *ctx = open_context();
    pthread_t thread;
    void *event = ctx;

    CODE(0, pthread_create(&thread, NULL, waiting, ctx));
    begin(ctx, "silent", 60);
    eXosip_lock(ctx);
    eXosip_quit(ctx);
    CODE(0, pthread_join(thread, &event));
    CHECK(event == NULL);

    CODE(0, eXosip_init(ctx));
    CODE(0, eXosip_listen_addr(ctx, transport, "127.0.0.1", 0, AF_INET, 0));
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_FAILURE, begin(ctx, "busy", 60), 503));
    ended(ctx);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    if (strcmp(argv[2], "tcp") == 0)
        transport = IPPROTO_TCP;
    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%s", argv[1]);
    a_session();
    pending();
    wrong_credentials();
    polled();
    two_contexts();
    ended_while_waiting();
    return 0;
}
