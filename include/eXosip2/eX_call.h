#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_CALL_H
#define EXOSIP2_EX_CALL_H

/* Generated from the Rust source; do not edit. */

#include <stddef.h>
#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes the INVITE of a new call (RFC 3261 section 13.2.1). Nothing is sent.
 *
 * `to` and `from` are URIs or name-addrs. `route` NULL or empty, or the proxy to go through.
 * `subject` NULL or empty, or a Subject. Header fields behind the `?` of `to` come into the
 * message. A body and further header fields are set on the message. `invite` gets the message:
 * the caller's until eXosip_call_send_initial_invite takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or an empty `to`; OSIP_SYNTAXERROR for a text that is no
 * SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `invite` is NULL or points to a pointer that may be written; the texts are NULL or end with NUL.
 */
int eXosip_call_build_initial_invite(struct eXosip_t *excontext,
                                     osip_message_t **invite,
                                     const char *to,
                                     const char *from,
                                     const char *route,
                                     const char *subject);

/**
 * Sends the INVITE of a new call. Its answers come as events with the number returned in `cid`:
 * EXOSIP_CALL_PROCEEDING and _RINGING, then one of _ANSWERED, _REDIRECTED, _REQUESTFAILURE,
 * _SERVERFAILURE, _GLOBALFAILURE, or _NOANSWER after 32 s of silence; last EXOSIP_CALL_RELEASED.
 *
 * After EXOSIP_CALL_ANSWERED the program sends the ACK. A challenge is answered by
 * eXosip_automatic_action or eXosip_default_action; the call keeps its `cid`. `invite` is consumed
 * in every case, errors included; it may be read until the event of its final answer.
 *
 * Returns the cid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
 * OSIP_SYNTAXERROR for one that cannot be sent; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `invite` is NULL or a message that the caller owns.
 */
int eXosip_call_send_initial_invite(struct eXosip_t *excontext, osip_message_t *invite);

/**
 * Makes a request within a dialog (RFC 3261 section 12.2.1.1), with the next CSeq. Nothing is
 * sent.
 *
 * `method` is any but ACK and CANCEL; INVITE offers a new session. `request` gets the message: the
 * caller's until eXosip_call_send_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, an empty `method` or a did below 1; OSIP_NOTFOUND for a
 * did that is unknown or whose dialog has ended; OSIP_WRONG_STATE while a request of this method
 * waits for its answer in the dialog, whoever sent it.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written; `method` is NULL or ends with NUL.
 */
int eXosip_call_build_request(struct eXosip_t *excontext,
                              int did,
                              const char *method,
                              osip_message_t **request);

/**
 * Makes the ACK to a 2xx of an INVITE of ours (RFC 3261 section 13.2.2.4). Nothing is sent.
 *
 * `tid` is that of the event, or its did. `ack` gets the message: the caller's until
 * eXosip_call_send_ack takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a number below 1 or one of another request;
 * OSIP_NOTFOUND for one that is unknown or has no 2xx yet.
 *
 * The caller promises:
 * `ack` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_ack(struct eXosip_t *excontext, int tid, osip_message_t **ack);

/**
 * Sends the ACK to a 2xx of an INVITE of ours. When the 2xx comes again, so does the ACK, by
 * itself.
 *
 * `tid` is that of the event, or its did. `ack` NULL sends what eXosip_call_build_ack would make.
 * It is consumed in every case, errors included; it may be read for a while.
 *
 * Returns 0; OSIP_BADPARAMETER for a number below 1 or one of another request; OSIP_NOTFOUND for
 * one that is unknown or has no 2xx yet; OSIP_SYNTAXERROR for a message that cannot be sent.
 *
 * The caller promises:
 * `ack` is NULL or a message that the caller owns.
 */
int eXosip_call_send_ack(struct eXosip_t *excontext, int tid, osip_message_t *ack);

/**
 * Makes a REFER within a dialog: the far end is to call somebody (RFC 3515). Nothing is sent.
 *
 * `refer_to` is the value of Refer-To; NULL or empty: there is none. `request` gets the message:
 * the caller's until eXosip_call_send_request takes it, NULL on errors.
 *
 * Returns 0, or errors as eXosip_call_build_request.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written; `refer_to` is NULL or ends with
 * NUL.
 */
int eXosip_call_build_refer(struct eXosip_t *excontext,
                            int did,
                            const char *refer_to,
                            osip_message_t **request);

