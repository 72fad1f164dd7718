//! `<osipparser2/osip_const.h>`: return codes, levels and status codes.
//!
//! Every pointer that a function takes is NULL or good: structs are initialised, texts end with
//! NUL, and no other thread uses them meanwhile. NULL where there must be something is
//! OSIP_BADPARAMETER.

use libc::c_int;

/// It worked.
pub const OSIP_SUCCESS: c_int = 0;
/// It failed, with no better code: also a position past the end, and what is not there.
pub const OSIP_UNDEFINED_ERROR: c_int = -1;
/// NULL, or a value out of range.
pub const OSIP_BADPARAMETER: c_int = -2;
/// Not now.
pub const OSIP_WRONG_STATE: c_int = -3;
/// No memory.
pub const OSIP_NOMEM: c_int = -4;
/// A text that does not parse.
pub const OSIP_SYNTAXERROR: c_int = -5;
/// No such thing.
pub const OSIP_NOTFOUND: c_int = -6;
/// Not initialised.
pub const OSIP_API_NOT_INITIALIZED: c_int = -7;
/// No transport.
pub const OSIP_NO_NETWORK: c_int = -10;
/// The port is taken.
pub const OSIP_PORT_BUSY: c_int = -11;
/// A host name that does not resolve.
pub const OSIP_UNKNOWN_HOST: c_int = -12;
/// The disk is full.
pub const OSIP_DISK_FULL: c_int = -30;
/// Not allowed.
pub const OSIP_NO_RIGHTS: c_int = -31;
/// No such file.
pub const OSIP_FILE_NOT_EXIST: c_int = -32;
/// Too late.
pub const OSIP_TIMEOUT: c_int = -50;
/// Too many calls.
pub const OSIP_TOOMUCHCALL: c_int = -51;
/// A wrong format.
pub const OSIP_WRONG_FORMAT: c_int = -52;
/// Nothing that both sides speak.
pub const OSIP_NOCOMMONCODEC: c_int = -53;
/// Too many attempts.
pub const OSIP_RETRY_LIMIT: c_int = -60;

/// Trying.
pub const SIP_TRYING: c_int = 100;
/// Ringing.
pub const SIP_RINGING: c_int = 180;
/// Call Is Being Forwarded.
pub const SIP_CALL_IS_BEING_FORWARDED: c_int = 181;
/// Queued.
pub const SIP_QUEUED: c_int = 182;
/// Session Progress.
pub const SIP_SESSION_PROGRESS: c_int = 183;
/// OK.
pub const SIP_OK: c_int = 200;
/// Accepted.
pub const SIP_ACCEPTED: c_int = 202;
/// Multiple Choices.
pub const SIP_MULTIPLE_CHOICES: c_int = 300;
/// Moved Permanently.
pub const SIP_MOVED_PERMANENTLY: c_int = 301;
/// Moved Temporarily.
pub const SIP_MOVED_TEMPORARILY: c_int = 302;
/// Use Proxy.
pub const SIP_USE_PROXY: c_int = 305;
/// Alternative Service.
pub const SIP_ALTERNATIVE_SERVICE: c_int = 380;
/// Bad Request.
pub const SIP_BAD_REQUEST: c_int = 400;
/// Unauthorized.
pub const SIP_UNAUTHORIZED: c_int = 401;
/// Payment Required.
pub const SIP_PAYMENT_REQUIRED: c_int = 402;
/// Forbidden.
pub const SIP_FORBIDDEN: c_int = 403;
/// Not Found.
pub const SIP_NOT_FOUND: c_int = 404;
/// Method Not Allowed.
pub const SIP_METHOD_NOT_ALLOWED: c_int = 405;
/// Not Acceptable.
pub const SIP_406_NOT_ACCEPTABLE: c_int = 406;
/// Proxy Authentication Required.
pub const SIP_PROXY_AUTHENTICATION_REQUIRED: c_int = 407;
/// Request Timeout.
pub const SIP_REQUEST_TIME_OUT: c_int = 408;
/// Gone.
pub const SIP_GONE: c_int = 410;
/// Request Entity Too Large.
pub const SIP_REQUEST_ENTITY_TOO_LARGE: c_int = 413;
/// Request-URI Too Long.
pub const SIP_REQUEST_URI_TOO_LARGE: c_int = 414;
/// Unsupported Media Type.
pub const SIP_UNSUPPORTED_MEDIA_TYPE: c_int = 415;
/// Unsupported URI Scheme.
pub const SIP_UNSUPPORTED_URI_SCHEME: c_int = 416;
/// Bad Extension.
pub const SIP_BAD_EXTENSION: c_int = 420;
/// Extension Required.
pub const SIP_EXTENSION_REQUIRED: c_int = 421;
/// Interval Too Brief.
pub const SIP_INTERVAL_TOO_BRIEF: c_int = 423;
/// Temporarily Unavailable.
pub const SIP_TEMPORARILY_UNAVAILABLE: c_int = 480;
/// Call/Transaction Does Not Exist.
pub const SIP_CALL_TRANSACTION_DOES_NOT_EXIST: c_int = 481;
/// Loop Detected.
pub const SIP_LOOP_DETECTED: c_int = 482;
/// Too Many Hops.
pub const SIP_TOO_MANY_HOPS: c_int = 483;
/// Address Incomplete.
pub const SIP_ADDRESS_INCOMPLETE: c_int = 484;
/// Ambiguous.
pub const SIP_AMBIGUOUS: c_int = 485;
/// Busy Here.
pub const SIP_BUSY_HERE: c_int = 486;
/// Request Terminated.
pub const SIP_REQUEST_TERMINATED: c_int = 487;
/// Not Acceptable Here.
pub const SIP_NOT_ACCEPTABLE_HERE: c_int = 488;
/// Bad Event.
pub const SIP_BAD_EVENT: c_int = 489;
/// Request Pending.
pub const SIP_REQUEST_PENDING: c_int = 491;
/// Undecipherable.
pub const SIP_UNDECIPHERABLE: c_int = 493;
/// Server Internal Error.
pub const SIP_INTERNAL_SERVER_ERROR: c_int = 500;
/// Not Implemented.
pub const SIP_NOT_IMPLEMENTED: c_int = 501;
/// Bad Gateway.
pub const SIP_BAD_GATEWAY: c_int = 502;
/// Service Unavailable.
pub const SIP_SERVICE_UNAVAILABLE: c_int = 503;
/// Server Time-out.
pub const SIP_SERVER_TIME_OUT: c_int = 504;
/// Version Not Supported.
pub const SIP_VERSION_NOT_SUPPORTED: c_int = 505;
/// Message Too Large.
pub const SIP_MESSAGE_TOO_LARGE: c_int = 513;
/// Busy Everywhere.
pub const SIP_BUSY_EVRYWHERE: c_int = 600;
/// Decline.
pub const SIP_DECLINE: c_int = 603;
/// Does Not Exist Anywhere.
pub const SIP_DOES_NOT_EXIST_ANYWHERE: c_int = 604;
/// Not Acceptable.
pub const SIP_606_NOT_ACCEPTABLE: c_int = 606;
/// The length of a message that programs reckon with.
pub const SIP_MESSAGE_MAX_LENGTH: c_int = 8000;
/// T1 of RFC 3261, milliseconds.
pub const DEFAULT_T1: c_int = 500;
/// T2 of RFC 3261, milliseconds.
pub const DEFAULT_T2: c_int = 4000;
/// T4 of RFC 3261, milliseconds.
pub const DEFAULT_T4: c_int = 5000;
