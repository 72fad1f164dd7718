/* Session descriptions that are cut, huge or made of anything: read or refused, in time that grows
   with their length, and freed. */
#include "check.h"

#include <osipparser2/sdp_message.h>
#include <string.h>

#define MANY 10000
#define HEAD "v=0\r\no=- 0 0 IN IP4 h\r\ns=-\r\nt=0 0\r\n"

static const char whole[] =
    "v=0\r\no=alice 1 2 IN IP4 h\r\ns=-\r\ni=info\r\nu=http://h/\r\ne=a@h\r\np=+1\r\n"
    "c=IN IP4 233.252.0.1/127/3\r\nb=AS:64\r\nt=0 0\r\nr=7d 1h 0\r\nz=1 -1h\r\nk=clear:x\r\n"
    "a=b:c\r\n"
    "m=audio 49170/2 RTP/AVP 0 8\r\ni=x\r\nc=IN IP4 h\r\nb=AS:1\r\nk=prompt\r\na=sendrecv\r\n"
    "y=0100000001\r\nf=\r\n";

/* What is read is printed, and what was printed reads as the same. Returns the code of the first
   reading. */
static int examined(const char *bytes)
{
    sdp_message_t *sdp = NULL, *copy = NULL, *again = NULL;
    char *first = NULL, *second = NULL, *third = NULL;
    int code;

    CODE(0, sdp_message_init(&sdp));
    code = sdp_message_parse(sdp, bytes);
    if (code == 0) {
        CODE(0, sdp_message_to_str(sdp, &first));
        CODE(0, sdp_message_clone(sdp, &copy));
        CODE(0, sdp_message_to_str(copy, &second));
        CODE(0, sdp_message_init(&again));
        CODE(0, sdp_message_parse(again, first));
        CODE(0, sdp_message_to_str(again, &third));
        CHECK(strcmp(first, second) == 0 && strcmp(first, third) == 0);
        osip_free(first);
        osip_free(second);
        osip_free(third);
        sdp_message_free(copy);
        sdp_message_free(again);
    } else {
        CODE(OSIP_UNDEFINED_ERROR, code);
        CHECK(sdp->v_version == NULL && sdp->m_medias.nb_elt == 0);
    }
    sdp_message_free(sdp);
    return code;
}

static void cut_and_changed(void)
{
    char text[sizeof whole];

    CODE(0, examined(whole));
    for (size_t length = 0; length < sizeof whole; length++) {
        memcpy(text, whole, sizeof whole);
        text[length] = '\0';
        examined(text);
        for (size_t i = 0; i < 7; i++) {
            memcpy(text, whole, sizeof whole);
            text[length] = "\r\n =:/\xff"[i];
            if (length < sizeof whole - 1)
                examined(text);
        }
    }
    /* The text ends at its first NUL. */
    memcpy(text, whole, sizeof whole);
    text[strstr(text, "m=audio") - text] = '\0';
    CODE(0, examined(text));
}

/* `head`, then `unit` as often as `count` says. */
static int repeated(const char *head, const char *unit, size_t count)
{
    size_t length = strlen(unit), start = strlen(head);
    char *text = malloc(start + count * length + 1);
    int code;

    CHECK(text != NULL);
    memcpy(text, head, start);
    for (size_t i = 0; i < count; i++)
        memcpy(text + start + i * length, unit, length);
    text[start + count * length] = '\0';
    code = examined(text);
    free(text);
    return code;
}

static void huge(void)
{
    CODE(0, repeated(HEAD "a=", "x", 1 << 20));
    CODE(0, repeated(HEAD "a=", ":", 1 << 20));
    CODE(0, repeated(HEAD "m=audio 1 RTP/AVP", " 0", MANY));
    CODE(0, repeated(HEAD "c=IN IP4 h", "/", 1 << 20));
    CODE(OSIP_UNDEFINED_ERROR, repeated("v=0\r\no=", " ", 1 << 20));
    CODE(OSIP_UNDEFINED_ERROR, repeated("", "\r\n", 1 << 17));
    CODE(0, repeated(HEAD, "y=1\r\n", 1 << 16));
    CODE(0, repeated(HEAD, "a=x\r\n", MANY));
    CODE(0, repeated(HEAD, "r=x\r\n", MANY));
    CODE(0, repeated(HEAD, "t=1 2\r\n", MANY));
    CODE(0, repeated(HEAD, "m=audio 1 RTP/AVP 0\r\n", MANY));
    CODE(0, repeated(HEAD "m=audio 1 RTP/AVP 0\r\n", "c=IN IP4 h\r\n", MANY));
    CODE(OSIP_UNDEFINED_ERROR, repeated("", HEAD, MANY));
}

int main(void)
{
    cut_and_changed();
    huge();
    return 0;
}
