/* What program.c can do: each action calls a function or two of the API and prints what they
   returned. */
#ifndef ACTIONS_H
#define ACTIONS_H

#include <eXosip2/eXosip.h>
#include <osipparser2/sdp_message.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct eXosip_t *context;
static eXosip_event_t *event;  /* the one that is acted upon, or NULL */
static int cid, did, tid, sid; /* its ids */
static int last_cid, last_sid; /* of the last call and subscription that were begun */
static int other_did;          /* instead of the event's, or 0 */
static int automatic, verbose; /* automatic_action in the loop; messages that are built printed */

/* ---- what the next message that is built gets ----------------------------------------------- */

static char *fields[16], body[1000], body_type[100];
static int field_count;

/* Seconds since the first call. */
static double seconds(void)
{
    static double begin;
    struct timespec t;
    double now;

    clock_gettime(CLOCK_MONOTONIC, &t);
    now = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    if (begin == 0)
        begin = now;
    return now - begin;
}

static void say(const char *format, ...)
{
    va_list arguments;

    printf("t=%.2f ", seconds());
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

static const char *presence(const void *pointer)
{
    return pointer != NULL ? "set" : "NULL";
}

/* The next word of a text, which moves on behind it. */
static char *word(char **text)
{
    char *begin = *text + strspn(*text, " ");
    size_t length = strcspn(begin, " ");

    *text = begin + length;
    if (**text != '\0')
        *(*text)++ = '\0';
    *text += strspn(*text, " ");
    return begin;
}

/* `-` is NULL and EMPTY is "". */
static const char *argument(const char *text)
{
    if (strcmp(text, "-") == 0 || *text == '\0')
        return NULL;
    return strcmp(text, "EMPTY") == 0 ? "" : text;
}

static void print(osip_message_t *message)
{
    char *text = NULL, *rest, *line;
    size_t length = 0;

    if (message == NULL || osip_message_to_str(message, &text, &length) != 0) {
        say("dump none");
        return;
    }
    for (line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest))
        printf("   | %s\n", line);
    fflush(stdout);
    osip_free(text);
}

/* Header fields and body onto a message that was built. */
static void complete(osip_message_t *message)
{
    int i;

    for (i = 0; i < field_count; i++) {
        char *value = fields[i], *name = word(&value);

        osip_message_set_header(message, name, value);
        free(fields[i]);
    }
    field_count = 0;
    if (*body != '\0') {
        osip_message_set_body(message, body, strlen(body));
        osip_message_set_content_type(message, body_type);
        *body = '\0';
    }
    if (verbose)
        print(message);
}

static void do_hdr(char *rest)
{
    if (field_count < 16)
        fields[field_count++] = strdup(rest);
}

static void do_sdp(char *rest)
{
    snprintf(body, sizeof body,
             "v=0\r\no=ex 1 1 IN IP4 127.0.0.1\r\ns=%s\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
             "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
             rest);
    strcpy(body_type, "application/sdp");
}

static void do_body(char *rest)
{
    snprintf(body_type, sizeof body_type, "%s", word(&rest));
    snprintf(body, sizeof body, "%s", rest);
}

/* ---- the context ---------------------------------------------------------------------------- */

static void do_auto(char *rest)
{
    automatic = atoi(rest);
}

static void do_dump(char *rest)
{
    verbose = atoi(rest);
}

static void do_say(char *rest)
{
    say("say %s", rest);
}

static void do_default(char *rest)
{
    (void)rest;
    say("default_action rc=%d", eXosip_default_action(context, event));
}

/* USER PASSWORD REALM */
static void do_cred(char *rest)
{
    char *user = word(&rest), *password = word(&rest);

    say("cred rc=%d", eXosip_add_authentication_info(context, user, user, password, NULL,
                                                     argument(word(&rest))));
}

/* NUMBER VALUE */
static void do_opt(char *rest)
{
    int option = atoi(word(&rest)), value = atoi(rest), result;
    int is_text = option == 17 || option == 28 || option == 31 || option == 34;

    result = eXosip_set_option(context, option, is_text ? (void *)rest : (void *)&value);
    say("opt %d %s rc=%d", option, rest, result);
}

static void do_masq(char *rest)
{
    char *host = word(&rest);

    eXosip_masquerade_contact(context, argument(host), atoi(rest));
    say("masquerade");
}

static void do_sleep(char *rest)
{
    eXosip_unlock(context);
    usleep((useconds_t)atoi(rest) * 1000);
    eXosip_lock(context);
}

