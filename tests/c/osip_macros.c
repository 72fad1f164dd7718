/* The macros that programs use as statements, with and without a semicolon, as the body of an if,
   of an else and of a loop; and what the lists of a program's own structs become. */
#include "osip_print.h"
#include <osipparser2/osip_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
    int number;
    struct call *next;
    struct call *parent;
};

static int freed;

static void count(void *block)
{
    freed++;
    free(block);
}

static void frees(void)
{
    char *text[8];
    int i;

    for (i = 0; i < 8; i++)
        text[i] = osip_strdup("a text");
    osip_free(text[0])
    osip_free(text[1]);
    if (freed == 2)
        osip_free(text[2])
    else
        osip_free(text[3])
    if (freed == 2)
        osip_free(text[4])
    else
        osip_free(text[3]);
    for (i = 4; i < 6; i++)
        osip_free(text[i])
    do
        osip_free(text[i])
    while (++i < 8);
    text[0] = NULL;
    osip_free(text[0])
    printf("%d freed\n", freed);
}

static void allocations(void)
{
    char *text = osip_malloc(4), *more;

    if (text == NULL)
        exit(1);
    strcpy(text, "abc");
    more = text != NULL ? osip_realloc(text, 8) : osip_malloc(8);
    if (more == NULL)
        exit(1);
    strcat(more, "def");
    printf("%s\n", more);
    osip_free(more)
}

static void lines(int level)
{
    if (level == 0)
        TRACE_INITIALIZE(OSIP_INFO4, NULL);
    else
        TRACE_DISABLE_LEVEL(OSIP_INFO4);
    if (level == 0)
        TRACE_ENABLE_LEVEL(OSIP_INFO4);
    else
        OSIP_TRACE(osip_trace(__FILE__, __LINE__, OSIP_INFO4, NULL, "%s", "never printed"));
}

static void show(const char *what, const struct call *call)
{
    printf("%s:", what);
    for (; call != NULL; call = call->next)
        printf(" %d after %d", call->number, call->parent == NULL ? 0 : call->parent->number);
    printf("\n");
}

static void own_lists(void)
{
    struct call calls[4] = {{1, NULL, NULL}, {2, NULL, NULL}, {3, NULL, NULL}, {4, NULL, NULL}};
    struct call *one = calls, *two = one + 1, *three = two + 1, *four = three + 1;
    struct call *first = NULL;

    ADD_ELEMENT(first, one)
    ADD_ELEMENT(first, two);
    if (first == two)
        APPEND_ELEMENT(struct call, first, three)
    else
        APPEND_ELEMENT(struct call, first, one)
    ADD_ELEMENT(first, four)
    show("added", first);
    REMOVE_ELEMENT(first, two)
    printf("%d\n", two->next == NULL && two->parent == NULL);
    show("without the second", first);
    REMOVE_ELEMENT(first, four)
    show("without the first", first);
    REMOVE_ELEMENT(first, three)
    REMOVE_ELEMENT(first, one)
    show("without any", first);
    APPEND_ELEMENT(struct call, first, one)
    show("appended to nothing", first);
}

static void codes(void)
{
    printf("%d %d %d %d %d\n", SIP_SYNTAX_ERROR, SIP_NETWORK_ERROR, SIP_ECONNREFUSED,
           SIP_RESSOURCE_ERROR, SIP_GLOBAL_ERROR);
}

int main(void)
{
    osip_set_allocators(malloc, realloc, count);
    frees();
    allocations();
    lines(1);
    own_lists();
    codes();
    return 0;
}
