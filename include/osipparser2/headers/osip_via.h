#ifndef OSIPPARSER2_HEADERS_OSIP_VIA_H
#define OSIPPARSER2_HEADERS_OSIP_VIA_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_via osip_via_t;

#include <osipparser2/osip_list.h>

#define osip_via_get_version via_get_version
#define osip_via_set_version via_set_version
#define osip_via_get_protocol via_get_protocol
#define osip_via_set_protocol via_set_protocol
#define osip_via_get_host via_get_host
#define osip_via_set_host via_set_host
#define osip_via_get_port via_get_port
#define osip_via_set_port via_set_port
#define osip_via_get_comment via_get_comment
#define osip_via_set_comment via_set_comment

#define osip_via_param_add(header, name, value) \
    osip_generic_param_add(&(header)->via_params, (name), (value))
#define osip_via_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->via_params, (name), (dest))
#define osip_via_set_hidden(header) osip_via_param_add((header), osip_strdup("hidden"), NULL)
#define osip_via_set_ttl(header, value) osip_via_param_add((header), osip_strdup("ttl"), (value))
#define osip_via_set_maddr(header, value) \
    osip_via_param_add((header), osip_strdup("maddr"), (value))
#define osip_via_set_received(header, value) \
    osip_via_param_add((header), osip_strdup("received"), (value))
#define osip_via_set_branch(header, value) \
    osip_via_param_add((header), osip_strdup("branch"), (value))

/**
 * One Via.
 */
struct osip_via {
  /**
   * `2.0`
   */
  char *version;
  /**
   * `UDP`, `TCP` …
   */
  char *protocol;
  /**
   * Where it was sent from; an IPv6 address without its brackets.
   */
  char *host;
  /**
   * The port as written, or NULL.
   */
  char *port;
  /**
   * What stands in parentheses, or NULL.
   */
  char *comment;
  /**
   * Parameters: osip_generic_param_t.
   */
  osip_list_t via_params;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty Via. The caller frees it with osip_via_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `via`.
 */
int osip_via_init(osip_via_t **via);

/**
 * Frees a Via with all it holds; NULL is allowed.
 */
void osip_via_free(osip_via_t *via);

/**
 * Reads a Via from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_via_parse(osip_via_t *via, const char *hvalue);

/**
 * Prints a Via; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_via_to_str(const osip_via_t *via, char **dest);

/**
 * Copies a Via; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_via_clone(const osip_via_t *via, osip_via_t **dest);

/**
 * The version of a Via, as it stands there; NULL when there is none. It stays the Via's.
 */
char *via_get_version(osip_via_t *via);

/**
 * Sets the version of a Via, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void via_set_version(osip_via_t *via, char *value);

/**
 * The protocol of a Via, as it stands there; NULL when there is none. It stays the Via's.
 */
char *via_get_protocol(osip_via_t *via);

/**
 * Sets the protocol of a Via, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void via_set_protocol(osip_via_t *via, char *value);

/**
 * The host of a Via, as it stands there; NULL when there is none. It stays the Via's.
 */
char *via_get_host(osip_via_t *via);

/**
 * Sets the host of a Via, which owns `value` from now on: it must come from osip_malloc. The old
 * text is not freed.
 */
void via_set_host(osip_via_t *via, char *value);

/**
 * The port of a Via, as it stands there; NULL when there is none. It stays the Via's.
 */
char *via_get_port(osip_via_t *via);

/**
 * Sets the port of a Via, which owns `value` from now on: it must come from osip_malloc. The old
 * text is not freed.
 */
void via_set_port(osip_via_t *via, char *value);

/**
 * The comment of a Via, as it stands there; NULL when there is none. It stays the Via's.
 */
char *via_get_comment(osip_via_t *via);

/**
 * Sets the comment of a Via, which owns `value` from now on: it must come from osip_malloc. The
 * old text is not freed.
 */
void via_set_comment(osip_via_t *via, char *value);

/**
 * Whether two are equal to the letter.
 *
 * Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
 * missing.
 */
int osip_via_match(osip_via_t *via1, osip_via_t *via2);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_VIA_H */
