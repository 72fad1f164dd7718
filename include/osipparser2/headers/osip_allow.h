#ifndef OSIPPARSER2_HEADERS_OSIP_ALLOW_H
#define OSIPPARSER2_HEADERS_OSIP_ALLOW_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_content_length.h>

#define osip_allow_init osip_content_length_init
#define osip_allow_free osip_content_length_free
#define osip_allow_parse osip_content_length_parse
#define osip_allow_to_str osip_content_length_to_str
#define osip_allow_clone osip_content_length_clone

/**
 * One text.
 */
typedef osip_content_length_t osip_allow_t;

#endif  /* OSIPPARSER2_HEADERS_OSIP_ALLOW_H */
