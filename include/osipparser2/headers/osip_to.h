#ifndef OSIPPARSER2_HEADERS_OSIP_TO_H
#define OSIPPARSER2_HEADERS_OSIP_TO_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_from.h>

#define osip_to_get_url(header) osip_from_get_url(header)
#define osip_to_set_url(header, url) osip_from_set_url((header), (url))
#define osip_to_param_get(header, pos, dest) osip_from_param_get((header), (pos), (dest))
#define osip_to_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_to_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))
#define osip_to_get_displayname(header) osip_from_get_displayname(header)
#define osip_to_set_displayname(header, value) osip_from_set_displayname((header), (value))
#define osip_to_compare(header1, header2) osip_from_compare((header1), (header2))
#define osip_to_set_tag(header, value) \
    osip_generic_param_add(&(header)->gen_params, osip_strdup("tag"), (value))
#define osip_to_get_tag(header, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (char *)"tag", (dest))

/**
 * A name-addr with parameters.
 */
typedef osip_from_t osip_to_t;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty To. The caller frees it with osip_to_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `to`.
 */
int osip_to_init(osip_to_t **to);

/**
 * Frees a To with all it holds; NULL is allowed.
 */
void osip_to_free(osip_to_t *to);

/**
 * Reads a To from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_to_parse(osip_to_t *to, const char *hvalue);

/**
 * Prints a To; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or without a URI, or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_to_to_str(const osip_to_t *to, char **dest);

/**
 * Copies a To; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_to_clone(const osip_to_t *to, osip_to_t **dest);

/**
 * Whether two have the same tag, or neither has one.
 *
 * Returns 0 if so, OSIP_UNDEFINED_ERROR if not, OSIP_BADPARAMETER for NULL.
 */
int osip_to_tag_match(osip_to_t *to1, osip_to_t *to2);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_TO_H */
