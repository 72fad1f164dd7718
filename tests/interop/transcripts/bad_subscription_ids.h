/* Every function for subscriptions, publications and requests outside of dialogs with ids and texts
   that are wrong; a part of actions.h. */

static void try_subscription_id(int id)
{
    osip_message_t *message;
    char text[50];

    TRY(eXosip_subscription_build_refresh_request(context, id, &message));
    TRY(eXosip_subscription_send_refresh_request(context, id, NULL));
    TRY(eXosip_subscription_remove(context, id));
    TRY(eXosip_insubscription_build_answer(context, id, 200, &message));
    TRY(eXosip_insubscription_build_answer(context, id, 100, &message));
    TRY(eXosip_insubscription_build_answer(context, id, 700, &message));
    TRY(eXosip_insubscription_send_answer(context, id, 200, NULL));
    TRY(eXosip_insubscription_send_answer(context, id, 403, NULL));
    TRY(eXosip_insubscription_send_answer(context, id, 100, NULL));
    TRY(eXosip_insubscription_build_notify(context, id, 2, 0, &message));
    TRY(eXosip_insubscription_build_request(context, id, "NOTIFY", &message));
    TRY(eXosip_insubscription_build_request(context, id, NULL, &message));
    TRY(eXosip_insubscription_build_request(context, id, "", &message));
    TRY(eXosip_insubscription_send_request(context, id, NULL));
    TRY(eXosip_insubscription_remove(context, id));
    TRY(eXosip_message_build_answer(context, id, 200, &message));
    TRY(eXosip_message_send_answer(context, id, 200, NULL));
    TRY(eXosip_message_send_answer(context, id, 100, NULL));
    TRY(eXosip_message_send_answer(context, id, 180, NULL));
    TRY(eXosip_options_build_answer(context, id, 200, &message));
    TRY(eXosip_options_send_answer(context, id, 200, NULL));
}

static void do_badsubs(char *rest)
{
    const char *uri = "sip:a@127.0.0.1", *other = "sip:b@127.0.0.1";
    osip_message_t *message;
    char text[50];
    int id = 0;

    (void)rest;
    try_subscription_id(0);
    try_subscription_id(-1);
    try_subscription_id(999);
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, NULL, other, NULL,
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, "", other, NULL,
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, NULL, NULL,
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, "", NULL, "presence",
        60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, other, NULL, NULL, 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, other, NULL, "", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, "nonsense", other, NULL,
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, "nonsense", NULL,
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, other, "nonsense",
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, uri, other, "", "presence",
        -7));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, "<sip:a@", other, "",
        "presence", 60));
    TRY(eXosip_subscription_build_initial_subscribe(context, &message, "tel:+123", other, NULL,
        "presence", 60));
    TRY(eXosip_subscription_build_initial_refer(context, &message, NULL, other, NULL, uri));
    TRY(eXosip_subscription_build_initial_refer(context, &message, uri, NULL, NULL, uri));
    TRY(eXosip_subscription_build_initial_refer(context, &message, uri, other, NULL, NULL));
    TRY(eXosip_subscription_build_initial_refer(context, &message, uri, other, NULL, ""));
    TRY(eXosip_subscription_build_initial_refer(context, &message, uri, other, NULL, "not a uri"));
    TRY(eXosip_build_publish(context, &message, NULL, other, NULL, "presence", NULL, NULL, NULL));
    TRY(eXosip_build_publish(context, &message, uri, NULL, NULL, "presence", NULL, NULL, NULL));
    TRY(eXosip_build_publish(context, &message, uri, other, NULL, NULL, NULL, NULL, NULL));
    TRY(eXosip_build_publish(context, &message, uri, other, NULL, "", NULL, NULL, NULL));
    TRY(eXosip_build_publish(context, &message, uri, other, NULL, "presence", NULL, "text/plain",
        NULL));
    TRY(eXosip_build_publish(context, &message, uri, other, NULL, "presence", NULL, NULL, "x"));
    TRY(eXosip_build_publish(context, &message, uri, other, NULL, "presence", "abc", "", ""));
    TRY(eXosip_build_publish(context, &message, "nonsense", other, NULL, "presence", NULL, NULL,
        NULL));
    TRY(eXosip_build_publish(context, &message, uri, other, "nonsense", "presence", NULL, NULL,
        NULL));
    TRY(eXosip_build_publish(context, &message, uri, other, NULL, "presence", NULL, "not a type",
        "x"));
    TRY(eXosip_publish(context, NULL, uri));
    TRY(eXosip_message_build_request(context, &message, NULL, uri, other, NULL));
    TRY(eXosip_message_build_request(context, &message, "", uri, other, NULL));
    TRY(eXosip_message_build_request(context, &message, "MESSAGE", "", other, NULL));
    TRY(eXosip_message_build_request(context, &message, "MESSAGE", uri, "", NULL));
    TRY(eXosip_message_build_request(context, &message, "MESSAGE", NULL, other, NULL));
    TRY(eXosip_message_build_request(context, &message, "MESSAGE", uri, NULL, NULL));
    TRY(eXosip_message_build_request(context, &message, "MESSAGE", "nonsense", other, NULL));
    TRY(eXosip_message_build_request(context, &message, "INVITE", uri, other, NULL));
    TRY(eXosip_options_build_request(context, &message, "", other, NULL));
    TRY(eXosip_options_build_request(context, &message, uri, "", NULL));
    TRY(eXosip_options_build_request(context, &message, NULL, other, NULL));
    TRY(eXosip_options_build_request(context, &message, uri, NULL, NULL));
    TRY(eXosip_options_build_request(context, &message, uri, other, "nonsense"));
    if (eXosip_build_publish(context, &message, uri, other, NULL, "presence", NULL, NULL, NULL) ==
        0) {
        say("bad publish(aor NULL) rc=%d", eXosip_publish(context, message, NULL));
        osip_message_free(message); /* that one is not taken */
    }
    if (eXosip_message_build_request(context, &message, "PUBLISH", uri, other, NULL) == 0)
        say("bad publish(no Expires) rc=%d", eXosip_publish(context, message, uri));
}
