/* A registration with two flows (RFC 5626 section 4.2), each over a proxy of its own: it is
   registered while either has a binding. */
#include "peer.h"

#include <registerer.h>

#define INSTANCE "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"

static struct peer proxies[2];

/* Answers a REGISTER as a registrar that does outbound. */
static void agree(struct peer *proxy)
{
    char more[5000];

    snprintf(more, sizeof more, "Contact: %s;expires=600\r\nRequire: outbound\r\n",
             field(proxy, "Contact"));
    answer(proxy, "200 OK", more);
}

static void registered_over(struct peer *proxy, const char *reg_id, char call_id[200])
{
    receive_message(proxy, "REGISTER sip:test SIP/2.0\r\n");
    CHECK(strstr(field(proxy, "Contact"), ";+sip.instance=\"<urn:uuid:" INSTANCE ">\"") != NULL);
    CHECK(strstr(field(proxy, "Contact"), reg_id) != NULL);
    snprintf(call_id, 200, "%s", field(proxy, "Call-ID"));
    agree(proxy);
}

static void removed(struct peer *proxy, const char *call_id)
{
    receive_message(proxy, "REGISTER ");
    FIELD(proxy, "Expires", "0");
    FIELD(proxy, "Call-ID", call_id);
    answer(proxy, "200 OK", "");
}

/* What two flows need is said in words. */
static void check(struct registerer_options *options)
{
    char why[256];

    CODE(0, registerer_check(options, why, sizeof why));
    options->flows = 3;
    CODE(REGISTERER_BAD_PARAMETER, registerer_check(options, why, sizeof why));
    CHECK(strcmp(why, "the number of flows is 3, it must be 0 to 2") == 0);
    options->flows = 2;
    options->instance_id = NULL;
    CODE(REGISTERER_BAD_PARAMETER, registerer_check(options, why, sizeof why));
    CHECK(strncmp(why, "two flows need an instance id", 29) == 0);
    options->instance_id = INSTANCE;
    /* A program that was compiled before there were two flows has one. */
    options->size = offsetof(struct registerer_options, flows);
    options->reg_id = 0;
    CODE(0, registerer_check(options, why, sizeof why));
    options->size = sizeof *options;
    CODE(REGISTERER_BAD_PARAMETER, registerer_check(options, why, sizeof why));
    options->reg_id = 1;
    options->flows = 0;
    CODE(REGISTERER_BAD_PARAMETER, registerer_check(options, why, sizeof why));
    CHECK(strcmp(why, "there is a Route for a second flow, and one flow") == 0);
    options->flows = 2;
}

int main(void)
{
    struct registerer_options options;
    struct registerer_info info = {.size = sizeof info};
    struct registerer_stats stats = {.size = sizeof stats};
    struct registerer_status_count counts[4];
    char routes[2][60], call_ids[2][200], explained[1024];
    struct eXosip_t *ctx = listening();
    int rid;

    for (int i = 0; i < 2; i++) {
        peer_open(&proxies[i]);
        snprintf(routes[i], sizeof routes[i], "<sip:127.0.0.1:%d;lr>", proxies[i].port);
    }
    CODE(0, registerer_options_init(&options, sizeof options));
    CODE(1, options.flows);
    options.aor = "sip:alice@test";
    options.route = routes[0];
    options.second_route = routes[1];
    options.instance_id = INSTANCE;
    options.flows = 2;
    check(&options);

    rid = registerer_new(ctx, &options);
    CHECK(rid > 0);
    CODE(0, registerer_register(ctx, rid));
    registered_over(&proxies[0], ";reg-id=1", call_ids[0]);
    registered_over(&proxies[1], ";reg-id=2", call_ids[1]);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    CHECK(strcmp(call_ids[0], call_ids[1]) != 0);
    do
        CODE(0, registerer_get_info(ctx, rid, &info));
    while (info.accepted < 2);
    CODE(2, (int)info.requests);
    CHECK(registerer_explain(ctx, rid, explained, sizeof explained) > 0);
    CHECK(strncmp(explained, "first flow: 200 ", 16) == 0);
    CHECK(strstr(explained, "; second flow: 200 ") != NULL);
    /* It is one registration, whatever it has of flows. */
    CODE(0, registerer_get_stats(ctx, &stats));
    CODE(1, (int)stats.registered);
    CODE(1, registerer_status_counts(ctx, counts, 4));
    CODE(200, counts[0].status);
    CODE(1, (int)counts[0].registrations);
    CODE(REGISTERER_BAD_PARAMETER, registerer_get_state(ctx, -rid));

    /* One proxy that fails ends nothing. */
    CODE(0, registerer_register(ctx, rid));
    receive_message(&proxies[0], "REGISTER ");
    answer(&proxies[0], "503 Service Unavailable", "Retry-After: 3600\r\n");
    receive_message(&proxies[1], "REGISTER ");
    agree(&proxies[1]);
    do
        CODE(0, registerer_get_info(ctx, rid, &info));
    while (info.rejected < 1 || info.accepted < 3);
    CODE(REGISTERER_REGISTERED, registerer_get_state(ctx, rid));

    /* Both bindings are removed, and then it is unregistered. */
    CODE(0, registerer_unregister(ctx, rid, 0));
    removed(&proxies[0], call_ids[0]);
    CODE(REGISTERER_WRONG_STATE, registerer_wait(ctx, rid, REGISTERER_UNREGISTERED, 50));
    removed(&proxies[1], call_ids[1]);
    CODE(0, registerer_wait(ctx, rid, REGISTERER_UNREGISTERED, 10000));

    /* A registrar that does no outbound gets one flow. */
    CODE(0, registerer_register(ctx, rid));
    for (int i = 0; i < 2; i++) {
        receive_message(&proxies[i], "REGISTER ");
        if (i == 0)
            welcome(&proxies[i]);
        else
            answer(&proxies[i], "439 First Hop Lacks Outbound Support", "");
    }
    CODE(0, registerer_wait(ctx, rid, REGISTERER_REGISTERED, 10000));
    do
        CHECK(registerer_explain(ctx, rid, explained, sizeof explained) > 0);
    while (strncmp(explained, "first flow", 10) == 0);
    CHECK(strstr(explained, "; no second flow: the registrar does not support outbound") != NULL);

    CODE(0, registerer_dispose(ctx, rid));
    receive_message(&proxies[0], "REGISTER ");
    answer(&proxies[0], "200 OK", "");
    CODE(0, registerer_wait(ctx, rid, REGISTERER_TERMINATED, 10000));
    CHECK(!receive_within(&proxies[1], 100));
    ended(ctx);
    peer_close(&proxies[0]);
    peer_close(&proxies[1]);
    return 0;
}
