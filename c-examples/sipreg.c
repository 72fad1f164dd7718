/*
 * Registers a SIP address, keeps it registered, and unregisters it at the end.
 *
 *   sipreg --proxy sip:registrar.example --from sip:alice@example.com --user alice \
 *          --password secret
 *
 * An example to copy from: the whole use of the library is in open_context(), send_register(),
 * handle_event() and run(). `sipreg --help` shows options and exit status. The tool sipreg that is
 * installed understands the same options, and more of them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#define _POSIX_C_SOURCE 200809L /* sigaction, clock_gettime, isatty */

#include <eXosip2/eXosip.h>

#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { DONE = 0, USAGE = 1, REFUSED = 2, NO_ANSWER = 3, NETWORK = 4, GOING_ON = -1 };

static const char help[] =
    "usage: sipreg --proxy URI --from URI [OPTION]...\n"
    "Registers a SIP address, keeps it registered until Ctrl-C, then unregisters it.\n"
    "\n"
    "  --proxy URI         the registrar, e.g. sip:127.0.0.1:5060\n"
    "  --from URI          the address-of-record, e.g. sip:alice@example.com\n"
    "  --user NAME         the name that goes with the password\n"
    "  --password TEXT     the password (default: SIPREG_PASSWORD in the environment)\n"
    "  --ha1 HEX           instead of a password: MD5 of user:realm:password\n"
    "  --realm TEXT        give the password to this realm only\n"
    "  --expires SECONDS   how long the binding shall last (default 3600; 0 removes it)\n"
    "  --contact URI       this Contact instead of our own address (*: all, with --expires 0)\n"
    "  --local ADDRESS     local address (default: all)\n"
    "  --port N            local port (default 0: any free one)\n"
    "  --ipv6              use IPv6\n"
    "  --tcp               use TCP\n"
    "  --tls FILE          use TLS; FILE has the root certificates in PEM (\"\": the system's)\n"
    "  --user-agent TEXT   what User-Agent says\n"
    "  --refresh N         refresh by hand N times, a second apart, then unregister\n"
    "  --once              unregister as soon as registered\n"
    "  --demo              wait until the library has refreshed by itself, then unregister\n"
    "  --timeout SECONDS   longest wait for a final answer (default 40)\n"
    "  --quiet             no messages, only what happened\n"
    "  --no-color          no colours (there are none without a terminal or with NO_COLOR)\n"
    "\n"
    "Status: 0 registered and unregistered, 1 wrong usage, 2 refused, 3 no answer,\n"
    "4 network failure.\n";

/* What the command line says. */
static struct {
    const char *proxy, *from, *user, *password, *ha1, *realm, *contact, *local, *user_agent, *roots;
    int expires, port, family, refreshes, timeout;
    int once, demo, quiet, no_color, tcp;
} opt = { .expires = 3600, .timeout = 40, .family = AF_INET };

/* What is going on: one REGISTER at a time, and what it is for. */
struct session {
    struct eXosip_t *ctx;
    int rid;           /* the registration; > 0 once it is built */
    int waiting;       /* a final answer is outstanding, */
    double asked_at;   /* since then */
    int tries;         /* challenges since the last 2xx */
    int registered;    /* there is a binding, */
    double granted_at; /* since then, */
    int granted;       /* for so many seconds */
    int refreshed;     /* 2xx answers after the first */
    int unregistering; /* the REGISTER that was sent removes the binding */
    int last_cseq;     /* the last request that was printed */
};

static volatile sig_atomic_t interrupted;
static double start_time;
static int colours;

