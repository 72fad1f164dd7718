/* Session descriptions: each function, and well-formed texts of many kinds. Prints the same with
   libosip2 and with libregister. */
#include "sdp_print.h"

#include <osipparser2/osip_md5.h>

#define D(text) osip_strdup(text)
#define VO "v=0\r\no=alice 2890844526 2890842807 IN IP4 host.example.com\r\n"
#define VOST VO "s=-\r\nt=0 0\r\n"

static const char *const descriptions[] = {
    VOST,
    /* RFC 8866 section 5, the example. */
    "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\ns=Call to John Smith\r\n"
    "i=SDP Offer #1\r\nu=http://www.jdoe.example.com/home.html\r\n"
    "e=Jane Doe <jane@jdoe.example.com>\r\np=+1 617 555-6011\r\nc=IN IP4 198.51.100.1\r\n"
    "t=0 0\r\nm=audio 49170 RTP/AVP 0\r\nm=audio 49180 RTP/AVP 0\r\n"
    "m=video 51372 RTP/AVP 99\r\nc=IN IP6 2001:db8::2\r\na=rtpmap:99 h263-1998/90000\r\n",
    /* RFC 4566 section 5, the example, with multicast. */
    "v=0\r\no=jdoe 2890844526 2890842807 IN IP4 10.47.16.5\r\ns=SDP Seminar\r\n"
    "i=A Seminar on the session description protocol\r\n"
    "u=http://www.example.com/seminars/sdp.pdf\r\ne=j.doe@example.com (Jane Doe)\r\n"
    "e=other@example.com\r\np=+44-171-380-7777\r\np=+1 617 555-6011\r\n"
    "c=IN IP4 224.2.17.12/127\r\nt=2873397496 2873404696\r\na=recvonly\r\n"
    "m=audio 49170 RTP/AVP 0\r\nm=video 51372 RTP/AVP 99\r\na=rtpmap:99 h263-1998/90000\r\n",
    VO "s=x\r\nc=IN IP4 233.252.0.1/127/3\r\nt=0 0\r\nm=video 49170/2 RTP/AVP 31\r\n"
    "c=IN IP4 233.252.0.1/127\r\nc=IN IP4 233.252.0.2/127\r\nc=IN IP6 FF15::101/3\r\n",
    /* Times that come again, and zones. */
    VO "s=x\r\nt=3724394400 3724398000\r\nr=604800 3600 0 90000\r\nr=7d 1h 0 25h\r\n"
    "t=3730922400 3730926000\r\nz=3730928400 -1h 3749680800 0\r\n",
    /* Bandwidths and keys, of the session and of a stream. */
    VO "s=x\r\nb=CT:154798\r\nb=X-YZ:128\r\nt=0 0\r\nk=clear:secret\r\na=tool:x\r\n"
    "m=audio 5004 RTP/SAVP 0 8 18\r\ni=the stream\r\nc=IN IP4 192.0.2.1\r\nb=AS:64\r\n"
    "b=TIAS:50780\r\nk=prompt\r\na=sendonly\r\nm=video 0 RTP/SAVP 31\r\nk=uri:http://h/k:1\r\n",
    /* Attributes without a value, with several colons, with blanks. */
    VOST "a=sendrecv\r\na=x::y\r\na=fmtp:96 profile-level-id=42e016;packetization-mode=1\r\n"
    "a=x: y \r\na=label:a b c\r\na=note \r\n",
    /* Several streams, and one of no RTP. */
    VO "s=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0 8 97\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:97 iLBC/8000\r\na=ptime:20\r\n"
    "m=image 49172 udptl t38\r\na=T38FaxVersion:0\r\nm=application 9 TCP/MSRP *\r\n"
    "a=path:msrp://h:7654/x;tcp\r\nm=message 7394 TCP/MSRP *\r\n",
    /* A browser's. */
    "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS lgsCFqt9kN2fVKw5\r\n"
    "m=audio 58779 UDP/TLS/RTP/SAVPF 111 63 103 9 0 8 13\r\nc=IN IP4 217.130.243.155\r\n"
    "a=rtcp:51472 IN IP4 217.130.243.155\r\n"
    "a=candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0\r\n"
    "a=candidate:435653019 1 tcp 1845501695 192.168.0.196 0 typ host tcptype active\r\n"
    "a=ice-ufrag:Oyef7uvBlwafI3hT\r\na=ice-pwd:T0teqPLNQQOf+5W+ls+P2p16\r\n"
    "a=fingerprint:sha-256 49:66:12:17:0D:1C:91:AE:57:4C:C6:36:DD:D5:97:D2:7D:62:C9:9A\r\n"
    "a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=ssrc:3570614608 cname:4TOk42mSjXCkVIa6\r\n"
    "m=video 60372 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 217.130.243.155\r\na=mid:1\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 nack pli\r\n",
    /* Line ends, blank lines at the head, no name, a name of one blank, octets beyond ASCII. */
    "v=0\no=a 1 2 IN IP4 h\ns=-\nt=0 0\nm=audio 1 RTP/AVP 0\na=x\n",
    "v=0\ro=a 1 2 IN IP4 h\rs=-\rt=0 0\r",
    "\r\n\r\n" VOST,
    VO "t=0 0\r\n",
    VO "s= \r\nt=0 0\r\n",
    VO "s=\xc3\xa4\tb\xff\r\nt=0 0\r\na=k:\xff\r\n",
    VOST "m=audio 1 RTP/AVP\r\nm=audio port RTP/AVP 0 \r\n",
    /* What is no description. */
    "",
    "\r\n",
    "hello",
    "v=0\r\n",
    "V=0\r\nO=a 1 2 IN IP4 h\r\n",
    "o=a 1 2 IN IP4 h\r\ns=-\r\nt=0 0\r\n",
    "v=0\r\ns=-\r\nt=0 0\r\n",
    "v=0\r\no=a 1 2 IN IP4\r\ns=-\r\nt=0 0\r\n",
    "v=\r\no=a 1 2 IN IP4 h\r\ns=-\r\nt=0 0\r\n",
    VO "s=-\r\nc=IN IP4\r\nt=0 0\r\n",
    VOST "m=audio 1\r\n",
    VOST "m=\r\n",
    VOST VOST,
};

