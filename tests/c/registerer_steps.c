/* A context without a thread of the library: the program calls registerer_step. Registrars are at
   the two ports that are given, the second over TCP. */
#include "alone.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>

static struct registerer_event event;
static pthread_t program;

/* The threads of this process, but for one that valgrind or a sanitizer may have. */
static int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    CHECK(tasks != NULL);
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks))
        count += task->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* Whether there are that many: the kernel lists a thread for a moment after it was joined. */
static int threads_become(int count)
{
    for (int waited = 0; threads() != count && waited < 10000; waited++)
        poll(NULL, 0, 1);
    return threads() == count;
}

static int is_readable(int fd, int ms)
{
    struct pollfd poll_fd = {fd, POLLIN, 0};

    return poll(&poll_fd, 1, ms) == 1;
}

static registerer_context *stepped(void)
{
    struct registerer_context_options options;
    registerer_context *context;
    int next;

    registerer_context_options_init(&options, sizeof options);
    options.own_thread = 0;
    context = registerer_context_new(&options);
    CHECK(context != NULL);
    CHECK(registerer_step(context, 0, &next) == REGISTERER_NO_NETWORK);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
    return context;
}

static void on_state(registerer_context *context, int rid, enum registerer_state state, void *user)
{
    CHECK(pthread_equal(pthread_self(), program));
    CHECK(registerer_get_state(context, rid) >= 0);
    *(int *)user += state == REGISTERER_REGISTERED;
}

/* By the descriptor, as a loop of the program's does. */
static void a_loop_registers(const char *port)
{
    registerer_context *context = stepped();
    int fd = registerer_fd(context), calls = 0, registered = 0, next = 0, rid;

    CHECK(fd >= 0 && fd == registerer_fd(context));
    CHECK(registerer_on_state_change(context, 0, on_state, &calls, 0) > 0);
    rid = made(context, "alice", port, NULL);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    while (!registered) {
        CHECK(is_readable(fd, 10000));
        CHECK(registerer_step(context, 0, &next) == REGISTERER_OK);
        event.size = sizeof event;
        while (registerer_next_event(context, &event, 0) == 1) {
            CHECK(event.rid == rid);
            registered |= event.state == REGISTERER_REGISTERED;
        }
    }
    CHECK(calls == 1);
    while (is_readable(fd, 0))
        CHECK(registerer_step(context, 0, &next) == REGISTERER_OK);
    CHECK(next > 0);
    CHECK(registerer_step(context, 0, NULL) == REGISTERER_OK);
    registerer_context_free(context);
}

/* A timer makes the descriptor readable: the request is sent again after 500 ms. */
static void what_is_due_makes_the_descriptor_readable(const char *port)
{
    registerer_context *context = stepped();
    int fd = registerer_fd(context), next = -2, rid = made(context, "silent", port, NULL);

    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    while (is_readable(fd, 0))
        CHECK(registerer_step(context, 0, &next) == REGISTERER_OK);
    CHECK(next > 0 && next <= 500);
    CHECK(is_readable(fd, 5000));
    CHECK(registerer_step(context, 0, &next) == REGISTERER_OK);
    CHECK(next > 0 && next <= 1000);
    /* A step waits until something is due. */
    CHECK(registerer_step(context, -1, &next) == REGISTERER_OK);
    CHECK(registerer_dispose(context, rid) == REGISTERER_OK);
    registerer_context_free(context);
}

/* The calls that wait do the work themselves. */
static void one_thread_waits_for_a_state_and_for_an_event(const char *port)
{
    registerer_context *context = stepped();
    int rid = made(context, "alice", port, NULL);

    event.size = sizeof event;
    CHECK(registerer_next_event(context, &event, 0) == 0);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    CHECK(registerer_wait(context, rid, REGISTERER_REGISTERED, 10000) == REGISTERER_OK);
    CHECK(registerer_next_event(context, &event, -1) == 1);
    CHECK(event.request == REGISTERER_ACCEPTED);
    CHECK(registerer_next_event(context, &event, -1) == 1);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    CHECK(registerer_next_event(context, &event, 10000) == 1);
    CHECK(event.request == REGISTERER_ACCEPTED);
    CHECK(registerer_next_event(context, &event, 20) == 0);
    CHECK(registerer_wait(context, rid, REGISTERER_UNREGISTERED, 20) == REGISTERER_WRONG_STATE);
    registerer_context_free(context);
}

