/* The catalogue of GB/T 28181, in the style of programs for it. Arguments: `device` or `platform`,
   and the port of the other side.

   The device shows itself by a keep-alive, answers a SUBSCRIBE whose body is a query with a body of
   its own, and sends a NOTIFY for each of its two cameras, the first in the same breath. The
   platform subscribes with the query, leaves refreshing to the library, asks anew by the number of
   the subscription after the first NOTIFY, and ends it after the second. */
#include <eXosip2/eXosip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLATFORM "34020000002000000001"
#define DEVICE "34020000001110000001"
#define XML "Application/MANSCDP+xml"

static struct eXosip_t *context;
static char other[80];
static int sid, did, cameras, notifies;

static void fail(const char *what, int code)
{
    printf("%s: %d\n", what, code);
    exit(1);
}

static void set_xml(osip_message_t *message, const char *kind, const char *command, int number,
                    const char *rest)
{
    char text[600];
    int length = snprintf(text, sizeof text,
                          "<?xml version=\"1.0\"?>\r\n<%s>\r\n<CmdType>%s</CmdType>\r\n"
                          "<SN>%d</SN>\r\n<DeviceID>" DEVICE "</DeviceID>\r\n%s</%s>\r\n",
                          kind, command, number, rest, kind);

    osip_message_set_content_type(message, XML);
    osip_message_set_body(message, text, (size_t)length);
}

/* What stands between <NAME> and </NAME> in the body. */
static void element(osip_message_t *message, const char *name, char *value, size_t size)
{
    osip_body_t *body = NULL;
    const char *start = NULL;
    char tag[40];

    snprintf(tag, sizeof tag, "<%s>", name);
    osip_message_get_body(message, 0, &body);
    if (body != NULL)
        start = strstr(body->body, tag);
    start = start != NULL ? start + strlen(tag) : "<";
    snprintf(value, size, "%.*s", (int)strcspn(start, "<"), start);
}

/* ---- the device ----------------------------------------------------------------------------- */

static void keep_alive(void)
{
    osip_message_t *message = NULL;

    if (eXosip_message_build_request(context, &message, "MESSAGE", other,
                                     "sip:" DEVICE "@3402000000", NULL) != 0)
        fail("no keep-alive", 0);
    set_xml(message, "Notify", "Keepalive", 1, "<Status>OK</Status>\r\n");
    eXosip_message_send_request(context, message);
}

static void notify(int status)
{
    osip_message_t *message = NULL;
    osip_header_t *state = NULL;
    char item[200];
    int code = eXosip_insubscription_build_notify(context, did, status, TIMEOUT, &message);

    if (code != 0)
        fail("no NOTIFY", code);
    osip_message_header_get_byname(message, "Subscription-State", 0, &state);
    if (strstr(state->hvalue + 6, "expires=") == NULL && status != EXOSIP_SUBCRSTATE_TERMINATED)
        fail("how long does it last", 0);
    /* Contact and Event by hand, as such devices do. */
    osip_contact_free(osip_list_get(&message->contacts, 0));
    osip_list_remove(&message->contacts, 0);
    osip_message_set_contact(message, "<sip:" DEVICE "@127.0.0.1:5060>");
    osip_message_set_header(message, "Event", "Catalog;id=7");
    snprintf(item, sizeof item,
             "<DeviceList Num=\"1\">\r\n<Item>\r\n<DeviceID>3402000000131000000%d</DeviceID>\r\n"
             "<Event>%s</Event>\r\n</Item>\r\n</DeviceList>\r\n",
             ++cameras, status == EXOSIP_SUBCRSTATE_TERMINATED ? "OFF" : "ON");
    set_xml(message, "Notify", "Catalog", 40 + cameras, item);
    code = eXosip_insubscription_send_request(context, did, message);
    if (code != 0)
        fail("NOTIFY not sent", code);
}

