
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
typedef enum _trace_level {
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
