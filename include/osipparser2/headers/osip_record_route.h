#ifndef OSIPPARSER2_HEADERS_OSIP_RECORD_ROUTE_H
#define OSIPPARSER2_HEADERS_OSIP_RECORD_ROUTE_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_from.h>

#define osip_record_route_clone osip_from_clone
#define osip_record_route_get_url(header) osip_from_get_url(header)
#define osip_record_route_set_url(header, url) osip_from_set_url((header), (url))
#define osip_record_route_param_get(header, pos, dest) osip_from_param_get((header), (pos), (dest))
#define osip_record_route_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_record_route_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))

/**
 * A name-addr with parameters.
 */
typedef osip_from_t osip_record_route_t;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes an empty Record-Route. The caller frees it with osip_record_route_free.
 *
 * Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `record_route`.
 */
int osip_record_route_init(osip_record_route_t **record_route);

/**
 * Frees a Record-Route with all it holds; NULL is allowed.
 */
void osip_record_route_free(osip_record_route_t *record_route);

/**
 * Reads a Record-Route from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_record_route_parse(osip_record_route_t *record_route, const char *hvalue);

/**
 * Prints a Record-Route; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
 * `dest`.
 */
int osip_record_route_to_str(const osip_record_route_t *record_route, char **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_RECORD_ROUTE_H */
