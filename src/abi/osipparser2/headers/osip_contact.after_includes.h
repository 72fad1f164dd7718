
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
