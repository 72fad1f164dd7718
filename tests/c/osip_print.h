/* What the transcripts of osip_*.c are made of: the same program prints the same with libosip2 5.3 and with libregister. */
#ifndef OSIP_PRINT_H
#define OSIP_PRINT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

/* Prints a text with its line ends visible; NULL is a dash. */
static inline void text(const char *name, const char *value)
{
    printf(" %s=", name);
    if (value == NULL) {
        printf("-");
        return;
    }
    putchar('[');
    for (; *value != '\0'; value++) {
        if (*value == '\r')
            printf("\\r");
        else if (*value == '\n')
            printf("\\n");
        else
            putchar(*value);
    }
    putchar(']');
}

static inline void params(const char *name, const osip_list_t *list)
{
    for (int i = 0; i < osip_list_size(list); i++) {
        const osip_uri_param_t *param = osip_list_get(list, i);
        printf(" %s", name);
        text("", param->gname);
        text("", param->gvalue);
    }
}

static inline void uri(const osip_uri_t *url)
{
    if (url == NULL) {
        printf(" no uri");
        return;
    }
    text("scheme", url->scheme);
    text("user", url->username);
    text("password", url->password);
    text("host", url->host);
    text("port", url->port);
    text("string", url->string);
    params("param", &url->url_params);
    params("header", &url->url_headers);
}

static inline void name_addr(const osip_from_t *from)
{
    if (from == NULL) {
        printf(" none");
        return;
    }
    text("name", from->displayname);
    uri(from->url);
    params("with", &from->gen_params);
}

/* Prints what a to_str function gave, and frees it. */
static inline void printed(int code, char *dest)
{
    printf("  prints %d", code);
    if (code == 0) {
        text("", dest);
        osip_free(dest);
    }
    printf("\n");
}

/* Prints the text of a message as it is. */
static inline void whole(osip_message_t *message)
{
    char *dest = NULL;
    size_t length = 0;
    int code = osip_message_to_str(message, &dest, &length);
    printf("to_str %d", code);
    if (code == 0) {
        printf(" %zu bytes, property %d\n", length, message->message_property);
        for (size_t i = 0; i < length; i++)
            if (dest[i] != '\r')
                putchar(dest[i] != '\0' ? dest[i] : '@');
        osip_free(dest);
    }
    printf("\n");
}

#define CODE(call) printf("%s = %ld\n", #call, (long) (call))

#endif
