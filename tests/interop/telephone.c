/*
 * Makes or takes many calls, for tests/interop/telephones.
 *
 *   telephone [name=value]... call URI | answer
 *
 * from= (default sip:caller@127.0.0.1) user= password= port= transport=udp, tcp or tls; roots=
 * (file of certificates, which are then checked); proxy= (a URI: registers there first, and calls
 * go by it); count= (default 1) rate= (calls to begin each second, 10) talk= (milliseconds, 500)
 * reinvite=1 (an INVITE more within each call) limit= (seconds for all of it, 90)
 *
 *   ready
 *   registered
 *   10 answered, 10 ended, 10 released, 0 failed
 *
 * `call` makes count calls and hangs up; `answer` takes count calls and waits until the others hang
 * up. Status 0 when all were answered and ended, and each has been released.
 */
#define _POSIX_C_SOURCE 200809L

#include "context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 20000

static struct eXosip_t *ctx;
static const char *from = "sip:caller@127.0.0.1", *user, *password, *proxy, *roots, *callee;
static const char *transport = "udp";
static int port, count = 1, rate = 10, talk = 500, reinvite, limit = 90;
static int begun, answered, over, failed, released, registered;

/* Calls that are answered, in the order in which they are hung up. */
static struct {
    double at;
    int cid, did;
} talks[MOST];
static int first_talk, last_talk;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void describe(osip_message_t *message)
{
    static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                              "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    osip_message_set_body(message, sdp, strlen(sdp));
    osip_message_set_content_type(message, "application/sdp");
}

static void begin(void)
{
    ctx = context_over(transport, roots, port);
    if (user != NULL)
        eXosip_add_authentication_info(ctx, user, user, password, NULL, NULL);
}

static void register_first(void)
{
    osip_message_t *reg = NULL;
    int rid = eXosip_register_build_initial_register(ctx, from, proxy, NULL, 600, &reg);

    if (rid < 1 || eXosip_register_send_register(ctx, rid, reg) != 0)
        fail("the REGISTER was not taken", rid);
}

static void call_one(void)
{
    char route[300] = "";
    osip_message_t *invite = NULL;
    int code;

    if (proxy != NULL)
        snprintf(route, sizeof route, "<%s;lr>", proxy);
    code = eXosip_call_build_initial_invite(ctx, &invite, callee, from, route, NULL);
    if (code != 0)
        fail("the INVITE was not built", code);
    describe(invite);
    code = eXosip_call_send_initial_invite(ctx, invite);
    if (code < 1)
        fail("the INVITE was not sent", code);
    begun++;
}

static void take(int tid)
{
    osip_message_t *answer = NULL;
    int code;

    eXosip_call_send_answer(ctx, tid, 180, NULL);
    code = eXosip_call_build_answer(ctx, tid, 200, &answer);
    if (code == 0) {
        describe(answer);
        code = eXosip_call_send_answer(ctx, tid, 200, answer);
    }
    if (code != 0)
        fail("the answer was not taken", code);
}

/* Hangs up later; or, the first time with reinvite=1, asks once more first. */
static void talk_on(const eXosip_event_t *event)
{
    osip_message_t *invite = NULL;
    int is_first = strcmp(event->request->cseq->number, "20") == 0 || !reinvite;

    eXosip_call_send_ack(ctx, event->tid, NULL);
    if (reinvite && is_first) {
        if (eXosip_call_build_request(ctx, event->did, "INVITE", &invite) == 0) {
            describe(invite);
            eXosip_call_send_request(ctx, event->did, invite);
        }
        return;
    }
    answered++;
    talks[last_talk].at = now() + talk / 1e3;
    talks[last_talk].cid = event->cid;
    talks[last_talk++].did = event->did;
}

