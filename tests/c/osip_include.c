/* A program that includes libosip2's main header and names what public programs name of it.
   Compiled with our headers alone, with libosip2's behind them, and, without eXosip2's functions,
   with libosip2's alone. */
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>
#ifndef WITHOUT_EXOSIP
#include <eXosip2/eXosip.h>
#endif
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define SAME(one, other) _Static_assert(__builtin_types_compatible_p(one, other), #one)

SAME(osip_t, struct osip);
SAME(osip_transaction_t, struct osip_transaction);
SAME(osip_event_t, struct osip_event);
SAME(osip_naptr_t, struct osip_naptr);
SAME(osip_message_cb_t, void (*)(int, struct osip_transaction *, osip_message_t *));
SAME(osip_kill_transaction_cb_t, void (*)(int, struct osip_transaction *));
SAME(osip_message_callback_type_t, enum osip_message_callback_type);
SAME(osip_kill_callback_type_t, enum osip_kill_callback_type);
SAME(osip_transport_error_callback_type_t, enum osip_transport_error_callback_type);
_Static_assert(sizeof(osip_fsm_type_t) == 4 && sizeof(state_t) == 4 && sizeof(type_t) == 4,
               "enums");
_Static_assert(ICT == 0 && NIST == 3, "machines");
_Static_assert(ICT_CALLING == 1 && IST_PROCEEDING == 6 && NICT_TRYING == 11 && DIALOG_CLOSE == 22,
               "states");
_Static_assert(TIMEOUT_J == 9 && RCV_REQINVITE == 10 && SND_REQUEST == 18 && UNKNOWN_EVT == 23,
               "events");
_Static_assert(OSIP_ICT_STATUS_1XX_RECEIVED == 4 && OSIP_IST_INVITE_RECEIVED == 12 &&
                   OSIP_IST_INVITE_RECEIVED_AGAIN == 13,
               "on_message");
_Static_assert(OSIP_NICT_STATUS_1XX_RECEIVED == 33 && OSIP_NIST_REGISTER_RECEIVED == 41,
               "on_message");
_Static_assert(OSIP_NIST_NOTIFY_RECEIVED == 46 && OSIP_NIST_SUBSCRIBE_RECEIVED == 47, "on_message");
_Static_assert(OSIP_NICT_STATUS_TIMEOUT == 59 && OSIP_MESSAGE_CALLBACK_COUNT == 60, "on_message");
_Static_assert(OSIP_IST_KILL_TRANSACTION == 1 && OSIP_KILL_CALLBACK_COUNT == 4, "ends");
_Static_assert(OSIP_NIST_TRANSPORT_ERROR == 3 && OSIP_TRANSPORT_ERROR_CALLBACK_COUNT == 4,
               "errors");
_Static_assert(OSIP_NAPTR_STATE_SRVDONE == 4 && OSIP_NAPTR_STATE_NOTSUPPORTED == 6, "look-ups");
_Static_assert(OSIP_SRV_STATE_RETRYLATER == 2 && OSIP_SRV_STATE_NOTSUPPORTED == 4, "look-ups");
_Static_assert(DEFAULT_T1 == 500 && DEFAULT_T2 == 4000 && DEFAULT_T4 == 5000, "timers");
_Static_assert(sizeof(osip_naptr_t) == 90168 && offsetof(osip_naptr_t, naptr_state) == 576,
               "records");
_Static_assert(offsetof(osip_naptr_t, sipudp_record) == 600 &&
                   offsetof(osip_naptr_t, sipenum_record) == 75240,
               "records");
_Static_assert(sizeof(osip_srv_record_t) == 14928 && offsetof(osip_srv_record_t, srventry) == 4368,
               "records");
_Static_assert(sizeof(osip_srv_entry_t) == 1056 &&
                   offsetof(osip_srv_entry_t, srv_is_broken) == 1040,
               "records");

/* What a registrar written on the state machines is called back with; here nobody calls it. */
static void on_message(int type, osip_transaction_t *transaction, osip_message_t *message)
{
    (void) transaction;
    switch (type) {
    case OSIP_NIST_REGISTER_RECEIVED:
    case OSIP_NIST_NOTIFY_RECEIVED:
        printf("%s\n", osip_message_get_method(message));
        break;
    default:
        break;
    }
}

int main(void)
{
    osip_message_cb_t callback = on_message;
    osip_t *machines = NULL;
    osip_fifo_t *queue = osip_malloc(sizeof *queue);

    if (callback == NULL || machines != NULL || queue == NULL)
        return 1;
    osip_fifo_init(queue);
    osip_fifo_free(queue);
#ifndef WITHOUT_EXOSIP
    struct eXosip_t *context = eXosip_malloc();
    struct osip_naptr *records;

    if (context == NULL || eXosip_init(context) != OSIP_SUCCESS)
        return 1;
    records = eXosip_dnsutils_naptr(context, "example.com", "sip", "UDP", 1);
    if (records != NULL && records->naptr_state == OSIP_NAPTR_STATE_SRVDONE)
        printf("%s\n", records->sipudp_record.srventry[0].srv);
    eXosip_dnsutils_release(records);
    eXosip_quit(context);
    osip_free(context);
#endif
    return 0;
}
