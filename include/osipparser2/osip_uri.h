#ifndef OSIPPARSER2_OSIP_URI_H
#define OSIPPARSER2_OSIP_URI_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_uri_param osip_uri_param_t;
typedef struct osip_uri osip_uri_t;

#include <osipparser2/osip_const.h>
#include <osipparser2/osip_list.h>

/* Parameters in the lists of a URI. What is added belongs to the URI. */
#define osip_uri_uparam_add(url, name, value) \
    osip_uri_param_add(&(url)->url_params, (name), (value))
#define osip_uri_uparam_get_byname(url, name, dest) \
    osip_uri_param_get_byname(&(url)->url_params, (name), (dest))
#define osip_uri_uheader_add(url, name, value) \
    osip_uri_header_add(&(url)->url_headers, (name), (value))
#define osip_uri_uheader_get_byname(url, name, dest) \
    osip_uri_header_get_byname(&(url)->url_headers, (name), (dest))

#define osip_uri_set_transport(url, value) \
    osip_uri_uparam_add((url), osip_strdup("transport"), (value))
#define osip_uri_set_transport_udp(url) osip_uri_set_transport((url), osip_strdup("udp"))
#define osip_uri_set_transport_tcp(url) osip_uri_set_transport((url), osip_strdup("tcp"))
#define osip_uri_set_transport_tls(url) osip_uri_set_transport((url), osip_strdup("tls"))
#define osip_uri_set_transport_sctp(url) osip_uri_set_transport((url), osip_strdup("sctp"))
#define osip_uri_set_maddr(url, value) osip_uri_uparam_add((url), osip_strdup("maddr"), (value))
#define osip_uri_set_ttl(url, value) osip_uri_uparam_add((url), osip_strdup("ttl"), (value))
#define osip_uri_set_user_ip(url) osip_uri_uparam_add((url), osip_strdup("user"), osip_strdup("ip"))
#define osip_uri_set_user_phone(url) \
    osip_uri_uparam_add((url), osip_strdup("user"), osip_strdup("phone"))
#define osip_uri_set_method(url, value) osip_uri_uparam_add((url), osip_strdup("method"), (value))
#define osip_uri_set_method_invite(url) osip_uri_set_method((url), osip_strdup("INVITE"))
#define osip_uri_set_method_ack(url) osip_uri_set_method((url), osip_strdup("ACK"))
#define osip_uri_set_method_options(url) osip_uri_set_method((url), osip_strdup("OPTIONS"))
#define osip_uri_set_method_bye(url) osip_uri_set_method((url), osip_strdup("BYE"))
#define osip_uri_set_method_cancel(url) osip_uri_set_method((url), osip_strdup("CANCEL"))
#define osip_uri_set_method_register(url) osip_uri_set_method((url), osip_strdup("REGISTER"))

/* A header inside a URI is a parameter. */
#define osip_uri_header_init(header) osip_uri_param_init(header)
#define osip_uri_header_free(header) osip_uri_param_free(header)
#define osip_uri_header_freelist(headers) osip_uri_param_freelist(headers)
#define osip_uri_header_set(header, name, value) osip_uri_param_set((header), (name), (value))
#define osip_uri_header_clone(header, dest) osip_uri_param_clone((header), (dest))
#define osip_uri_header_add(headers, name, value) osip_uri_param_add((headers), (name), (value))
#define osip_uri_header_get_byname(headers, name, dest) \
    osip_uri_param_get_byname((headers), (name), (dest))

/* So is a parameter behind a header value. */
#define osip_generic_param_init(param) osip_uri_param_init(param)
#define osip_generic_param_free(param) osip_uri_param_free(param)
#define osip_generic_param_freelist(list) osip_uri_param_freelist(list)
#define osip_generic_param_set(param, name, value) osip_uri_param_set((param), (name), (value))
#define osip_generic_param_clone osip_uri_param_clone
#define osip_generic_param_add(list, name, value) osip_uri_param_add((list), (name), (value))
#define osip_generic_param_get_byname(list, name, dest) \
    osip_uri_param_get_byname((list), (char *)(name), (dest))

/**
 * A parameter behind a header value.
 */
typedef osip_uri_param_t osip_generic_param_t;

/**
 * A URI.
 */
struct osip_uri {
  /**
   * `sip`, `sips`, `tel` …, as written.
   */
  char *scheme;
  /**
   * The user part without escapes, or NULL.
   */
  char *username;
  /**
   * The password without escapes, or NULL.
   */
  char *password;
  /**
   * Host name or address; an IPv6 address without its brackets.
   */
  char *host;
  /**
   * The port as written, or NULL.
   */
  char *port;
  /**
   * Parameters: osip_uri_param_t.
   */
  osip_list_t url_params;
  /**
   * Headers: osip_uri_header_t.
   */
  osip_list_t url_headers;
  /**
   * What follows the scheme, where that is neither sip nor sips.
   */
  char *string;
};

/**
 * A header inside a URI.
 */
typedef osip_uri_param_t osip_uri_header_t;

/**
 * A parameter: of a URI, of a header value, or a header inside a URI.
 */
