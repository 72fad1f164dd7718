/* A program in the style of a network monitor's SIP check: any port, one registration, the time it
   took, and gone. Arguments: proxy, address, user, password, seconds to wait. Status: 0 registered,
   1 refused, 2 no answer. */
#include <eXosip2/eXosip.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static int check(struct eXosip_t *ctx, const char *address, const char *proxy, const char *login,
                 const char *password, int timeout)
{
    osip_message_t *reg = NULL;
    int status = 2, rid;
    long long begin = now();

    if (eXosip_init(ctx) != 0)
        return 3;
    eXosip_set_user_agent(ctx, "monitor/1.0");
    if (eXosip_listen_addr(ctx, IPPROTO_UDP, NULL, 0, AF_INET, 0) != 0)
        return 3;
    eXosip_lock(ctx);
    eXosip_add_authentication_info(ctx, login, login, password, NULL, NULL);
    rid = eXosip_register_build_initial_register(ctx, address, proxy, NULL, timeout, &reg);
    if (rid < 0) {
        eXosip_unlock(ctx);
        return 3;
    }
    osip_message_set_supported(reg, "100rel");
    osip_message_set_header(reg, "Event", "Registration");
    osip_message_set_header(reg, "Allow-Events", "presence");
    eXosip_register_send_register(ctx, rid, reg);
    eXosip_unlock(ctx);
    while (status == 2 && now() - begin < timeout * 1000LL) {
        eXosip_event_t *event;

        eXosip_execute(ctx);
        event = eXosip_event_wait(ctx, 0, 100);
        eXosip_automatic_action(ctx);
        if (event == NULL)
            continue;
        if (event->type == EXOSIP_REGISTRATION_SUCCESS && event->rid == rid)
            status = 0;
        else if (event->type == EXOSIP_REGISTRATION_FAILURE && event->response != NULL &&
                 event->response->status_code != 401 && event->response->status_code != 407)
            status = 1;
        eXosip_event_free(event);
    }
    printf("status %d in %lld ms\n", status, now() - begin);
    return status;
}

int main(int argc, char **argv)
{
    struct eXosip_t *ctx;
    int status;

    if (argc != 6)
        return 4;
    ctx = eXosip_malloc();
    status = check(ctx, argv[2], argv[1], argv[3], argv[4], atoi(argv[5]));
    eXosip_quit(ctx);
    osip_free(ctx);
    return status;
}
