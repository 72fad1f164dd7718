#ifndef REGISTERER_H
#define REGISTERER_H

/* Generated from the Rust source; do not edit. */

#include <stddef.h>
#include <stdint.h>
struct eXosip_t;
#define REGISTERER_VERSION 1 /* of the structs below */

/* What is trusted. Over TLS the server, whose certificate is checked unless tls_verify is 0. By UDP
   and TCP all goes in the clear: whoever is on the way reads it, and may answer in the registrar's
   place. A response counts only with the branch of a request, which no one else can guess; then
   its bindings, times and addresses are believed within bounds.
   A password is never sent, but an answer to a challenge lets its reader try passwords on it.
   Credentials answer only challenges to requests of their own user, and of their realm where one
   is given; the realm is the challenger's word, so that it proves nothing. The strongest challenge
   of a realm is answered. A challenger that leaves SHA-256 or qop out gets MD5, or an answer
   without qop and with the nonce of its choice, because many registrars know no better: where
   yours does, set weakest_algorithm. Requests from outside may come from anybody, unless
   registerer_set_registrars_only keeps those from elsewhere out; whoever can forge the registrar's
   address is received all the same. */

/**
 * Bit of `retry_classes`: timeouts, 480, 500, 503 and the like are tried again.
 */
#define REGISTERER_RETRY_TEMPORARY 1

/**
 * Bit of `retry_classes`: what seems not to work by itself (400, 403, 404 and the like) is tried
 * again as temporary failures are. Without it that is done after half an hour to an hour, so that
 * one stray answer does not end the service of a device for ever.
 */
#define REGISTERER_RETRY_FATAL 2

/**
 * Bit of `retry_classes`: refused credentials are tried again. This may lock an account.
 */
#define REGISTERER_RETRY_CREDENTIALS 4

/**
 * Where a registration stands. REGISTERED lasts until the binding ends, whatever becomes of a
 * refresh: a final refusal (302, 400, 403, 404, a wrong password) does not end it sooner, as the
 * server holds the binding all the same. After that it is UNREGISTERED. A refused REGISTER is
 * tried again within the hour, one with a wrong password once the credentials change;
 * registerer_explain says which.
 */
enum registerer_state {
  /**
   * No response yet.
   */
  REGISTERER_INITIAL = 0,
  /**
   * The server holds the binding.
   */
  REGISTERER_REGISTERED = 1,
  /**
   * It does not.
   */
  REGISTERER_UNREGISTERED = 2,
  /**
   * It was disposed of: nothing more is sent.
   */
  REGISTERER_TERMINATED = 3
};

/**
 * What became of a request.
 */
enum registerer_request {
  /**
   * 100 came.
   */
  REGISTERER_TRYING = 0,
  /**
   * Another provisional answer came.
   */
  REGISTERER_PROGRESS = 1,
  /**
   * It was accepted.
   */
  REGISTERER_ACCEPTED = 2,
  /**
   * It failed: with this status (200: the server lists our Contact as expired), or 408 where
   * no answer came.
   */
  REGISTERER_REJECTED = 3,
  /**
   * It was redirected, and that is not followed.
   */
  REGISTERER_REDIRECTED = 4
};

/**
 * A hash of digest authentication (RFC 7616), the weakest first. Each counts with its `-sess`.
 */
enum registerer_algorithm {
  /**
   * MD5, which is all that most servers ask for.
   */
  REGISTERER_MD5 = 0,
  /**
   * SHA-256.
   */
  REGISTERER_SHA_256 = 1,
  /**
   * SHA-512-256.
   */
  REGISTERER_SHA_512_256 = 2
};

/**
 * Why a call failed. The numbers are those of the OSIP_* macros of libosip2.
 */
enum registerer_error {
  /**
   * It did not fail.
   */
  REGISTERER_OK = 0,
  /**
   * What has no number of its own; the trace has the reason.
   */
  REGISTERER_UNDEFINED_ERROR = -1,
  /**
   * NULL, a value out of range, or options that are wrong.
   */
  REGISTERER_BAD_PARAMETER = -2,
  /**
   * Not at this time.
   */
  REGISTERER_WRONG_STATE = -3,
  /**
   * There is no memory.
   */
  REGISTERER_NO_MEMORY = -4,
  /**
   * A text that does not parse.
   */
  REGISTERER_SYNTAX_ERROR = -5,
  /**
   * There is none.
   */
  REGISTERER_NOT_FOUND = -6,
  /**
   * The context was not made, or has ended, or belongs to the process that this one was forked
   * from.
   */
  REGISTERER_NOT_INITIALIZED = -7,
  /**
   * Nothing listens.
   */
  REGISTERER_NO_NETWORK = -10
};

/**
 * What an event is.
 */
enum registerer_event_kind {
  /**
   * A registration has a new state.
   */
  REGISTERER_EVENT_STATE = 1,
  /**
   * Something became of a request of a registration.
   */
  REGISTERER_EVENT_REQUEST = 2,
  /**
   * Events were dropped, because they were not fetched in time.
   */
  REGISTERER_EVENT_LOST = 3,
  /**
   * The program is to answer a challenge, which registerer_pending_challenge tells.
   */
  REGISTERER_EVENT_CHALLENGE = 4
};

/**
 * How the flow to the registrar is kept alive.
 */
enum registerer_keepalive {
  /**
   * As the context does: `keepalive_interval` of its options, or EXOSIP_OPT_UDP_KEEP_ALIVE.
   */
  REGISTERER_KEEPALIVE_CONTEXT = 0,
  /**
   * Not for this registration.
   */
  REGISTERER_KEEPALIVE_OFF = 1,
  /**
   * CR LF CR LF.
   */
  REGISTERER_KEEPALIVE_CRLF = 2,
  /**
   * STUN; a changed public address registers anew.
   */
  REGISTERER_KEEPALIVE_STUN = 3
};

