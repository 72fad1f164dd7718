#ifndef OSIPPARSER2_SDP_MESSAGE_H
#define OSIPPARSER2_SDP_MESSAGE_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/osip_list.h>
typedef struct sdp_message sdp_message_t;
typedef struct sdp_bandwidth sdp_bandwidth_t;
typedef struct sdp_time_descr sdp_time_descr_t;
typedef struct sdp_key sdp_key_t;
typedef struct sdp_attribute sdp_attribute_t;
typedef struct sdp_connection sdp_connection_t;
typedef struct sdp_media sdp_media_t;
#define sdp_e_email_get sdp_message_e_email_get

/**
 * An attribute: `a=`.
 */
struct sdp_attribute {
  /**
   * Its name.
   */
  char *a_att_field;
  /**
   * What stands behind the first colon; NULL without one.
   */
  char *a_att_value;
};

/**
 * A bandwidth: `b=`.
 */
struct sdp_bandwidth {
  /**
   * `AS`, `CT` …
   */
  char *b_bwtype;
  /**
   * The number.
   */
  char *b_bandwidth;
};

/**
 * Where media go: `c=`.
 */
struct sdp_connection {
  /**
   * `IN`
   */
  char *c_nettype;
  /**
   * `IP4` or `IP6`
   */
  char *c_addrtype;
  /**
   * The host.
   */
  char *c_addr;
  /**
   * The first number behind the address: for IPv4 the TTL. NULL for none.
   */
  char *c_addr_multicast_ttl;
  /**
   * The second number behind the address: for IPv4 how many addresses. NULL for none.
   */
  char *c_addr_multicast_int;
};

/**
 * A key: `k=`.
 */
struct sdp_key {
  /**
   * `prompt`, `clear`, `base64` or `uri`.
   */
  char *k_keytype;
  /**
   * The key, or where it is; NULL for none.
   */
  char *k_keydata;
};

/**
 * A stream of media: `m=`, with what follows it.
 */
struct sdp_media {
  /**
   * `audio`, `video` …
   */
  char *m_media;
  /**
   * The port; 0 refuses the stream.
   */
  char *m_port;
  /**
   * How many ports; NULL for one.
   */
  char *m_number_of_port;
  /**
   * `RTP/AVP` …
   */
  char *m_proto;
  /**
   * Payload types: texts.
   */
  osip_list_t m_payloads;
  /**
   * `i=`: what it is about.
   */
  char *i_info;
  /**
   * `c=`: sdp_connection_t.
   */
  osip_list_t c_connections;
  /**
   * `b=`: sdp_bandwidth_t.
   */
  osip_list_t b_bandwidths;
  /**
   * `a=`: sdp_attribute_t.
   */
  osip_list_t a_attributes;
  /**
   * `k=`, or NULL.
   */
  sdp_key_t *k_key;
};

/**
 * A session description.
 */
struct sdp_message {
  /**
   * `v=`: the version.
   */
  char *v_version;
  /**
   * `o=`: the user.
   */
  char *o_username;
  /**
   * `o=`: the session's id.
   */
  char *o_sess_id;
  /**
   * `o=`: the version of the session.
   */
  char *o_sess_version;
  /**
   * `o=`: `IN`.
   */
  char *o_nettype;
  /**
   * `o=`: `IP4` or `IP6`.
   */
  char *o_addrtype;
  /**
   * `o=`: the host.
   */
  char *o_addr;
  /**
   * `s=`: the name.
   */
  char *s_name;
  /**
   * `i=`: what it is about.
   */
  char *i_info;
  /**
   * `u=`: where more stands.
   */
  char *u_uri;
  /**
   * `e=`: texts.
   */
  osip_list_t e_emails;
  /**
   * `p=`: texts.
   */
  osip_list_t p_phones;
  /**
   * `c=`, or NULL.
   */
  sdp_connection_t *c_connection;
  /**
   * `b=`: sdp_bandwidth_t.
   */
  osip_list_t b_bandwidths;
  /**
   * `t=` and `r=`: sdp_time_descr_t.
   */
  osip_list_t t_descrs;
  /**
   * `z=`: changes of the time zone.
   */
  char *z_adjustments;
  /**
   * `k=`, or NULL.
   */
  sdp_key_t *k_key;
  /**
   * `a=`: sdp_attribute_t.
   */
  osip_list_t a_attributes;
  /**
   * `m=`: sdp_media_t.
   */
  osip_list_t m_medias;
};

/**
 * When the session is active: `t=`, with the `r=` behind it.
 */
