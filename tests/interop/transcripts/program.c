/* A user agent that does what its arguments say. It prints a line for each event, and for each
   function that it calls.

     program [tcp] [unbound] [learn] [plain] PORT SECONDS RULE...

   tcp      over TCP instead of UDP
   unbound  without eXosip_listen_addr
   learn    with option 2: Contacts show the address that responses have shown
   plain    with the library's own User-Agent
   PORT     of 127.0.0.1
   SECONDS  how long it runs
   RULE     WHEN=ACTION|ACTION|...
   WHEN     start, +MS (so long after the start), EVENT, EVENT#N (its N-th), EVENT+MS or
            EVENT#N+MS (so long after it, with its ids); EVENT is one of `event_names`
   ACTION   one of `actions` in actions.h, with its words; they may hold blanks and no `|`

   PROGRAM_TRACE=LEVEL in the environment traces to the standard error. */
#include "actions.h"

#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#define MOST 64

static const char *const event_names[] = {
    "REGOK",      "REGFAIL",    "INVITE",     "REINVITE",    "NOANSWER",   "PROCEEDING",
    "RINGING",    "ANSWERED",   "REDIRECTED", "REQFAIL",     "SRVFAIL",    "GLOBFAIL",
    "ACK",        "CANCELLED",  "MSGNEW",     "MSGPROC",     "MSGANS",     "MSGREDIR",
    "MSGREQFAIL", "MSGSRVFAIL", "MSGGLOBFAIL", "CLOSED",     "RELEASED",   "OUTNEW",
    "OUTPROC",    "OUTANS",     "OUTREDIR",   "OUTREQFAIL",  "OUTSRVFAIL", "OUTGLOBFAIL",
    "SUBNOANS",   "SUBPROC",    "SUBANS",     "SUBREDIR",    "SUBREQFAIL", "SUBSRVFAIL",
    "SUBGLOBFAIL", "SUBNOTIFY", "INSUB",      "NOTNOANS",    "NOTPROC",    "NOTANS",
    "NOTREDIR",   "NOTREQFAIL", "NOTSRVFAIL", "NOTGLOBFAIL",
};
#define EVENTS ((int)(sizeof event_names / sizeof *event_names))

/* When to do what. */
static struct rule {
    const char *actions;
    int at_start;
    int after; /* milliseconds after the start, or after the event */
    int type;  /* of the event, or -1 */
    int which; /* its number, or 0 for each */
    int done;
} rules[MOST];
static int rule_count;

/* What a rule leaves to be done later, with the event. */
static struct {
    double at;
    const char *actions;
    eXosip_event_t *event;
    int done;
} later[4 * MOST];
static int later_count;

/* Carries out the actions of a rule, with the ids of an event. */
static void carry_out(const char *actions, eXosip_event_t *with)
{
    char *copy = strdup(actions), *rest = copy, *one;

    event = with;
    while ((one = strsep(&rest, "|")) != NULL)
        act(one);
    event = NULL;
    free(copy);
}

static int read_rule(const char *text)
{
    struct rule *rule = &rules[rule_count++];
    char when[100], *plus, *number;
    const char *equals = strchr(text, '=');
    int i;

    if (equals == NULL || rule_count == MOST)
        return 0;
    snprintf(when, sizeof when, "%.*s", (int)(equals - text), text);
    rule->actions = equals + 1;
    rule->type = -1;
    rule->at_start = strcmp(when, "start") == 0;
    if ((plus = strchr(when, '+')) != NULL) {
        rule->after = atoi(plus + 1);
        *plus = '\0';
    }
    if ((number = strchr(when, '#')) != NULL) {
        rule->which = atoi(number + 1);
        *number = '\0';
    }
    for (i = 0; i < EVENTS; i++)
        if (strcmp(when, event_names[i]) == 0)
            rule->type = i;
    return rule->at_start || rule->type >= 0 || when[0] == '\0';
}

