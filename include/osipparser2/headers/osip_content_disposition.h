#ifndef OSIPPARSER2_HEADERS_OSIP_CONTENT_DISPOSITION_H
#define OSIPPARSER2_HEADERS_OSIP_CONTENT_DISPOSITION_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_call_info.h>

#define osip_content_disposition_init osip_call_info_init
#define osip_content_disposition_free osip_call_info_free
#define osip_content_disposition_to_str osip_call_info_to_str
#define osip_content_disposition_clone osip_call_info_clone
#define osip_content_disposition_get_type(header) osip_call_info_get_uri(header)
#define osip_content_disposition_set_type(header, value) osip_call_info_set_uri((header), (value))

/**
 * A token with parameters.
 */
typedef osip_call_info_t osip_content_disposition_t;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Reads a Content-Disposition from its text; what it held before is freed.
 *
 * Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
 */
int osip_content_disposition_parse(osip_content_disposition_t *content_disposition,
                                   const char *hvalue);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* OSIPPARSER2_HEADERS_OSIP_CONTENT_DISPOSITION_H */
