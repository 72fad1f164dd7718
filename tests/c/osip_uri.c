/* URIs: read, printed, copied, changed. */
#include "osip_print.h"

static const char *const uris[] = {
    "sip:alice@example.com",
    "sip:example.com",
    "sip: 1000@host",
    "sip:a b@host",
    "SIP:alice@Host",
    "sip:alice:pw@host:5060;transport=udp;lr?Subject=x&To=y",
    "sips:%61lice%20b@host",
    "sip:[::1]:5060",
    "sip:u@[::1]",
    "sip:u@[2001:db8::1]:5070;lr",
    "tel:+123;phone-context=x",
    "http://www.x.y/z?a=b",
    "mailto:a@b.c",
    "urn:service:sos",
    "sip:@host",
    "alice@host",
    "",
    "sip:host:99999",
    "sip:host:",
    "sip:u@host:abc",
    "sip:host;",
    "sip:host;;a",
    "sip:host;a=",
    "sip:host;=b",
    "sip:host; a = b ;c",
    "sip:host?a",
    "sip:host?a=",
    "sip:host?a=b&",
    "sip:host?a=b&c=d",
    "sip:u;x=1@host",
    "sip:u?x@host;p",
    "sip:u@host;maddr=[::1]:2;x",
    "sip:u@ho st",
    "sip:u@host ",
    "sip:+1;isub=3@h;user=phone",
    " sip:a@b",
    "sip:a@b@c",
    "sip:\xc3\xa9@h",
    "sip:a\"b@h",
    "sip:u@h;a?b;c?d",
    "1sip:x@y",
    "s p:u@h",
    "sip:u@h;a=b=c",
    "sip:*",
    "*",
    "sip:host:5060@x",
    "sip:u@h;LR",
    "sip:u@h;a%41=b%42?h%41=v%42",
    "sip:u:p:q@h",
    "sip:u%40x@h",
    "sip:u@h?a=%26",
    "sip:h :5060",
    "sip:u@\th",
    "sip:u@h;a;b=c?x=y;z",
    "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
};

static osip_uri_t *parsed(const char *string)
{
    osip_uri_t *url = NULL;
    osip_uri_init(&url);
    osip_uri_parse(url, string);
    return url;
}

static void show(const osip_uri_t *url)
{
    char *dest = NULL;
    int code = osip_uri_to_str(url, &dest);
    printed(code, dest);
    code = osip_uri_to_str_canonical(url, &dest);
    printed(code, dest);
}

int main(void)
{
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        osip_uri_t *url = NULL, *copy = NULL;
        osip_uri_init(&url);
        int code = osip_uri_parse(url, uris[i]);
        printf("uri %s: %d", uris[i], code);
        if (code == 0)
            uri(url);
        printf("\n");
        if (code == 0) {
            show(url);
            printf("  copies %d\n", osip_uri_clone(url, &copy));
            show(copy);
            osip_uri_free(copy);
        }
        osip_uri_free(url);
    }

    osip_uri_t *url = parsed("sip:a@b;x=1;Y=2;z?h=1");
    osip_uri_param_t *param = NULL;
    CODE(osip_uri_uparam_get_byname(url, "X", &param));
    text("found", param->gname);
    CODE(osip_uri_uparam_get_byname(url, "y", &param));
    CODE(osip_uri_uparam_get_byname(url, "nope", &param));
    CODE(param == NULL);
    CODE(osip_uri_uparam_get_byname(url, "", &param));
    CODE(osip_uri_uheader_get_byname(url, "H", &param));
    CODE(osip_uri_uparam_add(url, osip_strdup("n"), osip_strdup("v v")));
    CODE(osip_uri_uparam_add(url, osip_strdup("n2"), NULL));
    CODE(osip_uri_uheader_add(url, osip_strdup("hh"), osip_strdup("v&v")));
    osip_uri_set_transport_tcp(url);
    osip_uri_set_user_phone(url);
    osip_uri_set_method_register(url);
    show(url);
    osip_free(osip_uri_get_username(url));
    osip_uri_set_username(url, osip_strdup(" a;b?c:d&=+$,/%@#\"<>[]|\xc3\xa9\x01"));
    osip_uri_set_password(url, osip_strdup("p w:&=+$,;?/@#!"));
    osip_uri_set_port(url, osip_strdup("5"));
    show(url);
    osip_uri_free(url);

    osip_uri_init(&url);
    char *none = NULL;
    CODE(osip_uri_to_str(url, &none));
    CODE(osip_uri_parse_params(url, ";a=1;b"));
    CODE(osip_uri_parse_headers(url, "?a=1&b=2"));
    CODE(osip_uri_parse_params(url, "a=1"));
    osip_uri_set_host(url, osip_strdup("h"));
    show(url);
    osip_uri_free(url);

    CODE(osip_uri_param_init(&param));
    CODE(osip_uri_param_set(param, osip_strdup("name"), osip_strdup("value")));
    osip_uri_param_t *copy = NULL;
    CODE(osip_uri_param_clone(param, &copy));
    text("copy", copy->gname);
    text("copy", copy->gvalue);
    osip_uri_param_free(copy);
    osip_uri_param_free(param);

    char all[256];
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char) i;
    all[255] = '\0';
    char *(*const escapes[])(const char *) = {__osip_uri_escape_userinfo,
                                              __osip_uri_escape_password};
    for (int i = 0; i < 2; i++) {
        char *escaped = escapes[i](all);
        text("\nescaped", escaped);
        __osip_uri_unescape(escaped);
        CODE(strcmp(escaped, all));
        osip_free(escaped);
    }
    char *escaped = __osip_uri_escape_uri_param(all);
    text("\nescaped", escaped);
    osip_free(escaped);
    escaped = __osip_uri_escape_header_param(all);
    text("\nescaped", escaped);
    osip_free(escaped);
    static const char *const kept[] = {"", "-_.!~*'()", "&=+$,;?/", "%\" <>abc123\xc3", "+"};
    for (int i = 0; i < 5; i++) {
        escaped = __osip_uri_escape_nonascii_and_nondef(all, kept[i]);
        text("\nescaped", escaped);
        osip_free(escaped);
    }
    escaped = __osip_uri_escape_nonascii_and_nondef("a%41 b\x7f\x80%00", "%");
    text("\nescaped", escaped);
    osip_free(escaped);

    url = parsed("sip:a@b;x=1;y;lr?h=1");
    osip_uri_param_freelist(&url->url_params);
    CODE(osip_list_size(&url->url_params));
    show(url);
    osip_uri_free(url);
    return 0;
}
