/* Habits of programs with calls, seen from the other side of the wire. */
#include "calls.h"

#include <poll.h>

static struct peer peer;
static struct eXosip_t *ctx;
static int port;

/* As a video server writes it: line feeds alone, `t=` before `s=`, `y=` and an empty `f=`, and no
   end of the last line. */
static const char odd_offer[] = "v=0\no=34020000002000000001 0 0 IN IP4 127.0.0.1\nt=0 0\ns=Play\n"
                                "c=IN IP4 127.0.0.1\nm=video 6000 TCP/RTP/AVP 96 98\n"
                                "a=recvonly\na=setup:passive\na=rtpmap:96 PS/90000\n"
                                "y=0100000001\nf=";
static const char odd_answer[] = "v=0\no=34020000001320000001 0 0 IN IP4 127.0.0.1\ns=Play\n"
                                 "c=IN  IP4 127.0.0.1\nt=0 0\nm=video 6002 TCP/RTP/AVP 96\n"
                                 "a=sendonly\ny=0100000001\nf=";

/* A request of the peer in its call; `to` is what the library's answers say. */
static void peer_sends(const char *method, int cseq, const char *to, const char *more,
                       const char *body)
{
    send_message(&peer, port,
        "%s sip:device@127.0.0.1:%d SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKhabit%s%d\r\n"
        "From: <sip:server@127.0.0.1>;tag=s1\r\nTo: %s\r\nCall-ID: habit\r\nCSeq: %d %s\r\n"
        "Contact: <sip:server@127.0.0.1:%d>\r\nMax-Forwards: 70\r\n%sContent-Length: %zu\r\n\r\n%s",
        method, port, peer.port, method, cseq, to, cseq, method, peer.port, more, strlen(body),
        body);
}

/* A camera: finds the stream, writes its own description, starts with the ACK, stops with
   CLOSED. */
static void a_camera_is_asked_for_its_stream(void)
{
    osip_message_t *reply = NULL;
    sdp_message_t *offer;
    sdp_media_t *media;
    osip_body_t *body = NULL;
    eXosip_event_t *event;
    char to[256], *setup = NULL;
    int cid, did;

    peer_sends("INVITE", 1, "<sip:device@127.0.0.1>", "Content-Type: APPLICATION/SDP\r\n",
               odd_offer);
    event = CALL_EVENT(ctx, EXOSIP_CALL_INVITE, 0);
    cid = event->cid;
    did = event->did;
    offer = eXosip_get_remote_sdp(ctx, did);
    CHECK(offer != NULL && strcmp(offer->s_name, "Play") == 0);
    CHECK(strcmp(eXosip_get_video_connection(offer)->c_addr, "127.0.0.1") == 0);
    media = eXosip_get_video_media(offer);
    CHECK(atoi(media->m_port) == 6000 && strcmp(media->m_proto, "TCP/RTP/AVP") == 0);
    for (int i = 0; i < media->a_attributes.nb_elt; i++) {
        sdp_attribute_t *attribute = osip_list_get(&media->a_attributes, i);

        if (strcmp(attribute->a_att_field, "setup") == 0)
            setup = attribute->a_att_value;
    }
    CHECK(setup != NULL && strcmp(setup, "passive") == 0);
    sdp_message_free(offer);
    CODE(0, osip_message_get_body(event->request, 0, &body));
    CHECK(strstr(body->body, "\ny=0100000001\n") != NULL);
    CODE(0, eXosip_call_build_answer(ctx, event->tid, 200, &reply));
    CODE(0, osip_message_set_content_type(reply, "APPLICATION/SDP"));
    CODE(0, osip_message_set_body(reply, odd_answer, strlen(odd_answer)));
    CODE(0, eXosip_call_send_answer(ctx, event->tid, 200, reply));
    eXosip_event_free(event);
    receive_message(&peer, "SIP/2.0 100 ");
    receive_message(&peer, "SIP/2.0 200 ");
    /* As it was given, octet for octet. */
    CHECK(strcmp(strstr(peer.received, "\r\n\r\n") + 4, odd_answer) == 0);
    snprintf(to, sizeof to, "%s", field(&peer, "To"));
    peer_sends("ACK", 1, to, "", "");
    EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_ACK, cid);
    peer_sends("ACK", 1, to, "", ""); /* a copy, which is no event again */
    peer_sends("INFO", 2, to, "Content-Type: Application/MANSRTSP\r\n", "PAUSE RTSP/1.0\r\n");
    event = CALL_EVENT(ctx, EXOSIP_CALL_MESSAGE_NEW, cid);
    CHECK(MSG_IS_INFO(event->request) && event->did == did);
    CODE(0, strcmp(event->request->content_type->subtype, "MANSRTSP"));
    CODE(0, eXosip_call_send_answer(ctx, event->tid, 200, NULL));
    eXosip_event_free(event);
    receive_message(&peer, "SIP/2.0 200 ");
    peer_sends("BYE", 3, to, "", "");
    receive_message(&peer, "SIP/2.0 200 ");
    EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_MESSAGE_NEW, cid);
    EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_CLOSED, cid);
}

