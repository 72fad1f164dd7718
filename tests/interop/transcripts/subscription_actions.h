/* Subscriptions of both roles, publications, requests outside of dialogs; a part of actions.h. */

/* ---- subscriptions of ours ------------------------------------------------------------------ */

static void send_initial(const char *what, int built, osip_message_t *request)
{
    int result;

    if (built != 0 || request == NULL) {
        say("build_initial_%s rc=%d msg=%s", what, built, presence(request));
        return;
    }
    complete(request);
    result = eXosip_subscription_send_initial_request(context, request);
    if (result > 0)
        last_sid = result;
    say("send_initial_request rc=%d", result);
}

/* TO FROM ROUTE EVENT EXPIRES */
static void do_subscribe(char *rest)
{
    char *to = word(&rest), *from = word(&rest), *route = word(&rest), *package = word(&rest);
    osip_message_t *m = NULL;
    int built = eXosip_subscription_build_initial_subscribe(
        context, &m, argument(to), argument(from), argument(route), argument(package), atoi(rest));

    send_initial("subscribe", built, m);
}

/* TO FROM ROUTE REFER-TO */
static void do_referout(char *rest)
{
    char *to = word(&rest), *from = word(&rest), *route = word(&rest);
    osip_message_t *m = NULL;
    int built = eXosip_subscription_build_initial_refer(
        context, &m, argument(to), argument(from), argument(route), argument(word(&rest)));

    send_initial("refer", built, m);
}

/* The did, or where a rule says so the sid. */
static int subscription_id(const char *rest)
{
    if (strstr(rest, "sid") == NULL)
        return did;
    return event != NULL ? sid : last_sid;
}

/* [EXPIRES] [sid] */
static void do_srefresh(char *rest)
{
    const char *expires = argument(word(&rest));
    osip_message_t *m = NULL;
    int id = subscription_id(rest);
    int built = eXosip_subscription_build_refresh_request(context, id, &m);

    if (built != 0 || m == NULL) {
        say("build_refresh_request id=%d rc=%d msg=%s", id, built, presence(m));
        return;
    }
    if (expires != NULL)
        osip_message_set_expires(m, expires);
    complete(m);
    say("send_refresh_request id=%d build=%d send=%d", id, built,
        eXosip_subscription_send_refresh_request(context, id, m));
}

/* [sid] */
static void do_sremove(char *rest)
{
    int id = subscription_id(rest);

    say("subscription_remove id=%d rc=%d", id, eXosip_subscription_remove(context, id));
}

/* ---- subscriptions to us, and answers of every family --------------------------------------- */

static void do_ians(char *rest)
{
    answer_with("insubscription", eXosip_insubscription_build_answer,
                eXosip_insubscription_send_answer, rest);
}

static void do_mans(char *rest)
{
    answer_with("message", eXosip_message_build_answer, eXosip_message_send_answer, rest);
}

static void do_oans(char *rest)
{
    answer_with("options", eXosip_options_build_answer, eXosip_options_send_answer, rest);
}

static void send_to_subscriber(const char *what, const char *method, int built, osip_message_t *m)
{
    if (built != 0 || m == NULL) {
        say("insubscription_build_%s did=%d rc=%d msg=%s", what, did, built, presence(m));
        return;
    }
    complete(m);
    say("insubscription_send_request %s did=%d build=%d send=%d", method, did, built,
        eXosip_insubscription_send_request(context, did, m));
}

/* STATUS REASON */
static void do_inotify(char *rest)
{
    int status = atoi(word(&rest));
    osip_message_t *m = NULL;
    int built = eXosip_insubscription_build_notify(context, did, status, atoi(rest), &m);

    send_to_subscriber("notify", "NOTIFY", built, m);
}

/* METHOD */
static void do_ireq(char *rest)
{
    char *method = word(&rest);
    osip_message_t *m = NULL;
    int built = eXosip_insubscription_build_request(context, did, argument(method), &m);

    send_to_subscriber("request", method, built, m);
}

static void do_iremove(char *rest)
{
    (void)rest;
    say("insubscription_remove did=%d rc=%d", did, eXosip_insubscription_remove(context, did));
}

static void do_iautomatic(char *rest)
{
    (void)rest;
    say("insubscription_automatic rc=%d", eXosip_insubscription_automatic(context, event));
}

/* ---- publications, and requests outside of dialogs ------------------------------------------ */

/* TO FROM ROUTE EVENT EXPIRES TYPE BODY [AOR] */
static void do_publish(char *rest)
{
    char *to = word(&rest), *from = word(&rest), *route = word(&rest), *package = word(&rest);
    char *expires = word(&rest), *type = word(&rest), *state = word(&rest);
    osip_message_t *m = NULL;
    int result = eXosip_build_publish(context, &m, argument(to), argument(from), argument(route),
                                      argument(package), argument(expires), argument(type),
                                      argument(state));

    if (result != 0 || m == NULL) {
        say("build_publish rc=%d msg=%s", result, presence(m));
        return;
    }
    complete(m);
    say("publish rc=%d", eXosip_publish(context, m, argument(*rest != '\0' ? rest : to)));
}

/* METHOD TO FROM ROUTE; OPT is an OPTIONS by the functions of its own */
static void do_omsg(char *rest)
{
    char *method = word(&rest), *to = word(&rest), *from = word(&rest), *route = word(&rest);
    int is_options = strcmp(method, "OPT") == 0, result;
    osip_message_t *m = NULL;

    if (is_options)
        result = eXosip_options_build_request(context, &m, argument(to), argument(from),
                                              argument(route));
    else
        result = eXosip_message_build_request(context, &m, argument(method), argument(to),
                                              argument(from), argument(route));
    if (result != 0 || m == NULL) {
        say("build_request %s rc=%d msg=%s", method, result, presence(m));
        return;
    }
    complete(m);
    result = is_options ? eXosip_options_send_request(context, m)
                        : eXosip_message_send_request(context, m);
    say("send_request %s rc=%d", method, result);
}

static void do_substats(char *rest)
{
    struct eXosip_stats stats;
    int result;

    (void)rest;
    memset(&stats, 0, sizeof stats);
    result = eXosip_set_option(context, EXOSIP_OPT_GET_STATISTICS, &stats);
    say("stats rc=%d publications=%d subscriptions=%d insubscriptions=%d", result,
        stats.allocated_publications, stats.allocated_subscriptions,
        stats.allocated_insubscriptions);
}

/* NAME: that of a request that was built */
static void do_transport(char *rest)
{
    osip_message_t *m = NULL;
    osip_via_t *via;
    int result;

    say("build rc=%d", eXosip_options_build_request(context, &m, "sip:a@127.0.0.1",
                                                    "sip:b@127.0.0.1", NULL));
    if (m == NULL)
        return;
    result = eXosip_transport_set(m, argument(rest));
    via = osip_list_get(&m->vias, 0);
    say("transport_set %s rc=%d Via %s %s", rest, result, via != NULL ? via->protocol : "-",
        via != NULL ? via->version : "-");
    osip_message_free(m);
}
