
#include <osipparser2/headers/osip_from.h>

#define osip_route_clone osip_from_clone
#define osip_route_get_url(header) osip_from_get_url(header)
#define osip_route_set_url(header, url) osip_from_set_url((header), (url))
#define osip_route_param_get(header, pos, dest) osip_from_param_get((header), (pos), (dest))
#define osip_route_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_route_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))
