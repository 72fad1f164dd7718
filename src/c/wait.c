/* Sleeping, and calls that wait in steps and whose thread may be cancelled while it sleeps. glibc
 * cancels a thread by unwinding its stack, which may not pass a frame of Rust's that holds
 * anything: so the frame that sleeps is one of C. */
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As <linux/futex.h> has it, which not every C library brings along. */
enum { FUTEX_WAIT_PRIVATE = 128 };

/* What a thread sleeps for: until `word` is not 0, or, where that is NULL, until one of the
 * descriptors is ready; for so many milliseconds at most, without limit where that is negative. It
 * is `Sleep` of src/net/sleep.rs. */
struct register_sleep {
    const unsigned *word;
    struct pollfd descriptors[5];
    int milliseconds;
};

/* What the kernel reads, on all machines. */
struct register_time {
    long seconds, nanoseconds;
};

void register_sleep(struct register_sleep *sleep);
void register_wait(void *call, struct register_sleep *sleep, int state,
                   int (*step)(void *, struct register_sleep *), void (*end)(void *));

/* Sleeps, or until a signal was handled. A cancelation point, where cancelation is enabled. */
void register_sleep(struct register_sleep *sleep)
{
    struct register_time most = {sleep->milliseconds / 1000, sleep->milliseconds % 1000 * 1000000L};
    int type;

    if (sleep->word == NULL) {
        poll(sleep->descriptors, 5, sleep->milliseconds);
        return;
    }
    /* The system call alone is no cancelation point; it is all that is done meanwhile. */
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    syscall(SYS_futex, sleep->word, FUTEX_WAIT_PRIVATE, 0,
            sleep->milliseconds < 0 ? NULL : &most, NULL, 0);
    pthread_setcanceltype(type, NULL);
}

/* One call that waits. */
struct call {
    void *call;
    void (*end)(void *);
};

/* Whoever is cancelled stays so: no handler that calls us begins it again. */
static void give_back(void *call)
{
    const struct call *it = call;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
    it->end(it->call);
}

/* Sleeps, and does `step`, until `step` gives 0. Cancelation is disabled, and deferred; `state` is
 * what it was before. The thread is cancelled while it sleeps, and nowhere else; then `end` gives
 * back what the call holds.
 *
 * This file is compiled without -fexceptions: the handler is found by the frame then, wherever in
 * it the thread is. */
void register_wait(void *call, struct register_sleep *sleep, int state,
                   int (*step)(void *, struct register_sleep *), void (*end)(void *))
{
    struct call it = {call, end};

    pthread_cleanup_push(give_back, &it);
    do {
        pthread_setcancelstate(state, NULL);
        register_sleep(sleep);
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    } while (step(call, sleep));
    pthread_cleanup_pop(0);
}
