/*
 * glib PROXY AOR USER PASSWORD [SECONDS]
 *
 * A managed registration in a GMainLoop, with its states in the loop's thread: the events of the
 * eXosip calls are asked for, and the context's descriptor is a source of the loop. Ends after
 * SECONDS or on Ctrl-C. Status 0 when it was registered.
 */
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <glib-unix.h>

struct program {
    GMainLoop *loop;
    struct eXosip_t *ctx;
    int rid;
    gboolean was_registered;
};

/* The descriptor is readable: there are events, or an automatic action is due. */
static gboolean work(gint fd, GIOCondition condition, gpointer data)
{
    struct program *program = data;
    eXosip_event_t *event;
    char why[512];

    (void)fd, (void)condition;
    eXosip_automatic_action(program->ctx);
    while ((event = eXosip_event_wait(program->ctx, 0, 0)) != NULL) {
        if (event->rid == program->rid) {
            registerer_explain(program->ctx, program->rid, why, sizeof why);
            g_print("%s\n", why);
            program->was_registered |= event->type == EXOSIP_REGISTRATION_SUCCESS;
        }
        eXosip_event_free(event);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean leave(gpointer data)
{
    struct program *program = data;

    g_main_loop_quit(program->loop);
    return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
    struct registerer_options options;
    struct program program = {0};
    char wrong[256];

    if (argc < 5) {
        g_printerr("usage: %s PROXY AOR USER PASSWORD [SECONDS]\n", argv[0]);
        return 2;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    options.exosip_events = 1;
    if (registerer_check(&options, wrong, sizeof wrong) != 0) {
        g_printerr("%s\n", wrong);
        return 2;
    }
    program.loop = g_main_loop_new(NULL, FALSE);
    program.ctx = eXosip_malloc();
    if (eXosip_init(program.ctx) != 0 ||
        eXosip_listen_addr(program.ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    program.rid = registerer_new(program.ctx, &options);
    registerer_register(program.ctx, program.rid);

    g_unix_fd_add(eXosip_event_geteventsocket(program.ctx), G_IO_IN, work, &program);
    g_unix_signal_add(SIGINT, leave, &program);
    g_unix_signal_add(SIGTERM, leave, &program);
    if (argc > 5)
        g_timeout_add_seconds((guint)atoi(argv[5]), leave, &program);
    g_main_loop_run(program.loop);

    eXosip_quit(program.ctx); /* removes the binding */
    osip_free(program.ctx);
    g_main_loop_unref(program.loop);
    return program.was_registered ? 0 : 1;
}
