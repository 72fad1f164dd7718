#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_SETUP_H
#define EXOSIP2_EX_SETUP_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/osip_message.h>
#include <eXosip2/eX_option.h>

/**
 * One SIP user agent: its sockets, registrations, credentials and events. Programs only hold the
 * pointer.
 */
struct eXosip_t;

/**
 * The result of a look-up, see eXosip_dnsutils_naptr; <osip2/osip.h> has its fields.
 */
struct osip_naptr;

/**
 * The servers of one transport; <osip2/osip.h> has its fields.
 */
struct osip_srv_record;

/**
 * Called with each message: `received` is 1 for one that came in, 0 for one that goes out.
 */
typedef void (*CbSipCallback)(osip_message_t *msg, int received);

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Allocates a context; pass it to eXosip_init next.
 *
 * Returns memory that the caller gives back with osip_free (or free) after eXosip_quit; NULL when
 * there is none.
 */
struct eXosip_t *eXosip_malloc(void);

/**
 * Makes a context ready for use. It may be called again after eXosip_quit.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL; OSIP_UNDEFINED_ERROR without entropy or file descriptors.
 */
int eXosip_init(struct eXosip_t *excontext);

/**
 * Ends a context: stops its thread, closes its sockets, frees its registrations, events and
 * credentials. What waits for a peer that reads slowly may take half a second. Nothing is sent for
 * registrations of the eXosip calls. Those of registerer.h are removed from their registrars
 * first: that goes on while no two seconds pass without one that is gone, and for five seconds and
 * 2 ms for each at most, never more than twenty; a binding that is left then ends when its granted
 * time does, and its explanation says so. Every thread that waits in the context returns. The
 * context's memory stays the caller's, to be freed or initialised again. NULL, a context that was
 * not initialised, or a second call: nothing happens.
 */
void eXosip_quit(struct eXosip_t *excontext);

/**
 * Takes the context's lock. It is recursive; every function takes it by itself where it needs it.
 *
 * Returns 0.
 */
int eXosip_lock(struct eXosip_t *excontext);

/**
 * Gives the context's lock back; for a thread that does not hold it nothing happens.
 *
 * Returns 0.
 */
int eXosip_unlock(struct eXosip_t *excontext);

/**
 * Returns 0 at once: the library's own thread does the work.
 */
int eXosip_execute(struct eXosip_t *excontext);

/**
 * Sets option `opt` (EXOSIP_OPT_…) to what `value` points to; <eXosip2/eX_option.h> lists them.
 *
 * Returns 0; OSIP_BADPARAMETER for an unknown option, or for NULL where a value is needed.
 *
 * The caller promises:
 * `value` is NULL or points to what the option wants: an int unless its description says
 * otherwise.
 */
int eXosip_set_option(struct eXosip_t *excontext, int opt, const void *value);

/**
 * Chooses what the requests of these calls go by, and starts the context's thread.
 *
 * `transport` is IPPROTO_UDP, or IPPROTO_TCP; with `secure` 1 TLS goes over TCP. `addr` NULL means
 * all interfaces. `port` 0 lets the kernel choose one that nobody has or shares, a negative one
 * means 5060. `family` AF_INET6, or EXOSIP_OPT_ENABLE_IPV6, takes IPv6 where `addr` is NULL.
 *
 * UDP: opens the socket. A port that is named may be opened by another program of any user that
 * names it too, as with eXosip2: the kernel then gives that program what comes in for this one.
 * See registerer_set_exclusive_port in registerer.h.
 *
 * TCP: opens nothing and only remembers the port; connections are made when there is something to
 * send. With EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT set to 0 before, the port is opened, up to 64
 * connections to it are accepted, and Contacts name it; over TLS where option
 * EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO named a certificate to show.
 *
 * Returns 0; OSIP_WRONG_STATE when it listens already; OSIP_BADPARAMETER for another transport or
 * a port above 65535; OSIP_UNDEFINED_ERROR when the address cannot be bound, after which the
 * context may listen again.
 *
 * The caller promises:
 * `addr` is NULL or a text that ends with NUL.
 */
int eXosip_listen_addr(struct eXosip_t *excontext,
                       int transport,
                       const char *addr,
                       int port,
                       int family,
                       int secure);

/**
 * Tells that the network has changed: what was learnt of it is forgotten, and
 * eXosip_automatic_action renews every binding from whatever address it then leaves.
 *
 * Returns 0; OSIP_WRONG_STATE while nothing listens.
 */
int eXosip_reset_transports(struct eXosip_t *excontext);

/**
 * Uses a socket that the application has opened. Starts the thread where nothing listens yet.
 *
 * `transport` IPPROTO_UDP: listens on a bound socket, in place of eXosip_listen_addr. It becomes
 * non-blocking and stays the application's to close, after eXosip_quit.
 *
 * IPPROTO_TCP: a socket that is connected carries the requests to its peer, as a connection that
 * was made by the context would; any other descriptor is kept and used for nothing. It belongs to
 * the context, which closes it. Where nothing listens yet, requests go by TCP from now on, as
 * after eXosip_listen_addr.
 *
 * `port` is not needed: the socket knows its own.
 *
 * Returns 0; OSIP_BADPARAMETER for another transport; OSIP_WRONG_STATE when something listens
 * already (TCP: by UDP); OSIP_UNDEFINED_ERROR for a descriptor that is no bound UDP socket (TCP:
 * that is none), which stays the application's.
 */
