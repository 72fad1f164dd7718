#ifndef OSIP2_OSIP_TIME_H
#define OSIP2_OSIP_TIME_H

/* Generated from the Rust source; do not edit. */

struct timeval;

#include <sys/time.h>
#include <time.h>

#define osip_timerisset(tvp) ((tvp)->tv_sec != 0 || (tvp)->tv_usec != 0)
#define osip_timerclear(tvp) ((tvp)->tv_sec = (tvp)->tv_usec = 0)
#define osip_timercmp(a, b, CMP) \
    ((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec CMP(b)->tv_usec : (a)->tv_sec CMP(b)->tv_sec)
#define osip_timersub(a, b, result)                          \
    do {                                                     \
        (result)->tv_sec = (a)->tv_sec - (b)->tv_sec;        \
        (result)->tv_usec = (a)->tv_usec - (b)->tv_usec;     \
        if ((result)->tv_usec < 0) {                         \
            (result)->tv_sec--;                              \
            (result)->tv_usec += 1000000;                    \
        }                                                    \
    } while (0)

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Adds milliseconds to a time.
 */
void add_gettimeofday(struct timeval *atv, int ms);

/**
 * Puts the earlier of two times into the first.
 */
void min_timercmp(struct timeval *tv1, struct timeval *tv2);

/**
 * The time since the start of the system, which does not jump. Returns 0, or OSIP_BADPARAMETER for
 * NULL.
 */
int osip_gettimeofday(struct timeval *tp, void *tz);

/**
 * The seconds since the start of the system; they also go to `t`, which may be NULL.
 */
time_t osip_getsystemtime(time_t *t);

/**
 * Does nothing: the clock does not jump.
 */
void osip_compensatetime(void);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIP2_OSIP_TIME_H */
