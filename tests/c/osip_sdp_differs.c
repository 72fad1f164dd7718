/* Where libregister reads and keeps session descriptions otherwise than libosip2, on purpose;
   COMPATIBILITY.md says the same in words. */
#include "sdp_print.h"

#define D(text) osip_strdup(text)
#define VO "v=0\r\no=- 0 0 IN IP4 192.168.1.2\r\n"
#define VOST VO "s=-\r\nt=0 0\r\n"

/* Each of them is refused there, or read in part. */
static const char *const tolerated[] = {
    /* A request to play of GB/T 28181, and an answer of a device. */
    "v=0\r\no=34020000002000000001 0 0 IN IP4 192.168.1.2\r\ns=Play\r\nc=IN IP4 192.168.1.2\r\n"
    "t=0 0\r\nm=video 6000 TCP/RTP/AVP 96 98 97\r\na=recvonly\r\na=setup:passive\r\n"
    "a=connection:new\r\na=rtpmap:96 PS/90000\r\na=rtpmap:98 H264/90000\r\ny=0100000001\r\n"
    "f=v/2/5/25/1/4096a/1/8/1\r\n",
    "v=0\no=34020000001320000001 0 0 IN IP4 192.168.1.64\ns=Playback\n"
    "u=34020000001320000001:3\nc=IN IP4 192.168.1.64\nt=1700000000 1700003600\n"
    "m=video 15060 RTP/AVP 96\na=sendonly\na=rtpmap:96 PS/90000\na=filesize:-1\n"
    "y=1200000001\nf=\n",
    /* No end of the last line. */
    VO "s=-\r\nt=0 0",
    VOST "m=audio 1 RTP/AVP 0",
    /* Another order. */
    VO "t=0 0\r\ns=late\r\nc=IN IP4 192.0.2.1\r\n",
    VO "s=-\r\na=sendrecv\r\nc=IN IP4 192.0.2.1\r\nb=AS:64\r\nt=0 0\r\n",
    VO "p=+1\r\ne=a@h\r\ni=info\r\ns=-\r\nt=0 0\r\n",
    VOST "m=audio 1 RTP/AVP 0\r\na=x\r\nb=AS:64\r\nc=IN IP4 192.0.2.1\r\nk=prompt\r\ni=info\r\n",
    VO "s=-\r\nm=audio 1 RTP/AVP 0\r\na=x\r\nt=0 0\r\n",
    "s=-\r\n" VO "t=0 0\r\n",
    /* No time, an empty name, a time of one word, a repeat of no time. */
    VO "s=-\r\nc=IN IP4 192.0.2.1\r\nm=audio 1 RTP/AVP 0\r\n",
    VO "s=\r\nt=0 0\r\n",
    VO "r=1d\r\nt=0\r\n",
    /* Lines of no meaning, blank lines, blanks doubled or at the end. */
    VO "X=1\r\nnonsense\r\n=\r\ns=-\r\n\r\nt=0 0\r\n\r\nm=audio 1 RTP/AVP 0\r\n",
    "v=0\r\no=  a  1 2\tIN IP4  h \r\ns=-\r\nc=IN  IP4 192.0.2.1 \r\nt= 0  0 \r\n"
    "m= audio  1\tRTP/AVP  0   8 \r\n",
    /* Attributes without name or value, bandwidths without number, an address without numbers. */
    VOST "a=\r\na=:v\r\na=x:\r\nb=AS\r\nb=AS:\r\nb=:1\r\nk=:x\r\nk=clear:\r\ni=\r\nu=\r\ne=\r\n",
    VOST "m=audio 5/ RTP/AVP 0\r\nc=IN IP4 192.0.2.1/\r\nc=IN IP4 192.0.2.1/1/\r\n",
    /* Of what may stand once, the first one counts. */
    VO "s=first\r\ns=second\r\nc=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n",
};

