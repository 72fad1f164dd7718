/* The other side of the wire, in the same program: a UDP socket that receives what the library
   sends and answers it. Where the environment's PEER_REGISTRARS names two ports of 127.0.0.1,
   REGISTERs are answered by the true registrars there: the peer is then a proxy that adds its Via,
   as RFC 3261 section 16.11 has it, and passes on what they say. The first of them lets everybody
   in, the second asks for a password. tests/interop/habits runs the programs so. */
#ifndef PEER_H
#define PEER_H

#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct peer {
    int fd;
    int port;
    /* sip:127.0.0.1:PORT */
    char uri[40];
    /* What was received last, and from where. */
    char received[66000];
    struct sockaddr_in from;
    /* The value that `field` found last. */
    char value[4096];
    /* Hashes of what was received, so that a retransmission (a slow machine, valgrind) is not
       received twice. */
    unsigned long known[256];
    unsigned count;
    /* The true registrars' ports, that which asks last; 0: there are none. And the socket towards
       them. */
    int registrar[2];
    int onward;
    /* What the last challenge said. */
    char realm[64], nonce[128];
};

static inline int known(struct peer *peer)
{
    unsigned long hash = 5381;

    for (const char *byte = peer->received; *byte != '\0'; byte++)
        hash = hash * 33 + (unsigned char)*byte;
    for (unsigned i = 0; i < 256; i++)
        if (peer->known[i] == hash)
            return 1;
    peer->known[peer->count++ % 256] = hash;
    return 0;
}

static inline struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    return address;
}

static inline void peer_open(struct peer *peer)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;

    memset(peer, 0, sizeof *peer);
    peer->fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(peer->fd >= 0);
    CODE(0, bind(peer->fd, (struct sockaddr *)&address, size));
    CODE(0, getsockname(peer->fd, (struct sockaddr *)&address, &size));
    peer->port = ntohs(address.sin_port);
    snprintf(peer->uri, sizeof peer->uri, "sip:127.0.0.1:%d", peer->port);
    snprintf(peer->realm, sizeof peer->realm, "test");
    snprintf(peer->nonce, sizeof peer->nonce, "n1");
    peer->onward = -1;
    if (getenv("PEER_REGISTRARS") != NULL) {
        CODE(2,
             sscanf(getenv("PEER_REGISTRARS"), "%d %d", &peer->registrar[0], &peer->registrar[1]));
        peer->onward = socket(AF_INET, SOCK_DGRAM, 0);
        address = loopback(0);
        CODE(0, bind(peer->onward, (struct sockaddr *)&address, sizeof address));
    }
}

/* Whether true registrars answer. */
static inline int proxied(const struct peer *peer)
{
    return peer->registrar[0] != 0;
}

static inline void peer_close(struct peer *peer)
{
    close(peer->fd);
    if (proxied(peer))
        close(peer->onward);
}

/* Whether a new message comes within so many milliseconds; keep-alives do not count. */
static inline int receive_within(struct peer *peer, int ms)
{
    for (;;) {
        struct pollfd ready = {peer->fd, POLLIN, 0};
        socklen_t size = sizeof peer->from;
        ssize_t length;

        if (poll(&ready, 1, ms) <= 0)
            return 0;
        length = recvfrom(peer->fd, peer->received, sizeof peer->received - 1, 0,
                          (struct sockaddr *)&peer->from, &size);
        CHECK(length >= 0);
        peer->received[length] = '\0';
        if (length > 33 && !known(peer))
            return 1;
    }
}

/* The next message, which must begin like this. */
static inline const char *receive_message(struct peer *peer, const char *beginning)
{
    CHECK(receive_within(peer, 10000));
    if (strncmp(peer->received, beginning, strlen(beginning)) != 0) {
        fprintf(stderr, "not a %s: %s\n", beginning, peer->received);
        exit(1);
    }
    return peer->received;
}

/* The value of header field `name` number `at` (from 0) in the message received last; NULL where
   there is none. */
static inline const char *field_at(struct peer *peer, const char *name, int at)
{
    size_t length = strlen(name);
    const char *line = strstr(peer->received, "\r\n");

    while (line != NULL && strncmp(line, "\r\n\r\n", 4) != 0) {
        const char *end = strstr(line + 2, "\r\n");
        CHECK(end != NULL);
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':' && at-- == 0) {
            const char *value = line + 3 + length;
            while (*value == ' ')
                value++;
            snprintf(peer->value, sizeof peer->value, "%.*s", (int)(end - value), value);
            return peer->value;
        }
        line = end;
    }
    return NULL;
}

static inline const char *field(struct peer *peer, const char *name)
{
    return field_at(peer, name, 0);
}

/* Header field `name` of the message received last is there once and is exactly `value`; NULL: is
   not there. */
#define FIELD(peer, name, wanted) \
    do { \
        const char *wanted_ = (wanted), *found_ = field((peer), (name)); \
        if ((wanted_ == NULL) != (found_ == NULL) || \
            (wanted_ != NULL && strcmp(found_, wanted_) != 0)) { \
            fprintf(stderr, "%s:%d: %s is '%s', not '%s'\n", __FILE__, __LINE__, (name), \
                    found_ ? found_ : "(none)", wanted_ ? wanted_ : "(none)"); \
            exit(1); \
        } \
        CHECK(field_at((peer), (name), 1) == NULL); \
    } while (0)

