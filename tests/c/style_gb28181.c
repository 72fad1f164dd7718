/* A program in the style of a GB/T 28181 camera: the server's number in the Request-URI, its own
   answer to the 401, keep-alive MESSAGEs on the registered flow, and a logout. Arguments: port of
   the server, number of the device, password, keep-alives. With one argument more, the platform
   calls for a stream before the last keep-alive. */
#include "md5.h"

#include <eXosip2/eXosip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVER_ID "34020000002000000001"
#define DOMAIN_ID "3402000000"

static struct eXosip_t *context;
static char server[80], from[80], device[32], password[32];
static int rid;

/* The platform says in `y` by which number the stream is known. */
static void ssrc_of(osip_message_t *invite, char *ssrc, size_t size)
{
    osip_body_t *body = NULL;
    const char *line;

    *ssrc = '\0';
    osip_message_get_body(invite, 0, &body);
    line = body != NULL ? strstr(body->body, "y=") : NULL;
    if (line != NULL)
        snprintf(ssrc, size, "%.*s", (int)strcspn(line + 2, "\r\n"), line + 2);
}

/* An INVITE for a stream: where to send it stands in its description. */
static void play(eXosip_event_t *event)
{
    sdp_message_t *offer = eXosip_get_remote_sdp(context, event->did);
    sdp_connection_t *connection;
    osip_message_t *answer = NULL;
    sdp_media_t *video;
    char ssrc[20], text[1000];
    int i, length;

    if (offer == NULL)
        return; /* as such devices do: the platform gets no answer */
    connection = eXosip_get_video_connection(offer);
    video = eXosip_get_video_media(offer);
    ssrc_of(event->request, ssrc, sizeof ssrc);
    printf("play to %s:%d %s ssrc %s\n", connection->c_addr, atoi(video->m_port), video->m_proto,
           ssrc);
    for (i = 0; i < video->a_attributes.nb_elt; i++) {
        sdp_attribute_t *attribute = osip_list_get(&video->a_attributes, i);

        if (strcmp(attribute->a_att_field, "setup") == 0)
            printf("setup %s\n", attribute->a_att_value);
    }
    sdp_message_free(offer);
    length = snprintf(text, sizeof text,
                      "v=0\r\no=%s 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\n"
                      "t=0 0\r\nm=video 15060 RTP/AVP 96\r\na=sendonly\r\n"
                      "a=rtpmap:96 PS/90000\r\ny=%s\r\nf=\r\n",
                      device, ssrc);
    eXosip_lock(context);
    if (eXosip_call_build_answer(context, event->tid, 200, &answer) == 0) {
        osip_message_set_content_type(answer, "APPLICATION/SDP");
        osip_message_set_body(answer, text, (size_t)length);
        eXosip_call_send_answer(context, event->tid, 200, answer);
    }
    eXosip_unlock(context);
}

/* The library knows no password: the answer is made here. */
static int register_with_proof(osip_message_t *response, int expires)
{
    char line[512], a1[33], a2[33], proof[33], *realm, *nonce, *uri = NULL;
    osip_www_authenticate_t *asked = NULL;
    osip_message_t *reg = NULL;
    int result = -1;

    if (osip_message_get_www_authenticate(response, 0, &asked) != 0 || asked == NULL)
        return -1;
    realm = osip_strdup_without_quote(osip_www_authenticate_get_realm(asked));
    nonce = osip_strdup_without_quote(osip_www_authenticate_get_nonce(asked));
    eXosip_lock(context);
    if (eXosip_register_build_register(context, rid, expires, &reg) == 0 &&
        osip_uri_to_str(reg->req_uri, &uri) == 0) {
        snprintf(line, sizeof line, "%s:%s:%s", device, realm, password);
        md5_hex(line, a1);
        snprintf(line, sizeof line, "REGISTER:%s", uri);
        md5_hex(line, a2);
        snprintf(line, sizeof line, "%s:%s:00000001:0a4f113b:auth:%s", a1, nonce, a2);
        md5_hex(line, proof);
        snprintf(
            line, sizeof line,
            "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
            "algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, nc=00000001",
            device, realm, nonce, uri, proof);
        osip_message_set_authorization(reg, line);
        result = eXosip_register_send_register(context, rid, reg);
    }
    eXosip_unlock(context);
    osip_free(uri);
    osip_free(realm);
    osip_free(nonce);
    return result;
}

