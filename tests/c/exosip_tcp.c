/* A program over TCP: what the calls return, the one connection, its end, and fork. */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in address_of(int port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    return address;
}

/* A socket that listens on a port of 127.0.0.1; the port. */
static int listens(int *port)
{
    struct sockaddr_in address = address_of(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CODE(0, bind(fd, (struct sockaddr *)&address, size));
    CODE(0, listen(fd, 8));
    CODE(0, getsockname(fd, (struct sockaddr *)&address, &size));
    *port = ntohs(address.sin_port);
    return fd;
}

static int connects(int port)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CODE(0, connect(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

static int is_readable(int fd, int ms)
{
    struct pollfd ready = {fd, POLLIN, 0};
    return poll(&ready, 1, ms) == 1;
}

/* Reads one request of a connection; requests here have no body. */
static void read_request(int fd, char *text, size_t size)
{
    size_t length = 0;

    do {
        CHECK(length + 1 < size && is_readable(fd, 10000));
        ssize_t count = read(fd, text + length, size - 1 - length);
        CHECK(count > 0);
        length += (size_t)count;
        text[length] = '\0';
    } while (strstr(text, "\r\n\r\n") == NULL);
}

static void copy_field(const char *request, const char *name, char *answer)
{
    const char *line = strstr(request, name), *end;

    CHECK(line != NULL);
    end = strstr(line + 2, "\r\n");
    strncat(answer, line, (size_t)(end - line));
}

static void welcome(int fd, const char *request)
{
    char answer[4096] = "SIP/2.0 200 OK";

    copy_field(request, "\r\nVia:", answer);
    copy_field(request, "\r\nFrom:", answer);
    copy_field(request, "\r\nTo:", answer);
    strcat(answer, ";tag=r");
    copy_field(request, "\r\nCall-ID:", answer);
    copy_field(request, "\r\nCSeq:", answer);
    copy_field(request, "\r\nContact:", answer);
    strcat(answer, "\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n");
    CODE((int)strlen(answer), (int)write(fd, answer, strlen(answer)));
}

static struct eXosip_t *context(void)
{
    struct eXosip_t *ctx = eXosip_malloc();

    CHECK(ctx != NULL);
    CODE(0, eXosip_init(ctx));
    return ctx;
}

static int registers(struct eXosip_t *ctx, int port)
{
    osip_message_t *reg = NULL;
    char proxy[64];
    int rid;

    snprintf(proxy, sizeof proxy, "sip:127.0.0.1:%d", port);
    rid = eXosip_register_build_initial_register(ctx, "sip:alice@127.0.0.1", proxy, NULL, 60, &reg);
    CHECK(rid > 0);
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    return rid;
}

static void codes(void)
{
    struct eXosip_t *ctx = context();
    int zero = 0, port, taken = listens(&port), range[2] = {70000, 1};

    /* The port is remembered and not opened. */
    CODE(OSIP_BADPARAMETER, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 65536, AF_INET, 0));
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, "127.0.0.1", port, AF_INET, 0));
    CODE(OSIP_WRONG_STATE, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 0));
    CODE(OSIP_WRONG_STATE, eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0));
    CODE(OSIP_WRONG_STATE, eXosip_set_socket(ctx, IPPROTO_UDP, taken, port));
    CODE(0, eXosip_reset_transports(ctx));
    ended(ctx);
    CHECK(!is_readable(taken, 0));

    ctx = context();
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT, &zero));
    CODE(OSIP_UNDEFINED_ERROR, eXosip_listen_addr(ctx, IPPROTO_TCP, "127.0.0.1", port, AF_INET, 0));
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, "127.0.0.1", 0, AF_INET, 0));
    CODE(OSIP_BADPARAMETER, eXosip_set_option(ctx, EXOSIP_OPT_SET_OC_PORT_RANGE, range));
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_SET_OC_LOCAL_ADDRESS, "127.0.0.2"));
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_SET_OC_LOCAL_ADDRESS, NULL));
    range[0] = range[1] = 0;
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_SET_OC_PORT_RANGE, range));
    ended(ctx);

    /* A descriptor that is no connection is kept, and closed at the end. */
    ctx = context();
    CODE(OSIP_UNDEFINED_ERROR, eXosip_set_socket(ctx, IPPROTO_TCP, -1, 0));
    CODE(0, eXosip_set_socket(ctx, IPPROTO_TCP, taken, port));
    CODE(OSIP_WRONG_STATE, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 0));
    ended(ctx);
    CODE(-1, close(taken));
}

