//! `<eXosip2/eX_option.h>`: the options of `eXosip_set_option` and what they point to.

use libc::{c_char, c_float, c_int, c_ulong};

/// Where the numbers of the options start.
pub const EXOSIP_OPT_BASE_OPTION: c_int = 0;
/// int: milliseconds between keep-alives to each registrar, 17000 by default, 1000 at least; 0 or
/// less: none are sent.
pub const EXOSIP_OPT_UDP_KEEP_ALIVE: c_int = 1;
/// int: 1 lets every Contact follow the address that the registrar saw, 0 none; by default those
/// that the library made do.
pub const EXOSIP_OPT_AUTO_MASQUERADE_CONTACT: c_int = 2;
/// The name that eXosip2 4.x gave to EXOSIP_OPT_AUTO_MASQUERADE_CONTACT.
pub const EXOSIP_OPT_UDP_LEARN_PORT: c_int = 2;
/// Of eXosip2 3.x: answered with OSIP_BADPARAMETER.
pub const EXOSIP_OPT_DONT_SEND_101: c_int = 4;
/// int: 1, the default, puts `;rport` (RFC 3581) into Via; 0 does not.
pub const EXOSIP_OPT_USE_RPORT: c_int = 7;
/// Text: the address towards which eXosip_guess_localip looks for IPv4; NULL or empty: the default
/// one.
pub const EXOSIP_OPT_SET_IPV4_FOR_GATEWAY: c_int = 8;
/// struct eXosip_dns_cache: the address of a host, which is not looked up from then on. Where `ip`
/// is empty it is filled in: with the address that was given before, else with one that is looked
/// up and kept. OSIP_BADPARAMETER where there is none.
pub const EXOSIP_OPT_ADD_DNS_CACHE: c_int = 9;
/// struct eXosip_dns_cache: the host is looked up again; OSIP_UNDEFINED_ERROR where no address was
/// given for it.
pub const EXOSIP_OPT_DELETE_DNS_CACHE: c_int = 10;
/// Text: the address towards which eXosip_guess_localip looks for IPv6; NULL or empty: the default
/// one.
pub const EXOSIP_OPT_SET_IPV6_FOR_GATEWAY: c_int = 12;
/// struct eXosip_account_info: accepted without effect.
pub const EXOSIP_OPT_ADD_ACCOUNT_INFO: c_int = 13;
/// int: 0 asks for the addresses of a name only; any other value, as by default, for its SRV
/// records first (RFC 3263 section 4.2).
pub const EXOSIP_OPT_DNS_CAPABILITIES: c_int = 14;
/// int: the DSCP value of what is sent, 0 to 63, 26 by default. Set it before eXosip_listen_addr.
pub const EXOSIP_OPT_SET_DSCP: c_int = 15;
/// int: 1 puts a Date header into REGISTER.
pub const EXOSIP_OPT_REGISTER_WITH_DATE: c_int = 16;
/// Text: the User-Agent header; NULL or empty: the default one.
pub const EXOSIP_OPT_SET_HEADER_USER_AGENT: c_int = 17;
/// int: 1, the default, uses the answer of a look-up again while it lives; 0 asks each time.
pub const EXOSIP_OPT_ENABLE_DNS_CACHE: c_int = 18;
/// int: 1, the default, answers a BYE of a call with 200 at once; 0 leaves that to the program.
pub const EXOSIP_OPT_ENABLE_AUTOANSWERBYE: c_int = 19;
/// int: 0 IPv4, 1 IPv6, 2 both on one socket. Set it before eXosip_listen_addr.
pub const EXOSIP_OPT_ENABLE_IPV6: c_int = 20;
/// int: 1 has connections made from the port that accepts others, where there is one (see
/// EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT). Set it before eXosip_listen_addr.
pub const EXOSIP_OPT_ENABLE_REUSE_TCP_PORT: c_int = 21;
/// int: 1, the default, has Contacts over TCP name the port of the connection. 0 opens the port of
/// eXosip_listen_addr, and Contacts name that one. Set it before eXosip_listen_addr.
pub const EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT: c_int = 22;
/// CbSipWakeLock: accepted, never called.
pub const EXOSIP_OPT_SET_CALLBACK_WAKELOCK: c_int = 23;
/// int: 1 puts `;ob` (RFC 5626) into the Contacts of calls, so that requests in them come back over
/// the same flow.
pub const EXOSIP_OPT_ENABLE_OUTBOUND: c_int = 24;
/// Text: the IP address that connections to servers are made from, where it is of their family;
/// NULL, empty, or no address: the kernel chooses.
pub const EXOSIP_OPT_SET_OC_LOCAL_ADDRESS: c_int = 25;
/// Two ints: the first and the last port that connections to servers are made from; both 0: the
/// kernel chooses. OSIP_BADPARAMETER for what is no range of ports.
pub const EXOSIP_OPT_SET_OC_PORT_RANGE: c_int = 26;
/// int: 1, the default, takes a preloaded Route off the request once it has decided the
/// destination; 0 sends it.
pub const EXOSIP_OPT_REMOVE_PREROUTESET: c_int = 27;
/// Text: the URN of `+sip.instance` in Contacts that the library makes; a bare UUID gets
/// `urn:uuid:` in front.
pub const EXOSIP_OPT_SET_SIP_INSTANCE: c_int = 28;
/// int: accepted without effect; all that has arrived is read.
pub const EXOSIP_OPT_SET_MAX_MESSAGE_TO_READ: c_int = 29;
/// long: accepted without effect.
pub const EXOSIP_OPT_SET_MAX_READ_TIMEOUT: c_int = 30;
/// Text: the display name in Contacts that the library makes.
pub const EXOSIP_OPT_SET_DEFAULT_CONTACT_DISPLAYNAME: c_int = 31;
/// int: 1 begins a session timer (RFC 4028) also where only the far end of a call speaks of it.
pub const EXOSIP_OPT_SET_SESSIONTIMERS_FORCE: c_int = 32;
/// int: 1 sends the requests of a call where the messages of its far end come from, whatever its
/// Contact says.
pub const EXOSIP_OPT_FORCE_CONNECTIONREUSE: c_int = 33;
/// Text: parameters of the Contacts of calls, without the first semicolon.
pub const EXOSIP_OPT_SET_CONTACT_DIALOG_EXTRA_PARAMS: c_int = 34;
/// int: 0, the default: any certificate is believed. Above 0 its issuer, dates and name are
/// checked; with 2 added, a name `*.example.org` is one for sip.example.org; with 4 added, the
/// roots of the system do not count. It is for connections that are made from then on.
pub const EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE: c_int = 500;
/// eXosip_tls_ctx_t: files, ciphers and versions for connections that are made from then on. A
/// certificate without its key, or the reverse, changes nothing.
pub const EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO: c_int = 501;
/// Of Windows: answered with OSIP_UNDEFINED_ERROR.
pub const EXOSIP_OPT_SET_TLS_CLIENT_CERTIFICATE_NAME: c_int = 502;
/// Of Windows: answered with OSIP_UNDEFINED_ERROR.
pub const EXOSIP_OPT_SET_TLS_SERVER_CERTIFICATE_NAME: c_int = 503;
/// int: answered with OSIP_BADPARAMETER; keep-alives are no OPTIONS.
pub const EXOSIP_OPT_KEEP_ALIVE_OPTIONS_METHOD: c_int = 1000;
/// Answered with OSIP_UNDEFINED_ERROR.
pub const EXOSIP_OPT_SET_TSC_SERVER: c_int = 1001;
/// struct eXosip_stats: filled with the counters of the context.
pub const EXOSIP_OPT_GET_STATISTICS: c_int = 2000;

