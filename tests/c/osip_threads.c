/* Threads, locks, queues, time and the trace. */
#include "osip_print.h"

#include <errno.h>
#include <osip2/osip_mt.h>
#include <osip2/osip_condv.h>
#include <osip2/osip_fifo.h>
#include <osip2/osip_time.h>
#include <pthread.h>
#include <time.h>

static osip_fifo_t *queue;
static struct osip_mutex *mutex;
static struct osip_sem *sem;
static int sum;

static void *adds(void *amount)
{
    for (int i = 0; i < 1000; i++) {
        osip_mutex_lock(mutex);
        sum += *(int *) amount;
        osip_mutex_unlock(mutex);
    }
    osip_sem_post(sem);
    osip_fifo_add(queue, amount);
    osip_thread_exit();
    return NULL;
}

/* Whether a thread has the stack that the system gives, whatever was asked: programs ask for 20000
   bytes and run anything there. */
static void *has_room(void *enough)
{
    pthread_attr_t ours, usual;
    size_t here = 0, wanted = 1;

    pthread_getattr_np(pthread_self(), &ours);
    pthread_attr_init(&usual);
    pthread_attr_getstacksize(&ours, &here);
    pthread_attr_getstacksize(&usual, &wanted);
    *(int *) enough = here == wanted;
    pthread_attr_destroy(&ours);
    pthread_attr_destroy(&usual);
    return NULL;
}

static void *signals(void *cond)
{
    osip_mutex_lock(mutex);
    sum = 1;
    CODE(osip_cond_signal(cond));
    osip_mutex_unlock(mutex);
    return NULL;
}

/* Waits with and without an end. */
static void conditions(void)
{
    struct osip_cond *cond = osip_cond_init();
    struct timespec until = {0, 0};

    mutex = osip_mutex_init();
    CODE(osip_cond_signal(cond));
    for (int timed = 0; timed < 2; timed++) {
        struct osip_thread *thread;

        until.tv_sec = time(NULL) + 3600;
        osip_mutex_lock(mutex);
        sum = 0;
        thread = osip_thread_create(20000, signals, cond);
        CODE(osip_thread_set_priority(thread, 0));
        while (sum == 0)
            CODE(timed ? osip_cond_timedwait(cond, mutex, &until) : osip_cond_wait(cond, mutex));
        osip_mutex_unlock(mutex);
        CODE(osip_thread_join(thread));
        osip_free(thread);
    }
    osip_mutex_lock(mutex);
    until.tv_sec = 0;
    CODE(osip_cond_timedwait(cond, mutex, &until) == ETIMEDOUT);
    until.tv_nsec = -1;
    CODE(osip_cond_timedwait(cond, mutex, &until) == EINVAL);
    CODE(osip_cond_timedwait(NULL, mutex, &until));
    CODE(osip_cond_wait(NULL, mutex));
    osip_mutex_unlock(mutex);
    CODE(osip_cond_signal(NULL));
    CODE(osip_cond_destroy(NULL));
    CODE(osip_cond_destroy(cond));
    osip_mutex_destroy(mutex);
}

int main(void)
{
    int one = 1, two = 2;
    mutex = osip_mutex_init();
    sem = osip_sem_init(0);
    queue = osip_malloc(sizeof *queue);
    osip_fifo_init(queue);
    CODE(osip_sem_trywait(sem));
    CODE(osip_fifo_tryget(queue) == NULL);
    struct osip_thread *first = osip_thread_create(20000, adds, &one),
                       *second = osip_thread_create(0, adds, &two);
    CODE(first != NULL && second != NULL);
    CODE(osip_sem_wait(sem));
    CODE(osip_sem_wait(sem));
    CODE(*(int *) osip_fifo_get(queue) + *(int *) osip_fifo_get(queue));
    CODE(osip_thread_join(first));
    CODE(osip_thread_join(second));
    CODE(sum);
    osip_free(first);
    osip_free(second);

    CODE(osip_fifo_add(queue, "a"));
    CODE(osip_fifo_insert(queue, "b"));
    CODE(osip_fifo_size(queue));
    text("next", osip_fifo_get(queue));
    text("next", osip_fifo_tryget(queue));
    CODE(osip_fifo_size(queue));
    osip_fifo_free(queue);
    osip_mutex_destroy(mutex);
    CODE(osip_sem_destroy(sem));
    CODE(osip_mutex_lock(NULL));
    CODE(osip_sem_wait(NULL));
    CODE(osip_thread_join(NULL));

    static const int sizes[] = {-1, 0, 1, 20000, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int enough = 0;

        first = osip_thread_create(sizes[i], has_room, &enough);
        CODE(osip_thread_join(first));
        osip_free(first);
        CODE(enough);
    }

    struct timeval now = {0, 0}, then = {0, 0};
    CODE(osip_gettimeofday(&now, NULL));
    CODE(osip_gettimeofday(&then, NULL));
    CODE(osip_timercmp(&then, &now, >=) ||
         (then.tv_sec == now.tv_sec && then.tv_usec == now.tv_usec));
    struct timeval time = {1, 900000}, other = {1, 5};
    add_gettimeofday(&time, 250);
    printf("%ld.%06ld\n", (long) time.tv_sec, (long) time.tv_usec);
    min_timercmp(&time, &other);
    printf("%ld.%06ld\n", (long) time.tv_sec, (long) time.tv_usec);
    osip_usleep(1000);
    osip_compensatetime();
    time_t seconds = 0;
    CODE(osip_getsystemtime(&seconds) - seconds);
    CODE(osip_getsystemtime(NULL) - seconds < 60);
    conditions();
    return 0;
}
