/* A program in the style of a register daemon: stays registered and tells syslog about it until it
   is told to end. Arguments: proxy, address, user, password, seconds. */
#include <eXosip2/eXosip.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static volatile sig_atomic_t ended;

static void end(int number)
{
    (void)number;
    ended = 1;
}

int main(int argc, char **argv)
{
    struct eXosip_t *context;
    osip_message_t *reg = NULL;
    int rid, expiry;

    if (argc != 6)
        return 2;
    expiry = atoi(argv[5]);
    signal(SIGTERM, end);
    signal(SIGINT, end);
    openlog("register", LOG_PID | LOG_CONS, LOG_LOCAL1);
    syslog(LOG_INFO, "%s up and running", eXosip_get_version());
    TRACE_INITIALIZE((osip_trace_level_t)0, NULL);

    context = eXosip_malloc();
    if (eXosip_init(context) != 0) {
        syslog(LOG_ERR, "eXosip_init failed");
        return 1;
    }
    if (eXosip_listen_addr(context, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0) {
        syslog(LOG_ERR, "eXosip_listen_addr failed");
        eXosip_quit(context);
        return 1;
    }
    if (eXosip_add_authentication_info(context, argv[3], argv[3], argv[4], NULL, NULL) != 0)
        return 1;
    eXosip_set_user_agent(context, "daemon/0.1");
    eXosip_lock(context);
    rid = eXosip_register_build_initial_register(context, argv[2], argv[1], NULL, expiry, &reg);
    if (rid < 1) {
        eXosip_unlock(context);
        return 1;
    }
    osip_message_set_supported(reg, "path");
    if (eXosip_register_send_register(context, rid, reg) != 0)
        return 1;
    eXosip_unlock(context);

    while (!ended) {
        eXosip_event_t *event = eXosip_event_wait(context, 0, 50);
        eXosip_lock(context);
        eXosip_automatic_action(context);
        eXosip_unlock(context);
        if (event == NULL)
            continue;
        switch (event->type) {
        case EXOSIP_REGISTRATION_SUCCESS:
            syslog(LOG_INFO, "registered: rid %d", event->rid);
            printf("registered %d\n", event->rid == rid);
            fflush(stdout);
            break;
        case EXOSIP_REGISTRATION_FAILURE:
            /* The first one is but the challenge. */
            syslog(LOG_WARNING, "%s %d", event->textinfo,
                   event->response ? event->response->status_code : 0);
            printf("failed %d\n", event->response ? event->response->status_code : 0);
            fflush(stdout);
            break;
        default:
            syslog(LOG_DEBUG, "event %d", event->type);
        }
        eXosip_event_free(event);
    }
    eXosip_quit(context);
    osip_free(context);
    closelog();
    return 0;
}