/* A description by hand: v, o and two streams. */
static sdp_message_t *made(void)
{
    sdp_message_t *sdp = NULL;
    CODE(sdp_message_init(&sdp));
    printed_sdp(sdp);
    CODE(sdp_message_v_version_set(sdp, D("0")));
    printed_sdp(sdp);
    CODE(sdp_message_o_origin_set(sdp, D("a"), D("1"), D("2"), D("IN"), D("IP4"), D("h")));
    printed_sdp(sdp);
    CODE(sdp_message_m_media_add(sdp, D("audio"), D("4000"), NULL, D("RTP/AVP")));
    CODE(sdp_message_m_media_add(sdp, D("video"), D("4002"), D("2"), D("RTP/AVP")));
    printed_sdp(sdp);
    return sdp;
}

static void session_values(sdp_message_t *sdp)
{
    CODE(sdp_message_s_name_set(sdp, D("call")));
    CODE(sdp_message_u_uri_set(sdp, D("http://h/")));
    CODE(sdp_message_z_adjustments_set(sdp, D("1 -1h")));
    CODE(sdp_message_e_email_add(sdp, D("a@h")));
    CODE(sdp_message_e_email_add(sdp, D("b@h")));
    CODE(sdp_message_p_phone_add(sdp, D("+1")));
    CODE(sdp_message_t_time_descr_add(sdp, D("1"), D("2")));
    CODE(sdp_message_t_time_descr_add(sdp, D("3"), D("4")));
    CODE(sdp_message_r_repeat_add(sdp, 1, D("7d 1h 0")));
    printed_sdp(sdp);
    text("v", sdp_message_v_version_get(sdp));
    text("user", sdp_message_o_username_get(sdp));
    text("id", sdp_message_o_sess_id_get(sdp));
    text("version", sdp_message_o_sess_version_get(sdp));
    text("net", sdp_message_o_nettype_get(sdp));
    text("type", sdp_message_o_addrtype_get(sdp));
    text("addr", sdp_message_o_addr_get(sdp));
    text("s", sdp_message_s_name_get(sdp));
    text("u", sdp_message_u_uri_get(sdp));
    text("z", sdp_message_z_adjustments_get(sdp));
    for (int i = -1; i < 3; i++) {
        text("\ne", sdp_message_e_email_get(sdp, i));
        text("e", sdp_e_email_get(sdp, i));
        text("p", sdp_message_p_phone_get(sdp, i));
        text("start", sdp_message_t_start_time_get(sdp, i));
        text("stop", sdp_message_t_stop_time_get(sdp, i));
        for (int j = -1; j < 2; j++)
            text("r", sdp_message_r_repeat_get(sdp, i, j));
    }
    char *unused = D("x");
    CODE(sdp_message_r_repeat_add(sdp, 2, unused));
    CODE(sdp_message_r_repeat_add(sdp, -1, unused));
    osip_free(unused);
}

