/* The DNS helpers: a domain with NAPTR records, one with SRV records alone, one that is silent, a
   number; what is kept, and that nothing spins. The name servers of the system are not asked: this
   program stands in for the function that asks them. */
#include "check.h"

#include <netinet/in.h>

#include <arpa/nameser.h>
#include <osip2/osip.h>
#include <pthread.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static int asked;
static int silent_asked;
static unsigned ttl = 300;

static unsigned char *put_number(unsigned char *at, unsigned number)
{
    *at++ = (unsigned char)(number >> 8);
    *at++ = (unsigned char)number;
    return at;
}

static unsigned char *put_string(unsigned char *at, const char *text)
{
    *at++ = (unsigned char)strlen(text);
    memcpy(at, text, strlen(text));
    return at + strlen(text);
}

static unsigned char *put_name(unsigned char *at, const char *name)
{
    while (*name != '\0') {
        size_t length = strcspn(name, ".");
        *at++ = (unsigned char)length;
        memcpy(at, name, length);
        at += length;
        name += length + (name[length] == '.');
    }
    *at++ = 0;
    return at;
}

/* The name in a question, and its kind. */
static int read_question(const unsigned char *question, char *name)
{
    const unsigned char *at = question + 12;

    *name = '\0';
    while (*at != 0) {
        strncat(name, (const char *)at + 1, *at);
        at += *at + 1;
        if (*at != 0)
            strcat(name, ".");
    }
    return at[1] << 8 | at[2];
}

/* Begins a record whose data `end_record` closes. */
static unsigned char *begin_record(unsigned char *at, int kind)
{
    at = put_number(at, 0xc00c);
    at = put_number(at, (unsigned)kind);
    at = put_number(at, 1);
    at = put_number(at, ttl >> 16);
    at = put_number(at, ttl);
    return at + 2;
}

static unsigned char *end_record(unsigned char *data, unsigned char *end)
{
    put_number(data - 2, (unsigned)(end - data));
    return end;
}

static unsigned char *put_naptr(unsigned char *at, int order, const char *flags,
                                const char *service, const char *regexp, const char *replacement)
{
    unsigned char *data = begin_record(at, 35);

    at = put_number(data, (unsigned)order);
    at = put_number(at, 5);
    at = put_string(at, flags);
    at = put_string(at, service);
    at = put_string(at, regexp);
    return end_record(data, put_name(at, replacement));
}

static unsigned char *put_srv(unsigned char *at, int priority, int weight, int port,
                              const char *target)
{
    unsigned char *data = begin_record(at, 33);

    at = put_number(data, (unsigned)priority);
    at = put_number(at, (unsigned)weight);
    at = put_number(at, (unsigned)port);
    return end_record(data, put_name(at, target));
}

static int answered(const unsigned char *question, int length, unsigned char *answer)
{
    unsigned char *at = answer + length;
    char name[256];
    int kind = read_question(question, name), records = 0;

    __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
    memcpy(answer, question, (size_t)length);
    put_number(answer + 2, 0x8180);
#define RECORD(one) (at = (one), records++)
    if (strcasecmp(name, "silent.test") == 0) {
        struct timespec a_while = {0, 400000000};
        __atomic_add_fetch(&silent_asked, 1, __ATOMIC_SEQ_CST);
        nanosleep(&a_while, NULL);
        return -1;
    }
    if (kind == 35 && strcasecmp(name, "acme.test") == 0) {
        RECORD(put_naptr(at, 10, "s", "SIP+D2U", "", "_sip._udp.acme.test"));
        RECORD(put_naptr(at, 20, "s", "SIPS+D2T", "", "_sips._tcp.acme.test"));
    } else if (kind == 33 && strcasecmp(name, "_sip._udp.acme.test") == 0) {
        RECORD(put_srv(at, 20, 0, 5080, "b.acme.test"));
        RECORD(put_srv(at, 10, 1, 5070, "a.acme.test"));
    } else if (kind == 33 && strcasecmp(name, "_sip._tcp.plain.test") == 0) {
        RECORD(put_srv(at, 1, 1, 5060, "s.plain.test"));
    } else if (kind == 35 && strcasecmp(name, "2.1.9.4.e164.test") == 0) {
        RECORD(put_naptr(at, 1, "u", "E2U+sip", "!^\\+49(.*)$!sip:\\1@acme.test!", ""));
    } else {
        put_number(answer + 2, 0x8183);
    }
    put_number(answer + 6, (unsigned)records);
    return (int)(at - answer);
}

/* In the place of the C library's, whichever of the two names it has. */
int __res_nsend(res_state state, const unsigned char *question, int length, unsigned char *answer,
                int size);
