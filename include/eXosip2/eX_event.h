#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_EVENT_H
#define EXOSIP2_EX_EVENT_H

/* Generated from the Rust source; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>
typedef struct eXosip_event eXosip_event_t;

/**
 * What happened.
 */
enum eXosip_event_type {
  /**
   * A REGISTER got a 2xx.
   */
  EXOSIP_REGISTRATION_SUCCESS = 0,
  /**
   * A REGISTER got another final answer, or none.
   */
  EXOSIP_REGISTRATION_FAILURE = 1,
  /**
   * A call comes in: an INVITE, to be answered.
   */
  EXOSIP_CALL_INVITE = 2,
  /**
   * An INVITE within a call came, to be answered.
   */
  EXOSIP_CALL_REINVITE = 3,
  /**
   * An INVITE got no final answer, of ours or of the far end.
   */
  EXOSIP_CALL_NOANSWER = 4,
  /**
   * An INVITE of ours got a 100 to 179.
   */
  EXOSIP_CALL_PROCEEDING = 5,
  /**
   * An INVITE of ours got a 180 to 199; for each that comes.
   */
  EXOSIP_CALL_RINGING = 6,
  /**
   * An INVITE of ours got a 2xx: the program sends the ACK.
   */
  EXOSIP_CALL_ANSWERED = 7,
  /**
   * An INVITE of ours got a 3xx, which was acknowledged.
   */
  EXOSIP_CALL_REDIRECTED = 8,
  /**
   * An INVITE of ours got a 4xx, which was acknowledged.
   */
  EXOSIP_CALL_REQUESTFAILURE = 9,
  /**
   * An INVITE of ours got a 5xx, which was acknowledged.
   */
  EXOSIP_CALL_SERVERFAILURE = 10,
  /**
   * An INVITE of ours got a 6xx, which was acknowledged.
   */
  EXOSIP_CALL_GLOBALFAILURE = 11,
  /**
   * The ACK to our 2xx came.
   */
  EXOSIP_CALL_ACK = 12,
  /**
   * A CANCEL came before an INVITE was answered, which then is, with 487.
   */
  EXOSIP_CALL_CANCELLED = 13,
  /**
   * Another request within a call came, to be answered; a BYE is answered already.
   */
  EXOSIP_CALL_MESSAGE_NEW = 14,
  /**
   * An OPTIONS of ours within a call got a 1xx.
   */
  EXOSIP_CALL_MESSAGE_PROCEEDING = 15,
  /**
   * A request of ours within a call got a 2xx; a CANCEL too.
   */
  EXOSIP_CALL_MESSAGE_ANSWERED = 16,
  /**
   * A request of ours within a call got a 3xx.
   */
  EXOSIP_CALL_MESSAGE_REDIRECTED = 17,
  /**
   * A request of ours within a call got a 4xx, or no answer.
   */
  EXOSIP_CALL_MESSAGE_REQUESTFAILURE = 18,
  /**
   * A request of ours within a call got a 5xx.
   */
  EXOSIP_CALL_MESSAGE_SERVERFAILURE = 19,
  /**
   * A request of ours within a call got a 6xx.
   */
  EXOSIP_CALL_MESSAGE_GLOBALFAILURE = 20,
  /**
   * A call was ended by the far end's BYE, or refused by us.
   */
  EXOSIP_CALL_CLOSED = 21,
  /**
   * A call is forgotten; always its last event.
   */
  EXOSIP_CALL_RELEASED = 22,
  /**
   * A request outside a dialog.
   */
  EXOSIP_MESSAGE_NEW = 23,
  /**
   * A request outside a dialog got a 1xx.
   */
  EXOSIP_MESSAGE_PROCEEDING = 24,
  /**
   * A request outside a dialog got a 2xx.
   */
  EXOSIP_MESSAGE_ANSWERED = 25,
  /**
   * A request outside a dialog got a 3xx.
   */
  EXOSIP_MESSAGE_REDIRECTED = 26,
  /**
   * A request outside a dialog got a 4xx.
   */
  EXOSIP_MESSAGE_REQUESTFAILURE = 27,
  /**
   * A request outside a dialog got a 5xx.
   */
  EXOSIP_MESSAGE_SERVERFAILURE = 28,
  /**
   * A request outside a dialog got a 6xx.
   */
  EXOSIP_MESSAGE_GLOBALFAILURE = 29,
  /**
   * A subscription of ours has expired.
   */
  EXOSIP_SUBSCRIPTION_NOANSWER = 30,
  /**
   * A SUBSCRIBE got a 1xx.
   */
  EXOSIP_SUBSCRIPTION_PROCEEDING = 31,
  /**
   * A SUBSCRIBE got a 2xx.
   */
  EXOSIP_SUBSCRIPTION_ANSWERED = 32,
  /**
   * A SUBSCRIBE got a 3xx.
   */
  EXOSIP_SUBSCRIPTION_REDIRECTED = 33,
  /**
   * A SUBSCRIBE got a 4xx.
   */
  EXOSIP_SUBSCRIPTION_REQUESTFAILURE = 34,
  /**
   * A SUBSCRIBE got a 5xx.
   */
  EXOSIP_SUBSCRIPTION_SERVERFAILURE = 35,
  /**
   * A SUBSCRIBE got a 6xx.
   */
  EXOSIP_SUBSCRIPTION_GLOBALFAILURE = 36,
  /**
   * A NOTIFY came.
   */
  EXOSIP_SUBSCRIPTION_NOTIFY = 37,
  /**
   * A SUBSCRIBE came.
   */
  EXOSIP_IN_SUBSCRIPTION_NEW = 38,
  /**
   * A NOTIFY got no answer.
   */
  EXOSIP_NOTIFICATION_NOANSWER = 39,
  /**
   * A NOTIFY got a 1xx.
   */
  EXOSIP_NOTIFICATION_PROCEEDING = 40,
  /**
   * A NOTIFY got a 2xx.
   */
  EXOSIP_NOTIFICATION_ANSWERED = 41,
  /**
   * A NOTIFY got a 3xx.
   */
  EXOSIP_NOTIFICATION_REDIRECTED = 42,
  /**
   * A NOTIFY got a 4xx.
   */
  EXOSIP_NOTIFICATION_REQUESTFAILURE = 43,
  /**
   * A NOTIFY got a 5xx.
   */
  EXOSIP_NOTIFICATION_SERVERFAILURE = 44,
  /**
   * A NOTIFY got a 6xx.
   */
  EXOSIP_NOTIFICATION_GLOBALFAILURE = 45,
  /**
   * How many kinds there are.
   */
  EXOSIP_EVENT_COUNT = 46
};

