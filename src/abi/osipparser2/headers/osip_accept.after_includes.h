
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
