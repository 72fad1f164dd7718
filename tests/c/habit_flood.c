/* Requests that nobody asked for, as many as the first argument says: they cost a bounded amount of
   memory, and the library goes on. */
#include "peer.h"

static struct peer peer;
static int got_503, got_others;

/* Pages in memory, in MiB. */
static long resident(void)
{
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    CHECK(statm != NULL && fscanf(statm, "%*d %ld", &pages) == 1);
    fclose(statm);
    return pages * sysconf(_SC_PAGESIZE) >> 20;
}

/* Takes the answers until that to a CANCEL, which comes at once: what was sent before was read, not
   lost in a buffer. */
static void drained(int port, int number)
{
    struct pollfd ready = {peer.fd, POLLIN, 0};
    char mark[32];

    snprintf(mark, sizeof mark, "Call-ID: mark-%d\r\n", number);
    send_message(&peer, port,
        "CANCEL sip:x@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKmark%d\r\nFrom: <sip:f@x>;tag=1\r\n"
        "To: <sip:x@127.0.0.1>\r\n%sCSeq: 1 CANCEL\r\n\r\n",
        peer.port, number, mark);
    while (poll(&ready, 1, 1000) > 0) {
        ssize_t length = recv(peer.fd, peer.received, sizeof peer.received - 1, 0);
        CHECK(length >= 0);
        peer.received[length] = '\0';
        if (strstr(peer.received, mark) != NULL)
            return;
        if (length > 12 && memcmp(peer.received, "SIP/2.0 503 ", 12) == 0)
            got_503++;
        else
            got_others++;
    }
}

static void flood(int port, int count)
{
    static const char *const methods[] = {"MESSAGE", "OPTIONS", "NOTIFY", "INVITE", "SUBSCRIBE",
                                          "FOO",     "BYE",     "GREET",  "ACK"};
    static char padding[58000];

    memset(padding, 'x', sizeof padding - 1);
    for (int i = 0; i < count; i++) {
        const char *method = methods[i % (sizeof methods / sizeof *methods)];

        switch (i % 20) {
        case 17: /* nothing to answer to */
            send_message(&peer, port,
                         "%s sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP\r\nCSeq: %d\r\n"
                         "Call-ID: %d\r\n\r\n",
                         method, i, i);
            break;
        case 18: /* an answer that nobody waits for */
            send_message(&peer, port,
                         "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK%d\r\n"
                         "CSeq: 1 REGISTER\r\nCall-ID: %d\r\n\r\n",
                         i, i);
            break;
        default:
            send_message(&peer, port,
                "%s sip:x@127.0.0.1 SIP/2.0\r\n"
                "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKflood%d\r\n"
                "From: <sip:f%d@x>;tag=%d\r\n"
                "To: <sip:x@127.0.0.1>\r\nCall-ID: flood-%d\r\nCSeq: 1 %s\r\n"
                "Contact: <sip:f@127.0.0.1>\r\nX-Padding: %.*s\r\n\r\n",
                method, peer.port, i, i, i, i, method, i % 20 == 19 ? (int)sizeof padding - 1 : 200,
                padding);
        }
        if (i % 50 == 49)
            drained(port, i);
    }
}

static void registered(struct eXosip_t *ctx)
{
    osip_message_t *reg = NULL;
    eXosip_event_t *event;
    int reported = 0, rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1",
                                                                   peer.uri, NULL, 600, &reg);

    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    do {
        CHECK(receive_within(&peer, 10000));
    } while (strncmp(peer.received, "REGISTER ", 9) != 0);
    welcome(&peer);
    /* Behind all that was reported of the flood. */
    while ((event = eXosip_event_wait(ctx, 10, 0)) != NULL &&
           event->type != EXOSIP_REGISTRATION_SUCCESS) {
        reported++;
        eXosip_event_free(event);
    }
    CHECK(event != NULL && event->rid == rid);
    eXosip_event_free(event);
    printf("%d requests were reported\n", reported);
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx = listening();
    int port, count = argc > 1 ? atoi(argv[1]) : 50000;
    long before, grown;

    peer_open(&peer);
    registered(ctx);
    port = ntohs(peer.from.sin_port);
    before = resident();
    flood(port, count);
    grown = resident() - before;
    printf("%d requests, %d times 503, %d other answers, %ld MiB more\n", count, got_503,
           got_others, grown);
    if (count >= 50000) {
        CHECK(got_503 > 1000);
        CHECK(grown < 64);
    }
    CHECK(got_others > 0);

    /* Life goes on: our own requests, and an answer for whoever asks. */
    registered(ctx);
    send_message(&peer, port,
        "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKafter\r\nFrom: <sip:f@x>;tag=1\r\n"
        "To: <sip:x@127.0.0.1>\r\nCall-ID: after\r\nCSeq: 1 OPTIONS\r\n\r\n",
        peer.port);
    do {
        CHECK(receive_within(&peer, 10000));
    } while (field(&peer, "Call-ID") == NULL || strcmp(peer.value, "after") != 0);
    CHECK(strncmp(peer.received, "SIP/2.0 503 ", 12) == 0 ||
          strncmp(peer.received, "SIP/2.0 200 ", 12) == 0);
    ended(ctx);
    peer_close(&peer);
    return 0;
}
