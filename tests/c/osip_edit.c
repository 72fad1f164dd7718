/* A message made, changed and printed by a program. */
#include "osip_print.h"

#define SET(call)                                                                       \
    do {                                                                                \
        int code = call;                                                                \
        printf("%s = %d, property %d\n", #call, code, message->message_property);       \
    } while (0)

int main(void)
{
    static const char start[] =
        "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:a@b>\r\nCall-ID: x\r\n"
        "CSeq: 1 REGISTER\r\ns: subject\r\nk: option\r\nExpires: 5\r\nX-A: 1\r\nx-a: 2\r\n"
        "Content-Length: 0\r\n\r\n";
    osip_message_t *message = NULL;
    osip_header_t *header = NULL;
    osip_contact_t *contact = NULL;
    osip_body_t *body = NULL;

    parser_init();
    osip_message_init(&message);
    printf("property %d, length %zu\n", message->message_property, message->message_length);
    SET(osip_message_parse(message, start, sizeof start - 1));
    CODE(osip_message_header_get_byname(message, "subject", 0, &header));
    CODE(osip_message_header_get_byname(message, "s", 0, &header));
    CODE(osip_message_header_get_byname(message, "X-a", 0, &header));
    CODE(osip_message_header_get_byname(message, "X-a", 4, &header));
    CODE(osip_message_header_get_byname(message, "X-a", 5, &header));
    CODE(header == NULL);
    CODE(osip_message_header_get_byname(message, "from", 0, &header));
    CODE(osip_message_get_expires(message, 0, &header));
    text("expires", osip_header_get_value(header));
    CODE(osip_message_get_header(message, 1, &header));
    CODE(osip_message_get_header(message, 9, &header));
    whole(message);

    SET(osip_message_set_header(message, "X-New", "v"));
    whole(message);
    SET(osip_message_set_header(message, "X-New", "  v2  "));
    SET(osip_message_set_header(message, "X-N", NULL));
    SET(osip_message_set_header(message, "X-E", ""));
    SET(osip_message_set_topheader(message, "X-Top", "t"));
    SET(osip_message_replace_header(message, "X-A", "replaced"));
    SET(osip_message_replace_header(message, "X-Z", "new"));
    whole(message);

    char name[] = "Contact", value[] = "<sip:1@1>,<sip:2@2>", other[] = "X-Multi", more[] = "a, b",
         list[] = "supported";
    SET(osip_message_set_multiple_header(message, name, value));
    SET(osip_message_set_multiple_header(message, other, more));
    SET(osip_message_set_multiple_header(message, list, more));
    SET(osip_message_set_contact(message, "<sip:q@q>"));
    SET(osip_message_set_contact(message, "bad"));
    SET(osip_message_set_contact(message, "<sip:m@m>, <sip:n@n>"));
    SET(osip_message_set_contact(message, NULL));
    SET(osip_message_set_via(message, "SIP/2.0/TCP zz"));
    SET(osip_message_append_via(message, "SIP/2.0/TLS top"));
    SET(osip_message_set_from(message, "<sip:dup@x>"));
    SET(osip_message_set_to(message, "<sip:dup@x>"));
    SET(osip_message_set_call_id(message, "dup"));
    SET(osip_message_set_cseq(message, "2 X"));
    SET(osip_message_set_content_type(message, "a/b"));
    SET(osip_message_set_content_type(message, "c/d"));
    SET(osip_message_set_content_length(message, "77"));
    SET(osip_message_set_mime_version(message, "1.0"));
    SET(osip_message_set_mime_version(message, "1.1"));
    SET(osip_message_set_www_authenticate(message, "Digest realm=\"r\""));
    SET(osip_message_set_www_authenticate(message, "Digest foo"));
    SET(osip_message_set_www_authenticate(message, "Digest"));
    SET(osip_message_set_authorization(message, "Digest username=\"u\", realm=\"r\""));
    SET(osip_message_set_authorization(message, "Digest x"));
    SET(osip_message_set_proxy_authenticate(message, "Basic realm=\"b\""));
    SET(osip_message_set_proxy_authorization(message, "Digest username=\"u\""));
    SET(osip_message_set_authentication_info(message, "nextnonce=\"n\""));
    SET(osip_message_set_proxy_authentication_info(message, "nextnonce=\"n\""));
    SET(osip_message_set_allow(message, "A, B"));
    SET(osip_message_set_accept(message, "a/b"));
    SET(osip_message_set_accept(message, ""));
    SET(osip_message_set_accept_encoding(message, "gzip"));
    SET(osip_message_set_accept_language(message, "en;q=1"));
    SET(osip_message_set_alert_info(message, "<http://a>"));
    SET(osip_message_set_call_info(message, "<http://a>"));
    SET(osip_message_set_error_info(message, "<http://a>"));
    SET(osip_message_set_content_encoding(message, "gzip"));
    SET(osip_message_set_route(message, "<sip:r;lr>"));
    SET(osip_message_set_record_route(message, "<sip:rr;lr>"));
    SET(osip_message_set_expires(message, "60"));
    SET(osip_message_set_supported(message, "100rel, x"));
    SET(osip_message_set_user_agent(message, "agent"));
    SET(osip_message_set_max_forwards(message, "70"));
    whole(message);
    CODE(osip_message_get_contact(message, 0, &contact));
    CODE(osip_message_get_contact(message, 1, &contact));
    CODE(osip_message_get_contact(message, 9, &contact));
    CODE(contact == NULL);
    CODE(osip_message_get_contact(message, -1, &contact));

    SET(osip_message_set_body(message, "hello", 5));
    whole(message);
    SET(osip_message_set_body(message, "two\0x", 5));
    whole(message);
    CODE(osip_message_get_body(message, 1, &body));
    CODE(body->length);
    CODE(osip_message_get_body(message, 2, &body));

    /* What is changed in the struct shows after osip_message_force_update. */
    osip_free(osip_message_get_method(message));
    osip_message_set_method(message, osip_strdup("FOO"));
    osip_message_get_contact(message, 0, &contact);
    osip_list_remove(&message->contacts, 0);
    osip_contact_free(contact);
    osip_free(message->cseq->number);
    message->cseq->number = osip_strdup("7");
    whole(message);
    CODE(osip_message_force_update(message));
    whole(message);
    CODE(MSG_IS_REQUEST(message));
    CODE(MSG_IS_REGISTER(message));
    CODE(MSG_IS_STATUS_2XX(message));
    osip_message_free(message);

    /* A response from nothing. */
    osip_message_init(&message);
    whole(message);
    osip_message_set_version(message, osip_strdup("SIP/2.0"));
    osip_message_set_status_code(message, SIP_UNAUTHORIZED);
    whole(message);
    osip_message_set_reason_phrase(message, osip_strdup(osip_message_get_reason(401)));
    whole(message);
    CODE(MSG_IS_RESPONSE(message));
    CODE(MSG_IS_STATUS_4XX(message));
    CODE(MSG_TEST_CODE(message, 401));
    osip_message_free(message);

    /* A multipart from nothing. */
    osip_message_init(&message);
    osip_message_set_version(message, osip_strdup("SIP/2.0"));
    osip_message_set_method(message, osip_strdup("MESSAGE"));
    osip_uri_t *url = NULL;
    osip_uri_init(&url);
    osip_uri_parse(url, "sip:a@b");
    osip_message_set_uri(message, url);
    SET(osip_message_set_content_type(message, "multipart/mixed;boundary=\"b1\""));
    SET(osip_message_set_mime_version(message, "1.0"));
    SET(osip_message_set_body_mime(message, "Content-Type: a/b\r\nX: y\r\n\r\none", 30));
    SET(osip_message_set_body_mime(message, "X-A: 1\r\n\r\ntwo", 13));
    SET(osip_message_set_body_mime(message, "no header", 9));
    whole(message);
    osip_message_free(message);

    char *dest = NULL;
    size_t length = 0;
    osip_message_init(&message);
    CODE(osip_message_parse_sipfrag(message, "SIP/2.0 200 OK\r\n", 16));
    CODE(osip_message_to_str_sipfrag(message, &dest, &length));
    text("fragment", dest);
    osip_free(dest);
    osip_message_free(message);
    osip_message_init(&message);
    CODE(osip_message_parse_sipfrag(message, "Subject: x\r\nFrom: <sip:a@b>\r\n", 29));
    CODE(osip_message_to_str_sipfrag(message, &dest, &length));
    text("fragment", dest);
    osip_free(dest);
    osip_message_free(message);

    CODE(osip_body_init(&body));
    CODE(osip_body_parse(body, "ab\0c", 4));
    CODE(osip_body_set_contenttype(body, "a/b"));
    CODE(osip_body_set_contenttype(body, "bad"));
    CODE(osip_body_set_header(body, "X", "y"));
    osip_body_free(body);
    return 0;
}
