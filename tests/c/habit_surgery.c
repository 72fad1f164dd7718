/* What programs do to the REGISTER before they send it, and what they read in it afterwards. */
#include "peer.h"

static struct peer peer;
static struct eXosip_t *ctx;

static osip_message_t *built(int *rid, const char *from, const char *proxy, const char *contact)
{
    osip_message_t *reg = NULL;
    *rid = eXosip_register_build_initial_register(ctx, from, proxy, contact, 600, &reg);
    CHECK(*rid > 0 && reg != NULL);
    return reg;
}

static void sent(int rid, osip_message_t *reg)
{
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER sip:");
}

static void welcomed(int rid)
{
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
}

/* One REGISTER with these parameters, and what is received of it. */
static void one(const char *from, const char *proxy, const char *contact)
{
    int rid;
    osip_message_t *reg = built(&rid, from, proxy, contact);
    sent(rid, reg);
    welcomed(rid);
    CODE(0, eXosip_register_remove(ctx, rid));
}

static void the_marks_are_there(void)
{
    FIELD(&peer, "X-Mark", "one");
    FIELD(&peer, "Supported", "100rel, path");
    FIELD(&peer, "Contact", "<sip:34020000001320000001@10.1.2.3:5061>");
    FIELD(&peer, "Call-ID", "mine@device");
    FIELD(&peer, "Content-Type", "application/x-hello");
    FIELD(&peer, "Content-Length", "5");
    CHECK(strstr(peer.received, "\r\n\r\nhello") != NULL);
}

/* Header fields, Contact, Call-ID and body, all changed; a refresh and the unregistration have them
   as well. */
static void headers_are_sent_as_set_and_survive(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:alice@127.0.0.1", peer.uri, NULL);
    osip_contact_t *contact = osip_list_get(&reg->contacts, 0);

    CODE(0, osip_message_set_header(reg, "X-Mark", "one"));
    CODE(0, osip_message_set_supported(reg, "100rel, path"));
    CHECK(contact != NULL);
    CHECK(osip_list_remove(&reg->contacts, 0) >= 0);
    osip_contact_free(contact);
    CODE(0, osip_message_set_contact(reg, "<sip:34020000001320000001@10.1.2.3:5061>"));
    osip_call_id_free(reg->call_id);
    reg->call_id = NULL;
    CODE(0, osip_message_set_call_id(reg, "mine@device"));
    CODE(0, osip_message_set_content_type(reg, "application/x-hello"));
    CODE(0, osip_message_set_body(reg, "hello", 5));
    CODE(0, osip_message_set_authorization(reg, "Capability algorithm=\"H:MD5\""));

    sent(rid, reg);
    the_marks_are_there();
    FIELD(&peer, "Authorization", "Capability algorithm=\"H:MD5\"");
    FIELD(&peer, "CSeq", "1 REGISTER");
    welcomed(rid);

    reg = NULL;
    CODE(0, eXosip_register_build_register(ctx, rid, 300, &reg));
    sent(rid, reg);
    the_marks_are_there();
    FIELD(&peer, "CSeq", "2 REGISTER");
    FIELD(&peer, "Expires", "300");
    FIELD(&peer, "Authorization", NULL);
    welcomed(rid);

    CODE(0, eXosip_register_build_register(ctx, rid, 0, &reg));
    CODE(0, osip_message_set_header(reg, "Logout-Reason", "logout"));
    sent(rid, reg);
    FIELD(&peer, "X-Mark", "one");
    FIELD(&peer, "Call-ID", "mine@device");
    FIELD(&peer, "CSeq", "3 REGISTER");
    FIELD(&peer, "Expires", "0");
    FIELD(&peer, "Logout-Reason", "logout");
    welcomed(rid);
}

/* The contact is changed in place, its pieces freed and replaced. */
static void pieces_may_be_replaced(void)
{
    int rid;
    osip_contact_t *contact = NULL;
    osip_message_t *reg = built(&rid, "sip:bob@127.0.0.1", peer.uri, NULL);

    CODE(0, osip_message_get_contact(reg, 0, &contact));
    CHECK(contact != NULL && contact->url != NULL);
    osip_free(contact->url->host);
    contact->url->host = osip_strdup("10.9.8.7");
    osip_free(contact->url->port);
    contact->url->port = osip_strdup("6000");
    osip_free(reg->from->displayname);
    reg->from->displayname = osip_strdup("\"Bob\"");
    sent(rid, reg);
    CHECK(strstr(field(&peer, "Contact"), "@10.9.8.7:6000") != NULL);
    CHECK(strstr(field(&peer, "From"), "\"Bob\" <sip:bob@127.0.0.1>;tag=") == peer.value);
    welcomed(rid);
}

