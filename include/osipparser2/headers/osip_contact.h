#ifndef OSIPPARSER2_HEADERS_OSIP_CONTACT_H
#define OSIPPARSER2_HEADERS_OSIP_CONTACT_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_from.h>

#define osip_contact_get_url(header) osip_from_get_url(header)
#define osip_contact_set_url(header, url) osip_from_set_url((header), (url))
#define osip_contact_param_get(header, pos, dest) osip_from_param_get((header), (pos), (dest))
#define osip_contact_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_contact_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))
#define osip_contact_get_displayname(header) osip_from_get_displayname(header)
#define osip_contact_set_displayname(header, value) osip_from_set_displayname((header), (value))

/**
 * A name-addr with parameters, or `*`: then `displayname` is `*` and there is no URI.
 */
typedef osip_from_t osip_contact_t;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty Contact. The caller frees it with osip_contact_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `contact`.
 */
int osip_contact_init(osip_contact_t **contact);

/**
 * Frees a Contact with all it holds; NULL is allowed.
 */
void osip_contact_free(osip_contact_t *contact);

/**
 * Reads a Contact from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_contact_parse(osip_contact_t *contact, const char *hvalue);

/**
 * Prints a Contact; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_contact_to_str(const osip_contact_t *contact, char **dest);

/**
 * Copies a Contact; the caller frees the copy.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_contact_clone(const osip_contact_t *contact, osip_contact_t **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CONTACT_H */
