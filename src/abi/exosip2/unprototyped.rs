//! Names that eXosip2's library has and its headers do not declare. They stand in no header of ours
//! either; a program that declares them itself links, and is refused.

use super::context::refuse;
use libc::c_int;

/// Would set what TLS needs. Not served: there is no TLS.
#[unsafe(no_mangle)]
extern "C" fn eXosip_set_tls_ctx() -> c_int {
    refuse("eXosip_set_tls_ctx")
}

/// Would switch the check of certificates. Not served: there is no TLS.
#[unsafe(no_mangle)]
extern "C" fn eXosip_tls_verify_certificate() -> c_int {
    refuse("eXosip_tls_verify_certificate")
}

/// Would make UDP the transport of a context. Not served: eXosip_listen_addr does it.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_udp_init() -> c_int {
    refuse("eXosip_transport_udp_init")
}

/// Would make TCP the transport of a context. Not served.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_tcp_init() -> c_int {
    refuse("eXosip_transport_tcp_init")
}

/// Would make TLS the transport of a context. Not served.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_tls_init() -> c_int {
    refuse("eXosip_transport_tls_init")
}

/// Would make DTLS the transport of a context. Not served.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_dtls_init() -> c_int {
    refuse("eXosip_transport_dtls_init")
}
