#ifndef OSIPPARSER2_HEADERS_OSIP_ACCEPT_LANGUAGE_H
#define OSIPPARSER2_HEADERS_OSIP_ACCEPT_LANGUAGE_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_accept_encoding.h>

#define osip_accept_language_init osip_accept_encoding_init
#define osip_accept_language_free osip_accept_encoding_free
#define osip_accept_language_parse osip_accept_encoding_parse
#define osip_accept_language_to_str osip_accept_encoding_to_str
#define osip_accept_language_clone osip_accept_encoding_clone
#define osip_accept_language_get_element osip_accept_encoding_get_element
#define osip_accept_language_set_element osip_accept_encoding_set_element
#define osip_accept_language_param_add(header, name, value) osip_accept_encoding_param_add(header, name, value)
#define osip_accept_language_param_get_byname(header, name, dest) osip_accept_encoding_param_get_byname(header, name, dest)

/**
 * A language with parameters.
 */
typedef osip_accept_encoding_t osip_accept_language_t;

#endif  /* OSIPPARSER2_HEADERS_OSIP_ACCEPT_LANGUAGE_H */
