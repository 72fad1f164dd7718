/* The trace where C is needed: a function with `...`, and a call of one that takes a va_list. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Whether a level is on, and takes a line of it: Rust's, once it has them set. */
typedef int register_trace_is_on(unsigned level);
typedef void register_trace_line(const char *file, int line, unsigned level, const char *text);

static register_trace_is_on *volatile is_on;
static register_trace_line *volatile take_line;

void register_trace_connect(register_trace_is_on *on, register_trace_line *line)
{
    is_on = on;
    take_line = line;
}

/*
 * osip_trace by another name: build.rs has the linker make it osip_trace in the shared library. The
 * archive has the alias below it, weak because a program may have libosip2's too.
 */
int register_osip_trace(const char *file, int line, unsigned level, FILE *stream,
                        const char *format, ...)
{
    char text[2048];
    va_list values;

    (void) stream;
    if (is_on == NULL || take_line == NULL || format == NULL || !is_on(level))
        return 0;
    va_start(values, format);
    if (vsnprintf(text, sizeof text, format, values) >= 0)
        take_line(file, line, level, text);
    va_end(values);
    return 0;
}

int osip_trace(const char *file, int line, unsigned level, FILE *stream, const char *format, ...)
    __attribute__((weak, alias("register_osip_trace")));

typedef void trace_function(const char *file, int line, unsigned level, const char *format,
                            va_list values);

static void call(trace_function *function, const char *file, int line, unsigned level,
                 const char *format, ...)
{
    va_list values;

    va_start(values, format);
    function(file, line, level, format, values);
    va_end(values);
}

/* Calls the program's function with one text. */
void register_call_trace_function(trace_function *function, const char *file, int line,
                                  unsigned level, const char *text)
{
    call(function, file, line, level, "%s", text);
}
