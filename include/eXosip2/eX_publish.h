#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_PUBLISH_H
#define EXOSIP2_EX_PUBLISH_H

/* Generated from the Rust source; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a PUBLISH. Nothing is sent.
 *
 * `to` is whose event state it is, `from` who publishes it: URIs or name-addrs. `route` is NULL or
 * empty, or the proxy to go through. `event` is the Event header, such as "presence"; `expires`
 * the Expires header: NULL or empty for 3600, "0" to remove what was published. `ctype` and `body`
 * are the event state and its type, or both NULL or empty; where the type is no media type both
 * are left out. `message` gets the message: the caller's until eXosip_publish takes it, NULL on
 * errors. It has a Contact only where EXOSIP_OPT_SET_SIP_INSTANCE is set.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or an empty text, and for a body without its type or the
 * reverse; OSIP_SYNTAXERROR for a text that is no URI; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * `message` is NULL or points to a pointer that may be written; the texts are NULL or end with
 * NUL.
 */
int eXosip_build_publish(struct eXosip_t *excontext,
                         osip_message_t **message,
                         const char *to,
                         const char *from,
                         const char *route,
                         const char *event,
                         const char *expires,
                         const char *ctype,
                         const char *body);

/**
 * Publishes event state for `to`, which may be any text: with the Event of `message` it says which
 * publication is meant, whatever the case. The first of a publication is sent as it is; later ones
 * get the next CSeq and the entity tag of the last answer. While one awaits its answer the next
 * waits.
 *
 * The answers come as events with the number returned in `tid`: EXOSIP_MESSAGE_ANSWERED,
 * _REDIRECTED, _REQUESTFAILURE (also, without response, after 32 s of silence), _SERVERFAILURE,
 * _GLOBALFAILURE. eXosip_automatic_action refreshes the event state, answers challenges, follows
 * 412 and 423 once each, and tries again after other failures; eXosip_default_action answers a
 * challenge. The events of what they send have other numbers.
 *
 * `message` is consumed, errors included, unless `to` is NULL.
 *
 * Returns the tid, above 0; OSIP_BADPARAMETER for NULL or a message without Call-ID;
 * OSIP_SYNTAXERROR for one without CSeq or Expires, or that is no PUBLISH; OSIP_NO_NETWORK before
 * eXosip_listen_addr; OSIP_WRONG_STATE when 64 wait for the answer to another.
 *
 * The caller promises:
 * `message` is NULL or a message that the caller owns; `to` is NULL or ends with NUL.
 */
int eXosip_publish(struct eXosip_t *excontext, osip_message_t *message, const char *to);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_PUBLISH_H */
