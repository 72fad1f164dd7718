/* Events of registrations, fetched by poll(2): the registrar is at the port that is given. */
#include "alone.h"

#include <poll.h>
#include <pthread.h>

static struct registerer_event event;

static int is_readable(int fd, int ms)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};

    return poll(&poll_fd, 1, ms) == 1;
}

/* The next event, for which the descriptor is waited for. */
static void fetch(registerer_context *context, int fd, int rid, int kind)
{
    CHECK(is_readable(fd, 10000));
    memset(&event, 0xff, sizeof event);
    event.size = sizeof event;
    CHECK(registerer_next_event(context, &event, 0) == 1);
    CHECK(event.rid == rid && event.kind == kind && event.lost == 0);
}

static void *waits_without_limit(void *context)
{
    struct registerer_event mine;

    mine.size = sizeof mine;
    for (;;) {
        int code = registerer_next_event(context, &mine, -1);

        if (code != 1) {
            CHECK(code == REGISTERER_NOT_INITIALIZED);
            return NULL;
        }
    }
}

static void wrong_calls_are_refused(registerer_context *context)
{
    event.size = sizeof event;
    CHECK(registerer_next_event(NULL, &event, 0) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_next_event(context, NULL, 0) == REGISTERER_BAD_PARAMETER);
    event.size = 3;
    CHECK(registerer_next_event(context, &event, 0) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_fd(NULL) == REGISTERER_BAD_PARAMETER);
}

/* Before the program asks, nothing is kept; with the option, all is. */
static void events_are_kept_when_asked_for(const char *port)
{
    struct registerer_context_options options;
    registerer_context *context;
    int keeps, rid;

    for (keeps = 0; keeps < 2; keeps++) {
        registerer_context_options_init(&options, sizeof options);
        options.queue_events = keeps;
        context = registerer_context_new(&options);
        CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
        rid = made(context, "alice", port, NULL);
        CHECK(registerer_register(context, rid) == REGISTERER_OK);
        CHECK(registerer_wait(context, rid, REGISTERER_REGISTERED, 10000) == REGISTERER_OK);
        CHECK(is_readable(registerer_fd(context), 0) == keeps);
        event.size = sizeof event;
        CHECK(registerer_next_event(context, &event, 0) == keeps);
        registerer_context_free(context);
    }
}

int main(int argc, char **argv)
{
    registerer_context *context = registerer_context_new(NULL);
    pthread_t thread;
    int fd, alice, busy, mark;

    CHECK(argc == 2);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
    wrong_calls_are_refused(context);
    fd = registerer_fd(context);
    CHECK(fd >= 0 && fd == registerer_fd(context));
    CHECK(!is_readable(fd, 0));
    event.size = sizeof event;
    CHECK(registerer_next_event(context, &event, 0) == 0);
    CHECK(registerer_next_event(context, &event, 20) == 0);

    alice = made(context, "alice", argv[1], &mark);
    CHECK(registerer_register(context, alice) == REGISTERER_OK);
    fetch(context, fd, alice, REGISTERER_EVENT_REQUEST);
    CHECK(event.request == REGISTERER_ACCEPTED && event.state == -1 && event.status == 200);
    CHECK(strcmp(event.reason, "OK") == 0 && event.user_data == &mark);
    fetch(context, fd, alice, REGISTERER_EVENT_STATE);
    CHECK(event.state == REGISTERER_REGISTERED && event.request == -1);
    CHECK(!is_readable(fd, 0));

    /* A wait ends with the event. */
    busy = made(context, "busy", argv[1], NULL);
    CHECK(registerer_register(context, busy) == REGISTERER_OK);
    CHECK(registerer_next_event(context, &event, -1) == 1);
    CHECK(event.rid == busy && event.request == REGISTERER_REJECTED && event.status == 503);
    CHECK(registerer_next_event(context, &event, 1000) == 1);
    CHECK(event.rid == busy && event.state == REGISTERER_UNREGISTERED);
    CHECK(event.user_data == NULL && stats_of(context).events_lost == 0);

    CHECK(registerer_dispose(context, alice) == REGISTERER_OK);
    fetch(context, fd, alice, REGISTERER_EVENT_REQUEST);
    fetch(context, fd, alice, REGISTERER_EVENT_STATE);
    CHECK(event.state == REGISTERER_UNREGISTERED);
    fetch(context, fd, alice, REGISTERER_EVENT_STATE);
    CHECK(event.state == REGISTERER_TERMINATED && event.user_data == &mark);

    CHECK(pthread_create(&thread, NULL, waits_without_limit, context) == 0);
    registerer_context_free(context);
    pthread_join(thread, NULL);
    events_are_kept_when_asked_for(argv[1]);
    return 0;
}
