#ifndef EXOSIP2_EXOSIP_H
#define EXOSIP2_EXOSIP_H

/* Generated from the Rust source; do not edit. */

/* What programs written for eXosip2 take for granted behind this header. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#include <eXosip2/eX_call.h>
#include <eXosip2/eX_event.h>
#include <eXosip2/eX_message.h>
#include <eXosip2/eX_options.h>
#include <eXosip2/eX_publish.h>
#include <eXosip2/eX_register.h>
#include <eXosip2/eX_sdp.h>
#include <eXosip2/eX_setup.h>
#include <eXosip2/eX_subscribe.h>
#include <osip2/osip_mt.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Adds a credential, or replaces the one with the same `username` and `realm`.
 *
 * `username` is compared with the user part of From, `userid` is sent. `passwd` wins over `ha1`
 * (MD5 of user:realm:password in hex). `realm` NULL or empty: for any realm that has no credential
 * of its own. All texts are copied and may be of any length.
 *
 * Returns 0; OSIP_BADPARAMETER for `username` or `userid` NULL or empty, or when both `passwd` and
 * `ha1` are.
 *
 * The caller promises:
 * The texts are NULL or end with NUL.
 */
int eXosip_add_authentication_info(struct eXosip_t *excontext,
                                   const char *username,
                                   const char *userid,
                                   const char *passwd,
                                   const char *ha1,
                                   const char *realm);

/**
 * Removes the credential with this `username` and `realm`, without regard to case. `realm` NULL or
 * empty: the one that was added without realm.
 *
 * Returns 0; OSIP_BADPARAMETER for `username` NULL or empty; OSIP_NOTFOUND.
 *
 * The caller promises:
 * The texts are NULL or end with NUL.
 */
int eXosip_remove_authentication_info(struct eXosip_t *excontext,
                                      const char *username,
                                      const char *realm);

/**
 * Removes all credentials.
 *
 * Returns 0.
 */
int eXosip_clear_authentication_info(struct eXosip_t *excontext);

/**
 * Answers the challenge (401, 407) of an event with the credentials added before, or follows the
 * redirection (3xx) of a call's INVITE.
 *
 * Returns 0 when the request was sent again, also by eXosip_automatic_action meanwhile; 1 when
 * there is nothing to do for this answer; OSIP_BADPARAMETER for NULL or an event without answer;
 * OSIP_UNDEFINED_ERROR for another redirection and without credentials; OSIP_SYNTAXERROR for a
 * redirection to nowhere; OSIP_NOTFOUND when the registration or request is gone;
 * OSIP_WRONG_STATE when the challenge of a registration was answered meanwhile; OSIP_RETRY_LIMIT
 * after three attempts.
 *
 * The caller promises:
 * `je` is NULL or an event of this library that was not freed.
 */
int eXosip_default_action(struct eXosip_t *excontext, eXosip_event_t *je);

/**
 * Renews and retries registrations and publications as it is due, answers challenges of all
 * requests, follows the redirections of calls and refreshes their sessions (RFC 4028). Call it
 * about every 50 ms to 1 s: what was made through these functions is not renewed otherwise.
 */
void eXosip_automatic_action(struct eXosip_t *excontext);

/**
 * Answers the SUBSCRIBE of an event EXOSIP_IN_SUBSCRIPTION_NEW in the place of the program, where
 * it asks for the dialogs of our calls (RFC 4235): with 202 and a NOTIFY that describes them all.
 * The NOTIFY waits for the answer to one that was sent before. Another Event is refused with 489,
 * none with 400. Calls that come and go later send no NOTIFY by themselves.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, or an event without request, did or nid; OSIP_NOTFOUND
 * for unknown ones.
 *
 * The caller promises:
 * `evt` is NULL or an event of this library that was not freed.
 */
int eXosip_insubscription_automatic(struct eXosip_t *excontext, eXosip_event_t *evt);

/**
 * Writes a random number below 2^31 in decimal digits and a NUL into `buf`.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or fewer than 11 bytes.
 *
 * The caller promises:
 * `buf` is NULL or may be written for `str_size` bytes.
 */
int eXosip_generate_random(char *buf, int str_size);

/**
 * Writes random lower-case hex digits and a NUL into `buf`: as many as fit, at most 32. The three
 * texts, which eXosip2 mixes in, do not matter.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or fewer than 2 bytes.
 *
 * The caller promises:
 * `buf` is NULL or may be written for `str_size` bytes.
 */
int eXosip_hexa_generate_random(char *buf, int str_size, char *str1, char *str2, char *str3);

/**
 * Fills `buf` with random bytes.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or a negative size.
 *
 * The caller promises:
 * `buf` is NULL or may be written for `str_size` bytes.
 */
int eXosip_byte_generate_random(char *buf, int str_size);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EXOSIP_H */
