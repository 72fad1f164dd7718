/* How contexts, registrations and their memory come and go. */
#include "peer.h"

#include <pthread.h>

static struct peer peer;

static int begun(struct eXosip_t *ctx, const char *user)
{
    int rid = sent_register(&peer, ctx, user);

    receive_message(&peer, "REGISTER ");
    return rid;
}

static void succeeds(struct eXosip_t *ctx, int rid)
{
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

/* A removed registration says nothing more: its answer comes and is not reported, its rid is
 * unknown.
 */
static void removed_while_pending(void)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *reg = NULL;
    int rid = begun(ctx, "gone");

    CODE(0, eXosip_register_remove(ctx, rid));
    welcome(&peer);
    CHECK(eXosip_event_wait(ctx, 0, 30) == NULL);
    CODE(OSIP_NOTFOUND, eXosip_register_remove(ctx, rid));
    CODE(OSIP_NOTFOUND, eXosip_register_build_register(ctx, rid, 600, &reg));
    eXosip_automatic_action(ctx);
    CHECK(!receive_within(&peer, 20));
    succeeds(ctx, begun(ctx, "next"));
    ended(ctx);
}

/* Numbers of registrations are positive, grow over all contexts, and are not used again after quit
   and init. */
static void ended_and_begun_again(void)
{
    struct eXosip_t *ctx = listening();
    int first = begun(ctx, "first"), second, third;

    succeeds(ctx, first);
    eXosip_quit(ctx);
    CODE(0, eXosip_init(ctx));
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0));
    second = begun(ctx, "second");
    CHECK(second > first);
    CODE(OSIP_NOTFOUND, eXosip_register_send_register(ctx, first, NULL));
    succeeds(ctx, second);
    ended(ctx);

    /* And all the way: free, malloc, init. */
    ctx = listening();
    third = begun(ctx, "third");
    CHECK(third > second);
    succeeds(ctx, third);
    ended(ctx);
}

/* The context's memory is malloc's: freed by the macro, by its function, or by free; events not
   fetched go with quit. */
static void freed_in_all_ways(void)
{
    struct eXosip_t *ctx;

    for (int way = 0; way < 3; way++) {
        ctx = listening();
        begun(ctx, "unanswered");
        welcome(&peer);
        eXosip_quit(ctx);
        if (way == 0) {
            osip_free(ctx);
        } else if (way == 1) {
            osip_free_func != NULL ? osip_free_func(ctx) : free(ctx);
        } else {
            free(ctx);
        }
    }

    /* Never initialised, never listening, ended twice, ended as NULL. */
    ctx = eXosip_malloc();
    CHECK(ctx != NULL);
    eXosip_quit(ctx);
    CODE(0, eXosip_init(ctx));
    eXosip_quit(ctx);
    eXosip_quit(ctx);
    eXosip_quit(NULL);
    free(ctx);
}

/* One address and credential for each of two contexts; what one ends, the other goes on with. */
static void two_contexts(void)
{
    struct eXosip_t *one = listening(), *two = listening();
    int here, there, port;

    CODE(0, eXosip_add_authentication_info(one, "alice", "alice", "secret", NULL, NULL));
    here = begun(one, "alice");
    port = ntohs(peer.from.sin_port);
    challenge(&peer);
    there = begun(two, "alice");
    CHECK(ntohs(peer.from.sin_port) != port && here != there);
    challenge(&peer);
    eXosip_event_free(expect(one, EXOSIP_REGISTRATION_FAILURE, here, 401));
    eXosip_event_free(expect(two, EXOSIP_REGISTRATION_FAILURE, there, 401));
    eXosip_automatic_action(two);
    CHECK(!receive_within(&peer, 20)); /* that one has no credentials */
    eXosip_automatic_action(one);
    receive_message(&peer, "REGISTER ");
    CODE(port, (int)ntohs(peer.from.sin_port));
    succeeds(one, here);
    ended(one);
    CODE(OSIP_NOTFOUND, eXosip_register_remove(two, here));
    succeeds(two, begun(two, "carol"));
    ended(two);
}

struct waiter {
    struct eXosip_t *ctx;
    int seconds;
    int started[2];
};

static void *waits(void *argument)
{
    struct waiter *waiter = argument;
    CODE(1, (int)write(waiter->started[1], "", 1));
    return waiter->seconds < 0 ? eXosip_event_get(waiter->ctx)
                               : eXosip_event_wait(waiter->ctx, waiter->seconds, 0);
}

/* eXosip_quit while other threads wait for an event: they get NULL, at once. */
static void ended_while_others_wait(void)
{
    struct waiter waiter[2] = {{listening(), 30, {-1, -1}}, {NULL, -1, {-1, -1}}};
    pthread_t thread[2];
    char byte;

    waiter[1].ctx = waiter[0].ctx;
    for (int i = 0; i < 2; i++) {
        CODE(0, pipe(waiter[i].started));
        CODE(0, pthread_create(&thread[i], NULL, waits, &waiter[i]));
        CODE(1, (int)read(waiter[i].started[0], &byte, 1));
    }
    begun(waiter[0].ctx, "silent");
    eXosip_quit(waiter[0].ctx);
    for (int i = 0; i < 2; i++) {
        void *event = &waiter;
        CODE(0, pthread_join(thread[i], &event));
        CHECK(event == NULL);
        close(waiter[i].started[0]);
        close(waiter[i].started[1]);
    }
    osip_free(waiter[0].ctx);
}

/* The program keeps an event longer than the context. */
static void events_outlive_the_context(void)
{
    struct eXosip_t *ctx = listening();
    eXosip_event_t *event;
    int rid = begun(ctx, "keeper");

    welcome(&peer);
    event = expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200);
    ended(ctx);
    CODE(0, strcmp(event->request->from->url->username, "keeper"));
    CODE(0, strcmp(osip_message_get_reason_phrase(event->response), "OK"));
    eXosip_event_free(event);
}

/* EXOSIP_OPT_UDP_KEEP_ALIVE taken for a switch: 1 is one millisecond there, and still no flood. */
static void a_keep_alive_each_millisecond(void)
{
    struct eXosip_t *ctx = listening();
    int on = 1, count = 0;

    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_UDP_KEEP_ALIVE, &on));
    succeeds(ctx, begun(ctx, "often"));
    CHECK(eXosip_event_wait(ctx, 0, 100) == NULL);
    for (char bytes[2000]; recv(peer.fd, bytes, sizeof bytes, MSG_DONTWAIT) >
                           0;) /* a few, where the machine is slow */
        count++;
    CHECK(count < 10);
    ended(ctx);
}

int main(void)
{
    peer_open(&peer);
    a_keep_alive_each_millisecond();
    removed_while_pending();
    ended_and_begun_again();
    freed_in_all_ways();
    two_contexts();
    ended_while_others_wait();
    events_outlive_the_context();
    peer_close(&peer);
    return 0;
}
