/*
 * A registering program that follows a script and prints each event in a line, for
 * tests/interop/run.
 *
 *   client PROXY FROM [name=value]... STEP...
 *
 * user= password= contact= expires= (default 600) family=6 auto=0 (never call
 * eXosip_automatic_action) transport=tcp or tls, and for TLS: verify= (option 500), roots=
 * certificate= key= pin= (files)
 *
 * register, refresh, refresh:N, unregister   send, and wait until nothing is under way
 * wait:MS                                    look after the registration for so long
 * success:MS                                 the same, until an event is a success
 *
 *   SUCCESS 200 cseq 2 expires 600
 *   FAILURE 401 cseq 1
 *   FAILURE 0 cseq 1 Registration failed!    no answer; why, in the words of the event
 *
 * Status: 0 when the last event was a success, 2 an answered failure, 3 one without answer, 4 no
 * event within 40 s, 1 anything else.
 */
#define _POSIX_C_SOURCE 200809L

#include <eXosip2/eXosip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct eXosip_t *ctx;
static const char *proxy, *from, *user, *password, *contact, *transport = "udp";
static int expires = 600, family = AF_INET, automatic = 1, verify = -1, rid, status = 1;
static eXosip_tls_ctx_t tls;

static void fail(const char *what, int code)
{
    fprintf(stderr, "client: %s: %d\n", what, code);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* `expires` of our Contact in the answer, else of its Expires header, else -1. */
static int granted(const eXosip_event_t *event)
{
    osip_contact_t *ours = NULL, *theirs;
    osip_generic_param_t *param;
    osip_header_t *header = NULL;
    int i;

    osip_message_get_contact(event->request, 0, &ours);
    for (i = 0; ours != NULL && ours->url != NULL; i++) {
        theirs = NULL;
        osip_message_get_contact(event->response, i, &theirs);
        if (theirs == NULL)
            break;
        param = NULL;
        osip_contact_param_get_byname(theirs, (char *)"expires", &param);
        if (theirs->url != NULL && theirs->url->host != NULL &&
            strcmp(theirs->url->host, ours->url->host) == 0 && param != NULL)
            return atoi(param->gvalue);
    }
    osip_message_header_get_byname(event->response, "expires", 0, &header);
    return header != NULL ? atoi(header->hvalue) : -1;
}

static void print_event(const eXosip_event_t *event)
{
    int answer = event->response != NULL ? event->response->status_code : 0;
    int success = event->type == EXOSIP_REGISTRATION_SUCCESS;
    const char *cseq =
        event->request != NULL && event->request->cseq != NULL ? event->request->cseq->number : "?";

    if (event->rid != rid || (!success && event->type != EXOSIP_REGISTRATION_FAILURE))
        fail("an event of another kind", (int)event->type);
    if (success)
        printf("SUCCESS %d cseq %s expires %d\n", answer, cseq, granted(event));
    else
        printf("FAILURE %d cseq %s%s%s\n", answer, cseq, answer == 0 ? " " : "",
               answer == 0 ? event->textinfo : "");
    status = success ? 0 : answer > 0 ? 2 : 3;
}

/* One turn of the event loop; 1 when there was an event. */
static int turn(void)
{
    eXosip_event_t *event = eXosip_event_wait(ctx, 0, 50);

    if (automatic) {
        eXosip_lock(ctx);
        eXosip_automatic_action(ctx);
        eXosip_unlock(ctx);
    }
    if (event == NULL)
        return 0;
    print_event(event);
    eXosip_event_free(event);
    return 1;
}

/* Whether a REGISTER is under way; building one and not sending it changes nothing. */
static int busy(void)
{
    osip_message_t *reg = NULL;
    int code;

    eXosip_lock(ctx);
    code = eXosip_register_build_register(ctx, rid, expires, &reg);
    eXosip_unlock(ctx);
    osip_message_free(reg);
    return code == OSIP_WRONG_STATE;
}

/* Waits for a success, or for a failure after which nothing is under way and no event is waiting.
 */
static void settle(void)
{
    double start = now();
    int reported = 0, came;

    do {
        came = turn();
        reported |= came;
        if (now() - start > 40) {
            puts("NOTHING");
            exit(4);
        }
    } while (!reported || (status != 0 && (came || busy())));
}

static void ask(int seconds)
{
    osip_message_t *reg = NULL;
    int code;

    eXosip_lock(ctx);
    if (rid == 0)
        code = rid =
            eXosip_register_build_initial_register(ctx, from, proxy, contact, seconds, &reg);
    else
        code = eXosip_register_build_register(ctx, rid, seconds, &reg);
    if (code >= 0)
        code = eXosip_register_send_register(ctx, rid, reg);
    eXosip_unlock(ctx);
    if (code < 0)
        fail("the REGISTER was not taken", code);
    settle();
}

static void begin(void)
{
    int over = strcmp(transport, "udp") == 0 ? IPPROTO_UDP : IPPROTO_TCP, code;

    ctx = eXosip_malloc();
    if ((code = eXosip_init(ctx)) != 0)
        fail("eXosip_init", code);
    if (verify >= 0)
        eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE, &verify);
    eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls);
    code = eXosip_listen_addr(ctx, over, NULL, 0, family, strcmp(transport, "tls") == 0);
    if (code != 0)
        fail("eXosip_listen_addr", code);
    if (user != NULL)
        eXosip_add_authentication_info(ctx, user, user, password, NULL, NULL);
}

