/* What may happen to a thread while it waits for an event: signals, fork, cancellation, callbacks,
   the end of all. */
#include "answering.h"

#include <dirent.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <sys/wait.h>

static void registered(struct eXosip_t *ctx)
{
    int rid = begun(ctx, "wait");

    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

static volatile sig_atomic_t signals;

static void counts(int number)
{
    (void)number;
    signals++;
}

static void handled(int number, void (*handler)(int))
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler; /* no SA_RESTART */
    CODE(0, sigaction(number, &action, NULL));
}

/* Signals neither shorten the wait nor lose an event. */
static void signals_all_the_time(struct eXosip_t *ctx)
{
    struct itimerval often = {{0, 15000}, {0, 15000}}, never = {{0, 0}, {0, 0}};
    long begin;

    handled(SIGALRM, counts);
    CODE(0, setitimer(ITIMER_REAL, &often, NULL));
    for (int i = 0; i < 20; i++)
        registered(ctx);
    begin = milliseconds();
    CHECK(eXosip_event_wait(ctx, 0, 60) == NULL);
    CHECK(milliseconds() - begin >= 60 && signals > 0);
    CODE(0, setitimer(ITIMER_REAL, &never, NULL));
}

static volatile pid_t child;
static volatile sig_atomic_t is_child;

static void forks(int number)
{
    (void)number;
    child = fork();
    is_child = child == 0;
}

static struct eXosip_t *waited_for;

static void *signals_main(void *main_thread)
{
    CODE(0, pthread_kill(*(pthread_t *)main_thread, SIGUSR1));
    return NULL;
}

/* A handler forks in the midst of a wait: in the child it ends at once and nothing is touched, the
   parent goes on. */
static void a_fork_in_a_handler(struct eXosip_t *ctx)
{
    pthread_t thread, self = pthread_self();
    eXosip_event_t *event;
    int status;

    handled(SIGUSR1, forks);
    CODE(0, pthread_create(&thread, NULL, signals_main, &self));
    do /* until the signal has come, however late: what waits for the thread has none of it in the
          child */
        event = eXosip_event_wait(ctx, 0, 100);
    while (event == NULL && child == 0 && !is_child);
    if (is_child) { /* another program, so that valgrind does not look for leaks in this one */
        int silent = event == NULL && eXosip_event_wait(ctx, 5, 0) == NULL;
        execl("/bin/sh", "sh", "-c", silent ? "exit 0" : "exit 1", (char *)NULL);
        _exit(2);
    }
    CHECK(event == NULL);
    CODE(0, pthread_join(thread, NULL));
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    registered(ctx);
}

static void *waits(void *ctx)
{
    for (;;)
        eXosip_event_free(eXosip_event_wait(ctx, 20, 0));
    return NULL;
}

/* A thread that is cancelled ends where it waits, and leaves the event to the next. */
static void cancelled(struct eXosip_t *ctx)
{
    pthread_t thread;
    void *result;
    int rid;

    CODE(0, pthread_create(&thread, NULL, waits, ctx));
    CODE(0, pthread_cancel(thread));
    rid = begun(ctx, "wait");
    CODE(0, pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    registered(ctx);
}

static void *takes_ten(void *ctx)
{
    for (int i = 0; i < 10; i++) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 10, 0);
        CHECK(event != NULL && event->type == EXOSIP_REGISTRATION_SUCCESS);
        eXosip_event_free(event);
    }
    return NULL;
}

/* Several threads wait and one sends: each event is got by one of them, whoever is at the sockets.
 */
static void several_wait(struct eXosip_t *ctx)
{
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        CODE(0, pthread_create(&threads[i], NULL, takes_ten, ctx));
    for (int i = 0; i < 30; i++)
        begun(ctx, "wait");
    for (int i = 0; i < 3; i++)
        CODE(0, pthread_join(threads[i], NULL));
    CHECK(eXosip_event_wait(ctx, 0, 0) == NULL);
}