/**
 * What is done with the address that the server sees us at.
 */
enum registerer_nat {
  /**
   * Nothing.
   */
  REGISTERER_NAT_OFF = 0,
  /**
   * It replaces the one in a Contact that the library made.
   */
  REGISTERER_NAT_AUTOMATIC = 1,
  /**
   * It replaces the one in every Contact.
   */
  REGISTERER_NAT_EVERY = 2
};

/**
 * What a challenge asks for.
 */
enum registerer_scheme {
  /**
   * A token, RFC 8898.
   */
  REGISTERER_BEARER = 0,
  /**
   * RES of a SIM card for `rand` and `autn`, RFC 3310.
   */
  REGISTERER_AKAV1_MD5 = 1,
  /**
   * RES, IK and CK of one, RFC 4169.
   */
  REGISTERER_AKAV2_MD5 = 2
};

/**
 * A text that registerer_get_text gives.
 */
enum registerer_text {
  /**
   * The reason phrase of the last answer, or why there was none.
   */
  REGISTERER_TEXT_REASON = 0,
  /**
   * Where the last REGISTER went, `address:port`.
   */
  REGISTERER_TEXT_TARGET = 1,
  /**
   * The address that the server last saw us at.
   */
  REGISTERER_TEXT_SEEN = 2,
  /**
   * `urn:uuid:…`: the one that was given, or that was made for want of it.
   */
  REGISTERER_TEXT_INSTANCE = 3,
  /**
   * Each binding of the address-of-record, as the server lists it.
   */
  REGISTERER_TEXT_CONTACT = 4,
  /**
   * Ours among them.
   */
  REGISTERER_TEXT_OWN_CONTACT = 5,
  /**
   * Each Service-Route, RFC 3608.
   */
  REGISTERER_TEXT_SERVICE_ROUTE = 6,
  /**
   * Each P-Associated-URI.
   */
  REGISTERER_TEXT_ASSOCIATED_URI = 7,
  /**
   * Each Path, RFC 3327.
   */
  REGISTERER_TEXT_PATH = 8,
  /**
   * The public GRUU, RFC 5627.
   */
  REGISTERER_TEXT_PUBLIC_GRUU = 9,
  /**
   * The temporary GRUU.
   */
  REGISTERER_TEXT_TEMPORARY_GRUU = 10
};

/**
 * How much of the trace is wanted, see registerer_set_trace.
 */
enum registerer_trace_level {
  /**
   * What is wrong, and the program or its user should know.
   */
  REGISTERER_TRACE_ERRORS = 2,
  /**
   * What is unusual and was handled too.
   */
  REGISTERER_TRACE_WARNINGS = 3,
  /**
   * What happens too: one line for each message.
   */
  REGISTERER_TRACE_LINES = 4,
  /**
   * Whole messages too.
   */
  REGISTERER_TRACE_MESSAGES = 6
};

/**
 * What carries messages to the server.
 */
enum registerer_transport {
  /**
   * As the first Route says, else the registrar's URI, else DNS (RFC 3263). A literal address,
   * or a port, without another word is UDP; `sips:` is TLS.
   */
  REGISTERER_TRANSPORT_AUTOMATIC = 0,
  /**
   * Datagrams.
   */
  REGISTERER_TRANSPORT_UDP = 1,
  /**
   * Connections in the clear.
   */
  REGISTERER_TRANSPORT_TCP = 2,
  /**
   * TLS over TCP.
   */
  REGISTERER_TRANSPORT_TLS = 3
};

/**
 * A context: sockets, registrations and what belongs to them. It is what eXosip_malloc gives, so
 * that a pointer to either is one to the other.
 */
typedef struct eXosip_t registerer_context;

/**
 * A challenge that the program is to answer by registerer_answer_challenge. All of it is the word
 * of whoever sent it. A text that is not there is "".
 */
struct registerer_challenge {
  /**
   * sizeof(struct registerer_challenge), as the library was compiled.
   */
  size_t size;
  /**
   * By what the answer names it.
   */
  int number;
  /**
   * 401: the registrar asks; 407: a proxy.
   */
  int status;
  /**
   * One of enum registerer_scheme.
   */
  int scheme;
  /**
   * 1: the program's last answer to this realm was refused, or was `auts`.
   */
  int repeated;
  /**
   * 1: it came over TLS. A token that is not encrypted itself must not go out otherwise, RFC
   * 8898 section 2.1.
   */
  int secure;
  /**
   * Milliseconds that are left to answer.
   */
  int64_t remaining_ms;
  /**
   * The realm.
   */
  const char *realm;
  /**
   * Of Bearer: the URL of the authorization server. A program asks only one that it knows and
   * trusts, RFC 8898 section 2.1.1.
   */
  const char *authz_server;
  /**
   * Of Bearer: the scopes that the token is to have.
   */
  const char *scope;
  /**
   * Of Bearer: what is wrong with the token that was sent, "invalid_token" for one.
   */
  const char *error;
  /**
   * Of AKA: RAND.
   */
  unsigned char rand[16];
  /**
   * Of AKA: AUTN.
   */
  unsigned char autn[16];
};

/**
 * Called for each challenge that the program is to answer. `challenge` is valid during the call.
 */
typedef void (*registerer_challenge_callback)(registerer_context *context,
                                              int rid,
                                              const struct registerer_challenge *challenge,
                                              void *user);

/**
 * An answer to a challenge: one of `token`, `res` and `auts`, the others are NULL. All is copied,
 * and what is kept of it is wiped when it is given up. A token stands in the requests too: no
 * trace shows it, but the memory of a request that was sent is not wiped.
 */
