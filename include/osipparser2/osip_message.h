#ifndef OSIPPARSER2_OSIP_MESSAGE_H
#define OSIPPARSER2_OSIP_MESSAGE_H

/* Generated from the Rust source; do not edit. */

#include <stddef.h>
#include <osipparser2/headers/osip_call_id.h>
#include <osipparser2/headers/osip_content_length.h>
#include <osipparser2/headers/osip_content_type.h>
#include <osipparser2/headers/osip_cseq.h>
#include <osipparser2/headers/osip_from.h>
#include <osipparser2/headers/osip_mime_version.h>
#include <osipparser2/headers/osip_to.h>
#include <osipparser2/osip_list.h>
#include <osipparser2/osip_uri.h>
typedef struct osip_message osip_message_t;

#include <string.h>

#include <osipparser2/osip_body.h>
#include <osipparser2/osip_const.h>
#include <osipparser2/osip_headers.h>

/* What a message is. */
#define MSG_IS_RESPONSE(msg) ((msg)->status_code != 0)
#define MSG_IS_REQUEST(msg) ((msg)->status_code == 0)
#define MSG_IS_INVITE(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "INVITE"))
#define MSG_IS_ACK(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "ACK"))
#define MSG_IS_REGISTER(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "REGISTER"))
#define MSG_IS_BYE(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "BYE"))
#define MSG_IS_OPTIONS(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "OPTIONS"))
#define MSG_IS_INFO(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "INFO"))
#define MSG_IS_CANCEL(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "CANCEL"))
#define MSG_IS_REFER(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "REFER"))
#define MSG_IS_NOTIFY(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "NOTIFY"))
#define MSG_IS_SUBSCRIBE(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "SUBSCRIBE"))
#define MSG_IS_MESSAGE(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "MESSAGE"))
#define MSG_IS_PRACK(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "PRACK"))
#define MSG_IS_UPDATE(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "UPDATE"))
#define MSG_IS_PUBLISH(msg) (MSG_IS_REQUEST(msg) && 0 == strcmp((msg)->sip_method, "PUBLISH"))
#define MSG_IS_STATUS_1XX(msg) ((msg)->status_code >= 100 && (msg)->status_code < 200)
#define MSG_IS_STATUS_2XX(msg) ((msg)->status_code >= 200 && (msg)->status_code < 300)
#define MSG_IS_STATUS_3XX(msg) ((msg)->status_code >= 300 && (msg)->status_code < 400)
#define MSG_IS_STATUS_4XX(msg) ((msg)->status_code >= 400 && (msg)->status_code < 500)
#define MSG_IS_STATUS_5XX(msg) ((msg)->status_code >= 500 && (msg)->status_code < 600)
#define MSG_IS_STATUS_6XX(msg) ((msg)->status_code >= 600 && (msg)->status_code < 700)
#define MSG_TEST_CODE(msg, code) (MSG_IS_RESPONSE(msg) && (code) == (msg)->status_code)
#define MSG_IS_RESPONSE_FOR(msg, requestname) \
    (MSG_IS_RESPONSE(msg) && 0 == strcmp((msg)->cseq->method, (requestname)))

/**
 * A message.
 */
