/* Locks forgotten, taken twice and leaked; waiting while another thread holds one; the event
   socket; execute. */
#include "answering.h"

static void registered(struct eXosip_t *ctx, const char *user)
{
    int rid = begun(ctx, user);

    receive_message(&peer, "REGISTER ");
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

/* Twice by one thread, as on error paths that return without unlocking, and given back too often.
 */
static void taken_twice(void)
{
    struct eXosip_t *ctx = listening();

    CODE(0, eXosip_lock(ctx));
    CODE(0, eXosip_lock(ctx));
    registered(ctx, "twice"); /* waits for the event with the lock held */
    CODE(0, eXosip_unlock(ctx));
    CODE(0, eXosip_unlock(ctx));
    CODE(0, eXosip_unlock(ctx));
    registered(ctx, "after");
    ended(ctx);
}

static void *leaks(void *ctx)
{
    CODE(0, eXosip_lock(ctx));
    begun(ctx, "leaked");
    return NULL;
}

/* A thread ends with the lock in its hands: what it began still arrives, and the main thread still
   gets the event. */
static void leaked_by_a_thread(void)
{
    struct eXosip_t *ctx = listening();
    eXosip_event_t *event;
    pthread_t thread;

    CODE(0, pthread_create(&thread, NULL, leaks, ctx));
    CODE(0, pthread_join(thread, NULL));
    receive_message(&peer, "REGISTER ");
    welcome(&peer);
    event = eXosip_event_wait(ctx, 10, 0);
    CHECK(event != NULL && event->type == EXOSIP_REGISTRATION_SUCCESS);
    eXosip_event_free(event);
    ended(ctx);
}

static void *registers_many(void *ctx)
{
    osip_message_t *reg;

    for (int i = 0; i < 50; i++) {
        int rid = eXosip_register_build_initial_register(ctx, "sip:many@127.0.0.1", peer.uri, NULL,
                                                         600, &reg);
        CHECK(rid > 0);
        CODE(0, osip_message_set_header(reg, "X-Mark", "many"));
        CODE(0, eXosip_register_send_register(ctx, rid, reg));
        eXosip_automatic_action(ctx);
    }
    return NULL;
}

/* Four threads build, send and act, one fetches the events, and nobody locks. */
static void nobody_locks(void)
{
    struct eXosip_t *ctx = listening();
    pthread_t registering[4];

    answering_begins();
    for (int i = 0; i < 4; i++)
        CODE(0, pthread_create(&registering[i], NULL, registers_many, ctx));
    for (int i = 0; i < 200; i++) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);
        CHECK(event != NULL && event->type == EXOSIP_REGISTRATION_SUCCESS && event->rid > 0);
        eXosip_event_free(event);
        eXosip_automatic_action(ctx);
    }
    for (int i = 0; i < 4; i++)
        CODE(0, pthread_join(registering[i], NULL));
    answering_ends();
    ended(ctx);
}

/* poll() on the event socket, then event_wait(0,0) until NULL: every event is got, and then it is
   not readable. */
static void the_event_socket(void)
{
    struct eXosip_t *ctx = listening();
    struct pollfd ready = {eXosip_event_geteventsocket(ctx), POLLIN, 0};
    eXosip_event_t *event;
    int got = 0;

    CODE(0, poll(&ready, 1, 0));
    for (int i = 0; i < 3; i++)
        begun(ctx, "polled");
    for (int i = 0; i < 3; i++) {
        receive_message(&peer, "REGISTER ");
        welcome(&peer);
    }
    while (got < 3) {
        CODE(1, poll(&ready, 1, 10000));
        while ((event = eXosip_event_wait(ctx, 0, 0)) != NULL) {
            got++;
            eXosip_event_free(event);
        }
        eXosip_automatic_action(ctx);
    }
    CODE(0, poll(&ready, 1, 0));
    ended(ctx);
}

/* eXosip_execute in each turn of the loop, as programs for a build without threads do: a
   registration takes no longer. */
static void execute_in_the_loop(void)
{
    struct eXosip_t *ctx = listening();
    eXosip_event_t *event = NULL;
    long begin = milliseconds();
    int rid = begun(ctx, "execute");

    receive_message(&peer, "REGISTER ");
    welcome(&peer);
    for (int turn = 0; event == NULL && turn < 1000; turn++) {
        CODE(0, eXosip_execute(ctx));
        event = eXosip_event_wait(ctx, 0, 10);
    }
    CHECK(event != NULL && event->rid == rid);
    CHECK(milliseconds() - begin < 4000);
    eXosip_event_free(event);
    ended(ctx);
}

/* A timeout is as long as asked, also for (0, more than a second), and no time for negative ones.
 */
static void waits_as_long_as_asked(void)
{
    struct eXosip_t *ctx = listening();
    long begin = milliseconds();

    CHECK(eXosip_event_wait(ctx, 0, 0) == NULL);
    CHECK(eXosip_event_wait(ctx, -1, 500) == NULL);
    CHECK(milliseconds() - begin < 400);
    CHECK(eXosip_event_wait(ctx, 0, 60) == NULL);
    CHECK(milliseconds() - begin >= 60);
    ended(ctx);
}

int main(void)
{
    peer_open(&peer);
    taken_twice();
    leaked_by_a_thread();
    nobody_locks();
    the_event_socket();
    execute_in_the_loop();
    waits_as_long_as_asked();
    peer_close(&peer);
    return 0;
}
