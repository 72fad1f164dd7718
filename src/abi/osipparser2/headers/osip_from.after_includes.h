
#include <osipparser2/osip_list.h>
#include <osipparser2/osip_uri.h>

#define osip_from_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_from_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))
#define osip_from_set_tag(header, value) \
    osip_generic_param_add(&(header)->gen_params, osip_strdup("tag"), (value))
#define osip_from_get_tag(header, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (char *)"tag", (dest))
