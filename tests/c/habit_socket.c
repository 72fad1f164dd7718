/* A program that sleeps on the event socket, and calls eXosip_automatic_action only when that is
   readable, refreshes as often as one that calls it all the time. */
#include "peer.h"

#include <time.h>

enum { GRANTED = 2, REFRESHED = 6, AT_MOST = 50000 };

static struct peer peer;

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct eXosip_t *program(const char *user)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *reg = NULL;
    char from[64];
    int rid;

    snprintf(from, sizeof from, "sip:%s@127.0.0.1", user);
    CODE(0, eXosip_add_authentication_info(ctx, user, user, "secret", NULL, NULL));
    rid = eXosip_register_build_initial_register(ctx, from, peer.uri, NULL, GRANTED, &reg);
    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    return ctx;
}

static void takes_events(struct eXosip_t *ctx)
{
    eXosip_event_t *event;

    while ((event = eXosip_event_wait(ctx, 0, 0)) != NULL)
        eXosip_event_free(event);
    eXosip_automatic_action(ctx);
}

int main(void)
{
    struct eXosip_t *polls, *sleeps;
    int registers[2] = {0, 0}, woken = 0;
    long end;

    peer_open(&peer);
    polls = program("polls");
    sleeps = program("sleeps");
    end = milliseconds() + AT_MOST;
    while (registers[0] < REFRESHED && milliseconds() < end) {
        int socket = eXosip_event_geteventsocket(sleeps);
        struct pollfd ready[] = {{socket, POLLIN, 0}, {peer.fd, POLLIN, 0}};

        CHECK(poll(ready, 2, 20) >= 0);
        if (ready[1].revents != 0 && receive_within(&peer, 0)) {
            registers[strstr(peer.received, "sip:sleeps@") != NULL]++;
            if (field(&peer, "Authorization") == NULL)
                challenge(&peer);
            else
                welcome(&peer);
        }
        takes_events(polls);
        if (ready[0].revents != 0) {
            woken++;
            takes_events(sleeps);
        }
    }
    fprintf(stderr, "REGISTERs %d and %d, woken %d times\n", registers[0], registers[1], woken);
    CODE(REFRESHED, registers[0]);
    CHECK(registers[1] >= registers[0] - 1 && registers[1] <= registers[0] + 1);
    /* Not readable all the time: once for an event, once for what is due. */
    CHECK(woken <= 4 * registers[1]);
    ended(polls);
    ended(sleeps);
    peer_close(&peer);
    return 0;
}
