#ifndef OSIPPARSER2_OSIP_PARSER_H
#define OSIPPARSER2_OSIP_PARSER_H

/* Generated from the Rust source; do not edit. */

#include <stddef.h>
#include <osipparser2/headers/osip_accept.h>
#include <osipparser2/headers/osip_accept_encoding.h>
#include <osipparser2/headers/osip_accept_language.h>
#include <osipparser2/headers/osip_alert_info.h>
#include <osipparser2/headers/osip_allow.h>
#include <osipparser2/headers/osip_authentication_info.h>
#include <osipparser2/headers/osip_authorization.h>
#include <osipparser2/headers/osip_call_id.h>
#include <osipparser2/headers/osip_call_info.h>
#include <osipparser2/headers/osip_contact.h>
#include <osipparser2/headers/osip_content_encoding.h>
#include <osipparser2/headers/osip_content_length.h>
#include <osipparser2/headers/osip_content_type.h>
#include <osipparser2/headers/osip_cseq.h>
#include <osipparser2/headers/osip_error_info.h>
#include <osipparser2/headers/osip_from.h>
#include <osipparser2/headers/osip_header.h>
#include <osipparser2/headers/osip_mime_version.h>
#include <osipparser2/headers/osip_proxy_authenticate.h>
#include <osipparser2/headers/osip_proxy_authentication_info.h>
#include <osipparser2/headers/osip_proxy_authorization.h>
#include <osipparser2/headers/osip_record_route.h>
#include <osipparser2/headers/osip_route.h>
#include <osipparser2/headers/osip_to.h>
#include <osipparser2/headers/osip_via.h>
#include <osipparser2/headers/osip_www_authenticate.h>
#include <osipparser2/osip_body.h>

#include <osipparser2/osip_message.h>

/* Header fields without a type of their own, by name. */
#define osip_message_set_content_language(sip, value) \
    osip_message_set_header((sip), "Content-Language", (value))
#define osip_message_get_content_language(sip, pos, dest) \
    osip_message_header_get_byname((sip), "content-language", (pos), (dest))
#define osip_message_set_date(sip, value) osip_message_set_header((sip), "Date", (value))
#define osip_message_get_date(sip, pos, dest) \
    osip_message_header_get_byname((sip), "date", (pos), (dest))
#define osip_message_set_encryption(sip, value) \
    osip_message_set_header((sip), "Encryption", (value))
#define osip_message_get_encryption(sip, pos, dest) \
    osip_message_header_get_byname((sip), "encryption", (pos), (dest))
#define osip_message_set_expires(sip, value) osip_message_set_header((sip), "Expires", (value))
#define osip_message_get_expires(sip, pos, dest) \
    osip_message_header_get_byname((sip), "expires", (pos), (dest))
#define osip_message_set_in_reply_to(sip, value) \
    osip_message_set_header((sip), "In-Reply-To", (value))
#define osip_message_get_in_reply_to(sip, pos, dest) \
    osip_message_header_get_byname((sip), "in-reply-to", (pos), (dest))
#define osip_message_set_max_forwards(sip, value) \
    osip_message_set_header((sip), "Max-Forwards", (value))
#define osip_message_get_max_forwards(sip, pos, dest) \
    osip_message_header_get_byname((sip), "max-forwards", (pos), (dest))
#define osip_message_set_organization(sip, value) \
    osip_message_set_header((sip), "Organization", (value))
#define osip_message_get_organization(sip, pos, dest) \
    osip_message_header_get_byname((sip), "organization", (pos), (dest))
#define osip_message_set_priority(sip, value) osip_message_set_header((sip), "Priority", (value))
#define osip_message_get_priority(sip, pos, dest) \
    osip_message_header_get_byname((sip), "priority", (pos), (dest))
#define osip_message_set_proxy_require(sip, value) \
    osip_message_set_header((sip), "Proxy-Require", (value))
