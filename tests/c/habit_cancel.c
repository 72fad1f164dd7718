/* Threads that are cancelled (pthread_cancel) in calls of the library, N times each: they end where
   they wait for an event or a state and take nothing with them, never inside of any other call, and
   the context goes on.

     habit_cancel N */
#include "any_call.h"
#include "answering.h"

#include <registerer.h>

#include <stdatomic.h>

static int times;

/* The context is as it was: it registers, and nobody holds its lock. */
static void works(struct eXosip_t *ctx)
{
    int rid;

    eXosip_lock(ctx);
    rid = begun(ctx, "cancel");
    eXosip_unlock(ctx);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    CODE(0, eXosip_register_remove(ctx, rid));
}

/* A function whose thread is unwound leaves the marks of its frame behind, which AddressSanitizer
   would take for those of a frame that lives. */
#define UNWOUND __attribute__((no_sanitize_address))

static pthread_t started(void *(*what)(void *), void *argument)
{
    pthread_t thread;

    CODE(0, pthread_create(&thread, NULL, what, argument));
    return thread;
}

static void cancelled(pthread_t thread)
{
    void *result = NULL;

    CODE(0, pthread_cancel(thread));
    CODE(0, pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED);
}

/* Some time that is another one each time: from none to a millisecond. */
static void a_moment(int turn)
{
    if (turn % 8 != 0)
        usleep((useconds_t)(turn * 7919 % 1000));
}

static atomic_int taken;

static void took(eXosip_event_t *event)
{
    if (event != NULL)
        taken++;
    eXosip_event_free(event);
}

UNWOUND static void *waits(void *ctx)
{
    for (;;)
        took(eXosip_event_wait(ctx, 20, 0));
    return NULL;
}

UNWOUND static void *gets(void *ctx)
{
    for (;;)
        took(eXosip_event_get(ctx));
    return NULL;
}

/* Any other function than one that waits is called as the thread was made. */
UNWOUND static void *waits_asynchronously(void *ctx)
{
    for (;;) {
        eXosip_event_t *event;

        CODE(0, pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL));
        event = eXosip_event_wait(ctx, 20, 0);
        CODE(0, pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL));
        took(event);
    }
    return NULL;
}

UNWOUND static void *polls_asynchronously(void *ctx)
{
    CODE(0, pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL));
    for (;;)
        eXosip_event_wait(ctx, 0, 0);
    return NULL;
}

/* One thread drives the sockets, the others wait for it: whoever is cancelled, the others and the
   next go on. */
static void idle(struct eXosip_t *ctx)
{
    void *(*const ways[])(void *) = {waits, gets, waits_asynchronously};

    for (int i = 0; i < times; i++) {
        pthread_t threads[3];

        for (int k = 0; k < 3; k++)
            threads[k] = started(ways[(i + k) % 3], ctx);
        a_moment(i);
        for (int k = 0; k < 3; k++)
            cancelled(threads[(i / 3 + k) % 3]);
        if (i % 16 == 0)
            works(ctx);
    }
}

/* With traffic: each event is taken once, by a thread or at the end. */
static void traffic(struct eXosip_t *ctx)
{
    eXosip_event_t *event;
    int sent = 0;

    taken = 0;
    for (int i = 0; i < times; i++) {
        pthread_t one = started(waits, ctx), other = started(gets, ctx);

        for (int k = 0; k < 4; k++, sent++)
            begun(ctx, "cancel");
        a_moment(i);
        cancelled(i % 2 ? one : other);
        begun(ctx, "cancel");
        sent++;
        a_moment(i + 1);
        cancelled(i % 2 ? other : one);
    }
    while (taken < sent && (event = eXosip_event_wait(ctx, 10, 0)) != NULL)
        took(event);
    CODE(sent, taken);
    CHECK(eXosip_event_wait(ctx, 0, 0) == NULL);
}

static void unlocks(void *ctx)
{
    eXosip_unlock(ctx);
}

static atomic_int is_in;