/* What both levels have. */
static void level_values(sdp_message_t *sdp)
{
    for (int pos = -1; pos < 2; pos++) {
        printf("level %d\n", pos);
        CODE(sdp_message_i_info_set(sdp, pos, D("info")));
        CODE(sdp_message_c_connection_add(sdp, pos, D("IN"), D("IP4"), D("h"), NULL, NULL));
        CODE(sdp_message_b_bandwidth_add(sdp, pos, D("AS"), D("64")));
        CODE(sdp_message_b_bandwidth_add(sdp, pos, D("CT"), D("1")));
        CODE(sdp_message_k_key_set(sdp, pos, D("clear"), D("secret")));
        CODE(sdp_message_a_attribute_add(sdp, pos, D("x"), D("1")));
        CODE(sdp_message_a_attribute_add(sdp, pos, D("sendrecv"), NULL));
    }
    CODE(sdp_message_c_connection_add(sdp, 1, D("IN"), D("IP4"), D("m"), D("5"), D("3")));
    CODE(sdp_message_c_connection_add(sdp, 1, D("IN"), D("IP4"), D("m"), NULL, D("3")));
    CODE(sdp_message_k_key_set(sdp, 1, D("prompt"), NULL));
    printed_sdp(sdp);
    for (int pos = -1; pos < 3; pos++) {
        printf("level %d", pos);
        text("i", sdp_message_i_info_get(sdp, pos));
        text("k", sdp_message_k_keytype_get(sdp, pos));
        text("", sdp_message_k_keydata_get(sdp, pos));
        for (int i = -1; i < 3; i++) {
            printf("\n %d %d %d", sdp_message_connection_get(sdp, pos, i) != NULL,
                   sdp_message_bandwidth_get(sdp, pos, i) != NULL,
                   sdp_message_attribute_get(sdp, pos, i) != NULL);
            text("net", sdp_message_c_nettype_get(sdp, pos, i));
            text("type", sdp_message_c_addrtype_get(sdp, pos, i));
            text("addr", sdp_message_c_addr_get(sdp, pos, i));
            text("ttl", sdp_message_c_addr_multicast_ttl_get(sdp, pos, i));
            text("int", sdp_message_c_addr_multicast_int_get(sdp, pos, i));
            text("b", sdp_message_b_bwtype_get(sdp, pos, i));
            text("", sdp_message_b_bandwidth_get(sdp, pos, i));
            text("a", sdp_message_a_att_field_get(sdp, pos, i));
            text("", sdp_message_a_att_value_get(sdp, pos, i));
        }
        printf("\n");
    }
    /* There are two streams; on an error the text stays the caller's. */
    char *unused = D("x");
    CODE(sdp_message_i_info_set(sdp, 2, unused));
    CODE(sdp_message_c_connection_add(sdp, 2, unused, unused, unused, NULL, NULL));
    CODE(sdp_message_b_bandwidth_add(sdp, 2, unused, unused));
    CODE(sdp_message_k_key_set(sdp, 2, unused, NULL));
    CODE(sdp_message_a_attribute_add(sdp, 2, unused, NULL));
    CODE(sdp_message_m_payload_add(sdp, 2, unused));
    CODE(sdp_message_m_port_set(sdp, 2, unused));
    osip_free(unused);
}