static void on_signal(int number)
{
    (void)number;
    interrupted++;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the messages, as they go by ------------------------------------------------------------ */

static const char *colour(const char *code) { return colours ? code : ""; }

/* The value of the first header of this name, or NULL. */
static const char *header(const osip_message_t *message, const char *name)
{
    osip_header_t *found = NULL;

    osip_message_header_get_byname(message, name, 0, &found);
    return found != NULL ? found->hvalue : NULL;
}

/* Prints a request, unless it was printed already. */
static void show_request(struct session *s, const osip_message_t *request)
{
    osip_authorization_t *proof = NULL;
    const char *expires;
    char *uri = NULL;
    int cseq;

    if (request == NULL || request->cseq == NULL || opt.quiet)
        return;
    cseq = atoi(request->cseq->number);
    if (cseq <= s->last_cseq)
        return;
    s->last_cseq = cseq;
    osip_uri_to_str(request->req_uri, &uri);
    osip_message_get_authorization(request, 0, &proof);
    if (proof == NULL)
        osip_message_get_proxy_authorization(request, 0, &proof);
    expires = header(request, "expires");
    printf("%8.3f s  %s-> REGISTER %s  CSeq %d  Expires %s%s%s\n", now() - start_time,
           colour("\033[36m"), uri ? uri : "", cseq, expires ? expires : "-",
           proof ? "  with credentials" : "", colour("\033[0m"));
    osip_free(uri);
}

static void show_response(const osip_message_t *response)
{
    const char *paint = "\033[31m";
    int status;

    if (opt.quiet)
        return;
    if (response == NULL) {
        printf("%8.3f s  %s<- no answer%s\n", now() - start_time, colour(paint), colour("\033[0m"));
        return;
    }
    status = response->status_code;
    if (status < 300)
        paint = "\033[32m";
    else if (status == 401 || status == 407 || status == 423)
        paint = "\033[33m";
    printf("%8.3f s  %s<- %d %s%s\n", now() - start_time, colour(paint), status,
           response->reason_phrase ? response->reason_phrase : "", colour("\033[0m"));
}

/* ---- reading an answer ---------------------------------------------------------------------- */

static int same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

/*
 * Seconds granted by a 2xx: `expires` of our own Contact among those listed, else Expires, else
 * what we asked for.
 */
static int seconds_granted(const osip_message_t *request, const osip_message_t *response)
{
    osip_contact_t *ours = NULL, *theirs = NULL;
    osip_generic_param_t *expires;
    int i;

    osip_message_get_contact(request, 0, &ours);
    for (i = 0; ours != NULL && ours->url != NULL; i++) {
        theirs = NULL;
        osip_message_get_contact(response, i, &theirs);
        if (theirs == NULL)
            break;
        if (theirs->url == NULL || !same(theirs->url->username, ours->url->username)
            || !same(theirs->url->host, ours->url->host)
            || !same(theirs->url->port, ours->url->port))
            continue;
        expires = NULL;
        osip_contact_param_get_byname(theirs, (char *)"expires", &expires);
        if (expires != NULL && expires->gvalue != NULL)
            return atoi(expires->gvalue);
    }
    if (header(response, "expires") != NULL)
        return atoi(header(response, "expires"));
    return header(request, "expires") != NULL ? atoi(header(request, "expires")) : 3600;
}

/*
 * Whether eXosip_automatic_action goes on by itself after this answer. The first challenge is an
 * event of type FAILURE like any other; the difference is whether the request had credentials.
 */
static int goes_on(const osip_message_t *request, const osip_message_t *response)
{
    osip_authorization_t *proof = NULL;
    osip_www_authenticate_t *challenge = NULL;
    const char *minimum, *asked;

    switch (response->status_code) {
    case 401:
        osip_message_get_authorization(request, 0, &proof);
        osip_message_get_www_authenticate(response, 0, &challenge);
        break;
    case 407:
        osip_message_get_proxy_authorization(request, 0, &proof);
        osip_message_get_proxy_authenticate(response, 0, &challenge);
        break;
    case 423:
        minimum = header(response, "min-expires");
        asked = header(request, "expires");
        return minimum != NULL && asked != NULL && atoi(minimum) > atoi(asked);
    default:
        return 0;
    }
    if (challenge == NULL || opt.user == NULL)
        return 0;
    return proof == NULL || same(challenge->stale, "true") || same(challenge->stale, "\"true\"");
}

/* ---- the library ---------------------------------------------------------------------------- */

/* The certificate of the server is checked: without this any would do. */
static void verify(struct eXosip_t *ctx, const char *roots)
{
    static eXosip_tls_ctx_t tls;
    int yes = 1;

    snprintf(tls.root_ca_cert, sizeof tls.root_ca_cert, "%s", roots);
    eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO, &tls);
    eXosip_set_option(ctx, EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE, &yes);
}