UNWOUND static void *waits_with_the_lock(void *ctx)
{
    is_in = 1;
    eXosip_lock(ctx);
    is_in = 2; /* a cancelation did not act where the lock was waited for */
    pthread_cleanup_push(unlocks, ctx);
    waits(ctx);
    pthread_cleanup_pop(1);
    return NULL;
}

static void contention(struct eXosip_t *ctx)
{
    for (int i = 0; i < times; i++) {
        pthread_t thread;
        void *result;

        is_in = 0;
        eXosip_lock(ctx);
        thread = started(waits_with_the_lock, ctx);
        while (is_in == 0)
            usleep(10);
        a_moment(i);
        CODE(1, is_in);
        CODE(0, pthread_cancel(thread));
        a_moment(i + 3);
        eXosip_unlock(ctx);
        CODE(0, pthread_join(thread, &result));
        CHECK(result == PTHREAD_CANCELED);
        CODE(2, is_in);
    }
    works(ctx);
}

/* Calls, and between them, only here, a thread ends. */
UNWOUND static void *calls(void *ctx)
{
    char address[64];

    for (int i = 0;; i++) {
        osip_message_t *reg = NULL;
        int rid;

        rid = eXosip_register_build_initial_register(ctx, "sip:loop@127.0.0.1", peer.uri, NULL, 600,
                                                     &reg);
        CHECK(rid > 0);
        eXosip_lock(ctx);
        osip_message_set_header(reg, "X-Loop", "yes");
        CODE(0, eXosip_register_send_register(ctx, rid, reg));
        eXosip_unlock(ctx);
        eXosip_automatic_action(ctx);
        eXosip_set_user_agent(ctx, i % 2 ? "a/1" : "b/1");
        eXosip_wakeup_event(ctx);
        eXosip_guess_localip(ctx, AF_INET, address, sizeof address);
        CODE(0, eXosip_register_remove(ctx, rid));
        pthread_testcancel();
    }
}

static void quits(void *ctx)
{
    eXosip_quit(ctx);
    osip_free(ctx);
}

/* A context of the thread's own, which its handler ends. */
UNWOUND static void *comes_and_goes(void *unused)
{
    (void)unused;
    for (;;) {
        struct eXosip_t *ctx = eXosip_malloc();

        pthread_cleanup_push(quits, ctx);
        CODE(0, eXosip_init(ctx));
        CODE(0, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
        begun(ctx, "cancel");
        eXosip_event_free(eXosip_event_wait(ctx, 0, 1));
        eXosip_automatic_action(ctx);
        pthread_cleanup_pop(1);
    }
    return NULL;
}

static int managed(struct eXosip_t *ctx)
{
    struct registerer_options options;
    int rid;

    registerer_options_init(&options, sizeof options);
    options.aor = "sip:managed@127.0.0.1";
    options.registrar = peer.uri;
    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    return rid;
}

static void on_state(struct eXosip_t *ctx, int rid, enum registerer_state state, void *user)
{
    (void)ctx;
    (void)rid;
    (void)state;
    atomic_fetch_add((atomic_int *)user, 1);
    CODE(0, pthread_cancel(pthread_self())); /* a thread of the library's: nothing happens */
    pthread_testcancel();
    poll(NULL, 0, 0);
}

static atomic_int state_calls;

UNWOUND static void *registers(void *ctx)
{
    for (;;) {
        int rid = managed(ctx);
        int listener = registerer_on_state_change(ctx, rid, on_state, &state_calls, 0);
        struct registerer_info info = {.size = sizeof info};
        char why[200];

        CHECK(listener > 0);
        CODE(0, registerer_register(ctx, rid));
        CODE(0, registerer_get_info(ctx, rid, &info));
        CHECK(registerer_explain(ctx, rid, why, sizeof why) > 0);
        CODE(0, registerer_set_limits(ctx, 500, 1000));
        registerer_off(ctx, listener);
        CODE(0, registerer_dispose(ctx, rid));
        pthread_testcancel();
    }
}

UNWOUND static void *waits_for_a_state(void *ctx)
{
    int rid = managed(ctx);

    for (;;) /* it is never asked for */
        CODE(OSIP_WRONG_STATE, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 20000));
}

