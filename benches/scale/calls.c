/*
 * Calls sip:other@127.0.0.1:PORT, which answers at once, and keeps many calls standing.
 *
 *   calls PORT CALLS STANDING SECONDS
 *
 * What CALLS cost is printed when the last event of each has been freed.
 */
#include "standing.h"

static int begin(const char *to)
{
    osip_message_t *invite = NULL;
    int code = eXosip_call_build_initial_invite(context, &invite, to, "sip:program@bench.test",
                                                NULL, NULL);

    return code != 0 ? code : eXosip_call_send_initial_invite(context, invite) < 1;
}

static int end(int cid, int did)
{
    return eXosip_call_terminate(context, cid, did);
}

static void handle(const eXosip_event_t *event)
{
    switch (event->type) {
    case EXOSIP_CALL_ANSWERED:
        eXosip_lock(context);
        eXosip_call_send_ack(context, event->tid, NULL);
        eXosip_unlock(context);
        stands(event);
        break;
    case EXOSIP_CALL_MESSAGE_ANSWERED:
        ended++;
        break;
    case EXOSIP_CALL_RELEASED:
        gone++;
        break;
    case EXOSIP_CALL_PROCEEDING:
    case EXOSIP_CALL_RINGING:
        break;
    default:
        failed++;
        break;
    }
}
