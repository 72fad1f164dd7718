//! `<osipparser2/headers/osip_www_authenticate.h>`: the WWW-Authenticate header field: a challenge.

use crate::abi::ffi::{Caller, Failure};
use crate::abi::osipparser2::challenge;
use crate::abi::osipparser2::cstruct::{HeaderField, cstruct};
use libc::{c_char, c_int};

/// A challenge (RFC 7616 section 3.3).
#[derive(Debug)]
#[repr(C)]
pub struct osip_www_authenticate {
    /// The scheme: `Digest`.
    pub auth_type: *mut c_char,
    /// The realm, quotes included, like all quoted values here.
    pub realm: *mut c_char,
    /// Where it holds, or NULL.
    pub domain: *mut c_char,
    /// The nonce.
    pub nonce: *mut c_char,
    /// What the answer repeats, or NULL.
    pub opaque: *mut c_char,
    /// Whether only the nonce was wrong.
    pub stale: *mut c_char,
    /// The algorithm, or NULL for MD5.
    pub algorithm: *mut c_char,
    /// The `qop` parameter, or NULL.
    pub qop_options: *mut c_char,
    /// NTLM and Kerberos.
    pub version: *mut c_char,
    /// NTLM and Kerberos.
    pub targetname: *mut c_char,
    /// NTLM and Kerberos.
    pub gssapi_data: *mut c_char,
    /// Not used.
    pub auth_param: *mut c_char,
}
/// A challenge (RFC 7616 section 3.3).
pub type osip_www_authenticate_t = osip_www_authenticate;

cstruct!(osip_www_authenticate: auth_type, realm, domain, nonce, opaque, stale, algorithm, qop_options, version, targetname, gssapi_data, auth_param);

impl HeaderField for osip_www_authenticate {
    fn read(&mut self, text: &[u8], c: Caller<'_>) -> Result<(), Failure> {
        let mut slots: [(&[u8], &mut *mut c_char); 10] = [
            (b"realm", &mut self.realm),
            (b"domain", &mut self.domain),
            (b"nonce", &mut self.nonce),
            (b"opaque", &mut self.opaque),
            (b"stale", &mut self.stale),
            (b"algorithm", &mut self.algorithm),
            (b"qop", &mut self.qop_options),
            (b"version", &mut self.version),
            (b"targetname", &mut self.targetname),
            (b"gssapi-data", &mut self.gssapi_data),
        ];
        challenge::read(text, &mut self.auth_type, &mut slots, c)
    }

    fn write(&self, out: &mut Vec<u8>, c: Caller<'_>) -> Result<(), Failure> {
        let values: [(&[u8], *mut c_char); 10] = [
            (b"realm", self.realm),
            (b"domain", self.domain),
            (b"nonce", self.nonce),
            (b"opaque", self.opaque),
            (b"stale", self.stale),
            (b"algorithm", self.algorithm),
            (b"qop", self.qop_options),
            (b"version", self.version),
            (b"targetname", self.targetname),
            (b"gssapi-data", self.gssapi_data),
        ];
        challenge::write(self.auth_type, &values, out, c)
    }
}

/// Makes an empty challenge. The caller frees it with osip_www_authenticate_free.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `www_authenticate`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_init(
    www_authenticate: *mut *mut osip_www_authenticate_t,
) -> c_int {
    ffi!(|c| c.init(www_authenticate))
}

/// Frees a challenge with all it holds; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_free(
    www_authenticate: *mut osip_www_authenticate_t,
) {
    ffi!(|c| c.free(www_authenticate))
}

/// Reads a challenge from its text; what it held before is freed.
///
/// Returns 0, OSIP_BADPARAMETER for NULL, OSIP_SYNTAXERROR or OSIP_NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_parse(
    www_authenticate: *mut osip_www_authenticate_t,
    hvalue: *const c_char,
) -> c_int {
    ffi!(|c| c.parse(www_authenticate, hvalue))
}

/// Prints a challenge; the caller frees the text with osip_free.
///
/// Returns 0, OSIP_BADPARAMETER for NULL or where a part is missing, or OSIP_NOMEM, with NULL in
/// `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_to_str(
    www_authenticate: *const osip_www_authenticate_t,
    dest: *mut *mut c_char,
) -> c_int {
    ffi!(|c| c.to_str(www_authenticate, dest))
}

/// Copies a challenge; the caller frees the copy.
///
/// Returns 0, OSIP_BADPARAMETER or OSIP_NOMEM, with NULL in `dest`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_clone(
    www_authenticate: *const osip_www_authenticate_t,
    dest: *mut *mut osip_www_authenticate_t,
) -> c_int {
    ffi!(|c| {
        c.put(dest, std::ptr::null_mut())?;
        c.need(c.get(www_authenticate)?.auth_type)?;
        c.clone_to(www_authenticate, dest)
    })
}

/// The auth type of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_auth_type(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.auth_type))
}

/// Sets the auth type of a challenge, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_auth_type(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.auth_type, value))
}

/// The realm of a challenge, as it stands there; NULL when there is none. It stays the challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_realm(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.realm))
}

/// Sets the realm of a challenge, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_realm(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.realm, value))
}

/// The domain of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_domain(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.domain))
}

/// Sets the domain of a challenge, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_domain(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.domain, value))
}

/// The nonce of a challenge, as it stands there; NULL when there is none. It stays the challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_nonce(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.nonce))
}

/// Sets the nonce of a challenge, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_nonce(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.nonce, value))
}

/// The opaque of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_opaque(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.opaque))
}

/// Sets the opaque of a challenge, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_opaque(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.opaque, value))
}

/// The stale of a challenge, as it stands there; NULL when there is none. It stays the challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_stale(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.stale))
}

/// Sets the stale of a challenge, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_stale(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.stale, value))
}

/// The algorithm of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_algorithm(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.algorithm))
}

/// Sets the algorithm of a challenge, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_algorithm(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.algorithm, value))
}

/// The qop options of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_qop_options(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.qop_options))
}

/// Sets the qop options of a challenge, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_qop_options(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.qop_options, value))
}

/// The version of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_version(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.version))
}

/// Sets the version of a challenge, which owns `value` from now on: it must come from osip_malloc.
/// The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_version(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.version, value))
}

/// The targetname of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_targetname(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.targetname))
}

/// Sets the targetname of a challenge, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_targetname(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.targetname, value))
}

/// The gssapi data of a challenge, as it stands there; NULL when there is none. It stays the
/// challenge's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_get_gssapi_data(
    www_authenticate: *mut osip_www_authenticate_t,
) -> *mut c_char {
    ffi!(|c| c.field(www_authenticate, |it| it.gssapi_data))
}

/// Sets the gssapi data of a challenge, which owns `value` from now on: it must come from
/// osip_malloc. The old text is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn osip_www_authenticate_set_gssapi_data(
    www_authenticate: *mut osip_www_authenticate_t,
    value: *mut c_char,
) {
    ffi!(|c| c.set(www_authenticate, |it| &mut it.gssapi_data, value))
}