UNWOUND static void *fetches(void *ctx)
{
    struct registerer_event event;

    for (;;) {
        event.size = sizeof event;
        CODE(1, registerer_next_event(ctx, &event, 20000));
    }
}

UNWOUND static void *steps(void *ctx)
{
    for (;;)
        CODE(0, registerer_step(ctx, -1, NULL));
}

/* The same in a context without a thread, in which whoever waits does the work. */
static void loops(struct eXosip_t *ctx, void *(*what)(void *), int count);

static void in_a_context_without_a_thread(int count)
{
    struct registerer_context_options options;
    registerer_context *stepped;
    int rid;

    registerer_context_options_init(&options, sizeof options);
    options.own_thread = 0;
    stepped = registerer_context_new(&options);
    CODE(0, registerer_context_listen(stepped, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0));
    CHECK(registerer_fd(stepped) >= 0);
    loops(stepped, steps, count);
    loops(stepped, fetches, count);
    loops(stepped, waits_for_a_state, count);
    rid = managed(stepped);
    CODE(0, registerer_register(stepped, rid));
    CODE(0, registerer_wait(stepped, rid, REGISTERER_REGISTERED, 10000));
    registerer_context_free(stepped);
}

static void loops(struct eXosip_t *ctx, void *(*what)(void *), int count)
{
    for (int i = 0; i < count; i++) {
        pthread_t thread = started(what, ctx);

        a_moment(i);
        a_moment(i + 1);
        cancelled(thread);
    }
}

/* The listeners are called on. */
static void the_librarys_threads_stay(struct eXosip_t *ctx)
{
    int rid = managed(ctx), before = state_calls;
    int listener = registerer_on_state_change(ctx, rid, on_state, &state_calls, 0);

    CODE(0, registerer_register(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    CODE(0, registerer_dispose(ctx, rid));
    CODE(0, registerer_wait(ctx, rid, REGISTERER_TERMINATED, 10000));
    for (int i = 0; i < 10000 && state_calls < before + 3; i++)
        usleep(1000);
    CHECK(state_calls >= before + 3);
    registerer_off(ctx, listener);
}

/* What the program is called back with is within a call of ours, and no place to end. */
static void on_message(osip_message_t *message, int received)
{
    (void)message;
    (void)received;
    CODE(0, pthread_cancel(pthread_self()));
    pthread_testcancel();
    poll(NULL, 0, 0);
}

static void frees(void *element)
{
    pthread_testcancel();
    free(element);
}

static int copies(void *element, void **copy)
{
    pthread_testcancel();
    *copy = osip_strdup(element);
    return 0;
}

static void traces(const char *file, int line, osip_trace_level_t level, const char *format,
                   va_list values)
{
    (void)file;
    (void)line;
    (void)level;
    (void)format;
    (void)values;
    pthread_testcancel();
}

static void callbacks(struct eXosip_t *ctx)
{
    CODE(0, eXosip_set_cbsip_message(ctx, on_message));
    for (int i = 0; i < 20; i++) {
        pthread_t thread = started(waits, ctx);

        begun(ctx, "cancel"); /* on this thread on_message() is called too */
        CODE(0, pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL));
        cancelled(thread);
    }
    drained(ctx);
    CODE(0, eXosip_set_cbsip_message(ctx, NULL));
    drained(ctx);
}

/* All that a thread does that is to end already, and comes to no cancelation point: any that there
   is would act. */
UNWOUND static void *all_calls(void *file)
{
    struct eXosip_t *ctx = eXosip_malloc();
    osip_message_t *message = NULL;
    osip_list_t list, copy;
    char *text = NULL, buffer[64];
    size_t length;
    int rid, value = 1000;

    CODE(0, pthread_cancel(pthread_self()));
    osip_trace_initialize(TRACE_LEVEL7, file);
    OSIP_TRACE(osip_trace(__FILE__, __LINE__, OSIP_INFO1, NULL, "%d\n", 1));
    CODE(0, eXosip_init(ctx));
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_UDP_KEEP_ALIVE, &value));
    CHECK(eXosip_set_option(ctx, 4711, &value) < 0);
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    CHECK(eXosip_event_geteventsocket(ctx) >= 0);
    CODE(0, eXosip_add_authentication_info(ctx, "a", "a", "secret", NULL, NULL));
    rid = begun(ctx, "cancel");
    for (int i = 0; i < 10; i++) {
        eXosip_lock(ctx);
        eXosip_automatic_action(ctx);
        eXosip_unlock(ctx);
    }
    eXosip_wakeup_event(ctx);
    eXosip_execute(ctx);
    eXosip_guess_localip(ctx, AF_INET, buffer, sizeof buffer);
    CHECK(eXosip_find_free_port(ctx, 0, IPPROTO_UDP) > 0);
    eXosip_generate_random(buffer, sizeof buffer);
    osip_build_random_number();
    CODE(0, eXosip_register_remove(ctx, rid));
    CODE(0, eXosip_message_build_request(ctx, &message, "MESSAGE", peer.uri, "sip:a@127.0.0.1",
                                         NULL));
    CODE(0, osip_message_to_str(message, &text, &length));
    osip_free(text);
    CHECK(eXosip_message_send_request(ctx, message) > 0);
    for (unsigned what = 0; what < 40; what++)
        any_call(ctx, what, (int)what % 4, peer.uri, NULL);
    rid = managed(ctx);
    CHECK(registerer_on_state_change(ctx, rid, on_state, &state_calls, 0) > 0);
    CODE(0, registerer_register(ctx, rid));
    CHECK(registerer_explain(ctx, rid, buffer, sizeof buffer) > 0);
    CODE(0, registerer_dispose(ctx, rid));
    CODE(0, registerer_set_exclusive_port(ctx, 1));
    osip_list_init(&list);
    osip_list_init(&copy);
    osip_list_add(&list, osip_strdup("one"), -1);
    CODE(0, osip_list_clone(&list, &copy, copies));
    osip_list_special_free(&list, frees);
    osip_list_special_free(&copy, frees);
    osip_trace_initialize_func(TRACE_LEVEL7, traces);
    CHECK(eXosip_register_remove(ctx, 0) < 0); /* traced */
    osip_trace_initialize(TRACE_LEVEL0, NULL);
    eXosip_quit(ctx);
    CHECK(eXosip_event_geteventsocket(ctx) < 0);
    osip_free(ctx);
    is_in = 3;
    eXosip_event_wait(NULL, 0, 0);
    is_in = 4;
    return NULL;
}

