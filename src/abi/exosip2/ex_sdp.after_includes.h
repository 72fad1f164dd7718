/* The SDP structs are libosipparser2's: where it is installed, its header and library are used
   beside these. */
#ifdef __has_include
#if __has_include(<osipparser2/sdp_message.h>)
#include <osipparser2/sdp_message.h>
#define EXOSIP2_SDP_TYPES
#endif
#endif
#ifndef EXOSIP2_SDP_TYPES
#define EXOSIP2_SDP_TYPES
typedef struct sdp_message sdp_message_t;
typedef struct sdp_media sdp_media_t;
typedef struct sdp_connection sdp_connection_t;
#endif
