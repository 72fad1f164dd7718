//! `<registerer.h>`: managed registrations.
//!
//! registerer_new, registerer_register, and that is all: refresh, challenges, retries, NAT and
//! changes of the network are seen to. Each registration is a rid as in eX_register.h, and the
//! calls of both headers may be used with it. Listeners are called with what happens, on one thread
//! of the context and without any lock of the library, so that a listener may make any call.
//! registerer_explain says in one sentence how things stand.
//!
//! registerer_context_new makes a context and registerer_context_free ends it. A context of
//! eXosip_malloc and eXosip_init is the same thing, and each takes the calls of the other's header.
//!
//! Every pointer may be NULL: where a comment gives that no meaning, the call then returns
//! REGISTERER_BAD_PARAMETER. Errors are of enum registerer_error, below 0. The structs begin with
//! their size, so that they may grow. Every call may be made by any thread, and takes the context's
//! lock by itself where it needs it.
#![allow(non_camel_case_types, non_snake_case)]

pub mod challenges;
pub mod contexts;
pub mod events;
pub mod functions;
mod info;
pub mod listeners;
mod options;
mod sized;
pub mod stats;
pub mod tracing;

use super::exosip2::ex_setup::eXosip_t;
use libc::{c_char, c_int, c_void};

/// A context: sockets, registrations and what belongs to them. It is what eXosip_malloc gives, so
/// that a pointer to either is one to the other.
pub type registerer_context = eXosip_t;

/// Why a call failed. The numbers are those of the OSIP_* macros of libosip2.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_error {
    /// It did not fail.
    REGISTERER_OK = 0,
    /// What has no number of its own; the trace has the reason.
    REGISTERER_UNDEFINED_ERROR = -1,
    /// NULL, a value out of range, or options that are wrong.
    REGISTERER_BAD_PARAMETER = -2,
    /// Not at this time.
    REGISTERER_WRONG_STATE = -3,
    /// There is no memory.
    REGISTERER_NO_MEMORY = -4,
    /// A text that does not parse.
    REGISTERER_SYNTAX_ERROR = -5,
    /// There is none.
    REGISTERER_NOT_FOUND = -6,
    /// The context was not made, or has ended, or belongs to the process that this one was forked
    /// from.
    REGISTERER_NOT_INITIALIZED = -7,
    /// Nothing listens.
    REGISTERER_NO_NETWORK = -10,
}

/// Where a registration stands. REGISTERED lasts until the binding ends, whatever becomes of a
/// refresh: a final refusal (302, 400, 403, 404, a wrong password) does not end it sooner, as the
/// server holds the binding all the same. After that it is UNREGISTERED. A refused REGISTER is
/// tried again within the hour, one with a wrong password once the credentials change;
/// registerer_explain says which.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_state {
    /// No response yet.
    REGISTERER_INITIAL = 0,
    /// The server holds the binding.
    REGISTERER_REGISTERED = 1,
    /// It does not.
    REGISTERER_UNREGISTERED = 2,
    /// It was disposed of: nothing more is sent.
    REGISTERER_TERMINATED = 3,
}

/// What became of a request.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_request {
    /// 100 came.
    REGISTERER_TRYING = 0,
    /// Another provisional answer came.
    REGISTERER_PROGRESS = 1,
    /// It was accepted.
    REGISTERER_ACCEPTED = 2,
    /// It failed: with this status (200: the server lists our Contact as expired), or 408 where
    /// no answer came.
    REGISTERER_REJECTED = 3,
    /// It was redirected, and that is not followed.
    REGISTERER_REDIRECTED = 4,
}

/// How the flow to the registrar is kept alive.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_keepalive {
    /// As the context does: `keepalive_interval` of its options, or EXOSIP_OPT_UDP_KEEP_ALIVE.
    REGISTERER_KEEPALIVE_CONTEXT = 0,
    /// Not for this registration.
    REGISTERER_KEEPALIVE_OFF = 1,
    /// CR LF CR LF.
    REGISTERER_KEEPALIVE_CRLF = 2,
    /// STUN; a changed public address registers anew.
    REGISTERER_KEEPALIVE_STUN = 3,
}