#undef res_nsend
int res_nsend(res_state state, const unsigned char *question, int length, unsigned char *answer,
              int size);

int __res_nsend(res_state state, const unsigned char *question, int length, unsigned char *answer,
                int size)
{
    (void)state;
    CHECK(size >= 4096);
    return answered(question, length, answer);
}

int res_nsend(res_state state, const unsigned char *question, int length, unsigned char *answer,
              int size)
{
    return __res_nsend(state, question, length, answer, size);
}

static osip_naptr_t *looked_up(struct eXosip_t *ctx, const char *domain, int keep, int state)
{
    osip_naptr_t *naptr = eXosip_dnsutils_naptr(ctx, domain, "sip", "udp", keep);

    CHECK(naptr != NULL);
    CHECK(strcmp(naptr->domain, domain) == 0);
    CHECK(naptr->naptr_state == OSIP_NAPTR_STATE_INPROGRESS && naptr->arg != NULL);
    CODE(0, eXosip_dnsutils_dns_process(naptr, 1));
    CODE(state, naptr->naptr_state);
    CODE(0, eXosip_dnsutils_dns_process(naptr, 0));
    CODE(0, eXosip_dnsutils_dns_process(naptr, 1));
    return naptr;
}

static void domains(struct eXosip_t *ctx)
{
    osip_naptr_t *naptr = looked_up(ctx, "acme.test", 0, OSIP_NAPTR_STATE_SRVDONE);
    osip_srv_record_t *udp = &naptr->sipudp_record;

    CHECK(strcmp(udp->name, "_sip._udp.acme.test") == 0);
    CHECK(strcmp(udp->replacement, udp->name) == 0 && strcmp(udp->flag, "s") == 0);
    CHECK(strcmp(udp->protocol, "SIP+D2U") == 0);
    CHECK(udp->order == 10 && udp->preference == 5);
    CODE(OSIP_SRV_STATE_COMPLETED, udp->srv_state);
    CHECK(strcmp(udp->srventry[0].srv, "a.acme.test") == 0 && udp->srventry[0].port == 5070);
    CHECK(udp->srventry[0].priority == 10 && udp->srventry[0].weight == 1);
    CHECK(strcmp(udp->srventry[1].srv, "b.acme.test") == 0 && udp->srventry[1].port == 5080);
    CHECK(udp->srventry[2].srv[0] == '\0' && udp->srventry[0].ipaddress[0] == '\0');
    CODE(OSIP_SRV_STATE_NOTSUPPORTED, naptr->siptcp_record.srv_state);
    CODE(OSIP_SRV_STATE_UNKNOWN, naptr->siptls_record.srv_state);
    CHECK(strcmp(naptr->siptls_record.name, "_sips._tcp.acme.test") == 0);

    CODE(0, udp->index);
    CODE(1, eXosip_dnsutils_rotate_srv(udp));
    CODE(1, udp->index);
    CODE(1, eXosip_dnsutils_rotate_srv(udp));
    CODE(0, udp->index);
    CODE(-1, eXosip_dnsutils_rotate_srv(&naptr->siptcp_record));
    eXosip_dnsutils_release(naptr);

    naptr = looked_up(ctx, "plain.test", 0, OSIP_NAPTR_STATE_SRVDONE);
    CHECK(strcmp(naptr->siptcp_record.srventry[0].srv, "s.plain.test") == 0);
    CODE(0, eXosip_dnsutils_rotate_srv(&naptr->siptcp_record));
    CHECK(strcmp(naptr->sipdtls_record.name, "_sips._udp.plain.test") == 0);
    CHECK(naptr->sipudp_record.order == 49 && naptr->sipudp_record.preference == 49);
    CODE(OSIP_SRV_STATE_UNKNOWN, naptr->sipudp_record.srv_state);
    eXosip_dnsutils_release(naptr);

    eXosip_dnsutils_release(looked_up(ctx, "none.test", 0, OSIP_NAPTR_STATE_NOTSUPPORTED));
    eXosip_dnsutils_release(looked_up(ctx, "192.0.2.1", 0, OSIP_NAPTR_STATE_NOTSUPPORTED));
    naptr = looked_up(ctx, "e164.test!+4912!192.0.2.9", 0, OSIP_NAPTR_STATE_SRVDONE);
    CHECK(strcmp(naptr->AUS, "4912") == 0);
    CHECK(strcmp(naptr->sipenum_record.name, "sip:12@acme.test") == 0);
    eXosip_dnsutils_release(naptr);
    eXosip_dnsutils_release(looked_up(ctx, "e164.test!+1", 0, OSIP_NAPTR_STATE_RETRYLATER));
}