/**
 * What happened.
 */
typedef enum eXosip_event_type eXosip_event_type_t;

/**
 * One event. It belongs to the program, which gives it back with eXosip_event_free.
 */
struct eXosip_event {
  /**
   * What happened.
   */
  eXosip_event_type_t type;
  /**
   * What happened, in words.
   */
  char textinfo[256];
  /**
   * What eXosip_call_set_reference attached to the call; else NULL.
   */
  void *external_reference;
  /**
   * The request as sent or received; NULL where the event tells of none.
   */
  osip_message_t *request;
  /**
   * The answer; NULL when none came, or ours is to come.
   */
  osip_message_t *response;
  /**
   * The ACK that came, or that was sent to the 3xx to 6xx of an INVITE; else NULL.
   */
  osip_message_t *ack;
  /**
   * The transaction; 0 for registrations, and where the event tells of none.
   */
  int tid;
  /**
   * The dialog of a call or subscription, above 0; 0 before there is one, -1 when it has ended.
   */
  int did;
  /**
   * The registration, above 0; else 0.
   */
  int rid;
  /**
   * The call, above 0; else 0.
   */
  int cid;
  /**
   * The subscription of ours, above 0; else 0.
   */
  int sid;
  /**
   * The subscription of somebody else to us, above 0; else 0.
   */
  int nid;
  /**
   * What the newest NOTIFY of a subscription has said: eXosip_ss_t.
   */
  int ss_status;
  /**
   * Why a subscription has ended, where that is its state: eXosip_ss_reason_t.
   */
  int ss_reason;
};

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * The next event; waits `tv_s` seconds and `tv_ms` milliseconds for one. Negative times count as
 * 0; both 0 returns at once. The lock may be held meanwhile.
 *
 * It is a cancelation point, as pthreads(7) has them: a thread for which pthread_cancel was called
 * ends here, before or while it waits, and takes no event with it. What the thread has taken by
 * eXosip_lock is its own to give back, by a handler of pthread_cleanup_push, which may make any
 * call. Other cancelation points are eXosip_event_get, registerer_wait and what waits in
 * osip_mt.h, osip_condv.h, osip_fifo.h and osip_usleep. In all other calls cancelation is
 * disabled, in what they call back too, which must not enable it; one that was asked for acts at
 * the next cancelation point. With asynchronous cancelability only eXosip_event_wait,
 * eXosip_event_get and registerer_wait may be called.
 *
 * Returns an event for eXosip_event_free; NULL when none came, after eXosip_wakeup_event and after
 * eXosip_quit.
 */
eXosip_event_t *eXosip_event_wait(struct eXosip_t *excontext, int tv_s, int tv_ms);

/**
 * The next event; waits for it without limit. A cancelation point as eXosip_event_wait.
 *
 * Returns an event for eXosip_event_free; NULL after eXosip_wakeup_event and after eXosip_quit.
 */
eXosip_event_t *eXosip_event_get(struct eXosip_t *excontext);

/**
 * A descriptor for poll or select that is readable while events wait: then call
 * eXosip_event_wait(ctx, 0, 0) until it returns NULL. It is readable as well while
 * eXosip_automatic_action has something to do: call that too. It belongs to the context.
 *
 * Returns the descriptor, or a negative number.
 */
int eXosip_event_geteventsocket(struct eXosip_t *excontext);

/**
 * Frees an event and its messages. NULL is allowed.
 *
 * The caller promises:
 * `je` is NULL or an event of this library that was not freed.
 */
void eXosip_event_free(eXosip_event_t *je);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_EVENT_H */