/* Answers the request received last. `more` is header fields, each with its CRLF. */
static inline void answer(struct peer *peer, const char *status, const char *more)
{
    static const char *const copied[] = {"Via", "From", "To", "Call-ID", "CSeq"};
    char text[8192];
    int length = snprintf(text, sizeof text, "SIP/2.0 %s\r\n", status);

    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
        const char *value = field(peer, copied[i]);
        CHECK(value != NULL);
        length += snprintf(text + length, sizeof text - (size_t)length, "%s: %s%s\r\n", copied[i],
                           value, strcmp(copied[i], "To") == 0 ? ";tag=peer" : "");
    }
    length += snprintf(text + length, sizeof text - (size_t)length, "%sContent-Length: 0\r\n"
        "\r\n", more);
    CHECK((size_t)length < sizeof text);
    CODE(length, (int)sendto(peer->fd, text, (size_t)length, 0, (struct sockaddr *)&peer->from,
                             sizeof peer->from));
}

/* Has the request received last answered by a true registrar, with this status, and passes the
   answer on without our Via. */
static inline void pass_on(struct peer *peer, int asking, int status)
{
    static int number;
    struct sockaddr_in here, to = loopback(peer->registrar[asking]);
    struct pollfd ready = {peer->onward, POLLIN, 0};
    socklen_t size = sizeof here;
    char text[70000], *via, *next;
    const char *rest = strstr(peer->received, "\r\n");
    int length, got;

    CHECK(rest != NULL);
    CODE(0, getsockname(peer->onward, (struct sockaddr *)&here, &size));
    length = snprintf(text, sizeof text, "%.*s\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKpassed%d.%d%s", (int)(rest - peer->received),
                      peer->received, ntohs(here.sin_port), (int)getpid(), number++, rest);
    CODE(length,
         (int)sendto(peer->onward, text, (size_t)length, 0, (struct sockaddr *)&to, sizeof to));
    do {
        CHECK(poll(&ready, 1, 10000) == 1);
        length = (int)recv(peer->onward, text, sizeof text - 1, 0);
        CHECK(length > 0);
        text[length] = '\0';
        CODE(1, sscanf(text, "SIP/2.0 %d", &got));
    } while (got < 200);
    if (got != status) {
        fprintf(stderr, "the registrar said: %sto: %s", text, peer->received);
        exit(1);
    }
    via = strstr(text, "\r\nVia: ");
    CHECK(via != NULL && strstr(via, "z9hG4bKpassed") != NULL);
    next = strstr(via + 2, "\r\n");
    memmove(via, next, strlen(next) + 1);
    if (status == 401) {
        const char *asked = strstr(text, "\r\nWWW-Authenticate: Digest ");
        CHECK(asked != NULL);
        CODE(1, sscanf(strstr(asked, "realm="), "realm=\"%63[^\"]", peer->realm));
        CODE(1, sscanf(strstr(asked, "nonce="), "nonce=\"%127[^\"]", peer->nonce));
    }
    length = (int)strlen(text);
    CODE(length, (int)sendto(peer->fd, text, (size_t)length, 0, (struct sockaddr *)&peer->from,
                             sizeof peer->from));
}

/* Answers a REGISTER with 200: the Contact that it has, for as long as it asks. */
static inline void welcome(struct peer *peer)
{
    char more[5000] = "", expires[32];
    const char *value = field(peer, "Authorization");

    if (proxied(peer)) {
        pass_on(peer, value != NULL && strncmp(value, "Digest ", 7) == 0, 200);
        return;
    }
    value = field(peer, "Expires");
    snprintf(expires, sizeof expires, "%s", value != NULL ? value : "3600");
    value = field(peer, "Contact");
    if (value != NULL && atoi(expires) > 0)
        snprintf(more, sizeof more, "Contact: %s;expires=%s\r\n", value, expires);
    answer(peer, "200 OK", more);
}

#define CHALLENGE_OF(nonce)                                                    \
    "WWW-Authenticate: Digest realm=\"test\", nonce=\"" nonce "\", qop=\"auth\", algorithm=MD5\r\n"

static inline void challenge(struct peer *peer)
{
    if (proxied(peer))
        pass_on(peer, 1, 401);
    else
        answer(peer, "401 Unauthorized", CHALLENGE_OF("n1"));
}

/* Sends text to a port of 127.0.0.1. */
__attribute__((format(printf, 3, 4))) static inline void send_message(struct peer *peer, int port,
                                                             const char *format, ...)
{
    struct sockaddr_in to = loopback(port);
    char text[66000];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    CHECK(length > 0 && (size_t)length < sizeof text);
    CODE(length, (int)sendto(peer->fd, text, (size_t)length, 0, (struct sockaddr *)&to, sizeof to));
}

/* A first REGISTER for this user of 127.0.0.1 was sent to the peer: its registration's number. */
static inline int sent_register(const struct peer *peer, struct eXosip_t *ctx, const char *user)
{
    char from[64];
    osip_message_t *reg = NULL;
    int rid;

    snprintf(from, sizeof from, "sip:%s@127.0.0.1", user);
    rid = eXosip_register_build_initial_register(ctx, from, peer->uri, NULL, 600, &reg);
    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    return rid;
}

#endif
