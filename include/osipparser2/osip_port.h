#ifndef OSIPPARSER2_OSIP_PORT_H
#define OSIPPARSER2_OSIP_PORT_H

/* Generated from the Rust source; do not edit. */

#include <stddef.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <osipparser2/osip_const.h>
#include <osipparser2/osip_list.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void *osip_malloc_func_t(size_t size);
typedef void *osip_realloc_func_t(void *ptr, size_t size);
typedef void osip_free_func_t(void *ptr);

/* What the library and the macros below allocate with: NULL for malloc, realloc and free. See
   osip_set_allocators. */
extern osip_malloc_func_t *osip_malloc_func;
extern osip_realloc_func_t *osip_realloc_func;
extern osip_free_func_t *osip_free_func;

/* All memory that passes between the program and the library. `P` is evaluated more than once.
   osip_free is a whole statement, as in libosip2: it needs no semicolon, and is no expression. */
#define osip_malloc(S) (osip_malloc_func != NULL ? osip_malloc_func(S) : malloc(S))
#define osip_realloc(P, S) \
    (osip_realloc_func != NULL ? osip_realloc_func((P), (S)) : realloc((P), (S)))
#define osip_free(P)                    \
    {                                   \
        if ((P) != NULL) {              \
            if (osip_free_func != NULL) \
                osip_free_func(P);      \
            else                        \
                free(P);                \
        }                               \
    }

/* Error codes of old programs. */
#define SIP_SYNTAX_ERROR (-1)
#define SIP_NETWORK_ERROR (-2)
#define SIP_ECONNREFUSED (-3)
#define SIP_RESSOURCE_ERROR (-4)
#define SIP_GLOBAL_ERROR (-5)

/* Lists that a program makes of structs of its own, linked by `next` and `parent`, the one before.
   Like osip_free these are whole statements. What is removed keeps its place in no list. */
#define ADD_ELEMENT(first_element, element)          \
    {                                                \
        (element)->parent = NULL;                    \
        (element)->next = (first_element);           \
        if ((element)->next != NULL)                 \
            (element)->next->parent = (element);     \
        (first_element) = (element);                 \
    }
#define APPEND_ELEMENT(type_of_element_t, first_element, element) \
    {                                                             \
        (element)->next = NULL;                                   \
        if ((first_element) == NULL) {                            \
            (element)->parent = NULL;                             \
            (first_element) = (element);                          \
        } else {                                                  \
            type_of_element_t *last_element_ = (first_element);   \
            while (last_element_->next != NULL)                   \
                last_element_ = last_element_->next;              \
            last_element_->next = (element);                      \
            (element)->parent = last_element_;                    \
        }                                                         \
    }
#define REMOVE_ELEMENT(first_element, element)                  \
    {                                                           \
        if ((element)->next != NULL)                            \
            (element)->next->parent = (element)->parent;        \
        if ((element)->parent != NULL)                          \
            (element)->parent->next = (element)->next;          \
        else                                                    \
            (first_element) = (element)->next;                  \
        (element)->next = NULL;                                 \
        (element)->parent = NULL;                               \
    }

/* How serious a line of the trace is. */
typedef enum trace_level {
    TRACE_LEVEL0 = 0,
    TRACE_LEVEL1 = 1,
    TRACE_LEVEL2 = 2,
    TRACE_LEVEL3 = 3,
    TRACE_LEVEL4 = 4,
    TRACE_LEVEL5 = 5,
    TRACE_LEVEL6 = 6,
    TRACE_LEVEL7 = 7,
    END_TRACE_LEVEL = 8
} osip_trace_level_t;

#define LOG_TRUE 1
#define LOG_FALSE 0
#define OSIP_FATAL TRACE_LEVEL0
#define OSIP_BUG TRACE_LEVEL1
#define OSIP_ERROR TRACE_LEVEL2
#define OSIP_WARNING TRACE_LEVEL3
#define OSIP_INFO1 TRACE_LEVEL4
#define OSIP_INFO2 TRACE_LEVEL5
#define OSIP_INFO3 TRACE_LEVEL6
#define OSIP_INFO4 TRACE_LEVEL7

/* Takes a line of the trace: a format, and the values for it. */
typedef void osip_trace_func_t(const char *file, int line, osip_trace_level_t level,
                               const char *format, va_list values);

#define TRACE_INITIALIZE(level, file) osip_trace_initialize((level), (file))
#define TRACE_ENABLE_LEVEL(level) osip_trace_enable_level(level)
#define TRACE_DISABLE_LEVEL(level) osip_trace_disable_level(level)
#define IS_TRACE_LEVEL_ACTIVATE(level) osip_is_trace_level_activate(level)
#define OSIP_TRACE(P) P

/* Writes a line of the trace: a printf format and its values. `f` is not used. */
int osip_trace(const char *fi, int li, osip_trace_level_t level, FILE *f, const char *format, ...);

