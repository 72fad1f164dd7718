/* The session description of a message, and its streams and connections by kind. */
#include "check.h"

#include <osipparser2/sdp_message.h>
#include <string.h>

#define HEAD "v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=-\r\n"

static const char both[] = HEAD "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=Audio 4000 RTP/AVP 0 8\r\n"
                                "m=video 4002 RTP/AVP 31\r\nc=IN IP4 192.0.2.2\r\n"
                                "c=IN IP4 192.0.2.3\r\nm=audio 4004 RTP/AVP 0\r\n";

/* A message with this type and body; without a type where it is NULL. */
static osip_message_t *message(const char *type, const char *body)
{
    char text[4096];
    osip_message_t *parsed = NULL;
    int length = snprintf(text, sizeof text,
        "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:b@h>;tag=1\r\n"
        "To: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
        type != NULL ? "Content-Type: " : "", type != NULL ? type : "", type != NULL ? "\r\n" : "",
        strlen(body), body);

    CHECK(length > 0 && (size_t)length < sizeof text);
    CODE(0, osip_message_init(&parsed));
    CODE(0, osip_message_parse(parsed, text, (size_t)length));
    return parsed;
}

/* The port of the first stream of a message, or -1 where no description is found in it. */
static int first_port(const char *type, const char *body)
{
    osip_message_t *carrier = message(type, body);
    sdp_message_t *sdp = eXosip_get_sdp_info(carrier);
    int port = sdp == NULL ? -1 : atoi(sdp_message_m_port_get(sdp, 0));

    sdp_message_free(sdp);
    osip_message_free(carrier);
    return port;
}

static void bodies(void)
{
    static const char parts[] =
        "--b\r\nContent-Type: text/plain\r\n\r\n" HEAD "t=0 0\r\nm=text 1 x y\r\n\r\n"
        "--b\r\nContent-Type: Application/SDP\r\n\r\n" HEAD "t=0 0\r\nm=audio 7000 RTP/AVP 0\r\n"
        "\r\n--b--\r\n";

    CODE(4000, first_port("application/sdp", both));
    CODE(4000, first_port("APPLICATION/SDP;charset=utf-8", both));
    CODE(7000, first_port("multipart/mixed;boundary=b", parts));
    CODE(6000, first_port("application/sdp", HEAD "t=0 0\nm=video 6000 RTP/AVP 96\ny=1\nf="));
    CODE(-1, first_port("text/plain", both));
    CODE(-1, first_port(NULL, both));
    CODE(-1, first_port("application/sdp", ""));
    CODE(-1, first_port("application/sdp", "hello"));
    CHECK(eXosip_get_sdp_info(NULL) == NULL);
}

static void kinds(void)
{
    osip_message_t *carrier = message("application/sdp", both);
    sdp_message_t *sdp = eXosip_get_sdp_info(carrier);

    osip_message_free(carrier);
    CHECK(sdp != NULL);
    CODE(0, strcmp(eXosip_get_audio_media(sdp)->m_port, "4000"));
    CODE(0, strcmp(eXosip_get_video_media(sdp)->m_port, "4002"));
    CODE(0, strcmp(eXosip_get_media(sdp, "AUDIO")->m_port, "4000"));
    CODE(0, strcmp(eXosip_get_audio_connection(sdp)->c_addr, "192.0.2.1"));
    CODE(0, strcmp(eXosip_get_video_connection(sdp)->c_addr, "192.0.2.2"));
    CODE(0, strcmp(eXosip_get_connection(sdp, "video")->c_addr, "192.0.2.2"));
    CHECK(eXosip_get_media(sdp, "image") == NULL && eXosip_get_connection(sdp, "image") == NULL);
    CHECK(eXosip_get_media(sdp, NULL) == NULL && eXosip_get_connection(sdp, NULL) == NULL);
    CHECK(eXosip_get_audio_media(NULL) == NULL && eXosip_get_audio_connection(NULL) == NULL);
    /* They are the description's own. */
    CHECK(eXosip_get_video_media(sdp) == osip_list_get(&sdp->m_medias, 1));
    sdp_connection_free(sdp->c_connection);
    sdp->c_connection = NULL;
    CHECK(eXosip_get_audio_connection(sdp) == NULL);
    sdp_message_free(sdp);
}

/* An answer as programs build one, with texts of malloc; then a loop over it as they write it. */
static void answer(void)
{
    sdp_message_t *sdp = NULL;
    char *text = NULL;
    int i, streams = 0, payloads = 0, attributes = 0;

    CODE(0, sdp_message_init(&sdp));
    CODE(0, sdp_message_v_version_set(sdp, strdup("0")));
    CODE(0, sdp_message_o_origin_set(sdp, strdup("-"), strdup("1"), strdup("1"), strdup("IN"),
                                     strdup("IP4"), strdup("192.0.2.9")));
    CODE(0, sdp_message_s_name_set(sdp, strdup("call")));
    CODE(0, sdp_message_c_connection_add(sdp, -1, strdup("IN"), strdup("IP4"),
                                         strdup("192.0.2.9"), NULL, NULL));
    CODE(0, sdp_message_t_time_descr_add(sdp, strdup("0"), strdup("0")));
    CODE(0, sdp_message_m_media_add(sdp, strdup("audio"), strdup("5000"), NULL,
                                    strdup("RTP/AVP")));
    CODE(0, sdp_message_m_payload_add(sdp, 0, strdup("0")));
    CODE(0, sdp_message_m_payload_add(sdp, 0, strdup("101")));
    CODE(0, sdp_message_a_attribute_add(sdp, 0, strdup("rtpmap"), strdup("0 PCMU/8000")));
    CODE(0, sdp_message_a_attribute_add(sdp, 0, strdup("sendrecv"), NULL));
    CODE(0, sdp_message_to_str(sdp, &text));
    CODE(0, strcmp(text, "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=call\r\nc=IN IP4 192.0.2.9\r\n"
                         "t=0 0\r\nm=audio 5000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
                         "a=sendrecv\r\n"));
    osip_free(text);
    for (; !sdp_message_endof_media(sdp, streams); streams++) {
        for (i = 0; sdp_message_m_payload_get(sdp, streams, i) != NULL; i++)
            payloads++;
        i = 0;
        while (sdp_message_attribute_get(sdp, streams, i++) != NULL)
            attributes++;
    }
    CHECK(streams == 1 && payloads == 2 && attributes == 2);
    sdp_message_free(sdp);
}

int main(void)
{
    bodies();
    kinds();
    answer();
    return 0;
}