#define osip_message_get_proxy_require(sip, pos, dest) \
    osip_message_header_get_byname((sip), "proxy-require", (pos), (dest))
#define osip_message_set_require(sip, value) osip_message_set_header((sip), "Require", (value))
#define osip_message_get_require(sip, pos, dest) \
    osip_message_header_get_byname((sip), "require", (pos), (dest))
#define osip_message_set_response_key(sip, value) \
    osip_message_set_header((sip), "Response-Key", (value))
#define osip_message_get_response_key(sip, pos, dest) \
    osip_message_header_get_byname((sip), "response-key", (pos), (dest))
#define osip_message_set_retry_after(sip, value) \
    osip_message_set_header((sip), "Retry-After", (value))
#define osip_message_get_retry_after(sip, pos, dest) \
    osip_message_header_get_byname((sip), "retry-after", (pos), (dest))
#define osip_message_set_server(sip, value) osip_message_set_header((sip), "Server", (value))
#define osip_message_get_server(sip, pos, dest) \
    osip_message_header_get_byname((sip), "server", (pos), (dest))
#define osip_message_set_subject(sip, value) osip_message_set_header((sip), "Subject", (value))
#define osip_message_get_subject(sip, pos, dest) \
    osip_message_header_get_byname((sip), "subject", (pos), (dest))
#define osip_message_set_supported(sip, value) osip_message_set_header((sip), "Supported", (value))
#define osip_message_get_supported(sip, pos, dest) \
    osip_message_header_get_byname((sip), "supported", (pos), (dest))
#define osip_message_set_timestamp(sip, value) osip_message_set_header((sip), "Timestamp", (value))
#define osip_message_get_timestamp(sip, pos, dest) \
    osip_message_header_get_byname((sip), "timestamp", (pos), (dest))
#define osip_message_set_unsupported(sip, value) \
    osip_message_set_header((sip), "Unsupported", (value))
#define osip_message_get_unsupported(sip, pos, dest) \
    osip_message_header_get_byname((sip), "unsupported", (pos), (dest))
#define osip_message_set_user_agent(sip, value) \
    osip_message_set_header((sip), "User-Agent", (value))
#define osip_message_get_user_agent(sip, pos, dest) \
    osip_message_header_get_byname((sip), "user-agent", (pos), (dest))
#define osip_message_set_warning(sip, value) osip_message_set_header((sip), "Warning", (value))
#define osip_message_get_warning(sip, pos, dest) \
    osip_message_header_get_byname((sip), "warning", (pos), (dest))

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Does nothing: this library needs no preparation. Returns 0.
 */
int parser_init(void);

/**
 * Names one more header field that is a comma list, which osip_message_parse takes apart. NULL or
 * no text does nothing.
 *
 * Returns 0, or OSIP_NOMEM after 64 names.
 */
int parser_add_comma_separated_header(const char *hname);

/**
 * Notes in the top Via of a received request where it came from: `received`, and the value of an
 * empty `rport` (RFC 3581).
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or no Via, or OSIP_NOMEM.
 */
int osip_message_fix_last_via_header(osip_message_t *request, const char *ip_addr, int port);

/**
 * Whether the text kept in the message is good: 1 it is, 2 something changed, 3 there is none yet.
 *
 * Returns OSIP_BADPARAMETER for NULL.
 */
int osip_message_get__property(const osip_message_t *sip);

/**
 * Says that the program changed the struct, so that osip_message_to_str prints it anew.
 *
 * Returns 0 or OSIP_BADPARAMETER.
 */
int osip_message_force_update(osip_message_t *sip);

/**
 * The reason phrase of a status code; NULL for one without. Not to be freed.
 */
const char *osip_message_get_reason(int status_code);

