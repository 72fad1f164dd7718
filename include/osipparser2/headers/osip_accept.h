#ifndef OSIPPARSER2_HEADERS_OSIP_ACCEPT_H
#define OSIPPARSER2_HEADERS_OSIP_ACCEPT_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_content_type.h>

#define accept_init(header) osip_content_type_init(header)
#define osip_accept_init(header) osip_content_type_init(header)
#define osip_accept_free osip_content_type_free
#define osip_accept_parse(header, hvalue) osip_content_type_parse((header), (hvalue))
#define osip_accept_clone osip_content_type_clone
#define osip_accept_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_accept_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))

/**
 * A media range.
 */
typedef osip_content_type_t osip_accept_t;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Prints a media range; the caller frees the text with osip_free.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, or OSIP_NOMEM, with NULL in `dest`.
 */
int osip_accept_to_str(const osip_accept_t *accept, char **dest);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_ACCEPT_H */
