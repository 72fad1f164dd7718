#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_SUBSCRIBE_H
#define EXOSIP2_EX_SUBSCRIBE_H

/* Generated from the Rust source; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

/** The state of a subscription (RFC 6665 section 4.1.3). */
typedef enum eXosip_ss {
    EXOSIP_SUBCRSTATE_UNKNOWN = 0,
    EXOSIP_SUBCRSTATE_PENDING = 1,
    EXOSIP_SUBCRSTATE_ACTIVE = 2,
    EXOSIP_SUBCRSTATE_TERMINATED = 3
} eXosip_ss_t;

/** Whether somebody can be reached. */
typedef enum eXosip_ss_status {
    EXOSIP_NOTIFY_UNKNOWN = 0,
    EXOSIP_NOTIFY_PENDING = 1,
    EXOSIP_NOTIFY_ONLINE = 2,
    EXOSIP_NOTIFY_BUSY = 3,
    EXOSIP_NOTIFY_BERIGHTBACK = 4,
    EXOSIP_NOTIFY_AWAY = 5,
    EXOSIP_NOTIFY_ONTHEPHONE = 6,
    EXOSIP_NOTIFY_OUTTOLUNCH = 7,
    EXOSIP_NOTIFY_CLOSED = 8
} eXosip_ss_status_t;

/** Why a subscription ended (RFC 6665 section 4.1.3). */
typedef enum eXosip_ss_reason {
    DEACTIVATED = 0,
    PROBATION = 1,
    REJECTED = 2,
    TIMEOUT = 3,
    GIVEUP = 4,
    NORESOURCE = 5
} eXosip_ss_reason_t;

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes the SUBSCRIBE of a new subscription (RFC 6665 section 4.1.2). Nothing is sent.
 *
 * `to` and `from` are URIs or name-addrs. `route` NULL or empty, or the proxy to go through.
 * `event` is the Event, such as `presence` or `Catalog;id=7`; `expires` the seconds, 0 for the
 * state as it is now. A body and further header fields are set on the message. `subscribe` gets
 * the message: the caller's until eXosip_subscription_send_initial_request takes it, NULL on
 * errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or an empty `to`, `from` or `event`; OSIP_SYNTAXERROR for
 * a text that is no SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `subscribe` is NULL or points to a pointer that may be written; the texts are NULL or end with
 * NUL.
 */
int eXosip_subscription_build_initial_subscribe(struct eXosip_t *excontext,
                                                osip_message_t **subscribe,
                                                const char *to,
                                                const char *from,
                                                const char *route,
                                                const char *event,
                                                int expires);

/**
 * Makes a REFER outside of calls (RFC 3515). Nothing is sent.
 *
 * `to`, `from` and `route` as for eXosip_subscription_build_initial_subscribe; `refer_to` is what
 * the other side is to refer to. `refer` gets the message: the caller's until
 * eXosip_subscription_send_initial_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or an empty `to`, `from` or `refer_to`; OSIP_SYNTAXERROR
 * for a text that is no SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `refer` is NULL or points to a pointer that may be written; the texts are NULL or end with NUL.
 */
int eXosip_subscription_build_initial_refer(struct eXosip_t *excontext,
                                            osip_message_t **refer,
                                            const char *to,
                                            const char *from,
                                            const char *route,
                                            const char *refer_to);

/**
 * Sends a SUBSCRIBE or REFER that begins a subscription. Its answers come as events with the
 * number returned in `sid`: EXOSIP_SUBSCRIPTION_PROCEEDING, then one of _ANSWERED, _REDIRECTED,
 * _REQUESTFAILURE (also, without response, where there is no answer), _SERVERFAILURE,
 * _GLOBALFAILURE; its NOTIFYs, which are answered by themselves, as EXOSIP_SUBSCRIPTION_NOTIFY.
 *
 * Each notifier that a SUBSCRIBE reaches has a `did` of its own. Where nothing refreshes it,
 * EXOSIP_SUBSCRIPTION_NOANSWER comes 32 s after its end, and the numbers mean nothing any more; so
 * do they after a NOTIFY with `ss_status` EXOSIP_SUBCRSTATE_TERMINATED. A challenge is answered by
 * eXosip_automatic_action or eXosip_default_action; eXosip_automatic_action also refreshes, with
 * all that the program put on its last SUBSCRIBE. A REFER is not refreshed. An Event, Expires or
 * Contact that the program has added goes in the place of ours.
 *
 * `request` is consumed in every case, errors included; it may be read until the event of its
 * final answer is fetched.
 *
 * Returns the sid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
 * OSIP_SYNTAXERROR for one that cannot be sent; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `request` is NULL or a message that the caller owns.
 */
int eXosip_subscription_send_initial_request(struct eXosip_t *excontext, osip_message_t *request);