/* How often the library's thread has slept and woken. */
static long switches(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    long sum = 0;

    CHECK(tasks != NULL);
    while ((task = readdir(tasks)) != NULL) {
        char path[300], line[200];
        int ours = 0;
        long number;
        FILE *status;

        snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        status = fopen(path, "r");
        while (status != NULL && fgets(line, sizeof line, status) != NULL) {
            ours |= strcmp(line, "Name:\tregister-net\n") == 0;
            if (ours && sscanf(line, "voluntary_ctxt_switches: %ld", &number) == 1)
                sum += number;
        }
        if (status != NULL)
            fclose(status);
    }
    closedir(tasks);
    return sum;
}

/* Who waits does the work: in a wait of a program that has just been there, the library's thread
   looks once. On a machine with more to do than it can, the program may be late and the thread wait
   for valgrind's own lock, but not each time. */
static void the_librarys_thread_sleeps(struct eXosip_t *ctx)
{
    long before, looks = LONG_MAX;

    for (int i = 0; i < 10 && looks > 4; i++) {
        registered(ctx);
        before = switches();
        CHECK(eXosip_event_wait(ctx, 0, 150) == NULL);
        looks = switches() - before;
    }
    CHECK(looks <= 4);
}

/* And where nobody waits, it works. */
static void the_librarys_thread_works(struct eXosip_t *ctx)
{
    struct pollfd ready = {eXosip_event_geteventsocket(ctx), POLLIN, 0};
    eXosip_event_t *event;

    for (int i = 0; i < 20; i++) {
        begun(ctx, "wait");
        CODE(1, poll(&ready, 1, 10000));
        event = eXosip_event_wait(ctx, 0, 0);
        CHECK(event != NULL);
        eXosip_event_free(event);
        CODE(0, poll(&ready, 1, 0));
    }
}

static atomic_int rounds; /* counted by whichever thread took the answer */

static void wakes(osip_message_t *message, int received)
{
    (void)message;
    if (received) {
        rounds++;
        eXosip_automatic_action(waited_for);
        eXosip_event_free(eXosip_event_wait(waited_for, 0, 1));
    }
}

static void ends(osip_message_t *message, int received)
{
    (void)message;
    if (received)
        eXosip_quit(waited_for);
}

/* A callback from within the wait may call anything, the end among it. */
static void callbacks(struct eXosip_t *ctx)
{
    eXosip_event_t *event;
    long begin;

    waited_for = ctx;
    registered(ctx);
    CODE(0, eXosip_set_cbsip_message(ctx, wakes));
    for (int i = 0; i < 5; i++) {
        int before = rounds; /* the answer may be there before the call returns */

        begun(ctx, "wait");
        while (rounds == before)
            eXosip_event_free(eXosip_event_wait(ctx, 0, 50));
    }
    CODE(0, eXosip_set_cbsip_message(ctx, NULL));
    drained(ctx);
    registered(ctx);
    CODE(0, eXosip_set_cbsip_message(ctx, ends));
    begun(ctx, "wait");
    begin = milliseconds();
    while ((event = eXosip_event_wait(ctx, 20, 0)) != NULL)
        eXosip_event_free(event); /* it may be there before the callback is */
    CHECK(milliseconds() - begin < 10000);
    osip_free(ctx);
    while (switches() != 0) /* the thread that called back ends by itself */
        poll(NULL, 0, 1);
}

int main(void)
{
    struct eXosip_t *ctx = listening();

    peer_open(&peer);
    answering_begins();
    registered(ctx);
    registered(ctx);
    signals_all_the_time(ctx);
    a_fork_in_a_handler(ctx);
    cancelled(ctx);
    several_wait(ctx);
    the_librarys_thread_sleeps(ctx);
    the_librarys_thread_works(ctx);
    callbacks(ctx);
    answering_ends();
    peer_close(&peer);
    return 0;
}