struct registerer_answer {
  /**
   * sizeof(struct registerer_answer).
   */
  size_t size;
  /**
   * The token, RFC 6750 section 2.1, up to 32000 characters.
   */
  const char *token;
  /**
   * RES, …
   */
  const unsigned char *res;
  /**
   * … and its bytes, 4 to 16.
   */
  size_t res_length;
  /**
   * The integrity key, 16 bytes; REGISTERER_AKAV2_MD5 needs it.
   */
  const unsigned char *ik;
  /**
   * The cipher key, 16 bytes; REGISTERER_AKAV2_MD5 needs it.
   */
  const unsigned char *ck;
  /**
   * AUTS, 14 bytes: the card is out of step, and the server makes another challenge.
   */
  const unsigned char *auts;
};

/**
 * The options of a context. Texts are copied; NULL and "" mean: none. Fill it with
 * registerer_context_options_init first.
 */
struct registerer_context_options {
  /**
   * sizeof(struct registerer_context_options).
   */
  size_t size;
  /**
   * The User-Agent of requests; none: the name and the version of the library.
   */
  const char *user_agent;
  /**
   * A UUID for the registrations that have no `instance_id` of their own; none: made at random.
   */
  const char *instance_id;
  /**
   * What Contacts show in place of our own address; none: our own.
   */
  const char *public_address;
  /**
   * The port that goes with it; 0: that which we listen on (0).
   */
  int public_port;
  /**
   * Where registerer_context_listen is given no address: 0 is IPv4, 1 is IPv6, 2 is both (0).
   */
  int ipv6;
  /**
   * The DSCP value of what is sent, 0 to 63 (26).
   */
  int dscp;
  /**
   * Seconds between keep-alives; 0: none (17).
   */
  int keepalive_interval;
  /**
   * Whether connections of others are accepted, where TCP or TLS is listened on (0). With TLS a
   * certificate is needed for that.
   */
  int accept_connections;
  /**
   * TLS, for what belongs to no registration: whether certificates are checked (1). What a
   * registration wants of it is in its own options.
   */
  int tls_verify;
  /**
   * A file of root certificates in PEM, or a folder of such files; none: those of the system.
   */
  const char *tls_ca_file;
  /**
   * What is shown to those who connect to us, and to a server that asks for a certificate: PEM,
   * with its issuers after it, or DER; and …
   */
  const char *tls_certificate_file;
  /**
   * … its private key: PEM or DER, not encrypted.
   */
  const char *tls_key_file;
  /**
   * Whether events are kept from the beginning (0): see registerer_next_event.
   */
  int queue_events;
  /**
   * Whether a thread of the library does the work, and another calls the listeners (1); 0: the
   * program does, by registerer_step.
   */
  int own_thread;
};

/**
 * An event, see registerer_next_event.
 */
struct registerer_event {
  /**
   * sizeof(struct registerer_event); set it before the call.
   */
  size_t size;
  /**
   * One of enum registerer_event_kind.
   */
  int kind;
  /**
   * The registration; 0 for REGISTERER_EVENT_LOST.
   */
  int rid;
  /**
   * REGISTERER_EVENT_STATE: one of enum registerer_state; else -1.
   */
  int state;
  /**
   * REGISTERER_EVENT_REQUEST: one of enum registerer_request; else -1.
   */
  int request;
  /**
   * The status of the last answer; 408: none came; 0: nothing yet.
   */
  int status;
  /**
   * The `user_data` of the registration's options.
   */
  void *user_data;
  /**
   * REGISTERER_EVENT_LOST: how many were dropped; else 0.
   */
  uint64_t lost;
  /**
   * The reason phrase of that answer, or why there was none, cut to fit; never NULL.
   */
  char reason[128];
};

/**
 * The options of a registration. Texts are copied; NULL and "" mean: none. Fill it with
 * registerer_options_init first.
 */
