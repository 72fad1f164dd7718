
#include <osipparser2/osip_list.h>

#define osip_via_get_version via_get_version
#define osip_via_set_version via_set_version
#define osip_via_get_protocol via_get_protocol
#define osip_via_set_protocol via_set_protocol
#define osip_via_get_host via_get_host
#define osip_via_set_host via_set_host
#define osip_via_get_port via_get_port
#define osip_via_set_port via_set_port
#define osip_via_get_comment via_get_comment
#define osip_via_set_comment via_set_comment

#define osip_via_param_add(header, name, value) \
    osip_generic_param_add(&(header)->via_params, (name), (value))
#define osip_via_param_get_byname(header, name, dest) \
    osip_generic_param_get_byname(&(header)->via_params, (name), (dest))
#define osip_via_set_hidden(header) osip_via_param_add((header), osip_strdup("hidden"), NULL)
#define osip_via_set_ttl(header, value) osip_via_param_add((header), osip_strdup("ttl"), (value))
#define osip_via_set_maddr(header, value) \
    osip_via_param_add((header), osip_strdup("maddr"), (value))
#define osip_via_set_received(header, value) \
    osip_via_param_add((header), osip_strdup("received"), (value))
#define osip_via_set_branch(header, value) \
    osip_via_param_add((header), osip_strdup("branch"), (value))
