#ifndef EXOSIP2_EXOSIP_H
#include <eXosip2/eXosip.h>
#endif

#ifndef EXOSIP2_EX_OPTION_H
#define EXOSIP2_EX_OPTION_H

/* Generated from the Rust source; do not edit. */

typedef struct eXosip_tls_credentials_s eXosip_tls_credentials_t;
typedef struct eXosip_tls_ctx_s eXosip_tls_ctx_t;

/**
 * Where the numbers of the options start.
 */
#define EXOSIP_OPT_BASE_OPTION 0

/**
 * int: milliseconds between keep-alives to each registrar, 17000 by default, 1000 at least; 0 or
 * less: none are sent.
 */
#define EXOSIP_OPT_UDP_KEEP_ALIVE 1

/**
 * int: 1 lets every Contact follow the address that the registrar saw, 0 none; by default those
 * that the library made do.
 */
#define EXOSIP_OPT_AUTO_MASQUERADE_CONTACT 2

/**
 * The name that eXosip2 4.x gave to EXOSIP_OPT_AUTO_MASQUERADE_CONTACT.
 */
#define EXOSIP_OPT_UDP_LEARN_PORT 2

/**
 * Of eXosip2 3.x: answered with OSIP_BADPARAMETER.
 */
#define EXOSIP_OPT_DONT_SEND_101 4

/**
 * int: 1, the default, puts `;rport` (RFC 3581) into Via; 0 does not.
 */
#define EXOSIP_OPT_USE_RPORT 7

/**
 * Text: the address towards which eXosip_guess_localip looks for IPv4; NULL or empty: the default
 * one.
 */
#define EXOSIP_OPT_SET_IPV4_FOR_GATEWAY 8

/**
 * struct eXosip_dns_cache: the address of a host, which is not looked up from then on. Where `ip`
 * is empty it is filled in: with the address that was given before, else with one that is looked
 * up and kept. OSIP_BADPARAMETER where there is none.
 */
#define EXOSIP_OPT_ADD_DNS_CACHE 9

/**
 * struct eXosip_dns_cache: the host is looked up again; OSIP_UNDEFINED_ERROR where no address was
 * given for it.
 */
#define EXOSIP_OPT_DELETE_DNS_CACHE 10

/**
 * Text: the address towards which eXosip_guess_localip looks for IPv6; NULL or empty: the default
 * one.
 */
#define EXOSIP_OPT_SET_IPV6_FOR_GATEWAY 12

/**
 * struct eXosip_account_info: accepted without effect.
 */
#define EXOSIP_OPT_ADD_ACCOUNT_INFO 13

/**
 * int: 0 asks for the addresses of a name only; any other value, as by default, for its SRV
 * records first (RFC 3263 section 4.2).
 */
#define EXOSIP_OPT_DNS_CAPABILITIES 14

/**
 * int: the DSCP value of what is sent, 0 to 63, 26 by default. Set it before eXosip_listen_addr.
 */
#define EXOSIP_OPT_SET_DSCP 15

/**
 * int: 1 puts a Date header into REGISTER.
 */
#define EXOSIP_OPT_REGISTER_WITH_DATE 16

/**
 * Text: the User-Agent header; NULL or empty: the default one.
 */
#define EXOSIP_OPT_SET_HEADER_USER_AGENT 17

/**
 * int: 1, the default, uses the answer of a look-up again while it lives; 0 asks each time.
 */
#define EXOSIP_OPT_ENABLE_DNS_CACHE 18

/**
 * int: 1, the default, answers a BYE of a call with 200 at once; 0 leaves that to the program.
 */
#define EXOSIP_OPT_ENABLE_AUTOANSWERBYE 19

/**
 * int: 0 IPv4, 1 IPv6, 2 both on one socket. Set it before eXosip_listen_addr.
 */
#define EXOSIP_OPT_ENABLE_IPV6 20

/**
 * int: 1 has connections made from the port that accepts others, where there is one (see
 * EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT). Set it before eXosip_listen_addr.
 */
#define EXOSIP_OPT_ENABLE_REUSE_TCP_PORT 21

/**
 * int: 1, the default, has Contacts over TCP name the port of the connection. 0 opens the port of
 * eXosip_listen_addr, and Contacts name that one. Set it before eXosip_listen_addr.
 */
#define EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT 22

/**
 * CbSipWakeLock: accepted, never called.
 */
#define EXOSIP_OPT_SET_CALLBACK_WAKELOCK 23

/**
 * int: 1 puts `;ob` (RFC 5626) into the Contacts of calls, so that requests in them come back over
 * the same flow.
 */
#define EXOSIP_OPT_ENABLE_OUTBOUND 24

/**
 * Text: the IP address that connections to servers are made from, where it is of their family;
 * NULL, empty, or no address: the kernel chooses.
 */
#define EXOSIP_OPT_SET_OC_LOCAL_ADDRESS 25

/**
 * Two ints: the first and the last port that connections to servers are made from; both 0: the
 * kernel chooses. OSIP_BADPARAMETER for what is no range of ports.
 */
#define EXOSIP_OPT_SET_OC_PORT_RANGE 26

/**
 * int: 1, the default, takes a preloaded Route off the request once it has decided the
 * destination; 0 sends it.
 */
#define EXOSIP_OPT_REMOVE_PREROUTESET 27

/**
 * Text: the URN of `+sip.instance` in Contacts that the library makes; a bare UUID gets
 * `urn:uuid:` in front.
 */
#define EXOSIP_OPT_SET_SIP_INSTANCE 28

/**
 * int: accepted without effect; all that has arrived is read.
 */
#define EXOSIP_OPT_SET_MAX_MESSAGE_TO_READ 29

/**
 * long: accepted without effect.
 */
