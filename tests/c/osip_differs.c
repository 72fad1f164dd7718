/* Where libregister differs from libosip2 on purpose; COMPATIBILITY.md says the same in words. */
#include "osip_print.h"

static void uris(void)
{
    static const char *const texts[] = {
        "sip:%@h",  "sip:%4@h", "sip:a%00b@h", "sip:x:@y", "sip:u@h:5060?x=y;z=1",
        "sip:[::1", "sip:u@::1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        osip_uri_t *url = NULL;
        char *dest = NULL;
        osip_uri_init(&url);
        printf("%s %d", texts[i], osip_uri_parse(url, texts[i]));
        int code = osip_uri_to_str(url, &dest);
        printed(code, dest);
        osip_uri_free(url);
    }
}

static void challenges(void)
{
    static const char *const texts[] = {
        "Digest realm=r,nonce=n", "Digest realm=\"\", opaque=\"\"",
        "Digest foo=\"b,a\", nonce=\"n\", qop=auth,auth-int, opaque=\"o\","};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        osip_www_authenticate_t *www = NULL;
        char *dest = NULL;
        osip_www_authenticate_init(&www);
        printf("%s %d", texts[i], osip_www_authenticate_parse(www, texts[i]));
        int code = osip_www_authenticate_to_str(www, &dest);
        printed(code, dest);
        osip_www_authenticate_free(www);
    }
}

int main(void)
{
    uris();
    challenges();

    osip_via_t *via = NULL;
    osip_via_init(&via);
    CODE(osip_via_parse(via, "SIP/2.0/UDP\thost (comment)"));
    text("host", via->host);
    text("comment", via->comment);
    osip_via_free(via);

    osip_content_type_t *media = NULL;
    char *dest = NULL;
    osip_content_type_init(&media);
    CODE(osip_content_type_parse(media, "a/b;c"));
    int code = osip_content_type_to_str(media, &dest);
    printed(code, dest);
    osip_content_type_free(media);

    static const char message[] = "REGISTER sip:h SIP/2.0\r\nRequire: <a,b>, c\r\n\r\n";
    osip_message_t *sip = NULL;
    osip_message_init(&sip);
    CODE(osip_message_parse(sip, message, sizeof message - 1));
    CODE(osip_message_parse(sip, message, sizeof message - 1));
    whole(sip);
    osip_from_init(&sip->from);
    osip_message_force_update(sip);
    whole(sip);
    osip_message_free(sip);

    osip_list_t list;
    osip_list_init(&list);
    osip_list_add(&list, "a", -1);
    osip_list_add(&list, "b", -1);
    osip_list_add(&list, "c", -9);
    text("last", osip_list_get(&list, 2));
    osip_list_special_free(&list, NULL);
    return 0;
}
