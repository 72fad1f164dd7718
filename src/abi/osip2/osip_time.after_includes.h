
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
