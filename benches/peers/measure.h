/* What the C programs share: their arguments, the clock and the figures that they print. */
#ifndef PEERS_MEASURE_H
#define PEERS_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* PROGRAM PORT ACCOUNTS WINDOW SECONDS */
static unsigned port, accounts, window, seconds;
static unsigned begun, done, failed;
static uint64_t *since;  /* of each account, when it began */
static uint64_t *times;  /* of each one done, how long it took */
static uint64_t wall_begin;
static double cpu_begin;
static long resident_begin;

static uint64_t nanos(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double cpu_micros(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6
           + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static long resident(void)
{
    long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &size, &pages) != 2)
            pages = 0;
        fclose(file);
    }
    return pages * 4096;
}

static int read_arguments(int argc, char **argv)
{
    if (argc != 5)
        return -1;
    port = (unsigned)atoi(argv[1]);
    accounts = (unsigned)atoi(argv[2]);
    window = (unsigned)atoi(argv[3]);
    seconds = (unsigned)atoi(argv[4]);
    since = malloc(accounts * sizeof *since);
    times = malloc(accounts * sizeof *times);
    if (since == NULL || times == NULL)
        return -1;
    /* Written to, so that they are in RAM before the memory is measured. */
    memset(since, 0xff, accounts * sizeof *since);
    memset(times, 0xff, accounts * sizeof *times);
    return 0;
}

static void start_clock(void)
{
    resident_begin = resident();
    cpu_begin = cpu_micros();
    wall_begin = nanos();
}

/* Whether it is over: all have their answer, or the time is up. */
static inline int over(void)
{
    return done + failed >= accounts || nanos() - wall_begin > (uint64_t)seconds * 1000000000u;
}

static inline int in_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* A line for each figure: its name and a number. */
static inline void print_figures(void)
{
    double cpu = cpu_micros() - cpu_begin, wall = (double)(nanos() - wall_begin) / 1e9;
    long grown = resident() - resident_begin;
    unsigned n = done > 0 ? done : 1;

    qsort(times, done, sizeof *times, in_order);
    printf("done %u\nfailed %u\n", done, failed);
    printf("cpu %.3f\nrate %.1f\n", cpu / n, done / wall);
    printf("p50 %.3f\n", (double)times[n * 50 / 100] / 1e3);
    printf("p99 %.3f\n", (double)times[n * 99 / 100] / 1e3);
    printf("resident %.1f\n", (double)grown / n);
    fflush(stdout);
}

#endif