/* DID, instead of the event's; 0: the event's again */
static void do_use(char *rest)
{
    other_did = atoi(rest);
}

static void do_quit(char *rest)
{
    (void)rest;
    eXosip_unlock(context);
    eXosip_quit(context);
    say("quit");
    _exit(0);
}

/* [request] [response] [ack]: of the event */
static void do_show(char *rest)
{
    if (event != NULL && strstr(rest, "request") != NULL)
        print(event->request);
    if (event != NULL && strstr(rest, "response") != NULL)
        print(event->response);
    if (event != NULL && strstr(rest, "ack") != NULL)
        print(event->ack);
}

/* ---- what more than one kind of actions needs ----------------------------------------------- */

typedef int (*build_answer)(struct eXosip_t *, int, int, osip_message_t **);
typedef int (*send_answer)(struct eXosip_t *, int, int, osip_message_t *);

/* By the functions of one family. CODE [null] */
static void answer_with(const char *family, build_answer build, send_answer send, const char *rest)
{
    int code = atoi(rest), built;
    osip_message_t *m = NULL;

    if (strstr(rest, "null") != NULL) {
        say("%s_send_answer(NULL) tid=%d %d rc=%d", family, tid, code,
            send(context, tid, code, NULL));
        return;
    }
    built = build(context, tid, code, &m);
    if (built != 0 || m == NULL) {
        say("%s_build_answer tid=%d %d rc=%d msg=%s", family, tid, code, built, presence(m));
        return;
    }
    complete(m);
    say("%s_answer tid=%d %d build=%d send=%d", family, tid, code, built,
        send(context, tid, code, m));
}

/* Calls a function that is given an id that nothing has. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        int result;                                                                                \
        message = (osip_message_t *)&text;                                                         \
        result = call;                                                                             \
        say("bad %s id=%d rc=%d msg=%s", #call, id, result,                                        \
            message == (osip_message_t *)&text ? "untouched" : presence(message));                 \
        if (message != (osip_message_t *)&text)                                                    \
            osip_message_free(message);                                                            \
    } while (0)

#include "bad_call_ids.h"
#include "bad_subscription_ids.h"
#include "call_actions.h"
#include "reading.h"
#include "subscription_actions.h"

static const struct {
    const char *name;
    void (*function)(char *rest);
} actions[] = {
    {"hdr", do_hdr},           {"sdp", do_sdp},             {"body", do_body},
    {"auto", do_auto},         {"dump", do_dump},           {"say", do_say},
    {"default", do_default},   {"cred", do_cred},           {"opt", do_opt},
    {"masq", do_masq},         {"sleep", do_sleep},         {"quit", do_quit},
    {"show", do_show},         {"use", do_use},             {"transport", do_transport},
    /* calls */
    {"invite", do_invite},     {"ack", do_ack},             {"answer", do_answer},
    {"term", do_term},         {"reason", do_reason},       {"termhdr", do_termhdr},
    {"req", do_req},           {"info", do_info},           {"options", do_options},
    {"update", do_update},     {"notify", do_notify},       {"refer", do_refer},
    {"prack", do_prack},       {"getsdp", do_getsdp},       {"setref", do_setref},
    {"getref", do_getref},     {"referto", do_referto},     {"replaces", do_replaces},
    {"stats", do_stats},       {"bad", do_bad},
    /* subscriptions, publications, requests outside of dialogs */
    {"subscribe", do_subscribe}, {"referout", do_referout}, {"srefresh", do_srefresh},
    {"sremove", do_sremove},   {"ians", do_ians},           {"inotify", do_inotify},
    {"ireq", do_ireq},         {"iremove", do_iremove},     {"iautomatic", do_iautomatic},
    {"publish", do_publish},   {"omsg", do_omsg},           {"mans", do_mans},
    {"oans", do_oans},         {"substats", do_substats},   {"badsubs", do_badsubs},
};

static void act(char *text)
{
    char *name = word(&text);
    size_t i;

    if (event != NULL) {
        cid = event->cid;
        did = event->did;
        tid = event->tid;
        sid = event->sid;
    } else if (cid == 0) {
        cid = last_cid;
    }
    if (other_did != 0)
        did = other_did;
    for (i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        eXosip_lock(context);
        actions[i].function(text);
        eXosip_unlock(context);
        return;
    }
    printf("no action: %s\n", name);
    exit(9);
}

#endif