/// What is done with the address that the server sees us at.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_nat {
    /// Nothing.
    REGISTERER_NAT_OFF = 0,
    /// It replaces the one in a Contact that the library made.
    REGISTERER_NAT_AUTOMATIC = 1,
    /// It replaces the one in every Contact.
    REGISTERER_NAT_EVERY = 2,
}

/// What carries messages to the server.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_transport {
    /// As the first Route says, else the registrar's URI, else DNS (RFC 3263). A literal address,
    /// or a port, without another word is UDP; `sips:` is TLS.
    REGISTERER_TRANSPORT_AUTOMATIC = 0,
    /// Datagrams.
    REGISTERER_TRANSPORT_UDP = 1,
    /// Connections in the clear.
    REGISTERER_TRANSPORT_TCP = 2,
    /// TLS over TCP.
    REGISTERER_TRANSPORT_TLS = 3,
}

/// A hash of digest authentication (RFC 7616), the weakest first. Each counts with its `-sess`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_algorithm {
    /// MD5, which is all that most servers ask for.
    REGISTERER_MD5 = 0,
    /// SHA-256.
    REGISTERER_SHA_256 = 1,
    /// SHA-512-256.
    REGISTERER_SHA_512_256 = 2,
}

/// Bit of `retry_classes`: timeouts, 480, 500, 503 and the like are tried again.
pub const REGISTERER_RETRY_TEMPORARY: c_int = 1;
/// Bit of `retry_classes`: what seems not to work by itself (400, 403, 404 and the like) is tried
/// again as temporary failures are. Without it that is done after half an hour to an hour, so that
/// one stray answer does not end the service of a device for ever.
pub const REGISTERER_RETRY_FATAL: c_int = 2;
/// Bit of `retry_classes`: refused credentials are tried again. This may lock an account.
pub const REGISTERER_RETRY_CREDENTIALS: c_int = 4;