static void print_event(const eXosip_event_t *e)
{
    char request[80] = "-", response[20] = "-", more[80] = "";
    const char *name = e->type >= 0 && (int)e->type < EVENTS ? event_names[e->type] : "?";

    if (e->request != NULL)
        snprintf(request, sizeof request, "%s/%s",
                 e->request->sip_method ? e->request->sip_method : "?",
                 e->request->cseq ? e->request->cseq->number : "?");
    if (e->response != NULL)
        snprintf(response, sizeof response, "%d", e->response->status_code);
    if (e->rid || e->sid || e->nid || e->ss_status || e->ss_reason)
        snprintf(more, sizeof more, " rid=%d sid=%d nid=%d ss=%d/%d", e->rid, e->sid, e->nid,
                 e->ss_status, e->ss_reason);
    say("EV %s(%d) cid=%d did=%d tid=%d rq=%s rs=%s ack=%s ref=%s%s \"%s\"", name, e->type,
        e->cid, e->did, e->tid, request, response, e->ack ? "set" : "-",
        e->external_reference ? "set" : "-", more, e->textinfo);
}

/* The event belongs to a rule that acts later, or is freed. */
static void handle(eXosip_event_t *e)
{
    static int seen[MOST];
    int number = ++seen[e->type % MOST], kept = 0, i;

    print_event(e);
    for (i = 0; i < rule_count; i++) {
        const struct rule *rule = &rules[i];

        if (rule->type != (int)e->type || (rule->which != 0 && rule->which != number))
            continue;
        if (rule->after == 0) {
            carry_out(rule->actions, e);
        } else if (later_count < 4 * MOST) {
            later[later_count].at = seconds() + rule->after / 1e3;
            later[later_count].actions = rule->actions;
            later[later_count++].event = e;
            kept = 1;
        }
    }
    if (!kept)
        eXosip_event_free(e);
}

static void run(double length)
{
    int i;

    for (i = 0; i < rule_count; i++)
        if (rules[i].at_start)
            carry_out(rules[i].actions, NULL);
    while (seconds() < length) {
        eXosip_event_t *e;

        for (i = 0; i < rule_count; i++) {
            struct rule *rule = &rules[i];
            int waits = rule->type < 0 && !rule->at_start && !rule->done;

            if (waits && seconds() >= rule->after / 1e3) {
                rule->done = 1;
                carry_out(rule->actions, NULL);
            }
        }
        for (i = 0; i < later_count; i++)
            if (!later[i].done && seconds() >= later[i].at) {
                later[i].done = 1;
                carry_out(later[i].actions, later[i].event);
            }
        e = eXosip_event_wait(context, 0, 20);
        if (automatic) {
            eXosip_lock(context);
            eXosip_automatic_action(context);
            eXosip_unlock(context);
        }
        if (e != NULL)
            handle(e);
    }
}

int main(int argc, char **argv)
{
    int at = 1, tcp = 0, unbound = 0, learn = 0, plain = 0, off = 0, port;
    const char *level = getenv("PROGRAM_TRACE");
    double length;

    for (; at < argc && strspn(argv[at], "0123456789") == 0; at++) {
        tcp |= strcmp(argv[at], "tcp") == 0;
        unbound |= strcmp(argv[at], "unbound") == 0;
        learn |= strcmp(argv[at], "learn") == 0;
        plain |= strcmp(argv[at], "plain") == 0;
    }
    if (at + 2 > argc)
        return 2;
    port = atoi(argv[at++]);
    length = atof(argv[at++]);
    for (; at < argc; at++)
        if (!read_rule(argv[at])) {
            printf("no rule: %s\n", argv[at]);
            return 2;
        }
    if (level != NULL)
        osip_trace_initialize((osip_trace_level_t)atoi(level), stderr);
    context = eXosip_malloc();
    if (context == NULL || eXosip_init(context) != 0)
        return 3;
    eXosip_set_option(context, EXOSIP_OPT_UDP_KEEP_ALIVE, &off);
    eXosip_set_option(context, EXOSIP_OPT_AUTO_MASQUERADE_CONTACT, &learn);
    if (!plain)
        eXosip_set_user_agent(context, "program");
    if (!unbound && eXosip_listen_addr(context, tcp ? IPPROTO_TCP : IPPROTO_UDP, "127.0.0.1", port,
                                       AF_INET, 0) != 0) {
        puts("listen failed");
        return 4;
    }
    seconds();
    puts("ready");
    fflush(stdout);
    run(length);
    say("end");
    _exit(0); /* nothing is sent at the end: what is left over is the peer's view */
}