struct osip_message {
  /**
   * `SIP/2.0`
   */
  char *sip_version;
  /**
   * The Request-URI; NULL in a response.
   */
  osip_uri_t *req_uri;
  /**
   * The method; NULL in a response.
   */
  char *sip_method;
  /**
   * The status; 0 in a request.
   */
  int status_code;
  /**
   * The reason phrase; NULL in a request.
   */
  char *reason_phrase;
  /**
   * osip_accept_t
   */
  osip_list_t accepts;
  /**
   * osip_accept_encoding_t
   */
  osip_list_t accept_encodings;
  /**
   * osip_accept_language_t
   */
  osip_list_t accept_languages;
  /**
   * osip_alert_info_t
   */
  osip_list_t alert_infos;
  /**
   * osip_allow_t
   */
  osip_list_t allows;
  /**
   * osip_authentication_info_t
   */
  osip_list_t authentication_infos;
  /**
   * osip_authorization_t
   */
  osip_list_t authorizations;
  /**
   * Call-ID
   */
  osip_call_id_t *call_id;
  /**
   * osip_call_info_t
   */
  osip_list_t call_infos;
  /**
   * osip_contact_t
   */
  osip_list_t contacts;
  /**
   * osip_content_encoding_t
   */
  osip_list_t content_encodings;
  /**
   * Content-Length as received; the one that is printed is counted.
   */
  osip_content_length_t *content_length;
  /**
   * Content-Type
   */
  osip_content_type_t *content_type;
  /**
   * CSeq
   */
  osip_cseq_t *cseq;
  /**
   * osip_error_info_t
   */
  osip_list_t error_infos;
  /**
   * From
   */
  osip_from_t *from;
  /**
   * MIME-Version
   */
  osip_mime_version_t *mime_version;
  /**
   * osip_proxy_authenticate_t
   */
  osip_list_t proxy_authenticates;
  /**
   * osip_proxy_authentication_info_t
   */
  osip_list_t proxy_authentication_infos;
  /**
   * osip_proxy_authorization_t
   */
  osip_list_t proxy_authorizations;
  /**
   * osip_record_route_t
   */
  osip_list_t record_routes;
  /**
   * osip_route_t
   */
  osip_list_t routes;
  /**
   * To
   */
  osip_to_t *to;
  /**
   * osip_via_t
   */
  osip_list_t vias;
  /**
   * osip_www_authenticate_t
   */
  osip_list_t www_authenticates;
  /**
   * All other header fields: osip_header_t.
   */
  osip_list_t headers;
  /**
   * osip_body_t
   */
  osip_list_t bodies;
  /**
   * 1: `message` is good; 2: something changed; 3: there is none yet.
   */
  int message_property;
  /**
   * The text as it was last printed, or NULL.
   */
  char *message;
  /**
   * Its length, bytes.
   */
  size_t message_length;
  /**
   * The program's own; never touched here.
   */
  void *application_data;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty message. The caller frees it with osip_message_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `sip`.
 */
int osip_message_init(osip_message_t **sip);

/**
 * Frees a message with all it holds; NULL is allowed.
 */
void osip_message_free(osip_message_t *sip);

/**
 * Reads a message of `length` bytes; what `sip` held before is freed.
 *
 * Empty lines before it are skipped, header lines may be folded, and lines may end with CRLF, CR
 * or LF. Challenges and credentials that do not parse are left out; a body without Content-Type
 * is, too.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM; after an error the
 * message holds what was read so far.
 */
int osip_message_parse(osip_message_t *sip, const char *buf, size_t length);

/**
 * Reads a part of a message (RFC 3420), which needs no first line.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM; after an error the
 * message holds what was read so far.
 */
int osip_message_parse_sipfrag(osip_message_t *sip, const char *buf, size_t length);

/**
 * Prints a message; the caller frees the text with osip_free. A body may hold NUL bytes:
 * `message_length`, which may be NULL, gets the length.
 *
 * The text is kept, and given again until something changes; see osip_message_force_update.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_message_to_str(osip_message_t *sip, char **dest, size_t *message_length);

/**
 * Prints a part of a message (RFC 3420): without a first line where there is none, without
 * Content-Length where there is no body.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_message_to_str_sipfrag(osip_message_t *sip, char **dest, size_t *message_length);

/**
 * Copies a message with all it holds, except `application_data`; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_message_clone(const osip_message_t *sip, osip_message_t **dest);

/**
 * Sets the reason phrase of a message, which the message owns from now on. The old one is not
 * freed, and the kept text is not printed anew.
 */
void osip_message_set_reason_phrase(osip_message_t *sip, char *value);

/**
 * The reason phrase of a message, as it stands there. It stays the message's.
 */
char *osip_message_get_reason_phrase(const osip_message_t *sip);

/**
 * Sets the status of a message.
 */
void osip_message_set_status_code(osip_message_t *sip, int value);

/**
 * The status of a message, 0 for a request; OSIP_BADPARAMETER for NULL.
 */
int osip_message_get_status_code(const osip_message_t *sip);

/**
 * Sets the method of a message, which the message owns from now on. The old one is not
 * freed, and the kept text is not printed anew.
 */
void osip_message_set_method(osip_message_t *sip, char *value);

/**
 * The method of a message, as it stands there. It stays the message's.
 */
char *osip_message_get_method(const osip_message_t *sip);

/**
 * Sets the version of a message, which the message owns from now on. The old one is not
 * freed, and the kept text is not printed anew.
 */
void osip_message_set_version(osip_message_t *sip, char *value);

/**
 * The version of a message, as it stands there. It stays the message's.
 */
char *osip_message_get_version(const osip_message_t *sip);

/**
 * Sets the Request-URI of a message, which the message owns from now on. The old one is not
 * freed, and the kept text is not printed anew.
 */
void osip_message_set_uri(osip_message_t *sip, osip_uri_t *value);

/**
 * The Request-URI of a message, as it stands there. It stays the message's.
 */
osip_uri_t *osip_message_get_uri(const osip_message_t *sip);

/**
 * Sets the name of a parameter, which owns it from now on. The old one is not freed.
 */
void osip_generic_param_set_name(osip_generic_param_t *param, char *value);

/**
 * The name of a parameter, as it stands there; NULL when there is none.
 */
char *osip_generic_param_get_name(const osip_generic_param_t *param);

/**
 * Sets the value of a parameter, which owns it from now on. The old one is not freed.
 */
void osip_generic_param_set_value(osip_generic_param_t *param, char *value);

/**
 * The value of a parameter, as it stands there; NULL when there is none.
 */
char *osip_generic_param_get_value(const osip_generic_param_t *param);

/**
 * The element at `pos` of one of a message's lists.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_knownheaderlist(osip_list_t *header_list, int pos, void **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_MESSAGE_H */
