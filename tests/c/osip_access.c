/* Every way to read or change one part of a message: getters and setters of all families, single
   headers by number. */
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text(const char *name, const char *value)
{
    printf("  %s = %s\n", name, value != NULL ? value : "(null)");
}

static char *copy(const char *value)
{
    return osip_strdup(value);
}

/* Sets a member that is NULL, and reads it again; before and after. */
#define MEMBER(family, it, member)                      \
    text(#member, family##_get_##member(it));           \
    if (family##_get_##member(it) == NULL) {            \
        family##_set_##member(it, copy("\"" #member "\"")); \
        text(#member, family##_get_##member(it));       \
    }

static void authorizations(void)
{
    osip_authorization_t *it;
    char *out = NULL;

    puts("authorization");
    osip_authorization_init(&it);
    osip_authorization_parse(
        it,
        "Digest username=\"alice\", realm=\"acme\", nonce=\"n\", uri=\"sip:acme\", response=\"r\"");
    MEMBER(osip_authorization, it, auth_type)
    MEMBER(osip_authorization, it, username)
    MEMBER(osip_authorization, it, realm)
    MEMBER(osip_authorization, it, nonce)
    MEMBER(osip_authorization, it, uri)
    MEMBER(osip_authorization, it, response)
    MEMBER(osip_authorization, it, digest)
    MEMBER(osip_authorization, it, algorithm)
    MEMBER(osip_authorization, it, cnonce)
    MEMBER(osip_authorization, it, opaque)
    MEMBER(osip_authorization, it, message_qop)
    MEMBER(osip_authorization, it, nonce_count)
    MEMBER(osip_authorization, it, version)
    MEMBER(osip_authorization, it, targetname)
    MEMBER(osip_authorization, it, gssapi_data)
    MEMBER(osip_authorization, it, crand)
    MEMBER(osip_authorization, it, cnum)
    printf("to_str %d\n", osip_authorization_to_str(it, &out));
    text("all", out);
    osip_free(out);
    osip_authorization_free(it);

    osip_authorization_init(&it);
    MEMBER(osip_authorization, it, auth_type)
    MEMBER(osip_authorization, it, username)
    MEMBER(osip_authorization, it, realm)
    MEMBER(osip_authorization, it, nonce)
    MEMBER(osip_authorization, it, uri)
    MEMBER(osip_authorization, it, response)
    osip_authorization_free(it);
}

static void authenticates(void)
{
    osip_www_authenticate_t *it;
    char *out = NULL;

    puts("www_authenticate");
    osip_www_authenticate_init(&it);
    osip_www_authenticate_set_auth_type(it, copy("Digest"));
    MEMBER(osip_www_authenticate, it, auth_type)
    MEMBER(osip_www_authenticate, it, realm)
    MEMBER(osip_www_authenticate, it, domain)
    MEMBER(osip_www_authenticate, it, nonce)
    MEMBER(osip_www_authenticate, it, opaque)
    MEMBER(osip_www_authenticate, it, stale)
    MEMBER(osip_www_authenticate, it, algorithm)
    MEMBER(osip_www_authenticate, it, qop_options)
    MEMBER(osip_www_authenticate, it, version)
    MEMBER(osip_www_authenticate, it, targetname)
    MEMBER(osip_www_authenticate, it, gssapi_data)
    printf("to_str %d\n", osip_www_authenticate_to_str(it, &out));
    text("all", out);
    osip_free(out);
    osip_www_authenticate_free(it);
}

static void authentication_infos(void)
{
    osip_authentication_info_t *it;
    char *out = NULL;

    puts("authentication_info");
    osip_authentication_info_init(&it);
    MEMBER(osip_authentication_info, it, auth_type)
    MEMBER(osip_authentication_info, it, nextnonce)
    MEMBER(osip_authentication_info, it, cnonce)
    MEMBER(osip_authentication_info, it, rspauth)
    MEMBER(osip_authentication_info, it, nonce_count)
    MEMBER(osip_authentication_info, it, qop_options)
    MEMBER(osip_authentication_info, it, snum)
    MEMBER(osip_authentication_info, it, srand)
    MEMBER(osip_authentication_info, it, targetname)
    MEMBER(osip_authentication_info, it, realm)
    MEMBER(osip_authentication_info, it, opaque)
    printf("to_str %d\n", osip_authentication_info_to_str(it, &out));
    text("all", out);
    osip_free(out);
    osip_authentication_info_free(it);
}

static void small_ones(void)
{
    osip_call_id_t *call_id;
    osip_cseq_t *cseq;
    osip_header_t *header, *other = NULL;
    osip_from_t *from;
    osip_to_t *to, *second = NULL;
    osip_uri_t *uri;
    osip_uri_param_t *param;
    osip_accept_encoding_t *encoding;
    osip_call_info_t *info;
    osip_via_t *via;
    char *out = NULL;

    puts("call_id, cseq");
    osip_call_id_init(&call_id);
    osip_call_id_set_number(call_id, copy("42"));
    osip_call_id_set_host(call_id, copy("acme.test"));
    text("number", osip_call_id_get_number(call_id));
    text("host", osip_call_id_get_host(call_id));
    osip_call_id_free(call_id);
    osip_cseq_init(&cseq);
    osip_cseq_set_number(cseq, copy("7"));
    osip_cseq_set_method(cseq, copy("REGISTER"));
    text("number", osip_cseq_get_number(cseq));
    text("method", osip_cseq_get_method(cseq));
    osip_cseq_free(cseq);

    puts("via");
    osip_via_init(&via);
    MEMBER(osip_via, via, version)
    MEMBER(osip_via, via, protocol)
    MEMBER(osip_via, via, host)
    MEMBER(osip_via, via, port)
    MEMBER(osip_via, via, comment)
    osip_via_free(via);

    puts("header");
    printf("init %d\n", osip_header_init(&header));
    osip_header_set_name(header, copy("X-Door"));
    osip_header_set_value(header, copy("front"));
    text("name", osip_header_get_name(header));
    text("value", osip_header_get_value(header));
    printf("clone %d\n", osip_header_clone(header, &other));
    printf("to_str %d\n", osip_header_to_str(other, &out));
    text("all", out);
    osip_free(out);
    osip_header_free(header);
    osip_header_free(other);

    puts("from, to");
    osip_from_init(&from);
    osip_from_set_displayname(from, copy("\"Alice\""));
    osip_uri_init(&uri);
    printf("parse %d\n", osip_uri_parse(uri, "sip:alice:pw@acme.test:5070"));
    osip_from_set_url(from, uri);
    text("displayname", osip_from_get_displayname(from));
    text("scheme", osip_uri_get_scheme(osip_from_get_url(from)));
    text("host", osip_uri_get_host(osip_from_get_url(from)));
    text("port", osip_uri_get_port(osip_from_get_url(from)));
    text("password", osip_uri_get_password(osip_from_get_url(from)));
    osip_from_free(from);
    osip_to_init(&to);
    printf("parse %d\n", osip_to_parse(to, "<sip:bob@acme.test>;tag=1"));
    printf("clone %d\n", osip_to_clone(to, &second));
    printf("to_str %d\n", osip_to_to_str(second, &out));
    text("all", out);
    osip_free(out);
    osip_to_free(to);
    osip_to_free(second);

    puts("uri scheme, generic param");
    osip_uri_init(&uri);
    osip_uri_set_scheme(uri, copy("sips"));
    text("scheme", osip_uri_get_scheme(uri));
    osip_uri_free(uri);
    osip_generic_param_init(&param);
    osip_generic_param_set_name(param, copy("name"));
    osip_generic_param_set_value(param, copy("value"));
    text("name", osip_generic_param_get_name(param));
    text("value", osip_generic_param_get_value(param));
    osip_generic_param_free(param);

    puts("accept_encoding, call_info");
    osip_accept_encoding_init(&encoding);
    osip_accept_encoding_set_element(encoding, copy("gzip"));
    text("element", osip_accept_encoding_get_element(encoding));
    osip_accept_encoding_free(encoding);
    osip_call_info_init(&info);
    osip_call_info_set_uri(info, copy("<http://acme.test/>"));
    text("uri", osip_call_info_get_uri(info));
    osip_call_info_free(info);
}

/* Reads the first, the second and the sixth of a family, and prints them. */
#define NUMBERED(family, type)                                                 \
    for (i = 0; i < 3; i++) {                                                  \
        osip_##type##_t *one = NULL;                                           \
        int code = osip_message_get_##family(message, positions[i], &one);     \
        char *out = NULL;                                                      \
        printf("get_%s %d: %d\n", #family, positions[i], code);                \
        if (one != NULL && osip_##type##_to_str(one, &out) == 0)               \
            text(#family, out);                                                \
        osip_free(out);                                                        \
    }

static void by_number(void)
{
    static const int positions[] = {0, 1, 5};
    static const char whole[] =
        "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP b;branch=2\r\n"
        "Record-Route: <sip:r1;lr>, <sip:r2;lr>\r\nRoute: <sip:t1;lr>\r\nRoute: <sip:t2;lr>\r\n"
        "From: <sip:f@g>;tag=1\r\nTo: <sip:t@u>\r\nCall-ID: 1@h\r\nCSeq: 2 REGISTER\r\n"
        "Contact: <sip:c@d>\r\n"
        "Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"\r\n"
        "Proxy-Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"e\"\r\n"
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
        "WWW-Authenticate: Digest realm=\"s\", nonce=\"m\"\r\n"
        "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
        "Authentication-Info: nextnonce=\"x\"\r\n"
        "Proxy-Authentication-Info: nextnonce=\"y\"\r\n"
        "Accept: text/plain\r\nAccept: application/sdp\r\nAccept-Encoding: gzip\r\n"
        "Accept-Language: de\r\n"
        "Alert-Info: <http://a>\r\nAllow: INVITE\r\nAllow: ACK\r\nCall-Info: <http://c>\r\n"
        "Content-Encoding: gzip\r\n"
        "Error-Info: <http://e>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
        "Content-Length: 2\r\n\r\nhi";
    osip_message_t *message;
    size_t i;

    puts("by number");
    osip_message_init(&message);
    printf("parse %d\n", osip_message_parse(message, whole, strlen(whole)));
    NUMBERED(via, via)
    NUMBERED(record_route, record_route)
    NUMBERED(route, route)
    NUMBERED(contact, contact)
    NUMBERED(authorization, authorization)
    NUMBERED(proxy_authorization, proxy_authorization)
    NUMBERED(www_authenticate, www_authenticate)
    NUMBERED(proxy_authenticate, proxy_authenticate)
    NUMBERED(authentication_info, authentication_info)
    NUMBERED(proxy_authentication_info, proxy_authentication_info)
    NUMBERED(accept, accept)
    NUMBERED(accept_encoding, accept_encoding)
    NUMBERED(accept_language, accept_language)
    NUMBERED(alert_info, alert_info)
    NUMBERED(allow, allow)
    NUMBERED(call_info, call_info)
    NUMBERED(content_encoding, content_encoding)
    NUMBERED(error_info, error_info)
    printf("status %d\n", osip_message_get_status_code(message));
    text("reason", osip_message_get_reason_phrase(message));
    text("version", osip_message_get_version(message));
    printf("uri %d\n", osip_message_get_uri(message) != NULL);
    text("call_id", osip_message_get_call_id(message)->number);
    text("cseq", osip_message_get_cseq(message)->method);
    text("to", osip_message_get_to(message)->url->username);
    text("content_type", osip_message_get_content_type(message)->subtype);
    text("content_length", osip_message_get_content_length(message)->value);
    printf("mime_version %d\n", osip_message_get_mime_version(message) != NULL);
    osip_message_fix_last_via_header(message, "192.0.2.7", 5062);
    NUMBERED(via, via)
    for (int at = -1; at < 3; at++) {
        void *known = message;
        printf("known %d: %d", at, osip_message_get_knownheaderlist(&message->allows, at, &known));
        printf(" %d\n", at < 0 ? known == NULL : known == osip_list_get(&message->allows, at));
    }
    osip_message_free(message);
}

static void bodies(void)
{
    static const char part[] = "Content-Type: text/plain\r\n\r\nhello";
    osip_body_t *body, *other = NULL;
    char *out = NULL;
    size_t length = 0;
    int code;

    puts("body");
    osip_body_init(&body);
    printf("parse_mime %d\n", osip_body_parse_mime(body, part, strlen(part)));
    text("type", body->content_type != NULL ? body->content_type->subtype : NULL);
    text("body", body->body);
    printf("clone %d\n", osip_body_clone(body, &other));
    code = osip_body_to_str(other, &out, &length);
    printf("to_str %d %d\n", code, (int)length);
    text("all", out);
    osip_free(out);
    osip_body_free(body);
    osip_body_free(other);
}

int main(void)
{
    parser_init();
    authorizations();
    authenticates();
    authentication_infos();
    small_ones();
    by_number();
    bodies();
    return 0;
}
