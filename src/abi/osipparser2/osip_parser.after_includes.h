
#include <osipparser2/osip_message.h>

/* Header fields without a type of their own, by name. */
#define osip_message_set_content_language(sip, value) \
    osip_message_set_header((sip), "Content-Language", (value))
#define osip_message_get_content_language(sip, pos, dest) \
    osip_message_header_get_byname((sip), "content-language", (pos), (dest))
#define osip_message_set_date(sip, value) osip_message_set_header((sip), "Date", (value))
#define osip_message_get_date(sip, pos, dest) \
    osip_message_header_get_byname((sip), "date", (pos), (dest))
#define osip_message_set_encryption(sip, value) \
    osip_message_set_header((sip), "Encryption", (value))
#define osip_message_get_encryption(sip, pos, dest) \
    osip_message_header_get_byname((sip), "encryption", (pos), (dest))
#define osip_message_set_expires(sip, value) osip_message_set_header((sip), "Expires", (value))
#define osip_message_get_expires(sip, pos, dest) \
    osip_message_header_get_byname((sip), "expires", (pos), (dest))
#define osip_message_set_in_reply_to(sip, value) \
    osip_message_set_header((sip), "In-Reply-To", (value))
#define osip_message_get_in_reply_to(sip, pos, dest) \
    osip_message_header_get_byname((sip), "in-reply-to", (pos), (dest))
#define osip_message_set_max_forwards(sip, value) \
    osip_message_set_header((sip), "Max-Forwards", (value))
#define osip_message_get_max_forwards(sip, pos, dest) \
    osip_message_header_get_byname((sip), "max-forwards", (pos), (dest))
#define osip_message_set_organization(sip, value) \
    osip_message_set_header((sip), "Organization", (value))
#define osip_message_get_organization(sip, pos, dest) \
    osip_message_header_get_byname((sip), "organization", (pos), (dest))
#define osip_message_set_priority(sip, value) osip_message_set_header((sip), "Priority", (value))
#define osip_message_get_priority(sip, pos, dest) \
    osip_message_header_get_byname((sip), "priority", (pos), (dest))
#define osip_message_set_proxy_require(sip, value) \
    osip_message_set_header((sip), "Proxy-Require", (value))
#define osip_message_get_proxy_require(sip, pos, dest) \
    osip_message_header_get_byname((sip), "proxy-require", (pos), (dest))
#define osip_message_set_require(sip, value) osip_message_set_header((sip), "Require", (value))
#define osip_message_get_require(sip, pos, dest) \
    osip_message_header_get_byname((sip), "require", (pos), (dest))
#define osip_message_set_response_key(sip, value) \
    osip_message_set_header((sip), "Response-Key", (value))
#define osip_message_get_response_key(sip, pos, dest) \
    osip_message_header_get_byname((sip), "response-key", (pos), (dest))
#define osip_message_set_retry_after(sip, value) \
    osip_message_set_header((sip), "Retry-After", (value))
#define osip_message_get_retry_after(sip, pos, dest) \
    osip_message_header_get_byname((sip), "retry-after", (pos), (dest))
#define osip_message_set_server(sip, value) osip_message_set_header((sip), "Server", (value))
#define osip_message_get_server(sip, pos, dest) \
    osip_message_header_get_byname((sip), "server", (pos), (dest))
#define osip_message_set_subject(sip, value) osip_message_set_header((sip), "Subject", (value))
#define osip_message_get_subject(sip, pos, dest) \
    osip_message_header_get_byname((sip), "subject", (pos), (dest))
#define osip_message_set_supported(sip, value) osip_message_set_header((sip), "Supported", (value))
#define osip_message_get_supported(sip, pos, dest) \
    osip_message_header_get_byname((sip), "supported", (pos), (dest))
#define osip_message_set_timestamp(sip, value) osip_message_set_header((sip), "Timestamp", (value))
#define osip_message_get_timestamp(sip, pos, dest) \
    osip_message_header_get_byname((sip), "timestamp", (pos), (dest))
#define osip_message_set_unsupported(sip, value) \
    osip_message_set_header((sip), "Unsupported", (value))
#define osip_message_get_unsupported(sip, pos, dest) \
    osip_message_header_get_byname((sip), "unsupported", (pos), (dest))
#define osip_message_set_user_agent(sip, value) \
    osip_message_set_header((sip), "User-Agent", (value))
#define osip_message_get_user_agent(sip, pos, dest) \
    osip_message_header_get_byname((sip), "user-agent", (pos), (dest))
#define osip_message_set_warning(sip, value) osip_message_set_header((sip), "Warning", (value))
#define osip_message_get_warning(sip, pos, dest) \
    osip_message_header_get_byname((sip), "warning", (pos), (dest))