int eXosip_set_socket(struct eXosip_t *excontext, int transport, int socket, int port);

/**
 * Sets the User-Agent header of requests; NULL makes it empty.
 *
 * The caller promises:
 * `user_agent` is NULL or a text that ends with NUL.
 */
void eXosip_set_user_agent(struct eXosip_t *excontext, const char *user_agent);

/**
 * The version of eXosip2's API that is served, a blank, and the name of this library. A constant,
 * "5.3.0 libregister".
 */
const char *eXosip_get_version(void);

/**
 * Sets a function that sees every SIP message that is received (`received` 1) or sent (0), as it
 * is on the wire; NULL: none.
 *
 * It is called without any lock of this library held, by the thread that sent the message or by
 * the thread of the context. The message belongs to the library and is gone when the function
 * returns; the function may call anything but eXosip_quit.
 *
 * Returns 0.
 *
 * The caller promises:
 * The function may be called from any thread until it is replaced or the context has ended.
 */
int eXosip_set_cbsip_message(struct eXosip_t *excontext, CbSipCallback cbsipCallback);

/**
 * Sets the address that automatic Contacts show instead of the local one, and the port of Contact
 * and Via.
 *
 * `public_address` NULL or empty goes back to the local address; `port` 0 or less leaves the port
 * alone.
 *
 * The caller promises:
 * `public_address` is NULL or a text that ends with NUL.
 */
void eXosip_masquerade_contact(struct eXosip_t *excontext, const char *public_address, int port);

/**
 * A port that can be bound together with its successor: from `free_port` in 8 tries, or one that
 * the kernel chooses where that is 0. `transport` is IPPROTO_UDP or IPPROTO_TCP.
 *
 * Returns the port; OSIP_BADPARAMETER; OSIP_UNDEFINED_ERROR when none was found.
 */
int eXosip_find_free_port(struct eXosip_t *excontext, int free_port, int transport);

/**
 * Makes one eXosip_event_wait return early.
 */
void eXosip_wakeup_event(struct eXosip_t *excontext);

/**
 * Replaces the transport in the top Via of `msg`, such as "UDP". One that differs in case alone
 * stays. The message goes by the transport of the context all the same.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL; OSIP_UNDEFINED_ERROR for a message without Via.
 *
 * The caller promises:
 * `msg` is NULL or a message; `transport` is NULL or a text that ends with NUL.
 */
int eXosip_transport_set(osip_message_t *msg, const char *transport);

/**
 * Writes the local address that the kernel uses towards the gateway of
 * EXOSIP_OPT_SET_IPV4_FOR_GATEWAY (family AF_INET) or EXOSIP_OPT_SET_IPV6_FOR_GATEWAY (AF_INET6)
 * into `address`. No packet leaves.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL, another family or fewer than `size` bytes that are
 * needed; OSIP_NO_NETWORK when there is no such address.
 *
 * The caller promises:
 * `address` is NULL or may be written for `size` bytes.
 */
int eXosip_guess_localip(struct eXosip_t *excontext, int family, char *address, int size);

/**
 * Looks up the NAPTR and SRV records of `domain`, or of a telephone number
 * `e164.arpa!+15551234` its SIP URI; returns at once. `protocol` and `transport` have no effect.
 *
 * The struct (`osip_naptr_t` of <osip2/osip.h>) has what was found once
 * eXosip_dnsutils_dns_process has put it there: `naptr_state` is OSIP_NAPTR_STATE_SRVDONE and the
 * records of UDP, TCP, TLS and DTLS name the servers in the order in which they are to be tried;
 * OSIP_NAPTR_STATE_NOTSUPPORTED where there is nothing; OSIP_NAPTR_STATE_RETRYLATER where no name
 * server has answered.
 *
 * With `keep_in_cache` above 0 the struct stays the library's: later calls for the domain give it
 * again, and look it up again once its time (TTL) is over. At most 1024 are kept. With 0 it is the
 * program's, to be released. With a negative number nothing is looked up: what is kept, or NULL.
 *
 * Returns the struct; NULL for NULL, and without memory.
 *
 * The caller promises:
 * `domain` is NULL or a text that ends with NUL.
 */
struct osip_naptr *eXosip_dnsutils_naptr(struct eXosip_t *excontext,
                                         const char *domain,
                                         const char *protocol,
                                         const char *transport,
                                         int keep_in_cache);

/**
 * Puts what was found into `output_record`, if it has come; with `force` above 0 it waits for
 * that, without any use of the processor. It is no cancelation point.
 *
 * Returns 0; OSIP_BADPARAMETER for NULL.
 *
 * The caller promises:
 * `output_record` is NULL or a struct of eXosip_dnsutils_naptr that was not released.
 */
int eXosip_dnsutils_dns_process(struct osip_naptr *output_record, int force);

/**
 * Goes to the next server of a record: `index` moves on, and round.
 *
 * Returns the number of servers less 1; OSIP_UNDEFINED_ERROR where there is none;
 * OSIP_BADPARAMETER for NULL.
 *
 * The caller promises:
 * `output_srv` is NULL or a record of such a struct.
 */
int eXosip_dnsutils_rotate_srv(struct osip_srv_record *output_srv);

/**
 * Frees a struct of eXosip_dnsutils_naptr, unless the library keeps it. NULL is allowed.
 *
 * The caller promises:
 * `naptr_record` is NULL or such a struct that was not released.
 */
void eXosip_dnsutils_release(struct osip_naptr *naptr_record);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* EXOSIP2_EX_SETUP_H */
