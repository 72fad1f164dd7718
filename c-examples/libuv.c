/*
 * libuv REGISTRAR AOR USER PASSWORD [SECONDS]
 *
 * A registration in a loop of libuv: a uv_poll_t watches the context's descriptor, and what happens
 * is fetched in the loop's thread. Ends after SECONDS or on Ctrl-C. Status 0 when it was
 * registered.
 */
#define _POSIX_C_SOURCE 200809L /* what uv.h needs in C99 */
#include <registerer.h>

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static registerer_context *context;
static int was_registered;

/* The descriptor is readable: fetches all there is. */
static void fetch(uv_poll_t *watcher, int status, int events)
{
    struct registerer_event event;
    char why[512];

    (void)watcher, (void)status, (void)events;
    event.size = sizeof event;
    while (registerer_next_event(context, &event, 0) == 1) {
        if (event.kind != REGISTERER_EVENT_REQUEST || event.request < REGISTERER_ACCEPTED)
            continue; /* a new state follows the request that has led to it */
        registerer_explain(context, event.rid, why, sizeof why);
        puts(why);
        was_registered |= event.request == REGISTERER_ACCEPTED;
    }
}

static void interrupted(uv_signal_t *watcher, int number)
{
    (void)number;
    uv_stop(watcher->loop);
}

static void timed(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void close_each(uv_handle_t *handle, void *unused)
{
    (void)unused;
    uv_close(handle, NULL);
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    struct registerer_options options;
    uv_signal_t interrupt, terminate;
    uv_timer_t timer;
    uv_poll_t watcher;
    char wrong[256];
    int rid;

    if (argc < 5) {
        fprintf(stderr, "usage: %s REGISTRAR AOR USER PASSWORD [SECONDS]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, into a file too */
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    if (registerer_check(&options, wrong, sizeof wrong) != REGISTERER_OK) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    context = registerer_context_new(NULL);
    if (registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, NULL, 0) != REGISTERER_OK)
        return 1;
    uv_poll_init(loop, &watcher, registerer_fd(context));
    uv_poll_start(&watcher, UV_READABLE, fetch);
    uv_signal_init(loop, &interrupt);
    uv_signal_start(&interrupt, interrupted, SIGINT);
    uv_signal_init(loop, &terminate);
    uv_signal_start(&terminate, interrupted, SIGTERM);
    uv_timer_init(loop, &timer);
    if (argc > 5)
        uv_timer_start(&timer, timed, (uint64_t)atoi(argv[5]) * 1000, 0);

    rid = registerer_new(context, &options);
    if (registerer_register(context, rid) == REGISTERER_OK)
        uv_run(loop, UV_RUN_DEFAULT);

    uv_walk(loop, close_each, NULL); /* the descriptor is watched no more when it is closed */
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
    registerer_context_free(context); /* removes the binding */
    return was_registered ? 0 : 1;
}