/**
 * Makes the next SUBSCRIBE of a subscription of ours. Nothing is sent.
 *
 * `did` is the dialog, or the sid: then its first. Event and Expires are added when it is sent,
 * where it has none; Expires 0 ends the subscription. `request` gets the message: the caller's
 * until eXosip_subscription_send_refresh_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or a number below 1; OSIP_NOTFOUND for an unknown one;
 * OSIP_WRONG_STATE while a SUBSCRIBE waits for its answer; OSIP_SYNTAXERROR where the notifier has
 * sent no Contact.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_subscription_build_refresh_request(struct eXosip_t *excontext,
                                              int did,
                                              osip_message_t **request);

/**
 * Sends the next SUBSCRIBE of a subscription of ours.
 *
 * `did` is the dialog, or the sid: then its first. `request` is consumed, except with a number
 * below 1.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a number below 1 or a message without Call-ID;
 * OSIP_NOTFOUND for an unknown number; OSIP_WRONG_STATE while a SUBSCRIBE waits for its answer;
 * OSIP_SYNTAXERROR for a message that cannot be sent, or where the notifier has sent no Contact.
 *
 * The caller promises:
 * `request` is NULL or a message that the caller owns.
 */
int eXosip_subscription_send_refresh_request(struct eXosip_t *excontext,
                                             int did,
                                             osip_message_t *request);

/**
 * Forgets a subscription of ours with all its dialogs. Nothing is sent; its NOTIFYs are refused
 * with 481 until it would have expired.
 *
 * `did` is one of its dialogs, or the sid.
 *
 * Returns 0; OSIP_BADPARAMETER for a number below 1; OSIP_NOTFOUND for an unknown one.
 */
int eXosip_subscription_remove(struct eXosip_t *excontext, int did);

/**
 * Makes an answer to a SUBSCRIBE or REFER from outside. Nothing is sent.
 *
 * `tid` is that of the event, `status` 101 to 699. One that accepts has our Contact and the
 * seconds that are granted in Expires; every one to a SUBSCRIBE has its Event. `answer` gets the
 * message: the caller's until eXosip_insubscription_send_answer takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
 * unknown tid.
 *
 * The caller promises:
 * `answer` is NULL or points to a pointer that may be written.
 */
int eXosip_insubscription_build_answer(struct eXosip_t *excontext,
                                       int tid,
                                       int status,
                                       osip_message_t **answer);

/**
 * Answers a SUBSCRIBE or REFER from outside. The application answers within 10 s, or it gets 480.
 *
 * `answer` NULL sends what eXosip_insubscription_build_answer would make. The status of a message
 * counts, not `status`. It is consumed, except with OSIP_BADPARAMETER. After a refusal of the
 * first SUBSCRIBE its did means nothing any more.
 *
 * Returns 0; OSIP_BADPARAMETER for a tid below 1 or a status outside 101 to 699; OSIP_NOTFOUND for
 * an unknown tid; OSIP_WRONG_STATE when the request is answered.
 *
 * The caller promises:
 * `answer` is NULL or a message that the caller owns.
 */
int eXosip_insubscription_send_answer(struct eXosip_t *excontext,
                                      int tid,
                                      int status,
                                      osip_message_t *answer);

/**
 * Makes a request to a subscriber. Nothing is sent.
 *
 * `did` is that of the event. `request` gets the message: the caller's until
 * eXosip_insubscription_send_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, an empty `method` or a did below 1; OSIP_NOTFOUND for an
 * unknown did; OSIP_WRONG_STATE while a NOTIFY waits for its answer; OSIP_SYNTAXERROR for a method
 * that is no token.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written; `method` is NULL or ends with NUL.
 */
int eXosip_insubscription_build_request(struct eXosip_t *excontext,
                                        int did,
                                        const char *method,
                                        osip_message_t **request);

/**
 * Makes a NOTIFY to a subscriber. Nothing is sent.
 *
 * `did` is that of the event. `subscription_status` is EXOSIP_SUBCRSTATE_PENDING, _ACTIVE or
 * _TERMINATED, the last with `subscription_reason`; once the granted time is over it says
 * terminated, whatever is given. Event is added when it is sent, where it has none. `request` gets
 * the message: the caller's until eXosip_insubscription_send_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or a did below 1; OSIP_NOTFOUND for an unknown did;
 * OSIP_WRONG_STATE while a NOTIFY waits for its answer.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_insubscription_build_notify(struct eXosip_t *excontext,
                                       int did,
                                       int subscription_status,
                                       int subscription_reason,
                                       osip_message_t **request);

/**
 * Sends a request to a subscriber. The answers to a NOTIFY come as events with its `nid` and
 * `did`: EXOSIP_NOTIFICATION_ANSWERED, _REDIRECTED, _REQUESTFAILURE (also, without response, where
 * there is no answer), _SERVERFAILURE, _GLOBALFAILURE. Those to other requests are no events.
 *
 * A NOTIFY gets Event and Subscription-State where it has none. One that says terminated ends the
 * subscription when it is answered; so does an answer that says that there is none. `request` is
 * consumed in every case, errors included.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a did below 1 or a message without Call-ID; OSIP_NOTFOUND
 * for an unknown did; OSIP_WRONG_STATE while a NOTIFY waits for its answer; OSIP_SYNTAXERROR for a
 * message that cannot be sent.
 *
 * The caller promises:
 * `request` is NULL or a message that the caller owns.
 */
int eXosip_insubscription_send_request(struct eXosip_t *excontext,
                                       int did,
                                       osip_message_t *request);

/**
 * Forgets a subscriber. Nothing is sent.
 *
 * `did` is that of the event.
 *
 * Returns 0; OSIP_BADPARAMETER for a did below 1; OSIP_NOTFOUND for an unknown did.
 */
int eXosip_insubscription_remove(struct eXosip_t *excontext, int did);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_SUBSCRIBE_H */