static void queried(eXosip_event_t *event)
{
    osip_message_t *answer = NULL;
    osip_header_t *expires = NULL;
    char number[20];
    int is_over;

    did = event->did;
    element(event->request, "SN", number, sizeof number);
    osip_message_header_get_byname(event->request, "Expires", 0, &expires);
    is_over = expires != NULL && atoi(expires->hvalue) == 0;
    printf("query %s%s\n", number, is_over ? ", the last" : "");
    if (eXosip_insubscription_build_answer(context, event->tid, 200, &answer) != 0)
        fail("no answer", 0);
    set_xml(answer, "Response", "Catalog", atoi(number), "<Result>OK</Result>\r\n");
    if (eXosip_insubscription_send_answer(context, event->tid, 200, answer) != 0)
        fail("answer not sent", 0);
    notify(is_over ? EXOSIP_SUBCRSTATE_TERMINATED : EXOSIP_SUBCRSTATE_ACTIVE);
}

static int be_device(eXosip_event_t *event)
{
    if (event->type == EXOSIP_IN_SUBSCRIPTION_NEW)
        queried(event);
    else if (event->type == EXOSIP_NOTIFICATION_ANSWERED && cameras == 1)
        notify(EXOSIP_SUBCRSTATE_ACTIVE);
    else if (event->type == EXOSIP_NOTIFICATION_ANSWERED && cameras == 3)
        return 0;
    else if (event->type != EXOSIP_NOTIFICATION_ANSWERED && event->type != EXOSIP_MESSAGE_ANSWERED)
        fail(event->textinfo, event->type);
    return 1;
}

/* ---- the platform --------------------------------------------------------------------------- */

static void subscribe(void)
{
    osip_message_t *message = NULL;

    if (eXosip_subscription_build_initial_subscribe(context, &message, other,
                                                    "sip:" PLATFORM "@3402000000", NULL,
                                                    "Catalog;id=7", 90) != 0)
        fail("no SUBSCRIBE", 0);
    set_xml(message, "Query", "Catalog", 17, "");
    osip_message_set_subject(message, DEVICE ":0," PLATFORM ":0");
    sid = eXosip_subscription_send_initial_request(context, message);
    if (sid < 1 || osip_message_get_call_id(message) == NULL)
        fail("SUBSCRIBE not sent", sid);
}

/* By the number of the subscription. */
static void ask_anew(const char *expires)
{
    osip_message_t *message = NULL;
    int code = eXosip_subscription_build_refresh_request(context, sid, &message);

    if (code != 0)
        fail("no refresh", code);
    set_xml(message, "Query", "Catalog", 18, "");
    osip_message_set_expires(message, expires);
    osip_message_set_header(message, "Event", "Catalog;id=7");
    code = eXosip_subscription_send_refresh_request(context, sid, message);
    if (code != 0)
        fail("refresh not sent", code);
}

static int be_platform(eXosip_event_t *event)
{
    char camera[40];

    if (event->type == EXOSIP_SUBSCRIPTION_ANSWERED) {
        element(event->response, "Result", camera, sizeof camera);
        printf("answered %s\n", camera);
    } else if (event->type == EXOSIP_SUBSCRIPTION_NOTIFY) {
        element(event->request, "SN", camera, sizeof camera);
        printf("notified %s\n", camera);
        /* Answered already: this does no harm. */
        eXosip_message_send_answer(context, event->tid, 200, NULL);
        if (++notifies < 3)
            ask_anew(notifies == 1 ? "600" : "0");
        return event->ss_status != EXOSIP_SUBCRSTATE_TERMINATED;
    } else {
        fail(event->textinfo, event->type);
    }
    return 1;
}

int main(int argc, char **argv)
{
    int running = 1, is_device = argc == 3 && strcmp(argv[1], "device") == 0;

    if (argc != 3)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(other, sizeof other, "sip:%s@127.0.0.1:%s", is_device ? PLATFORM : DEVICE, argv[2]);
    context = eXosip_malloc();
    if (eXosip_init(context) != 0 ||
        eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0) != 0)
        return 1;
    is_device ? keep_alive() : subscribe();
    while (running) {
        eXosip_event_t *event = eXosip_event_wait(context, 0, 50);

        eXosip_automatic_action(context);
        if (event != NULL)
            running = is_device ? be_device(event) : be_platform(event);
        eXosip_event_free(event);
    }
    eXosip_quit(context);
    osip_free(context);
    return 0;
}
