
#include <osipparser2/headers/osip_call_info.h>

#define osip_content_disposition_init osip_call_info_init
#define osip_content_disposition_free osip_call_info_free
#define osip_content_disposition_to_str osip_call_info_to_str
#define osip_content_disposition_clone osip_call_info_clone
#define osip_content_disposition_get_type(header) osip_call_info_get_uri(header)
#define osip_content_disposition_set_type(header, value) osip_call_info_set_uri((header), (value))