#ifdef __cplusplus
}
#endif

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Sets what the library allocates with; NULL for malloc, realloc and free. Call it before
 * everything else, with three functions that belong together. Like those they are no cancelation
 * points.
 */
void osip_set_allocators(osip_malloc_func_t *malloc_func,
                         osip_realloc_func_t *realloc_func,
                         osip_free_func_t *free_func);

/**
 * A random number of 31 bits from the operating system; 0 where that fails.
 */
unsigned int osip_build_random_number(void);

/**
 * Sleeps for so many microseconds; not at all for 0 and less. A cancelation point.
 */
void osip_usleep(int useconds);

/**
 * The number at the start of a text, as atoi; -1 for NULL.
 */
int osip_atoi(const char *number);

/**
 * Compares two texts without case: 0 if they are equal. NULL comes before all texts.
 */
int osip_strcasecmp(const char *s1, const char *s2);

/**
 * Compares the first `len` bytes of two texts without case: 0 if they are equal. NULL comes before
 * all texts.
 */
int osip_strncasecmp(const char *s1, const char *s2, size_t len);

/**
 * Where `needle` stands in `haystack`, without case; NULL where it does not.
 */
char *osip_strcasestr(const char *haystack, const char *needle);

/**
 * Copies at most `len` bytes and a NUL; `dest` has room for len + 1. Returns `dest`, or NULL for
 * NULL.
 */
char *osip_strncpy(char *dest, const char *src, size_t len);

/**
 * A copy of a text, for osip_free; NULL for NULL.
 */
char *osip_strdup(const char *ch);

/**
 * A copy without the quotes around it, for osip_free; NULL for NULL. Backslashes stay; see
 * osip_dequote.
 */
char *osip_strdup_without_quote(const char *ch);

/**
 * Makes the letters A to Z small, in place. Returns 0 or OSIP_BADPARAMETER.
 */
int osip_tolower(char *word);

/**
 * Takes blanks and line ends off both ends, in place. Returns 0, or OSIP_UNDEFINED_ERROR for NULL.
 */
int osip_clrspace(char *word);

/**
 * Copies what stands at `buf` before `end_separator` to `dest`, for osip_free, and puts the place
 * behind the separator into `next`; a line end before it is the end.
 *
 * Returns 0; OSIP_UNDEFINED_ERROR where nothing stands before the separator or there is none: then
 * `next` is NULL, and `dest` stays as it was; OSIP_BADPARAMETER for NULL; OSIP_NOMEM.
 */
int __osip_set_next_token(char **dest, char *buf, int end_separator, char **next);

/**
 * Where the next quote stands that no backslash escapes; NULL where there is none.
 */
const char *__osip_quote_find(const char *qstring);

/**
 * A copy in quotes, with quotes and backslashes escaped and line ends made blanks, for osip_free;
 * NULL for NULL.
 */
char *osip_enquote(const char *s);

/**
 * Takes the quotes off a text and its backslashes out, in place; a text without quotes stays.
 */
void osip_dequote(char *s);

/**
 * A number for a text, the same in every run; 0 for NULL.
 */
unsigned long osip_hash(const char *str);

/**
 * Copies a text to `dst`, which has the room. Returns where its NUL is, to go on from; NULL for
 * NULL.
 */
char *osip_str_append(char *dst, const char *src);

/**
 * Copies at most `len` bytes of a text to `dst`, which has the room. Returns where its NUL is;
 * NULL for NULL.
 */
char *osip_strn_append(char *dst, const char *src, size_t len);

/**
 * Copies at most `len` bytes without the blanks around them, and a NUL; `dst` has room for len +
 * 1.
 *
 * Returns `dst`; NULL for NULL, or for no `len`.
 */
char *osip_clrncpy(char *dst, const char *src, size_t len);

/**
 * Calls a function with each line of the levels below `level`; NULL stops the trace.
 */
void osip_trace_initialize_func(osip_trace_level_t level, osip_trace_func_t *func);

/**
 * Sends the lines of the levels below `level` to the system log, as `ident`; NULL for the
 * program's name.
 */
void osip_trace_initialize_syslog(osip_trace_level_t level, char *ident);

/**
 * Writes the lines of the levels below `level` to a stream, which stays open meanwhile; NULL for
 * standard output.
 *
 * Level 0 stops the trace. Returns 0.
 */
int osip_trace_initialize(osip_trace_level_t level, FILE *file);

/**
 * Switches on the levels below `level`, and the others off.
 */
void osip_trace_enable_until_level(osip_trace_level_t level);

/**
 * Switches a level on.
 */
void osip_trace_enable_level(osip_trace_level_t level);

/**
 * Switches a level off.
 */
void osip_trace_disable_level(osip_trace_level_t level);

/**
 * Whether a level is on: LOG_TRUE or LOG_FALSE.
 */
int osip_is_trace_level_activate(osip_trace_level_t level);

/**
 * What a return code means, in words. Not to be freed; never NULL.
 */
const char *osip_strerror(int err);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_PORT_H */