/* Makes a context with a socket and the credentials; NULL when there is no network. */
static struct eXosip_t *open_context(void)
{
    struct eXosip_t *ctx = eXosip_malloc();
    int transport;

    if (ctx == NULL || eXosip_init(ctx) != OSIP_SUCCESS) {
        osip_free(ctx);
        return NULL;
    }
    if (opt.user_agent != NULL)
        eXosip_set_user_agent(ctx, opt.user_agent);
    if (opt.roots != NULL)
        verify(ctx, opt.roots);
    transport = opt.tcp || opt.roots != NULL ? IPPROTO_TCP : IPPROTO_UDP;
    if (eXosip_listen_addr(ctx, transport, opt.local, opt.port, opt.family, opt.roots != NULL) !=
        OSIP_SUCCESS) {
        eXosip_quit(ctx);
        osip_free(ctx); /* eXosip_quit leaves the context's own memory to us */
        return NULL;
    }
    if (opt.user != NULL)
        eXosip_add_authentication_info(ctx, opt.user, opt.user, opt.password, opt.ha1, opt.realm);
    return ctx;
}

/*
 * Sends a REGISTER: the first one, a refresh, or with `expires` 0 the last. 0, or the library's
 * (negative) code.
 */
static int send_register(struct session *s, int expires)
{
    osip_message_t *reg = NULL;
    int result;

    eXosip_lock(s->ctx);
    if (s->rid <= 0) { /* the first: the return value is the registration's number */
        result = eXosip_register_build_initial_register(s->ctx, opt.from, opt.proxy, opt.contact,
                                                        expires, &reg);
        s->rid = result;
    } else { /* OSIP_WRONG_STATE while one waits for its answer */
        result = eXosip_register_build_register(s->ctx, s->rid, expires, &reg);
    }
    if (result >= 0) {
        show_request(s, reg);
        /* From here on reg belongs to the library. */
        result = eXosip_register_send_register(s->ctx, s->rid, reg);
        s->waiting = 1;
        s->asked_at = now();
    }
    eXosip_unlock(s->ctx);
    return result;
}

/* Handles one event; the exit status once all is over, GOING_ON before. */
static int handle_event(struct session *s, const eXosip_event_t *event)
{
    const osip_message_t *response = event->response;
    const char *why = event->textinfo;

    if (event->rid != s->rid)
        return GOING_ON;
    show_request(s, event->request);
    show_response(response);
    if (response != NULL && event->type == EXOSIP_REGISTRATION_FAILURE
        && goes_on(event->request, response) && s->tries++ < 3) {
        s->waiting = 1;
        s->asked_at = now();
        return GOING_ON;
    }
    s->waiting = 0;
    s->tries = 0;
    if (event->type == EXOSIP_REGISTRATION_SUCCESS && s->unregistering) {
        printf("%s is no longer registered", opt.from);
        if (s->registered)
            printf("; the binding had %.0f s left", s->granted_at + s->granted - now());
        puts(".");
        return DONE;
    }
    if (event->type == EXOSIP_REGISTRATION_SUCCESS) {
        s->refreshed += s->registered;
        s->granted = seconds_granted(event->request, response);
        s->granted_at = now();
        printf("%s is %s at %s; the binding lasts %d s from now.\n", opt.from,
               s->registered ? "registered again" : "registered", opt.proxy, s->granted);
        s->registered = 1;
        return GOING_ON;
    }
    if (response == NULL) {
        /* RFC 3261 gives up after 32 s; a failure that comes sooner is one of the network. */
        int unanswered = now() - s->asked_at > 31;
        printf("%s %s: %s\n", opt.proxy, unanswered ? "does not answer" : "cannot be reached",
               event->textinfo);
        return s->registered && !s->unregistering ? GOING_ON : unanswered ? NO_ANSWER : NETWORK;
    }
    if (response->status_code == 401 || response->status_code == 407)
        why = opt.user != NULL ? "user name or password is wrong"
                               : "it wants a user name and a password";
    printf("%s refuses to %s %s: %d %s (%s)\n", opt.proxy,
           s->unregistering ? "unregister" : "register", opt.from, response->status_code,
           response->reason_phrase ? response->reason_phrase : "", why);
    /* eXosip_automatic_action tries a refresh that failed again; a first REGISTER is the end. */
    return s->registered && !s->unregistering ? GOING_ON : REFUSED;
}

