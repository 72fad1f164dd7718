/* Every function of eX_call.h and eX_sdp.h with ids that no call has; a part of actions.h. */

static void try_id(int id)
{
    osip_message_t *message;
    char text[50];

    TRY(eXosip_call_build_request(context, id, "INFO", &message));
    TRY(eXosip_call_build_info(context, id, &message));
    TRY(eXosip_call_build_options(context, id, &message));
    TRY(eXosip_call_build_update(context, id, &message));
    TRY(eXosip_call_build_notify(context, id, 2, &message));
    TRY(eXosip_call_build_refer(context, id, "sip:a@b", &message));
    TRY(eXosip_call_build_ack(context, id, &message));
    TRY(eXosip_call_send_ack(context, id, NULL));
    TRY(eXosip_call_build_answer(context, id, 200, &message));
    TRY(eXosip_call_build_answer(context, id, 100, &message));
    TRY(eXosip_call_build_answer(context, id, 700, &message));
    TRY(eXosip_call_send_answer(context, id, 200, NULL));
    TRY(eXosip_call_send_answer(context, id, 486, NULL));
    TRY(eXosip_call_send_answer(context, id, 100, NULL));
    TRY(eXosip_call_send_answer(context, id, 700, NULL));
    TRY(eXosip_call_terminate(context, id, 0));
    TRY(eXosip_call_terminate(context, 0, id));
    TRY(eXosip_call_terminate_with_reason(context, id, id, "x"));
    TRY(eXosip_call_terminate_with_header(context, id, id, "a", "b"));
    TRY(eXosip_call_build_prack(context, id, NULL, &message));
    TRY(eXosip_call_send_prack(context, id, NULL));
    TRY(eXosip_call_send_request(context, id, NULL));
    TRY(eXosip_call_set_reference(context, id, text));
    TRY(eXosip_call_get_referto(context, id, text, sizeof text));
    say("bad get_reference id=%d %s", id, presence(eXosip_call_get_reference(context, id)));
    say("bad sdp id=%d %s %s %s %s %s", id, presence(eXosip_get_remote_sdp(context, id)),
        presence(eXosip_get_local_sdp(context, id)),
        presence(eXosip_get_previous_local_sdp(context, id)),
        presence(eXosip_get_remote_sdp_from_tid(context, id)),
        presence(eXosip_get_local_sdp_from_tid(context, id)));
}

static void do_bad(char *rest)
{
    osip_message_t *message;
    char text[50];
    int id = 0;

    (void)rest;
    try_id(0);
    try_id(-1);
    try_id(999);
    TRY(eXosip_call_find_by_replaces(context, NULL));
    TRY(eXosip_call_find_by_replaces(context, ""));
    TRY(eXosip_call_find_by_replaces(context, "abc"));
    TRY(eXosip_call_find_by_replaces(context, "abc;to-tag=1;from-tag=2"));
    TRY(eXosip_call_find_by_replaces(context, "abc;to-tag=1"));
    TRY(eXosip_call_send_initial_invite(context, NULL));
    TRY(eXosip_default_action(context, NULL));
}
