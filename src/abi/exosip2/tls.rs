//! What `eXosip_tls_ctx_t` and the options of TLS say, as settings of the context.

use super::context::{self, Context};
use super::ex_option::{eXosip_tls_credentials_s, eXosip_tls_ctx_s};
use crate::engine::{CertificateFiles, CipherList, CoreRefusal, Refusal};
use libc::{c_char, c_int, c_ulong};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// OpenSSL's bits of `tls_flags`: TLS 1.2 is forbidden …
const NO_TLS_1_2: c_ulong = 0x0800_0000;
/// … and TLS 1.3.
const NO_TLS_1_3: c_ulong = 0x2000_0000;

/// Bits of option 500 above 0: names with `*.` count …
const WILDCARDS: c_int = 2;
/// … and the roots of the system do not.
const NO_SYSTEM_ROOTS: c_int = 4;

/// Option 500: whether certificates are checked, and how.
pub(super) fn set_verification(context: &Context, value: c_int) -> Result<(), Refusal> {
    context.engine.change_tls_settings(|settings| {
        settings.verify = value > 0;
        settings.wildcards = value > 0 && value & WILDCARDS != 0;
        settings.system_roots = value <= 0 || value & NO_SYSTEM_ROOTS == 0;
    })
}

/// Option 501 and eXosip_set_tls_ctx: files, ciphers and versions. Errors: `Syntax`, a certificate
/// comes without its key or the reverse, and nothing was changed.
pub(super) fn set_files(context: &Context, from: &eXosip_tls_ctx_s) -> Result<(), Refusal> {
    let (client, server) = (files(&from.client)?, files(&from.server)?);
    let (roots, pin) = (path(&from.root_ca_cert), text(&from.client.public_key_pinned));
    let (ciphers, ignored) = CipherList::parse(&text(&from.cipher_list).unwrap_or_default());
    if !ignored.is_empty() {
        context::warn(&format!("cipher_list: {} has no effect", ignored.join(", ")));
    }
    context.engine.change_tls_settings(|settings| {
        settings.tls12 = from.tls_flags & NO_TLS_1_2 == 0;
        settings.tls13 = from.tls_flags & NO_TLS_1_3 == 0;
        (settings.roots, settings.pin) = (roots, pin);
        (settings.client, settings.server) = (client, server);
        settings.ciphers = ciphers;
    })
}

fn files(from: &eXosip_tls_credentials_s) -> Result<Option<CertificateFiles>, Refusal> {
    let pair = CertificateFiles::pair(path(&from.cert), path(&from.priv_key));
    pair.map_err(|wrong| Refusal::Core(CoreRefusal::Syntax(wrong)))
}

/// The octets before the first NUL; a program may have filled all of them.
fn octets(field: &[c_char]) -> Vec<u8> {
    field.iter().flat_map(|octet| octet.to_ne_bytes()).take_while(|octet| *octet != 0).collect()
}

fn path(field: &[c_char]) -> Option<PathBuf> {
    let octets = octets(field);
    (!octets.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(&octets)))
}

fn text(field: &[c_char]) -> Option<String> {
    let octets = octets(field);
    (!octets.is_empty()).then(|| String::from_utf8_lossy(&octets).into_owned())
}