struct registerer_options {
  /**
   * sizeof(struct registerer_options).
   */
  size_t size;
  /**
   * The address-of-record: a URI or `"Name" <uri>`. Needed.
   */
  const char *aor;
  /**
   * The URI of the registrar; none: the domain of the address-of-record. A
   * `transport` but udp, tcp and tls is refused, here, in `aor` and in `route`; so are tls and
   * sips: by a library without TLS.
   */
  const char *registrar;
  /**
   * The digest user; none: those of eXosip_add_authentication_info for the user of the
   * address-of-record, if there are. Those of another user are not used, whatever the realm.
   */
  const char *username;
  /**
   * Its password. "" is an empty one, unless there is an HA1.
   */
  const char *password;
  /**
   * Its realm; none: any.
   */
  const char *realm;
  /**
   * In place of a password: H(user:realm:password) in hex for MD5 …
   */
  const char *ha1_md5;
  /**
   * … for SHA-256 …
   */
  const char *ha1_sha256;
  /**
   * … for SHA-512-256.
   */
  const char *ha1_sha512_256;
  /**
   * Seconds to ask for, at least 1 (600).
   */
  int expires;
  /**
   * When to refresh, percent of the granted time, 50 to 99 (90).
   */
  int refresh_frequency;
  /**
   * Up to this many percent earlier, at random, 0 to 40 (5).
   */
  int refresh_jitter;
  /**
   * Further header fields, `Name: value`, one on a line; none that the library makes but
   * User-Agent, and Supported, Require and Proxy-Require, whose option tags are added to ours.
   */
  const char *extra_headers;
  /**
   * Further parameters of our Contact: `;name=value;…`, values with commas or brackets in
   * quotes.
   */
  const char *contact_params;
  /**
   * Our Contact, or several with commas; none: the library makes one.
   */
  const char *contacts;
  /**
   * The `q` of a Contact that the library makes, "0" to "1".
   */
  const char *q;
  /**
   * A UUID, with or without `urn:uuid:`; none: made at random for the context. RFC 5626 section
   * 4.1 wants it to be the same each time that the program starts, or servers list a dead
   * binding beside the new one: read it after registerer_new by registerer_get_text with
   * REGISTERER_TEXT_INSTANCE, store it, and give it here from then on.
   */
  const char *instance_id;
  /**
   * RFC 5626 (1); 0: no outbound.
   */
  int reg_id;
  /**
   * From, where another registers than the address-of-record: a URI or `"Name" <uri>`.
   */
  const char *from;
  /**
   * Preloaded Route, comma list.
   */
  const char *route;
  /**
   * Challenges answered in a row, and 423 (3).
   */
  int max_answers;
  /**
   * Least wait after a first failure, seconds (30): one to two times as long, at random, and
   * twice as long with each further failure …
   */
  int retry_base;
  /**
   * … up to this (1800), of which it is 50 to 100 % (RFC 5626 section 4.5). Retry-After wins, up
   * to a day.
   */
  int retry_max;
  /**
   * Failures in a row after which it stops; 0: never (0).
   */
  int retry_limit;
  /**
   * Bits REGISTERER_RETRY_* (REGISTERER_RETRY_TEMPORARY).
   */
  int retry_classes;
  /**
   * Statuses that count otherwise: "404=temporary 480=fatal 403=credentials".
   */
  const char *status_classes;
  /**
   * One of enum registerer_nat (REGISTERER_NAT_AUTOMATIC).
   */
  int nat;
  /**
   * One of enum registerer_keepalive (REGISTERER_KEEPALIVE_CONTEXT).
   */
  int keepalive;
  /**
   * Seconds between keep-alives; 0: as the context says (0).
   */
  int keepalive_interval;
  /**
   * Whether GRUU is offered, RFC 5627 (1).
   */
  int gruu;
  /**
   * Whether Path is offered, RFC 3327 (1).
   */
  int path;
  /**
   * Mechanisms for Security-Client, RFC 3329, such as "digest;d-alg=md5"; a server that makes no
   * agreements refuses them (420). With the parameter `mediasec` ("sdes-srtp;mediasec") they are
   * for the media plane, TS 24.229 section 5.1.1.2: the option tag is `mediasec` then. What the
   * server lists in Security-Server is repeated in Security-Verify. None: no agreement.
   */
  const char *security_client;
  /**
   * RFC 8599: `pn-provider` …
   */
  const char *push_provider;
  /**
   * … `pn-prid` …
   */
  const char *push_prid;
  /**
   * … `pn-param`.
   */
  const char *push_param;
  /**
   * Whether redirections are followed (0).
   */
  int follow_redirects;
  /**
   * The first REGISTER goes out at some moment within these seconds (0).
   */
  int start_spread;
  /**
   * Whether there are also the events of the eXosip calls (0).
   */
  int exosip_events;
  /**
   * For the application; see registerer_user_data.
   */
  void *user_data;
  /**
   * One of enum registerer_algorithm: a challenge for a weaker one is not answered
   * (REGISTERER_MD5). That of the context counts too, whichever is stronger.
   */
  int weakest_algorithm;
  /**
   * After how many seconds at most a final refusal (403, 404, 6xx) is tried again, the first at
   * half of them; 0: never (3600).
   */
  int fatal_retry;
  /**
   * The most seconds that a Min-Expires (423) is followed to (31536000).
   */
  int largest_min_expires;
  /**
   * One of enum registerer_transport (REGISTERER_TRANSPORT_AUTOMATIC).
   */
  int transport;
  /**
   * Whether the server's certificate is checked, where TLS is used (1). 0: whoever is between us
   * and the server may be it, unless there is a pin.
   */
  int tls_verify;
  /**
   * A file of root certificates in PEM, or a folder of such files; none: those of the system.
   */
  const char *tls_ca_file;
  /**
   * What is shown to a server that asks for a certificate: PEM, with its issuers after it, or
   * DER; and …
   */
  const char *tls_certificate_file;
  /**
   * … its private key: PEM or DER, not encrypted. Files are read when a connection is made, and
   * again when they have changed.
   */
  const char *tls_key_file;
  /**
   * The key that the server's certificate has to have: `sha256//` and the base64 of the SHA-256
   * of its SubjectPublicKeyInfo, several with `;`, or the name of a file that has the
   * SubjectPublicKeyInfo in DER or PEM.
   */
  const char *tls_pin;
  /**
   * Seconds that an attempt may take, from its first REGISTER through challenges and further
   * servers to the final answer; it then counts as unanswered, and the next follows after the
   * usual wait. 0: as long as the transactions last, 32 s for each server that is silent (0).
   */
  int attempt_timeout;
  /**
   * Whether a REGISTER that answers no challenge has an Authorization all the same, which names
   * `username` and `realm` (none: the domain of the registrar) with an empty nonce and response,
   * as networks of TS 24.229 section 5.1.1.2 want it (0).
   */
  int initial_authorization;
  /**
   * Seconds that the program has to answer a challenge that asks for a token (RFC 8898) or a SIM
   * card (RFC 3310, RFC 4169): see registerer_on_challenge. `username` may have no password then;
   * a SIM card answers for it. No answer in time is a failure that is tried again. 0: such
   * challenges are not answered (0).
   */
  int challenge_wait;
  /**
   * Whether the event `reg` is subscribed to once the binding is there, RFC 3680 (0). A binding
   * that the registrar has deactivated is registered anew at once, one on probation when it says,
   * one that it rejected or somebody removed not before registerer_register; the listeners get
   * REGISTERER_UNREGISTERED, and registerer_explain says why. A shortened one is refreshed in
   * time. The SUBSCRIBE follows Service-Route; its challenges are answered by the password.
   */
  int reg_event;
  /**
   * Flows to the registrar, RFC 5626 section 4.2: 1, or 2 (1; 0 is 1 too). The second has the
   * reg-id after `reg_id`, a Call-ID and a connection of its own; over UDP it goes to another
   * server of the domain, or there is none. `instance_id` and `reg_id` are needed for it, and
   * one Contact at most. The registration is REGISTERED while either flow has a binding; events
   * of requests are those of both, and a second flow that cannot be is one that fails (408). A
   * registrar that does no outbound gets one flow.
   */
  int flows;
  /**
   * Preloaded Route of the second flow, comma list; none: `route`.
   */
  const char *second_route;
};

