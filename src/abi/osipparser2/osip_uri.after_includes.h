
#include <osipparser2/osip_const.h>
#include <osipparser2/osip_list.h>

/* Parameters in the lists of a URI. What is added belongs to the URI. */
#define osip_uri_uparam_add(url, name, value) \
    osip_uri_param_add(&(url)->url_params, (name), (value))
#define osip_uri_uparam_get_byname(url, name, dest) \
    osip_uri_param_get_byname(&(url)->url_params, (name), (dest))
#define osip_uri_uheader_add(url, name, value) \
    osip_uri_header_add(&(url)->url_headers, (name), (value))
#define osip_uri_uheader_get_byname(url, name, dest) \
    osip_uri_header_get_byname(&(url)->url_headers, (name), (dest))

#define osip_uri_set_transport(url, value) \
    osip_uri_uparam_add((url), osip_strdup("transport"), (value))
#define osip_uri_set_transport_udp(url) osip_uri_set_transport((url), osip_strdup("udp"))
#define osip_uri_set_transport_tcp(url) osip_uri_set_transport((url), osip_strdup("tcp"))
#define osip_uri_set_transport_tls(url) osip_uri_set_transport((url), osip_strdup("tls"))
#define osip_uri_set_transport_sctp(url) osip_uri_set_transport((url), osip_strdup("sctp"))
#define osip_uri_set_maddr(url, value) osip_uri_uparam_add((url), osip_strdup("maddr"), (value))
#define osip_uri_set_ttl(url, value) osip_uri_uparam_add((url), osip_strdup("ttl"), (value))
#define osip_uri_set_user_ip(url) osip_uri_uparam_add((url), osip_strdup("user"), osip_strdup("ip"))
#define osip_uri_set_user_phone(url) \
    osip_uri_uparam_add((url), osip_strdup("user"), osip_strdup("phone"))
#define osip_uri_set_method(url, value) osip_uri_uparam_add((url), osip_strdup("method"), (value))
#define osip_uri_set_method_invite(url) osip_uri_set_method((url), osip_strdup("INVITE"))
#define osip_uri_set_method_ack(url) osip_uri_set_method((url), osip_strdup("ACK"))
#define osip_uri_set_method_options(url) osip_uri_set_method((url), osip_strdup("OPTIONS"))
#define osip_uri_set_method_bye(url) osip_uri_set_method((url), osip_strdup("BYE"))
#define osip_uri_set_method_cancel(url) osip_uri_set_method((url), osip_strdup("CANCEL"))
#define osip_uri_set_method_register(url) osip_uri_set_method((url), osip_strdup("REGISTER"))

/* A header inside a URI is a parameter. */
#define osip_uri_header_init(header) osip_uri_param_init(header)
#define osip_uri_header_free(header) osip_uri_param_free(header)
#define osip_uri_header_freelist(headers) osip_uri_param_freelist(headers)
#define osip_uri_header_set(header, name, value) osip_uri_param_set((header), (name), (value))
#define osip_uri_header_clone(header, dest) osip_uri_param_clone((header), (dest))
#define osip_uri_header_add(headers, name, value) osip_uri_param_add((headers), (name), (value))
#define osip_uri_header_get_byname(headers, name, dest) \
    osip_uri_param_get_byname((headers), (name), (dest))

/* So is a parameter behind a header value. */
#define osip_generic_param_init(param) osip_uri_param_init(param)
#define osip_generic_param_free(param) osip_uri_param_free(param)
#define osip_generic_param_freelist(list) osip_uri_param_freelist(list)
#define osip_generic_param_set(param, name, value) osip_uri_param_set((param), (name), (value))
#define osip_generic_param_clone osip_uri_param_clone
#define osip_generic_param_add(list, name, value) osip_uri_param_add((list), (name), (value))
#define osip_generic_param_get_byname(list, name, dest) \
    osip_uri_param_get_byname((list), (char *)(name), (dest))