/// The options of a registration. Texts are copied; NULL and "" mean: none. Fill it with
/// registerer_options_init first.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_options {
    /// sizeof(struct registerer_options).
    pub size: usize,
    /// The address-of-record: a URI or `"Name" <uri>`. Needed.
    pub aor: *const c_char,
    /// The URI of the registrar; none: the domain of the address-of-record. A
    /// `transport` but udp, tcp and tls is refused, here, in `aor` and in `route`; so are tls and
    /// sips: by a library without TLS.
    pub registrar: *const c_char,
    /// The digest user; none: those of eXosip_add_authentication_info for the user of the
    /// address-of-record, if there are. Those of another user are not used, whatever the realm.
    pub username: *const c_char,
    /// Its password. "" is an empty one, unless there is an HA1.
    pub password: *const c_char,
    /// Its realm; none: any.
    pub realm: *const c_char,
    /// In place of a password: H(user:realm:password) in hex for MD5 …
    pub ha1_md5: *const c_char,
    /// … for SHA-256 …
    pub ha1_sha256: *const c_char,
    /// … for SHA-512-256.
    pub ha1_sha512_256: *const c_char,
    /// Seconds to ask for, at least 1 (600).
    pub expires: c_int,
    /// When to refresh, percent of the granted time, 50 to 99 (90).
    pub refresh_frequency: c_int,
    /// Up to this many percent earlier, at random, 0 to 40 (5).
    pub refresh_jitter: c_int,
    /// Further header fields, `Name: value`, one on a line; none that the library makes but
    /// User-Agent, and Supported, Require and Proxy-Require, whose option tags are added to ours.
    pub extra_headers: *const c_char,
    /// Further parameters of our Contact: `;name=value;…`, values with commas or brackets in
    /// quotes.
    pub contact_params: *const c_char,
    /// Our Contact, or several with commas; none: the library makes one.
    pub contacts: *const c_char,
    /// The `q` of a Contact that the library makes, "0" to "1".
    pub q: *const c_char,
    /// A UUID, with or without `urn:uuid:`; none: made at random for the context. RFC 5626 section
    /// 4.1 wants it to be the same each time that the program starts, or servers list a dead
    /// binding beside the new one: read it after registerer_new by registerer_get_text with
    /// REGISTERER_TEXT_INSTANCE, store it, and give it here from then on.
    pub instance_id: *const c_char,
    /// RFC 5626 (1); 0: no outbound.
    pub reg_id: c_int,
    /// From, where another registers than the address-of-record: a URI or `"Name" <uri>`.
    pub from: *const c_char,
    /// Preloaded Route, comma list.
    pub route: *const c_char,
    /// Challenges answered in a row, and 423 (3).
    pub max_answers: c_int,
    /// Least wait after a first failure, seconds (30): one to two times as long, at random, and
    /// twice as long with each further failure …
    pub retry_base: c_int,
    /// … up to this (1800), of which it is 50 to 100 % (RFC 5626 section 4.5). Retry-After wins, up
    /// to a day.
    pub retry_max: c_int,
    /// Failures in a row after which it stops; 0: never (0).
    pub retry_limit: c_int,
    /// Bits REGISTERER_RETRY_* (REGISTERER_RETRY_TEMPORARY).
    pub retry_classes: c_int,
    /// Statuses that count otherwise: "404=temporary 480=fatal 403=credentials".
    pub status_classes: *const c_char,
    /// One of enum registerer_nat (REGISTERER_NAT_AUTOMATIC).
    pub nat: c_int,
    /// One of enum registerer_keepalive (REGISTERER_KEEPALIVE_CONTEXT).
    pub keepalive: c_int,
    /// Seconds between keep-alives; 0: as the context says (0).
    pub keepalive_interval: c_int,
    /// Whether GRUU is offered, RFC 5627 (1).
    pub gruu: c_int,
    /// Whether Path is offered, RFC 3327 (1).
    pub path: c_int,
    /// Mechanisms for Security-Client, RFC 3329, such as "digest;d-alg=md5"; a server that makes no
    /// agreements refuses them (420). With the parameter `mediasec` ("sdes-srtp;mediasec") they are
    /// for the media plane, TS 24.229 section 5.1.1.2: the option tag is `mediasec` then. What the
    /// server lists in Security-Server is repeated in Security-Verify. None: no agreement.
    pub security_client: *const c_char,
    /// RFC 8599: `pn-provider` …
    pub push_provider: *const c_char,
    /// … `pn-prid` …
    pub push_prid: *const c_char,
    /// … `pn-param`.
    pub push_param: *const c_char,
    /// Whether redirections are followed (0).
    pub follow_redirects: c_int,
    /// The first REGISTER goes out at some moment within these seconds (0).
    pub start_spread: c_int,
    /// Whether there are also the events of the eXosip calls (0).
    pub exosip_events: c_int,
    /// For the application; see registerer_user_data.
    pub user_data: *mut c_void,
    /// One of enum registerer_algorithm: a challenge for a weaker one is not answered
    /// (REGISTERER_MD5). That of the context counts too, whichever is stronger.
    pub weakest_algorithm: c_int,
    /// After how many seconds at most a final refusal (403, 404, 6xx) is tried again, the first at
    /// half of them; 0: never (3600).
    pub fatal_retry: c_int,
    /// The most seconds that a Min-Expires (423) is followed to (31536000).
    pub largest_min_expires: c_int,
    /// One of enum registerer_transport (REGISTERER_TRANSPORT_AUTOMATIC).
    pub transport: c_int,
    /// Whether the server's certificate is checked, where TLS is used (1). 0: whoever is between us
    /// and the server may be it, unless there is a pin.
    pub tls_verify: c_int,
    /// A file of root certificates in PEM, or a folder of such files; none: those of the system.
    pub tls_ca_file: *const c_char,
    /// What is shown to a server that asks for a certificate: PEM, with its issuers after it, or
    /// DER; and …
    pub tls_certificate_file: *const c_char,
    /// … its private key: PEM or DER, not encrypted. Files are read when a connection is made, and
    /// again when they have changed.
    pub tls_key_file: *const c_char,
    /// The key that the server's certificate has to have: `sha256//` and the base64 of the SHA-256
    /// of its SubjectPublicKeyInfo, several with `;`, or the name of a file that has the
    /// SubjectPublicKeyInfo in DER or PEM.
    pub tls_pin: *const c_char,
    /// Seconds that an attempt may take, from its first REGISTER through challenges and further
    /// servers to the final answer; it then counts as unanswered, and the next follows after the
    /// usual wait. 0: as long as the transactions last, 32 s for each server that is silent (0).
    pub attempt_timeout: c_int,
    /// Whether a REGISTER that answers no challenge has an Authorization all the same, which names
    /// `username` and `realm` (none: the domain of the registrar) with an empty nonce and response,
    /// as networks of TS 24.229 section 5.1.1.2 want it (0).
    pub initial_authorization: c_int,
    /// Seconds that the program has to answer a challenge that asks for a token (RFC 8898) or a SIM
    /// card (RFC 3310, RFC 4169): see registerer_on_challenge. `username` may have no password then;
    /// a SIM card answers for it. No answer in time is a failure that is tried again. 0: such
    /// challenges are not answered (0).
    pub challenge_wait: c_int,
    /// Whether the event `reg` is subscribed to once the binding is there, RFC 3680 (0). A binding
    /// that the registrar has deactivated is registered anew at once, one on probation when it says,
    /// one that it rejected or somebody removed not before registerer_register; the listeners get
    /// REGISTERER_UNREGISTERED, and registerer_explain says why. A shortened one is refreshed in
    /// time. The SUBSCRIBE follows Service-Route; its challenges are answered by the password.
    pub reg_event: c_int,
    /// Flows to the registrar, RFC 5626 section 4.2: 1, or 2 (1; 0 is 1 too). The second has the
    /// reg-id after `reg_id`, a Call-ID and a connection of its own; over UDP it goes to another
    /// server of the domain, or there is none. `instance_id` and `reg_id` are needed for it, and
    /// one Contact at most. The registration is REGISTERED while either flow has a binding; events
    /// of requests are those of both, and a second flow that cannot be is one that fails (408). A
    /// registrar that does no outbound gets one flow.
    pub flows: c_int,
    /// Preloaded Route of the second flow, comma list; none: `route`.
    pub second_route: *const c_char,
}