static void step(const char *what)
{
    const char *colon = strchr(what, ':');
    int count = colon != NULL ? atoi(colon + 1) : 1;
    double end;

    if (strcmp(what, "register") == 0) {
        ask(expires);
    } else if (strncmp(what, "refresh", 7) == 0) {
        while (count-- > 0)
            ask(expires);
    } else if (strcmp(what, "unregister") == 0) {
        ask(0);
    } else if (strncmp(what, "success:", 8) == 0) {
        for (end = now() + count / 1000.0; now() < end && status != 0;)
            turn();
    } else if (strncmp(what, "wait:", 5) == 0) {
        for (end = now() + count / 1000.0; now() < end;)
            turn();
    } else {
        fail(what, 0);
    }
}

static void copy(char *field, size_t size, const char *value)
{
    snprintf(field, size, "%s", value);
}

/* Takes a name=value; 0 when it is a step. */
static int setting(char *text)
{
    static const char *const names[] = {"user", "password", "contact", "expires",
                                        "family", "transport", "verify", "roots",
                                        "certificate", "key", "pin", "auto"};
    char *value = strchr(text, '=');
    size_t i;

    for (i = 0; value != NULL && i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) != (size_t)(value - text) ||
            strncmp(text, names[i], strlen(names[i])) != 0)
            continue;
        value++;
        switch (i) {
        case 0: user = value; break;
        case 1: password = value; break;
        case 2: contact = value; break;
        case 3: expires = atoi(value); break;
        case 4: family = atoi(value) == 6 ? AF_INET6 : AF_INET; break;
        case 5: transport = value; break;
        case 6: verify = atoi(value); break;
        case 7: copy(tls.root_ca_cert, sizeof tls.root_ca_cert, value); break;
        case 8: copy(tls.client.cert, sizeof tls.client.cert, value); break;
        case 9: copy(tls.client.priv_key, sizeof tls.client.priv_key, value); break;
        case 10:
            copy(tls.client.public_key_pinned, sizeof tls.client.public_key_pinned, value);
            break;
        default: automatic = atoi(value); break;
        }
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int i = 3;

    if (argc < 4)
        fail("PROXY FROM [name=value]... STEP...", argc);
    setvbuf(stdout, NULL, _IOLBF, 0);
    proxy = argv[1];
    from = argv[2];
    while (i < argc && setting(argv[i]))
        i++;
    begin();
    for (; i < argc; i++)
        step(argv[i]);
    eXosip_quit(ctx);
    osip_free(ctx);
    return status;
}
