
/* Characters of a message. */
#define OSIP_CR "\r"
#define OSIP_LF "\n"
#define OSIP_CRLF "\r\n"
#define OSIP_SP " "
#define SP " "

/* Classes of status codes. */
#define OSIP_IS_SIP_INFO(x) ((x) >= 100 && (x) < 200)
#define OSIP_IS_SIP_SUCCESS(x) ((x) >= 200 && (x) < 300)
#define OSIP_IS_SIP_REDIRECT(x) ((x) >= 300 && (x) < 400)
#define OSIP_IS_SIP_CLIENT_ERROR(x) ((x) >= 400 && (x) < 500)
#define OSIP_IS_SIP_SERVER_ERROR(x) ((x) >= 500 && (x) < 600)
#define OSIP_IS_SIP_ERROR(x) (OSIP_IS_SIP_CLIENT_ERROR(x) || OSIP_IS_SIP_SERVER_ERROR(x))