/**
 * Reads one Accept and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_accept(osip_message_t *sip, const char *hvalue);

/**
 * The Accept at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_accept(const osip_message_t *sip, int pos, osip_accept_t **dest);

/**
 * Reads one Accept-Encoding and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_accept_encoding(osip_message_t *sip, const char *hvalue);

/**
 * The Accept-Encoding at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_accept_encoding(const osip_message_t *sip,
                                     int pos,
                                     osip_accept_encoding_t **dest);

/**
 * Reads one Accept-Language and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_accept_language(osip_message_t *sip, const char *hvalue);

/**
 * The Accept-Language at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_accept_language(const osip_message_t *sip,
                                     int pos,
                                     osip_accept_language_t **dest);

/**
 * Reads one Alert-Info and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_alert_info(osip_message_t *sip, const char *hvalue);

/**
 * The Alert-Info at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_alert_info(const osip_message_t *sip, int pos, osip_alert_info_t **dest);

/**
 * Reads one Allow and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_allow(osip_message_t *sip, const char *hvalue);

/**
 * The Allow at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_allow(const osip_message_t *sip, int pos, osip_allow_t **dest);

/**
 * Reads one Authentication-Info and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_authentication_info(osip_message_t *sip, const char *hvalue);

/**
 * The Authentication-Info at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_authentication_info(const osip_message_t *sip,
                                         int pos,
                                         osip_authentication_info_t **dest);

/**
 * Reads one Authorization and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_authorization(osip_message_t *sip, const char *hvalue);

/**
 * The Authorization at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_authorization(const osip_message_t *sip, int pos, osip_authorization_t **dest);

/**
 * Reads one Call-Info and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_call_info(osip_message_t *sip, const char *hvalue);

/**
 * The Call-Info at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_call_info(const osip_message_t *sip, int pos, osip_call_info_t **dest);

/**
 * Reads one Contact and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_contact(osip_message_t *sip, const char *hvalue);

/**
 * The Contact at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_contact(const osip_message_t *sip, int pos, osip_contact_t **dest);

/**
 * Reads one Content-Encoding and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_content_encoding(osip_message_t *sip, const char *hvalue);

/**
 * The Content-Encoding at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_content_encoding(const osip_message_t *sip,
                                      int pos,
                                      osip_content_encoding_t **dest);

/**
 * Reads one Error-Info and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_error_info(osip_message_t *sip, const char *hvalue);

/**
 * The Error-Info at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_error_info(const osip_message_t *sip, int pos, osip_error_info_t **dest);

/**
 * Reads one Proxy-Authenticate and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_proxy_authenticate(osip_message_t *sip, const char *hvalue);

/**
 * The Proxy-Authenticate at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_proxy_authenticate(const osip_message_t *sip,
                                        int pos,
                                        osip_proxy_authenticate_t **dest);

/**
 * Reads one Proxy-Authorization and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_proxy_authorization(osip_message_t *sip, const char *hvalue);

/**
 * The Proxy-Authorization at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_proxy_authorization(const osip_message_t *sip,
                                         int pos,
                                         osip_proxy_authorization_t **dest);

/**
 * Reads one Proxy-Authentication-Info and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_proxy_authentication_info(osip_message_t *sip, const char *hvalue);

/**
 * The Proxy-Authentication-Info at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_proxy_authentication_info(const osip_message_t *sip,
                                               int pos,
                                               osip_proxy_authentication_info_t **dest);

/**
 * Reads one Record-Route and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_record_route(osip_message_t *sip, const char *hvalue);

/**
 * The Record-Route at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_record_route(const osip_message_t *sip, int pos, osip_record_route_t **dest);

/**
 * Reads one Route and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_route(osip_message_t *sip, const char *hvalue);

/**
 * The Route at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_route(const osip_message_t *sip, int pos, osip_route_t **dest);

/**
 * Reads one Via and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_via(osip_message_t *sip, const char *hvalue);

/**
 * The Via at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_via(const osip_message_t *sip, int pos, osip_via_t **dest);

/**
 * Reads one Via and puts it on top.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_append_via(osip_message_t *sip, const char *hvalue);

/**
 * Reads one WWW-Authenticate and appends it. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_www_authenticate(osip_message_t *sip, const char *hvalue);

/**
 * The WWW-Authenticate at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_www_authenticate(const osip_message_t *sip,
                                      int pos,
                                      osip_www_authenticate_t **dest);

/**
 * Reads a header line as osip_message_parse does: comma lists are taken apart, known names go
 * where they belong.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_multiple_header(osip_message_t *sip, char *hname, char *hvalue);

/**
 * Appends a header field to those without a type of their own. `hvalue` may be NULL.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_message_set_header(osip_message_t *sip, const char *hname, const char *hvalue);

/**
 * Takes out the first header field of that name, if there is one, and appends the new one.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_message_replace_header(osip_message_t *sip, const char *hname, const char *hvalue);

/**
 * Puts a header field before the others without a type of their own.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_message_set_topheader(osip_message_t *sip, const char *hname, const char *hvalue);

/**
 * Finds a header field by its name, without case, among those without a type of their own, from
 * `pos` on. It stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR when there is none,
 * with NULL in `dest`.
 */
