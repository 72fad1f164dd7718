# Generated from include/registerer.h by python/generate; do not edit.

CDEF = """\
struct eXosip_t;
#define REGISTERER_VERSION 1
#define REGISTERER_RETRY_TEMPORARY 1
#define REGISTERER_RETRY_FATAL 2
#define REGISTERER_RETRY_CREDENTIALS 4
enum registerer_state {
  REGISTERER_INITIAL = 0,
  REGISTERER_REGISTERED = 1,
  REGISTERER_UNREGISTERED = 2,
  REGISTERER_TERMINATED = 3
};
enum registerer_request {
  REGISTERER_TRYING = 0,
  REGISTERER_PROGRESS = 1,
  REGISTERER_ACCEPTED = 2,
  REGISTERER_REJECTED = 3,
  REGISTERER_REDIRECTED = 4
};
enum registerer_algorithm {
  REGISTERER_MD5 = 0,
  REGISTERER_SHA_256 = 1,
  REGISTERER_SHA_512_256 = 2
};
enum registerer_error {
  REGISTERER_OK = 0,
  REGISTERER_UNDEFINED_ERROR = -1,
  REGISTERER_BAD_PARAMETER = -2,
  REGISTERER_WRONG_STATE = -3,
  REGISTERER_NO_MEMORY = -4,
  REGISTERER_SYNTAX_ERROR = -5,
  REGISTERER_NOT_FOUND = -6,
  REGISTERER_NOT_INITIALIZED = -7,
  REGISTERER_NO_NETWORK = -10
};
enum registerer_event_kind {
  REGISTERER_EVENT_STATE = 1,
  REGISTERER_EVENT_REQUEST = 2,
  REGISTERER_EVENT_LOST = 3,
  REGISTERER_EVENT_CHALLENGE = 4
};
enum registerer_keepalive {
  REGISTERER_KEEPALIVE_CONTEXT = 0,
  REGISTERER_KEEPALIVE_OFF = 1,
  REGISTERER_KEEPALIVE_CRLF = 2,
  REGISTERER_KEEPALIVE_STUN = 3
};
enum registerer_nat {
  REGISTERER_NAT_OFF = 0,
  REGISTERER_NAT_AUTOMATIC = 1,
  REGISTERER_NAT_EVERY = 2
};
enum registerer_scheme {
  REGISTERER_BEARER = 0,
  REGISTERER_AKAV1_MD5 = 1,
  REGISTERER_AKAV2_MD5 = 2
};
enum registerer_text {
  REGISTERER_TEXT_REASON = 0,
  REGISTERER_TEXT_TARGET = 1,
  REGISTERER_TEXT_SEEN = 2,
  REGISTERER_TEXT_INSTANCE = 3,
  REGISTERER_TEXT_CONTACT = 4,
  REGISTERER_TEXT_OWN_CONTACT = 5,
  REGISTERER_TEXT_SERVICE_ROUTE = 6,
  REGISTERER_TEXT_ASSOCIATED_URI = 7,
  REGISTERER_TEXT_PATH = 8,
  REGISTERER_TEXT_PUBLIC_GRUU = 9,
  REGISTERER_TEXT_TEMPORARY_GRUU = 10
};
enum registerer_trace_level {
  REGISTERER_TRACE_ERRORS = 2,
  REGISTERER_TRACE_WARNINGS = 3,
  REGISTERER_TRACE_LINES = 4,
  REGISTERER_TRACE_MESSAGES = 6
};
enum registerer_transport {
  REGISTERER_TRANSPORT_AUTOMATIC = 0,
  REGISTERER_TRANSPORT_UDP = 1,
  REGISTERER_TRANSPORT_TCP = 2,
  REGISTERER_TRANSPORT_TLS = 3
};
typedef struct eXosip_t registerer_context;
struct registerer_challenge {
  size_t size;
  int number;
  int status;
  int scheme;
  int repeated;
  int secure;
  int64_t remaining_ms;
  const char *realm;
  const char *authz_server;
  const char *scope;
  const char *error;
  unsigned char rand[16];
  unsigned char autn[16];
};
typedef void (*registerer_challenge_callback)(registerer_context *context,
                                              int rid,
                                              const struct registerer_challenge *challenge,
                                              void *user);
struct registerer_answer {
  size_t size;
  const char *token;
  const unsigned char *res;
  size_t res_length;
  const unsigned char *ik;
  const unsigned char *ck;
  const unsigned char *auts;
};
struct registerer_context_options {
  size_t size;
  const char *user_agent;
  const char *instance_id;
  const char *public_address;
  int public_port;
  int ipv6;
  int dscp;
  int keepalive_interval;
  int accept_connections;
  int tls_verify;
  const char *tls_ca_file;
  const char *tls_certificate_file;
  const char *tls_key_file;
  int queue_events;
  int own_thread;
};
struct registerer_event {
  size_t size;
  int kind;
  int rid;
  int state;
  int request;
  int status;
  void *user_data;
  uint64_t lost;
  char reason[128];
};
struct registerer_options {
  size_t size;
  const char *aor;
  const char *registrar;
  const char *username;
  const char *password;
  const char *realm;
  const char *ha1_md5;
  const char *ha1_sha256;
  const char *ha1_sha512_256;
  int expires;
  int refresh_frequency;
  int refresh_jitter;
  const char *extra_headers;
  const char *contact_params;
  const char *contacts;
  const char *q;
  const char *instance_id;
  int reg_id;
  const char *from;
  const char *route;
  int max_answers;
  int retry_base;
  int retry_max;
  int retry_limit;
  int retry_classes;
  const char *status_classes;
  int nat;
  int keepalive;
  int keepalive_interval;
  int gruu;
  int path;
  const char *security_client;
  const char *push_provider;
  const char *push_prid;
  const char *push_param;
  int follow_redirects;
  int start_spread;
  int exosip_events;
  void *user_data;
  int weakest_algorithm;
  int fatal_retry;
  int largest_min_expires;
  int transport;
  int tls_verify;
  const char *tls_ca_file;
  const char *tls_certificate_file;
  const char *tls_key_file;
  const char *tls_pin;
  int attempt_timeout;
  int initial_authorization;
  int challenge_wait;
  int reg_event;
  int flows;
  const char *second_route;
};
struct registerer_info {
  size_t size;
  int state;
  int pending;
  int granted;
  int64_t remaining_ms;
  int64_t next_ms;
  int64_t retry_after_ms;
  int status;
  int push_refused;
  uint64_t requests;
  uint64_t accepted;
  uint64_t rejected;
  uint64_t unanswered;
  uint64_t challenges;
  uint64_t moves;
  int64_t since_success_ms;
  int64_t since_failure_ms;
};
typedef void (*registerer_state_callback)(registerer_context *context,
                                          int rid,
                                          enum registerer_state state,
                                          void *user);
typedef void (*registerer_request_callback)(registerer_context *context,
                                            int rid,
                                            enum registerer_request what,
                                            int status,
                                            const char *reason,
                                            void *user);
struct registerer_stats {
  size_t size;
  uint64_t initial;
  uint64_t registered;
  uint64_t unregistered;
  uint64_t terminated;
  uint64_t in_flight;
  uint64_t queued;
  uint64_t events_lost;
};
struct registerer_status_count {
  int status;
  uint64_t registrations;
};
typedef void (*registerer_trace_callback)(int level, const char *line, void *user);
int registerer_on_challenge(registerer_context *context,
                            int rid,
                            registerer_challenge_callback callback,
                            void *user,
                            int once);
int registerer_pending_challenge(registerer_context *context,
                                 int rid,
                                 registerer_challenge_callback callback,
                                 void *user);
int registerer_answer_challenge(registerer_context *context,
                                int rid,
                                int number,
                                const struct registerer_answer *answer);
int registerer_refuse_challenge(registerer_context *context, int rid, int number);
int registerer_context_options_init(struct registerer_context_options *options, size_t size);
registerer_context *registerer_context_new(const struct registerer_context_options *options);
void registerer_context_free(registerer_context *context);
int registerer_context_listen(registerer_context *context,
                              int transport,
                              const char *address,
                              int port);
int registerer_context_port(registerer_context *context);
int registerer_context_network_changed(registerer_context *context);
const char *registerer_version(void);
const char *registerer_error_name(int error);
int registerer_next_event(registerer_context *context, struct registerer_event *event, int ms);
int registerer_fd(registerer_context *context);
int registerer_step(registerer_context *context, int ms, int *next_ms);
int registerer_options_init(struct registerer_options *options, size_t size);
int registerer_check(const struct registerer_options *options, char *reason, size_t size);
int registerer_new(registerer_context *context, const struct registerer_options *options);
int registerer_adopt(registerer_context *context, int rid);
int registerer_register(registerer_context *context, int rid);
int registerer_unregister(registerer_context *context, int rid, int all);
int registerer_dispose(registerer_context *context, int rid);
int registerer_wait(registerer_context *context, int rid, int state, int ms);
int registerer_get_state(registerer_context *context, int rid);
int registerer_get_info(registerer_context *context, int rid, struct registerer_info *info);
int registerer_get_text(registerer_context *context,
                        int rid,
                        int what,
                        int index,
                        char *buf,
                        size_t size);
int registerer_explain(registerer_context *context, int rid, char *buf, size_t size);
void *registerer_user_data(registerer_context *context, int rid);
int registerer_set_credentials(registerer_context *context,
                               int rid,
                               const struct registerer_options *options);
int registerer_set_limits(registerer_context *context, int in_flight, int per_second);
int registerer_set_weakest_algorithm(registerer_context *context, int algorithm);
int registerer_set_exclusive_port(registerer_context *context, int exclusive);
int registerer_set_registrars_only(registerer_context *context, int registrars_only);
const char *registerer_state_name(int state);
int registerer_on_state_change(registerer_context *context,
                               int rid,
                               registerer_state_callback callback,
                               void *user,
                               int once);
int registerer_on_request(registerer_context *context,
                          int rid,
                          registerer_request_callback callback,
                          void *user,
                          int once);
int registerer_off(registerer_context *context, int listener);
int registerer_get_stats(registerer_context *context, struct registerer_stats *stats);
int registerer_status_counts(registerer_context *context,
                             struct registerer_status_count *counts,
                             size_t room);
int registerer_set_trace(int level, registerer_trace_callback callback, void *user);
"""
