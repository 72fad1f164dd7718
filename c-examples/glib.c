/*
 * glib REGISTRAR AOR USER PASSWORD [SECONDS]
 *
 * A registration in a GMainLoop: the context's descriptor is a source of the loop, and what happens
 * is fetched in the loop's thread. Ends after SECONDS or on Ctrl-C. Status 0 when it was
 * registered.
 */
#include <registerer.h>

#include <glib-unix.h>
#include <stdlib.h>

struct program {
    GMainLoop *loop;
    registerer_context *context;
    gboolean was_registered;
};

/* The descriptor is readable: fetches all there is. */
static gboolean fetch(gint fd, GIOCondition condition, gpointer data)
{
    struct program *program = data;
    struct registerer_event event;
    char why[512];

    (void)fd, (void)condition;
    event.size = sizeof event;
    while (registerer_next_event(program->context, &event, 0) == 1) {
        if (event.kind != REGISTERER_EVENT_REQUEST || event.request < REGISTERER_ACCEPTED)
            continue; /* a new state follows the request that has led to it */
        registerer_explain(program->context, event.rid, why, sizeof why);
        g_print("%s\n", why);
        program->was_registered |= event.request == REGISTERER_ACCEPTED;
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
    int rid;

    if (argc < 5) {
        g_printerr("usage: %s REGISTRAR AOR USER PASSWORD [SECONDS]\n", argv[0]);
        return 2;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    if (registerer_check(&options, wrong, sizeof wrong) != REGISTERER_OK) {
        g_printerr("%s\n", wrong);
        return 2;
    }
    program.loop = g_main_loop_new(NULL, FALSE);
    program.context = registerer_context_new(NULL);
    if (registerer_context_listen(program.context, REGISTERER_TRANSPORT_UDP, NULL, 0) != 0)
        return 1;
    g_unix_fd_add(registerer_fd(program.context), G_IO_IN, fetch, &program);
    g_unix_signal_add(SIGINT, leave, &program);
    g_unix_signal_add(SIGTERM, leave, &program);
    if (argc > 5)
        g_timeout_add_seconds((guint)atoi(argv[5]), leave, &program);

    rid = registerer_new(program.context, &options);
    if (registerer_register(program.context, rid) == REGISTERER_OK)
        g_main_loop_run(program.loop);

    registerer_context_free(program.context); /* removes the binding */
    g_main_loop_unref(program.loop);
    return program.was_registered ? 0 : 1;
}
