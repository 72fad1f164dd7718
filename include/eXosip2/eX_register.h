#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_REGISTER_H
#define EXOSIP2_EX_REGISTER_H

/* Generated from the Rust source; do not edit. */

#include <eXosip2/eX_setup.h>
#include <osipparser2/osip_message.h>

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Makes a registration and its first REGISTER. Nothing is sent.
 *
 * `from` is the address-of-record, as a URI or with a display name; `proxy` is the URI of the
 * registrar. `contact` NULL: the library makes one; empty: none, which asks for the bindings; "*"
 * or a name-addr: as given. One that cannot be read gives way to one of the library's, with a
 * warning in the trace. One with our own host and a port that we do not listen on is replaced once
 * the server's Via says where it sees us. `expires` in seconds; 0 removes the binding, less counts
 * as 0. `reg` gets the message: the caller's until eXosip_register_send_register takes it, NULL on
 * errors.
 *
 * Returns the rid, above 0; OSIP_BADPARAMETER for NULL or an empty `proxy`; OSIP_SYNTAXERROR for a
 * `from` or `proxy` that is no SIP URI; OSIP_NO_NETWORK before eXosip_listen_addr.
 *
 * The caller promises:
 * The texts are NULL or end with NUL; `reg` is NULL or points to a pointer that may be written.
 */
int eXosip_register_build_initial_register(struct eXosip_t *excontext,
                                           const char *from,
                                           const char *proxy,
                                           const char *contact,
                                           int expires,
                                           osip_message_t **reg);

/**
 * Like eXosip_register_build_initial_register, with a preference.
 *
 * `qvalue` NULL, or the `q` parameter of a Contact that the library makes, "0.0" to "1.0".
 *
 * The caller promises:
 * As for eXosip_register_build_initial_register; `qvalue` is NULL or ends with NUL.
 */
int eXosip_register_build_initial_register_withqvalue(struct eXosip_t *excontext,
                                                      const char *from,
                                                      const char *proxy,
                                                      const char *contact,
                                                      int expires,
                                                      const char *qvalue,
                                                      osip_message_t **reg);

/**
 * Makes the next REGISTER of a registration. Nothing is sent, nothing changes.
 *
 * `expires` in seconds; 0 or less removes the binding. `reg` gets the message as with
 * eXosip_register_build_initial_register; header fields that the application added to the last one
 * are in it again.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL or a rid below 1; OSIP_NOTFOUND for an unknown rid;
 * OSIP_WRONG_STATE while a REGISTER of this registration waits for its answer.
 *
 * The caller promises:
 * `reg` is NULL or points to a pointer that may be written.
 */
int eXosip_register_build_register(struct eXosip_t *excontext,
                                   int rid,
                                   int expires,
                                   osip_message_t **reg);

/**
 * Sends a REGISTER. The answer, or its absence after 32 s, comes as an event. It goes by the
 * transport of the context: one for a sips: URI fails at once and is not sent where that is not
 * TLS, and another `transport` parameter is ignored with a warning in the trace.
 *
 * From a program that has more events to fetch it may leave with the next ones, 5 ms later at
 * most; eXosip_quit sends what waits.
 *
 * `reg` NULL sends what eXosip_register_build_register would make for the expiry asked for last.
 * `reg` is consumed in every case, errors included: never free it. After success it may be read
 * until the event is fetched, for the last 1,024 that were sent.
 *
 * Returns 0; OSIP_BADPARAMETER for a rid below 1 or a message without Call-ID; OSIP_NOTFOUND for
 * an unknown rid; OSIP_WRONG_STATE while a REGISTER of this registration waits for its answer;
 * OSIP_SYNTAXERROR for a message without Via or that cannot be printed.
 *
 * The caller promises:
 * `reg` is NULL or a message that the caller owns.
 */
int eXosip_register_send_register(struct eXosip_t *excontext, int rid, osip_message_t *reg);

/**
 * Forgets a registration. Nothing is sent; a REGISTER that waits for its answer goes on without an
 * event.
 *
 * Returns 0; OSIP_BADPARAMETER for a rid below 1; OSIP_NOTFOUND for an unknown rid.
 */
int eXosip_register_remove(struct eXosip_t *excontext, int rid);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_REGISTER_H */