static void with_a_cancelation_to_come(void)
{
    FILE *file = tmpfile();
    void *result;

    CHECK(file != NULL);
    is_in = 0;
    CODE(0, pthread_join(started(all_calls, file), &result));
    CHECK(result == PTHREAD_CANCELED);
    CODE(3, is_in);
    fclose(file);
}

/* A wait outlives the context that another thread ends, while a third is cancelled in it. */
static void ends(void)
{
    for (int i = 0; i < 20; i++) {
        struct eXosip_t *ctx = listening();
        pthread_t threads[2] = {started(waits, ctx), started(gets, ctx)};

        a_moment(i);
        CODE(0, pthread_cancel(threads[i % 2]));
        ended(ctx);
        CODE(0, pthread_join(threads[i % 2], NULL));
        cancelled(threads[1 - i % 2]);
    }
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = listening();

    times = argc > 1 ? atoi(argv[1]) : 100;
    peer_open(&peer);
    answering_begins();
    works(ctx);
    idle(ctx);
    works(ctx);
    traffic(ctx);
    works(ctx);
    contention(ctx);
    loops(ctx, calls, times);
    drained(ctx);
    works(ctx);
    for (int i = 0; i < 3; i++)
        loops(ctx, polls_asynchronously, times);
    loops(ctx, registers, times);
    loops(ctx, waits_for_a_state, times);
    loops(ctx, fetches, times);
    in_a_context_without_a_thread(times);
    the_librarys_threads_stay(ctx);
    loops(NULL, comes_and_goes, times / 4);
    with_a_cancelation_to_come();
    ends();
    drained(ctx);
    works(ctx);
    callbacks(ctx);
    works(ctx);
    ended(ctx);
    answering_ends();
    peer_close(&peer);
    return 0;
}
