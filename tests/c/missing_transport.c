/* URIs that require a transport that is not there: refused in words by registerer.h; by the eXosip
   calls nothing that is meant for TLS is ever sent in the clear. */
#include "check.h"
#include <registerer.h>
#include <string.h>

/* Each with the words that the reason has. */
static const char *const uris[][2] = {
    {"sips:127.0.0.1:9", "sips needs TLS"},
    {"sip:127.0.0.1:9;transport=tls", "transport=tls is not supported"},
    {"sip:127.0.0.1:9;transport=ws", "transport=ws is not supported"},
};

static char last[512];

static void remember(const char *file, int line, osip_trace_level_t level, const char *format,
                     va_list values)
{
    char text[512];

    (void)file;
    (void)line;
    if (level != OSIP_WARNING)
        return;
    vsnprintf(text, sizeof text, format, values);
    if (strstr(text, "needs TLS") != NULL || strstr(text, "transport=") != NULL)
        memcpy(last, text, sizeof last);
}

/* Whether the library is built with TLS. */
static int has_tls(void)
{
    struct registerer_options options;
    char wrong[256];

    CODE(0, registerer_options_init(&options, sizeof options));
    options.aor = "sip:alice@127.0.0.1";
    options.transport = REGISTERER_TRANSPORT_TLS;
    return registerer_check(&options, wrong, sizeof wrong) == 0;
}

static void managed(struct eXosip_t *ctx, const char *uri, const char *words)
{
    struct registerer_options options;
    char wrong[256], route[128];

    snprintf(route, sizeof route, "<%s;lr>", uri);
    for (int place = 0; place < 3; place++) {
        CODE(0, registerer_options_init(&options, sizeof options));
        options.aor = place == 1 ? uri : "sip:alice@127.0.0.1";
        options.registrar = place == 0 ? uri : "sip:127.0.0.1:9";
        options.route = place == 2 ? route : NULL;
        CODE(OSIP_BADPARAMETER, registerer_check(&options, wrong, sizeof wrong));
        CHECK(strstr(wrong, words) != NULL);
        CHECK(strstr(wrong, has_tls() ? "UDP, TCP and TLS" : "UDP and TCP") != NULL);
        CODE(OSIP_BADPARAMETER, registerer_new(ctx, &options));
    }
    CODE(0, registerer_options_init(&options, sizeof options));
    options.aor = "sip:alice@127.0.0.1";
    for (int by_tcp = 0; by_tcp < 2; by_tcp++) {
        options.registrar =
            by_tcp ? "sip:127.0.0.1:9;transport=TCP" : "sip:127.0.0.1:9;transport=udp";
        CODE(0, registerer_check(&options, wrong, sizeof wrong));
        CHECK(wrong[0] == '\0');
    }
}

static void by_the_exosip_calls(struct eXosip_t *ctx, const char *uri, const char *words)
{
    osip_message_t *reg = NULL;
    eXosip_event_t *event;
    int rid = eXosip_register_build_initial_register(ctx, "sip:a@127.0.0.1", uri, NULL, 60, &reg);

    CHECK(rid > 0);
    last[0] = '\0';
    CODE(0, eXosip_register_send_register(ctx, rid, reg));
    if (strncmp(uri, "sips:", 5) == 0) {
        event = eXosip_event_wait(ctx, 20, 0);
        CHECK(event != NULL && event->type == EXOSIP_REGISTRATION_FAILURE && event->rid == rid);
        CHECK(event->response == NULL && strstr(event->textinfo, words) != NULL);
    } else {
        event = eXosip_event_wait(ctx, 0, 200);
        CHECK(event == NULL); /* it went by UDP, where nobody answers */
    }
    CHECK(strstr(last, words) != NULL);
    eXosip_event_free(event);
    CODE(0, eXosip_register_remove(ctx, rid));
}

int main(void)
{
    struct eXosip_t *ctx = listening();

    osip_trace_initialize_func(OSIP_INFO1, remember);
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        if (!has_tls() || strstr(uris[i][0], "=ws") != NULL)
            managed(ctx, uris[i][0], uris[i][1]);
        by_the_exosip_calls(ctx, uris[i][0], uris[i][1]);
    }
    osip_trace_initialize_func(OSIP_INFO1, NULL);
    ended(ctx);
    return 0;
}
