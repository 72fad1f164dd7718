/* A program in the style of a call notifier: registers, tells who calls, declines, and unregisters
   on SIGINT. A call of `friend` is answered, and lasts until that one hangs up. Arguments: proxy,
   address, user, password. */
#include <eXosip2/eXosip.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t ended;

static void end(int number)
{
    (void)number;
    ended = 1;
}

static void unregister(struct eXosip_t *context, int rid)
{
    osip_message_t *reg = NULL;
    eXosip_event_t *event;
    int left = 100;

    eXosip_lock(context);
    if (eXosip_register_build_register(context, rid, 0, &reg) == 0)
        eXosip_register_send_register(context, rid, reg);
    eXosip_unlock(context);
    while (left-- > 0) {
        event = eXosip_event_wait(context, 0, 100);
        eXosip_automatic_action(context);
        if (event != NULL && event->type == EXOSIP_REGISTRATION_SUCCESS) {
            puts("unregistered");
            left = 0;
        }
        eXosip_event_free(event);
    }
}

/* Rings and answers in the same breath. */
static void answer(struct eXosip_t *context, int tid)
{
    static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                              "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
    osip_message_t *ok = NULL;

    if (eXosip_call_build_answer(context, tid, 200, &ok) != 0)
        return;
    osip_message_set_body(ok, sdp, strlen(sdp));
    osip_message_set_content_type(ok, "application/sdp");
    eXosip_call_send_answer(context, tid, 200, ok);
}

static void called(struct eXosip_t *context, eXosip_event_t *event)
{
    const char *user = event->request->from->url->username;
    char *caller = NULL;

    osip_from_to_str(event->request->from, &caller);
    printf("call from %s\n", caller);
    osip_free(caller);
    eXosip_lock(context);
    eXosip_call_send_answer(context, event->tid, 180, NULL);
    if (user != NULL && strcmp(user, "friend") == 0)
        answer(context, event->tid);
    else
        eXosip_call_send_answer(context, event->tid,
                                user != NULL && strcmp(user, "boss") == 0 ? 486 : 603, NULL);
    eXosip_unlock(context);
}

int main(int argc, char **argv)
{
    struct eXosip_t *context;
    osip_message_t *reg = NULL;
    osip_contact_t *contact;
    int rid, reported = 0;

    if (argc != 5)
        return 2;
    signal(SIGINT, end);
    context = eXosip_malloc();
    if (eXosip_init(context) ||
        eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0))
        return 1;
    eXosip_add_authentication_info(context, argv[3], argv[3], argv[4], NULL, NULL);
    rid = eXosip_register_build_initial_register(context, argv[2], argv[1], NULL, 600, &reg);
    if (rid < 0 || eXosip_register_send_register(context, rid, reg))
        return 1;
    while (!ended) {
        eXosip_event_t *event = eXosip_event_wait(context, 0, 100);
        if (event == NULL) {
            eXosip_automatic_action(context);
            continue;
        }
        eXosip_lock(context);
        eXosip_default_action(context, event);
        eXosip_automatic_action(context);
        eXosip_unlock(context);
        if (event->type == EXOSIP_REGISTRATION_SUCCESS && !reported++) {
            osip_message_get_contact(event->request, 0, &contact);
            printf("waiting at %s\n", contact->url->port);
        } else if (event->type == EXOSIP_CALL_INVITE) {
            called(context, event);
        } else if (event->type == EXOSIP_CALL_ACK) {
            puts("talking");
        } else if (event->type == EXOSIP_CALL_MESSAGE_NEW && !MSG_IS_BYE(event->request)) {
            printf("%s\n", event->request->sip_method);
            eXosip_call_send_answer(context, event->tid, 200, NULL);
        } else if (event->type == EXOSIP_CALL_CLOSED && MSG_IS_BYE(event->request)) {
            /* The library has answered the BYE already. */
            printf("hung up %d\n", eXosip_call_send_answer(context, event->tid, 200, NULL));
        } else if (event->type == EXOSIP_MESSAGE_NEW && MSG_IS_OPTIONS(event->request)) {
            eXosip_message_send_answer(context, event->tid, 200, NULL);
        }
        fflush(stdout);
        eXosip_event_free(event);
    }
    unregister(context, rid);
    eXosip_quit(context);
    free(context);
    return 0;
}
