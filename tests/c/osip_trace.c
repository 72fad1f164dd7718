/* The trace: levels, a stream, a function that takes a va_list. */
#include "osip_print.h"

static void line(const char *file, int number, osip_trace_level_t level, const char *format, va_list values)
{
    (void) file;
    printf("%d %d ", number, (int) level);
    vprintf(format, values);
    printf("\n");
}

int main(void)
{
    CODE(osip_is_trace_level_activate(OSIP_INFO2));
    osip_trace_enable_level(OSIP_INFO2);
    CODE(osip_is_trace_level_activate(OSIP_INFO2));
    osip_trace_disable_level(OSIP_INFO2);
    CODE(osip_is_trace_level_activate(OSIP_INFO2));
    osip_trace_initialize_func(OSIP_INFO1, line);
    CODE(osip_is_trace_level_activate(OSIP_WARNING));
    CODE(osip_is_trace_level_activate(OSIP_INFO1));
    OSIP_TRACE(osip_trace("f.c", 5, OSIP_WARNING, NULL, "%s %d %g %c %ld %s %d %d %g\n", "a", 1, 2.5, 'c', 4L, "b", 5, 6, 7.5));
    OSIP_TRACE(osip_trace("f.c", 6, OSIP_INFO1, NULL, "silent\n"));
    osip_trace_initialize_func(OSIP_INFO1, NULL);
    OSIP_TRACE(osip_trace("f.c", 7, OSIP_WARNING, NULL, "silent\n"));

    FILE *file = tmpfile();
    CODE(TRACE_INITIALIZE(END_TRACE_LEVEL, file));
    osip_trace("f.c", 8, OSIP_INFO4, NULL, "%d%%\n", 100);
    char buffer[200] = "";
    rewind(file);
    CODE(fgets(buffer, sizeof buffer, file) != NULL);
    CODE(strstr(buffer, "INFO4") != NULL && strstr(buffer, "f.c") != NULL && strstr(buffer, "100%") != NULL);
    CODE(TRACE_INITIALIZE(TRACE_LEVEL0, NULL));
    CODE(osip_is_trace_level_activate(OSIP_FATAL));
    fclose(file);
    return 0;
}
