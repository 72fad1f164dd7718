//! Names that eXosip2's library has and its headers do not declare. They stand in no header of ours
//! either; a program that declares them itself links, and is refused.

use super::context::{on, refuse};
use super::ex_option::eXosip_tls_ctx_s;
use super::ex_setup::eXosip_t;
use super::tls;
use crate::engine::CoreRefusal;
use libc::c_int;

/// Sets what option EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO sets.
///
/// Returns 0; OSIP_SYNTAXERROR for a certificate without its key or the reverse, and nothing is
/// changed; OSIP_BADPARAMETER for NULL.
///
/// # Safety
/// `ctx` is NULL or points to a struct.
#[unsafe(no_mangle)]
unsafe extern "C" fn eXosip_set_tls_ctx(
    excontext: *mut eXosip_t,
    ctx: *const eXosip_tls_ctx_s,
) -> c_int {
    // SAFETY: the caller's promise.
    let from = unsafe { ctx.as_ref() };
    on("eXosip_set_tls_ctx", excontext, |context| {
        tls::set_files(context, from.ok_or(CoreRefusal::BadParameter)?)?;
        Ok(0)
    })
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
