/* What caller.c can do: each action calls a function or two of the API and prints what they
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
static int cid, did, tid;      /* its ids */
static int last_cid;           /* of the last call that was made */
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

/* ---- the call ------------------------------------------------------------------------------- */

/* TO FROM ROUTE SUBJECT */
static void do_invite(char *rest)
{
    char *to = word(&rest), *from = word(&rest), *route = word(&rest);
    osip_message_t *invite = NULL;
    int result;

    result = eXosip_call_build_initial_invite(context, &invite, argument(to), argument(from),
                                              argument(route), argument(rest));
    if (result != 0 || invite == NULL) {
        say("build_initial_invite rc=%d msg=%s", result, presence(invite));
        return;
    }
    complete(invite);
    result = eXosip_call_send_initial_invite(context, invite);
    if (result > 0)
        last_cid = result;
    say("send_initial_invite rc=%d", result);
}

/* [null] [did] */
static void do_ack(char *rest)
{
    int id = strstr(rest, "did") != NULL ? did : tid, built;
    osip_message_t *ack = NULL;

    if (strstr(rest, "null") != NULL) {
        say("send_ack(NULL) id=%d rc=%d", id, eXosip_call_send_ack(context, id, NULL));
        return;
    }
    built = eXosip_call_build_ack(context, id, &ack);
    if (built != 0 || ack == NULL) {
        say("build_ack id=%d rc=%d msg=%s", id, built, presence(ack));
        return;
    }
    complete(ack);
    say("send_ack id=%d build=%d send=%d", id, built, eXosip_call_send_ack(context, id, ack));
}

/* CODE [null] */
static void do_answer(char *rest)
{
    int code = atoi(rest), built;
    osip_message_t *answer = NULL;

    if (strstr(rest, "null") != NULL) {
        say("send_answer(NULL) tid=%d %d rc=%d", tid, code,
            eXosip_call_send_answer(context, tid, code, NULL));
        return;
    }
    built = eXosip_call_build_answer(context, tid, code, &answer);
    if (built != 0 || answer == NULL) {
        say("build_answer tid=%d %d rc=%d msg=%s", tid, code, built, presence(answer));
        return;
    }
    complete(answer);
    say("send_answer tid=%d %d build=%d send=%d", tid, code, built,
        eXosip_call_send_answer(context, tid, code, answer));
}

/* [c|d]: only by this id */
static void do_term(char *rest)
{
    int c = *rest == 'd' ? 0 : cid, d = *rest == 'c' ? 0 : did;

    say("terminate cid=%d did=%d rc=%d", c, d, eXosip_call_terminate(context, c, d));
}

static void do_reason(char *rest)
{
    say("terminate_with_reason cid=%d did=%d rc=%d", cid, did,
        eXosip_call_terminate_with_reason(context, cid, did, argument(rest)));
}

static void do_termhdr(char *rest)
{
    const char *name = argument(word(&rest));

    say("terminate_with_header cid=%d did=%d rc=%d", cid, did,
        eXosip_call_terminate_with_header(context, cid, did, name, argument(rest)));
}

/* ---- requests within it --------------------------------------------------------------------- */

static void send_request(const char *method, int built, osip_message_t *request)
{
    if (built != 0 || request == NULL) {
        say("build_%s did=%d rc=%d msg=%s", method, did, built, presence(request));
        return;
    }
    complete(request);
    say("send_%s did=%d build=%d send=%d", method, did, built,
        eXosip_call_send_request(context, did, request));
}

static void do_req(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_request(context, did, argument(rest), &m);

    send_request(rest, built, m);
}

static void do_info(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_info(context, did, &m);

    (void)rest;
    send_request("INFO", built, m);
}

static void do_options(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_options(context, did, &m);

    (void)rest;
    send_request("OPTIONS", built, m);
}

static void do_update(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_update(context, did, &m);

    (void)rest;
    send_request("UPDATE", built, m);
}

static void do_notify(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_notify(context, did, atoi(rest), &m);

    send_request("NOTIFY", built, m);
}

static void do_refer(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_refer(context, did, argument(rest), &m);

    send_request("REFER", built, m);
}

static void do_prack(char *rest)
{
    osip_message_t *prack = NULL;
    osip_message_t *response = event != NULL ? event->response : NULL;
    int built = eXosip_call_build_prack(context, tid, response, &prack);

    (void)rest;
    if (built != 0 || prack == NULL) {
        say("build_prack tid=%d rc=%d", tid, built);
        return;
    }
    complete(prack);
    say("send_prack tid=%d build=%d send=%d", tid, built,
        eXosip_call_send_prack(context, tid, prack));
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

static void do_quit(char *rest)
{
    (void)rest;
    eXosip_unlock(context);
    eXosip_quit(context);
    say("quit");
    _exit(0);
}

#include "reading.h"
#include "bad_ids.h"

static const struct {
    const char *name;
    void (*function)(char *rest);
} actions[] = {
    {"hdr", do_hdr},         {"sdp", do_sdp},           {"body", do_body},
    {"invite", do_invite},   {"ack", do_ack},           {"answer", do_answer},
    {"term", do_term},       {"reason", do_reason},     {"termhdr", do_termhdr},
    {"req", do_req},         {"info", do_info},         {"options", do_options},
    {"update", do_update},   {"notify", do_notify},     {"refer", do_refer},
    {"prack", do_prack},     {"getsdp", do_getsdp},     {"setref", do_setref},
    {"getref", do_getref},   {"referto", do_referto},   {"replaces", do_replaces},
    {"show", do_show},       {"stats", do_stats},       {"auto", do_auto},
    {"dump", do_dump},       {"say", do_say},           {"default", do_default},
    {"cred", do_cred},       {"opt", do_opt},           {"masq", do_masq},
    {"sleep", do_sleep},     {"quit", do_quit},         {"bad", do_bad},
};

static void act(char *text)
{
    char *name = word(&text);
    size_t i;

    if (event != NULL) {
        cid = event->cid;
        did = event->did;
        tid = event->tid;
    } else if (cid == 0) {
        cid = last_cid;
    }
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