#define EXOSIP_OPT_SET_MAX_READ_TIMEOUT 30

/**
 * Text: the display name in Contacts that the library makes.
 */
#define EXOSIP_OPT_SET_DEFAULT_CONTACT_DISPLAYNAME 31

/**
 * int: 1 begins a session timer (RFC 4028) also where only the far end of a call speaks of it.
 */
#define EXOSIP_OPT_SET_SESSIONTIMERS_FORCE 32

/**
 * int: 1 sends the requests of a call where the messages of its far end come from, whatever its
 * Contact says.
 */
#define EXOSIP_OPT_FORCE_CONNECTIONREUSE 33

/**
 * Text: parameters of the Contacts of calls, without the first semicolon.
 */
#define EXOSIP_OPT_SET_CONTACT_DIALOG_EXTRA_PARAMS 34

/**
 * int: 0, the default: any certificate is believed. Above 0 its issuer, dates and name are
 * checked; with 2 added, a name `*.example.org` is one for sip.example.org; with 4 added, the
 * roots of the system do not count. It is for connections that are made from then on.
 */
#define EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE 500

/**
 * eXosip_tls_ctx_t: files, ciphers and versions for connections that are made from then on. A
 * certificate without its key, or the reverse, changes nothing.
 */
#define EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO 501

/**
 * Of Windows: answered with OSIP_UNDEFINED_ERROR.
 */
#define EXOSIP_OPT_SET_TLS_CLIENT_CERTIFICATE_NAME 502

/**
 * Of Windows: answered with OSIP_UNDEFINED_ERROR.
 */
#define EXOSIP_OPT_SET_TLS_SERVER_CERTIFICATE_NAME 503

/**
 * int: answered with OSIP_BADPARAMETER; keep-alives are no OPTIONS.
 */
#define EXOSIP_OPT_KEEP_ALIVE_OPTIONS_METHOD 1000

/**
 * Answered with OSIP_UNDEFINED_ERROR.
 */
#define EXOSIP_OPT_SET_TSC_SERVER 1001

/**
 * struct eXosip_stats: filled with the counters of the context.
 */
#define EXOSIP_OPT_GET_STATISTICS 2000

/**
 * Called when a transaction starts or ends, for EXOSIP_OPT_SET_CALLBACK_WAKELOCK.
 */
typedef void (*CbSipWakeLock)(int state);

/**
 * A registrar and the address it sees us at, for EXOSIP_OPT_ADD_ACCOUNT_INFO.
 */
struct eXosip_account_info {
  /**
   * The host of the registrar.
   */
  char proxy[1024];
  /**
   * The public address as text.
   */
  char nat_ip[256];
  /**
   * The public port.
   */
  int nat_port;
};

/**
 * A host and its address, for EXOSIP_OPT_ADD_DNS_CACHE.
 */
struct eXosip_dns_cache {
  /**
   * The host name.
   */
  char host[1024];
  /**
   * Its address as text.
   */
  char ip[256];
};

/**
 * Counters, for EXOSIP_OPT_GET_STATISTICS. Averages are per hour since the context was
 * initialised.
 */
struct eXosip_stats {
  /**
   * Client transactions alive now.
   */
  int allocated_transactions;
  /**
   * Client transactions per hour.
   */
  float average_transactions;
  /**
   * Registrations alive now.
   */
  int allocated_registrations;
  /**
   * Registrations per hour.
   */
  float average_registrations;
  /**
   * Calls alive now.
   */
  int allocated_calls;
  /**
   * Calls per hour.
   */
  float average_calls;
  /**
   * Publications alive now.
   */
  int allocated_publications;
  /**
   * Publications per hour.
   */
  float average_publications;
  /**
   * Always 0.
   */
  int allocated_subscriptions;
  /**
   * Always 0.
   */
  float average_subscriptions;
  /**
   * Always 0.
   */
  int allocated_insubscriptions;
  /**
   * Always 0.
   */
  float average_insubscriptions;
  /**
   * Always 0.
   */
  int reserved1[20];
};

/**
 * The files of one TLS identity.
 */
struct eXosip_tls_credentials_s {
  /**
   * File of the private key, PEM or DER. One that is encrypted cannot be used: connections fail
   * and say so.
   */
  char priv_key[1024];
  /**
   * Password of the private key. Not used.
   */
  char priv_key_pw[1024];
  /**
   * File of the certificate, PEM with its issuers after it, or DER.
   */
  char cert[1024];
  /**
   * The key that the server's certificate has to have, whether it is checked or not: a file with
   * its SubjectPublicKeyInfo in DER or PEM, or `sha256//` and the base64 of its SHA-256.
   */
  char public_key_pinned[1024];
};

/**
 * How TLS is to be set up, for EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO.
 */
struct eXosip_tls_ctx_s {
  /**
   * File with entropy. Not used.
   */
  char random_file[1024];
  /**
   * File with Diffie-Hellman parameters. Not used.
   */
  char dh_param[1024];
  /**
   * File of the trusted root certificates in PEM, or a folder of such files; empty: those of the
   * system.
   */
  char root_ca_cert[1024];
  /**
   * Names of cipher suites with colons; empty: all. Other syntax of OpenSSL has no effect.
   */
  char cipher_list[2048];
  /**
   * 0x08000000: no TLS 1.2; 0x20000000: no TLS 1.3.
   */
  unsigned long tls_flags;
  /**
   * Option flags for DTLS. Not used.
   */
  unsigned long dtls_flags;
  /**
   * The identity for connections that we open.
   */
  struct eXosip_tls_credentials_s client;
  /**
   * The identity for connections that we accept.
   */
  struct eXosip_tls_credentials_s server;
};

#endif  /* EXOSIP2_EX_OPTION_H */
