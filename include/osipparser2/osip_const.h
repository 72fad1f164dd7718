#ifndef OSIPPARSER2_OSIP_CONST_H
#define OSIPPARSER2_OSIP_CONST_H

/* Generated from the Rust source; do not edit. */

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

/**
 * It worked.
 */
#define OSIP_SUCCESS 0

/**
 * It failed, with no better code: also a position past the end, and what is not there.
 */
#define OSIP_UNDEFINED_ERROR -1

/**
 * NULL, or a value out of range.
 */
#define OSIP_BADPARAMETER -2

/**
 * Not now.
 */
#define OSIP_WRONG_STATE -3

/**
 * No memory.
 */
#define OSIP_NOMEM -4

/**
 * A text that does not parse.
 */
#define OSIP_SYNTAXERROR -5

/**
 * No such thing.
 */
#define OSIP_NOTFOUND -6

/**
 * Not initialised.
 */
#define OSIP_API_NOT_INITIALIZED -7

/**
 * No transport.
 */
#define OSIP_NO_NETWORK -10

/**
 * The port is taken.
 */
#define OSIP_PORT_BUSY -11

/**
 * A host name that does not resolve.
 */
#define OSIP_UNKNOWN_HOST -12

/**
 * The disk is full.
 */
#define OSIP_DISK_FULL -30

/**
 * Not allowed.
 */
#define OSIP_NO_RIGHTS -31

/**
 * No such file.
 */
#define OSIP_FILE_NOT_EXIST -32

/**
 * Too late.
 */
#define OSIP_TIMEOUT -50

/**
 * Too many calls.
 */
#define OSIP_TOOMUCHCALL -51

/**
 * A wrong format.
 */
#define OSIP_WRONG_FORMAT -52

/**
 * Nothing that both sides speak.
 */
#define OSIP_NOCOMMONCODEC -53

/**
 * Too many attempts.
 */
#define OSIP_RETRY_LIMIT -60

/**
 * Trying.
 */
#define SIP_TRYING 100

/**
 * Ringing.
 */
#define SIP_RINGING 180

/**
 * Call Is Being Forwarded.
 */
#define SIP_CALL_IS_BEING_FORWARDED 181

/**
 * Queued.
 */
#define SIP_QUEUED 182

/**
 * Session Progress.
 */
#define SIP_SESSION_PROGRESS 183

/**
 * OK.
 */
#define SIP_OK 200

/**
 * Accepted.
 */
#define SIP_ACCEPTED 202

/**
 * Multiple Choices.
 */
#define SIP_MULTIPLE_CHOICES 300

/**
 * Moved Permanently.
 */
#define SIP_MOVED_PERMANENTLY 301

/**
 * Moved Temporarily.
 */
#define SIP_MOVED_TEMPORARILY 302

/**
 * Use Proxy.
 */
#define SIP_USE_PROXY 305

/**
 * Alternative Service.
 */
#define SIP_ALTERNATIVE_SERVICE 380

/**
 * Bad Request.
 */
#define SIP_BAD_REQUEST 400

/**
 * Unauthorized.
 */
#define SIP_UNAUTHORIZED 401

/**
 * Payment Required.
 */
#define SIP_PAYMENT_REQUIRED 402

/**
 * Forbidden.
 */
#define SIP_FORBIDDEN 403

/**
 * Not Found.
 */
#define SIP_NOT_FOUND 404

/**
 * Method Not Allowed.
 */
#define SIP_METHOD_NOT_ALLOWED 405

/**
 * Not Acceptable.
 */
#define SIP_406_NOT_ACCEPTABLE 406

/**
 * Proxy Authentication Required.
 */
#define SIP_PROXY_AUTHENTICATION_REQUIRED 407

/**
 * Request Timeout.
 */
#define SIP_REQUEST_TIME_OUT 408

/**
 * Gone.
 */
#define SIP_GONE 410

/**
 * Request Entity Too Large.
 */
#define SIP_REQUEST_ENTITY_TOO_LARGE 413

/**
 * Request-URI Too Long.
 */
#define SIP_REQUEST_URI_TOO_LARGE 414

/**
 * Unsupported Media Type.
 */
#define SIP_UNSUPPORTED_MEDIA_TYPE 415

/**
 * Unsupported URI Scheme.
 */
#define SIP_UNSUPPORTED_URI_SCHEME 416

/**
 * Bad Extension.
 */
#define SIP_BAD_EXTENSION 420

/**
 * Extension Required.
 */
#define SIP_EXTENSION_REQUIRED 421

/**
 * Interval Too Brief.
 */
#define SIP_INTERVAL_TOO_BRIEF 423

/**
 * Temporarily Unavailable.
 */
#define SIP_TEMPORARILY_UNAVAILABLE 480

/**
 * Call/Transaction Does Not Exist.
 */
#define SIP_CALL_TRANSACTION_DOES_NOT_EXIST 481

/**
 * Loop Detected.
 */
#define SIP_LOOP_DETECTED 482

/**
 * Too Many Hops.
 */
#define SIP_TOO_MANY_HOPS 483

/**
 * Address Incomplete.
 */
#define SIP_ADDRESS_INCOMPLETE 484

/**
 * Ambiguous.
 */
#define SIP_AMBIGUOUS 485

/**
 * Busy Here.
 */
#define SIP_BUSY_HERE 486

/**
 * Request Terminated.
 */
#define SIP_REQUEST_TERMINATED 487

/**
 * Not Acceptable Here.
 */
#define SIP_NOT_ACCEPTABLE_HERE 488

/**
 * Bad Event.
 */
#define SIP_BAD_EVENT 489

/**
 * Request Pending.
 */
#define SIP_REQUEST_PENDING 491

/**
 * Undecipherable.
 */
#define SIP_UNDECIPHERABLE 493

/**
 * Server Internal Error.
 */
#define SIP_INTERNAL_SERVER_ERROR 500

/**
 * Not Implemented.
 */
#define SIP_NOT_IMPLEMENTED 501

/**
 * Bad Gateway.
 */
#define SIP_BAD_GATEWAY 502

/**
 * Service Unavailable.
 */
#define SIP_SERVICE_UNAVAILABLE 503

/**
 * Server Time-out.
 */
#define SIP_SERVER_TIME_OUT 504

/**
 * Version Not Supported.
 */
#define SIP_VERSION_NOT_SUPPORTED 505

/**
 * Message Too Large.
 */
#define SIP_MESSAGE_TOO_LARGE 513

/**
 * Busy Everywhere.
 */
#define SIP_BUSY_EVRYWHERE 600

/**
 * Decline.
 */
#define SIP_DECLINE 603

/**
 * Does Not Exist Anywhere.
 */
#define SIP_DOES_NOT_EXIST_ANYWHERE 604

/**
 * Not Acceptable.
 */
#define SIP_606_NOT_ACCEPTABLE 606

/**
 * The length of a message that programs reckon with.
 */
#define SIP_MESSAGE_MAX_LENGTH 8000

/**
 * T1 of RFC 3261, milliseconds.
 */
#define DEFAULT_T1 500

/**
 * T2 of RFC 3261, milliseconds.
 */
#define DEFAULT_T2 4000

/**
 * T4 of RFC 3261, milliseconds.
 */
#define DEFAULT_T4 5000

#endif  /* OSIPPARSER2_OSIP_CONST_H */