static void codes(void)
{
    sdp_message_t *sdp = NULL, *copy = NULL;
    char *dest = NULL;

    CODE(sdp_message_init(NULL));
    CODE(sdp_media_init(NULL));
    CODE(sdp_message_init(&sdp));
    CODE(sdp_message_parse(NULL, VOST));
    CODE(sdp_message_parse(sdp, NULL));
    CODE(sdp_message_parse(sdp, VOST "m=audio 1 RTP/AVP 0\r\n"));
    CODE(sdp_message_parse(sdp, VOST "m=video 1 RTP/AVP 0\r\n"));
    printed_sdp(sdp);
    CODE(sdp_message_to_str(sdp, NULL));
    CODE(sdp_message_to_str(NULL, &dest));
    CODE(sdp_message_clone(sdp, NULL));
    CODE(sdp_message_clone(NULL, &copy));
    CODE(sdp_message_s_name_set(NULL, NULL));
    CODE(sdp_message_m_media_add(NULL, NULL, NULL, NULL, NULL));
    CODE(sdp_message_m_port_set(NULL, 0, NULL));
    CODE(sdp_message_m_payload_add(NULL, 0, NULL));
    CODE(sdp_message_m_payload_del(NULL, 0, 0));
    text("m", sdp_message_m_media_get(NULL, 0));
    text("port", sdp_message_m_port_get(NULL, 0));
    text("ports", sdp_message_m_number_of_port_get(NULL, 0));
    text("proto", sdp_message_m_proto_get(NULL, 0));
    text("payload", sdp_message_m_payload_get(NULL, 0, 0));
    printf("\n");

    CODE(sdp_message_e_email_add(sdp, NULL));
    CODE(sdp_message_p_phone_add(sdp, NULL));
    CODE(sdp_message_r_repeat_add(sdp, 0, NULL));
    CODE(sdp_message_m_payload_add(sdp, 0, NULL));
    CODE(sdp_message_a_attribute_del(sdp, -1, NULL));
    CODE(sdp_message_a_attribute_del_at_index(sdp, -1, NULL, 0));
    CODE(sdp_message_i_info_set(sdp, -2, NULL));
    CODE(sdp_message_c_connection_add(sdp, -2, NULL, NULL, NULL, NULL, NULL));
    CODE(sdp_message_b_bandwidth_add(sdp, -2, NULL, NULL));
    CODE(sdp_message_a_attribute_add(sdp, -2, NULL, NULL));
    CODE(sdp_message_connection_get(sdp, -2, 0) == NULL);
    printed_sdp(sdp);
    CODE(sdp_message_parse(sdp, "v=0\r\n"));
    session(sdp);
    sdp_message_free(sdp);
}

/* What is set already is freed; setting it to itself changes nothing. */
static void set_twice(void)
{
    sdp_message_t *sdp = NULL, *copy = NULL;

    CODE(sdp_message_init(&sdp));
    for (int i = 0; i < 2; i++) {
        sdp_message_v_version_set(sdp, D("0"));
        sdp_message_o_origin_set(sdp, D("-"), D("1"), D("1"), D("IN"), D("IP4"), D("h"));
        sdp_message_s_name_set(sdp, D("-"));
        sdp_message_i_info_set(sdp, -1, D("info"));
        sdp_message_u_uri_set(sdp, D("http://h/"));
        sdp_message_z_adjustments_set(sdp, D("0 1"));
        sdp_message_k_key_set(sdp, -1, D("clear"), D("secret"));
        sdp_message_c_connection_add(sdp, -1, D("IN"), D("IP4"), D("h"), D("1"), D("2"));
    }
    CODE(sdp_message_s_name_set(sdp, sdp->s_name));
    CODE(sdp_message_c_connection_add(sdp, -1, sdp->c_connection->c_nettype,
                                      sdp->c_connection->c_addrtype, D("i"), NULL, NULL));
    CODE(sdp_message_k_key_set(sdp, -1, D("prompt"), NULL));
    /* A copy needs no t=. */
    CODE(sdp_message_clone(sdp, &copy));
    printed_sdp(copy);
    sdp_message_free(copy);
    sdp_message_free(sdp);
}

int main(void)
{
    parser_init();
    for (size_t i = 0; i < sizeof tolerated / sizeof tolerated[0]; i++)
        examine_sdp(tolerated[i]);
    codes();
    set_twice();
    return 0;
}
