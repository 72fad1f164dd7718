#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_SUBSCRIBE_H
#define EXOSIP2_EX_SUBSCRIBE_H

/* Generated from the Rust source by build.rs; do not edit. */

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
 * Would make a SUBSCRIBE. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `subscribe`.
 *
 * The caller promises:
 * `subscribe` is NULL or points to a pointer that may be written.
 */
int eXosip_subscription_build_initial_subscribe(struct eXosip_t *excontext,
                                                osip_message_t **subscribe,
                                                const char *to,
                                                const char *from,
                                                const char *route,
                                                const char *event,
                                                int expires);

/**
 * Would make a REFER outside a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `refer`.
 *
 * The caller promises:
 * `refer` is NULL or points to a pointer that may be written.
 */
int eXosip_subscription_build_initial_refer(struct eXosip_t *excontext,
                                            osip_message_t **refer,
                                            const char *to,
                                            const char *from,
                                            const char *route,
                                            const char *refer_to);

/**
 * Would send a SUBSCRIBE or REFER. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
 */
int eXosip_subscription_send_initial_request(struct eXosip_t *excontext, osip_message_t *request);

/**
 * Would make the next SUBSCRIBE. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_subscription_build_refresh_request(struct eXosip_t *excontext,
                                              int did,
                                              osip_message_t **request);

/**
 * Would send the next SUBSCRIBE. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
 */
int eXosip_subscription_send_refresh_request(struct eXosip_t *excontext,
                                             int did,
                                             osip_message_t *request);

/**
 * Would forget a subscription. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_subscription_remove(struct eXosip_t *excontext, int did);

/**
 * Makes an answer to a SUBSCRIBE or REFER from outside: it is refused with 300 to 699. Nothing is
 * sent.
 *
 * `tid` is that of the event, `status` 300 to 699. `answer` gets the message: the caller's until
 * eXosip_insubscription_send_answer takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
 * unknown tid; OSIP_WRONG_STATE when the request is answered; OSIP_UNDEFINED_ERROR for an
 * answer to a SUBSCRIBE or REFER that does not refuse it: it then gets 480 soon.
 *
 * The caller promises:
 * `answer` is NULL or points to a pointer that may be written.
 */
int eXosip_insubscription_build_answer(struct eXosip_t *excontext,
                                       int tid,
                                       int status,
                                       osip_message_t **answer);

/**
 * Answers a SUBSCRIBE or REFER from outside: it is refused with 300 to 699.
 *
 * `answer` NULL sends the plain answer of `status`. It is consumed, except with OSIP_BADPARAMETER.
 *
 * Returns 0; OSIP_BADPARAMETER for a tid below 1, a status outside 101 to 699, or a
 * provisional one without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when
 * the request is answered; OSIP_UNDEFINED_ERROR for an answer to a SUBSCRIBE or REFER that
 * does not refuse it: it then gets 480 soon.
 *
 * The caller promises:
 * `answer` is NULL or a message that the caller owns.
 */
int eXosip_insubscription_send_answer(struct eXosip_t *excontext,
                                      int tid,
                                      int status,
                                      osip_message_t *answer);

/**
 * Would make a request to a subscriber. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_insubscription_build_request(struct eXosip_t *excontext,
                                        int did,
                                        const char *method,
                                        osip_message_t **request);

/**
 * Would make a NOTIFY to a subscriber. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
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
 * Would send a request to a subscriber. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
 */
int eXosip_insubscription_send_request(struct eXosip_t *excontext,
                                       int did,
                                       osip_message_t *request);

/**
 * Would forget a subscriber. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_insubscription_remove(struct eXosip_t *excontext, int did);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_SUBSCRIBE_H */