/**
 * How a registration stands at one moment.
 */
struct registerer_info {
  /**
   * sizeof(struct registerer_info); set it before the call.
   */
  size_t size;
  /**
   * One of enum registerer_state.
   */
  int state;
  /**
   * 1 while a REGISTER awaits its answer, or waits to be sent.
   */
  int pending;
  /**
   * Seconds that the server granted, 24 times what was asked for at most; 0: nothing.
   */
  int granted;
  /**
   * Milliseconds that are left of them.
   */
  int64_t remaining_ms;
  /**
   * Milliseconds to the next REGISTER that is sent by itself; -1: there is none.
   */
  int64_t next_ms;
  /**
   * Milliseconds left of what the server said in Retry-After, a day at most; -1: there is none.
   * The next REGISTER may go out later by up to the jitter.
   */
  int64_t retry_after_ms;
  /**
   * The status of the last answer; 408: none came; 0: nothing yet.
   */
  int status;
  /**
   * 1: the server refused push notifications (555).
   */
  int push_refused;
  /**
   * REGISTERs sent, retransmissions aside.
   */
  uint64_t requests;
  /**
   * Accepted.
   */
  uint64_t accepted;
  /**
   * Failed with a final answer.
   */
  uint64_t rejected;
  /**
   * Failed without.
   */
  uint64_t unanswered;
  /**
   * Challenges answered.
   */
  uint64_t challenges;
  /**
   * Times the Contact moved to another address.
   */
  uint64_t moves;
  /**
   * Milliseconds since a REGISTER was last accepted; -1: none was.
   */
  int64_t since_success_ms;
  /**
   * Milliseconds since an attempt last failed, with or without an answer; -1: none has.
   */
  int64_t since_failure_ms;
};

/**
 * Called for each new state. `user` is what was given with it.
 */
typedef void (*registerer_state_callback)(registerer_context *context,
                                          int rid,
                                          enum registerer_state state,
                                          void *user);

/**
 * Called for each request. `reason` is valid during the call.
 */
typedef void (*registerer_request_callback)(registerer_context *context,
                                            int rid,
                                            enum registerer_request what,
                                            int status,
                                            const char *reason,
                                            void *user);

/**
 * The managed registrations of a context in numbers, which are kept where a registration changes:
 * to ask for them costs the same with one registration and with a million.
 */
struct registerer_stats {
  /**
   * sizeof(struct registerer_stats); set it before the call.
   */
  size_t size;
  /**
   * Those that are REGISTERER_INITIAL …
   */
  uint64_t initial;
  /**
   * … REGISTERER_REGISTERED …
   */
  uint64_t registered;
  /**
   * … REGISTERER_UNREGISTERED.
   */
  uint64_t unregistered;
  /**
   * Those that have ended since the context was made. They are not among the others.
   */
  uint64_t terminated;
  /**
   * Attempts in flight, see registerer_set_limits.
   */
  uint64_t in_flight;
  /**
   * Registrations whose attempt waits for the limits.
   */
  uint64_t queued;
  /**
   * Events that were dropped because nobody fetched them, see registerer_next_event.
   */
  uint64_t events_lost;
};

/**
 * How many registrations have got this as their last status.
 */
struct registerer_status_count {
  /**
   * The status; 408: no answer came, 0: nothing yet.
   */
  int status;
  /**
   * So many registrations.
   */
  uint64_t registrations;
};

/**
 * Called for each line of the trace, which has no line end: further lines of it begin with blanks.
 * `level` is its own, from 0, the most serious, to 7. `line` is valid during the call.
 */
typedef void (*registerer_trace_callback)(int level, const char *line, void *user);

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Has `callback` called with each challenge that `rid` (0: every registration) awaits an answer
 * to; its option `challenge_wait` is above 0. The program answers by registerer_answer_challenge,
 * then and there or later from any thread; nothing is sent for that registration until then. As
 * registerer_on_state_change otherwise.
 *
 * The caller promises:
 * As for registerer_on_state_change.
 */
int registerer_on_challenge(registerer_context *context,
                            int rid,
                            registerer_challenge_callback callback,
                            void *user,
                            int once);

/**
 * Calls `callback` with the challenge that `rid` awaits an answer to, on this thread and before
 * this returns: for a program that fetches events, or that has started to listen late.
 *
 * Returns 0; REGISTERER_NOT_FOUND also when nothing is awaited; REGISTERER_BAD_PARAMETER;
 * REGISTERER_UNDEFINED_ERROR as registerer_register.
 *
 * The caller promises:
 * `callback` may be called with `user`.
 */
int registerer_pending_challenge(registerer_context *context,
                                 int rid,
                                 registerer_challenge_callback callback,
                                 void *user);

/**
 * Answers challenge `number`: the REGISTER goes out with the answer, and so do the later ones,
 * until it is refused. It may be called by any thread, and by the listener.
 *
 * Returns 0; REGISTERER_WRONG_STATE when no answer to it is awaited any more;
 * REGISTERER_BAD_PARAMETER for what is no answer to it, after which another one may be given;
 * REGISTERER_NOT_FOUND, REGISTERER_UNDEFINED_ERROR as registerer_register.
 *
 * The caller promises:
 * `answer` is NULL or filled, and its pointers are NULL or have as many bytes as it says.
 */
int registerer_answer_challenge(registerer_context *context,
                                int rid,
                                int number,
                                const struct registerer_answer *answer);

