/* What the transcripts of osip_*.c are made of: the same program prints the same with libosip2 5.3
   and with libregister. */
#ifndef OSIP_PRINT_H
#define OSIP_PRINT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

/* Prints what is not ASCII, and what a terminal would not show, as \xNN. */
static inline void byte(char value)
{
    if ((value >= ' ' && value < 0x7f) || value == '\n' || value == '\t')
        putchar(value);
    else
        printf("\\x%02x", (unsigned char) value);
}

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
            byte(*value);
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

/* Prints the text of a message, without its CRs. */
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
                byte(dest[i]);
        osip_free(dest);
    }
    printf("\n");
}

/* Prints what a message was parsed into. */
static inline void parts(osip_message_t *message)
{
    text("version", message->sip_version);
    text("method", message->sip_method);
    text("reason", message->reason_phrase);
    printf(" status=%d property=%d\n", message->status_code, osip_message_get__property(message));
    if (message->req_uri != NULL) {
        printf(" to");
        uri(message->req_uri);
        printf("\n");
    }
    printf(" from");
    name_addr(osip_message_get_from(message));
    printf("\n");
    osip_contact_t *contact = NULL;
    for (int i = 0; osip_message_get_contact(message, i, &contact) >= 0; i++) {
        printf(" contact");
        name_addr(contact);
        printf("\n");
    }
    osip_header_t *header = NULL;
    for (int i = 0; osip_message_get_header(message, i, &header) >= 0; i++) {
        text("header", header->hname);
        text("", header->hvalue);
        printf("\n");
    }
    osip_body_t *body = NULL;
    for (int i = 0; osip_message_get_body(message, i, &body) >= 0; i++) {
        printf(" body of %zu with %d headers", body->length, osip_list_size(body->headers));
        text("", body->body);
        printf("\n");
    }
    printf(" %d vias, %d routes, %d allows, %d challenges, %d credentials\n",
           osip_list_size(&message->vias), osip_list_size(&message->routes),
           osip_list_size(&message->allows), osip_list_size(&message->www_authenticates),
           osip_list_size(&message->authorizations));
}

/* Parses a message; prints it, its parts and its copies. */
static inline void examine(const char *label, const char *bytes, size_t length)
{
    osip_message_t *message = NULL, *copy = NULL;
    osip_message_init(&message);
    int code = osip_message_parse(message, bytes, length);
    printf("--- %s: %d\n", label, code);
    if (code == 0) {
        parts(message);
        printf("osip_message_clone(message, &copy) = %d\n", osip_message_clone(message, &copy));
        whole(message);
        whole(copy);
        osip_message_free(copy);
        printf("osip_message_clone(message, &copy) = %d\n", osip_message_clone(message, &copy));
        osip_message_force_update(copy);
        whole(copy);
        osip_message_free(copy);
    }
    osip_message_free(message);
}

#define CODE(call) printf("%s = %ld\n", #call, (long) (call))

#endif
