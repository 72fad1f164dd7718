//! Names that eXosip2's library has and its headers do not declare. They stand in no header of ours
//! either; a program that declares them itself links.

use super::context::on;
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

/// Sets what option EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE sets: whether certificates are checked.
///
/// Returns 0; OSIP_BADPARAMETER for NULL.
#[unsafe(no_mangle)]
extern "C" fn eXosip_tls_verify_certificate(excontext: *mut eXosip_t, verify: c_int) -> c_int {
    on("eXosip_tls_verify_certificate", excontext, |context| {
        tls::set_verification(context, verify)?;
        Ok(0)
    })
}

/// Says that a context will go by UDP. eXosip_listen_addr decides: nothing happens.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_udp_init(_excontext: *mut eXosip_t) {}

/// Says that a context will go by TCP. eXosip_listen_addr decides: nothing happens.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_tcp_init(_excontext: *mut eXosip_t) {}

/// Says that a context will go by TLS. eXosip_listen_addr decides: nothing happens.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_tls_init(_excontext: *mut eXosip_t) {}

/// Says that a context will go by DTLS. eXosip_listen_addr decides: nothing happens.
#[unsafe(no_mangle)]
extern "C" fn eXosip_transport_dtls_init(_excontext: *mut eXosip_t) {}
