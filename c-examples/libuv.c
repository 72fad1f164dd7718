/*
 * libuv PROXY AOR USER PASSWORD [SECONDS]
 *
 * A managed registration in a loop of libuv, which has its states in the loop's thread: the events
 * of the eXosip calls are asked for, and a uv_poll_t watches the context's descriptor. Ends after
 * SECONDS or on Ctrl-C. Status 0 when it was registered.
 */
#define _POSIX_C_SOURCE 200809L /* what uv.h needs in C99 */
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <uv.h>

static struct eXosip_t *ctx;
static int rid, was_registered;

/* The descriptor is readable: there are events, or an automatic action is due. */
static void work(uv_poll_t *watcher, int status, int events)
{
    eXosip_event_t *event;
    char why[512];

    (void)watcher, (void)status, (void)events;
    eXosip_automatic_action(ctx);
    while ((event = eXosip_event_wait(ctx, 0, 0)) != NULL) {
        if (event->rid == rid) {
            registerer_explain(ctx, rid, why, sizeof why);
            puts(why);
            was_registered |= event->type == EXOSIP_REGISTRATION_SUCCESS;
        }
        eXosip_event_free(event);
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

static void close_all(uv_handle_t *handle, void *unused)
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

    if (argc < 5) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD [SECONDS]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    options.exosip_events = 1;
    if (registerer_check(&options, wrong, sizeof wrong) != 0) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    ctx = eXosip_malloc();
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    rid = registerer_new(ctx, &options);
    registerer_register(ctx, rid);

    uv_poll_init(loop, &watcher, eXosip_event_geteventsocket(ctx));
    uv_poll_start(&watcher, UV_READABLE, work);
    uv_signal_init(loop, &interrupt);
    uv_signal_start(&interrupt, interrupted, SIGINT);
    uv_signal_init(loop, &terminate);
    uv_signal_start(&terminate, interrupted, SIGTERM);
    uv_timer_init(loop, &timer);
    if (argc > 5)
        uv_timer_start(&timer, timed, (uint64_t)atoi(argv[5]) * 1000, 0);
    uv_run(loop, UV_RUN_DEFAULT);

    /* The watcher is closed before the descriptor is. */
    uv_walk(loop, close_all, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
    eXosip_quit(ctx); /* removes the binding */
    osip_free(ctx);
    return was_registered ? 0 : 1;
}