static void waits_and_frees(registerer_context *context, int rid, enum registerer_state state,
                            void *user)
{
    if (state != REGISTERER_REGISTERED)
        return;
    /* The work goes on within the listener. */
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    CHECK(registerer_unregister(context, rid, 0) == REGISTERER_WRONG_STATE);
    CHECK(registerer_wait(context, rid, REGISTERER_UNREGISTERED, 100) == REGISTERER_WRONG_STATE);
    CHECK(registerer_unregister(context, rid, 0) == REGISTERER_OK);
    CHECK(registerer_wait(context, rid, REGISTERER_UNREGISTERED, 10000) == REGISTERER_OK);
    registerer_context_free(context);
    *(int *)user += 1;
}

/* Over a connection, by the descriptor alone. */
static void a_connection_is_stepped_too(const char *port)
{
    registerer_context *context = stepped();
    struct registerer_options options;
    char registrar[64];
    int fd = registerer_fd(context), rid;

    registerer_options_init(&options, sizeof options);
    snprintf(registrar, sizeof registrar, "sip:127.0.0.1:%s", port);
    options.registrar = registrar;
    options.aor = "sip:alice@127.0.0.1";
    options.username = "alice";
    options.password = "secret";
    options.transport = REGISTERER_TRANSPORT_TCP;
    rid = registerer_new(context, &options);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    while (registerer_get_state(context, rid) != REGISTERER_REGISTERED) {
        CHECK(is_readable(fd, 10000));
        CHECK(registerer_step(context, 0, NULL) == REGISTERER_OK);
    }
    event.size = sizeof event;
    while (registerer_next_event(context, &event, 0) == 1)
        ;
    for (int steps = 0; is_readable(fd, 0); steps++) {
        CHECK(steps < 20);
        CHECK(registerer_step(context, 0, NULL) == REGISTERER_OK);
    }
    registerer_context_free(context);
}

/* A listener may make any call, also one that waits, and one that ends the context. */
static void a_listener_ends_the_context(const char *port)
{
    registerer_context *context = stepped();
    int rid = made(context, "alice", port, NULL), calls = 0;

    CHECK(registerer_on_state_change(context, 0, waits_and_frees, &calls, 0) > 0);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    while (registerer_step(context, 10000, NULL) == REGISTERER_OK)
        ;
    CHECK(registerer_step(context, 0, NULL) == REGISTERER_NOT_INITIALIZED);
    CHECK(calls == 1);
}

static void *steps(void *context)
{
    while (registerer_step(context, -1, NULL) == REGISTERER_OK)
        ;
    return NULL;
}

/* One thread works, another waits for what comes of it. */
static void another_thread_may_step(const char *port)
{
    registerer_context *context = stepped();
    int rid = made(context, "alice", port, NULL);
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, steps, context) == 0);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    CHECK(registerer_wait(context, rid, REGISTERER_REGISTERED, 10000) == REGISTERER_OK);
    registerer_context_free(context);
    CHECK(pthread_join(thread, NULL) == 0);
}

struct wait {
    registerer_context *context;
    int rid;
    enum registerer_state state;
};

static void *waits(void *argument)
{
    const struct wait *wait = argument;

    CHECK(registerer_wait(wait->context, wait->rid, wait->state, 20000) == REGISTERER_OK);
    return NULL;
}

static void *fetches(void *argument)
{
    const struct wait *wait = argument;
    struct registerer_event fetched;

    fetched.size = sizeof fetched;
    CHECK(registerer_next_event(wait->context, &fetched, 20000) == 1);
    CHECK(fetched.rid == wait->rid && fetched.state == (int)wait->state);
    return NULL;
}