/* Expires set by the program in place of ours. */
static void expires_may_be_set(void)
{
    int rid;
    osip_header_t *expires = NULL;
    osip_message_t *reg = built(&rid, "sip:bob@127.0.0.1", peer.uri, NULL);

    CHECK(osip_message_get_expires(reg, 0, &expires) >= 0 && expires != NULL);
    CODE(0, strcmp(expires->hvalue, "600"));
    osip_free(expires->hvalue);
    expires->hvalue = osip_strdup("77");
    sent(rid, reg);
    FIELD(&peer, "Expires", "77");
    welcomed(rid);

    /* Or simply added, as most do: what was asked for and what was set are both there, in this
       order. */
    reg = built(&rid, "sip:bob@127.0.0.1", peer.uri, NULL);
    CODE(0, osip_message_set_expires(reg, "88"));
    sent(rid, reg);
    CODE(0, strcmp(field_at(&peer, "Expires", 0), "600"));
    CODE(0, strcmp(field_at(&peer, "Expires", 1), "88"));
    welcomed(rid);
}

/* The message goes to the Route, wherever the Request-URI points; option 27 says whether the field
   goes as well. */
static void a_route_leads(void)
{
    char route[64];
    int rid, keep = 0, remove = 1;
    osip_message_t *reg = built(&rid, "sip:carol@192.0.2.1", "sip:192.0.2.1", NULL);

    snprintf(route, sizeof route, "<%s;lr>", peer.uri);
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_REMOVE_PREROUTESET, &keep));
    CODE(0, osip_message_set_route(reg, route));
    sent(rid, reg);
    CODE(0, strncmp(peer.received, "REGISTER sip:192.0.2.1 SIP/2.0\r\n", 32));
    FIELD(&peer, "Route", route);
    welcomed(rid);
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_REMOVE_PREROUTESET, &remove));
}

/* Contact as given, wrapped or bare; empty: none, as in a query. */
static void contacts_go_out_as_given(void)
{
    one("sip:dave@127.0.0.1", peer.uri, "sip:dave@10.0.0.1");
    CHECK(strstr(field(&peer, "Contact"), "sip:dave@10.0.0.1") != NULL);
    CHECK(strstr(peer.value, "line=") == NULL);
    one("sip:dave@127.0.0.1", peer.uri, "<sip:dave@10.0.0.1:5070;transport=udp>");
    FIELD(&peer, "Contact", "<sip:dave@10.0.0.1:5070;transport=udp>");
    one("sip:dave@127.0.0.1", peer.uri, "");
    FIELD(&peer, "Contact", NULL);
}

/* Userinfo in the proxy stays in the Request-URI; a blank after `sip:` is escaped; a port in From
   stays. */
static void odd_uris(void)
{
    char proxy[80], from[80], wanted[120];

    snprintf(proxy, sizeof proxy, "sip:34020000002000000001@127.0.0.1:%d", peer.port);
    snprintf(wanted, sizeof wanted, "REGISTER %s SIP/2.0\r\n", proxy);
    one("sip:34020000001320000001@3402000000", proxy, NULL);
    CODE(0, strncmp(peer.received, wanted, strlen(wanted)));

    snprintf(from, sizeof from, "sip: 1100@127.0.0.1:%d", peer.port);
    one(from, peer.uri, NULL);
    CHECK(strstr(field(&peer, "From"), "sip:%201100@127.0.0.1:") != NULL);
    CHECK(strstr(field(&peer, "To"), "sip:%201100@127.0.0.1:") != NULL);

    snprintf(proxy, sizeof proxy, "sip: 3402@127.0.0.1:%d", peer.port);
    snprintf(wanted, sizeof wanted, "REGISTER sip:%%203402@127.0.0.1:%d SIP/2.0\r\n", peer.port);
    one("sip:1100@127.0.0.1", proxy, NULL);
    CODE(0, strncmp(peer.received, wanted, strlen(wanted)));
}

static char *printed(osip_message_t *message)
{
    char *text = NULL;
    size_t length = 0;
    CODE(0, osip_message_to_str(message, &text, &length));
    CHECK(text != NULL && strlen(text) == length);
    return text;
}