struct osip_uri_param {
  /**
   * Its name.
   */
  char *gname;
  /**
   * Its value, quotes included; NULL for a parameter without one.
   */
  char *gvalue;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty parameter. The caller frees it with osip_uri_param_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `url_param`.
 */
int osip_uri_param_init(osip_uri_param_t **url_param);

/**
 * Frees a parameter with name and value; NULL is allowed.
 */
void osip_uri_param_free(osip_uri_param_t *url_param);

/**
 * Sets name and value of a parameter, which owns both from now on. Returns 0 or OSIP_BADPARAMETER.
 */
int osip_uri_param_set(osip_uri_param_t *url_param, char *name, char *value);

/**
 * Copies a parameter; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or a parameter without name, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_uri_param_clone(const osip_uri_param_t *url_param, osip_uri_param_t **dest);

/**
 * Frees all parameters of a list; the list is empty. NULL is allowed.
 */
void osip_uri_param_freelist(osip_list_t *url_params);

/**
 * Appends a parameter, which owns `name` and `value` from now on: they come from osip_malloc.
 * `value` may be NULL.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM; after an error both are still the caller's.
 */
int osip_uri_param_add(osip_list_t *url_params, char *name, char *value);

/**
 * Finds a parameter by its name, without case. It stays the list's.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or an empty name, or OSIP_UNDEFINED_ERROR when there is
 * none, with NULL in `url_param`.
 */
int osip_uri_param_get_byname(osip_list_t *url_params, char *name, osip_uri_param_t **url_param);

/**
 * Makes an empty URI. The caller frees it with osip_uri_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `url`.
 */
int osip_uri_init(osip_uri_t **url);

/**
 * Frees a URI with all it holds; NULL is allowed.
 */
void osip_uri_free(osip_uri_t *url);

/**
 * Reads a URI from its text, without brackets; what it held before is freed. Broken parameters are
 * left out.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or no text, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_uri_parse(osip_uri_t *url, const char *buf);

/**
 * Appends the headers of `?name=value&name=value`.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_uri_parse_headers(osip_uri_t *url, const char *headers);

/**
 * Appends the parameters of `;name=value;name`.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_uri_parse_params(osip_uri_t *url, const char *params);

/**
 * Prints a URI; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_uri_to_str(const osip_uri_t *url, char **dest);

/**
 * Prints a URI without escapes; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or a URI without host, or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_uri_to_str_canonical(const osip_uri_t *url, char **dest);

/**
 * Copies a URI; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or a URI without host, or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_uri_clone(const osip_uri_t *url, osip_uri_t **dest);

/**
 * The scheme of a URI, as it stands there; NULL when there is none. It stays the URI's.
 */
char *osip_uri_get_scheme(osip_uri_t *url);

/**
 * Sets the scheme of a URI, which owns `value` from now on: it must come from osip_malloc. The old
 * text is not freed.
 */
void osip_uri_set_scheme(osip_uri_t *url, char *value);

/**
 * The username of a URI, as it stands there; NULL when there is none. It stays the URI's.
 */
char *osip_uri_get_username(osip_uri_t *url);

/**
 * Sets the username of a URI, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void osip_uri_set_username(osip_uri_t *url, char *value);

/**
 * The password of a URI, as it stands there; NULL when there is none. It stays the URI's.
 */
char *osip_uri_get_password(osip_uri_t *url);

/**
 * Sets the password of a URI, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void osip_uri_set_password(osip_uri_t *url, char *value);

/**
 * The host of a URI, as it stands there; NULL when there is none. It stays the URI's.
 */
char *osip_uri_get_host(osip_uri_t *url);

/**
 * Sets the host of a URI, which owns `value` from now on: it must come from osip_malloc. The old
 * text is not freed.
 */
void osip_uri_set_host(osip_uri_t *url, char *value);

/**
 * The port of a URI, as it stands there; NULL when there is none. It stays the URI's.
 */
char *osip_uri_get_port(osip_uri_t *url);

/**
 * Sets the port of a URI, which owns `value` from now on: it must come from osip_malloc. The old
 * text is not freed.
 */
void osip_uri_set_port(osip_uri_t *url, char *value);

/**
 * A copy with `%41` escapes where a userinfo needs them; the caller frees it. NULL on errors.
 */
char *__osip_uri_escape_userinfo(const char *string);

/**
 * A copy with `%41` escapes where a password needs them; the caller frees it. NULL on errors.
 */
char *__osip_uri_escape_password(const char *string);

/**
 * A copy with `%41` escapes where a uri param needs them; the caller frees it. NULL on errors.
 */
char *__osip_uri_escape_uri_param(char *string);

/**
 * A copy with `%41` escapes where a header param needs them; the caller frees it. NULL on errors.
 */
char *__osip_uri_escape_header_param(char *string);

/**
 * Where `separator_osip_to_find` first stands in `ch`, unless `before_separator` stands before it:
 * then, and where it does not stand there, NULL. 0 stands at the end; `before_separator` 0: at no
 * place.
 */
const char *next_separator(const char *ch, int separator_osip_to_find, int before_separator);

/**
 * A copy with `%41` escapes for all but ASCII letters and digits and what of `def` is ASCII, marks
 * of RFC 3261 too; the caller frees it. NULL on errors.
 */
char *__osip_uri_escape_nonascii_and_nondef(const char *string, const char *def);

/**
 * Resolves `%41` escapes in place.
 */
void __osip_uri_unescape(char *string);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_OSIP_URI_H */
