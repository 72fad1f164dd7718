/* A program in the style of a softphone: registers, calls, holds the call and takes it back, sends
   a digit, lets itself be held, transfers the call and hangs up when that has worked. Arguments:
   proxy, address, user, password, who is called, to whom the call is transferred. */
#include <eXosip2/eXosip.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct eXosip_t *context;
static int cid, did, tid, released;

static void describe(osip_message_t *message, const char *direction)
{
    sdp_message_t *sdp = NULL;
    char *text = NULL;

    sdp_message_init(&sdp);
    sdp_message_v_version_set(sdp, osip_strdup("0"));
    sdp_message_o_origin_set(sdp, osip_strdup("-"), osip_strdup("1"), osip_strdup("1"),
                             osip_strdup("IN"), osip_strdup("IP4"), osip_strdup("127.0.0.1"));
    sdp_message_s_name_set(sdp, osip_strdup("-"));
    sdp_message_c_connection_add(sdp, -1, osip_strdup("IN"), osip_strdup("IP4"),
                                 osip_strdup("127.0.0.1"), NULL, NULL);
    sdp_message_t_time_descr_add(sdp, osip_strdup("0"), osip_strdup("0"));
    sdp_message_m_media_add(sdp, osip_strdup("audio"), osip_strdup("4000"), NULL,
                            osip_strdup("RTP/AVP"));
    sdp_message_m_payload_add(sdp, 0, osip_strdup("0"));
    sdp_message_a_attribute_add(sdp, 0, osip_strdup("rtpmap"), osip_strdup("0 PCMU/8000"));
    sdp_message_a_attribute_add(sdp, 0, osip_strdup(direction), NULL);
    if (sdp_message_to_str(sdp, &text) == 0) {
        osip_message_set_body(message, text, strlen(text));
        osip_message_set_content_type(message, "application/sdp");
    }
    osip_free(text);
    sdp_message_free(sdp);
}

static void call(const char *callee, const char *from)
{
    osip_message_t *invite = NULL;

    if (eXosip_call_build_initial_invite(context, &invite, callee, from, NULL, "Lunch") != 0)
        exit(3);
    osip_message_set_supported(invite, "replaces");
    describe(invite, "sendrecv");
    cid = eXosip_call_send_initial_invite(context, invite);
    if (cid <= 0)
        exit(3);
}

static void offer_again(const char *direction)
{
    osip_message_t *invite = NULL;

    if (eXosip_call_build_request(context, did, "INVITE", &invite) != 0)
        exit(4);
    describe(invite, direction);
    if (eXosip_call_send_request(context, did, invite) != 0)
        exit(4);
}

static void send_digit(void)
{
    static const char digit[] = "Signal=5\r\nDuration=160\r\n";
    osip_message_t *info = NULL;

    if (eXosip_call_build_info(context, did, &info) != 0)
        exit(5);
    osip_message_set_body(info, digit, strlen(digit));
    osip_message_set_content_type(info, "application/dtmf-relay");
    eXosip_call_send_request(context, did, info);
}

static void transfer(const char *to)
{
    osip_message_t *refer = NULL;

    if (eXosip_call_build_refer(context, did, to, &refer) != 0)
        exit(6);
    eXosip_call_send_request(context, did, refer);
}

/* The next step of the call is taken when the one before has been answered. */
static void answered(void)
{
    static int times;
    osip_message_t *ack = NULL;

    if (eXosip_call_build_ack(context, did, &ack) == 0)
        eXosip_call_send_ack(context, did, ack);
    switch (++times) {
    case 1:
        puts("talking");
        offer_again("sendonly");
        break;
    case 2:
        puts("on hold");
        offer_again("sendrecv");
        break;
    default:
        puts("talking again");
        send_digit();
        break;
    }
}

/* The other side puts us on hold. */
static void held(void)
{
    sdp_message_t *offer = eXosip_get_remote_sdp(context, did);
    osip_message_t *answer = NULL;

    printf("held: %s\n", offer != NULL ? sdp_message_a_att_field_get(offer, 0, 0) : "?");
    sdp_message_free(offer);
    if (eXosip_call_build_answer(context, tid, 200, &answer) == 0) {
        describe(answer, "recvonly");
        eXosip_call_send_answer(context, tid, 200, answer);
    }
}

static void asked(osip_message_t *request)
{
    osip_body_t *body = NULL;

    eXosip_call_send_answer(context, tid, 200, NULL);
    osip_message_get_body(request, 0, &body);
    printf("%s %s\n", request->sip_method, body != NULL ? body->body : "");
    if (MSG_IS_NOTIFY(request) && body != NULL && strncmp(body->body, "SIP/2.0 2", 9) == 0)
        eXosip_call_terminate(context, cid, did);
}

static void handle(const eXosip_event_t *event, char **argv)
{
    static int called;

    if (event->type == EXOSIP_REGISTRATION_SUCCESS && !called++)
        call(argv[5], argv[2]);
    if (event->cid != cid)
        return;
    did = event->did; /* kept as such programs keep them: those of the last event */
    tid = event->tid;
    switch (event->type) {
    case EXOSIP_CALL_RINGING:
        puts("ringing");
        break;
    case EXOSIP_CALL_ANSWERED:
        answered();
        break;
    case EXOSIP_CALL_REQUESTFAILURE:
        printf("refused %d\n", event->response->status_code);
        break;
    case EXOSIP_CALL_REINVITE:
        held();
        break;
    case EXOSIP_CALL_MESSAGE_NEW:
        asked(event->request);
        break;
    case EXOSIP_CALL_MESSAGE_ANSWERED:
        printf("%s %d\n", event->request->sip_method, event->response->status_code);
        if (MSG_IS_INFO(event->request))
            transfer(argv[6]);
        break;
    case EXOSIP_CALL_RELEASED:
        puts("released");
        released = 1;
        break;
    default:
        break;
    }
}

int main(int argc, char **argv)
{
    osip_message_t *reg = NULL;
    int rid;

    if (argc != 7)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    context = eXosip_malloc();
    if (eXosip_init(context) ||
        eXosip_listen_addr(context, IPPROTO_UDP, "127.0.0.1", 0, AF_INET, 0))
        return 1;
    eXosip_add_authentication_info(context, argv[3], argv[3], argv[4], NULL, NULL);
    rid = eXosip_register_build_initial_register(context, argv[2], argv[1], NULL, 600, &reg);
    if (rid < 0 || eXosip_register_send_register(context, rid, reg))
        return 1;
    while (!released) {
        eXosip_event_t *event = eXosip_event_wait(context, 0, 50);

        eXosip_lock(context);
        eXosip_automatic_action(context);
        if (event != NULL)
            handle(event, argv);
        eXosip_unlock(context);
        eXosip_event_free(event);
    }
    eXosip_quit(context);
    osip_free(context);
    return 0;
}