/**
 * Makes an INFO within a dialog (RFC 6086). Nothing is sent.
 *
 * `request` gets the message: the caller's until eXosip_call_send_request takes it, NULL on
 * errors.
 *
 * Returns 0, or errors as eXosip_call_build_request.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_info(struct eXosip_t *excontext, int did, osip_message_t **request);

/**
 * Makes an OPTIONS within a dialog (RFC 3261 section 11). Nothing is sent.
 *
 * `request` gets the message: the caller's until eXosip_call_send_request takes it, NULL on
 * errors.
 *
 * Returns 0, or errors as eXosip_call_build_request.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_options(struct eXosip_t *excontext, int did, osip_message_t **request);

/**
 * Makes an UPDATE within a dialog (RFC 3311). Nothing is sent.
 *
 * `request` gets the message: the caller's until eXosip_call_send_request takes it, NULL on
 * errors.
 *
 * Returns 0, or errors as eXosip_call_build_request.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_update(struct eXosip_t *excontext, int did, osip_message_t **request);

/**
 * Makes a NOTIFY within a dialog: how a transfer goes that the far end asked for (RFC 3515).
 * Nothing is sent.
 *
 * `subscription_status` is EXOSIP_SUBCRSTATE_PENDING, _ACTIVE or _TERMINATED. A body is set on the
 * message; Event: refer is added when it is sent, where it has no Event. `request` gets the
 * message: the caller's until eXosip_call_send_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for another status, and errors as eXosip_call_build_request.
 *
 * The caller promises:
 * `request` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_notify(struct eXosip_t *excontext,
                             int did,
                             int subscription_status,
                             osip_message_t **request);

/**
 * Sends a request within a dialog. Its answers come as events: those of an INVITE as for the first
 * one, others as EXOSIP_CALL_MESSAGE_ANSWERED, _REDIRECTED, _REQUESTFAILURE (also, without
 * response, after 32 s of silence), _SERVERFAILURE, _GLOBALFAILURE.
 *
 * `request` is consumed, except for NULL; it may be read until the event of its answer.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a did below 1 or a message without Call-ID; OSIP_NOTFOUND
 * for a did that is unknown or whose dialog has ended; OSIP_WRONG_STATE while a request of this
 * method waits for its answer in the dialog; OSIP_SYNTAXERROR for a message that cannot be sent.
 *
 * The caller promises:
 * `request` is NULL or a message that the caller owns.
 */
int eXosip_call_send_request(struct eXosip_t *excontext, int did, osip_message_t *request);

/**
 * Makes an answer to a request of a call. Nothing is sent.
 *
 * `tid` is that of the event, `status` 101 to 699. `answer` gets the message: the caller's until
 * eXosip_call_send_answer takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a tid below 0 or another status; OSIP_NOTFOUND for an
 * unknown tid; OSIP_WRONG_STATE for an INVITE that is answered.
 *
 * The caller promises:
 * `answer` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_answer(struct eXosip_t *excontext,
                             int tid,
                             int status,
                             osip_message_t **answer);

/**
 * Answers a request of a call. A 2xx to an INVITE is sent again until its ACK comes, for 32 s.
 *
 * `answer` NULL sends the plain answer of `status`, which for an INVITE is a provisional one or
 * refuses it. It is consumed in every case, errors included; it may be read for a while.
 *
 * Returns 0; OSIP_BADPARAMETER for a tid below 0, a status outside 101 to 699, or a 2xx to an
 * INVITE without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when the request is
 * answered; OSIP_SYNTAXERROR for a message that cannot be sent.
 *
 * The caller promises:
 * `answer` is NULL or a message that the caller owns.
 */
int eXosip_call_send_answer(struct eXosip_t *excontext,
                            int tid,
                            int status,
                            osip_message_t *answer);

/**
 * Ends a call, as it stands: cancels an INVITE of ours that is not answered (RFC 3261 section 9),
 * refuses theirs with 603, or sends BYE (section 15.1.1).
 *
 * `did` above 0 names the dialog, and `cid` is not looked at; else `cid` names the call. An INVITE
 * that has no answer at all yet is cancelled at the first one. The answers come as events.
 *
 * Returns 0; 1 when the INVITE is cancelled; OSIP_BADPARAMETER for two numbers below 1;
 * OSIP_NOTFOUND for an unknown one or a dialog that has ended; OSIP_WRONG_STATE for a call that is
 * ended already.
 */
