/* A program of registerer.h alone, in C and in C++: the registrar is at the port that is given. */
#include "alone.h"

#ifdef EXOSIP_OPT_UDP_KEEP_ALIVE
#error "the header of eXosip2 comes along"
#endif

/* Those of eXosip2, as a program that has both headers sees them: one context serves both. */
#ifdef __cplusplus
extern "C" {
#endif
struct eXosip_t *eXosip_malloc(void);
int eXosip_init(struct eXosip_t *context);
void eXosip_quit(struct eXosip_t *context);
int eXosip_reset_transports(struct eXosip_t *context);
#ifdef __cplusplus
}
#endif

static void on_state(registerer_context *context, int rid, enum registerer_state state, void *user)
{
    CHECK(registerer_get_state(context, rid) >= 0);
    if (state == REGISTERER_REGISTERED)
        *(int *)user += 1;
}

static void wrong_options_are_refused(void)
{
    struct registerer_context_options options;

    CHECK(registerer_context_options_init(NULL, sizeof options) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_context_options_init(&options, 1) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_context_options_init(&options, sizeof options) == REGISTERER_OK);
    CHECK(options.size == sizeof options && options.dscp == 26 && options.tls_verify == 1);
    options.dscp = 64;
    CHECK(registerer_context_new(&options) == NULL);
    options.dscp = 0;
    options.tls_key_file = "key.pem";
    CHECK(registerer_context_new(&options) == NULL);
    options.tls_key_file = NULL;
    options.instance_id = "no UUID";
    CHECK(registerer_context_new(&options) == NULL);
    options.instance_id = NULL;
    options.user_agent = "two\r\nlines";
    CHECK(registerer_context_new(&options) == NULL);
    options.user_agent = NULL;
    options.public_address = "not a host";
    CHECK(registerer_context_new(&options) == NULL);
    options.public_address = NULL;
    options.size = 0;
    CHECK(registerer_context_new(&options) == NULL);
}

static void errors_have_numbers_and_names(void)
{
    registerer_context *context = registerer_context_new(NULL);

    CHECK(context != NULL);
    CHECK(registerer_context_port(NULL) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_context_port(context) == REGISTERER_NO_NETWORK);
    CHECK(registerer_context_network_changed(context) == REGISTERER_WRONG_STATE);
    CHECK(registerer_context_listen(context, 9, NULL, 0) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, NULL, 65536) ==
          REGISTERER_BAD_PARAMETER);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, "nowhere", 0) ==
          REGISTERER_UNDEFINED_ERROR);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_AUTOMATIC, "127.0.0.1", 0) == 0);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_AUTOMATIC, NULL, 0) ==
          REGISTERER_WRONG_STATE);
    CHECK(registerer_context_port(context) > 0);
    CHECK(registerer_context_network_changed(context) == 0);
    CHECK(registerer_register(context, 1234) == REGISTERER_NOT_FOUND);
    registerer_context_free(context);
    CHECK(registerer_context_port(context) == REGISTERER_NOT_INITIALIZED);
    registerer_context_free(context);
    registerer_context_free(NULL);
    CHECK(strcmp(registerer_error_name(REGISTERER_WRONG_STATE), "WRONG_STATE") == 0);
    CHECK(strcmp(registerer_error_name(REGISTERER_OK), "OK") == 0);
    CHECK(strcmp(registerer_error_name(-999), "UNKNOWN") == 0);
    CHECK(strchr(registerer_version(), '.') != NULL);
}

static void on_line(int level, const char *line, void *user)
{
    CHECK(level <= REGISTERER_TRACE_WARNINGS);
    *(int *)user += strstr(line, "registerer_context_port") != NULL;
}