/// How a registration stands at one moment.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_info {
    /// sizeof(struct registerer_info); set it before the call.
    pub size: usize,
    /// One of enum registerer_state.
    pub state: c_int,
    /// 1 while a REGISTER awaits its answer, or waits to be sent.
    pub pending: c_int,
    /// Seconds that the server granted, 24 times what was asked for at most; 0: nothing.
    pub granted: c_int,
    /// Milliseconds that are left of them.
    pub remaining_ms: i64,
    /// Milliseconds to the next REGISTER that is sent by itself; -1: there is none.
    pub next_ms: i64,
    /// Milliseconds left of what the server said in Retry-After, a day at most; -1: there is none.
    /// The next REGISTER may go out later by up to the jitter.
    pub retry_after_ms: i64,
    /// The status of the last answer; 408: none came; 0: nothing yet.
    pub status: c_int,
    /// 1: the server refused push notifications (555).
    pub push_refused: c_int,
    /// REGISTERs sent, retransmissions aside.
    pub requests: u64,
    /// Accepted.
    pub accepted: u64,
    /// Failed with a final answer.
    pub rejected: u64,
    /// Failed without.
    pub unanswered: u64,
    /// Challenges answered.
    pub challenges: u64,
    /// Times the Contact moved to another address.
    pub moves: u64,
    /// Milliseconds since a REGISTER was last accepted; -1: none was.
    pub since_success_ms: i64,
    /// Milliseconds since an attempt last failed, with or without an answer; -1: none has.
    pub since_failure_ms: i64,
}

/// The managed registrations of a context in numbers, which are kept where a registration changes:
/// to ask for them costs the same with one registration and with a million.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_stats {
    /// sizeof(struct registerer_stats); set it before the call.
    pub size: usize,
    /// Those that are REGISTERER_INITIAL …
    pub initial: u64,
    /// … REGISTERER_REGISTERED …
    pub registered: u64,
    /// … REGISTERER_UNREGISTERED.
    pub unregistered: u64,
    /// Those that have ended since the context was made. They are not among the others.
    pub terminated: u64,
    /// Attempts in flight, see registerer_set_limits.
    pub in_flight: u64,
    /// Registrations whose attempt waits for the limits.
    pub queued: u64,
    /// Events that were dropped because nobody fetched them, see registerer_next_event.
    pub events_lost: u64,
}

