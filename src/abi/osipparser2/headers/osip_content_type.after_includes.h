
#include <osipparser2/osip_list.h>

#define osip_content_type_param_add(header, name, value) \
    osip_generic_param_add(&(header)->gen_params, (name), (value))
#define osip_content_type_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->gen_params, (name), (dest))