static void attributes_of(sdp_message_t *sdp, int pos)
{
    printf("attributes of %d:", pos);
    attributes(pos < 0 ? &sdp->a_attributes
                       : &((sdp_media_t *) osip_list_get(&sdp->m_medias, pos))->a_attributes);
    printf("\n");
}

static void deleted_attributes(sdp_message_t *sdp)
{
    for (int pos = -1; pos < 2; pos += 2) {
        sdp_message_a_attribute_add(sdp, pos, D("y"), D("2"));
        sdp_message_a_attribute_add(sdp, pos, D("x"), D("3"));
        sdp_message_a_attribute_add(sdp, pos, D("x"), NULL);
        sdp_message_a_attribute_add(sdp, pos, D("z"), D("4"));
        attributes_of(sdp, pos);
        CODE(sdp_message_a_attribute_del_at_index(sdp, pos, (char *) "y", 0));
        CODE(sdp_message_a_attribute_del_at_index(sdp, pos, (char *) "z", 9));
        CODE(sdp_message_a_attribute_del_at_index(sdp, pos, (char *) "y", 2));
        CODE(sdp_message_a_attribute_del(sdp, pos, (char *) "X"));
        CODE(sdp_message_a_attribute_del(sdp, pos, (char *) "nothing"));
        attributes_of(sdp, pos);
        CODE(sdp_message_a_attribute_del(sdp, pos, (char *) "x"));
        attributes_of(sdp, pos);
        CODE(sdp_message_a_attribute_del_at_index(sdp, pos, (char *) "z", -1));
        attributes_of(sdp, pos);
    }
    CODE(sdp_message_a_attribute_del(sdp, 2, (char *) "x"));
    CODE(sdp_message_a_attribute_del_at_index(sdp, 2, (char *) "x", 0));
}

static void streams(sdp_message_t *sdp)
{
    CODE(sdp_message_m_payload_add(sdp, 0, D("0")));
    CODE(sdp_message_m_payload_add(sdp, 0, D("8")));
    CODE(sdp_message_m_payload_add(sdp, 0, D("101")));
    CODE(sdp_message_m_port_set(sdp, 1, D("0")));
    for (int pos = -1; pos < 3; pos++) {
        printf("stream %d: %d", pos, sdp_message_endof_media(sdp, pos));
        text("m", sdp_message_m_media_get(sdp, pos));
        text("port", sdp_message_m_port_get(sdp, pos));
        text("ports", sdp_message_m_number_of_port_get(sdp, pos));
        text("proto", sdp_message_m_proto_get(sdp, pos));
        for (int i = -1; i < 4; i++)
            text("payload", sdp_message_m_payload_get(sdp, pos, i));
        printf("\n");
    }
    CODE(sdp_message_m_payload_del(sdp, 0, 1));
    CODE(sdp_message_m_payload_del(sdp, 0, 2));
    CODE(sdp_message_m_payload_del(sdp, 0, -1));
    CODE(sdp_message_m_payload_del(sdp, 1, 0));
    CODE(sdp_message_m_payload_del(sdp, 2, 0));
    printed_sdp(sdp);
}

