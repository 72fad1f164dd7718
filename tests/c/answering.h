/* A peer with a thread of its own, which answers whatever comes, retransmissions as well; and
   registrations that are begun with it. */
#ifndef ANSWERING_H
#define ANSWERING_H

#include "peer.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

static struct peer peer;
static pthread_t answering;
/* A byte through this pipe ends the thread. */
static int answering_end[2];

static inline void *answers_all(void *unused)
{
    sigset_t all;

    (void)unused;
    sigfillset(&all);
    CODE(0, pthread_sigmask(SIG_BLOCK, &all, NULL)); /* signals are for the program's threads */
    for (;;) {
        struct pollfd ready[] = {{peer.fd, POLLIN, 0}, {answering_end[0], POLLIN, 0}};
        socklen_t size = sizeof peer.from;
        ssize_t length;

        CHECK(poll(ready, 2, 60000) > 0);
        if (ready[1].revents != 0)
            return NULL;
        length = recvfrom(peer.fd, peer.received, sizeof peer.received - 1, 0,
                          (struct sockaddr *)&peer.from, &size);
        CHECK(length >= 0);
        peer.received[length] = '\0';
        if (strncmp(peer.received, "REGISTER ", 9) == 0)
            welcome(&peer);
    }
}

static inline void answering_begins(void)
{
    CODE(0, pipe(answering_end));
    CODE(0, pthread_create(&answering, NULL, answers_all, NULL));
}

static inline void answering_ends(void)
{
    CODE(1, (int)write(answering_end[1], "", 1));
    CODE(0, pthread_join(answering, NULL));
    close(answering_end[0]);
    close(answering_end[1]);
}

/* A first REGISTER was sent for this user of 127.0.0.1: its number. */
static inline int begun(struct eXosip_t *ctx, const char *user)
{
    return sent_register(&peer, ctx, user);
}

/* All events were fetched. */
static inline void drained(struct eXosip_t *ctx)
{
    eXosip_event_t *event;

    while ((event = eXosip_event_wait(ctx, 0, 50)) != NULL)
        eXosip_event_free(event);
}

static inline long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