static void the_trace_goes_to_a_function(void)
{
    int lines = 0;

    CHECK(registerer_set_trace(0, on_line, &lines) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_set_trace(8, on_line, &lines) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_set_trace(REGISTERER_TRACE_WARNINGS, on_line, &lines) == REGISTERER_OK);
    CHECK(registerer_context_port(NULL) == REGISTERER_BAD_PARAMETER);
    CHECK(lines == 1);
    CHECK(registerer_set_trace(REGISTERER_TRACE_WARNINGS, NULL, NULL) == REGISTERER_OK);
    CHECK(registerer_context_port(NULL) == REGISTERER_BAD_PARAMETER);
    CHECK(lines == 1);
}

static void a_context_serves_both_headers(void)
{
    struct eXosip_t *theirs = eXosip_malloc();
    registerer_context *ours = registerer_context_new(NULL);

    CHECK(eXosip_init(theirs) == 0);
    CHECK(registerer_context_listen(theirs, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
    CHECK(registerer_context_port(theirs) > 0);
    CHECK(eXosip_reset_transports(theirs) == 0);
    registerer_context_free(theirs);

    CHECK(registerer_context_listen(ours, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
    CHECK(eXosip_reset_transports(ours) == 0);
    eXosip_quit(ours);
    /* It has ended, so that its memory is the program's. */
    registerer_context_free(ours);
    CHECK(eXosip_init(ours) == 0);
    registerer_context_free(ours);
}

/* The only registration of the context is registered. */
static void check_numbers(registerer_context *context, int rid)
{
    struct registerer_stats stats = stats_of(context);
    struct registerer_status_count counts[4];
    struct registerer_info info;

    CHECK(stats.initial == 0 && stats.registered == 1 && stats.unregistered == 0);
    CHECK(stats.terminated == 0 && stats.in_flight == 0 && stats.queued == 0);
    CHECK(registerer_get_stats(context, NULL) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_status_counts(context, NULL, 0) == 1);
    CHECK(registerer_status_counts(context, NULL, 1) == REGISTERER_BAD_PARAMETER);
    CHECK(registerer_status_counts(context, counts, 4) == 1);
    CHECK(counts[0].status == 200 && counts[0].registrations == 1);
    info.size = sizeof info;
    CHECK(registerer_get_info(context, rid, &info) == REGISTERER_OK);
    CHECK(info.since_success_ms >= 0 && info.since_failure_ms == -1);
    /* A program that was compiled before these two. */
    info.size = offsetof(struct registerer_info, since_success_ms);
    info.since_failure_ms = 77;
    CHECK(registerer_get_info(context, rid, &info) == REGISTERER_OK);
    CHECK(info.moves == 0 && info.since_failure_ms == 77);
}

int main(int argc, char **argv)
{
    struct registerer_context_options wanted;
    registerer_context *context;
    char why[512];
    int rid, registered = 0;

    CHECK(argc == 2);
    wrong_options_are_refused();
    errors_have_numbers_and_names();
    a_context_serves_both_headers();
    the_trace_goes_to_a_function();

    registerer_context_options_init(&wanted, sizeof wanted);
    wanted.user_agent = "alone/1";
    wanted.instance_id = "01234567-89ab-cdef-0123-456789abcdef";
    context = registerer_context_new(&wanted);
    CHECK(context != NULL);
    CHECK(registerer_context_listen(context, REGISTERER_TRANSPORT_UDP, "127.0.0.1", 0) == 0);
    rid = made(context, "alice", argv[1], NULL);
    CHECK(rid > 0);
    CHECK(registerer_on_state_change(context, 0, on_state, &registered, 0) > 0);
    CHECK(registerer_register(context, rid) == REGISTERER_OK);
    CHECK(registerer_wait(context, rid, REGISTERER_REGISTERED, 10000) == REGISTERER_OK);
    check_numbers(context, rid);
    CHECK(registerer_explain(context, rid, why, sizeof why) > 0);
    CHECK(registerer_get_text(context, rid, REGISTERER_TEXT_INSTANCE, 0, why, sizeof why) > 0);
    CHECK(strcmp(why, "urn:uuid:01234567-89ab-cdef-0123-456789abcdef") == 0);
    /* It removes the binding. */
    registerer_context_free(context);
    CHECK(registered == 1);
    return 0;
}
