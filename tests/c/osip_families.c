/* Each family of header fields: read, looked into, printed, copied, and made by hand. */
#include "osip_print.h"

/* Runs init, parse, to_str, clone and free of a family over some texts; `show` prints the struct
   `it`. */
#define FAMILY(family, type, show, ...)                                          \
    do {                                                                         \
        static const char *const texts[] = {__VA_ARGS__};                        \
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {            \
            type *it = NULL, *copy = NULL;                                       \
            char *dest = NULL;                                                   \
            printf("%s_init %d\n", #family, family##_init(&it));                 \
            int code = family##_parse(it, texts[i]);                             \
            printf("%s %s: %d", #family, texts[i], code);                        \
            if (code == 0) {                                                     \
                show;                                                            \
                printf("\n");                                                    \
                code = family##_to_str(it, &dest);                               \
                printed(code, dest);                                             \
                printf("  copies %d\n", family##_clone(it, &copy));              \
                code = family##_to_str(copy, &dest);                             \
                printed(code, dest);                                             \
                family##_free(copy);                                             \
            } else                                                               \
                printf("\n");                                                    \
            family##_free(it);                                                   \
        }                                                                        \
    } while (0)

#define ADDRESSES \
    "<sip:a@b>", "sip:a@b", "Alice <sip:a@b>", "\"Al\\\"ice\" <sip:a@b>;tag=1", "sip:a@b;tag=1", \
        "sip:a@b?x=y;tag=1", "<sip:a@b;lr>;tag=1;q=0.5", "\"A\"<sip:a@b>", \
        "Alice B  <sip:a@b> ; tag=2", "<>", "\"\" <sip:a@b>", "<sip:a@b", "sip:a@b>", \
        "Alice sip:a@b", "\"Alice sip:a@b", "<sip:a@b>;tag", "<sip:a@b>;tag=", "<sip:a@b>;", \
        "<sip:a@b>;x=\"a;b,c\";y", "<sip:a@b> x;tag=1", "<tel:+1>;a", "<http://x>;a", "nouri", \
        "  <sip:a@b>  ", "\"a\" \"b\" <sip:a@b>", "<sip: 1000@host>", "Al,ice <sip:x@y>", \
        "<sip:a@b>;tag = 5 ; z", "<sip:a@b>;a=b;a=c", \
        "<sip:a@b>;expires=3600;+sip.instance=\"<urn:uuid:1>\"", "<sip:a@b;tag=in>", \
        "sip:a@b;lr;tag=9", "\"x", "<sip:a@b>tag=1", "\xc3\xa9 <sip:a@b>", "a\tb <sip:a@b>", \
        "a-.!%*_+`'~1 <sip:a@b>"

static void fields(const void *it, size_t size)
{
    char *const *field = it;
    for (size_t i = 0; i < size / sizeof *field; i++)
        if (field[i] != NULL) {
            printf(" %zu", i);
            text("", field[i]);
        }
}

static void made_by_hand(void)
{
    osip_from_t *from = NULL;
    char *dest = NULL;
    osip_from_init(&from);
    osip_from_parse(from, "<sip:a@b>");
    osip_from_set_displayname(from, osip_strdup("Alice, B"));
    osip_from_param_add(from, osip_strdup("x"), osip_strdup("a b"));
    osip_from_param_add(from, osip_strdup("y"), osip_strdup(""));
    osip_from_set_tag(from, osip_strdup("t"));
    int code = osip_from_to_str(from, &dest);
    printed(code, dest);
    osip_uri_param_t *param = NULL;
    CODE(osip_from_param_get(from, 1, &param));
    CODE(osip_from_param_get(from, 5, &param));
    CODE(osip_from_param_get_byname(from, "X", &param));
    CODE(osip_from_get_tag(from, &param));
    text("tag", osip_generic_param_get_value(param));
    text("user", osip_uri_get_username(osip_from_get_url(from)));
    osip_from_free(from);

    osip_via_t *via = NULL;
    osip_via_init(&via);
    osip_via_set_version(via, osip_strdup("2.0"));
    osip_via_set_protocol(via, osip_strdup("UDP"));
    osip_via_set_host(via, osip_strdup("::1"));
    osip_via_set_port(via, osip_strdup("5062"));
    osip_via_set_comment(via, osip_strdup("why not"));
    osip_via_set_hidden(via);
    osip_via_set_ttl(via, osip_strdup("1"));
    osip_via_set_maddr(via, osip_strdup("2"));
    osip_via_set_received(via, osip_strdup("3"));
    osip_via_set_branch(via, osip_strdup("4"));
    code = osip_via_to_str(via, &dest);
    printed(code, dest);
    CODE(osip_via_param_get_byname(via, "branch", &param));
    text("port", osip_via_get_port(via));
    osip_via_free(via);

    osip_www_authenticate_t *www = NULL;
    osip_www_authenticate_init(&www);
    osip_www_authenticate_set_auth_type(www, osip_strdup("Digest"));
    osip_www_authenticate_set_realm(www, osip_enquote("a \"b\""));
    osip_www_authenticate_set_nonce(www, osip_strdup("\"n\""));
    osip_www_authenticate_set_algorithm_MD5(www);
    osip_www_authenticate_set_stale_true(www);
    code = osip_www_authenticate_to_str(www, &dest);
    printed(code, dest);
    osip_www_authenticate_free(www);
}

/* Every field of a challenge or of credentials, one by one and all together. */
static void each_field(void)
{
    for (int i = 0; i < 18; i++) {
        osip_authorization_t *it = NULL;
        char *dest = NULL;
        osip_authorization_init(&it);
        for (int j = 0; j < 18; j++)
            if (j == 0 || j == i || i == 0)
                ((char **) it)[j] = osip_strdup(j == 0 ? "T" : "v");
        int code = osip_authorization_to_str(it, &dest);
        printed(code, dest);
        osip_authorization_free(it);
    }
    for (int i = 0; i < 12; i++) {
        osip_www_authenticate_t *it = NULL;
        char *dest = NULL;
        osip_www_authenticate_init(&it);
        for (int j = 0; j < 12; j++)
            if (j < 2 || j == i || i == 0)
                ((char **) it)[j] = osip_strdup(j == 0 ? "T" : "v");
        int code = osip_www_authenticate_to_str(it, &dest);
        printed(code, dest);
        osip_www_authenticate_free(it);
    }
    for (int i = 0; i < 11; i++) {
        osip_authentication_info_t *it = NULL;
        char *dest = NULL;
        osip_authentication_info_init(&it);
        for (int j = 0; j < 11; j++)
            if (j == i || i == 0)
                ((char **) it)[j] = osip_strdup("v");
        int code = osip_authentication_info_to_str(it, &dest);
        printed(code, dest);
        osip_authentication_info_free(it);
    }
}

#define MATCH(function, type, family, a, b)                                      \
    do {                                                                         \
        type *one = NULL, *other = NULL;                                         \
        family##_init(&one);                                                     \
        family##_init(&other);                                                   \
        family##_parse(one, a);                                                  \
        family##_parse(other, b);                                                \
        printf("%s %s %s %d\n", #function, a, b, function(one, other));          \
        family##_free(one);                                                      \
        family##_free(other);                                                    \
    } while (0)

static void matches(void)
{
    MATCH(osip_from_compare, osip_from_t, osip_from, "<sip:a@b>;tag=1", "\"x\" <sip:a@b>;tag=1");
    MATCH(osip_from_compare, osip_from_t, osip_from, "<sip:a@b>;tag=1", "<sip:a@b>;tag=2");
    MATCH(osip_from_compare, osip_from_t, osip_from, "<sip:a@b>;tag=1", "<sip:a@b>");
    MATCH(osip_from_compare, osip_from_t, osip_from, "<sip:a@b>;tag=1", "<sip:a@B>;tag=1");
    MATCH(osip_from_compare, osip_from_t, osip_from, "<sip:a@b>;tag=1", "<sip:c@b>;tag=1");
    MATCH(osip_from_compare, osip_from_t, osip_from, "<sip:a@b:5060>", "<sip:a@b>");
    MATCH(osip_from_tag_match, osip_from_t, osip_from, "<sip:a@b>;tag=1", "<sip:c@d>;tag=1");
    MATCH(osip_from_tag_match, osip_from_t, osip_from, "<sip:a@b>;tag=1", "<sip:c@d>;tag=2");
    MATCH(osip_from_tag_match, osip_from_t, osip_from, "<sip:a@b>", "<sip:c@d>");
    MATCH(osip_to_tag_match, osip_to_t, osip_to, "<sip:a@b>;tag=1", "<sip:c@d>");
    MATCH(osip_to_tag_match, osip_to_t, osip_to, "<sip:a@b>;tag", "<sip:c@d>;tag");
    MATCH(osip_via_match, osip_via_t, osip_via, "SIP/2.0/UDP h;branch=1", "SIP/2.0/UDP h;branch=1");
    MATCH(osip_via_match, osip_via_t, osip_via, "SIP/2.0/UDP h;branch=1", "SIP/2.0/UDP h;branch=2");
    MATCH(osip_via_match, osip_via_t, osip_via, "SIP/2.0/UDP h", "SIP/2.0/UDP h:5060");
    MATCH(osip_call_id_match, osip_call_id_t, osip_call_id, "a@b", "a@b");
    MATCH(osip_call_id_match, osip_call_id_t, osip_call_id, "a@b", "a");
    MATCH(osip_call_id_match, osip_call_id_t, osip_call_id, "A", "a");
    MATCH(osip_cseq_match, osip_cseq_t, osip_cseq, "1 A", "1 A");
    MATCH(osip_cseq_match, osip_cseq_t, osip_cseq, "1 A", "1 B");
    MATCH(osip_cseq_match, osip_cseq_t, osip_cseq, "1 ACK", "1 INVITE");
    MATCH(osip_cseq_match, osip_cseq_t, osip_cseq, "1 A", "2 A");
}

int main(void)
{
    FAMILY(osip_from, osip_from_t, name_addr(it), ADDRESSES, "*");
    FAMILY(osip_contact, osip_contact_t, name_addr(it), ADDRESSES, "*");
    FAMILY(osip_route, osip_route_t, name_addr(it), "<sip:a;lr>", "\"x\" <sip:a@b;lr>;p", "x");
    FAMILY(osip_record_route, osip_record_route_t, name_addr(it), "<sip:a;lr>",
           "<sip:a@b;lr>;p=\"q\"", "x");
    FAMILY(osip_via, osip_via_t, text("version", it->version); text("protocol", it->protocol);
           text("host", it->host); text("port", it->port); text("comment", it->comment);
           params("with", &it->via_params), "SIP/2.0/UDP host:5060;branch=z9hG4bK1;rport",
           "SIP/2.0/UDP host", "SIP / 2.0 / UDP  host : 5060 ; branch=x",
           "SIP/2.0/TCP [::1]:5060;rport=5;received=1.2.3.4", "SIP/2.0/UDP host;hidden (comment) ",
           "SIP/2.0/UDP host;branch=a (comm) ", "", "UDP host", "SIP/2.0", "SIP/2.0/",
           "SIP/2.0/UDP", "SIP/2.0/UDP :5060", "SIP/2.0/UDP h:", "SIP/2.0/UDP h:abc;x",
           "SIP/2.0/UDP h;branch", "SIP/2.0/UDP h;branch=", "SIP/3.0/UDP h", "sip/2.0/udp h",
           "SIP/2.0/UDP h;ttl=5 ;maddr = 1.2.3.4", "SIP/2.0/UDP [::1;x", "SIP/2.0/UDP ::1",
           "SIP/2.0/UDP 999.999.999.999:99999;rport;branch=z9hG4bK1774639862");
    FAMILY(osip_call_id, osip_call_id_t, text("number", it->number);
           text("host", it->host), "abc@host", "abc", "abc@", "@h", "a@b@c", "", " abc@host ",
           "a b");
    FAMILY(osip_cseq, osip_cseq_t, text("number", it->number);
           text("method", it->method), "1 REGISTER", "1  REGISTER", "REGISTER", " 1 REGISTER ",
           "1 REGISTER x", "1", "x y", "1\tINVITE", "", "1 ", "99999999999 X");
    FAMILY(osip_content_type, osip_content_type_t, text("type", it->type);
           text("subtype", it->subtype);
           params("with", &it->gen_params), "application/sdp", "application", "application/sdp;x=y",
           "multipart/mixed; boundary=\"a b\"", "text / plain", "/x", "x/", "a/b;", "*/*;q=0.5",
           "a/b/c", " a/b");
    FAMILY(osip_content_length, osip_content_length_t, text("value", it->value), "5", " 5 ", "abc",
           "", "-1", "5 x");
    FAMILY(osip_allow, osip_allow_t, text("value", it->value), "INVITE", "");
    FAMILY(osip_accept_encoding, osip_accept_encoding_t, text("element", it->element);
           params("with", &it->gen_params), "gzip", "gzip;q=1", " gzip ; q = 1", "", "*;q=0.5;x",
           ";x");
    FAMILY(osip_call_info, osip_call_info_t, text("element", it->element);
           params("with", &it->gen_params), "<http://a>", "<http://a>;purpose=icon", "x;y",
           " <a> ; b=c ", "", "<a");
    FAMILY(osip_content_disposition, osip_content_disposition_t,
           text("type", osip_content_disposition_get_type(it));
           params("with", &it->gen_params), "session", "session;handling=optional", " a ; b ", "");
    FAMILY(
        osip_www_authenticate, osip_www_authenticate_t, fields(it, sizeof *it),
        "Digest realm=\"r\", nonce=\"n\"",
        "Digest realm=\"r\",nonce=\"n\",opaque=\"o\",stale=FALSE,algorithm=MD5,qop=\"auth,auth-int\",domain=\"sip:x y\"",
        "Digest  realm = \"r\" , nonce = \"n\"", "Basic realm=\"x\"", "Digest", "",
        "NTLM realm=\"r\", version=3, targetname=\"t\", gssapi-data=\"g\"",
        "Digest realm=\"a\\\"b\", nonce=\"c\\\\\"",
        "Digest realm=\"r\", nonce=\"n\", foo=bar, baz=\"q,u\"", "Digest realm=\"r\" nonce=\"n\"",
        "Digest realm=\"r\", nonce", "Digest realm=\"r", "digest REALM=\"r\", Nonce=\"n\"",
        "Digest nonce=\"n\", realm=\"r\", nonce=\"m\"",
        "Digest realm=\"r\", nonce=\"n\", stale=\"true\", algorithm=\"MD5\"",
        "Digest realm=\"r\",,nonce=\"n\"",
        "Digest realm=\"r\", nonce=\"n\", charset=UTF-8, userhash=true, algorithm=SHA-256",
        "Digest myrealm=\"x\", realm=\"r\", nonce=\"n\"");
    FAMILY(
        osip_authorization, osip_authorization_t, fields(it, sizeof *it),
        "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:h\", response=\"0123\", algorithm=MD5, cnonce=\"c\", "
        "opaque=\"o\", qop=auth, nc=00000001",
        "Digest username=\"u\"", "Digest", "Digest qop=\"auth\", nc=1, algorithm=\"MD5\",zzz=1",
        "Basic abc==", "");
    FAMILY(
        osip_authentication_info, osip_authentication_info_t, fields(it, sizeof *it),
        "nextnonce=\"n\", qop=auth, rspauth=\"r\", cnonce=\"c\", nc=00000001",
        "Digest nextnonce=\"n\"",
        "NTLM qop=\"auth\", snum=\"1\", srand=\"2\", realm=\"r\", targetname=\"t\", opaque=\"o\", rspauth=\"5\"",
        "", "foo");
    made_by_hand();
    each_field();
    matches();
    return 0;
}
