/* What the transcripts of osip_sdp*.c are made of. */
#ifndef SDP_PRINT_H
#define SDP_PRINT_H

#include "osip_print.h"

#include <osipparser2/sdp_message.h>

static inline void texts(const char *name, const osip_list_t *list)
{
    for (int i = 0; i < osip_list_size(list); i++)
        text(name, osip_list_get(list, i));
}

static inline void connection(const sdp_connection_t *connection)
{
    if (connection == NULL)
        return;
    text("net", connection->c_nettype);
    text("type", connection->c_addrtype);
    text("addr", connection->c_addr);
    text("ttl", connection->c_addr_multicast_ttl);
    text("int", connection->c_addr_multicast_int);
}

static inline void bandwidths(const osip_list_t *list)
{
    for (int i = 0; i < osip_list_size(list); i++) {
        const sdp_bandwidth_t *bandwidth = osip_list_get(list, i);
        text("b", bandwidth->b_bwtype);
        text("", bandwidth->b_bandwidth);
    }
}

static inline void attributes(const osip_list_t *list)
{
    for (int i = 0; i < osip_list_size(list); i++) {
        const sdp_attribute_t *attribute = osip_list_get(list, i);
        text("a", attribute->a_att_field);
        text("", attribute->a_att_value);
    }
}

static inline void key(const sdp_key_t *key)
{
    if (key == NULL)
        return;
    text("k", key->k_keytype);
    text("", key->k_keydata);
}

/* Prints the structs. */
static inline void session(const sdp_message_t *sdp)
{
    text("v", sdp->v_version);
    text("user", sdp->o_username);
    text("id", sdp->o_sess_id);
    text("version", sdp->o_sess_version);
    text("net", sdp->o_nettype);
    text("type", sdp->o_addrtype);
    text("addr", sdp->o_addr);
    printf("\n");
    text("s", sdp->s_name);
    text("i", sdp->i_info);
    text("u", sdp->u_uri);
    texts("e", &sdp->e_emails);
    texts("p", &sdp->p_phones);
    connection(sdp->c_connection);
    bandwidths(&sdp->b_bandwidths);
    for (int i = 0; i < osip_list_size(&sdp->t_descrs); i++) {
        const sdp_time_descr_t *time = osip_list_get(&sdp->t_descrs, i);
        text("t", time->t_start_time);
        text("", time->t_stop_time);
        texts("r", &time->r_repeats);
    }
    text("z", sdp->z_adjustments);
    key(sdp->k_key);
    attributes(&sdp->a_attributes);
    printf("\n");
    for (int i = 0; i < osip_list_size(&sdp->m_medias); i++) {
        const sdp_media_t *media = osip_list_get(&sdp->m_medias, i);
        text("m", media->m_media);
        text("port", media->m_port);
        text("ports", media->m_number_of_port);
        text("proto", media->m_proto);
        texts("payload", &media->m_payloads);
        text("i", media->i_info);
        for (int j = 0; j < osip_list_size(&media->c_connections); j++)
            connection(osip_list_get(&media->c_connections, j));
        bandwidths(&media->b_bandwidths);
        key(media->k_key);
        attributes(&media->a_attributes);
        printf("\n");
    }
}

/* Prints the text of a description. */
static inline void printed_sdp(sdp_message_t *sdp)
{
    char *dest = NULL;
    int code = sdp_message_to_str(sdp, &dest);
    printed(code, dest);
}

/* Parses a text; prints the structs, the text and the text of a copy. */
static inline void examine_sdp(const char *bytes)
{
    sdp_message_t *sdp = NULL, *copy = NULL;
    sdp_message_init(&sdp);
    int code = sdp_message_parse(sdp, bytes);
    printf("---");
    text("", bytes);
    printf("\n= %d\n", code);
    if (code == 0) {
        session(sdp);
        printed_sdp(sdp);
        printf("sdp_message_clone = %d", sdp_message_clone(sdp, &copy));
        printed_sdp(copy);
        sdp_message_free(copy);
    }
    sdp_message_free(sdp);
}

#endif