/* Threads that wait, one of which works, learn of what the program does elsewhere. */
static void another_thread_ends_what_is_waited_for(const char *port)
{
    registerer_context *context = stepped();
    struct wait wait = {context, made(context, "alice", port, NULL), REGISTERER_TERMINATED};
    pthread_t threads[3];

    event.size = sizeof event;
    CHECK(registerer_next_event(context, &event, 0) == 0);
    CHECK(pthread_create(&threads[0], NULL, waits, &wait) == 0);
    CHECK(pthread_create(&threads[1], NULL, fetches, &wait) == 0);
    CHECK(pthread_create(&threads[2], NULL, waits, &wait) == 0);
    poll(NULL, 0, 50);
    CHECK(registerer_dispose(context, wait.rid) == REGISTERER_OK);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    registerer_context_free(context);
}

static void a_wait_begins_before_the_context_listens(const char *port)
{
    struct registerer_context_options options;
    struct wait wait = {NULL, 0, REGISTERER_REGISTERED};
    pthread_t thread;

    registerer_context_options_init(&options, sizeof options);
    options.own_thread = 0;
    wait.context = registerer_context_new(&options);
    CHECK(wait.context != NULL);
    wait.rid = made(wait.context, "alice", port, NULL);
    CHECK(pthread_create(&thread, NULL, waits, &wait) == 0);
    poll(NULL, 0, 50);
    CHECK(registerer_context_listen(wait.context, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
    CHECK(registerer_register(wait.context, wait.rid) == REGISTERER_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    registerer_context_free(wait.context);
}

static void takes_its_time(registerer_context *context, int rid, enum registerer_state state,
                           void *user)
{
    int *progress = user;

    CHECK(context != NULL && rid > 0 && state == REGISTERER_TERMINATED);
    __atomic_store_n(progress, 1, __ATOMIC_SEQ_CST);
    poll(NULL, 0, 200);
    __atomic_store_n(progress, 2, __ATOMIC_SEQ_CST);
}

/* What a listener uses may be freed with the context. */
static void the_end_waits_for_a_listener_in_another_thread(const char *port)
{
    registerer_context *context = stepped();
    int rid = made(context, "alice", port, NULL), progress = 0;
    pthread_t thread;

    CHECK(registerer_on_state_change(context, rid, takes_its_time, &progress, 0) > 0);
    CHECK(pthread_create(&thread, NULL, steps, context) == 0);
    CHECK(registerer_dispose(context, rid) == REGISTERER_OK);
    while (__atomic_load_n(&progress, __ATOMIC_SEQ_CST) == 0)
        poll(NULL, 0, 1);
    registerer_context_free(context);
    CHECK(__atomic_load_n(&progress, __ATOMIC_SEQ_CST) == 2);
    CHECK(pthread_join(thread, NULL) == 0);
}

int main(int argc, char **argv)
{
    int before = threads();
    registerer_context *context = registerer_context_new(NULL);

    CHECK(argc == 3);
    program = pthread_self();
    CHECK(registerer_step(NULL, 0, NULL) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_step(context, 0, NULL) == REGISTERER_WRONG_STATE);
    registerer_context_free(context);

    CHECK(threads_become(before));
    a_loop_registers(argv[1]);
    what_is_due_makes_the_descriptor_readable(argv[1]);
    CHECK(threads_become(before));
    one_thread_waits_for_a_state_and_for_an_event(argv[1]);
    a_listener_ends_the_context(argv[1]);
    a_connection_is_stepped_too(argv[2]);
    another_thread_may_step(argv[1]);
    another_thread_ends_what_is_waited_for(argv[1]);
    a_wait_begins_before_the_context_listens(argv[1]);
    the_end_waits_for_a_listener_in_another_thread(argv[1]);
    CHECK(threads_become(before));
    return 0;
}