struct sdp_time_descr {
  /**
   * From; 0 for always.
   */
  char *t_start_time;
  /**
   * Until; 0 for ever.
   */
  char *t_stop_time;
  /**
   * `r=`: texts.
   */
  osip_list_t r_repeats;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty description. The caller frees it with sdp_message_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `sdp`.
 */
int sdp_message_init(sdp_message_t **sdp);

/**
 * Reads a description from its text; what it held before is freed.
 *
 * Lines end with CRLF, LF or CR, the last one needs no end, and lines of unknown letters are
 * skipped. `v=` and `o=` must stand there once; the others may be missing, and may stand in
 * another order than RFC 8866's. What belongs to a stream stands behind its `m=`.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_NOMEM, or OSIP_UNDEFINED_ERROR for what is no
 * description; after an error it is empty.
 */
int sdp_message_parse(sdp_message_t *sdp, const char *buf);

/**
 * Prints a description; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_NOMEM, or OSIP_UNDEFINED_ERROR where `v=`, `o=` or a
 * part of another line is missing, with NULL in `dest`.
 */
int sdp_message_to_str(sdp_message_t *sdp, char **dest);

/**
 * Frees a description with all it holds; NULL is allowed.
 */
void sdp_message_free(sdp_message_t *sdp);

/**
 * Copies a description with all it holds; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_NOMEM, or OSIP_UNDEFINED_ERROR where
 * sdp_message_to_str would, with NULL in `dest`.
 */
int sdp_message_clone(sdp_message_t *sdp, sdp_message_t **dest);

/**
 * Makes an empty bandwidth. The caller frees it with sdp_bandwidth_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
 */
int sdp_bandwidth_init(sdp_bandwidth_t **elem);

/**
 * Frees a bandwidth with all it holds; NULL is allowed.
 */
void sdp_bandwidth_free(sdp_bandwidth_t *elem);

/**
 * Makes an empty time. The caller frees it with sdp_time_descr_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
 */
int sdp_time_descr_init(sdp_time_descr_t **elem);

/**
 * Frees a time with all it holds; NULL is allowed.
 */
void sdp_time_descr_free(sdp_time_descr_t *elem);

/**
 * Makes an empty key. The caller frees it with sdp_key_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
 */
int sdp_key_init(sdp_key_t **elem);

/**
 * Frees a key with all it holds; NULL is allowed.
 */
void sdp_key_free(sdp_key_t *elem);

/**
 * Makes an empty attribute. The caller frees it with sdp_attribute_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
 */
int sdp_attribute_init(sdp_attribute_t **elem);

/**
 * Frees an attribute with all it holds; NULL is allowed.
 */
void sdp_attribute_free(sdp_attribute_t *elem);

/**
 * Makes an empty connection. The caller frees it with sdp_connection_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
 */
int sdp_connection_init(sdp_connection_t **elem);

/**
 * Frees a connection with all it holds; NULL is allowed.
 */
void sdp_connection_free(sdp_connection_t *elem);

/**
 * Sets what the session (-1) or a stream is about: `i=`; the old text is freed. The text belongs
 * to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, or OSIP_UNDEFINED_ERROR where there is no such stream.
 */
int sdp_message_i_info_set(sdp_message_t *sdp, int pos_media, char *value);

/**
 * What the session (-1) or a stream is about, as it stands there; NULL when there is none.
 */
char *sdp_message_i_info_get(sdp_message_t *sdp, int pos_media);

/**
 * Sets where the media of the session (-1) go: `c=`; the old texts are freed. For a stream a
 * further one is appended. `addr_multicast_ttl` and `addr_multicast_int` may be NULL. The texts
 * belong to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
 * OSIP_NOMEM.
 */
int sdp_message_c_connection_add(sdp_message_t *sdp,
                                 int pos_media,
                                 char *nettype,
                                 char *addrtype,
                                 char *addr,
                                 char *addr_multicast_ttl,
                                 char *addr_multicast_int);

/**
 * Where the media of the session (-1, whatever `pos` is) or of a stream go; NULL when there is no
 * such line.
 */
sdp_connection_t *sdp_message_connection_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The network type of the connection at `pos` of a stream, or of the session's (-1), as it stands
 * there; NULL when there is none.
 */
char *sdp_message_c_nettype_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The address type of the connection at `pos` of a stream, or of the session's (-1), as it stands
 * there; NULL when there is none.
 */
char *sdp_message_c_addrtype_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The host of the connection at `pos` of a stream, or of the session's (-1), as it stands there;
 * NULL when there is none.
 */
char *sdp_message_c_addr_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The first number behind the address of the connection at `pos` of a stream, or of the session's
 * (-1), as it stands there; NULL when there is none.
 */
char *sdp_message_c_addr_multicast_ttl_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The second number behind the address of the connection at `pos` of a stream, or of the session's
 * (-1), as it stands there; NULL when there is none.
 */
char *sdp_message_c_addr_multicast_int_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * Appends a bandwidth to the session (-1) or to a stream: `b=`. The texts belong to the
 * description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
 * OSIP_NOMEM.
 */
int sdp_message_b_bandwidth_add(sdp_message_t *sdp, int pos_media, char *bwtype, char *bandwidth);

/**
 * The bandwidth at `pos` of the session (-1) or of a stream; NULL past the end.
 */
sdp_bandwidth_t *sdp_message_bandwidth_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The kind of the bandwidth at `pos` of the session (-1) or of a stream, as it stands there; NULL
 * when there is none.
 */
char *sdp_message_b_bwtype_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The number of the bandwidth at `pos` of the session (-1) or of a stream, as it stands there;
 * NULL when there is none.
 */
char *sdp_message_b_bandwidth_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * Sets the key of the session (-1) or of a stream: `k=`; the old texts are freed. `keydata` may be
 * NULL. The texts belong to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
 * OSIP_NOMEM.
 */
int sdp_message_k_key_set(sdp_message_t *sdp, int pos_media, char *keytype, char *keydata);

/**
 * The kind of the key of the session (-1) or of a stream, as it stands there; NULL when there is
 * none.
 */
char *sdp_message_k_keytype_get(sdp_message_t *sdp, int pos_media);

/**
 * The data of the key of the session (-1) or of a stream, as it stands there; NULL when there is
 * none.
 */
char *sdp_message_k_keydata_get(sdp_message_t *sdp, int pos_media);

/**
 * Appends an attribute to the session (-1) or to a stream: `a=`. `att_value` may be NULL. The
 * texts belong to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such stream, or
 * OSIP_NOMEM.
 */
int sdp_message_a_attribute_add(sdp_message_t *sdp,
                                int pos_media,
                                char *att_field,
                                char *att_value);

/**
 * Takes all attributes of this name, as it is written, out of the session (-1) or of a stream and
 * frees them.
 *
 * Returns 0, also where there was none, OSIP_BADPARAMETER for NULL, or OSIP_UNDEFINED_ERROR where
 * there is no such stream.
 */
int sdp_message_a_attribute_del(sdp_message_t *sdp, int pos_media, char *att_field);

/**
 * Takes the attribute at `pos_attr` out of the session (-1) or of a stream and frees it, if it has
 * this name, as it is written; with -1, all attributes of this name.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL and where there is no such stream or attribute.
 */
int sdp_message_a_attribute_del_at_index(sdp_message_t *sdp,
                                         int pos_media,
                                         char *att_field,
                                         int pos_attr);

/**
 * The attribute at `pos` of the session (-1) or of a stream; NULL past the end.
 */
sdp_attribute_t *sdp_message_attribute_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The name of the attribute at `pos` of the session (-1) or of a stream, as it stands there; NULL
 * when there is none.
 */
char *sdp_message_a_att_field_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * The value of the attribute at `pos` of the session (-1) or of a stream, as it stands there; NULL
 * when there is none.
 */
char *sdp_message_a_att_value_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * Makes an empty stream. The caller frees it with sdp_media_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `elem`.
 */
int sdp_media_init(sdp_media_t **elem);

/**
 * Frees a stream with all it holds; NULL is allowed.
 */
void sdp_media_free(sdp_media_t *elem);

/**
 * Whether there is no stream at `pos_media`: 0 where there is one, OSIP_UNDEFINED_ERROR past the
 * end, OSIP_BADPARAMETER for NULL.
 */
int sdp_message_endof_media(sdp_message_t *sdp, int pos_media);

/**
 * Appends a stream. `number_of_port` is NULL for one port. The texts belong to the description
 * from now on.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM.
 */
int sdp_message_m_media_add(sdp_message_t *sdp,
                            char *media,
                            char *port,
                            char *number_of_port,
                            char *proto);

/**
 * The kind of the stream at `pos_media`, as it stands there; NULL when there is none.
 */
char *sdp_message_m_media_get(sdp_message_t *sdp, int pos_media);

/**
 * The port of the stream at `pos_media`, as it stands there; NULL when there is none.
 */
char *sdp_message_m_port_get(sdp_message_t *sdp, int pos_media);

/**
 * Sets the port of the stream at `pos_media`; the old text is freed. The text belongs to the
 * description from now on.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL or past the end.
 */
int sdp_message_m_port_set(sdp_message_t *sdp, int pos_media, char *port);

/**
 * The number of ports of the stream at `pos_media`, as it stands there; NULL when there is none.
 */
char *sdp_message_m_number_of_port_get(sdp_message_t *sdp, int pos_media);

/**
 * The protocol of the stream at `pos_media`, as it stands there; NULL when there is none.
 */
char *sdp_message_m_proto_get(sdp_message_t *sdp, int pos_media);

/**
 * Appends a payload type to the stream at `pos_media`. The text belongs to the description from
 * now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or past the end, or OSIP_NOMEM.
 */
int sdp_message_m_payload_add(sdp_message_t *sdp, int pos_media, char *payload);

/**
 * The payload type at `pos` of the stream at `pos_media`; NULL past the end.
 */
char *sdp_message_m_payload_get(sdp_message_t *sdp, int pos_media, int pos);

/**
 * Takes the payload type at `pos` out of the stream at `pos_media` and frees it.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where there is no such stream, or OSIP_UNDEFINED_ERROR
 * past the end of its payload types.
 */
int sdp_message_m_payload_del(sdp_message_t *sdp, int pos_media, int pos);

/**
 * Sets the version: `v=`; the old text is freed. The text belongs to the description from now on.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int sdp_message_v_version_set(sdp_message_t *sdp, char *value);

/**
 * The version, as it stands there; NULL when there is none.
 */
char *sdp_message_v_version_get(sdp_message_t *sdp);

/**
 * Sets who made the session: `o=`; the old texts are freed. The texts belong to the description
 * from now on.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int sdp_message_o_origin_set(sdp_message_t *sdp,
                             char *username,
                             char *sess_id,
                             char *sess_version,
                             char *nettype,
                             char *addrtype,
                             char *addr);

/**
 * The user of the origin, as it stands there; NULL when there is none.
 */
char *sdp_message_o_username_get(sdp_message_t *sdp);

/**
 * The session's id, as it stands there; NULL when there is none.
 */
char *sdp_message_o_sess_id_get(sdp_message_t *sdp);

/**
 * The version of the session, as it stands there; NULL when there is none.
 */
char *sdp_message_o_sess_version_get(sdp_message_t *sdp);

/**
 * The network type of the origin, as it stands there; NULL when there is none.
 */
char *sdp_message_o_nettype_get(sdp_message_t *sdp);

/**
 * The address type of the origin, as it stands there; NULL when there is none.
 */
char *sdp_message_o_addrtype_get(sdp_message_t *sdp);

/**
 * The host of the origin, as it stands there; NULL when there is none.
 */
char *sdp_message_o_addr_get(sdp_message_t *sdp);

/**
 * Sets the name: `s=`; the old text is freed. The text belongs to the description from now on.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int sdp_message_s_name_set(sdp_message_t *sdp, char *value);

/**
 * The name, as it stands there; NULL when there is none.
 */
char *sdp_message_s_name_get(sdp_message_t *sdp);

/**
 * Sets where more stands: `u=`; the old text is freed. The text belongs to the description from
 * now on.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int sdp_message_u_uri_set(sdp_message_t *sdp, char *value);

/**
 * Where more stands, as it stands there; NULL when there is none.
 */
char *sdp_message_u_uri_get(sdp_message_t *sdp);

/**
 * Appends an e-mail address: `e=`. The text belongs to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int sdp_message_e_email_add(sdp_message_t *sdp, char *email);

/**
 * The e-mail address at `pos`, as it stands there; NULL past the end.
 */
char *sdp_message_e_email_get(sdp_message_t *sdp, int pos);

/**
 * Appends a telephone number: `p=`. The text belongs to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int sdp_message_p_phone_add(sdp_message_t *sdp, char *phone);

/**
 * The telephone number at `pos`, as it stands there; NULL past the end.
 */
char *sdp_message_p_phone_get(sdp_message_t *sdp, int pos);

/**
 * Appends when the session is active: `t=`. The texts belong to the description from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int sdp_message_t_time_descr_add(sdp_message_t *sdp, char *start, char *stop);

/**
 * The start of the time at `pos_td`, as it stands there; NULL when there is none.
 */
char *sdp_message_t_start_time_get(sdp_message_t *sdp, int pos_td);

/**
 * The stop of the time at `pos_td`, as it stands there; NULL when there is none.
 */
char *sdp_message_t_stop_time_get(sdp_message_t *sdp, int pos_td);

/**
 * Appends when the time at `pos_time_descr` comes again: `r=`. The text belongs to the description
 * from now on.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_UNDEFINED_ERROR where there is no such time, or
 * OSIP_NOMEM.
 */
int sdp_message_r_repeat_add(sdp_message_t *sdp, int pos_time_descr, char *value);

/**
 * When the time at `pos_time_descr` comes again: the text at `pos_repeat`, as it stands there;
 * NULL past the end.
 */
char *sdp_message_r_repeat_get(sdp_message_t *sdp, int pos_time_descr, int pos_repeat);

/**
 * Sets changes of the time zone: `z=`; the old text is freed. The text belongs to the description
 * from now on.
 *
 * Returns 0, or OSIP_BADPARAMETER for NULL.
 */
int sdp_message_z_adjustments_set(sdp_message_t *sdp, char *value);

/**
 * Changes of the time zone, as it stands there; NULL when there is none.
 */
char *sdp_message_z_adjustments_get(sdp_message_t *sdp);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_SDP_MESSAGE_H */