/* Before send it shows the placeholders; after send, and after the answer, it may still be printed.
 */
static void the_message_may_be_printed_after_send(void)
{
    int rid;
    char *before, *after, *late;
    eXosip_event_t *event;
    osip_message_t *reg = built(&rid, "sip:erin@127.0.0.1", peer.uri, NULL);

    before = printed(reg);
    CHECK(strstr(before, "999.999.999.999:99999") != NULL);
    sent(rid, reg);
    after = printed(reg);
    CHECK(strncmp(after, "REGISTER ", 9) == 0 && strstr(after, "sip:erin@127.0.0.1") != NULL);
    welcome(&peer);
    event = expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200);
    late = printed(reg);
    CODE(0, strcmp(after, late));
    osip_free(before);
    osip_free(after);
    osip_free(late);

    /* The event has what was on the wire. */
    late = printed(event->request);
    CHECK(strstr(late, "999.999.999.999") == NULL);
    CODE(0, strcmp(late, peer.received));
    osip_free(late);
    eXosip_event_free(event);
}

/* A message that nobody printed, and its event: what was on the wire, in parts and as a whole, and
   nothing of the program's own. */
static void the_event_has_what_was_on_the_wire(void)
{
    int rid;
    char *text;
    eXosip_event_t *event;
    osip_contact_t *contact;
    osip_via_t *via;
    osip_message_t *reg = built(&rid, "sip:ella@127.0.0.1", peer.uri, NULL);

    reg->application_data = &rid;
    CODE(0, osip_message_set_header(reg, "X-Mark", "two"));
    sent(rid, reg);
    welcome(&peer);
    event = expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200);
    CHECK(event->request != NULL && event->request->application_data == NULL);
    via = osip_list_get(&event->request->vias, 0);
    contact = osip_list_get(&event->request->contacts, 0);
    CHECK(via != NULL && contact != NULL && contact->url != NULL);
    CODE(0, strcmp(via->host, "127.0.0.1"));
    CODE(0, strcmp(contact->url->host, "127.0.0.1"));
    CODE(0, strcmp(contact->url->port, via->port));
    text = printed(event->request);
    CODE(0, strcmp(text, peer.received));
    osip_free(text);
    eXosip_event_free(event);
    CODE(0, eXosip_register_remove(ctx, rid));
}

/* Listening on port 0, the Contact and the Via show the real port; nothing of a placeholder leaves.
 */
static void port_0(void)
{
    char wanted[64];
    int port;

    one("sip:frank@127.0.0.1", peer.uri, NULL);
    port = ntohs(peer.from.sin_port);
    snprintf(wanted, sizeof wanted, "<sip:frank@127.0.0.1:%d;line=", port);
    CODE(0, strncmp(field(&peer, "Contact"), wanted, strlen(wanted)));
    snprintf(wanted, sizeof wanted, "SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bK", port);
    CODE(0, strncmp(field(&peer, "Via"), wanted, strlen(wanted)));
    CHECK(strstr(peer.received, "99999") == NULL);
}

/* send_register(ctx, rid, NULL) builds what build_register would. The message of build_initial is
   the caller's then. */
static void send_null(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:grace@127.0.0.1", peer.uri, NULL);

    osip_message_free(reg);
    sent(rid, NULL);
    FIELD(&peer, "Expires", "600");
    welcomed(rid);
    sent(rid, NULL);
    FIELD(&peer, "CSeq", "2 REGISTER");
    welcomed(rid);
}

/* A message that is not sent is the program's to free, as on its error paths. */
static void built_and_not_sent(void)
{
    int rid;
    osip_message_t *reg = built(&rid, "sip:heidi@127.0.0.1", peer.uri, NULL);

    osip_message_free(reg);
    CODE(0, eXosip_register_remove(ctx, rid));
    CHECK(!receive_within(&peer, 20));
}

int main(void)
{
    peer_open(&peer);
    ctx = listening();
    headers_are_sent_as_set_and_survive();
    pieces_may_be_replaced();
    expires_may_be_set();
    a_route_leads();
    contacts_go_out_as_given();
    odd_uris();
    the_message_may_be_printed_after_send();
    the_event_has_what_was_on_the_wire();
    port_0();
    send_null();
    built_and_not_sent();
    ended(ctx);
    peer_close(&peer);
    return 0;
}
