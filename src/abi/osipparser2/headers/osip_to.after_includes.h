
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
