/*
 * phone PROXY AOR USER PASSWORD SECONDS [CALLEE]
 *
 * Registers, then calls CALLEE (sip:bob@example.com), or waits for a call and answers it. Prints
 * what happens, hangs up SECONDS after the answer or on Ctrl-C, and ends with the call. Status 0
 * when somebody answered. All goes over UDP, or over TCP where PROXY says `;transport=tcp`. It
 * describes a stream and sends no sound: that is another library's task.
 */
#define _POSIX_C_SOURCE 200809L
#include <registerer.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* The only call. */
static struct {
    struct eXosip_t *ctx;
    int cid, did;      /* the numbers of the call and its dialog; cid 0: there is none */
    time_t hang_up_at; /* 0 until it is answered */
    int answered, ended;
} phone;

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* One audio stream. A true phone says where it listens; port 9 discards. */
static void describe(osip_message_t *message)
{
    static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                              "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    osip_message_set_body(message, sdp, strlen(sdp));
    osip_message_set_content_type(message, "application/sdp");
}

/* Where the other side listens. */
static void print_stream(void)
{
    sdp_message_t *sdp = eXosip_get_remote_sdp(phone.ctx, phone.did);
    sdp_media_t *media = sdp != NULL ? eXosip_get_audio_media(sdp) : NULL;
    sdp_connection_t *connection = sdp != NULL ? eXosip_get_audio_connection(sdp) : NULL;

    if (media != NULL && connection != NULL)
        printf("its audio goes to %s port %s\n", connection->c_addr, media->m_port);
    sdp_message_free(sdp);
}

static int call(const char *callee, const char *aor, const char *proxy)
{
    osip_message_t *invite = NULL;
    char route[300];
    int result;

    /* All goes by the proxy: `lr` makes it a loose route (RFC 3261 section 16.12). */
    snprintf(route, sizeof route, "<%s;lr>", proxy);
    eXosip_lock(phone.ctx);
    result = eXosip_call_build_initial_invite(phone.ctx, &invite, callee, aor, route, NULL);
    if (result == 0) {
        describe(invite);
        result = phone.cid = eXosip_call_send_initial_invite(phone.ctx, invite);
    }
    eXosip_unlock(phone.ctx);
    printf("calling %s\n", callee);
    return result > 0;
}

/* Rings and answers; a second call at the same time is refused. */
static void called(const eXosip_event_t *event)
{
    osip_message_t *answer = NULL;
    char *from = NULL;

    if (phone.cid != 0) {
        eXosip_call_send_answer(phone.ctx, event->tid, 486, NULL);
        return;
    }
    phone.cid = event->cid;
    phone.did = event->did;
    osip_from_to_str(event->request->from, &from);
    printf("called by %s\n", from);
    osip_free(from);
    eXosip_call_send_answer(phone.ctx, event->tid, 180, NULL);
    if (eXosip_call_build_answer(phone.ctx, event->tid, 200, &answer) == 0) {
        describe(answer);
        eXosip_call_send_answer(phone.ctx, event->tid, 200, answer);
    }
}

static void talk(int seconds)
{
    if (phone.answered)
        return;
    puts("talking");
    print_stream();
    phone.answered = 1;
    phone.hang_up_at = time(NULL) + seconds;
}

static void handle(const eXosip_event_t *event, int seconds)
{
    if (event->type == EXOSIP_CALL_INVITE) {
        called(event);
        return;
    }
    if (event->cid != phone.cid || phone.cid == 0)
        return; /* of a call that was refused, or of no call */
    if (event->did > 0)
        phone.did = event->did;
    switch (event->type) {
    case EXOSIP_CALL_RINGING:
        puts("it rings");
        break;
    case EXOSIP_CALL_ANSWERED:
        eXosip_call_send_ack(phone.ctx, event->tid, NULL);
        talk(seconds);
        break;
    case EXOSIP_CALL_ACK:
        talk(seconds);
        break;
    case EXOSIP_CALL_REQUESTFAILURE: /* perhaps a challenge, which is answered in run() */
    case EXOSIP_CALL_SERVERFAILURE:
    case EXOSIP_CALL_GLOBALFAILURE:
        printf("refused: %d %s\n", event->response->status_code, event->response->reason_phrase);
        break;
    case EXOSIP_CALL_NOANSWER:
        puts("no answer");
        break;
    case EXOSIP_CALL_CANCELLED:
        puts("the caller has given up");
        break;
    case EXOSIP_CALL_CLOSED: /* by the other side */
        puts("the other side has hung up");
        phone.ended = 1;
        break;
    case EXOSIP_CALL_MESSAGE_ANSWERED:
        if (MSG_IS_BYE(event->request)) {
            puts("hung up");
            phone.ended = 1;
        }
        break;
    case EXOSIP_CALL_RELEASED: /* whatever else there was: this is the last of each call */
        phone.ended = 1;
        break;
    default:
        break;
    }
}

static void run(int seconds)
{
    int hanging_up = 0;

    while (!phone.ended) {
        eXosip_event_t *event = eXosip_event_wait(phone.ctx, 0, 100);
        int over = interrupted || (phone.answered && time(NULL) >= phone.hang_up_at);

        eXosip_lock(phone.ctx);
        eXosip_automatic_action(phone.ctx); /* answers challenges */
        if (event != NULL)
            handle(event, seconds);
        if (over && !hanging_up) {
            hanging_up = 1;
            phone.ended |= phone.cid == 0;
            eXosip_call_terminate(phone.ctx, phone.cid, phone.did); /* BYE, CANCEL or 603 */
        }
        eXosip_unlock(phone.ctx);
        eXosip_event_free(event);
    }
}

int main(int argc, char **argv)
{
    struct registerer_options options;
    char wrong[256];
    int rid, by;

    if (argc < 6) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD SECONDS [CALLEE]\n", argv[0]);
        return 2;
    }
    registerer_options_init(&options, sizeof options);
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    if (registerer_check(&options, wrong, sizeof wrong) != 0) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, into a file too */
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    phone.ctx = eXosip_malloc();
    by = strstr(argv[1], "transport=tcp") != NULL ? IPPROTO_TCP : IPPROTO_UDP;
    if (eXosip_init(phone.ctx) != 0 ||
        eXosip_listen_addr(phone.ctx, by, NULL, 0, AF_INET, 0) != 0)
        return 1;
    eXosip_add_authentication_info(phone.ctx, argv[3], argv[3], argv[4], NULL, NULL);
    rid = registerer_new(phone.ctx, &options);
    registerer_register(phone.ctx, rid);
    if (registerer_wait(phone.ctx, rid, REGISTERER_REGISTERED, 10000) != 0) {
        registerer_explain(phone.ctx, rid, wrong, sizeof wrong);
        printf("not registered: %s\n", wrong);
    } else {
        printf("registered as %s\n", argv[2]);
        if (argc == 6 || call(argv[6], argv[2], argv[1]))
            run(atoi(argv[5]));
    }
    registerer_dispose(phone.ctx, rid);
    registerer_wait(phone.ctx, rid, REGISTERER_TERMINATED, 5000);
    eXosip_quit(phone.ctx);
    osip_free(phone.ctx);
    return phone.answered ? 0 : 1;
}