/**
 * Does not answer challenge `number`: the registration stops until registerer_register or
 * registerer_set_credentials; with REGISTERER_RETRY_CREDENTIALS it is tried again by itself.
 *
 * Returns as registerer_answer_challenge.
 */
int registerer_refuse_challenge(registerer_context *context, int rid, int number);

/**
 * Fills `options` with the defaults; `size` is sizeof(struct registerer_context_options).
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none.
 *
 * The caller promises:
 * `options` is NULL or may be written for `size` bytes.
 */
int registerer_context_options_init(struct registerer_context_options *options, size_t size);

/**
 * Makes a context. Nothing is opened or sent. `options` NULL means the defaults.
 *
 * Returns a context, to be ended by registerer_context_free; NULL for options that are wrong (the
 * trace has the reason), and without memory, entropy or file descriptors.
 *
 * The caller promises:
 * `options` is NULL or filled.
 */
registerer_context *registerer_context_new(const struct registerer_context_options *options);

/**
 * Ends a context and frees it. The registrations are removed from their registrars first: that
 * goes on while no two seconds pass without one that is gone, and for five seconds and 2 ms for
 * each at most, never more than twenty. Then every thread that waits in the context returns, the
 * sockets are closed, and the pointer is nobody's. A context of eXosip_malloc that was initialised
 * may be ended so too. NULL, and one that has ended: nothing happens.
 *
 * It may be called by a listener, which then waits for no answer of a registrar. A listener that
 * another thread is in is waited for, two seconds at most.
 */
void registerer_context_free(registerer_context *context);

/**
 * Opens what registrations are sent from, and starts the context's thread, if it has one.
 * `transport` is one of
 * enum registerer_transport, what requests of the eXosip calls go by; a registration goes by what
 * its own options say all the same. REGISTERER_TRANSPORT_AUTOMATIC is UDP. `address` NULL means
 * all interfaces. `port` 0 lets the kernel choose one; below 0 it is that of SIP, 5060. With TCP
 * and TLS nothing is opened before it is needed, unless connections are accepted.
 *
 * Returns 0; REGISTERER_WRONG_STATE when it listens already; REGISTERER_BAD_PARAMETER for another
 * transport or a port above 65535; REGISTERER_UNDEFINED_ERROR when the address cannot be bound,
 * after which another one may be tried.
 *
 * The caller promises:
 * `address` is NULL or a text that ends with NUL.
 */
int registerer_context_listen(registerer_context *context,
                              int transport,
                              const char *address,
                              int port);

/**
 * The port that registerer_context_listen has opened, or that was given where nothing is open yet.
 *
 * Returns it; REGISTERER_NO_NETWORK before that; REGISTERER_BAD_PARAMETER.
 */
int registerer_context_port(registerer_context *context);

/**
 * Tells that the network has changed, where the system does not: each registration asks for its
 * binding again, from whatever address it then leaves. Changes of addresses, routes and links of
 * this machine are noticed without this.
 *
 * Returns 0; REGISTERER_WRONG_STATE while nothing listens; REGISTERER_BAD_PARAMETER.
 */
int registerer_context_network_changed(registerer_context *context);

/**
 * The version of this library, as "0.1.0"; a constant.
 */
const char *registerer_version(void);

/**
 * The name of an error (enum registerer_error), "WRONG_STATE" for -3; a constant, never NULL.
 */
const char *registerer_error_name(int error);

/**
 * Fetches the next event: waits for one for at most `ms` milliseconds; 0: not at all; less than 0:
 * without limit. Fills `event`, whose size must be set; it is the program's, and nothing in it has
 * to be given back.
 *
 * Events are those of all registrations, the same that listeners are called with. They are kept
 * from the first call of this or of registerer_fd on, or from the beginning with `queue_events` of
 * the context's options; a program asks before it calls registerer_register. Up to 262144 are
 * kept. Of what is beyond that the oldest is dropped, and the next call gives
 * REGISTERER_EVENT_LOST with their number: registerer_get_state says how things stand then. A
 * provisional answer is left out while one of the same status for the same registration is kept.
 *
 * Several threads may fetch: each event goes to one of them. In a context without a thread this
 * does the work of registerer_step while it waits.
 *
 * Returns 1 with an event; 0 when the time is up; REGISTERER_BAD_PARAMETER for NULL or a size that
 * is none; REGISTERER_NOT_INITIALIZED once the context has ended, also when it ends meanwhile.
 *
 * A cancelation point, as registerer_wait is.
 *
 * The caller promises:
 * `event` is NULL or may be written for as many bytes as it begins with.
 */
int registerer_next_event(registerer_context *context, struct registerer_event *event, int ms);

/**
 * A descriptor that is readable while there is something to fetch, for poll(2), epoll(7), GLib or
 * libuv: then registerer_next_event is called, with `ms` 0, until it returns 0. In a context
 * without a thread it is readable also while registerer_step has something to do, which is called
 * first. It is the context's: the program neither reads nor closes it. It stays the same until the
 * context ends.
 *
 * Returns the descriptor; REGISTERER_UNDEFINED_ERROR when there is none to be had;
 * REGISTERER_NOT_INITIALIZED, REGISTERER_BAD_PARAMETER.
 */
int registerer_fd(registerer_context *context);