static int keep_alive(int number)
{
    osip_message_t *message = NULL;
    char body[256];
    int length;

    length = snprintf(body, sizeof body,
                      "<?xml version=\"1.0\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n"
                      "<SN>%d</SN>\r\n"
                      "<DeviceID>%s</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n",
                      number, device);
    if (eXosip_message_build_request(context, &message, "MESSAGE", server, from, NULL) != 0)
        return -1;
    osip_message_set_body(message, body, (size_t)length);
    osip_message_set_content_type(message, "Application/MANSCDP+xml");
    return eXosip_message_send_request(context, message);
}

int main(int argc, char **argv)
{
    osip_message_t *reg = NULL;
    int beats = 0, wanted, leaving = 0, running = 1, streams;

    if (argc != 5 && argc != 6)
        return 2;
    streams = argc == 6;
    setvbuf(stdout, NULL, _IOLBF, 0); /* so that who has called it sees what it does */
    snprintf(device, sizeof device, "%s", argv[2]);
    snprintf(password, sizeof password, "%s", argv[3]);
    wanted = atoi(argv[4]);
    snprintf(server, sizeof server, "sip:" SERVER_ID "@127.0.0.1:%s", argv[1]);
    snprintf(from, sizeof from, "sip:%s@" DOMAIN_ID, device);
    context = eXosip_malloc();
    if (eXosip_init(context) != OSIP_SUCCESS ||
        eXosip_listen_addr(context, IPPROTO_UDP, NULL, 0, AF_INET, 0) != OSIP_SUCCESS)
        return 1;
    eXosip_lock(context);
    rid = eXosip_register_build_initial_register(context, from, server, NULL, 3600, &reg);
    eXosip_unlock(context);
    if (rid < 1)
        return 1;
    osip_message_set_authorization(reg, "Capability algorithm=\"H:MD5\"");
    eXosip_register_send_register(context, rid, reg);

    while (running) {
        eXosip_event_t *event = eXosip_event_wait(context, 10, 0);
        if (event == NULL)
            return 1;
        switch (event->type) {
        case EXOSIP_REGISTRATION_FAILURE:
            if (event->response == NULL || event->response->status_code != 401)
                return 1;
            if (register_with_proof(event->response, leaving ? 0 : 3600) != 0)
                return 1;
            break;
        case EXOSIP_REGISTRATION_SUCCESS:
            puts(leaving ? "logged out" : "logged in");
            if (leaving)
                running = 0;
            else if (keep_alive(1) < 1)
                return 1;
            break;
        case EXOSIP_MESSAGE_ANSWERED:
            printf("beat %d\n", ++beats);
            if (beats + 1 == wanted && streams)
                break; /* the last one comes after the stream */
            if (beats < wanted) {
                if (keep_alive(beats + 1) < 1)
                    return 1;
                break;
            }
            leaving = 1;
            if (eXosip_register_build_register(context, rid, 0, &reg) != 0)
                return 1;
            osip_message_set_header(reg, "Logout-Reason", "logout");
            if (eXosip_register_send_register(context, rid, reg) != 0)
                return 1;
            break;
        case EXOSIP_CALL_INVITE:
            play(event);
            break;
        case EXOSIP_CALL_ACK:
            puts("stream begins");
            break;
        case EXOSIP_CALL_MESSAGE_NEW:
            /* A BYE: answered here and below, whatever that returns. */
            eXosip_call_send_answer(context, event->tid, 200, NULL);
            break;
        case EXOSIP_CALL_CLOSED:
            eXosip_call_send_answer(context, event->tid, 200, NULL);
            puts("stream ends");
            if (keep_alive(beats + 1) < 1)
                return 1;
            streams = 0;
            break;
        case EXOSIP_CALL_RELEASED:
            break;
        default:
            printf("event %d %s\n", event->type, event->textinfo);
            return 1;
        }
        eXosip_event_free(event);
    }
    eXosip_quit(context);
    osip_free(context);
    return 0;
}