int eXosip_call_terminate(struct eXosip_t *excontext, int cid, int did);

/**
 * Ends a call, and says why (RFC 3326).
 *
 * `reason` is the value of Reason; NULL: there is none. It comes into the CANCEL, BYE or 603.
 * Otherwise as eXosip_call_terminate.
 *
 * The caller promises:
 * `reason` is NULL or ends with NUL.
 */
int eXosip_call_terminate_with_reason(struct eXosip_t *excontext,
                                      int cid,
                                      int did,
                                      const char *reason);

/**
 * Ends a call, with one more header field.
 *
 * It comes into the CANCEL, BYE or 603; where `header_name` or `header_value` is NULL there is
 * none. Otherwise as eXosip_call_terminate.
 *
 * The caller promises:
 * The texts are NULL or end with NUL.
 */
int eXosip_call_terminate_with_header(struct eXosip_t *excontext,
                                      int cid,
                                      int did,
                                      const char *header_name,
                                      const char *header_value);

/**
 * Makes the PRACK to a reliable provisional answer to an INVITE of ours (RFC 3262). Nothing is
 * sent.
 *
 * `tid` is the INVITE's, `response1xx` the answer. `prack` gets the message: the caller's until
 * eXosip_call_send_prack takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or a tid below 0 or of another request; OSIP_NOTFOUND for
 * an unknown tid; OSIP_WRONG_STATE when the answer is acknowledged or the INVITE has its final
 * answer; OSIP_WRONG_FORMAT for an answer without RSeq.
 *
 * The caller promises:
 * `response1xx` is NULL or a message; `prack` is NULL or points to a pointer that may be written.
 */
int eXosip_call_build_prack(struct eXosip_t *excontext,
                            int tid,
                            osip_message_t *response1xx,
                            osip_message_t **prack);

/**
 * Sends a PRACK. Its answer comes as EXOSIP_CALL_MESSAGE_ANSWERED or one of the failures.
 *
 * `tid` is the INVITE's. `prack` is consumed, except for NULL; it may be read until the event of
 * its answer.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or a tid below 0 or of another request; OSIP_NOTFOUND for
 * an unknown tid; OSIP_WRONG_STATE when the INVITE has its final answer; OSIP_SYNTAXERROR for a
 * message that cannot be sent.
 *
 * The caller promises:
 * `prack` is NULL or a message that the caller owns.
 */
int eXosip_call_send_prack(struct eXosip_t *excontext, int tid, osip_message_t *prack);

/**
 * Attaches a pointer to a call, which later events of the call have as external_reference. It is
 * never followed.
 *
 * `id` is a cid or a did.
 *
 * Returns 0; OSIP_NOTFOUND for an unknown number; OSIP_BADPARAMETER for NULL as context.
 */
int eXosip_call_set_reference(struct eXosip_t *excontext, int id, void *reference);

/**
 * The pointer attached to a call.
 *
 * Returns NULL for an unknown cid, and where none was attached.
 */
void *eXosip_call_get_reference(struct eXosip_t *excontext, int cid);

/**
 * Writes what somebody else must be referred to, to take over this dialog, and a NUL: the far
 * end's URI with a Replaces (RFC 3891).
 *
 * What does not fit into `refer_to_len` bytes is left out. The text is empty after errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, no room or a did below 1; OSIP_NOTFOUND for a did that is
 * unknown or whose dialog has ended.
 *
 * The caller promises:
 * `refer_to` is NULL or may be written for `refer_to_len` bytes.
 */
int eXosip_call_get_referto(struct eXosip_t *excontext,
                            int did,
                            char *refer_to,
                            size_t refer_to_len);

/**
 * The call that a Replaces means (RFC 3891 section 3).
 *
 * `replaces` is its value, without escapes: `CALL-ID;to-tag=…;from-tag=…`, and perhaps
 * `;early-only`.
 *
 * Returns the cid, above 0; OSIP_SYNTAXERROR for NULL or a text without both tags; OSIP_NOTFOUND
 * where there is none (answer 481); OSIP_WRONG_STATE for one that is answered, with `early-only`
 * (486); OSIP_BADPARAMETER for one that rings here (481).
 *
 * The caller promises:
 * `replaces` is NULL or ends with NUL.
 */
int eXosip_call_find_by_replaces(struct eXosip_t *excontext, char *replaces);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_CALL_H */
