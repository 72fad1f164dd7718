#ifndef OSIPPARSER2_OSIP_HEADERS_H
#define OSIPPARSER2_OSIP_HEADERS_H

/* Generated from the Rust source by build.rs; do not edit. */

#include <osipparser2/osip_const.h>
#include <osipparser2/osip_port.h>
#include <osipparser2/osip_uri.h>
#include <osipparser2/headers/osip_accept.h>
#include <osipparser2/headers/osip_accept_encoding.h>
#include <osipparser2/headers/osip_accept_language.h>
#include <osipparser2/headers/osip_alert_info.h>
#include <osipparser2/headers/osip_allow.h>
#include <osipparser2/headers/osip_authentication_info.h>
#include <osipparser2/headers/osip_authorization.h>
#include <osipparser2/headers/osip_call_id.h>
#include <osipparser2/headers/osip_call_info.h>
#include <osipparser2/headers/osip_contact.h>
#include <osipparser2/headers/osip_content_disposition.h>
#include <osipparser2/headers/osip_content_encoding.h>
#include <osipparser2/headers/osip_content_length.h>
#include <osipparser2/headers/osip_content_type.h>
#include <osipparser2/headers/osip_cseq.h>
#include <osipparser2/headers/osip_error_info.h>
#include <osipparser2/headers/osip_from.h>
#include <osipparser2/headers/osip_header.h>
#include <osipparser2/headers/osip_mime_version.h>
#include <osipparser2/headers/osip_proxy_authenticate.h>
#include <osipparser2/headers/osip_proxy_authentication_info.h>
#include <osipparser2/headers/osip_proxy_authorization.h>
#include <osipparser2/headers/osip_record_route.h>
#include <osipparser2/headers/osip_route.h>
#include <osipparser2/headers/osip_to.h>
#include <osipparser2/headers/osip_via.h>
#include <osipparser2/headers/osip_www_authenticate.h>

/* Names of header fields, as they are found in lists of osip_header_t. */
#define ACCEPT "accept"
#define ACCEPT_ENCODING "accept-encoding"
#define ACCEPT_LANGUAGE "accept-language"
#define ALERT_INFO "alert-info"
#define ALLOW "allow"
#define AUTHENTICATION_INFO "authentication-info"
#define AUTHORIZATION "authorization"
#define CALL_ID "call-id"
#define CALL_ID_SHORT "i"
#define CALL_INFO "call-info"
#define CONTACT "contact"
#define CONTACT_SHORT "m"
#define CONTENT_DISPOSITION "content-disposition"
#define CONTENT_ENCODING "content-encoding"
#define CONTENT_ENCODING_SHORT "e"
#define CONTENT_LANGUAGE "content-language"
#define CONTENT_LENGTH "content-length"
#define CONTENT_LENGTH_SHORT "l"
#define CONTENT_TYPE "content-type"
#define CONTENT_TYPE_SHORT "c"
#define CSEQ "cseq"
#define ERROR_INFO "error-info"
#define EXPIRES "expires"
#define FROM "from"
#define FROM_SHORT "f"
#define IN_REPLY_TO "in-reply-to"
#define MAX_FORWARDS "max-forwards"
#define MIME_VERSION "mime-version"
#define MIN_EXPIRES "min-expires"
#define ORGANIZATION "organization"
#define PRIORITY "priority"
#define PROXY_AUTHENTICATE "proxy-authenticate"
#define PROXY_AUTHENTICATION_INFO "proxy-authentication-info"
#define PROXY_AUTHORIZATION "proxy-authorization"
#define PROXY_REQUIRE "proxy-require"
#define RECORD_ROUTE "record-route"
#define REPLY_TO "reply-to"
#define REQUIRE "require"
#define RETRY_AFTER "retry-after"
#define ROUTE "route"
#define SERVER "server"
#define SIPDATE "date"
#define SUBJECT "subject"
#define SUBJECT_SHORT "s"
#define SUPPORTED "supported"
#define TIMESTAMP "timestamp"
#define TO "to"
#define TO_SHORT "t"
#define UNSUPPORTED "unsupported"
#define USER_AGENT "user-agent"
#define VIA "via"
#define VIA_SHORT "v"
#define WARNING "warning"
#define WWW_AUTHENTICATE "www-authenticate"

#endif  /* OSIPPARSER2_OSIP_HEADERS_H */
