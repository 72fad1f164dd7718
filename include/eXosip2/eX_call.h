#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_CALL_H
#define EXOSIP2_EX_CALL_H

/* Generated from the Rust source by build.rs; do not edit. */

#include <stddef.h>
#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Would make an INVITE. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `invite`.
 *
 * The caller promises:
 * `invite` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_initial_invite(struct eXosip_t *excontext,
                                     osip_message_t **invite,
                                     const char *to,
                                     const char *from,
                                     const char *route,
                                     const char *subject);

/**
 * Would send an INVITE. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `invite` stays the caller's.
 */
int eXosip_call_send_initial_invite(struct eXosip_t *excontext, osip_message_t *invite);

/**
 * Would make a request in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_request(struct eXosip_t *excontext,
                              int did,
                              const char *method,
                              osip_message_t **request);

/**
 * Would make an ACK. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `ack`.
 *
 * The caller promises:
 * `ack` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_ack(struct eXosip_t *excontext, int tid, osip_message_t **ack);

/**
 * Would send an ACK. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `ack` stays the caller's.
 */
int eXosip_call_send_ack(struct eXosip_t *excontext, int tid, osip_message_t *ack);

/**
 * Would make a REFER in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_refer(struct eXosip_t *excontext,
                            int did,
                            const char *refer_to,
                            osip_message_t **request);

/**
 * Would make an INFO in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_info(struct eXosip_t *excontext, int did, osip_message_t **request);

/**
 * Would make an OPTIONS in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_options(struct eXosip_t *excontext, int did, osip_message_t **request);

/**
 * Would make an UPDATE in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_update(struct eXosip_t *excontext, int did, osip_message_t **request);

/**
 * Would make a NOTIFY in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `request`.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_notify(struct eXosip_t *excontext,
                             int did,
                             int subscription_status,
                             osip_message_t **request);

/**
 * Would send a request in a dialog. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `request` stays the caller's.
 */
int eXosip_call_send_request(struct eXosip_t *excontext, int did, osip_message_t *request);

/**
 * Makes an answer to a request of a call: an INVITE is refused with 300 to 699. Nothing is sent.
 *
 * `tid` is that of the event, `status` 300 to 699 for an INVITE. `answer` gets the message: the
 * caller's until eXosip_call_send_answer takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
 * unknown tid; OSIP_WRONG_STATE when the request is answered; OSIP_UNDEFINED_ERROR for an
 * answer to an INVITE, SUBSCRIBE or REFER that does not refuse it: it then gets
 * 480 soon.
 *
 * The caller promises:
 * `answer` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_answer(struct eXosip_t *excontext,
                             int tid,
                             int status,
                             osip_message_t **answer);

/**
 * Answers a request of a call: an INVITE is refused with 300 to 699.
 *
 * `answer` NULL sends the plain answer of `status`. It is consumed, except with OSIP_BADPARAMETER.
 *
 * Returns 0; OSIP_BADPARAMETER for a tid below 1, a status outside 101 to 699, or a
 * provisional one without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when
 * the request is answered; OSIP_UNDEFINED_ERROR for an answer to an INVITE, SUBSCRIBE or REFER
 * that does not refuse it: it then gets 480 soon.
 *
 * The caller promises:
 * `answer` is NULL or a message that the caller owns.
 */
int eXosip_call_send_answer(struct eXosip_t *excontext,
                            int tid,
                            int status,
                            osip_message_t *answer);

/**
 * Would end a call. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_call_terminate(struct eXosip_t *excontext, int cid, int did);

/**
 * Would end a call with a Reason header. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_call_terminate_with_reason(struct eXosip_t *excontext,
                                      int cid,
                                      int did,
                                      const char *reason);

/**
 * Would end a call with a further header. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_call_terminate_with_header(struct eXosip_t *excontext,
                                      int cid,
                                      int did,
                                      const char *header_name,
                                      const char *header_value);

/**
 * Would make a PRACK. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with NULL in `prack`.
 *
 * The caller promises:
 * `prack` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_prack(struct eXosip_t *excontext,
                            int tid,
                            osip_message_t *response1xx,
                            osip_message_t **prack);

/**
 * Would send a PRACK. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR; `prack` stays the caller's.
 */
int eXosip_call_send_prack(struct eXosip_t *excontext, int tid, osip_message_t *prack);

/**
 * Would attach a pointer to a call. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_call_set_reference(struct eXosip_t *excontext, int id, void *reference);

/**
 * Would give the pointer attached to a call. Not served yet.
 *
 * Returns NULL.
 */
void *eXosip_call_get_reference(struct eXosip_t *excontext, int cid);

/**
 * Would give the Refer-To of a call. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR, with an empty text in `refer_to`.
 *
 * The caller promises:
 * `refer_to` is NULL or may be written for `refer_to_len` bytes.
 */
int eXosip_call_get_referto(struct eXosip_t *excontext,
                            int did,
                            char *refer_to,
                            size_t refer_to_len);

/**
 * Would find a call by a Replaces header. Not served yet.
 *
 * Returns OSIP_UNDEFINED_ERROR.
 */
int eXosip_call_find_by_replaces(struct eXosip_t *excontext, char *replaces);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_CALL_H */