static void handle(const eXosip_event_t *event)
{
    int status = event->response != NULL ? event->response->status_code : 0;

    switch (event->type) {
    case EXOSIP_REGISTRATION_SUCCESS:
        if (!registered++)
            puts("registered");
        break;
    case EXOSIP_CALL_REINVITE:
        answered--; /* its ACK comes too */
        /* fallthrough */
    case EXOSIP_CALL_INVITE:
        take(event->tid);
        break;
    case EXOSIP_CALL_ANSWERED:
        talk_on(event);
        break;
    case EXOSIP_CALL_ACK:
        answered++;
        break;
    case EXOSIP_CALL_REQUESTFAILURE:
        if (status == 401 || status == 407)
            break;
        /* fallthrough */
    case EXOSIP_CALL_NOANSWER:
    case EXOSIP_CALL_SERVERFAILURE:
    case EXOSIP_CALL_GLOBALFAILURE:
    case EXOSIP_CALL_MESSAGE_SERVERFAILURE:
    case EXOSIP_CALL_MESSAGE_GLOBALFAILURE:
        printf("event %d status %d: %s\n", event->type, status, event->textinfo);
        failed++;
        break;
    case EXOSIP_CALL_MESSAGE_REQUESTFAILURE:
        if (status != 401 && status != 407) {
            printf("event %d status %d: %s\n", event->type, status, event->textinfo);
            failed++;
        }
        break;
    case EXOSIP_CALL_MESSAGE_ANSWERED:
        over += MSG_IS_BYE(event->request);
        break;
    case EXOSIP_CALL_CLOSED:
        over++;
        break;
    case EXOSIP_CALL_RELEASED:
        released++;
        break;
    default:
        break;
    }
}

static void run(void)
{
    double start = now(), first_call = 0;

    while (released < count && now() - start < limit) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 0, 10);

        eXosip_lock(ctx);
        eXosip_automatic_action(ctx);
        if (event != NULL)
            handle(event);
        if (first_call == 0 && callee != NULL && (proxy == NULL || registered))
            first_call = now();
        while (first_call > 0 && begun < count && begun <= (now() - first_call) * rate)
            call_one();
        while (first_talk < last_talk && talks[first_talk].at <= now()) {
            eXosip_call_terminate(ctx, talks[first_talk].cid, talks[first_talk].did);
            first_talk++;
        }
        eXosip_unlock(ctx);
        eXosip_event_free(event);
    }
}

static int setting(const char *text)
{
    static const struct {
        const char *name;
        const char **text;
        int *number;
    } settings[] = {
        {"from", &from, NULL},     {"user", &user, NULL},           {"password", &password, NULL},
        {"proxy", &proxy, NULL},   {"transport", &transport, NULL}, {"roots", &roots, NULL},
        {"port", NULL, &port},     {"count", NULL, &count},         {"rate", NULL, &rate},
        {"talk", NULL, &talk},     {"reinvite", NULL, &reinvite},   {"limit", NULL, &limit},
    };
    const char *value = strchr(text, '=');
    size_t i;

    for (i = 0; value != NULL && i < sizeof settings / sizeof *settings; i++) {
        size_t length = strlen(settings[i].name);

        if (length != (size_t)(value - text) || strncmp(text, settings[i].name, length) != 0)
            continue;
        if (settings[i].text != NULL)
            *settings[i].text = value + 1;
        else
            *settings[i].number = atoi(value + 1);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int i = 1;

    setvbuf(stdout, NULL, _IOLBF, 0);
    while (i < argc && strcmp(argv[i], "call") != 0 && setting(argv[i]))
        i++;
    if (i + 1 < argc && strcmp(argv[i], "call") == 0)
        callee = argv[i + 1];
    else if (i >= argc || strcmp(argv[i], "answer") != 0)
        fail("[name=value]... call URI | answer", i);
    if (count < 1 || count > MOST)
        fail("count", count);
    begin();
    puts("ready");
    if (proxy != NULL)
        register_first();
    run();
    printf("%d answered, %d ended, %d released, %d failed\n", answered, over, released, failed);
    eXosip_quit(ctx);
    osip_free(ctx);
    return answered == count && over == count && released == count && failed == 0 ? 0 : 1;
}
