#ifndef OSIP2_OSIP_MT_H
#define OSIP2_OSIP_MT_H

/* Generated from the Rust source; do not edit. */

#include <stdio.h>

/**
 * A lock that one thread holds at a time. It is not recursive.
 */
struct osip_mutex;

/**
 * A number that threads wait for to be above 0.
 */
struct osip_sem;

/**
 * A thread.
 */
struct osip_thread;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Starts a thread that runs `func(arg)`. Its stack is the system's: programs ask for 20000 bytes
 * in `stacksize` and call anything on them, so it does not count, as in libosip2.
 *
 * Returns the thread, for osip_thread_join and then osip_free; NULL on errors.
 */
struct osip_thread *osip_thread_create(int stacksize, void *(*func)(void*), void *arg);

/**
 * Waits until a thread has ended. It is not freed: osip_free it. A cancelation point.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
 */
int osip_thread_join(struct osip_thread *thread);

/**
 * Does nothing. Returns 0.
 */
int osip_thread_set_priority(struct osip_thread *thread, int priority);

/**
 * Ends the thread that calls.
 */
void osip_thread_exit(void);

/**
 * Makes a semaphore that starts with `value`; NULL on errors.
 */
struct osip_sem *osip_sem_init(unsigned int value);

/**
 * Frees a semaphore that nobody waits for; NULL is allowed. Returns 0.
 */
int osip_sem_destroy(struct osip_sem *sem);

/**
 * Adds 1 and wakes one that waits. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
 */
int osip_sem_post(struct osip_sem *sem);

/**
 * Waits until the semaphore is above 0 and takes 1. A cancelation point.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
 */
int osip_sem_wait(struct osip_sem *sem);

/**
 * Takes 1 if the semaphore is above 0. Returns 0, OSIP_BADPARAMETER for NULL or
 * OSIP_UNDEFINED_ERROR if it is not.
 */
int osip_sem_trywait(struct osip_sem *sem);

/**
 * Makes a mutex; NULL on errors.
 */
struct osip_mutex *osip_mutex_init(void);

/**
 * Frees a mutex that nobody holds; NULL is allowed.
 */
void osip_mutex_destroy(struct osip_mutex *mutex);

/**
 * Waits until nobody holds the mutex, and holds it. Returns 0, OSIP_BADPARAMETER for NULL or
 * OSIP_UNDEFINED_ERROR.
 */
int osip_mutex_lock(struct osip_mutex *mutex);

/**
 * Lets go of the mutex. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
 */
int osip_mutex_unlock(struct osip_mutex *mutex);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIP2_OSIP_MT_H */