static void a_connection_of_the_program(void)
{
    struct eXosip_t *ctx = context();
    char request[4096], via[64];
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    int port, server = listens(&port), made = connects(port), accepted = accept(server, NULL, NULL);

    CODE(0, getsockname(made, (struct sockaddr *)&own, &size));
    CODE(0, eXosip_set_socket(ctx, IPPROTO_TCP, made, 0));
    registers(ctx, port);
    read_request(accepted, request, sizeof request);
    snprintf(via, sizeof via, "Via: SIP/2.0/TCP 127.0.0.1:%d;", ntohs(own.sin_port));
    CHECK(strstr(request, via) != NULL);
    welcome(accepted, request);
    eXosip_event_free(eXosip_event_wait(ctx, 10, 0));
    ended(ctx);
    CODE(0, (int)read(accepted, request, sizeof request));
    close(accepted);
    close(server);
}

/* With options 21 and 22 a connection is made from the port that accepts others; a second one to
   the same peer cannot be, and has another port. */
static void from_the_port_that_accepts(void)
{
    struct eXosip_t *ctx = context();
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int port, server = listens(&port), zero = 0, one = 1, own, accepted, other;

    close(listens(&own));
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT, &zero));
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_ENABLE_REUSE_TCP_PORT, &one));
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, "127.0.0.1", own, AF_INET, 0));
    registers(ctx, port);
    accepted = accept(server, (struct sockaddr *)&from, &size);
    CODE(own, ntohs(from.sin_port));
    other = connects(own);
    CHECK(other >= 0);
    close(other);
    close(accepted);
    close(server);
    ended(ctx);
}

/* A child closes nothing and sends nothing; the end of the parent's connection is seen though the
   child lives. */
static void a_child(void)
{
    struct eXosip_t *ctx = context();
    char request[4096];
    int port, server = listens(&port), accepted, status, rid;
    int barrier[2];
    pid_t child;

    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 0));
    rid = registers(ctx, port);
    accepted = accept(server, NULL, NULL);
    read_request(accepted, request, sizeof request);
    CODE(0, pipe(barrier));
    child = fork();
    if (child == 0) {
        char byte;
        close(accepted);
        close(barrier[1]);
        eXosip_quit(ctx);
        if (read(barrier[0], &byte, 1) != 0)
            _exit(1);
        /* Another program, so that valgrind does not look for leaks in this one. */
        execl("/bin/true", "true", (char *)NULL);
        _exit(2);
    }
    CHECK(child > 0);
    CHECK(!is_readable(accepted, 100));
    welcome(accepted, request);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    ended(ctx);
    CHECK(is_readable(accepted, 10000));
    CODE(0, (int)read(accepted, request, sizeof request));
    close(barrier[1]);
    CODE(child, waitpid(child, &status, 0));
    CODE(0, status);
    close(accepted);
    close(server);
}

static void sleeps(struct eXosip_t *ctx, int ms)
{
    eXosip_event_t *event;

    while ((event = eXosip_event_wait(ctx, 0, ms)) != NULL)
        eXosip_event_free(event);
}

/* Writing to a connection that the peer has reset raises no SIGPIPE, which would end this program;
   waiting for a peer that does not read takes no time of the processor. */
static void a_peer_that_goes_and_one_that_does_not_read(void)
{
    enum { LENGTH = 200000 };
    struct eXosip_t *ctx = context();
    struct linger at_once = {1, 0};
    char request[4096], to[64], *body = malloc(LENGTH + 1);
    int port, server, accepted;
    osip_message_t *message;
    clock_t before;

    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 0));
    for (int i = 0; i < 3; i++) {
        server = listens(&port);
        registers(ctx, port);
        accepted = accept(server, NULL, NULL);
        read_request(accepted, request, sizeof request);
        CODE(0, setsockopt(accepted, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
        close(accepted);
        registers(ctx, port);
        sleeps(ctx, 50);
        close(server);
    }
    ended(ctx);

    ctx = context();
    server = listens(&port);
    CODE(0, eXosip_listen_addr(ctx, IPPROTO_TCP, NULL, 0, AF_INET, 0));
    memset(body, 'x', LENGTH);
    body[LENGTH] = '\0';
    snprintf(to, sizeof to, "sip:bob@127.0.0.1:%d", port);
    for (int i = 0; i < 64; i++) {
        CODE(0, eXosip_message_build_request(ctx, &message, "MESSAGE", to, "sip:alice@127.0.0.1",
                                             NULL));
        CODE(0, osip_message_set_body(message, body, LENGTH));
        CHECK(eXosip_message_send_request(ctx, message) > 0);
    }
    sleeps(ctx, 200);
    before = clock();
    sleeps(ctx, 500);
    CHECK(clock() - before < CLOCKS_PER_SEC / 5);
    ended(ctx);
    close(server);
    free(body);
}

int main(void)
{
    codes();
    a_connection_of_the_program();
    from_the_port_that_accepts();
    a_child();
    a_peer_that_goes_and_one_that_does_not_read();
    return 0;
}
