/* What prints what is known of a call; a part of call_actions.h. */

static const char *port(sdp_media_t *media)
{
    return media != NULL ? media->m_port : "-";
}

static const char *address(sdp_connection_t *connection)
{
    return connection != NULL ? connection->c_addr : "-";
}

static void print_sdp(const char *what, sdp_message_t *sdp)
{
    if (sdp == NULL) {
        say("sdp %s=NULL", what);
        return;
    }
    say("sdp %s s=%s audio=%s@%s video=%s@%s other=%s@%s", what, sdp->s_name ? sdp->s_name : "-",
        port(eXosip_get_audio_media(sdp)), address(eXosip_get_audio_connection(sdp)),
        port(eXosip_get_video_media(sdp)), address(eXosip_get_video_connection(sdp)),
        port(eXosip_get_media(sdp, "application")),
        address(eXosip_get_connection(sdp, "application")));
    sdp_message_free(sdp);
}

static void do_getsdp(char *rest)
{
    (void)rest;
    print_sdp("remote(did)", eXosip_get_remote_sdp(context, did));
    print_sdp("local(did)", eXosip_get_local_sdp(context, did));
    print_sdp("prevlocal(did)", eXosip_get_previous_local_sdp(context, did));
    print_sdp("remote(tid)", eXosip_get_remote_sdp_from_tid(context, tid));
    print_sdp("local(tid)", eXosip_get_local_sdp_from_tid(context, tid));
    if (event != NULL) {
        print_sdp("info(request)", eXosip_get_sdp_info(event->request));
        print_sdp("info(response)", eXosip_get_sdp_info(event->response));
        print_sdp("info(ack)", eXosip_get_sdp_info(event->ack));
    }
}

/* [did] */
static void do_setref(char *rest)
{
    int id = strstr(rest, "did") != NULL ? did : cid;

    say("set_reference id=%d rc=%d", id, eXosip_call_set_reference(context, id, body));
}

static void do_getref(char *rest)
{
    (void)rest;
    say("get_reference cid=%d %s did=%d %s", cid,
        presence(eXosip_call_get_reference(context, cid)), did,
        presence(eXosip_call_get_reference(context, did)));
}

/* [SIZE] */
static void do_referto(char *rest)
{
    char text[900] = "";
    size_t size = *rest != '\0' ? (size_t)atoi(rest) : sizeof text;
    int result = eXosip_call_get_referto(context, did, text, size);

    say("get_referto did=%d rc=%d %s", did, result, text);
}

/* self | early | =TEXT: of this call; the same with early-only; this text */
static void do_replaces(char *rest)
{
    char uri[900] = "", text[900], *from, *to = text;

    eXosip_call_get_referto(context, did, uri, sizeof uri);
    from = strstr(uri, "Replaces=");
    for (from = from != NULL ? from + 9 : uri; *from != '\0'; from++) {
        int byte = *from;

        if (byte == '%' && sscanf(from + 1, "%2x", (unsigned *)&byte) == 1)
            from += 2;
        *to++ = (char)byte;
    }
    *to = '\0';
    if (strcmp(rest, "early") == 0)
        strcat(text, ";early-only");
    say("find_by_replaces %s rc=%d", rest,
        eXosip_call_find_by_replaces(context, *rest == '=' ? rest + 1 : text));
}

static void do_stats(char *rest)
{
    struct eXosip_stats stats;
    int result;

    (void)rest;
    memset(&stats, 0, sizeof stats);
    result = eXosip_set_option(context, EXOSIP_OPT_GET_STATISTICS, &stats);
    say("stats rc=%d transactions=%d calls=%d", result, stats.allocated_transactions,
        stats.allocated_calls);
}