/**
 * Does the work of a context that was made with `own_thread` 0: what is due, and what has arrived.
 * It waits at most `ms` milliseconds for something to arrive or to become due; 0: not at all; less
 * than 0: without limit. A program with a loop of its own calls it with 0 when registerer_fd is
 * readable, which it is also when something is due; one that polls otherwise calls it again after
 * `next_ms` milliseconds at the latest, or after any other call. `next_ms` may be NULL; -1: nothing
 * is due.
 *
 * No thread of the library works meanwhile, but for one that looks up a name, where there is one to
 * be looked up, and ends with that. Listeners are called by this, by registerer_wait, by
 * registerer_next_event and by registerer_context_free, in the thread that calls. Those calls do
 * this work too while they wait, so that one thread alone may use them. Several threads may be in
 * them at once; one of them works, and the others wait.
 *
 * Returns 0; REGISTERER_WRONG_STATE for a context with a thread; REGISTERER_NO_NETWORK before
 * registerer_context_listen; REGISTERER_NOT_INITIALIZED, REGISTERER_BAD_PARAMETER.
 *
 * A cancelation point, as registerer_wait is.
 *
 * The caller promises:
 * `next_ms` is NULL or may be written.
 */
int registerer_step(registerer_context *context, int ms, int *next_ms);

/**
 * Fills `options` with the defaults; `size` is sizeof(struct registerer_options).
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none.
 *
 * The caller promises:
 * `options` is NULL or may be written for `size` bytes.
 */
int registerer_options_init(struct registerer_options *options, size_t size);

/**
 * Says in words what is wrong with `options`, in `size` bytes at `reason` (cut to fit; may be
 * NULL).
 *
 * Returns 0 when nothing is; REGISTERER_BAD_PARAMETER otherwise.
 *
 * The caller promises:
 * `options` is NULL or filled; `reason` is NULL or may be written for `size` bytes.
 */
int registerer_check(const struct registerer_options *options, char *reason, size_t size);

/**
 * Makes a registration. Nothing is sent.
 *
 * Returns the rid, above 0; REGISTERER_BAD_PARAMETER for NULL or options that registerer_check
 * refuses (the trace has the reason); REGISTERER_NOT_INITIALIZED.
 *
 * The caller promises:
 * `options` is NULL or filled.
 */
int registerer_new(registerer_context *context, const struct registerer_options *options);

/**
 * Takes over a registration made by the eXosip calls: it is a managed registration from now on,
 * and eXosip_automatic_action does nothing more for it. Its messages and events stay as they were.
 *
 * Returns 0, also for a managed one; REGISTERER_BAD_PARAMETER, REGISTERER_NOT_FOUND.
 */
int registerer_adopt(registerer_context *context, int rid);

/**
 * Asks for the binding, or renews it, and keeps it.
 *
 * Returns 0; REGISTERER_WRONG_STATE while a request is pending, and once it was disposed of;
 * REGISTERER_NO_NETWORK before registerer_context_listen; REGISTERER_NOT_FOUND;
 * REGISTERER_BAD_PARAMETER; REGISTERER_UNDEFINED_ERROR for one of the eXosip calls that was not
 * adopted.
 */
int registerer_register(registerer_context *context, int rid);

/**
 * Removes our binding; with `all` not 0 those of everybody (Contact: *).
 *
 * Returns as registerer_register.
 */
int registerer_unregister(registerer_context *context, int rid, int all);

/**
 * Ends a registration: waits for what is pending, removes the binding, ends REGISTERER_TERMINATED
 * and sends nothing more. The listeners get REGISTERER_UNREGISTERED before that when the binding
 * is gone. Returns at once; registerer_wait waits for the end. registerer_context_free does it for
 * all: at the pace of the registrar's answers, while no two seconds pass without one that has
 * ended, and for five seconds and 2 ms for each at most, never more than twenty. What is left then
 * ends REGISTERER_TERMINATED too; its binding stays at the registrar for the rest of its granted
 * time.
 *
 * Returns 0, also the second time; REGISTERER_NOT_FOUND, REGISTERER_BAD_PARAMETER,
 * REGISTERER_UNDEFINED_ERROR as registerer_register.
 */
int registerer_dispose(registerer_context *context, int rid);

/**
 * Waits until a registration is in `state` (enum registerer_state), at most `ms` milliseconds;
 * less than 0: no limit. A state that it enters during the call counts also when it leaves it at
 * once.
 *
 * Returns 0; REGISTERER_WRONG_STATE when the time is up or the state cannot come any more;
 * REGISTERER_NOT_FOUND, REGISTERER_BAD_PARAMETER.
 *
 * A cancelation point, as pthreads(7) has them: a thread for which pthread_cancel was called ends
 * here. So are registerer_next_event and registerer_step, and no other call of this header, nor
 * the listeners: a cancelation acts when the call has returned.
 */
int registerer_wait(registerer_context *context, int rid, int state, int ms);

/**
 * The state of a registration, one of enum registerer_state. One that was disposed of still
 * answers, for a while.
 *
 * Returns the state; REGISTERER_NOT_FOUND, REGISTERER_BAD_PARAMETER, REGISTERER_UNDEFINED_ERROR as
 * registerer_register.
 */
int registerer_get_state(registerer_context *context, int rid);

/**
 * Fills `info`, whose size must be set.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none; REGISTERER_NOT_FOUND also
 * for one that is over.
 *
 * The caller promises:
 * `info` is NULL or may be written for as many bytes as it begins with.
 */
int registerer_get_info(registerer_context *context, int rid, struct registerer_info *info);

/**
 * Copies a text (`what`: enum registerer_text) with a NUL into `size` bytes at `buf`, cut to fit.
 * `index` counts from 0 where there are several.
 *
 * Returns the length of the whole text; REGISTERER_NOT_FOUND when there is none;
 * REGISTERER_BAD_PARAMETER.
 *
 * The caller promises:
 * `buf` is NULL or may be written for `size` bytes.
 */
int registerer_get_text(registerer_context *context,
                        int rid,
                        int what,
                        int index,
                        char *buf,
                        size_t size);

/**
 * One sentence for a person: what happened last, why, and what happens next. Copied with a NUL,
 * cut to `size` bytes.
 *
 * Returns the length of the whole sentence; REGISTERER_BAD_PARAMETER, REGISTERER_NOT_FOUND.
 *
 * The caller promises:
 * `buf` is NULL or may be written for `size` bytes.
 */
