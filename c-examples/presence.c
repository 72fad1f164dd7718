/*
 * presence PROXY AOR USER PASSWORD SECONDS BUDDY
 *
 * Registers, publishes that AOR is open (RFC 3903), and prints what the presence server says of
 * BUDDY (RFC 3856). Takes it back after SECONDS or on Ctrl-C. Status 0 when both were taken.
 */
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct eXosip_t *ctx;
static const char *aor, *buddy;
static char route[300];
static int sid, is_published, is_watching, were_both, is_leaving;
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

/* That we are open. The library adds the entity tag to what comes later for this AOR and event. */
static void publish(void)
{
    osip_message_t *request = NULL;
    char body[500];

    snprintf(body, sizeof body,
             "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"%s\">"
             "<tuple id=\"here\"><status><basic>open</basic></status></tuple>\n</presence>\n", aor);
    if (eXosip_build_publish(ctx, &request, aor, aor, route, "presence", "600",
                             "application/pidf+xml", body) == 0)
        eXosip_publish(ctx, request, aor);
}

static void watch(void)
{
    osip_message_t *request = NULL;

    if (eXosip_subscription_build_initial_subscribe(ctx, &request, buddy, aor, route, "presence",
                                                    600) == 0)
        sid = eXosip_subscription_send_initial_request(ctx, request);
}

/* Ends what was published and the subscription: they last 0 s more. */
static void leave(void)
{
    osip_message_t *request = NULL;

    if (eXosip_build_publish(ctx, &request, aor, aor, route, "presence", "0", NULL, NULL) == 0)
        eXosip_publish(ctx, request, aor);
    if (is_watching && eXosip_subscription_build_refresh_request(ctx, sid, &request) == 0) {
        osip_message_set_expires(request, "0");
        eXosip_subscription_send_refresh_request(ctx, sid, request);
    }
}

/* Whether a device of the buddy is open; where it has none the document has no <basic>. */
static void show(const osip_message_t *notify)
{
    osip_body_t *body = NULL;
    const char *text;

    osip_message_get_body(notify, 0, &body);
    text = body != NULL ? body->body : "";
    printf("%s is %s\n", buddy, strstr(text, "<basic>open<") != NULL ? "open"
                               : strstr(text, "<basic>closed<") != NULL ? "closed" : "unknown");
}

static void handle(const eXosip_event_t *event)
{
    int status = event->response != NULL ? event->response->status_code : 0;

    if (event->type == EXOSIP_MESSAGE_ANSWERED && MSG_IS_PUBLISH(event->request)) {
        is_published = !is_leaving;
        puts(is_published ? "published" : "taken back");
    } else if (event->type == EXOSIP_SUBSCRIPTION_NOTIFY) {
        is_watching = event->ss_status != EXOSIP_SUBCRSTATE_TERMINATED;
        show(event->request);
    } else if (status >= 300 && status != 401 && status != 407) { /* no challenge */
        printf("%s: %d %s\n", event->request->sip_method, status, event->textinfo);
    }
    /* A server that was started anew does not know it (RFC 6665 section 4.1.2.2). */
    if (event->sid == sid && !is_leaving &&
        (status == 481 || event->type == EXOSIP_SUBSCRIPTION_NOANSWER))
        watch();
    were_both |= is_published && is_watching;
}

static void run(int seconds)
{
    time_t end = time(NULL) + seconds; /* later: until when the last answers are awaited */

    while (!is_leaving || ((is_published || is_watching) && time(NULL) < end)) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 0, 100);

        eXosip_lock(ctx);
        eXosip_automatic_action(ctx); /* answers challenges, and refreshes both */
        if (event != NULL)
            handle(event);
        if (!is_leaving && (interrupted || time(NULL) >= end)) {
            leave();
            is_leaving = 1;
            end = time(NULL) + 5;
        }
        eXosip_unlock(ctx);
        eXosip_event_free(event);
    }
}

int main(int argc, char **argv)
{
    struct registerer_options options;
    int rid;

    if (argc != 7) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD SECONDS BUDDY\n", argv[0]);
        return 2;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    buddy = argv[6];
    snprintf(route, sizeof route, "<%s;lr>", argv[1]);
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, into a file too */
    signal(SIGINT, interrupt);
    ctx = eXosip_malloc();
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    eXosip_add_authentication_info(ctx, argv[3], argv[3], argv[4], NULL, NULL);
    rid = registerer_new(ctx, &options);
    registerer_register(ctx, rid);
    if (registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000) != 0) {
        puts("not registered");
    } else {
        printf("registered as %s\n", aor);
        publish();
        watch();
        run(atoi(argv[5]));
    }
    eXosip_quit(ctx); /* unregisters too */
    osip_free(ctx);
    return were_both ? 0 : 1;
}
