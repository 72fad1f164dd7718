/* Threads that are cancelled (pthread_cancel) where they wait in libosip2's API: they end there, as
   where POSIX waits. */
#include "check.h"

#include <osip2/osip.h>
#include <osip2/osip_condv.h>
#include <osip2/osip_fifo.h>
#include <osip2/osip_mt.h>

#include <pthread.h>
#include <unistd.h>

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

static struct osip_sem *sem;
static struct osip_mutex *mutex;
static struct osip_cond *cond;
static osip_fifo_t *fifo;

static void lets_go(void *held)
{
    osip_mutex_unlock(held);
}

UNWOUND static void *at_sem(void *unused)
{
    (void)unused;
    osip_sem_wait(sem);
    return NULL;
}

UNWOUND static void *at_cond(void *timed)
{
    struct timespec far = {0x7fffffff, 0};

    osip_mutex_lock(mutex);
    pthread_cleanup_push(lets_go, mutex);
    if (timed != NULL)
        osip_cond_timedwait(cond, mutex, &far);
    else
        osip_cond_wait(cond, mutex);
    pthread_cleanup_pop(1);
    return NULL;
}

UNWOUND static void *at_fifo(void *unused)
{
    (void)unused;
    return osip_fifo_get(fifo);
}

UNWOUND static void *sleeps(void *unused)
{
    (void)unused;
    osip_usleep(20000000);
    return NULL;
}

UNWOUND static void *joins(void *thread)
{
    osip_thread_join(thread);
    return NULL;
}

int main(void)
{
    void *(*const all[])(void *) = {at_sem, at_cond, at_fifo, sleeps};
    struct osip_thread *thread;

    sem = osip_sem_init(0);
    mutex = osip_mutex_init();
    cond = osip_cond_init();
    fifo = osip_malloc(sizeof *fifo);
    osip_fifo_init(fifo);
    for (int i = 0; i < 40; i++) {
        pthread_t thread = started(all[i / 2 % 4], i % 2 ? mutex : NULL);

        usleep((useconds_t)(i * 7919 % 1000));
        cancelled(thread);
    }
    osip_mutex_lock(mutex); /* nobody holds it */
    osip_mutex_unlock(mutex);
    thread = osip_thread_create(20000, at_sem, NULL);
    cancelled(started(joins, thread));
    osip_sem_post(sem);
    CODE(0, osip_thread_join(thread));
    osip_free(thread);
    osip_sem_destroy(sem);
    osip_mutex_destroy(mutex);
    osip_cond_destroy(cond);
    osip_fifo_free(fifo);
    return 0;
}