/* A description that the program makes with sdp_message_*. */
static char *made_description(void)
{
    sdp_message_t *made = NULL;
    char *text = NULL;

    CODE(0, sdp_message_init(&made));
    CODE(0, sdp_message_v_version_set(made, osip_strdup("0")));
    CODE(0, sdp_message_o_origin_set(made, osip_strdup("-"), osip_strdup("1"), osip_strdup("1"),
                                     osip_strdup("IN"), osip_strdup("IP4"),
                                     osip_strdup("127.0.0.1")));
    CODE(0, sdp_message_s_name_set(made, osip_strdup("made")));
    CODE(0, sdp_message_c_connection_add(made, -1, osip_strdup("IN"), osip_strdup("IP4"),
                                         osip_strdup("127.0.0.1"), NULL, NULL));
    CODE(0, sdp_message_t_time_descr_add(made, osip_strdup("0"), osip_strdup("0")));
    CODE(0, sdp_message_m_media_add(made, osip_strdup("audio"), osip_strdup("4000"), NULL,
                                    osip_strdup("RTP/AVP")));
    CODE(0, sdp_message_m_payload_add(made, 0, osip_strdup("0")));
    CODE(0, sdp_message_a_attribute_add(made, 0, osip_strdup("rtpmap"),
                                        osip_strdup("0 PCMU/8000")));
    CODE(0, sdp_message_to_str(made, &text));
    sdp_message_free(made);
    return text;
}

/* A caller behind a proxy, which it names on the INVITE and on the ACK; both actions answer the
   challenge, and one INVITE goes out. The numbers are those of the last event. */
static void a_caller_names_its_proxy(void)
{
    osip_message_t *invite = NULL, *ack = NULL;
    eXosip_event_t *event;
    char *description = made_description(), proxy[64], contact[64];
    int cid, did = 0, tid = 0;

    snprintf(proxy, sizeof proxy, "<%s;lr>", peer.uri);
    snprintf(contact, sizeof contact, "Contact: <sip:bob@127.0.0.1:%d>\r\n", peer.port);
    CODE(0, eXosip_add_authentication_info(ctx, "alice", "alice", "secret", NULL, NULL));
    CODE(0, eXosip_call_build_initial_invite(ctx, &invite, "sip:bob@far.test",
                                             "sip:alice@127.0.0.1", NULL, ""));
    CODE(0, osip_message_set_route(invite, proxy));
    CODE(0, osip_message_set_supported(invite, "timer"));
    CODE(0, osip_message_set_header(invite, "Session-Expires", "1800"));
    describe(invite, description);
    cid = eXosip_call_send_initial_invite(ctx, invite);
    CHECK(cid > 0);
    for (int i = 0; i < 2; i++) {
        receive_message(&peer, "INVITE sip:bob@far.test SIP/2.0\r\n");
        CHECK(strstr(peer.received, description) != NULL);
        FIELD(&peer, "Session-Expires", "1800");
        FIELD(&peer, "Supported", "timer");
        if (i == 1)
            break;
        answer(&peer, "407 Proxy Authentication Required",
               "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"\r\n");
        receive_message(&peer, "ACK sip:bob@far.test SIP/2.0\r\n");
        event = CALL_ANSWER(ctx, EXOSIP_CALL_REQUESTFAILURE, cid, 407);
        eXosip_automatic_action(ctx);
        CODE(0, eXosip_default_action(ctx, event));
        eXosip_automatic_action(ctx);
        eXosip_event_free(event);
    }
    CHECK(strncmp(field(&peer, "Proxy-Authorization"), "Digest username=\"alice\"", 23) == 0);
    answer(&peer, "100 Trying", "");
    answer(&peer, "180 Ringing", contact);
    answer(&peer, "200 OK", contact);
    for (int answered = 0; !answered;) {
        event = eXosip_event_wait(ctx, 10, 0);
        CHECK(event != NULL);
        if (event->cid == cid) {
            did = event->did;
            tid = event->tid;
            answered = event->type == EXOSIP_CALL_ANSWERED;
        } else {
            CODE((int)EXOSIP_CALL_RELEASED, (int)event->type); /* the call before is gone */
        }
        eXosip_event_free(event);
    }
    CODE(0, eXosip_call_build_ack(ctx, did, &ack));
    CODE(0, osip_message_set_route(ack, proxy));
    CODE(0, eXosip_call_send_ack(ctx, did, ack));
    receive_message(&peer, "ACK sip:bob@127.0.0.1:");
    FIELD(&peer, "Route", proxy);
    CHECK(field(&peer, "Proxy-Authorization") != NULL);
    {
        osip_message_t *info = NULL;

        /* In the same breath. */
        CODE(0, eXosip_call_build_info(ctx, did, &info));
        CODE(0, osip_message_set_content_type(info, "text/plain"));
        CODE(0, osip_message_set_body(info, "hello", 5));
        CODE(0, eXosip_call_send_request(ctx, did, info));
    }
    receive_message(&peer, "INFO sip:bob@127.0.0.1:");
    answer(&peer, "200 OK", "");
    EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_MESSAGE_ANSWERED, cid);
    CHECK(tid > 0 && did > 0);
    CODE(0, eXosip_call_terminate(ctx, cid, did));
    receive_message(&peer, "BYE sip:bob@127.0.0.1:");
    answer(&peer, "200 OK", "");
    EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_MESSAGE_ANSWERED, cid);
    osip_free(description);
}

