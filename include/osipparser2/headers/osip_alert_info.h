#ifndef OSIPPARSER2_HEADERS_OSIP_ALERT_INFO_H
#define OSIPPARSER2_HEADERS_OSIP_ALERT_INFO_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/headers/osip_call_info.h>

#define osip_alert_info_init osip_call_info_init
#define osip_alert_info_free osip_call_info_free
#define osip_alert_info_parse osip_call_info_parse
#define osip_alert_info_to_str osip_call_info_to_str
#define osip_alert_info_clone osip_call_info_clone
#define osip_alert_info_get_uri osip_call_info_get_uri
#define osip_alert_info_set_uri osip_call_info_set_uri

/**
 * A URI in brackets with parameters.
 */
typedef osip_call_info_t osip_alert_info_t;

#endif  /* OSIPPARSER2_HEADERS_OSIP_ALERT_INFO_H */