/* What to do while no answer is awaited: nothing, refresh, or unregister. */
static void decide(struct session *s)
{
    int enough = opt.once || (opt.refreshes > 0 && s->refreshed >= opt.refreshes)
                 || (opt.demo && s->refreshed);

    if (interrupted || enough)
        s->unregistering = send_register(s, 0) == OSIP_SUCCESS;
    else if (opt.refreshes > 0 && now() - s->granted_at > 1)
        send_register(s, opt.expires);
}

/* The main loop: waits for an event, lets the library act, handles the event. */
static int run(struct session *s)
{
    int status = GOING_ON;

    while (status == GOING_ON && interrupted < 2) {
        eXosip_event_t *event = eXosip_event_wait(s->ctx, 0, 100);

        eXosip_lock(s->ctx);
        eXosip_automatic_action(s->ctx); /* answers challenges, refreshes, retries */
        eXosip_unlock(s->ctx);
        if (event != NULL) {
            status = handle_event(s, event);
            eXosip_event_free(event);
        } else if (s->waiting && now() - s->asked_at > (interrupted ? 3 : opt.timeout)) {
            printf("%s has not answered within %.0f s.\n", opt.proxy, now() - s->asked_at);
            status = NO_ANSWER;
        } else if (s->registered && !s->unregistering) {
            decide(s);
        }
    }
    return status == GOING_ON ? NO_ANSWER : status;
}

/* ---- the command line ----------------------------------------------------------------------- */

static int usage(const char *program, const char *what)
{
    fprintf(stderr, "%s: %s; --help shows the options\n", program, what);
    return USAGE;
}

/* A number from 0 to `most`, or -1. */
static int number(const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *text == '\0' || *end != '\0' || value < 0 || value > most ? -1 : (int)value;
}

