/*
 * phone PROXY AOR USER PASSWORD SECONDS [CALLEE [ROOTS]]
 *
 * Registers, then calls CALLEE (sip:bob@example.com), or with none or `-` waits for a call and
 * answers it. Prints what happens, hangs up SECONDS after the answer or on Ctrl-C, and ends with
 * the call. Status 0 when somebody answered. PROXY may say `;transport=tcp` or `tls`; then the
 * server's certificate is checked by those in the file ROOTS, or by the system's. It describes a
 * stream and sends no sound: that is another library's task.
 */
#define _POSIX_C_SOURCE 200809L
#include <eXosip2/eXosip.h>
#include <registerer.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static struct eXosip_t *ctx;
static int cid, did;      /* the only call and its dialog; 0: none */
static time_t hang_up_at; /* 0 until it is answered */
static int seconds, ended;
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

/* One audio stream. A true phone says where it listens; port 9 discards. */
static void describe(osip_message_t *message)
{
    static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                              "t=0 0\r\nm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    osip_message_set_body(message, sdp, strlen(sdp));
    osip_message_set_content_type(message, "application/sdp");
}

static void call(const char *callee, const char *aor, const char *proxy)
{
    osip_message_t *invite = NULL;
    char route[300];

    /* All goes by the proxy: `lr` makes it a loose route (RFC 3261 section 16.12). */
    snprintf(route, sizeof route, "<%s;lr>", proxy);
    printf("calling %s\n", callee);
    eXosip_lock(ctx);
    if (eXosip_call_build_initial_invite(ctx, &invite, callee, aor, route, NULL) == 0) {
        describe(invite);
        cid = eXosip_call_send_initial_invite(ctx, invite);
    }
    eXosip_unlock(ctx);
    ended = cid <= 0;
}

/* Rings and answers; a second call at the same time is refused. */
static void called(const eXosip_event_t *event)
{
    osip_message_t *answer = NULL;
    char *from = NULL;

    if (cid != 0) {
        eXosip_call_send_answer(ctx, event->tid, 486, NULL);
        return;
    }
    cid = event->cid;
    osip_from_to_str(event->request->from, &from);
    printf("called by %s\n", from);
    osip_free(from);
    eXosip_call_send_answer(ctx, event->tid, 180, NULL);
    if (eXosip_call_build_answer(ctx, event->tid, 200, &answer) == 0) {
        describe(answer);
        eXosip_call_send_answer(ctx, event->tid, 200, answer);
    }
}

/* Says where the other side listens. */
static void talk(void)
{
    sdp_message_t *sdp = eXosip_get_remote_sdp(ctx, did);
    sdp_media_t *media = eXosip_get_audio_media(sdp);
    sdp_connection_t *connection = eXosip_get_audio_connection(sdp);

    puts("talking");
    if (media != NULL && connection != NULL)
        printf("its audio goes to %s port %s\n", connection->c_addr, media->m_port);
    sdp_message_free(sdp);
    hang_up_at = time(NULL) + seconds;
}

static void handle(const eXosip_event_t *event)
{
    static const char *const texts[EXOSIP_EVENT_COUNT] = {
        [EXOSIP_CALL_RINGING] = "it rings",
        [EXOSIP_CALL_NOANSWER] = "no answer",
        [EXOSIP_CALL_CANCELLED] = "the caller has given up",
        [EXOSIP_CALL_CLOSED] = "the other side has hung up",
    };

    if (event->type == EXOSIP_CALL_INVITE)
        called(event);
    if (event->cid != cid || cid == 0)
        return; /* of a call that was refused, or of no call */
    if (event->did > 0)
        did = event->did;
    if (texts[event->type] != NULL)
        puts(texts[event->type]);
    /* Perhaps a challenge, which run() answers. */
    if (event->response != NULL && event->response->status_code >= 300)
        printf("refused: %d %s\n", event->response->status_code, event->response->reason_phrase);
    if (event->type == EXOSIP_CALL_ANSWERED)
        eXosip_call_send_ack(ctx, event->tid, NULL);
    if ((event->type == EXOSIP_CALL_ANSWERED || event->type == EXOSIP_CALL_ACK) && !hang_up_at)
        talk();
    if (event->type == EXOSIP_CALL_MESSAGE_ANSWERED && MSG_IS_BYE(event->request)) {
        puts("hung up");
        ended = 1;
    }
    /* It is released some seconds after all else, such as a refusal. */
    ended |= event->type == EXOSIP_CALL_CLOSED || event->type == EXOSIP_CALL_RELEASED;
}

static void run(void)
{
    int hanging_up = 0;

    while (!ended) {
        eXosip_event_t *event = eXosip_event_wait(ctx, 0, 100);

        eXosip_lock(ctx);
        eXosip_automatic_action(ctx); /* answers challenges */
        if (event != NULL)
            handle(event);
        if (!hanging_up && (interrupted || (hang_up_at != 0 && time(NULL) >= hang_up_at))) {
            hanging_up = 1;
            ended |= eXosip_call_terminate(ctx, cid, did) < 0; /* BYE, CANCEL or 603 */
        }
        eXosip_unlock(ctx);
        eXosip_event_free(event);
    }
}

int main(int argc, char **argv)
{
    struct registerer_options options;
    eXosip_tls_ctx_t tls;
    char why[256];
    int rid, by_tls, by_tcp;

    registerer_options_init(&options, sizeof options);
    if (argc < 6) {
        fprintf(stderr, "usage: %s PROXY AOR USER PASSWORD SECONDS [CALLEE [ROOTS]]\n", argv[0]);
        return 2;
    }
    options.registrar = argv[1];
    options.aor = argv[2];
    options.username = argv[3];
    options.password = argv[4];
    options.tls_ca_file = argc > 7 ? argv[7] : NULL;
    seconds = atoi(argv[5]);
    if (registerer_check(&options, why, sizeof why) != 0) {
        fprintf(stderr, "%s\n", why);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line at once, into a file too */
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    memset(&tls, 0, sizeof tls);
    snprintf(tls.root_ca_cert, sizeof tls.root_ca_cert, "%s", argc > 7 ? argv[7] : "");
    by_tls = strstr(argv[1], "transport=tls") != NULL;
    by_tcp = by_tls || strstr(argv[1], "transport=tcp") != NULL;
    ctx = eXosip_malloc();
    if (eXosip_init(ctx) != 0 ||
        eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls) != 0 ||
        eXosip_listen_addr(ctx, by_tcp ? IPPROTO_TCP : IPPROTO_UDP, NULL, 0, AF_INET, by_tls) != 0)
        return 1;
    eXosip_add_authentication_info(ctx, argv[3], argv[3], argv[4], NULL, NULL);
    rid = registerer_new(ctx, &options);
    registerer_register(ctx, rid);
    if (registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000) != 0) {
        registerer_explain(ctx, rid, why, sizeof why);
        printf("not registered: %s\n", why);
    } else {
        printf("registered as %s\n", argv[2]);
        if (argc > 6 && strcmp(argv[6], "-") != 0)
            call(argv[6], argv[2], argv[1]);
        run();
    }
    registerer_dispose(ctx, rid);
    registerer_wait(ctx, rid, REGISTERER_TERMINATED, 5000);
    eXosip_quit(ctx);
    osip_free(ctx);
    return hang_up_at != 0 ? 0 : 1;
}
