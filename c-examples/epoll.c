/*
 * epoll PROXY AOR USER PASSWORD [SECONDS]
 *
 * Registers by the eXosip calls and stays registered in a loop of epoll(7), which watches the
 * context's descriptor, signals and a timer: nothing is polled. Ends after SECONDS or on Ctrl-C and
 * removes the binding. Status 0 when it was registered.
 */
#define _POSIX_C_SOURCE 200809L
#include <eXosip2/eXosip.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct eXosip_t *ctx;
static int rid, was_registered, is_over;
/* WAITS: for an answer, before the binding is removed. */
static enum { STAYS, WAITS, LEAVES } phase;

static void watch(int epoll, int fd)
{
    struct epoll_event event = {0};

    event.events = EPOLLIN; /* level-triggered */
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Removes the binding once no other REGISTER awaits its answer; the second time ends at once. */
static void leave(void)
{
    osip_message_t *reg = NULL;
    int error;

    if (phase == LEAVES) {
        is_over = 1;
        return;
    }
    error = eXosip_register_build_register(ctx, rid, 0, &reg);
    phase = error == OSIP_WRONG_STATE ? WAITS : LEAVES;
    if (phase == LEAVES)
        is_over = error != 0 || eXosip_register_send_register(ctx, rid, reg) != 0;
}

/* A REGISTER got an answer, or none. */
static void handle(const eXosip_event_t *event)
{
    int status = event->response != NULL ? event->response->status_code : 0;

    if (event->type == EXOSIP_REGISTRATION_SUCCESS) {
        puts(phase == LEAVES ? "unregistered" : "registered");
        was_registered = 1;
        is_over = phase == LEAVES;
    } else if (event->type == EXOSIP_REGISTRATION_FAILURE) {
        printf("%d %s\n", status, event->textinfo);
        is_over = phase == LEAVES && status != 401 && status != 407; /* a challenge is answered */
    }
    if (phase == WAITS)
        leave();
}

/* The descriptor is readable: there are events, or an automatic action is due. */
static void work(void)
{
    eXosip_event_t *event;

    eXosip_automatic_action(ctx); /* refreshes and retries */
    while ((event = eXosip_event_wait(ctx, 0, 0)) != NULL) {
        handle(event);
        eXosip_event_free(event);
        eXosip_automatic_action(ctx); /* answers the challenge that the event may have been */
    }
}

/* The signals that end us, as a descriptor. Blocked before a thread is started. */
static int ending_signals(void)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_CLOEXEC);
}

static int timer(int seconds)
{
    struct itimerspec once = {{0, 0}, {0, 0}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    once.it_value.tv_sec = seconds; /* 0: never */
    timerfd_settime(fd, 0, &once, NULL);
    return fd;
}

int main(int argc, char **argv)
{
    osip_message_t *reg = NULL;
    int epoll, signals, end;

    if (argc < 5) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD [SECONDS]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signals = ending_signals();
    end = timer(argc > 5 ? atoi(argv[5]) : 0);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    ctx = eXosip_malloc();
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    eXosip_add_authentication_info(ctx, argv[3], argv[3], argv[4], NULL, NULL);
    rid = eXosip_register_build_initial_register(ctx, argv[2], argv[1], NULL, 600, &reg);
    if (rid < 0 || eXosip_register_send_register(ctx, rid, reg) != 0)
        return 1;

    watch(epoll, eXosip_event_geteventsocket(ctx));
    watch(epoll, signals);
    watch(epoll, end);
    while (!is_over) {
        struct epoll_event ready[3];
        char bytes[sizeof(struct signalfd_siginfo)];
        int count = epoll_wait(epoll, ready, 3, -1);

        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;

            if (fd != signals && fd != end)
                work();
            else if (read(fd, bytes, sizeof bytes) > 0)
                leave();
        }
    }
    eXosip_quit(ctx);
    osip_free(ctx);
    return was_registered ? 0 : 1;
}