/* Fills in `opt`; GOING_ON, or the exit status. */
static int parse(int argc, char **argv)
{
    const struct option table[] = {
        { "proxy", 1, NULL, 'x' },     { "from", 1, NULL, 'f' },
        { "user", 1, NULL, 'u' },      { "password", 1, NULL, 'p' },
        { "ha1", 1, NULL, 'a' },       { "realm", 1, NULL, 'r' },
        { "expires", 1, NULL, 'e' },   { "contact", 1, NULL, 'c' },
        { "local", 1, NULL, 'l' },     { "port", 1, NULL, 'P' },
        { "user-agent", 1, NULL, 'U' }, { "refresh", 1, NULL, 'R' },
        { "timeout", 1, NULL, 't' },   { "ipv6", 0, &opt.family, AF_INET6 },
        { "once", 0, &opt.once, 1 },   { "demo", 0, &opt.demo, 1 },
        { "quiet", 0, &opt.quiet, 1 }, { "no-color", 0, &opt.no_color, 1 },
        { "tcp", 0, &opt.tcp, 1 },     { "tls", 1, NULL, 'T' },
        { "help", 0, NULL, 'h' },      { NULL, 0, NULL, 0 }
    };
    int c;

    while ((c = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (c) {
        case 0: break; /* a flag: getopt_long has set it */
        case 'x': opt.proxy = optarg; break;
        case 'f': opt.from = optarg; break;
        case 'u': opt.user = optarg; break;
        case 'p': opt.password = optarg; break;
        case 'a': opt.ha1 = optarg; break;
        case 'r': opt.realm = optarg; break;
        case 'c': opt.contact = optarg; break;
        case 'T': opt.roots = optarg; break;
        case 'l': opt.local = optarg; break;
        case 'U': opt.user_agent = optarg; break;
        case 'e': opt.expires = number(optarg, 99999999); break;
        case 'P': opt.port = number(optarg, 65535); break;
        case 'R': opt.refreshes = number(optarg, 1000000); break;
        case 't': opt.timeout = number(optarg, 86400); break;
        case 'h': fputs(help, stdout); return DONE;
        default: return usage(argv[0], "wrong option");
        }
    }
    if (opt.user != NULL && opt.password == NULL && opt.ha1 == NULL)
        opt.password = getenv("SIPREG_PASSWORD");
    if ((opt.user != NULL) != (opt.password != NULL || opt.ha1 != NULL))
        return usage(argv[0], "--user goes with --password or --ha1");
    if (optind < argc || opt.proxy == NULL || opt.from == NULL)
        return usage(argv[0], "--proxy URI and --from URI are needed");
    if (opt.expires < 0 || opt.port < 0 || opt.refreshes < 0 || opt.timeout < 0)
        return usage(argv[0], "not a number in range");
    return GOING_ON;
}

/* What a URI needs that the options do not give; NULL where there is nothing. */
static const char *missing_option(const char *text)
{
    const char *by = opt.tcp ? "tcp" : "udp", *why = NULL;
    osip_generic_param_t *transport = NULL;
    osip_from_t *uri = NULL;

    osip_from_init(&uri);
    if (opt.roots == NULL && osip_from_parse(uri, text) == OSIP_SUCCESS && uri->url != NULL) {
        osip_uri_uparam_get_byname(uri->url, (char *)"transport", &transport);
        if (transport == NULL) /* without <> the parameters are those of the header field */
            osip_from_param_get_byname(uri, (char *)"transport", &transport);
        if (same(uri->url->scheme, "sips"))
            why = "sips: needs --tls";
        else if (transport != NULL && transport->gvalue != NULL && !same(transport->gvalue, by))
            why = "the URI names another transport: see --tcp and --tls";
    }
    osip_from_free(uri);
    return why;
}

int main(int argc, char **argv)
{
    struct session session = { .ctx = NULL };
    struct sigaction action = { .sa_handler = on_signal };
    int status = parse(argc, argv);
    const char *why;

    if (status != GOING_ON)
        return status;
    if ((why = missing_option(opt.proxy)) != NULL || (why = missing_option(opt.from)) != NULL)
        return usage(argv[0], why);
    setvbuf(stdout, NULL, _IOLBF, 0);
    colours = !opt.no_color && getenv("NO_COLOR") == NULL && isatty(STDOUT_FILENO);
    start_time = now();
    session.unregistering = opt.expires == 0;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    session.ctx = open_context();
    if (session.ctx == NULL) {
        fprintf(stderr, "%s: cannot open port %d\n", argv[0], opt.port);
        return NETWORK;
    }
    status = send_register(&session, opt.expires);
    if (status < 0) {
        fprintf(stderr, "%s: cannot build a REGISTER from these URIs: %s\n", argv[0],
                osip_strerror(status));
        status = USAGE;
    } else {
        status = run(&session);
    }
    eXosip_quit(session.ctx);
    osip_free(session.ctx);
    return status;
}
