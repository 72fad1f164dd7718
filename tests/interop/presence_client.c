/*
 * Publishes the state of its user, and watches that of another one, for tests/interop/presence.
 *
 *   presence_client PROXY AOR USER PASSWORD TRANSPORT [ROOTS]
 *
 * TRANSPORT is udp, tcp or tls; ROOTS a file of certificates, by which the server's is checked. A
 * line of standard input is a command; its end, or `quit`, ends the program.
 *
 *   watch AOR SECONDS       a new subscription
 *   refresh                 of the last one, as long again
 *   unwatch                 its end
 *   publish STATE SECONDS   open or closed
 *   unpublish
 *
 * Each event is a line; `body` is what a PUBLISH had of one, `match` its entity tag or `-`.
 *
 *   subscribed 200
 *   subscription refused 481
 *   notify active open             `-` where there is no tuple
 *   published 200 body 300 match -
 *   publication refused 412 body 0 match a.1
 */
#define _POSIX_C_SOURCE 200809L

#include "context.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct eXosip_t *ctx;
static const char *aor;
static char route[300];
static int sid, did, subscription_seconds, ended;

static void begin(const char *proxy, const char *user, const char *password, const char *transport,
                  const char *roots)
{
    ctx = context_over(transport, roots, 0);
    eXosip_add_authentication_info(ctx, user, user, password, NULL, NULL);
    snprintf(route, sizeof route, "<%s;lr>", proxy);
}

static void watch(const char *whom, int seconds)
{
    osip_message_t *subscribe = NULL;
    int code = eXosip_subscription_build_initial_subscribe(ctx, &subscribe, whom, aor, route,
                                                           "presence", seconds);

    if (code != 0)
        fail("the SUBSCRIBE was not built", code);
    osip_message_set_header(subscribe, "Accept", "application/pidf+xml");
    sid = eXosip_subscription_send_initial_request(ctx, subscribe);
    if (sid < 1)
        fail("the SUBSCRIBE was not sent", sid);
    subscription_seconds = seconds;
}

static void refresh(int seconds)
{
    osip_message_t *subscribe = NULL;
    char text[20];
    int code = eXosip_subscription_build_refresh_request(ctx, did, &subscribe);

    if (code != 0)
        fail("the refresh was not built", code);
    snprintf(text, sizeof text, "%d", seconds);
    osip_message_set_expires(subscribe, text);
    code = eXosip_subscription_send_refresh_request(ctx, did, subscribe);
    if (code != 0)
        fail("the refresh was not sent", code);
}

static void publish(const char *state, const char *seconds)
{
    osip_message_t *request = NULL;
    char body[400] = "";
    int code;

    if (state != NULL)
        snprintf(body, sizeof body,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"%s\">"
                 "<tuple id=\"one\"><status><basic>%s</basic></status></tuple></presence>\n",
                 aor, state);
    code = eXosip_build_publish(ctx, &request, aor, aor, route, "presence", seconds,
                                state != NULL ? "application/pidf+xml" : NULL,
                                state != NULL ? body : NULL);
    if (code != 0)
        fail("the PUBLISH was not built", code);
    code = eXosip_publish(ctx, request, aor);
    if (code < 1)
        fail("the PUBLISH was not sent", code);
}

/* One command. */
static void obey(char *line)
{
    char *word = strtok(line, " "), *first = strtok(NULL, " "), *second = strtok(NULL, " ");

    if (word == NULL || strcmp(word, "quit") == 0)
        ended = 1;
    else if (strcmp(word, "watch") == 0 && second != NULL)
        watch(first, atoi(second));
    else if (strcmp(word, "refresh") == 0)
        refresh(subscription_seconds);
    else if (strcmp(word, "unwatch") == 0)
        refresh(0);
    else if (strcmp(word, "publish") == 0 && second != NULL)
        publish(first, second);
    else if (strcmp(word, "unpublish") == 0)
        publish(NULL, "0");
    else
        fail(word, 0);
}

/* The commands that have come. */
static void read_commands(void)
{
    static char input[1000];
    static size_t length;
    struct pollfd waiting = {0, POLLIN, 0};
    char *end;
    ssize_t got;

    while (poll(&waiting, 1, 0) > 0) {
        got = read(0, input + length, sizeof input - 1 - length);
        if (got <= 0) {
            ended = 1;
            return;
        }
        length += (size_t)got;
        input[length] = '\0';
        while ((end = strchr(input, '\n')) != NULL) {
            *end++ = '\0';
            obey(input);
            length = strlen(end);
            memmove(input, end, length + 1);
        }
    }
}

/* What the body says: the last state in it, or `-`. */
static const char *state_in(const osip_message_t *message)
{
    osip_body_t *body = NULL;
    const char *state = "-";

    osip_message_get_body(message, 0, &body);
    if (body != NULL && strstr(body->body, "<basic>open</basic>") != NULL)
        state = "open";
    if (body != NULL && strstr(body->body, "<basic>closed</basic>") != NULL)
        state = "closed";
    return state;
}

static void print_event(const eXosip_event_t *event)
{
    static const char *const states[] = {"unknown", "pending", "active", "terminated"};
    int status = event->response != NULL ? event->response->status_code : 0;
    osip_header_t *match = NULL;
    osip_body_t *body = NULL;

    if (event->did > 0 && event->sid == sid)
        did = event->did;
    if (event->type == EXOSIP_SUBSCRIPTION_NOTIFY) {
        printf("notify %s %s\n", states[event->ss_status], state_in(event->request));
    } else if (event->type == EXOSIP_SUBSCRIPTION_ANSWERED) {
        printf("subscribed %d\n", status);
    } else if (event->sid > 0) {
        printf("subscription refused %d\n", status);
    } else if (event->request != NULL && MSG_IS_PUBLISH(event->request)) {
        osip_message_header_get_byname(event->request, "SIP-If-Match", 0, &match);
        osip_message_get_body(event->request, 0, &body);
        printf("%s %d body %lu match %s\n", status / 100 == 2 ? "published" : "publication refused",
               status, body != NULL ? (unsigned long)body->length : 0,
               match != NULL ? match->hvalue : "-");
    } else {
        printf("event %d status %d: %s\n", event->type, status, event->textinfo);
    }
}

int main(int argc, char **argv)
{
    if (argc < 6)
        fail("too few arguments", argc);
    setvbuf(stdout, NULL, _IOLBF, 0);
    aor = argv[2];
    begin(argv[1], argv[3], argv[4], argv[5], argc > 6 ? argv[6] : NULL);
    puts("ready");
    while (!ended) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 0, 20);

        eXosip_lock(ctx);
        eXosip_automatic_action(ctx);
        if (event != NULL)
            print_event(event);
        read_commands();
        eXosip_unlock(ctx);
        eXosip_event_free(event);
    }
    eXosip_quit(ctx);
    osip_free(ctx);
    return 0;
}
