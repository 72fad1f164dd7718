/* Where log lines go, and where memory comes from. */
#include "osip_print.h"

static int taken, changed, given_back;

static void *take(size_t size)
{
    taken++;
    return malloc(size);
}

static void *change(void *block, size_t size)
{
    changed++;
    return realloc(block, size);
}

static void give_back(void *block)
{
    given_back += block != NULL;
    free(block);
}

static void memory(void)
{
    osip_set_allocators(take, change, give_back);
    CODE(osip_malloc_func == take && osip_realloc_func == change && osip_free_func == give_back);
    char *block = osip_malloc(4);
    block = osip_realloc(block, 8);
    osip_free(block);
    block = osip_strdup("x");
    osip_free(block);
    printf("%d taken, %d changed, %d given back\n", taken, changed, given_back);
    osip_set_allocators(NULL, NULL, NULL);
    block = osip_strdup("x");
    osip_free(block);
    printf("%d taken, %d given back\n", taken, given_back);
}

static void levels(const char *after)
{
    printf("levels after %s:", after);
    for (int level = OSIP_FATAL; level < END_TRACE_LEVEL; level++)
        printf(" %d", osip_is_trace_level_activate((osip_trace_level_t) level));
    printf("\n");
}

static void line(const char *file, int number, osip_trace_level_t level, const char *format,
                 va_list values)
{
    printf("%s:%d level %d: ", file, number, (int) level);
    vprintf(format, values);
}

static void switches(void)
{
    levels("nothing");
    osip_trace_enable_until_level(OSIP_WARNING);
    levels("until WARNING");
    osip_trace_enable_until_level(END_TRACE_LEVEL);
    levels("until the end");
    osip_trace_enable_until_level(TRACE_LEVEL0);
    levels("until none");
    osip_trace_enable_level(OSIP_INFO4);
    levels("INFO4 on");
    osip_trace_disable_level(OSIP_INFO4);
    levels("INFO4 off");
}

int main(void)
{
    FILE *file = tmpfile();
    char buffer[200] = "", ident[] = "libregister-test";

    memory();
    switches();

    osip_trace_initialize(END_TRACE_LEVEL, file);
    levels("a file");
    osip_trace("f.c", 8, OSIP_INFO4, NULL, "%d%%\n", 100);
    osip_trace_initialize(TRACE_LEVEL0, NULL);
    levels("no file");
    rewind(file);
    while (fgets(buffer, sizeof buffer, file) != NULL && strstr(buffer, "100%") == NULL)
        continue;
    CODE(strncmp(buffer, "| INFO4 | ", 10));
    CODE(strstr(buffer, "f.c") != NULL && strstr(buffer, "100%\n") != NULL);
    fclose(file);

    osip_trace_initialize_func(OSIP_INFO1, line);
    levels("a function");
    osip_trace("f.c", 5, OSIP_WARNING, NULL, "%s %d %g %c %ld %s %d %d %g\n", "a", 1, 2.5, 'c', 4L,
               "b", 5, 6, 7.5);
    osip_trace_disable_level(OSIP_INFO1);
    osip_trace("f.c", 6, OSIP_INFO1, NULL, "silent\n");

    /* Last: libosip2 does not come back from the system log, nor from a function to a file. */
    osip_trace_initialize_syslog(OSIP_ERROR, ident);
    levels("the system log");
    osip_trace("f.c", 4, OSIP_ERROR, NULL, "silent\n");
    osip_trace_initialize_syslog(TRACE_LEVEL0, NULL);
    levels("no system log");
    return 0;
}
