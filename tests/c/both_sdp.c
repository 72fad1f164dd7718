/* Bodies of our messages are parsed and printed with sdp_ functions, also with allocators that the
   program has set: ours, or those of libosipparser2 where that is linked too and comes first; then
   what one library allocates the other frees. */
#include "peer.h"

#include <osipparser2/sdp_message.h>

static struct peer peer;
static long live;

static void *counted_malloc(size_t size)
{
    void *block = malloc(size);
    __atomic_add_fetch(&live, block != NULL, __ATOMIC_SEQ_CST);
    return block;
}

static void *counted_realloc(void *block, size_t size)
{
    void *moved = realloc(block, size);
    __atomic_add_fetch(&live, block == NULL && moved != NULL, __ATOMIC_SEQ_CST);
    return moved;
}

static void counted_free(void *block)
{
    __atomic_sub_fetch(&live, block != NULL, __ATOMIC_SEQ_CST);
    free(block);
}

static const char sdp_text[] = "v=0\r\no=alice 1 1 IN IP4 127.0.0.1\r\ns=call\r\n"
                               "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                               "m=audio 49170 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n";

/* The body of an INVITE, as the callee looks at it; the answer carries what was printed. */
static void an_invite(struct eXosip_t *ctx, int port)
{
    sdp_message_t *sdp = NULL;
    osip_body_t *body = NULL;
    osip_message_t *reply = NULL;
    eXosip_event_t *event;
    char *printed = NULL;

    send_message(&peer, port,
        "INVITE sip:a@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKsdp%d\r\n"
        "From: <sip:s@127.0.0.1>;tag=1\r\n"
        "To: <sip:a@127.0.0.1>\r\nCall-ID: sdp\r\nCSeq: 1 INVITE\r\nContact: <sip:s@127.0.0.1>\r\n"
        "Content-Type: application/sdp\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        peer.port, port, strlen(sdp_text), sdp_text);
    event = eXosip_event_wait(ctx, 10, 0);
    CHECK(event != NULL && event->type == EXOSIP_CALL_INVITE);
    CODE(0, osip_message_get_body(event->request, 0, &body));
    CODE(0, sdp_message_init(&sdp));
    CODE(0, sdp_message_parse(sdp, body->body));
    CODE(0, strcmp(sdp_message_m_port_get(sdp, 0), "49170"));
    CODE(0, strcmp(sdp_message_m_payload_get(sdp, 0, 1), "8"));
    CODE(0, strcmp(sdp_message_c_addr_get(sdp, -1, 0), "127.0.0.1"));
    osip_free(sdp->s_name);
    sdp->s_name = osip_strdup("other");
    CODE(0, sdp_message_to_str(sdp, &printed));
    CHECK(strstr(printed, "s=other\r\n") != NULL);
    receive_message(&peer, "SIP/2.0 100 ");
    CODE(0, eXosip_call_build_answer(ctx, event->tid, 488, &reply));
    CODE(0, osip_message_set_body(reply, printed, strlen(printed)));
    CODE(0, osip_message_set_content_type(reply, "application/sdp"));
    CODE(0, eXosip_call_send_answer(ctx, event->tid, 488, reply));
    receive_message(&peer, "SIP/2.0 488 ");
    CHECK(strstr(peer.received, printed) != NULL);
    osip_free(printed);
    sdp_message_free(sdp);
    eXosip_event_free(event);
}

/* A message that the program makes and prints, with pieces of lists and URIs in it. */
static void a_message(void)
{
    osip_message_t *message = NULL;
    osip_uri_t *uri = NULL;
    char *text = NULL;
    size_t length = 0;

    CODE(0, osip_message_init(&message));
    CODE(0, osip_uri_init(&uri));
    CODE(0, osip_uri_parse(uri, "sip:bob@example.com;lr"));
    osip_message_set_uri(message, uri);
    osip_message_set_method(message, osip_strdup("MESSAGE"));
    osip_message_set_version(message, osip_strdup("SIP/2.0"));
    CODE(0, osip_message_set_via(message, "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1"));
    CODE(0, osip_message_set_from(message, "<sip:alice@example.com>;tag=1"));
    CODE(0, osip_message_set_to(message, "<sip:bob@example.com>"));
    CODE(0, osip_message_set_call_id(message, "1"));
    CODE(0, osip_message_set_cseq(message, "1 MESSAGE"));
    CODE(0, osip_message_to_str(message, &text, &length));
    CHECK(strncmp(text, "MESSAGE sip:bob@example.com;lr SIP/2.0\r\n", 40) == 0);
    osip_free(text);
    osip_message_free(message);
}

static void session(void)
{
    struct eXosip_t *ctx = listening();
    osip_message_t *reg = NULL;
    int rid;

    rid = eXosip_register_build_initial_register(ctx, "sip:a@127.0.0.1", peer.uri, NULL, 600, &reg);
    CHECK(rid > 0);
    osip_free(reg->from->displayname);
    reg->from->displayname = osip_strdup("\"A\"");
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    receive_message(&peer, "REGISTER ");
    welcome(&peer);
    eXosip_event_free(expect(ctx, EXOSIP_REGISTRATION_SUCCESS, rid, 200));
    an_invite(ctx, ntohs(peer.from.sin_port));
    a_message();
    ended(ctx);
}

int main(void)
{
    parser_init();
    peer_open(&peer);
    session();
    osip_set_allocators(counted_malloc, counted_realloc, counted_free);
    session();
    peer_close(&peer);
    CODE(0, (int)live);
    return 0;
}
