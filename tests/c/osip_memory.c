/* All memory comes from osip_malloc_func and goes back to osip_free_func; a call that finds none
   fails and leaks nothing. */
#include "osip_print.h"

#include <osipparser2/sdp_message.h>

static long live, calls, refused_from = -1;

static void *take(size_t size)
{
    if (refused_from >= 0 && calls++ >= refused_from)
        return NULL;
    void *block = malloc(size);
    if (block != NULL)
        live++;
    return block;
}

static void *change(void *block, size_t size)
{
    return block == NULL ? take(size) : realloc(block, size);
}

static void give(void *block)
{
    if (block != NULL)
        live--;
    free(block);
}

static const char start[] =
    "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h:5060;branch=1;rport (why)\r\n"
    "From: \"A\" <sip:a:b@c:1;p=q?h=i>;tag=1\r\n"
    "To: <tel:5>;tag=2\r\nCall-ID: x@y\r\nCSeq: 1 REGISTER\r\nContact: *\r\nSubject: s\r\n"
    "Allow: A, B\r\nAccept: a/b;c=d\r\n"
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"
    "Content-Type: multipart/mixed;boundary=x\r\nMIME-Version: 1.0\r\n"
    "Call-Info: <http://x>;a\r\nAccept-Encoding: gzip;q=1\r\n"
    "Authentication-Info: nextnonce=\"n\"\r\n\r\n"
    "--x\r\nContent-Type: a/b\r\nX: y\r\n\r\none\r\n--x--\r\n";

static const char sdp[] =
    "v=0\r\no=a 1 2 IN IP4 h\r\ns=-\r\ni=i\r\nu=u\r\ne=e\r\np=p\r\nc=IN IP4 h/1/2\r\nb=AS:1\r\n"
    "t=0 0\r\nr=1d\r\nz=0 1\r\nk=clear:x\r\na=b:c\r\nm=audio 1/2 RTP/AVP 0 8\r\ni=i\r\n"
    "c=IN IP4 h\r\nb=CT:2\r\nk=clear:y\r\na=sendrecv\r\n";

/* What is not taken stays the caller's. */
static int added(sdp_message_t *session)
{
    char *name = osip_strdup("name"), *value = osip_strdup("value");
    int code = name == NULL || value == NULL ? OSIP_NOMEM : 0;
    if (code == 0)
        code = sdp_message_a_attribute_add(session, 0, name, value);
    if (code != 0) {
        osip_free(name);
        osip_free(value);
        return code;
    }
    char *payload = osip_strdup("9"), *type = osip_strdup("prompt");
    code = payload == NULL || type == NULL ? OSIP_NOMEM : 0;
    if (code == 0)
        code = sdp_message_m_payload_add(session, 0, payload);
    if (code == 0)
        payload = NULL;
    sdp_key_free(session->k_key);
    session->k_key = NULL;
    if (code == 0)
        code = sdp_message_k_key_set(session, -1, type, NULL);
    if (code != 0)
        osip_free(type);
    osip_free(payload);
    return code;
}

/* The same for a session description. */
static int description(void)
{
    sdp_message_t *session = NULL, *copy = NULL;
    char *text = NULL;
    int code = sdp_message_init(&session);
    if (code == 0)
        code = sdp_message_parse(session, sdp);
    if (code == 0)
        code = added(session);
    if (code == 0)
        code = sdp_message_clone(session, &copy);
    if (code == 0)
        code = sdp_message_to_str(copy, &text);
    osip_free(text);
    sdp_message_free(copy);
    sdp_message_free(session);
    return code;
}

/* Runs everything; the code of the first call that failed. */
static int everything(void)
{
    osip_message_t *message = NULL, *copy = NULL;
    osip_uri_param_t *param = NULL;
    char *text = NULL, *quoted = NULL;
    size_t length = 0;
    int code = osip_message_init(&message);
    if (code == 0)
        code = osip_message_parse(message, start, sizeof start - 1);
    if (code == 0)
        code = osip_message_set_header(message, "X", "y");
    if (code == 0)
        code = osip_message_replace_header(message, "X", "z");
    if (code == 0)
        code = osip_message_set_contact(message, "<sip:a@b;c>;d=e");
    if (code == 0)
        code = osip_message_set_body(message, "b", 1);
    if (code == 0)
        code = osip_message_clone(message, &copy);
    if (code == 0)
        code = osip_message_to_str(copy, &text, &length);
    if (code == 0)
        code = osip_uri_param_init(&param);
    if (code == 0 && (quoted = osip_enquote("a\"b")) == NULL)
        code = OSIP_NOMEM;
    if (code == 0)
        code = description();
    osip_free(quoted);
    osip_free(text);
    osip_uri_param_free(param);
    osip_message_free(copy);
    osip_message_free(message);
    return code;
}

int main(void)
{
    osip_set_allocators(take, change, give);
    for (refused_from = 0; refused_from < 100000; refused_from++) {
        calls = 0;
        int code = everything();
        if (live != 0) {
            printf("call %ld refused: %ld blocks are left\n", refused_from, live);
            return 1;
        }
        if (code == 0)
            break;
        if (code != OSIP_NOMEM) {
            printf("call %ld refused: %d\n", refused_from, code);
            return 1;
        }
    }
    printf("%s\n", refused_from > 100 ? "each of them was refused once" : "too few calls");
    refused_from = -1;

    /* The macros go the same way. */
    char *block = osip_malloc(10);
    block = osip_realloc(block, 20);
    CODE(live);
    osip_free(block);
    block = NULL;
    osip_free(block);
    CODE(live);
    return 0;
}