int osip_message_header_get_byname(const osip_message_t *sip,
                                   const char *hname,
                                   int pos,
                                   osip_header_t **dest);

/**
 * The header field at `pos` among those without a type of their own; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_header(const osip_message_t *sip, int pos, osip_header_t **dest);

/**
 * Appends a copy of `length` bytes as a body. Set the Content-Type too.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or OSIP_NOMEM.
 */
int osip_message_set_body(osip_message_t *sip, const char *buf, size_t length);

/**
 * Appends a body with headers of its own: a part of a multipart.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_message_set_body_mime(osip_message_t *sip, const char *buf, size_t length);

/**
 * The body at `pos`, from 0; it stays the message's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_message_get_body(const osip_message_t *sip, int pos, osip_body_t **dest);

/**
 * Reads the Call-ID of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_call_id(osip_message_t *sip, const char *hvalue);

/**
 * The Call-ID, as it stands there; NULL when there is none. It stays the message's.
 */
osip_call_id_t *osip_message_get_call_id(const osip_message_t *sip);

/**
 * Reads the Content-Length of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_content_length(osip_message_t *sip, const char *hvalue);

/**
 * The Content-Length, as it stands there; NULL when there is none. It stays the message's.
 */
osip_content_length_t *osip_message_get_content_length(const osip_message_t *sip);

/**
 * Reads the Content-Type of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_BADPARAMETER when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_content_type(osip_message_t *sip, const char *hvalue);

/**
 * The Content-Type, as it stands there; NULL when there is none. It stays the message's.
 */
osip_content_type_t *osip_message_get_content_type(const osip_message_t *sip);

/**
 * Reads the CSeq of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_BADPARAMETER when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_cseq(osip_message_t *sip, const char *hvalue);

/**
 * The CSeq, as it stands there; NULL when there is none. It stays the message's.
 */
osip_cseq_t *osip_message_get_cseq(const osip_message_t *sip);

/**
 * Reads the From of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_from(osip_message_t *sip, const char *hvalue);

/**
 * The From, as it stands there; NULL when there is none. It stays the message's.
 */
osip_from_t *osip_message_get_from(const osip_message_t *sip);

/**
 * Reads the MIME-Version of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_mime_version(osip_message_t *sip, const char *hvalue);

/**
 * The MIME-Version, as it stands there; NULL when there is none. It stays the message's.
 */
osip_mime_version_t *osip_message_get_mime_version(const osip_message_t *sip);

/**
 * Reads the To of a message that has none yet. NULL or an empty text does nothing.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR when there is one, OSIP_SYNTAXERROR or
 * OSIP_NOMEM.
 */
int osip_message_set_to(osip_message_t *sip, const char *hvalue);

/**
 * The To, as it stands there; NULL when there is none. It stays the message's.
 */
osip_to_t *osip_message_get_to(const osip_message_t *sip);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_PARSER_H */