/* What programs do with the lists themselves. */
static void edited(sdp_message_t *sdp)
{
    sdp_attribute_t *attribute = NULL;
    sdp_bandwidth_t *bandwidth = NULL;
    sdp_time_descr_t *time = NULL;
    sdp_connection_t *where = NULL;
    sdp_media_t *media = NULL;

    CODE(sdp_attribute_init(&attribute));
    attribute->a_att_field = D("by hand");
    CODE(osip_list_add(&sdp->a_attributes, attribute, 0));
    CODE(sdp_bandwidth_init(&bandwidth));
    bandwidth->b_bwtype = D("AS");
    bandwidth->b_bandwidth = D("1");
    CODE(osip_list_add(&sdp->b_bandwidths, bandwidth, -1));
    CODE(sdp_time_descr_init(&time));
    time->t_start_time = D("5");
    time->t_stop_time = D("6");
    CODE(osip_list_add(&time->r_repeats, D("1d"), -1));
    CODE(osip_list_add(&sdp->t_descrs, time, -1));
    CODE(sdp_connection_init(&where));
    where->c_nettype = D("IN");
    where->c_addrtype = D("IP6");
    where->c_addr = D("::1");
    CODE(sdp_media_init(&media));
    media->m_media = D("text");
    media->m_port = D("11000");
    media->m_proto = D("RTP/AVP");
    CODE(osip_list_add(&media->m_payloads, D("98"), -1));
    CODE(osip_list_add(&media->c_connections, where, -1));
    CODE(sdp_key_init(&media->k_key));
    media->k_key->k_keytype = D("prompt");
    CODE(osip_list_add(&sdp->m_medias, media, 0));
    printed_sdp(sdp);

    media = osip_list_get(&sdp->m_medias, 2);
    CODE(osip_list_remove(&sdp->m_medias, 2));
    sdp_media_free(media);
    attribute = osip_list_get(&sdp->a_attributes, 0);
    CODE(osip_list_remove(&sdp->a_attributes, 0));
    sdp_attribute_free(attribute);
    bandwidth = osip_list_get(&sdp->b_bandwidths, 0);
    CODE(osip_list_remove(&sdp->b_bandwidths, 0));
    sdp_bandwidth_free(bandwidth);
    time = osip_list_get(&sdp->t_descrs, 0);
    CODE(osip_list_remove(&sdp->t_descrs, 0));
    sdp_time_descr_free(time);
    sdp_connection_free(sdp->c_connection);
    sdp->c_connection = NULL;
    sdp_key_free(sdp->k_key);
    sdp->k_key = NULL;
    osip_free(sdp->s_name);
    sdp->s_name = NULL;
    printed_sdp(sdp);
}

/* A part that is missing makes a line that cannot be printed. */
static void halves(void)
{
    for (int which = 0; which < 8; which++) {
        sdp_message_t *sdp = NULL;
        sdp_message_init(&sdp);
        sdp_message_parse(sdp, VOST "m=audio 1 RTP/AVP 0\r\n");
        switch (which) {
        case 0:
            sdp_message_c_connection_add(sdp, -1, D("IN"), D("IP4"), NULL, NULL, NULL);
            break;
        case 1:
            sdp_message_b_bandwidth_add(sdp, 0, D("AS"), NULL);
            break;
        case 2:
            sdp_message_t_time_descr_add(sdp, D("1"), NULL);
            break;
        case 3:
            sdp_message_k_key_set(sdp, 0, NULL, D("x"));
            break;
        case 4:
            sdp_message_a_attribute_add(sdp, -1, NULL, D("x"));
            break;
        case 5:
            sdp_message_m_media_add(sdp, D("audio"), NULL, NULL, D("x"));
            break;
        case 6:
            sdp_message_m_port_set(sdp, 0, NULL);
            break;
        default:
            sdp_message_a_attribute_add(sdp, 0, D("x"), D(""));
            sdp_message_c_connection_add(sdp, 0, D("IN"), D("IP4"), D("h"), D(""), D(""));
            sdp_message_m_media_add(sdp, D("audio"), D("1"), D(""), D("x"));
        }
        printed_sdp(sdp);
        sdp_message_free(sdp);
    }
}

