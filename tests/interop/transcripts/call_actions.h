/* Calls; a part of actions.h. */

/* ---- the call ------------------------------------------------------------------------------- */

/* TO FROM ROUTE SUBJECT */
static void do_invite(char *rest)
{
    char *to = word(&rest), *from = word(&rest), *route = word(&rest);
    osip_message_t *invite = NULL;
    int result;

    result = eXosip_call_build_initial_invite(context, &invite, argument(to), argument(from),
                                              argument(route), argument(rest));
    if (result != 0 || invite == NULL) {
        say("build_initial_invite rc=%d msg=%s", result, presence(invite));
        return;
    }
    complete(invite);
    result = eXosip_call_send_initial_invite(context, invite);
    if (result > 0)
        last_cid = result;
    say("send_initial_invite rc=%d", result);
}

/* [null] [did] */
static void do_ack(char *rest)
{
    int id = strstr(rest, "did") != NULL ? did : tid, built;
    osip_message_t *ack = NULL;

    if (strstr(rest, "null") != NULL) {
        say("send_ack(NULL) id=%d rc=%d", id, eXosip_call_send_ack(context, id, NULL));
        return;
    }
    built = eXosip_call_build_ack(context, id, &ack);
    if (built != 0 || ack == NULL) {
        say("build_ack id=%d rc=%d msg=%s", id, built, presence(ack));
        return;
    }
    complete(ack);
    say("send_ack id=%d build=%d send=%d", id, built, eXosip_call_send_ack(context, id, ack));
}

/* CODE [null] */
static void do_answer(char *rest)
{
    answer_with("call", eXosip_call_build_answer, eXosip_call_send_answer, rest);
}

/* [c|d]: only by this id */
static void do_term(char *rest)
{
    int c = *rest == 'd' ? 0 : cid, d = *rest == 'c' ? 0 : did;

    say("terminate cid=%d did=%d rc=%d", c, d, eXosip_call_terminate(context, c, d));
}

static void do_reason(char *rest)
{
    say("terminate_with_reason cid=%d did=%d rc=%d", cid, did,
        eXosip_call_terminate_with_reason(context, cid, did, argument(rest)));
}

static void do_termhdr(char *rest)
{
    const char *name = argument(word(&rest));

    say("terminate_with_header cid=%d did=%d rc=%d", cid, did,
        eXosip_call_terminate_with_header(context, cid, did, name, argument(rest)));
}

/* ---- requests within it --------------------------------------------------------------------- */

static void send_request(const char *method, int built, osip_message_t *request)
{
    if (built != 0 || request == NULL) {
        say("build_%s did=%d rc=%d msg=%s", method, did, built, presence(request));
        return;
    }
    complete(request);
    say("send_%s did=%d build=%d send=%d", method, did, built,
        eXosip_call_send_request(context, did, request));
}

static void do_req(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_request(context, did, argument(rest), &m);

    send_request(rest, built, m);
}

/* One that is built of nothing but its dialog. */
static void send_built(const char *method, int (*build)(struct eXosip_t *, int, osip_message_t **))
{
    osip_message_t *m = NULL;
    int built = build(context, did, &m);

    send_request(method, built, m);
}

static void do_info(char *rest)
{
    (void)rest;
    send_built("INFO", eXosip_call_build_info);
}

static void do_options(char *rest)
{
    (void)rest;
    send_built("OPTIONS", eXosip_call_build_options);
}

static void do_update(char *rest)
{
    (void)rest;
    send_built("UPDATE", eXosip_call_build_update);
}

static void do_notify(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_notify(context, did, atoi(rest), &m);

    send_request("NOTIFY", built, m);
}

static void do_refer(char *rest)
{
    osip_message_t *m = NULL;
    int built = eXosip_call_build_refer(context, did, argument(rest), &m);

    send_request("REFER", built, m);
}

static void do_prack(char *rest)
{
    osip_message_t *prack = NULL;
    osip_message_t *response = event != NULL ? event->response : NULL;
    int built = eXosip_call_build_prack(context, tid, response, &prack);

    (void)rest;
    if (built != 0 || prack == NULL) {
        say("build_prack tid=%d rc=%d", tid, built);
        return;
    }
    complete(prack);
    say("send_prack tid=%d build=%d send=%d", tid, built,
        eXosip_call_send_prack(context, tid, prack));
}