/* A program that sleeps on the event socket and drains the events, without a wait of its own. */
static void a_program_sleeps_on_the_event_socket(void)
{
    struct pollfd ready = {eXosip_event_geteventsocket(ctx), POLLIN, 0};
    int cid = call_to(ctx, peer.port, NULL), gone = 0, failed = 0;

    receive_message(&peer, "INVITE sip:bob@127.0.0.1:");
    answer(&peer, "486 Busy Here", "");
    while (!gone) {
        eXosip_event_t *event;

        CHECK(poll(&ready, 1, 20000) == 1);
        eXosip_automatic_action(ctx);
        while ((event = eXosip_event_wait(ctx, 0, 0)) != NULL) {
            failed += event->cid == cid && event->type == EXOSIP_CALL_REQUESTFAILURE;
            gone += event->cid == cid && event->type == EXOSIP_CALL_RELEASED;
            eXosip_event_free(event);
        }
    }
    CHECK(failed == 1 && gone == 1);
}

/* A far end whose Contact nobody can reach: its requests go where its messages come from. */
static void a_call_goes_back_where_it_came_from(void)
{
    eXosip_event_t *event;
    int cid, did, on = 1;

    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_FORCE_CONNECTIONREUSE, &on));
    cid = call_to(ctx, peer.port, NULL);
    receive_message(&peer, "INVITE sip:bob@127.0.0.1:");
    answer(&peer, "200 OK", "Contact: <sip:bob@127.0.0.1:9>\r\n");
    event = CALL_EVENT(ctx, EXOSIP_CALL_ANSWERED, cid);
    did = event->did;
    CODE(0, eXosip_call_send_ack(ctx, event->tid, NULL));
    eXosip_event_free(event);
    receive_message(&peer, "ACK sip:bob@127.0.0.1:9 ");
    CODE(0, eXosip_call_terminate(ctx, cid, did));
    receive_message(&peer, "BYE sip:bob@127.0.0.1:9 ");
    answer(&peer, "200 OK", "");
    EXPECT_CALL_EVENT(ctx, EXOSIP_CALL_MESSAGE_ANSWERED, cid);
    on = 0;
    CODE(0, eXosip_set_option(ctx, EXOSIP_OPT_FORCE_CONNECTIONREUSE, &on));
}

int main(void)
{
    peer_open(&peer);
    ctx = listening();
    port = port_of(ctx);
    a_camera_is_asked_for_its_stream();
    a_caller_names_its_proxy();
    a_call_goes_back_where_it_came_from();
    a_program_sleeps_on_the_event_socket();
    ended(ctx);
    peer_close(&peer);
    return 0;
}
