#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_MESSAGE_H
#define EXOSIP2_EX_MESSAGE_H

/* Generated from the Rust source; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a request outside a dialog. Nothing is sent.
 *
 * `method` is any but REGISTER, INVITE, ACK and CANCEL. `to` and `from` are URIs or name-addrs;
 * `route` NULL or empty, or the proxy to go through. `message` gets the message: the caller's
 * until eXosip_message_send_request takes it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for an empty text, and NULL elsewhere than in `to` and `from`;
 * OSIP_SYNTAXERROR for NULL there and a text that is no URI; OSIP_NO_NETWORK before
 * eXosip_listen_addr.
 *
 * The caller promises:
 * `message` is NULL or points to a pointer that may be written; the texts are NULL or end with
 * NUL.
 */
int eXosip_message_build_request(struct eXosip_t *excontext,
                                 osip_message_t **message,
                                 const char *method,
                                 const char *to,
                                 const char *from,
                                 const char *route);

/**
 * Sends a request outside a dialog. The answers come as events with the number returned in `tid`:
 * EXOSIP_MESSAGE_PROCEEDING (OPTIONS alone), _ANSWERED, _REDIRECTED, _REQUESTFAILURE (also,
 * without response, after 32 s of silence), _SERVERFAILURE, _GLOBALFAILURE.
 *
 * `message` is consumed in every case, errors included. A challenge is answered by
 * eXosip_automatic_action or eXosip_default_action, three times at most, by a request whose events
 * have another `tid`. Later requests of the same From to the same server answer it unasked.
 *
 * Returns the tid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
 * OSIP_SYNTAXERROR for one that cannot be sent; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `message` is NULL or a message that the caller owns.
 */
int eXosip_message_send_request(struct eXosip_t *excontext, osip_message_t *message);

/**
 * Makes an answer to a request outside a dialog. Nothing is sent.
 *
 * `tid` is that of the event, `status` 200 to 699, or from 101 where the event is one of a call or
 * a subscription. `answer` gets the message: the caller's until eXosip_message_send_answer takes
 * it, NULL on errors.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, a tid below 1 or another status; OSIP_NOTFOUND for an
 * unknown tid; OSIP_WRONG_STATE when the request is answered.
 *
 * The caller promises:
 * `answer` is NULL or points to a pointer that may be written.
 */
int eXosip_message_build_answer(struct eXosip_t *excontext,
                                int tid,
                                int status,
                                osip_message_t **answer);

/**
 * Answers a request outside a dialog.
 *
 * `answer` NULL sends the plain answer of `status`. It is consumed, except with OSIP_BADPARAMETER.
 *
 * Returns 0; OSIP_BADPARAMETER for a tid below 1, a status outside 101 to 699, or a
 * provisional one without `answer`; OSIP_NOTFOUND for an unknown tid; OSIP_WRONG_STATE when
 * the request is answered.
 *
 * The caller promises:
 * `answer` is NULL or a message that the caller owns.
 */
int eXosip_message_send_answer(struct eXosip_t *excontext,
                               int tid,
                               int status,
                               osip_message_t *answer);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_MESSAGE_H */