int registerer_explain(registerer_context *context, int rid, char *buf, size_t size);

/**
 * The `user_data` of the options, also in the call with REGISTERER_TERMINATED and a while
 * after; NULL for an unknown rid.
 */
void *registerer_user_data(registerer_context *context, int rid);

/**
 * Gives a registration other credentials, taken from `options` (`username`, `password`, `realm`,
 * `ha1_*`; the rest is not looked at). One that stopped for want of them goes on at once.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER also for a user without password and HA1, and the other way
 * round; REGISTERER_NOT_FOUND, REGISTERER_UNDEFINED_ERROR as registerer_register.
 *
 * The caller promises:
 * `options` is NULL or filled.
 */
int registerer_set_credentials(registerer_context *context,
                               int rid,
                               const struct registerer_options *options);

/**
 * Limits for all managed registrations of a context: attempts `in_flight` at a time (500) and
 * REGISTERs `per_second` (1000); 0: no limit. The others wait. An attempt counts from its first
 * REGISTER to its last answer, or its give-up after 32 s; in registerer_context_free for half a
 * second at most, and the rate does not hold there.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for a number below 0.
 */
int registerer_set_limits(registerer_context *context, int in_flight, int per_second);

/**
 * The weakest hash of digest authentication (enum registerer_algorithm) that any request of a
 * context answers a challenge for: registrations of either header and requests outside of
 * dialogs. REGISTERER_MD5 until it is called.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for another number.
 */
int registerer_set_weakest_algorithm(registerer_context *context, int algorithm);

/**
 * Whether the port that registerer_context_listen opens is for this context alone (1) or may be
 * opened by other programs that name it too (0, as with eXosip2). It counts from the next call of
 * that on. A port that somebody has is then refused; the port 0 never is anybody else's.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER.
 */
int registerer_set_exclusive_port(registerer_context *context, int exclusive);

/**
 * Whether requests from outside count only from addresses where a registration of the context
 * lives (1), or from any (0, until it is called). It is one of either header that is bound, or
 * goes on registering; what counts is the address that its REGISTER went to, whatever the port.
 * With 1 a request from anywhere else is dropped: it gets no answer and makes no event, and the
 * trace has a line about it. A provider that sends requests from other addresses than its
 * registrar's, and a phone that calls by itself, are not received then.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER.
 */
int registerer_set_registrars_only(registerer_context *context, int registrars_only);

/**
 * The name of a state (enum registerer_state), "REGISTERED" for one; a constant, never NULL.
 */
const char *registerer_state_name(int state);

/**
 * Has `callback` called with each new state of `rid` (0: of every registration); with `once` not 0
 * only with the next.
 *
 * It is called on one thread of the context, one call at a time, and holds no lock: it may make
 * any call, registerer_dispose and registerer_context_free too (calls that are outstanding by then
 * are dropped). A listener that does not return holds up the others, never the registrations. In a
 * context that was made with `own_thread` 0 it is called by the thread that does the work, see
 * registerer_step, and what it holds up is that.
 *
 * Returns a number for registerer_off, above 0; REGISTERER_BAD_PARAMETER for NULL or a rid below
 * 0; REGISTERER_UNDEFINED_ERROR where no thread can be started.
 *
 * The caller promises:
 * `callback` may be called with `user` until registerer_off has returned or the context has ended.
 */
int registerer_on_state_change(registerer_context *context,
                               int rid,
                               registerer_state_callback callback,
                               void *user,
                               int once);

/**
 * Has `callback` called with what becomes of each request of `rid` (0: of every registration). As
 * registerer_on_state_change otherwise.
 *
 * The caller promises:
 * As for registerer_on_state_change.
 */
int registerer_on_request(registerer_context *context,
                          int rid,
                          registerer_request_callback callback,
                          void *user,
                          int once);

/**
 * Removes a listener. Once this has returned it is not called any more; a call under way is
 * waited for (two seconds at most), unless this is called from it. Do not hold eXosip_lock if the
 * listener takes it.
 *
 * Returns 0; REGISTERER_NOT_FOUND for an unknown number, or one that was called once.
 */
int registerer_off(registerer_context *context, int listener);

/**
 * Fills `stats`, whose size must be set, at a cost that does not depend on how many registrations
 * there are.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for NULL or a size that is none.
 *
 * The caller promises:
 * `stats` is NULL or may be written for as many bytes as it begins with.
 */
int registerer_get_stats(registerer_context *context, struct registerer_stats *stats);

/**
 * Writes how many registrations have which last status into `room` places at `counts`, by
 * ascending status; a status that none has is left out. A context has a handful of them.
 *
 * Returns how many statuses there are, also where that is more than `room`;
 * REGISTERER_BAD_PARAMETER for NULL where `room` is not 0.
 *
 * The caller promises:
 * `counts` may be written for `room` places, or `room` is 0.
 */
int registerer_status_counts(registerer_context *context,
                             struct registerer_status_count *counts,
                             size_t room);

/**
 * Has `callback` called with each line of the trace of this process up to `level`, in place of
 * where the lines went before; NULL ends that. `level` is one of enum registerer_trace_level, or
 * another number from 1 to 7, as REGISTER_TRACE in the environment has it: without either nothing
 * is written anywhere. The trace of all contexts is one, and osip_trace writes to it too.
 *
 * It is called by any thread, by several at once, and holds no lock; it may make any call but this.
 * Neither passwords nor their hashes are in the trace, at no level.
 *
 * Returns 0; REGISTERER_BAD_PARAMETER for a level that is none.
 *
 * The caller promises:
 * `callback` is NULL, or may be called with `user` until it is replaced and the calls under way
 * have returned.
 */
int registerer_set_trace(int level, registerer_trace_callback callback, void *user);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* REGISTERER_H */