/// What an event is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_event_kind {
    /// A registration has a new state.
    REGISTERER_EVENT_STATE = 1,
    /// Something became of a request of a registration.
    REGISTERER_EVENT_REQUEST = 2,
    /// Events were dropped, because they were not fetched in time.
    REGISTERER_EVENT_LOST = 3,
    /// The program is to answer a challenge, which registerer_pending_challenge tells.
    REGISTERER_EVENT_CHALLENGE = 4,
}

/// An event, see registerer_next_event.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_event {
    /// sizeof(struct registerer_event); set it before the call.
    pub size: usize,
    /// One of enum registerer_event_kind.
    pub kind: c_int,
    /// The registration; 0 for REGISTERER_EVENT_LOST.
    pub rid: c_int,
    /// REGISTERER_EVENT_STATE: one of enum registerer_state; else -1.
    pub state: c_int,
    /// REGISTERER_EVENT_REQUEST: one of enum registerer_request; else -1.
    pub request: c_int,
    /// The status of the last answer; 408: none came; 0: nothing yet.
    pub status: c_int,
    /// The `user_data` of the registration's options.
    pub user_data: *mut c_void,
    /// REGISTERER_EVENT_LOST: how many were dropped; else 0.
    pub lost: u64,
    /// The reason phrase of that answer, or why there was none, cut to fit; never NULL.
    pub reason: [c_char; 128],
}

/// How many registrations have got this as their last status.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct registerer_status_count {
    /// The status; 408: no answer came, 0: nothing yet.
    pub status: c_int,
    /// So many registrations.
    pub registrations: u64,
}

/// A text that registerer_get_text gives.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_text {
    /// The reason phrase of the last answer, or why there was none.
    REGISTERER_TEXT_REASON = 0,
    /// Where the last REGISTER went, `address:port`.
    REGISTERER_TEXT_TARGET = 1,
    /// The address that the server last saw us at.
    REGISTERER_TEXT_SEEN = 2,
    /// `urn:uuid:…`: the one that was given, or that was made for want of it.
    REGISTERER_TEXT_INSTANCE = 3,
    /// Each binding of the address-of-record, as the server lists it.
    REGISTERER_TEXT_CONTACT = 4,
    /// Ours among them.
    REGISTERER_TEXT_OWN_CONTACT = 5,
    /// Each Service-Route, RFC 3608.
    REGISTERER_TEXT_SERVICE_ROUTE = 6,
    /// Each P-Associated-URI.
    REGISTERER_TEXT_ASSOCIATED_URI = 7,
    /// Each Path, RFC 3327.
    REGISTERER_TEXT_PATH = 8,
    /// The public GRUU, RFC 5627.
    REGISTERER_TEXT_PUBLIC_GRUU = 9,
    /// The temporary GRUU.
    REGISTERER_TEXT_TEMPORARY_GRUU = 10,
}

/// Called for each new state. `user` is what was given with it.
pub type registerer_state_callback = Option<
    unsafe extern "C" fn(
        context: *mut registerer_context,
        rid: c_int,
        state: registerer_state,
        user: *mut c_void,
    ),
>;

/// Called for each request. `reason` is valid during the call.
pub type registerer_request_callback = Option<
    unsafe extern "C" fn(
        context: *mut registerer_context,
        rid: c_int,
        what: registerer_request,
        status: c_int,
        reason: *const c_char,
        user: *mut c_void,
    ),
>;

/// How much of the trace is wanted, see registerer_set_trace.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum registerer_trace_level {
    /// What is wrong, and the program or its user should know.
    REGISTERER_TRACE_ERRORS = 2,
    /// What is unusual and was handled too.
    REGISTERER_TRACE_WARNINGS = 3,
    /// What happens too: one line for each message.
    REGISTERER_TRACE_LINES = 4,
    /// Whole messages too.
    REGISTERER_TRACE_MESSAGES = 6,
}

/// Called for each line of the trace, which has no line end: further lines of it begin with blanks.
/// `level` is its own, from 0, the most serious, to 7. `line` is valid during the call.
pub type registerer_trace_callback =
    Option<unsafe extern "C" fn(level: c_int, line: *const c_char, user: *mut c_void)>;
