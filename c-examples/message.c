/*
 * message PROXY AOR USER PASSWORD SECONDS [TO TEXT]
 *
 * Registers, sends TEXT to TO (RFC 3428) where they are given and ends with the answer; else prints
 * the messages that come, for SECONDS or until Ctrl-C. Status 0 when the text was taken, or one
 * came.
 */
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <ctype.h>
#include <signal.h>

static struct eXosip_t *ctx;
static int sent; /* the number of our request; 0: none */
static int is_taken, is_refused, has_come;
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

static int say(const char *to, const char *from, const char *proxy, const char *text)
{
    osip_message_t *message = NULL;
    char route[300];
    int error;

    snprintf(route, sizeof route, "<%s;lr>", proxy);
    error = eXosip_message_build_request(ctx, &message, "MESSAGE", to, from, route);
    if (error != 0)
        return error;
    osip_message_set_content_type(message, "text/plain;charset=utf-8");
    osip_message_set_body(message, text, strlen(text));
    return eXosip_message_send_request(ctx, message);
}

/* Prints the text without control characters, which others may have put in. */
static void show(const osip_message_t *message)
{
    osip_body_t *body = NULL;
    char *from = NULL;

    osip_from_to_str(message->from, &from);
    printf("%s: ", from);
    osip_free(from);
    if (osip_message_get_body(message, 0, &body) >= 0)
        for (size_t i = 0; i < body->length; i++)
            putchar(iscntrl((unsigned char)body->body[i]) ? ' ' : body->body[i]);
    putchar('\n');
}

static void handle(const eXosip_event_t *event)
{
    int status = event->response != NULL ? event->response->status_code : 0;

    switch (event->type) {
    case EXOSIP_MESSAGE_NEW:
        if (MSG_IS_MESSAGE(event->request)) {
            show(event->request);
            has_come = 1;
            eXosip_message_send_answer(ctx, event->tid, 200, NULL);
        } else if (!MSG_IS_OPTIONS(event->request)) { /* an OPTIONS is answered for us */
            eXosip_message_send_answer(ctx, event->tid, 501, NULL);
        }
        break;
    case EXOSIP_MESSAGE_ANSWERED:
        puts("taken");
        is_taken = 1;
        break;
    case EXOSIP_MESSAGE_REDIRECTED:
    case EXOSIP_MESSAGE_REQUESTFAILURE:
    case EXOSIP_MESSAGE_SERVERFAILURE:
    case EXOSIP_MESSAGE_GLOBALFAILURE:
        if (status == 401 || status == 407)
            break; /* the automatic action answers it, by a request with another tid */
        printf("not taken: %d %s\n", status, event->textinfo);
        is_refused = 1;
        break;
    default:
        break;
    }
}

int main(int argc, char **argv)
{
    struct registerer_options options;
    time_t end;
    int rid;

    if (argc != 6 && argc != 8) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD SECONDS [TO TEXT]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    ctx = eXosip_malloc();
    if (eXosip_init(ctx) != 0 || eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 1;
    eXosip_add_authentication_info(ctx, argv[3], argv[3], argv[4], NULL, NULL);
    rid = registerer_new(ctx, &options);
    registerer_register(ctx, rid);
    if (registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000) == 0) {
        printf("registered as %s\n", argv[2]);
        if (argc == 8 && (sent = say(argv[6], argv[2], argv[1], argv[7])) < 0)
            is_refused = 1;
        end = time(NULL) + atoi(argv[5]);
        while (!interrupted && time(NULL) < end && !is_refused && !is_taken) {
            eXosip_event_t *event = eXosip_event_wait(ctx, 0, 100);

            eXosip_automatic_action(ctx); /* answers challenges */
            if (event != NULL)
                handle(event);
            eXosip_event_free(event);
        }
    }
    eXosip_quit(ctx); /* unregisters too */
    osip_free(ctx);
    return is_taken || has_come ? 0 : 1;
}