static double cpu(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void silence(struct eXosip_t *ctx)
{
    double before = cpu();
    osip_naptr_t *naptr = looked_up(ctx, "silent.test", 0, OSIP_NAPTR_STATE_RETRYLATER);

    CODE(1, __atomic_load_n(&silent_asked, __ATOMIC_SEQ_CST));
    if (getenv("REGISTER_VALGRIND") == NULL && getenv("REGISTER_SANITIZE") == NULL)
        CHECK(cpu() - before < 0.1);
    eXosip_dnsutils_release(naptr);

    /* One that is released while it is looked up. */
    naptr = eXosip_dnsutils_naptr(ctx, "silent.test", NULL, NULL, 0);
    CHECK(naptr != NULL);
    CODE(0, eXosip_dnsutils_dns_process(naptr, 0));
    CODE(OSIP_NAPTR_STATE_INPROGRESS, naptr->naptr_state);
    eXosip_dnsutils_release(naptr);
}

static void kept(struct eXosip_t *ctx)
{
    osip_naptr_t *naptr;
    int before;

    CHECK(eXosip_dnsutils_naptr(ctx, "acme.test", "sip", "udp", -1) == NULL);
    naptr = looked_up(ctx, "acme.test", 1, OSIP_NAPTR_STATE_SRVDONE);
    eXosip_dnsutils_release(naptr);
    before = __atomic_load_n(&asked, __ATOMIC_SEQ_CST);
    for (int keep = -1; keep < 3; keep++) {
        CHECK(eXosip_dnsutils_naptr(ctx, "ACME.test", "sip", "udp", keep) == naptr);
        CODE(OSIP_NAPTR_STATE_SRVDONE, naptr->naptr_state);
    }
    CODE(before, __atomic_load_n(&asked, __ATOMIC_SEQ_CST));

    /* Nothing is kept of silence but the struct. */
    naptr = looked_up(ctx, "silent.test", 1, OSIP_NAPTR_STATE_RETRYLATER);
    CHECK(eXosip_dnsutils_naptr(ctx, "silent.test", "sip", "udp", -1) == NULL);
    CHECK(eXosip_dnsutils_naptr(ctx, "silent.test", "sip", "udp", 0) == naptr);
    CODE(OSIP_NAPTR_STATE_INPROGRESS, naptr->naptr_state);
    CODE(0, eXosip_dnsutils_dns_process(naptr, 1));

    /* What has no time is asked for each time. */
    ttl = 0;
    naptr = looked_up(ctx, "plain.test", 1, OSIP_NAPTR_STATE_SRVDONE);
    CHECK(looked_up(ctx, "plain.test", 1, OSIP_NAPTR_STATE_SRVDONE) == naptr);
    ttl = 300;
}

static void *together(void *ctx)
{
    for (int i = 0; i < 20; i++) {
        osip_naptr_t *naptr = eXosip_dnsutils_naptr(ctx, "acme.test", "sip", "udp", i % 3 - 1);

        CHECK(naptr != NULL);
        CODE(0, eXosip_dnsutils_dns_process(naptr, 1));
        eXosip_dnsutils_release(naptr);
        naptr = eXosip_dnsutils_naptr(ctx, "none.test", "sip", "udp", 0);
        /* At most 64 are looked up at once. */
        CODE(0, eXosip_dnsutils_dns_process(naptr, i % 2));
        eXosip_dnsutils_release(naptr);
    }
    return NULL;
}

int main(void)
{
    struct eXosip_t *ctx = listening();
    pthread_t threads[8];

    CHECK(eXosip_dnsutils_naptr(NULL, "acme.test", "sip", "udp", 0) == NULL);
    CHECK(eXosip_dnsutils_naptr(ctx, NULL, "sip", "udp", 0) == NULL);
    CHECK(eXosip_dnsutils_naptr(ctx, "", "sip", "udp", 0) == NULL);
    CODE(OSIP_BADPARAMETER, eXosip_dnsutils_dns_process(NULL, 1));
    CODE(OSIP_BADPARAMETER, eXosip_dnsutils_rotate_srv(NULL));
    eXosip_dnsutils_release(NULL);
    domains(ctx);
    silence(ctx);
    kept(ctx);
    for (int i = 0; i < 8; i++)
        CODE(0, pthread_create(&threads[i], NULL, together, ctx));
    for (int i = 0; i < 8; i++)
        CODE(0, pthread_join(threads[i], NULL));
    ended(ctx);
    return 0;
}
