#ifndef OSIPPARSER2_HEADERS_OSIP_FROM_H
#define OSIPPARSER2_HEADERS_OSIP_FROM_H

/* Generated from the Rust source; do not edit. */

typedef struct osip_from osip_from_t;

#include <osipparser2/osip_list.h>
#include <osipparser2/osip_uri.h>

#define osip_from_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_from_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))
#define osip_from_set_tag(header, value) \
    osip_generic_param_add(&(header)->gen_params, osip_strdup("tag"), (value))
#define osip_from_get_tag(header, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (char *)"tag", (dest))

/**
 * A name-addr with parameters (RFC 3261 section 20.10).
 */
struct osip_from {
  /**
   * The display name as written, quotes included; NULL for none; `*` for the Contact that is a
   * star.
   */
  char *displayname;
  /**
   * The URI.
   */
  osip_uri_t *url;
  /**
   * Parameters behind the URI: osip_generic_param_t.
   */
  osip_list_t gen_params;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty From. The caller frees it with osip_from_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `from`.
 */
int osip_from_init(osip_from_t **from);

/**
 * Frees a From with all it holds; NULL is allowed.
 */
void osip_from_free(osip_from_t *from);

/**
 * Reads a From from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_from_parse(osip_from_t *from, const char *hvalue);

/**
 * Prints a From; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_from_to_str(const osip_from_t *from, char **dest);

/**
 * Copies a From; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_from_clone(const osip_from_t *from, osip_from_t **dest);

/**
 * The displayname of a From, as it stands there; NULL when there is none. It stays the From's.
 */
char *osip_from_get_displayname(osip_from_t *from);

/**
 * Sets the displayname of a From, which owns `value` from now on: it must come from osip_malloc.
 * The old text is not freed.
 */
void osip_from_set_displayname(osip_from_t *from, char *value);

/**
 * The url of a From, as it stands there; NULL when there is none. It stays the From's.
 */
osip_uri_t *osip_from_get_url(osip_from_t *from);

/**
 * Sets the url of a From, which owns `value` from now on: it must come from osip_malloc. The old
 * text is not freed.
 */
void osip_from_set_url(osip_from_t *from, osip_uri_t *value);

/**
 * The parameter at `pos`, from 0; it stays the From's.
 *
 * Returns its position, OSIP_BADPARAMETER for NULL or OSIP_UNDEFINED_ERROR past the end, with NULL
 * in `dest`.
 */
int osip_from_param_get(osip_from_t *from, int pos, osip_generic_param_t **dest);

/**
 * Whether two name the same user at the same host, and no different tags.
 *
 * Returns 0 if they do, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL or where a part is
 * missing.
 */
int osip_from_compare(osip_from_t *from1, osip_from_t *from2);

/**
 * Whether two have the same tag, or neither has one.
 *
 * Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL.
 */
int osip_from_tag_match(osip_from_t *from1, osip_from_t *from2);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_FROM_H */