static void nulls(void)
{
    CODE(sdp_message_v_version_set(NULL, NULL));
    CODE(sdp_message_o_origin_set(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    CODE(sdp_message_u_uri_set(NULL, NULL));
    CODE(sdp_message_z_adjustments_set(NULL, NULL));
    CODE(sdp_message_i_info_set(NULL, -1, NULL));
    CODE(sdp_message_e_email_add(NULL, NULL));
    CODE(sdp_message_p_phone_add(NULL, NULL));
    CODE(sdp_message_c_connection_add(NULL, 0, NULL, NULL, NULL, NULL, NULL));
    CODE(sdp_message_b_bandwidth_add(NULL, -1, NULL, NULL));
    CODE(sdp_message_t_time_descr_add(NULL, NULL, NULL));
    CODE(sdp_message_r_repeat_add(NULL, 0, NULL));
    CODE(sdp_message_k_key_set(NULL, -1, NULL, NULL));
    CODE(sdp_message_a_attribute_add(NULL, -1, NULL, NULL));
    CODE(sdp_message_a_attribute_del(NULL, -1, (char *) "x"));
    CODE(sdp_message_a_attribute_del_at_index(NULL, -1, (char *) "x", 0));
    CODE(sdp_message_endof_media(NULL, 0));
    text("", sdp_message_v_version_get(NULL));
    text("", sdp_message_o_addr_get(NULL));
    text("", sdp_message_s_name_get(NULL));
    text("", sdp_message_i_info_get(NULL, 0));
    text("", sdp_message_e_email_get(NULL, 0));
    text("", sdp_message_c_addr_get(NULL, -1, 0));
    text("", sdp_message_b_bwtype_get(NULL, -1, 0));
    text("", sdp_message_t_start_time_get(NULL, 0));
    text("", sdp_message_r_repeat_get(NULL, 0, 0));
    text("", sdp_message_k_keytype_get(NULL, -1));
    text("", sdp_message_a_att_value_get(NULL, -1, 0));
    printf("\n");
    sdp_message_free(NULL);
    sdp_media_free(NULL);
    sdp_key_free(NULL);
    sdp_attribute_free(NULL);
    sdp_bandwidth_free(NULL);
    sdp_connection_free(NULL);
    sdp_time_descr_free(NULL);
}

static void hash(const unsigned char *bytes, size_t length)
{
    unsigned char digest[16];
    osip_MD5_CTX context;

    osip_MD5Init(&context);
    for (size_t i = 0; i < 2; i++) {
        size_t begin = i == 0 ? 0 : length / 3, end = i == 0 ? length / 3 : length;
        osip_MD5Update(&context, (unsigned char *) bytes + begin, (unsigned int) (end - begin));
    }
    osip_MD5Final(digest, &context);
    printf("%zu", length);
    text("", (const char *) bytes);
    printf(": ");
    for (size_t i = 0; i < sizeof digest; i++)
        printf("%02x", digest[i]);
    printf("\n");
}

/* RFC 1321 appendix A.5, and lengths around a block. */
static void hashes(void)
{
    static const char *const messages[] = {
        "", "a", "abc", "message digest", "abcdefghijklmnopqrstuvwxyz",
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890"};
    static const size_t lengths[] = {54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000};
    unsigned char bytes[1000];

    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        hash((const unsigned char *) messages[i], strlen(messages[i]));
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char) i;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        hash(bytes, lengths[i]);
}

int main(void)
{
    parser_init();
    for (size_t i = 0; i < sizeof descriptions / sizeof descriptions[0]; i++)
        examine_sdp(descriptions[i]);
    sdp_message_t *sdp = made(), *copy = NULL;
    session_values(sdp);
    level_values(sdp);
    deleted_attributes(sdp);
    streams(sdp);
    edited(sdp);
    CODE(sdp_message_clone(sdp, &copy));
    sdp_message_free(sdp);
    session(copy);
    sdp_message_free(copy);
    halves();
    nulls();
    hashes();
    return 0;
}
