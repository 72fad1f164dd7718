#ifndef OSIP2_OSIP_CONDV_H
#define OSIP2_OSIP_CONDV_H

/* Generated from the Rust source; do not edit. */

#include <time.h>
#include <osip2/osip_mt.h>
struct timespec;

/**
 * What threads wait for with a mutex held.
 */
struct osip_cond;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a condition variable; NULL on errors.
 */
struct osip_cond *osip_cond_init(void);

/**
 * Frees a condition variable that nobody waits for. Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int osip_cond_destroy(struct osip_cond *cond);

/**
 * Wakes one that waits. Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
 */
int osip_cond_signal(struct osip_cond *cond);

/**
 * Waits for a signal; the mutex, which the caller holds, is free meanwhile. A cancelation point;
 * a thread that ends here holds the mutex again, for its pthread_cleanup_push.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR.
 */
int osip_cond_wait(struct osip_cond *cond, struct osip_mutex *mutex);

/**
 * As osip_cond_wait, until the time of day `abstime` at most.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, or what the system says: ETIMEDOUT when it is too late,
 * EINVAL for no time.
 */
int osip_cond_timedwait(struct osip_cond *cond,
                        struct osip_mutex *mutex,
                        const struct timespec *abstime);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIP2_OSIP_CONDV_H */