/// A host and its address, for EXOSIP_OPT_ADD_DNS_CACHE.
#[repr(C)]
pub struct eXosip_dns_cache {
    /// The host name.
    pub host: [c_char; 1024],
    /// Its address as text.
    pub ip: [c_char; 256],
}

/// A registrar and the address it sees us at, for EXOSIP_OPT_ADD_ACCOUNT_INFO.
#[repr(C)]
pub struct eXosip_account_info {
    /// The host of the registrar.
    pub proxy: [c_char; 1024],
    /// The public address as text.
    pub nat_ip: [c_char; 256],
    /// The public port.
    pub nat_port: c_int,
}

/// Counters, for EXOSIP_OPT_GET_STATISTICS. Averages are per hour since the context was
/// initialised.
#[repr(C)]
pub struct eXosip_stats {
    /// Client transactions alive now.
    pub allocated_transactions: c_int,
    /// Client transactions per hour.
    pub average_transactions: c_float,
    /// Registrations alive now.
    pub allocated_registrations: c_int,
    /// Registrations per hour.
    pub average_registrations: c_float,
    /// Calls alive now.
    pub allocated_calls: c_int,
    /// Calls per hour.
    pub average_calls: c_float,
    /// Publications alive now.
    pub allocated_publications: c_int,
    /// Publications per hour.
    pub average_publications: c_float,
    /// Always 0.
    pub allocated_subscriptions: c_int,
    /// Always 0.
    pub average_subscriptions: c_float,
    /// Always 0.
    pub allocated_insubscriptions: c_int,
    /// Always 0.
    pub average_insubscriptions: c_float,
    /// Always 0.
    pub reserved1: [c_int; 20],
}

/// The files of one TLS identity.
#[repr(C)]
pub struct eXosip_tls_credentials_s {
    /// File of the private key, PEM or DER. One that is encrypted cannot be used: connections fail
    /// and say so.
    pub priv_key: [c_char; 1024],
    /// Password of the private key. Not used.
    pub priv_key_pw: [c_char; 1024],
    /// File of the certificate, PEM with its issuers after it, or DER.
    pub cert: [c_char; 1024],
    /// The key that the server's certificate has to have, whether it is checked or not: a file with
    /// its SubjectPublicKeyInfo in DER or PEM, or `sha256//` and the base64 of its SHA-256.
    pub public_key_pinned: [c_char; 1024],
}
/// The files of one TLS identity.
pub type eXosip_tls_credentials_t = eXosip_tls_credentials_s;

/// How TLS is to be set up, for EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO.
#[repr(C)]
pub struct eXosip_tls_ctx_s {
    /// File with entropy. Not used.
    pub random_file: [c_char; 1024],
    /// File with Diffie-Hellman parameters. Not used.
    pub dh_param: [c_char; 1024],
    /// File of the trusted root certificates in PEM, or a folder of such files; empty: those of the
    /// system.
    pub root_ca_cert: [c_char; 1024],
    /// Names of cipher suites with colons; empty: all. Other syntax of OpenSSL has no effect.
    pub cipher_list: [c_char; 2048],
    /// 0x08000000: no TLS 1.2; 0x20000000: no TLS 1.3.
    pub tls_flags: c_ulong,
    /// Option flags for DTLS. Not used.
    pub dtls_flags: c_ulong,
    /// The identity for connections that we open.
    pub client: eXosip_tls_credentials_s,
    /// The identity for connections that we accept.
    pub server: eXosip_tls_credentials_s,
}
/// How TLS is to be set up, for EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO.
pub type eXosip_tls_ctx_t = eXosip_tls_ctx_s;

/// Called when a transaction starts or ends, for EXOSIP_OPT_SET_CALLBACK_WAKELOCK.
pub type CbSipWakeLock = Option<unsafe extern "C" fn(state: c_int)>;
